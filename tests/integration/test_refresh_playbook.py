"""refresh.yml as people run it: what it prints, what it fails on, its reports, its repair, its record."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from integration.playing import Played
from integration.world import World

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

Play = Callable[..., Played]
DRIFT = {"netbox_zabbix_fail_on": ["failed", "drifted"], "netbox_zabbix_reports": {"json": "look.json"}}


def test_look_fail_repair(world: World, play: Play, tmp_path: Path) -> None:
    world.device("sw1")
    world.device("sw2")
    world.sync()
    quiet = play(playbook="refresh", variables=DRIFT)
    assert (quiet.code, "2 objects of NetBox: 2 in sync." in quiet.text) == (0, True), quiet.text
    assert "NetBox was read as a whole: there is no snapshot yet" in " ".join(quiet.text.split())
    again = play(playbook="refresh", variables=DRIFT)
    assert (again.code, again.recap["changed"]) == (0, 0), again.text
    assert "Of NetBox only what changed was read" in again.text

    hostid = world.host("sw1")["hostid"]
    world.zabbix.api("host.update", hostid=hostid, name="by hand")
    looked = play(playbook="refresh", variables=DRIFT)
    assert looked.code == 2, looked.text
    assert "2 objects of NetBox: 1 in sync, 1 drifted." in looked.text
    (host,) = json.loads((tmp_path / "look.json").read_text())["hosts"]
    (detail,) = host["details"]
    assert (detail["attribute"], detail["live"], detail["wanted"], detail["applied"]) == (
        "name",
        "by hand",
        "sw1",
        "sw1",
    )
    assert world.host("sw1")["name"] == "by hand"

    repair = {"netbox_zabbix_repair": "drifted"}
    checked = play("--check", "--diff", playbook="refresh", variables=repair)
    assert (checked.code, "Would repair: 1 of 1 hosts." in checked.text) == (0, True), checked.text
    assert world.host("sw1")["name"] == "by hand"
    repaired = play(playbook="refresh", variables=repair)
    assert (repaired.code, "Repaired: 1 of 1 hosts." in repaired.text) == (0, True), repaired.text
    assert world.host("sw1")["name"] == "sw1"

    listed = play(playbook="runs")
    rows = [line.split() for line in listed.text.splitlines() if " HostConfigSyncRefresh " in line]
    assert len(rows) == 4, listed.text  # check runs leave none


def test_hosts_of_the_inventory_alone(world: World, play: Play, tmp_path: Path) -> None:
    one, two = world.device("sw1"), world.device("sw2")
    world.sync()
    for name in ("sw1", "sw2"):
        world.zabbix.api("host.update", hostid=world.host(name)["hostid"], name=f"{name} by hand")
    hosts = {"sw1": {"netbox_id": f"device:{one['id']}"}, "sw2": {"netbox_id": f"device:{two['id']}"}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    looked = play("-i", "hosts.yml", "--limit", "sw1", playbook="refresh", variables=DRIFT)
    assert (looked.code, "1 objects of NetBox: 1 drifted." in looked.text) == (2, True), looked.text
