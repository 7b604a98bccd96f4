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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from ..attribute_table import BY_NAME
from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import GuardError, InputError, LockedError, ZabbixError
from ..garbage import few_collections
from ..netbox.client import NetBox, connect
from ..netbox.names import Name, read_chassis_members, read_names
from ..netbox.objects import ALL_KINDS, DEVICE, USUAL_KINDS, Related
from ..netbox.part import Part, read_part
from ..netbox.read import read_objects
from ..netbox.rows import OPTIONAL_ROOTS
from ..netbox.selection import Selection, select
from ..netbox.state_place import in_netbox
from ..netbox.tables import read_related
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..policy.kinds import CHASSIS_POLICIES, MASTER, MEMBERS, HostObjects, host_objects
from ..policy.match import check_matches
from ..policy.model import Layer, Policy
from ..policy.names import alike_pattern
from ..policy.source import PolicySource, policy_source
from ..reconcile import guard
from ..reconcile.apply import Written, apply_plan
from ..reconcile.archive import deletion_from
from ..reconcile.diff import NEEDS_KEY, Differ, differences, parse_ownership
from ..reconcile.plan import ACTIONS, ARCHIVE, CREATE, DELETE, RELEASE, UNKNOWN, UPDATE, Change, Plan
from ..reconcile.text import plan_as_text
from ..state.store import Store, open_store
from ..zabbix import hosts as zabbix_hosts
from ..zabbix.client import Zabbix
from ..zabbix.objects import TAG_ID, TAG_INSTANCE
from .agreeing import agreeing_objects, keep_agreement, recall_agreement, take_in
from .change_window import CHANGE, POSTPONE, open_window, postpone, window_seconds
from .journal import Journal
from .known_settings import MAX_AGE, known_settings
from .last_run import LastRun, load_last_run, save_last_run
from .leave_windows import change_windows, plan_leaving
from .links import ARCHIVED as IS_ARCHIVED
from .links import EXCLUDED, FAILED, FIELDS, IN_SYNC, Links
from .plan_checks import check_groups, check_interfaces, check_links, check_names
from .planning import ENDS, PRESENT, Monitored, Planner, take_unread
from .quick_checks import clock_notes, look_at_netbox, version_notes, zabbix_notes
from .reading import FULL, Reading, ReadingOptions, policy_digest, read_whole
from .removal import Newcomers, Removal
from .result import HostResult, Progress, Result, common_errors, details_of, lost_details
from .take_back import take_back
from .template_checks import check_templates
from .turn import SHARED, bound, turn
from .watched import Watched
from .waves import UNDONE, UNHEALTHY, Work, caution_from, write_waves

JOB = "SyncHostsNow"
#: new hosts whose every value is told in the result: what a first run of 10,000 would add is of no use to a person
DETAILED_CREATES = 1000
#: how the detail of a host begins that Zabbix refused
LAST_ATTEMPT = "The last attempt failed: "
#: actions that the message counts even where there is none
ALWAYS_TOLD = (CREATE, UPDATE)


