"""Puts an estate into a NetBox through its REST API, and takes it out again.

A tag (`catalog.MARKER_TAG`) says in its description which estate a NetBox carries, so that it is not loaded twice and
can be made again for its removal. It is the first row created, so that a load broken off can be purged as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import catalog
from .api import Api, EstateError
from .generate import generate
from .model import ENDPOINTS, Estate, Ref, Row, Table, references, resolve

__all__ = ["EstateError", "load", "purge"]

#: Rows to a request: large enough that the request does not count, small enough for any server's time limit.
BATCH = 200
#: Requests at once for tables whose rows lock no shared row. A device locks its device type's counter until its
#: whole batch is committed, so devices in parallel only wait for each other, or die of a deadlock.
PARALLEL = 3
PARALLEL_TABLES = frozenset({"interfaces", "vm_interfaces", "ip_addresses"})

#: Found by these when NetBox is asked whether it has a row already; the tables not named here hang on these.
NATURAL_KEYS: dict[str, str] = {
    "tags": "slug",
    "choice_sets": "name",
    "custom_fields": "name",
    "regions": "slug",
    "site_groups": "slug",
    "tenant_groups": "slug",
    "tenants": "slug",
    "manufacturers": "slug",
    "platforms": "slug",
    "device_types": "slug",
    "roles": "slug",
    "cluster_types": "slug",
    "cluster_groups": "slug",
    "sites": "slug",
    "clusters": "name",
    "config_contexts": "name",
    "virtual_chassis": "name",
}
#: May be there before, made by the collection's own set-up: then they are used, and left where they are by a purge.
SHARED_TABLES = ("choice_sets", "custom_fields")

Progress = Callable[[str], None]


def _silent(message: str) -> None:
    pass


def load(estate: Estate, url: str, token: str, *, progress: Progress = _silent) -> dict[Ref, int]:
    """Create the estate in a NetBox that has none of it yet. Returns the id of each row."""
    api = Api(url, token)
    marker = _marker(api)
    if marker:
        raise EstateError(f"{url} already carries an estate ({marker['description']}): purge it first")
    ids, kept = _already_there(api, estate)
    for table in estate.tables.values():
        rows = [row for row in table.rows if Ref(table.name, row.key) not in ids]
        if table.name == "tags":
            rows[0].payload["description"] = _description(estate, kept)
        _create(api, table, rows, ids, progress)
    for table in estate.updates.values():
        payloads = [{"id": ids[Ref(table.name, row.key)], **resolve(row.payload, ids)} for row in table.rows]
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(lambda batch, table=table: api.update(table.endpoint, batch), _chunks(payloads)))
        progress(f"{table.name}: {len(payloads)} updated")
    return ids


def purge(url: str, token: str, *, progress: Progress = _silent) -> int:
    """Remove the estate that a NetBox carries, with all that was put into its sites and clusters since.

    Returns how many rows were removed (what NetBox removes along with them not counted), 0 when there was no estate.
    """
    api = Api(url, token)
    marker = _marker(api)
    if not marker:
        return 0
    estate, kept = _estate_of(marker)
    found = {
        name: _ours(api, estate.tables[name], key) for name, key in NATURAL_KEYS.items() if estate.tables[name].rows
    }
    for name in SHARED_TABLES:
        found[name] = {key: row for key, row in found[name].items() if key not in kept}
    sites = {row["id"] for row in found["sites"].values()}
    clusters = {row["id"] for row in found["clusters"].values()}

    def within(table: Table) -> list[int]:
        # NetBox answers 500 when a model lacks a field that is asked for
        with_cluster = table.name in ("virtual_machines", "devices")
        fields = {"fields": "id,site,cluster", "exclude": "config_context"} if with_cluster else {"fields": "id,site"}
        return [
            row["id"]
            for row in api.rows(table.endpoint, **fields)
            if (row.get("site") or {}).get("id") in sites or (row.get("cluster") or {}).get("id") in clusters
        ]

    # What is in the estate's sites and clusters goes first; interfaces and addresses go along.
    # NetBox does not let go of a device that is the master of a virtual chassis, whoever made that.
    wanted = {name: within(estate.tables[name]) for name in ("virtual_machines", "devices", "racks", "locations")}
    chassis = [row["id"] for row in found.pop("virtual_chassis", {}).values()]
    masters = set(wanted["devices"])
    chassis += [
        row["id"]
        for row in api.rows(ENDPOINTS["virtual_chassis"])
        if (row["master"] or {}).get("id") in masters and row["id"] not in chassis
    ]
    wanted["virtual_chassis"] = chassis
    removed = 0
    for name in ("virtual_machines", "virtual_chassis", "devices", "racks", "locations"):
        removed += _delete(api, estate.tables[name], wanted[name], progress)
    marker_row = Ref("tags", catalog.MARKER_TAG)
    for name in reversed(list(NATURAL_KEYS)):
        if name not in found:
            continue
        # The marker last of all: as long as it is there, a purge broken off can be repeated.
        ids = [row["id"] for key, row in found[name].items() if Ref(name, key) != marker_row]
        removed += _delete(api, estate.tables[name], ids, progress)
    return removed + _delete(api, estate.tables["tags"], [marker["id"]], progress)


def _create(api: Api, table: Table, rows: list[Row], ids: dict[Ref, int], progress: Progress) -> None:
    left = len(rows)

    def post(batch: list[Row]) -> None:
        nonlocal left
        answer = api.create(table.endpoint, [resolve(row.payload, ids) for row in batch])
        for row, created in zip(batch, answer, strict=True):
            ids[Ref(table.name, row.key)] = created["id"]
        left -= len(batch)
        if left and len(batch) == BATCH:
            progress(f"{table.name}: {left} left")

    waves = _chunks(rows) if table.name in PARALLEL_TABLES else _waves(table.name, rows)
    with ThreadPoolExecutor(PARALLEL if table.name in PARALLEL_TABLES else 1) as pool:
        list(pool.map(post, waves))
    progress(f"{table.name}: {len(rows)} created")


def _waves(table: str, rows: list[Row]) -> Iterator[list[Row]]:
    """Batches none of whose rows refers to another row of the same batch, in the order of the rows."""
    batch: list[Row] = []
    keys: set[str] = set()
    for row in rows:
        parents = {ref.key for ref in references(row.payload) if ref.table == table}
        if len(batch) == BATCH or parents & keys:
            yield batch
            batch, keys = [], set()
        batch.append(row)
        keys.add(row.key)
    if batch:
        yield batch


def _chunks(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _already_there(api: Api, estate: Estate) -> tuple[dict[Ref, int], list[str]]:
    """The ids of shared rows that exist already, and their names. Any other row that exists is an error."""
    ids: dict[Ref, int] = {}
    kept: list[str] = []
    clashes: list[str] = []
    for name, key in NATURAL_KEYS.items():
        for value, row in _ours(api, estate.tables[name], key).items():
            if name in SHARED_TABLES:
                ids.update(
                    (Ref(name, own.key), row["id"]) for own in estate.tables[name].rows if own.payload[key] == value
                )
                kept.append(value)
            else:
                clashes.append(f"{name} {value}")
    if clashes:
        raise EstateError(
            f"{api.url} has objects of its own with the estate's names ({len(clashes)}: {', '.join(clashes[:5])} ...): "
            "load it into an empty NetBox"
        )
    return ids, kept


def _ours(api: Api, table: Table, key: str) -> dict[str, dict[str, Any]]:
    """The rows in NetBox whose natural key is one of the estate's, by that key."""
    own = {row.payload[key] for row in table.rows}
    return {row[key]: row for row in api.rows(table.endpoint) if row[key] in own}


