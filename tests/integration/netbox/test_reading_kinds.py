"""Virtual device contexts, devices in bays and the addresses of named interfaces: the same by each way of reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import read
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import GRAPHQL, REST, REST_FILTER
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.names import read_chassis_members
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import (
    ALL_KINDS,
    VIRTUAL_DEVICE_CONTEXT,
    NetBoxObject,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.selection import Selection, select
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.write_back import WriteBack, write_back

from .conftest import Company
from .test_reading import through

pytestmark = pytest.mark.netbox

READERS = [GRAPHQL, REST, REST_FILTER]
ROOTS = frozenset({"comments", "interface:t-mgmt", "interface:t-nobody-has-it"})


@dataclass(frozen=True)
class Made:
    """What the tests are about, by NetBox's ids."""

    device: int
    blade: int
    context: int
    bare: int
    site: int


@pytest.fixture(scope="module")
def made(company: Company) -> Iterator[Made]:
    """A device with two virtual device contexts and a blade in a bay, addresses on an interface, all of it anew."""
    api = company.api
    stack: list[Any] = []

    def new(endpoint: Any, **fields: Any) -> Any:
        stack.append(endpoint.create(**fields))
        return stack[-1]

    (some,) = list(api.dcim.devices.filter(limit=1))[:1]
    kinds = [
        new(
            api.dcim.device_types,
            manufacturer=some.device_type.manufacturer.id,
            model=f"T {role}",
            slug=f"t-{role}",
            subdevice_role=role,
            u_height=0 if role == "child" else 1,
        )
        for role in ("parent", "child")
    ]
    place = {"site": some.site.id, "role": some.role.id}
    device = new(api.dcim.devices, name="t-box", device_type=kinds[0].id, serial="S1", **place)
    blade = new(api.dcim.devices, name="t-blade", device_type=kinds[1].id, **place)
    new(api.dcim.device_bays, device=device.id, name="Bay 1", installed_device=blade.id)
    new(api.dcim.device_bays, device=device.id, name="Bay 2")
    new(api.extras.custom_fields, name="t_context", type="integer", object_types=["dcim.virtualdevicecontext"])
    contexts = api.dcim.virtual_device_contexts
    context = new(
        contexts, name="t-fw", device=device.id, identifier=3, status="active", description="d", comments="c",
        custom_fields={"t_context": 5},
    )  # fmt: skip
    bare = new(contexts, name="t-bare", device=device.id, status="planned")
    interface = new(api.dcim.interfaces, device=device.id, name="t-mgmt", type="virtual", vdcs=[context.id])
    numbers = ("192.0.2.1/24", "192.0.2.2/24", "2001:db8::1/64")
    addresses = [
        new(
            api.ipam.ip_addresses,
            address=number,
            assigned_object_type="dcim.interface",
            assigned_object_id=interface.id,
            dns_name="fw.example.net" if number == numbers[1] else "",
            role="vip" if number == numbers[0] else "",
        )
        for number in numbers
    ]
    context.update({"primary_ip4": addresses[1].id})
    yield Made(device.id, blade.id, context.id, bare.id, some.site.id)
    for one in reversed(stack):
        one.delete()


def objects(company: Company, reader: str, ids: Selection | None = None) -> dict[str, NetBoxObject]:
    netbox = through(company, reader)
    pages = read.read_objects(netbox, read.read_related(netbox), ids=ids, roots=ROOTS, kinds=ALL_KINDS)
    return {item.ref: item for page in pages for item in page}


@pytest.mark.parametrize("reader", READERS)
def test_a_virtual_device_context_has_what_its_device_has(company: Company, made: Made, reader: str) -> None:
    found = objects(company, reader)
    context, device = found[f"virtual_device_context:{made.context}"], found[f"device:{made.device}"]
    shared = ("site", "region", "site_group", "role", "device_type", "manufacturer", "location", "rack", "cluster")
    assert {name: context.attributes[name] for name in shared} == {name: device.attributes[name] for name in shared}
    assert context.attributes["site"]["id"] == made.site
    own = ("name", "status", "identifier", "description", "comments", "device", "serial", "config_context", "oob_ip")
    assert {name: context.attributes[name] for name in own} == {
        "name": "t-fw",
        "status": "active",
        "identifier": 3,
        "description": "d",
        "comments": "c",
        "device": {"id": made.device, "name": "t-box"},
        "serial": None,
        "config_context": {},
        "oob_ip": None,
    }
    assert context.attributes["custom_fields"] == {**context.attributes["custom_fields"], "t_context": 5}
    assert context.attributes["primary_ip"]["address"] == "192.0.2.2"
    assert context.attributes["primary_ip"]["dns_name"] == "fw.example.net"
    assert context.label == f"t-fw (virtual device context {made.context})"
    assert set(context.attributes) - set(device.attributes) == set()


