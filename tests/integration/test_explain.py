"""Explain, lint and simulate as people call them: on the live servers, and on an export without any."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from integration.world import TOP, World

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

CANARY = "canary-5b09d2"
#: nobody listens there: whoever asks a server is found out
NOWHERE = {
    "NETBOX_URL": "http://127.0.0.1:9",
    "ZABBIX_URL": "http://127.0.0.1:9",
    "NETBOX_TOKEN": "0" * 40,
    "ZABBIX_TOKEN": "0" * 64,
}
BASE = f"""\
- name: everything
  host_groups: ["{TOP}/{{site}}"]
  templates: ["ICMP Ping"]
  interfaces: [{{type: agent}}]
  description: base
  macros: {{"{{$KEY}}": {{secret: key}}}}
"""
SWITCHES = """\
netbox_zabbix_mappings:
  - name: switches
    match: {role: switch}
    description: "switch {name}"
  - name: elsewhere
    match: {site: ham1}
    description: elsewhere
"""


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Any]:
    """A policy in two files, and the variables that name it."""
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "10-base.yml").write_text(BASE)
    (tmp_path / "policy" / "20-switches.yml").write_text(SWITCHES)
    return {"netbox_zabbix_policy_path": "policy", "netbox_zabbix_secrets": {"key": CANARY}}


def test_explain_a_host_of_the_live_netbox(world: World, play: Any, written: dict[str, Any]) -> None:
    world.device("sw1")
    world.device("sw2")
    done = play("-e", 'netbox_zabbix_names=["sw1"]', playbook="explain", variables=written)
    assert done.code == 0, done.text
    assert done.recap["changed"] == 0
    text = " ".join(done.text.split())
    assert "): Zabbix host sw1 layers, later wins:" in text
    assert 'description switch sw1 mapping "switches" (20-switches.yml:2)' in text
    assert 'not base of mapping "everything" (10-base.yml:1)' in text
    assert 'mapping "elsewhere" (20-switches.yml:5) site: wants ham1 has ber1' in text
    assert "macros[{$KEY}] secret key (type secret)" in text
    assert "Zabbix host sw2" not in text
    assert CANARY not in done.text


def test_a_name_that_nothing_has(world: World, play: Any, written: dict[str, Any]) -> None:
    world.device("sw1")
    done = play(playbook="explain", variables={**written, "netbox_zabbix_names": ["sw11"]})
    assert done.code == 2
    assert "Did you mean" in done.text
    assert "sw1" in done.text


def test_lint_the_live_servers(world: World, play: Any, written: dict[str, Any], tmp_path: Path) -> None:
    world.device("sw1")
    done = play(playbook="lint_policy", variables=written)
    assert done.code == 0, done.text
    assert 'mapping "elsewhere" (20-switches.yml:5): matches no object' in done.text
    assert 'mapping "everything" (10-base.yml:1): description: is overridden on its only host' in done.text
    assert "switches          1      1  20-switches.yml:2" in done.text
    done = play(playbook="lint_policy", variables={**written, "netbox_zabbix_strict": True})
    assert done.code == 2
    (tmp_path / "policy" / "10-base.yml").write_text(BASE.replace("ICMP Ping", "ICMP Pinng"))
    done = play(playbook="lint_policy", variables=written)
    assert done.code == 2
    assert 'Zabbix has no template "ICMP Pinng", or its user may not see it. Did you mean "ICMP Ping"' in done.text
    assert done.recap["failed"] == 1


def test_all_without_a_server_once_an_export_is_there(
    world: World, play: Any, written: dict[str, Any], tmp_path: Path
) -> None:
    device = world.device("sw1")
    world.vm("vm1")
    if world.netbox.standin:
        world.netbox.standin.clear_requests()
    done = play("--check", playbook="export", variables={"netbox_zabbix_export": "estate.json.gz"})
    assert done.code == 0, done.text
    assert not (tmp_path / "estate.json.gz").exists()
    done = play(playbook="export", variables={"netbox_zabbix_export": "estate.json.gz"})
    assert done.code == 0, done.text
    assert (tmp_path / "estate.json.gz").stat().st_mode & 0o777 == 0o600
    there = {**written, "netbox_zabbix_export": "estate.json.gz"}

    done = play(playbook="lint_policy", variables=there, **NOWHERE)
    assert done.code == 0, done.text
    assert "everything        2      2  10-base.yml:1" in done.text

    found = play(
        "-e", f'{{"netbox_zabbix_ids": ["device:{device["id"]}"]}}', playbook="explain", variables=there, **NOWHERE
    )
    assert found.code == 0, found.text
    assert "switch sw1" in found.text

    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "all.yml").write_text(BASE.replace("description: base", "description: other"))
    done = play(
        playbook="simulate",
        variables={**there, "netbox_zabbix_policy_path": "new", "netbox_zabbix_base_policy_path": "policy"},
        **NOWHERE,
    )
    assert done.code == 0, done.text
    assert "~ sw1  [sw1 (device" in done.text
    assert '~ description: switch sw1 -> other   (mapping "everything" (all.yml:1))' in done.text
    assert '~ description: base -> other   (mapping "everything" (all.yml:1))' in done.text
    assert "would create 0 hosts, change 2, give up 0, leave 0 as they are; 0 would fail." in done.text
    assert world.ours() == []
    assert world.netbox_writes() == []
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "policy.yml":
            assert CANARY not in path.read_text(errors="replace"), path


def test_a_broken_policy_names_every_file_and_line(
    world: World, play: Any, written: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "policy" / "30-wrong.yml").write_text("- name: wrong\n  match: {rol: x}\n  tamplates: [y]\n")
    (tmp_path / "policy" / "40-broken.yml").write_text("- name: [\n")
    for playbook in ("sync", "lint_policy"):
        done = play(playbook=playbook, variables=written)
        assert done.code == 2
        assert "40-broken.yml:2:1: is not valid YAML" in done.text
    (tmp_path / "policy" / "40-broken.yml").unlink()
    for playbook in ("sync", "lint_policy"):
        done = play(playbook=playbook, variables=written)
        assert done.code == 2
        assert done.text.count("(30-wrong.yml:1)") >= 2
    assert world.ours() == []


def test_the_sync_takes_a_policy_in_files(world: World, play: Any, written: dict[str, Any], tmp_path: Path) -> None:
    world.device("sw1")
    variables = {**written, "netbox_zabbix_digest_key": f"{CANARY}-key"}
    done = play("--check", "--diff", variables=variables)
    assert done.code == 0, done.text
    assert '+ description: switch sw1   (new, mapping "switches" (20-switches.yml:2))' in done.text
    done = play(variables=variables)
    assert done.code == 0, done.text
    assert world.host("sw1")["description"] == "switch sw1"
    again = play(variables=variables)
    assert again.recap["changed"] == 0
    (tmp_path / "policy" / "20-switches.yml").write_text(SWITCHES.replace("switch}", "swich}"))
    done = play(variables=variables)
    assert done.code == 2
    assert 'mapping 2 "switches" (20-switches.yml:2): match.role: NetBox has no role' in done.text


def test_a_mapping_and_a_path_exclude_each_other(world: World, play: Any, written: dict[str, Any]) -> None:
    done = play(variables={**written, "netbox_zabbix_mappings": []})
    assert done.code == 2
    assert "mutually exclusive" in done.text
