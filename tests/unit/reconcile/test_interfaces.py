"""Interfaces: which live one is ours, what is changed in place, what goes, and that each type has one main."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Interface, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.interfaces import keep_interfaces
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Change
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import LiveInterface, ZabbixHost
from unit.reconcile.samples import (
    RELEASES,
    agent,
    by_hand,
    config,
    differ,
    in_sync,
    shown,
    snmp,
    snmp3,
    zabbix_after,
)

V2 = (("bulk", "1"), ("community", "public"), ("version", "2"))


def wanting(*interfaces: Interface) -> Any:
    return config(interfaces=interfaces)


def live(number: str, kind: str = "agent", ip: str = "10.9.9.9", main: bool = False, **more: Any) -> LiveInterface:
    values = {"use_ip": True, "dns": "", "port": "10050" if kind == "agent" else "161", "details": ()}
    return LiveInterface(interfaceid=number, type=kind, main=main, ip=ip, **(values | more))


def adding(host: ZabbixHost, *interfaces: LiveInterface) -> ZabbixHost:
    return by_hand(host, interfaces=(*host.interfaces, *interfaces))


def settled(wanted: Any, before: ZabbixHost, release: tuple[int, int] = (7, 0)) -> ZabbixHost:
    """Return the host after its one write; a second one is not needed."""
    change = differ(release).compare(wanted, before)
    assert change is not None
    after = zabbix_after(change, release)
    assert differ(release).compare(wanted, after) is None
    return after


def addresses(host: ZabbixHost) -> dict[str, tuple[str, str, bool]]:
    return {one.interfaceid: (one.type, one.ip if one.use_ip else one.dns, one.main) for one in host.interfaces}


# --- changes in place


IN_PLACE = [
    # wanted, differences against agent("10.0.0.1") that was applied
    (agent("10.0.0.2"), ["agent.ip"]),
    (agent(port="10051"), ["agent.port"]),
    (agent("", use_ip=False, dns="sw1.example.net"), ["agent.connect", "agent.dns", "agent.ip"]),
    (agent(dns="sw1.example.net"), ["agent.dns"]),
]


@pytest.mark.parametrize(("wanted", "elements"), IN_PLACE)
def test_a_changed_address_keeps_the_interface_and_so_its_items(wanted: Interface, elements: list[str]) -> None:
    before = in_sync(wanting(agent()))
    change = differ().compare(wanting(wanted), before)
    assert shown(change) == [("interfaces", element, "pending") for element in elements]
    after = settled(wanting(wanted), before)
    assert [one.interfaceid for one in after.interfaces] == [one.interfaceid for one in before.interfaces]
    assert settled(wanting(agent()), after).interfaces == before.interfaces


@pytest.mark.parametrize(
    ("by_person", "element"),
    [
        ({"ip": "10.8.8.8"}, "snmp.ip"),
        ({"port": "1161"}, "snmp.port"),
        ({"use_ip": False, "dns": "by.hand"}, "snmp.connect"),
        ({"details": (("bulk", "0"), ("community", "public"), ("version", "2"))}, "snmp.bulk"),
    ],
)
def test_a_change_by_hand_is_taken_back_as_drift(by_person: dict[str, Any], element: str) -> None:
    wanted = wanting(snmp(details=V2))
    before = in_sync(wanted)
    changed = by_hand(before, interfaces=(replace(before.interfaces[0], **by_person),))
    assert ("interfaces", element, "drifted") in shown(differ().compare(wanted, changed))
    assert {reason for dummy, dummy, reason in shown(differ().compare(wanted, changed))} == {"drifted"}
    assert settled(wanted, changed).interfaces == before.interfaces


def test_address_and_the_rest_are_told_apart() -> None:
    """The policy changed the port, a person the bulk flag: each difference has its own reason."""
    before = in_sync(wanting(snmp(details=V2)))
    changed = by_hand(before, interfaces=(replace(before.interfaces[0], details=(("bulk", "0"), *V2[1:])),))
    change = differ().compare(wanting(snmp(details=V2, port="1161")), changed)
    assert shown(change) == [("interfaces", "snmp.bulk", "drifted"), ("interfaces", "snmp.port", "pending")]


# --- which one is it


MATCHES = [
    pytest.param(
        wanting(agent("10.0.0.1", port="10051")),
        (live("71", ip="10.0.0.1", main=True), live("72", port="10051")),
        {"agent": "71"},
        id="ours is the one at its old address, not one that looks half like it",
    ),
    pytest.param(
        wanting(agent("10.0.0.5")),
        (live("71", ip="10.0.0.1", main=True), live("72", ip="10.0.0.5")),
        {"agent": "72"},
        id="a person added the address that is wanted now",
    ),
    pytest.param(
        wanting(agent("10.0.0.5")),
        (live("71", ip="10.7.7.7"), live("72", ip="10.0.0.1", main=True)),
        {"agent": "72"},
        id="the one that we gave is changed, not the one beside it",
    ),
    pytest.param(
        wanting(agent("10.0.0.1"), snmp("10.0.0.1")),
        (live("71", "snmp", "10.0.0.1", True, details=V2), live("72", ip="10.0.0.1", main=True)),
        {"agent": "72", "snmp": "71"},
        id="types never mix",
    ),
]


@pytest.mark.parametrize(("wanted", "there", "expected"), MATCHES)
def test_ours_is_found_again(wanted: Any, there: tuple[LiveInterface, ...], expected: dict[str, str]) -> None:
    before = by_hand(in_sync(wanting(agent("10.0.0.1"))), interfaces=there)
    after = settled(wanted, before)
    for interface in wanted.interfaces:
        (found,) = [one for one in after.interfaces if one.interfaceid == expected[interface.key]]
        assert (found.type, found.ip, found.main) == (interface.type, interface.ip, interface.main)


def test_without_a_record_the_main_one_of_the_type_is_taken() -> None:
    before = by_hand(
        in_sync(wanting(agent())),
        macros=(),
        interfaces=(live("71"), live("72", ip="10.7.7.7", main=True), live("73", "snmp", main=True, details=V2)),
    )
    after = settled(wanting(agent("10.0.0.1")), before)
    assert addresses(after)["72"] == ("agent", "10.0.0.1", True)
    assert addresses(after)["71"] == addresses(before)["71"]
    assert addresses(after)["73"] == addresses(before)["73"]


def test_two_of_a_type_that_swap_their_addresses_swap_their_mains() -> None:
    first = wanting(agent("10.0.0.1"), agent("10.0.0.2", "agent/b", main=False))
    before = in_sync(first)
    after = settled(wanting(agent("10.0.0.2"), agent("10.0.0.1", "agent/b", main=False)), before)
    assert sorted(addresses(after).values()) == [("agent", "10.0.0.1", False), ("agent", "10.0.0.2", True)]
    assert {one.interfaceid for one in after.interfaces} == {one.interfaceid for one in before.interfaces}


def test_a_drifted_interface_does_not_take_its_neighbours_place() -> None:
    before = in_sync(wanting(agent("10.0.0.1", main=False), agent("10.0.0.2", "agent/b", main=True)))
    one, two = before.interfaces
    changed = by_hand(before, interfaces=(replace(one, ip="10.7.7.7"), two))
    after = settled(wanting(agent("10.0.0.1", main=False), agent("10.0.0.3", "agent/b", main=True)), changed)
    assert addresses(after) == {
        one.interfaceid: ("agent", "10.0.0.1", False),
        two.interfaceid: ("agent", "10.0.0.3", True),
    }


# --- main: Zabbix wants exactly one of each type (the model refuses all else)


def test_a_new_main_makes_the_other_one_step_back() -> None:
    theirs = live("90", "snmp", main=True, details=V2)
    before = adding(in_sync(wanting(agent())), theirs)
    after = settled(wanting(agent(), snmp("10.0.0.1")), before)
    assert addresses(after)["90"] == ("snmp", "10.9.9.9", False)
    assert after.interfaces[-1].details == V2


def test_ours_becomes_main_again_when_a_person_switched() -> None:
    before = in_sync(wanting(agent()))
    switched = by_hand(before, interfaces=(replace(before.interfaces[0], main=False), live("90", main=True)))
    change = differ().compare(wanting(agent()), switched)
    assert shown(change) == [("interfaces", "agent.main", "drifted")]
    assert [one.main for one in settled(wanting(agent()), switched).interfaces] == [True, False]


def test_when_our_main_one_goes_that_of_others_becomes_main() -> None:
    before = adding(in_sync(wanting(agent(), snmp())), live("90"))
    after = settled(wanting(snmp()), before)
    assert addresses(after)["90"] == ("agent", "10.9.9.9", True)


# --- removal


def test_an_interface_that_is_no_longer_wanted_goes() -> None:
    before = adding(in_sync(wanting(agent(), snmp())), live("90", "jmx", main=True))
    snmp_id = next(one.interfaceid for one in before.interfaces if one.type == "snmp")
    change = differ().compare(wanting(agent()), before)
    assert change.removed_interfaces == (snmp_id,)
    assert shown(change) == [("interfaces", "snmp", "pending")]
    assert sorted(addresses(settled(wanting(agent()), before)).values()) == [
        ("agent", "10.0.0.1", True),
        ("jmx", "10.9.9.9", True),
    ]


def test_what_people_added_or_changed_is_never_removed() -> None:
    before = in_sync(wanting(agent(), snmp()))
    changed = by_hand(before, interfaces=tuple(replace(one, ip="10.6.6.6") for one in before.interfaces))
    change = differ().compare(wanting(), changed)
    assert change.removed_interfaces == ()
    assert settled(wanting(), changed).interfaces == changed.interfaces


def kept(change: Change, in_use: dict[str, int]) -> Change:
    keep_interfaces(change, in_use)
    return change


def test_an_interface_in_use_stays_and_is_not_tried_again() -> None:
    before = in_sync(wanting(agent(), snmp()))
    snmp_id = next(one.interfaceid for one in before.interfaces if one.type == "snmp")
    change = kept(differ().compare(wanting(agent()), before), {snmp_id: 12})
    assert change.removed_interfaces == ()
    assert [item.after for item in change.differences] == ["10.0.0.1:161 (kept: 12 items use it)"]
    after = zabbix_after(change, (7, 0))
    assert after.interfaces == before.interfaces
    assert differ().compare(wanting(agent()), after) is None


def test_only_the_one_in_use_stays() -> None:
    before = in_sync(wanting(agent(), snmp(), agent("10.0.0.7", "agent/b", main=False)))
    ids = {one.ip + one.type: one.interfaceid for one in before.interfaces}
    change = kept(differ().compare(wanting(agent()), before), {ids["10.0.0.7agent"]: 1, ids["10.0.0.1snmp"]: 0})
    assert set(addresses(zabbix_after(change, (7, 0)))) == {ids["10.0.0.1agent"], ids["10.0.0.7agent"]}


def test_a_kept_interface_steps_back_for_the_new_main_one() -> None:
    before = in_sync(wanting(agent("10.0.0.1", "agent/old")))
    wanted = wanting(agent("10.0.0.2", "agent/new"))
    change = differ().compare(wanted, before)
    assert change.removed_interfaces == (before.interfaces[0].interfaceid,)
    after = zabbix_after(kept(change, {before.interfaces[0].interfaceid: 3}), (7, 0))
    assert sorted(addresses(after).values()) == [("agent", "10.0.0.1", False), ("agent", "10.0.0.2", True)]
    assert differ().compare(wanted, after) is None


def test_a_kept_interface_steps_back_for_one_that_was_made_main_in_its_place() -> None:
    before = adding(in_sync(wanting(agent(), snmp())), live("90"))
    agent_id = before.interfaces[0].interfaceid
    change = differ().compare(wanting(snmp()), before)
    assert change.removed_interfaces == (agent_id,)
    after = zabbix_after(kept(change, {agent_id: 3}), (7, 0))
    assert {agent_id, "90"} <= set(addresses(after))
    assert differ().compare(wanting(snmp()), after) is None


def test_a_kept_interface_becomes_main_when_the_main_one_goes() -> None:
    before = in_sync(wanting(agent(), agent("10.0.0.2", "agent/b", main=False), snmp()))
    second = before.interfaces[1].interfaceid
    after = zabbix_after(kept(differ().compare(wanting(snmp()), before), {second: 3}), (7, 0))
    assert addresses(after)[second] == ("agent", "10.0.0.2", True)
    assert differ().compare(wanting(snmp()), after) is None


# --- SNMP details


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("version", ["1", "2", "3"])
def test_max_repetitions_goes_only_where_it_is_known(release: tuple[int, int], version: str) -> None:
    details = (("bulk", "1"), ("community", "x"), ("max_repetitions", "10"), ("version", version))
    wanted = wanting(snmp(details=details))
    before = in_sync(wanted, release)  # the model refuses what that Zabbix refuses
    assert ("max_repetitions" in dict(before.interfaces[0].details)) == (release >= (6, 4) and version != "1")
    assert differ(release).compare(wanted, before) is None


def test_secrets_of_snmp_are_compared_and_masked() -> None:
    wanted = wanting(snmp3(Secret("a", "canary-1"), Secret("p", "{$MACRO}")))
    before = in_sync(wanted)
    assert differ().compare(wanted, before) is None
    changed = wanting(snmp3(Secret("a", "canary-2"), "{$PRIV}"))
    found = {item.element: (item.before, item.after) for item in differ().compare(changed, before).differences}
    assert found == {
        "snmp.authpassphrase": ("********", "******** (changed)"),
        "snmp.privpassphrase": ("{$MACRO}", "{$PRIV} (changed)"),
    }
    assert dict(settled(changed, before).interfaces[0].details)["authpassphrase"] == "canary-2"


def test_another_snmp_version_is_a_change_in_place() -> None:
    before = in_sync(wanting(snmp()))
    after = settled(wanting(snmp3("{$AUTH}", "{$PRIV}")), before)
    assert [one.interfaceid for one in after.interfaces] == [one.interfaceid for one in before.interfaces]
    assert dict(after.interfaces[0].details)["securityname"] == "monitor"