def test_each_way_of_reading_gives_the_same(company: Company, made: Made) -> None:
    def part(reader: str) -> dict[str, Any]:
        found = objects(company, reader)
        refs = [f"virtual_device_context:{number}" for number in (made.context, made.bare)]
        refs += [f"device:{number}" for number in (made.device, made.blade)]
        return {ref: found[ref].attributes for ref in refs}

    whole = part(GRAPHQL)
    assert part(REST) == whole
    assert part(REST_FILTER) == whole


def test_contexts_are_read_only_when_asked_for(company: Company, made: Made) -> None:
    netbox = company.connect()
    assert VIRTUAL_DEVICE_CONTEXT not in {kind for kind, dummy, name in read.read_names(netbox)}
    assert VIRTUAL_DEVICE_CONTEXT not in read.count(netbox)
    assert read.count(netbox, ALL_KINDS)[VIRTUAL_DEVICE_CONTEXT] >= 2
    assert (VIRTUAL_DEVICE_CONTEXT, made.bare, "t-bare") in read.read_names(netbox, ALL_KINDS)


@pytest.mark.parametrize("reader", READERS)
def test_a_device_in_a_bay_knows_where_it_is(company: Company, made: Made, reader: str) -> None:
    found = objects(company, reader)
    blade, box = (found[f"device:{number}"].attributes for number in (made.blade, made.device))
    assert (blade["parent_device"], blade["bay"]) == ({"id": made.device, "name": "t-box"}, "Bay 1")
    assert (box["parent_device"], box["bay"]) == (None, None)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("whole", [True, False])
def test_the_addresses_of_named_interfaces(company: Company, made: Made, reader: str, whole: bool) -> None:
    only = {"device": frozenset({made.device}), VIRTUAL_DEVICE_CONTEXT: frozenset({made.context, made.bare})}
    found = objects(company, reader, None if whole else Selection(only))
    mgmt = {
        ref: [one["address"] for one in found[ref].attributes["interface_addresses"]["t-mgmt"]]
        for ref in (f"device:{made.device}", *(f"virtual_device_context:{n}" for n in (made.context, made.bare)))
    }
    own_first = ["192.0.2.2", "2001:db8::1", "192.0.2.1"]
    assert list(mgmt.values()) == [own_first, own_first, []]
    assert all(item.attributes["interface_addresses"]["t-nobody-has-it"] == [] for item in found.values())


def test_contexts_are_selected_by_filter_name_and_reference(company: Company, made: Made) -> None:
    netbox = company.connect()
    ref = f"virtual_device_context:{made.context}"
    ways: list[dict[str, Any]] = [
        {"filters": {VIRTUAL_DEVICE_CONTEXT: {"device_id": made.device, "status": "active"}}},
        {"filters": {VIRTUAL_DEVICE_CONTEXT: {"cf_t_context": 5}}},
        {"names": ["t-fw"]},
        {"ids": [ref]},
    ]
    for way in ways:
        assert select(netbox, **way, kinds=ALL_KINDS).ids == {VIRTUAL_DEVICE_CONTEXT: frozenset({made.context})}
    with pytest.raises(InputError, match="would ignore it"):
        select(netbox, {VIRTUAL_DEVICE_CONTEXT: {"site": "x"}}, kinds=ALL_KINDS)
    for way in ({"ids": [ref]}, {"filters": {VIRTUAL_DEVICE_CONTEXT: {"status": "active"}}}):
        with pytest.raises(InputError, match="are not read unless the option virtual_device_contexts is true"):
            select(netbox, **way)
    with pytest.raises(InputError, match="no device or virtual machine called 't-fw'"):
        select(netbox, names=["t-fw"])


def test_a_value_is_written_back_to_a_context(company: Company, made: Made) -> None:
    netbox = company.connect()
    assert (
        write_back(netbox, [WriteBack(VIRTUAL_DEVICE_CONTEXT, made.bare, {"t_context": 8, "t_unknown": 1})]).warnings
        == []
    )
    shown = netbox.get(f"dcim/virtual-device-contexts/{made.bare}/")
    assert shown["custom_fields"]["t_context"] == 8
    assert shown["status"]["value"] == "planned"


def test_the_members_of_virtual_chassis(company: Company) -> None:
    netbox = company.connect()
    rows = [row for page in netbox.pages("dcim/virtual-chassis/", {}) for row in page]
    expected = {member["id"]: row["id"] for row in rows for member in row["members"]}
    assert expected, "the company has virtual chassis"
    assert read_chassis_members(netbox) == expected
