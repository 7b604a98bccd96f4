# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a sync and maintenance windows have to do with each other: risky changes wait, or get a window of their own."""

from __future__ import annotations

from datetime import UTC, datetime

from ..errors import InputError, ZabbixError
from ..maintenance.parse import SHORTEST
from ..maintenance.plan import CREATE, OWN_WINDOW, WindowChange
from ..maintenance.times import as_duration, minute
from ..maintenance.zabbix_window import ZabbixWindow, once, with_mark, zabbix_name
from ..policy.checks import Report
from ..reconcile.plan import UPDATE, Change, LeftAlone, Plan
from ..zabbix.client import Zabbix
from ..zabbix.hosts import in_maintenance
from ..zabbix.maintenances import create_call, explain
from .maintenance_write import confirm
from .result import Progress, Result

CHANGE, POSTPONE = "change", "postpone"
#: attributes whose change stops checks for a while, or makes them fail
RISKY = frozenset({"templates", "interfaces", "monitored_by", "status", "host"})
#: seconds that the sync waits for the server to put its hosts into the window
WAIT = 150


def window_seconds(choice: str, window: str) -> int:
    """Return the seconds of a sync's own window, 0 for none. Raises InputError."""
    problems: list[str] = []
    if choice not in (CHANGE, POSTPONE):
        problems.append(f'in_maintenance is "{choice}"; it is {CHANGE} or {POSTPONE}')
    seconds = as_duration(Report("change_window", problems=problems), "", window) if window else 0
    if seconds and seconds < SHORTEST:
        problems.append("change_window: Zabbix takes nothing shorter than 5m")
    if problems:
        raise InputError(problems)
    return seconds or 0


def _risky(change: Change) -> bool:
    return change.action == UPDATE and any(item.attribute in RISKY for item in change.differences)


def postpone(plan: Plan, zabbix: Zabbix) -> None:
    """Take risky updates of hosts that are in maintenance out of the plan: somebody works on them just now."""
    risky = [change for change in plan.changes if _risky(change)]
    waiting = in_maintenance(zabbix, [change.before.hostid for change in risky]) if risky else set()
    for change in risky:
        if change.before.hostid in waiting:
            why = "it is in maintenance, and netbox_zabbix_in_maintenance is postpone: its update waits"
            plan.left_alone.append(
                LeftAlone(change.config.ref, change.config.label, "postponed", why, change.before.hostid)
            )
            plan.changes.remove(change)


def open_window(plan: Plan, zabbix: Zabbix, result: Result, instance: str, seconds: int, progress: Progress) -> None:
    """Put the hosts that get risky updates into a window, and wait until they are in it; it ends by itself."""
    hostids = frozenset(change.before.hostid for change in plan.changes if _risky(change))
    if not hostids:
        return
    start = int(minute(datetime.now(UTC)).timestamp())
    stop = start + seconds + 60
    name = f"{OWN_WINDOW}{result.run_id}"
    window = ZabbixWindow(
        name=zabbix_name(name, instance),
        since=start,
        until=stop,
        collect_data=True,
        any_tag=False,
        tags=frozenset(),
        periods=frozenset((once(start, stop - start),)),
        description=with_mark("Opened by a sync around its own changes", name, instance),
        hosts=hostids,
        groups=frozenset(),
    )
    try:
        made = zabbix.call(*create_call(window))
    except ZabbixError as error:
        result.notes.append(f"No window could be opened around the changes: {explain(error)}")
        return
    change = WindowChange(CREATE, name, window, covers=hostids, due=True)
    missing = confirm(zabbix, [(change, made["maintenanceids"][0])], WAIT, progress)
    if missing:
        result.notes.append(
            f"{len(missing)} of {len(hostids)} hosts were not in maintenance {WAIT} s after a window was opened around "
            "their changes: they were changed all the same"
        )
