# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A window from now on, declared in NetBox: for hosts, a site, a rack or whatever else a match can say; and its end.

It is a config context like any other, marked as ours, with a journal entry on what it is for. The job of maintenance,
which is to be run next, brings it to Zabbix; where it does not come to that, the next run of that job does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ..connection import NetBoxConnection
from ..errors import InputError
from ..maintenance.model import Window
from ..maintenance.parse import CONTEXT_KEY, parse_window
from ..maintenance.recurrence import in_force
from ..maintenance.times import as_duration, minute
from ..netbox.client import PAGE, NetBox, connect
from ..netbox.contexts import Context, read_contexts, write_context
from ..netbox.journal import OBJECT_TYPES, add_entries
from ..netbox.objects import NetBoxObject, Related
from ..netbox.read import read_objects
from ..netbox.selection import select
from ..netbox.tables import read_related
from ..policy.checks import Report
from ..policy.match import STATUSES, check_match
from .maintenance_sides import UNUSED
from .result import Progress, Result

JOB = "MaintenanceNow"
PRESENT, ABSENT = "present", "absent"
#: objects that each get a journal entry, 16 ms of NetBox each (measured); with more of them their sites do
MOST_ENTRIES = 100


@dataclass(slots=True)
class NowOptions:
    """What to declare. `hosts`: names of NetBox objects; `match`: of which kind they are; one of the two.

    `extend`: a window of that name that is on gets the new end; otherwise it stays as it is.
    """

    name: str
    state: str = PRESENT
    hosts: Sequence[str] = ()
    match: Any = None
    duration: str = "2h"
    collect_data: bool = True
    reason: str = ""
    by: str = ""
    extend: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class NowResult(Result):
    """`context`: the id of the config context; `ends`: when the window ends; `objects`: what it is for."""

    context: int | None = None
    ends: str = ""
    objects: list[str] = field(default_factory=list)


def declare_now(connection: NetBoxConnection, options: NowOptions, progress: Progress) -> NowResult:
    """Declare a window in NetBox, or end it. Raises InputError for what is wrong with it, NetBoxError."""
    result = NowResult(JOB, options.dry_run)
    problems: list[str] = []
    if options.state == PRESENT:
        if bool(options.hosts) == (options.match is not None):
            problems.append("give either hosts or match: what the window is for")
        for name in ("reason", "by"):
            if not getattr(options, name).strip():
                problems.append(f"{name} is missing: the journal and the window in Zabbix are to tell it")
    seconds = as_duration(Report("maintenance_now", problems=problems), "duration", options.duration)
    data = _data(options, seconds or 0)
    window = parse_window(Report("maintenance_now", problems=problems), options.name, data, None)
    if problems or window is None:
        raise InputError(problems)
    netbox = connect(connection)
    try:
        contexts = read_contexts(netbox, CONTEXT_KEY)
        known = next((one for one in contexts if one.ours and options.name in one.declared), None)
        if options.state == ABSENT:
            _end(netbox, options, known, result, progress)
        else:
            _begin(netbox, options, window, data, contexts, known, result, progress)
    finally:
        result.requests = {"netbox": dict(netbox.requests)}
    return result


def _data(options: NowOptions, seconds: int) -> dict[str, Any]:
    start = minute(datetime.now(UTC))
    end = start + timedelta(seconds=seconds)
    data: dict[str, Any] = {"start": start.strftime("%Y-%m-%dT%H:%MZ"), "end": end.strftime("%Y-%m-%dT%H:%MZ")}
    if not options.collect_data:
        data["collect_data"] = False
    data["description"] = f"{options.reason.strip()} ({options.by.strip()})"
    if options.hosts:
        data["match"] = {"name": sorted(set(options.hosts))}
    elif options.match is not None:
        data["match"] = options.match
    return data


