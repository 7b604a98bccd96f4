"""What moves a device's last_updated, and what the changelog says: as measured on NetBox 4.6.8."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Api


def stamp(api: Api) -> str:
    moment: str = api.get("dcim/devices/1/")["last_updated"]
    return moment


def changes_since(api: Api, number: int) -> list[tuple[str, str, int]]:
    rows = api.get(f"core/object-changes/?id__gt={number}&ordering=id&limit=1000")["results"]
    return [(row["action"]["value"], row["changed_object_type"], row["changed_object_id"]) for row in rows]


def last_change(api: Api) -> int:
    newest: int = api.get("core/object-changes/?limit=1")["results"][0]["id"]
    return newest


MOVE: list[tuple[str, Callable[[Api], Any], list[tuple[str, str, int]]]] = [
    ("its own change", lambda api: api.patch("dcim/devices/1", {"serial": "x"}), [("update", "dcim.device", 1)]),
    ("the same value again", lambda api: api.patch("dcim/devices/1", {"serial": ""}), []),
    ("tags", lambda api: api.patch("dcim/devices/1", {"tags": []}), [("update", "dcim.device", 1)]),
    (
        "its primary address deleted",
        lambda api: api.delete("ipam/ip-addresses/1"),
        [("update", "dcim.device", 1), ("delete", "ipam.ipaddress", 1)],
    ),
    (
        "its platform deleted",
        lambda api: api.delete("dcim/platforms/2"),
        [("update", "dcim.device", 1), ("delete", "dcim.platform", 2)],
    ),
]
LEAVE: list[tuple[str, Callable[[Api], Any], list[tuple[str, str, int]]]] = [
    ("site renamed", lambda api: api.patch("dcim/sites/1", {"name": "B"}), [("update", "dcim.site", 1)]),
    ("site moved", lambda api: api.patch("dcim/sites/1", {"region": 3}), [("update", "dcim.site", 1)]),
    ("region renamed", lambda api: api.patch("dcim/regions/1", {"name": "E"}), [("update", "dcim.region", 1)]),
    ("role renamed", lambda api: api.patch("dcim/device-roles/2", {"name": "S"}), [("update", "dcim.devicerole", 2)]),
    ("type renamed", lambda api: api.patch("dcim/device-types/1", {"model": "C"}), [("update", "dcim.devicetype", 1)]),
    ("tenant renamed", lambda api: api.patch("tenancy/tenants/1", {"name": "T"}), [("update", "tenancy.tenant", 1)]),
    ("tag renamed", lambda api: api.patch("extras/tags/1", {"name": "L"}), [("update", "extras.tag", 1)]),
    ("tag deleted", lambda api: api.delete("extras/tags/1"), [("delete", "extras.tag", 1)]),
    (
        "address edited",
        lambda api: api.patch("ipam/ip-addresses/1", {"dns_name": "x.example"}),
        [("update", "ipam.ipaddress", 1)],
    ),
    (
        "interface edited",
        lambda api: api.patch("dcim/interfaces/1", {"enabled": False}),
        [("update", "dcim.interface", 1)],
    ),
    (
        "config context created",
        lambda api: api.post("extras/config-contexts", {"name": "x", "data": {"a": 1}}),
        [("create", "extras.configcontext", 1)],
    ),
    (
        "rack moved to another site",
        lambda api: api.patch("dcim/racks/1", {"site": 2, "location": None}),
        [("update", "dcim.rack", 1)],
    ),
    (
        "location moved to another site",
        lambda api: api.patch("dcim/locations/1", {"site": 2}),
        [("update", "dcim.location", 1)],
    ),
]


@pytest.mark.parametrize(("do", "logged"), [row[1:] for row in MOVE], ids=[row[0] for row in MOVE])
def test_moves_the_time_stamp(do: Callable[[Api], Any], logged: list[Any], api: Api) -> None:
    before, newest = stamp(api), last_change(api)
    do(api)
    assert stamp(api) > before
    assert changes_since(api, newest) == logged


@pytest.mark.parametrize(("do", "logged"), [row[1:] for row in LEAVE], ids=[row[0] for row in LEAVE])
def test_leaves_the_time_stamp(do: Callable[[Api], Any], logged: list[Any], api: Api) -> None:
    before, newest = stamp(api), last_change(api)
    do(api)
    assert stamp(api) == before
    assert changes_since(api, newest) == logged


def test_a_rack_that_moves_takes_its_devices_along(api: Api) -> None:
    api.patch("dcim/racks/1", {"site": 2, "location": None})
    device = api.get("dcim/devices/1/")
    assert (device["site"]["slug"], device["location"]) == ("par", None)


def test_a_cluster_that_moves_takes_its_machines_along(api: Api) -> None:
    api.patch("virtualization/clusters/1", {"scope_id": 2})
    assert api.get("virtualization/virtual-machines/1/")["site"]["slug"] == "par"


def test_the_changelog_has_before_and_after(api: Api) -> None:
    body = {"serial": "x", "tags": [{"slug": "dmz"}], "changelog_message": "by the sync"}
    api.patch("dcim/devices/1", body)
    newest = api.get("core/object-changes/?limit=1")["results"][0]
    assert newest["message"] == "by the sync"
    assert (newest["prechange_data"]["serial"], newest["postchange_data"]["serial"]) == ("", "x")
    assert (newest["prechange_data"]["tags"], newest["postchange_data"]["tags"]) == (["Lab"], ["DMZ"])
    assert newest["prechange_data"]["site"] == 1
    api.delete("dcim/devices/3")
    deleted = api.get("core/object-changes/?action=delete&changed_object_type=dcim.device")["results"]
    assert [(row["prechange_data"]["name"], row["postchange_data"]) for row in deleted] == [("sw3", {})]


def test_the_changelog_by_time(api: Api) -> None:
    moment = api.get("core/object-changes/?limit=1")["results"][0]["time"]
    api.patch("dcim/devices/1", {"serial": "x"})
    rows = api.get(f"core/object-changes/?time_after={moment}&changed_object_type=dcim.device")["results"]
    assert [row["changed_object_id"] for row in rows] == [1]
    # The trap: this one is no filter.
    assert api.get("core/object-changes/?time__gte=2099-01-01T00:00:00Z")["count"] > 0
