# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HostConfigSyncRefresh: how every managed host stands, what differs, and who changed it. It never writes to Zabbix.

It reads and compares by the sync's own code, so it finds what a sync would do and nothing else. `repair` hands some of
that to the sync.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError
from ..netbox.journal import write_journal
from ..reconcile import guard
from ..reconcile.archive import GONE
from ..reconcile.diff import differences
from ..reconcile.origin import BOTH, UNTOLD, is_told, last_applied
from ..reconcile.plan import (
    CONFLICT,
    CREATE,
    DRIFTED,
    FAILED,
    PENDING,
    RELEASE,
    RESTORE,
    UNKNOWN,
    UPDATE,
    Change,
    LeftAlone,
)
from ..reconcile.record import decode
from .hosts_sync import LAST_ATTEMPT, carry_out
from .links import DETAIL, HOSTID, IN_SYNC, STATUS
from .plan_making import Planned, read_and_plan
from .reading import AUTO
from .result import Detail, HostResult, Progress, Result, common_errors, details_of
from .run import Run, SyncOptions, opened
from .sightings import Sightings

JOB = "HostConfigSyncRefresh"
MISSING, EXCLUDED, ARCHIVED, ORPHAN = "missing", "excluded", "archived", "orphan"
#: every status, in the order in which they are told
STATUSES = (IN_SYNC, PENDING, DRIFTED, BOTH, MISSING, EXCLUDED, ARCHIVED, ORPHAN, CONFLICT, FAILED, UNKNOWN)
#: those of hosts that somebody changed in Zabbix
CHANGED_IN_ZABBIX = (DRIFTED, BOTH)
#: what may be handed to the sync
NONE, ALL = "none", "all"
REPAIRS = (NONE, DRIFTED, PENDING, ALL)
#: new hosts of which every value is told
DETAILED_CREATES = 100
#: differences that the detail of one object in NetBox tells
TOLD = 20


@dataclass(slots=True)
class RefreshOptions(SyncOptions):
    """As a sync has them. `repair`: what of the found is handed to the sync; `journal`: whether hosts that begin to
    drift get a journal entry in NetBox.
    """

    mode: str = AUTO
    write_back_limit: int = 1000
    repair: str = NONE
    journal: bool = False

    @property
    def writes(self) -> bool:
        """Whether something is handed to the sync."""
        return self.repair != NONE


@dataclass(slots=True)
class _Standing:
    """How one host or object stands. `change`: what a sync would do about it."""

    status: str
    host: HostResult
    change: Change | None = None


def refresh_hosts(
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection,
    options: RefreshOptions,
    progress: Progress,
) -> Result:
    """Run the job and return its result: every host that is not in sync, with all that differs.

    Raises InputError for a wrong policy or option, NetBoxError and ZabbixError where a server cannot be read: nothing
    is said of any host then, and nothing written. GuardError as the sync, and where a repair is over a limit.
    """
    if options.repair not in REPAIRS:
        raise InputError([f'repair is "{options.repair}"; it is {", ".join(REPAIRS)}'])
    limits = guard.limits_from(options.limits)
    result = Result(JOB, options.dry_run, whole=options.whole)
    with opened(result, netbox_connection, zabbix_connection, options, progress) as run:
        planned = read_and_plan(run)
        result.phase("judge")
        standings = _judge(run, planned)
        repaired = [one for one in standings if one.change is not None and _repairs(options.repair, one)]
        drifting = _note(run, planned, standings, {id(one) for one in repaired})
        if options.repair == NONE:
            _write_back(run, planned)
        else:
            _repair(run, planned, repaired, limits)
        if options.journal and not options.dry_run:
            _tell_journal(run, drifting)
        _conclude(result, planned, standings, {id(one) for one in repaired})
    return result


# --- how each host stands


