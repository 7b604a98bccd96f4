"""Names that change places, hosts and what they need vanishing in mid-run, hosts that are not ours.

Elsewhere: names that swap or rotate, a foreign host of the same name (`test_sync.py`); a host deleted by hand before
its update, write-back that fails (`test_bad_days.py`); hosts in maintenance (`test_change_window.py`); clones by hand
(`test_life_cycle.py`). 500 foreign hosts stand beside every test and are compared at the end (`world.Foreigners`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lab import zabbix as zabbix_lab

from integration.world import INSTANCE, TOP, World, names, of, policy, tags

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

DEVICES = "dcim/devices/"
NOTHING: tuple[Any, ...] = (False, [], [])


def settled(world: World, mappings: Any = None, **options: Any) -> tuple[Any, ...]:
    """A second run changes nothing."""
    again = world.sync(mappings, **options)
    return again.changed, world.proxy.writes, again.failed


def rename(world: World, *pairs: tuple[dict[str, Any], str]) -> None:
    """Give devices their new names at once, as NetBox does: over names that nobody has."""
    for device, dummy in pairs:
        world.netbox.change(DEVICES, device["id"], name=f"between-{device['id']}")
    for device, name in pairs:
        world.netbox.change(DEVICES, device["id"], name=name)


@contextmanager
def foreign(world: World, **fields: Any) -> Iterator[str]:
    """Have a host of other people for a while."""
    group = [{"groupid": world.zabbix.group(TOP + "/foreign")}]
    hostid = world.zabbix.api("host.create", {"groups": group, **fields})["hostids"][0]
    try:
        yield hostid
    finally:
        world.zabbix.api("host.delete", [hostid])


# --- names


def test_a_swap_and_a_rotation_in_one_run_with_other_changes_of_the_same_hosts(world: World) -> None:
    before = ("a", "b", "x", "y", "z")
    devices = {name: world.device(name) for name in before}
    world.sync()
    ids = {name: world.host(name)["hostid"] for name in before}
    after = {"a": "b", "b": "a", "x": "y", "y": "z", "z": "x"}
    rename(world, *((devices[old], new) for old, new in after.items()))
    for device in devices.values():
        world.netbox.change(DEVICES, device["id"], serial="new")
    result = world.sync()
    assert not result.failed, result.message
    for old, new in after.items():
        found = world.host(new)
        assert (found["hostid"], found["name"], found["inventory"]["serialno_a"]) == (ids[old], new, "new")
    assert settled(world) == NOTHING


def test_a_rename_onto_the_name_that_an_archived_host_had(world: World) -> None:
    old, new = world.device("sw1"), world.device("sw2")
    world.device("stays")
    world.sync()
    ids = {name: world.host(name)["hostid"] for name in ("sw1", "sw2")}
    world.netbox.remove(DEVICES, old["id"])
    world.sync()
    world.netbox.change(DEVICES, new["id"], name="sw1")
    assert not world.sync().failed
    assert world.host("sw1")["hostid"] == ids["sw2"]
    # the very name that the archived host has now
    world.netbox.change(DEVICES, new["id"], name=f"sw1_archived-{ids['sw1']}")
    (failed,) = world.sync().failed
    assert f"another host of ours, host id {ids['sw1']}, has the technical name" in (failed.error or "")
    assert world.host("sw1")["hostid"] == ids["sw2"], "it stays as it was"
    world.netbox.change(DEVICES, new["id"], name="sw1")
    assert world.sync().failed == []
    assert settled(world) == NOTHING


def test_visible_names_that_clash(world: World) -> None:
    world.device("sw1")
    world.device("sw2")
    with foreign(world, host="other", name="Berlin 1: sw1") as hostid:
        mappings = policy(visible_name="{site}: {name}")
        result = world.sync(mappings)
        error = of(result, "sw1").error or ""
        assert f'host id {hostid} has the visible name "Berlin 1: sw1" already' in error
        assert world.host("sw2")["name"] == "Berlin 1: sw2", "the other host went on"
        assert world.host("other")["name"] == "Berlin 1: sw1"
    assert of(world.sync(mappings), "sw1").action == "create"
    # two of ours: the first in the order of names gets it
    result = world.sync(policy(visible_name="{site}"))
    assert len(result.failed) == 1
    assert 'is to have the visible name "Berlin 1" too' in (of(result, "sw2").error or "")
    assert (world.host("sw1")["name"], world.host("sw2")["name"]) == ("Berlin 1", "Berlin 1: sw2")


def test_a_device_that_moved_to_another_site_and_was_renamed_at_once(world: World) -> None:
    device = world.device("ber1-sw1", serial="S-1")
    world.sync()
    before = world.host("ber1-sw1")
    world.netbox.change(DEVICES, device["id"], name="ham1-sw9", site=world.netbox.ids["site2"])
    result = world.sync()
    assert not result.failed, result.message
    assert len([call for call in world.proxy.writes if "host.update" in call.methods]) == 1
    now = world.host("ham1-sw9")
    assert (now["hostid"], names(now["groups"]), tags(now)) == (
        before["hostid"],
        {TOP + "/Hamburg 1"},
        {("site", "ham1")},
    )
    assert [one["interfaceid"] for one in now["interfaces"]] == [one["interfaceid"] for one in before["interfaces"]]
    assert settled(world) == NOTHING


# --- what vanishes in mid-run


def test_a_host_deleted_by_hand_before_it_is_archived(world: World) -> None:
    device = world.device("sw1")
    other = world.device("sw2")
    world.sync()
    for one in (device, other):
        world.netbox.change(DEVICES, one["id"], status="decommissioning")
    victim = world.host("sw1")
    world.proxy.before_next("host.update", lambda: world.zabbix.remove_hosts([victim]))
    result = world.sync()
    assert "deleted in Zabbix while this ran" in (of(result, "sw1").error or "")
    assert of(result, "sw2").action == "archive"
    assert world.sync().failed == []
    assert settled(world) == NOTHING


@pytest.mark.parametrize("new", [True, False])
def test_a_template_deleted_in_mid_run(world: World, new: bool) -> None:
    group = [{"groupid": world.zabbix.group_of_templates()}]
    made = world.zabbix.api("template.create", host="tests short-lived", groups=group)["templateids"][0]
    world.device("sw1")
    world.device("sw2")
    mappings = [*policy(), {"name": "more", "match": {"name": "sw1"}, "templates": ["tests short-lived"]}]
    if not new:
        world.sync()
    method = "host.create" if new else "host.update"
    world.proxy.before_next(method, lambda: world.zabbix.api("template.delete", [made]))
    result = world.sync([*mappings, {"name": "both", "tags": {"more": "1"}}])
    error = of(result, "sw1").error or ""
    assert error
    assert "Traceback" not in error
    assert ("more", "1") in tags(world.host("sw2")), "the other host went on"
    # the next run says what is wrong before it writes
    result = world.sync(mappings)
    assert 'no template "tests short-lived"' in (of(result, "sw1").error or "")
    assert not world.sync().failed
    assert settled(world) == NOTHING


def test_a_proxy_removed_in_mid_run(world: World) -> None:
    new = world.zabbix.release >= (7, 0)
    fields = {"name": "tests proxy", "operating_mode": 0} if new else {"host": "tests proxy", "status": 5}
    proxy = world.zabbix.api("proxy.create", fields)["proxyids"][0]
    world.device("sw1")
    world.device("sw2")
    mappings = [*policy(), {"name": "far", "match": {"name": "sw1"}, "proxy": "tests proxy"}]
    world.proxy.before_next("host.create", lambda: world.zabbix.api("proxy.delete", [proxy]))
    result = world.sync(mappings)
    assert of(result, "sw1").error
    assert [host["host"] for host in world.ours()] == ["sw2"], "the other host went on"
    assert 'no proxy "tests proxy"' in (of(world.sync(mappings), "sw1").error or "")
    assert of(world.sync(), "sw1").action == "create"


def test_write_back_that_fails_for_all_changes_nothing_for_the_hosts(world: World) -> None:
    if world.netbox.standin is None:
        pytest.skip("only a stand-in fails on demand")
    devices = [world.device(f"sw{number}") for number in range(12)]
    world.netbox.standin.fail_next(status=403, body='{"detail": "no"}', path_prefix="/api/", method="PATCH", count=99)
    result = world.sync()
    assert not result.failed, "a courtesy fails no host"
    assert len(world.ours()) == 12
    assert len([note for note in result.notes if "12" in note or "and 7 more" in note]) == 1, "told once"
    world.netbox.standin.no_faults()
    # the next run writes what NetBox lacks, and nothing to Zabbix
    assert world.sync().stats["written_back"] == 12
    assert world.proxy.writes == []
    device = world.netbox.call("GET", f"{DEVICES}{devices[0]['id']}/")
    assert str(device["custom_fields"]["zabbix_hostid"]) == world.host("sw0")["hostid"]


# --- hosts that are not ours


def test_discovered_hosts_are_never_touched_whatever_tags_they_carry(world: World) -> None:
    """A host prototype may have our tags: what it makes is Zabbix's own, and cannot be changed."""
    device = world.device("sw1")
    world.device("vm-of-a-hypervisor")
    world.sync(names=["sw1"])

    def marked(ref: str) -> list[dict[str, str]]:
        return [{"tag": "netbox_instance", "value": INSTANCE}, {"tag": "netbox_id", "value": ref}]

    with (
        foreign(world, host="twin", tags=marked(f"device:{device['id']}")) as twin,
        foreign(world, host="orphan", tags=marked("device:999999")) as orphan,
        foreign(world, host="vm-of-a-hypervisor") as taken,
    ):
        ids = f"({twin}, {orphan}, {taken})"
        flag = f"UPDATE hosts SET flags = %d WHERE hostid IN {ids}"
        zabbix_lab.database(world.zabbix.lab.version, flag % 4)
        try:
            before = _picture(world, twin, orphan, taken)
            result = world.sync(deletion={"gone": "delete"}, limits={"deletes": {"percent": None}})
            assert f"host id {taken} has the technical name" in (of(result, "vm-of-a-hypervisor").error or "")
            assert [host.name for host in result.failed] == [of(result, "vm-of-a-hypervisor").name]
            assert (result.stats["orphans"], result.stats["deletes"], result.stats["managed"]) == (0, 0, 1)
            world.netbox.change(DEVICES, device["id"], serial="new")
            assert of(world.sync(), "sw1").action == "update"
            world.netbox.change(DEVICES, device["id"], status="decommissioning")
            assert of(world.sync(), "sw1").action == "archive"
            assert _picture(world, twin, orphan, taken) == before
        finally:
            zabbix_lab.database(world.zabbix.lab.version, flag % 0)


def test_hosts_of_another_instance_and_of_nobody_are_never_touched(world: World) -> None:
    device = world.device("sw1")
    ref = f"device:{device['id']}"
    with (
        foreign(
            world,
            host="of another",
            tags=[{"tag": "netbox_instance", "value": "another"}, {"tag": "netbox_id", "value": ref}],
        ) as another,
        foreign(world, host="half", tags=[{"tag": "netbox_id", "value": ref}]) as half,
        foreign(world, host="plain", status=1) as plain,
    ):
        before = _picture(world, another, half, plain)
        assert not world.sync().failed
        assert settled(world) == NOTHING
        world.netbox.change(DEVICES, device["id"], status="decommissioning")
        world.sync()
        world.netbox.change(DEVICES, device["id"], status="active")
        assert of(world.sync(), "sw1").action == "restore"
        assert _picture(world, another, half, plain) == before


def _picture(world: World, *hostids: str) -> str:
    return json.dumps(world.zabbix.hosts(hostids=list(hostids), sortfield="hostid"), sort_keys=True)
