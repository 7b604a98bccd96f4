"""What NetBox gives is compared with the last run, and hosts without an object are known by where they belonged."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import GuardError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.last_run import load_last_run, save_last_run
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.places import Group, Place
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import Store, open_store
from unit.jobs.estate import Estate, actions
from unit.policy.samples import AMSTERDAM

NETBOX = "https://netbox.invalid"
BERLIN: dict[str, Any] = {**AMSTERDAM, "id": 2, "name": "Berlin"}
PLACES = {
    "device:1": Place(Group(1, "AMS/1"), Group(2, "Access")),
    "device:7": Place(Group(0, ""), Group(2, "Access")),
    "virtual_machine:1": Place(Group(1, "AMS/1"), Group(0, "")),
}


def opened(folder: Path) -> Store:
    found = open_store(str(folder))
    assert found is not None
    return found


def documents(folder: Path) -> list[Path]:
    return sorted(folder.glob("last-run/*"))


@pytest.fixture
def two_sites(estate: Estate) -> Estate:
    """Twelve devices are in Berlin, and 500 elsewhere."""
    estate.devices(*range(1, 13), site=BERLIN)
    estate.devices(*range(100, 600))
    return estate


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    store = opened(tmp_path)
    notes: list[str] = []
    assert load_last_run(store, NETBOX, "a", notes).places == {}
    assert save_last_run(store, NETBOX, "a", PLACES, {}) == []
    last = load_last_run(store, NETBOX, "a", notes)
    assert last.places == PLACES
    assert last.when.endswith("UTC")
    assert load_last_run(store, NETBOX, "b", notes).places == {}, "each instance has its own"
    assert last.of_kinds(["virtual_machine"]).keys() == {"virtual_machine:1"}
    assert notes == []


def test_what_did_not_change_is_not_written_again(tmp_path: Path) -> None:
    assert save_last_run(opened(tmp_path), NETBOX, "a", PLACES, dict(PLACES)) == []
    assert documents(tmp_path) == []


@pytest.mark.parametrize("content", [b"{}", b'{"kind": "objects of the last run"', b"[1]"])
def test_a_damaged_document_is_told_and_stops_nothing(tmp_path: Path, content: bytes) -> None:
    store = opened(tmp_path)
    save_last_run(store, NETBOX, "a", PLACES, {})
    (path,) = documents(tmp_path)
    path.write_bytes(gzip.compress(content))
    notes: list[str] = []
    assert load_last_run(store, NETBOX, "a", notes).places == {}
    assert "not compared with the last run" in notes[0]


def test_a_site_that_vanished_since_the_last_run_stops_the_next(two_sites: Estate, tmp_path: Path) -> None:
    where = {"state_store": str(tmp_path)}
    two_sites.run(**where)
    (path,) = documents(tmp_path)
    before = path.read_bytes()
    two_sites.remove(*range(1, 13))
    with pytest.raises(GuardError, match=r"of 12 objects of site Berlin 0 are left .*min_site_objects_percent"):
        two_sites.run(**where)
    assert (two_sites.writes, two_sites.told) == ([], {})
    told = two_sites.run(**where, dry_run=True)
    assert "12 objects of site Berlin" in told.refused
    assert "A real run would stop here" in told.message
    assert told.stats["archives"] == 12
    assert path.read_bytes() == before, "what stopped a run is no last run"
    # it was meant: the limits of the plan hold all the same, and know where the hosts belonged
    with pytest.raises(GuardError, match=r"12 hosts archived of site Berlin, 100.0 % of 12"):
        two_sites.run(**where, min_site_objects_percent=0)
    half = {"archives": {"by": {"site": {"percent": 100}}}}
    assert two_sites.run(**where, min_site_objects_percent=0, limits=half).stats["archives"] == 12
    # and from now on the new figures count
    assert two_sites.run(**where).changed is False


def test_without_a_state_store_the_host_groups_tell(two_sites: Estate) -> None:
    two_sites.run()
    two_sites.remove(*range(1, 13))
    with pytest.raises(GuardError, match=r'12 hosts archived of host group "Sites/Berlin" .* 100.0 % of 12'):
        two_sites.run()
    assert two_sites.writes == []


def test_hosts_that_end_by_their_status_count_for_their_site(two_sites: Estate) -> None:
    two_sites.run()
    for number in range(1, 13):
        two_sites.change(number, status="decommissioning")
    with pytest.raises(GuardError, match="12 hosts archived of site Berlin"):
        two_sites.run(statuses={"device": {"decommissioning": "absent"}})


def test_a_run_over_a_part_is_no_last_run(two_sites: Estate, tmp_path: Path) -> None:
    two_sites.run(state_store=str(tmp_path), ids=["device:1"])
    two_sites.run(state_store=str(tmp_path), dry_run=True)
    assert documents(tmp_path) == []


def test_what_moved_to_another_site_and_what_is_new_is_not_lost(two_sites: Estate, tmp_path: Path) -> None:
    two_sites.run(state_store=str(tmp_path))
    for number in range(1, 13):
        two_sites.change(number, site=AMSTERDAM)
    assert set(actions(two_sites.run(state_store=str(tmp_path))).values()) == {"update"}
