"""The result's shape, and how errors are told."""

from __future__ import annotations

import json
import re

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import HostResult, Result, common_errors


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
