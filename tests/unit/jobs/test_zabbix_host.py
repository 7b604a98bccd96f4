"""The hosts of some objects, in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection, ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_records import (
    find_run,
    list_runs,
    read_before,
    write_record,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.zabbix_host import manage_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store
from unit.jobs.estate import Estate, actions

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
