"""A small Zabbix as values, short ways to a host config and a Zabbix host, and a model of what a write does."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.attribute_table import BY_NAME, MORE
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import (
    HostConfig,
    Interface,
    Macro,
    Secret,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.diff import Differ
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.payload import payload
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Change
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import (
    MACRO_APPLIED,
    LiveInterface,
    LiveMacro,
    Template,
    ZabbixHost,
    ZabbixSettings,
    plain_text,
)

INSTANCE = "netbox-test"
KEY = "a key for digests"
#: Zabbix's codes, written out: what the collection's own tables say is what is tested
INTERFACE_TYPES = {"1": "agent", "2": "snmp", "3": "ipmi", "4": "jmx"}
INVENTORY_MODES = {"-1": "disabled", "0": "manual", "1": "automatic"}
MACRO_TYPES = {"0": "text", "1": "secret", "2": "vault"}
RELEASES = [(6, 0), (7, 0), (7, 2), (7, 4), (8, 0)]

GROUPS = {"All": "2", "Site A": "10", "Site B": "11", "By hand": "90"}
#: name -> id, parents, items
TEMPLATES = {
    "ICMP Ping": ("100", (), 3),
    "Linux": ("101", (), 60),
    "Windows": ("102", (), 90),
    "Cisco": ("103", ("110",), 40),
    "Juniper": ("104", ("110",), 40),
    "Interfaces": ("110", (), 20),
    "By hand": ("190", (), 5),
}


def settings() -> ZabbixSettings:
    found = ZabbixSettings(
        proxies={"proxy-1": "7", "proxy-2": "8"},
        proxy_groups={"Branches": "5"},
    )
    for name, (templateid, parents, items) in TEMPLATES.items():
        template = Template(templateid, f"tpl_{name.lower().replace(' ', '_')}", name, parents, items)
        found.templates_by_id[templateid] = template
        found.templates[template.name] = [template]
        found.templates[template.host] = [template]
    for name, groupid in GROUPS.items():
        found.add_group(groupid, name)
    return found


def differ(release: tuple[int, int] = (7, 0), key: str = KEY, **ownership: str) -> Differ:
    return Differ(settings(), release, INSTANCE, key, ownership)


def agent(ip: str = "10.0.0.1", key: str = "agent", **more: Any) -> Interface:
    values = {"key": key, "type": "agent", "main": True, "use_ip": True, "ip": ip, "dns": "", "port": "10050"}
    return Interface(**(values | more))


def snmp(ip: str = "10.0.0.1", key: str = "snmp", **more: Any) -> Interface:
    details = (("bulk", "1"), ("community", "{$SNMP_COMMUNITY}"), ("max_repetitions", "10"), ("version", "2"))
    values = {"key": key, "type": "snmp", "main": True, "use_ip": True, "ip": ip, "dns": "", "port": "161"}
    return Interface(**(values | {"details": details} | more))


def snmp3(auth: str | Secret, priv: str | Secret, **more: Any) -> Interface:
    details = {
        "authpassphrase": auth,
        "authprotocol": "1",
        "bulk": "1",
        "contextname": "",
        "max_repetitions": "10",
        "privpassphrase": priv,
        "privprotocol": "1",
        "securitylevel": "2",
        "securityname": "monitor",
        "version": "3",
    }
    return snmp(details=tuple(sorted(details.items())), **more)


def config(**changes: Any) -> HostConfig:
    values: dict[str, Any] = {
        "ref": "device:1",
        "label": "sw1 (device 1)",
        "host": "sw1",
        "name": "Switch 1",
        "groups": frozenset({"All"}),
        "templates": frozenset({"ICMP Ping"}),
        "interfaces": (agent(),),
    }
    return HostConfig(**(values | changes))


def new_host(change: Change, release: tuple[int, int] = (7, 0), hostid: str = "10001") -> ZabbixHost:
    """Return the Zabbix host that a create makes."""
    return zabbix_after(change, release, hostid)


def in_sync(desired: HostConfig, release: tuple[int, int] = (7, 0), hostid: str = "10001") -> ZabbixHost:
    """Return the Zabbix host of a host config that was applied and not touched since."""
    return new_host(differ(release).create(desired), release, hostid)


def zabbix_after(change: Change, release: tuple[int, int], hostid: str = "") -> ZabbixHost:
    """Return the host that Zabbix has after the change was written."""
    return written(payload(change, release), change.live, release, hostid)


def written(call: dict[str, Any], before: ZabbixHost | None, release: tuple[int, int], hostid: str = "") -> ZabbixHost:
    """Return the host that Zabbix has after host.create or host.update, read the way that `read_hosts` gives it.

    Does what Zabbix does (6.0 and 7.0): lists are replaced whole; a macro or an interface with its id keeps what is not
    given; a secret's value cannot be read; what is refused there raises Refused here.
    """
    live = before or ZabbixHost(
        hostid=hostid,
        host="",
        name="",
        status="enabled",
        description="",
        monitor=("server", "0"),
        groups=frozenset(),
        templates=frozenset(),
        tags=frozenset(),
        macros=(),
        inventory_mode="disabled",
        inventory={},
        interfaces=(),
        more=dict(EMPTY_MORE),
    )
    unknown = set(call) - KNOWN_PARAMETERS - (PROXY_PARAMETERS_60 if release < (7, 0) else PROXY_PARAMETERS_70)
    if unknown:
        raise Refused(f"Zabbix {release} does not know {unknown}")
    after = replace(
        live,
        host=call.get("host", live.host),
        name=call.get("name", live.name),
        status={"0": "enabled", "1": "disabled"}[call["status"]] if "status" in call else live.status,
        description=plain_text(call.get("description", live.description)),
        monitor=_monitor(call, live, release),
        groups=_ids(call, "groups", "groupid", live.groups),
        templates=_ids(call, "templates", "templateid", live.templates),
        tags=frozenset((tag["tag"], tag["value"]) for tag in call["tags"]) if "tags" in call else live.tags,
        macros=_macros(call["macros"], live) if "macros" in call else live.macros,
        inventory_mode=BY_NAME["inventory_mode"].decode(call["inventory_mode"])
        if "inventory_mode" in call
        else live.inventory_mode,
        interfaces=_interfaces(call["interfaces"], live, release) if "interfaces" in call else live.interfaces,
        more=_more(call, live),
    )
    if not after.groups:
        raise Refused("a host needs a group")
    if call.get("inventory") and after.inventory_mode == "disabled":
        raise Refused("Cannot set inventory fields for disabled inventory.")
    inventory = {**live.inventory, **{name: plain_text(value) for name, value in call.get("inventory", {}).items()}}
    kept = {} if after.inventory_mode == "disabled" else {name: value for name, value in inventory.items() if value}
    return replace(after, inventory=kept)


class Refused(Exception):
    """Zabbix would not take this."""


KNOWN_PARAMETERS = frozenset(
    {
        "hostid",
        "host",
        "name",
        "status",
        "description",
        "groups",
        "templates",
        "templates_clear",
        "tags",
        "macros",
        "inventory_mode",
        "inventory",
        "interfaces",
        *(row.api for row in MORE),
    }
)
#: what Zabbix has where nobody gave anything
EMPTY_MORE = {
    "tls_connect": "none",
    "tls_accept": "none",
    "tls_issuer": "",
    "tls_subject": "",
    "ipmi_authtype": "default",
    "ipmi_privilege": "user",
    "ipmi_username": "",
    "ipmi_password": "",
}
PROXY_PARAMETERS_60 = frozenset({"proxy_hostid"})
PROXY_PARAMETERS_70 = frozenset({"monitored_by", "proxyid", "proxy_groupid"})


def _more(call: dict[str, Any], live: ZabbixHost) -> dict[str, str]:
    """Return TLS and IPMI after a call: what belongs to an encryption goes with it, and is refused without it."""
    more = dict(live.more)
    for row in MORE:
        if row.api in call and not row.write_only:
            more[row.name] = row.decode(call[row.api])
    words = f"{more['tls_connect']}, {more['tls_accept']}".split(", ")
    had = f"{live.more['tls_connect']}, {live.more['tls_accept']}".split(", ")
    for row in MORE:
        if row.only_with and row.only_with not in words:
            if call.get(row.api):
                raise Refused(f"{row.api} must be empty")
            if row.name in more:
                more[row.name] = ""
    if "psk" in words and "psk" not in had and not (call.get("tls_psk") and call.get("tls_psk_identity")):
        raise Refused("tls_psk_identity cannot be empty")
    return more


def _ids(call: dict[str, Any], name: str, key: str, before: frozenset[str]) -> frozenset[str]:
    return frozenset(item[key] for item in call[name]) if name in call else before


def _monitor(call: dict[str, Any], live: ZabbixHost, release: tuple[int, int]) -> tuple[str, str]:
    if release < (7, 0):
        if "proxy_hostid" not in call:
            return live.monitor
        return ("server", "0") if call["proxy_hostid"] == "0" else ("proxy", call["proxy_hostid"])
    if "monitored_by" not in call:
        return live.monitor
    return {
        "0": lambda: ("server", "0"),
        "1": lambda: ("proxy", call["proxyid"]),
        "2": lambda: ("proxy_group", call["proxy_groupid"]),
    }[call["monitored_by"]]()


def _macros(given: list[dict[str, Any]], live: ZabbixHost) -> tuple[LiveMacro, ...]:
    before = {macro.hostmacroid: macro for macro in live.macros}
    numbers = count(1 + max((int(number) for number in before), default=500))
    found = []
    for item in given:
        kept = before.get(item.get("hostmacroid", ""))
        if "hostmacroid" in item and kept is None:
            raise Refused(f"no macro has the id {item['hostmacroid']}")
        kind = MACRO_TYPES[item["type"]] if "type" in item else kept.type
        value = item.get("value", kept.value if kept else None)
        found.append(
            LiveMacro(
                kept.hostmacroid if kept else str(next(numbers)),
                item.get("macro") or kept.macro,
                kind,
                None if kind == "secret" else value,
                item["description"] if "macro" in item else kept.description,
            )
        )
    if len({macro.macro for macro in found}) != len(found):
        raise Refused("the same macro twice")
    return tuple(found)


def _interfaces(given: list[dict[str, Any]], live: ZabbixHost, release: tuple[int, int]) -> tuple[LiveInterface, ...]:
    before = {interface.interfaceid: interface for interface in live.interfaces}
    numbers = count(1 + max((int(number) for number in before), default=700))
    found: list[LiveInterface] = []
    for item in given:
        kept = before.get(item.get("interfaceid", ""))
        if "interfaceid" in item and kept is None:
            raise Refused(f"no interface has the id {item['interfaceid']}")
        if "type" not in item:
            found.append(kept)
            continue
        details = item.get("details", dict(kept.details) if kept else {})
        if "max_repetitions" in details and (release < (6, 4) or details["version"] == "1"):
            raise Refused("max_repetitions is not known")
        found.append(
            LiveInterface(
                kept.interfaceid if kept else str(next(numbers)),
                INTERFACE_TYPES[item["type"]],
                item["main"] == "1",
                item["useip"] == "1",
                item["ip"],
                item["dns"],
                item["port"],
                tuple(sorted(details.items())),
            )
        )
    for kind in {interface.type for interface in found}:
        mains = sum(interface.main for interface in found if interface.type == kind)
        if mains != 1:
            raise Refused(f"{mains} default interfaces of type {kind}")
    return tuple(found)


def by_hand(host: ZabbixHost, /, **changes: Any) -> ZabbixHost:
    """Return the host after a person changed it in Zabbix."""
    return replace(host, **changes)


def with_macro(host: ZabbixHost, name: str, value: str | None, kind: str = "text", note: str = "") -> ZabbixHost:
    number = str(1 + max((int(macro.hostmacroid) for macro in host.macros), default=500))
    kept = tuple(macro for macro in host.macros if macro.macro != name)
    return replace(host, macros=(*kept, LiveMacro(number, name, kind, value, note)))


def macros_of(host: ZabbixHost) -> dict[str, tuple[str, str | None]]:
    """Return type and value of a host's macros, the record left out."""
    return {macro.macro: (macro.type, macro.value) for macro in host.macros if macro.macro != MACRO_APPLIED}


def shown(change: Change | None) -> list[tuple[str, str, str]]:
    """Return attribute, element and reason of each difference, sorted."""
    return sorted((item.attribute, item.element, item.reason) for item in change.differences) if change else []


def secret(value: str, name: str = "a_secret") -> Macro:
    return Macro(Secret(name, value), "secret")
