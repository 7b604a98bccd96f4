"""docs/policy.md: its examples are valid, its tables are complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.attributes import ATTRIBUTES
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.compute import compute
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.field_paths import ROOTS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.fields import FILTERS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.interfaces import (
    ADDRESSES,
    AUTH_PROTOCOLS,
    DEFAULT_PORTS,
    PRIVACY_PROTOCOLS,
    SECURITY_LEVELS,
    SNMP_KEYS,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.inventory_fields import INVENTORY_FIELDS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.match import KEYS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import HostNames
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.parse import DEFAULT_STATUSES, parse_policy
from unit.policy.samples import device

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
NAMES = HostNames("h", "h")


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_valid(example: Any) -> None:
    secrets = dict.fromkeys(("api_token", "snmp_auth"), "x")
    if isinstance(example, list):
        example = {"netbox_zabbix_mappings": example}
    mappings = example.pop("netbox_zabbix_mappings", [{"name": "all", "host_groups": ["All"]}])
    statuses = example.pop("netbox_zabbix_statuses", None)
    context = {"zabbix": example.pop("zabbix")} if "zabbix" in example else {}
    assert not example, "a variable that this test does not know"
    policy = parse_policy(mappings, secrets=secrets, statuses=statuses)
    if context:
        assert isinstance(compute(policy, device(config_context=context), NAMES), HostConfig)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 9


@pytest.mark.parametrize(
    "word",
    sorted(
        {
            *("name", "match", "default", "not", "any", "custom_fields.NAME", "main", "address", "connect", "port"),
            *("optional", *KEYS, *ATTRIBUTES, *SNMP_KEYS, *INVENTORY_FIELDS, *ADDRESSES, *DEFAULT_PORTS),
            *(*AUTH_PROTOCOLS, *PRIVACY_PROTOCOLS, *SECURITY_LEVELS, *(ROOTS - {"custom_fields", "config_context"})),
            *(status for of_kind in DEFAULT_STATUSES.values() for status in of_kind),
        }
    ),
)
def test_each_word_of_the_language_is_documented(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_each_filter_is_documented(name: str) -> None:
    assert re.search(rf"^\|.*`{name}(\(.*\))?`", PAGE, re.MULTILINE)
