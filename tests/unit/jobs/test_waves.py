"""The sync writes in waves: what follows when the hosts of one are worse off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils import interrupts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError, ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import waves
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import (
    AVAILABLE,
    NOT_AVAILABLE,
    UNKNOWN,
    HostHealth,
)
from unit.jobs.estate import Estate

#: how a host is, by its name and how long it is since the first look
State = Callable[[str, float], str]


class Watching:
    """A clock that only pauses move, and what Zabbix says of hosts."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.now = 0.0
        self.state: State = lambda name, seconds: AVAILABLE
        self.looks = 0
        self.away = False

    def read_health(self, zabbix: Any, hostids: Iterable[str], severity: int) -> dict[str, HostHealth]:
        self.looks += 1
        if self.away:
            raise ZabbixError("Zabbix cannot be reached")
        there = [self.estate.zabbix.hosts[hostid] for hostid in hostids if hostid in self.estate.zabbix.hosts]
        return {
            host.hostid: HostHealth(
                host.host, host.status == "enabled", {"agent": (self.state(host.host, self.now), "refused")}
            )
            for host in there
        }

    def pause(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


@pytest.fixture
def watching(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> Watching:
    found = Watching(estate)
    monkeypatch.setattr(waves, "read_health", found.read_health)
    monkeypatch.setattr(interrupts, "pause", found.pause)
    monkeypatch.setattr(waves.time, "monotonic", lambda: found.now)
    return found


def names(result: Result, action: str) -> list[str]:
    return sorted(host.name for host in result.hosts if host.action == action)


def told(result: Result) -> list[str]:
    """Return the notes on waves."""
    return [note for note in result.notes if note.startswith("wave")]


def statuses(estate: Estate) -> list[str]:
    return sorted(str(fields.get("zabbix_sync_status")) for fields in estate.told.values())


def test_all_is_well_and_every_wave_is_written(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(10))
    result = estate.run(waves=["10%", "50%"])
    assert (len(names(result, "create")), result.error, told(result)) == (10, "", [])
    assert [size for method, size in estate.zabbix.log if method == "host.create"] == [1, 4, 5]
    # each is watched for the shortest time, since nothing is wrong
    assert watching.now == 3 * 120
    assert statuses(estate) == ["in_sync"] * 10
    assert not estate.run(waves=["10%"]).changed


def test_a_wave_that_is_worse_is_the_last_one(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(10))
    watching.state = lambda name, seconds: NOT_AVAILABLE
    result = estate.run(waves=["20%"])
    assert (len(names(result, "unhealthy")), len(names(result, "postponed"))) == (2, 8)
    assert len(estate.zabbix.hosts) == 2
    assert result.changed
    assert result.stats["postponed"] == 8
    assert result.error in result.message
    assert result.error.startswith(
        "The run stopped after wave 1 of 2 (20 %: 2 hosts): 2 hosts whose interfaces became "
    )
    (first, dummy) = [host for host in result.hosts if host.action == "unhealthy"]
    assert first.error == "worse than before this run: agent: refused"
    later, *dummy = [host for host in result.hosts if host.action == "postponed"]
    assert later.reasons == ["not written: the run stopped after wave 1 of 2 (20 %: 2 hosts)"]
    # who looks at NetBox sees which hosts are worse, and nothing is said of those that were not written
    assert statuses(estate) == ["failed"] * 2
    # the next run goes on, and what was bad before it does not count
    again = estate.run(waves=["20%"], health={"unavailable": None})
    assert (len(names(again, "create")), again.error) == (8, "")


def test_one_that_is_worse_within_the_limit_stops_nothing(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(10))
    watching.state = lambda name, seconds: NOT_AVAILABLE if name == "sw3" else AVAILABLE
    result = estate.run(waves=["100%"], health={"unavailable": 1})
    assert (result.error, len(names(result, "create"))) == ("", 10)
    # but it was watched to the end whether there would be more
    assert watching.now == 300


def test_a_host_that_recovers_in_time_is_well(estate: Estate, watching: Watching) -> None:
    estate.devices(1)
    watching.state = lambda name, seconds: UNKNOWN if seconds < 200 else AVAILABLE
    result = estate.run(health={"wait": 300})
    assert (result.error, told(result)) == ("", [])
    assert 200 <= watching.now <= 210


def test_what_never_answers_is_told(estate: Estate, watching: Watching) -> None:
    estate.devices(1)
    watching.state = lambda name, seconds: UNKNOWN
    result = estate.run(health={"wait": 300})
    assert result.error == ""
    (note,) = told(result)
    assert note.startswith(
        "wave 1 of 1 (all hosts: 1 host): whether the interfaces of 1 host answer was not known after"
    )


def test_a_wave_is_taken_back(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(10))
    estate.run()
    before = dict(estate.zabbix.hosts)
    estate.devices(77)
    for number in range(10):
        estate.change(number, name=f"new{number}")
    watching.state = lambda name, seconds: NOT_AVAILABLE if seconds else AVAILABLE
    result = estate.run(waves=["100%"], health={"undo": True})
    assert len(names(result, "undone")) == 11
    assert result.stats["undone"] == 11
    assert "The wave was taken back: 11 of 11 hosts are as they were." in result.error
    now = estate.zabbix.hosts
    assert {hostid: now[hostid].host for hostid in before} == {hostid: host.host for hostid, host in before.items()}
    (new,) = now.keys() - before.keys()
    assert now[new].archived
    assert set(statuses(estate)) == {"failed"}


def test_hosts_that_cannot_be_written_stop_the_run_without_a_wait(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(10))
    estate.zabbix.refuse = lambda host: "it is no good"
    result = estate.run(waves=["20%"])
    assert (len(result.failed), len(names(result, "postponed")), watching.now) == (2, 8, 0)
    assert "2 hosts that could not be written, on 100.0 % of 2 hosts" in result.error


def test_a_zabbix_that_does_not_tell_is_no_healthy_one(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(10))

    def leave(name: str, seconds: float) -> str:
        watching.away = True
        return AVAILABLE

    watching.state = leave
    result = estate.run(waves=["20%"], health={"undo": True})
    assert (len(names(result, "create")), len(names(result, "postponed"))) == (2, 8)
    assert "how its hosts are cannot be read: Zabbix cannot be reached" in result.error
    assert "What was written of it stays" in result.error


def test_nothing_is_written_where_nothing_is_known_before(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(4))
    watching.away = True
    result = estate.run(waves=["50%"])
    assert estate.zabbix.hosts == {}
    assert result.error.startswith(
        "The run stopped before wave 1 of 2 (50 %: 2 hosts): how its hosts are cannot be read"
    )
    assert (len(names(result, "postponed")), result.changed) == (4, False)


def test_hosts_that_nobody_watches_cost_no_time(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(4), status="offline")
    estate.run(waves=["50%"])
    assert watching.now == 0


def test_a_check_shows_what_it_always_shows(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(4))
    assert len(names(estate.run(waves=["50%"], dry_run=True), "create")) == 4
    assert (watching.looks, estate.zabbix.hosts) == (0, {})


def test_all_that_is_wrong_is_told_before_anything_is_read(estate: Estate) -> None:
    with pytest.raises(InputError) as told:
        estate.run(waves=["x"], health={"wait": -1}, change_window="10m")
    assert len(told.value.problems) == 3
    assert "cannot go with change_window" in told.value.problems[2]


def test_groups_are_made_with_the_first_wave_and_known_to_the_next(estate: Estate, watching: Watching) -> None:
    estate.devices(*range(4))
    result = estate.run(waves=["25%"])
    assert len(names(result, "create")) == 4
    made = [method for method, size in estate.zabbix.log if size and method.endswith(".create")]
    assert made == ["hostgroup.create", "hostgroup.create", "host.create", "host.create"]
    assert len({host.groups for host in estate.zabbix.hosts.values()}) == 1
