"""How a job's end looks in Ansible."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.netops.netbox_zabbix.plugins.module_utils import errors
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import hosts_sync as job
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import HostResult, Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report import files as files_of_reports
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.files import FORMATS
from ansible_collections.netops.netbox_zabbix.plugins.modules import hosts_sync

ARGUMENTS = {
    "netbox_url": "https://netbox.invalid",
    "netbox_token": "canary-netbox-token",
    "zabbix_url": "https://zabbix.invalid",
    "zabbix_token": "canary-zabbix-token",
    "mappings": [{"name": "all"}],
    "_ansible_module_name": "netops.netbox_zabbix.hosts_sync",
}


class Run:
    """The module's process: `job` stands for the job; call it with more arguments to get what Ansible gets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys
        self.seen: list[Any] = []
        self.result = Result("SyncHostsNow", False)
        self.error: Exception | None = None
        for name in ("NETBOX_URL", "NETBOX_TOKEN", "ZABBIX_URL", "ZABBIX_TOKEN", "ZABBIX_USER", "ZABBIX_PASSWORD"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(job, "sync_hosts", self.job)

    def job(self, netbox: Any, zabbix: Any, options: Any, progress: Progress) -> Result:
        self.seen.append((netbox, zabbix, options))
        progress("one\n line")
        progress("another")
        if self.error is not None:
            raise self.error
        self.result.finish(self.result.message or "done")
        return self.result

    def __call__(self, without: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
        arguments = {name: value for name, value in {**ARGUMENTS, **changes}.items() if name not in without}
        self.monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
        self.monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit) as ended:
            hosts_sync.main()
        answer: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        assert (ended.value.code != 0) == answer.get("failed", False)
        return answer


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(monkeypatch, capsys)


def test_a_run_that_went_well(run: Run) -> None:
    run.result = Result("SyncHostsNow", False, changed=True, stats={"creates": 1})
    answer = run()
    assert (answer["changed"], answer["msg"], answer["message"]) == (True, "done", "done")
    assert answer["stats"] == {"creates": 1}
    assert "diff" not in answer
    netbox, zabbix, options = run.seen[0]
    assert (netbox.url, netbox.token) == ("https://netbox.invalid", "canary-netbox-token")
    assert (zabbix.url, zabbix.token) == ("https://zabbix.invalid/api_jsonrpc.php", "canary-zabbix-token")
    assert (options.dry_run, options.want_diff, options.instance) == (False, False, "netbox")


def test_check_and_diff_reach_the_job(run: Run) -> None:
    run.result = Result("SyncHostsNow", True, diff="+ sw1\n")
    answer = run(_ansible_check_mode=True, _ansible_diff=True)
    assert answer["diff"] == {"prepared": "+ sw1\n"}
    dummy, dummy, options = run.seen[0]
    assert (options.dry_run, options.want_diff) == (True, True)


def test_a_diff_that_nobody_asked_for_is_left_out(run: Run) -> None:
    run.result = Result("SyncHostsNow", True, diff="+ sw1\n")
    assert "diff" not in run()


def test_hosts_that_failed_fail_the_task_and_the_rest_is_told(run: Run) -> None:
    hosts = [
        HostResult("a", "device:1", None, "failed", error="no template"),
        HostResult("b", "device:2", "5", "update"),
    ]
    run.result = Result("SyncHostsNow", False, changed=True, hosts=hosts, message="1 failed")
    answer = run()
    assert (answer["failed"], answer["msg"], answer["changed"]) == (True, "1 failed", True)
    assert [host["action"] for host in answer["hosts"]] == ["failed", "update"]


def test_a_dry_run_of_a_plan_over_a_limit_fails_and_shows_it(run: Run) -> None:
    run.result = Result("SyncHostsNow", True, diff="+ sw1\n", refused="over a limit", message="over a limit")
    answer = run(_ansible_check_mode=True, _ansible_diff=True)
    assert answer["failed"]
    assert "over a limit" in answer["msg"]
    assert answer["diff"] == {"prepared": "+ sw1\n"}


def test_notes_are_warnings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda self, text: warnings.append(text))
    run.result = Result("SyncHostsNow", False, notes=["NetBox was not told"])
    assert not run().get("failed")
    assert warnings == ["NetBox was not told"]


ERRORS = [
    (errors.InputError(["mapping 1: no such key"]), "mapping 1: no such key"),
    (errors.InputError(["first", "second"]), "2 problems:\n  1. first\n  2. second"),
    (errors.NetBoxError("NetBox is away"), "NetBox is away"),
    (errors.ZabbixError("Zabbix is away"), "Zabbix is away"),
    (errors.OutcomeUnknown("no answer"), "no answer"),
    (errors.GuardError("too much"), "too much"),
]


