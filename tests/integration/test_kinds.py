"""Virtual chassis, virtual device contexts, devices in bays, clusters, addresses of named interfaces: end to end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integration.world import TOP, World, names, of, policy, tags

VCS, VDCS, BAYS = "dcim/virtual-chassis/", "dcim/virtual-device-contexts/", "dcim/device-bays/"


def hosts(world: World) -> set[str]:
    return {host["host"] for host in world.ours()}


def unchanged(world: World, *args: Any, **options: Any) -> None:
    """A second run changes nothing and writes nothing."""
    result = world.sync(*args, **options)
    assert not result.changed, result.hosts
    assert not result.failed
    assert world.netbox_writes() == []


def stack(world: World, master: bool = True) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Make a virtual chassis `stack` of two devices; the second is its master, if any is."""
    first, second = world.device("stack"), world.device("stack-2")
    chassis = world.netbox.make(VCS, name="stack", **({"master": second["id"]} if master else {}))
    for position, member in enumerate((second, first), 1):
        world.netbox.change("dcim/devices/", member["id"], virtual_chassis=chassis["id"], vc_position=position)
    return chassis, first, second


def test_each_member_of_a_virtual_chassis_is_a_host(world: World) -> None:
    stack(world)
    result = world.sync(policy(tags={"chassis": "{virtual_chassis}"}))
    assert not result.failed
    assert hosts(world) == {"stack", "stack-2"}
    assert tags(world.host("stack-2")) == {("chassis", "stack")}


def test_only_the_master_of_a_virtual_chassis_under_the_chassis_name(world: World) -> None:
    dummy, first, second = stack(world)
    result = world.sync(virtual_chassis="master")
    assert not result.failed
    assert hosts(world) == {"stack"}
    host = world.host("stack")
    assert (host["name"], host["interfaces"][0]["ip"]) == ("stack", world_address(world, second))
    assert {"tag": "netbox_id", "value": f"device:{second['id']}"} in host["tags"]
    assert result.stats["excluded"] == 1
    assert status_of(world, first) == "excluded"
    unchanged(world, virtual_chassis="master")


def test_a_part_of_the_estate_gives_the_same_name(world: World) -> None:
    second = stack(world)[2]
    assert not world.sync(virtual_chassis="master", ids=[f"device:{second['id']}"]).failed
    before = world.host("stack")
    assert not world.sync(virtual_chassis="master").failed
    assert hosts(world) == {"stack"}
    assert world.host("stack") == before


def test_the_policy_for_virtual_chassis_can_be_changed(world: World) -> None:
    """The other member's host is archived, and comes back when the members are hosts again."""
    first, second = world.device("sw-1"), world.device("sw-2")
    chassis = world.netbox.make(VCS, name="stack", master=first["id"])
    world.netbox.change("dcim/devices/", second["id"], virtual_chassis=chassis["id"], vc_position=2)
    world.sync()
    before = world.host("sw-1")["hostid"]
    result = world.sync(virtual_chassis="master")
    assert not result.failed
    assert of(result, "sw-2").action == "archive"
    away = of(result, "sw-2").hostid
    assert hosts(world) == {"stack", f"sw-2_archived-{away}"}
    assert world.host("stack")["hostid"] == before
    assert of(result, "sw-2").details[0].origin == "member of virtual chassis stack"
    assert not world.sync(virtual_chassis="members").failed
    assert hosts(world) == {"sw-1", "sw-2"}
    unchanged(world)


def test_a_virtual_chassis_without_a_master(world: World) -> None:
    stack(world, master=False)
    result = world.sync(virtual_chassis="master")
    assert hosts(world) == {"stack", "stack-2"}
    assert [note for note in result.notes if "without a master" in note and note.endswith(": stack")]


@pytest.fixture
def contexts_have_fields(world: World) -> Iterator[None]:
    """Our custom fields on virtual device contexts too, for one test."""
    path, before = "extras/custom-fields/", {}
    for name in ("zabbix_hostid", "zabbix_sync_status", "zabbix_exclude"):
        (found,) = world.netbox.call("GET", path, name=name)["results"]
        before[found["id"]] = found["object_types"]
        world.netbox.change(path, found["id"], object_types=[*found["object_types"], "dcim.virtualdevicecontext"])
    yield
    for number, types in before.items():
        world.netbox.change(path, number, object_types=types)


CONTEXTS = policy(host_groups=[TOP + "/{kind}/{site}"], tags={"on": '{device|"-"}'}, inventory={"tag": "{identifier}"})


