# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading NetBox for an inventory: the objects that are hosts as they come, and what hangs on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..errors import InputError, nearest
from ..netbox.client import NetBox
from ..netbox.custom_fields import read_custom_fields
from ..netbox.lists import Rows, read_chosen, read_list, read_slim
from ..netbox.names import Name, read_chassis_members, read_names
from ..netbox.objects import DEVICE, USUAL_KINDS, VIRTUAL_MACHINE, NetBoxObject, Related
from ..netbox.read import WINDOW, make_builders, read_rows
from ..netbox.rows import KINDS
from ..netbox.selection import Selection, filters_of, select
from ..netbox.snapshot import Rows as Kept
from . import order
from .cache import Lists, Reading
from .needs import Needs
from .options import Options

#: a host: kind and id of its NetBox object
Key: TypeAlias = "tuple[str, int]"
Belongings: TypeAlias = "dict[Key, Rows]"

#: a selection up to this part of the estate is asked for by its ids, a larger one is picked out of everything
SMALL_PART = 3
_NO_CONTEXT = {"exclude": "config_context"}
#: types of custom fields whose values only REST shows as it is known
_OBJECTS = frozenset({"object", "multiobject"})


@dataclass(slots=True)
class Estate:
    """What was read. `names`: of all objects of NetBox, not only of those that are hosts; `members`: the virtual
    chassis of each device that is in one; `apart`: what hangs on hosts, by list; `sites`: as REST shows them.

    `raw`: fields of the objects as REST shows them; `custom_fields`: the same of these, where some of them are objects;
    `devices`: those that virtual machines are on, by the id of the machine; `labels`: those of statuses, by kind and
    value.
    """

    related: Related
    names: list[Name]
    members: dict[int, int] = field(default_factory=dict)
    apart: dict[str, Belongings] = field(default_factory=dict)
    sites: dict[int, dict[str, Any]] = field(default_factory=dict)
    rack_roles: dict[int, str] = field(default_factory=dict)
    raw: dict[Key, dict[str, Any]] = field(default_factory=dict)
    custom_fields: dict[Key, dict[str, Any]] = field(default_factory=dict)
    devices: dict[int, dict[str, Any]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    def master_of(self, device: int) -> int | None:
        """Return the id of the device that is the master of the virtual chassis that a device is in."""
        chassis = self.related.tables["virtual_chassis"].get(self.members.get(device, 0))
        return chassis["master"] if chassis else None


@dataclass(frozen=True, slots=True)
class Found:
    """One object, with the row that NetBox showed for it."""

    one: NetBoxObject
    row: Mapping[str, Any]

    @property
    def key(self) -> Key:
        return self.one.kind, self.one.id


def choose(netbox: NetBox, options: Options) -> Selection | None:
    """Return the objects that the filters let pass, None where there are no filters. Raises InputError for a filter
    that NetBox does not have.
    """
    if not any(options.filters.values()):
        return None
    wanted: dict[str, dict[str, list[Any]]] = {}
    shared = {name for entry in options.query_filters for name in entry}
    has = {kind: filters_of(netbox, kind, shared).names for kind in options.kinds}
    problems = [
        f"query_filters: {name!r} is no filter of NetBox {'.'.join(map(str, netbox.version))}, which would ignore it."
        f"{nearest(name, set().union(*has.values()))}"
        for name in sorted(shared)
        if not any(name in names for names in has.values())
    ]
    if problems:
        raise InputError(problems)
    for kind in options.kinds:
        entries = [
            (name, value)
            for number, entry in enumerate(options.filters[kind])
            for name, value in entry.items()
            # One of query_filters that this kind does not have is for the other kind.
            if number >= len(options.query_filters) or name in has[kind]
        ]
        if not entries and options.query_filters:
            continue
        wanted[kind] = defaultdict(list)
        for name, value in entries:
            wanted[kind][name] += value if isinstance(value, list) else [value]
    return select(netbox, wanted, kinds=options.kinds) if any(wanted.values()) else _only(netbox, wanted)


def _only(netbox: NetBox, kinds: Iterable[str]) -> Selection:
    """Return everything of these kinds."""
    found: dict[str, set[int]] = defaultdict(set)
    for kind, number, dummy in read_names(netbox, tuple(kinds)):
        found[kind].add(number)
    return Selection({kind: frozenset(ids) for kind, ids in found.items()})


def read_estate(
    netbox: NetBox, options: Options, wants: Needs, selection: Selection | None, reading: Reading
) -> Estate:
    """Return all but the objects themselves."""
    rows = reading.rows if selection is None else None
    chassis = any(one["master"] for one in reading.related.tables["virtual_chassis"].values())
    with ThreadPoolExecutor(2) as others:
        # each takes NetBox a second or more, and only one of its workers
        racks = others.submit(_rack_roles, netbox, reading.lists) if "rack_roles" in wants.apart else None
        if rows is not None:
            estate = Estate(reading.related, _names(rows), _members(rows[DEVICE]) if chassis else {})
        else:
            names = others.submit(read_names, netbox, options.kinds)
            members = read_chassis_members(netbox) if chassis else {}
            estate = Estate(reading.related, names.result(), members)
        if racks is not None:
            estate.rack_roles = racks.result()
    chosen = _Chosen(netbox, estate.names, selection, reading.lists)
    if "sites" in wants.apart:
        estate.sites = {row["id"]: dict(row) for row in chosen.all_rows("dcim/sites/", {})}
    if "prefixes" in wants.apart:
        _take_prefixes(chosen, estate.sites)
    if "services" in wants.apart:
        estate.apart["services"] = _services(chosen)
    if "virtual_disks" in wants.apart:
        estate.apart["virtual_disks"] = _disks(chosen)
    if "interfaces" in wants.apart:
        estate.apart["interfaces"] = _interfaces(chosen, estate)
    if wants.wanted.reads("custom_fields"):
        for kind in options.kinds:
            if any(one.type in _OBJECTS for one in read_custom_fields(netbox).of(kind).values()):
                estate.custom_fields.update(
                    (key, row["custom_fields"]) for key, row in _raw(chosen, kind, frozenset({"custom_fields"}))
                )
    if wants.raw is None or wants.raw:
        for kind in options.kinds:
            estate.raw.update(_raw(chosen, kind, wants.raw))
    return estate


def _rack_roles(netbox: NetBox, lists: Lists) -> dict[int, str]:
    path, params = "dcim/racks/", {"fields": "id,role"}
    rows = lists.rows(path, params, lambda: read_list(netbox, path, params))
    return {row["id"]: row["role"]["slug"] for row in rows if row["role"]}


def _names(rows: Kept) -> list[Name]:
    return [(kind, number, some[number]["name"] or None) for kind, some in rows.items() for number in sorted(some)]


def _members(devices: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
    return {number: row["virtual_chassis"] for number, row in devices.items() if row["virtual_chassis"] is not None}


def read_found(
    netbox: NetBox, options: Options, wants: Needs, estate: Estate, selection: Selection | None, reading: Reading
) -> Iterator[list[Found]]:
    """Yield the objects in pages, while further ones are being read."""
    builders = make_builders(netbox, estate.related, wants.wanted)
    pages: Iterable[tuple[str, Rows]]
    if reading.rows is not None:
        pages = _pages(reading.rows)
    else:
        pages = read_rows(netbox, ids=selection, wanted=wants.wanted, names=estate.names, kinds=options.kinds)
    for kind, page in pages:
        rows = page if reading.keeper is None else reading.keeper.keep(kind, page)
        _learn_labels(netbox, kind, rows, estate.labels)
        if kind == VIRTUAL_MACHINE and options.wants("cluster_device"):
            _learn_devices(netbox, rows, estate.devices)
        yield [Found(builders[kind].build(row), row) for row in rows]


def _pages(rows: Kept) -> Iterator[tuple[str, Rows]]:
    for kind, some in rows.items():
        ordered = sorted(some)
        for at in range(0, len(ordered), WINDOW):
            yield kind, [some[number] for number in ordered[at : at + WINDOW]]


def _learn_devices(netbox: NetBox, rows: Rows, devices: dict[int, dict[str, Any]]) -> None:
    """Learn the devices that virtual machines are on, as REST shows them."""
    on = [int(row["id"]) for row in rows if row["device"]]
    for page in read_chosen(netbox, KINDS[VIRTUAL_MACHINE].path, {"fields": "id,device", **_NO_CONTEXT}, "id", on):
        devices.update((row["id"], row["device"]) for row in page)


def _learn_labels(
    netbox: NetBox, kind: str, rows: Sequence[Mapping[str, Any]], labels: dict[str, dict[str, str]]
) -> None:
    """Learn what statuses are called: GraphQL shows their values only, and NetBox's administrator may add some."""
    known = labels.setdefault(kind, {})
    unknown: dict[str, int] = {}
    for row in rows:
        status = row["status"]
        if isinstance(status, Mapping):
            known[status["value"]] = status["label"]
        elif status not in known:
            unknown.setdefault(status, int(row["id"]))
    if unknown:
        params = {"id": sorted(unknown.values()), "fields": "id,status", **_NO_CONTEXT}
        for row in netbox.get(KINDS[kind].path, params)["results"]:
            known[row["status"]["value"]] = row["status"]["label"]
        for status in unknown:
            known.setdefault(status, status)  # changed or deleted just now


class _Chosen:
    """Reads what hangs on the objects of an inventory: by their ids where they are few, else everything."""

    def __init__(self, netbox: NetBox, names: Sequence[Name], selection: Selection | None, lists: Lists) -> None:
        self.netbox = netbox
        self.lists = lists
        self.everything = selection is None or len(selection) * SMALL_PART > len(names)
        if selection is None:
            ids: dict[str, set[int]] = defaultdict(set)
            for kind, number, dummy in names:
                ids[kind].add(number)
            self.ids: Mapping[str, frozenset[int]] = {kind: frozenset(numbers) for kind, numbers in ids.items()}
        else:
            self.ids = selection.ids

    def of(self, kind: str) -> frozenset[int]:
        return self.ids.get(kind, frozenset())

    def all_rows(self, path: str, params: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Return all rows of a list."""
        return self.lists.rows(path, params, lambda: read_list(self.netbox, path, params))

    def rows(
        self,
        path: str,
        params: Mapping[str, Any],
        name: str,
        ids: frozenset[int],
        without: frozenset[str] | None = None,
    ) -> Iterable[dict[str, Any]]:
        """Return the rows of a list; `name`: the filter by the id of what they hang on; `without`: fields that are not
        wanted, where the rows are many.
        """

        def read(fields: Mapping[str, Any]) -> Iterable[Rows]:
            if self.everything:
                return read_list(self.netbox, path, {**params, **fields})
            return read_chosen(self.netbox, path, {**params, **fields}, name, ids)

        question = params if self.everything else (params, name, sorted(ids))
        if without is None:
            return self.lists.rows(path, question, lambda: read({}))
        return self.lists.rows(path, (question, sorted(without)), lambda: read_slim(self.netbox, path, without, read))


def _disks(chosen: _Chosen) -> Belongings:
    found: Belongings = {}
    path, filter_name = "virtualization/virtual-disks/", "virtual_machine_id"
    for row in chosen.rows(path, {}, filter_name, chosen.of(VIRTUAL_MACHINE)):
        key = (VIRTUAL_MACHINE, row["virtual_machine"]["id"])
        if key[1] in chosen.of(VIRTUAL_MACHINE):
            found.setdefault(key, []).append(row)
    for disks in found.values():
        disks.sort(key=order.by_name)
    return found


_PARENTS = {"dcim.device": DEVICE, "virtualization.virtualmachine": VIRTUAL_MACHINE}


def _services(chosen: _Chosen) -> Belongings:
    """Return the services of each object; since NetBox 4.3 they hang on anything, before on devices and machines."""
    found: Belongings = {}
    path = "ipam/services/"
    if chosen.everything or chosen.netbox.version >= (4, 3):
        rows = chosen.rows(path, {}, "parent_object_id", chosen.of(DEVICE) | chosen.of(VIRTUAL_MACHINE))
    else:
        rows = (row for kind in USUAL_KINDS for row in chosen.rows(path, {}, f"{kind}_id", chosen.of(kind)))
    for row in rows:
        key = _service_parent(row)
        if key is not None and key[1] in chosen.of(key[0]):
            found.setdefault(key, []).append(row)
    for services in found.values():
        services.sort(key=order.by_service)
    return found


def _service_parent(row: Mapping[str, Any]) -> Key | None:
    if "parent_object_type" in row:
        kind = _PARENTS.get(row["parent_object_type"])
        return (kind, row["parent_object_id"]) if kind else None
    return next(((kind, row[kind]["id"]) for kind in USUAL_KINDS if row.get(kind)), None)


#: how an address is assigned to its interface; the interface itself is half of what NetBox shows of an address
_ASSIGNED = frozenset({"assigned_object"})
_ASSIGNMENT = _ASSIGNED | {"assigned_object_type", "assigned_object_id"}


def _interfaces(chosen: _Chosen, estate: Estate) -> Belongings:
    """Return the interfaces of each object with their addresses; those of a virtual chassis are its master's."""
    found: Belongings = {}
    by_id: dict[Key, dict[str, Any]] = {}
    for kind, path in ((DEVICE, "dcim/interfaces/"), (VIRTUAL_MACHINE, "virtualization/interfaces/")):
        for shown in chosen.rows(path, {}, f"{kind}_id", chosen.of(kind), frozenset()):
            owner = shown[kind]["id"]
            if owner not in chosen.of(kind):
                continue
            if kind == DEVICE:
                owner = estate.master_of(owner) or owner
            row = {**shown, "tags": [tag["slug"] for tag in shown["tags"]], "ip_addresses": []}
            # A query for a master shows the interfaces of its members as well.
            if (kind, row["id"]) not in by_id:
                by_id[kind, row["id"]] = row
                found.setdefault((kind, owner), []).append(row)
    for kind, owner_type in ((DEVICE, "dcim.interface"), (VIRTUAL_MACHINE, "virtualization.vminterface")):
        params = {"assigned_to_interface": "true"}
        if chosen.everything and kind == VIRTUAL_MACHINE:
            break  # the list of everything holds those of both kinds
        for row in chosen.rows("ipam/ip-addresses/", params, f"{kind}_id", chosen.of(kind), _ASSIGNED):
            on = DEVICE if row["assigned_object_type"] == "dcim.interface" else VIRTUAL_MACHINE
            interface = by_id.get((on, row["assigned_object_id"]))
            if interface is not None and (chosen.everything or row["assigned_object_type"] == owner_type):
                interface["ip_addresses"].append(
                    {name: value for name, value in row.items() if name not in _ASSIGNMENT}
                )
    for interfaces in found.values():
        interfaces.sort(key=order.by_interface)
        for interface in interfaces:
            interface["ip_addresses"].sort(key=order.by_address)
    return found


def _take_prefixes(chosen: _Chosen, sites: Mapping[int, dict[str, Any]]) -> None:
    for site in sites.values():
        site["prefixes"] = []
    for row in chosen.all_rows("ipam/prefixes/", {}):
        if row["scope_type"] == "dcim.site" and row["scope"]:
            sites[row["scope"]["id"]]["prefixes"].append(row)
    for site in sites.values():
        site["prefixes"].sort(key=order.by_prefix)


def _raw(chosen: _Chosen, kind: str, names: frozenset[str] | None) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Yield the fields that expressions use, as REST shows them."""
    path = KINDS[kind].path
    first = chosen.netbox.get(path, {"limit": 1})["results"]
    if not first:
        return
    has = set(first[0])
    fields = sorted(has if names is None else has & names)
    if not fields:
        return
    params: dict[str, Any] = {} if names is None else {"fields": ",".join(["id", *(set(fields) - {"id"})])}
    if "config_context" not in fields:
        params |= _NO_CONTEXT
    for row in chosen.rows(path, params, "id", chosen.of(kind)):
        if row["id"] in chosen.of(kind):
            yield (kind, row["id"]), row
