# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MaintenanceCleanup: windows that are over, that nothing declares, or that have no host go, on both sides.

Zabbix comes first, then NetBox: whatever fails in between, the declaration is still there to tell what the window was,
and the next run does the rest. What people declared in NetBox is reported; what they made in Zabbix is listed, and goes
only where a pattern names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import GuardError, InputError, NetBoxError, StateError
from ..maintenance.parse import parse_window
from ..maintenance.plan import (
    DELETE,
    WindowChange,
    check_deletions,
    deletions_from,
    plan_windows,
)
from ..maintenance.recurrence import is_over
from ..maintenance.times import as_duration, shown
from ..netbox.client import NetBox
from ..netbox.contexts import Context, delete_contexts, write_context
from ..policy.checks import Report
from ..state.store import open_store
from ..zabbix.client import Zabbix
from ..zabbix.maintenances import read_expired
from .maintenance import MaintenanceResult, WindowResult, connect_both, take_failures
from .maintenance_sides import Sides, Sources, read_sides
from .maintenance_write import write_windows
from .result import Progress, common_errors

JOB = "MaintenanceCleanup"


@dataclass(slots=True)
class CleanupOptions:
    """What a run is to do. `grace`: how long a window stays after its end; `foreign`: patterns of names of windows that
    are not ours and go when they are over; `deactivate`: switch off people's config contexts that have only windows
    that are over. `snapshot_days`: how long a snapshot of NetBox that nobody writes any more stays in the state store.
    """

    sources: Sources = field(default_factory=Sources)
    grace: str = "1d"
    foreign: Sequence[str] = ()
    deactivate: bool = False
    state_store: str = ""
    snapshot_days: int = 30
    max_deletions: Mapping[str, float | None] | None = None
    dry_run: bool = False
    want_diff: bool = False


@dataclass(slots=True)
class _Contexts:
    """What is to become of NetBox's config contexts, and what people are told of."""

    delete: list[Context] = field(default_factory=list)
    deactivate: list[Context] = field(default_factory=list)
    told: list[WindowResult] = field(default_factory=list)


def clean_up(
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection,
    options: CleanupOptions,
    progress: Progress,
) -> MaintenanceResult:
    """Run the job and return its result.

    Raises InputError for wrong options, NetBoxError and ZabbixError where a server cannot be read, GuardError where
    more windows would be removed than may be: nothing was written then.
    """
    result = MaintenanceResult(JOB, options.dry_run)
    listed = options.sources.parse()
    limit = deletions_from(options.max_deletions)
    problems: list[str] = []
    grace = as_duration(Report("cleanup", problems=problems), "grace", options.grace)
    if problems:
        raise InputError(problems)
    netbox, zabbix = connect_both(netbox_connection, zabbix_connection)
    now = datetime.now(UTC)
    before = now - timedelta(seconds=grace or 0)
    try:
        sides = read_sides(netbox, zabbix, options.sources, listed, progress)
        removals, kept, ours = _removals(sides, options, now, before)
        expired = read_expired(zabbix, int(before.timestamp()))
        foreign = [row for row in expired if any(fnmatchcase(row["name"], one) for one in options.foreign)]
        removals += [_foreign_change(row) for row in foreign]
        contexts = _contexts(sides, options, before)
        if options.want_diff:
            result.diff = _as_text(removals, contexts)
        try:
            check_deletions(len(removals), ours + len(expired), limit)
        except GuardError as error:
            if not options.dry_run:
                raise
            result.refused = str(error)
        result.windows += kept + contexts.told
        result.windows += [
            WindowResult(row["name"], "kept", row["maintenanceid"], reason=_not_ours(row))
            for row in expired
            if row not in foreign
        ]
        _carry_out(netbox, zabbix, sides, removals, contexts, options, result, progress)
        snapshots = _purge_snapshots(options, now, result)
        _conclude(result, sides, ours, len(expired), {row["maintenanceid"] for row in foreign}, snapshots)
    finally:
        result.requests = {"netbox": dict(netbox.requests), "zabbix": dict(zabbix.requests)}
        zabbix.close()
    return result


def _removals(
    sides: Sides, options: CleanupOptions, now: datetime, before: datetime
) -> tuple[list[WindowChange], list[WindowResult], int]:
    """Return the windows of ours that go, those that stay although something is with them, and how many there are."""
    instance = options.sources.instance
    plan = plan_windows(sides.declarations, sides.estate, instance, now, server_zone=options.sources.server_time_zone)
    removals = plan.of(DELETE)
    going = {change.live.maintenanceid for change in removals if change.live}
    kept = [WindowResult(name, "failed", error=error) for name, error in plan.failures.items()]
    copies = {name for name, (state, dummy) in plan.states.items() if state == "copy"}
    for live in sides.estate.windows:
        mark = live.mark
        if mark is None or mark[0] != instance or live.maintenanceid in going:
            continue
        if live.name in copies:
            kept.append(WindowResult(live.name, "kept", live.maintenanceid, reason=plan.states[live.name][1]))
        elif live.until <= before.timestamp():
            removals.append(WindowChange(DELETE, mark[1], live=live, reason=f"over since {shown(live.until)}"))
        elif live.until <= now.timestamp():
            reason = f"over since {shown(live.until)}, within the grace period"
            kept.append(WindowResult(mark[1], "kept", live.maintenanceid, reason=reason))
    return removals, kept, plan.ours


def _foreign_change(row: Mapping[str, str]) -> WindowChange:
    reason = f"not ours, over since {shown(int(row['active_till']))}, named by a pattern"
    return WindowChange(DELETE, row["name"], maintenanceid=row["maintenanceid"], reason=reason)


