"""How hosts end and come back on a real Zabbix: what is kept is looked at by id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.purge import purge_archived
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions

from integration.world import INSTANCE, POLICY, TOP, World, names, of, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

GRAVEYARD = TOP + "/archive"
DEVICES = "dcim/devices/"


def items(world: World, hostid: str) -> list[str]:
    """Return the ids of a host's items, which their history hangs on."""
    found = world.zabbix.api("item.get", hostids=[hostid], output=["itemid"], sortfield="itemid")
    return [item["itemid"] for item in found]


def by_id(world: World, hostid: str) -> dict[str, Any]:
    (found,) = world.zabbix.hosts(hostids=[hostid])
    return found


def plain(host: dict[str, Any]) -> dict[str, Any]:
    """Return a host as it compares: without our macros (their ids change) and in a stable order."""
    kept = {key: value for key, value in host.items() if key not in ("macros", "tags", "groups")}
    kept["macros"] = sorted(m["macro"] for m in host["macros"] if not m["macro"].startswith("{$NETBOX."))
    kept["tags"] = sorted((tag["tag"], tag["value"]) for tag in host["tags"])
    kept["groups"] = sorted(names(host["groups"]))
    return kept


def settled(world: World) -> tuple[Any, ...]:
    """A second run changes nothing."""
    again = world.sync()
    return again.changed, world.proxy.writes, world.netbox_writes()


NOTHING: tuple[Any, ...] = (False, [], [])


def test_a_host_leaves_with_its_history_and_comes_back_with_it(world: World) -> None:
    world.device("stays")
    device = world.device("sw1", serial="S-1")
    world.sync()
    before = world.host("sw1")
    hostid = before["hostid"]
    group = world.zabbix.group(TOP + "/by hand")
    world.zabbix.api("host.massadd", hosts=[{"hostid": hostid}], groups=[{"groupid": group}])
    before, history = by_id(world, hostid), items(world, hostid)
    assert history

    world.netbox.change(DEVICES, device["id"], status="decommissioning")
    result = world.sync()
    assert of(result, "sw1").action == "archive"
    away = by_id(world, hostid)
    assert (away["status"], names(away["groups"]), items(world, hostid)) == ("1", {GRAVEYARD}, history)
    assert settled(world) == NOTHING

    world.netbox.change(DEVICES, device["id"], status="active")
    result = world.sync()
    assert of(result, "sw1").action == "restore"
    assert plain(by_id(world, hostid)) == plain(before)
    assert items(world, hostid) == history
    assert settled(world) == NOTHING


def test_an_object_that_is_made_anew_takes_over_its_host(world: World) -> None:
    world.device("stays")
    old = world.device("sw1", serial="S-1")
    world.sync()
    hostid = world.host("sw1")["hostid"]
    history = items(world, hostid)
    world.netbox.remove(DEVICES, old["id"])
    assert of(world.sync(), "sw1").reasons == ["gone"]
    new = world.device("sw1-new", serial="S-1")
    assert of(world.sync(), "sw1-new").action == "restore"
    back = world.host("sw1-new")
    assert (back["hostid"], items(world, hostid)) == (hostid, history)
    assert {"tag": "netbox_id", "value": f"device:{new['id']}"} in back["tags"]
    assert {"tag": "netbox_id", "value": f"device:{old['id']}"} not in back["tags"]
    assert settled(world) == NOTHING


def test_a_name_is_free_for_another_as_soon_as_its_host_is_archived(world: World) -> None:
    old = world.device("sw1")
    world.sync()
    hostid = world.host("sw1")["hostid"]
    world.netbox.change(DEVICES, old["id"], name="sw1-old", status="decommissioning")
    world.device("sw1")
    result = world.sync()
    assert not result.failed
    assert world.host("sw1")["hostid"] != hostid
    # and back again, under the name that it has now
    world.netbox.change(DEVICES, old["id"], status="active")
    assert not world.sync().failed
    assert world.host("sw1-old")["hostid"] == hostid
    assert settled(world) == NOTHING


