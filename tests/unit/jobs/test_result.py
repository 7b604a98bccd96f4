"""The result's shape, and how errors are told."""

from __future__ import annotations

import importlib
import json
import re
import time

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import result as shape
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import (
    JOBS,
    HostResult,
    Result,
    common_errors,
    details_of,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Difference
from tools import collection

HERE = "ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs"


def test_the_shape_of_every_job() -> None:
    result = Result("SomeJob", True)
    result.hosts = [HostResult("sw1", "device:1", "5", "update", ["name"], ["pending"])]
    result.diff = "not part of it"
    result.finish("done")
    plain = json.loads(json.dumps(result.as_dict()))
    assert set(plain) >= {"changed", "job", "run_id", "started", "finished", "dry_run", "stats", "hosts", "message"}
    assert "diff" not in plain
    assert plain["hosts"] == [
        {
            "name": "sw1",
            "object": "device:1",
            "hostid": "5",
            "action": "update",
            "changes": ["name"],
            "reasons": ["pending"],
            "error": None,
            "details": [],
        }
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", plain["started"])
    assert plain["started"] <= plain["finished"]
    assert (plain["message"], plain["changed"], plain["dry_run"]) == ("done", False, True)


def test_each_run_has_an_identity() -> None:
    assert len({Result("SomeJob", False).run_id for dummy in range(100)}) == 100


def test_failed_hosts() -> None:
    result = Result("SomeJob", False, hosts=[HostResult("a", "", None, "failed"), HostResult("b", "", "1", "update")])
    assert [host.name for host in result.failed] == ["a"]


def test_an_error_that_many_share_is_told_once() -> None:
    errors = [(f"sw{number}", "no such template") for number in range(5)] + [("vm1", "no group")]
    assert common_errors(errors).splitlines() == [
        "  sw0, sw1, sw2 and 2 more: no such template",
        "  vm1: no group",
    ]


def test_many_errors_are_cut() -> None:
    lines = common_errors((f"sw{number}", f"error {number}") for number in range(15)).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "  ... and 5 other errors, see hosts in the result"


def test_every_module_that_runs_a_job_has_a_name_for_it() -> None:
    modules = (collection.ROOT / "plugins" / "modules").glob("*.py")
    assert {path.stem for path in modules if "run_module(" in path.read_text()} == set(JOBS)
    names = set()
    for path in (collection.ROOT / "plugins" / "module_utils" / "jobs").glob("*.py"):
        if "\nJOB = " in path.read_text():
            names.add(importlib.import_module(f"{HERE}.{path.stem}").JOB)
    assert names == set(JOBS.values())


def test_details_are_what_the_plan_says_with_long_values_cut() -> None:
    long = "x" * (shape.MAX_VALUE + 1)
    details = details_of([Difference("tags", "site", None, "ber1", "pending", "mapping a"), _renamed(long)])
    assert (details[0].attribute, details[0].element, details[0].wanted, details[0].live) == (
        "tags",
        "site",
        "ber1",
        None,
    )
    assert (details[0].reason, details[0].origin) == ("pending", "mapping a")
    assert details[1].live == "x" * (shape.MAX_VALUE - 3) + "..."
    assert details[1].wanted == "new"


def test_a_module_returns_a_bounded_number_of_details(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "MAX_RETURNED", 3)
    details = details_of([_renamed("a"), _renamed("b")])
    result = Result("SomeJob", False, hosts=[HostResult(name, "", "1", "update", details=details) for name in "abc"])
    assert [len(host["details"]) for host in result.as_dict()["hosts"]] == [2, 1, 0]
    assert [len(host.details) for host in result.hosts] == [2, 2, 2]


def test_phases_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([10.0, 12.5, 13.0, 13.25])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    result = Result("SomeJob", False)
    for name in ("read", "write", "read"):
        result.phase(name)
    result.finish("done")
    assert result.durations == {"read": 2.75, "write": 0.5}
    assert "_phase" not in result.as_dict()


def _renamed(before: str) -> Difference:
    return Difference("name", "", before, "new", "drifted")
