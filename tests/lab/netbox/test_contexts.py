from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api


def context_of(api: Api, path: str = "dcim/devices/1/") -> Any:
    return api.get(path)["config_context"]


@pytest.mark.parametrize(
    "assignment",
    [
        {"regions": [1]},
        {"regions": [2]},
        {"site_groups": [1]},
        {"sites": [1]},
        {"locations": [1]},
        {"locations": [2]},
        {"roles": [1]},
        {"roles": [2]},
        {"platforms": [1]},
        {"platforms": [2]},
        {"device_types": [1]},
        {"tenant_groups": [1]},
        {"tenants": [1]},
        {"tags": ["lab"]},
        {"tags": ["dmz", "lab"]},
        {"regions": [1, 3], "tags": ["lab"]},
        {},
    ],
)
def test_assigned_to_what_the_device_is_part_of(assignment: Any, api: Api) -> None:
    api.post("extras/config-contexts", {"name": "x", "data": {"a": 1}, **assignment})
    assert context_of(api) == {"a": 1}


@pytest.mark.parametrize(
    "assignment",
    [
        {"regions": [3]},
        {"sites": [2]},
        {"tags": ["dmz"]},
        {"clusters": [1]},
        {"regions": [1], "sites": [2]},
        {"is_active": False},
    ],
)
def test_not_assigned_to_others(assignment: Any, api: Api) -> None:
    api.post("extras/config-contexts", {"name": "x", "data": {"a": 1}, **assignment})
    assert context_of(api) == {}


def test_a_virtual_machine_has_those_of_its_cluster_but_none_of_places(api: Api) -> None:
    api.post("extras/config-contexts", {"name": "cluster", "data": {"c": 1}, "clusters": [1], "cluster_types": [1]})
    api.post("extras/config-contexts", {"name": "hall", "data": {"l": 1}, "locations": [1]})
    api.post("extras/config-contexts", {"name": "type", "data": {"t": 1}, "device_types": [1]})
    api.post("extras/config-contexts", {"name": "region", "data": {"r": 1}, "regions": [1]})
    assert context_of(api, "virtualization/virtual-machines/1/") == {"c": 1, "r": 1}


def test_weight_then_name_decide_and_the_object_s_own_comes_last(api: Api) -> None:
    low = {"a": {"x": 1, "y": 1}, "list": [1, 2], "only": True}
    api.post("extras/config-contexts", {"name": "high", "weight": 2000, "data": {"a": {"y": 2}, "list": [3]}})
    api.post("extras/config-contexts", {"name": "b", "weight": 100, "data": {"tie": "b"}})
    api.post("extras/config-contexts", {"name": "a", "weight": 100, "data": {**low, "tie": "a"}})
    assert context_of(api) == {"a": {"x": 1, "y": 2}, "list": [3], "only": True, "tie": "b"}
    api.patch("dcim/devices/1", {"local_context_data": {"a": {"x": 9}, "list": []}})
    assert context_of(api) == {"a": {"x": 9, "y": 2}, "list": [], "only": True, "tie": "b"}


def test_follows_what_it_hangs_on(api: Api) -> None:
    api.post("extras/config-contexts", {"name": "x", "data": {"a": 1}, "regions": [3]})
    assert context_of(api) == {}
    api.patch("dcim/sites/1", {"region": 3})
    assert context_of(api) == {"a": 1}
    api.patch("extras/config-contexts/1", {"data": {"a": 2}})
    assert context_of(api) == {"a": 2}
    api.patch("dcim/regions/2", {"parent": 3})
    api.patch("dcim/sites/1", {"region": 2})
    assert context_of(api) == {"a": 2}
    api.delete("extras/config-contexts/1")
    assert context_of(api) == {}


def test_a_profile_refuses_what_its_schema_refuses(api: Api) -> None:
    schema = {"type": "object", "properties": {"zabbix": {"type": "object", "additionalProperties": False}}}
    api.post("extras/config-context-profiles", {"name": "Zabbix", "schema": schema})
    status, answer = api.refused(
        "POST", "extras/config-contexts/", {"name": "x", "profile": 1, "data": {"zabbix": {"odd": 1}}}
    )
    assert status == 400
    assert answer["__all__"][0].startswith("Data does not conform to profile schema: Additional properties")
    api.post("extras/config-contexts", {"name": "x", "profile": 1, "data": {"zabbix": {}}})
