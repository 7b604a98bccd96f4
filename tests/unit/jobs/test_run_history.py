"""The history of runs: what is kept, for how long, and how people look at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError, StateError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Detail, HostResult, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_history import HistoryResult, show_runs
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_records import (
    KEEP,
    Before,
    keep_from,
    list_runs,
    prune,
    read_before,
    read_record,
    write_before,
    write_record,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import Store, open_store

OF = {"netbox": "https://netbox.invalid", "zabbix": "https://zabbix.invalid"}
BEFORE = Before("me on here", "netbox", 1, [{"host": "sw1"}], OF)
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = open_store(str(tmp_path))
    assert found is not None
    return found


def ran(run_id: str, days_ago: float = 0, job: str = "SyncHostsNow", **more: Any) -> Result:
    started = (NOW - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
    result = Result(job, False, run_id=run_id, started=started, **more)
    result.finish(f"message of {run_id}\nsecond line")
    return result


def keep(store: Store, result: Result, **options: Any) -> None:
    write_record(store, result, {"mappings": [{"name": "all"}], "state_store": "x", **options}, OF)


def look(store: Store | None, run: str | None = None, other: str | None = None, **more: Any) -> HistoryResult:
    return show_runs(store, run, other, more.get("job"), more.get("limit", 20), lambda text: None)


def test_runs_are_listed_the_newest_first(store: Store) -> None:
    keep(store, ran("aaa", 3, changed=True, stats={"creates": 2}))
    keep(store, ran("bbb", 2, job="ImportZabbixSettings"))
    keep(store, ran("ccc", 1, hosts=[HostResult("sw1", "device:1", None, "failed", error="no")]))
    keep(store, ran("ddd", 0.5, refused="over the limit"))
    write_before(store, ran("eee"), BEFORE)
    result = look(store)
    assert [(row["run_id"], row["outcome"]) for row in result.runs] == [
        ("eee", "not finished"),
        ("ddd", "refused"),
        ("ccc", "failures"),
        ("bbb", "unchanged"),
        ("aaa", "changed"),
    ]
    assert result.runs[-1]["stats"] == {"creates": 2}
    lines = result.text.splitlines()
    assert lines[5].split() == ["aaa", "2026-11-21T10:00:00Z", "SyncHostsNow", "changed", "message", "of", "aaa"]
    assert [row["run_id"] for row in look(store, limit=2).runs] == ["eee", "ddd"]
    assert [row["run_id"] for row in look(store, job="ImportZabbixSettings").runs] == ["bbb"]


def test_one_run_is_shown_with_all_that_it_did(store: Store) -> None:
    details = [Detail("tags", "role", "core", "access", "pending")]
    host = HostResult("sw1", "device:1", "10", "update", ["tags[role]"], ["pending"], details=details)
    keep(store, ran("abc1", hosts=[host], changed=True), names=["sw1"])
    write_before(store, ran("abc1"), BEFORE)
    result = look(store, "abc")
    assert result.run["options"] == {"names": ["sw1"]}
    assert (result.run["of"], result.run["pre_images"]) == (OF, True)
    assert "  update sw1 (device:1)\n      tags[role]: access -> core   (pending)" in result.text
    assert "pre-images kept" in result.text
    (run,) = list_runs(store)
    before = read_before(store, run)
    assert before is not None
    assert before == BEFORE


def test_two_runs_are_compared_the_older_one_first(store: Store) -> None:
    def host(ref: str, action: str, *changes: str, error: str | None = None) -> HostResult:
        return HostResult(ref, ref, "1", action, list(changes), error=error)

    same = host("device:3", "failed", error="no")
    keep(store, ran("aaa0", 1, stats={"updates": 1, "failed": 1}, hosts=[host("device:1", "update", "name"), same]))
    newer = ran("bbb0", stats={"updates": 1, "failed": 2}, hosts=[host("device:2", "failed", error="gone"), same])
    write_record(store, newer, {"mappings": [{"name": "other"}], "names": ["sw2"]}, OF)
    result = look(store, "bbb0", "aaa0")
    found = result.comparison
    assert (found["same_plan"], found["same_policy"], found["of"]) == (False, False, {})
    assert found["options"] == {"names": {"before": None, "after": ["sw2"]}}
    assert found["stats"] == {"failed": {"before": 1, "after": 2}}
    assert [(row["object"], row["before"], row["after"]) for row in found["hosts"]] == [
        ("device:1", "update: name", "unchanged"),
        ("device:2", "unchanged", "failed: gone"),
    ]
    assert "  device:1 (device:1): update: name -> unchanged" in result.text
    assert look(store, "aaa0", "bbb0").comparison == found
    assert look(store, "bbb0", "bbb0").comparison["same_plan"]


@pytest.mark.parametrize(
    ("run", "other", "said"),
    [
        ("x", None, 'no run "x"'),
        ("a", None, "not one run: a2, a1"),
        ("a1", "x", 'no run "x"'),
        (None, "a1", "Give run"),
    ],
)
def test_a_run_that_there_is_not_is_told(store: Store, run: str | None, other: str | None, said: str) -> None:
    keep(store, ran("a1", 1))
    keep(store, ran("a2"))
    with pytest.raises(InputError, match=said):
        look(store, run, other)


def test_without_runs_or_a_store(store: Store) -> None:
    assert "has no runs" in look(store).text
    with pytest.raises(InputError, match="state_store is empty"):
        look(None)


def test_a_damaged_record_hides_no_other(store: Store, tmp_path: Path) -> None:
    keep(store, ran("aaa", 1))
    keep(store, ran("bbb"))
    (path,) = tmp_path.rglob("*bbb/record.json.gz")
    path.write_bytes(path.read_bytes()[:-9])
    assert [(row["run_id"], row["outcome"]) for row in look(store).runs] == [
        ("bbb", "unreadable"),
        ("aaa", "unchanged"),
    ]
    with pytest.raises(StateError, match="damaged"):
        look(store, "bbb")


def test_runs_go_when_they_are_too_many_or_too_old(store: Store) -> None:
    for number in range(6):
        keep(store, ran(f"{number}", days_ago=number))
        write_before(store, ran(f"{number}", days_ago=number), BEFORE)
    store.write("settings/a.json", b"")
    assert prune(store, KEEP, NOW) == 0
    assert prune(store, {"count": 5, "days": 3}, NOW) == 2
    assert [run.run_id for run in list_runs(store)] == ["0", "1", "2", "3"]
    assert prune(store, {"count": 2, "days": 365}, NOW) == 2
    assert [run.run_id for run in list_runs(store)] == ["0", "1"]
    assert [entry.name for entry in store.list() if not entry.name.startswith("runs/")] == ["settings/a.json"]
    assert len(store.list("runs/")) == 4


def test_how_long_runs_are_kept() -> None:
    assert keep_from(None) == KEEP
    assert keep_from({"days": "7"}) == {**KEEP, "days": 7}
    with pytest.raises(InputError, match='there is no "many"'):
        keep_from({"many": 3})


def test_a_record_of_ten_thousand_hosts_stays_small(store: Store) -> None:
    details = [Detail("tags", "role", "core", "access", "pending", 'mapping "everything" (policy.yml:3)')]
    hosts = [
        HostResult(f"sw{number}", f"device:{number}", str(number), "update", ["tags[role]"], ["pending"], None, details)
        for number in range(10_000)
    ]
    keep(store, ran("aaa", hosts=hosts))
    (entry,) = store.list("runs/")
    assert entry.size < 200_000
    (run,) = list_runs(store)
    document = read_record(store, run)
    assert document is not None
    assert len(document.content["result"]["hosts"]) == 10_000
