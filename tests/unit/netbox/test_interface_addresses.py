"""Addresses of named interfaces: read for all objects together, and only where a policy or a context names one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetBoxError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import interface_addresses
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import connect
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.interface_addresses import InterfaceAddresses
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import (
    DEVICE,
    VIRTUAL_DEVICE_CONTEXT,
    VIRTUAL_MACHINE,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.compute import CONTEXT_KEY

from .conftest import Answer, Request, Server, status

NOTHING: dict[str, Any] = {}
MGMT = frozenset({"name", "interface:mgmt0"})


def row(number: int, owner: int, role: str | None = None, kind: str = "device", interface: int = 0) -> dict[str, Any]:
    return {
        "id": number,
        "address": f"10.0.0.{number}/24",
        "dns_name": "",
        "role": role and {"value": role, "label": role.upper()},
        "assigned_object": {"id": interface or owner * 10, kind: {"id": owner}},
    }


def answering(server: Server, *rows: dict[str, Any], interfaces: list[dict[str, Any]] | None = None) -> None:
    def answer(request: Request) -> Answer:
        if request.path == "/api/ipam/ip-addresses/":
            return Answer({"results": list(rows), "next": None})
        if request.path == "/api/dcim/interfaces/":
            return Answer({"results": interfaces, "next": None})
        return status(request)

    server.answer = answer


def ids(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[int]]:
    return {name: [one["id"] for one in rows] for name, rows in found.items()}


def asked(server: Server) -> list[Request]:
    return [request for request in server.requests if request.path != "/api/status/"]


def test_one_request_for_all_objects_of_a_kind(server: Server) -> None:
    answering(server, row(1, 1), row(2, 2), row(3, 2))
    read = InterfaceAddresses(connect(server.connection()), MGMT, None, [])
    assert [ids(read.of(DEVICE, number, NOTHING)) for number in (1, 2, 3)] == [
        {"mgmt0": [1]},
        {"mgmt0": [2, 3]},
        {"mgmt0": []},
    ]
    (request,) = asked(server)
    assert request.query["interface"] == ["mgmt0"]
    assert "device_id" not in request.query


def test_virtual_machines_have_interfaces_of_their_own(server: Server) -> None:
    answering(server, row(1, 5, kind="virtual_machine"))
    read = InterfaceAddresses(connect(server.connection()), MGMT, None, [])
    assert ids(read.of(VIRTUAL_MACHINE, 5, NOTHING)) == {"mgmt0": [1]}
    assert asked(server)[0].query["vminterface"] == ["mgmt0"]


def test_nothing_is_read_where_nothing_is_named(server: Server) -> None:
    answering(server)
    read = InterfaceAddresses(connect(server.connection()), frozenset({"name", "oob_ip"}), None, [])
    assert read.of(DEVICE, 1, {"zabbix": {"interfaces": [{"type": "agent", "address": "oob"}]}, "ntp": "x"}) == {}
    assert asked(server) == []


@pytest.mark.parametrize(
    "interfaces",
    [
        [{"type": "agent", "address": "interface:lo0/ipv6"}],
        [{"type": "agent", "address": ["oob", "interface:lo0"]}],
        {"add": [{"type": "snmp", "address": "interface:lo0"}]},
    ],
)
def test_a_config_context_may_name_another(server: Server, interfaces: Any) -> None:
    answering(server, row(1, 1))
    read = InterfaceAddresses(connect(server.connection()), frozenset(), None, [])
    assert ids(read.of(DEVICE, 1, {CONTEXT_KEY: {"interfaces": interfaces}})) == {"lo0": [1]}
    assert read.of(DEVICE, 2, NOTHING) == {}


@pytest.mark.parametrize("context", [None, "x", [], {"interfaces": None}, {"interfaces": 3}])
def test_a_context_of_another_form_names_none(server: Server, context: Any) -> None:
    answering(server)
    assert (
        InterfaceAddresses(connect(server.connection()), frozenset(), None, []).of(DEVICE, 1, {"zabbix": context}) == {}
    )


def test_shared_addresses_come_last(server: Server) -> None:
    answering(server, row(1, 1, "vrrp"), row(2, 1), row(3, 1, "secondary"), row(4, 1, "loopback"))
    read = InterfaceAddresses(connect(server.connection()), MGMT, None, [])
    assert ids(read.of(DEVICE, 1, NOTHING)) == {"mgmt0": [2, 4, 1, 3]}


def test_a_small_part_is_asked_for_by_id(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interface_addresses, "IDS_IN_ADDRESS", 2)
    answering(server)
    read = InterfaceAddresses(connect(server.connection()), MGMT, {DEVICE: frozenset({1, 2, 3})}, [])
    assert ids(read.of(DEVICE, 1, NOTHING)) == {"mgmt0": []}
    assert [request.query["device_id"] for request in asked(server)] == [["1", "2"], ["3"]]


def test_a_large_part_is_read_as_the_whole(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interface_addresses, "SMALL", 2)
    answering(server)
    read = InterfaceAddresses(connect(server.connection()), MGMT, {DEVICE: frozenset({1, 2, 3})}, [])
    read.of(DEVICE, 1, NOTHING)
    assert ["device_id" in request.query for request in asked(server)] == [False]


def test_a_virtual_device_context_has_the_interfaces_assigned_to_it(server: Server) -> None:
    interfaces = [{"id": 70, "vdcs": [{"id": 7}, {"id": 8}]}, {"id": 90, "vdcs": [{"id": 9}]}]
    answering(server, row(1, 1, interface=70), row(2, 2, interface=90), interfaces=interfaces)
    read = InterfaceAddresses(connect(server.connection()), MGMT, None, [7, 8, 9, 10])
    found = [ids(read.of(VIRTUAL_DEVICE_CONTEXT, number, NOTHING))["mgmt0"] for number in (7, 8, 9, 10)]
    assert found == [[1], [1], [2], []]
    assert [request.path for request in asked(server)] == ["/api/dcim/interfaces/", "/api/ipam/ip-addresses/"]


def test_a_name_that_no_interface_has_is_refused_by_netbox_and_gives_nothing(server: Server) -> None:
    refusal = {"interface": ["Select a valid choice. mgmt0 is not one of the available choices."]}
    server.answer = lambda request: status(request) if request.path == "/api/status/" else Answer(refusal, 400)
    read = InterfaceAddresses(connect(server.connection()), MGMT, None, [])
    assert ids(read.of(DEVICE, 1, NOTHING)) == {"mgmt0": []}


@pytest.mark.parametrize("answer", [Answer({"detail": "no"}, 403), Answer({"interface": ["Something else."]}, 400)])
def test_any_other_refusal_is_an_error(server: Server, answer: Answer) -> None:
    server.answer = lambda request: status(request) if request.path == "/api/status/" else answer
    read = InterfaceAddresses(connect(server.connection()), MGMT, None, [])
    with pytest.raises(NetBoxError):
        read.of(DEVICE, 1, NOTHING)
