"""SyncHostsNow from end to end: what a person sees in Zabbix after it, and what a second run does."""

from __future__ import annotations

import pytest

from integration.world import INSTANCE, World, names, of, policy, tags

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]


def test_a_first_run_creates_what_the_policy_says(world: World) -> None:
    device = world.device("sw1", ip="10.9.0.1/24", serial="S-1")
    world.vm("vm1")
    result = world.sync()
    assert result.changed
    assert result.stats["creates"] == 2
    assert not result.failed
    host = world.host("sw1")
    assert host["name"] == "sw1"
    assert host["status"] == "0"
    assert names(host["groups"]) == {"T/Berlin 1"}
    assert names(host["parentTemplates"]) == {"ICMP Ping"}
    assert tags(host) == {("site", "ber1")}
    assert {"tag": "netbox_instance", "value": INSTANCE} in host["tags"]
    assert {"tag": "netbox_id", "value": f"device:{device['id']}"} in host["tags"]
    assert host["inventory"]["serialno_a"] == "S-1"
    assert [(one["type"], one["ip"], one["port"]) for one in host["interfaces"]] == [("1", "10.9.0.1", "10050")]


def test_a_second_run_changes_nothing_and_writes_nothing(world: World) -> None:
    for number in range(5):
        world.device(f"sw{number}")
    world.sync()
    before = world.ours()
    result = world.sync()
    assert not result.changed
    assert result.hosts == []
    assert result.stats["unchanged"] == 5
    assert world.proxy.writes == []
    assert world.netbox_writes() == []
    assert world.ours() == before


def test_check_mode_writes_nothing_at_all(world: World) -> None:
    world.device("sw1")
    result = world.sync(dry_run=True, want_diff=True)
    assert result.changed
    assert result.dry_run
    assert world.ours() == []
    assert world.proxy.writes == []
    assert world.netbox_writes() == []
    assert '+ templates[ICMP Ping]: ICMP Ping   (new, mapping "everything")' in result.diff
    assert of(result, "sw1").action == "create"


def test_check_mode_of_an_update_shows_it_and_writes_nothing(world: World) -> None:
    device = world.device("sw1", serial="old")
    world.sync()
    before = world.host("sw1")
    world.netbox.change("dcim/devices/", device["id"], serial="new")
    result = world.sync(dry_run=True, want_diff=True)
    assert "~ inventory[serialno_a]: old -> new   (pending" in result.diff
    assert world.proxy.writes == []
    assert world.netbox_writes() == []
    assert world.host("sw1") == before


def test_an_update_writes_only_what_changed_in_one_call(world: World) -> None:
    device = world.device("sw1", serial="old")
    world.device("sw2")
    world.sync()
    world.netbox.change("dcim/devices/", device["id"], serial="new")
    result = world.sync()
    assert of(result, "sw1").changes == ["inventory[serialno_a]"]
    assert of(result, "sw1").reasons == ["pending"]
    assert [call.methods for call in world.proxy.writes] == [["host.update"]]
    assert world.host("sw1")["inventory"]["serialno_a"] == "new"


def test_a_renamed_device_keeps_its_host(world: World) -> None:
    device = world.device("sw1")
    world.sync()
    hostid = world.host("sw1")["hostid"]
    world.netbox.change("dcim/devices/", device["id"], name="core1")
    world.sync()
    assert world.host("core1")["hostid"] == hostid
    assert len(world.ours()) == 1


def test_names_that_swap_are_swapped(world: World) -> None:
    one, two = world.device("sw1"), world.device("sw2")
    world.sync()
    ids = {name: world.host(name)["hostid"] for name in ("sw1", "sw2")}
    world.netbox.change("dcim/devices/", one["id"], name="moving")
    world.netbox.change("dcim/devices/", two["id"], name="sw1")
    world.netbox.change("dcim/devices/", one["id"], name="sw2")
    result = world.sync()
    assert not result.failed, result.message
    assert world.host("sw2")["hostid"] == ids["sw1"]
    assert world.host("sw1")["hostid"] == ids["sw2"]
    assert not world.sync().changed