def _judge(run: Run, planned: Planned) -> list[_Standing]:
    """Return how every host stands that is not in sync, in the order of names, with since when it is known."""
    plan, locate = planned.plan, run.source.locate
    standings = [_of_change(run, planned, change) for change in plan.changes]
    standings += [
        _Standing(
            failure.kind,
            HostResult(failure.label, failure.ref, failure.hostid, failure.kind, error=locate(failure.error)),
        )
        for failure in plan.failures
    ]
    standings += [_of_left_alone(item) for item in plan.left_alone]
    standings.sort(key=lambda one: (one.host.name, one.host.object))
    now = (run.netbox.clock or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    sightings = Sightings(run.store, run.netbox.url, run.options.instance)
    run.result.notes.extend(sightings.load())
    for one in standings:
        one.host.details = [replace(detail, since=sightings.seen(one.host, detail, now)) for detail in one.host.details]
    if not run.options.dry_run:
        # what is known of hosts that Zabbix could not tell of stays
        whole = plan.whole and not any(one.status == UNKNOWN for one in standings)
        run.result.notes.extend(sightings.save([one.host for one in standings], whole=whole))
    return standings


def _of_change(run: Run, planned: Planned, change: Change) -> _Standing:
    config, hostid = change.config, change.hostid
    details: list[Detail] = []
    if change.action != CREATE or len(planned.plan.changes) <= DETAILED_CREATES:
        details = _details(run, planned, change)
    status = _status(change, {detail.reason for detail in details})
    before = planned.links.before(config.ref)
    error = None
    if status in (PENDING, MISSING) and str(before.get(DETAIL) or "").startswith(LAST_ATTEMPT):
        # NetBox has it from the last sync: what is pending was tried, and it failed
        status, error = FAILED, str(before[DETAIL])
    changes = list(dict.fromkeys(_path(detail) for detail in details))
    reasons = {detail.reason for detail in details if detail.reason}
    if status == MISSING:
        # a link in NetBox tells that there was a host, which somebody deleted
        reasons = {DRIFTED if before.get(HOSTID) else PENDING}
    if BOTH in reasons:
        reasons |= {DRIFTED, PENDING}
    host = HostResult(config.host or config.label, config.ref, hostid, status, changes, sorted(reasons), error, details)
    return _Standing(status, host, change)


def _status(change: Change, reasons: set[str]) -> str:
    if change.action == CREATE:
        return MISSING
    if change.action == RELEASE:
        return CONFLICT
    if change.ending:
        return ORPHAN if change.ending == GONE else EXCLUDED
    if change.action == RESTORE or not reasons & {DRIFTED, BOTH}:
        return PENDING
    return DRIFTED if reasons == {DRIFTED} else BOTH


def _details(run: Run, planned: Planned, change: Change) -> list[Detail]:
    found = differences(change, planned.differ.settings)
    details = details_of(found)
    if change.live is None or change.action != UPDATE:
        return details
    record = decode(change.live.applied)
    told: list[Detail] = []
    for item, detail in zip(found, details, strict=True):
        applied, reason = last_applied(change, item, record, run.options.digest_key)
        live = detail.live if is_told(change, item) else UNTOLD
        told.append(replace(detail, live=live, applied=applied, reason=reason))
    return told


def _of_left_alone(item: LeftAlone) -> _Standing:
    status = EXCLUDED if item.kind == "absent" else item.kind
    host = HostResult(item.label, item.ref, item.hostid, status, reasons=[item.reason])
    return _Standing(status, host)


def _path(detail: Detail) -> str:
    return f"{detail.attribute}[{detail.element}]" if detail.element else detail.attribute


# --- what NetBox is told


def _note(run: Run, planned: Planned, standings: Iterable[_Standing], repaired: set[int]) -> list[_Standing]:
    """Note for NetBox how each object stands that is not repaired; return those that begin to drift."""
    drifting: list[_Standing] = []
    for one in standings:
        before = planned.links.before(one.host.object).get(STATUS)
        if one.status in CHANGED_IN_ZABBIX and before not in CHANGED_IN_ZABBIX:
            drifting.append(one)
        if one.change is not None and id(one) not in repaired:
            planned.links.note(one.host.object, one.host.hostid, one.status, detail=_detail(one.host))
    return drifting


def _detail(host: HostResult) -> str:
    """Return what a person reads in NetBox; secrets are masked already."""
    if host.error:
        return host.error
    lines = [_line(detail) for detail in host.details[:TOLD]]
    if len(host.details) > TOLD:
        lines.append(f"... and {len(host.details) - TOLD} more")
    return "\n".join(lines)


def _line(detail: Detail) -> str:
    wanted, live = ("nothing" if value is None else value for value in (detail.wanted, detail.live))
    return f"{_path(detail)}: NetBox has {wanted}, Zabbix has {live} ({detail.reason})"


def _write_back(run: Run, planned: Planned) -> None:
    result = run.result
    if run.options.dry_run:
        result.stats["written_back"] = planned.links.waiting
        return
    result.phase("write back")
    planned.links.start()
    result.notes.extend(planned.links.finish(run.progress))
    result.stats["written_back"] = planned.links.written


def _tell_journal(run: Run, drifting: Sequence[_Standing]) -> None:
    """Write a journal entry for each host that begins to drift, as many as may be written back."""
    most = run.options.write_back_limit or len(drifting)
    entries = [(one.host.object, f"Zabbix was changed:\n\n{_detail(one.host)}") for one in drifting[:most]]
    run.result.notes.extend(write_journal(run.netbox, entries))
    if len(drifting) > most:
        run.result.notes.append(f"{len(drifting) - most} hosts more begin to drift, and got no journal entry.")


# --- repair


def _repairs(repair: str, one: _Standing) -> bool:
    if repair == DRIFTED:
        return one.status in CHANGED_IN_ZABBIX or (one.status == MISSING and _was_there(one))
    if repair == PENDING:
        return one.status in (PENDING, FAILED) or (one.status == MISSING and not _was_there(one))
    return repair == ALL


def _was_there(one: _Standing) -> bool:
    return DRIFTED in one.host.reasons


def _repair(run: Run, planned: Planned, repaired: Sequence[_Standing], limits: dict[str, guard.Limit]) -> None:
    """Hand just these changes to the sync: the same plan, the same guard, the same writing."""
    chosen = {one.change.config.ref for one in repaired if one.change is not None}

    def only_those(found: Planned) -> Planned:
        changes = [change for change in found.plan.changes if change.config.ref in chosen]
        return replace(found, plan=replace(found.plan, changes=changes, failures=[], left_alone=[], whole=False))

    carry_out(run, only_those(planned), limits, lambda run: only_those(read_and_plan(run)))


def _conclude(result: Result, planned: Planned, standings: Sequence[_Standing], repaired: set[int]) -> None:
    """Put how the hosts stand into the result, beside what the sync did, and say it all in one message."""
    done = result.hosts
    details = {one.host.object: one.host.details for one in standings if id(one) in repaired}
    for host in done:
        host.details = details.get(host.object, host.details)
    rest = [one.host for one in standings if id(one) not in repaired]
    result.hosts = sorted(
        (*done, *(host for host in rest if host.action != EXCLUDED or host.hostid is not None)),
        key=lambda host: (host.name, host.object),
    )
    counts = Counter(one.status for one in standings)
    counts[IN_SYNC] = planned.plan.unchanged
    made = [host for host in done if host.action != FAILED]
    stats = {status: counts[status] for status in STATUSES}
    stats |= {
        "objects": planned.plan.objects,
        "managed": planned.plan.managed,
        "differences": sum(len(one.host.details) for one in standings),
        "repaired": len(made),
        "written_back": result.stats.get("written_back", 0),
    }
    result.changed = bool(made) or bool(stats["written_back"])
    failed = [host for host in result.hosts if host.error]
    stats[FAILED] += sum(host.action == FAILED for host in done)
    result.stats = stats
    told = ", ".join(f"{stats[status]} {status.replace('_', ' ')}" for status in STATUSES if stats[status])
    text = f"{stats['objects']} objects of NetBox: {told or 'none is monitored'}."
    if planned.reading:
        text += f"\n{planned.reading}"
    if repaired:
        text += f"\n{'Would repair' if result.dry_run else 'Repaired'}: {len(made)} of {len(repaired)} hosts."
    if result.refused:
        text += f"\nA real repair would stop here. {result.refused}"
    if failed:
        text += "\nFailed:\n" + common_errors((host.name, host.error or "") for host in failed)
    if result.error:
        text += f"\n{result.error}"
    result.finish(text)
