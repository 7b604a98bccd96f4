# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading what a run compares: NetBox but for the objects themselves, and what Zabbix monitors of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError, ZabbixError
from ..netbox.names import Name, read_chassis_members, read_names
from ..netbox.objects import DEVICE, Related
from ..netbox.part import Part, read_part
from ..netbox.rows import OPTIONAL_ROOTS
from ..netbox.selection import Selection, select
from ..netbox.tables import read_related
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..policy.kinds import MASTER, HostObjects, host_objects
from ..policy.match import check_matches
from ..policy.names import alike_pattern
from ..zabbix import hosts as zabbix_hosts
from ..zabbix.objects import TAG_ID, TAG_INSTANCE
from .agreeing import recall_agreement
from .known_settings import known_settings
from .planning import ENDS, Monitored, take_unread
from .quick_checks import look_at_netbox, version_notes
from .reading import Reading, ReadingOptions, policy_digest, read_whole
from .run import Run


@dataclass(slots=True)
class Estate:
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


def read_estate(run: Run) -> Estate:
    """Read everything of NetBox but the objects themselves, and check the policy against it."""
    netbox, options = run.netbox, run.options
    masters = options.virtual_chassis == MASTER
    if options.whole:
        reading = read_whole(netbox, _reading_options(run), run.progress)
        run.result.notes.extend(reading.notes)
        estate = Estate(reading.related, None, reading.names, HostObjects({}), reading=reading)
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


def _read_part(run: Run) -> Estate | None:
    """Read a few objects in few requests, None where that would not do."""
    options = run.options
    if options.whole or options.filters or options.adopt or options.virtual_chassis == MASTER:
        return None
    part = read_part(run.netbox, options.names, options.ids, options.kinds, roots(run), alike_pattern)
    if part is None:
        return None
    return Estate(part.related, part.selection, part.names, HostObjects({}), part=part)


def _read_selection(run: Run) -> Estate:
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
        return Estate(reading_related.result(), selection, names, HostObjects({}), gone)


def _reading_options(run: Run) -> ReadingOptions:
    options = run.options
    return ReadingOptions(
        instance=options.instance,
        kinds=options.kinds,
        roots=roots(run),
        policy=policy_digest(run.source.mappings, run.source.statuses, options.statuses),
        masters=options.virtual_chassis == MASTER,
        mode=options.mode,
        keep=not options.dry_run,
        store=run.store,
        lookback_minutes=options.lookback_minutes,
        full_every_hours=options.full_every_hours,
    )


def roots(run: Run) -> frozenset[str]:
    # a config context, which nobody knows before it is read, may name any attribute
    return run.policy.roots | OPTIONAL_ROOTS


def read_zabbix(run: Run, refs: Sequence[str] | None, max_age: int) -> Monitored:
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
