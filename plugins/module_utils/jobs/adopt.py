# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adoption of hosts that are in Zabbix already: the report of candidates, the taking over, the giving back.

Nothing is written to NetBox: the next sync does that, with all else that it keeps there.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..adopt.evidence import Clues, Found, subject
from ..adopt.exports import exported_links
from ..adopt.match import PROPOSED, Matching, Pair, is_ours, match, obstacle
from ..adopt.table import Decision, as_csv, check_known, decided_before, read_decisions
from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError
from ..migrate.exports import read_export
from ..netbox.all_addresses import read_addresses
from ..netbox.names import read_chassis_members, read_names
from ..netbox.selection import select
from ..netbox.tables import read_related
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..policy.kinds import MASTER, HostObjects, host_objects
from ..reconcile import guard
from ..reconcile.adoption import adopt
from ..reconcile.archive import ASKED, release
from ..reconcile.diff import Differ
from ..reconcile.plan import ACTIONS, CONFLICT, Failure, Plan
from ..zabbix.hosts import all_hosts, host_ids_of, managed_host_ids, read_hosts
from ..zabbix.objects import TAG_ID, ZabbixHost, ZabbixSettings
from .estate import Estate, Scope, estate_of
from .hosts_sync import carry_out, sync_hosts
from .links import Links
from .plan_making import Planned
from .result import Detail, HostResult, Progress, Result, common_errors
from .run import Run, SyncOptions, opened

JOB = "AdoptHosts"
RELEASE_JOB = "ReleaseHosts"
#: what a host of the report is
CANDIDATE, UNCLAIMED, OURS = "candidate", "unclaimed", "ours"
#: a run has a policy; these jobs ask it nothing
_NO_POLICY = [{"name": "marks only", "status": "enabled"}]


@dataclass(slots=True)
class AdoptOptions(SyncOptions):
    """Beside what the sync is told, for `converge`: `decisions`, the path of the table of candidates; `least_score`,
    from which on a clear candidate is proposed; `default_tag`: the tag in which pergus' plugin put the number of an
    object; `exports`: files from another tool's REST API, with `export_server`, where nbxsync knows several.

    `converge`: whether adopted hosts become in the same write what the policy says. `all_hosts`: all of ours are
    released.
    """

    decisions: str = ""
    least_score: int = PROPOSED
    default_tag: str = ""
    exports: Sequence[str] = ()
    export_server: str = ""
    converge: bool = False
    all_hosts: bool = False


@dataclass(slots=True)
class Sides:
    """What was read for a report. `matching`: which host is that of which object."""

    estate: Estate
    clues: Clues
    matching: Matching


def report_candidates(
    netbox: NetBoxConnection, zabbix: ZabbixConnection, options: AdoptOptions, progress: Progress
) -> Result:
    """Write the table of candidates for a person to decide on. What a person decided in an earlier one stays.

    Raises InputError where the table that is there cannot be read; NetBoxError, ZabbixError.
    """
    before = content_of(options.decisions, "") if os.path.exists(options.decisions) else b""
    decided = decided_before(before, options.decisions) if before else {}
    with reached(Result(JOB, options.dry_run), netbox, zabbix, options, progress) as run:
        sides = read_sides(run, options)
        matching, result = sides.matching, run.result
        result.notes += matching.notes
        # the mark tells a spreadsheet that the file is UTF-8
        content = as_csv(matching, options.least_score, decided).encode("utf-8-sig")
        result.changed = content != before
        if result.changed and not options.dry_run:
            put(options.decisions, content)
        _tell(result, sides, options)
    return run.result


