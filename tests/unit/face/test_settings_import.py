"""The import's module: its arguments are those that it documents, and all of them reach the job."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible.module_utils import basic
from ansible_collections.netops.netbox_zabbix.plugins.doc_fragments import connection, state
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import settings_import as job
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_offer import CHOICE_SETS
from ansible_collections.netops.netbox_zabbix.plugins.modules import zabbix_settings_import

ARGUMENTS = {
    "netbox_url": "https://netbox.invalid",
    "netbox_token": "canary-netbox-token",
    "zabbix_url": "https://zabbix.invalid",
    "zabbix_token": "canary-zabbix-token",
}


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], refused: str = "", **changes: Any
) -> tuple[dict[str, Any], list[job.ImportOptions]]:
    seen: list[job.ImportOptions] = []

    def stand_in(netbox: Any, zabbix: Any, options: job.ImportOptions, progress: Any) -> job.ImportResult:
        seen.append(options)
        result = job.ImportResult(job.JOB, options.dry_run, refused=refused)
        result.finish(refused or "done")
        return result

    monkeypatch.setattr(job, "import_settings", stand_in)
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {**ARGUMENTS, **changes}}).encode()
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", arguments)
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    with pytest.raises(SystemExit):
        zabbix_settings_import.main()
    return json.loads(capsys.readouterr().out), seen


def test_defaults_are_those_of_the_job(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer, (options,) = run(monkeypatch, capsys)
    assert (answer["msg"], answer["changed"]) == ("done", False)
    assert options.state_store == "~/.local/state/netops.netbox_zabbix"
    assert tuple(options.choice_sets) == tuple(CHOICE_SETS) == job.ImportOptions().choice_sets
    assert (options.offer, options.max_deletions, options.mappings, options.dry_run) == ({}, {}, None, False)


def test_every_option_reaches_the_job(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given = {
        "state_store": "s3://bucket/state",
        "choice_sets": ["zabbix_proxies"],
        "offer": {"proxies": {"include": ["p*"]}},
        "max_deletions": {"default": {"count": 0}},
        "mappings": [{"name": "a"}],
    }
    dummy, (options,) = run(monkeypatch, capsys, _ansible_check_mode=True, **given)
    assert {name: getattr(options, name) for name in given} == given
    assert options.dry_run


def test_too_many_deletions_fail_the_task(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer, dummy = run(monkeypatch, capsys, refused="4 of 10 templates are gone")
    assert (answer["failed"], answer["msg"]) == (True, "4 of 10 templates are gone")
    assert "kinds" in answer


def test_the_documentation_tells_of_all_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, Any] = {}

    def stand_in(**keywords: Any) -> None:
        taken.update(keywords)
        raise KeyError

    monkeypatch.setattr(zabbix_settings_import, "AnsibleModule", stand_in)
    with pytest.raises(KeyError):
        zabbix_settings_import.main()
    own = yaml.safe_load(zabbix_settings_import.DOCUMENTATION)["options"]
    told = {**own}
    fragments = [connection.ModuleDocFragment.DOCUMENTATION, state.ModuleDocFragment.DOCUMENTATION]
    for fragment in (*fragments, state.ModuleDocFragment.RUNS):
        told |= yaml.safe_load(fragment)["options"]
    keys = ("type", "elements", "default", "choices")
    assert {
        name: [option.get(key, "str" if key == "type" else None) for key in keys] for name, option in told.items()
    } == {
        name: [option.get(key, "str" if key == "type" else None) for key in keys]
        for name, option in taken["argument_spec"].items()
    }
    assert taken["supports_check_mode"]


def test_what_is_returned_is_documented() -> None:
    plain = job.ImportResult(job.JOB, False).as_dict()
    assert set(plain) - {"changed"} == set(yaml.safe_load(zabbix_settings_import.RETURN))


def test_the_role_has_the_defaults_of_the_module() -> None:
    from tools import collection

    role = collection.ROOT / "roles" / "import_settings"
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text())
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    own = yaml.safe_load(zabbix_settings_import.DOCUMENTATION)["options"]
    own |= yaml.safe_load(state.ModuleDocFragment.DOCUMENTATION)["options"]
    for name, value in defaults.items():
        assert own[name.removeprefix("netbox_zabbix_")]["default"] == value == specs[name]["default"], name
