"""The policies that are measured: the same hosts with no, a light and a heavy template."""

from __future__ import annotations

from typing import Any

#: the value of the ownership tag, by which the benchmark finds its hosts again
INSTANCE = "bench"
#: every host group of the benchmark is below this one
TOP = "Benchmark"
TEMPLATES = {"none": [], "light": ["ICMP Ping"], "heavy": ["Linux by Zabbix agent"]}
ITEMS = {"none": "no template", "light": "ICMP Ping, 3 items", "heavy": "Linux by Zabbix agent, 43 items"}
#: hosts are created disabled, so that Zabbix does not begin to poll thousands of addresses that do not exist
STATUSES = {
    kind: dict.fromkeys(
        ("active", "planned", "staged", "failed", "inventory", "decommissioning", "offline", "paused"), "disabled"
    )
    for kind in ("device", "virtual_machine")
}


def hundred(slugs: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return a policy of 100 mappings. `slugs`: match key -> values that the estate has."""
    keys = [key for key in slugs if slugs[key]]
    rules = [
        {
            "name": f"rule {number}",
            "match": {(key := keys[number % len(keys)]): slugs[key][number // len(keys) % len(slugs[key])]},
            "tags": {f"rule{number % 20}": "{site.slug}"},
            "inventory": {"notes": "{name} of {site}"},
        }
        for number in range(99)
    ]
    return [*mappings("light")[:1], *rules]


def mappings(weight: str) -> list[dict[str, Any]]:
    """Return a policy that uses what most policies use: groups from trees, tags, inventory, an interface, templates."""
    return [
        {
            "name": "everything",
            "host_groups": [TOP + "/Sites/{region.path}/{site}", TOP + "/Roles/{role.path}"],
            "tags": {
                "site": "{site.slug}",
                "role": "{role.slug}",
                "tenant": "{tenant.slug}",
                "service_level": "{custom_fields.service_level}",
            },
            "description": "{description}",
            "inventory": {
                "os": "{platform}",
                "contact": "{custom_fields.owner}",
                "location": "{site}",
                "serialno_a": "{serial}",
            },
        },
        {
            "name": "devices",
            "match": {"kind": "device"},
            "inventory": {"vendor": "{manufacturer}", "model": "{device_type}", "site_rack": "{rack}"},
        },
        {
            "name": "with a network port",
            "match": {"role": ["network", "server"]},
            "interfaces": [{"type": "agent", "address": ["primary", "oob"]}],
            "templates": TEMPLATES[weight],
        },
        {
            # a config context of the estate gives these SNMP in place of the agent that the heavy template wants
            "name": "RouterOS",
            "match": {"platform": "routeros"},
            "templates": {"replace": []},
        },
    ]