def read_sides(run: Run, options: AdoptOptions) -> Sides:
    """Read all objects and all hosts, and find out who may be whose."""
    with ThreadPoolExecutor(1) as other:
        reading = other.submit(_read_clues, run, options.default_tag)
        scope = Scope(options.virtual_chassis, options.virtual_device_contexts)
        estate = estate_of(run.netbox, run.progress, scope=scope)
        addresses = read_addresses(run.netbox)
        clues = reading.result()
    excluded = estate.hosts.excluded
    subjects = [
        subject(one, estate.names(one), addresses.get(one.ref, ()), excluded.get(one.ref, "")) for one in estate.objects
    ]
    if options.exports:
        links = exported_links(read_export(options.exports), subjects, options.export_server)
        subjects = [replace(one, exported=frozenset(links.get(one.ref, ()))) for one in subjects]
    run.result.phase("compare")
    return Sides(estate, clues, match(subjects, clues, options.instance))


def _read_clues(run: Run, default_tag: str) -> Clues:
    clues = Clues(default_tag)
    discovered = all_hosts(run.zabbix)
    run.progress(f"reading Zabbix: {len(discovered)} hosts")
    for live in read_hosts(run.zabbix, list(discovered), INVENTORY_FIELDS):
        clues.add_host(Found(live, discovered[live.hostid]))
    return clues


def _tell(result: Result, sides: Sides, options: AdoptOptions) -> None:
    matching, least = sides.matching, options.least_score
    for pair in matching.pairs:
        live = pair.found.live
        result.hosts.append(
            HostResult(
                live.host,
                pair.subject.ref,
                live.hostid,
                CONFLICT if pair.conflicts else CANDIDATE,
                changes=[f"score {pair.score}"],
                reasons=list(pair.conflicts),
                details=_evidence(pair),
            )
        )
    for ref, hostid in matching.ours.items():
        result.hosts.append(HostResult(sides.clues.hosts[hostid].live.host, ref, hostid, OURS))
    result.hosts += [HostResult(found.live.host, "", found.live.hostid, UNCLAIMED) for found in matching.unclaimed]
    result.hosts.sort(key=lambda host: (host.name, host.object))
    proposed = sum(pair.proposed(least) for pair in matching.pairs)
    conflicts = sum(bool(pair.conflicts) for pair in matching.pairs)
    result.stats = {
        "objects": len(sides.estate.objects),
        "zabbix_hosts": len(sides.clues.hosts),
        "ours": len(matching.ours),
        "candidates": len(matching.pairs),
        "proposed": proposed,
        "conflicts": conflicts,
        "without_candidate": len(matching.alone),
        "unclaimed": len(matching.unclaimed),
        "failed": 0,
    }
    where = "would be" if result.dry_run else "are" if result.changed else "are, as they were,"
    result.finish(
        f"{len(sides.estate.objects)} objects of NetBox and {len(sides.clues.hosts)} hosts of Zabbix, "
        f"{len(matching.ours)} of them ours: {len(matching.pairs)} candidates, of which {proposed} are proposed and "
        f"{conflicts} are in conflict; {len(matching.alone)} objects without a candidate, {len(matching.unclaimed)} "
        f"hosts that no object claims. They {where} in {options.decisions}: look at the column decision."
    )


def _evidence(pair: Pair) -> list[Detail]:
    return [Detail("evidence", one.kind, one.value, one.value, f"{one.points} points") for one in pair.evidence]


def adopt_hosts(
    netbox: NetBoxConnection, zabbix: ZabbixConnection, options: AdoptOptions, progress: Progress
) -> Result:
    """Take over the hosts that a person decided on: our marks, and nothing else; with `converge` the policy as well.

    Raises InputError for a table with anything wrong in it: nothing was written then. Other errors as `sync_hosts`.
    """
    path = options.decisions
    decisions = read_decisions(content_of(path, "Make it by the report, which is state: report."), path)
    limits = guard.limits_from(options.limits)
    with reached(Result(JOB, options.dry_run, whole=False), netbox, zabbix, options, progress) as run:
        if not options.converge:
            _carry_out(run, lambda: _marks(run, options, decisions), limits, "decided hosts")
            return run.result
        decided = _read_decided(run, options, decisions)
    # the sync reads, plans, guards and writes these hosts as it does any
    return _converge(netbox, zabbix, options, progress, decided)


