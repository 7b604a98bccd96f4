"""A small estate as `netbox/objects.py` describes it, and short ways to a policy and its result."""

from __future__ import annotations

from typing import Any

import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import (
    DEVICE,
    VIRTUAL_MACHINE,
    NetBoxObject,
    Related,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.compute import Outcome, compute
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.model import Policy
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import assign_names
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.parse import parse_policy

SECRETS = {"snmp_auth": "canary-auth-7c1", "snmp_priv": "canary-priv-9e2"}


def related(number: int, name: str, slug: str | None = "", **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "slug": name.lower().replace(" ", "-") if slug == "" else slug, **more}


EUROPE = related(1, "Europe", parent=None)
NETHERLANDS = related(2, "Netherlands", parent=EUROPE)
BRANCHES = related(1, "Branches", parent=None)
AMSTERDAM = related(
    1,
    "AMS/1",
    "ams1",
    region=NETHERLANDS,
    group=BRANCHES,
    facility="",
    time_zone="Europe/Amsterdam",
    physical_address="Dam 1",
    latitude=52.37,
    longitude=4.0,
    custom_fields={},
)
SWITCHES = related(1, "Switches", parent=None, custom_fields={})
ACCESS = related(2, "Access", parent=SWITCHES, custom_fields={})
CISCO = related(1, "Cisco")
IOS = related(1, "Cisco IOS", parent=None, manufacturer=CISCO, custom_fields={})
C9300 = related(1, "C9300", model="C9300", part_number="", manufacturer=CISCO, custom_fields={})
LAB = related(1, "Lab")
CORE = related(2, "Core")


def address(text: str, dns_name: str = "") -> dict[str, Any]:
    return {"address": text, "cidr": f"{text}/24", "family": 6 if ":" in text else 4, "dns_name": dns_name}


def device(number: int = 1, **changes: Any) -> NetBoxObject:
    """Return an access switch in Amsterdam."""
    attributes: dict[str, Any] = {
        "name": f"sw{number}",
        "status": "active",
        "serial": f"SN{number}",
        "asset_tag": None,
        "description": "",
        "position": 12.0,
        "site": AMSTERDAM,
        "region": NETHERLANDS,
        "site_group": BRANCHES,
        "location": None,
        "rack": related(7, "R 7", None),
        "role": ACCESS,
        "platform": IOS,
        "device_type": C9300,
        "manufacturer": CISCO,
        "tenant": None,
        "tenant_group": None,
        "cluster": None,
        "cluster_type": None,
        "cluster_group": None,
        "virtual_chassis": None,
        "primary_ip": address("10.0.0.1", "sw1.example.net"),
        "primary_ip4": address("10.0.0.1", "sw1.example.net"),
        "primary_ip6": None,
        "oob_ip": None,
        "tags": [CORE, LAB],
        "custom_fields": {"owner": "netops", "critical": True, "contacts": ["ann", "bob"]},
        "config_context": {"ntp": {"servers": ["10.9.9.1"]}},
    }
    return NetBoxObject(DEVICE, number, attributes | changes)


def virtual_machine(number: int = 1, **changes: Any) -> NetBoxObject:
    vmware = related(1, "VMware")
    cluster = related(1, "Cluster A", None, type=vmware, group=None, custom_fields={})
    attributes: dict[str, Any] = {
        "name": f"vm{number}",
        "status": "active",
        "vcpus": 2.0,
        "memory": 4096,
        "site": AMSTERDAM,
        "region": NETHERLANDS,
        "site_group": BRANCHES,
        "role": None,
        "platform": None,
        "tenant": None,
        "cluster": cluster,
        "cluster_type": vmware,
        "cluster_group": None,
        "primary_ip": address("10.0.1.1"),
        "primary_ip4": address("10.0.1.1"),
        "primary_ip6": None,
        "tags": [],
        "custom_fields": {},
        "config_context": {},
    }
    return NetBoxObject(VIRTUAL_MACHINE, number, attributes | changes)


def related_tables() -> Related:
    return Related(
        tables={
            "site": {1: AMSTERDAM},
            "region": {1: EUROPE, 2: NETHERLANDS},
            "role": {1: SWITCHES, 2: ACCESS},
            "platform": {1: IOS},
            "tag": {1: LAB, 2: CORE},
            "rack": {7: related(7, "R 7", None)},
        },
        custom_fields={"owner": "text", "critical": "boolean", "contacts": "multiselect"},
    )


def policy(text: str, **options: Any) -> Policy:
    """Return the policy written as YAML."""
    return parse_policy(yaml.safe_load(text), secrets=SECRETS, **options)


def host(text: str, netbox_object: NetBoxObject | None = None, **options: Any) -> HostConfig:
    """Return the host config of the switch (or of `netbox_object`) under the policy written as YAML."""
    result = result_of(text, netbox_object, **options)
    assert isinstance(result, HostConfig), result
    return result


def outcome(text: str, netbox_object: NetBoxObject | None = None, **options: Any) -> Outcome:
    """Return why there is no host config."""
    result = result_of(text, netbox_object, **options)
    assert isinstance(result, Outcome), result
    return result


def result_of(text: str, netbox_object: NetBoxObject | None = None, **options: Any) -> HostConfig | Outcome:
    netbox_object = netbox_object or device()
    names = assign_names([(netbox_object.kind, netbox_object.id, netbox_object.attributes["name"])])
    return compute(policy(text, **options), netbox_object, names[netbox_object.ref])
