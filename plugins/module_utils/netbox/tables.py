# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tables of related objects (sites, roles, tags ...): read whole and once, then linked to each other by id.

Devices carry only ids of them: reading the related objects with each device again doubles NetBox's work (measured).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..errors import NetBoxError
from .client import GRAPHQL, PAGE, READERS, NetBox
from .custom_fields import CustomFields, read_custom_fields
from .failures import Refused, out_of_order
from .objects import Related

TAG = "tag"
#: plain fields of which the answer shows an object, and an id is kept
_IDS = frozenset({"master", "installed_device"})
#: the same, and id and name are kept
_NAMED = frozenset({"device"})
#: plain fields that GraphQL shows as texts
_NUMBERS = frozenset({"latitude", "longitude"})


@dataclass(frozen=True, slots=True)
class Table:
    """How one kind of related object is read.

    `fields`: plain ones; `links`: field -> table that its id is of; `parent_since`: the version that made it a tree.
    """

    path: str
    fields: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    slug: bool = True
    custom_fields: bool = False
    parent_since: tuple[int, ...] = ()

    def query(self, version: tuple[int, ...]) -> dict[str, str]:
        """Return the parameters that make NetBox answer no more than is used.

        A field that it does not have must not be asked for: some versions answer that with a 500.
        """
        links = [name for name in self.links if name != "parent" or version >= self.parent_since]
        names = ["id", *self.fields, *links]
        names += [] if "model" in self.fields else ["name"]
        names += ["slug"] if self.slug else []
        names += ["custom_fields"] if self.custom_fields else []
        return {"fields": ",".join(names)}

    def selection(self) -> str:
        """Return the same fields as GraphQL writes them; every version that we read by GraphQL has them all."""
        plain = [name for name in self.fields if name not in _IDS | _NAMED]
        if "model" not in plain:
            plain.append("name")
        plain += ["slug"] if self.slug else []
        plain += ["custom_field_data"] if self.custom_fields else []
        related = [name for name in self.fields if name in _IDS] + list(self.links)
        named = [name for name in self.fields if name in _NAMED]
        return " ".join(
            ["id", *plain, *(f"{name} {{id}}" for name in related), *(f"{name} {{id name}}" for name in named)]
        )


TABLES: dict[str, Table] = {
    "region": Table("dcim/regions/", links={"parent": "region"}),
    "site_group": Table("dcim/site-groups/", links={"parent": "site_group"}),
    "site": Table(
        "dcim/sites/",
        ("facility", "time_zone", "physical_address", "latitude", "longitude"),
        {"region": "region", "group": "site_group"},
        custom_fields=True,
    ),
    "location": Table("dcim/locations/", links={"parent": "location", "site": "site"}),
    "rack": Table("dcim/racks/", slug=False),
    "manufacturer": Table("dcim/manufacturers/"),
    "device_type": Table(
        "dcim/device-types/", ("model", "part_number"), {"manufacturer": "manufacturer"}, custom_fields=True
    ),
    "role": Table("dcim/device-roles/", links={"parent": "role"}, custom_fields=True, parent_since=(4, 3)),
    "platform": Table(
        "dcim/platforms/",
        links={"parent": "platform", "manufacturer": "manufacturer"},
        custom_fields=True,
        parent_since=(4, 4),
    ),
    "tenant_group": Table("tenancy/tenant-groups/", links={"parent": "tenant_group"}),
    "tenant": Table("tenancy/tenants/", links={"group": "tenant_group"}),
    "cluster_type": Table("virtualization/cluster-types/"),
    "cluster_group": Table("virtualization/cluster-groups/"),
    "cluster": Table(
        "virtualization/clusters/",
        links={"type": "cluster_type", "group": "cluster_group"},
        slug=False,
        custom_fields=True,
    ),
    "virtual_chassis": Table("dcim/virtual-chassis/", ("master",), slug=False),
    "device_bay": Table("dcim/device-bays/", ("installed_device", "device"), slug=False),
    TAG: Table("extras/tags/"),
}


def read_related(netbox: NetBox) -> Related:
    """Return all related objects of the estate, and the custom fields that our kinds of objects have."""
    return related_from(netbox, _rows_by_graphql(netbox) if netbox.reader == GRAPHQL else _rows_by_rest(netbox))


def related_from(netbox: NetBox, rows: Mapping[str, list[dict[str, Any]]]) -> Related:
    """Return the related objects that these rows of all tables are."""
    custom_fields = read_custom_fields(netbox)
    related = Related(
        tables={name: {int(row["id"]): _entry(name, row, custom_fields) for row in rows[name]} for name in TABLES},
        custom_fields=custom_fields.of_hosts,
    )
    links = Links(netbox, related, custom_fields)
    for name, table in TABLES.items():
        if table.links:
            for entry in list(related.tables[name].values()):
                links.link(name, entry)
    return related