def test_a_virtual_device_context_is_a_host_of_its_own(world: World, contexts_have_fields: None) -> None:
    device = world.device("fw1", ip="10.250.0.1/24")
    address = add_address(world, device, "ctx", "10.250.0.2/24")
    context = world.netbox.make(VDCS, name="fw1-a", device=device["id"], status="active", identifier=4)
    world.netbox.change(VDCS, context["id"], primary_ip4=address["id"])
    world.netbox.make(VDCS, name="fw1-b", device=device["id"], status="planned")

    result = world.sync(CONTEXTS, virtual_device_contexts=True)
    assert of(result, "fw1-b").error == (
        'interface agent of mapping "everything": the virtual device context has no primary address'
    )
    host = world.host("fw1-a")
    assert names(host["groups"]) == {TOP + "/virtual_device_context/Berlin 1"}
    assert host["interfaces"][0]["ip"] == "10.250.0.2"
    assert tags(host) == {("on", "fw1")}
    assert host["inventory"]["tag"] == "4"
    assert {"tag": "netbox_id", "value": f"virtual_device_context:{context['id']}"} in host["tags"]
    fields = world.netbox.call("GET", f"{VDCS}{context['id']}/")["custom_fields"]
    assert (fields["zabbix_hostid"], fields["zabbix_sync_status"]) == (int(host["hostid"]), "in_sync")


def test_a_planned_virtual_device_context_is_disabled(world: World) -> None:
    device = world.device("fw1")
    world.netbox.make(VDCS, name="fw1-b", device=device["id"], status="planned")
    mappings = policy(interfaces=[], templates=[])
    assert not world.sync(mappings, virtual_device_contexts=True).failed
    assert {host["host"]: host["status"] for host in world.ours()} == {"fw1": "0", "fw1-b": "1"}
    unchanged(world, mappings, virtual_device_contexts=True)


def test_what_is_not_read_is_never_gone(world: World) -> None:
    """Switched off again, the hosts of virtual device contexts are told of, and are no orphans."""
    device = world.device("fw1")
    world.netbox.make(VDCS, name="fw1-a", device=device["id"], status="active")
    mappings = policy(interfaces=[], templates=[])
    world.sync(mappings, virtual_device_contexts=True)
    result = world.sync(mappings)
    assert hosts(world) == {"fw1", "fw1-a"}
    assert result.stats["orphans"] == 0
    assert of(result, "fw1-a").action == "excluded"
    assert of(result, "fw1-a").reasons == ["virtual device contexts are not read in this run"]


def test_virtual_device_contexts_are_no_hosts_unless_asked_for(world: World) -> None:
    device = world.device("fw1")
    world.netbox.make(VDCS, name="fw1-a", device=device["id"], status="active")
    world.sync()
    assert hosts(world) == {"fw1"}


def test_a_run_over_contexts_selected_by_their_own_filters(world: World) -> None:
    device = world.device("fw1")
    world.netbox.make(VDCS, name="fw1-a", device=device["id"], status="active")
    filters = {"virtual_device_context": {"device_id": device["id"]}}
    assert not world.sync(policy(interfaces=[], templates=[]), virtual_device_contexts=True, filters=filters).failed
    assert hosts(world) == {"fw1-a"}


def blade(world: World) -> None:
    """Make a box `box` with a device `blade` in its bay."""
    maker = world.netbox.keep("dcim/manufacturers/", "slug", name="Acme", slug="acme")
    kinds = {
        role: world.netbox.make(
            "dcim/device-types/", model=role, slug=role, manufacturer=maker, subdevice_role=role, u_height=height
        )["id"]
        for role, height in (("parent", 1), ("child", 0))
    }
    box = world.device("box", device_type=kinds["parent"])
    inside = world.device("blade", device_type=kinds["child"])
    world.netbox.make(BAYS, name="Bay 7", device=box["id"], installed_device=inside["id"])


def test_devices_in_bays_are_hosts_that_know_their_place(world: World) -> None:
    blade(world)
    mappings = policy(tags={"in": '{parent_device|"-"} {bay|"-"}'})
    assert not world.sync(mappings).failed
    assert {host["host"]: tags(host) for host in world.ours()} == {
        "box": {("in", "- -")},
        "blade": {("in", "box Bay 7")},
    }
    unchanged(world, mappings)


def test_devices_in_bays_can_be_left_out(world: World) -> None:
    blade(world)
    mappings = policy(match={"in_bay": False})
    assert not world.sync(mappings).failed
    assert hosts(world) == {"box"}


def test_clusters_are_no_hosts_and_their_machines_match_by_them(world: World) -> None:
    world.vm("vm1")
    world.device("sw1")
    mappings = [
        *policy(),
        {
            "name": "by cluster",
            "match": {"cluster": "c1", "cluster_type": "kvm"},
            "host_groups": [TOP + "/c/{cluster}"],
        },
    ]
    assert not world.sync(mappings).failed
    assert {host["host"]: names(host["groups"]) for host in world.ours()} == {
        "vm1": {TOP + "/Berlin 1", TOP + "/c/c1"},
        "sw1": {TOP + "/Berlin 1"},
    }


