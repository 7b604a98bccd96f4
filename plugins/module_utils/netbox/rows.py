# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which fields of each kind of object are read, and how one row becomes a NetBox object.

Rows of GraphQL and of REST have the same names here; where their values differ in form, this file makes them equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import NetBox
from .custom_fields import CustomFields, moment
from .interface_addresses import InterfaceAddresses
from .objects import DERIVED, DEVICE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE, NetBoxObject
from .tables import TAG, Links, id_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of each object. `roots`: attributes that are read only when asked for; `without`: usual ones that
    are not read, so that the objects do not have them.
    """

    roots: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def reads(self, name: str) -> bool:
        """Tell whether a usual attribute is read."""
        return name not in self.without


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of NetBox object: where it is, and its fields by how they are read."""

    path: str
    #: in GraphQL: the field that lists them, the type of its filter
    graphql: tuple[str, str]
    plain: tuple[str, ...]
    numbers: tuple[str, ...]
    links: tuple[str, ...]
    addresses: tuple[str, ...]
    #: what only other kinds have: None here, so that a policy may ask any kind for it
    lacking: tuple[str, ...]
    #: read only when the policy uses them: they cost time and memory, and few policies do
    optional: frozenset[str]
    #: whether it is on a device, and the links that it has from there
    on_device: bool = False
    of_device: tuple[str, ...] = ()
    #: whether NetBox renders a config context for it
    context: bool = True

    def wanted(self, names: tuple[str, ...], wanted: Wanted) -> list[str]:
        """Return those of `names` that are read."""
        return [
            name for name in names if name not in wanted.without and (name not in self.optional or name in wanted.roots)
        ]


_SHARED_LINKS = ("site", "role", "platform", "tenant", "cluster")
_DEVICE_LINKS = ("location", "rack", "device_type", "virtual_chassis")
_IN_BAY = ("parent_device", "bay")

KINDS: dict[str, Kind] = {
    DEVICE: Kind(
        path="dcim/devices/",
        graphql=("device_list", "DeviceFilter"),
        plain=("name", "serial", "asset_tag", "description", "comments", "local_context_data"),
        numbers=("latitude", "longitude", "position"),
        links=(*_SHARED_LINKS, *_DEVICE_LINKS),
        addresses=("primary_ip4", "primary_ip6", "oob_ip"),
        lacking=("device", "vcpus", "memory", "disk", "identifier"),
        optional=frozenset({"comments", "latitude", "longitude", "position", "local_context_data"}),
    ),
    VIRTUAL_MACHINE: Kind(
        path="virtualization/virtual-machines/",
        graphql=("virtual_machine_list", "VirtualMachineFilter"),
        plain=("name", "serial", "description", "comments", "memory", "disk", "local_context_data"),
        numbers=("vcpus",),
        links=_SHARED_LINKS,
        addresses=("primary_ip4", "primary_ip6"),
        lacking=("asset_tag", *_DEVICE_LINKS, "manufacturer", "oob_ip", "identifier", *_IN_BAY),
        optional=frozenset({"comments", "local_context_data"}),
        on_device=True,
    ),
    VIRTUAL_DEVICE_CONTEXT: Kind(
        path="dcim/virtual-device-contexts/",
        graphql=("virtual_device_context_list", "VirtualDeviceContextFilter"),
        plain=("name", "description", "comments", "identifier"),
        numbers=(),
        links=("tenant",),
        addresses=("primary_ip4", "primary_ip6"),
        lacking=("serial", "asset_tag", "oob_ip", "vcpus", "memory", "disk"),
        optional=frozenset({"comments"}),
        on_device=True,
        of_device=(*(link for link in _SHARED_LINKS if link != "tenant"), *_DEVICE_LINKS),
        context=False,
    ),
}

#: all that a policy may ask for, and that is read only then
OPTIONAL_ROOTS = frozenset().union(*(kind.optional for kind in KINDS.values())) - {"local_context_data"}