@dataclass(slots=True)
class SyncOptions:
    """What a run is to do. `filters`: NetBox's own filters by kind; `names`, `ids`: NetBox objects by name or
    `device:123`. `virtual_chassis`: whether each member of one is a host or only the master, under the chassis' name.

    With none of the three the run is over the whole estate. `deletion`: what becomes of hosts that end (see
    `reconcile/archive.py`); `resolve`: identity -> host id, where several hosts carry one object's tag; `state`: what
    the hosts of the selected objects are to be. `lock`: between all machines or on this one; `lock_wait`: seconds to
    wait for another run that writes. `write_back`: custom fields to keep in NetBox.
    `in_maintenance`: whether risky changes of hosts in maintenance wait; `change_window`: how long a window around them
    lasts, empty for none (see `change_window.py`). `state_store`: where the import's cache may be; `settings_max_age`:
    for how many seconds it is fresh; `pre_images`: whether what is replaced is kept there, to take the run back.

    `waves`, `health`: whether the plan is written wave by wave, and how the hosts of each are judged (see `waves.py`).
    `take_back`: whether a new host goes again whose link NetBox does not take.

    `adopt`: identity -> id of a host without our marks that becomes this object's, which was checked before.

    `mode`, `lookback_minutes`, `full_every_hours`: how NetBox is read in a run over the whole estate, see `reading`.
    """

    instance: str
    mappings: Any = None
    policy_path: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    digest_key: str = ""
    statuses: Mapping[str, Mapping[str, str]] | None = None
    filters: Mapping[str, Mapping[str, Any]] | None = None
    names: Sequence[str] = ()
    ids: Sequence[str] = ()
    limits: Mapping[str, Mapping[str, float | None]] | None = None
    min_objects_percent: float = guard.OBJECTS_PERCENT
    min_site_objects_percent: float = guard.SITE_OBJECTS_PERCENT
    virtual_chassis: str = MEMBERS
    virtual_device_contexts: bool = False
    ownership: Mapping[str, str] | None = None
    template_removal: str = "unlink"
    deletion: Mapping[str, Any] | None = None
    resolve: Mapping[str, Any] | None = None
    state: str = PRESENT
    lock: str = SHARED
    lock_wait: int = 300
    in_maintenance: str = CHANGE
    change_window: str = ""
    waves: Any = None
    health: Mapping[str, Any] | None = None
    take_back: bool = False
    adopt: Mapping[str, str] = field(default_factory=dict)
    write_back: Sequence[str] = FIELDS
    write_back_limit: int = 0
    state_store: str = ""
    pre_images: bool = False
    settings_max_age: int = MAX_AGE
    mode: str = FULL
    lookback_minutes: float = 10
    full_every_hours: float = 24
    dry_run: bool = False
    want_diff: bool = False

    @property
    def whole(self) -> bool:
        """Whether the run is over the whole estate."""
        return not (self.filters or self.names or self.ids)

    @property
    def writes(self) -> bool:
        """Whether the run may write to Zabbix, or in a dry run shows what would be written."""
        return True

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of NetBox objects that are read."""
        return ALL_KINDS if self.virtual_device_contexts else USUAL_KINDS


@dataclass(slots=True)
class _Estate:
    """What was read of NetBox before its objects. `reading`: of a run over the whole estate; `part`: of one over a few
    objects, with them.
    """

    related: Related
    selection: Selection | None
    listed: list[Name]
    hosts: HostObjects
    #: identities that were asked for and that NetBox has no object for
    gone: list[str] = field(default_factory=list)
    #: how many devices NetBox hides from our token
    hidden: int = 0
    reading: Reading | None = None
    part: Part | None = None

    @property
    def refs(self) -> list[str] | None:
        """The identities of the selected objects, None for all."""
        if self.selection is None:
            return None
        refs = [f"{kind}:{number}" for kind, ids in self.selection.ids.items() for number in sorted(ids)]
        return refs + self.gone


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


@contextmanager
def opened(
    result: Result,
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection,
    options: SyncOptions,
    progress: Progress,
) -> Iterator[Run]:
    """Check the policy and the options, then reach both servers; what was asked of them is in `result` afterwards."""
    result.phase("read")
    store = open_store(options.state_store, in_netbox(netbox_connection))
    source = policy_source(options.mappings, options.policy_path)
    policy = source.parse(secrets=options.secrets, statuses=options.statuses)
    window_seconds(options.in_maintenance, options.change_window)
    caution_from(options.waves, options.health, options.change_window)
    parse_ownership(options.ownership)
    deletion_from(options.deletion)
    if options.virtual_chassis not in CHASSIS_POLICIES:
        raise InputError([f'virtual_chassis is "{options.virtual_chassis}"; it is {" or ".join(CHASSIS_POLICIES)}'])
    if not options.instance.strip():
        raise InputError(
            ["netbox_zabbix_instance is empty: it is the mark by which this NetBox finds its hosts in Zabbix"]
        )
    if not options.digest_key and any(_gives_secrets(mapping.layer) for mapping in policy.mappings):
        raise InputError([f"The policy gives secrets: {NEEDS_KEY}"])
    with ThreadPoolExecutor(1) as other:
        # the first read tells about the token
        zabbix_ready = other.submit(Zabbix, zabbix_connection, checked=False)
        netbox = connect(netbox_connection)
        zabbix = zabbix_ready.result()
    try:
        with few_collections():
            yield Run(netbox, zabbix, source, policy, options, progress, result, store)
        result.notes += [*zabbix_notes(zabbix), *clock_notes(netbox, zabbix)]
    finally:
        result.requests = {"netbox": dict(netbox.requests), "zabbix": dict(zabbix.requests)}
        zabbix.close()


def _gives_secrets(layer: Layer) -> bool:
    hidden = [name for name in layer.scalars if BY_NAME[name].secret and BY_NAME[name].write_only]
    return bool(hidden) or any(macro is not None and macro.type == "secret" for macro in layer.macros.values())


@dataclass(slots=True)
class Run:
    """What all steps of one run share. `watched`: what the plan is made of, where that is wanted."""

    netbox: NetBox
    zabbix: Zabbix
    source: PolicySource
    policy: Policy
    options: SyncOptions
    progress: Progress
    result: Result
    store: Store | None
    watched: Watched | None = None

    @property
    def journal(self) -> Journal:
        """What the run leaves in the state store while it writes."""
        servers = {"netbox": self.netbox.url, "zabbix": self.zabbix.connection.url}
        return Journal(self.store, self.result, self.options.instance, servers, self.options.pre_images)

    @property
    def remembers(self) -> bool:
        """Whether hosts that agree are remembered, and not compared as long as neither side changes."""
        options = self.options
        return self.store is not None and options.whole and options.state == PRESENT and not options.adopt


@dataclass(slots=True)
class Planned:
    """What reading and comparing gave: the plan, with what it was made of. `reading`: how NetBox was read, where that
    is to be told; `refused`: in a dry run, what is wrong with what was read; `last`: what the last run saw.
    """

    plan: Plan
    differ: Differ
    links: Links
    reading: str = ""
    refused: str = ""
    last: LastRun = field(default_factory=LastRun)


def read_and_plan(run: Run) -> Planned:
    """Read both sides and compare them; nothing is written."""
    told = len(run.result.notes)
    try:
        return _read_and_plan(run, run.options.settings_max_age)
    except _OutdatedCache:
        run.progress("Zabbix has changed since the last import: everything is read again, without its cache")
        del run.result.notes[told:]
        return _read_and_plan(run, 0)


class _OutdatedCache(Exception):
    """The plan would write what was known from the import's cache, and is no longer so."""


