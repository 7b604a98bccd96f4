"""What is particular to one kind of object: computed fields, checks, and what a write does to other objects.

Texts are NetBox 4.6's own, since the collection shows them to people.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import jsonschema

from . import contexts
from .errors import ApiError, Invalid, invalid
from .fields import CHOICES, Row

if TYPE_CHECKING:
    from .store import Store

DEVICES, VMS = "dcim/devices", "virtualization/virtual-machines"
INTERFACES, VM_INTERFACES = "dcim/interfaces", "virtualization/interfaces"
ADDRESSES = "ipam/ip-addresses"

# Computed fields: (renderer, row)


def primary_ip(view: Any, row: Row) -> Any:
    """IPv6 first, as NetBox has it by default (PREFER_IPV4 is off)."""
    number = row["primary_ip6"] if row["primary_ip6"] is not None else row["primary_ip4"]
    return view.related(ADDRESSES, number)


def config_context(view: Any, row: Row) -> Row:
    return contexts.render(view.store, row)


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


def address_of(object_type: str, path: str, parent: str, by_name: str = "") -> Callable[[Store, Row, list[str]], bool]:
    def matches(store: Store, row: Row, values: list[str]) -> bool:
        interface = store.get(path, row["assigned_object_id"]) if row["assigned_object_type"] == object_type else None
        if interface is None:
            return False
        owner = interface[parent]
        return (store.at(by_name, owner)["name"] if by_name else str(owner)) in values

    return matches


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


# Checks: (writer, new row, old row or None)


def clean_location(writer: Any, row: Row, _old: Row | None) -> None:
    parent = writer.store.get("dcim/locations", row["parent"])
    if parent and parent["site"] != row["site"]:
        site = writer.store.display("dcim/sites", row["site"])
        raise invalid("parent", f"Parent location ({parent['name']}) must belong to the same site ({site}).")


def clean_rack(writer: Any, row: Row, _old: Row | None) -> None:
    location = writer.store.get("dcim/locations", row["location"])
    if location and location["site"] != row["site"]:
        site = writer.store.display("dcim/sites", row["site"])
        raise invalid("__all__", f"Assigned location must belong to parent site ({site}).")


def clean_device(writer: Any, row: Row, _old: Row | None) -> None:
    store: Store = writer.store
    _clean_device_place(store, row)
    own = {row["id"], *_chassis_fellows(store, row)}
    for name, version in (("primary_ip4", 4), ("primary_ip6", 6), ("oob_ip", 0)):
        address = store.get(ADDRESSES, row[name])
        if address is None:
            continue
        if version and ipaddress.ip_interface(address["address"]).version != version:
            raise invalid(name, f"{address['address']} is not an IPv{version} address.")
        if not (_device_of(store, address) & own):
            raise invalid(name, f"The specified IP address ({address['address']}) is not assigned to this device.")
    platform = store.get("dcim/platforms", row["platform"])
    device_type = store.at("dcim/device-types", row["device_type"])
    if platform and platform["manufacturer"] not in (None, device_type["manufacturer"]):
        limited = store.display("dcim/manufacturers", platform["manufacturer"])
        actual = store.display("dcim/manufacturers", device_type["manufacturer"])
        raise invalid(
            "platform",
            f"The assigned platform is limited to {limited} device types, but this device's type belongs to {actual}.",
        )
    cluster = store.get("virtualization/clusters", row["cluster"])
    site = cluster and site_of_scope(store, cluster)
    if site is not None and site != row["site"]:
        name = store.display("dcim/sites", site)
        raise invalid("cluster", f"The assigned cluster belongs to a different site ({name})")
    if row["virtual_chassis"] is not None and row["vc_position"] is None:
        raise invalid("vc_position", "A device assigned to a virtual chassis must have its position defined.")
    for number in store.referrers("dcim/virtual-chassis", "master", row["id"]):
        if number != row["virtual_chassis"]:
            chassis = store.display("dcim/virtual-chassis", number)
            raise invalid(
                "virtual_chassis",
                f"Device cannot be removed from virtual chassis {chassis} because it is currently designated as its master.",
            )


def _clean_device_place(store: Store, row: Row) -> None:
    site = store.display("dcim/sites", row["site"])
    rack, location = store.get("dcim/racks", row["rack"]), store.get("dcim/locations", row["location"])
    if rack and rack["site"] != row["site"]:
        raise invalid("rack", f"Rack {rack['name']} does not belong to site {site}.")
    if location and location["site"] != row["site"]:
        raise invalid("location", f"Location {location['name']} does not belong to site {site}.")
    if rack and location and rack["location"] != location["id"]:
        raise invalid("rack", f"Rack {rack['name']} does not belong to location {location['name']}.")
    if rack is None and row["face"]:
        raise invalid("face", "Cannot select a rack face without assigning a rack.")
    if rack is None and row["position"]:
        raise invalid("position", "Cannot select a rack position without assigning a rack.")
    if row["position"] and not row["face"]:
        raise invalid("face", "Must specify rack face when defining rack position.")


def _chassis_fellows(store: Store, row: Row) -> list[int]:
    """A chassis' master may carry the addresses of its members."""
    if row["virtual_chassis"] is None:
        return []
    return list(store.referrers(DEVICES, "virtual_chassis", row["virtual_chassis"]))


