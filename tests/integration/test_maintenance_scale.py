"""1,000 windows over 10,000 hosts, and one over all of them: how many requests it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection, ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance import (
    MaintenanceOptions,
    MaintenanceResult,
    run_maintenance,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance_sides import Sources
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import connect
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.read import read_objects
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.tables import read_related
from benchmark.policies import INSTANCE, STATUSES
from benchmark.stage import Stage, staged

from integration.world import ZabbixSide

pytestmark = [pytest.mark.zabbix, pytest.mark.slow]

OBJECTS, WINDOWS = 10_000, 1_000
#: requests to both servers together
MOST, MOST_UNCHANGED = 100, 40


@pytest.fixture
def stage(zabbix_server: ZabbixSide) -> Iterator[Stage]:
    with staged(zabbix_server.lab.version, OBJECTS, may_reset=False) as found:
        yield found
        made = zabbix_server.api("maintenance.get", {"output": ["maintenanceid"]})
        zabbix_server.api("maintenance.delete", [one["maintenanceid"] for one in made])


def pairs(netbox: NetBoxConnection) -> list[tuple[str, str]]:
    """Return the sites with the roles that they have devices of."""
    client = connect(netbox)
    pages = read_objects(client, read_related(client), ids=None, roots=frozenset())
    found = {
        (one.attributes["site"]["slug"], one.attributes["role"]["slug"])
        for page in pages
        for one in page
        if one.attributes["site"] and one.attributes["role"] and one.attributes["status"] == "active"
    }
    return sorted(found)


def test_requests(stage: Stage) -> None:
    netbox = NetBoxConnection(stage.netbox.url, stage.netbox.token)
    zabbix = ZabbixConnection(stage.connections["zabbix_url"], token=stage.zabbix.token)
    mappings = [{"name": "all", "host_groups": ["Benchmark/{site}"]}]
    options = SyncOptions(INSTANCE, mappings, statuses=STATUSES, write_back=[])
    made = sync_hosts(netbox, zabbix, options, lambda text: None)
    assert made.stats["creates"] > 0.9 * OBJECTS

    start = datetime.now(UTC) + timedelta(days=1)

    def run(hours: int, dry_run: bool = False) -> MaintenanceResult:
        when: dict[str, Any] = {"start": start.strftime("%Y-%m-%dT%H:%MZ"), "duration": f"{hours}h"}
        windows = [
            {"name": f"window {number}", "match": {"site": site, "role": role}, **when}
            for number, (site, role) in enumerate(islice(cycle(pairs(netbox)), WINDOWS))
        ]
        windows.append({"name": "everybody", "match": "all", **when})
        given = MaintenanceOptions(Sources(instance=INSTANCE, maintenances=windows), wait=0, dry_run=dry_run)
        return run_maintenance(netbox, zabbix, given, lambda text: None)

    def count(result: MaintenanceResult) -> int:
        return sum(number for of in result.requests.values() for number in of.values())

    result = run(2)
    assert (result.failed, result.stats["created"]) == ([], WINDOWS + 1)
    assert count(result) <= MOST, result.requests
    again = run(2)
    assert (again.changed, again.stats["unchanged"]) == (False, WINDOWS + 1)
    assert count(again) <= MOST_UNCHANGED, again.requests
    print(f"\ncreated: {count(result)} requests, {result.durations}; unchanged: {count(again)}: {again.requests}")
    result = run(3)
    assert (result.failed, result.stats["updated"]) == ([], WINDOWS + 1)
    assert count(result) <= MOST, result.requests