@dataclass(slots=True)
class _Decided:
    """Decisions as both sides have them now: identity -> host. `ours`: those that are ours already."""

    ready: dict[str, ZabbixHost]
    ours: dict[str, ZabbixHost]
    failures: list[Failure]
    labels: Mapping[str, str]


def _read_decided(run: Run, options: AdoptOptions, decisions: Sequence[Decision]) -> _Decided:
    hosts = _host_objects(run, options)
    discovered = all_hosts(run.zabbix, [one.hostid for one in decisions])
    known = {*hosts.names, *hosts.excluded}
    check_known(decisions, known, discovered, options.decisions)
    lives = {live.hostid: live for live in read_hosts(run.zabbix, list(discovered), INVENTORY_FIELDS)}
    labels = {ref: names.name for ref, names in hosts.names.items()}
    decided = _Decided({}, {}, [], labels)
    marked = host_ids_of(run.zabbix, options.instance, [one.ref for one in decisions])
    for one in decisions:
        live = lives.get(one.hostid)
        others = [hostid for hostid in marked.get(one.ref, []) if hostid != one.hostid]
        if live is None:
            problem = "it was deleted in Zabbix while this ran"
        elif one.ref in hosts.excluded:
            problem = f"{one.ref} is not to be a host: {hosts.excluded[one.ref]}"
        elif others:
            problem = f"{one.ref} has a host of ours already, host id {', '.join(others)}: release that one first"
        else:
            problem = obstacle(Found(live, discovered[one.hostid]), options.instance, one.ref)
        if problem or live is None:
            name = live.host if live else one.hostid
            error = f"{problem} ({options.decisions}, line {one.line})"
            decided.failures.append(Failure(one.ref, name, error, one.hostid, CONFLICT))
        elif is_ours(live, options.instance, one.ref):
            decided.ours[one.ref] = live
        else:
            decided.ready[one.ref] = live
    return decided


def _host_objects(run: Run, options: AdoptOptions) -> HostObjects:
    run.progress("reading NetBox: names")
    members = read_chassis_members(run.netbox) if options.virtual_chassis == MASTER else None
    chassis = read_related(run.netbox).tables["virtual_chassis"] if members is not None else {}
    return host_objects(read_names(run.netbox, options.kinds), members, chassis)


def _marks(run: Run, options: AdoptOptions, decisions: Sequence[Decision]) -> Plan:
    decided = _read_decided(run, options, decisions)
    changes = [
        adopt(live, ref, f"{decided.labels.get(ref, '')} ({ref.replace(':', ' ').replace('_', ' ')})", options.instance)
        for ref, live in decided.ready.items()
    ]
    number = len(changes) + len(decided.ours) + len(decided.failures)
    return Plan(changes, decided.failures, objects=number, unchanged=len(decided.ours), whole=False)


def _carry_out(run: Run, make: Callable[[], Plan], limits: Mapping[str, guard.Limit], what: str) -> None:
    """Carry a plan out as the sync does; `make` makes it, again where another run wrote meanwhile."""

    def planned(run: Run) -> Planned:
        plan = make()
        plan.sort()
        links = Links(run.netbox, (), {}, run.result.run_id)
        return Planned(plan, Differ(ZabbixSettings(), run.zabbix.release, run.options.instance), links)

    carry_out(run, planned(run), limits, planned)
    result = run.result
    counts = [
        f"{f'would {action}' if result.dry_run else word} {number}"
        for action, word in ACTIONS.items()
        if (number := sum(host.action == action for host in result.hosts))
    ]
    rest = f"{result.stats['unchanged']} unchanged, {len(result.failed)} failed"
    text = f"{result.stats['objects']} {what}: {', '.join([*counts, rest])}."
    if result.failed:
        text += "\nFailed:\n" + common_errors((host.name, host.error or "") for host in result.failed)
    if result.error:
        text += f"\n{result.error}"
    result.message = text


