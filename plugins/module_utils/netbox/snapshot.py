# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The snapshot: what was read of NetBox, kept from one run to the next, so that the next one reads only what changed.

Rows are kept with the ids of what they refer to, and objects are built from rows in every run, whether the rows were
just read or come from a snapshot: so both give the same objects, and a renamed site shows without its devices being
read again. Nothing that is correct rests on a snapshot: without one, everything is read.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .client import NetBox
from .custom_fields import CustomFields, moment, read_custom_fields
from .objects import NetBoxObject, Related
from .read import Window, make_builders
from .rows import KINDS, Wanted
from .tables import TABLES, Links, id_of

#: one object as NetBox has it: plain values, and ids of what it refers to
Row = dict[str, Any]
#: kind -> id -> row
Rows = dict[str, dict[int, Row]]
#: config context id -> what it is assigned to: `is_active`, `last_updated`, and lists of ids (of slugs for tags)
Assignments = dict[int, dict[str, Any]]

#: objects that are built before they are looked at
PAGE = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """How far NetBox's changelog was read: the newest change. `seen`: ids of others that are not much older."""

    id: int
    time: str
    request: str
    seen: frozenset[int] = frozenset()


@dataclass(slots=True)
class Snapshot:
    """All that was read of NetBox, and of what NetBox with which policy. Times are NetBox's own.

    `scope`: what must be the same for the snapshot to be of use, by what it is called in a message. `read`, `whole`:
    when it was brought up to date, and when everything was read. `id`: a new one whenever it is written, by which it is
    known from others; empty where nobody needs that.
    """

    scope: dict[str, Any]
    mark: Mark
    read: str
    whole: str
    rows: Rows
    related: Related
    contexts: Assignments
    id: str = ""


