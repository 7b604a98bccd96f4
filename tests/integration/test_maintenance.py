"""Maintenance windows on real servers: hosts really enter and leave, targets follow, what is not ours stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import GuardError, InputError
from lab import zabbix as zabbix_lab
from zabbix_utils import Sender

from integration.maintaining import Maintaining, at, lasting, of, until
from integration.world import INSTANCE, World

pytestmark = pytest.mark.zabbix


@contextmanager
def limited_user(world: World) -> Iterator[str]:
    """Give the token of a user who may write all hosts and call everything, but not edit maintenance."""
    api = world.zabbix.api
    groups = api("hostgroup.get", output=["groupid"], search={"name": "T"}, startSearch=True)
    rights = [{"id": group["groupid"], "permission": 3} for group in groups]
    key = "hostgroup_rights" if world.zabbix.release >= (6, 2) else "rights"
    rules = {"actions.default_access": "0", "actions": [{"name": "edit_maintenance", "status": "0"}]}
    role = api("role.create", {"name": "no windows", "type": "2", "rules": rules})["roleids"][0]
    group = api("usergroup.create", {"name": "no windows", key: rights})["usrgrpids"][0]
    user = {"username": "no windows", "roleid": role, "passwd": "Tests.4-Maintenance", "usrgrps": [{"usrgrpid": group}]}
    userid = api("user.create", user)["userids"][0]
    token = api("token.create", {"name": "no windows", "userid": userid})["tokenids"][0]
    try:
        yield api("token.generate", [token])[0]["token"]
    finally:
        api("token.delete", [token])
        api("user.delete", [userid])
        api("usergroup.delete", [group])
        api("role.delete", [role])


def test_hosts_of_a_site_enter_and_leave(maintaining: Maintaining) -> None:
    """The whole life of a window: declared for a site, in force, a device joins, another leaves, ended."""
    world = maintaining.world
    world.device("m-a")
    world.vm("m-b")
    world.device("m-else", site=world.netbox.ids["site2"])
    moving = world.device("m-c")
    world.sync()
    context = maintaining.context({"patch": lasting(description="Patches", tags=[{"tag": "scope", "value": "x"}])})

    result = maintaining.run(wait=150, want_diff=True)
    assert (of(result, "patch").action, of(result, "patch").hosts, result.failed) == ("create", 3, [])
    assert "+ patch\n" in result.diff
    assert "hosts: m-a, m-b, m-c" in result.diff
    assert maintaining.inside("m-a", "m-b", "m-c", "m-else") == {
        **dict.fromkeys(("m-a", "m-b", "m-c"), ("1", "0")),
        "m-else": ("0", "0"),
    }
    again = maintaining.run(wait=150)
    assert (again.changed, again.windows, again.stats["unchanged"], world.proxy.writes) == (False, [], 1, [])

    world.device("m-new")
    world.netbox.change("dcim/devices/", moving["id"], site=world.netbox.ids["site2"])
    world.sync()
    result = maintaining.run(wait=150, want_diff=True)
    assert (of(result, "patch").action, of(result, "patch").changes, result.failed) == ("update", ["hosts"], [])
    assert "    - hosts: m-c\n    + hosts: m-new\n" in result.diff
    assert {name: state[0] for name, state in maintaining.inside("m-a", "m-new", "m-c").items()} == {
        "m-a": "1",
        "m-new": "1",
        "m-c": "0",
    }

    maintaining.redeclare(context, {})
    result = maintaining.run(wait=150)
    assert (of(result, "patch").action, of(result, "patch").reason) == ("delete", "nothing declares it any more")
    assert result.failed == []
    assert set(maintaining.inside("m-a", "m-b", "m-new").values()) == {("0", "0")}
    assert maintaining.ours() == []


def test_problems_are_suppressed_and_data_collection_stops(maintaining: Maintaining) -> None:
    """What a window is for: no alarm, or no data at all."""
    world = maintaining.world
    api = world.zabbix.api
    for name in ("m-quiet", "m-dark"):
        world.device(name)
    world.sync()
    for name in ("m-quiet", "m-dark"):
        item = {"hostid": world.host(name)["hostid"], "name": "value", "key_": "value", "type": 2, "value_type": 3}
        api("item.create", item)
        api("trigger.create", {"description": f"{name} is bad", "expression": f"last(/{name}/value)>0"})
    result = maintaining.run(
        [
            {"name": "quiet", **lasting(), "match": {"name": "m-quiet"}},
            {"name": "dark", **lasting(), "match": {"name": "m-dark"}, "collect_data": False},
        ],
        wait=150,
    )
    assert result.failed == []
    assert maintaining.inside("m-quiet", "m-dark") == {"m-quiet": ("1", "0"), "m-dark": ("1", "1")}
    sender = Sender(server="127.0.0.1", port=zabbix_lab.server_port(world.zabbix.lab.version))

    def arrives(name: str) -> bool:
        # the server takes a value in any case, and drops it then
        assert sender.send_value(name, "value", 1)
        time.sleep(3)
        return bool(api("history.get", {"hostids": [world.host(name)["hostid"]], "history": 3}))

    def suppressed(name: str) -> bool:
        asked = {"hostids": [world.host(name)["hostid"]], "suppressed": True, "selectSuppressionData": "extend"}
        return bool(api("problem.get", asked))

    until(lambda: arrives("m-quiet"))
    until(lambda: suppressed("m-quiet"))
    assert not arrives("m-dark")
    assert maintaining.run([], wait=150).stats["deleted"] == 2
    until(lambda: arrives("m-dark"))
    until(lambda: not suppressed("m-quiet"))
    assert api("problem.get", {"hostids": [world.host("m-quiet")["hostid"]], "suppressed": False})


def test_a_window_from_each_source(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("m-a", local_context_data={"zabbix_maintenance": {"local": lasting()}})
    world.device("m-off", status="offline")
    world.vm("m-vm")
    world.sync()
    maintaining.context({"site": lasting(), "narrow": lasting(match={"kind": "virtual_machine"})})
    result = maintaining.run(
        [
            {"name": "list", **lasting(collect_data=False), "match": {"role": "switch"}},
            {"name": "while off", "match": {"status": "offline"}, "open": True},
        ]
    )
    assert result.failed == []
    windows = {name: maintaining.window(name)["hosts"] for name in maintaining.ours()}
    assert windows == {
        "list": ["m-a", "m-off"],
        "local": ["m-a"],
        "narrow": ["m-vm"],
        "site": ["m-a", "m-off", "m-vm"],
        "while off": ["m-off"],
    }
    assert maintaining.window("list")["maintenance_type"] == "1"
    assert not maintaining.run(
        [
            {"name": "list", **lasting(collect_data=False), "match": {"role": "switch"}},
            {"name": "while off", "match": {"status": "offline"}, "open": True},
        ]
    ).failed


def test_wrong_windows_stop_no_other(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("m-a")
    world.device("m-b", site=world.netbox.ids["site2"])
    world.sync()
    foreign = maintaining.foreign(f"clash [{INSTANCE}]")
    before = maintaining.picture(f"clash [{INSTANCE}]")
    maintaining.context({"good": lasting(), "clash": lasting(), "two": lasting(), "long": lasting(400 * 24)})
    maintaining.context({"two": lasting(3)}, "other", sites=[world.netbox.ids["site2"]])
    maintaining.context({"everyone": lasting(), "all": lasting(match="all")}, "global", sites=[])
    blind = maintaining.run(only=["clash"])
    assert "already exists. It is one that zabbix_token may not see" in (of(blind, "clash").error or "")
    result = maintaining.run(token=world.zabbix.lab.token)
    errors = {one.name: one.error or "" for one in result.windows if one.action == "failed"}
    assert set(errors) == {"clash", "two", "long", "everyone"}
    assert f"(id {foreign}) that is not ours" in errors["clash"]
    assert 'the config contexts "maintenance" and "other" declare "two" differently' in errors["two"]
    assert 'config context "maintenance": zabbix_maintenance.long: end: it lasts 400d' in errors["long"]
    assert "the context is not assigned to anything, so that the window covers" in errors["everyone"]
    assert maintaining.ours() == ["all", "clash", "good"]
    assert maintaining.picture(f"clash [{INSTANCE}]") == before


def test_recurring_windows_come_and_go(maintaining: Maintaining) -> None:
    """One written out, one in the server's own words (its zone is UTC)."""
    world = maintaining.world
    world.device("m-a")
    world.device("m-b", site=world.netbox.ids["site2"])
    world.sync()
    clock = at(minutes=-2)[11:16]
    daily = {"time_zone": "UTC", "periods": [{"every": "day", "at": clock, "duration": "1h"}]}
    declared: list[dict[str, Any]] = [
        {"name": "written out", "match": {"site": "ber1"}, **daily},
        {"name": "other", "match": {"site": "ham1"}, **daily, "collect_data": False},
    ]
    result = maintaining.run(declared, wait=150)
    assert result.failed == []
    assert {period["timeperiod_type"] for period in maintaining.window("written out")["timeperiods"]} == {"0"}
    assert maintaining.inside("m-a", "m-b") == {"m-a": ("1", "0"), "m-b": ("1", "1")}
    assert not maintaining.run(declared).changed

    result = maintaining.run(declared, wait=150, server_time_zone="UTC")
    assert {one.action for one in result.windows} == {"update"}
    (period,) = maintaining.window("written out")["timeperiods"]
    assert (period["timeperiod_type"], period["every"]) == ("2", "1")
    assert not maintaining.run(declared, server_time_zone="UTC").changed
    assert maintaining.inside("m-a", "m-b") == {"m-a": ("1", "0"), "m-b": ("1", "1")}

    later = at(hours=3)[11:16]
    for one in declared:
        one["periods"] = [{"every": "day", "at": later, "duration": "1h"}]
    result = maintaining.run(declared, wait=150, server_time_zone="UTC")
    assert result.failed == []
    until(lambda: maintaining.inside("m-a", "m-b") == {"m-a": ("0", "0"), "m-b": ("0", "0")})


