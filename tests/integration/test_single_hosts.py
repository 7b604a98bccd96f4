"""Single hosts (zabbix_host): both sides or neither, and few requests."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.zabbix_host import manage_hosts

from integration.world import INSTANCE, POLICY, TOP, World, policy

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


def asked(world: World, **options: Any) -> int:
    """Return how many requests a run of updates took, to both servers."""
    result = manage(world, **options)
    assert {host.action for host in result.hosts} == {"update"}, result.message
    return sum(number for server in result.requests.values() for number in server.values())


def test_an_update_takes_eight_requests_and_a_hundred_not_twice_as_many(world: World) -> None:
    """However large the estate is: no list of all names is read, and each server is asked for all of them at once."""
    ids = world.netbox.ids
    row = {"site": ids["site"], "role": ids["role"], "device_type": ids["type"], "status": "active"}
    made = world.netbox.make_all("dcim/devices/", [{"name": f"sw{number}", **row} for number in range(100)])
    refs = [f"device:{device['id']}" for device in made]
    bare = {"mappings": policy(interfaces=[], templates=[])}
    result = manage(world, ids=refs, **bare)
    assert result.stats["creates"] == 100
    changed = {"mappings": policy(interfaces=[], templates=[], description="by {site}")}
    if world.netbox.standin is None:
        # an older NetBox has no lists that begin at an id, and is asked more often
        version = world.netbox.call("GET", "status/")["netbox-version"]
        if tuple(map(int, version.split("-")[0].split("."))) < (4, 5, 2):
            pytest.skip("this NetBox has no lists that begin at an id")
    by_name = asked(world, names=["sw0"], **changed)
    by_id = asked(world, ids=[refs[1]], **changed)
    hundred = asked(world, ids=refs[2:], **changed)
    assert max(by_name, by_id) <= 8
    assert hundred <= 2 * by_id