def test_names_that_rotate_are_rotated(world: World) -> None:
    devices = [world.device(name) for name in ("a", "b", "c")]
    world.sync()
    ids = {name: world.host(name)["hostid"] for name in ("a", "b", "c")}
    for device in devices:
        world.netbox.change("dcim/devices/", device["id"], name=f"x{device['id']}")
    for device, name in zip(devices, ("b", "c", "a"), strict=True):
        world.netbox.change("dcim/devices/", device["id"], name=name)
    result = world.sync()
    assert not result.failed, result.message
    assert {name: world.host(name)["hostid"] for name in ("b", "c", "a")} == {
        "b": ids["a"],
        "c": ids["b"],
        "a": ids["c"],
    }


def test_what_people_add_in_zabbix_stays(world: World) -> None:
    device = world.device("sw1")
    world.sync()
    host = world.host("sw1")
    group = world.zabbix.group("T/by hand")
    world.zabbix.api("host.massadd", {"hosts": [{"hostid": host["hostid"]}], "groups": [{"groupid": group}]})
    world.zabbix.api(
        "host.massadd",
        {
            "hosts": [{"hostid": host["hostid"]}],
            "templates": [{"templateid": world.zabbix.template("Zabbix server health")}],
        },
    )
    tags_now = [{"tag": tag["tag"], "value": tag["value"]} for tag in host["tags"]]
    world.zabbix.api("host.update", hostid=host["hostid"], tags=[*tags_now, {"tag": "team", "value": "blue"}])
    world.zabbix.api("usermacro.create", hostid=host["hostid"], macro="{$BY.HAND}", value="1")
    world.zabbix.api("usermacro.create", hostid=host["hostid"], macro="{$HIDDEN}", value="secret", type=1)
    assert not world.sync().changed, "nothing of ours differs"
    world.netbox.change("dcim/devices/", device["id"], serial="S-2", site=world.netbox.ids["site2"])
    result = world.sync()
    assert result.changed
    host = world.host("sw1")
    assert names(host["groups"]) == {"T/Hamburg 1", "T/by hand"}
    assert names(host["parentTemplates"]) == {"ICMP Ping", "Zabbix server health"}
    assert tags(host) == {("site", "ham1"), ("team", "blue")}
    assert {macro["macro"]: macro.get("value") for macro in host["macros"] if "NETBOX" not in macro["macro"]} == {
        "{$BY.HAND}": "1",
        "{$HIDDEN}": None,
    }
    assert not world.sync().changed


def test_what_we_gave_and_no_longer_want_goes(world: World) -> None:
    world.device("sw1")
    world.sync(
        policy(
            host_groups=["T/{site}", "T/extra"],
            templates=["ICMP Ping", "Zabbix server health"],
            tags={"site": "{site.slug}", "old": "1"},
            inventory={"serialno_a": "x", "alias": "y"},
        )
    )
    world.sync(policy(inventory={"serialno_a": "x"}))
    host = world.host("sw1")
    assert names(host["groups"]) == {"T/Berlin 1"}
    assert names(host["parentTemplates"]) == {"ICMP Ping"}
    assert tags(host) == {("site", "ber1")}
    assert host["inventory"]["alias"] == ""
    assert not world.sync(policy(inventory={"serialno_a": "x"})).changed


def test_what_people_take_away_of_ours_comes_back_as_drift(world: World) -> None:
    world.device("sw1", serial="S-1")
    world.sync()
    host = world.host("sw1")
    world.zabbix.api(
        "host.update",
        hostid=host["hostid"],
        status=1,
        tags=[tag for tag in host["tags"] if tag["tag"] != "site"],
        templates=[],
        inventory={"serialno_a": "changed"},
        groups=[{"groupid": world.zabbix.group("T/elsewhere")}],
    )
    result = world.sync()
    assert of(result, "sw1").reasons == ["drifted"]
    assert set(of(result, "sw1").changes) == {
        "status",
        "tags[site]",
        "templates[ICMP Ping]",
        "inventory[serialno_a]",
        "groups[T/Berlin 1]",
    }
    host = world.host("sw1")
    assert host["status"] == "0"
    assert names(host["groups"]) == {"T/Berlin 1", "T/elsewhere"}
    assert not world.sync().changed


def test_the_record_is_repaired_when_someone_removes_it(world: World) -> None:
    world.device("sw1")
    world.sync()
    host = world.host("sw1")
    ids = [macro["hostmacroid"] for macro in host["macros"] if macro["macro"] == "{$NETBOX.APPLIED}"]
    world.zabbix.api("usermacro.delete", ids)
    assert of(world.sync(), "sw1").changes == ["record"]
    assert not world.sync().changed
    assert world.host("sw1")["macros"][0]["value"] == host["macros"][0]["value"]