def _not_ours(row: Mapping[str, str]) -> str:
    return (
        f"not ours, over since {shown(int(row['active_till']))}; a pattern in netbox_zabbix_cleanup_foreign removes it"
    )


def _contexts(sides: Sides, options: CleanupOptions, before: datetime) -> _Contexts:
    found = _Contexts()
    for context in sides.contexts:
        over = [name for name, raw in context.declared.items() if _over(name, raw, options, before)]
        all_over = bool(context.declared) and len(over) == len(context.declared)
        if context.ours and (all_over or not context.active):
            found.delete.append(context)
            continue
        if not context.active:
            continue
        if options.deactivate and all_over and not context.more:
            found.deactivate.append(context)
            continue
        for name in over:
            reason = f'over; the config context "{context.name}" (id {context.id}) still declares it'
            if context.more:
                reason += ", beside other keys: take it out there"
            found.told.append(WindowResult(name, "kept", side="netbox", reason=reason))
    return found


def _over(name: str, raw: Any, options: CleanupOptions, before: datetime) -> bool:
    window = parse_window(Report("", problems=[]), name, raw, options.sources.time_zone or None)
    return window is not None and is_over(window, before)


def _as_text(removals: Sequence[WindowChange], contexts: _Contexts) -> str:
    lines = [f"- Zabbix: {change.window} ({change.reason})" for change in removals]
    lines += [f"- NetBox: config context {one.name}" for one in contexts.delete]
    lines += [f"~ NetBox: config context {one.name}: active -> inactive" for one in contexts.deactivate]
    return "\n".join(lines) + "\n" if lines else ""


def _carry_out(
    netbox: NetBox,
    zabbix: Zabbix,
    sides: Sides,
    removals: Sequence[WindowChange],
    contexts: _Contexts,
    options: CleanupOptions,
    result: MaintenanceResult,
    progress: Progress,
) -> None:
    left: set[str] = set()

    def done(change: WindowChange, maintenanceid: str | None, error: str | None) -> None:
        action = "failed" if error else DELETE
        result.windows.append(WindowResult(change.window, action, maintenanceid, reason=change.reason, error=error))
        if error:
            left.add(change.window)

    if options.dry_run:
        for change in removals:
            done(change, change.id, None)
    else:
        write_windows(zabbix, removals, sides.estate, done, progress)
    # a declaration stays as long as its window does
    deletable = [one for one in contexts.delete if left.isdisjoint(one.declared)]
    try:
        if not options.dry_run:
            delete_contexts(netbox, [one.id for one in deletable])
        result.windows += [_in_netbox(one, DELETE, "made by maintenance_now, and over") for one in deletable]
        for one in contexts.deactivate:
            if not options.dry_run:
                write_context(netbox, one.id, is_active=False)
            result.windows.append(_in_netbox(one, "deactivate", "all its windows are over"))
    except NetBoxError as error:
        text = f"{error} What Zabbix had is removed; the next run does the rest."
        result.windows.append(WindowResult("config contexts", "failed", side="netbox", error=text))


def _in_netbox(context: Context, action: str, reason: str) -> WindowResult:
    names = ", ".join(context.declared)
    return WindowResult(
        names or context.name, action, side="netbox", reason=f'config context "{context.name}": {reason}'
    )


def _purge_snapshots(options: CleanupOptions, now: datetime, result: MaintenanceResult) -> int:
    """Remove snapshots of selections and servers that no run reads any more, and return how many there are."""
    oldest = now - timedelta(days=options.snapshot_days)
    try:
        store = open_store(options.state_store)
        if store is None:
            return 0
        gone = [entry for entry in store.list("snapshots/") if entry.changed < oldest]
        for entry in () if options.dry_run else gone:
            store.delete(entry.name)
    except StateError as error:
        result.notes.append(f"Old snapshots were not removed: {error}")
        return 0
    return len(gone)


def _conclude(
    result: MaintenanceResult, sides: Sides, ours: int, expired: int, foreign: set[str], snapshots: int
) -> None:
    result.windows.sort(key=lambda one: (one.name, one.side, one.action))
    take_failures(result)
    in_zabbix = [one for one in result.windows if one.action == DELETE and one.side == "zabbix"]
    theirs = [one for one in in_zabbix if one.maintenanceid in foreign]
    in_netbox = [one for one in result.windows if one.action == DELETE and one.side == "netbox"]
    stats = result.stats = {
        "checked": ours + expired + len(sides.contexts),
        "expired": sum("over since" in one.reason for one in in_zabbix),
        "removed_zabbix": len(in_zabbix),
        "removed_foreign": len(theirs),
        "removed_netbox": len(in_netbox),
        "deactivated_netbox": sum(one.action == "deactivate" for one in result.windows),
        "removed_snapshots": snapshots,
        "kept": sum(one.action == "kept" for one in result.windows),
        "failed": len(result.failed),
    }
    result.changed = bool(in_zabbix or in_netbox or stats["deactivated_netbox"] or snapshots)
    would = "would be " if result.dry_run else ""
    text = (
        f"{stats['checked']} windows and config contexts: {would}removed {len(in_zabbix)} from Zabbix "
        f"({len(theirs)} not ours), {len(in_netbox)} from NetBox, {would}deactivated {stats['deactivated_netbox']}; "
        f"{stats['kept']} kept, {stats['failed']} failed."
    )
    if snapshots:
        text += f"\n  {snapshots} old snapshots {would}removed from the state store"
    for one in result.windows:
        if one.reason:
            text += f'\n  "{one.name}" {one.action if one.action != DELETE else would + "removed"}: {one.reason}'
    if result.refused:
        text += f"\nA real run would stop here. {result.refused}"
    if result.failed:
        text += "\nFailed:\n" + common_errors((one.name, one.error or "") for one in result.failed)
    result.finish(text)
