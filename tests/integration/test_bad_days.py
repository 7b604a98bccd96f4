"""Bad days: networks that break, servers that fail, hosts that vanish, tokens that do not suffice. Nothing is lost or
doubled.
"""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import (
    GuardError,
    NetBoxError,
    NetboxZabbixError,
    ZabbixError,
)
from lab import zabbix as zabbix_lab

from integration.playing import start_alone
from integration.world import INSTANCE, World, names, of, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]


def refs(world: World) -> Counter[str]:
    """Return how many hosts each NetBox object has."""
    return Counter(tag["value"] for host in world.ours() for tag in host["tags"] if tag["tag"] == "netbox_id")


def each_has_one_host(world: World, number: int) -> None:
    found = refs(world)
    assert len(found) == number
    assert set(found.values()) == {1}, "an object has two hosts"


# --- Zabbix fails in the middle of a write


def test_a_lost_answer_to_new_hosts_makes_no_duplicates(world: World) -> None:
    for number in range(6):
        world.device(f"sw{number}")
    world.proxy.lose_next("host.create")
    result = world.sync()
    assert not result.failed, result.message
    assert result.stats["creates"] == 6
    each_has_one_host(world, 6)
    assert not world.sync().changed


def test_an_answer_lost_before_zabbix_committed_makes_no_duplicates(world: World) -> None:
    """The client gives up while Zabbix still works; the hosts appear after the read-back."""
    world.device("sw1")
    connection = world.zabbix.connection(url=world.proxy.url, timeout=1)
    world.proxy.delay_next(3, "host.create")
    result = world.sync(zabbix=connection)
    assert not result.failed, result.message
    each_has_one_host(world, 1)


def test_a_connection_cut_before_the_request_is_sent_again(world: World) -> None:
    for number in range(3):
        world.device(f"sw{number}")
    world.proxy.cut_next("host.create")
    result = world.sync()
    assert not result.failed, result.message
    each_has_one_host(world, 3)


def test_a_lost_answer_to_updates_is_read_back(world: World) -> None:
    devices = [world.device(f"sw{number}") for number in range(4)]
    world.sync()
    for device in devices:
        world.netbox.change("dcim/devices/", device["id"], serial="new")
    world.proxy.lose_next("host.update")
    result = world.sync()
    assert not result.failed, result.message
    assert len([host for host in result.hosts if host.action == "update"]) == 4
    assert {host["inventory"]["serialno_a"] for host in world.ours()} == {"new"}
    updates = [call for call in world.proxy.calls if "host.update" in call.methods]
    assert len(updates) == 1, "what was carried out is not sent again"


def test_php_out_of_memory_ends_in_smaller_requests(world: World) -> None:
    """HTTP 500 with an empty body is what PHP answers when its memory is used up."""
    for number in range(8):
        world.device(f"sw{number}")
    world.proxy.answer_next(500, "", "host.create", count=2)
    result = world.sync()
    assert not result.failed, result.message
    each_has_one_host(world, 8)


def test_php_really_out_of_memory(world: World) -> None:
    """No proxy in between: Zabbix's own PHP gets too little memory for an array of heavy hosts."""
    for number in range(24):
        world.device(f"sw{number}", ip=None)
    heavy = policy(templates=["Linux by Zabbix agent"], interfaces=[{"type": "agent", "address": "192.0.2.1"}])
    zabbix_lab.php_memory(world.zabbix.lab.version, "14M")
    try:
        result = world.sync(heavy, zabbix=world.zabbix.connection())
    finally:
        zabbix_lab.php_memory(world.zabbix.lab.version, "128M")
    assert not result.failed, result.message
    each_has_one_host(world, 24)
    assert any("reading back" in line for line in world.progress), "the limit was not reached"


def test_zabbix_gone_in_the_middle_leaves_what_was_made_and_the_next_run_makes_the_rest(world: World) -> None:
    for number in range(6):
        world.device(f"sw{number}", serial=str(number))
    world.sync(ids=[])
    world.zabbix.remove_hosts([host for host in world.ours() if host["host"] in ("sw3", "sw4", "sw5")])
    world.proxy.answer_next(503, "gone", "host.create", count=100)
    result = world.sync()
    assert {host.action for host in result.hosts} == {"failed"}
    assert all(host.error for host in result.hosts)
    world.proxy.clear()
    assert not world.sync().failed
    each_has_one_host(world, 6)


def test_a_deadlock_is_tried_again(world: World) -> None:
    world.device("sw1")
    error = {"code": -32500, "message": "Application error.", "data": "Database error occurred."}
    world.proxy.answer_next(200, json.dumps({"jsonrpc": "2.0", "error": error, "id": 1}), "host.create")
    result = world.sync()
    assert not result.failed, result.message
    each_has_one_host(world, 1)


