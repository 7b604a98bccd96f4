# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every job checks beside its work: the part of the preflight that costs next to nothing, as notes for people.

Of Zabbix no request more, since all of it is read along with something else; of NetBox one, and in a run over the whole
estate a second one, beside the others.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import NetBoxError
from ..netbox.account import count_devices, read_token, sum_of_devices, token_of
from ..netbox.client import NetBox
from ..zabbix.account import NEVER
from ..zabbix.client import Zabbix
from . import preflight_netbox, preflight_zabbix
from .checks import NETBOX, OK, ZABBIX, Check
from .preflight_both import check_clocks

_NAMES = {NETBOX: "NetBox: ", ZABBIX: "Zabbix: "}


def netbox_notes(netbox: NetBox) -> list[str]:
    """Return notes on NetBox's version and the token's end. A question that NetBox does not answer is a note too: the
    job's own ones decide whether it fails.
    """
    return look_at_netbox(netbox, None)[0]


def version_notes(netbox: NetBox) -> list[str]:
    """Return a note where NetBox's version is not one that is known; no request."""
    return _notes([preflight_netbox.check_version(netbox.version)])


def look_at_netbox(netbox: NetBox, devices: int | None) -> tuple[list[str], int]:
    """Return the notes, and how many devices are hidden from the token. `devices`: how many it sees, None where that is
    not to be looked at.
    """
    rows = [preflight_netbox.check_version(netbox.version)]
    try:
        row = read_token(netbox)
        if row is not None:
            rows.append(preflight_netbox.expiry_row(NETBOX, token_of(row).expires))
        hidden = _hidden(netbox, devices) if devices is not None else 0
    except NetBoxError as error:
        return [*_notes(rows), f"NetBox could not be checked: {error}"], 0
    notes = _notes(rows)
    if hidden:
        notes.append(
            f"NetBox: {hidden} devices are hidden from this token, by constraints of its user's permissions: they look "
            "as if they had been deleted, so no host is taken for one without an object. See docs/preflight.md."
        )
    return notes, hidden


def _hidden(netbox: NetBox, seen: int) -> int:
    counted = sum_of_devices(netbox)
    if counted > seen:  # or devices came and went meanwhile: asked again, both at once
        counted, seen = count_devices(netbox)
    return max(0, counted - seen)


def zabbix_notes(zabbix: Zabbix) -> list[str]:
    """Return notes on Zabbix's version and the token's end, as far as it was read along."""
    rows = [preflight_zabbix.check_version(".".join(map(str, zabbix.release)), zabbix.release)]
    if zabbix.token_end is not None:
        rows.append(preflight_netbox.expiry_row(ZABBIX, None if zabbix.token_end == NEVER else zabbix.token_end))
    return _notes(rows)


def clock_notes(netbox: NetBox, zabbix: Zabbix) -> list[str]:
    """Return a note where the clocks of both sides and of this machine are apart."""
    return _notes([check_clocks(netbox.clock_offset, zabbix.clock_offset)])


def _notes(rows: Iterable[Check]) -> list[str]:
    return [f"{_NAMES.get(one.server, '')}{one.found}. {one.do}." for one in rows if one.status != OK]
