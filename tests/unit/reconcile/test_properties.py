"""What holds for every host, whatever was applied, is wanted, and was done by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import (
    HostConfig,
    Interface,
    Macro,
    Secret,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.interfaces import keep_interfaces
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.payload import payload
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import (
    MACRO_APPLIED,
    LiveInterface,
    LiveMacro,
    ZabbixHost,
)
from hypothesis import given
from hypothesis import strategies as st
from unit.reconcile.samples import agent, config, differ, new_host, snmp, snmp3, zabbix_after

releases = st.sampled_from([(6, 0), (7, 0)])
words = st.text("abcäß \n", min_size=1, max_size=6).filter(lambda text: text.strip() == text)
tag_names = st.sampled_from(["site", "role", "netbox", "x"])
tags = st.frozensets(st.tuples(tag_names, st.sampled_from(["", "a", "b"])), max_size=4)
macro_names = st.sampled_from(["{$A}", "{$B}", "{$C}", '{$D:"x"}'])
macros = st.dictionaries(
    macro_names,
    st.one_of(
        st.builds(Macro, words, st.sampled_from(["text", "vault"]), st.sampled_from(["", "note"])),
        st.builds(lambda value: Macro(Secret("s", value), "secret"), words),
    ),
    max_size=4,
)
inventory_fields = st.sampled_from(["notes", "os", "serialno_a", "location"])
inventories = st.dictionaries(inventory_fields, words, max_size=3)
ips = st.sampled_from([f"10.0.0.{number}" for number in range(1, 5)])


encryptions = st.sampled_from(
    [
        {},
        {"tls_connect": "none", "tls_accept": "none"},
        {"tls_connect": "psk", "tls_accept": "none, psk", "tls_psk_identity": "id", "tls_psk": Secret("p", "0" * 32)},
        {"tls_connect": "psk", "tls_accept": "psk", "tls_psk_identity": "id2", "tls_psk": Secret("p", "f" * 32)},
        {"tls_connect": "certificate", "tls_accept": "certificate", "tls_issuer": "CN=a", "tls_subject": "CN=b"},
    ]
)
ipmi = st.sampled_from(
    [
        {},
        {"ipmi_authtype": "rmcp_plus", "ipmi_privilege": "admin"},
        {"ipmi_username": "u", "ipmi_password": Secret("i", "w")},
    ]
)


@st.composite
def interfaces(draw: st.DrawFn) -> tuple[Interface, ...]:
    """Up to two agents and two of SNMP, one main of each, no address twice."""
    found: list[Interface] = []
    for kind in (agent, snmp):
        addresses = draw(st.lists(ips, max_size=2, unique=True))
        for number, ip in enumerate(addresses):
            key = kind.__name__ + ("/b" if number else "")
            more: dict[str, Any] = {"key": key, "main": number == 0}
            if draw(st.booleans()):
                more |= {"use_ip": False, "dns": f"{ip}.example.net", "ip": ""}
            if kind is snmp and draw(st.booleans()):
                more["details"] = snmp3(Secret("a", draw(words)), "{$PRIV}").details
            found.append(kind(**({"ip": ip} | more)))
    return tuple(draw(st.permutations(found)))


@st.composite
def configs(draw: st.DrawFn) -> HostConfig:
    monitored_by, monitor = draw(st.sampled_from([(None, None), ("server", None), ("proxy", "proxy-1")]))
    inventory_mode = draw(st.sampled_from([None, "manual", "automatic"]))
    return config(
        host=draw(st.sampled_from(["sw1", "sw2"])),
        name=draw(st.sampled_from(["Switch 1", "Switch ä"])),
        status=draw(st.sampled_from(["enabled", "disabled"])),
        description=draw(st.none() | words),
        groups=draw(st.frozensets(st.sampled_from(["All", "Site A", "Site B", "By hand"]), min_size=1)),
        templates=draw(st.frozensets(st.sampled_from(["ICMP Ping", "Linux", "Windows", "Cisco"]))),
        tags=draw(tags),
        macros=draw(macros),
        inventory_mode=inventory_mode,
        inventory=draw(inventories) if inventory_mode else {},
        interfaces=draw(interfaces()),
        monitored_by=monitored_by,
        monitor=monitor,
        more=draw(encryptions) | draw(ipmi),
    )


@st.composite
def touched(draw: st.DrawFn, host: ZabbixHost) -> ZabbixHost:
    """Return the host after people worked on it: added, took away, changed, all within what Zabbix allows."""
    kept_macros = [macro for macro in host.macros if draw(st.integers(0, 3))]
    names = {macro.macro for macro in kept_macros}
    added = draw(st.dictionaries(macro_names, words, max_size=2))
    kept_macros += [
        LiveMacro(str(900 + number), name, "text", value, "")
        for number, (name, value) in enumerate(added.items())
        if name not in names
    ]
    changed = [
        replace(one, ip=draw(ips), dns="", use_ip=True) if one.use_ip and draw(st.booleans()) else one
        for one in host.interfaces
    ]
    mains = {one.type for one in changed if one.main}
    if draw(st.booleans()):
        changed.append(LiveInterface("990", "agent", "agent" not in mains, True, "10.9.9.9", "", "10050", ()))
    return replace(
        host,
        name=draw(st.sampled_from([host.name, "by hand"])),
        status=draw(st.sampled_from(["enabled", "disabled"])),
        description=draw(st.sampled_from([host.description, "by hand"])),
        monitor=draw(st.sampled_from([host.monitor, ("server", "0")])),
        groups=draw(st.frozensets(st.sampled_from(["2", "10", "11", "90"]), min_size=1)),
        templates=draw(st.frozensets(st.sampled_from(["100", "101", "102", "103", "190"]))),
        tags=(host.tags - draw(st.frozensets(st.sampled_from(sorted(host.tags))))) | draw(tags),
        macros=tuple(kept_macros),
        inventory={} if host.inventory_mode == "disabled" else {**host.inventory, **draw(inventories)},
        interfaces=tuple(changed),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[HostConfig, HostConfig, ZabbixHost, tuple[int, int]]:
    """What was applied, what is wanted now, the host as it is by now, the release."""
    release, applied, wanted = draw(releases), draw(configs()), draw(configs())
    # switched off is tested apart; here an inventory stays one
    if wanted.inventory_mode is None and applied.inventory_mode is not None:
        wanted.inventory_mode = applied.inventory_mode
    host = new_host(differ(release).create(applied), release)
    return applied, wanted, draw(touched(host)), release


@given(histories())
def test_after_a_write_nothing_is_left_to_be_done(history: Any) -> None:
    dummy, wanted, host, release = history
    change = differ(release).compare(wanted, host)
    if change is None:
        return
    after = _after(wanted, host, release)
    again = differ(release).compare(wanted, after)
    assert again is None, (again.differences, payload(again, release))


@given(histories(), st.frozensets(st.sampled_from(["701", "702", "703", "704", "990"])))
def test_interfaces_that_items_use_stay_and_that_settles(history: Any, used: frozenset[str]) -> None:
    dummy, wanted, host, release = history
    change = differ(release).compare(wanted, host)
    if change is None:
        return
    keep_interfaces(change, dict.fromkeys(used, 3))
    after = zabbix_after(change, release)
    there = {one.interfaceid for one in host.interfaces}
    assert used & there <= {one.interfaceid for one in after.interfaces}
    again = differ(release).compare(wanted, after)
    assert again is None, (again.differences, payload(again, release))


@given(configs(), releases)
def test_a_new_host_is_right_at_once(wanted: HostConfig, release: tuple[int, int]) -> None:
    host = new_host(differ(release).create(wanted), release)
    assert differ(release).compare(wanted, host) is None


@given(histories())
def test_what_is_wanted_is_there_afterwards(history: Any) -> None:
    dummy, wanted, host, release = history
    after = _after(wanted, host, release)
    assert wanted.tags <= after.tags
    assert (after.host, after.name, after.status) == (wanted.host, wanted.name, wanted.status)
    assert {"netbox_id", "netbox_instance"} <= {tag for tag, dummy in after.tags}
    assert {name: macro.type for name, macro in wanted.macros.items()}.items() <= {
        macro.macro: macro.type for macro in after.macros
    }.items()
    assert wanted.inventory.items() <= after.inventory.items()
    live = {(one.type, one.main, one.use_ip, one.ip, one.dns, one.port) for one in after.interfaces}
    assert {(one.type, one.main, one.use_ip, one.ip, one.dns, one.port) for one in wanted.interfaces} <= live


@given(histories())
def test_what_nobody_gave_stays_as_it_is(history: Any) -> None:
    """Everything that neither the last config nor this one names is of others, and is there afterwards unchanged."""
    applied, wanted, host, release = history
    after = _after(wanted, host, release)
    ours = _ids(applied, release) | _ids(wanted, release)
    assert {item for item in host.groups | host.templates if item not in ours} <= after.groups | after.templates
    assert host.tags - applied.tags <= after.tags
    named = set(applied.macros) | set(wanted.macros) | {MACRO_APPLIED}
    assert [macro for macro in host.macros if macro.macro not in named] == [
        macro for macro in after.macros if macro.macro not in named
    ]
    fields = set(applied.inventory) | set(wanted.inventory)
    assert {name: value for name, value in host.inventory.items() if name not in fields} == {
        name: value for name, value in after.inventory.items() if name not in fields
    }
    if wanted.description is None:
        assert after.description == host.description
    if wanted.monitored_by is None:
        assert after.monitor == host.monitor
    if applied.interfaces and not {one.key for one in wanted.interfaces} - {one.key for one in applied.interfaces}:
        # nothing new is wanted, so the interface of a person is not taken for one of ours
        theirs = [one for one in host.interfaces if one.interfaceid == "990"]
        assert [(one.type, one.ip) for one in theirs] == [
            (one.type, one.ip) for one in after.interfaces if one.interfaceid == "990"
        ]


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_things_does_not_matter(history: Any, random: Any) -> None:
    dummy, wanted, host, release = history

    def shuffled(items: Any) -> list[Any]:
        items = list(items)
        random.shuffle(items)
        return items

    turned = replace(
        host,
        macros=tuple(shuffled(host.macros)),
        inventory=dict(shuffled(host.inventory.items())),
    )
    other = replace(
        wanted,
        macros=dict(shuffled(wanted.macros.items())),
        inventory=dict(shuffled(wanted.inventory.items())),
    )
    one, two = differ(release).compare(wanted, host), differ(release).compare(other, turned)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert one.record == two.record
        assert set(one.differences) == set(two.differences)
        assert _sorted(payload(one, release)) == _sorted(payload(two, release))


def _sorted(call: dict[str, Any]) -> dict[str, Any]:
    return {name: sorted(map(repr, value)) if isinstance(value, list) else value for name, value in call.items()}


def _after(wanted: HostConfig, host: ZabbixHost, release: tuple[int, int]) -> ZabbixHost:
    change = differ(release).compare(wanted, host)
    return host if change is None else zabbix_after(change, release)


def _ids(desired: HostConfig, release: tuple[int, int]) -> frozenset[str]:
    target = differ(release).create(desired).target
    return target.groups | target.templates