def test_an_array_with_one_bad_host_creates_all_others(world: World) -> None:
    for number in range(9):
        world.device(f"sw{number}")
    mappings = [
        *policy(),
        {
            "name": "bad",
            "match": {"name": "sw4"},
            "interfaces": [{"type": "agent", "port": "{$OK}"}],
            "macros": {"{$X}": "y"},
        },
    ]
    hostname_taken: list[str] = []

    def take_the_name() -> None:
        group = world.zabbix.group("T/foreign")
        hostname_taken.extend(world.zabbix.api("host.create", host="sw4", groups=[{"groupid": group}])["hostids"])

    world.proxy.before_next("host.create", take_the_name)
    try:
        result = world.sync(mappings)
        assert [host.name for host in result.failed] == ["sw4"]
        assert "already exists" in (of(result, "sw4").error or "")
        assert len(world.ours()) == 8
    finally:
        world.zabbix.api("host.delete", hostname_taken)


def test_a_host_deleted_in_zabbix_while_we_run(world: World) -> None:
    devices = [world.device(f"sw{number}") for number in range(3)]
    world.sync()
    for device in devices:
        world.netbox.change("dcim/devices/", device["id"], serial="new")
    victim = world.host("sw1")
    world.proxy.before_next("host.update", lambda: world.zabbix.remove_hosts([victim]))
    result = world.sync()
    assert "deleted in Zabbix while this ran" in (of(result, "sw1").error or "")
    assert world.host("sw2")["inventory"]["serialno_a"] == "new"
    assert of(world.sync(), "sw1").action == "create"


def test_reads_are_repeated(world: World) -> None:
    world.device("sw1")
    world.proxy.cut_next("template.get")
    world.proxy.answer_next(502, "<html>Bad Gateway</html>", "host.get")
    world.proxy.truncate_next("host.get")
    assert not world.sync().failed


# --- Zabbix refuses


@pytest.mark.parametrize(
    ("token", "said"),
    [("expired_token", "expired"), ("wrong", "wrong, expired or disabled")],
)
def test_a_token_that_is_not_accepted(world: World, token: str, said: str) -> None:
    world.device("sw1")
    value = getattr(world.zabbix.lab, token, "0" * 64)
    with pytest.raises(ZabbixError, match=said) as caught:
        world.sync(token=value)
    assert value not in str(caught.value)
    assert world.proxy.writes == []


def test_a_user_that_may_only_read(world: World) -> None:
    world.device("sw1")
    result = world.sync(token=world.zabbix.lab.readonly_token)
    error = of(result, "sw1").error or ""
    assert error
    assert "Traceback" not in error


def test_a_user_that_may_not_create_groups_is_told_all_of_them_before_the_first_write(world: World) -> None:
    world.device("sw1")
    world.device("sw2", site=world.netbox.ids["site2"])
    world.device("sw3")
    mappings = [*policy(), {"name": "more", "match": {"name": ["sw1", "sw2"]}, "host_groups": ["T/new/{site}"]}]
    as_it_is = world.zabbix.connection(url=world.proxy.url)
    looked = world.sync(mappings, zabbix=as_it_is, dry_run=True)
    assert world.proxy.writes == []
    result = world.sync(mappings, zabbix=as_it_is)
    for one in (looked, result):
        assert "host groups are missing: T/new/Berlin 1" in (of(one, "sw1").error or "")
        assert "super admin" in (of(one, "sw1").error or "")
        (note,) = [text for text in one.notes if "T/new" in text]
        assert "T/new, T/new/Berlin 1, T/new/Hamburg 1" in note
        assert len(one.failed) == 2
    assert [host["host"] for host in world.ours()] == ["sw3"], "the others go on"
    assert not world.zabbix.api("hostgroup.get", output=["name"], search={"name": "T/new"}, startSearch=True)


def test_host_groups_that_an_administrator_makes_can_be_used_at_once(world: World) -> None:
    world.device("sw1")
    mappings = policy(host_groups=["T/new/{site}", "T at the top"])
    try:
        result = world.sync(mappings)
        assert not result.failed, result.message
        assert names(world.host("sw1")["groups"]) == {"T/new/Berlin 1", "T at the top"}
        assert not world.sync(mappings).changed
    finally:
        world.zabbix.remove_hosts(world.ours())
        world.zabbix.api("hostgroup.delete", [world.zabbix.group("T at the top")])


def test_a_super_admins_sync_makes_the_groups_itself(world: World) -> None:
    world.device("sw1")
    result = world.sync(policy(host_groups=["T/new/{site}"]), token=world.zabbix.lab.token)
    assert not result.failed, result.message
    assert names(world.host("sw1")["groups"]) == {"T/new/Berlin 1"}


# --- what the policy names is not there