@pytest.mark.parametrize(("error", "text"), ERRORS)
def test_an_error_is_a_message_and_no_traceback(run: Run, error: Exception, text: str) -> None:
    run.error = error
    answer = run()
    assert (answer["failed"], answer["msg"]) == (True, text)
    assert "Traceback" not in json.dumps(answer)


WRONG: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    ({"netbox_url": "netbox.invalid"}, (), "netbox_url"),
    ({"zabbix_url": "https://u:canary-pw@zabbix.invalid"}, (), "zabbix_url: put no user or password"),
    ({"netbox_timeout": 0}, (), "netbox_timeout"),
    ({}, ("zabbix_token",), "zabbix_token, or zabbix_user with zabbix_password"),
    ({}, ("netbox_token",), "netbox_token"),
    ({}, ("mappings",), "mappings"),
    ({"write_back": ["zabbix_templates"]}, (), "write_back"),
]


@pytest.mark.parametrize(("changes", "without", "text"), WRONG)
def test_wrong_arguments_are_named_before_the_job(
    run: Run, changes: dict[str, Any], without: tuple[str, ...], text: str
) -> None:
    answer = run(without=without, **changes)
    assert answer["failed"]
    assert text in answer["msg"]
    assert run.seen == []
    assert "canary-pw" not in answer["msg"]


def test_the_environment_fills_in_what_is_not_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETBOX_URL", "https://from.environment")
    monkeypatch.setenv("ZABBIX_TOKEN", "from-environment")
    run(without=("netbox_url",))
    netbox, zabbix, dummy = run.seen[0]
    assert (netbox.url, zabbix.token) == ("https://from.environment", "canary-zabbix-token")
    run(without=("zabbix_token",))
    assert run.seen[1][1].token == "from-environment"


@pytest.mark.parametrize("library", ["pynetbox", "zabbix_utils", "requests"])
def test_a_library_that_is_missing_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    answer = run()
    assert answer["failed"]
    assert library.replace("_", "-") in answer["msg"]
    assert "Traceback" not in json.dumps(answer)
    assert run.seen == []


@pytest.mark.parametrize(
    "option", ["netbox_token", "zabbix_token", "zabbix_password", "zabbix_http_password", "secrets", "digest_key"]
)
def test_a_secret_that_gets_into_a_message_is_masked_all_the_same(run: Run, option: str) -> None:
    value = {"one": "canary-value"} if option == "secrets" else "canary-value"
    run.error = errors.ZabbixError("something with canary-value in it")
    answer = run(**{option: value})
    assert "canary-value" not in json.dumps(answer)
    assert "something with " in answer["msg"]