def _read_and_plan(run: Run, max_age: int) -> Planned:
    options = run.options
    with ThreadPoolExecutor(1) as other:
        if options.whole:
            # nothing of Zabbix depends on NetBox then, so both are read side by side
            reading = other.submit(_read_zabbix, run, None, max_age)
            estate = _read_estate(run)
        else:
            estate = _read_estate(run)
            reading = other.submit(_read_zabbix, run, estate.refs, max_age)
        links = Links(
            run.netbox, options.write_back, estate.related.custom_fields, run.result.run_id, options.write_back_limit
        )
        return _make_plan(run, estate, reading, links)


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


def _read_estate(run: Run) -> _Estate:
    """Read everything of NetBox but the objects themselves, and check the policy against it."""
    netbox, options = run.netbox, run.options
    masters = options.virtual_chassis == MASTER
    if options.whole:
        reading = read_whole(netbox, _reading_options(run), run.progress)
        run.result.notes.extend(reading.notes)
        estate = _Estate(reading.related, None, reading.names, HostObjects({}), reading=reading)
        members = reading.members
    else:
        estate = _read_part(run) or _read_selection(run)
        members = read_chassis_members(netbox) if masters else None
    problems = check_matches(run.policy, estate.related)
    if problems:
        raise InputError(map(run.source.locate, problems))
    estate.hosts = host_objects(estate.listed, members, estate.related.tables["virtual_chassis"])
    run.result.notes.extend(estate.hosts.notes)
    whole = estate.reading is not None and bool(estate.reading.why)
    devices = sum(kind == DEVICE for kind, *dummy in estate.listed)
    if estate.part is not None:
        # the end of the token is told by the jobs that run by the clock: a request more is much here
        notes = version_notes(netbox)
    else:
        notes, estate.hidden = look_at_netbox(netbox, devices if whole else None)
    run.result.notes += notes
    return estate


def _read_part(run: Run) -> _Estate | None:
    """Read a few objects in few requests, None where that would not do."""
    options = run.options
    if options.whole or options.filters or options.adopt or options.virtual_chassis == MASTER:
        return None
    part = read_part(run.netbox, options.names, options.ids, options.kinds, _roots(run), alike_pattern)
    if part is None:
        return None
    return _Estate(part.related, part.selection, part.names, HostObjects({}), part=part)


