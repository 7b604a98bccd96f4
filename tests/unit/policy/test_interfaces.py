"""Interfaces: addresses, ports, mains, SNMP details, layers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Interface, Secret
from unit.policy.samples import address, device, host, outcome, virtual_machine

GROUPS = "- {name: groups, host_groups: [All]}\n"


def interfaces(*layers: str, **changes: Any) -> tuple[Interface, ...]:
    return host(policy_text(*layers), device(**changes)).interfaces


def policy_text(*layers: str) -> str:
    return GROUPS + "".join(f"- {{name: m{at}, interfaces: {layer}}}\n" for at, layer in enumerate(layers))


def details(*layers: str) -> dict[str, str | Secret]:
    [one] = interfaces(*layers)
    assert list(one.details) == sorted(one.details)
    return dict(one.details)


@pytest.mark.parametrize(("kind", "port"), [("agent", "10050"), ("snmp", "161"), ("ipmi", "623"), ("jmx", "12345")])
def test_default_port(kind: str, port: str) -> None:
    [one] = interfaces(f"[{{type: {kind}}}]")
    assert (one.key, one.type, one.main, one.port) == (kind, kind, True, port)
    assert (one.use_ip, one.ip, one.dns) == (True, "10.0.0.1", "")


V6, OOB = address("2001:db8::1", "v6.example.net"), address("192.0.2.1")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("address: primary", (True, "10.0.0.1", "")),
        ("address: ipv4", (True, "10.0.0.1", "")),
        ("address: ipv6", (True, "2001:db8::1", "")),
        ("address: oob", (True, "192.0.2.1", "")),
        ("address: dns", (False, "", "sw1.example.net")),
        ("address: ipv6, connect: dns", (False, "2001:db8::1", "v6.example.net")),
        ("address: [oob, primary], connect: dns", (False, "10.0.0.1", "sw1.example.net")),
        ("address: ['{custom_fields.missing}', oob]", (True, "192.0.2.1", "")),
        ("address: '{custom_fields.mgmt}'", (True, "198.51.100.7", "")),
        ("address: '{name}.mgmt.example.net'", (False, "", "sw1.mgmt.example.net")),
        ("address: 203.0.113.9", (True, "203.0.113.9", "")),
        ("address: gw.example.net", (False, "", "gw.example.net")),
        ("address: '{$ADDRESS}'", (True, "{$ADDRESS}", "")),
        ("address: '{$ADDRESS}', connect: dns", (False, "", "{$ADDRESS}")),
    ],
)
def test_address(written: str, expected: tuple[bool, str, str]) -> None:
    custom_fields = {"mgmt": "198.51.100.7/24"}
    [one] = interfaces(f"[{{type: agent, {written}}}]", primary_ip6=V6, oob_ip=OOB, custom_fields=custom_fields)
    assert (one.use_ip, one.ip, one.dns) == expected


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("address: oob", 'interface snmp of mapping "X": the device has no oob address'),
        ("address: [oob, ipv6]", "the device has no oob or ipv6 address"),
        ("address: dns", "the device has no DNS name on its primary address"),
        ("connect: dns", "the device has no DNS name on its primary address"),
        ("address: '{custom_fields.mgmt}'", '"{custom_fields.mgmt}" is empty'),
        (
            "address: ['{custom_fields.mgmt}', oob]",
            'the device has no oob address, and "{custom_fields.mgmt}" is empty',
        ),
        ("address: '{serial}'", '"a b" is no address or DNS name'),
    ],
)
def test_no_address(written: str, reason: str) -> None:
    text = GROUPS + f"- {{name: X, interfaces: [{{type: snmp, {written}}}]}}\n"
    found = outcome(text, device(primary_ip=address("10.0.0.1"), serial="a b"))
    assert found.kind == "failed"
    assert reason in found.reason


def test_no_address_of_a_virtual_machine() -> None:
    found = outcome(policy_text("[{type: agent}]"), virtual_machine(primary_ip=None))
    assert found.reason == 'interface agent of mapping "m0": the virtual machine has no primary address'


def test_an_optional_interface_without_address_is_dropped() -> None:
    config = host(policy_text("[{type: snmp}, {type: ipmi, address: oob, optional: true}]"))
    assert [one.key for one in config.interfaces] == ["snmp"]
    assert "interfaces/ipmi" not in config.origins


@pytest.mark.parametrize(
    ("written", "mains"),
    [
        ("[{type: snmp}, {type: snmp, name: b}]", ["snmp"]),
        ("[{type: snmp}, {type: snmp, name: b, main: true}]", ["snmp/b"]),
        ("[{type: snmp, main: false}, {type: snmp, name: b}]", ["snmp/b"]),
        ("[{type: snmp, main: false}]", ["snmp"]),
        ("[{type: snmp, address: oob, optional: true}, {type: snmp, name: b}, {type: agent}]", ["snmp/b", "agent"]),
    ],
)
def test_one_main_of_each_type(written: str, mains: list[str]) -> None:
    assert [one.key for one in interfaces(written) if one.main] == mains


def test_two_layers_that_both_want_the_main_one() -> None:
    found = outcome(policy_text("[{type: snmp, main: true}]", "[{type: snmp, name: b, main: true}]"))
    assert found.reason == 'interfaces snmp of mapping "m0" and snmp/b of mapping "m1" are both "main"'


def test_snmp_details_by_version() -> None:
    assert details("[{type: snmp, version: 1}]") == {"version": "1", "bulk": "1", "community": "{$SNMP_COMMUNITY}"}
    assert details("[{type: snmp, bulk: false, community: '{$C}', max_repetitions: 5, security_name: unused}]") == {
        "version": "2",
        "bulk": "0",
        "community": "{$C}",
        "max_repetitions": "5",
    }
    assert details("[{type: snmp, version: 3, community: '{$C}'}]") == {
        "version": "3",
        "bulk": "1",
        "max_repetitions": "10",
        "contextname": "",
        "securityname": "",
        "securitylevel": "0",
    }


def test_snmp_v3_with_all_details() -> None:
    assert details("""[{type: snmp, version: 3, context: c, security_name: u, security_level: authpriv,
        auth_protocol: SHA256, auth_passphrase: {secret: snmp_auth}, privacy_protocol: aes256c,
        privacy_passphrase: "{$PRIV}"}]""") == {
        "version": "3",
        "bulk": "1",
        "max_repetitions": "10",
        "contextname": "c",
        "securityname": "u",
        "securitylevel": "2",
        "authprotocol": "3",
        "authpassphrase": Secret("snmp_auth", "canary-auth-7c1"),
        "privprotocol": "5",
        "privpassphrase": "{$PRIV}",
    }


def test_the_level_follows_from_the_passphrases() -> None:
    found = details("[{type: snmp, version: 3, auth_passphrase: '{$A}'}]")
    assert (found["securitylevel"], found["authprotocol"]) == ("1", "1")
    assert "privpassphrase" not in found
    found = details("[{type: snmp, version: 3, auth_passphrase: '{$A}', privacy_passphrase: '{$B}'}]")
    assert (found["securitylevel"], found["privprotocol"]) == ("2", "1")


def test_layers_merge_an_interface_key_by_key() -> None:
    config = host(
        policy_text(
            "[{type: snmp, port: 1161, community: '{$C}'}, {type: agent}]",
            "[{type: snmp, version: 1, bulk: false}]",
        )
    )
    assert [one.key for one in config.interfaces] == ["snmp", "agent"]
    assert config.interfaces[0].port == "1161"
    assert dict(config.interfaces[0].details) == {"version": "1", "bulk": "0", "community": "{$C}"}
    assert config.origins["interfaces/snmp"] == 'mapping "m0", then mapping "m1"'


def test_interfaces_can_be_removed_and_replaced() -> None:
    both = "[{type: snmp}, {type: snmp, name: b}, {type: agent}]"
    assert [one.key for one in interfaces(both, "{remove: ['snmp*']}")] == ["agent"]
    assert [one.key for one in interfaces(both, "{replace: [{type: ipmi}]}")] == ["ipmi"]
    assert [one.key for one in interfaces(both, "{remove: ['*'], add: [{type: jmx, port: '{$JMX.PORT}'}]}")] == ["jmx"]


def test_a_missing_passphrase_that_another_layer_was_to_give() -> None:
    text = (
        GROUPS
        + """
- {name: base, interfaces: [{type: snmp, version: 3, security_level: auth}]}
- {name: phrase, match: {tag: none}, interfaces: [{type: snmp, auth_passphrase: "{$A}"}]}
"""
    )
    assert outcome(text).reason == 'interface snmp of mapping "base": security_level auth wants "auth_passphrase"'
