"""A plan is written in waves, with Zabbix's own server and a real agent: where hosts get worse, the run stops."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from lab import zabbix as zabbix_lab

from integration.playing import Played
from integration.test_undo import picture
from integration.world import VOLATILE, World, policy

pytestmark = pytest.mark.zabbix

SITES = ("site", "site2", "site", "site2")
TRIGGER = "it is no good"
GOOD, UNSUPPORTED, PROBLEM = "Waves good", "Waves unsupported", "Waves problem"
#: seconds: long enough for a slow machine, and left as soon as all is known
HEALTH = {"wait": 300, "minimum": 1}


class Server(list[str]):
    """The lines of progress of a run. As soon as a wave is written, the server reads its configuration, and the run
    goes on when what is to happen in Zabbix has happened.
    """

    def __init__(self, version: zabbix_lab.Version) -> None:
        super().__init__()
        self.version = version
        self.until: Callable[[], bool] = lambda: True

    def append(self, text: str) -> None:
        super().append(text)
        if "watched for 0 " not in text:
            return
        zabbix_lab.reload_configuration(self.version)
        wait(self.until)


def wait(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, "Zabbix did not find out"
        time.sleep(0.5)


class Agents:
    """Hosts that an agent answers for, and templates that ask it each second."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.version = world.zabbix.lab.version
        self.port = str(zabbix_lab.agent_port(self.version))
        self.server = world.progress = Server(self.version)

    def template(self, name: str, key: str, trigger: bool = False) -> None:
        api = self.world.zabbix.api
        group = self.world.zabbix.group_of_templates()
        made = api("template.create", host=name, groups=[{"groupid": group}])["templateids"][0]
        api("item.create", hostid=made, name=key, key_=key, type=0, value_type=3, delay="1s")
        if trigger:
            api("trigger.create", description=TRIGGER, expression=f"last(/{name}/{key})>0", priority=4)

    def remove_templates(self) -> None:
        api = self.world.zabbix.api
        found = api("template.get", output=["templateid"], filter={"host": [GOOD, UNSUPPORTED, PROBLEM]})
        if found:
            api("template.delete", [one["templateid"] for one in found])

    def policy(self, *more: str, port: str = "", **given: Any) -> list[dict[str, Any]]:
        interface = {"type": "agent", "address": "127.0.0.1", "port": port or self.port}
        return policy(templates=[GOOD, *more], interfaces=[interface], **given)

    def sync(
        self,
        mappings: Any,
        waves: Any = ("25%",),
        until: Callable[[], bool] = lambda: True,
        **health: Any,
    ) -> Result:
        self.server.until = until
        return self.world.sync(mappings, waves=waves, health={**HEALTH, **health})

    def silent(self) -> bool:
        """Return whether Zabbix has seen that an agent does not answer."""
        return any(host["interfaces"][0]["available"] == "2" for host in self.world.ours())

    def all_answer(self) -> bool:
        found = [host["interfaces"][0] for host in self.world.ours()]
        return all((one["available"], one["errors_from"]) == ("1", "0") for one in found)

    def unsupported(self) -> bool:
        found = self.world.zabbix.api("item.get", filter={"state": 1}, search={"key_": "no.such"}, countOutput=True)
        return int(found) > 0

    def fired(self, number: int = 1) -> bool:
        found = self.world.zabbix.api("trigger.get", filter={"value": 1, "description": TRIGGER}, countOutput=True)
        return int(found) >= number

    def picture(self) -> Any:
        """Return all hosts of ours without what Zabbix's server writes to them."""
        return without(picture(self.world), VOLATILE)

    def ports(self) -> list[str]:
        return sorted(host["interfaces"][0]["port"] for host in self.world.ours())

    def actions(self, result: Result) -> list[str]:
        return sorted(host.action for host in result.hosts)


