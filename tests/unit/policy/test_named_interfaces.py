"""`address: interface:mgmt0`: the address of a NetBox interface by its name, with fallbacks."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import interface_of
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Interface
from unit.policy.samples import address, device, host, outcome, policy

V4, OTHER, V6 = address("10.0.9.1", "mgmt.example.net"), address("10.0.9.2"), address("2001:db8::1")


def text(choice: str, more: str = "") -> str:
    return f"""
        - name: all
          host_groups: [All]
          interfaces: [{{type: agent, address: {choice}{more}}}]
    """


def interface(choice: str, there: dict[str, list[dict[str, Any]]], more: str = "") -> Interface:
    (found,) = host(text(choice, more), device(interface_addresses=there)).interfaces
    return found


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("interface:mgmt0", ("mgmt0", None)),
        ("interface:mgmt0/ipv6", ("mgmt0", 6)),
        ("interface:mgmt0/ipv4", ("mgmt0", 4)),
        ("interface:ge-0/0/0", ("ge-0/0/0", None)),
        ("interface:ge-0/0/0/ipv6", ("ge-0/0/0", 6)),
        ("interface:/ipv6", ("/ipv6", None)),
        ("interface:Vlan 1", ("Vlan 1", None)),
    ],
)
def test_a_name_may_hold_slashes_and_blanks(word: str, expected: tuple[str, int | None]) -> None:
    assert interface_of(word) == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("interface:mgmt0", "10.0.9.1"),
        ("interface:mgmt0/ipv4", "10.0.9.1"),
        ("interface:mgmt0/ipv6", "2001:db8::1"),
        ("[interface:lo0, interface:mgmt0]", "10.0.9.1"),
        ("[interface:lo0, primary]", "10.0.0.1"),
        ("[oob, interface:mgmt0]", "10.0.9.1"),
    ],
)
def test_the_first_address_that_is_there(choice: str, expected: str) -> None:
    assert interface(choice, {"mgmt0": [V6, V4, OTHER], "lo0": []}).ip == expected


def test_ipv6_where_the_interface_has_no_ipv4() -> None:
    assert interface("interface:mgmt0", {"mgmt0": [V6]}).ip == "2001:db8::1"


def test_by_the_dns_name_of_the_interface_s_address() -> None:
    found = interface("interface:mgmt0", {"mgmt0": [V4]}, ", connect: dns")
    assert (found.use_ip, found.dns) == (False, "mgmt.example.net")


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ("interface:mgmt0", "the device has no address on an interface mgmt0"),
        ("interface:mgmt0/ipv6", "the device has no IPv6 address on an interface mgmt0"),
        ("[interface:mgmt0, oob]", "the device has no oob address and no address on an interface mgmt0"),
    ],
)
def test_a_missing_address_is_told(choice: str, reason: str) -> None:
    assert outcome(text(choice), device(interface_addresses={"mgmt0": []})).reason.endswith(reason)
    assert outcome(text(choice), device()).reason.endswith(reason), "an object of which none was read"


def test_an_optional_interface_without_address_is_left_out() -> None:
    assert host(text("interface:mgmt0", ", optional: true"), device()).interfaces == ()


def test_the_names_tell_what_must_be_read() -> None:
    found = policy(text("[interface:mgmt0/ipv6, interface:ge-0/0/0, oob]"))
    assert {root for root in found.roots if root.startswith("interface:")} == {"interface:mgmt0", "interface:ge-0/0/0"}
    assert "oob_ip" in found.roots


def test_policies_that_name_different_interfaces_have_different_digests() -> None:
    digests = {policy(text(choice)).digest for choice in ("interface:a", "interface:b", "interface:a/ipv6")}
    assert len(digests) == 3


@pytest.mark.parametrize("word", ["'interface:'", "'interface: '", "'interface:{name}'"])
def test_a_word_without_a_plain_name_is_refused(word: str) -> None:
    with pytest.raises(InputError, match=r"address: is .*; interface: wants an interface's name in NetBox behind it"):
        policy(text(word))
