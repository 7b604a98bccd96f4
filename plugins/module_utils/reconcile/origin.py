# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was last applied where a difference is, as far as the applied record tells, and who changed it since.

The record holds digests, so a value is known only where it is still on one of the two sides: a drifted one is in
NetBox, a pending one in Zabbix. One that is on neither side was changed on both.
"""

from __future__ import annotations

from typing import Optional

from ..attribute_table import BY_NAME, ELEMENTS
from ..policy.host_config import Secret
from ..zabbix.objects import LiveInterface, plain_text
from .interfaces import ADDRESS
from .plan import DRIFTED, PENDING, Change, Difference
from .record import WIDTH, AppliedRecord, digest, interface_address, macro_digest, value_digest

#: why a difference is there: NetBox or the policy changed, and somebody changed Zabbix
BOTH = "both"
#: what stands for a value that is on neither side any more, or that Zabbix never tells
UNKNOWN = "(unknown)"
#: what stands for a value that Zabbix has and never tells
UNTOLD = "(Zabbix does not tell it)"

Applied = tuple[Optional[str], str]  # noqa: UP045  # ansible-test's pylint knows no | here


def last_applied(change: Change, item: Difference, applied: AppliedRecord, key: str) -> Applied:
    """Return what was last applied (for people, secrets masked, None for nothing) and whose change the difference is.

    `applied`: the record on the host; `key`: of the digests of secrets.
    """
    if item.reason == DRIFTED:
        return item.after, DRIFTED
    if item.reason != PENDING or change.live is None:
        return None, item.reason
    if item.attribute in ("groups", "templates", "tags", "record"):
        return item.before, PENDING
    if item.attribute == "interfaces":
        return _interface(change, item, applied)
    if item.attribute == "macros":
        return _macro(change, item, applied, key)
    given: str | None
    live: str | None
    if item.attribute == "inventory":
        given, live = applied.inventory.get(item.element), digest(item.before or "")
    elif item.attribute == "monitored_by":
        given, live = applied.scalars.get("monitored_by"), digest(":".join(change.before.monitor))
    else:
        given, live = _scalar(change, item.attribute, applied, key)
        if given is not None and live is None:
            return UNKNOWN, PENDING
    return _judge(item, given, live)


def is_told(change: Change, item: Difference) -> bool:
    """Return whether Zabbix tells the value that a host has there, or says that there is none."""
    if item.attribute == "macros":
        return not any(macro.macro == item.element and macro.value is None for macro in change.before.macros)
    row = BY_NAME.get(item.attribute)
    return row is None or not row.write_only


def _judge(item: Difference, given: str | None, live: str | None) -> Applied:
    """Compare the digest of what we gave with the one of what is there."""
    if given is None:
        return None, PENDING
    return (item.before, PENDING) if given == live else (UNKNOWN, BOTH)


def _scalar(change: Change, name: str, applied: AppliedRecord, key: str) -> tuple[str | None, str | None]:
    row = BY_NAME.get(name)
    if row is None or row.kind == ELEMENTS:
        return None, None
    live = change.before.scalar(name)
    if row.write_only:
        return applied.scalars.get(name), None
    return applied.scalars.get(name), value_digest(Secret(name, live) if row.secret else plain_text(live), key)


def _macro(change: Change, item: Difference, applied: AppliedRecord, key: str) -> Applied:
    given = applied.macros.get(digest(item.element))
    live = next((macro for macro in change.before.macros if macro.macro == item.element), None)
    if given is None:
        return None, PENDING
    if live is None:
        return UNKNOWN, BOTH
    if live.value is None:
        return UNKNOWN, PENDING
    return _judge(item, given, macro_digest(live.value, live.type, live.description, key))


def _interface(change: Change, item: Difference, applied: AppliedRecord) -> Applied:
    keys = {interface.key for interface in change.config.interfaces}
    if item.element not in keys and item.after is None:
        return item.before, PENDING
    name, dummy, part = item.element.rpartition(".") if item.element not in keys else (item.element, "", "")
    given = applied.interfaces.get(name)
    if given is None:
        return None, PENDING
    live = _live_interface(change, name)
    if live is None:
        return UNKNOWN, BOTH
    if part in ADDRESS:
        return _judge(item, given[:WIDTH], digest(interface_address(live)))
    # the digest is of all details together, and the policy may give others now
    return UNKNOWN, PENDING


def _live_interface(change: Change, key: str) -> LiveInterface | None:
    """Return the interface on the host that one of the config is: both are in the same order in what is written."""
    ids = {
        interface.key: written.get("interfaceid")
        for interface, written in zip(change.config.interfaces, change.writes["interfaces"], strict=False)
    }
    return next((one for one in change.before.interfaces if one.interfaceid == ids.get(key)), None)
