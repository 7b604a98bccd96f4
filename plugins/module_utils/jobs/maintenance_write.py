# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes windows to Zabbix, and looks whether its server has done as it was told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..errors import OutcomeUnknown, ZabbixError
from ..maintenance.plan import CREATE, DELETE, UPDATE, Estate, WindowChange, compare
from ..zabbix.client import Call, NotAuthorised, NotSent, Zabbix
from ..zabbix.maintenances import (
    MAX_CALLS,
    MAX_HOSTS,
    create_call,
    delete_call,
    explain,
    read_states,
    read_windows,
    update_call,
)
from .result import Progress

#: how often a window is sent again after its answer was lost
MAX_ATTEMPTS = 3
#: seconds between two looks at the hosts: the server goes through all windows once a minute
LOOK = 5.0

#: called once for each change, with the window's id (None where there is none) and what failed (None where nothing did)
Done = Callable[[WindowChange, "str | None", "str | None"], None]


def write_windows(
    zabbix: Zabbix, changes: Sequence[WindowChange], estate: Estate, done: Done, progress: Progress
) -> None:
    """Make all changes: removals first, which free names, then updates, then new windows. One call each, in batches.

    A failure of one window stops no other. Where Zabbix is away or refuses us, what is left is reported as not tried.
    """
    left = [change for action in (DELETE, UPDATE, CREATE) for change in changes if change.action == action]
    total = len(left)
    attempts = 0
    try:
        while left:
            lost: list[WindowChange] = []
            for some in _batches(left):
                lost += _write(zabbix, some, done)
                progress(f"wrote {total - len(left) + len(some)} of {total} windows")
            attempts += 1
            if lost and attempts == MAX_ATTEMPTS:
                for change in lost:
                    done(change, change.id, f"its answer was lost {attempts} times; run again, which reads it back")
                return
            left = _still_to_do(zabbix, lost, estate, done) if lost else []
    except (NotSent, NotAuthorised, OutcomeUnknown) as error:
        for change in left:
            done(change, change.id, f"not tried: {error}")


def _batches(changes: Sequence[WindowChange]) -> Iterator[list[WindowChange]]:
    some: list[WindowChange] = []
    weight = 0
    for change in changes:
        hosts = len(change.wanted.hosts) if change.wanted else 0
        if some and (len(some) == MAX_CALLS or weight + hosts > MAX_HOSTS):
            yield some
            some, weight = [], 0
        some.append(change)
        weight += hosts
    if some:
        yield some


def _call(change: WindowChange) -> Call:
    if change.wanted is None:
        return delete_call(change.id or "")
    if change.live is None:
        return create_call(change.wanted)
    return update_call(change.wanted, change.id or "", [one.field for one in change.differences])


def _write(zabbix: Zabbix, changes: Sequence[WindowChange], done: Done) -> list[WindowChange]:
    """Send some changes in one request, and return those of which nobody knows whether they were made."""
    try:
        answers = zabbix.batch([_call(change) for change in changes])
    except OutcomeUnknown:
        return list(changes)
    for change, answer in zip(changes, answers, strict=True):
        if isinstance(answer, ZabbixError):
            done(change, change.id, explain(answer))
        else:
            done(change, change.id or answer["maintenanceids"][0], None)
    return []


def _still_to_do(zabbix: Zabbix, lost: Iterable[WindowChange], estate: Estate, done: Done) -> list[WindowChange]:
    """Read back windows whose answer was lost, and return those that Zabbix did not write."""
    found: list[WindowChange] = []
    marked, foreign = read_windows(zabbix)
    there = {live.maintenanceid for live in marked} | set(foreign.values())
    by_id = {live.maintenanceid: live for live in marked}
    by_name = {live.name: live for live in marked}
    for change in lost:
        wanted = change.wanted
        live = by_id.get(change.id) if change.id else by_name.get(wanted.name if wanted else "")
        if wanted is None:
            written = change.id not in there
        else:
            written = live is not None and not compare(wanted, live, estate)
        if written:
            done(change, live.maintenanceid if live else change.id, None)
        else:
            found.append(change)
    return found


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A host of which the server did not do what a window says. `inside`: whether it should be in maintenance."""

    hostid: str
    window: str
    inside: bool


def confirm(
    zabbix: Zabbix, written: Sequence[tuple[WindowChange, str]], seconds: float, progress: Progress
) -> list[Unconfirmed]:
    """Wait until the server has put hosts into the windows that are due, and let others go; return where it has not.

    `written`: changes that were made, with the ids of their windows. The server looks once a minute, after it has read
    its configuration (CacheUpdateFrequency): so two minutes are usual at most.
    """
    inside = {hostid: (change, number) for change, number in written if change.due for hostid in change.covers}
    left = {hostid: (change, number) for change, number in written for hostid in change.left}
    end = time.monotonic() + seconds
    while True:
        missing = _missing(zabbix, inside, left)
        if not missing or time.monotonic() >= end:
            return missing
        progress(f"waiting for Zabbix's server: {len(missing)} hosts do not follow yet")
        time.sleep(min(LOOK, max(0.1, end - time.monotonic())))


def _missing(
    zabbix: Zabbix, inside: dict[str, tuple[WindowChange, str]], left: dict[str, tuple[WindowChange, str]]
) -> list[Unconfirmed]:
    found: list[Unconfirmed] = []
    for hostid, state in sorted(read_states(zabbix, {*inside, *left}).items()):
        within, maintenanceid, collects = state
        if hostid in inside:
            change, number = inside[hostid]
            # in several windows a host is shown in one of them, which need not be this one
            other = change.wanted is not None and maintenanceid == number and collects != change.wanted.collect_data
            if not within or other:
                found.append(Unconfirmed(hostid, change.window, True))
        # a window that is gone leaves "0" behind until the server has looked
        if hostid in left and within and maintenanceid in (left[hostid][1], "0"):
            found.append(Unconfirmed(hostid, left[hostid][0].window, False))
    return found