def test_status_follows_netbox(world: World) -> None:
    device = world.device("sw1")
    world.sync()
    world.netbox.change("dcim/devices/", device["id"], status="offline")
    world.sync()
    assert world.host("sw1")["status"] == "1"
    world.netbox.change("dcim/devices/", device["id"], status="decommissioning")
    result = world.sync()
    assert of(result, "sw1").action == "archive"
    assert "sw1" not in {host["host"] for host in world.ours()}
    world.netbox.change("dcim/devices/", device["id"], status="active")
    world.sync()
    assert world.host("sw1")["status"] == "0"


def test_an_excluded_device_is_left_alone(world: World) -> None:
    device = world.device("sw1", custom_fields={"zabbix_exclude": True})
    result = world.sync()
    assert result.stats["excluded"] == 1
    assert world.ours() == []
    world.netbox.change("dcim/devices/", device["id"], custom_fields={"zabbix_exclude": False})
    world.sync()
    assert len(world.ours()) == 1


def test_a_device_gone_from_netbox_is_an_orphan_that_may_stay(world: World) -> None:
    world.device("sw1")
    for number in range(2, 8):
        world.device(f"sw{number}")
    world.sync()
    gone = next(number for path, number in reversed(world.netbox._made) if path == "dcim/devices/")
    world.netbox.remove("dcim/devices/", gone)
    result = world.sync(deletion={"gone": "keep"})
    assert result.stats["orphans"] == 1
    assert [host.action for host in result.hosts] == ["orphan"]
    assert not result.changed
    assert len(world.ours()) == 7


def test_a_run_over_a_part_takes_nothing_for_gone(world: World) -> None:
    world.device("sw1")
    world.device("sw2", site=world.netbox.ids["site2"])
    world.sync()
    for options in ({"names": ["sw1"]}, {"filters": {"device": {"site": "ber1"}}}):
        result = world.sync(**options)
        assert result.stats["objects"] == 1
        assert result.stats["orphans"] == 0
        assert not result.changed


def test_a_run_over_a_part_touches_only_that_part(world: World) -> None:
    one, two = world.device("sw1"), world.device("sw2")
    world.sync()
    for device in (one, two):
        world.netbox.change("dcim/devices/", device["id"], serial="new")
    result = world.sync(ids=[f"device:{one['id']}"])
    assert [host.name for host in result.hosts] == ["sw1"]
    assert world.host("sw2")["inventory"]["serialno_a"] == ""


def test_two_objects_of_one_name_get_two_hosts_in_every_run(world: World) -> None:
    device, machine = world.device("web1"), world.vm("web1")
    second = world.device("web1", site=world.netbox.ids["site2"])
    world.sync()
    by_ref = {tag["value"]: host["host"] for host in world.ours() for tag in host["tags"] if tag["tag"] == "netbox_id"}
    assert by_ref == {
        f"device:{device['id']}": "web1",
        f"device:{second['id']}": f"web1_device-{second['id']}",
        f"virtual_machine:{machine['id']}": f"web1_virtual_machine-{machine['id']}",
    }
    assert not world.sync().changed
    assert not world.sync(ids=[f"virtual_machine:{machine['id']}"]).changed


@pytest.mark.parametrize(
    "name",
    ["Москва-1", "a/b:c (d)", "{{ 7*7 }}", "{site}", "ä" * 64, "x" * 64, "tab\there", "100%", "{HOST.NAME}", "'; DROP"],
)
def test_any_name_becomes_a_host_whose_visible_name_is_its_own(world: World, name: str) -> None:
    world.device(name)
    result = world.sync()
    assert not result.failed, result.message
    (host,) = world.ours()
    assert host["name"] == name.replace("\t", "")
    assert not world.sync().changed


def test_a_device_without_a_name_gets_one_from_its_id(world: World) -> None:
    device = world.device(None)
    world.sync()
    assert world.host(f"device-{device['id']}")


def test_a_foreign_host_of_the_same_name_is_a_failure_that_says_how_to_adopt(world: World) -> None:
    group = world.zabbix.group("T/foreign")
    hostid = world.zabbix.api("host.create", host="sw1", groups=[{"groupid": group}])["hostids"][0]
    try:
        before = world.host("sw1")
        world.device("sw1")
        world.device("sw2")
        result = world.sync()
        assert "adopt" in (of(result, "sw1").error or "")
        assert hostid in (of(result, "sw1").error or "")
        assert len(world.ours()) == 1, "the other host went on"
        assert world.host("sw1") == before
    finally:
        world.zabbix.api("host.delete", [hostid])


