"""What both sides look like, in a form that compares: without what two runs to the same end may give differently."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from integration.proofs.mixture import DEVICES, MACHINES
from integration.world import VOLATILE, World

#: moments and whoever worked last
_MOMENTS = frozenset({"hostmacroid", "maintenanceid", "maintenance_from"})


@dataclass(frozen=True)
class Known:
    """Ids that were there before: hosts, items and interfaces that survive keep theirs. What came later has others each
    time.
    """

    hosts: frozenset[str]
    items: frozenset[str]
    interfaces: frozenset[str]


def known(world: World) -> Known:
    hosts = world.ours()
    items = world.zabbix.api("item.get", hostids=[host["hostid"] for host in hosts], output=["itemid"])
    return Known(
        frozenset(host["hostid"] for host in hosts),
        frozenset(item["itemid"] for item in items),
        frozenset(one["interfaceid"] for host in hosts for one in host["interfaces"]),
    )


def ref_of(host: dict[str, Any]) -> str:
    return " and ".join(sorted(tag["value"] for tag in host["tags"] if tag["tag"] == "netbox_id"))


def zabbix_picture(world: World, before: Known) -> dict[str, Any]:
    """Return all hosts of ours, with their items: by host id, new ones by their object."""
    hosts = world.ours()
    picture: dict[str, Any] = {}
    names: dict[str, str] = {}
    for host in hosts:
        key = host["hostid"] if host["hostid"] in before.hosts else f"new {ref_of(host)}"
        names[host["hostid"]] = key
        assert key not in picture, f"{key} is there twice"
        picture[key] = {**_plain(host, before), "items": {}}
    fields = ["itemid", "hostid", "key_", "templateid", "interfaceid", "status"]
    for item in world.zabbix.api("item.get", hostids=list(names), output=fields):
        items = picture[names[item.pop("hostid")]]["items"]
        items[item.pop("key_")] = {
            **item,
            "itemid": _kept(item["itemid"], before.items),
            "interfaceid": _kept(item["interfaceid"], before.interfaces),
        }
    return picture


def _kept(number: str, before: frozenset[str]) -> str:
    return number if number in before or number == "0" else "new"


def _plain(value: Any, before: Known) -> Any:
    if isinstance(value, list):
        return sorted((_plain(item, before) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if not isinstance(value, dict):
        return value
    plain = {key: _plain(item, before) for key, item in value.items() if key not in VOLATILE | _MOMENTS}
    for key, numbers in (("hostid", before.hosts), ("interfaceid", before.interfaces)):
        if key in plain:
            plain[key] = _kept(plain[key], numbers)
    if plain.get("macro") == "{$NETBOX.ARCHIVED}" and isinstance(plain["value"], str):
        record = json.loads(plain["value"])
        plain["value"] = {name: item for name, item in record.items() if name not in ("when", "run")}
    return plain


def without_interfaces(picture: Any, before: Known, gone: frozenset[str]) -> Any:
    """Return a picture as if it were not known which interfaces these were: those made anew get other ids."""
    return _plain(picture, Known(before.hosts, before.items, before.interfaces - gone))


def differences(found: Any, wanted: Any, path: str = "") -> list[str]:
    """Return where two pictures differ, one line each."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return [
            line
            for key in sorted(found.keys() | wanted.keys())
            for line in differences(found.get(key), wanted.get(key), f"{path}/{key}")
        ]
    return [] if found == wanted else [f"{path}: {found!r} instead of {wanted!r}"]


def netbox_picture(world: World, before: Known) -> dict[str, Any]:
    """Return what the collection keeps in NetBox, of each object; a link by what it leads to."""
    whose = {host["hostid"]: ref_of(host) for host in world.ours()}
    picture: dict[str, Any] = {}
    for path, kind in ((DEVICES, "device"), (MACHINES, "virtual_machine")):
        for row in world.netbox.call("GET", path, limit=1000)["results"]:
            ref, fields = f"{kind}:{row['id']}", row["custom_fields"]
            hostid = fields.get("zabbix_hostid")
            leads = None if hostid is None else whose.get(str(hostid), f"host id {hostid}, which is not there")
            assert leads in (None, ref), f"{ref} is linked with the host of {leads}"
            picture[ref] = {"linked": leads is not None, "status": fields.get("zabbix_sync_status")}
            if hostid is not None and str(hostid) in before.hosts:
                picture[ref]["hostid"] = str(hostid)
    return picture
