from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.filter.netbox_objects import FilterModule

netbox_objects = FilterModule().filters()["netbox_objects"]


@pytest.mark.parametrize(
    ("variables", "objects"),
    [
        ({"netbox_id": "device:7"}, {"ids": ["device:7"], "names": []}),
        ({"netbox_id": "virtual_device_context:7"}, {"ids": ["virtual_device_context:7"], "names": []}),
        ({}, {"ids": [], "names": ["sw1"]}),
        ({"netbox_id": 7}, {"ids": [], "names": ["sw1"]}),
        ({"netbox_id": "7"}, {"ids": [], "names": ["sw1"]}),
    ],
)
def test_a_host_stands_for_its_object_or_for_the_one_of_its_name(variables: Any, objects: Any) -> None:
    assert netbox_objects(["sw1"], {"sw1": variables}) == objects


def test_localhost_stands_for_none_and_the_order_is_kept() -> None:
    hostvars: dict[str, Any] = {f"sw{number}": {"netbox_id": f"device:{number}"} for number in (3, 1, 2)}
    assert netbox_objects(["localhost", *hostvars], hostvars) == {
        "ids": ["device:3", "device:1", "device:2"],
        "names": [],
    }
