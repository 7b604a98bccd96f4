"""Each way of reading NetBox gives the same objects: whole, in few requests, and those asked for."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import read, read_rest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import (
    GRAPHQL,
    REST,
    REST_FILTER,
    NetBox,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import DEVICE, VIRTUAL_MACHINE
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.selection import Selection, select
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.tables import TABLES

from .conftest import Company

pytestmark = pytest.mark.netbox

EVERYTHING = frozenset({"comments", "latitude", "longitude", "position"})
READERS = [GRAPHQL, REST, REST_FILTER]

Objects = dict[str, dict[str, Any]]


def through(company: Company, reader: str) -> NetBox:
    """Return a connection that reads in a certain way, also one that only an older NetBox needs."""
    netbox = company.connect()
    if reader == REST_FILTER:
        netbox.version = (4, 5, 1)
    netbox.reader = reader
    return netbox


def objects(netbox: NetBox, ids: Selection | None = None, roots: frozenset[str] = EVERYTHING) -> Objects:
    related = read.read_related(netbox)
    pages = read.read_objects(netbox, related, ids=ids, roots=roots)
    return {item.ref: item.attributes for page in pages for item in page}


CUSTOM_VALUES: dict[str, tuple[str, Any]] = {
    "t_text": ("text", "words"),
    "t_longtext": ("longtext", "more\nwords"),
    "t_integer": ("integer", 7),
    "t_decimal": ("decimal", 1.5),
    "t_boolean": ("boolean", True),
    "t_date": ("date", "2026-11-24"),
    "t_datetime": ("datetime", "2026-11-24T10:00:00Z"),
    "t_url": ("url", "https://example.com/"),
    "t_json": ("json", {"a": [1, {"b": None}]}),
    "t_select": ("select", "one"),
    "t_multiselect": ("multiselect", ["one", "two"]),
    "t_object": ("object", "site"),
    "t_multiobject": ("multiobject", ["site"]),
}


@pytest.fixture(scope="module")
def every_type(company: Company) -> Iterator[tuple[int, dict[str, Any]]]:
    """The id of a device that has a custom field of each type set, and the values that it is to have."""
    api = company.api
    choices = api.extras.custom_field_choice_sets.create(
        name="Test of types", extra_choices=[["one", "One"], ["two", "Two"]]
    )
    fields = []
    for name, (kind, dummy) in CUSTOM_VALUES.items():
        given = {"name": name, "type": kind, "object_types": ["dcim.device", "dcim.site", "dcim.devicerole"]}
        given |= {"choice_set": choices.id} if "select" in kind else {}
        given |= {"related_object_type": "dcim.site"} if "object" in kind else {}
        fields.append(api.extras.custom_fields.create(**given))
    (device,) = list(api.dcim.devices.filter(limit=1))[:1]
    site = device.site.id
    values = {name: given[1] for name, given in CUSTOM_VALUES.items()} | {"t_object": site, "t_multiobject": [site]}
    device.update({"custom_fields": values})
    api.dcim.sites.get(site).update({"custom_fields": values})
    yield device.id, values
    for field in fields:
        field.delete()
    choices.delete()


@pytest.fixture(scope="module")
def pinned_machine(company: Company) -> Iterator[str]:
    """A virtual machine that is bound to one device of its cluster; the company has none."""
    (host,) = list(company.api.dcim.devices.filter(cluster_id__n="null", limit=1))[:1]
    given = {"name": "t-pinned", "cluster": host.cluster.id, "site": host.site.id, "device": host.id}
    machine = company.api.virtualization.virtual_machines.create(**given)
    yield f"virtual_machine:{machine.id}"
    machine.delete()


def test_every_way_of_reading_gives_equal_objects(
    company: Company, every_type: tuple[int, dict[str, Any]], pinned_machine: str
) -> None:
    by_graphql, by_rest, by_filter = (objects(through(company, reader)) for reader in READERS)
    assert by_graphql[pinned_machine]["device"]["name"]
    assert len(by_graphql) == sum(read.count(company.connect()).values())
    for ref, attributes in by_graphql.items():
        for name, value in attributes.items():
            assert by_rest[ref][name] == value, f"{ref}: {name}"
    assert by_graphql == by_rest == by_filter


def test_related_objects_are_equal_too(company: Company, every_type: tuple[int, dict[str, Any]]) -> None:
    by_graphql, by_rest, by_filter = (read.read_related(through(company, reader)) for reader in READERS)
    # devices in bays are the business of test_reading_kinds
    assert all(by_graphql.tables[name] for name in TABLES if name != "device_bay"), "the company lacks a kind"
    for name in TABLES:
        assert by_graphql.tables[name] == by_rest.tables[name], name
    assert by_graphql == by_rest == by_filter


@pytest.mark.parametrize("reader", READERS)
def test_custom_fields_of_every_type_have_their_stored_value(
    company: Company, every_type: tuple[int, dict[str, Any]], reader: str
) -> None:
    number, values = every_type
    netbox = through(company, reader)
    found = objects(netbox, Selection({DEVICE: frozenset({number})}))[f"device:{number}"]["custom_fields"]
    assert {name: found[name] for name in values} == values
    types = read.read_related(netbox).custom_fields
    assert {name: types[name] for name in values} == {name: kind for name, (kind, dummy) in CUSTOM_VALUES.items()}


def test_the_company_has_what_the_comparison_is_about(company: Company) -> None:
    """Equal is only worth something where the values are there."""
    found = list(objects(company.connect()).values())
    for name in ("rack", "location", "tenant", "platform", "cluster", "virtual_chassis", "oob_ip", "region"):
        assert any(attributes[name] for attributes in found), name
    assert any(attributes["primary_ip4"] and attributes["primary_ip6"] for attributes in found)
    assert any(attributes["name"] is None for attributes in found)
    assert any(len(attributes["tags"]) > 1 for attributes in found)
    assert any(attributes["config_context"] for attributes in found)
    assert any(attributes["role"] and attributes["role"]["parent"] for attributes in found)


def test_dns_names_are_the_same_where_netbox_shows_none_within_a_device(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As before NetBox 4.6.4."""
    expected = objects(through(company, GRAPHQL))
    assert any(item["primary_ip4"] and item["primary_ip4"]["dns_name"] for item in expected.values())
    page = read_rest.objects_page

    def older(*args: Any) -> list[dict[str, Any]]:
        rows = page(*args)
        for row in rows:
            for name in ("primary_ip4", "primary_ip6", "oob_ip"):
                if row.get(name):
                    del row[name]["dns_name"]
        return rows

    monkeypatch.setattr(read_rest, "objects_page", older)
    assert objects(through(company, REST_FILTER)) == expected


