"""The arguments that the module takes are those that its documentation tells of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.doc_fragments.connection import ModuleDocFragment
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import HostResult, Result
from ansible_collections.netops.netbox_zabbix.plugins.modules import hosts_sync


class Stopped(Exception):
    """The module was asked for no more than its arguments."""


def taken(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what the module gives to AnsibleModule."""
    given: dict[str, Any] = {}

    def stand_in(**keywords: Any) -> None:
        given.update(keywords)
        raise Stopped

    monkeypatch.setattr(hosts_sync, "AnsibleModule", stand_in)
    with pytest.raises(Stopped):
        hosts_sync.main()
    return given


def told() -> dict[str, Mapping[str, Any]]:
    documentation = yaml.safe_load(hosts_sync.DOCUMENTATION)
    fragment = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)
    assert documentation["extends_documentation_fragment"] == ["netops.netbox_zabbix.connection"]
    assert not set(documentation["options"]) & set(fragment["options"])
    return {**fragment["options"], **documentation["options"]}


def test_names_types_defaults_and_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    def facts(option: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "required": option.get("required", False),
            "default": option.get("default"),
            "choices": option.get("choices"),
        }

    spec = taken(monkeypatch)["argument_spec"]
    assert {name: facts(option) for name, option in spec.items()} == {
        name: facts(option) for name, option in told().items()
    }


def test_environment_variables_are_told_where_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = taken(monkeypatch)["argument_spec"]
    for name, option in told().items():
        text = " ".join(option["description"]) if isinstance(option["description"], list) else option["description"]
        names = spec[name].get("fallback", (None, []))[1]
        assert [f"E({one})" in text for one in names] == [True] * len(names), name
        assert ("environment variable" in text) == bool(names), name


def test_every_option_that_holds_a_secret_is_kept_out_of_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = taken(monkeypatch)["argument_spec"]
    assert {name for name, option in spec.items() if option.get("no_log")} == {
        "netbox_token",
        "zabbix_token",
        "zabbix_password",
        "zabbix_http_password",
        "secrets",
        "digest_key",
    }


def test_check_mode_is_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken(monkeypatch)["supports_check_mode"] is True


def test_every_option_reaches_the_job() -> None:
    """A default in two places must be one value."""
    own = yaml.safe_load(hosts_sync.DOCUMENTATION)["options"]
    fields = SyncOptions.__dataclass_fields__
    assert set(fields) - {"dry_run", "want_diff", "state"} == set(own) - {"progress_path", "fail_on"}
    defaults = SyncOptions(instance="x", mappings=[])
    for name, option in own.items():
        if "default" in option and name not in ("instance", "fail_on"):
            given = getattr(defaults, name)
            assert (list(given) if isinstance(given, tuple) else given or option["default"]) == option["default"], name


def test_what_is_returned_is_documented() -> None:
    returned = yaml.safe_load(hosts_sync.RETURN)
    plain = Result("SyncHostsNow", False, hosts=[HostResult("a", "b", None, "create")]).as_dict()
    assert set(plain) - {"changed"} <= set(returned)
    assert set(plain["hosts"][0]) == set(returned["hosts"]["contains"])
