"""As many hosts as objects, each with a name that stays."""

from __future__ import annotations

from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.hostnames import inventory_names
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.options import (
    AS_NB_INVENTORY,
    MEMBERS,
    Options,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.names import Name
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import assign_names

CHASSIS: dict[int, dict[str, Any]] = {
    7: {"id": 7, "name": "stack", "master": 1},
    8: {"id": 8, "name": "x", "master": None},
}


def names(*listed: Name, options: Options | None = None, **more: Any) -> dict[str, str]:
    return inventory_names(listed, options or Options(), more.pop("members", {}), CHASSIS, **more).hosts


def test_ordinary_names_are_the_syncs() -> None:
    listed = [("device", 1, "sw1"), ("device", 2, "fw:1/2"), ("virtual_machine", 1, "sw1"), ("device", 3, None)]
    assert names(*listed) == {ref: entry.host for ref, entry in assign_names(listed).items()}


def test_shared_names_are_made_unique_and_told_of_once() -> None:
    listed = [("device", 1, "sw1"), ("device", 2, "sw1"), ("virtual_machine", 1, "sw1"), ("device", 4, "other")]
    found = inventory_names(listed, Options(), {}, {})
    assert found.hosts["device:1"] == "sw1"
    assert found.hosts["device:2"] == "sw1_device-2"
    assert found.hosts["virtual_machine:1"] == "sw1_virtual_machine-1"
    assert len(found.notes) == 1
    assert "2 of them got their kind and id behind it: sw1 is sw1_device-2" in found.notes[0]


def test_objects_without_a_name_keep_theirs_in_every_run() -> None:
    assert names(("device", 3, None), ("device", 4, "")) == {"device:3": "device-3", "device:4": "device-4"}


def test_names_that_mean_something_to_ansible() -> None:
    listed = [
        ("device", number, name) for number, name in enumerate(("all", "localhost", "sw[1:3]", "a b", "x,y", "~r"), 1)
    ]
    assert list(names(*listed).values()) == ["all_device-1", "localhost_device-2", "sw_1_3_", "a_b", "x_y", "_r"]


def test_a_template_is_no_name() -> None:
    assert names(("device", 1, "{{ lookup('pipe','id') }}"))["device:1"] == "___lookup__pipe___id_____"


def test_a_virtual_chassis_is_its_master() -> None:
    listed = [("device", 1, "sw1"), ("device", 2, "sw2"), ("device", 3, "sw3")]
    members = {1: 7, 2: 7, 3: 8}
    assert names(*listed, members=members) == {"device:1": "sw1", "device:3": "sw3"}
    named = Options(virtual_chassis_name=True)
    assert names(*listed, members=members, options=named) == {"device:1": "stack", "device:3": "sw3"}
    each = Options(virtual_chassis=MEMBERS)
    assert names(*listed, members=members, options=each) == {"device:1": "sw1", "device:2": "sw2", "device:3": "sw3"}


def test_names_from_a_custom_field_and_for_whom_has_none() -> None:
    listed = [("device", 1, "sw1"), ("device", 2, "sw2")]
    assert names(*listed, given={"device:1": "ansible-sw"}) == {"device:1": "ansible-sw", "device:2": "sw2"}


def test_as_nb_inventory_names_them() -> None:
    listed = [("device", 1, "a b"), ("device", 2, "a b"), ("device", 3, None)]
    found = inventory_names(listed, Options(host_names=AS_NB_INVENTORY), {}, {})
    assert found.hosts["device:1"] == found.hosts["device:2"] == "a b"
    assert len(found.hosts["device:3"]) == 36
    assert "a b" in found.notes[0]
