"""A run of mixed changes is taken back on a real Zabbix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import undo_run as undo_run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.turn import Turn
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.undo_run import UndoOptions, undo_run
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store

from integration.world import INSTANCE, TOP, World, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

DEVICES = "dcim/devices/"


def take_back(world: World, store: Path, run: str, **more: Any) -> Result:
    world.proxy.calls.clear()
    sides = world.netbox.connection(), world.zabbix.connection(None, world.proxy.url)
    options = UndoOptions(INSTANCE, run, graveyard=TOP + "/archive", **more)
    return undo_run(*sides, open_store(str(store)), options, world.progress.append)


def picture(world: World) -> list[Any]:
    """Return all hosts of ours as they compare: ids that Zabbix gives anew and our marks left out."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: plain(item) for key, item in value.items() if key not in ("hostmacroid", "interfaceid")}
            return {key: item for key, item in kept.items() if not (key == "value" and "netbox_" in str(value))}
        if isinstance(value, list):
            return sorted(map(plain, value), key=str)
        return value

    hosts = sorted(world.ours(), key=lambda host: int(host["hostid"]))
    for host in hosts:
        host["macros"] = [macro for macro in host["macros"] if not macro["macro"].startswith("{$NETBOX.")]
    return [plain(host) for host in hosts]


def test_a_run_of_mixed_changes_is_taken_back(world: World, tmp_path: Path) -> None:
    made = [world.device(f"sw{number}", serial=f"S-{number}") for number in range(12)]
    mine = {"state_store": str(tmp_path), "pre_images": True}
    world.sync(**mine)
    before = picture(world)
    for number, device in enumerate(made[:4]):
        world.netbox.change(DEVICES, device["id"], name=f"new{number}", serial="changed")
    for device in made[4:6]:
        world.netbox.change(DEVICES, device["id"], status="decommissioning")
    world.netbox.change(DEVICES, made[6]["id"], status="offline")
    world.netbox.remove(DEVICES, made[7]["id"])
    world.device("fresh")
    more = policy(
        tags={"site": "{site.slug}", "more": "yes"},
        macros={"{$A}": "1"},
        description="from NetBox",
        host_groups=[TOP + "/{site}", TOP + "/new group"],
        interfaces=[{"type": "agent", "port": "10055"}],
    )
    run = world.sync(more, **mine)
    assert not run.failed
    assert (run.stats["creates"], run.stats["archives"], run.stats["updates"]) == (1, 3, 9)

    looked = take_back(world, tmp_path, run.run_id, dry_run=True, want_diff=True)
    assert looked.stats["taken_back"] == 13
    assert world.proxy.writes == []
    done = take_back(world, tmp_path, run.run_id[:6])
    assert not done.failed, done.message
    assert [host for host in picture(world) if not host["host"].startswith("fresh")] == before
    (fresh,) = [host for host in world.ours() if host["host"].startswith("fresh")]
    assert fresh["host"] == f"fresh_archived-{fresh['hostid']}"
    again = take_back(world, tmp_path, run.run_id)
    assert (again.changed, world.proxy.writes) == (False, [])


def test_one_host_of_a_run_and_what_was_changed_since(world: World, tmp_path: Path) -> None:
    world.device("sw1")
    world.device("sw2")
    mine = {"state_store": str(tmp_path), "pre_images": True}
    world.sync(**mine)
    run = world.sync(policy(description="ours"), **mine)
    world.zabbix.api("host.update", hostid=world.host("sw2")["hostid"], description="by hand")
    assert take_back(world, tmp_path, run.run_id, hosts=["sw1"]).stats["taken_back"] == 1
    assert world.host("sw1")["description"] == ""
    rest = take_back(world, tmp_path, run.run_id)
    assert rest.notes == ['sw2: description is "by hand" now']
    assert world.host("sw2")["description"] == "by hand"
    with pytest.raises(InputError, match=r'changed no host "sw3"'):
        take_back(world, tmp_path, run.run_id, hosts=["sw3"])
    with pytest.raises(InputError, match=r'no run "ffff"'):
        take_back(world, tmp_path, "ffff")


def test_an_undo_that_waited_for_another_run_reads_again_and_tells_its_notes_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.device("sw1")
    mine = {"state_store": str(tmp_path), "pre_images": True}
    world.sync(**mine)
    run = world.sync(policy(description="ours", tags={"more": "1"}), **mine)
    world.zabbix.api("host.update", hostid=world.host("sw1")["hostid"], description="by hand")
    turns: list[Turn] = []

    @contextmanager
    def waited(*given: Any) -> Iterator[Turn]:
        turns.append(Turn(True))
        yield turns[0]

    monkeypatch.setattr(undo_run_module, "turn", waited)
    undone = take_back(world, tmp_path, run.run_id)
    assert len(turns) == 1
    assert undone.notes == ['sw1: description is "by hand" now']
    assert undone.stats["taken_back"] == 1
