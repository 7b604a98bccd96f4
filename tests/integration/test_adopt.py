"""Hosts that were in Zabbix before us are taken over on a real Zabbix: nothing of them changes but our marks."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.adopt import (
    AdoptOptions,
    adopt_hosts,
    release_hosts,
    report_candidates,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.adopt_policy import propose_policy
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.undo_run import UndoOptions, undo_run
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store
from lab import zabbix as zabbix_lab

from integration.playing import Played
from integration.world import INSTANCE, TOP, World, names, of, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

OLD = TOP + "/old"
DEVICES = "dcim/devices/"
Adopt = Callable[..., Result]


@pytest.fixture
def old(world: World) -> Iterator[World]:
    """A world in whose Zabbix hosts of other people are, which go afterwards."""
    world.zabbix.group(OLD)
    yield world
    groups = world.zabbix.api("hostgroup.get", output=["groupid"], search={"name": TOP + "/"}, startSearch=True)
    # those that were given back, too
    world.zabbix.remove_hosts(world.zabbix.hosts(groupids=[group["groupid"] for group in groups]))


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
                "interfaces": interface("192.0.2.200"),
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


def test_who_is_whose_by_what_other_tools_left(old: World, adopt: Adopt, tmp_path: Path) -> None:
    devices = {name: old.device(name) for name in ("linked", "synced", "numbered", "short", "gone")}
    shared = old.device("moved", serial="S-77")
    ids = foreign(
        old,
        {"host": "NETBOX_ID1"},
        {"host": "x2", "tags": tags_of(nb_type="device", nb_id=devices["synced"]["id"])},
        {"host": "numbered.other.name", "name": "numbered", "tags": tags_of(nbid=devices["numbered"]["id"])},
        {"host": "SHORT.example.net", "interfaces": interface(address_of(old, devices["short"]))},
        {"host": "x5", "inventory": {"serialno_a": "S-77"}, "interfaces": interface(address_of(old, shared))},
        {"host": "printer"},
    )
    old.netbox.change(DEVICES, devices["linked"]["id"], custom_fields={"zabbix_hostid": int(ids[0])})
    result = adopt(report_candidates, default_tag="nbid")
    assert {host.object: host.hostid for host in result.hosts if host.action == "candidate"} == {
        f"device:{devices['linked']['id']}": ids[0],
        f"device:{devices['synced']['id']}": ids[1],
        f"device:{devices['numbered']['id']}": ids[2],
        f"device:{devices['short']['id']}": ids[3],
        f"device:{shared['id']}": ids[4],
    }
    assert of(result, "printer").action == "unclaimed"
    rows = {row["hostid"] or row["object"]: row for row in table(tmp_path / "adopt.csv")}
    # a name without its domain, and one address: not enough to be proposed
    assert {key for key, row in rows.items() if row["decision"] == "adopt"} == {ids[0], ids[1], ids[2], ids[4]}, rows
    assert rows[ids[3]]["score"] == "70"
    assert rows[f"device:{devices['gone']['id']}"]["hostid"] == ""


def tags_of(**tags: Any) -> list[dict[str, str]]:
    return [{"tag": name, "value": str(value)} for name, value in tags.items()]


def address_of(world: World, device: dict[str, Any]) -> str:
    found = world.netbox.call("GET", f"{DEVICES}{device['id']}/")
    return str(found["primary_ip4"]["address"]).partition("/")[0]


def test_hosts_of_others_are_named_and_left_as_they_are(old: World, adopt: Adopt, tmp_path: Path) -> None:
    devices = [old.device(name) for name in ("other1", "twice", "double", "ours1", "clear")]
    old.sync(filters={"device": {"name": "ours1"}})
    ours = old.host("ours1")["hostid"]
    ids = foreign(
        old,
        {"host": "other1", "tags": tags_of(netbox_instance="another", netbox_id="device:1")},
        {"host": "twice"},
        {"host": "twice.x", "name": "twice visible", "inventory": {"serialno_a": "T"}},
        {"host": "double"},
        {"host": "clear"},
    )
    old.netbox.change(DEVICES, devices[1]["id"], serial="T")
    old.netbox.change(DEVICES, devices[2]["id"], custom_fields={"zabbix_hostid": int(ids[4])})
    before = picture(old, ids)
    result = adopt(report_candidates)
    assert of(result, "ours1").action == "ours"
    assert "belongs to another NetBox" in of(result, "other1").reasons[0]
    conflicts = {host.hostid for host in result.hosts if host.action == "conflict"}
    assert conflicts == set(ids)
    assert result.stats["proposed"] == 0

    # a person's word, as far as it goes
    path = tmp_path / "adopt.csv"
    said = [(devices[0], ids[0]), (devices[1], ids[1]), (devices[4], ids[4]), (devices[3], ids[2])]
    lines = [f"adopt;device:{device['id']};{hostid}" for device, hostid in said]
    path.write_text("\n".join(["decision;object;hostid", *lines]))
    result = adopt(adopt_hosts)
    assert {host.hostid: host.action for host in result.hosts} == {
        ids[0]: "failed",
        ids[1]: "adopt",
        ids[4]: "adopt",
        ids[2]: "failed",
    }
    assert "belongs to another NetBox" in (of(result, "other1").error or "")
    assert f"has a host of ours already, host id {ours}" in (of(result, "twice.x").error or "")
    assert "line 5" in (of(result, "twice.x").error or "")
    assert picture(old, ids) == before
    assert marks(old, ids[0]) == ([("netbox_id", "device:1"), ("netbox_instance", "another")], [])
    assert marks(old, ids[2]) == ([], [])


def test_a_discovered_host_is_never_adopted(old: World, adopt: Adopt, tmp_path: Path) -> None:
    device = old.device("found1")
    (hostid,) = foreign(old, {"host": "found1"})
    zabbix_lab.database(old.zabbix.lab.version, f"UPDATE hosts SET flags = 4 WHERE hostid = {hostid}")
    try:
        result = adopt(report_candidates)
        assert "discovery" in of(result, "found1").reasons[0]
        (tmp_path / "adopt.csv").write_text(f"decision,object,hostid\nadopt,device:{device['id']},{hostid}\n")
        result = adopt(adopt_hosts)
        assert "discovery" in (of(result, "found1").error or "")
        assert old.proxy.writes == []
    finally:
        zabbix_lab.database(old.zabbix.lab.version, f"UPDATE hosts SET flags = 0 WHERE hostid = {hostid}")


def test_a_table_with_a_mistake_is_refused_before_anything_is_written(old: World, adopt: Adopt, tmp_path: Path) -> None:
    device = old.device("sw1")
    (hostid,) = foreign(old, {"host": "sw1"})
    lines = [f"adopt,device:{device['id']},{hostid}", "adopt,device:999999,1", "adopt,device:999998,999999999"]
    (tmp_path / "adopt.csv").write_text("\n".join(["decision,object,hostid", *lines]))
    with pytest.raises(InputError) as caught:
        adopt(adopt_hosts)
    problems = [text.partition("adopt.csv, ")[2] for text in caught.value.problems[:-1]]
    assert problems == [
        "line 3: NetBox has no device 999999, or its token may not see it",
        "line 3: Zabbix has no host of id 1, or its user may not see it",
        "line 4: NetBox has no device 999998, or its token may not see it",
        "line 4: Zabbix has no host of id 999999999, or its user may not see it",
    ]
    assert old.proxy.writes == []
    assert marks(old, hostid) == ([], [])


def test_hosts_become_what_the_policy_says_in_the_same_write(old: World, adopt: Adopt) -> None:
    old.device("sw1", serial="S1")
    old.device("sw2", status="decommissioning")
    ids = foreign(old, {"host": "sw1", "interfaces": interface("192.0.2.7")}, {"host": "sw2"})
    away = picture(old, ids[1:])
    adopt(report_candidates)
    dry = adopt(adopt_hosts, converge=True, mappings=policy(), dry_run=True, want_diff=True)
    assert (old.proxy.writes, old.netbox_writes()) == ([], [])
    assert "netbox_id" in dry.diff
    assert "serialno_a" in dry.diff
    result = adopt(adopt_hosts, converge=True, mappings=policy())
    assert [method for call in old.proxy.writes for method in call.methods] == ["host.update"]
    assert of(result, "sw1").action == "update"
    # nothing ends that is not ours yet
    assert "not adopted" in (of(result, "sw2").error or "")
    assert picture(old, ids[1:]) == away
    host = old.host("sw1")
    assert host["hostid"] == ids[0]
    assert names(host["groups"]) == {OLD, TOP + "/Berlin 1"}
    assert host["inventory"]["serialno_a"] == "S1"
    assert host["inventory"]["location"] == "elsewhere"
    assert not adopt(adopt_hosts, converge=True, mappings=policy()).changed
    assert not old.sync(filters={"device": {"name": "sw1"}}).changed


def test_a_lost_answer_is_read_back(old: World, adopt: Adopt) -> None:
    for name in ("sw1", "sw2"):
        old.device(name)
    ids = foreign(old, {"host": "sw1"}, {"host": "sw2"})
    before = picture(old, ids)
    adopt(report_candidates)
    old.proxy.lose_next("host.update")
    result = adopt(adopt_hosts)
    assert (result.stats["adoptions"], result.failed) == (2, [])
    assert picture(old, ids) == before
    assert not adopt(adopt_hosts).changed


def test_an_adoption_is_taken_back(old: World, adopt: Adopt, tmp_path: Path) -> None:
    old.device("sw1")
    ids = foreign(old, {"host": "sw1"})
    before = picture(old, ids)
    adopt(report_candidates)
    store = str(tmp_path / "state")
    run = adopt(adopt_hosts, state_store=store, pre_images=True).run_id
    assert marks(old, ids[0])[1] == ["{$NETBOX.APPLIED}"]
    sides = old.netbox.connection(), old.zabbix.connection(url=old.proxy.url)
    result = undo_run(*sides, open_store(store), UndoOptions(INSTANCE, run, lock="local"), old.progress.append)
    assert result.stats["taken_back"] == 1
    assert (marks(old, ids[0]), picture(old, ids)) == (([], []), before)


def test_released_hosts_keep_all_that_the_policy_gave(old: World, adopt: Adopt) -> None:
    devices = [old.device(name) for name in ("sw1", "sw2")]
    old.sync()
    ids = [old.host(name)["hostid"] for name in ("sw1", "sw2")]
    before = picture(old, ids)
    dry = adopt(release_hosts, names=["sw1"], dry_run=True)
    assert (dry.changed, old.proxy.writes) == (True, [])
    result = adopt(release_hosts, names=["sw1"])
    assert of(result, "sw1").action == "release"
    assert (marks(old, ids[0]), picture(old, ids)) == (([], []), before)
    assert marks(old, ids[1])[0][0] == ("netbox_id", f"device:{devices[1]['id']}")
    assert not adopt(release_hosts, names=["sw1"]).changed
    # also of an object that is gone
    old.netbox.remove(DEVICES, devices[1]["id"])
    assert of(adopt(release_hosts, ids=[f"device:{devices[1]['id']}"]), "sw2").action == "release"
    with pytest.raises(InputError, match="no host is named"):
        adopt(release_hosts)


def test_a_policy_that_gives_what_is_there(old: World, adopt: Adopt, tmp_path: Path) -> None:
    sites = {"site": "Berlin 1", "site2": "Hamburg 1"}
    rows: list[dict[str, Any]] = []
    for key, name in sites.items():
        group = old.zabbix.group(f"{TOP}/{name}")
        for number in range(3):
            host = f"{name[:3].lower()}-sw{number}"
            old.device(host, site=old.netbox.ids[key])
            groups = [{"groupid": old.zabbix.group(OLD)}, {"groupid": group}]
            rows.append(
                {"host": host, "groups": groups, "templates": [{"templateid": old.zabbix.template("ICMP Ping")}]}
            )
    rows[0]["templates"] = []
    foreign(old, *rows)
    dest = tmp_path / "proposed.yml"

    def run(*sides: Any, **more: Any) -> Result:
        netbox, zabbix, options, progress = sides
        return propose_policy(netbox, zabbix, replace(options, **more), str(dest), progress)

    result = adopt(run, decisions="")
    assert (result.changed, old.proxy.writes, old.netbox_writes()) == (True, [], [])
    proposed = yaml.safe_load(dest.read_text())
    assert proposed["netbox_zabbix_mappings"][0]["host_groups"] == [TOP + "/{site}", OLD]
    assert (result.stats["hosts"], result.stats["surplus"]) == (6, 0)
    assert not adopt(run, decisions="").changed
    # it is a policy, and a sync by it changes nothing of these hosts but marks
    adopt(report_candidates)
    adopt(adopt_hosts)
    result = old.sync(proposed["netbox_zabbix_mappings"], dry_run=True)
    changes = {what.partition("[")[0] for host in result.hosts for what in host.changes}
    assert (result.failed, changes) == ([], {"record"})


def test_the_playbooks(old: World, play: Callable[..., Played], tmp_path: Path) -> None:
    device = old.device("sw1")
    (hostid,) = foreign(old, {"host": "sw1"})
    path, page = tmp_path / "adopt.csv", tmp_path / "adopt.html"
    given = {"netbox_zabbix_adopt_table": str(path), "netbox_zabbix_reports": {"html": str(page)}}
    variables = {**given, "netbox_zabbix_lock": "local"}
    assert play("--check", playbook="adopt", variables=variables).recap["changed"] == 1
    assert not path.exists()
    played = play(playbook="adopt", variables=variables)
    assert (played.code, played.recap["changed"]) == (0, 1)
    assert f"device:{device['id']}" in page.read_text()
    apply = {**variables, "netbox_zabbix_adopt": "apply"}
    played = play("--check", "--diff", playbook="adopt", variables=apply)
    assert "tags[netbox_id]" in played.text
    assert marks(old, hostid) == ([], [])
    assert play(playbook="adopt", variables=apply).recap["changed"] == 1
    assert play(playbook="adopt", variables=apply).recap["changed"] == 0
    assert marks(old, hostid)[0][0] == ("netbox_id", f"device:{device['id']}")
    path.write_bytes(b"decision;object;hostid\nadopt;device:1;1\nadopt;device:\xfc;1\n")
    played = play(playbook="adopt", variables=apply)
    assert played.code != 0
    assert "line 3: is not UTF-8" in played.text
    proposed = tmp_path / "proposed.yml"
    played = play(
        playbook="adopt", variables={"netbox_zabbix_adopt": "policy", "netbox_zabbix_adopt_policy": str(proposed)}
    )
    assert (played.code, "Proposed from 1 hosts" in proposed.read_text()) == (0, True)
    release = {"netbox_zabbix_names": ["sw1"], "netbox_zabbix_lock": "local"}
    assert play(playbook="release", variables=release).recap["changed"] == 1
    assert marks(old, hostid) == ([], [])
    assert play(playbook="release", variables=release).recap["changed"] == 0
