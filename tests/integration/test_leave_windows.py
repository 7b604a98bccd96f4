"""Archived hosts leave the maintenance windows that list them, whosever these are; all else of a window stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.undo_run import UndoOptions, undo_run
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store

from integration.maintaining import Maintaining
from integration.world import INSTANCE, TOP, World, of

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

DEVICES = "dcim/devices/"
ENDED = {"status": "decommissioning"}


def listing(world: World, *names: str) -> dict[str, Any]:
    return {"hosts": [{"hostid": world.host(name)["hostid"]} for name in names]}


def without_hosts(window: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in window.items() if key != "hosts"}


def test_an_archived_host_leaves_windows_and_an_undo_puts_it_back(maintaining: Maintaining, tmp_path: Path) -> None:
    world = maintaining.world
    one, dummy, three = world.device("sw1"), world.device("sw2"), world.device("sw3")
    world.sync()
    group = [{"groupid": world.zabbix.group(TOP + "/Berlin 1")}]
    maintaining.foreign("by hand", **listing(world, "sw1", "sw2"))
    maintaining.foreign("with a group", **listing(world, "sw1"), groups=group)
    maintaining.foreign("alone", **listing(world, "sw3"))
    maintaining.foreign("others", **listing(world, "sw2"))
    before = maintaining.windows()
    for device in (one, three):
        world.netbox.change(DEVICES, device["id"], **ENDED)

    looked = world.sync(dry_run=True, want_diff=True)
    assert world.proxy.writes == []
    assert "maintenances[by hand]" in of(looked, "sw1").changes
    result = world.sync(state_store=str(tmp_path), pre_images=True)
    assert not result.failed, result.message
    after = maintaining.windows()
    archived = next(host["host"] for host in world.ours() if host["host"].startswith("sw3_"))
    assert {name: window["hosts"] for name, window in after.items()} == {
        "by hand": ["sw2"],
        "with a group": [],
        # Zabbix takes no window without hosts, so its last one stays and is told
        "alone": [archived],
        "others": ["sw2"],
    }
    assert any('"alone" has nothing but a host to be archived' in note for note in result.notes)
    assert {name: without_hosts(window) for name, window in after.items()} == {
        name: without_hosts(window) for name, window in before.items()
    }
    assert not world.sync().changed

    store = open_store(str(tmp_path))
    options = UndoOptions(INSTANCE, result.run_id, graveyard=TOP + "/archive")
    sides = world.netbox.connection(), world.zabbix.connection(None, world.proxy.url)
    undone = undo_run(*sides, store, options, world.progress.append)
    assert (undone.failed, undone.notes) == ([], [])
    assert maintaining.windows() == before
    again = undo_run(*sides, store, options, world.progress.append)
    assert again.changed is False


def test_a_host_that_comes_back_is_not_put_into_windows_again(maintaining: Maintaining) -> None:
    world = maintaining.world
    device = world.device("sw1")
    world.device("sw2")
    world.sync()
    maintaining.foreign("by hand", **listing(world, "sw1", "sw2"))
    world.netbox.change(DEVICES, device["id"], **ENDED)
    world.sync()
    world.netbox.change(DEVICES, device["id"], status="active")
    assert of(world.sync(), "sw1").action == "restore"
    assert maintaining.windows()["by hand"]["hosts"] == ["sw2"]


def test_a_user_that_may_not_edit_maintenances_archives_all_the_same(maintaining: Maintaining) -> None:
    world = maintaining.world
    device = world.device("sw1")
    world.device("sw2")
    world.sync()
    maintaining.foreign("by hand", **listing(world, "sw1", "sw2"))
    world.netbox.change(DEVICES, device["id"], **ENDED)
    error = {"code": -32602, "message": "Invalid params.", "data": 'No permissions to call "maintenance.get".'}
    answer = json.dumps({"jsonrpc": "2.0", "error": error, "id": 1})
    world.proxy.answer_next(200, answer, "maintenance.get", count=9)
    result = world.sync()
    assert of(result, "sw1").action == "archive"
    assert any("edit_maintenance" in note for note in result.notes)
