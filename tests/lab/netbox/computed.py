"""What is particular to one kind of object: its computed fields, its display, its own filters."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import contexts
from .errors import invalid
from .fields import CHOICES, Row

if TYPE_CHECKING:
    from .store import Store

DEVICES, VMS = "dcim/devices", "virtualization/virtual-machines"
INTERFACES, VM_INTERFACES = "dcim/interfaces", "virtualization/interfaces"
ADDRESSES = "ipam/ip-addresses"
DISKS = "virtualization/virtual-disks"
BAYS = "dcim/device-bays"

# Computed fields: (renderer, row)


def primary_ip(view: Any, row: Row) -> Any:
    """IPv6 first, as NetBox has it by default (PREFER_IPV4 is off)."""
    number = row["primary_ip6"] if row["primary_ip6"] is not None else row["primary_ip4"]
    return view.related(ADDRESSES, number)


def config_context(view: Any, row: Row) -> Row:
    return contexts.render(view.store, row)


def parent_device(view: Any, row: Row) -> Row | None:
    """The device whose bay it is in, with the bay."""
    number = next(iter(view.store.referrers(BAYS, "installed_device", row["id"])), None)
    if number is None:
        return None
    bay = view.store.at(BAYS, number)
    device = view.related(DEVICES, bay["device"], "nested")
    return {**device, "device_bay": view.related(BAYS, number, "nested")}


def members(view: Any, row: Row) -> list[Any]:
    numbers = view.store.referrers(DEVICES, "virtual_chassis", row["id"])
    return [view.related(DEVICES, number, "nested") for number in numbers]


def nat_outside(view: Any, row: Row) -> list[Any]:
    return [
        view.related(ADDRESSES, number, "nested") for number in view.store.referrers(ADDRESSES, "nat_inside", row["id"])
    ]


def _type_of_interface(row: Row) -> str:
    return "dcim.interface" if "device" in row else "virtualization.vminterface"


def addresses_of(store: Store, row: Row) -> list[int]:
    return list(store.referrers(ADDRESSES, "assigned_object", (_type_of_interface(row), row["id"])))


def count_addresses(view: Any, row: Row) -> int:
    return len(addresses_of(view.store, row))


def family(address: str) -> dict[str, Any]:
    version = ipaddress.ip_interface(address).version
    return {"value": version, "label": f"IPv{version}"}


def allocated(name: str) -> Callable[[Any, Row], Any]:
    def total(view: Any, row: Row) -> Any:
        values = [view.store.at(VMS, number)[name] for number in view.store.referrers(VMS, "cluster", row["id"])]
        return sum(value for value in values if value is not None) or 0

    return total


def tagged_items(view: Any, row: Row) -> int:
    pointers = view.store.pointers
    return sum(len(pointers[key].get(row["id"], ())) for key in pointers if key[1] == "tags")


def _prefixes_scoped(store: Store, object_type: str, number: int) -> int:
    return len(list(store.referrers("ipam/prefixes", "scope", (object_type, number))))


def prefixes_of_site(view: Any, row: Row) -> int:
    return _prefixes_scoped(view.store, "dcim.site", row["id"])


def _prefixes_below(object_type: str, field: str) -> Callable[[Any, Row], int]:
    def total(view: Any, row: Row) -> int:
        sites = view.store.referrers("dcim/sites", field, row["id"])
        own = _prefixes_scoped(view.store, object_type, row["id"])
        return own + sum(_prefixes_scoped(view.store, "dcim.site", site) for site in sites)

    return total


prefixes_of_region = _prefixes_below("dcim.region", "region")
prefixes_of_site_group = _prefixes_below("dcim.sitegroup", "group")


def data_type(_view: Any, row: Row) -> str:
    kinds = {"integer": "integer", "decimal": "decimal", "boolean": "boolean", "json": "object", "object": "object"}
    return "array" if row["type"] in ("multiselect", "multiobject") else kinds.get(row["type"], "string")


def display_device(store: Store, row: Row) -> str:
    label = row["name"]
    if not label and row["virtual_chassis"] is not None:
        chassis = store.get("dcim/virtual-chassis", row["virtual_chassis"])
        label = f"{chassis['name']}:{row['vc_position']}" if chassis else None
    if not label:
        device_type = store.at("dcim/device-types", row["device_type"])
        manufacturer = store.at("dcim/manufacturers", device_type["manufacturer"])
        label = f"{manufacturer['name']} {device_type['model']}"
        return f"{label} ({row['asset_tag'] or row['id']})"
    return f"{label} ({row['asset_tag']})" if row["asset_tag"] else label


def display_journal_entry(_store: Store, row: Row) -> str:
    created = datetime.fromisoformat(row["created"])
    return f"{created:%Y-%m-%d %H:%M} ({CHOICES['journalentry.kind'][row['kind']]})"


def display_service(_store: Store, row: Row) -> str:
    return f"{row['name']} ({CHOICES['service.protocol'][row['protocol']]}/{_ranges(row['ports'])})"


def _ranges(ports: tuple[int, ...]) -> str:
    """Runs of following numbers as "first-last"."""
    runs: list[list[int]] = []
    for port in sorted(ports):
        if runs and port == runs[-1][-1] + 1:
            runs[-1].append(port)
        else:
            runs.append([port])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


APPS = {"dcim": "DCIM", "virtualization": "Virtualization", "tenancy": "Tenancy", "ipam": "IPAM", "extras": "Extras"}


def display_change(store: Store, row: Row) -> str:
    app = row["changed_object_type"].split(".")[0]
    table = store.table_of(row["changed_object_type"])
    verbose = table.verbose if table else row["changed_object_type"].split(".")[1]
    verb = CHOICES["objectchange.action"][row["action"]].lower()
    return f"{APPS.get(app, app)} | {verbose} {row['object_repr']} {verb} by {row['user_name']}"


def prechange_data(view: Any, row: Row) -> Any:
    return view.change_data(row, row["before"])


def postchange_data(view: Any, row: Row) -> Any:
    return view.change_data(row, row["after"])


# Filters of their own: (store, row, values or the wanted truth)


def has_primary_ip(_store: Store, row: Row, wanted: bool) -> bool:
    return (row["primary_ip4"] is not None or row["primary_ip6"] is not None) is wanted


def no_mac_address(_store: Store, _row: Row, _values: list[str]) -> bool:
    """The stand-in's interfaces have none."""
    return False


