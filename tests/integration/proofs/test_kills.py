"""A run that is killed at any point is made whole by the next one: in the end all is as if nothing had happened.

Each round begins with the same estate and the same Zabbix. A process of its own makes the changes and gets SIGKILL:
when a certain request passes (before it gets there, after it was carried out, after half of a batch was carried out, or
while the server still works on it), or after a time. The next run follows at once.
"""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lab import zabbix as zabbix_lab
from lab.proxy import CUT, DELAY, LOSE, PART, Fault, FaultProxy, is_write

from integration.playing import start_alone
from integration.proofs import SIZES
from integration.proofs.mixture import Mixture
from integration.proofs.pictures import Known, differences, known, netbox_picture, zabbix_picture
from integration.world import World

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

#: by what a run is killed: a request that writes to Zabbix or NetBox, one that reads, a time; and how often
BY = {"zabbix": 6, "netbox": 2, "read": 1, "time": 2}
HOW = {"zabbix": (CUT, DELAY, LOSE, PART), "netbox": (CUT, DELAY, LOSE), "read": (CUT, LOSE)}


@dataclass(frozen=True)
class Point:
    """Where a run is killed. `at`: which request of its kind, or how much of the time of a whole run."""

    by: str
    at: float
    how: str = ""

    def __str__(self) -> str:
        return f"{self.at:.2f} of the time" if self.by == "time" else f"{self.by} request {self.at:.0f}, {self.how}"


@dataclass
class Killing(Fault):
    """The request at which a run dies, counted over both proxies."""

    wanted: Callable[[str], bool] = bool
    lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, methods: list[str]) -> bool:
        with self.lock:
            return any(map(self.wanted, methods)) and super().takes(methods)


@dataclass
class Scene:
    """The beginning of all rounds, and what they are to end as. `seconds`, `requests`: of a run that nobody kills."""

    mixture: Mixture
    netbox: FaultProxy
    folder: Path
    before: Known
    wanted: tuple[Any, Any] = ({}, {})
    seconds: float = 0.0
    requests: dict[str, int] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.mixture.world

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def begin(self) -> None:
        """Let both sides and the state store be as at the beginning."""
        assert self.world.netbox.standin is not None
        zabbix_lab.reset(self.world.zabbix.lab.version, "kills")
        self.world.netbox.standin.restore("changed")
        shutil.rmtree(self.store)
        shutil.copytree(self.folder / "store before", self.store)
        for proxy in (self.world.proxy, self.netbox):
            proxy.clear()

    def pictures(self) -> tuple[Any, Any]:
        return zabbix_picture(self.world, self.before), netbox_picture(self.world, self.before)

    def run(self, kill: Point | None) -> bool:
        """Run the sync in a process, and kill it. Returns whether it came to that."""
        world, options = self.world, {**self.mixture.options, **self.more}
        token = world.zabbix.lab.token
        output = self.folder / "output"
        ready = threading.Event()

        def die() -> None:
            ready.wait(60)
            process.kill()
            process.wait()

        if kill is not None and kill.by != "time":
            writes = kill.by != "read"
            fault = Killing(
                kill.how,
                "",
                skip=int(kill.at),
                then=die,
                wanted=lambda method: is_write(method) == writes,
            )
            proxies = {"zabbix": [world.proxy], "netbox": [self.netbox], "read": [world.proxy, self.netbox]}
            for proxy in proxies[kill.by]:
                proxy.faults.append(fault)
        process = start_alone(world, options, output, zabbix=world.proxy.url, token=token, netbox=self.netbox.url)
        ready.set()
        if kill is not None and kill.by == "time":
            self._wait_for_the_first_request()
            time.sleep(kill.at * self.seconds)
            die()
        code = process.wait(300)
        assert code in (0, -9), output.read_text()
        return code == -9

    @property
    def more(self) -> dict[str, Any]:
        return {"state_store": str(self.store), "pre_images": True, "mode": "auto"}

    def _wait_for_the_first_request(self) -> None:
        while not (self.world.proxy.calls or self.netbox.calls):
            time.sleep(0.02)

    def measure(self) -> None:
        """Let a run that nobody kills show where all others are to end, and how many requests it makes."""
        self.begin()
        timer = threading.Thread(target=self._wait_for_the_first_request)
        timer.start()
        began: list[float] = []
        watcher = threading.Thread(target=lambda: (timer.join(), began.append(time.monotonic())))
        watcher.start()
        assert not self.run(None)
        self.seconds = time.monotonic() - began[0]
        calls = {"zabbix": self.world.proxy.calls, "netbox": self.netbox.calls}
        self.requests = {name: sum(call.writes for call in some) for name, some in calls.items()}
        self.requests["read"] = sum(not call.writes for some in calls.values() for call in some)
        self.wanted = self.pictures()
        assert self.settled() == NOTHING

    def settled(self) -> tuple[Any, ...]:
        """A further run changes nothing."""
        again = self.mixture.sync(**self.more)
        return again.changed, self.world.proxy.writes, self.world.netbox_writes()


NOTHING: tuple[Any, ...] = (False, [], [])


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Iterator[Scene]:
    if world.netbox.standin is None:
        pytest.skip("only the stand-in goes back to what it was in no time")
    standin, version = world.netbox.standin, world.zabbix.lab.version
    mixture = Mixture(world, SIZES.killed_hosts)
    with FaultProxy(world.netbox.url) as netbox:
        mixture.netbox_url = netbox.url
        scene = Scene(mixture, netbox, tmp_path, Known(frozenset(), frozenset(), frozenset()))
        standin.snapshot("before")
        try:
            mixture.settle(**scene.more)
            scene.before = known(world)
            mixture.change()
            shutil.copytree(scene.store, scene.folder / "store before")
            zabbix_lab.snapshot(version, "kills")
            standin.snapshot("changed")
            yield scene
        finally:
            mixture.clean()
            standin.restore("before")


def points(requests: dict[str, int], seed: int) -> Iterator[Point]:
    """Yield where to kill, spread over the whole run: each kind of request in turn from its first to its last."""
    dice = random.Random(seed)
    kinds = [by for by, number in BY.items() for dummy in range(number)]
    left: dict[str, list[Point]] = {by: [] for by in BY}
    while True:
        by = dice.choice(kinds)
        if not left[by]:
            left[by] = (
                [Point(by, (step + dice.random()) / 10) for step in range(10)]
                if by == "time"
                else [Point(by, at, how) for at in range(requests[by]) for how in HOW[by]]
            )
            dice.shuffle(left[by])
        yield left[by].pop()


def test_runs_that_are_killed_anywhere_end_as_if_nothing_had_happened(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.measure()
    with capsys.disabled():
        print(f"\na run over {len(scene.wanted[1])} objects: {scene.requests}, {scene.seconds:.1f} s")
    rounds = 0
    for attempt, point in enumerate(points(scene.requests, seed=8)):
        assert attempt < 2 * SIZES.kills + 10, "too many runs ended before they could be killed"
        if rounds == SIZES.kills:
            break
        scene.begin()
        if not scene.run(point):
            continue
        rounds += 1
        # 0 seconds to wait: whoever is dead keeps nobody waiting
        healed = scene.mixture.sync(**scene.more, lock_wait=0)
        with capsys.disabled():
            print(f"{rounds}: killed at {point}; then {healed.message.splitlines()[0]}")
        zabbix, netbox = scene.pictures()
        assert differences(zabbix, scene.wanted[0]) == [], f"killed at {point}"
        assert differences(netbox, scene.wanted[1]) == [], f"killed at {point}"
        assert scene.settled() == NOTHING, f"killed at {point}"
