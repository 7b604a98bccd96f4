"""Short ways to both sides of an adoption."""

from __future__ import annotations

from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.adopt.evidence import Clues, Found, Subject
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.adopt.match import Matching, match
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import LiveInterface, ZabbixHost

INSTANCE = "netbox-test"


def host(
    number: int, called: str = "", *, discovered: bool = False, ip: str = "", dns: str = "", **changes: Any
) -> Found:
    name = called or f"host{number}"
    interface = LiveInterface("1", "agent", True, bool(ip), ip, dns, "10050", ())
    values: dict[str, Any] = {
        "hostid": str(number),
        "host": name,
        "name": name,
        "status": "enabled",
        "description": "",
        "monitor": ("server", "0"),
        "groups": frozenset({"2"}),
        "templates": frozenset(),
        "tags": frozenset(),
        "macros": (),
        "inventory_mode": "manual",
        "inventory": {},
        "interfaces": (interface,) if ip or dns else (),
    }
    return Found(ZabbixHost(**(values | changes)), discovered)


def thing(number: int, called: str, **changes: Any) -> Subject:
    return Subject(**({"ref": f"device:{number}", "label": called, "host": called, "name": called} | changes))


def matched(subjects: list[Subject], hosts: list[Found], default_tag: str = "") -> Matching:
    clues = Clues(default_tag)
    for found in hosts:
        clues.add_host(found)
    return match(subjects, clues, INSTANCE)


def pairs(matching: Matching) -> dict[tuple[str, str], list[str]]:
    """Return the conflicts of each candidate."""
    return {(pair.subject.ref, pair.hostid): pair.conflicts for pair in matching.pairs}


def proposed(matching: Matching, least: int = 80) -> dict[str, str]:
    return {pair.subject.ref: pair.hostid for pair in matching.pairs if pair.proposed(least)}
