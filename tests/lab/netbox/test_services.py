"""Services, virtual disks and rack roles, as a NetBox 4.6.8 was seen to treat them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api

SSH = {"parent_object_type": "dcim.device", "parent_object_id": 1, "name": "ssh", "protocol": "tcp", "ports": [22]}
WEB = {"parent_object_type": "virtualization.virtualmachine", "parent_object_id": 1, "name": "web", "protocol": "tcp"}


def test_services_are_found_by_what_they_run_on(api: Api) -> None:
    api.post("ipam/services", [WEB | {"ports": [443, 80, 80]}, SSH, SSH | {"name": "dns", "ipaddresses": [1]}])
    shown = [(one["id"], one["display"]) for one in api.get("ipam/services/")["results"]]
    assert shown == [(2, "ssh (TCP/22)"), (3, "dns (TCP/22)"), (1, "web (TCP/80, 80, 443)")]
    for query, ids in (
        ("device=sw1", [2, 3]),
        ("device=no-such", []),
        ("device_id=99", []),
        ("virtual_machine=vm1", [1]),
        ("virtual_machine_id=1", [1]),
        ("parent_object_id=1&parent_object_id=99", [2, 3, 1]),
        ("parent_object_type=dcim.device", [2, 3]),
        ("port=22", [2, 3]),
        ("ip_address_id=1", [3]),
        ("fhrpgroup_id=1", []),
    ):
        assert [one["id"] for one in api.get(f"ipam/services/?{query}")["results"]] == ids, query
    bound = api.get("ipam/services/3/")["ipaddresses"][0]
    assert sorted(bound) == ["address", "description", "display", "family", "id", "url"]
    assert api.refused("GET", "ipam/services/?port=x") == (400, {"port": ["Enter a number."]})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            SSH | {"parent_object_id": 99},
            {"parent_object_id": ["Related object not found using the provided value: 99."]},
        ),
        (SSH | {"parent_object_type": "dcim.site"}, {"parent_object_type": ["Invalid content type: dcim.site"]}),
        (SSH | {"ports": []}, {"ports": ["This list may not be empty."]}),
        (
            SSH | {"ports": [0, 70000]},
            {
                "ports": {
                    "0": ["Ensure this value is greater than or equal to 1."],
                    "1": ["Ensure this value is less than or equal to 65535."],
                }
            },
        ),
        (SSH | {"protocol": "foo"}, {"protocol": ["foo is not a valid choice."]}),
        (WEB | {"ports": [1], "protocol": None}, {"protocol": ["This field cannot be blank."]}),
        (
            {"name": "x"},
            {name: ["This field is required."] for name in ("parent_object_type", "parent_object_id", "ports")},
        ),
    ],
)
def test_services_that_are_refused(body: Any, error: Any, api: Api) -> None:
    assert api.refused("POST", "ipam/services/", body) == (400, error)


def test_services_go_with_what_they_run_on(api: Api) -> None:
    api.post("ipam/services", [SSH, WEB | {"ports": [80]}])
    api.delete("dcim/devices/1")
    assert api.names("ipam/services/") == ["web"]
    api.delete("virtualization/virtual-machines/1")
    assert api.names("ipam/services/") == []


def test_disks_add_up(api: Api) -> None:
    def disk() -> tuple[Any, Any]:
        shown = api.get("virtualization/virtual-machines/1/")
        return shown["disk"], shown["virtual_disk_count"]

    api.post("virtualization/virtual-disks", [{"virtual_machine": 1, "name": f"d{n}", "size": n} for n in (10, 5)])
    assert disk() == (15, 2)
    assert api.refused("PATCH", "virtualization/virtual-machines/1/", {"disk": 100}) == (
        400,
        {"disk": ["The specified disk size (100) must match the aggregate size of assigned virtual disks (15)."]},
    )
    assert api.refused("POST", "virtualization/virtual-disks/", {"virtual_machine": 1, "name": "d5", "size": 1}) == (
        400,
        {"__all__": ["Virtual disk with this Virtual machine and Name already exists."]},
    )
    api.delete("virtualization/virtual-disks", [{"id": 1}, {"id": 2}])
    assert disk() == (None, 0)


def test_a_rack_has_a_role(api: Api) -> None:
    api.post("dcim/rack-roles", {"name": "Core", "slug": "core"})
    rack = api.patch("dcim/racks/1", {"role": {"slug": "core"}})
    assert (rack["role"]["slug"], api.get("dcim/rack-roles/1/")["rack_count"]) == ("core", 1)
    assert [one["id"] for one in api.get("dcim/racks/?role=core")["results"]] == [1]
    assert api.refused("DELETE", "dcim/rack-roles/1/") == (
        409,
        {"detail": "Unable to delete object. 1 dependent objects were found: R1 (1)"},
    )