def test_hosts_are_deleted_only_where_the_policy_says_so(world: World) -> None:
    world.device("stays")
    device = world.device("sw1")
    world.sync()
    hostid = world.host("sw1")["hostid"]
    world.netbox.remove(DEVICES, device["id"])
    result = world.sync(deletion={"gone": "keep"})
    assert (of(result, "sw1").action, world.proxy.writes) == ("orphan", [])
    plan = world.sync(deletion={"gone": "delete"}, dry_run=True, want_diff=True)
    assert (plan.stats["deletes"], plan.stats["cleared_items"]) == (1, len(items(world, hostid)))
    assert world.proxy.writes == []
    assert of(world.sync(deletion={"gone": "delete"}), "sw1").action == "delete"
    assert world.zabbix.hosts(hostids=[hostid]) == []


def test_a_clone_by_hand_is_a_conflict_until_a_person_decides(world: World) -> None:
    world.device("sw1")
    world.sync()
    real = world.host("sw1")
    clone = {key: real[key] for key in ("tags",)} | {
        "host": "clone",
        "groups": [{"groupid": group["groupid"]} for group in real["groups"]],
        "macros": [{"macro": macro["macro"], "value": macro["value"]} for macro in real["macros"]],
    }
    copy = world.zabbix.api("host.create", clone)["hostids"][0]
    result = world.sync()
    assert "2 Zabbix hosts carry its tag" in (result.failed[0].error or "")
    assert world.proxy.writes == []
    device = next(tag["value"] for tag in real["tags"] if tag["tag"] == "netbox_id")
    assert of(world.sync(resolve={device: real["hostid"]}), "clone").action == "release"
    free = by_id(world, copy)
    assert {tag["tag"] for tag in free["tags"]} == {"site"}
    assert free["macros"] == []
    assert by_id(world, real["hostid"]) == real
    assert settled(world) == NOTHING
    world.zabbix.api("host.delete", [copy])


def test_the_archive_is_purged_after_a_time_and_never_of_what_is_back(world: World) -> None:
    world.device("stays")
    gone, back, off = world.device("gone"), world.device("back"), world.device("off")
    world.sync()
    ids = {name: world.host(name)["hostid"] for name in ("gone", "back", "off")}
    world.netbox.remove(DEVICES, gone["id"])
    for device in (back, off):
        world.netbox.change(DEVICES, device["id"], status="decommissioning")
    assert world.sync().stats["archives"] == 3
    world.netbox.change(DEVICES, back["id"], status="active")
    today = datetime.now(UTC).date()

    def purge(days: int, **options: Any) -> Any:
        given = SyncOptions(INSTANCE, POLICY, deletion={"graveyard": GRAVEYARD}, **options)
        world.proxy.calls.clear()
        sides = world.netbox.connection(), world.zabbix.connection(None, world.proxy.url)
        return purge_archived(*sides, given, 30, today + timedelta(days=days), world.progress.append)

    assert (purge(30).stats["deletes"], world.proxy.writes) == (0, [])
    dry = purge(31, dry_run=True)
    assert (dry.stats["deletes"], world.proxy.writes) == (2, [])
    assert purge(31).stats["deletes"] == 2
    assert [host["hostid"] for host in world.zabbix.hosts(hostids=list(ids.values()))] == [ids["back"]]
    assert (purge(31).stats["deletes"], world.proxy.writes) == (0, [])
    assert of(world.sync(), "back").action == "restore"


def test_two_new_members_and_an_old_one_of_a_rotation_that_also_ends(world: World) -> None:
    one, two, three = world.device("a"), world.device("b"), world.device("c")
    world.sync()
    ids = [world.host(name)["hostid"] for name in "abc"]
    world.netbox.change(DEVICES, one["id"], name="parked")
    world.netbox.change(DEVICES, three["id"], name="a")
    world.netbox.change(DEVICES, two["id"], name="c")
    world.netbox.change(DEVICES, one["id"], name="b", status="decommissioning")
    assert not world.sync(policy()).failed
    assert (world.host("c")["hostid"], world.host("a")["hostid"]) == (ids[1], ids[2])
    world.netbox.change(DEVICES, one["id"], status="active")
    assert not world.sync().failed
    assert world.host("b")["hostid"] == ids[0]
