"""The module, the role and the option that all modules share agree with each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils import basic
from ansible_collections.netops.netbox_zabbix.plugins.module_utils import ansible_face
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import hosts_sync as sync_job
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import self_monitoring as job
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.modules import hosts_sync, self_monitoring
from tools import collection

ZABBIX = {"zabbix_url": "https://zabbix.invalid", "zabbix_token": "canary-token"}


def run(monkeypatch: pytest.MonkeyPatch, capsys: Any, module: Any, **arguments: Any) -> dict[str, Any]:
    name = f"netops.netbox_zabbix.{module.__name__.rpartition('.')[2]}"
    given = {**ZABBIX, **arguments, "_ansible_module_name": name}
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    with pytest.raises(SystemExit):
        module.main()
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_what_the_job_is_given(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    seen: list[Any] = []

    def monitor(connection: Any, options: Any, progress: Any) -> Result:
        seen.append(options)
        return Result(job.JOB, options.dry_run)

    monkeypatch.setattr(job, "monitor_the_sync", monitor)
    answer = run(monkeypatch, capsys, self_monitoring, template="x", macros={"{$A}": 5}, _ansible_check_mode=True)
    assert answer["job"] == job.JOB
    (options,) = seen
    assert (options.template, options.host, options.group) == ("x", "NetBox sync netbox", "NetBox sync")
    assert (options.macros, options.dry_run) == ({"{$A}": "5"}, True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"template": "zabbix_export: {}"}, "not the template that the role self_monitoring ships"),
        (
            {"template": "\n  template: x\n  description: Content 0123456789ab.", "macros": {"AGE": "1h"}},
            '"AGE" is no macro',
        ),
    ],
)
def test_wrong_options_are_told_before_any_request(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, options: dict[str, Any], says: str
) -> None:
    answer = run(monkeypatch, capsys, self_monitoring, **options)
    assert answer["failed"]
    assert says in answer["msg"]


@pytest.mark.parametrize("check", [False, True])
def test_a_run_sends_its_figures_and_survives_that_nobody_listens(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path, check: bool
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda self, text: warnings.append(text))
    monkeypatch.setattr(sync_job, "sync_hosts", lambda *given: Result("SyncHostsNow", check))
    answer = run(
        monkeypatch,
        capsys,
        hosts_sync,
        netbox_url="https://netbox.invalid",
        netbox_token="canary",
        mappings=[],
        self_monitoring={"server": "127.0.0.1", "port": 1},
        _ansible_check_mode=check,
    )
    assert not answer.get("failed")
    assert [text.partition(" (")[0] for text in warnings] == (
        [] if check else ["The figures of this run did not reach Zabbix at 127.0.0.1:1"]
    )


def test_the_roles_take_the_option_of_the_modules() -> None:
    spec = ansible_face.argument_spec()["self_monitoring"]["options"]
    for role in ("sync", "import_settings", "refresh", "maintenance", "cleanup", "self_monitoring"):
        path = collection.ROOT / "roles" / role / "meta" / "argument_specs.yml"
        option = yaml.safe_load(path.read_text())["argument_specs"]["main"]["options"]["netbox_zabbix_self_monitoring"]
        assert option["options"].keys() == spec.keys()
        for name, facts in option["options"].items():
            assert facts.get("default") == spec[name].get("default"), name
