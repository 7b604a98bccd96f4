"""One run writes at a time, on one machine and between machines."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import LockedError, NetBoxError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import turn as turns
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import lease
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import NetBox, connect

from integration.playing import start_alone
from integration.world import INSTANCE, POLICY, World

pytestmark = [pytest.mark.netbox]


@pytest.fixture
def netbox(netbox_server: Any) -> Iterator[NetBox]:
    """A NetBox where nobody holds the lease, neither before nor after."""
    client = connect(netbox_server.connection())
    _clear(client)
    yield client
    _clear(client)


def _clear(client: NetBox) -> None:
    for left in client.get(lease.PATH, {"slug": lease.LEASE_SLUG + "tests"})["results"]:
        client.delete(lease.PATH, [{"id": left["id"]}])


def take(client: NetBox, run: str, wait: float = 0.0) -> lease.Lease:
    holder = {"run": run, "host": "here", "user": "me", "started": "now"}
    return lease.acquire(client, INSTANCE, holder, wait, lambda text: None)


def test_of_many_at_once_one_gets_it(netbox: NetBox) -> None:
    def attempt(number: int) -> Any:
        try:
            return take(netbox, f"run{number}")
        except LockedError as error:
            return error

    with ThreadPoolExecutor(8) as many:
        told = list(many.map(attempt, range(8)))
    held = [one for one in told if isinstance(one, lease.Lease)]
    assert len(held) == 1
    refused = next(one for one in told if isinstance(one, LockedError))
    assert "on here by me, since now" in str(refused)
    assert held[0].release() == ""
    assert take(netbox, "next").release() == ""


def test_whoever_waits_gets_it_when_it_is_given_up(netbox: NetBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "INTERVAL", 0.1)
    first = take(netbox, "first")
    threading.Timer(0.5, first.release).start()
    second = take(netbox, "second", wait=30)
    assert second.waited
    second.release()


def test_one_that_nobody_renews_is_taken_over(netbox: NetBox, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = take(netbox, "dead")
    monkeypatch.setattr(lease, "TERM", -10)
    monkeypatch.setattr(lease, "RENEWAL", 0.05)
    heir = take(netbox, "heir")
    assert heir.waited
    dead.keep()
    for dummy in range(100):
        if dead._lost:
            break
        time.sleep(0.05)
    with pytest.raises(Exception, match="lost its lease"):
        dead.check()
    assert "lost its lease" in dead.release()
    monkeypatch.setattr(lease, "TERM", 180)
    heir.check()
    assert heir.release() == ""


def test_one_that_was_killed_on_this_machine_is_taken_over_at_once(netbox: NetBox) -> None:
    told: list[str] = []
    holder = {"run": "killed", "host": "here", "user": "me", "started": "now", "lock": "boot:1:2"}
    lease.acquire(netbox, INSTANCE, holder, 0, told.append)
    with pytest.raises(LockedError):
        lease.acquire(netbox, INSTANCE, {**holder, "run": "elsewhere", "lock": "boot:1:3"}, 0, told.append)
    heir = lease.acquire(netbox, INSTANCE, {**holder, "run": "heir"}, 0, told.append)
    assert heir.waited
    assert told == ["taking over the lease of run killed, which ended without giving it up"]
    assert heir.release() == ""


def test_renewing_keeps_it(netbox: NetBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWAL", 0.05)
    mine = take(netbox, "mine")
    before = netbox.get(f"{lease.PATH}{mine.number}/")["last_updated"]
    mine.keep()
    for dummy in range(100):
        if netbox.get(f"{lease.PATH}{mine.number}/")["last_updated"] != before:
            break
        time.sleep(0.05)
    else:
        pytest.fail("it was not renewed")
    mine.check()
    assert mine.release() == ""


def test_an_answer_that_was_lost_is_found_again(netbox: NetBox, monkeypatch: pytest.MonkeyPatch) -> None:
    post = netbox.post

    def lost(path: str, payload: Any) -> Any:
        post(path, payload)
        raise NetBoxError("the connection broke")

    monkeypatch.setattr(netbox, "post", lost)
    mine = take(netbox, "mine")
    assert mine.release() == ""


def test_two_controllers_at_once_do_the_work_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a lock file of its own, as on two machines: only NetBox is between them."""
    for number in range(6):
        world.device(f"sw{number}")
    monkeypatch.setattr(lease, "INTERVAL", 0.2)
    places = iter(range(100))
    locked = turns._locked
    monkeypatch.setattr(turns, "_locked", lambda what, *more: locked(f"{what} {next(places)}", *more))
    with ThreadPoolExecutor(2) as two:
        results = [two.submit(world.sync), two.submit(world.sync)]
    counts = sorted(result.result().stats["creates"] for result in results)
    assert counts == [0, 6]
    assert len(world.ours()) == 6
    assert sum("host.create" in call.methods for call in world.proxy.writes) == 1


def test_of_two_processes_on_two_machines_one_writes(world: World, tmp_path: Path) -> None:
    """While one is writing, another one ends at once and a third one waits; each has a folder of locks of its own, as
    on a machine of its own.
    """
    for number in range(6):
        world.device(f"sw{number}")
    running: dict[str, subprocess.Popen[bytes]] = {}

    def begin(name: str, **more: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        options = {"instance": INSTANCE, "mappings": POLICY, **more}
        token, output = world.zabbix.token, folder / "output"
        running[name] = start_alone(world, options, output, zabbix=world.proxy.url, token=token, TMPDIR=str(folder))
        return output

    def others() -> None:
        refused = begin("refused", lock_wait=0)
        assert running["refused"].wait(120) == 1
        assert "another run writes at this moment" in refused.read_text()
        waiting = begin("waiting")
        while "waiting for run" not in waiting.read_text():
            assert running["waiting"].poll() is None, waiting.read_text()
            time.sleep(0.2)

    world.proxy.before_next("host.create", others)
    first = begin("first")
    assert running["first"].wait(300) == 0, first.read_text()
    assert running["waiting"].wait(300) == 0
    assert "reading again" in (tmp_path / "waiting" / "output").read_text()
    assert [call.methods for call in world.proxy.writes] == [["host.create"]]
    assert len(world.ours()) == 6


def test_a_second_run_that_will_not_wait_says_who_writes(world: World) -> None:
    world.device("sw1")
    with (
        turns.turn(connect(world.netbox.connection()), INSTANCE, "other", turns.LOCAL, 0, lambda text: None),
        pytest.raises(LockedError, match=r"another run on this machine .* Nothing was written"),
    ):
        world.sync(lock_wait=0)
    assert world.ours() == []
    assert world.proxy.writes == []
    assert world.sync(lock_wait=0).stats["creates"] == 1


def test_a_lease_that_our_token_may_not_see_is_told(netbox: NetBox, monkeypatch: pytest.MonkeyPatch) -> None:
    held = take(netbox, "other")
    get = netbox.get
    monkeypatch.setattr(lease, "INTERVAL", 0.1)
    monkeypatch.setattr(
        netbox, "get", lambda path, params=None: {"results": []} if path == lease.PATH else get(path, params)
    )
    with pytest.raises(LockedError, match="that our token may not see"):
        take(netbox, "mine")
    monkeypatch.undo()
    assert held.release() == ""
