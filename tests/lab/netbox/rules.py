"""Checks that are particular to one kind of object. Texts are NetBox 4.6's own: the collection shows them to people."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

import jsonschema

from . import customfields
from .computed import ADDRESSES, APPS, BAYS, DEVICES, DISKS, INTERFACES, VM_INTERFACES
from .effects import site_of_scope
from .errors import ApiError, Invalid, invalid
from .fields import CHOICES, Row

if TYPE_CHECKING:
    from .store import Store


MAX_PORT = 65535

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
    site = site_of_scope(store, cluster) if cluster else None
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
                f"Device cannot be removed from virtual chassis {chassis} because it is currently designated as its "
                "master.",
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


def clean_virtual_device_context(writer: Any, row: Row, _old: Row | None) -> None:
    store: Store = writer.store
    for version in (4, 6):
        name = f"primary_ip{version}"
        address = store.get(ADDRESSES, row[name])
        if address is None:
            continue
        if ipaddress.ip_interface(address["address"]).version != version:
            raise invalid(name, f"{address['address']} is not an IPv{version} address.")
        if row["device"] not in _device_of(store, address):
            raise invalid(name, "Primary IP address must belong to an interface on the assigned device.")


def clean_device_bay(writer: Any, row: Row, _old: Row | None) -> None:
    store: Store = writer.store
    device_type = store.at("dcim/device-types", store.at(DEVICES, row["device"])["device_type"])
    if device_type["subdevice_role"] != "parent":
        shown = store.display("dcim/device-types", device_type["id"])
        raise invalid("__all__", f"This type of device ({shown}) does not support device bays.")
    if row["installed_device"] is None:
        return
    if row["installed_device"] == row["device"]:
        raise invalid("__all__", "Cannot install a device into itself.")
    for number in store.referrers(BAYS, "installed_device", row["installed_device"]):
        if number != row["id"]:
            bay = store.display(BAYS, number)
            message = f"Cannot install the specified device; device is already installed in {bay}."
            raise invalid("installed_device", message)


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
    disks = list(store.referrers(DISKS, "virtual_machine", row["id"]))
    total = sum(store.at(DISKS, one)["size"] for one in disks)
    if total and row["disk"] is None:
        row["disk"] = total
    elif total and row["disk"] != total:
        message = f"The specified disk size ({row['disk']}) must match the aggregate size of assigned virtual disks"
        raise invalid("disk", f"{message} ({total}).")
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


def clean_service(writer: Any, row: Row, _old: Row | None) -> None:
    _check_object(writer.store, row, "parent_object_type", "parent_object_id")
    if not row["protocol"]:
        raise invalid("protocol", "This field cannot be blank.")
    if not row["ports"]:
        raise invalid("ports", "This list may not be empty.")
    wrong = {str(at): problem for at, port in enumerate(row["ports"]) if (problem := _port_problem(port))}
    if wrong:
        raise Invalid({"ports": wrong})


def _port_problem(port: Any) -> list[str]:
    if isinstance(port, bool) or not isinstance(port, int):
        return ["A valid integer is required."]
    if port < 1:
        return ["Ensure this value is greater than or equal to 1."]
    return ["Ensure this value is less than or equal to 65535."] if port > MAX_PORT else []


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


def clean_saved_filter(_writer: Any, row: Row, _old: Row | None) -> None:
    if not isinstance(row["parameters"], dict):
        raise invalid("parameters", "Filter parameters must be stored as a dictionary of keyword arguments.")


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
        table = writer.store.table_of(one)
        if table is None or table.field("custom_fields") is None:
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
    reason = customfields.problem(writer.store, {**row, "required": False}, row["default"])
    if reason:
        raise invalid("default", f'Invalid default value "{row["default"]}": {reason}')


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
    strangers = ", ".join(value for value in row["choice_colors"] if value not in values)
    if strangers:
        message = f"Color mappings must reference an existing choice value. Invalid value(s): {strangers}."
        raise invalid("choice_colors", message)
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
                        f"Cannot remove choice {value} as there are {app} | {table.verbose} objects which reference "
                        "it.",
                    )