def test_snmp_version_3_with_all_its_details(world: World) -> None:
    world.device("sw1", ip="10.9.0.1/24")
    snmp = {
        "type": "snmp",
        "version": 3,
        "bulk": False,
        "context": "ctx",
        "security_name": "monitor",
        "security_level": "authpriv",
        "auth_protocol": "sha256",
        "auth_passphrase": {"secret": "auth"},
        "privacy_protocol": "aes256",
        "privacy_passphrase": "{$PRIV}",
        "port": "{$SNMP.PORT}",
    }
    secrets = {"auth": "canary-passphrase"}
    result = world.sync(policy(interfaces=[snmp]), secrets=secrets, want_diff=True)
    assert not result.failed, result.message
    (interface,) = world.host("sw1")["interfaces"]
    details = interface["details"]
    assert interface["port"] == "{$SNMP.PORT}"
    assert (details["version"], details["bulk"], details["contextname"]) == ("3", "0", "ctx")
    assert (details["securityname"], details["securitylevel"]) == ("monitor", "2")
    assert (details["authprotocol"], details["authpassphrase"]) == ("3", "canary-passphrase")
    assert (details["privprotocol"], details["privpassphrase"]) == ("3", "{$PRIV}")
    assert not world.sync(policy(interfaces=[snmp]), secrets=secrets).changed
    result = world.sync(policy(interfaces=[snmp]), secrets={"auth": "canary-rotated"}, want_diff=True)
    assert of(result, "sw1").changes == ["interfaces[snmp.authpassphrase]"]
    assert "canary" not in str(result.as_dict()) + result.diff + "".join(world.progress)
    (interface,) = world.host("sw1")["interfaces"]
    assert interface["details"]["authpassphrase"] == "canary-rotated"


@pytest.mark.parametrize("version", [1, 2])
def test_snmp_with_a_community(world: World, version: int) -> None:
    world.device("sw1")
    interfaces = [{"type": "snmp", "version": version, "community": "{$COMMUNITY}"}]
    world.sync(policy(interfaces=interfaces))
    (interface,) = world.host("sw1")["interfaces"]
    assert interface["details"]["version"] == str(version)
    assert interface["details"]["community"] == "{$COMMUNITY}"
    assert not world.sync(policy(interfaces=interfaces)).changed


def test_an_interface_is_changed_in_place_and_keeps_its_items(world: World) -> None:
    device = world.device("sw1", ip="10.9.0.1/24")
    with_items = policy(templates=["Linux by Zabbix agent"])
    world.sync(with_items)
    before = world.host("sw1")["interfaces"][0]["interfaceid"]
    interface = world.netbox.make("dcim/interfaces/", device=device["id"], name="new", type="virtual")
    address = world.netbox.make(
        "ipam/ip-addresses/",
        address="10.9.0.2/24",
        assigned_object_type="dcim.interface",
        assigned_object_id=interface["id"],
    )
    world.netbox.change("dcim/devices/", device["id"], primary_ip4=address["id"])
    result = world.sync(with_items)
    assert not result.failed, result.message
    (interface,) = world.host("sw1")["interfaces"]
    assert (interface["interfaceid"], interface["ip"]) == (before, "10.9.0.2")
    world.netbox.change("dcim/devices/", device["id"], primary_ip4=None)


def test_an_interface_no_longer_wanted_goes_unless_items_use_it(world: World) -> None:
    world.device("sw1")
    world.device("sw2")
    both = [{"type": "agent"}, {"type": "snmp"}]
    world.sync(policy(interfaces=both, templates=["Linux by Zabbix agent"]))
    result = world.sync(policy(interfaces=[{"type": "agent"}], templates=["Linux by Zabbix agent"]))
    assert not result.failed, result.message
    assert [one["type"] for one in world.host("sw1")["interfaces"]] == ["1"]
    # the template goes, but its items stay on the host, and with them their interface
    snmp_only = policy(interfaces=[{"type": "snmp"}], limits={"template_removals": {"percent": None}})
    del snmp_only[0]["limits"]
    result = world.sync(snmp_only)
    assert not result.failed, result.message
    assert sorted(one["type"] for one in world.host("sw1")["interfaces"]) == ["1", "2"]
    assert not world.sync(snmp_only).changed