def _device_of(store: Store, address: Row) -> set[int]:
    found = set()
    for one in (address, store.get(ADDRESSES, address["nat_inside"])):
        if one and one["assigned_object_type"] == "dcim.interface":
            found.add(store.at(INTERFACES, one["assigned_object_id"])["device"])
    return found


def clean_virtual_chassis(writer: Any, row: Row, old: Row | None) -> None:
    master = writer.store.get(DEVICES, row["master"])
    if old is not None and master and master["virtual_chassis"] != row["id"]:
        name = writer.store.display(DEVICES, master["id"])
        raise invalid("master", f"The selected master ({name}) is not assigned to this virtual chassis.")


def clean_virtual_machine(writer: Any, row: Row, old: Row | None) -> None:
    store: Store = writer.store
    if row["site"] is None and row["cluster"] is None and row["device"] is None:
        raise invalid("__all__", "A virtual machine must be assigned to a site, cluster, or device.")
    cluster, device = store.get("virtualization/clusters", row["cluster"]), store.get(DEVICES, row["device"])
    site = cluster and site_of_scope(store, cluster)
    if cluster and row["site"] and site not in (None, row["site"]):
        name = store.display("dcim/sites", row["site"])
        raise invalid("cluster", f"The selected cluster ({cluster['name']}) is not assigned to this site ({name}).")
    if device and cluster and device["cluster"] != cluster["id"]:
        name = store.display(DEVICES, device["id"])
        raise invalid("device", f"The selected device ({name}) is not assigned to this cluster ({cluster['name']}).")
    for version in (4, 6):
        name = f"primary_ip{version}"
        address = store.get(ADDRESSES, row[name])
        if address is None:
            continue
        actual = ipaddress.ip_interface(address["address"]).version
        if actual != version:
            raise invalid(name, f"Must be an IPv{version} address. ({address['address']} is an IPv{actual} address.)")
        interface = address["assigned_object_type"] == "virtualization.vminterface" and store.get(
            VM_INTERFACES, address["assigned_object_id"]
        )
        if old is None:
            # A new one has no interfaces that the address could be on, and NetBox stumbles over that.
            raise ApiError(500, {"error": "argument of type 'NoneType' is not iterable", "exception": "TypeError"})
        if not interface or interface["virtual_machine"] != row["id"]:
            raise invalid(name, f"The specified IP address ({address['address']}) is not assigned to this VM.")


def _check_scope(store: Store, row: Row) -> None:
    table = store.table_of(row["scope_type"])
    if table is not None and row["scope_id"] is None:
        raise invalid("__all__", f"Please select a {table.verbose}.")
    _check_object(store, row, "scope_type", "scope_id")


def _check_object(store: Store, row: Row, type_field: str, id_field: str) -> None:
    object_type, number = row[type_field], row[id_field]
    table = store.table_of(object_type)
    if table is not None and number is not None and store.get(table.path, number) is None:
        raise invalid(id_field, f"Related object not found using the provided value: {number}.")


