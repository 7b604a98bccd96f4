"""The example of the guide is what the translation yields, and the text for Ansible reads back as the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.run import migrate
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.translation import (
    MAPPINGS,
    Translation,
    as_yaml,
)

GUIDE = Path(__file__).parents[3] / "docs" / "migration.md"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found, f"the guide has no block in {language}"
    return found[1]


class Loader(yaml.SafeLoader):
    """Reads Ansible's tag for texts that are no templates."""


def _plain(loader: yaml.SafeLoader, node: Any) -> Any:
    return loader.construct_scalar(node)


Loader.add_constructor("!unsafe", _plain)


def test_the_example_of_the_guide(tmp_path: Path) -> None:
    config = tmp_path / "config.py"
    config.write_text(block("python"))
    translation = migrate("netbox-zabbix-sync", [str(config)])
    assert {MAPPINGS: translation.variables[MAPPINGS]} == yaml.safe_load(block("yaml"))


def test_the_text_reads_back_as_the_variables(tmp_path: Path) -> None:
    config = tmp_path / "config.py"
    config.write_text("sync_vms = True\ntag_sync = True\ninventory_mode = 'manual'\ninventory_sync = True\n")
    translation = migrate("netbox-zabbix-sync", [str(config)])
    text = as_yaml(translation, "netbox-zabbix-sync")
    assert yaml.load(text, Loader) == translation.variables
    for remark in translation.remarks:
        assert f"# * {remark.subject}" in text


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{% x %}", "{#LLD}", "plain {site}", "a\nb", "yes", "1", "ü"])
def test_no_text_reaches_jinja(text: str) -> None:
    translation = Translation({MAPPINGS: [{"name": text}]}, secrets=["one"])
    written = as_yaml(translation, "a test")
    assert yaml.load(written, Loader) == translation.variables
    assert ("!unsafe" in written) == any(mark in text for mark in ("{{", "{%", "{#"))
    assert "# * one" in written