def _read_selection(run: Run) -> _Estate:
    """Find out which objects the run is over, and read the names of the whole estate."""
    netbox, options = run.netbox, run.options
    gone: list[str] = []
    # the host of an object that is gone can still be put away
    missing = gone if options.state in ENDS else None
    selection = select(netbox, options.filters, options.names, options.ids, options.kinds, missing)
    with ThreadPoolExecutor(1) as others:
        # how NetBox is read is found out once, before three readers want to know
        run.progress(f"reading NetBox {'.'.join(map(str, netbox.version))} by {netbox.reader}")
        reading_related = others.submit(read_related, netbox)
        # host names are unique over the whole estate, so that a run over a part gives the same names
        names = read_names(netbox, options.kinds)
        return _Estate(reading_related.result(), selection, names, HostObjects({}), gone)


def _reading_options(run: Run) -> ReadingOptions:
    options = run.options
    return ReadingOptions(
        instance=options.instance,
        kinds=options.kinds,
        roots=_roots(run),
        policy=policy_digest(run.source.mappings, run.source.statuses, options.statuses),
        masters=options.virtual_chassis == MASTER,
        mode=options.mode,
        keep=not options.dry_run,
        store=run.store,
        lookback_minutes=options.lookback_minutes,
        full_every_hours=options.full_every_hours,
    )


def _roots(run: Run) -> frozenset[str]:
    # a config context, which nobody knows before it is read, may name any attribute
    return run.policy.roots | OPTIONAL_ROOTS


def _read_zabbix(run: Run, refs: Sequence[str] | None, max_age: int) -> Monitored:
    """Read what a policy may name, and our hosts: all of them, or those of the objects in `refs`."""
    zabbix, instance = run.zabbix, run.options.instance
    adopted = {hostid: ref for ref, hostid in run.options.adopt.items()}
    at_once = None
    if refs is not None and run.options.writes and not adopted:
        # the hosts of a few objects come in the same request
        at_once = zabbix_hosts.rows_call(zabbix.release, instance, refs, INVENTORY_FIELDS)
    known = known_settings(zabbix, run.store, max_age, run.result.notes, [at_once] if at_once else [])
    rows: Iterable[dict[str, Any]] | None = known.along[0] if at_once else None
    if rows is not None:
        ids = [row["hostid"] for row in known.along[0]]
    elif refs is None:
        ids = zabbix_hosts.managed_host_ids(zabbix, instance)
    else:
        ids = [hostid for found in zabbix_hosts.host_ids_of(zabbix, instance, refs).values() for hostid in found]
    ids += sorted(adopted.keys() - set(ids))
    run.progress(f"reading Zabbix: {len(ids)} managed hosts")
    memory = recall_agreement(run, run.store, known) if run.store is not None and run.remembers else None
    monitored = Monitored(known, {}, [], frozenset(ids), memory=memory)
    # the whole inventory: a config context may set any field, and a field that is no longer given has to be seen to be
    # emptied
    unread: dict[str, ZabbixError] | None = None if run.options.writes else {}
    for row in zabbix_hosts.read_rows(zabbix, ids, INVENTORY_FIELDS, unread) if rows is None else rows:
        agreed = memory.ref_of(row) if memory is not None else None
        if agreed is not None:
            monitored.agreed[agreed] = row
            monitored.owners[row["hostid"]] = agreed
            continue
        host = zabbix_hosts.host_of(row, zabbix.release)
        refs_of_host = host.tag(TAG_ID)
        if host.hostid in adopted and not host.tag(TAG_INSTANCE):
            refs_of_host = [adopted[host.hostid]]
        elif host.hostid in adopted and host.tag(TAG_INSTANCE) != [instance]:
            raise InputError([f"{host.host} (host id {host.hostid}) was taken over by another NetBox while this ran"])
        monitored.owners[host.hostid] = " and ".join(sorted(refs_of_host))
        monitored.archived += host.archived
        if len(refs_of_host) == 1:
            monitored.hosts.setdefault(refs_of_host[0], []).append(host)
        else:
            monitored.strays.append(host)
    if unread:
        take_unread(monitored, zabbix, unread)
    return monitored