def test_the_primary_address_is_the_one_that_netbox_prefers(company: Company) -> None:
    found = objects(company.connect())
    ref = next(ref for ref, item in found.items() if item["primary_ip4"] and item["primary_ip6"])
    kind, dummy, number = ref.partition(":")
    endpoint = company.api.dcim.devices if kind == DEVICE else company.api.virtualization.virtual_machines
    assert found[ref]["primary_ip"]["cidr"] == endpoint.get(int(number)).primary_ip.address


@pytest.mark.parametrize("reader", READERS)
def test_few_requests_however_many_objects(company: Company, reader: str) -> None:
    netbox = through(company, reader)
    counts = read.count(netbox)
    before = sum(netbox.requests.values())
    objects(netbox)
    tables = 2 if reader == GRAPHQL else len(TABLES)
    windows = sum(ceil(count / read.WINDOW) for count in counts.values())
    names = sum(ceil(count / 1000) + 1 for count in counts.values())
    prefers_ipv4 = 1
    assert sum(netbox.requests.values()) - before <= tables + 1 + names + windows + prefers_ipv4


def test_names_are_those_of_the_objects(company: Company, netbox: NetBox) -> None:
    found = {f"{kind}:{number}": name for kind, number, name in read.read_names(netbox)}
    assert found == {ref: attributes["name"] for ref, attributes in objects(netbox).items()}


def test_what_the_policy_does_not_use_is_not_read(netbox: NetBox) -> None:
    for attributes in objects(netbox, roots=frozenset({"comments"})).values():
        assert "comments" in attributes
        assert "latitude" not in attributes


@pytest.mark.parametrize("reader", READERS)
def test_a_selection_reads_just_those_objects(company: Company, reader: str) -> None:
    everything = objects(company.connect())
    netbox = through(company, reader)
    selection = select(netbox, {DEVICE: {"status": "active"}})
    active = {ref: item for ref, item in everything.items() if ref.startswith(DEVICE) and item["status"] == "active"}
    assert 0 < len(active) < len(everything)
    assert objects(netbox, selection) == active


def test_names_select_all_objects_of_that_name(netbox: NetBox) -> None:
    by_name: dict[str, set[str]] = {}
    for kind, number, name in read.read_names(netbox):
        if name:
            by_name.setdefault(name, set()).add(f"{kind}:{number}")
    # Of one name several, and the names that an address has to quote: letters beyond ASCII, &, + and the like.
    wanted = [name for name, refs in by_name.items() if len(refs) > 1 or not name.replace("-", "").isalnum()][:60]
    assert any(len(by_name[name]) > 1 for name in wanted)
    selection = select(netbox, names=wanted)
    found = {f"{kind}:{number}" for kind, numbers in selection.ids.items() for number in numbers}
    assert found == set().union(*(by_name[name] for name in wanted))


def test_filters_narrow_names_and_references(netbox: NetBox) -> None:
    everything = objects(netbox)
    refs = list(everything)
    active = {ref for ref in refs if ref.startswith(DEVICE) and everything[ref]["status"] == "active"}
    selection = select(netbox, {DEVICE: {"status": ["active"]}}, ids=refs)
    assert {f"{kind}:{number}" for kind, numbers in selection.ids.items() for number in numbers} == active


def test_netbox_ignores_a_filter_that_it_does_not_know_and_we_do_not(netbox: NetBox) -> None:
    """The trap itself: were it ever to go away, the check would be needless."""
    everything = read.count(netbox)[DEVICE]
    assert netbox.get("dcim/devices/", {"no_such_filter": "x", "limit": 1, "brief": 1})["count"] == everything
    with pytest.raises(InputError, match="no_such_filter"):
        select(netbox, {DEVICE: {"no_such_filter": "x"}})


def test_a_value_that_netbox_refuses_is_said_in_its_words(netbox: NetBox) -> None:
    with pytest.raises(InputError, match="atlantis"):
        select(netbox, {VIRTUAL_MACHINE: {"site": "atlantis"}})


def test_graphql_switched_off(company: Company) -> None:
    if company.standin is None:
        pytest.skip("a real NetBox's settings are not ours to change")
    company.standin.graphql(False)
    try:
        netbox = company.connect()
        assert netbox.reader == REST
        assert objects(netbox)
    finally:
        company.standin.graphql(True)
    assert company.connect().reader == GRAPHQL
