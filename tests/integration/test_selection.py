"""Parts of the estate by the inventory: --limit, serial and a job runner's slices, with the inventory plugin."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration.world import World, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

INVENTORY = {
    "plugin": "netops.netbox_zabbix.netbox",
    "plurals": False,
    "services": False,  # the account of the least rights does not see them
    "group_by": ["site", "zabbix_status"],
}
#: hosts without an address, so that they can go from NetBox in one request
MAPPINGS = policy(templates=[], interfaces=[])
#: makes the play one over the inventory where no limit does
ALL = {"netbox_zabbix_hosts": "all"}


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "netbox.yml"
    path.write_text(yaml.safe_dump(INVENTORY))
    return path


@pytest.fixture
def play(play: Any) -> Any:
    return partial(play, mappings=MAPPINGS)


@pytest.fixture
def lost(world: World, play: Any) -> str:
    """A host of ours in Zabbix whose object is no longer in NetBox: a run that takes it for gone archives it."""
    device = world.device("lost", ip=None)
    done = play()
    assert done.code == 0, done.text
    world.netbox.remove("dcim/devices/", device["id"])
    return "lost"


def synced(world: World) -> set[str]:
    """Hosts that are there and in use."""
    return {host["host"] for host in world.ours() if host["status"] == "0"}


def looked_at(text: str) -> list[int]:
    """How many objects each run of the job was over."""
    return [int(number) for number in re.findall(r"(\d+) objects? of NetBox", text)]


def test_limit_takes_groups_of_the_inventory(world: World, play: Any, inventory: Path, lost: str) -> None:
    for number in range(3):
        world.device(f"ber-{number}", ip=None)
    world.device("ham-0", ip=None, site=world.netbox.ids["site2"])
    world.device("ber-0", ip=None, site=world.netbox.ids["site2"])  # a name that is there already
    done = play("-i", str(inventory), "--limit", "site_ham1")
    assert done.code == 0, done.text
    assert looked_at(done.text) == [2]
    assert len(synced(world)) == 2 + len([lost])
    assert {"ham-0", lost} < synced(world)
    done = play("-i", str(inventory), "--limit", "ber-1,ber-2")
    assert looked_at(done.text) == [2]
    assert {"ber-1", "ber-2", "ham-0", lost} < synced(world)
    assert "ber-0" not in synced(world)


def test_limit_takes_what_drifted(world: World, play: Any, inventory: Path) -> None:
    """The groups of the sync's own findings."""
    one, dummy = world.device("sw1", ip=None), world.device("sw2", ip=None)
    assert play().code == 0
    world.netbox.change("dcim/devices/", one["id"], custom_fields={"zabbix_sync_status": "drifted"})
    done = play("-i", str(inventory), "--limit", "zabbix_status_drifted")
    assert done.code == 0, done.text
    assert looked_at(done.text) == [1]
    assert world.netbox.call("GET", f"dcim/devices/{one['id']}/")["custom_fields"]["zabbix_sync_status"] == "in_sync"


def test_without_a_limit_the_run_is_whole(world: World, play: Any, inventory: Path, lost: str) -> None:
    """Only such a run may find out what is gone."""
    world.device("sw1", ip=None)
    done = play("-i", str(inventory))
    assert done.code == 0, done.text
    assert synced(world) == {"sw1"}


def test_serial_does_batch_by_batch(world: World, play: Any, inventory: Path, lost: str) -> None:
    for number in range(5):
        world.device(f"sw{number}", ip=None)
    done = play("-i", str(inventory), variables={**ALL, "netbox_zabbix_serial": [1, 3]})
    assert done.code == 0, done.text
    assert looked_at(done.text) == [1, 3, 1]
    assert synced(world) == {f"sw{number}" for number in range(5)} | {lost}


def test_a_batch_that_fails_ends_the_play(world: World, play: Any, inventory: Path) -> None:
    """A canary: what its batch cannot do is not tried on all others."""
    for number in range(3):
        world.device(f"sw{number}", ip=None)
    limits = {"creates": {"count": 0}}
    done = play("-i", str(inventory), variables={**ALL, "netbox_zabbix_serial": 1, "netbox_zabbix_limits": limits})
    assert done.code == 2
    assert done.text.count("TASK [netops.netbox_zabbix.sync : Make Zabbix match NetBox]") == 1
    assert synced(world) == set()


def test_slices_share_the_estate(
    world: World, start: Any, inventory: Path, lost: str, collections_path: Path, tmp_path: Path
) -> None:
    """As AWX does it: each job gets every n-th host of the inventory, and all jobs run at once."""
    for number in range(10):
        world.device(f"sw{number}", ip=None, site=world.netbox.ids["site2" if number % 2 else "site"])
    world.vm("vm0", ip=None)
    listed = subprocess.run(
        [Path(sys.executable).parent / "ansible-inventory", "-i", inventory, "--list"],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
            "NETBOX_URL": world.netbox.url,
            "NETBOX_TOKEN": world.netbox.token,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    variables = {
        host: {"netbox_id": json.loads(json.dumps(one["netbox_id"]).replace('{"__ansible_unsafe": ', "").rstrip("}"))}
        for host, one in json.loads(listed.stdout)["_meta"]["hostvars"].items()
    }
    number = 3
    running = []
    for at in range(number):
        hosts = dict(list(variables.items())[at::number])
        part = tmp_path / f"slice{at}.yml"
        part.write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
        running.append(start("-i", str(part), variables=ALL, mappings=MAPPINGS))
    texts = [one.communicate(timeout=120)[0] for one in running]
    assert [one.returncode for one in running] == [0] * number, texts
    assert sorted(count for text in texts for count in looked_at(text)) == [3, 4, 4]
    assert synced(world) == {f"sw{number}" for number in range(10)} | {"vm0", lost}
    whole = start(mappings=MAPPINGS)
    text, dummy = whole.communicate(timeout=120)
    assert whole.returncode == 0, text
    assert lost not in synced(world), "a run over all of the estate sees what is gone"


@pytest.mark.parametrize("playbook", ["host_update", "explain"])
def test_other_jobs_select_alike(playbook: str, world: World, play: Any, inventory: Path) -> None:
    world.device("ber-1", ip=None)
    world.device("ham-1", ip=None, site=world.netbox.ids["site2"])
    done = play("-i", str(inventory), "--limit", "site_ham1", playbook=playbook)
    assert done.code == 0, done.text
    if playbook == "explain":
        assert "ham-1" in done.text
        assert "ber-1" not in done.text
    else:
        assert synced(world) == {"ham-1"}


def test_an_end_by_limit_ends_only_these(world: World, play: Any, inventory: Path) -> None:
    world.device("ber-1", ip=None)
    world.device("ham-1", ip=None, site=world.netbox.ids["site2"])
    assert play().code == 0
    done = play("-i", str(inventory), "--limit", "site_ham1", playbook="host_delete")
    assert done.code == 0, done.text
    assert synced(world) == {"ber-1"}