def add_address(world: World, device: dict[str, Any], interface: str, address: str, **more: Any) -> dict[str, Any]:
    """Put an address on an interface of a device, which is made where it is missing."""
    path = "dcim/interfaces/"
    found = world.netbox.call("GET", path, device_id=device["id"], name=interface)["results"]
    on = found[0] if found else world.netbox.make(path, device=device["id"], name=interface, type="virtual")
    assigned = {"assigned_object_type": "dcim.interface", "assigned_object_id": on["id"]}
    return world.netbox.make("ipam/ip-addresses/", address=address, **assigned, **more)


def world_address(world: World, device: dict[str, Any]) -> str:
    """Return a device's primary address."""
    return world.netbox.call("GET", f"dcim/devices/{device['id']}/")["primary_ip"]["address"].partition("/")[0]


def status_of(world: World, device: dict[str, Any]) -> Any:
    shown = world.netbox.call("GET", f"dcim/devices/{device['id']}/")["custom_fields"]["zabbix_sync_status"]
    return shown["value"] if isinstance(shown, dict) else shown


def addressed(world: World, address: Any, **more: Any) -> tuple[str, str, str]:
    """Sync with an address policy and return how the host `sw1` is reached: by IP or not, IP, DNS name."""
    mappings = policy(interfaces=[{"type": "agent", "address": address, **more}])
    assert not world.sync(mappings).failed
    unchanged(world, mappings)
    (interface,) = world.host("sw1")["interfaces"]
    return interface["useip"], interface["ip"], interface["dns"]


def test_every_address_policy(world: World) -> None:
    device = world.device("sw1", ip="10.251.0.1/24")
    oob = add_address(world, device, "ilo", "10.251.0.2/24", dns_name="ilo.example.net")
    six = add_address(world, device, "mgmt", "2001:db8::5/64", dns_name="sw1.example.net")
    add_address(world, device, "lo0", "10.251.0.9/32", role="vip")
    add_address(world, device, "lo0", "10.251.0.3/32", dns_name="lo.example.net")
    world.netbox.change("dcim/devices/", device["id"], oob_ip=oob["id"], primary_ip6=six["id"])
    assert addressed(world, "ipv4") == ("1", "10.251.0.1", "")
    assert addressed(world, "ipv6") == ("1", "2001:db8::5", "")
    assert addressed(world, "oob") == ("1", "10.251.0.2", "")
    assert addressed(world, "oob", connect="dns") == ("0", "10.251.0.2", "ilo.example.net")
    assert addressed(world, "interface:lo0") == ("1", "10.251.0.3", "")
    assert addressed(world, "interface:mgmt") == ("1", "10.251.0.1", "")
    assert addressed(world, "interface:mgmt/ipv6") == ("1", "2001:db8::5", "")
    assert addressed(world, "interface:lo0", connect="dns") == ("0", "10.251.0.3", "lo.example.net")
    assert addressed(world, ["interface:nobody-has-it", "interface:lo0/ipv6", "oob"]) == ("1", "10.251.0.2", "")


def test_a_moved_address_of_a_named_interface_is_followed(world: World) -> None:
    device = world.device("sw1", ip="10.252.0.1/24")
    address = add_address(world, device, "lo0", "10.252.0.2/32")
    assert addressed(world, "interface:lo0")[1] == "10.252.0.2"
    world.netbox.change("ipam/ip-addresses/", address["id"], address="10.252.0.3/32")
    assert addressed(world, "interface:lo0")[1] == "10.252.0.3"


def test_a_config_context_names_an_interface(world: World) -> None:
    device = world.device(
        "sw1", local_context_data={"zabbix": {"interfaces": [{"type": "agent", "address": "interface:lo0"}]}}
    )
    add_address(world, device, "lo0", "10.253.0.2/32")
    world.device("sw2", ip="10.253.0.9/24")
    assert not world.sync().failed
    assert {host["host"]: host["interfaces"][0]["ip"] for host in world.ours()} == {
        "sw1": "10.253.0.2",
        "sw2": "10.253.0.9",
    }


def test_a_host_whose_named_interface_has_no_address_fails_alone(world: World) -> None:
    device = world.device("sw1")
    add_address(world, device, "lo0", "10.254.0.2/32")
    world.device("sw2")
    result = world.sync(policy(interfaces=[{"type": "agent", "address": "interface:lo0"}]))
    assert hosts(world) == {"sw1"}
    assert of(result, "sw2").error == (
        'interface agent of mapping "everything": the device has no address on an interface lo0'
    )
