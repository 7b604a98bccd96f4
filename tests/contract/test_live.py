"""The stand-in beside a real NetBox (NETBOX_URL, NETBOX_TOKEN) that carries an estate (python -m lab.estate load).

Every object of every list is the same, every refusal is in the same words. Nothing is written there but what NetBox
refuses. Values of custom fields are not compared, since tests that synchronise this NetBox write into them; other
changes made there since the estate was loaded show as differences."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from lab.estate import generate, load
from lab.netbox import StandIn

from contract.live import Side

pytestmark = pytest.mark.skipif("NETBOX_URL" not in os.environ, reason="no NETBOX_URL")

LISTS = [
    "dcim/regions",
    "dcim/site-groups",
    "dcim/sites",
    "dcim/locations",
    "dcim/racks",
    "dcim/manufacturers",
    "dcim/device-types",
    "dcim/device-roles",
    "dcim/platforms",
    "dcim/devices",
    "dcim/virtual-chassis",
    "dcim/interfaces",
    "tenancy/tenants",
    "tenancy/tenant-groups",
    "virtualization/virtual-machines",
    "virtualization/clusters",
    "virtualization/cluster-types",
    "virtualization/cluster-groups",
    "virtualization/interfaces",
    "ipam/ip-addresses",
    "extras/tags",
    "extras/config-contexts",
    "extras/custom-fields",
    "extras/custom-field-choice-sets",
]
# Ids and times differ between any two NetBoxes.
DROPPED = frozenset({"id", "url", "display_url", "created", "last_updated", "assigned_object_id", "scope_id"})
DROPPED |= {"custom_fields", "custom_field_data"}
# NetBox sorts siblings by name only if they did not come in one request.
TREES = frozenset({"dcim/regions", "dcim/site-groups", "dcim/device-roles", "dcim/platforms", "tenancy/tenant-groups"})


@pytest.fixture(scope="module")
def sides() -> Iterator[tuple[Side, Side]]:
    """The real NetBox, and a stand-in that was loaded with the same estate."""
    real = Side(os.environ["NETBOX_URL"].rstrip("/"), os.environ["NETBOX_TOKEN"])
    marker = None
    for tag in real.all("extras/tags"):
        found = re.search(r"objects=(\d+) seed=(-?\d+)", tag["description"])
        marker = marker or (found and (int(found[1]), int(found[2])))
    if not marker:
        pytest.skip("this NetBox carries no estate")
    with StandIn() as netbox:
        load(generate(*marker), netbox.url, netbox.token)
        yield real, Side(netbox.url, netbox.token)


def comparable(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: comparable(one, name) for name, one in value.items() if name not in DROPPED}
    if isinstance(value, list):
        return [comparable(one) for one in value]
    # A device without a name or an asset tag shows its id.
    return re.sub(r"\(\d+\)$", "(id)", value) if key == "display" and isinstance(value, str) else value


@pytest.mark.parametrize("path", LISTS)
def test_every_object_of_the_list(path: str, sides: tuple[Side, Side]) -> None:
    real, ours = ([comparable(one) for one in side.all(path)] for side in sides)
    if path in ("extras/custom-fields", "extras/custom-field-choice-sets"):
        names = {one["name"] for one in ours}
        real = [one for one in real if one["name"] in names]
    if path in TREES:
        real, ours = (sorted(side, key=lambda one: json.dumps(one, sort_keys=True)) for side in (real, ours))
    assert ours == real


@pytest.mark.parametrize(
    "query",
    [
        "region=europe",
        "region=emea",
        "site_group=branches",
        "role=network",
        "role=server",
        "platform=linux",
        "status=active",
        "status=planned",
        "status=active&status=staged",
        "tag=lab",
        "tag=lab&tag=dmz",
        "manufacturer=cisco",
        "has_primary_ip=true",
        "has_primary_ip=false",
        "name__ic=sw",
        "name__isw=core",
        "name__empty=true",
        "name__n=x",
        "serial__empty=true",
        "q=core",
        "virtual_chassis_member=true",
        "has_oob_ip=true",
        "site__n=x",
        "tenant_group=customers",
        "tenant_id=null",
        "platform=null",
        "cluster_id=null",
        "asset_tag__empty=true",
        "role=no-such",
        "id__in=1,2",
        "brief=1",
        "exclude=config_context",
        "omit=config_context,tags",
        "ordering=name",
        "cf_zabbix_hostid=1",
        "cf_zabbix_exclude=true",
        "cf_nonsense=1",
        "start=0",
        "start=x",
        "start=0&offset=1",
        "start=0&ordering=name",
        "limit=0",
        "limit=abc",
        "limit=-1",
        "offset=abc",
        "tag=no-such",
        "tag__n=lab",
        "name=&limit=5",
        "status__n=active",
        "last_updated__gte=2020-01-01",
        "created__gte=nonsense",
        "device_type=no-such",
        "rack_id=99999999",
        "mac_address=x",
    ],
)
@pytest.mark.parametrize("path", ["dcim/devices", "virtualization/virtual-machines"])
def test_filters_and_shapes_of_lists(path: str, query: str, sides: tuple[Side, Side]) -> None:
    limit = "" if "limit" in query else "limit=40&"
    (real_status, real), (status, ours) = (side.ask(f"/api/{path}/?{limit}{query}") for side in sides)
    assert (status, _of_list(ours)) == (real_status, _of_list(real))


def _of_list(answer: Any) -> Any:
    if isinstance(answer, dict) and "results" in answer:
        links = [re.sub(r"http://[^/]+", "", answer[name] or "") for name in ("next", "previous")]
        links = [re.sub(r"start=\d+", "start=N", link) for link in links]
        return {"count": answer["count"], "links": links, "results": comparable(answer["results"])}
    return answer


QUERY = """query($f: FILTER, $p: OffsetPaginationInput) { LIST(filters: $f, pagination: $p) {
  __typename name status serial display site { name region { name parent { name } } group { slug } } role { name }
  platform { name } tenant { name group { name } } tags { name slug color } config_context
  local_context_data cluster { name type { slug } } primary_ip4 { address dns_name status family { value label }
  assigned_object { __typename ... on InterfaceType { name } ... on VMInterfaceType { name } } } primary_ip6 { address }
  MORE } }"""


@pytest.mark.parametrize(
    ("name", "kind", "more"),
    [
        (
            "device_list",
            "DeviceFilter",
            "asset_tag face position airflow vc_position oob_ip { address } virtual_chassis { name master { name } } "
            "location { name } rack { name u_height } interface_count device_type { model u_height "
            "manufacturer { name } } latitude comments description "
            "interfaces { name type enabled ip_addresses { address } }",
        ),
        (
            "virtual_machine_list",
            "VirtualMachineFilter",
            "vcpus memory disk interfaces { name ip_addresses { address } }",
        ),
    ],
)
@pytest.mark.parametrize(
    "variables",
    [
        {"p": {"limit": 1000}},
        {"p": {"limit": 20, "offset": 7}},
        {"p": {"start": 0, "limit": 50}},
        {"p": {"start": 0, "offset": 5}},
        {"p": {"start": -1}},
        {"f": {"status": {"exact": "STATUS_PLANNED"}}},
        {"f": {"name": {"i_contains": "a"}, "NOT": {"status": {"exact": "STATUS_ACTIVE"}}}},
        {
            "f": {
                "status": {"in_list": ["STATUS_OFFLINE", "STATUS_FAILED"]},
                "OR": {"status": {"exact": "STATUS_STAGED"}},
            }
        },
        {"f": {"site": {"slug": {"exact": "no-such"}}}},
        {"f": {"status": {"exact": "NONSENSE"}}},
        {"f": {"nonsense": 1}},
    ],
)
def test_graphql(name: str, kind: str, more: str, variables: Any, sides: tuple[Side, Side]) -> None:
    query = QUERY.replace("FILTER", kind).replace("LIST", name).replace("MORE", more)
    (real_status, real), (status, ours) = (
        side.ask("/graphql/", {"query": query, "variables": variables}) for side in sides
    )
    assert (status, comparable(ours)) == (real_status, comparable(real))


@pytest.mark.parametrize(
    "query",
    [
        "{nonsense}",
        "{device_list{id name nonsense}}",
        "{device_list",
        "",
        "{" + " ".join(f"a{n}: site_list{{id}}" for n in range(12)) + "}",
        "{device(id: 99999999){name}}",
        '{device_list(filters: {id: {exact: "99999999"}}) {name}}',
        "query($p: OffsetPaginationInput){device_list(pagination: $p){nonsense}}",
        "{region_list{name slug parent{name} sites{name}}}",
        "{site_list{name slug status region{name} group{name} tenant{name} facility time_zone physical_address}}",
        "{cluster_list{name status type{name} group{name} scope{__typename ... on SiteType{name}}}}",
        "{rack_list{name site{name} location{name} facility_id u_height status serial}}",
        "{device_role_list{name slug color vm_role parent{name} description}}",
        "{platform_list{name slug parent{name} manufacturer{name}}}",
        "{device_type_list{model slug u_height manufacturer{name} device_count}}",
        "{tenant_list{name slug group{name}}} ",
        "{tag_list{name slug color description}}",
        "{config_context_list{name weight is_active data regions{name} tags{slug}}}",
        "{virtual_chassis_list{name domain master{name} member_count members{name}}}",
        "{ip_address_list(pagination:{limit:50}){address family{value} dns_name status role nat_inside{address}}}",
        "{interface_list(pagination:{limit:50}){name type enabled mgmt_only device{name}}}",
        "{vm_interface_list{name enabled virtual_machine{name}}}",
        "{location_list{name slug status parent{name} site{name}}}",
        "{tenant_group_list{name parent{name}}} ",
        "{site_group_list{name parent{name}}} ",
        "{manufacturer_list{name slug}}",
        "{__schema{queryType{name}}}",
    ],
)
def test_graphql_errors_and_other_lists(query: str, sides: tuple[Side, Side]) -> None:
    (real_status, real), (status, ours) = (side.ask("/graphql/", {"query": query}) for side in sides)
    real, ours = comparable(real), comparable(ours)
    for answer in (real, ours):
        for name, rows in (answer.get("data") or {}).items() if isinstance(answer, dict) else ():
            if isinstance(rows, list) and any(kind in name for kind in ("region", "group", "role", "platform")):
                rows.sort(key=json.dumps)
    assert (status, ours) == (real_status, real)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("dcim/sites", {}),
        ("dcim/sites", {"name": "", "slug": "with space", "status": "nonsense", "latitude": 91}),
        (
            "dcim/sites",
            {"name": "x" * 101, "slug": None, "region": "abc", "group": 99999999, "tenant": {"slug": "no-such"}},
        ),
        ("dcim/sites", {"name": "x", "slug": "x", "tags": ["a"]}),
        ("dcim/sites", {"name": "x", "slug": "x", "tags": [{"name": "no such"}]}),
        ("dcim/sites", {"name": "x", "slug": "x", "tags": "lab", "tenant": 99999999.5, "region": []}),
        ("dcim/sites", [{"name": "x"}, {"slug": "y"}]),
        ("dcim/sites", "text"),
        ("dcim/sites", {"name": "x", "slug": "x", "custom_fields": {"nonsense": 1}}),
        ("dcim/sites", {"name": "x", "slug": "x", "custom_fields": []}),
        ("dcim/devices", {"name": "x" * 65, "device_type": None, "role": "", "site": {}}),
        ("dcim/devices", [{"name": "x"}, {"name": "y"}]),
        ("dcim/devices", {"name": "x", "vc_position": 256, "position": "a", "status": None, "face": "x", "serial": 5}),
        ("dcim/interfaces", {"name": "x", "type": "nonsense", "device": 0, "mtu": 0, "enabled": "x"}),
        ("ipam/ip-addresses", {"address": "nonsense"}),
        ("ipam/ip-addresses", {"address": "10.0.0.0/0"}),
        ("ipam/ip-addresses", {"address": "10.255.0.1/24", "dns_name": "with space"}),
        (
            "ipam/ip-addresses",
            {"address": "10.255.0.1/24", "assigned_object_type": "dcim.nonsense", "assigned_object_id": 1},
        ),
        (
            "ipam/ip-addresses",
            {"address": "10.255.0.1/24", "assigned_object_type": "dcim.interface", "assigned_object_id": 99999999},
        ),
        ("virtualization/virtual-machines", {"name": "x"}),
        ("virtualization/virtual-machines", {"name": "", "vcpus": 0, "memory": -1, "status": "inventory"}),
        ("virtualization/clusters", {"name": "x"}),
        (
            "virtualization/clusters",
            {"name": "x", "type": {"slug": "no-such"}, "scope_type": "dcim.device", "scope_id": 1},
        ),
        ("extras/custom-fields", {}),
        ("extras/custom-fields", {"name": "a b", "type": "text", "object_types": []}),
        ("extras/custom-fields", {"name": "a__b", "type": "text", "object_types": ["dcim.device"]}),
        ("extras/custom-fields", {"name": "ab", "type": "object", "object_types": ["dcim.device"]}),
        (
            "extras/custom-fields",
            {"name": "ab", "type": "text", "object_types": ["dcim.device"], "choice_set": 99999999},
        ),
        ("extras/custom-fields", {"name": "ab", "type": "text", "content_types": ["dcim.device"]}),
        ("extras/custom-field-choice-sets", {"name": "x", "extra_choices": []}),
        ("extras/custom-field-choice-sets", {"name": "x", "extra_choices": ["a"]}),
        ("extras/custom-field-choice-sets", {"name": "x", "extra_choices": [["a", "A"], ["a", "B"]]}),
        ("extras/tags", {"name": "x", "slug": "x y", "color": "red blue"}),
        (
            "extras/config-contexts",
            {"name": "x", "data": {}, "tags": ["no-such"], "regions": [99999999], "sites": ["a"]},
        ),
        ("extras/config-contexts", {"name": "x", "data": None, "weight": 40000}),
        ("extras/config-contexts", {"name": "x"}),
        ("extras/config-context-profiles", {"name": "x", "schema": {"type": "nonsense"}}),
        ("extras/journal-entries", {"assigned_object_type": "dcim.nonsense", "assigned_object_id": 1, "comments": ""}),
        (
            "extras/journal-entries",
            {"assigned_object_type": "dcim.device", "assigned_object_id": 99999999, "comments": "x"},
        ),
    ],
)
def test_refusals_of_bad_values(path: str, body: Any, sides: tuple[Side, Side]) -> None:
    """None of these creates anything."""
    (real_status, real), (status, ours) = (side.ask(f"/api/{path}/", body) for side in sides)
    assert (status, ours) == (real_status, real)


MAY_REPEAT = ("ipam/ip-addresses", "dcim/racks", "virtualization/virtual-machines")
NOT_WRITTEN = frozenset({"data_source", "data_file", "primary_ip4", "primary_ip6", "oob_ip"})


@pytest.mark.parametrize("path", [path for path in LISTS if path not in MAY_REPEAT])
def test_what_exists_is_not_created_again(path: str, sides: tuple[Side, Side]) -> None:
    answers = []
    for side in sides:
        named = [row for row in side.all(path) if row.get("name", row.get("model"))]
        known = min(named, key=lambda row: json.dumps(comparable(row), sort_keys=True))
        body = {name: _written(value) for name, value in known.items() if name not in DROPPED | NOT_WRITTEN}
        status, answer = side.ask(f"/api/{path}/", body)
        if status == 201:
            side.ask(f"/api/{path}/{answer['id']}/", {}, "DELETE")
        if status == 500:
            answer = answer["exception"]  # the rest tells of its database and its Python
        answers.append((status, answer))
    assert answers[1] == answers[0]
    assert answers[0][0] != 201


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return value.get("value", value.get("id", value))
    return [_written(one) for one in value] if isinstance(value, list) else value