def clean_cluster(writer: Any, row: Row, _old: Row | None) -> None:
    store: Store = writer.store
    _check_scope(store, row)
    site = site_of_scope(store, row)
    if site is None:
        return
    others = [n for n in store.referrers(DEVICES, "cluster", row["id"]) if store.at(DEVICES, n)["site"] != site]
    if others:
        name = store.display("dcim/sites", site)
        raise invalid(
            "scope", f"{len(others)} devices are assigned as hosts for this cluster but are not in site {name}"
        )


def clean_prefix(writer: Any, row: Row, _old: Row | None) -> None:
    try:
        row["prefix"] = str(ipaddress.ip_network(row["prefix"]))
    except ValueError as error:
        if "host bits" in str(error):
            network = ipaddress.ip_network(row["prefix"], strict=False)
            raise invalid("prefix", f"{row['prefix']} is not a valid prefix. Did you mean {network}?") from error
        raise invalid("prefix", f"Invalid IP prefix format: {row['prefix']}") from error
    _check_scope(writer.store, row)


def clean_address(writer: Any, row: Row, _old: Row | None) -> None:
    try:
        interface = ipaddress.ip_interface(row["address"])
    except ValueError as error:
        raise invalid("address", f"Invalid IP address format: {row['address']}") from error
    if interface.network.prefixlen == 0:
        raise invalid("address", "Cannot create IP address with /0 mask.")
    row["address"] = interface.with_prefixlen
    if row["dns_name"] and not re.fullmatch(r"([0-9A-Za-z_-]+|\*)(\.[0-9A-Za-z_-]+)*\.?", row["dns_name"]):
        raise invalid(
            "dns_name",
            "Only alphanumeric characters, asterisks, hyphens, periods, and underscores are allowed in DNS names",
        )
    row["dns_name"] = row["dns_name"].lower()
    _check_object(writer.store, row, "assigned_object_type", "assigned_object_id")
    network = interface.network
    if row["assigned_object_id"] is not None and network.max_prefixlen - network.prefixlen > 1:
        if interface.ip == network.network_address:
            raise invalid("__all__", f"{interface.ip} is a network ID, which may not be assigned to an interface.")
        if interface.version == 4 and interface.ip == network.broadcast_address:
            raise invalid(
                "__all__", f"{interface.ip} is a broadcast address, which may not be assigned to an interface."
            )
    vrf = writer.store.get("ipam/vrfs", row["vrf"])
    if row["vrf"] is None or (vrf and vrf["enforce_unique"]):
        _refuse_duplicate(writer.store, row, f"VRF {vrf['name']}" if vrf else "global table")


ROLES_THAT_MAY_REPEAT = ("anycast", "vip", "vrrp", "hsrp", "glbp", "carp")


def _refuse_duplicate(store: Store, row: Row, where: str) -> None:
    same = store.referrers(ADDRESSES, "address", row["address"].split("/")[0])
    others = [store.at(ADDRESSES, number) for number in same if number != row["id"]]
    others = [other for other in others if other["vrf"] == row["vrf"]]
    roles = [row["role"], *(other["role"] for other in others)]
    if others and any(role not in ROLES_THAT_MAY_REPEAT for role in roles):
        raise invalid("address", f"Duplicate IP address found in {where}: {others[0]['address']}")


def clean_profile(_writer: Any, row: Row, _old: Row | None) -> None:
    if row["schema"] is None:
        return
    try:
        jsonschema.Draft202012Validator.check_schema(row["schema"])
    except jsonschema.SchemaError as error:
        raise invalid("schema", f"Invalid JSON schema definition: {error}") from error


def clean_config_context(writer: Any, row: Row, _old: Row | None) -> None:
    if not isinstance(row["data"], dict):
        raise invalid("data", 'JSON data must be in object form. Example: {"foo": 123}')
    profile = writer.store.get("extras/config-context-profiles", row["profile"])
    if profile and profile["schema"]:
        try:
            jsonschema.validate(row["data"], profile["schema"])
        except jsonschema.ValidationError as error:
            raise invalid("__all__", f"Data does not conform to profile schema: {error}") from error


