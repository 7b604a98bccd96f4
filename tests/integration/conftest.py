"""What every integration test stands on: a real Zabbix (7.0 and 6.0), and NetBox: a stand-in, or the one in NETBOX_URL.

A NetBox given by NETBOX_URL and NETBOX_TOKEN must be one for tests: it may hold no devices and no virtual machines, and
the token is an administrator's. Jobs run with accounts of the least rights, which the collection makes itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from lab import zabbix as zabbix_lab
from lab.netbox import StandIn
from lab.proxy import FaultProxy

from integration.maintaining import Maintaining
from integration.playing import collections_path, play, start
from integration.world import Foreigners, NetBoxSide, World, ZabbixSide

#: fixtures that are kept apart
__all__ = ["collections_path", "play", "start"]

VERSIONS = os.environ.get("ZABBIX_VERSIONS", " ".join(zabbix_lab.VERSIONS)).split()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs once for each Zabbix version, so that `tests/tools/integration` can tell it apart."""
    for item in items:
        if "zabbix_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.zabbix)


@pytest.fixture(scope="session", params=VERSIONS)
def zabbix_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZabbixSide]:
    """A running Zabbix with 500 hosts of other people in it, which must be the same when the suite is over."""
    lab = zabbix_lab.up(request.param)
    # as after its installation: a demonstration may have left a whole company in it
    zabbix_lab.reset(request.param)
    side = ZabbixSide(lab, tmp_path_factory.mktemp("zabbix"))
    foreigners = Foreigners(side)
    foreigners.settle()
    yield side
    foreigners.must_be_unchanged()
    foreigners.leave()


@pytest.fixture(scope="session")
def standin() -> Iterator[StandIn | None]:
    """The stand-in, None where a real NetBox is given."""
    if os.environ.get("NETBOX_URL"):
        yield None
        return
    with StandIn() as running:
        yield running


@pytest.fixture(scope="session")
def netbox_server(standin: StandIn | None, tmp_path_factory: pytest.TempPathFactory) -> NetBoxSide:
    """NetBox with custom fields and a site to build in, and no device or virtual machine."""
    url, token = (standin.url, standin.token) if standin else (os.environ["NETBOX_URL"], os.environ["NETBOX_TOKEN"])
    side = NetBoxSide(url, token, standin, tmp_path_factory.mktemp("netbox"))
    side.prepare()
    return side


@pytest.fixture
def proxy(zabbix_server: ZabbixSide) -> Iterator[FaultProxy]:
    """A proxy before Zabbix, through which `world` syncs."""
    with FaultProxy(zabbix_server.lab.url) as running:
        yield running


@pytest.fixture
def world(netbox_server: NetBoxSide, zabbix_server: ZabbixSide, proxy: FaultProxy) -> Iterator[World]:
    """A small world of one's own: builds objects in NetBox, syncs them, looks at the hosts; everything goes
    afterwards.
    """
    world = World(netbox_server, zabbix_server, proxy)
    yield world
    world.clean()


@pytest.fixture
def maintaining(world: World) -> Iterator[Maintaining]:
    """The same with maintenance windows, of which none is there before and afterwards."""
    found = Maintaining(world)
    found.clean()
    yield found
    found.clean()
