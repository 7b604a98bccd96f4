# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SyncHostsNow: make Zabbix match NetBox. The whole way in order; each step is a room of its own.

1. policy: parsed and checked before any request
2. NetBox and Zabbix are read, side by side
3. NetBox objects become host configs (policy), as their pages arrive
4. host configs are compared with Zabbix hosts (diff), which gives the plan
5. the guard passes the plan, or nothing is written
6. the plan is applied; links and statuses are written back to NetBox beside it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import GuardError, LockedError
from ..policy.source import PolicySource
from ..reconcile import guard
from ..reconcile.apply import Written, apply_plan
from ..reconcile.archive import deletion_from
from ..reconcile.diff import Differ, differences
from ..reconcile.plan import ACTIONS, ARCHIVE, CREATE, DELETE, RELEASE, UPDATE, Change, Plan
from ..reconcile.text import plan_as_text
from .change_window import open_window, window_seconds
from .last_run import save_last_run
from .leave_windows import change_windows
from .links import ARCHIVED as IS_ARCHIVED
from .links import EXCLUDED, FAILED, IN_SYNC, Links
from .plan_making import Planned, read_and_plan
from .result import HostResult, Progress, Result, common_errors, details_of, lost_details
from .run import Run, SyncOptions, opened
from .take_back import take_back
from .turn import bound, turn
from .waves import UNDONE, UNHEALTHY, Work, caution_from, write_waves

JOB = "SyncHostsNow"
#: new hosts whose every value is told in the result: what a first run of 10,000 would add is of no use to a person
DETAILED_CREATES = 1000
#: how the detail of a host begins that Zabbix refused
LAST_ATTEMPT = "The last attempt failed: "
#: actions that the message counts even where there is none
ALWAYS_TOLD = (CREATE, UPDATE)


def sync_hosts(
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection,
    options: SyncOptions,
    progress: Progress,
    job: Callable[[Plan], str] = lambda dummy: JOB,
) -> Result:
    """Run the job and return its result; single hosts that failed are in it.

    `job` names it by its plan: before the first write, since what the state store keeps of a run is found by the name.

    Raises InputError for a wrong policy or option, NetBoxError and ZabbixError where a server cannot be read,
    GuardError where the plan is over a limit: nothing was written then.
    """
    limits = guard.limits_from(options.limits)
    with opened(
        Result(JOB, options.dry_run, whole=options.whole), netbox_connection, zabbix_connection, options, progress
    ) as run:
        planned = read_and_plan(run)
        run.result.job = job(planned.plan)
        planned = carry_out(run, planned, limits)
        remember_seen(run, planned)
    return run.result


def remember_seen(run: Run, planned: Planned) -> None:
    """Keep what a run over the whole estate saw of NetBox, by which the next one judges what it gets."""
    options = run.options
    if options.whole and run.store is not None and not options.dry_run:
        saw, before = planned.plan.places.of, planned.last.places
        run.result.notes.extend(save_last_run(run.store, run.netbox.url, options.instance, saw, before))


def carry_out(
    run: Run,
    planned: Planned,
    limits: Mapping[str, guard.Limit],
    again: Callable[[Run], Planned] = read_and_plan,
) -> Planned:
    """Show the plan, let the guard judge it, and apply it while no other run writes, unless this is a dry run.

    `again`: makes the plan anew where another run wrote since we read. Returns what was carried out in the end.
    """
    options, result, journal = run.options, run.result, run.journal
    if options.dry_run or not planned.plan.changes:
        _look_back_at_rest(run, planned)
        _carry_out(run, planned, limits)
        return planned
    guard.check_plan(planned.plan, limits)
    with (
        turn(run.netbox, options.instance, result.run_id, options.lock, options.lock_wait, run.progress) as mine,
        bound(run.zabbix, mine),
    ):
        if mine.waited:
            run.progress("another run wrote meanwhile: reading again")
            result.notes.clear()
            planned = again(run)
        broken_off = journal.look_back(run.zabbix, planned.differ.settings, planned.plan)
        _carry_out(run, planned, limits)
        if not result.error:
            journal.settle(broken_off)
    result.notes.extend(mine.notes)
    return planned


def _look_back_at_rest(run: Run, planned: Planned) -> None:
    """Tell of runs that broke off where nothing is to be written; who has the turn just now is at work, and tells."""
    options, result, journal = run.options, run.result, run.journal
    looked_for = run.zabbix, planned.differ.settings, planned.plan
    if options.dry_run:
        journal.look_back(*looked_for)
    elif journal.unfinished():
        with (
            suppress(LockedError),
            turn(run.netbox, options.instance, result.run_id, options.lock, 0, run.progress),
        ):
            journal.settle(journal.look_back(*looked_for))


def _carry_out(run: Run, planned: Planned, limits: Mapping[str, guard.Limit]) -> None:
    """Show the plan, let the guard judge it, and apply it unless this is a dry run."""
    options, result = run.options, run.result
    plan, differ, links = planned.plan, planned.differ, planned.links
    result.stats = plan.counts()
    if options.want_diff:
        result.diff = run.source.locate(plan_as_text(plan, differ.settings))
    result.refused = planned.refused
    try:
        guard.check_plan(plan, limits)
    except GuardError as error:
        if not options.dry_run:
            raise
        # a dry run goes on: what the plan holds is just what a person has to see now
        result.refused = f"{planned.refused} {error}".strip()
    if not options.dry_run:
        _write(run, plan, differ, links)
    else:
        for change in plan.changes:
            result.hosts.append(_host_result(run, differ, change, change.hostid, None))
        result.stats["written_back"] = links.waiting
    _conclude(result, plan, run.source, planned.reading)