def clean_journal_entry(writer: Any, row: Row, old: Row | None) -> None:
    table = writer.store.table_of(row["assigned_object_type"])
    if table and writer.store.get(table.path, row["assigned_object_id"]) is None:
        kind = f"{APPS.get(table.app, table.app)} > {table.verbose.capitalize()}"
        raise invalid("non_field_errors", f"Invalid assigned_object: {kind} ID {row['assigned_object_id']}")
    if old is None:
        row["created_by"] = writer.user_id


def clean_custom_field(writer: Any, row: Row, old: Row | None) -> None:
    for one in row["object_types"]:
        if writer.store.table_of(one) is None:
            raise invalid("object_types", f"Invalid content type: {one}")
    if not re.fullmatch(r"[A-Za-z0-9_]+", row["name"]):
        raise invalid("name", "Only alphanumeric characters and underscores are allowed.")
    if "__" in row["name"]:
        raise invalid("name", "Double underscores are not permitted in custom field names.")
    if old is not None and old["type"] != row["type"]:
        raise invalid("type", "Changing the type of custom fields is not supported.")
    if row["type"] in ("select", "multiselect"):
        if row["choice_set"] is None:
            raise invalid("choice_set", "Selection fields must specify a set of choices.")
    elif row["choice_set"] is not None:
        raise invalid("choice_set", "Choices may be set only on selection fields.")
    if row["type"] in ("object", "multiobject"):
        if row["related_object_type"] is None:
            raise invalid("related_object_type", "Object fields must define an object type.")
    elif row["related_object_type"] is not None:
        raise invalid("type", f"{CHOICES['customfield.type'][row['type']]} fields may not define an object type.")


def clean_choice_set(writer: Any, row: Row, old: Row | None) -> None:
    choices = row["extra_choices"]
    if not choices and not row["base_choices"]:
        raise invalid("__all__", "Must define base or extra choices.")
    wrong = {str(at): one for at, one in enumerate(choices) if not isinstance(one, list | tuple)}
    if wrong:
        reasons = {at: [f'Expected a list of items but got type "{type(one).__name__}".'] for at, one in wrong.items()}
        raise Invalid({"extra_choices": reasons})
    for one in choices:
        if len(one) != 2:
            few = len(one) < 2
            raise invalid("extra_choices", f"Ensure this field has no {'fewer' if few else 'more'} than 2 elements.")
    values = [str(one[0]) for one in choices]
    if len(set(values)) != len(values):
        repeated = next(value for value in values if values.count(value) > 1)
        raise invalid("__all__", f"Duplicate value '{repeated}' found in extra choices.")
    if row["order_alphabetically"]:
        row["extra_choices"] = sorted(choices, key=lambda one: str(one[1]))
    if old is not None:
        for gone in sorted({one[0] for one in old["extra_choices"]} - set(values)):
            _refuse_used_choice(writer.store, row["id"], gone)


def _refuse_used_choice(store: Store, choice_set: int, value: str) -> None:
    for number in store.referrers("extras/custom-fields", "choice_set", choice_set):
        field = store.at("extras/custom-fields", number)
        for object_type in field["object_types"]:
            table = store.table_of(object_type)
            if table is None:
                continue
            for row in store.rows(table.path):
                used = row["custom_fields"].get(field["name"])
                if used == value or (isinstance(used, list) and value in used):
                    app = APPS.get(table.app, table.app)
                    raise invalid(
                        "__all__",
                        f"Cannot remove choice {value} as there are {app} | {table.verbose} objects which reference it.",
                    )


# What a write does to others. queryset.update() in NetBox: no time stamp, no changelog.


def site_of_virtual_machine(writer: Any, row: Row, _old: Row | None) -> None:
    if row["site"] is None:
        cluster = writer.store.get("virtualization/clusters", row["cluster"])
        device = writer.store.get(DEVICES, row["device"])
        row["site"] = (cluster and site_of_scope(writer.store, cluster)) or (device and device["site"]) or None


def site_of_scope(store: Store, row: Row) -> int | None:
    if row["scope_type"] == "dcim.site":
        return int(row["scope_id"])
    if row["scope_type"] == "dcim.location":
        location = store.get("dcim/locations", row["scope_id"])
        return None if location is None else int(location["site"])
    return None


