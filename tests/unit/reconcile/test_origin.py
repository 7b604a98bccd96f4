"""What was applied last, and whose change a difference is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig, Macro, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.origin import BOTH, UNKNOWN, last_applied
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import DRIFTED, PENDING
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.record import decode
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import ZabbixHost
from unit.reconcile.samples import KEY, agent, config, differ, in_sync, snmp

Told = dict[tuple[str, str], tuple[str | None, str]]


def told(wanted: HostConfig, live: ZabbixHost) -> Told:
    """Return for each difference what was applied last, and whose change it is."""
    change = differ().compare(wanted, live)
    assert change is not None
    record = decode(live.applied)
    return {(item.attribute, item.element): last_applied(change, item, record, KEY) for item in change.differences}


def macros(host: ZabbixHost, name: str, **changes: Any) -> ZabbixHost:
    """Return the host with a macro changed by hand."""
    return replace(host, macros=tuple(replace(one, **changes) if one.macro == name else one for one in host.macros))


@pytest.mark.parametrize(
    ("attribute", "element", "one", "two", "hand"),
    [
        ("description", "", {"description": "one"}, {"description": "two"}, {"description": "by hand"}),
        ("status", "", {"status": "enabled"}, {"status": "disabled"}, None),
        ("inventory", "os", {"inventory": {"os": "one"}}, {"inventory": {"os": "two"}}, {"inventory": {"os": "x"}}),
    ],
)
def test_one_value(attribute: str, element: str, one: Any, two: Any, hand: Any) -> None:
    key = (attribute, element)
    manual = {"inventory_mode": "manual"} if attribute == "inventory" else {}
    before, after = config(**one, **manual), config(**two, **manual)
    host = in_sync(before)
    value = next(iter(one.values()))
    shown = value["os"] if isinstance(value, dict) else value
    assert told(after, host)[key] == (shown, PENDING)
    if hand is not None:
        changed = replace(host, **hand)
        assert told(before, changed)[key] == (shown, DRIFTED)
        assert told(after, changed)[key] == (UNKNOWN, BOTH)
    # never given before
    assert told(after, replace(host, macros=()))[key] == (None, PENDING)


def test_elements_of_a_set() -> None:
    host = in_sync(config(tags=frozenset({("a", "1")})))
    assert told(config(tags=frozenset({("b", "2")})), host) == {
        ("tags", "b"): (None, PENDING),
        ("tags", "a"): ("1", PENDING),
    }
    by_hand = replace(host, tags=frozenset(pair for pair in host.tags if pair[0] != "a"))
    assert told(config(tags=frozenset({("a", "1")})), by_hand) == {("tags", "a"): ("1", DRIFTED)}


def test_interfaces() -> None:
    one, two = config(interfaces=(agent(),)), config(interfaces=(agent(port="10060"),))
    host, key = in_sync(one), ("interfaces", "agent.port")
    by_hand = replace(host, interfaces=(replace(host.interfaces[0], port="1"),))
    assert told(two, host)[key] == ("10050", PENDING)
    assert told(one, by_hand)[key] == ("10050", DRIFTED)
    assert told(two, by_hand)[key] == (UNKNOWN, BOTH)
    gone = replace(host, interfaces=())
    assert told(one, gone)[("interfaces", "agent")] == ("10.0.0.1:10050", DRIFTED)
    assert told(two, gone)[("interfaces", "agent")] == (UNKNOWN, BOTH)
    assert told(config(interfaces=()), host)[("interfaces", "agent")] == ("10.0.0.1:10050", PENDING)
    more = config(interfaces=(agent(), snmp()))
    assert told(more, host)[("interfaces", "snmp")] == (None, PENDING)


def test_macros() -> None:
    one, two = config(macros={"{$A}": Macro("1")}), config(macros={"{$A}": Macro("2")})
    host, key = in_sync(one), ("macros", "{$A}")
    assert told(two, host)[key] == ("1", PENDING)
    assert told(one, macros(host, "{$A}", value="x"))[key] == ("1", DRIFTED)
    assert told(two, macros(host, "{$A}", value="x"))[key] == (UNKNOWN, BOTH)
    gone = replace(host, macros=tuple(macro for macro in host.macros if macro.macro != "{$A}"))
    assert told(one, gone)[key] == ("1", DRIFTED)
    assert told(two, gone)[key] == (UNKNOWN, BOTH)
    assert told(config(macros={}), host)[key] == ("1", PENDING)


def test_a_description_of_a_macro_belongs_to_it() -> None:
    one = config(macros={"{$A}": Macro("1", description="one")})
    two = config(macros={"{$A}": Macro("1", description="two")})
    host, key = in_sync(one), ("macros", "{$A}")
    assert told(two, host)[key][1] == PENDING
    assert told(one, macros(host, "{$A}", description="x"))[key][1] == DRIFTED


def test_a_secret_that_zabbix_never_tells() -> None:
    one = config(macros={"{$A}": Macro(Secret("s", "1"), "secret")})
    two = config(macros={"{$A}": Macro(Secret("s", "2"), "secret")})
    assert told(two, in_sync(one))[("macros", "{$A}")] == (UNKNOWN, PENDING)
