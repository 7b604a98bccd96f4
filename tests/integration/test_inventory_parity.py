"""Our inventory is nb_inventory's, but for what differences.yml says: recorded answers of nb_inventory 3.22.0, or a
live one where NB_INVENTORY_PATH names a virtual environment that has it (see CONTRIBUTING.md).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.estate.api import Api
from lab.netbox import StandIn

from integration.inventory_parity.differences import DIFFERENCES, applicable, differing, settle
from integration.inventory_parity.estate import build
from integration.inventory_parity.listing import CONFIGURATIONS, OURS, Asker, Listing, expected, theirs

HOST_NAMES = ("unique", "nb_inventory")
#: what names nothing of the recorded estate, and has none of the groups that are known to differ
FOR_ANY = (
    *("defaults", "region_only", "interfaces", "least", "config_context"),
    *("device_filter_only", "names", "sites_whole"),
)
LIVE = pytest.mark.skipif("NB_INVENTORY_PATH" not in os.environ, reason="no NB_INVENTORY_PATH")


@pytest.fixture(scope="module")
def netbox() -> Iterator[StandIn]:
    with StandIn() as running:
        build(Api(running.url, running.token))
        yield running


@pytest.fixture
def ours(collections_path: Path, tmp_path: Path) -> Asker:
    return Asker(OURS, Path(sys.executable).parent / "ansible-inventory", collections_path, tmp_path)


def must_be_equal(mine: Listing, other: Listing, configuration: str, host_names: str) -> None:
    for difference in applicable(configuration, host_names):
        mine, other = settle(difference, mine, other)
    assert list(differing(mine, other)) == []


@pytest.mark.parametrize("host_names", HOST_NAMES)
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_an_inventory_as_nb_inventory_gives_it(
    configuration: str, host_names: str, ours: Asker, netbox: StandIn
) -> None:
    """With our names for hosts, and with theirs."""
    options = CONFIGURATIONS[configuration] | {"host_names": host_names}
    mine = ours.listing(options, netbox.url, netbox.token)
    must_be_equal(mine, expected(configuration), configuration, host_names)


@pytest.mark.parametrize("configuration", ["defaults", "everything", "filters", "constructed"])
def test_an_inventory_without_graphql(configuration: str, ours: Asker, netbox: StandIn) -> None:
    netbox.graphql(False)
    try:
        mine = ours.listing(CONFIGURATIONS[configuration], netbox.url, netbox.token)
    finally:
        netbox.graphql(True)
    must_be_equal(mine, expected(configuration), configuration, "unique")


def test_every_object_is_a_host_of_its_own(ours: Asker, netbox: StandIn) -> None:
    """But for the other members of a virtual chassis, as in nb_inventory."""
    mine = ours.listing({}, netbox.url, netbox.token)
    counts = netbox.counts()
    ids = [variables["netbox_id"] for variables in mine["hosts"].values()]
    assert len(ids) == counts["dcim/devices"] + counts["virtualization/virtual-machines"] - len(["STACK-2"])
    assert len(set(ids)) == len(ids)


def test_each_difference_is_said_to_occur_somewhere() -> None:
    for difference in DIFFERENCES:
        named = {*difference.get("in", ()), *difference.get("not_in", ())}
        assert named <= CONFIGURATIONS.keys(), difference
        assert difference["reason"]


@LIVE
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_nb_inventory_still_says_what_was_recorded(configuration: str, tmp_path: Path, netbox: StandIn) -> None:
    asker = theirs(tmp_path)
    assert asker is not None
    now = asker.listing(CONFIGURATIONS[configuration], netbox.url, netbox.token_v1)
    assert list(differing(now, expected(configuration))) == []


@LIVE
@pytest.mark.skipif("NETBOX_URL" not in os.environ, reason="no NETBOX_URL")
@pytest.mark.parametrize("configuration", FOR_ANY)
def test_both_say_the_same_of_any_netbox(configuration: str, ours: Asker, tmp_path: Path) -> None:
    """Whatever it holds. Objects without a name have random ones in nb_inventory and are left out."""
    asker = theirs(tmp_path)
    assert asker is not None
    url, token = os.environ["NETBOX_URL"], os.environ["NETBOX_TOKEN"]
    given = {"token": {"type": "Bearer", "value": token}} if token.startswith("nbt_") else {}
    other = asker.listing(CONFIGURATIONS[configuration] | given, url, token)
    mine = ours.listing(CONFIGURATIONS[configuration] | {"host_names": "nb_inventory"}, url, token)
    for variables in mine["hosts"].values():
        variables.pop("netbox_id")
        variables.pop("zabbix", None)
    for listing in (mine, other):
        listing["hosts"].pop("<uuid>", None)
    assert mine["hosts"], f"{url} has no hosts"
    assert list(differing(mine, other)) == []


def test_groups_can_be_looked_at_and_limited(ours: Asker, netbox: StandIn) -> None:
    options = {"group_by": ["sites", "region"]}
    graph = ours.run(options, netbox.url, netbox.token, "--graph", "--vars").stdout
    assert "|--@region_asia:\n  |  |--@region_tokyo:\n  |  |  |--@sites_tyo-1:\n" in graph
    assert "{netbox_id = device:4}" in graph
    limited = ours.listing(options, netbox.url, netbox.token, "--limit", "region_asia")
    assert {variables["sites"][0] for variables in limited["hosts"].values()} == {"tyo-1"}


@pytest.mark.parametrize("configuration", ["defaults", "everything"])
def test_nothing_is_deprecated(configuration: str, ours: Asker, netbox: StandIn) -> None:
    said = ours.run(CONFIGURATIONS[configuration], netbox.url, netbox.token, "--list").stderr
    assert "deprecat" not in said.casefold(), said
