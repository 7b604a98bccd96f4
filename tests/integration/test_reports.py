"""Reports of real runs: written by the playbooks, told to people when a run fails."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from tools import collection

from integration.playing import Played
from integration.world import World

Play = Callable[..., Played]

#: stands for a module of community.general: takes these arguments alone, and keeps them
MODULE = """
import json, os
from ansible.module_utils.basic import AnsibleModule

def main():
    module = AnsibleModule(argument_spec={{name: {{"type": kind}} for name, kind in {spec}.items()}})
    with open(os.environ["NOTIFIED"], "a") as file:
        file.write(json.dumps(dict(module.params, module="{name}")) + "\\n")
    module.exit_json(changed=True)

main()
"""
MODULES = {
    "mail": {
        "host": "str",
        "port": "int",
        "sender": "str",
        "to": "list",
        "subject": "str",
        "body": "str",
        "attach": "list",
    },
    "mattermost": {"url": "str", "api_key": "str", "text": "str"},
    "slack": {"token": "str", "channel": "str", "msg": "str"},
}
FILES = {name: f"reports/{{job}}.{name}" for name in ("html", "json", "junit", "markdown", "prometheus")}


def read(tmp_path: Path) -> dict[str, str]:
    return {path.suffix[1:]: path.read_text() for path in (tmp_path / "reports").iterdir()}


def test_reports_of_a_run_and_of_what_would_be_done(world: World, play: Play, tmp_path: Path) -> None:
    world.device("sw1")
    world.device("sw2")
    played = play("--check", variables={"netbox_zabbix_reports": FILES})
    assert played.code == 0, played.text
    files = read(tmp_path)
    assert set(files) == set(FILES) - {"prometheus"}
    played = play(variables={"netbox_zabbix_reports": FILES})
    assert played.code == 0, played.text
    assert set(read(tmp_path)) == set(FILES)

    world.zabbix.api("host.update", hostid=world.host("sw1")["hostid"], name="by hand")
    # with the word for what was found, the pipeline fails
    drift = {"netbox_zabbix_reports": FILES, "netbox_zabbix_fail_on": ["failed", "drifted"]}
    played = play("--check", variables=drift)
    assert played.code == 2, played.text
    assert "The run is to fail on failed, drifted: 1 hosts." in " ".join(played.text.split())
    files = read(tmp_path)
    result = json.loads(files["json"])
    (host,) = result["hosts"]
    assert [(one["attribute"], one["live"], one["wanted"], one["reason"]) for one in host["details"]] == [
        ("name", "by hand", "sw1", "drifted")
    ]
    assert result["urls"]["netbox"] == world.netbox.url
    cases = {case.get("name"): [child.tag for child in case] for case in ElementTree.fromstring(files["junit"])[0]}
    assert cases == {
        "SyncHostsNow: the run as a whole": ["system-out"],
        f"sw1 ({host['object'].replace(':', ' ')})": ["failure"],
    }
    assert "! name: by hand -> sw1" in files["markdown"]
    # of the real run: a check run leaves it alone
    assert 'netbox_zabbix_hosts{module="hosts_sync",status="create"} 2' in files["prometheus"]


def test_no_secret_is_in_any_report(world: World, play: Play, tmp_path: Path) -> None:
    secret = "canary-5ecret"
    world.device("sw1")
    mappings = [
        {
            "name": "all",
            "host_groups": ["T/Berlin 1"],
            "macros": {"{$KEY}": {"secret": "key"}},
            "tls_connect": "psk",
            "tls_accept": ["psk"],
            "tls_psk_identity": "{name}",
            "tls_psk": {"secret": "psk"},
        }
    ]
    variables = {
        "netbox_zabbix_reports": FILES,
        "netbox_zabbix_digest_key": "k" * 20,
        "netbox_zabbix_secrets": {"key": secret, "psk": "cd" * 16},
    }
    played = play(mappings=mappings, variables=variables)
    assert played.code == 0, played.text
    variables["netbox_zabbix_secrets"] = {"key": f"{secret}-2", "psk": "ab" * 16}
    played = play(mappings=mappings, variables=variables)
    assert played.code == 0, played.text
    for name, text in read(tmp_path).items():
        assert "sw1" in text or name == "prometheus"
        assert secret not in text, name
        assert "abababab" not in text, name
        assert "cdcdcdcd" not in text, name


def test_a_run_that_is_stopped_leaves_its_reports(world: World, play: Play, tmp_path: Path) -> None:
    for number in range(12):
        world.device(f"sw{number}")
    limits = {"netbox_zabbix_reports": FILES, "netbox_zabbix_limits": {"creates": {"count": 5}}}
    played = play(variables=limits)
    assert played.code == 2, played.text
    files = read(tmp_path)
    assert 'netbox_zabbix_run_refused{module="hosts_sync"} 1' in files["prometheus"]
    assert "The guard stopped the run" in files["html"]
    assert "12 new hosts, over the limit of 5" in files["markdown"]


@pytest.mark.parametrize("ends", ["well", "with a host that fails", "without an answer"])
def test_the_example_tells_people_when_the_sync_fails(
    world: World, play: Play, collections_path: Path, tmp_path: Path, ends: str
) -> None:
    tree = tmp_path / "tree" / "ansible_collections" / "community" / "general"
    (tree / "plugins" / "modules").mkdir(parents=True)
    (tree / "galaxy.yml").write_text(yaml.safe_dump({"namespace": "community", "name": "general", "version": "1.0.0"}))
    for name, spec in MODULES.items():
        (tree / "plugins" / "modules" / f"{name}.py").write_text(MODULE.format(spec=spec, name=name))
    world.device("sw1", ip="auto" if ends == "well" else None)
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": f"{collections_path}{os.pathsep}{tmp_path / 'tree'}",
        "NOTIFIED": str(tmp_path / "notified"),
    }
    if ends == "without an answer":
        environment["ZABBIX_URL"] = "http://127.0.0.1:1"
    played = play(
        playbook=str(collection.ROOT / "docs" / "examples" / "notify.yml"),
        variables={"mattermost_key": "k", "slack_token": "t", "report_folder": str(tmp_path / "reports")},
        **environment,
    )
    if ends == "well":
        assert played.code == 0, played.text
        assert not (tmp_path / "notified").exists()
        return
    assert played.code == 2, played.text
    told = {one["module"]: one for one in map(json.loads, (tmp_path / "notified").read_text().splitlines())}
    assert set(told) == set(MODULES)
    expected = "sw1" if ends == "with a host that fails" else "Zabbix cannot be reached at http://127.0.0.1:1"
    for text in (told["mail"]["body"], told["mattermost"]["text"], told["slack"]["msg"]):
        assert expected in text
    assert told["mail"]["attach"] == [str(tmp_path / "reports" / "hosts_sync.html")]