def _delete(api: Api, table: Table, ids: Iterable[int], progress: Progress) -> int:
    # Highest first: parents were made before their children, and NetBox moves the children of a deleted one.
    wanted = sorted(ids, reverse=True)
    for batch in _chunks(wanted):
        api.delete(table.endpoint, batch)
    if wanted:
        progress(f"{table.name}: {len(wanted)} removed")
    return len(wanted)


def _marker(api: Api) -> dict[str, Any] | None:
    # The filter is applied here too: NetBox ignores a filter that it does not know.
    rows = api.rows("extras/tags", slug=catalog.MARKER_TAG)
    return next((row for row in rows if row["slug"] == catalog.MARKER_TAG), None)


def _description(estate: Estate, kept: list[str]) -> str:
    """What the marker says: which estate this is, and which of its rows were there before it."""
    return f"objects={estate.objects} seed={estate.seed} kept={','.join(kept)}"


def _estate_of(marker: dict[str, Any]) -> tuple[Estate, set[str]]:
    found = re.fullmatch(r"objects=(\d+) seed=(-?\d+) kept=(.*)", marker["description"])
    if not found:
        raise EstateError(f"the tag {catalog.MARKER_TAG} does not say which estate this is: {marker['description']!r}")
    return generate(int(found[1]), int(found[2])), set(filter(None, found[3].split(",")))
