"""A filter that NetBox would ignore is refused: ignored, it selects the whole estate."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import NetBox, connect
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.filters import NOT_FILTERS, known_filters
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import DEVICE, VIRTUAL_MACHINE
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.selection import check_filters, select

from .conftest import Answer, Request, Server

DOCUMENT = Path(__file__).parents[4] / "shared/reference/netbox/openapi-4.6.8.json.gz"


def custom_field(name: str, kind: str, logic: str = "exact", model: str = "dcim.device") -> dict[str, Any]:
    return {"id": 1, "name": name, "type": {"value": kind}, "object_types": [model], "filter_logic": {"value": logic}}


CUSTOM_FIELDS = [
    custom_field("level", "select"),
    custom_field("note", "text", "loose"),
    custom_field("off", "text", "disabled"),
    custom_field("flag", "boolean"),
    custom_field("blob", "json"),
    custom_field("other", "text", model="virtualization.virtualmachine"),
]


@pytest.fixture
def netbox(server: Server) -> NetBox:
    def answer(request: Request) -> Answer:
        if request.path == "/api/status/":
            return Answer({"netbox-version": "4.6.8"})
        if request.path == "/api/extras/custom-fields/":
            return Answer({"results": CUSTOM_FIELDS, "next": None})
        rows = [{"id": 5, "name": "sw1"}, {"id": 6, "name": "sw2"}]
        return Answer({"results": [row for row in rows if row["id"] >= int(request.query["start"][0])], "next": None})

    server.answer = answer
    return connect(server.connection())


def problems(netbox: NetBox, filters: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        check_filters(netbox, filters)
    return str(caught.value)


@pytest.mark.parametrize(
    "filters",
    [
        {
            "site": "ber",
            "status": ["active", "staged"],
            "name__isw": "sw",
            "tag__n": "lab",
            "last_updated__gte": "2026",
        },
        {"cf_level": "gold", "cf_level__ic": "o", "cf_note": "x", "cf_flag": True, "cf_level__empty": False},
        {"has_primary_ip": True, "interfaces": "false", "id": [1, 2], "site_id": 0, "rack_id": "null"},
        {},
    ],
)
def test_filters_that_netbox_has(netbox: NetBox, filters: dict[str, Any]) -> None:
    check_filters(netbox, {DEVICE: filters})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sites", 'Did you mean "site'),
        ("no_such_filter", "no filter of NetBox 4.6.8"),
        ("id__in", "no filter"),
        ("last_updated_after", "no filter"),
        ("has_primary_ip__n", "no filter"),
        ("vcpus", "no filter"),
        ("cf_levle", 'Did you mean "cf_level"'),
        ("cf_off", "no filter"),
        ("cf_blob", "no filter"),
        ("cf_note__ic", "no filter"),
        ("cf_other", "no filter"),
        ("limit", "selects nothing"),
        ("exclude", "selects nothing"),
    ],
)
def test_filters_that_netbox_would_ignore(netbox: NetBox, name: str, said: str) -> None:
    text = problems(netbox, {DEVICE: {name: "x"}})
    assert f"'{name}'" in text
    assert said in text


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"site": []}, "has no value"),
        ({"name": ""}, "empty value"),
        ({"name": ["a", " "]}, "empty value"),
        ({"site": None}, '"null" stands for'),
        ({"has_primary_ip": "maybe"}, "true or false"),
        ({"name__empty": "x"}, "true or false"),
        ({"cf_flag": "yes"}, "true or false"),
        ({"name": {"a": 1}}, "a value or a list"),
    ],
)
def test_values_that_netbox_would_ignore(netbox: NetBox, filters: dict[str, Any], said: str) -> None:
    assert said in problems(netbox, {DEVICE: filters})


def test_all_problems_are_said_together(netbox: NetBox) -> None:
    text = problems(netbox, {"devices": {}, DEVICE: {"sit": 1, "nam": 2}, VIRTUAL_MACHINE: ["x"]})
    assert len(text.splitlines()) == 4


def test_newer_netbox_is_asked_for_its_schema_once(server: Server, netbox: NetBox) -> None:
    known = server.answer
    parameters = [{"name": name, "schema": {"type": "string"}} for name in ("name", "coolness", "limit")]
    schema = {"paths": {"/api/dcim/devices/": {"get": {"parameters": parameters}}}}
    server.answer = lambda request: Answer(schema) if request.path == "/api/schema/" else known(request)
    netbox.version = (4, 9, 0)
    check_filters(netbox, {DEVICE: {"name": "x", "cf_level": "gold"}})
    assert netbox.requests["GET schema"] == 0
    check_filters(netbox, {DEVICE: {"coolness": "x", "cf_level": "gold"}})
    assert "no filter of NetBox 4.9.0" in problems(netbox, {DEVICE: {"colness": "x"}})
    assert netbox.requests["GET schema"] == 1


@pytest.mark.parametrize(
    ("version", "name", "there"),
    [
        ((4, 2, 0), "location", False),
        ((4, 2, 8), "location", True),
        ((4, 3, 0), "name__regex", False),
        ((4, 4, 0), "name__regex", True),
        ((4, 6, 5), "tag__any", False),
        ((4, 6, 6), "tag__any", True),
        ((4, 4, 9), "owner", False),
        ((4, 5, 0), "owner", True),
    ],
)
def test_filters_that_came_with_a_version(version: tuple[int, ...], name: str, there: bool) -> None:
    assert (name in known_filters(DEVICE, version, {}).names) is there


@pytest.mark.skipif(not DOCUMENT.exists(), reason="NetBox's OpenAPI document does not lie beside the checkout")
@pytest.mark.parametrize(
    ("kind", "path"), [(DEVICE, "/api/dcim/devices/"), (VIRTUAL_MACHINE, "/api/virtualization/virtual-machines/")]
)
def test_the_table_is_netboxs_own(kind: str, path: str) -> None:
    parameters = json.loads(gzip.decompress(DOCUMENT.read_bytes()))["paths"][path]["get"]["parameters"]
    filters = known_filters(kind, (4, 6, 8), {})
    assert filters.names == {item["name"] for item in parameters} - NOT_FILTERS
    boolean = {item["name"] for item in parameters if item["schema"].get("type") == "boolean"}
    assert filters.boolean == boolean - NOT_FILTERS


def test_a_bad_value_of_a_filter_is_said_in_netboxs_words(server: Server, netbox: NetBox) -> None:
    known = server.answer
    error = {"site": ["Select a valid choice. atlantis is not one of the available choices."]}
    server.answer = lambda request: Answer(error, 400) if request.path == "/api/dcim/devices/" else known(request)
    with pytest.raises(InputError, match=r"filters of device: NetBox says .*atlantis is not one of"):
        select(netbox, {DEVICE: {"site": "atlantis"}})


def test_names_references_and_filters_go_together(server: Server, netbox: NetBox) -> None:
    assert select(netbox, {DEVICE: {"site": "ber"}}).ids == {DEVICE: {5, 6}}
    assert server.requests[-1].query["exclude"] == ["config_context"]
    assert select(netbox, ids=["device:5"]).ids == {DEVICE: {5, 6}}  # this server answers every list alike
    assert select(netbox, names=["sw1"]).ids == {DEVICE: {5}, VIRTUAL_MACHINE: {5}}
    assert select(netbox, {DEVICE: {"site": "ber"}}, names=["sw1"]).ids == {DEVICE: {5}}
    assert len(select(netbox)) == 0


def test_a_name_is_meant_as_it_is_written_although_netbox_ignores_case(server: Server, netbox: NetBox) -> None:
    known = server.answer
    rows = [{"id": 5, "name": "sw1"}, {"id": 6, "name": "SW1"}, {"id": 7, "name": "Straße"}]

    def answer(request: Request) -> Answer:
        if request.path != "/api/dcim/devices/":
            return known(request) if "virtual" not in request.path else Answer({"results": [], "next": None})
        asked = [name.upper() for name in request.query.get("name", [])]
        there = [row for row in rows if row["id"] >= int(request.query["start"][0])]
        found = [row for row in there if not asked or (row["name"].upper() in asked and "ß" not in row["name"])]
        return Answer({"results": found, "next": None})

    server.answer = answer
    netbox.reader = "rest"
    assert select(netbox, names=["SW1"]).ids == {DEVICE: {6}}
    assert select(netbox, names=["Straße", "sw1"]).ids == {DEVICE: {5, 7}}
    with pytest.raises(InputError, match="called 'Sw1'"):
        select(netbox, names=["Sw1"])


def test_unknown_names_and_references_are_said(netbox: NetBox) -> None:
    netbox.reader = "rest"
    with pytest.raises(InputError) as caught:
        select(netbox, names=["sw1", "sw3", " "], ids=["device:7", "vm:5", "device:x", "device:5"])
    text = str(caught.value)
    assert "called 'sw3'. Did you mean" in text
    assert "no device with the id 7" in text
    assert "'vm:5' is no reference" in text
    assert "'device:x' is no reference" in text
    assert "empty name" in text
    assert "'sw1'" not in text
