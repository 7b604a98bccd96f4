"""The estate that the recorded exchanges speak of, as rows of the stand-in: as far as the answers show it."""

from __future__ import annotations

from typing import Any

from lab.netbox.fields import Field, Row, Table
from lab.netbox.tables import BY_OBJECT_TYPE, TABLES

# The recording shows three of the ten custom fields whole; the values of the others tell their types.
TYPES = {"zbx_dec": "decimal", "zbx_last_sync": "datetime", "zbx_on": "boolean", "zbx_site": "object"}
TYPES |= {"zbx_state": "json", "zbx_url": "url", "zabbix_hostid": "integer", "zabbix_template": "text"}
SKIPPED = ("core/object-changes", "core/object-types", "users/users", "users/tokens")


class Collector:
    def __init__(self) -> None:
        self.rows: dict[str, dict[int, Row]] = {path: {} for path in TABLES}
        self.counts: dict[str, int] = {}

    def add(self, path: str, shown: Row, whole: bool) -> None:
        """An object as an answer shows it, whole or nested in another; the first whole showing counts."""
        table = TABLES[path]
        if path in SKIPPED or not isinstance(shown.get("id"), int):
            return
        present = self.rows[path].get(shown["id"])
        if present is not None and (present["whole"] or not whole):
            return
        row: Row = {"id": shown["id"], "whole": whole}
        self.rows[path][shown["id"]] = row
        for field in table.fields:
            if field.name in shown:
                self._take(table, field, shown, row)

    def _take(self, table: Table, field: Field, shown: Row, row: Row) -> None:
        value = shown[field.name]
        if field.kind == "ref" and isinstance(value, dict):
            self.add(field.target, value, False)
            row[field.name] = value["id"]
        elif field.kind in ("refs", "tags"):
            target = field.target or "extras/tags"
            for one in value:
                self.add(target, one, False)
            row[field.name] = [one["id"] for one in value]
        elif field.kind == "gfk" and isinstance(value, dict):
            target_table = BY_OBJECT_TYPE.get(shown[field.object_fields[0]])
            if target_table:
                self.add(target_table.path, value, False)
        elif field.kind == "choice" and isinstance(value, dict):
            row[field.name] = value["value"]
        elif field.kind == "custom_fields":
            row[field.name] = {
                name: one["id"] if isinstance(one, dict) and "url" in one else one for name, one in value.items()
            }
        elif field.stored and field.kind != "tag_slugs":
            row[field.name] = value

    def completed(self) -> dict[str, list[Row]]:
        """Rows that the stand-in can take: what no answer showed is as for a new object."""
        finished: dict[str, list[Row]] = {}
        for path, rows in self.rows.items():
            table = TABLES[path]
            complete = []
            for number in sorted(rows):
                row = {key: value for key, value in rows[number].items() if key != "whole"}
                for field in table.fields:
                    if field.kind == "ref" and field.required and field.name not in row:
                        row[field.name] = min(self.rows[field.target])
                    elif path == "dcim/interfaces" and field.name == "type":
                        row.setdefault("type", "other")
                complete.append(_without_defaults(table, row))
            if complete:
                finished[path] = complete
        return finished


def _without_defaults(table: Table, row: Row) -> Row:
    return {
        name: value
        for name, value in row.items()
        if (field := table.field(name)) is None
        or value != (list(field.default) if field.default == () else field.default)
    }


def estate_of(exchanges: list[dict[str, Any]]) -> dict[str, Any]:
    collector = Collector()
    for exchange in exchanges:
        request, body = exchange["request"], exchange["response"]["body"]
        if (
            request["method"] != "GET"
            or exchange["response"]["status"] != 200
            or not request["path"].startswith("/api/")
        ):
            continue
        parts = request["path"].split("?")[0].removeprefix("/api/").strip("/").split("/")
        path = "/".join(parts[:2])
        if path not in TABLES or path in SKIPPED:
            continue
        if isinstance(body.get("results"), list):
            if "?" in request["path"] and request["path"].split("?")[1] == "limit=3":
                collector.counts[path] = body["count"]
            for one in body["results"]:
                collector.add(path, one, "display_url" in one)
        elif len(parts) == 3:
            collector.add(path, body, True)
    _add_custom_fields(collector)
    _place_by_devices(collector)
    _assign_addresses(collector)
    rows = collector.completed()
    last_ids = {path: max([*collector.rows[path], collector.counts.get(path, 0)]) for path in rows}
    return {"last_ids": last_ids, **rows}


def _add_custom_fields(collector: Collector) -> None:
    fields = collector.rows["extras/custom-fields"]
    names = {row["name"] for row in fields.values()}
    free = iter(number for number in range(1, 100) if number not in fields)
    types = {"dcim.device": "dcim/devices", "virtualization.virtualmachine": "virtualization/virtual-machines"}
    types["dcim.devicetype"] = "dcim/device-types"
    for name, kind in TYPES.items():
        if name in names:
            continue
        used = [
            t
            for t, path in types.items()
            if any(name in r.get("custom_fields", {}) for r in collector.rows[path].values())
        ]
        row: Row = {"id": next(free), "whole": True, "name": name, "type": kind, "object_types": used}
        if kind == "object":
            row["related_object_type"] = "dcim.site"
        fields[row["id"]] = row


def _place_by_devices(collector: Collector) -> None:
    """Nested locations and racks do not tell their site: the devices in them do."""
    for device in collector.rows["dcim/devices"].values():
        for name, path in (("location", "dcim/locations"), ("rack", "dcim/racks")):
            place = collector.rows[path].get(device.get(name) or 0)
            if place is not None and "site" in device:
                place.setdefault("site", device["site"])
                if name == "rack" and device.get("location"):
                    place.setdefault("location", device["location"])


def _assign_addresses(collector: Collector) -> None:
    """Nested addresses do not tell their interface: each gets one of its own on the object that it is primary of."""
    for path, interfaces, parent in (
        ("dcim/devices", "dcim/interfaces", "device"),
        ("virtualization/virtual-machines", "virtualization/interfaces", "virtual_machine"),
    ):
        for owner in collector.rows[path].values():
            for name in ("primary_ip4", "primary_ip6", "oob_ip"):
                address = collector.rows["ipam/ip-addresses"].get(owner.get(name) or 0)
                if address is None or address.get("assigned_object_id"):
                    continue
                number = 1000 + len(collector.rows[interfaces])
                collector.rows[interfaces][number] = {"id": number, parent: owner["id"], "name": f"for {name}"}
                address["assigned_object_type"] = f"{interfaces.partition('/')[0]}.{TABLES[interfaces].model}"
                address["assigned_object_id"] = number
