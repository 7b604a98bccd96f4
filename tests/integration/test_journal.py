"""A run that breaks off, by Ctrl-C, SIGTERM or a kill: it ends in good order as far as it can, and the next one says
what it found.
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_history import show_runs
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store

from integration.playing import start_alone
from integration.world import INSTANCE, World, policy

pytestmark = pytest.mark.zabbix

CHANGED = policy(tags={"more": "1"})


def prepare(world: World) -> None:
    """Make two hosts. Then there are two to be updated and two to be created, in this order."""
    for name in ("sw1", "sw2"):
        world.device(name)
    world.sync()
    for name in ("sw3", "sw4"):
        world.device(name)


def told(world: World, store: Path, **options: Any) -> list[str]:
    """Run the sync, and return what it says of runs that broke off."""
    notes = world.sync(CHANGED, state_store=str(store), pre_images=True, **options).notes
    return [re.sub(r"^Run \w+ .* did", "it did", note) for note in notes if "did not finish" in note]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def outcomes(store: Path) -> list[str]:
    return [row["outcome"] for row in show_runs(open_store(str(store)), None, None, None, 9, lambda text: None).runs]


def test_who_is_asked_to_end_leaves_everything_tidy(
    world: World, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    # a person, and a job runner; both ways lead through Ansible, and one for each Zabbix is enough
    number = signal.SIGINT if world.zabbix.lab.version == "7.0" else signal.SIGTERM
    prepare(world)
    store = tmp_path / "store"
    running: list[subprocess.Popen[str]] = []
    world.proxy.clear()

    def ask() -> None:
        """Send the signal, and let the request go on when Ansible has handed it on to the module and is gone."""
        workers = children(running[0].pid)
        running[0].send_signal(number)
        wait(lambda: not any(map(alive, workers)))

    world.proxy.before_next("host.update", ask)
    running.append(
        start(mappings=CHANGED, variables={"netbox_zabbix_state_store": str(store)}, ZABBIX_URL=world.proxy.url)
    )
    assert running[0].wait(120) != 0
    # the module is on its own by now, and ends when the request under way has its answer
    wait(lambda: outcomes(store) not in ([], ["not finished"]))
    assert outcomes(store) == ["interrupted"]
    assert [call.methods[0] for call in world.proxy.writes] == ["host.update"]
    leases = world.netbox.call("GET", "extras/saved-filters/")["results"]
    assert [one["slug"] for one in leases if one["slug"].startswith("netbox-zabbix-lease")] == []

    assert told(world, store) == [
        "it did not finish: of its 4 changes 2 were made, 2 were not, 2 of which are made now."
    ]
    assert {host["host"] for host in world.ours()} == {"sw1", "sw2", "sw3", "sw4"}
    assert told(world, store) == []


def test_a_run_that_was_killed_is_told_of(world: World, tmp_path: Path) -> None:
    prepare(world)
    store = tmp_path / "store"
    running: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        running[0].kill()
        running[0].wait(10)

    world.proxy.clear()
    world.proxy.lose_next("host.update", then=kill)
    options = {"instance": INSTANCE, "mappings": CHANGED, "state_store": str(store), "pre_images": True}
    running.append(start_alone(world, options, tmp_path / "output", zabbix=world.proxy.url, token=world.zabbix.token))
    assert running[0].wait(120) == -signal.SIGKILL, (tmp_path / "output").read_text()
    assert outcomes(store) == ["not finished"]
    assert told(world, store, dry_run=True) == [
        "it did not finish, or goes on at this moment: of its 4 changes 2 were made, 2 were not, 2 of which would be "
        "made now."
    ]
    assert told(world, store) == [
        "it did not finish: of its 4 changes 2 were made, 2 were not, 2 of which are made now."
    ]
    # the two may have begun in one second, so that either comes first
    assert "interrupted" in outcomes(store)
    assert told(world, store) == []
