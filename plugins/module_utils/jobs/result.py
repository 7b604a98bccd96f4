# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The result: the same shape for every job."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from ..reconcile.plan import Change, Difference
from ..reconcile.preimage import CANNOT_BE_TAKEN_BACK, LOST, preimage

#: module -> its job, as the documentation of the original plugin names it or in the same manner
JOBS = {
    "estate_export": "ExportEstate",
    "host_config_info": "ExplainHosts",
    "host_config_refresh": "HostConfigSyncRefresh",
    "hosts_purge": "MaintenanceCleanup",
    "hosts_adopt": "AdoptHosts",
    "hosts_apply": "ApplyPlan",
    "hosts_plan": "PlanHosts",
    "hosts_sync": "SyncHostsNow",
    "maintenance": "Maintenance",
    "maintenance_cleanup": "MaintenanceCleanup",
    "maintenance_now": "MaintenanceNow",
    "netbox_schema": "PrepareNetBox",
    "policy_lint": "LintPolicy",
    "policy_simulate": "SimulatePolicy",
    "preflight": "CheckBothSides",
    "run_undo": "UndoRun",
    "run_info": "ShowRuns",
    "zabbix_host": "ManageHosts",
    "least_privileges": "PrepareAccounts",
    "zabbix_groups": "PrepareZabbixGroups",
    "self_monitoring": "MonitorTheSync",
    "zabbix_settings_import": "ImportZabbixSettings",
}
#: details in what a module returns. Ansible takes seconds and its callbacks minutes over megabytes (measured); reports
#: have all of them.
MAX_RETURNED = 1000
#: characters of one value in a detail
MAX_VALUE = 1000

Progress = Callable[[str], None]


def utc_now() -> str:
    """Return this moment as the result and records have it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Detail:
    """One element of one attribute that differs on a host.

    `wanted`, `live`: as NetBox and the policy have it, and as Zabbix has it; for people, secrets masked, None where
    there is nothing. `reason`: `new`, `pending` or `drifted`, as far as the job knows. `origin`: the layer of the
    policy that wants it. `applied`: what we gave last, as far as it is known; `since`: when the difference was seen
    first. The last two are told by the job that looks for differences.
    """

    attribute: str
    element: str
    wanted: str | None
    live: str | None
    reason: str = ""
    origin: str = ""
    applied: str | None = None
    since: str = ""


@dataclass(slots=True)
class HostResult:
    """What happened to one host, or how it is. `action`: one word for it, by which reports count.

    `changes`: attributes that differed; `reasons`: why, for each of them; `details`: element by element.
    """

    name: str
    object: str
    hostid: str | None
    action: str
    changes: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    error: str | None = None
    details: list[Detail] = field(default_factory=list)


@dataclass(slots=True)
class Result:
    """The result of one run of a job.

    `whole`: whether it was over the whole estate. `stats`: counts by name. `hosts`: what was changed, left behind or
    failed, never the unchanged. `requests`: HTTP requests by server and kind. `durations`: seconds by phase.
    `refused`: why the guard stopped the run, or would stop a real one with this plan. `error`: why the run ended
    before its end; `interrupted`: whether somebody ended it. `urls`: the web addresses of `netbox` and `zabbix`.
    `diff`: as text.
    """

    job: str
    dry_run: bool
    run_id: str = field(default_factory=lambda: uuid4().hex[:12])
    started: str = field(default_factory=utc_now)
    finished: str = ""
    changed: bool = False
    whole: bool = True
    stats: dict[str, int] = field(default_factory=dict)
    hosts: list[HostResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    requests: dict[str, dict[str, int]] = field(default_factory=dict)
    durations: dict[str, float] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    message: str = ""
    refused: str = ""
    error: str = ""
    interrupted: bool = False
    diff: str = ""
    _phase: tuple[str, float] | None = None

    def phase(self, name: str) -> None:
        """Note that a phase of the run begins, at the end of the one before."""
        now = time.monotonic()
        if self._phase is not None:
            before, since = self._phase
            self.durations[before] = round(self.durations.get(before, 0.0) + now - since, 3)
        self._phase = (name, now) if name else None

    def finish(self, message: str) -> None:
        """Note the end of the run."""
        self.phase("")
        self.finished = utc_now()
        self.message = message

    def as_dict(self) -> dict[str, Any]:
        """Return the result as a module gives it: without the diff, which goes apart, and with MAX_RETURNED details."""
        left = MAX_RETURNED
        hosts: list[HostResult] = []
        for host in self.hosts:
            details = host.details[:left]
            left -= len(details)
            hosts.append(replace(host, details=details))
        plain = replace(self, hosts=hosts).full()
        del plain["error"], plain["interrupted"]
        return plain

    def full(self) -> dict[str, Any]:
        """Return the result as reports and records have it: with all details, and the error that ended it."""
        plain = asdict(self)
        del plain["diff"], plain["_phase"]
        return plain

    @property
    def failed(self) -> list[HostResult]:
        """The hosts that failed."""
        return [host for host in self.hosts if host.action == "failed"]


def common_errors(errors: Iterable[tuple[str, str]], most: int = 10) -> str:
    """Return errors as text, those that many hosts share told once: pairs of host and error."""
    errors = list(errors)
    shared = Counter(error for dummy, error in errors)
    lines: list[str] = []
    for error, number in shared.most_common(most):
        names = [name for name, text in errors if text == error]
        some = ", ".join(names[:3]) + (f" and {number - 3} more" if number > 3 else "")
        lines.append(f"  {some}: {error}")
    if len(shared) > most:
        lines.append(f"  ... and {len(shared) - most} other errors, see hosts in the result")
    return "\n".join(lines)


def details_of(differences: Iterable[Difference]) -> list[Detail]:
    """Return the differences of a plan as details; values longer than MAX_VALUE are cut."""
    return [
        Detail(item.attribute, item.element, _cut(item.after), _cut(item.before), item.reason, item.origin)
        for item in differences
    ]


def lost_details(change: Change) -> list[Detail]:
    """Return what a change destroys that nobody can take back, as details: so every report tells it."""
    return [Detail(LOST, "", None, _cut(text), CANNOT_BE_TAKEN_BACK) for text in preimage(change).lost]


def _cut(value: str | None) -> str | None:
    return value if value is None or len(value) <= MAX_VALUE else f"{value[: MAX_VALUE - 3]}..."