def graphql_list(table: str) -> str:
    """Return GraphQL's field that lists a table."""
    return "device_role_list" if table == "role" else f"{table}_list"


def _rows_by_graphql(netbox: NetBox) -> dict[str, list[dict[str, Any]]]:
    """Return all tables, a page of each in one request: a tenth of the time that REST takes for them (measured)."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    after = dict.fromkeys(TABLES, 0)
    while after:  # until a page is empty: a short one may be NetBox's MAX_PAGE_SIZE
        lists = {name: graphql_list(name) for name in after}
        asked = (
            f"{lists[name]}(pagination: {{start: {start}, limit: {PAGE}}}) {{{TABLES[name].selection()}}}"
            for name, start in after.items()
        )
        answer = netbox.graphql(f"{{{' '.join(asked)}}}", {})
        found = {name: answer[lists[name]] for name in after}
        for name, page in found.items():
            if page and int(page[0]["id"]) < after[name]:
                raise out_of_order(netbox.url, f"a list of {name.replace('_', ' ')}s")
            rows[name] += page
        after = {name: int(page[-1]["id"]) + 1 for name, page in found.items() if page}
    return rows


def _rows_by_rest(netbox: NetBox) -> dict[str, list[dict[str, Any]]]:
    """Return all tables, read one by one, several at once."""

    def rows(table: Table) -> list[dict[str, Any]]:
        return [row for page in netbox.pages(table.path, table.query(netbox.version)) for row in page]

    readers = ThreadPoolExecutor(READERS, thread_name_prefix="netbox-related")
    try:
        reading = {name: readers.submit(rows, table) for name, table in TABLES.items()}
        return {name: read.result() for name, read in reading.items()}
    finally:
        readers.shutdown(wait=False, cancel_futures=True)  # after an error the other tables are not waited for


def _entry(kind: str, row: Mapping[str, Any], custom_fields: CustomFields) -> dict[str, Any]:
    """Return the dictionary that one row of a table becomes; its links are still ids."""
    table = TABLES[kind]
    entry: dict[str, Any] = {"id": int(row["id"]), "name": row.get("name"), "slug": row.get("slug")}
    for name in table.fields:
        value = row.get(name)
        if value is not None:
            value = _plain(name, value)
        entry[name] = value
    if "model" in entry:  # a device type's name; it has no field called so
        entry["name"] = entry["model"]
    for name in table.links:  # platforms and roles have a parent only in newer versions
        entry[name] = id_of(row.get(name))
    if table.custom_fields:
        entry["custom_fields"] = custom_fields.values(kind, row)
    return entry


def _plain(name: str, value: Any) -> Any:
    if name in _NAMED:
        return {"id": id_of(value), "name": value["name"]}
    return id_of(value) if name in _IDS else float(value) if name in _NUMBERS else value


def id_of(value: Any) -> int | None:
    """Return the id in `{"id": "5", ...}` (GraphQL's are strings), in 5, or None."""
    if value is None:
        return None
    return int(value["id"] if isinstance(value, dict) else value)


class Links:
    """Finds related objects by id; one that came into being after its table was read is read by itself."""

    def __init__(self, netbox: NetBox, related: Related, custom_fields: CustomFields) -> None:
        self._netbox = netbox
        self._related = related
        self._custom_fields = custom_fields
        self._lock = threading.RLock()
        bays = related.tables.get("device_bay", {}).values()
        #: device id -> the bay that it is in
        self.bays = {bay["installed_device"]: bay for bay in bays if bay["installed_device"] is not None}

    def find(self, table: str, value: Any) -> dict[str, Any] | None:
        """Return the shared dictionary of the object that `value` (an id, or a dictionary with one) stands for."""
        number = id_of(value)
        if number is None:
            return None
        found = self._related.tables[table].get(number)
        return found if found is not None else self._read(table, number)

    def link(self, table: str, entry: dict[str, Any]) -> None:
        """Put dictionaries in the place of an entry's ids."""
        for name, target in TABLES[table].links.items():
            entry[name] = self.find(target, entry[name])

    def _read(self, table: str, number: int) -> dict[str, Any]:
        with self._lock:
            if number in self._related.tables[table]:
                return self._related.tables[table][number]
            spec = TABLES[table]
            try:
                row = self._netbox.get(f"{spec.path}{number}/", spec.query(self._netbox.version))
            except Refused as error:
                if error.status not in (403, 404):
                    raise
                raise NetBoxError(
                    f"The {table.replace('_', ' ')} with id {number} is in use but NetBox does not show it:"
                    " may the token's user view all objects of that kind, or was it deleted just now?"
                ) from None
            entry = _entry(table, row, self._custom_fields)
            self.link(table, entry)
            self._related.tables[table][number] = entry
            return entry
