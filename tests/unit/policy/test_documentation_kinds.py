"""docs/kinds.md: its examples are valid policies, and it speaks of every kind and every word for an address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import ALL_KINDS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.interfaces import ADDRESSES
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.kinds import CHASSIS_POLICIES
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.parse import parse_policy

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "kinds.md").read_text(encoding="utf-8")
EXAMPLES: list[dict[str, Any]] = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
VARIABLES = yaml.safe_load((ROOT / "roles/sync/meta/argument_specs.yml").read_text(encoding="utf-8"))
MAPPINGS = [example["netbox_zabbix_mappings"] for example in EXAMPLES if "netbox_zabbix_mappings" in example]


@pytest.mark.parametrize("mappings", MAPPINGS)
def test_each_policy_is_valid(mappings: Any) -> None:
    assert parse_policy(mappings).mappings


def test_each_variable_is_one_of_the_role() -> None:
    assert len(MAPPINGS) == 4
    assert {name for example in EXAMPLES for name in example} <= set(VARIABLES["argument_specs"]["main"]["options"])


@pytest.mark.parametrize("word", [*ADDRESSES, "interface:NAME"])
def test_each_word_for_an_address_is_explained(word: str) -> None:
    assert re.search(rf"^\| .*`{word}`.* \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_each_kind_is_there_with_its_reference(kind: str) -> None:
    assert re.search(rf"`{kind}:\d+`", PAGE)


@pytest.mark.parametrize("choice", CHASSIS_POLICIES)
def test_each_policy_for_virtual_chassis_is_explained(choice: str) -> None:
    assert f"`netbox_zabbix_virtual_chassis: {choice}`" in PAGE
