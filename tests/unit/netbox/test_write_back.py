"""Writing back: in bulk, only what NetBox has, and its refusals become warnings that name the object."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import write_back as module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import NetBox, connect
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import DEVICE, VIRTUAL_MACHINE
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.write_back import WriteBack, write_back

from .conftest import Answer, Request, Server

BOTH = ["dcim.device", "virtualization.virtualmachine"]
FIELDS = [
    {"id": 1, "name": "zabbix_hostid", "type": {"value": "integer"}, "object_types": BOTH},
    {"id": 2, "name": "zabbix_sync_status", "type": {"value": "select"}, "object_types": BOTH[:1]},
]


class Store:
    """Custom fields of the ids 1 to 1000, with NetBox's all-or-nothing bulk writes; texts are refused."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, int], dict[str, Any]] = {}
        self.sizes: list[int] = []

    def answer(self, request: Request) -> Answer:
        if request.path == "/api/status/":
            return Answer({"netbox-version": "4.6.8"})
        if request.method == "GET":
            return Answer({"results": FIELDS, "next": None})
        self.sizes.append(len(request.body))
        for item in request.body:
            if isinstance(item["custom_fields"].get("zabbix_hostid"), str):
                text = "Invalid value for custom field 'zabbix_hostid': Value must be an integer."
                return Answer({"__all__": [text]}, 400)
        there = [item for item in request.body if item["id"] <= 1000]
        for item in there:
            self.values[request.path, item["id"]] = item["custom_fields"]
        return Answer([{"id": item["id"]} for item in there])


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def netbox(server: Server, store: Store) -> NetBox:
    server.answer = store.answer
    return connect(server.connection())


def hostids(count: int, kind: str = DEVICE) -> list[WriteBack]:
    return [WriteBack(kind, number, {"zabbix_hostid": 10000 + number}) for number in range(1, count + 1)]


def test_lists_of_a_hundred(netbox: NetBox, store: Store, server: Server) -> None:
    assert write_back(netbox, [*hostids(250), *hostids(3, VIRTUAL_MACHINE)], "sync, run 7").warnings == []
    assert store.sizes == [100, 100, 50, 3]
    assert store.values["/api/dcim/devices/", 250] == {"zabbix_hostid": 10250}
    assert store.values["/api/virtualization/virtual-machines/", 3] == {"zabbix_hostid": 10003}
    assert server.requests[-1].body[0]["changelog_message"] == "sync, run 7"
    assert server.requests[-1].query == {"fields": ["id,custom_fields"]}


def test_only_the_offender_fails(netbox: NetBox, store: Store) -> None:
    changes = hostids(100)
    changes[42] = WriteBack(DEVICE, 43, {"zabbix_hostid": "abc"})
    outcome = write_back(netbox, changes)
    (warning,) = outcome.warnings
    assert outcome.failed == {"device:43": warning}
    assert "device 43" in warning
    assert "Value must be an integer" in warning
    assert len(store.values) == 99
    assert ("/api/dcim/devices/", 43) not in store.values
    assert len(store.sizes) <= 15


def test_an_object_that_is_gone_is_reported(netbox: NetBox, store: Store) -> None:
    outcome = write_back(netbox, [*hostids(2), WriteBack(DEVICE, 1001, {"zabbix_hostid": 1})])
    (warning,) = outcome.warnings
    assert outcome.failed == {"device:1001": warning}
    assert "device 1001" in warning
    assert len(store.values) == 2


def test_fields_that_netbox_does_not_have_are_left_out(netbox: NetBox, store: Store) -> None:
    status = {"zabbix_sync_status": "in_sync", "no_such_field": 1}
    assert write_back(netbox, [WriteBack(DEVICE, 1, status), WriteBack(VIRTUAL_MACHINE, 1, status)]).warnings == []
    assert store.values == {("/api/dcim/devices/", 1): {"zabbix_sync_status": "in_sync"}}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer({"detail": "You do not have permission to perform this action."}, 403), "permission to change"),
        (Answer(b"<title>Bad Gateway</title>", 502), "HTTP 502"),
        (Answer(b"", cut=0), "not JSON"),
    ],
)
def test_a_netbox_that_takes_no_writes_is_a_warning_and_is_asked_once(
    netbox: NetBox, server: Server, store: Store, answer: Answer, said: str
) -> None:
    server.answer = lambda request: answer if request.method == "PATCH" else store.answer(request)
    outcome = write_back(netbox, hostids(250))
    (warning,) = outcome.warnings
    assert outcome.failed == {f"device:{number}": warning for number in range(1, 251)}
    assert said in warning
    assert "device 1, 2, 3, 4, 5 and 245 more" in warning
    assert netbox.requests["PATCH devices"] == 1
    assert module.BATCH == 100
