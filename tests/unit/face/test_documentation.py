"""The arguments that the module takes are those that its documentation tells of."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.doc_fragments import connection, hosts, reading, state
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.host_config_refresh import RefreshOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.plan_hosts import saved_names
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import HostResult, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.modules import (
    host_config_refresh,
    hosts_adopt,
    hosts_apply,
    hosts_plan,
    hosts_sync,
    zabbix_host,
)
from tools import collection

MODULES = pytest.mark.parametrize(
    "module", [hosts_sync, hosts_adopt, hosts_plan, hosts_apply, host_config_refresh, zabbix_host]
)
FRAGMENTS = {"hosts": hosts, "connection": connection, "reading": reading, "state": state}


class Stopped(Exception):
    """The module was asked for no more than its arguments."""


def taken(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what the module gives to AnsibleModule."""
    given: dict[str, Any] = {}

    def stand_in(**keywords: Any) -> None:
        given.update(keywords)
        raise Stopped

    monkeypatch.setattr(module, "AnsibleModule", stand_in)
    with pytest.raises(Stopped):
        module.main()
    return given


def told(module: ModuleType) -> dict[str, Mapping[str, Any]]:
    documentation = yaml.safe_load(module.DOCUMENTATION)
    parts = [documentation["options"]]
    for name in documentation["extends_documentation_fragment"]:
        file, dummy, part = name.removeprefix("netops.netbox_zabbix.").partition(".")
        fragment = FRAGMENTS[file].ModuleDocFragment
        parts.append(yaml.safe_load(getattr(fragment, part.upper() or "DOCUMENTATION"))["options"])
    assert sum(map(len, parts)) == len({name for part in parts for name in part})
    return {name: option for part in parts for name, option in part.items()}


@MODULES
def test_names_types_defaults_and_choices(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def facts(option: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "required": option.get("required", False),
            "default": option.get("default"),
            "choices": option.get("choices"),
        }

    spec = taken(module, monkeypatch)["argument_spec"]
    assert {name: facts(option) for name, option in spec.items()} == {
        name: facts(option) for name, option in told(module).items()
    }


@MODULES
def test_environment_variables_are_told_where_they_are_read(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = taken(module, monkeypatch)["argument_spec"]
    for name, option in told(module).items():
        text = " ".join(option["description"]) if isinstance(option["description"], list) else option["description"]
        names = spec[name].get("fallback", (None, []))[1]
        assert [f"E({one})" in text for one in names] == [True] * len(names), name
        assert ("environment variable" in text) == bool(names), name


@MODULES
def test_every_option_that_holds_a_secret_is_kept_out_of_logs(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = taken(module, monkeypatch)["argument_spec"]
    assert {name for name, option in spec.items() if option.get("no_log")} == {
        "netbox_token",
        "zabbix_token",
        "zabbix_password",
        "zabbix_http_password",
        "secrets",
        "digest_key",
    }


@MODULES
def test_check_mode_is_supported(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken(module, monkeypatch)["supports_check_mode"] is True


@pytest.mark.parametrize(("module", "options"), [(hosts_sync, SyncOptions), (host_config_refresh, RefreshOptions)])
def test_every_option_reaches_the_job(module: ModuleType, options: type[SyncOptions]) -> None:
    """A default in two places must be one value."""
    connections = yaml.safe_load(connection.ModuleDocFragment.DOCUMENTATION)["options"]
    own = {name: option for name, option in told(module).items() if name not in connections}
    fields = options.__dataclass_fields__
    assert set(fields) - {"dry_run", "want_diff", "state", "adopt", "take_back", "pre_images"} == set(own) - {
        "progress_path",
        "fail_on",
        "keep_runs",
    }
    defaults = options(instance="x", mappings=[])
    for name, option in own.items():
        if "default" in option and name not in ("instance", "fail_on", "keep_runs", "state_store"):
            given = getattr(defaults, name)
            assert (list(given) if isinstance(given, tuple) else given or option["default"]) == option["default"], name


@MODULES
def test_what_is_returned_is_documented(module: ModuleType) -> None:
    returned = yaml.safe_load(module.RETURN)
    plain = Result("SyncHostsNow", False, hosts=[HostResult("a", "b", None, "create")]).as_dict()
    assert set(plain) - {"changed"} <= set(returned)
    assert set(plain["hosts"][0]) == set(returned["hosts"]["contains"])


def test_a_plan_takes_what_a_sync_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that each option of the sync can be planned, and a role that lacks one is found."""
    of_sync, of_plan = (taken(module, monkeypatch)["argument_spec"] for module in (hosts_sync, hosts_plan))
    assert {**of_sync, "path": 0, "valid_hours": 0}.keys() - {"keep_runs"} == of_plan.keys()
    tasks = {role: _task(role) for role in ("plan", "apply")}
    assert of_plan.keys() - {"progress_path"} == tasks["plan"].keys()
    assert set(saved_names()) - {"state", "adopt", "take_back"} == tasks["apply"]["expected"].keys()
    of_apply = taken(hosts_apply, monkeypatch)["argument_spec"]
    assert of_apply.keys() - {"progress_path"} == tasks["apply"].keys()


def _task(role: str) -> dict[str, Any]:
    """Return the arguments that a role gives to its module."""
    tasks = yaml.safe_load((collection.ROOT / "roles" / role / "tasks" / "main.yml").read_text())
    (given,) = [task[name] for task in tasks for name in task if name.startswith("netops.netbox_zabbix.")]
    found: dict[str, Any] = given
    return found
