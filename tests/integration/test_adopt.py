"""Hosts that were in Zabbix before us are taken over on a real Zabbix: nothing of them changes but our marks."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.adopt import (
    AdoptOptions,
    adopt_hosts,
    release_hosts,
    report_candidates,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result

from integration.world import INSTANCE, TOP, World, names, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

OLD = TOP + "/old"
DEVICES = "dcim/devices/"
Adopt = Callable[..., Result]


@pytest.fixture
def old(world: World) -> Iterator[World]:
    """A world in whose Zabbix hosts of other people are, which go afterwards."""
    world.zabbix.group(OLD)
    yield world
    world.zabbix.remove_hosts(world.zabbix.hosts(groupids=[world.zabbix.group(OLD)]))


@pytest.fixture
def adopt(old: World, tmp_path: Path) -> Adopt:
    """Return a function that runs one of the jobs through the proxy, with the account of the least rights."""

    def run(job: Callable[..., Result], **given: Any) -> Result:
        given.setdefault("decisions", str(tmp_path / "adopt.csv"))
        old.proxy.calls.clear()
        if old.netbox.standin:
            old.netbox.standin.clear_requests()
        given["deletion"] = {"graveyard": TOP + "/archive"}
        given["lock"] = "local"
        options = AdoptOptions(instance=INSTANCE, **given)
        zabbix = old.zabbix.connection(url=old.proxy.url)
        return job(old.netbox.connection(), zabbix, options, old.progress.append)

    return run


def foreign(world: World, *hosts: dict[str, Any]) -> list[str]:
    """Make hosts as other people have them, with something of everything that a write could lose."""
    group, template = world.zabbix.group(OLD), world.zabbix.template("ICMP Ping")
    made: list[str] = []
    for at in range(0, len(hosts), 250):
        rows = [
            {
                "groups": [{"groupid": group}],
                "templates": [{"templateid": template}] if number == 0 and at == 0 else [],
                "tags": [{"tag": "owner", "value": "team 1"}, {"tag": "site", "value": "old"}],
                "macros": [
                    {"macro": "{$OWN}", "value": "1", "description": "theirs"},
                    {"macro": "{$KEY}", "value": "hidden", "type": 1},
                ],
                "inventory_mode": 0,
                "inventory": {"location": "elsewhere"},
                "description": "by hand",
                **host,
            }
            for number, host in enumerate(hosts[at : at + 250])
        ]
        made += world.zabbix.api("host.create", rows)["hostids"]
    return made


def interface(ip: str) -> list[dict[str, Any]]:
    return [{"type": 1, "main": 1, "useip": 1, "ip": ip, "dns": "", "port": "10050"}]


def picture(world: World, hostids: list[str]) -> dict[str, Any]:
    """Return hosts as they are but for our marks, with the ids of all parts that have some."""
    found: dict[str, Any] = {}
    for at in range(0, len(hostids), 500):
        for host in world.zabbix.hosts(hostids=hostids[at : at + 500]):
            host["tags"] = sorted((t["tag"], t["value"]) for t in host["tags"] if not t["tag"].startswith("netbox_"))
            ours = ("{$NETBOX.APPLIED}", "{$NETBOX.ARCHIVED}")
            host["macros"] = sorted((m for m in host["macros"] if m["macro"] not in ours), key=lambda m: m["macro"])
            host["groups"] = sorted(names(host["groups"]))
            found[host["hostid"]] = host
    return found


def marks(world: World, hostid: str) -> tuple[list[tuple[str, str]], list[str]]:
    (host,) = world.zabbix.hosts(hostids=[hostid])
    tags = sorted((tag["tag"], tag["value"]) for tag in host["tags"] if tag["tag"].startswith("netbox_"))
    return tags, [macro["macro"] for macro in host["macros"] if macro["macro"].startswith("{$NETBOX.")]


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_a_thousand_hosts_are_adopted_and_only_marks_change(old: World, adopt: Adopt, tmp_path: Path) -> None:
    numbers = range(1000)
    site = {"site": old.netbox.ids["site"], "role": old.netbox.ids["role"], "device_type": old.netbox.ids["type"]}
    made: list[dict[str, Any]] = []
    for at in range(0, 1000, 250):
        rows = [{"name": f"old{number:04d}", "status": "active", **site} for number in numbers[at : at + 250]]
        made += old.netbox.make_all(DEVICES, rows)
    refs = {device["name"]: f"device:{device['id']}" for device in made}
    ids = foreign(old, *({"host": f"OLD{n:04d}.example.net", "name": f"old{n:04d}"} for n in numbers))
    before = picture(old, ids)

    result = adopt(report_candidates, least_score=70)
    assert (result.stats["candidates"], result.stats["proposed"], result.stats["conflicts"]) == (1000, 1000, 0)
    assert (old.proxy.writes, old.netbox_writes()) == ([], [])
    assert not adopt(report_candidates, least_score=70).changed

    dry = adopt(adopt_hosts, dry_run=True, want_diff=True)
    assert (dry.changed, old.proxy.writes, old.netbox_writes()) == (True, [], [])
    assert dry.diff.count("netbox_id") == 1000

    result = adopt(adopt_hosts)
    assert (result.stats["adoptions"], result.failed) == (1000, [])
    assert [method for call in old.proxy.writes for method in call.methods] == ["host.update"] * 1000
    assert old.netbox_writes() == []
    assert picture(old, ids) == before
    for hostid in (ids[0], ids[999]):
        tags = [("netbox_id", refs[before[hostid]["name"]]), ("netbox_instance", INSTANCE)]
        assert marks(old, hostid) == (tags, ["{$NETBOX.APPLIED}"])

    again = adopt(adopt_hosts)
    assert (again.changed, again.failed, old.proxy.writes) == (False, [], [])
    assert again.stats["unchanged"] == 1000

    # from now on they are hosts like any other: the policy comes, and what others gave stays
    part = {"device": {"name": [f"old{n:04d}" for n in range(20)]}}
    result = old.sync(policy(interfaces=[]), filters=part)
    assert (result.failed, result.stats["updates"], result.stats["creates"]) == ([], 20, 0)
    assert result.stats["drifted"] == 0
    (host,) = old.zabbix.hosts(hostids=[ids[0]])
    assert names(host["groups"]) == {OLD, TOP + "/Berlin 1"}
    assert {"tag": "owner", "value": "team 1"} in [{key: tag[key] for key in ("tag", "value")} for tag in host["tags"]]
    assert host["host"] == "old0000"

    result = adopt(release_hosts, all_hosts=True)
    assert (result.stats["releases"], result.failed) == (1000, [])
    assert marks(old, ids[0]) == ([], [])
    assert picture(old, ids[20:]) == {hostid: before[hostid] for hostid in ids[20:]}
    assert not adopt(release_hosts, all_hosts=True).changed
