# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What changed in NetBox since a snapshot: the questions, and which objects a change touches.

A device's `last_updated` stands still when its site is renamed, its address is edited, a config context changes, a tag
is deleted, or its rack moves to another site (measured on 4.6.8). The changelog tells all of these, by what was
changed; what that touches is worked out here. Rows of a snapshot hold ids, so that a rename touches no object; what has
to be read again are objects whose own values, addresses, place or rendered config context may be others now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from .client import READERS, NetBox
from .custom_fields import moment
from .failures import Refused
from .names import count
from .objects import DEVICE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE, Related
from .rows import KINDS
from .snapshot import ASSIGNED, Assignments, Mark, Row, Rows, Snapshot

LOG = "core/object-changes/"
_FIELDS = "id,time,request_id,action,changed_object_type,changed_object_id"
#: NetBox's name of what may be changed -> ours: kinds of objects, tables, and what is neither
OBJECTS = {
    "dcim.device": DEVICE,
    "virtualization.virtualmachine": VIRTUAL_MACHINE,
    "dcim.virtualdevicecontext": VIRTUAL_DEVICE_CONTEXT,
}
TABLES = {
    "dcim.region": "region",
    "dcim.sitegroup": "site_group",
    "dcim.site": "site",
    "dcim.location": "location",
    "dcim.rack": "rack",
    "dcim.manufacturer": "manufacturer",
    "dcim.devicetype": "device_type",
    "dcim.devicerole": "role",
    "dcim.platform": "platform",
    "tenancy.tenantgroup": "tenant_group",
    "tenancy.tenant": "tenant",
    "virtualization.clustertype": "cluster_type",
    "virtualization.clustergroup": "cluster_group",
    "virtualization.cluster": "cluster",
    "dcim.virtualchassis": "virtual_chassis",
    "dcim.devicebay": "device_bay",
    "extras.tag": "tag",
}
ADDRESS, CONTEXT = "ipam.ipaddress", "extras.configcontext"
DELETE = "delete"


class NoIncrementError(Exception):
    """Why an incremental reading cannot be: everything is to be read."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the changelog: NetBox's name of the type, the id, and whether it was a deletion."""

    type: str
    id: int
    deleted: bool


@dataclass(slots=True)
class Changes:
    """What NetBox answered. `mark`: how far the changelog was read; `changes`: in their order, those not seen before.

    `answered`: how many rows the questions brought, those that were known among them. `touched`: kind -> ids of objects
    whose `last_updated` is another one than the snapshot's; `contexts`: the same of config contexts.
    `counts`: how many objects of each kind there are.
    """

    mark: Mark
    changes: list[Change]
    answered: int = 0
    touched: dict[str, set[int]] = field(default_factory=dict)
    contexts: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether anything that a host may depend on has changed."""
        known = {*OBJECTS, *TABLES, ADDRESS, CONTEXT}
        return any(change.type in known for change in self.changes) or bool(self.contexts or any(self.touched.values()))

    def ids(self, name: str, *, deleted: bool = False) -> set[int]:
        """Return what of one type was changed, or only what was deleted."""
        return {change.id for change in self.changes if change.type == name and (change.deleted or not deleted)}


def tables_changed(snapshot: Snapshot, changes: Changes) -> bool:
    """Whether related objects may be others than those of the snapshot: most changes are of devices alone."""
    if any(changes.ids(name) for name in TABLES):
        return True
    # a bay shows the name of the device that it is in
    devices = changes.ids("dcim.device") | changes.touched.get(DEVICE, set())
    return any(bay["device"]["id"] in devices for bay in snapshot.related.tables["device_bay"].values())


def contexts_changed(changes: Changes) -> bool:
    """Whether config contexts may be assigned otherwise: also what they were assigned to may have been deleted."""
    return bool(changes.contexts) or any(changes.ids(name, deleted=True) for name in TABLES)


def newest_change(netbox: NetBox) -> Mark | None:
    """Return the newest change, None where the changelog is empty. Raises Refused where the token may not see it."""
    rows = netbox.get(LOG, {"limit": 1, "fields": _FIELDS})["results"]
    return _mark(rows[0]) if rows else None


def _mark(row: Mapping[str, Any], seen: Iterable[int] = ()) -> Mark:
    return Mark(row["id"], moment(row["time"]) or "", row["request_id"], frozenset(seen))


def mark_changes(netbox: NetBox, newest: Mark, since: str) -> Mark:
    """Return the newest change with the ids of those that are no older than `since`."""
    if datetime.fromisoformat(since) > datetime.fromisoformat(newest.time):
        return newest
    pages = netbox.pages(LOG, {"time_after": since, "fields": "id"})
    ids = (row["id"] for page in pages for row in page)
    return replace(newest, seen=frozenset(number for number in ids if number < newest.id))


def ask_changes(netbox: NetBox, snapshot: Snapshot, kinds: Sequence[str], lookback: timedelta) -> Changes:
    """Ask what changed since the snapshot. Raises NoIncrementError where NetBox cannot tell, with the reason.

    `lookback`: what is no older than that at the time of the snapshot is looked at again, since a change shows when its
    transaction ends, and may be older then than changes that were seen already.
    """
    since = earlier(snapshot.read, lookback)
    known = {kind: rows for kind, rows in snapshot.rows.items() if kind in kinds}
    contexts = snapshot.contexts
    # the changelog first: what happens later is told by the next run
    changes = _read_log(netbox, snapshot.mark, since)
    with ThreadPoolExecutor(READERS, thread_name_prefix="netbox-changes") as readers:
        counting = readers.submit(count, netbox, kinds)
        touching = {
            kind: readers.submit(_touched, netbox, KINDS[kind].path, rows, since, exclude=KINDS[kind].context)
            for kind, rows in known.items()
        }
        touched_contexts = readers.submit(_touched, netbox, "extras/config-contexts/", contexts, since)
        rows = {kind: answer.result() for kind, answer in touching.items()}
        changes.touched = {kind: _unlike(found, known[kind]) for kind, found in rows.items()}
        changes.contexts = _unlike(touched_contexts.result(), contexts) | changes.ids(CONTEXT)
        changes.answered += sum(map(len, rows.values()))
        changes.counts = counting.result()
    return changes


def earlier(time: str, by: timedelta) -> str:
    """Return a time in NetBox's form, some time before another one."""
    return moment((datetime.fromisoformat(time) - by).isoformat()) or ""


