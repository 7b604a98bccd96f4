"""What goes back to NetBox: only what changes, and never at the cost of a host."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import links as module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.links import (
    BATCH,
    EXCLUDED,
    FAILED,
    IN_SYNC,
    Links,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import NetBoxObject
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.write_back import WriteBack, WrittenBack

KNOWN = {"zabbix_hostid": "integer", "zabbix_sync_status": "select"}
FIELDS = ["zabbix_hostid", "zabbix_sync_status"]
AWAY = "NetBox was not told the new values of device 1: NetBox cannot be reached"
NO_TOKEN = "Nothing was written back to NetBox: it does not accept the token"
REFUSED = "NetBox refused the new values of device 1: {'zabbix_sync_status': ['no such choice']}"


NOW = "2026-11-24T10:00:00Z"


class NetBox:
    """Stands for `write_back`: keeps what it was to write, and answers with warnings."""

    #: what time it is there
    clock = datetime(2026, 11, 24, 10, tzinfo=UTC)

    def __init__(self) -> None:
        self.lists: list[list[WriteBack]] = []
        self.messages: set[str] = set()
        self.warnings: Callable[[list[WriteBack]], list[str]] = lambda some: []
        self.threads: set[str] = set()

    def write_back(self, netbox: Any, changes: list[WriteBack], message: str) -> WrittenBack:
        self.lists.append(list(changes))
        self.messages.add(message)
        self.threads.add(threading.current_thread().name)
        warnings = self.warnings(changes)
        away = any("NetBox was not told" in text or "Nothing was written" in text for text in warnings)
        failed = {f"{change.kind}:{change.id}": warnings[0] for change in changes} if away else {}
        return WrittenBack(0 if away else len(changes) - len(warnings), warnings, away, failed)

    @property
    def written(self) -> dict[int, dict[str, Any]]:
        return {change.id: change.fields for some in self.lists for change in some}


@pytest.fixture
def netbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[NetBox]:
    fake = NetBox()
    monkeypatch.setattr(module, "write_back", fake.write_back)
    yield fake
    assert not [one for one in threading.enumerate() if one.name == "netbox-write-back" and one.is_alive()]


def links(netbox: NetBox, before: dict[int, dict[str, Any] | None], fields: Any = None, known: Any = None) -> Links:
    known = KNOWN if known is None else known
    made = Links(netbox, FIELDS if fields is None else fields, known, "run-1")  # type: ignore[arg-type]
    for number, values in before.items():
        # as NetBox objects are read: None for a field that has no value
        made.remember(NetBoxObject("device", number, {"custom_fields": {**dict.fromkeys(known), **(values or {})}}))
    return made


def finish(made: Links) -> list[str]:
    return made.finish(lambda text: None)


CASES = [
    # before, host id, status, what is written
    ({}, "5", IN_SYNC, {"zabbix_hostid": 5, "zabbix_sync_status": "in_sync"}),
    (None, "5", IN_SYNC, {"zabbix_hostid": 5, "zabbix_sync_status": "in_sync"}),
    ({"zabbix_hostid": 5, "zabbix_sync_status": "in_sync"}, "5", IN_SYNC, None),
    ({"zabbix_hostid": "5", "zabbix_sync_status": "in_sync"}, "5", IN_SYNC, None),
    ({"zabbix_hostid": 4, "zabbix_sync_status": "in_sync"}, "5", IN_SYNC, {"zabbix_hostid": 5}),
    ({"zabbix_hostid": 5, "zabbix_sync_status": "failed"}, "5", IN_SYNC, {"zabbix_sync_status": "in_sync"}),
    # a failure forgets no link
    ({"zabbix_hostid": 5, "zabbix_sync_status": "in_sync"}, None, FAILED, {"zabbix_sync_status": "failed"}),
    ({"zabbix_hostid": 5, "zabbix_sync_status": "failed"}, None, FAILED, None),
    ({}, None, EXCLUDED, {"zabbix_sync_status": "excluded"}),
]


@pytest.mark.parametrize(("before", "hostid", "status", "expected"), CASES)
@pytest.mark.parametrize("when", ["before the start", "after it"])
def test_only_values_that_change_are_written(
    netbox: NetBox, before: Any, hostid: str | None, status: str, expected: Any, when: str
) -> None:
    made = links(netbox, {1: before})
    if when == "after it":
        made.start()
    made.note("device:1", hostid, status)
    if when == "before the start":
        assert made.waiting == (expected is not None)
        made.start()
    assert finish(made) == []
    assert netbox.written == ({} if expected is None else {1: expected})
    assert made.written == (expected is not None)


@pytest.mark.parametrize(
    ("fields", "known", "expected"),
    [
        (["zabbix_hostid"], KNOWN, {"zabbix_hostid": 5}),
        ([], KNOWN, None),
        (FIELDS, {"zabbix_sync_status": "select"}, {"zabbix_sync_status": "in_sync"}),
        (FIELDS, {}, None),
    ],
)
def test_fields_that_are_off_or_not_there_are_left_out(netbox: NetBox, fields: Any, known: Any, expected: Any) -> None:
    made = links(netbox, {1: {}}, fields, known)
    made.start()
    made.note("device:1", "5", IN_SYNC)
    finish(made)
    assert netbox.written == ({} if expected is None else {1: expected})


def test_all_is_written_in_lists_beside_the_other_work(netbox: NetBox) -> None:
    number = 2 * BATCH + 50
    made = links(netbox, {one: {} for one in range(number)})
    for one in range(BATCH):
        made.note(f"device:{one}", "5", IN_SYNC)
    assert netbox.lists == [], "nothing is written before the plan has passed the guard"
    made.start()
    for one in range(BATCH, number):
        made.note(f"device:{one}", "5", IN_SYNC)
    assert finish(made) == []
    assert [len(some) for some in netbox.lists] == [BATCH, BATCH, 50]
    assert (len(netbox.written), made.written) == (number, number)
    assert netbox.threads == {"netbox-write-back"}
    assert netbox.messages == {"netops.netbox_zabbix run run-1"}


def test_without_a_start_nothing_is_written(netbox: NetBox) -> None:
    made = links(netbox, {1: {}})
    made.note("device:1", "5", IN_SYNC)
    assert finish(made) == []
    assert (netbox.lists, made.written, made.waiting) == ([], 0, 1)


@pytest.mark.parametrize("warning", [AWAY, NO_TOKEN])
def test_a_netbox_that_is_away_is_asked_once(netbox: NetBox, warning: str) -> None:
    netbox.warnings = lambda some: [warning]
    made = links(netbox, {one: {} for one in range(5 * BATCH)})
    made.start()
    for one in range(5 * BATCH):
        made.note(f"device:{one}", "5", IN_SYNC)
    assert finish(made) == [warning]
    assert len(netbox.lists) == 1
    assert made.failed == {f"device:{one}": warning for one in range(5 * BATCH)}


def test_an_object_that_is_refused_stops_no_other(netbox: NetBox) -> None:
    netbox.warnings = lambda some: [REFUSED] if some[0].id == 0 else []
    made = links(netbox, {one: {} for one in range(3 * BATCH)})
    made.start()
    for one in range(3 * BATCH):
        made.note(f"device:{one}", "5", IN_SYNC)
    assert finish(made) == [REFUSED]
    assert len(netbox.lists) == 3


@pytest.mark.parametrize("warning", [AWAY, NO_TOKEN])
def test_what_was_not_written_does_not_count(netbox: NetBox, warning: str) -> None:
    netbox.warnings = lambda some: [warning]
    made = links(netbox, {1: {}})
    made.start()
    made.note("device:1", "5", IN_SYNC)
    finish(made)
    assert made.written == 0


def test_an_object_of_a_kind_that_has_no_such_field_is_not_written(netbox: NetBox) -> None:
    made = Links(netbox, FIELDS, KNOWN, "run-1")  # type: ignore[arg-type]
    made.remember(NetBoxObject("virtual_device_context", 7, {"custom_fields": {"other": 1}}))
    made.note("virtual_device_context:7", "5", IN_SYNC)
    assert made.waiting == 0


# --- since when and why

ALL = [*FIELDS, "zabbix_sync_time", "zabbix_sync_detail"]
ALL_KNOWN = {**KNOWN, "zabbix_sync_time": "datetime", "zabbix_sync_detail": "longtext"}
GOOD = {"zabbix_hostid": 10, "zabbix_sync_status": "in_sync", "zabbix_sync_time": "2026-01-01T00:00:00Z"}


def written(netbox: NetBox, before: dict[str, Any], status: str, detail: str = "", **more: Any) -> dict[str, Any]:
    """Return what is written of an object that has these values."""
    made = links(netbox, {1: before}, ALL, ALL_KNOWN)
    made.note("device:1", "10", status, detail=detail, **more)
    made.start()
    assert made.finish(lambda text: None) == []
    return netbox.written.get(1, {})


def test_the_time_moves_with_the_status_alone(netbox: NetBox) -> None:
    before = {**GOOD, "zabbix_sync_detail": None}
    assert written(netbox, before, IN_SYNC) == {}
    told = written(netbox, before, FAILED, "no")
    assert told == {
        "zabbix_sync_status": "failed",
        "zabbix_sync_time": NOW,
        "zabbix_sync_detail": "no",
    }


def test_another_detail_of_the_same_status(netbox: NetBox) -> None:
    before = {**GOOD, "zabbix_sync_status": "failed", "zabbix_sync_detail": "no"}
    assert written(netbox, before, FAILED, "no") == {}
    assert written(netbox, before, FAILED, "other") == {"zabbix_sync_detail": "other"}


def test_a_long_detail_is_cut(netbox: NetBox) -> None:
    told = written(netbox, {**GOOD, "zabbix_sync_detail": ""}, FAILED, "x" * 9000)
    assert len(told["zabbix_sync_detail"]) == 2000


def test_no_more_than_the_limit_is_written(netbox: NetBox) -> None:
    made = Links(netbox, FIELDS, KNOWN, "run-1", 3)  # type: ignore[arg-type]
    for number in range(1, 6):
        fields = {"zabbix_hostid": None, "zabbix_sync_status": None}
        made.remember(NetBoxObject("device", number, {"custom_fields": fields}))
        made.note(f"device:{number}", "10", IN_SYNC)
    made.start()
    (note,) = made.finish(lambda text: None)
    assert "2 more objects" in note
    assert len(netbox.written) == 3
