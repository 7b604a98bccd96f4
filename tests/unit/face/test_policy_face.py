"""What the modules that look at a policy take, and how their action plugins find files and show texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible_collections.netops.netbox_zabbix.plugins.action import host_config_info, hosts_sync
from ansible_collections.netops.netbox_zabbix.plugins.module_utils import policy_face
from tools import collection

PARAMS: dict[str, Any] = {
    "export": None,
    "netbox_url": "http://n",
    "netbox_token": "t" * 40,
    "netbox_validate_certs": True,
    "netbox_ca_path": None,
    "netbox_timeout": 120,
    "zabbix_url": "http://z",
    "zabbix_token": "t",
    "zabbix_user": None,
    "zabbix_password": None,
    "zabbix_http_user": None,
    "zabbix_http_password": None,
    "zabbix_validate_certs": True,
    "zabbix_ca_path": None,
    "zabbix_timeout": 300,
}


def test_an_export_takes_the_place_of_both_servers() -> None:
    """Also where their addresses are in the environment."""
    with_export = {**PARAMS, "export": "estate.json"}
    assert policy_face.netbox_if_given(with_export) is None
    assert policy_face.zabbix_if_given(with_export) is None
    netbox, zabbix = policy_face.netbox_if_given(PARAMS), policy_face.zabbix_if_given(PARAMS)
    assert netbox is not None
    assert zabbix is not None
    assert (netbox.url, zabbix.url) == ("http://n", "http://z/api_jsonrpc.php")


@pytest.mark.parametrize("name", ["netbox_url", "netbox_token"])
def test_without_a_netbox(name: str) -> None:
    assert policy_face.netbox_if_given({**PARAMS, name: None}) is None


def test_without_a_zabbix() -> None:
    assert policy_face.zabbix_if_given({**PARAMS, "zabbix_url": None}) is None


def test_no_connection_is_required_but_all_options_are_taken() -> None:
    """Defaults of the action group go to every module."""
    spec = policy_face.policy_spec(strict={"type": "bool"})
    assert set(PARAMS) < set(spec)
    assert not any(option.get("required") for option in spec.values())
    assert spec["strict"] == {"type": "bool"}
    assert spec["secrets"]["no_log"] is True


def test_all_modules_are_in_the_action_group() -> None:
    runtime = yaml.safe_load((collection.ROOT / "meta" / "runtime.yml").read_text())
    ours = {"hosts_sync", "estate_export", "host_config_info", "policy_lint", "policy_simulate"}
    assert ours <= set(runtime["action_groups"]["all"])
    routed = {name: route["action_plugin"] for name, route in runtime["plugin_routing"]["modules"].items()}
    actions = {f"netops.netbox_zabbix.{path.stem}" for path in (collection.ROOT / "plugins" / "action").glob("*.py")}
    assert set(routed.values()) <= actions


def test_paths_are_seen_from_where_the_person_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, playbooks = tmp_path / "here", tmp_path / "playbooks"
    for folder, names in ((here, ["both", "mine"]), (playbooks, ["both", "theirs"])):
        folder.mkdir()
        for name in names:
            (folder / name).touch()
    monkeypatch.chdir(here)
    loader = DataLoader()
    loader.set_basedir(str(playbooks))

    def absolute(given: str) -> str | None:
        return hosts_sync._absolute({"policy_path": given}, loader).get("policy_path")

    assert absolute("both") == str(here / "both")
    assert absolute("mine") == str(here / "mine")
    assert absolute("theirs") == str(playbooks / "theirs")
    assert absolute("nowhere") == str(here / "nowhere")
    assert absolute("/etc/policy") is None, "left as it is"
    assert absolute("~/policy") is None
    assert hosts_sync._absolute({"mappings": [], "policy_path": None}, loader) == {}


class _Task:
    def __init__(self, no_log: bool) -> None:
        self.no_log = no_log


@pytest.mark.parametrize(("no_log", "shown"), [(False, ["as it is\n"]), (True, [])])
def test_the_text_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch, no_log: bool, shown: list[str]) -> None:
    told: list[str] = []
    monkeypatch.setattr(host_config_info.display, "display", told.append)
    monkeypatch.setattr(hosts_sync.ActionModule, "run", lambda self, tmp, task_vars: {"text": "as it is\n"})
    action = object.__new__(host_config_info.ActionModule)
    action._task = _Task(no_log)
    assert action.run() == {"text": "as it is\n"}
    assert told == shown