def scoped_to_site_id(_store: Store, row: Row, values: list[str]) -> bool:
    return row["scope_type"] == "dcim.site" and str(row["scope_id"]) in values


def scoped_to_site_slug(store: Store, row: Row, values: list[str]) -> bool:
    site = store.get("dcim/sites", row["scope_id"]) if row["scope_type"] == "dcim.site" else None
    return site is not None and site["slug"] in values


def address_on(object_type: str) -> Callable[[Store, Row, list[str]], bool]:
    def matches(_store: Store, row: Row, values: list[str]) -> bool:
        return row["assigned_object_type"] == object_type and str(row["assigned_object_id"]) in values

    return matches


def address_on_named(object_type: str, path: str) -> Callable[[Store, Row, list[str]], bool]:
    """By the name of the interface; a name that no interface has is refused (`choices`)."""

    def matches(store: Store, row: Row, values: list[str]) -> bool:
        if row["assigned_object_type"] != object_type:
            return False
        return store.at(path, row["assigned_object_id"])["name"] in values

    matches.choices = lambda store, value: any(row["name"] == value for row in store.rows(path))  # type: ignore[attr-defined]
    return matches


def address_of(object_type: str, path: str, parent: str, by_name: str = "") -> Callable[[Store, Row, list[str]], bool]:
    def matches(store: Store, row: Row, values: list[str]) -> bool:
        interface = store.get(path, row["assigned_object_id"]) if row["assigned_object_type"] == object_type else None
        if interface is None:
            return False
        owner = interface[parent]
        return (store.at(by_name, owner)["name"] if by_name else str(owner)) in values

    return matches


def service_of(object_type: str, by_name: str = "") -> Callable[[Store, Row, list[str]], bool]:
    """By the parent's id or name; one that there is not lets nothing through."""

    def matches(store: Store, row: Row, values: list[str]) -> bool:
        if row["parent_object_type"] != object_type:
            return False
        number = row["parent_object_id"]
        return (store.at(by_name, number)["name"] if by_name else str(number)) in values

    return matches


def service_on_port(_store: Store, row: Row, values: list[str]) -> bool:
    try:
        return int(values[-1]) in row["ports"]
    except ValueError as error:
        raise invalid("port", "Enter a number.") from error


def of_no_group(_store: Store, _row: Row, _values: list[str]) -> bool:
    """The stand-in has no FHRP groups."""
    return False


def address_within(_store: Store, row: Row, values: list[str]) -> bool:
    address = ipaddress.ip_interface(row["address"])
    for value in values:
        try:
            parent = ipaddress.ip_network(value, strict=False)
        except ValueError:
            continue  # NetBox answers such a question with nothing
        if parent.version == address.version and address.ip in parent:
            return True
    return False


def address_is(_store: Store, row: Row, values: list[str]) -> bool:
    return any(row["address"] == value if "/" in value else row["address"].split("/")[0] == value for value in values)


def time_after(_store: Store, row: Row, values: list[str]) -> bool:
    return bool(row["time"] >= values[-1])


def time_before(_store: Store, row: Row, values: list[str]) -> bool:
    return bool(row["time"] <= values[-1])


def is_superuser(_store: Store, row: Row, wanted: bool) -> bool:
    """The stand-in's users are superusers, but for the limited one."""
    return (row["username"] != "limited") is wanted