def test_a_template_that_does_not_exist_names_the_nearest(world: World) -> None:
    world.device("sw1")
    world.device("sw2")
    mappings = [*policy(), {"name": "typo", "match": {"name": "sw1"}, "templates": ["Linux by Zabix agent"]}]
    result = world.sync(mappings)
    error = of(result, "sw1").error or ""
    assert 'no template "Linux by Zabix agent"' in error
    assert '"Linux by Zabbix agent"' in error
    assert 'mapping "typo"' in error
    assert len(world.ours()) == 1, "the other host went on"


def test_templates_that_share_a_parent(world: World) -> None:
    world.device("sw1")
    parent = world.zabbix.template("ICMP Ping")
    group = world.zabbix.group_of_templates()
    made = [
        world.zabbix.api(
            "template.create", host=f"tests {name}", groups=[{"groupid": group}], templates=[{"templateid": parent}]
        )["templateids"][0]
        for name in ("one", "two")
    ]
    try:
        result = world.sync(policy(templates=["tests one", "tests two"]))
        assert 'both contain "ICMP Ping"' in (of(result, "sw1").error or "")
    finally:
        world.zabbix.api("template.delete", made)


def test_a_proxy_that_does_not_exist(world: World) -> None:
    world.device("sw1")
    error = of(world.sync(policy(proxy="lab-prox")), "sw1").error or ""
    assert 'no proxy "lab-prox"' in error
    assert '"lab-proxy"' in error


def test_an_interface_without_an_address(world: World) -> None:
    world.device("sw1", ip=None)
    world.device("sw2")
    result = world.sync()
    assert "address" in (of(result, "sw1").error or "")
    assert len(world.ours()) == 1


# --- NetBox fails


def standin_only(world: World) -> None:
    if world.netbox.standin is None:
        pytest.skip("only a stand-in fails on demand")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 502, "count": 50}, "502"),
        ({"status": 200, "body": "<html><title>Log in</title></html>", "count": 50}, "web page"),
        ({"truncate": True, "count": 50}, "broke off"),
        (
            {"status": 403, "body": '{"detail": "Invalid v2 token"}', "content_type": "application/json", "count": 50},
            "token",
        ),
    ],
)
@pytest.mark.parametrize("path", ["/api/status", "/graphql", "/api/dcim"])
def test_netbox_answers_something_else(world: World, fault: dict[str, object], said: str, path: str) -> None:
    standin_only(world)
    world.device("sw1")
    assert world.netbox.standin is not None
    world.netbox.standin.fail_next(path_prefix=path, **fault)  # type: ignore[arg-type]
    with pytest.raises(NetboxZabbixError, match=said) as caught:
        world.sync()
    assert world.netbox.token not in str(caught.value)
    assert world.proxy.writes == []


def test_a_moment_of_trouble_is_got_over(world: World) -> None:
    standin_only(world)
    world.device("sw1")
    assert world.netbox.standin is not None
    world.netbox.standin.fail_next(status=503, path_prefix="/graphql", count=1)
    assert not world.sync().failed


def test_an_empty_netbox_is_not_an_empty_estate(world: World) -> None:
    world.device("sw1")
    world.sync()
    world.netbox.clean()
    with pytest.raises(GuardError, match="no device and no virtual machine"):
        world.sync()
    assert world.proxy.writes == []


def test_far_fewer_objects_than_hosts(world: World) -> None:
    for number in range(15):
        world.device(f"sw{number}")
    world.sync()
    world.netbox.clean()
    world.device("sw0")
    with pytest.raises(GuardError, match="1 objects, and Zabbix has 15 managed hosts"):
        world.sync()
    assert world.sync(min_objects_percent=0, dry_run=True).stats["archives"] == 15
    assert world.proxy.writes == []


def test_netbox_refuses_what_is_written_back(world: World) -> None:
    standin_only(world)
    world.device("sw1")
    assert world.netbox.standin is not None
    world.netbox.standin.fail_next(status=500, body="{}", path_prefix="/api/dcim/devices/", method="PATCH", count=50)
    result = world.sync()
    assert not result.failed, "a courtesy fails no host"
    assert any("500" in note for note in result.notes)
    assert len(world.ours()) == 1


def test_a_netbox_token_that_may_only_read(world: World) -> None:
    standin_only(world)
    world.device("sw1")
    assert world.netbox.standin is not None
    result = world.sync(netbox=world.netbox.connection(world.netbox.standin.readonly_token))
    assert not result.failed
    assert result.notes
    assert world.netbox.standin.readonly_token not in str(result.notes)


@pytest.mark.parametrize("token", ["expired_token", "wrong"])
def test_a_netbox_token_that_is_not_accepted(world: World, token: str) -> None:
    value = getattr(world.netbox.standin, token, None) or "nbt_unknownkey12.0123456789012345678901234567890123456789"
    with pytest.raises(NetBoxError, match="token") as caught:
        world.sync(netbox=world.netbox.connection(value))
    assert value not in str(caught.value)


