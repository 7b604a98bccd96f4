"""The module: a file is written only where one is named, and only when it differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible_collections.netops.netbox_zabbix.plugins.modules import policy_migrate


class Run:
    """The module's process; call it with arguments to get what Ansible gets."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.config, self.dest = tmp_path / "config.py", tmp_path / "policy.yml"
        self.config.write_text("hostgroup_format = 'site'\n")
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, **changes: Any) -> dict[str, Any]:
        arguments = {"source": "netbox-zabbix-sync", "paths": [str(self.config)], **changes}
        self.monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
        self.monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
        with pytest.raises(SystemExit):
            policy_migrate.main()
        answer: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        return answer


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, monkeypatch, capsys)


def test_without_a_file_the_text_alone(run: Run) -> None:
    answer = run()
    assert not answer["changed"]
    assert answer["variables"]["netbox_zabbix_mappings"][0]["host_groups"] == ['{site|""}']
    assert answer["text"].startswith("---\n")
    assert {"subject", "reason", "todo"} == set(answer["remarks"][0])
    assert list(run.dest.parent.iterdir()) == [run.config]


def test_the_file_is_written_once(run: Run) -> None:
    dest = str(run.dest)
    assert run(dest=dest, _ansible_check_mode=True)["changed"]
    assert not run.dest.exists()
    answer = run(dest=dest)
    assert (answer["changed"], run.dest.read_text()) == (True, answer["text"])
    assert not run(dest=dest)["changed"]


def test_the_old_file_is_kept(run: Run) -> None:
    run.dest.write_text("by hand\n")
    answer = run(dest=str(run.dest))
    assert Path(answer["backup_file"]).read_text() == "by hand\n"
    assert answer["diff"]["before"] == "by hand\n"
    run.dest.write_text("by hand\n")
    assert "backup_file" not in run(dest=str(run.dest), backup=False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"paths": ["/nowhere/config.py"]}, "/nowhere/config.py: cannot be read"),
        ({"paths": []}, "name at least one file"),
        ({"dest": "/"}, "is a directory"),
        ({"dest": "/nowhere/policy.yml"}, "does not exist"),
    ],
)
def test_a_mistake_is_a_message(run: Run, changes: dict[str, Any], expected: str) -> None:
    answer = run(**changes)
    assert answer["failed"]
    assert expected in answer["msg"]
