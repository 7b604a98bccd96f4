"""Single hosts (zabbix_host): both sides or neither, and few requests."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.zabbix_host import manage_hosts

from integration.world import INSTANCE, POLICY, TOP, World

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

DEVICES = "dcim/devices/"


def manage(world: World, **options: Any) -> Result:
    """Run the job over some objects, through the proxy."""
    given = SyncOptions(
        **{"instance": INSTANCE, "mappings": POLICY, "deletion": {"graveyard": TOP + "/archive"}, **options}
    )
    world.proxy.calls.clear()
    connection = world.zabbix.connection(None, world.proxy.url)
    return manage_hosts(world.netbox.connection(), connection, given, world.progress.append)


@pytest.mark.parametrize("status", [400, 500])
def test_a_creation_whose_link_netbox_does_not_take_is_taken_back(world: World, status: int) -> None:
    if world.netbox.standin is None:
        pytest.skip("only a stand-in fails on demand")
    world.device("sw1")
    world.device("sw2")
    world.netbox.standin.fail_next(
        status=status, body='{"detail": "not today"}', path_prefix="/api/dcim/devices/", method="PATCH", count=50
    )
    result = manage(world, names=["sw1", "sw2"])
    assert world.ours() == []
    assert [host.action for host in result.hosts] == ["failed", "failed"]
    assert all("deleted again" in (host.error or "") and "not today" in (host.error or "") for host in result.hosts)
    assert result.changed is False
    world.netbox.standin.no_faults()
    result = manage(world, names=["sw1", "sw2"])
    assert not result.failed, result.message
    for device in ("sw1", "sw2"):
        (found,) = world.netbox.call("GET", DEVICES, name=device)["results"]
        assert str(found["custom_fields"]["zabbix_hostid"]) == world.host(device)["hostid"]
    assert manage(world, names=["sw1", "sw2"]).changed is False
