"""The sync and maintenance windows: updates that disturb wait for a window's end, or get one of their own."""

from __future__ import annotations

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError

from integration.maintaining import Maintaining, lasting
from integration.world import names, of, policy, tags

pytestmark = pytest.mark.zabbix


def test_updates_that_disturb_wait_for_the_end_of_a_window(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("p-a")
    world.device("p-b", site=world.netbox.ids["site2"])
    ending = world.device("p-c")
    world.sync()
    context = maintaining.context({"w": lasting()})
    assert maintaining.run(wait=150).failed == []
    changed = policy(templates=[], tags={"more": "yes"})
    result = world.sync(changed, in_maintenance="postpone")
    assert result.failed == []
    assert (of(result, "p-a").action, of(result, "p-b").action) == ("postponed", "update")
    assert result.stats["postponed"] == 2
    assert names(world.host("p-a")["parentTemplates"]) == {"ICMP Ping"}
    # what disturbs nobody is changed
    result = world.sync(policy(tags={"more": "yes"}), in_maintenance="postpone", ids=[of(result, "p-a").object])
    assert tags(world.host("p-a")) == {("more", "yes")}
    # nor is a host archived, where the deletion policy says so
    world.netbox.change("dcim/devices/", ending["id"], status="decommissioning")
    waiting = world.sync(changed, in_maintenance="postpone", deletion={"in_maintenance": False})
    assert of(waiting, "p-c").action == "absent"
    assert "in_maintenance is false" in of(waiting, "p-c").reasons[0]
    assert world.host("p-c")["status"] == "0"
    # and after it everything is
    maintaining.redeclare(context, {})
    assert maintaining.run(wait=150).failed == []
    result = world.sync(changed, in_maintenance="postpone", deletion={"in_maintenance": False})
    assert (of(result, "p-a").action, of(result, "p-c").action) == ("update", "archive")


def test_a_window_around_its_own_changes(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("p-a")
    world.device("p-b", site=world.netbox.ids["site2"])
    world.sync()
    assert world.sync(change_window="15m").changed is False
    assert maintaining.ours() == []
    result = world.sync(policy(templates=[], tags={"more": "yes"}), change_window="15m", names=["p-a"])
    assert (result.failed, result.notes) == ([], [])
    assert of(result, "p-a").action == "update"
    (name,) = maintaining.ours()
    assert name == f"sync run {result.run_id}"
    assert maintaining.window(name)["hosts"] == ["p-a"]
    assert maintaining.inside("p-a", "p-b") == {"p-a": ("1", "0"), "p-b": ("0", "0")}
    # nothing declares it, and it stays until it is over
    assert not maintaining.run().changed
    with pytest.raises(InputError, match="nothing shorter than 5m"):
        world.sync(change_window="1m")