def location_moved(writer: Any, row: Row, old: Row | None) -> None:
    if old is None or old["site"] == row["site"]:
        return
    store: Store = writer.store
    for location in list(store.children("dcim/locations", row["id"])):
        if location != row["id"]:
            store.change("dcim/locations", location, site=row["site"])
        for path in ("dcim/racks", DEVICES):
            for number in list(store.referrers(path, "location", location)):
                store.change(path, number, site=row["site"])


def rack_moved(writer: Any, row: Row, old: Row | None) -> None:
    if old is None or (old["site"], old["location"]) == (row["site"], row["location"]):
        return
    for number in list(writer.store.referrers(DEVICES, "rack", row["id"])):
        writer.store.change(DEVICES, number, site=row["site"], location=row["location"])


def cluster_moved(writer: Any, row: Row, old: Row | None) -> None:
    site = site_of_scope(writer.store, row)
    if old is None or site is None:
        return
    for number in list(writer.store.referrers(VMS, "cluster", row["id"])):
        if writer.store.at(VMS, number)["site"] != site:
            writer.store.change(VMS, number, site=site)


def virtual_chassis_saved(writer: Any, row: Row, old: Row | None) -> None:
    master = writer.store.get(DEVICES, row["master"])
    if old is None and master:
        writer.resave(DEVICES, master["id"], virtual_chassis=row["id"], vc_position=1)


def before_virtual_chassis_delete(writer: Any, row: Row) -> None:
    # Its master protects no chassis from deletion: the pointer goes with the chassis.
    for number in list(writer.store.referrers(DEVICES, "virtual_chassis", row["id"])):
        writer.resave(DEVICES, number, virtual_chassis=None, vc_position=None, vc_priority=None)


def before_device_delete(writer: Any, row: Row) -> None:
    masters = list(writer.store.referrers("dcim/virtual-chassis", "master", row["id"]))
    if masters:
        names = ", ".join(f"{writer.store.display('dcim/virtual-chassis', one)} ({one})" for one in masters)
        detail = f"Unable to delete object. {len(masters)} dependent objects were found: {names}"
        raise ApiError(409, {"detail": detail})


def before_address_delete(writer: Any, row: Row) -> None:
    for path, names in ((DEVICES, ("primary_ip4", "primary_ip6", "oob_ip")), (VMS, ("primary_ip4", "primary_ip6"))):
        for name in names:
            for number in list(writer.store.referrers(path, name, row["id"])):
                writer.resave(path, number, **{name: None})


def delete_addresses_of(writer: Any, row: Row) -> None:
    for number in addresses_of(writer.store, row):
        writer.delete(ADDRESSES, number)


def custom_field_saved(writer: Any, row: Row, old: Row | None) -> None:
    """A default is written into the objects that exist; leaving a type takes the values away."""
    name = row["name"]
    before = set(old["object_types"]) if old else set()
    for object_type in set(row["object_types"]) - before:
        table = writer.store.table_of(object_type)
        if table and row["default"] is not None:
            for one in list(writer.store.rows(table.path)):
                values = {**one["custom_fields"], name: row["default"]}
                writer.store.change(table.path, one["id"], custom_fields=values)
    for object_type in before - set(row["object_types"]):
        _forget_values(writer.store, object_type, name)
    if old and old["name"] != name:
        for object_type in before & set(row["object_types"]):
            table = writer.store.table_of(object_type)
            for one in list(writer.store.rows(table.path)) if table else ():
                values = {name if key == old["name"] else key: value for key, value in one["custom_fields"].items()}
                writer.store.change(table.path, one["id"], custom_fields=values)


def before_custom_field_delete(writer: Any, row: Row) -> None:
    for object_type in row["object_types"]:
        _forget_values(writer.store, object_type, row["name"])


def _forget_values(store: Store, object_type: str, name: str) -> None:
    table = store.table_of(object_type)
    for one in list(store.rows(table.path)) if table else ():
        if name in one["custom_fields"]:
            values = {key: value for key, value in one["custom_fields"].items() if key != name}
            store.change(table.path, one["id"], custom_fields=values)
