"""The hosts of some objects, in one run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection, ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.links import Links
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_records import (
    find_run,
    list_runs,
    read_before,
    write_record,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.zabbix_host import manage_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store
from unit.jobs.estate import Estate, actions
from unit.reconcile.fake import failing, lost

POLICY = [{"name": "all", "host_groups": ["All"], "templates": ["ICMP Ping"], "interfaces": [{"type": "agent"}]}]


def manage(estate: Estate, *ids: str, state: str = "present", **more: Any) -> Result:
    estate.zabbix.log.clear()
    options = SyncOptions("netbox-test", POLICY, ids=ids, state=state, **more)
    sides = NetBoxConnection("https://netbox.invalid", "token"), ZabbixConnection("https://zabbix.invalid", "token")
    return manage_hosts(*sides, options, estate.progress.append)


def test_the_job_is_called_by_what_it_does(estate: Estate) -> None:
    estate.devices(1, 2)
    ways = [("present", "CreateZabbixHost"), ("present", "UpdateZabbixHost"), ("absent", "DeleteZabbixHost")]
    ways += [("archived", "DeleteZabbixHost"), ("restored", "UpdateZabbixHost")]
    for state, job in ways:
        assert manage(estate, "device:1", state=state).job == job
    assert len(estate.zabbix.hosts) == 1


def test_what_was_before_is_kept_by_the_name_of_the_run(estate: Estate, tmp_path: Path) -> None:
    estate.devices(1)
    store = open_store(str(tmp_path))
    assert store is not None
    for state in ("present", "absent"):
        result = manage(estate, "device:1", state=state, state_store=str(tmp_path), pre_images=True)
        write_record(store, result, {}, {})
        run = find_run(list_runs(store), result.run_id)
        assert (run.job, run.finished) == (result.job, True)
        assert read_before(store, run) is not None


def test_several_are_handled_in_one_run(estate: Estate) -> None:
    estate.devices(*range(1, 101))
    manage(estate, "device:1")
    one = sum(estate.zabbix.requests.values())
    estate.zabbix.requests.clear()
    assert len(actions(manage(estate, *(f"device:{number}" for number in range(2, 101))))) == 99
    assert sum(estate.zabbix.requests.values()) <= 2 * one


def test_nothing_selected_is_no_run_over_everything(estate: Estate) -> None:
    estate.devices(1)
    with pytest.raises(InputError, match="no NetBox object is named"):
        manage(estate)
    assert estate.zabbix.log == []


# --- a link that NetBox does not take

NO = "NetBox refused the new values of device 1: no permission"


def test_a_creation_whose_link_netbox_does_not_take_is_taken_back(estate: Estate) -> None:
    estate.devices(1)
    estate.warnings = [NO]
    result = manage(estate, "device:1")
    assert estate.zabbix.hosts == {}
    assert estate.writes == ["host.create", "host.delete"]
    (failed,) = result.hosts
    assert (failed.action, failed.hostid) == ("failed", None)
    assert "deleted again" in (failed.error or "")
    assert NO in (failed.error or "")
    assert "netbox_zabbix_write_back" in (failed.error or "")
    assert (result.changed, result.stats["failed"]) == (False, 1)
    estate.warnings = []
    assert actions(manage(estate, "device:1")) == {"device:1": "create"}


def test_an_update_is_not_taken_back_nor_a_creation_without_a_link(estate: Estate) -> None:
    estate.devices(1, 2)
    manage(estate, "device:1")
    estate.change(1, name="renamed")
    estate.warnings = [NO]
    result = manage(estate, "device:1", "device:2", write_back=["zabbix_sync_status"])
    assert actions(result) == {"device:1": "update", "device:2": "create"}
    assert len(estate.zabbix.hosts) == 2


def test_a_new_host_that_somebody_works_with_already_stays(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    estate.devices(1)
    estate.warnings = [NO]
    finish = Links.finish

    def meanwhile(links: Links, progress: Any) -> list[str]:
        (host,) = estate.zabbix.hosts.values()
        estate.zabbix.hosts[host.hostid] = replace(host, tags=host.tags | {("by", "hand")})
        return finish(links, progress)

    monkeypatch.setattr(Links, "finish", meanwhile)
    result = manage(estate, "device:1")
    assert len(estate.zabbix.hosts) == 1
    assert estate.writes == ["host.create"]
    (failed,) = result.hosts
    assert failed.hostid in estate.zabbix.hosts
    assert "it stays with host id" in (failed.error or "")
    assert "changed it since" in (failed.error or "")


def test_one_that_zabbix_does_not_delete_stays_and_is_told(estate: Estate) -> None:
    estate.devices(1)
    estate.warnings = [NO]
    estate.zabbix.fails("host.delete", failing("no permissions"))
    (failed,) = manage(estate, "device:1").hosts
    assert len(estate.zabbix.hosts) == 1
    assert "could not be deleted: no permissions" in (failed.error or "")


def test_a_deletion_whose_answer_was_lost_is_looked_up(estate: Estate) -> None:
    estate.devices(1)
    estate.warnings = [NO]
    estate.zabbix.fails("host.delete", lost)
    (failed,) = manage(estate, "device:1").hosts
    assert estate.zabbix.hosts == {}
    assert "deleted again" in (failed.error or "")
