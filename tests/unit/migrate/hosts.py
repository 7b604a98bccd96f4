"""A device and a virtual machine, and the host that a translated policy makes of them."""

from __future__ import annotations

from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.translation import (
    MAPPINGS,
    Translation,
    placeholders,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import (
    DEVICE,
    VIRTUAL_MACHINE,
    NetBoxObject,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.compute import Outcome, compute
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import assign_names
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.parse import parse_policy


def host_of(translation: Translation, netbox_object: NetBoxObject) -> Any:
    """Return the host config of an object, None where it is not to be monitored. Fails where it cannot be made."""
    policy = parse_policy(
        translation.variables[MAPPINGS],
        secrets=placeholders(translation),
        statuses=translation.variables.get("netbox_zabbix_statuses"),
    )
    listed = [(netbox_object.kind, netbox_object.id, netbox_object.attributes["name"])]
    host = compute(policy, netbox_object, assign_names(listed)[netbox_object.ref])
    if isinstance(host, Outcome):
        assert host.kind != "failed", host.reason
        return None
    return host


def _related(number: int, name: str, slug: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": number, "name": name, "slug": slug or name.lower().replace(" ", "-"), **more}


def _address(text: str) -> dict[str, Any]:
    return {"address": text.split("/")[0], "cidr": text, "family": 4, "dns_name": "dns.example.com"}


def _common(**changes: Any) -> dict[str, Any]:
    europe = _related(1, "Europe", parent=None)
    netherlands = _related(2, "Netherlands", parent=europe)
    branches = _related(2, "Branches", parent=_related(1, "All", parent=None))
    site = _related(1, "Amsterdam", "ams", region=netherlands, group=branches)
    site["custom_fields"] = changes.pop("site_custom_fields", {})
    tenants = _related(1, "Customers", parent=None)
    own = {"environment": "production", **changes.pop("custom_fields", {})}
    return {
        "status": "active",
        "serial": "S-1",
        "description": "",
        "comments": "",
        "site": site,
        "region": netherlands,
        "site_group": branches,
        "tenant": _related(1, "ACME", group=tenants),
        "tenant_group": tenants,
        "primary_ip": _address("10.0.0.1/24"),
        "primary_ip4": _address("10.0.0.1/24"),
        "primary_ip6": None,
        "oob_ip": None,
        "custom_fields": own,
        "config_context": {},
    }


def device(**changes: Any) -> NetBoxObject:
    maker = _related(1, "Cisco")
    attributes = {
        **_common(**{key: changes.pop(key) for key in ("custom_fields", "site_custom_fields") if key in changes}),
        "name": "sw1",
        "asset_tag": "A-1",
        "latitude": 52.5,
        "longitude": 4.9,
        "role": _related(1, "Access switch", "access", parent=None, custom_fields={}),
        "platform": _related(1, "IOS", parent=None, manufacturer=maker, custom_fields={}),
        "device_type": _related(
            1,
            "C9300",
            model="C9300",
            part_number="",
            manufacturer=maker,
            custom_fields={"zabbix_template": "Cisco IOS by SNMP"},
        ),
        "manufacturer": maker,
        "location": _related(1, "Floor 1", parent=None),
        "rack": {"id": 1, "name": "R1", "slug": None},
        "cluster": None,
        "cluster_type": None,
        "cluster_group": None,
        "virtual_chassis": None,
        "oob_ip": _address("10.1.0.1/24"),
        "tags": [_related(1, "Core"), _related(2, "Lab 1")],
        **changes,
    }
    return NetBoxObject(DEVICE, 1, attributes)


def virtual_machine(**changes: Any) -> NetBoxObject:
    kvm = _related(1, "KVM")
    attributes = {
        **_common(),
        **dict.fromkeys(("asset_tag", "location", "rack", "device_type", "manufacturer", "virtual_chassis")),
        "name": "vm1",
        "memory": 4096,
        "vcpus": 2.0,
        "disk": 100,
        "role": _related(2, "Server", parent=None, custom_fields={}),
        "platform": _related(2, "Linux", parent=None, manufacturer=None, custom_fields={}),
        "cluster": {"id": 1, "name": "c1", "slug": None, "type": kvm, "group": None, "custom_fields": {}},
        "cluster_type": kvm,
        "cluster_group": None,
        "tags": [_related(3, "Web")],
        **changes,
    }
    return NetBoxObject(VIRTUAL_MACHINE, 1, attributes)
