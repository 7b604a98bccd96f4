"""The history of runs, as a person sees it after two syncs."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from integration.world import World

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

MAPPING = {"name": "all", "host_groups": ["T/runs"], "macros": {"{$T.SECRET}": {"secret": "word"}}}
SECRETS = {"netbox_zabbix_secrets": {"word": "canary-word"}, "netbox_zabbix_digest_key": "canary-key"}


def test_two_syncs_and_what_differs_between_them(world: World, play: Any, tmp_path: Path) -> None:
    world.device("sw1")
    world.zabbix.group("T/runs")
    first = play(mappings=[MAPPING], variables=SECRETS)
    assert first.code == 0, first.text
    looked = play("--check", mappings=[MAPPING], variables=SECRETS)
    assert looked.code == 0, looked.text
    second = play(mappings=[{**MAPPING, "description": "new"}], variables=SECRETS)
    assert second.code == 0, second.text
    listed = play(playbook="runs")
    rows = [line.split() for line in listed.text.splitlines() if " SyncHostsNow " in line]
    assert [row[3] for row in rows] == ["changed", "changed"], listed.text
    newer, older = (row[0] for row in rows)
    shown = play(f"-enetbox_zabbix_run={newer}", playbook="runs")
    assert "description: - -> new   (pending)" in shown.text
    compared = play(f"-enetbox_zabbix_run={newer[:6]}", f"-enetbox_zabbix_compare_to={older[:6]}", playbook="runs")
    assert "another policy, other changes" in compared.text
    assert "sw1 (device:" in compared.text
    wrong = play("-enetbox_zabbix_run=nothing", playbook="runs")
    assert (wrong.code, "there is no run" in wrong.text) == (2, True)
    kept = list((tmp_path / ".local" / "state" / "netops.netbox_zabbix").rglob("*.gz"))
    # of each run what was before, that it came to its end, and its record
    assert len([path for path in kept if "runs" in path.parts]) == 6
    for path in kept:
        content = gzip.decompress(path.read_bytes())
        assert b"canary" not in content
        assert world.zabbix.token.encode() not in content
        assert world.netbox.token.encode() not in content
