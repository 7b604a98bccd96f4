"""The awkward objects: each estate has all of them among its first fifty.

A device's or a virtual machine's ordinal (which counts each kind from 0) decides what is awkward about it. The ordinals
are chosen by what stands there in the first block (places.py): 7, 8, 10 and 11 are power strips, 12 to 17 servers ...
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


#: `addresses`: "4", "6", "46" or "" for the primary addresses
@dataclass(frozen=True, slots=True)
class Special:
    what: str
    payload: dict[str, Any] = field(default_factory=dict)
    addresses: str | None = None
    dns_names: bool = True
    tags: tuple[str, ...] = ()
    custom_fields: dict[str, Any] = field(default_factory=dict)


def _name(what: str, name: str | None, **more: Any) -> Special:
    return Special(what, {"name": name}, **more)


def _status(status: str, **more: Any) -> Special:
    return Special(f"status {status}", {"status": status}, **more)


LONG = "server-with-a-name-that-fills-all-that-netbox-allows-for"

DEVICES: dict[int, Special] = {
    0: _name("name doubled in another site (1)", "core-sw01"),
    1: _name("name of 64 characters", "core-switch-" + "0123456789" * 5 + "-z"),
    2: _name("name the same once cleaned (1)", "fw/ham:01", dns_names=False),
    3: _name("name the same once cleaned (2)", "fw:ham/01"),
    4: _name("name is a template", "{{ 7*7 }}"),
    5: Special("no name", {"name": None, "asset_tag": None}),
    6: _name("64 Cyrillic letters", "Консольный сервер в первом зале, стойка 1, юнит 7, серийный №987"),
    7: _name("Cyrillic name", "Розетка"),
    8: _name("no name, asset tag", None),
    9: _name("umlauts and parentheses", "Käfer-Übergang München (Straße 5)"),
    10: _status("inventory"),
    11: _status("decommissioning"),
    12: _name("names of 64 characters that differ in the last (1)", f"{LONG}-hosts-1"),
    13: _name("names of 64 characters that differ in the last (2)", f"{LONG}-hosts-2"),
    14: _name("name is markup", "db<script>alert(1)</script>"),
    15: _name("name doubled by a virtual machine (1)", "app-gw01"),
    16: _name("names that differ by case (1)", "SRV-Files"),
    17: Special("only IPv6, server", addresses="6"),
    18: _name("name is None", "None"),
    19: _name("name is Zabbix macros", "{HOST.NAME} {$SECRET}"),
    20: _name("name of illegal characters only", "???"),
    21: _name("name doubled in another site (2)", "core-sw01"),
    22: Special("long texts", {"comments": "First line.\n\n" + "* a long list\n" * 300, "serial": "S" * 50}),
    23: Special("macros in texts", {"description": "{HOST.IP} {{ 7*7 }} {site} 50% \"quoted\" <b>bold</b> 'x'"}),
    24: _status("planned"),
    25: Special("address without DNS name", dns_names=False),
    26: _name("name with quotes", 'O\'Brien "AP" \\ back; semi, comma & more'),
    27: _name("name is a number", "10001"),
    28: _status("offline"),
    29: _name("names that differ by case (2)", "srv-files"),
    30: _name("name is policy fields", "{site} {0.__class__}"),
    31: Special("local context", {"local_context_data": {"zabbix": {"tags": {"local": "yes"}}, "ntp": None}}),
    33: _status("staged"),
    34: _name("name doubled in one site, other tenant (1)", "shared-name"),
    35: _name("name doubled in one site, other tenant (2)", "shared-name"),
    36: Special("nothing optional", dict.fromkeys(("platform", "tenant", "location", "rack"))),
    37: Special("only IPv6, firewall", addresses="6"),
    38: Special("tag lab", tags=("lab",)),
    39: _status("failed"),
    40: _name("Japanese name", "東京 アクセスポイント 1"),
    41: Special("excluded", custom_fields={"zabbix_exclude": True}),
}
#: a server whose only address is the one of its management controller
OOB_ONLY = 16

#: The two of one name in one site differ by tenant, as NetBox demands.
TENANT_OF = {34: "nordsee-logistik", 35: "blue-mesa"}

VIRTUAL_MACHINES: dict[int, Special] = {
    0: _name("name doubled by a virtual machine (2)", "app-gw01"),
    1: Special("virtual machine, Cyrillic, planned", {"name": "Виртуальная машина 1", "status": "planned"}),
    2: Special("virtual machine, only IPv6, staged", {"status": "staged"}, addresses="6"),
    3: Special("virtual machine, 64 characters, failed", {"name": "vm-" + "abcdefghij" * 6 + "z", "status": "failed"}),
    4: Special("virtual machine without cluster, offline", {"cluster": None, "status": "offline"}),
    5: Special("virtual machine, illegal characters, paused", {"name": "vm (old): a/b", "status": "paused"}),
    6: Special("virtual machine without address, decommissioning", {"status": "decommissioning"}, addresses=""),
    7: _name("name doubled by a virtual machine (3), cluster without site", "app-gw01"),
}
#: Two of one name must be in different clusters.
CLUSTERS = {0: "vmware", 7: "cloud"}