def without(value: Any, names: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {key: without(item, names) for key, item in value.items() if key not in names}
    return [without(item, names) for item in value] if isinstance(value, list) else value


@pytest.fixture
def agents(world: World) -> Iterator[Agents]:
    found = Agents(world)
    found.remove_templates()
    found.template(GOOD, "agent.ping")
    yield found
    world.clean()
    found.remove_templates()


def test_good_waves_go_on_and_a_bad_one_stops_the_run_or_is_taken_back(agents: Agents) -> None:
    world = agents.world
    for number in range(4):
        world.device(f"sw{number}")
    made = agents.sync(agents.policy())
    assert (made.error, made.failed, made.notes) == ("", [], [])
    assert agents.actions(made) == ["create"] * 4
    written = [call for call in world.proxy.writes if "host.create" in call.methods]
    assert len(written) == 2  # one request a wave
    assert not agents.sync(agents.policy()).changed

    # a policy that breaks the interface: only the first wave gets it
    broken = agents.sync(agents.policy(port="9"), until=agents.silent)
    assert agents.actions(broken) == ["postponed"] * 3 + ["unhealthy"]
    assert agents.ports() == sorted(["9", *[agents.port] * 3])
    (bad,) = [host for host in broken.hosts if host.action == "unhealthy"]
    assert "agent: " in (bad.error or "")
    assert "health.unavailable" in broken.error
    assert bad.name in broken.error
    assert "3 hosts of later waves were not written" in broken.error
    assert (broken.stats["postponed"], broken.changed) == (3, True)
    assert broken.error in broken.message

    # what was bad before does not count: the next wave of the same policy is judged by itself
    assert agents.sync(agents.policy(), unavailable=None).error == ""
    assert agents.ports() == [agents.port] * 4

    # and taken back, where that is asked for
    wait(agents.all_answer)
    before = agents.picture()
    result = agents.sync(agents.policy(port="9", description="new"), ["50%"], agents.silent, undo=True)
    assert agents.actions(result) == ["postponed"] * 2 + ["undone"] * 2
    assert "The wave was taken back: 2 of 2 hosts are as they were." in result.error
    assert agents.picture() == before
    # and the next run plans the same again, all of it
    looked = world.sync(agents.policy(port="9", description="new"), dry_run=True)
    assert looked.stats["updates"] == 4


def test_items_and_problems(agents: Agents) -> None:
    world = agents.world
    agents.template(UNSUPPORTED, "no.such.key")
    agents.template(PROBLEM, "system.cpu.num", trigger=True)
    for number in range(4):
        world.device(f"sw{number}")
    assert agents.sync(agents.policy(), waves=None).error == ""

    unsupported = agents.sync(agents.policy(UNSUPPORTED), until=agents.unsupported, undo=True)
    assert agents.actions(unsupported) == ["postponed"] * 3 + ["undone"]
    assert "no.such.key" in unsupported.error
    assert "health.unsupported" in unsupported.error

    problem = agents.sync(agents.policy(PROBLEM), until=agents.fired)
    assert agents.actions(problem) == ["postponed"] * 3 + ["unhealthy"]
    assert TRIGGER in problem.error
    assert "health.problems" in problem.error
    # one that was there before stops nothing, and neither does one of less than the severity that is asked for
    assert agents.sync(agents.policy(PROBLEM), severity="disaster").error == ""
    wait(lambda: agents.fired(4))
    after = agents.sync(agents.policy(PROBLEM, description="new"))
    assert (after.error, agents.actions(after)) == ("", ["update"] * 4)


def test_a_zabbix_that_goes_away_stops_the_run(agents: Agents) -> None:
    world = agents.world
    for number in range(4):
        world.device(f"sw{number}")

    def leave() -> bool:
        world.proxy.answer_next(503, "gone", count=100)
        return True

    result = agents.sync(agents.policy(), until=leave, wait=1, minimum=0, undo=True)
    world.proxy.clear()
    assert agents.actions(result) == ["create"] + ["postponed"] * 3
    assert "how its hosts are cannot be read" in result.error
    assert len(world.ours()) == 1


def test_sites_in_their_order_and_names_that_rotate_in_one_wave(world: World) -> None:
    made = [world.device(f"sw{number}", site=world.netbox.ids[site]) for number, site in enumerate(SITES)]
    look = {"wait": 0}
    waves = {"by": "site", "order": ["Hamburg 1", "Berlin"]}
    first = world.sync(waves=waves, health=look)
    assert first.error == ""
    written = [text for text in world.progress if text.startswith("writing wave")]
    assert written == ["writing wave 1 of 2 (site Hamburg 1: 2 hosts)", "writing wave 2 of 2 (the rest: 2 hosts)"]
    assert 'no object of NetBox is of the site "Berlin". Did you mean "Berlin 1"?' in " ".join(first.notes)

    # NetBox takes no two devices of one name in a site, so each goes by another name in between
    for device in made[:3]:
        world.netbox.change("dcim/devices/", device["id"], name=f"between {device['id']}")
    for device, name in zip(made[:3], ("sw1", "sw2", "sw0"), strict=True):
        world.netbox.change("dcim/devices/", device["id"], name=name)
    world.netbox.change("dcim/devices/", made[3]["id"], serial="new")
    ids = {host["host"]: host["hostid"] for host in world.ours()}
    result = world.sync(waves=[1], health=look)
    assert (result.error, result.failed) == ("", [])
    sizes = [re.findall(r"(\d+) host", text)[0] for text in world.progress if text.startswith("writing wave")]
    assert sorted(sizes) == ["1", "3"]
    now = {host["host"]: host["hostid"] for host in world.ours()}
    assert now == {"sw1": ids["sw0"], "sw2": ids["sw1"], "sw0": ids["sw2"], "sw3": ids["sw3"]}


def test_the_playbook_fails_and_says_why(world: World, play: Callable[..., Played]) -> None:
    for number in range(4):
        world.device(f"sw{number}")
    error = {"code": -32500, "message": "Application error.", "data": "Zabbix is in a bad mood."}
    world.proxy.answer_next(200, json.dumps({"jsonrpc": "2.0", "error": error, "id": 1}), "host.create", count=100)
    variables = {"netbox_zabbix_waves": ["50%"], "netbox_zabbix_health": {"wait": 0}}
    stopped = play(variables=variables, ZABBIX_URL=world.proxy.url)
    text = " ".join(stopped.text.split())
    assert stopped.code != 0
    assert "The run stopped after wave 1 of 2 (50 %: 2 hosts): 2 hosts that could not be written" in text
    assert "2 hosts of later waves were not written" in text
