from __future__ import annotations

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.order import by_interface, by_service


def test_members_of_a_chassis_are_sorted_without_regard_to_capitals() -> None:
    rows = [
        {"id": number, "name": "Vlan1", "device": {"id": number, "name": name}}
        for number, name in enumerate(("sw10", "ärger", "SW2", "{sw}", "sw1", "7"))
    ]
    in_order = [row["device"]["name"] for row in sorted(rows, key=by_interface)]
    assert in_order == ["{sw}", "7", "ärger", "sw1", "SW2", "sw10"]


def test_services_are_sorted_by_their_lowest_port() -> None:
    rows = [{"id": at, "protocol": {"value": "tcp"}, "ports": ports} for at, ports in enumerate(([443, 80], [100]))]
    assert [row["id"] for row in sorted(rows, key=by_service)] == [0, 1]
