"""A policy from hosts that are there."""

from __future__ import annotations

from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.adopt.proposal import Placed, placed, propose
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.translation import MAPPINGS, yaml_of
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.parse import parse_policy
from unit.adopt.samples import host
from unit.policy.samples import ACCESS, AMSTERDAM, CISCO, IOS, SWITCHES, device, related
from unit.reconcile.samples import settings

JUNOS = related(2, "Junos", parent=None, manufacturer=CISCO, custom_fields={})
BERLIN = {**AMSTERDAM, "id": 2, "name": "Berlin", "slug": "ber1"}


def one(number: int, *things: tuple[str, str], **attributes: Any) -> Placed:
    return Placed(f"h{number}", device(number, **attributes), frozenset(things))


def template(name: str) -> tuple[str, str]:
    return ("templates", name)


def group(name: str) -> tuple[str, str]:
    return ("host_groups", name)


def test_what_all_have_what_a_platform_has_and_who_is_out_of_line() -> None:
    common = (template("ICMP Ping"), group("All"))
    hosts = [one(n, *common, template("Cisco"), ("proxy", "p1"), site=AMSTERDAM, platform=IOS) for n in range(20)]
    hosts += [one(n, *common, template("Juniper"), site=BERLIN, platform=JUNOS) for n in range(20, 30)]
    hosts += [one(30, *common, site=BERLIN, platform=IOS)]
    hosts += [one(31, *common, template("By hand"), template("Juniper"), site=BERLIN, platform=JUNOS)]
    proposal = propose(hosts)
    assert proposal.mappings == [
        {"name": "everything", "host_groups": ["All"], "templates": ["ICMP Ping"]},
        {"name": "site ams1", "match": {"site": "ams1"}, "proxy": "p1"},
        {"name": "platform cisco-ios", "match": {"platform": "cisco-ios"}, "templates": ["Cisco"]},
        {"name": "platform junos", "match": {"platform": "junos"}, "templates": ["Juniper"]},
    ]
    assert proposal.remarks == [
        'template "Cisco": would be new on h30',
        'template "By hand": no mapping gives it to h31',
    ]
    assert (proposal.hosts, proposal.exact, proposal.surplus) == (32, 30, 1)
    assert proposal.given == proposal.things - 1
    parse_policy(proposal.mappings)
    assert MAPPINGS in yaml_of({MAPPINGS: proposal.mappings})


def test_groups_that_are_called_like_sites_become_one_field() -> None:
    hosts = [one(n, group("Sites/AMS-1"), group("x/ams1/Access"), site=AMSTERDAM, role=ACCESS) for n in range(3)]
    hosts += [one(n, group("Sites/Berlin"), group("x/ber1/Access"), site=BERLIN, role=ACCESS) for n in range(3, 5)]
    proposal = propose(hosts)
    (mapping,) = proposal.mappings
    assert mapping["host_groups"][0] in ("Sites/{site}", "x/{site.slug}/{role}", "x/{site.slug}/Access")
    assert len(mapping["host_groups"]) == 2
    assert (proposal.exact, proposal.surplus) == (5, 0)
    parse_policy(proposal.mappings)


def test_a_role_takes_in_the_roles_below_it() -> None:
    hosts = [one(n, template("ICMP Ping"), role=ACCESS, platform=None, site=AMSTERDAM) for n in range(4)]
    hosts += [one(n, template("ICMP Ping"), role=SWITCHES, platform=None, site=AMSTERDAM) for n in range(4, 6)]
    other = related(9, "Other", parent=None)
    hosts += [one(n, role=other, platform=None, site=AMSTERDAM) for n in range(6, 20)]
    assert propose(hosts).mappings == [
        {"name": "role switches", "match": {"role": "switches"}, "templates": ["ICMP Ping"]}
    ]


def test_one_host_shows_no_rule() -> None:
    proposal = propose([one(1, template("Cisco"))])
    assert proposal.mappings == []
    assert 'template "Cisco": no mapping gives it to h1' in proposal.remarks


def test_values_that_give_the_same_share_a_mapping() -> None:
    hosts = [one(n, template("Net"), site=AMSTERDAM, role=None, platform=IOS) for n in range(2)]
    hosts += [one(n, template("Net"), site=AMSTERDAM, role=None, platform=JUNOS) for n in range(2, 4)]
    hosts += [one(n, site=AMSTERDAM, role=None, platform=None) for n in range(4, 14)]
    (mapping,) = propose(hosts).mappings
    assert mapping["match"] == {"platform": ["cisco-ios", "junos"]}


def test_what_a_host_has_by_name() -> None:
    live = host(1, groups=frozenset({"10"}), templates=frozenset({"100"}), monitor=("proxy", "7")).live
    found = placed(live, device(1), settings())
    assert found.things == {group("Site A"), template("ICMP Ping"), ("proxy", "proxy-1")}
    on_group = host(1, groups=frozenset(), monitor=("proxy_group", "5")).live
    assert placed(on_group, device(1), settings()).things == {("proxy_group", "Branches")}


def test_nothing_is_proposed_from_nothing() -> None:
    assert propose([]).mappings == []