def _begin(
    netbox: NetBox,
    options: NowOptions,
    window: Window,
    data: dict[str, Any],
    contexts: Sequence[Context],
    known: Context | None,
    result: NowResult,
    progress: Progress,
) -> None:
    name = options.name
    others = [one for one in contexts if not one.ours and one.active and name in one.declared]
    if others:
        raise InputError(
            [f'the config context "{others[0].name}" already declares a window "{name}"; give this one another name']
        )
    objects = _objects(netbox, options, window, progress)
    result.objects = sorted(one.label for one in objects)
    result.ends = data["end"]
    if known is not None:
        result.context = known.id
        before = known.declared[name]
        now = datetime.now(UTC)
        old = parse_window(Report("", problems=[]), name, before, None) if known.active else None
        if old is not None and in_force(old, now):
            if not options.extend and _targets(before) == _targets(data):
                result.ends = before["end"]
                result.finish(f'"{name}" is on until {before["end"]} already; extend: true moves its end.')
                return
            data["start"] = before["start"]
    result.changed = True
    if not options.dry_run:
        result.context = write_context(netbox, known.id if known else None, **_body(name, data, objects))
        told = add_entries(
            netbox,
            _journal_targets(objects),
            f'Maintenance "{name}" until {data["end"]}: {data["description"]}',
            "info",
        )
        result.stats["journal_entries"] = told
    result.stats["objects"] = len(objects)
    would = "would be " if options.dry_run else ""
    result.finish(f'"{name}" {would}declared in NetBox for {len(objects)} objects until {data["end"]}.')


def _end(netbox: NetBox, options: NowOptions, known: Context | None, result: NowResult, progress: Progress) -> None:
    name = options.name
    if known is None or not known.active:
        result.finish(f'NetBox has no window "{name}" of this playbook that is on: nothing to end.')
        return
    result.context = known.id
    data = dict(known.declared[name])
    result.changed = True
    if not options.dry_run:
        # so that it no longer declares the window; the cleanup deletes it in time
        write_context(netbox, known.id, is_active=False)
        window = parse_window(Report("", problems=[]), name, data, None)
        objects = _objects(netbox, options, window, progress) if window is not None else []
        who = f" by {options.by.strip()}" if options.by.strip() else ""
        why = f": {options.reason.strip()}" if options.reason.strip() else ""
        text = f'Maintenance "{name}" ended{who}{why}'
        result.stats["journal_entries"] = add_entries(netbox, _journal_targets(objects), text, "success")
    result.finish(f'"{name}" {"would be " if options.dry_run else ""}ended in NetBox.')


def _targets(data: Mapping[str, Any]) -> tuple[Any, Any]:
    return data.get("match"), data.get("collect_data", True)


def _body(name: str, data: dict[str, Any], objects: Sequence[NetBoxObject]) -> dict[str, Any]:
    """Return the config context. Assigned to the sites of what it is for: no other object is to carry it."""
    sites = {one.attributes["site"]["id"] if one.attributes["site"] else None for one in objects}
    assigned = sorted(site for site in sites if site is not None) if None not in sites else []
    return {
        "name": f"zabbix maintenance: {name}",
        "is_active": True,
        "weight": 1000,
        "sites": assigned,
        "data": {CONTEXT_KEY: {name: data}},
    }


def _objects(netbox: NetBox, options: NowOptions, window: Window, progress: Progress) -> list[NetBoxObject]:
    """Return what the window is for. Raises InputError where there is nothing, or where a name is not known."""
    progress("reading NetBox: what the window is for")
    related = read_related(netbox)
    selection = select(netbox, names=list(options.hosts)) if options.hosts else None
    pages = read_objects(netbox, related, ids=selection, roots=frozenset(), window=PAGE, without=UNUSED)
    match = window.match
    everything = [one for page in pages for one in page]
    found = [one for one in everything if match is None or match.matches(one)]
    if options.state == PRESENT and match is not None and not options.hosts:
        _check(window, everything, related)
    if options.state == PRESENT and not found:
        raise InputError(["match: no device and no virtual machine of NetBox is like that"])
    return found


def _check(window: Window, objects: Sequence[NetBoxObject], related: Related) -> None:
    statuses = {status for known in STATUSES.values() for status in known}
    statuses.update(str(one.attributes["status"]) for one in objects)
    problems = list(check_match("maintenance_now", window.match, related, statuses))
    if problems:
        raise InputError(problems)


def _journal_targets(objects: Sequence[NetBoxObject]) -> list[tuple[str, int]]:
    """Return NetBox's object types and ids that get an entry: the objects, or where there are many, their sites."""
    if len(objects) <= MOST_ENTRIES:
        return [(OBJECT_TYPES[one.kind], one.id) for one in objects]
    sites = {one.attributes["site"]["id"] for one in objects if one.attributes["site"]}
    return [("dcim.site", number) for number in sorted(sites)]
