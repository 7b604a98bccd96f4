"""The variables of a host are those of nb_inventory, one option after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.options import parse_options
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.read import Estate, Found
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.variables import HostVariables
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import DEVICE

Make = Callable[..., Found]
WINTER = datetime(2026, 1, 15, tzinfo=UTC)


def address(text: str, dns_name: str = "") -> dict[str, Any]:
    return {"address": text.partition("/")[0], "cidr": text, "family": 4, "dns_name": dns_name}


def of(estate: Estate, found: Found, **options: Any) -> dict[str, Any]:
    return HostVariables(parse_options(options), estate, WINTER).of(found)


def test_with_plurals_single_values_are_lists(estate: Estate, device: Make) -> None:
    found = device(site=1, location=3, role=2, platform=1, serial="S", asset_tag=None)
    variables = of(estate, found)
    assert variables["sites"] == ["ber"]
    assert variables["device_roles"] == ["switch"]
    assert variables["platforms"] == ["ios"]
    assert variables["regions"] == ["germany", "europe"]
    assert variables["site_groups"] == ["offices"]
    assert variables["locations"] == ["floor-1", "building"]
    assert variables["local_context_data"] == [None]
    assert variables["status"] == {"value": "active", "label": "Active"}
    assert (variables["serial"], variables["is_virtual"], variables["netbox_id"]) == ("S", False, "device:1")
    assert "asset_tag" not in variables
    assert "local_context_data" not in of(estate, found, plurals=False)
    assert of(estate, found, plurals=False)["site"] == "ber"


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, "10.0.0.1"),
        ({"ansible_host_dns_name": True}, "a.example.net"),
        ({"oob_ip_as_primary_ip": True}, "10.9.0.1"),
        ({"oob_ip_as_primary_ip": True, "ansible_host_dns_name": True}, "10.9.0.1"),
    ],
)
def test_which_address_ansible_connects_to(estate: Estate, device: Make, options: Any, wanted: str) -> None:
    first = address("10.0.0.1/24", "a.example.net")
    found = device(primary_ip=first, primary_ip4=first, oob_ip=address("10.9.0.1/24"))
    assert of(estate, found, **options)["ansible_host"] == wanted


def test_dns_names_come_where_they_are_asked_for(estate: Estate, device: Make) -> None:
    named, plain = device(primary_ip=address("10.0.0.1/24", "a")), device(primary_ip=address("10.0.0.2/24"))
    assert "dns_name" not in of(estate, named)
    assert of(estate, named, dns_name=True)["dns_name"] == "a"
    assert "dns_name" not in of(estate, plain, dns_name=True)


def test_contexts_and_custom_fields_flattened(estate: Estate, device: Make) -> None:
    row = {"config_context": {"ntp": 1, "own": 2}, "local_context_data": {"own": 3}}
    found = device(row=row, custom_fields={"owner": "me", "none": None})
    whole = of(estate, found, config_context=True)
    assert whole["config_context"] == [row["config_context"]]
    assert whole["custom_fields"] == {"owner": "me"}
    flat = of(
        estate, found, config_context=True, flatten_config_context=True, flatten_local_context_data=True,
        flatten_custom_fields=True,
    )  # fmt: skip
    assert (flat["ntp"], flat["own"], flat["owner"]) == (1, 3, "me")
    assert "config_context" not in flat


def test_the_first_renaming_that_fits_is_done(estate: Estate, device: Make) -> None:
    rules = [{"pattern": "ser(.*)", "repl": r"nb_\1"}, {"pattern": "serial", "repl": "other"}]
    variables = of(estate, device(serial="S"), rename_variables=rules)
    assert variables["nb_ial"] == "S"
    assert "serial" not in variables


def test_places_of_time(estate: Estate, device: Make) -> None:
    options = {"group_by": ["time_zone", "utc_offset", "facility"]}
    assert of(estate, device(site=1), **options).items() >= {
        "time_zone": "Europe_Berlin", "utc_offset": "plus_1", "facility": "B1",
    }.items()  # fmt: skip
    without = of(estate, device(site=2), **options)
    assert "time_zone" not in without
    assert without["facility"] == ""
    assert "facility" not in of(estate, device(site=1))


def test_what_zabbix_knows_is_one_variable(estate: Estate, device: Make) -> None:
    found = device(custom_fields={"zabbix_hostid": 7, "zabbix_sync_status": "drifted", "zabbix_proxy": None, "x": 1})
    assert of(estate, found)["zabbix"] == {"hostid": 7, "sync_status": "drifted"}
    assert "zabbix" not in of(estate, device())


def test_only_the_fields_that_are_wanted(estate: Estate, device: Make) -> None:
    assert of(estate, device(serial="S", site=1), fields=["serial", "sites"]) == {"serial": "S", "sites": ["ber"]}


def test_tags_come_in_netboxs_order(estate: Estate, device: Make) -> None:
    assert of(estate, device(row={"tags": [{"id": "2"}, {"id": 1}, {"id": 99}]}))["tags"] == ["edge", "core"]


def test_custom_fields_that_are_objects_come_as_rest_shows_them(estate: Estate, device: Make) -> None:
    estate.custom_fields[DEVICE, 1] = {"home": {"id": 3, "name": "Home"}, "none": None}
    assert of(estate, device(custom_fields={"home": 3}))["custom_fields"] == {"home": {"id": 3, "name": "Home"}}
