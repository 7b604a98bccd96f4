"""Which objects are hosts: virtual chassis by policy, devices in bays and virtual device contexts by mappings."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import (
    DEVICE,
    VIRTUAL_DEVICE_CONTEXT,
    VIRTUAL_MACHINE,
    NetBoxObject,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.kinds import NAMED, host_objects
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.match import check_matches
from unit.policy.samples import device, host, outcome, policy, related_tables


def chassis(number: int, name: str, master: int | None) -> dict[str, Any]:
    return {"id": number, "name": name, "slug": None, "master": master}


def listed(*names: str) -> list[tuple[str, int, str | None]]:
    return [(DEVICE, number, name) for number, name in enumerate(names, 1)]


def virtual_device_context(**changes: Any) -> NetBoxObject:
    attributes = device(9).attributes | {"name": "fw-a", "device": {"id": 9, "name": "sw9"}, "identifier": 2}
    return NetBoxObject(VIRTUAL_DEVICE_CONTEXT, 7, attributes | {"config_context": {}, "tags": []} | changes)


STACK = {10: chassis(10, "stack1", 2)}
MEMBERS = {1: 10, 2: 10}


def test_each_member_of_a_chassis_is_a_host_unless_said_otherwise() -> None:
    found = host_objects(listed("sw1", "sw2", "sw3"))
    assert [names.name for names in found.names.values()] == ["sw1", "sw2", "sw3"]
    assert not found.excluded
    assert not found.notes


def test_the_master_is_the_host_and_is_called_like_the_chassis() -> None:
    found = host_objects(listed("sw1", "sw2", "sw3"), MEMBERS, STACK)
    assert {ref: names.host for ref, names in found.names.items()} == {"device:2": "stack1", "device:3": "sw3"}
    assert found.excluded == {"device:1": "member of virtual chassis stack1"}
    assert not found.notes
    assert found.knows("device:1")
    assert not found.knows("device:4")


def test_an_excluded_member_keeps_no_name_from_the_chassis() -> None:
    """NetBox users often call the first member like the chassis."""
    found = host_objects(listed("stack1", "stack1:2"), MEMBERS, STACK)
    assert found.names["device:2"].host == "stack1"


def test_a_chassis_is_told_apart_from_a_device_of_its_name() -> None:
    found = host_objects(listed("sw1", "sw2", "stack1"), MEMBERS, STACK)
    assert found.names["device:2"].host == "stack1"
    assert found.names["device:3"].host == "stack1_device-3"


@pytest.mark.parametrize("master", [None, 3, 99])
def test_without_a_master_among_its_members_each_is_a_host_and_a_note_says_so(master: int | None) -> None:
    found = host_objects(listed("sw1", "sw2", "sw3"), MEMBERS, {10: chassis(10, "stack1", master)})
    assert [names.host for names in found.names.values()] == ["sw1", "sw2", "sw3"]
    assert found.notes == [
        "Virtual chassis without a master in NetBox, each member of which is a host of its own: stack1"
    ]


def test_a_chassis_without_members_is_no_matter() -> None:
    found = host_objects(listed("sw1", "sw2"), MEMBERS, {**STACK, 11: chassis(11, "empty", None)})
    assert not found.notes


def test_one_note_for_many_chassis_without_a_master() -> None:
    number = NAMED + 3
    many = {at: chassis(at, f"stack{at}", None) for at in range(1, number + 1)}
    found = host_objects(listed(*map(str, many)), {at: at for at in many}, many)
    assert len(found.notes) == 1
    assert found.notes[0].endswith("stack5 and 3 more")


def test_a_virtual_machine_with_a_member_s_id_is_no_member() -> None:
    found = host_objects([*listed("sw1", "sw2"), (VIRTUAL_MACHINE, 1, "vm1")], MEMBERS, STACK)
    assert found.names["virtual_machine:1"].host == "vm1"


def test_a_virtual_device_context_never_renames_another_kind() -> None:
    found = host_objects([(VIRTUAL_DEVICE_CONTEXT, 1, "a"), (VIRTUAL_MACHINE, 2, "a"), (DEVICE, 3, "a")])
    assert {ref: names.name for ref, names in found.names.items()} == {
        "device:3": "a",
        "virtual_machine:2": "a (virtual machine 2)",
        "virtual_device_context:1": "a (virtual device context 1)",
    }


CONTEXTS = """
    - name: contexts
      match: {kind: virtual_device_context, site: ams1, role: switches, manufacturer: cisco}
      host_groups: ["Contexts/{device}"]
      tags: {context: "{identifier}"}
      interfaces: [{type: agent}]
"""


def test_a_virtual_device_context_matches_by_what_its_device_has() -> None:
    found = host(CONTEXTS, virtual_device_context())
    assert (found.ref, found.host, found.groups) == ("virtual_device_context:7", "fw-a", frozenset({"Contexts/sw9"}))
    assert found.tags == frozenset({("context", "2")})
    assert outcome(CONTEXTS).reason == "no mapping matches it"


@pytest.mark.parametrize(
    ("status", "expected"), [("active", "enabled"), ("planned", "disabled"), ("offline", "disabled")]
)
def test_the_statuses_of_virtual_device_contexts(status: str, expected: str) -> None:
    assert host(CONTEXTS, virtual_device_context(status=status)).status == expected


def test_a_status_of_virtual_device_contexts_can_be_given_another_meaning() -> None:
    found = outcome(
        CONTEXTS, virtual_device_context(status="planned"), statuses={"virtual_device_context": {"planned": "absent"}}
    )
    assert found.kind == "absent"


IN_BAY = """
    - name: all but blades
      match: {in_bay: false}
      host_groups: [All]
"""
BLADE = {"parent_device": {"id": 5, "name": "box1"}, "bay": "Bay 3"}


def test_devices_in_bays_can_be_left_out() -> None:
    assert host(IN_BAY).groups == frozenset({"All"})
    assert outcome(IN_BAY, device(**BLADE)).reason == "no mapping matches it"


def test_devices_in_bays_can_be_chosen_and_their_place_be_told() -> None:
    text = """
        - name: blades
          match: {in_bay: true}
          host_groups: ["Blades/{parent_device}"]
          inventory: {location: "{parent_device} {bay}"}
    """
    found = host(text, device(**BLADE))
    assert (found.groups, found.inventory) == (frozenset({"Blades/box1"}), {"location": "box1 Bay 3"})
    assert outcome(text).reason == "no mapping matches it"


def test_in_bay_is_known_without_asking_netbox() -> None:
    found = policy(IN_BAY)
    assert check_matches(found, related_tables()) == []
    assert "parent_device" in found.roots