def test_servers_that_are_not_there(world: World) -> None:
    nowhere = "http://127.0.0.1:9"
    with pytest.raises(NetBoxError, match="connection refused"):
        world.sync(netbox=NetBoxConnection(nowhere, "x" * 40))
    with pytest.raises(ZabbixError, match=r"cannot be reached at http://127\.0\.0\.1:9"):
        world.sync(zabbix=world.zabbix.connection(url=nowhere))
    with pytest.raises(ZabbixError, match="Check zabbix_url"):
        world.sync(zabbix=world.zabbix.connection(url=world.netbox.url))


# --- the guard


def test_a_plan_over_a_limit_writes_nothing(world: World) -> None:
    for number in range(3):
        world.device(f"sw{number}")
    with pytest.raises(GuardError, match=r"3 new hosts, over the limit of 2 \(netbox_zabbix_limits.creates.count\)"):
        world.sync(limits={"creates": {"count": 2}})
    assert world.proxy.writes == []
    assert world.netbox_writes() == []
    assert world.ours() == []


def test_many_hosts_losing_a_template_are_stopped(world: World) -> None:
    for number in range(12):
        world.device(f"sw{number}")
    two = policy(templates=["ICMP Ping", "Zabbix server health"])
    world.sync(two)
    with pytest.raises(GuardError, match=r"12 hosts losing a template, 100.0 % of 12 managed hosts"):
        world.sync()
    assert world.proxy.writes == []
    assert world.sync(limits={"template_removals": {"percent": 100}}).stats["template_removals"] == 12


def test_a_site_that_vanishes_stops_the_run(world: World, tmp_path: Path) -> None:
    """The 12 hosts are little of the whole; what a token limited to other sites gives looks just so."""
    ids = world.netbox.ids
    usual = {"role": ids["role"], "device_type": ids["type"], "status": "active"}
    sites = [ids["site2"]] * 12 + [ids["site"]] * 130
    rows = [{"name": f"sw{number}", "site": site, **usual} for number, site in enumerate(sites)]
    made = world.netbox.make_all("dcim/devices/", rows)
    bare: dict[str, Any] = {"mappings": policy(interfaces=[], templates=[]), "state_store": str(tmp_path)}
    world.sync(**bare)
    for device in made[:12]:
        world.netbox.remove("dcim/devices/", device["id"])

    with pytest.raises(GuardError, match=r"of 12 objects of site Hamburg 1 0 are left .*_min_site_objects_percent"):
        world.sync(**bare)
    assert world.proxy.writes == []
    with pytest.raises(GuardError, match=r"12 hosts archived of site Hamburg 1, 100.0 % of 12 .*archives.by.site"):
        world.sync(**bare, min_site_objects_percent=0)
    assert world.proxy.writes == []
    with pytest.raises(GuardError, match=r'12 hosts archived of host group "T/Hamburg 1" .* 100.0 % of 12'):
        world.sync(bare["mappings"])
    assert world.proxy.writes == []
    looked = world.sync(**bare, dry_run=True)
    assert "site Hamburg 1" in looked.refused
    assert looked.stats["archives"] == 12
    meant = {"min_site_objects_percent": 0, "limits": {"archives": {"by": {"site": {"percent": 100}}}}}
    assert world.sync(**bare, **meant).stats["archives"] == 12
    assert not world.sync(**bare).changed


# --- the run dies


@pytest.mark.parametrize("method", ["hostgroup.create", "host.create", "host.update"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_dies_is_healed_by_the_next(world: World, method: str, how: signal.Signals, tmp_path: Path) -> None:
    """The process is killed while Zabbix works on its request."""
    for number in range(6):
        world.device(f"sw{number}")
    token = world.zabbix.token
    if method == "host.update":
        world.sync(policy(tags={"old": "1"}))
    elif method == "hostgroup.create":
        world.zabbix.api("hostgroup.delete", [world.zabbix.group("T/Berlin 1")])
        token = world.zabbix.lab.token
    dead = threading.Event()
    started = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        started.wait(10)
        running[0].send_signal(how)
        running[0].wait(10)
        dead.set()

    world.proxy.lose_next(method, then=kill)
    running.append(_start(world, tmp_path, token))
    started.set()
    assert dead.wait(60), f"the run did not get so far: {(tmp_path / 'output').read_text()}"
    assert running[0].returncode != 0
    result = world.sync()
    assert not result.failed, result.message
    each_has_one_host(world, 6)
    assert not world.sync().changed


def _start(world: World, folder: Path, token: str) -> subprocess.Popen[bytes]:
    options = {"instance": INSTANCE, "mappings": policy()}
    return start_alone(world, options, folder / "output", zabbix=world.proxy.url, token=token)
