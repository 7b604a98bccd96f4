from __future__ import annotations

from typing import Any

import pytest

from .auth import TOKEN_V1
from .conftest import Api


def test_devices_with_all_that_the_collection_reads(api: Api) -> None:
    api.post("extras/config-contexts", {"name": "x", "data": {"zabbix": {"a": 1}}, "regions": [1]})
    query = """{ device_list(filters: {id: {exact: "1"}}) {
      id name status serial last_updated site { id } role { id slug } platform { id } tenant { id } rack { id }
      location { id } device_type { id } cluster { id } virtual_chassis { id } tags { slug } custom_field_data
      config_context local_context_data oob_ip { id }
      primary_ip4 { address dns_name family { value } assigned_object { ... on InterfaceType { name } } } } }"""
    (device,) = api.graphql(query)["data"]["device_list"]
    assert device.pop("last_updated") == api.get("dcim/devices/1/")["last_updated"].replace("Z", "+00:00")
    assert device == {
        "id": "1",
        "name": "sw1",
        "status": "active",
        "serial": "",
        "site": {"id": "1"},
        "role": {"id": "2", "slug": "switch"},
        "platform": {"id": "2"},
        "tenant": {"id": "1"},
        "rack": {"id": "1"},
        "location": {"id": "2"},
        "device_type": {"id": "1"},
        "cluster": None,
        "virtual_chassis": None,
        "tags": [{"slug": "lab"}],
        "custom_field_data": {},
        "config_context": {"zabbix": {"a": 1}},
        "local_context_data": None,
        "oob_ip": None,
        "primary_ip4": {
            "address": "10.0.0.1/24",
            "dns_name": "",
            "family": {"value": 4},
            "assigned_object": {"name": "eth0"},
        },
    }


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ("pagination: {limit: 2}", [1, 2]),
        ("pagination: {offset: 1, limit: 1}", [2]),
        ("pagination: {start: 2, limit: 5}", [2, 3]),
        ('filters: {id: {in_list: ["3", "1"]}}', [1, 3]),
        ('filters: {id: {gte: "2", lt: "3"}}', [2]),
        ("filters: {status: {exact: STATUS_PLANNED}}", [2]),
        ('filters: {name: {i_contains: "W1"}}', [1]),
        ('filters: {name: {exact: "sw1"}, OR: {name: {exact: "sw3"}}}', [1, 3]),
        ('filters: {NOT: {site: {slug: {exact: "ber"}}}}', [3]),
        ('filters: {site_id: "2"}', [3]),
        ('filters: {tags: {slug: {exact: "dmz"}}}', [2]),
        ('filters: {site: {region: {slug: {in_list: ["germany"]}}}}', [1, 2]),
    ],
)
def test_filters_and_pages(arguments: str, ids: list[int], api: Api) -> None:
    rows = api.graphql(f"{{ device_list({arguments}) {{ id }} }}")["data"]["device_list"]
    assert [int(row["id"]) for row in rows] == ids


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{device_list{nonsense}}", "Cannot query field 'nonsense' on type 'DeviceType'."),
        ("{device_list{", "Syntax Error: Expected Name, found <EOF>."),
        ("{" + " ".join(f"a{n}:site_list{{id}}" for n in range(11)) + "}", "11 aliases found. Allowed: 10"),
        (
            "{device_list(pagination: {start: 1, offset: 2}){id}}",
            "Cannot specify both `start` and `offset` in pagination.",
        ),
    ],
)
def test_errors_come_with_200(query: str, message: str, api: Api) -> None:
    answer = api.graphql(query)
    assert answer["data"] is None
    assert [error["message"] for error in answer["errors"]] == [message]


def test_variables_fragments_aliases_and_directives(api: Api) -> None:
    query = """query Q($f: DeviceFilter, $p: OffsetPaginationInput, $with: Boolean!) {
      some: device_list(filters: $f, pagination: $p) { ...Names serial @include(if: $with) } site_list { __typename }
    } fragment Names on DeviceType { label: name site { name } }"""
    variables: Any = {"f": {"id": {"in_list": ["1", "2", "3"]}}, "p": {"start": 0, "limit": 1}, "with": False}
    data = api.graphql(query, variables)["data"]
    assert data["some"] == [{"label": "sw1", "site": {"name": "Berlin"}}]
    assert data["site_list"] == [{"__typename": "SiteType"}] * 2


def test_paging_by_start_came_with_4_5_2(api: Api) -> None:
    api.service.settings.version = "4.5.1"
    answer = api.graphql("{device_list(pagination: {start: 1}){id}}", token=TOKEN_V1)
    assert [error["message"] for error in answer["errors"]] == [
        "Field 'start' is not defined by type 'OffsetPaginationInput'."
    ]


def test_a_tree_of_places(api: Api) -> None:
    for match, ids in (("EXACT", []), ("DESCENDANTS", [1]), ("SELF_AND_DESCENDANTS", [1]), ("CHILDREN", [1])):
        query = f"{{ device_list(filters: {{location_id: {{id: 1, match_type: {match}}}}}) {{ id }} }}"
        assert [int(row["id"]) for row in api.graphql(query)["data"]["device_list"]] == ids, match


def test_introspection(api: Api) -> None:
    fields = api.graphql('{__type(name: "DeviceType"){fields{name}}}')["data"]["__type"]["fields"]
    assert {"config_context", "custom_field_data", "primary_ip4"} <= {field["name"] for field in fields}


def test_switched_off(api: Api) -> None:
    api.service.settings.graphql = False
    assert api.ask("POST", "/graphql/", {"query": "{device_list{id}}"})[:2] == (404, "The GraphQL API is not enabled.")


def test_without_a_token(api: Api) -> None:
    assert api.ask("POST", "/graphql/", {"query": "{device_list{id}}"}, token="")[:2] == (
        403,
        "No credentials provided.",
    )
