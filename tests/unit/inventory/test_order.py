"""What hangs on a host comes in NetBox's order."""

from __future__ import annotations

import random

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory import order


def shuffled(names: list[str]) -> list[str]:
    mixed = list(names)
    random.Random(1).shuffle(mixed)
    return mixed


def test_interfaces_by_place_then_kind_then_number() -> None:
    """The order that NetBox 4.6.8 gives these."""
    names = [
        "xe-0/0/2", "xe-0/0/10", "xe-0/0/10.5", "GigabitEthernet1/0/1", "Te1/1/1", "Eth1/2", "Eth1/10", "Loopback0",
        "Vlan2", "Vlan10", "mgmt",
    ]  # fmt: skip
    assert sorted(shuffled(names), key=order.interface_key) == names


def test_names_as_people_count() -> None:
    assert sorted(["sw10", "sw2", "sw", "sw2a"], key=order.natural) == ["sw", "sw2", "sw2a", "sw10"]


def test_addresses_and_prefixes_by_value() -> None:
    rows = [
        {"id": n, "address": a} for n, a in enumerate(("2001:db8::1/64", "10.0.0.10/8", "10.0.0.2/24", "9.0.0.1/32"))
    ]
    assert [row["id"] for row in sorted(rows, key=order.by_address)] == [3, 2, 1, 0]
    prefixes = [
        {"id": 1, "prefix": "10.0.0.0/24", "vrf": {"id": 1}},
        {"id": 2, "prefix": "10.0.1.0/24", "vrf": None},
        {"id": 3, "prefix": "10.0.0.0/8", "vrf": None},
    ]
    assert [row["id"] for row in sorted(prefixes, key=order.by_prefix)] == [3, 2, 1]