def test_an_interface_that_people_added_stays(world: World) -> None:
    world.device("sw1", ip="10.9.0.1/24")
    world.sync()
    host = world.host("sw1")
    world.zabbix.api(
        "hostinterface.create", hostid=host["hostid"], type=1, main=0, useip=1, ip="10.9.9.9", dns="", port="10050"
    )
    assert not world.sync().changed
    result = world.sync(policy(interfaces=[{"type": "agent", "port": 10055}]))
    assert not result.failed, result.message
    found = {(one["ip"], one["port"], one["main"]) for one in world.host("sw1")["interfaces"]}
    assert found == {("10.9.0.1", "10055", "1"), ("10.9.9.9", "10050", "0")}


@pytest.mark.parametrize(
    ("address", "connect", "expected"),
    [
        ("primary", "ip", ("1", "10.9.0.1", "")),
        ("ipv4", "ip", ("1", "10.9.0.1", "")),
        ("dns", "dns", ("0", "", "sw1.example.com")),
        (["oob", "primary"], "ip", ("1", "10.9.0.1", "")),
    ],
)
def test_address_policies(world: World, address: object, connect: str, expected: tuple[str, str, str]) -> None:
    device = world.device("sw1", ip="10.9.0.1/24")
    world.netbox.call("PATCH", f"ipam/ip-addresses/{device['primary_ip4']['id']}/", {"dns_name": "sw1.example.com"})
    interfaces = [{"type": "agent", "address": address, "connect": connect}]
    if address == "dns":
        del interfaces[0]["connect"]
    world.sync(policy(interfaces=interfaces))
    (interface,) = world.host("sw1")["interfaces"]
    found = (interface["useip"], interface["ip"] if interface["useip"] == "1" else "", interface["dns"])
    assert found[0] == expected[0]
    assert expected[1] in found[1]
    assert expected[2] in found[2]
    assert not world.sync(policy(interfaces=interfaces)).changed


def test_ipv6_when_it_is_all_there_is(world: World) -> None:
    world.device("sw1", ip="2001:db8::1/64")
    world.sync(policy(interfaces=[{"type": "agent", "address": ["ipv4", "ipv6"]}]))
    assert world.host("sw1")["interfaces"][0]["ip"] == "2001:db8::1"


def test_proxy_and_back_to_the_server(world: World) -> None:
    world.device("sw1")
    world.sync(policy(proxy="lab-proxy"))
    host = world.host("sw1")
    assert host.get("proxyid", host.get("proxy_hostid")) != "0"
    assert not world.sync(policy(proxy="lab-proxy")).changed
    world.sync(policy(monitored_by="server"))
    host = world.host("sw1")
    assert host.get("proxyid", host.get("proxy_hostid")) == "0"


def test_proxy_group(world: World) -> None:
    world.device("sw1")
    result = world.sync(policy(proxy_group="lab-group"))
    if world.zabbix.release < (7, 0):
        assert "has none" in (of(result, "sw1").error or "")
        return
    host = world.host("sw1")
    assert host["monitored_by"] == "2"
    assert not world.sync(policy(proxy_group="lab-group")).changed


def test_macros_and_a_rotated_secret(world: World) -> None:
    world.device("sw1")
    macros = {
        "{$TEXT}": "1",
        "{$SECRET}": {"value": {"secret": "pw"}, "type": "secret", "description": "of the agent"},
        "{$VAULT}": {"value": "secret/zabbix:password", "type": "vault"},
    }
    options = {"secrets": {"pw": "canary-one"}, "digest_key": "a long random key"}
    result = world.sync(policy(macros=macros), **options, want_diff=True)
    assert not result.failed, result.message
    found = {macro["macro"]: (macro["type"], macro.get("value")) for macro in world.host("sw1")["macros"]}
    assert found["{$TEXT}"] == ("0", "1")
    assert found["{$SECRET}"] == ("1", None)
    assert found["{$VAULT}"] == ("2", "secret/zabbix:password")
    assert not world.sync(policy(macros=macros), **options).changed
    options["secrets"] = {"pw": "canary-two"}
    result = world.sync(policy(macros=macros), **options, want_diff=True)
    assert of(result, "sw1").changes == ["macros[{$SECRET}]"]
    assert not world.sync(policy(macros=macros), **options).changed
    assert "canary" not in str(result.as_dict()) + result.diff + "".join(world.progress)
    world.sync()
    assert [macro["macro"] for macro in world.host("sw1")["macros"]] == ["{$NETBOX.APPLIED}"]