def test_progress_goes_to_the_file_a_line_each(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "progress"
    run(progress_path=str(path))
    assert path.read_text() == "one line\nanother\n"


def reports(tmp_path: Path) -> dict[str, str]:
    return {name: str(tmp_path / "made" / f"{{job}}.{name}") for name in FORMATS}


def written(tmp_path: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (tmp_path / "made").iterdir()}


def test_reports_are_written_when_a_run_has_ended(run: Run, tmp_path: Path) -> None:
    run.result = Result("SyncHostsNow", False, stats={"unchanged": 3})
    run.result.hosts = [HostResult("sw1", "device:1", "5", "update", ["name"], ["drifted"])]
    run(reports=reports(tmp_path))
    files = written(tmp_path)
    assert set(files) == {f"hosts_sync.{name}" for name in FORMATS}
    result = json.loads(files["hosts_sync.json"])
    assert result["urls"] == {"netbox": "https://netbox.invalid", "zabbix": "https://zabbix.invalid"}
    assert "sw1" in files["hosts_sync.html"]
    assert "sw1" in files["hosts_sync.markdown"]


@pytest.mark.parametrize(
    ("error", "refused"),
    [(errors.ZabbixError("Zabbix cannot be reached"), False), (errors.GuardError("over the limit"), True)],
)
def test_reports_tell_of_a_run_that_did_not_get_far(
    run: Run, tmp_path: Path, error: errors.NetboxZabbixError, refused: bool
) -> None:
    run.error = error
    answer = run(reports=reports(tmp_path))
    assert (answer["failed"], answer["msg"]) == (True, str(error))
    assert "stats" not in answer
    files = written(tmp_path)
    result = json.loads(files["hosts_sync.json"])
    assert (result["job"], result["refused"], result["error"]) == (
        "SyncHostsNow",
        str(error) if refused else "",
        "" if refused else str(error),
    )
    assert "<error message=" in files["hosts_sync.junit"]
    assert f'run_refused{{module="hosts_sync"}} {int(refused)}' in files["hosts_sync.prometheus"]
    assert 'run_success{module="hosts_sync"} 0' in files["hosts_sync.prometheus"]


def test_a_report_that_cannot_be_written_is_found_before_the_run(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = run(reports={"html": str(tmp_path / "file" / "report.html"), "json": str(tmp_path)})
    assert answer["failed"]
    assert "reports.html" in answer["msg"]
    assert "reports.json" in answer["msg"]
    assert run.seen == []


def test_a_report_that_cannot_be_written_after_all_is_a_warning(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    warnings: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda self, text: warnings.append(text))
    monkeypatch.setattr(files_of_reports.os, "replace", full)
    answer = run(reports={"html": str(tmp_path / "report.html")}, state_store="")
    assert not answer.get("failed")
    assert warnings == [f"The html report {tmp_path}/report.html could not be written: No space left on device"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("fail_on", "failing"), [(None, 1), ([], 0), (["drifted"], 2), (["failed", "drifted", "orphan"], 4), (["new"], 0)]
)
def test_what_a_run_fails_on(run: Run, fail_on: list[str] | None, failing: int) -> None:
    run.result.hosts = [
        HostResult("a", "device:1", "1", "failed", error="no"),
        HostResult("b", "device:2", "2", "update", ["name"], ["drifted", "pending"]),
        HostResult("c", "device:3", "3", "drifted", ["name"], []),
        HostResult("d", "device:4", "4", "orphan", [], ["NetBox has no device 4"]),
    ]
    answer = run(**({} if fail_on is None else {"fail_on": fail_on}))
    assert (answer["failing"], answer.get("failed", False)) == (failing, failing > 0)
    assert ("The run is to fail on" in answer["msg"]) == (failing > 1)


# --- the record that a run leaves


def records(home: Path) -> list[dict[str, Any]]:
    folder = home / ".local" / "state" / "netops.netbox_zabbix" / "runs"
    return [json.loads(gzip.decompress(path.read_bytes()))["content"] for path in sorted(folder.rglob("*.gz"))]


def test_a_run_leaves_a_record_without_any_secret(run: Run, home: Path) -> None:
    run.result.changed = True
    run.result.hosts = [HostResult("sw1", "device:1", "1", "failed", error="refused: canary-macro is too short")]
    secrets = {"community": "canary-macro", "nested": {"deep": "canary-deep"}}
    run(secrets=secrets, digest_key="canary-key", names=["sw1", "canary-deep"])
    (record,) = records(home)
    assert record["options"]["names"][0] == "sw1"
    assert "secrets" not in record["options"]
    assert record["result"]["hosts"][0]["error"] == "refused: ******** is too short"
    assert record["policy_digest"]
    everything = b"".join(gzip.decompress(path.read_bytes()) for path in home.rglob("*.gz"))
    assert b"canary" not in everything
    assert "mappings" not in record["options"], "the policy itself is told by its digest"


@pytest.mark.parametrize(
    ("error", "key"), [(errors.GuardError("more than may be"), "refused"), (errors.ZabbixError("no answer"), "error")]
)
def test_a_run_that_is_stopped_leaves_a_record_too(run: Run, home: Path, error: Exception, key: str) -> None:
    run.error = error
    assert run()["failed"]
    (record,) = records(home)
    assert record["result"][key] == str(error)


def test_no_record_in_check_mode_nor_without_a_store_nor_where_none_is_wanted(run: Run, home: Path) -> None:
    run(_ansible_check_mode=True)
    run(state_store="")
    run(keep_runs={"count": 0})
    assert list(home.iterdir()) == []


def test_a_record_that_cannot_be_kept_fails_no_run(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda self, text: warnings.append(text))
    (home / "file").write_text("")
    assert not run(state_store=str(home / "file" / "state")).get("failed")
    assert "record of this run was not kept" in warnings[0]
    assert "Not a directory" in warnings[0]


@pytest.mark.parametrize("keep", [{"many": 1}, {"count": -1}, {"days": "week"}, {"count": True}])
def test_how_many_are_kept_is_checked_before_the_run(run: Run, keep: dict[str, Any]) -> None:
    answer = run(keep_runs=keep)
    assert answer["failed"]
    assert "keep_runs" in answer["msg"]
    assert run.seen == []


def test_a_secret_that_a_server_quotes_is_in_no_report(run: Run, tmp_path: Path) -> None:
    run.result.hosts = [HostResult("sw1", "device:1", "1", "failed", error="invalid: canary-secret")]
    run.result.notes = ["canary-secret"]
    run(reports=reports(tmp_path), secrets={"psk": "canary-secret"})
    for name, text in written(tmp_path).items():
        assert "canary-secret" not in text, name
