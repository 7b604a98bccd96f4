# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How hosts are read, and made the same plain value on every version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from ..attribute_table import BY_NAME, MORE, SCALARS
from ..errors import ZabbixError
from . import versions
from .client import Call, NotAuthorised, NotSent, Zabbix
from .objects import (
    INTERFACE_TYPES,
    MACRO_TYPES,
    TAG_ID,
    TAG_INSTANCE,
    LiveInterface,
    LiveMacro,
    ZabbixHost,
    plain_text,
)

#: hosts in one host.get, and how many of them at once: beyond 2,000 hosts PHP runs out of its 128 MB, two at once gain
#: 1.3 times and four no more (measured on 6.0 and 7.0)
CHUNK, READERS = 500, 2
#: chunks that may fail in one reading: each takes all the attempts of a request, and more are the server's trouble
UNREAD = 2
#: objects whose hosts are read along with the settings, in one request
FEW = 200
#: the fields with one value that Zabbix tells
READABLE = [row.api for row in SCALARS if not row.write_only]
#: names asked for in one host.get
NAMES_CHUNK = 1000


def managed_host_ids(zabbix: Zabbix, instance: str) -> list[str]:
    """Return the ids of all hosts that carry the ownership tag of `instance`, discovered hosts left out."""
    hosts = zabbix.call(
        "host.get",
        {
            "output": ["hostid"],
            "filter": {"flags": "0"},
            "tags": [{"tag": TAG_INSTANCE, "value": instance, "operator": 1}],
        },
    )
    return [host["hostid"] for host in hosts]


def all_hosts(zabbix: Zabbix, hostids: Iterable[str] | None = None) -> dict[str, bool]:
    """Return the ids of all hosts, or which of some exist, each with whether Zabbix's discovery made it."""
    if hostids is None:
        hosts = zabbix.call("host.get", {"output": ["hostid", "flags"]})
    else:
        asked = {"output": ["hostid", "flags"]}
        parts = chunks(sorted(set(hostids)), NAMES_CHUNK)
        hosts = [host for some in parts for host in zabbix.call("host.get", {**asked, "hostids": some})]
    return {host["hostid"]: host["flags"] == "4" for host in hosts}


