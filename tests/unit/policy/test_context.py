"""The config context key `zabbix`: our words, and those of netbox-zabbix-sync."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.compute import Outcome
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig, Macro
from unit.policy.samples import device, host, outcome

BASE = """
- name: base
  host_groups: [All]
  templates: [Base]
  tags: {site: "{site.slug}"}
  interfaces: [{type: agent, address: [oob, primary]}, {type: snmp, community: "{$C}"}]
"""


def with_context(zabbix: Any) -> HostConfig:
    return host(BASE, device(config_context={"zabbix": zabbix}))


def failing(zabbix: Any) -> Outcome:
    found = outcome(BASE, device(config_context={"zabbix": zabbix}))
    assert found.kind == "failed"
    return found


def test_a_context_in_our_words() -> None:
    config = with_context(
        {
            "templates": {"remove": ["Base"], "add": ["{platform} by SNMP"]},
            "host_groups": ["Ctx/{site}"],
            "tags": {"site": "x", "empty": "{tenant}"},
            "interfaces": [{"type": "snmp", "version": 1}],
            "proxy": "p",
            "status": "disabled",
            "inventory": {"notes": "{name}"},
        }
    )
    assert config.templates == {"Cisco IOS by SNMP"}
    assert config.groups == {"All", "Ctx/AMS-1"}
    assert config.tags == {("site", "x")}
    assert config.status == "disabled"
    assert config.origins["status"] == "config context"
    assert config.origins["templates/Cisco IOS by SNMP"] == "config context"
    assert config.origins["interfaces/snmp"] == 'mapping "base", then config context'
    assert dict(config.interfaces[1].details)["community"] == "{$C}"
    assert (config.monitored_by, config.monitor) == ("proxy", "p")


def test_a_context_of_netbox_zabbix_sync() -> None:
    config = with_context(
        {
            "templates": "One",
            "interface_type": 2,
            "interface_port": 1161,
            "snmp": {
                "version": "3",
                "bulk": 0,
                "securityname": "u",
                "securitylevel": 2,
                "authprotocol": "3",
                "authpassphrase": "{$AUTH}",
                "privprotocol": 1,
                "privpassphrase": "{$PRIV}",
                "contextname": "",
            },
            "proxy": "p",
            "proxy_group": "g",
            "usermacros": {"{$A}": "x{y}", "{$B}": {"value": "{z", "type": "text", "description": "d"}, "{$N}": 5},
            "tags": [{"owner": "ann"}, {"owner": "bob"}, {"flag": None}],
            "description": "text",
        }
    )
    assert config.templates == {"Base", "One"}
    [snmp] = config.interfaces
    assert (snmp.key, snmp.port, snmp.ip) == ("snmp", "1161", "10.0.0.1")
    assert dict(snmp.details) == {
        "version": "3",
        "bulk": "0",
        "max_repetitions": "10",
        "contextname": "",
        "securityname": "u",
        "securitylevel": "2",
        "authprotocol": "3",
        "authpassphrase": "{$AUTH}",
        "privprotocol": "1",
        "privpassphrase": "{$PRIV}",
    }
    assert (config.monitored_by, config.monitor) == ("proxy_group", "g")
    assert config.macros == {"{$A}": Macro("x{y}"), "{$B}": Macro("{z", "text", "d"), "{$N}": Macro("5")}
    assert config.tags == {("site", "ams1"), ("owner", "ann"), ("owner", "bob"), ("flag", "")}
    assert config.description == "text"


@pytest.mark.parametrize(("code", "key"), [(1, "agent"), ("2", "snmp"), (3, "ipmi"), (4, "jmx")])
def test_its_interface_is_the_only_one(code: Any, key: str) -> None:
    assert [one.key for one in with_context({"interface_type": code}).interfaces] == [key]


@pytest.mark.parametrize(
    ("zabbix", "reason"),
    [
        ("text", 'config context: zabbix: is "text"; it must be a dictionary'),
        ([], "config context: zabbix: is a list; it must be a dictionary"),
        ({"tempaltes": ["T"]}, 'config context: zabbix: unknown key "tempaltes"'),
        ({"name": "x"}, 'config context: zabbix: unknown key "name"'),
        ({"host_groups": ["{sit}"]}, 'config context: host_groups entry 1: "{sit}"'),
        ({"interface_type": 5}, "config context: interface_type: is 5; it must be one of 1, 2, 3, 4"),
        ({"interface_port": 161}, "config context: interface_port: needs interface_type beside it"),
        ({"interface_type": 1, "interfaces": []}, "interface_type: together with interfaces; keep one of them"),
        ({"snmp": {"version": 2, "community": "canary"}}, "community: is written out; use a user macro"),
        ({"snmp": {"version": 3, "authpassphrase": "canary"}}, "auth_passphrase: is written out"),
        ({"snmp": {"verson": 2}}, 'snmp: unknown key "verson"'),
        ({"usermacros": {"{$A}": {"type": "secret", "value": "canary"}}}, "is written out"),
        (
            {"usermacros": {"{$A}": "x"}, "macros": ["{$B}"]},
            "config context: macros: is a list; it must be a dictionary",
        ),
        ({"snmp": {"version": [3]}}, "config context: snmp.version: is a list; it must be a text or a number"),
        ({"usermacros": ["{$A}"]}, "usermacros: is a list; it must be a dictionary"),
        ({"interfaces": [{"type": "snmp", "version": 3, "security_level": "auth"}]}, 'wants "auth_passphrase"'),
    ],
)
def test_a_bad_context_fails_its_object_only(zabbix: Any, reason: str) -> None:
    found = failing(zabbix)
    assert reason in found.reason
    assert "canary" not in found.reason


def test_the_same_bad_context_fails_each_object_in_the_same_words() -> None:
    assert failing({"bad": 1}).reason == failing({"bad": 1}).reason


def test_its_switches_may_be_texts() -> None:
    snmp = {"version": "2", "bulk": "0", "community": ""}
    [one] = with_context({"interface_type": "2", "snmp": snmp}).interfaces
    assert dict(one.details) == {"version": "2", "bulk": "0", "max_repetitions": "10", "community": "{$C}"}


def test_an_empty_context_says_nothing() -> None:
    assert with_context({}) == host(BASE)


def test_a_context_alone_makes_a_host() -> None:
    text = "- {name: vms, match: {kind: virtual_machine}, host_groups: [VMs]}"
    config = host(text, device(config_context={"zabbix": {"host_groups": ["G"]}}))
    assert config.groups == {"G"}
