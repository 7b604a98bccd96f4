"""The JSON Schemas: as the code's tables are, true to what the policy reader takes, and shipped up to date."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.schema import context_schema, policy_schema
from tools import reference

ROOT = Path(__file__).parents[3]
VALIDATOR = jsonschema.Draft202012Validator(policy_schema())


def examples() -> list[Any]:
    """Return every policy of the documentation, and the estate's."""
    text = (ROOT / "docs" / "policy.md").read_text()
    found = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    policies = [block for block in found if isinstance(block, dict) and "netbox_zabbix_mappings" in block]
    assert policies
    return [*policies, yaml.safe_load((ROOT / "tests" / "lab" / "estate" / "policy.yml").read_text())]


@pytest.mark.parametrize("policy", examples())
def test_policies_that_are_right_are_valid(policy: Any) -> None:
    VALIDATOR.validate(policy)


@pytest.mark.parametrize(
    "mapping",
    [
        {"templates": ["x"]},
        {"name": "x", "template": ["x"]},
        {"name": "x", "templates": "x"},
        {"name": "x", "templates": {"ad": ["x"]}},
        {"name": "x", "match": {"rol": "x"}},
        {"name": "x", "match": {}},
        {"name": "x", "status": "on"},
        {"name": "x", "inventory": {"serial": "x"}},
        {"name": "x", "interfaces": [{"port": 1}]},
        {"name": "x", "interfaces": [{"type": "snmp", "community": "public"}]},
        {"name": "x", "tls_psk": "00112233445566778899aabbccddeeff"},
        {"name": "x", "tls_connect": "tls"},
        {"name": "x", "tags": {"a": {"b": "c"}}},
        {"name": "x", "macros": {"NAME": "x"}},
    ],
)
def test_policies_that_are_wrong_are_not(mapping: Any) -> None:
    assert list(VALIDATOR.iter_errors({"netbox_zabbix_mappings": [mapping]}))
    assert list(VALIDATOR.iter_errors([mapping]))


def test_a_config_context_may_be_of_either_tool() -> None:
    validator = jsonschema.Draft202012Validator(context_schema())
    validator.validate({"zabbix": {"templates": ["x"], "tls_connect": "psk"}, "dns": ["192.0.2.1"]})
    validator.validate(
        {"zabbix": {"templates": "x", "interface_type": 2, "snmp": {"version": 2}, "tags": [{"a": "b"}]}}
    )
    assert list(validator.iter_errors({"zabbix": {"tempaltes": ["x"]}}))


def test_what_is_generated_is_up_to_date() -> None:
    for name, text in reference.documents().items():
        assert (ROOT / name).read_text() == text, f"{name}: make reference"