@dataclass(slots=True)
class Keeper:
    """Takes the rows of a read as they come, from any thread, and makes them small."""

    custom_fields: CustomFields
    rows: Rows = field(default_factory=dict)
    _contexts: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, kind: str, rows: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Keep rows of one kind, and return them as they are kept."""
        kept = [_compact(kind, row, self.custom_fields) for row in rows]
        with self._lock:
            for row in kept:
                if "config_context" in row:
                    # many objects have the same: one dictionary for all of them
                    text = json.dumps(row["config_context"], sort_keys=True)
                    row["config_context"] = self._contexts.setdefault(text, row["config_context"])
            self.rows.setdefault(kind, {}).update((row["id"], row) for row in kept)
        return kept


def _compact(kind: str, row: Mapping[str, Any], custom_fields: CustomFields) -> Row:
    """Return a row of GraphQL or REST with ids in the place of what it refers to."""
    spec = KINDS[kind]
    status = row["status"]
    kept: Row = {
        "id": int(row["id"]),
        "status": status["value"] if isinstance(status, Mapping) else status,
        "last_updated": moment(row["last_updated"]),
    }
    if "tags" in row:
        kept["tags"] = [id_of(tag) for tag in row["tags"]]
    if "custom_field_data" in row or "custom_fields" in row:
        values = custom_fields.values(kind, row)
        kept["custom_field_data"] = {name: value for name, value in values.items() if value is not None}
    for name in (*spec.plain, *spec.numbers):
        if name in row:
            kept[name] = row[name]
    # An inventory leaves out what nobody uses.
    for name in (name for name in spec.links if name in row):
        kept[name] = id_of(row[name])
    for name in (name for name in spec.addresses if name in row):
        kept[name] = row[name] and {key: row[name][key] for key in ("id", "address", "dns_name") if key in row[name]}
        if kept[name]:
            kept[name]["id"] = int(kept[name]["id"])
    if spec.on_device:
        device = row["device"]
        kept["device"] = device and {
            "id": id_of(device),
            "name": device["name"],
            **{name: id_of(device[name]) for name in spec.of_device},
        }
    if "config_context" in row:
        kept["config_context"] = row["config_context"] or {}
    return kept


def build_objects(
    netbox: NetBox,
    related: Related,
    rows: Rows,
    roots: frozenset[str],
    kinds: Iterable[str],
    without: Collection[str] = (),
) -> Iterator[list[NetBoxObject]]:
    """Yield the objects that rows describe, in pages, those of one kind after those of the other, each by id.

    `without`: identities of those that are left out.
    `related` and what interfaces have for addresses are as they are now, not as they were when the rows were read.
    """
    windows = [Window(kind, tuple(sorted(rows.get(kind, ()))), picked=False) for kind in kinds]
    builders = make_builders(netbox, related, Wanted(roots), windows)
    for window in windows:
        build, some = builders[window.kind].build, rows.get(window.kind, {})
        for at in range(0, len(window.ids), PAGE):
            numbers = window.ids[at : at + PAGE]
            yield [build(some[number]) for number in numbers if f"{window.kind}:{number}" not in without]


def links_of(rows: Rows, refs: Iterable[str], names: tuple[str, ...]) -> Iterator[tuple[str, list[int]]]:
    """Yield the ids of what some objects refer to, 0 for nothing. `refs`: their identities; `names`: of the links."""
    for ref in refs:
        kind, dummy, number = ref.partition(":")
        row, of_device = rows[kind][int(number)], KINDS[kind].of_device
        yield ref, [((row["device"] or {}) if name in of_device else row).get(name) or 0 for name in names]


def prefers_ipv4(netbox: NetBox, related: Related, rows: Rows) -> bool | None:
    """Return which of two primary addresses NetBox takes, a setting that its changelog does not tell of; None where no
    row has both.
    """
    for kind, some in rows.items():
        for number, row in some.items():
            if row.get("primary_ip4") and row.get("primary_ip6"):
                return make_builders(netbox, related, Wanted(frozenset()))[kind].prefers_ipv4(number)
    return None


def read_contexts(netbox: NetBox) -> Assignments:
    """Return what each config context is assigned to; their data show in the objects."""
    pages = netbox.pages(
        "extras/config-contexts/", {"fields": ",".join(("id", "is_active", "last_updated", *ASSIGNED))}
    )
    return {row["id"]: _assignment(row) for page in pages for row in page}


#: field of a config context -> the table of what it may be assigned to
ASSIGNED = {
    "regions": "region",
    "site_groups": "site_group",
    "sites": "site",
    "locations": "location",
    "device_types": "device_type",
    "roles": "role",
    "platforms": "platform",
    "cluster_types": "cluster_type",
    "cluster_groups": "cluster_group",
    "clusters": "cluster",
    "tenant_groups": "tenant_group",
    "tenants": "tenant",
    "tags": "tag",
}


def _assignment(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"is_active": row["is_active"], "last_updated": moment(row["last_updated"])}
    for name in ASSIGNED:
        # NetBox shows tags as slugs here, all else as objects
        found[name] = sorted(one if isinstance(one, str) else id_of(one) for one in row[name])
    return found


def encode(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as JSON takes it: rows as lists of values, each config context once."""
    contexts: list[Any] = []
    numbers: dict[int, int] = {}
    kinds: dict[str, Any] = {}
    for kind, rows in snapshot.rows.items():
        columns = sorted({name for row in rows.values() for name in row})
        lines: list[list[Any]] = []
        for row in rows.values():
            line = [row.get(name) for name in columns]
            if "config_context" in row:
                context = row["config_context"]
                if id(context) not in numbers:
                    numbers[id(context)] = len(contexts)
                    contexts.append(context)
                line[columns.index("config_context")] = numbers[id(context)]
            lines.append(line)
        kinds[kind] = {"columns": columns, "rows": lines}
    mark = snapshot.mark
    return {
        "id": snapshot.id,
        "scope": snapshot.scope,
        "mark": [mark.id, mark.time, mark.request, sorted(mark.seen)],
        "read": snapshot.read,
        "whole": snapshot.whole,
        "kinds": kinds,
        "rendered": contexts,
        "contexts": [[number, found] for number, found in snapshot.contexts.items()],
        "custom_fields": snapshot.related.custom_fields,
        "related": {
            table: [_unlinked(table, entry) for entry in entries.values()]
            for table, entries in snapshot.related.tables.items()
        },
    }


def _unlinked(table: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, **{name: id_of(entry[name]) for name in TABLES[table].links}}


def decode(content: Mapping[str, Any], netbox: NetBox) -> Snapshot:
    """Read what `encode` made. Raises KeyError, ValueError or TypeError for what is no such thing."""
    number, time, request, seen = content["mark"]
    rendered = content["rendered"]
    rows: Rows = {}
    for kind, found in content["kinds"].items():
        columns = found["columns"]
        rows[kind] = {}
        for line in found["rows"]:
            row = dict(zip(columns, line, strict=True))
            if "config_context" in row:
                row["config_context"] = rendered[row["config_context"]]
            rows[kind][row["id"]] = row
    related = Related(
        {table: {entry["id"]: entry for entry in content["related"][table]} for table in TABLES},
        content["custom_fields"],
    )
    links = Links(netbox, related, read_custom_fields(netbox))
    for table, spec in TABLES.items():
        if spec.links:
            for entry in list(related.tables[table].values()):
                links.link(table, entry)
    return Snapshot(
        scope=dict(content["scope"]),
        mark=Mark(number, time, request, frozenset(seen)),
        read=content["read"],
        whole=content["whole"],
        rows=rows,
        related=related,
        contexts=dict(content["contexts"]),
        id=content["id"],
    )