def test_links_and_statuses_are_written_back(world: World) -> None:
    device = world.device("sw1")
    broken = world.device("sw2", ip=None)
    result = world.sync()
    assert of(result, "sw2").action == "failed"
    fields = world.netbox.call("GET", f"dcim/devices/{device['id']}/")["custom_fields"]
    assert fields["zabbix_hostid"] == int(world.host("sw1")["hostid"])
    assert fields["zabbix_sync_status"] == "in_sync"
    fields = world.netbox.call("GET", f"dcim/devices/{broken['id']}/")["custom_fields"]
    assert fields["zabbix_hostid"] is None
    assert fields["zabbix_sync_status"] == "failed"


def test_write_back_can_be_switched_off(world: World) -> None:
    device = world.device("sw1")
    world.sync(write_back=[])
    fields = world.netbox.call("GET", f"dcim/devices/{device['id']}/")["custom_fields"]
    assert fields["zabbix_hostid"] is None
    assert not world.sync(write_back=[]).changed


def test_a_link_to_another_host_is_a_conflict(world: World) -> None:
    other, device = world.device("sw1"), world.device("sw2")
    world.sync()
    wrong = int(world.host("sw1")["hostid"])
    world.netbox.change("dcim/devices/", device["id"], custom_fields={"zabbix_hostid": wrong}, serial="new")
    result = world.sync()
    assert "NetBox links it to host id" in (of(result, "sw2").error or "")
    assert world.host("sw2")["inventory"]["serialno_a"] == ""
    assert other["id"] != device["id"]


def test_a_link_to_a_host_that_is_gone_is_only_old(world: World) -> None:
    device = world.device("sw1")
    world.sync()
    world.zabbix.remove_hosts([world.host("sw1")])
    result = world.sync()
    assert of(result, "sw1").action == "create"
    fields = world.netbox.call("GET", f"dcim/devices/{device['id']}/")["custom_fields"]
    assert fields["zabbix_hostid"] == int(world.host("sw1")["hostid"])


def test_two_hosts_that_claim_one_object_are_left_alone(world: World) -> None:
    world.device("sw1")
    world.sync()
    host = world.host("sw1")
    clone = {"host": "clone", "groups": [{"groupid": host["groups"][0]["groupid"]}], "tags": host["tags"]}
    world.zabbix.api("host.create", clone)
    result = world.sync()
    assert "2 Zabbix hosts carry its tag" in (of(result, "sw1").error or "")
    assert world.proxy.writes == []


def test_nested_host_groups_are_created_with_their_parents(world: World) -> None:
    world.device("sw1")
    world.sync(policy(host_groups=["T/a/b/{site}"]))
    found = world.zabbix.api("hostgroup.get", output=["name"], search={"name": "T"}, startSearch=True)
    assert {"T", "T/a", "T/a/b", "T/a/b/Berlin 1"} <= {group["name"] for group in found}


def test_config_context_and_custom_fields_are_layers(world: World) -> None:
    world.device(
        "sw1", local_context_data={"zabbix": {"templates": ["Zabbix server health"], "tags": {"from": "context"}}}
    )
    world.sync()
    host = world.host("sw1")
    assert names(host["parentTemplates"]) == {"ICMP Ping", "Zabbix server health"}
    assert tags(host) == {("site", "ber1"), ("from", "context")}


def test_another_instance_is_another_owner(world: World) -> None:
    world.device("sw1")
    world.sync()
    result = world.sync(instance="another", dry_run=True)
    assert "adopt" in (of(result, "sw1").error or "")


def test_a_policy_that_gives_two_hosts_one_name(world: World) -> None:
    world.device("sw1")
    world.device("sw2")
    result = world.sync(policy(technical_name="{site.slug}"))
    assert 'is to have the technical name "ber1" too' in (of(result, "sw2").error or "")
    assert [host["host"] for host in world.ours()] == ["ber1"]


def test_names_by_the_policy(world: World) -> None:
    world.device("sw1")
    mappings = policy(technical_name="{name}.{site.slug}", visible_name="{site}: {name}")
    world.sync(mappings)
    assert world.host("sw1.ber1")["name"] == "Berlin 1: sw1"
    assert not world.sync(mappings).changed
