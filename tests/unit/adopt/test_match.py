"""Who is whose, and when nobody can say."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.adopt.evidence import (
    Evidence,
    plain_address,
    score,
    short_name,
    subject,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import HostNames
from unit.adopt.samples import INSTANCE, host, matched, pairs, proposed, thing
from unit.policy.samples import address, device


@pytest.mark.parametrize(
    ("the_object", "the_host", "kinds", "points"),
    [
        ({"link": "7"}, {"name": "other"}, ["zabbix_hostid"], 99),
        ({}, {"host": "sw1", "name": "Switch in the cellar"}, ["technical name"], 80),
        ({"name": "SW 1"}, {"host": "x", "name": "SW 1"}, ["visible name"], 70),
        ({}, {"host": "sw1", "name": "sw1"}, ["technical name", "visible name"], 94),
        ({}, {"host": "SW1.example.net", "name": "SW1.example.net"}, ["name without domain or case"], 50),
        ({"addresses": frozenset({"10.0.0.1"})}, {"ip": "10.0.0.1"}, ["address"], 40),
        ({"addresses": frozenset({"2001:db8::1"})}, {"ip": "2001:0DB8:0::1"}, ["address"], 40),
        ({"dns_names": frozenset({"sw1.example.net"})}, {"dns": "SW1.example.net."}, ["DNS name"], 40),
        ({"serial": "S-1"}, {"inventory": {"serialno_b": "s-1 "}}, ["serial number"], 70),
        ({"asset_tag": "A1"}, {"inventory": {"asset_tag": "A1"}}, ["asset tag"], 70),
        ({}, {"tags": frozenset({("nb_type", "device"), ("nb_id", "1")})}, ["nbxsync's tags"], 97),
        ({}, {"tags": frozenset({("nb_type", "virtualmachine"), ("nb_id", "1")})}, [], 0),
        ({}, {"tags": frozenset({("nbid", "1")})}, ["default tag"], 60),
    ],
)
def test_each_kind_of_evidence(
    the_object: dict[str, Any], the_host: dict[str, Any], kinds: list[str], points: int
) -> None:
    found = matched(
        [thing(1, "sw1", **the_object)], [host(7, **{"host": "nobody", "name": "nobody", **the_host})], "nbid"
    )
    got = [[one.kind for one in pair.evidence] for pair in found.pairs]
    assert got == ([kinds] if kinds else [])
    assert [pair.score for pair in found.pairs] == ([points] if kinds else [])


def test_what_many_share_weighs_little() -> None:
    shared = {"inventory": {"serialno_a": "n/a"}, "ip": "10.0.0.9"}
    hosts = [host(number, **shared) for number in (1, 2)]
    addresses = frozenset({"10.0.0.9"})
    found = matched([thing(1, "sw1", serial="n/a", addresses=addresses)], hosts)
    assert found.pairs == []
    assert len(found.unclaimed) == 2


def test_two_addresses_tell_more_than_one() -> None:
    assert score([Evidence("address", 60, "a, b")]) == 60
    interfaces = host(1, ip="10.0.0.1").live.interfaces + host(1, ip="10.0.0.2").live.interfaces
    addresses = frozenset({"10.0.0.1", "10.0.0.2"})
    (pair,) = matched([thing(1, "sw1", addresses=addresses)], [host(1, interfaces=interfaces)]).pairs
    assert (pair.score, pair.evidence[0].value) == (60, "10.0.0.1, 10.0.0.2")


def test_the_exact_name_wins_over_one_that_is_the_same_before_the_domain() -> None:
    subjects = [thing(1, "sw1.ber"), thing(2, "sw1.ham")]
    found = matched(subjects, [host(11, "sw1.ber"), host(12, "sw1.ham")])
    assert proposed(found) == {"device:1": "11", "device:2": "12"}


def test_two_hosts_that_fit_one_object_are_a_conflict() -> None:
    found = matched([thing(1, "sw1", link="11")], [host(11, "other"), host(12, "sw1")])
    assert proposed(found) == {}
    assert pairs(found) == {
        ("device:1", "11"): ["host id 12 (sw1) fits as well (94)"],
        ("device:1", "12"): ["host id 11 (other) fits as well (99)"],
    }


def test_a_host_that_two_objects_claim_is_a_conflict() -> None:
    found = matched([thing(1, "sw1", link="11"), thing(2, "sw2", link="11")], [host(11, "x")])
    assert proposed(found) == {}
    assert pairs(found)["device:1", "11"] == ["sw2 fits as well (99)"]
    assert pairs(found)["device:2", "11"] == ["sw1 fits as well (99)"]


def test_another_serial_number_is_a_conflict() -> None:
    found = matched([thing(1, "sw1", serial="NEW")], [host(11, "sw1", inventory={"serialno_a": "OLD"})])
    assert pairs(found) == {("device:1", "11"): ["the serial number is NEW in NetBox and OLD in the host's inventory"]}


@pytest.mark.parametrize(
    ("tags", "discovered", "why"),
    [
        ([("netbox_instance", "other"), ("netbox_id", "device:1")], False, "belongs to another NetBox"),
        ([("netbox_instance", INSTANCE), ("netbox_id", "device:5")], False, "the host of device:5"),
        ([("netbox_instance", INSTANCE)], False, "the host of nothing"),
        ([("netbox_id", "device:5")], False, "netbox_id=device:5 without netbox_instance"),
        ([], True, "discovery made this host"),
    ],
)
def test_whose_it_is_already(tags: list[tuple[str, str]], discovered: bool, why: str) -> None:
    found = matched([thing(1, "sw1")], [host(11, "sw1", tags=frozenset(tags), discovered=discovered)])
    assert proposed(found) == {}
    ((conflict,),) = pairs(found).values()
    assert why in conflict


def test_a_lone_tag_of_the_right_object_is_no_obstacle() -> None:
    found = matched([thing(1, "sw1")], [host(11, "sw1", tags=frozenset({("netbox_id", "device:1")}))])
    assert proposed(found) == {"device:1": "11"}


def test_what_is_ours_already_is_told_and_looked_for_no_more() -> None:
    tags = frozenset({("netbox_instance", INSTANCE), ("netbox_id", "device:1")})
    found = matched([thing(1, "sw1")], [host(11, "x", tags=tags), host(12, "sw1")])
    assert (found.ours, found.pairs) == ({"device:1": "11"}, [])
    assert [one.live.hostid for one in found.unclaimed] == ["12"]


def test_no_object_and_no_host_is_lost() -> None:
    found = matched([thing(1, "sw1"), thing(2, "sw2", link="99")], [host(11, "sw1"), host(12, "printer")])
    assert proposed(found) == {"device:1": "11"}
    assert [one.ref for one in found.alone] == ["device:2"]
    assert [one.live.host for one in found.unclaimed] == ["printer"]
    assert found.notes == ["sw2: NetBox links it to host id 99, which Zabbix does not have"]


def test_an_object_that_is_no_host_is_not_proposed() -> None:
    found = matched([thing(1, "sw1", excluded="member of virtual chassis c1")], [host(11, "sw1")])
    assert pairs(found)["device:1", "11"] == ["the object is not to be a host: member of virtual chassis c1"]


def test_a_subject_has_the_addresses_of_all_interfaces() -> None:
    more = [{"address": "10.9.0.1/24", "dns_name": "Sw1.example.net"}, {"address": "127.0.0.1/8", "dns_name": ""}]
    values = {"primary_ip": address("10.0.0.1"), "primary_ip4": address("10.0.0.1"), "primary_ip6": None}
    one = subject(device(1, **values, oob_ip=None, custom_fields={"zabbix_hostid": 7}), HostNames("sw1", "sw1"), more)
    assert one.addresses == {"10.0.0.1", "10.9.0.1"}
    assert one.dns_names == {"sw1.example.net"}
    assert (one.link, one.serial, one.asset_tag, one.status) == ("7", "SN1", "", "active")


def test_names_and_addresses_in_their_usual_form() -> None:
    assert [short_name(name) for name in ("SW1.example.net", "10.0.0.1", " sw1 ")] == ["sw1", "10.0.0.1", "sw1"]
    assert [plain_address(text) for text in ("fe80::1%eth0", "{$IP}", "", "0.0.0.0")] == [""] * 4
