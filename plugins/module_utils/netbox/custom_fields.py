# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Custom fields: which there are, and their values in one form however they were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .client import NetBox
from .objects import ALL_KINDS, DEVICE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE

#: NetBox's name of what may have custom fields that we use -> ours: kinds of hosts, tables of related objects
KINDS = {
    "dcim.device": DEVICE,
    "virtualization.virtualmachine": VIRTUAL_MACHINE,
    "dcim.virtualdevicecontext": VIRTUAL_DEVICE_CONTEXT,
    "dcim.site": "site",
    "dcim.devicetype": "device_type",
    "dcim.devicerole": "role",
    "dcim.platform": "platform",
    "virtualization.cluster": "cluster",
}
_HOSTS = frozenset(ALL_KINDS)


@dataclass(frozen=True, slots=True)
class CustomField:
    """One custom field. `kinds`: our names of the object types that have it.

    `filterable`: it can be filtered by; `loose`: a filter on its text finds parts of it.
    """

    name: str
    type: str
    kinds: frozenset[str]
    filterable: bool
    loose: bool


@dataclass(frozen=True, slots=True)
class CustomFields:
    """All custom fields of a NetBox, by name (names are unique in the whole of NetBox)."""

    by_name: Mapping[str, CustomField]
    _of: dict[str, dict[str, CustomField]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        of = {
            kind: {name: item for name, item in self.by_name.items() if kind in item.kinds} for kind in KINDS.values()
        }
        object.__setattr__(self, "_of", of)

    @property
    def of_hosts(self) -> dict[str, str]:
        """Name -> type of those that objects of any of our kinds have."""
        return {name: item.type for name, item in self.by_name.items() if item.kinds & _HOSTS}

    def of(self, kind: str) -> dict[str, CustomField]:
        """Return those that `kind` has."""
        return self._of[kind]

    def values(self, kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values in a row of `kind` as NetBox stores them, None for those that were never set.

        GraphQL shows them as stored but leaves out what was never set; REST makes objects dictionaries.
        """
        shown = row["custom_field_data"] if "custom_field_data" in row else row["custom_fields"]
        return {name: _raw(item.type, (shown or {}).get(name)) for name, item in self._of[kind].items()}


def _raw(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind in ("select", "object"):
        return _plain(value)
    if kind in ("multiselect", "multiobject"):
        return [_plain(item) for item in value] or None
    if kind == "decimal":
        return float(value)
    if kind == "datetime":
        return moment(value)
    return value


def _plain(value: Any) -> Any:
    """Return a choice's value or an object's id."""
    if not isinstance(value, dict):
        return value
    return value["id"] if "id" in value else value.get("value")


def moment(text: str | None) -> str | None:
    """Return a time in UTC as `2026-11-23T10:00:00Z`; one without an offset, or none at all, stays as it is.

    GraphQL writes `+00:00`, REST the offset of NetBox's own time zone.
    """
    if not text:
        return text
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return text  # NetBox shows as it is stored what it cannot read either
    if parsed.tzinfo is None:
        return parsed.isoformat()
    return parsed.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_custom_fields(netbox: NetBox) -> CustomFields:
    """Return all custom fields; asked of NetBox once."""

    def read() -> CustomFields:
        rows = [row for page in netbox.pages("extras/custom-fields/", {}) for row in page]
        return CustomFields({row["name"]: _field(row) for row in rows})

    return netbox.remember("custom_fields", read)


def take_custom_fields(netbox: NetBox, rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """Let `read_custom_fields` give those that were read by GraphQL: rows by the object type that has them."""
    types: dict[str, list[str]] = {}
    found: dict[str, Mapping[str, Any]] = {}
    for object_type, some in rows.items():
        for row in some:
            found[row["name"]] = row
            types.setdefault(row["name"], []).append(object_type)
    fields = CustomFields({name: _field({**row, "object_types": types[name]}) for name, row in found.items()})
    netbox.remember("custom_fields", lambda: fields)


def _field(row: Mapping[str, Any]) -> CustomField:
    logic = _plain(row.get("filter_logic"))
    kind = _plain(row["type"])
    return CustomField(
        name=row["name"],
        type=kind,
        kinds=frozenset(KINDS[name] for name in row["object_types"] if name in KINDS),
        filterable=logic != "disabled" and kind != "json",
        loose=logic == "loose",
    )