def _make_plan(run: Run, estate: _Estate, reading: Future[Monitored], links: Links) -> Planned:
    """Compare all objects, as their pages arrive, with their hosts."""
    options = run.options
    plan = Plan(whole=options.whole)
    last = LastRun()
    if run.watched is not None:
        run.watched.begin()
    agreeing: frozenset[str] = frozenset()
    if estate.reading is not None:
        if estate.reading.touched is not None:
            agreeing = agreeing_objects(reading.result(), estate.reading, estate.hosts.names)
        pages = estate.reading.pages(agreeing)
        plan.objects = plan.unchanged = len(agreeing)
        plan.places.of |= estate.reading.places(agreeing)
        plan.places.managed |= agreeing
        last = load_last_run(run.store, run.netbox.url, options.instance, run.result.notes)
    elif estate.part is not None:
        pages = estate.part.pages(run.netbox)
    else:
        pages = read_objects(
            run.netbox,
            estate.related,
            ids=estate.selection,
            roots=_roots(run),
            names=estate.listed,
            kinds=options.kinds,
        )
    expected = len(estate.listed) if estate.selection is None else len(estate.selection)
    planner: Planner | None = None
    for page in pages:
        if planner is None:
            planner = _planner(run, plan, estate, reading.result(), links, agreeing, last)
            run.result.phase("compare")
        for netbox_object in page:
            links.remember(netbox_object)
            planner.add(netbox_object)
            if run.watched is not None:
                run.watched.look(netbox_object, plan)
        plan.objects += len(page)
        run.progress(f"compared {plan.objects} of {expected} objects")
    planner = planner or _planner(run, plan, estate, reading.result(), links, agreeing, last)
    monitored, differ = planner.monitored, planner.differ
    run.result.phase("check")
    if estate.reading is not None:
        run.result.notes.extend(estate.reading.keep())
        if run.store is not None and monitored.memory is not None and not options.dry_run:
            run.result.notes.extend(keep_agreement(run, run.store, estate.reading, planner))
    plan.managed = len(monitored.hostids) - monitored.archived
    refused = _check_input(run, plan, last)
    run.result.notes.extend(planner.finish(options.kinds, estate.gone))
    if not monitored.known.holds(plan.changes):
        raise _OutdatedCache
    planner.removal.wait_for_maintenance(run.zabbix)
    if options.in_maintenance == POSTPONE:
        postpone(plan, run.zabbix)
    if options.writes:
        run.result.notes.extend(plan_leaving(plan, run.zabbix))
    check_links(plan, run.zabbix, planner.linked, monitored.owners, links)
    check_names(plan, run.zabbix, options.instance, monitored.hostids)
    if options.writes:
        run.result.notes.extend(check_groups(plan, run.zabbix, monitored.known.settings))
    check_interfaces(plan, run.zabbix)
    run.result.notes.extend(check_templates(plan, monitored.known))
    for failure in plan.failures:
        if failure.kind != UNKNOWN:  # NetBox keeps what it has
            links.note(failure.ref, None, failure.kind, detail=failure.error)
    plan.sort()
    how = estate.reading.note if estate.reading is not None and options.mode != FULL else ""
    return Planned(plan, differ, links, how, refused, last)


def _check_input(run: Run, plan: Plan, last: LastRun) -> str:
    """Raise GuardError where NetBox gave too little; in a dry run return that."""
    options = run.options
    try:
        guard.check_input(plan.objects, plan.managed, options.whole, options.min_objects_percent)
        if last.when:
            least = options.min_objects_percent, options.min_site_objects_percent
            guard.check_last(plan.places.of, last.of_kinds(options.kinds), last.when, *least)
    except GuardError as error:
        if not options.dry_run:
            raise
        return str(error)
    return ""


def _planner(
    run: Run,
    plan: Plan,
    estate: _Estate,
    monitored: Monitored,
    links: Links,
    agreeing: frozenset[str],
    last: LastRun,
) -> Planner:
    options = run.options
    take_in(monitored, agreeing, run.zabbix.release)
    policy = deletion_from(options.deletion)
    differ = Differ(
        monitored.known.settings,
        run.zabbix.release,
        options.instance,
        options.digest_key,
        parse_ownership(options.ownership),
        options.template_removal == "clear",
    )
    removal = Removal(policy, plan, differ, run.result.started, run.result.run_id)
    resolve = {ref: str(hostid) for ref, hostid in (options.resolve or {}).items()}
    return Planner(
        run.policy,
        estate.hosts,
        monitored,
        differ,
        links,
        removal,
        Newcomers(policy.relink),
        options.state,
        resolve,
        hidden=estate.hidden,
        last=last.places,
    )


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
