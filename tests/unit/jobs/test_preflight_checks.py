"""The checks as pure functions: what no server in the laboratory can be made to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.clock import offset
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetBoxError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import preflight_netbox as of_netbox
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import preflight_zabbix as of_zabbix
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.checks import (
    Check,
    as_table,
    is_over,
    worst_of,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.preflight_both import (
    check_clocks,
    check_time_zones,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.account import Account, Permission, Token
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.needs import ESTATE
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix import account as zabbix_account
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import ZabbixUser

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
EVERYTHING = frozenset(ESTATE)
ALL = Permission("all", EVERYTHING, frozenset({"view"}), False)
BERLIN = Permission("Berlin", frozenset({"dcim.device"}), frozenset({"view"}), True)


def facts(**changes: Any) -> of_netbox.NetBoxFacts:
    account = changes.pop("account", Account("sync", False, Token(None, True)))
    counted = {"devices": (10, 10), "virtual machines": (2, 2)}
    return replace(of_netbox.NetBoxFacts((4, 6, 8), account, {}, dict(counted)), **changes)


@pytest.mark.parametrize(("version", "status"), [((4, 2, 0), "ok"), ((4, 6, 99), "ok"), ((4, 7, 0), "warning")])
def test_a_netbox_that_is_newer_is_a_warning(version: tuple[int, ...], status: str) -> None:
    assert of_netbox.check_version(version).status == status


@pytest.mark.parametrize(("release", "status"), [((6, 0), "ok"), ((8, 0), "ok"), ((8, 2), "warning")])
def test_a_zabbix_that_is_newer_is_a_warning(release: tuple[int, int], status: str) -> None:
    assert of_zabbix.check_version("x", release).status == status


@pytest.mark.parametrize(
    ("left", "status", "said"),
    [
        (timedelta(seconds=-1), "error", "expired"),
        (timedelta(hours=30), "warning", "in 30 hours"),
        (timedelta(days=13, hours=23), "warning", "in 13 days"),
        (timedelta(days=14), "ok", "2026-12-08 10:00 UTC"),
        (None, "ok", "does not expire"),
    ],
)
def test_a_tokens_end_is_told_two_weeks_before(left: timedelta | None, status: str, said: str) -> None:
    found = of_netbox.expiry_row("netbox", None if left is None else NOW + left, NOW)
    assert found.status == status
    assert said in found.found


def test_an_end_that_cannot_be_known_is_a_warning() -> None:
    assert of_netbox.check_expiry(Account("sync")).status == "warning"


def test_constraints_that_can_be_read_are_named() -> None:
    account = Account("sync", False, permissions=(BERLIN,), complete=True)
    found = of_netbox.check_visibility(facts(account=account))
    assert (found.status, '"Berlin"' in found.found) == ("warning", True)
    found = of_netbox.check_visibility(facts(account=account, counted={"devices": (10, 7)}))
    assert found.status == "error"
    assert found.found == '3 of 10 devices are hidden from this token; the permission "Berlin" has constraints'


def test_constraints_do_not_matter_where_another_permission_gives_all() -> None:
    account = Account("sync", False, permissions=(BERLIN, ALL), complete=True)
    assert of_netbox.check_visibility(facts(account=account)).status == "ok"


def test_permissions_that_are_not_seen_are_told_by_numbers_or_not_at_all() -> None:
    direct = replace(ALL, constrained=None)
    account = Account("sync", False, permissions=(direct,), complete=False)
    found = of_netbox.check_visibility(facts(account=account))
    assert found.found.startswith("sees all that NetBox counts: 10 devices, 2 virtual machines")
    found = of_netbox.check_visibility(facts(account=account, counted={"devices": None, "virtual machines": (2, 2)}))
    assert (found.status, "cannot be known" in found.found) == ("warning", True)
    # views come from NetBox's configuration: an empty list of permissions does not say that there are no limits
    account = Account("sync", False, complete=True)
    assert not of_netbox.is_unconstrained(account)


def test_small_pages_cost_requests() -> None:
    assert of_netbox.check_page_size(100).status == "warning"
    assert "10 times" in of_netbox.check_page_size(100).found
    assert of_netbox.check_page_size(None).status == "ok"


def test_a_changelog_that_may_not_be_read() -> None:
    assert of_netbox.check_changelog(NetBoxError("no")).status == "warning"
    assert "90 days" in of_netbox.check_changelog(NOW - timedelta(days=90), NOW).found


def test_deleting_can_only_be_known_by_permissions() -> None:
    lacking = {("extras.customlink", "delete"): None}
    found = of_netbox.check_permissions("setup", facts(lacking=lacking))
    assert found.status == "ok"
    assert (
        found.found == "the permissions are there; whether to delete extras.customlink cannot be known with this token"
    )


@pytest.mark.parametrize(
    ("netbox", "zabbix", "status"),
    [(0.2, -0.4, "ok"), (6.0, -6.0, "warning"), (None, 11.0, "warning"), (-40.0, None, "warning"), (None, None, "ok")],
)
def test_each_pair_of_clocks_counts(netbox: float | None, zabbix: float | None, status: str) -> None:
    assert check_clocks(netbox, zabbix).status == status


def test_a_clock_is_read_from_the_date_of_an_answer() -> None:
    at = NOW.timestamp()
    assert offset("Tue, 24 Nov 2026 10:01:00 GMT", at, at) == pytest.approx(60.5)
    assert offset("Tue, 24 Nov 2026 10:00:00 GMT", at - 2, at + 4) == pytest.approx(-0.5)
    assert offset("yesterday", at, at) is None
    assert offset(None, at, at) is None


def test_time_zones_are_told() -> None:
    found = check_time_zones("+01:00", "system", "Europe/Berlin").found
    assert "NetBox writes times with +01:00" in found
    assert "Zabbix has that of its machine; its user Europe/Berlin" in found
    assert "Zabbix's cannot be known" in check_time_zones(None, None, None).found


def test_groups_of_the_policy_that_may_only_be_read() -> None:
    user = ZabbixUser("7", "sync", 2, "9", "default")
    account = zabbix_account.Account(host_groups={"NetBox/Berlin": False, "NetBox": True, "Linux": True})
    of = of_zabbix.ZabbixFacts("7.0.22", (7, 0), user, account, by_token=True)
    found = of_zabbix.check_host_groups(of, ["sync"], ["NetBox/{site}"])
    assert (found.status, "NetBox/Berlin" in found.found) == ("error", True)
    assert of_zabbix.check_host_groups(of, ["sync"], ["Linux"]).status == "ok"
    assert of_zabbix.check_host_groups(of, ["import"], ["NetBox/{site}"]).status == "ok"


def test_the_table_and_what_it_leads_to() -> None:
    rows = [
        Check("version", "netbox", "ok", "NetBox 4.6.8"),
        Check("methods.sync", "zabbix", "error", "word " * 60, "allow them"),
    ]
    lines = as_table(rows).splitlines()
    assert lines[0] == "ok       netbox  version       NetBox 4.6.8"
    assert lines[-1].strip() == "-> allow them"
    assert max(map(len, lines)) <= 120
    assert worst_of(rows) == "error"
    assert worst_of([]) == "ok"
    assert [is_over("warning", one) for one in ("error", "warning", "never")] == [False, True, False]
