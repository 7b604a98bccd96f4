# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Maintenance: make Zabbix have just the windows that are declared, for the hosts that they are meant for now.

1. the list and the calendars are parsed before any request
2. NetBox and Zabbix are read, side by side
3. windows get their targets, and are compared with Zabbix's: the plan
4. the limit on removals passes the plan, or nothing is written
5. windows are written, and what the server makes of them is read back
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import GuardError, InputError
from ..maintenance.plan import (
    CREATE,
    DELETE,
    UPDATE,
    Deletions,
    Estate,
    WindowChange,
    WindowPlan,
    check_deletions,
    deletions_from,
    plan_as_text,
    plan_windows,
)
from ..netbox.client import NetBox, connect
from ..zabbix.client import Zabbix
from .maintenance_sides import Sources, read_sides
from .maintenance_write import confirm, write_windows
from .result import HostResult, Progress, Result, common_errors

JOB = "Maintenance"
#: seconds that a run waits for Zabbix's server: it reads its configuration and looks at all windows once a minute each
WAIT = 180


@dataclass(slots=True)
class MaintenanceOptions:
    """What a run is to do. `only`: names of windows, the others are not looked at; `wait`: seconds, see `confirm`."""

    sources: Sources = field(default_factory=Sources)
    only: Sequence[str] = ()
    wait: int = WAIT
    max_deletions: Mapping[str, float | None] | None = None
    dry_run: bool = False
    want_diff: bool = False


@dataclass(slots=True)
class WindowResult:
    """What became of one window. `hosts`: how many it is for; `changes`: fields that differed; `reason`: why it went,
    or why nothing was done. `side`: `zabbix`, or `netbox` for a declaration there.
    """

    name: str
    action: str
    maintenanceid: str | None = None
    hosts: int = 0
    changes: list[str] = field(default_factory=list)
    reason: str = ""
    error: str | None = None
    side: str = "zabbix"


@dataclass(slots=True)
class MaintenanceResult(Result):
    """`windows`: those that were changed, that failed, or that need nothing for a reason; never the unchanged ones.

    `hosts` has what failed, windows too, so that it is told and fails the run as in any other job.
    """

    windows: list[WindowResult] = field(default_factory=list)


def run_maintenance(
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection,
    options: MaintenanceOptions,
    progress: Progress,
) -> MaintenanceResult:
    """Run the job and return its result; single windows that failed are in it.

    Raises InputError for wrong options, NetBoxError and ZabbixError where a server cannot be read, GuardError where
    more windows would be removed than may be: nothing was written then.
    """
    result = MaintenanceResult(JOB, options.dry_run)
    listed = options.sources.parse()
    limit = deletions_from(options.max_deletions)
    result.phase("read")
    netbox, zabbix = connect_both(netbox_connection, zabbix_connection)
    try:
        sides = read_sides(netbox, zabbix, options.sources, listed, progress)
        unknown = [name for name in options.only if not _known(name, sides.declarations.windows, sides, options)]
        if unknown:
            raise InputError([f'only: nothing declares a window "{name}", and Zabbix has none' for name in unknown])
        result.phase("compare")
        plan = plan_windows(
            sides.declarations,
            sides.estate,
            options.sources.instance,
            datetime.now(UTC),
            server_zone=options.sources.server_time_zone,
            only=frozenset(options.only),
        )
        carry_out(zabbix, plan, sides.estate, limit, options, result, progress)
        conclude(result, plan, len(sides.objects))
    finally:
        result.requests = {"netbox": dict(netbox.requests), "zabbix": dict(zabbix.requests)}
        zabbix.close()
    return result


def connect_both(netbox_connection: NetBoxConnection, zabbix_connection: ZabbixConnection) -> tuple[NetBox, Zabbix]:
    """Return sessions with both servers."""
    with ThreadPoolExecutor(1) as other:
        ready = other.submit(Zabbix, zabbix_connection)
        netbox = connect(netbox_connection)
        return netbox, ready.result()


def _known(name: str, windows: Mapping[str, Any], sides: Any, options: MaintenanceOptions) -> bool:
    marks = {live.mark for live in sides.estate.windows}
    return name in windows or name in sides.declarations.failures or (options.sources.instance, name) in marks