def _read_log(netbox: NetBox, mark: Mark, since: str) -> Changes:
    asked = {"time_after": min(since, mark.time, key=datetime.fromisoformat), "fields": _FIELDS}
    try:
        rows = [row for page in netbox.pages(LOG, asked) for row in page]
    except Refused as error:
        if error.status != 403:
            raise
        raise NoIncrementError(
            "the token may not see NetBox's changelog (it needs the permission to view core > object changes)"
        ) from None
    found = next((row for row in rows if row["id"] == mark.id), None)
    if found is None or (moment(found["time"]), found["request_id"]) != (mark.time, mark.request):
        newest = max((row["id"] for row in rows), default=0)
        why = (
            "NetBox is older than what was read of it, so it was restored from a backup, or the token may see less now"
            if newest < mark.id
            else "it was pruned, or NetBox was restored from a backup and the id used again"
        )
        raise NoIncrementError(
            f"change {mark.id} of {mark.time}, the last that was read, is not in NetBox's log: {why}"
        )
    new = [row for row in rows if row["id"] not in mark.seen and row["id"] != mark.id]
    last = max(rows, key=lambda row: row["id"])
    return Changes(
        _mark(last, (row["id"] for row in rows)),
        [Change(row["changed_object_type"], row["changed_object_id"], _value(row["action"]) == DELETE) for row in new],
        len(rows),
    )


def _value(choice: Any) -> Any:
    return choice["value"] if isinstance(choice, Mapping) else choice


def _touched(
    netbox: NetBox, path: str, known: Mapping[int, Mapping[str, Any]], since: str, *, exclude: bool = False
) -> list[tuple[int, str | None]]:
    """Return id and `last_updated` of what was touched since, or since the newest that is known."""
    newest = max((str(row["last_updated"]) for row in known.values() if row["last_updated"]), default=since)
    # from the newest that is known on: what stands still for long is not answered again and again
    params = {"last_updated__gte": min(newest, since, key=datetime.fromisoformat), "fields": "id,last_updated"}
    if exclude:
        params["exclude"] = "config_context"
    return [(row["id"], moment(row["last_updated"])) for page in netbox.pages(path, params) for row in page]


def _unlike(rows: Iterable[tuple[int, str | None]], known: Mapping[int, Mapping[str, Any]]) -> set[int]:
    """Return the ids that are not known, or whose `last_updated` is another one."""
    return {number for number, time in rows if number not in known or known[number]["last_updated"] != time}


@dataclass(frozen=True, slots=True)
class Affected:
    """Kind -> ids: what has to be read again, and what is gone."""

    again: dict[str, frozenset[int]]
    gone: dict[str, frozenset[int]]