def test_past_windows_are_not_made_and_an_end_in_the_past_ends_them(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("m-a")
    world.sync()
    context = maintaining.context({"past": {"start": at(hours=-3), "end": at(hours=-1)}, "on": lasting()})
    result = maintaining.run()
    assert of(result, "past").action == "over"
    assert maintaining.ours() == ["on"]
    maintaining.redeclare(context, {"on": {"start": at(hours=-3), "end": at(minutes=-1)}})
    result = maintaining.run()
    assert (of(result, "on").action, of(result, "on").reason) == ("delete", "it is over")
    assert maintaining.ours() == []


def test_hosts_that_are_gone_take_their_window_with_them(maintaining: Maintaining) -> None:
    world = maintaining.world
    device = world.device("m-a")
    world.device("m-b", site=world.netbox.ids["site2"])
    world.sync()
    maintaining.context({"lonely": lasting()})
    maintaining.run()
    assert maintaining.ours() == ["lonely"]
    host = world.host("m-a")
    tags = [{"tag": tag["tag"], "value": tag["value"]} for tag in host["tags"]]
    world.zabbix.api(
        "host.update", {"hostid": host["hostid"], "tags": [*tags, {"tag": "netbox_archived", "value": "2026-11-24"}]}
    )
    result = maintaining.run()
    assert (of(result, "lonely").action, of(result, "lonely").reason) == (
        "delete",
        "no host of Zabbix is of its objects",
    )
    assert maintaining.ours() == []
    assert device


def test_more_removals_than_may_be_stop_the_run(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("m-a")
    world.sync()
    context = maintaining.context({f"w{number}": lasting() for number in range(4)})
    maintaining.run()
    maintaining.redeclare(context, {})
    with pytest.raises(GuardError, match="4 windows would be removed from Zabbix, over the limit of 3"):
        maintaining.run(max_deletions={"count": 3})
    checked = maintaining.run(max_deletions={"count": 3}, dry_run=True)
    assert "over the limit of 3" in checked.refused
    assert world.proxy.writes == []
    assert len(maintaining.ours()) == 4
    maintaining.run(max_deletions={"count": 4})
    assert maintaining.ours() == []


def test_check_mode_writes_nothing(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("m-a")
    world.sync()
    maintaining.context({"patch": lasting()})
    result = maintaining.run(dry_run=True, want_diff=True)
    assert (result.changed, of(result, "patch").action) == (True, "create")
    assert (world.proxy.writes, world.netbox_writes(), maintaining.ours()) == ([], [], [])


def test_foreign_windows_are_never_touched(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("m-a")
    world.sync()
    maintaining.foreign()
    other = maintaining.foreign(
        "another instance's", description='netops.netbox_zabbix {"instance": "x", "window": "w"}'
    )
    before = (maintaining.picture(), maintaining.picture("another instance's"))
    context = maintaining.context({"w": lasting()})
    maintaining.run()
    maintaining.redeclare(context, {})
    maintaining.run()
    assert (maintaining.picture(), maintaining.picture("another instance's")) == before
    assert other


def test_what_people_change_is_put_right_and_their_copy_is_left(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("m-a")
    world.sync()
    maintaining.context({"w": lasting(description="ours")})
    maintaining.run()
    live = maintaining.window("w")
    maintaining.foreign("a copy", description=live["description"])
    copy = maintaining.picture("a copy")
    world.zabbix.api(
        "maintenance.update", {"maintenanceid": live["maintenanceid"], "name": "renamed", "maintenance_type": 1}
    )
    # two with one mark and neither with our name: the older one is ours
    result = maintaining.run(want_diff=True, token=world.zabbix.lab.token)
    assert of(result, "w").changes == ["name", "collect_data"]
    assert "    - name: renamed" in result.diff
    assert maintaining.window("w")["maintenance_type"] == "0"
    assert maintaining.picture("a copy") == copy
    assert of(maintaining.run(token=world.zabbix.lab.token), "a copy").action == "copy"


def test_a_whole_group_is_covered_as_a_group(maintaining: Maintaining) -> None:
    """The cheaper way, only where the group holds just the window's hosts; one host more and it is a list again."""
    world = maintaining.world
    for number in range(100):
        world.device(f"m-{number:03d}", ip=None)
    mappings = [{"name": "all", "host_groups": ["T/{site}"], "tags": {"x": "y"}}]
    world.sync(mappings)
    maintaining.context({"site": lasting()})
    maintaining.run()
    assert (maintaining.window("site")["groups"], maintaining.window("site")["hosts"]) == (["T/Berlin 1"], [])
    assert not maintaining.run().changed
    group = world.zabbix.group("T/Berlin 1")
    stranger = world.zabbix.api("host.create", host="stranger", groups=[{"groupid": group}])["hostids"]
    try:
        result = maintaining.run(want_diff=True)
        assert of(result, "site").changes == ["hosts", "groups"]
        assert "stranger" not in maintaining.window("site")["hosts"]
        assert len(maintaining.window("site")["hosts"]) == 100
    finally:
        world.zabbix.api("host.delete", stranger)


def test_without_the_right_to_write_windows(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("m-a")
    world.sync()
    maintaining.context({"w": lasting()})
    with limited_user(world) as token:
        result = maintaining.run(token=token)
    error = of(result, "w").error or ""
    assert "edit_maintenance" in error
    assert "maintenance.get, .create, .update and .delete" in error


@pytest.mark.parametrize("method", ["maintenance.create", "maintenance.update", "maintenance.delete"])
@pytest.mark.parametrize("kind", ["cut", "lose"])
def test_lost_answers(maintaining: Maintaining, method: str, kind: str) -> None:
    """A request that is cut off, or carried out without an answer: the run ends with what was declared, once."""
    world = maintaining.world
    world.device("m-a")
    world.sync()
    context = maintaining.context({"a": lasting(), "b": lasting()})
    if method != "maintenance.create":
        maintaining.run()
    if method == "maintenance.update":
        maintaining.redeclare(context, {"a": lasting(4), "b": lasting(4)})
    if method == "maintenance.delete":
        maintaining.redeclare(context, {})
    if kind == "cut":
        world.proxy.cut_next(method)
    else:
        world.proxy.lose_next(method)
    result = maintaining.run()
    assert result.failed == []
    assert len([one for one in result.windows if one.action in ("create", "update", "delete")]) == 2
    assert maintaining.ours() == ([] if method == "maintenance.delete" else ["a", "b"])
    assert not maintaining.run().changed


def test_unknown_names_and_wrong_options(maintaining: Maintaining) -> None:
    with pytest.raises(InputError, match='only: nothing declares a window "nosuch"'):
        maintaining.run(only=["nosuch"])
    with pytest.raises(InputError, match="server_time_zone: no time zone is called"):
        maintaining.run(server_time_zone="Mars/Base")
    result = maintaining.run([{"name": "w", **lasting(), "match": {"site": "berlin9"}}])
    assert 'NetBox has no site with the slug "berlin9"' in (of(result, "w").error or "")