def _converge(
    netbox: NetBoxConnection,
    zabbix: ZabbixConnection,
    options: AdoptOptions,
    progress: Progress,
    decided: _Decided,
) -> Result:
    """Let the sync make the adopted hosts what the policy says, our marks among it: one write for each."""
    ready = {ref: live.hostid for ref, live in decided.ready.items()}
    refs = [*ready, *decided.ours]
    if not refs:
        result = Result(JOB, options.dry_run, whole=False)
        result.stats = {"failed": 0}
        result.finish("")
    else:
        selected = replace(options, ids=refs, names=(), filters=None, adopt=ready)
        result = sync_hosts(netbox, zabbix, selected, progress, lambda dummy: JOB)
    result.hosts += [
        HostResult(failure.label, failure.ref, failure.hostid, "failed", error=failure.error)
        for failure in decided.failures
    ]
    result.stats["failed"] = len(result.failed)
    text = f"{len(ready)} hosts {'would be' if result.dry_run else 'were to be'} adopted. {result.message}"
    if decided.failures:
        text += "\nNot adopted:\n" + common_errors((failure.label, failure.error) for failure in decided.failures)
    result.message = text
    return result


def release_hosts(
    netbox: NetBoxConnection, zabbix: ZabbixConnection, options: AdoptOptions, progress: Progress
) -> Result:
    """Give hosts back: our marks go, all else stays. Errors as `sync_hosts`.

    Raises InputError where neither objects are named nor `all_hosts` is set.
    """
    if options.whole and not options.all_hosts:
        raise InputError(["no host is named: give names, ids or filters, or all_hosts: true for every host of ours"])
    limits = guard.limits_from(options.limits)
    with reached(Result(RELEASE_JOB, options.dry_run, whole=options.whole), netbox, zabbix, options, progress) as run:
        _carry_out(run, lambda: _releases(run, options), limits, "hosts of ours")
    return run.result


def _releases(run: Run, options: AdoptOptions) -> Plan:
    ids = _ids_to_release(run, options)
    plan = Plan(objects=len(ids), whole=False)
    seen: set[str] = set()
    for live in read_hosts(run.zabbix, ids, INVENTORY_FIELDS):
        ref = " and ".join(sorted(live.tag(TAG_ID)))
        if not ref or ref in seen:
            ref = f"host:{live.hostid}"
        seen.add(ref)
        plan.changes.append(release(live, ref, ASKED, "given back"))
    return plan


def _ids_to_release(run: Run, options: AdoptOptions) -> list[str]:
    if options.whole:
        return managed_host_ids(run.zabbix, options.instance)
    gone: list[str] = []
    selection = select(run.netbox, options.filters, options.names, options.ids, options.kinds, gone)
    refs = [f"{kind}:{number}" for kind, ids in selection.ids.items() for number in sorted(ids)]
    found = host_ids_of(run.zabbix, options.instance, refs + gone)
    return sorted({hostid for hostids in found.values() for hostid in hostids}, key=int)


@contextmanager
def reached(
    result: Result,
    netbox: NetBoxConnection,
    zabbix: ZabbixConnection,
    options: AdoptOptions,
    progress: Progress,
) -> Iterator[Run]:
    """Reach both servers, for what needs no policy and writes nothing to NetBox."""
    plain = replace(options, mappings=_NO_POLICY, policy_path=None, write_back=())
    with opened(result, netbox, zabbix, plain, progress) as run:
        yield run


def content_of(path: str, hint: str) -> bytes:
    """Return what is in a file. Raises InputError, with `hint` behind it, where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError([f"{path} cannot be read: {error.strerror}. {hint}".strip()]) from None


def put(path: str, content: bytes) -> None:
    """Put a file in its place, whole or not at all, for its owner alone."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".adopt-")
    except OSError as error:
        raise InputError([f"{folder} cannot be written to: {error.strerror}"]) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
