"""The estate as a plain value: ordered tables of payloads that refer to one another by name instead of by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in a payload for the id of a row of another (or of the same) table."""

    table: str
    key: str


@dataclass(slots=True)
class Row:
    """One object to create. `payload` is what NetBox's REST API takes, with `Ref`s in place of ids."""

    key: str
    payload: dict[str, Any]


@dataclass(slots=True)
class Table:
    """The rows of one REST endpoint, each after the rows of the same table that it refers to."""

    name: str
    endpoint: str
    rows: list[Row] = field(default_factory=list)

    def add(self, key: str, **payload: Any) -> Ref:
        self.rows.append(Row(key, payload))
        return Ref(self.name, key)


#: Tables in the order in which they can be created.
ENDPOINTS: dict[str, str] = {
    "tags": "extras/tags",
    "choice_sets": "extras/custom-field-choice-sets",
    "custom_fields": "extras/custom-fields",
    "regions": "dcim/regions",
    "site_groups": "dcim/site-groups",
    "tenant_groups": "tenancy/tenant-groups",
    "tenants": "tenancy/tenants",
    "manufacturers": "dcim/manufacturers",
    "platforms": "dcim/platforms",
    "device_types": "dcim/device-types",
    "roles": "dcim/device-roles",
    "cluster_types": "virtualization/cluster-types",
    "cluster_groups": "virtualization/cluster-groups",
    "sites": "dcim/sites",
    "locations": "dcim/locations",
    "racks": "dcim/racks",
    "clusters": "virtualization/clusters",
    "config_contexts": "extras/config-contexts",
    "virtual_chassis": "dcim/virtual-chassis",
    "devices": "dcim/devices",
    "virtual_machines": "virtualization/virtual-machines",
    "interfaces": "dcim/interfaces",
    "vm_interfaces": "virtualization/interfaces",
    "ip_addresses": "ipam/ip-addresses",
}


@dataclass(slots=True)
class Estate:
    """A company's NetBox.

    `tables` are created in their order, then `updates` are made: what closes a circle, such as the primary address of a
    device whose interface the address is on; a row's key there is that of the row which it updates.
    `specials` finds the awkward objects by what is awkward about them.
    """

    objects: int
    seed: int
    tables: dict[str, Table] = field(
        default_factory=lambda: {name: Table(name, endpoint) for name, endpoint in ENDPOINTS.items()}
    )
    updates: dict[str, Table] = field(
        default_factory=lambda: {
            name: Table(name, ENDPOINTS[name]) for name in ("virtual_chassis", "devices", "virtual_machines")
        }
    )
    specials: dict[str, Ref] = field(default_factory=dict)

    def add(self, table: str, key: str, **payload: Any) -> Ref:
        return self.tables[table].add(key, **payload)

    def counts(self) -> dict[str, int]:
        return {name: len(table.rows) for name, table in self.tables.items()}

    def row(self, ref: Ref) -> Row:
        """The row that `ref` names. Searches: meant for tests, which look at a few rows."""
        return next(row for row in self.tables[ref.table].rows if row.key == ref.key)


def references(value: Any) -> Iterator[Ref]:
    """All references in a payload, however deep."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def resolve(value: Any, ids: dict[Ref, int]) -> Any:
    """The payload with each reference replaced by the id that it stands for."""
    if isinstance(value, Ref):
        return ids[value]
    if isinstance(value, dict):
        return {key: resolve(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, ids) for item in value]
    return value
