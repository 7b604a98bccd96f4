# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From both sides to a plan: the objects of NetBox are compared with their hosts as they come, and the whole plan is
checked by what Zabbix has. Nothing is written.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from ..errors import GuardError
from ..netbox.read import read_objects
from ..reconcile import guard
from ..reconcile.archive import deletion_from
from ..reconcile.diff import Differ, parse_ownership
from ..reconcile.plan import UNKNOWN, Plan
from .agreeing import agreeing_objects, keep_agreement, take_in
from .both_sides import Estate, read_estate, read_zabbix, roots
from .change_window import POSTPONE, postpone
from .last_run import LastRun, load_last_run
from .leave_windows import plan_leaving
from .links import Links
from .plan_checks import check_groups, check_interfaces, check_links, check_names
from .planning import Monitored, Planner
from .reading import FULL
from .removal import Newcomers, Removal
from .run import Run
from .template_checks import check_templates


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
            reading = other.submit(read_zabbix, run, None, max_age)
            estate = read_estate(run)
        else:
            estate = read_estate(run)
            reading = other.submit(read_zabbix, run, estate.refs, max_age)
        links = Links(
            run.netbox, options.write_back, estate.related.custom_fields, run.result.run_id, options.write_back_limit
        )
        return _make_plan(run, estate, reading, links)


def _make_plan(run: Run, estate: Estate, reading: Future[Monitored], links: Links) -> Planned:
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
            roots=roots(run),
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
    estate: Estate,
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