class Builder:
    """Makes NetBox objects of one kind from rows."""

    def __init__(
        self,
        netbox: NetBox,
        kind: str,
        links: Links,
        custom_fields: CustomFields,
        wanted: Wanted,
        interfaces: InterfaceAddresses,
    ) -> None:
        spec = KINDS[kind]
        self.kind = kind
        self._netbox = netbox
        self._links = links
        self._custom_fields = custom_fields
        self._interfaces = interfaces
        self._spec = spec
        self._wanted = wanted
        self._plain = spec.wanted(spec.plain, wanted)
        self._numbers = spec.wanted(spec.numbers, wanted)
        self._contexts = spec.context and wanted.reads("config_context")
        self._addresses = spec.wanted(spec.addresses, wanted)
        self._own_links = spec.wanted(spec.links, wanted)

    def build(self, row: Mapping[str, Any]) -> NetBoxObject:
        """Return the object that a row of GraphQL or REST describes."""
        number = int(row["id"])
        status = row["status"]
        attributes: dict[str, Any] = dict.fromkeys(self._spec.lacking)
        attributes.update({name: row[name] for name in self._plain})
        attributes["name"] = row["name"] or None
        attributes["status"] = status["value"] if isinstance(status, dict) else status
        attributes["last_updated"] = moment(row["last_updated"])
        for name in self._numbers:
            attributes[name] = None if row[name] is None else float(row[name])
        for name in self._own_links:
            attributes[name] = self._links.find(name, row[name])
        if self._spec.on_device:
            self._take_device(row["device"], attributes)
        if self.kind != VIRTUAL_MACHINE:
            bay = self._links.bays.get(number if self.kind == DEVICE else (id_of(row["device"]) or 0))
            attributes["parent_device"], attributes["bay"] = (bay["device"], bay["name"]) if bay else (None, None)
        for name, (over, link) in DERIVED.items():
            if over in attributes:
                attributes[name] = attributes[over] and attributes[over][link]
        for name in self._addresses:
            attributes[name] = self._address(row[name])
        if self._wanted.reads("primary_ip4") and self._wanted.reads("primary_ip6"):
            attributes["primary_ip"] = self._primary(number, attributes["primary_ip4"], attributes["primary_ip6"])
        if self._wanted.reads("tags"):
            tags = (self._links.find(TAG, tag) for tag in row["tags"])
            attributes["tags"] = sorted((tag for tag in tags if tag), key=lambda tag: str(tag["slug"]))
        if self._wanted.reads("custom_fields"):
            attributes["custom_fields"] = self._custom_fields.values(self.kind, row)
        context = (row["config_context"] or {}) if self._contexts else {}
        if self._wanted.reads("config_context"):
            attributes["config_context"] = context
        named = self._interfaces.of(self.kind, number, context)
        if named:
            attributes["interface_addresses"] = {
                name: [self._address(one) for one in found] for name, found in named.items()
            }
        return NetBoxObject(self.kind, number, attributes)

    def _take_device(self, device: Mapping[str, Any] | None, attributes: dict[str, Any]) -> None:
        attributes["device"] = device and {"id": id_of(device), "name": device["name"]}
        for name in self._spec.of_device:
            attributes[name] = self._links.find(name, device and device[name])

    def _primary(self, number: int, ip4: dict[str, Any] | None, ip6: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return the address that NetBox calls primary; with both it goes by its setting PREFER_IPV4."""
        if not ip4 or not ip6:
            return ip4 or ip6
        return ip4 if self.prefers_ipv4(number) else ip6

    def prefers_ipv4(self, number: int) -> bool:
        """Ask NetBox once for its choice, at an object that has both addresses: the API does not have the setting."""

        def read() -> bool:
            params = {"id": number, "fields": "id,primary_ip", "exclude": "config_context"}
            rows = self._netbox.get(self._spec.path, params)["results"]
            return bool(rows and rows[0]["primary_ip"] and ":" not in rows[0]["primary_ip"]["address"])

        choice: bool = self._netbox.remember("prefer_ipv4", read)
        return choice

    def _address(self, value: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if value is None:
            return None
        cidr = value["address"]
        address = cidr.partition("/")[0]
        dns_name = value["dns_name"] if "dns_name" in value else self._dns_names().get(value["id"], "")
        return {"address": address, "cidr": cidr, "family": 6 if ":" in address else 4, "dns_name": dns_name}

    def _dns_names(self) -> dict[int, str]:
        """Return the DNS names by the id of the address; REST shows them within a device only since 4.6.4."""

        def read() -> dict[int, str]:
            params = {"dns_name__empty": "false", "fields": "id,dns_name"}
            pages = self._netbox.pages("ipam/ip-addresses/", params)
            return {row["id"]: row["dns_name"] for page in pages for row in page}

        names: dict[int, str] = self._netbox.remember("dns_names", read)
        return names
