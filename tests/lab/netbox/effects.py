"""What a write does to other objects.

Where NetBox uses queryset.update(), neither a time stamp moves nor does the changelog say anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .computed import ADDRESSES, DEVICES, DISKS, VMS, addresses_of
from .errors import ApiError
from .fields import Row

if TYPE_CHECKING:
    from .store import Store


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
    _delete_services(writer, "dcim.device", row["id"])


def before_address_delete(writer: Any, row: Row) -> None:
    for path, names in ((DEVICES, ("primary_ip4", "primary_ip6", "oob_ip")), (VMS, ("primary_ip4", "primary_ip6"))):
        for name in names:
            for number in list(writer.store.referrers(path, name, row["id"])):
                writer.resave(path, number, **{name: None})


def disk_of_virtual_machine(writer: Any, row: Row, _old: Row | None) -> None:
    _sum_of_disks(writer.store, row["virtual_machine"])


def disk_leaves_virtual_machine(writer: Any, row: Row) -> None:
    _sum_of_disks(writer.store, row["virtual_machine"], without=row["id"])


def _sum_of_disks(store: Store, virtual_machine: int, without: int = 0) -> None:
    """A virtual machine with disks has their sum as its disk, none at all after the last one."""
    disks = [one for one in store.referrers(DISKS, "virtual_machine", virtual_machine) if one != without]
    total = sum(store.at(DISKS, one)["size"] for one in disks) if disks else None
    store.change(VMS, virtual_machine, disk=total)


def delete_services_of_virtual_machine(writer: Any, row: Row) -> None:
    _delete_services(writer, "virtualization.virtualmachine", row["id"])


def _delete_services(writer: Any, object_type: str, number: int) -> None:
    for one in list(writer.store.referrers("ipam/services", "parent", (object_type, number))):
        writer.delete("ipam/services", one)


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
            if table is None:
                continue
            for one in list(writer.store.rows(table.path)):
                values = {name if key == old["name"] else key: value for key, value in one["custom_fields"].items()}
                writer.store.change(table.path, one["id"], custom_fields=values)


def before_custom_field_delete(writer: Any, row: Row) -> None:
    for object_type in row["object_types"]:
        _forget_values(writer.store, object_type, row["name"])


def _forget_values(store: Store, object_type: str, name: str) -> None:
    table = store.table_of(object_type)
    if table is None:
        return
    for one in list(store.rows(table.path)):
        if name in one["custom_fields"]:
            values = {key: value for key, value in one["custom_fields"].items() if key != name}
            store.change(table.path, one["id"], custom_fields=values)