def host_ids_of(zabbix: Zabbix, instance: str, refs: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of the hosts of these NetBox objects: `device:123` -> host ids (one, or several in a conflict)."""
    found: dict[str, list[str]] = {}
    for some in chunks(refs, CHUNK):
        asked = {"output": ["hostid"], "selectTags": ["tag", "value"], **_of_objects(instance, some)}
        hosts = zabbix.call("host.get", asked)
        for host in hosts:
            for tag in host["tags"]:
                if tag["tag"] == TAG_ID:
                    found.setdefault(tag["value"], []).append(host["hostid"])
    return found


def _of_objects(instance: str, refs: Iterable[str]) -> dict[str, Any]:
    # values of one tag name are alternatives, different names must all match
    tags = [{"tag": TAG_ID, "value": ref, "operator": 1} for ref in refs]
    tags.append({"tag": TAG_INSTANCE, "value": instance, "operator": 1})
    return {"filter": {"flags": "0"}, "tags": tags, "evaltype": 0}


def read_hosts(zabbix: Zabbix, hostids: Sequence[str], inventory_fields: Collection[str]) -> Iterator[ZabbixHost]:
    """Read hosts as `read_rows`, and make them the same on every version."""
    for row in read_rows(zabbix, hostids, inventory_fields):
        yield host_of(row, zabbix.release)


def read_rows(
    zabbix: Zabbix,
    hostids: Sequence[str],
    inventory_fields: Collection[str],
    unread: dict[str, ZabbixError] | None = None,
) -> Iterator[dict[str, Any]]:
    """Read hosts in chunks, some at once, as Zabbix tells them. Ids that are gone meanwhile are left out.

    `inventory_fields`: the fields wanted; the whole inventory would double memory and time. `unread`: gets the ids of
    a chunk that Zabbix does not answer for, with its error; None where that ends the run, as it always does where it
    answers for no chunk, fails for more than UNREAD, is away or does not know us.
    """
    params = _fields(zabbix.release, inventory_fields)

    def read(some: list[str]) -> list[dict[str, Any]] | ZabbixError:
        try:
            return zabbix.call("host.get", {**params, "hostids": some})
        except (NotSent, NotAuthorised):
            raise
        except ZabbixError as error:
            if unread is None:
                raise
            unread.update(dict.fromkeys(some, error))
            return error

    answered = False
    failures: list[ZabbixError] = []
    with ThreadPoolExecutor(READERS) as readers:
        for hosts in readers.map(read, chunks(hostids, CHUNK)):
            if isinstance(hosts, ZabbixError):
                failures.append(hosts)
                if len(failures) > UNREAD:
                    raise hosts
            else:
                answered = True
                yield from hosts
    if failures and not answered:
        raise failures[0]


def read_marks(zabbix: Zabbix, hostids: Iterable[str]) -> dict[str, tuple[str, list[str]]]:
    """Return host id -> technical name and whose it is by its tags: next to nothing, which Zabbix can tell of any
    host.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for some in chunks(hostids, CHUNK):
        asked = {"output": ["hostid", "host"], "selectTags": ["tag", "value"], "hostids": some}
        for host in zabbix.call("host.get", asked):
            refs = [tag["value"] for tag in host["tags"] if tag["tag"] == TAG_ID]
            found[host["hostid"]] = host["host"], refs
    return found


def rows_call(
    release: versions.Release, instance: str, refs: Sequence[str], inventory_fields: Collection[str]
) -> Call | None:
    """Return the call that tells the hosts of some objects as `read_rows` does, None for too many of them."""
    if len(refs) > FEW:
        return None
    return "host.get", {**_fields(release, inventory_fields), **_of_objects(instance, refs)}


def _fields(release: versions.Release, inventory_fields: Collection[str]) -> dict[str, Any]:
    """Return what is asked of each host."""
    select_groups, dummy = versions.host_groups_key(release)
    params: dict[str, Any] = {
        "output": ["hostid", *READABLE, *versions.monitor_fields(release)],
        select_groups: ["groupid"],
        "selectParentTemplates": ["templateid"],
        "selectTags": ["tag", "value"],
        "selectMacros": ["hostmacroid", "macro", "value", "type", "description"],
        "selectInterfaces": ["interfaceid", "type", "main", "useip", "ip", "dns", "port", "details"],
    }
    if inventory_fields:
        params["selectInventory"] = sorted(inventory_fields)
    return params


def names_taken(zabbix: Zabbix, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return who has these names, hosts of others and discovered ones too: `{"host": {name: host id}, "name":
    {...}}`.
    """
    taken: dict[str, dict[str, str]] = {"host": {}, "name": {}}
    for some in chunks(sorted(set(names)), NAMES_CHUNK):
        hosts = zabbix.call(
            "host.get",
            {"output": ["hostid", "host", "name"], "filter": {"host": some, "name": some}, "searchByAny": True},
        )
        for host in hosts:
            for attribute in taken:
                taken[attribute][host[attribute]] = host["hostid"]
    return taken


def interfaces_in_use(zabbix: Zabbix, interfaceids: Sequence[str]) -> dict[str, int]:
    """Return for each of these interfaces how many items use it: Zabbix refuses to remove one in use."""
    found: dict[str, int] = {}
    for some in chunks(interfaceids, CHUNK):
        for interface in zabbix.call(
            "hostinterface.get", {"output": ["interfaceid"], "interfaceids": some, "selectItems": "count"}
        ):
            found[interface["interfaceid"]] = int(interface["items"])
    return found


def in_maintenance(zabbix: Zabbix, hostids: Iterable[str]) -> set[str]:
    """Return which of these hosts are in maintenance now, as the Zabbix server has worked out last."""
    found: set[str] = set()
    for some in chunks(hostids, NAMES_CHUNK):
        params = {"output": ["hostid"], "hostids": some, "filter": {"maintenance_status": "1"}}
        found.update(host["hostid"] for host in zabbix.call("host.get", params))
    return found


def chunks(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Cut `items` into lists of `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def host_of(host: dict[str, Any], release: versions.Release) -> ZabbixHost:
    """Return the plain value of a host as `read_rows` gives it."""
    inventory = host.get("inventory") or {}
    return ZabbixHost(
        hostid=host["hostid"],
        host=host["host"],
        name=host["name"],
        status=BY_NAME["status"].decode(host["status"]),
        description=plain_text(host["description"]),
        monitor=versions.read_monitor(release, host),
        groups=frozenset(group_ids(host, release)),
        templates=frozenset(template["templateid"] for template in host["parentTemplates"]),
        tags=frozenset((tag["tag"], tag["value"]) for tag in host["tags"]),
        macros=tuple(
            LiveMacro(
                macro["hostmacroid"],
                macro["macro"],
                MACRO_TYPES[macro["type"]],
                macro.get("value"),
                macro["description"],
            )
            for macro in host["macros"]
        ),
        inventory_mode=BY_NAME["inventory_mode"].decode(host["inventory_mode"]),
        # an inventory that is switched off is read as a list
        inventory={key: plain_text(value) for key, value in inventory.items() if value}
        if isinstance(inventory, dict)
        else {},
        interfaces=tuple(_interface(interface) for interface in host["interfaces"]),
        more={row.name: row.decode(host[row.api]) for row in MORE if not row.write_only},
    )


def group_ids(host: dict[str, Any], release: versions.Release) -> list[str]:
    """Return the ids of the host groups of a host as `read_rows` gives it."""
    dummy, key = versions.host_groups_key(release)
    return [group["groupid"] for group in host[key]]


def _interface(interface: dict[str, Any]) -> LiveInterface:
    details = interface["details"]
    return LiveInterface(
        interfaceid=interface["interfaceid"],
        type=INTERFACE_TYPES.get(interface["type"], interface["type"]),
        main=interface["main"] == "1",
        use_ip=interface["useip"] == "1",
        ip=interface["ip"],
        dns=interface["dns"],
        port=interface["port"],
        details=tuple(sorted(details.items())) if isinstance(details, dict) else (),
    )


def existing(zabbix: Zabbix, hostids: Iterable[str]) -> set[str]:
    """Return which of these host ids exist and may be seen."""
    found: set[str] = set()
    for some in chunks(sorted(set(hostids)), NAMES_CHUNK):
        found.update(host["hostid"] for host in zabbix.call("host.get", {"output": ["hostid"], "hostids": some}))
    return found