def _write(run: Run, plan: Plan, differ: Differ, links: Links) -> None:
    """Apply the plan, and tell NetBox beside it."""
    result, options = run.result, run.options
    result.phase("write")
    links.start()
    try:
        seconds = window_seconds(options.in_maintenance, options.change_window)
        if seconds:
            open_window(plan, run.zabbix, result, options.instance, seconds, run.progress)
        if plan.changes:
            run.journal.begin(plan, run.zabbix, differ)
            _apply(run, plan, differ, links)
            # what a wave took back is not archived any more
            archived = {host.object for host in result.hosts if host.action == ARCHIVE}
            made = [change for change in plan.changes if change.config.ref in archived]
            result.notes.extend(change_windows(made, run.zabbix))
            run.journal.end()
    except BaseException:
        links.abandon()
        raise
    result.phase("write back")
    result.notes.extend(links.finish(run.progress))
    result.stats["written_back"] = links.written
    if options.take_back and links.failed:
        result.hosts[:] = take_back(plan.changes, result.hosts, links.failed, differ, run.zabbix)


def _apply(run: Run, plan: Plan, differ: Differ, links: Links) -> None:
    """Apply the plan, in one go or in waves."""
    result, options = run.result, run.options

    def done(written: Written) -> None:
        result.hosts.append(_host_result(run, differ, written.change, written.hostid, written.error))

    def note(written: Written, problem: str = "") -> None:
        change, error = written.change, written.error
        status = FAILED if error or problem else _status(change)
        unlink = change.action in (DELETE, RELEASE) and not error
        detail = f"{LAST_ATTEMPT}{error}" if error else problem
        links.note(change.config.ref, None if error else written.hostid, status, unlink, detail)

    def done_and_noted(written: Written) -> None:
        done(written)
        note(written)

    caution = caution_from(options.waves, options.health, options.change_window)
    if caution is None:
        apply_plan(plan, run.zabbix, differ, done_and_noted, run.progress)
        return
    work = Work(
        run.zabbix,
        differ,
        result,
        run.progress,
        options.instance,
        deletion_from(options.deletion).graveyard,
        done,
        lambda change: _host_result(run, differ, change, change.hostid, None),
        note,
        f", or take it back (undo.yml, run {result.run_id})" if run.store and options.pre_images else "",
    )
    write_waves(plan, caution, work)


def _status(change: Change) -> str:
    """Return the sync status of an object after its change was made."""
    if change.action == ARCHIVE:
        return IS_ARCHIVED
    return EXCLUDED if change.ending else IN_SYNC


def _host_result(run: Run, differ: Differ, change: Change, hostid: str | None, error: str | None) -> HostResult:
    new = change.action == CREATE
    detailed = not new or len(run.result.hosts) < DETAILED_CREATES
    return HostResult(
        name=change.config.host,
        object=change.config.ref,
        hostid=hostid,
        action="failed" if error else change.action,
        changes=sorted(change.writes) if new else list(dict.fromkeys(item.path for item in change.differences)),
        reasons=["new"] if new else sorted({item.reason for item in change.differences}),
        error=error,
        details=[*details_of(differences(change, differ.settings)), *lost_details(change)] if detailed else [],
    )


def _conclude(result: Result, plan: Plan, source: PolicySource, reading: str) -> None:
    """Put what was left alone and what failed into the result, and say it all in one message."""
    result.hosts.extend(
        HostResult(failure.label, failure.ref, failure.hostid, "failed", error=source.locate(failure.error))
        for failure in plan.failures
    )
    result.hosts.extend(
        HostResult(item.label, item.ref, item.hostid, item.kind, reasons=[item.reason])
        for item in plan.left_alone
        if item.hostid is not None
    )
    result.hosts.sort(key=lambda host: (host.name, host.object))
    stats = result.stats
    made = Counter(host.action for host in result.hosts if host.action in ACTIONS)
    stats["failed"] = len(result.failed)
    written = any(host.action in (UNHEALTHY, UNDONE) for host in result.hosts)
    result.changed = bool(made) or written or bool(stats.get("written_back"))
    done = [
        f"{f'would {action}' if result.dry_run else word} {made[action]}"
        for action, word in ACTIONS.items()
        if made[action] or action in ALWAYS_TOLD
    ]
    text = (
        f"{stats['objects']} objects of NetBox: {', '.join(done)}, "
        f"{stats['unchanged']} unchanged, {stats['excluded'] + stats['absent']} not monitored, "
        f"{stats['orphans']} orphans, {stats['failed']} failed."
    )
    if reading:
        text += f"\n{reading}"
    if result.refused:
        text += f"\nA real run would stop here. {result.refused}"
    if result.failed:
        text += "\nFailed:\n" + common_errors((host.name, host.error or "") for host in result.failed)
    if result.error:
        text += f"\n{result.error}"
    result.finish(text)
