# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Archived hosts leave the maintenance windows that list them, of whomever these are; nothing else of a window changes.

Zabbix takes no window without a host and a host group, so the last host of one stays in it, and a note says so: to
delete a window is for whoever made it. What a host was in is kept with the pre-image, by which an undo puts it back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ZabbixError
from ..reconcile.plan import ARCHIVE, Change, Difference, Plan
from ..zabbix.client import Zabbix
from ..zabbix.maintenances import Membership, explain, members_call, read_memberships

#: names in one note; the others are counted
NAMED = 5


def plan_leaving(plan: Plan, zabbix: Zabbix) -> list[str]:
    """Add to the changes that archive hosts which windows these leave; return notes on what cannot be so."""
    archives = {change.before.hostid: change for change in plan.changes if change.action == ARCHIVE}
    if not archives:
        return []
    try:
        windows = read_memberships(zabbix, hostids=archives)
    except ZabbixError as error:
        return [f"Archived hosts are not taken out of maintenance windows: {explain(error)}"]
    notes: list[str] = []
    for window in windows:
        leaving = window.hosts & archives.keys()
        if leaving == window.hosts and not window.groups:
            notes.append(_last(window, len(leaving)))
            continue
        for hostid in leaving:
            change = archives[hostid]
            change.leaves = (*change.leaves, window.maintenanceid)
            change.differences.append(Difference("maintenances", window.name, window.name, None, change.ending))
    return notes


def _last(window: Membership, number: int) -> str:
    hosts = "a host" if number == 1 else f"{number} hosts"
    return (
        f'The maintenance "{window.name}" has nothing but {hosts} to be archived, and Zabbix takes none without hosts: '
        "it stays as it is. Delete it where it is of no use any more."
    )


@dataclass(slots=True)
class _Move:
    """Who leaves a window and who joins it."""

    leave: set[str]
    join: set[str]


def change_windows(changes: Iterable[Change], zabbix: Zabbix) -> list[str]:
    """Take the hosts of changes that were made out of the windows that they leave, and into those that they join.

    Windows are read again before that, so that nothing is written that somebody changed meanwhile. Returns notes on
    what did not work: no host fails for it.
    """
    moves: defaultdict[str, _Move] = defaultdict(lambda: _Move(set(), set()))
    for change in changes:
        for maintenanceid in change.leaves:
            moves[maintenanceid].leave.add(change.before.hostid)
        for maintenanceid in change.joins:
            moves[maintenanceid].join.add(change.before.hostid)
    if not moves:
        return []
    notes: list[str] = []
    calls: list[tuple[str, Any]] = []
    names: list[str] = []
    try:
        windows = {one.maintenanceid: one for one in read_memberships(zabbix, maintenanceids=sorted(moves))}
        for maintenanceid, move in moves.items():
            window = windows.get(maintenanceid)
            if window is None:
                if move.join:
                    notes.append(f"The maintenance with id {maintenanceid} is gone: no host is put back into it")
                continue
            hosts = (window.hosts - move.leave) | move.join
            if not hosts and not window.groups:
                notes.append(_last(window, len(move.leave)))
            elif hosts != window.hosts:
                calls.append(members_call(window, hosts))
                names.append(window.name)
        answers = zabbix.batch(calls)
    except ZabbixError as error:
        return [*notes, f"Hosts could not be taken out of maintenance windows, or put back: {explain(error)}"]
    failed: defaultdict[str, list[str]] = defaultdict(list)
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, ZabbixError):
            failed[explain(answer)].append(name)
    return [*notes, *(f"The hosts of {_some(some)} could not be changed: {why}" for why, some in failed.items())]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return "maintenance " + ", ".join(f'"{name}"' for name in names[:NAMED]) + more