def affected(snapshot: Snapshot, changes: Changes, related: Related, contexts: Assignments) -> Affected:
    """Return which objects the changes touch. `related`, `contexts`: as they are now.

    It may name too many, never too few.
    """
    rows = snapshot.rows
    gone = {kind: changes.ids(name, deleted=True) for name, kind in OBJECTS.items()}
    again = {kind: changes.ids(name) | changes.touched.get(kind, set()) for name, kind in OBJECTS.items()}

    def add(wanted: Callable[[str, Row], bool]) -> None:
        for kind, some in rows.items():
            again[kind].update(number for number, row in some.items() if wanted(kind, row))

    addresses = changes.ids(ADDRESS)
    if addresses:
        add(lambda kind, row: any(row[name] and row[name]["id"] in addresses for name in KINDS[kind].addresses))
    for name in TABLES.values():
        there = snapshot.related.tables[name].keys() & related.tables[name].keys()
        lost = snapshot.related.tables[name].keys() - there
        if lost:
            add(lambda kind, row, name=name, lost=lost: not lost.isdisjoint(_referred(kind, row, name)))  # type: ignore[misc]
    for name, number in (("rack", "dcim.rack"), ("cluster", "virtualization.cluster")):
        moved = changes.ids(number)
        if moved:
            # they may have taken their devices along to another site, which shows on none of these
            add(lambda kind, row, name=name, moved=moved: not moved.isdisjoint(_referred(kind, row, name)))  # type: ignore[misc]
    elsewhere = {name: _moved(name, snapshot.related, related) for name in _PLACES}
    if any(elsewhere.values()):
        add(
            lambda kind, row: any(
                not some.isdisjoint(_referred(kind, row, name)) for name, some in elsewhere.items() if some
            )
        )
    other = [
        found
        for number in snapshot.contexts.keys() | contexts.keys()
        if number in changes.contexts or snapshot.contexts.get(number) != contexts.get(number)
        for found in (snapshot.contexts.get(number), contexts.get(number))
        if found is not None and found["is_active"]
    ]
    if other:
        places = (_Places(snapshot.related), _Places(related))
        add(lambda kind, row: any(of.match(kind, row, context) for of in places for context in other))
    on = again[DEVICE]
    for kind in (VIRTUAL_MACHINE, VIRTUAL_DEVICE_CONTEXT):
        again[kind].update(
            number for number, row in rows.get(kind, {}).items() if row["device"] and row["device"]["id"] in on
        )
    return Affected(
        {kind: frozenset(again[kind] - gone[kind]) for kind in rows},
        {kind: frozenset(gone[kind]) for kind in rows},
    )


def _referred(kind: str, row: Row, table: str) -> frozenset[int]:
    """Return the ids of a table that a row refers to."""
    if table == "tag":
        return frozenset(row["tags"])
    if table in KINDS[kind].of_device:
        number = row["device"] and row["device"][table]
    else:
        number = row.get(table)
    return frozenset() if number is None else frozenset((number,))


def _chain(entry: Mapping[str, Any] | None) -> list[int]:
    """Return the ids of an entry of a tree and of all above it; of the entry alone where it is in no tree."""
    found: list[int] = []
    while entry is not None and entry["id"] not in found:
        found.append(entry["id"])
        entry = entry.get("parent")
    return found


#: table -> what decides, besides the very entry, which config contexts its objects have; a location that moves takes
#: its devices along to another site
_PLACES: dict[str, tuple[str, ...]] = {
    "site": ("region", "group"),
    "location": ("site",),
    "role": (),
    "platform": (),
    "tenant": ("group",),
    "cluster": ("type", "group"),
}


def _moved(table: str, before: Related, after: Related) -> frozenset[int]:
    """Return the entries of a table, in both, that are at another place of a tree now, or belong to something else."""

    def place(entry: Mapping[str, Any]) -> list[list[int]]:
        return [_chain(entry), *(_chain(entry[name]) for name in _PLACES[table])]

    return frozenset(
        number
        for number, entry in after.tables[table].items()
        if number in before.tables[table] and place(before.tables[table][number]) != place(entry)
    )


class _Places:
    """What a config context may be assigned to and objects are part of, at one time."""

    def __init__(self, related: Related) -> None:
        self._tables = related.tables
        self._slugs = {number: entry["slug"] for number, entry in related.tables["tag"].items()}
        self._known: dict[tuple[str, int], list[int]] = {}

    def match(self, kind: str, row: Row, context: Mapping[str, Any]) -> bool:
        """Whether the config context is, or was, one of the object's."""
        if not KINDS[kind].context:
            return False
        for name, table in ASSIGNED.items():
            wanted = context[name]
            if wanted and not any(one in wanted for one in self._of(row, table)):
                return False
        return True

    def _of(self, row: Row, table: str) -> Iterable[Any]:
        if table == "tag":
            return [self._slugs.get(number) for number in row["tags"]]
        over, link = _OVER.get(table, (table, ""))
        number = row.get(over)
        if number is None:
            return ()
        key = (table, number)
        if key not in self._known:
            entry = self._tables[over].get(number)
            self._known[key] = _chain(entry[link] if entry and link else entry)
        return self._known[key]


#: table -> over which one objects refer to it
_OVER = {
    "region": ("site", "region"),
    "site_group": ("site", "group"),
    "tenant_group": ("tenant", "group"),
    "cluster_type": ("cluster", "type"),
    "cluster_group": ("cluster", "group"),
}


def updated(rows: Rows, read: Rows, found: Affected) -> Rows:
    """Return the rows with those that were read again in their place, and without those that are gone.

    What was to be read again and was not is gone as well: NetBox deleted it meanwhile.
    """
    return {
        kind: {
            **{
                number: row
                for number, row in some.items()
                if number not in found.gone[kind] and number not in found.again[kind]
            },
            **read.get(kind, {}),
        }
        for kind, some in rows.items()
    }
