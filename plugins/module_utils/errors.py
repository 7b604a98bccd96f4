# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The errors that a person gets to read. Everything else that is raised is a defect of ours."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class NetboxZabbixError(Exception):
    """Something that a person can put right. The text says what failed, where, and what to do."""


class InputError(NetboxZabbixError):
    """The policy or an option is wrong. All that was found is reported together.

    `problems`: one sentence each, naming the mapping, the key and the offending value.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class NetBoxError(NetboxZabbixError):
    """NetBox refused, did not answer, or answered something that is not NetBox's."""


class ZabbixError(NetboxZabbixError):
    """Zabbix refused or did not answer.

    `code`: the JSON-RPC error code, None when the failure is below JSON-RPC.
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        self.code = code
        super().__init__(message)


class OutcomeUnknown(ZabbixError):
    """The request may have been carried out: its answer was lost (time-out, broken connection, HTTP 5xx).

    Zabbix goes on working when its client has gone away, so a write that ended so must be read back
    before it is sent again (measured; Zabbix has no idempotency key).
    """


class GuardError(NetboxZabbixError):
    """The plan is over a limit, or what was read does not look whole. Nothing was written."""


class OutdatedPlanError(GuardError):
    """A saved plan is not what either side says now, or is not to be trusted. Nothing was written."""


class LockedError(NetboxZabbixError):
    """Another run writes at this moment, and did not end in the time that we wait. Nothing was written."""


class LeaseLostError(NetboxZabbixError):
    """This run was taken for dead, and another one may write: nothing more is written."""


class InterruptedRunError(NetboxZabbixError):
    """Somebody asked the run to end before its end."""


class StateError(NetboxZabbixError):
    """The state store, or something in it, cannot be used. A job that can do without tells it, and goes on."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean "x" or "y"?` for the known words nearest to `word`, or an empty string."""
    lower = {item.lower(): item for item in known}
    found = difflib.get_close_matches(str(word).lower(), lower, n=3, cutoff=0.6)
    if not found:
        return ""
    return f" Did you mean {' or '.join(chr(34) + lower[item] + chr(34) for item in found)}?"