def carry_out(
    zabbix: Zabbix,
    plan: WindowPlan,
    estate: Estate,
    limit: Deletions,
    options: MaintenanceOptions,
    result: MaintenanceResult,
    progress: Progress,
) -> None:
    """Write a plan that passes the limit, and put what became of it into the result."""
    if options.want_diff:
        result.diff = plan_as_text(plan, estate)
    try:
        check_deletions(len(plan.of(DELETE)), plan.ours, limit)
    except GuardError as error:
        if not options.dry_run:
            raise
        result.refused = str(error)
    if options.dry_run:
        result.windows += [_window_result(change, change.id, None) for change in plan.changes]
        return
    written: list[tuple[WindowChange, str]] = []

    def done(change: WindowChange, maintenanceid: str | None, error: str | None) -> None:
        result.windows.append(_window_result(change, maintenanceid, error))
        if error is None and maintenanceid is not None:
            written.append((change, maintenanceid))

    result.phase("write")
    write_windows(zabbix, plan.changes, estate, done, progress)
    watched = [one for one in written if one[0].due or one[0].left]
    if not watched or options.wait <= 0:
        return
    result.phase("wait")
    for one in confirm(zabbix, watched, options.wait, progress):
        wrong = "is not in maintenance" if one.inside else "is still in maintenance"
        result.hosts.append(
            HostResult(
                estate.names.get(one.hostid, one.hostid),
                "",
                one.hostid,
                "failed",
                error=f'{wrong} {options.wait} s after window "{one.window}" was written. Is Zabbix\'s server running, '
                "does it read its configuration (CacheUpdateFrequency) more often than that? To wait longer, raise "
                "netbox_zabbix_maintenance_wait.",
            )
        )


def _window_result(change: WindowChange, maintenanceid: str | None, error: str | None) -> WindowResult:
    return WindowResult(
        name=change.window,
        action="failed" if error else change.action,
        maintenanceid=maintenanceid,
        hosts=len(change.covers),
        changes=[one.field for one in change.differences],
        reason=change.reason,
        error=error,
    )


def take_failures(result: MaintenanceResult) -> None:
    """Put the windows that failed among the hosts that did."""
    failed = [one for one in result.windows if one.action == "failed"]
    result.hosts += [HostResult(one.name, "", None, "failed", error=one.error) for one in failed]


def conclude(result: MaintenanceResult, plan: WindowPlan, objects: int) -> None:
    """Put what failed and what needs nothing into the result, and say it all in one message."""
    result.windows += [WindowResult(name, "failed", error=error) for name, error in plan.failures.items()]
    result.windows += [WindowResult(name, state, reason=why) for name, (state, why) in plan.states.items()]
    result.windows.sort(key=lambda one: (one.name, one.action))
    unconfirmed = len(result.hosts)
    take_failures(result)
    made = {action: sum(one.action == action for one in result.windows) for action in (CREATE, UPDATE, DELETE)}
    waiting = {state: sum(one.action == state for one in result.windows) for state in ("over", "waiting", "no_hosts")}
    result.stats = {
        "objects": objects,
        "targets": plan.targets,
        "created": made[CREATE],
        "updated": made[UPDATE],
        "deleted": made[DELETE],
        "unchanged": plan.unchanged,
        **waiting,
        "unconfirmed": unconfirmed,
        "failed": len(result.failed),
    }
    result.changed = any(made.values())
    would = "would be " if result.dry_run else ""
    text = (
        f"Windows for {plan.targets} hosts: {would}created {made[CREATE]}, updated {made[UPDATE]}, "
        f"removed {made[DELETE]}; {plan.unchanged} unchanged, {waiting['over']} over, "
        f"{waiting['waiting']} not due within two months, {waiting['no_hosts']} without hosts, "
        f"{result.stats['failed']} failed."
    )
    for one in result.windows:
        if one.action in ("no_hosts", "copy", DELETE) and one.reason:
            text += f'\n  "{one.name}": {would + "removed, " if one.action == DELETE else ""}{one.reason}'
    if result.refused:
        text += f"\nA real run would stop here. {result.refused}"
    if result.failed:
        text += "\nFailed:\n" + common_errors((one.name, one.error or "") for one in result.failed)
    result.finish(text)
