"""The playbook as people call it: `ansible-playbook netops.netbox_zabbix.sync -e @policy.yml`, its output, recap and
exit code.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml

from integration.world import INSTANCE, World, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

CANARY = "canary-c4f8e1"


def test_create_then_nothing(world: World, play: Any) -> None:
    world.device("sw1")
    world.device("sw2")
    first = play()
    assert first.code == 0, first.text
    assert first.recap["changed"] == 1
    assert "created 2, updated 0" in first.text
    assert re.search(r"^  (reading|compared|created|writing) ", first.text, re.MULTILINE), "progress is shown"
    second = play()
    assert second.code == 0
    assert second.recap["changed"] == 0
    assert "2 unchanged" in second.text


def test_progress_is_shown_while_the_job_runs(world: World, start: Any) -> None:
    world.device("sw1")
    world.proxy.delay_next(6, "host.create")
    # into a pipe ansible-playbook writes when its buffer is full, unless Python is told otherwise; a terminal, and a
    # job runner, which gives it one, see each line at once
    running = start(ZABBIX_URL=world.proxy.url, PYTHONUNBUFFERED="1")
    for line in running.stdout:
        if line.startswith("  c"):
            break
    assert running.poll() is None, "the line came when all was over"
    assert not any("host.create" in call.methods for call in world.proxy.calls)
    running.communicate(timeout=60)
    assert running.returncode == 0


def test_progress_is_live_in_a_job_runners_output(world: World, collections_path: Path, tmp_path: Path) -> None:
    """AWX runs playbooks by ansible-runner: each line is an event that its page shows at once."""
    world.device("sw1")
    world.proxy.delay_next(5, "host.create")
    events: list[tuple[str, str]] = []
    seen_while_running: list[str] = []

    def on_event(event: dict[str, Any]) -> bool:
        events.append((event["event"], event.get("stdout", "")))
        if event["event"] == "verbose" and not any(
            call.status for call in world.proxy.calls if "host.create" in call.methods
        ):
            seen_while_running.append(event["stdout"])
        return True

    runner = ansible_runner.run(
        private_data_dir=str(tmp_path),
        playbook="netops.netbox_zabbix.sync",
        extravars={"netbox_zabbix_mappings": policy(), "netbox_zabbix_instance": INSTANCE},
        envvars={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
            "NETBOX_URL": world.netbox.url,
            "NETBOX_TOKEN": world.netbox.token,
            "ZABBIX_URL": world.proxy.url,
            "ZABBIX_TOKEN": world.zabbix.token,
        },
        event_handler=on_event,
        quiet=True,
    )
    assert runner.rc == 0, [text for kind, text in events]
    assert any("creating" in line or "compared" in line for line in seen_while_running), events


def test_check_and_diff(world: World, play: Any) -> None:
    world.device("sw1")
    done = play("--check", "--diff")
    assert done.code == 0, done.text
    assert done.recap["changed"] == 1
    assert "+ sw1  [sw1 (device" in done.text
    assert '+ templates[ICMP Ping]: ICMP Ping   (new, mapping "everything")' in done.text
    assert world.ours() == []


def test_a_host_that_failed_fails_the_play_and_names_it(world: World, play: Any) -> None:
    world.device("sw1", ip=None)
    world.device("sw2")
    done = play()
    assert done.code == 2
    assert done.recap["failed"] == 1
    assert re.search(r"sw1 \(device \d+\): .*address", done.text)
    assert len(world.ours()) == 1


def test_all_problems_of_a_policy_at_once(world: World, play: Any) -> None:
    done = play(
        mappings=[
            {"name": "one", "match": {"rol": "switch"}, "templates": ["ICMP Ping"]},
            {"name": "two", "host_groups": "T/{sit}", "tamplates": ["ICMP Ping"]},
        ]
    )
    assert done.code == 2
    for word in ('mapping 1 "one"', "rol", 'mapping 2 "two"', "tamplates", "sit"):
        assert word in done.text
    assert world.ours() == []


@pytest.mark.parametrize(
    ("mappings", "said"),
    [
        ("not a list", "list"),
        ([{"name": "x", "match": {"site": "no-such-site"}, "host_groups": ["T"]}], "no-such-site"),
        ([{"name": "x", "interfaces": [{"type": "snmp", "community": "public"}]}], "secret"),
    ],
)
def test_malformed_mappings(world: World, play: Any, mappings: Any, said: str) -> None:
    world.device("sw1")
    done = play(mappings=mappings)
    assert done.code == 2
    assert said in done.text


def test_a_policy_file_with_a_yaml_error_names_the_file_and_the_line(play: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("netbox_zabbix_mappings:\n  - name: [\n")
    done = play("-e", f"@{broken}")
    assert done.code != 0
    assert "broken.yml" in done.text


def test_no_policy_at_all(play: Any) -> None:
    done = play(variables={"netbox_zabbix_mappings": []})
    assert done.code == 2
    assert "mappings" in done.text


def test_wrong_tokens_and_addresses(world: World, play: Any) -> None:
    wrong = "nbt_unknownkey12.0123456789012345678901234567890123456789"
    done = play(NETBOX_TOKEN=wrong)
    assert done.code == 2
    assert "does not take the token" in done.text
    assert wrong not in done.text
    done = play(ZABBIX_TOKEN="f" * 64)
    assert "wrong, expired or disabled" in done.text
    assert "f" * 64 not in done.text
    done = play(ZABBIX_URL="http://127.0.0.1:9")
    assert "cannot be reached" in done.text
    done = play(NETBOX_URL="netbox")
    assert "netbox_url" in done.text
    done = play(ZABBIX_TOKEN="")
    assert "zabbix_token" in done.text


def test_user_and_password(world: World, play: Any) -> None:
    world.device("sw1")
    lab = world.zabbix.lab
    done = play(ZABBIX_TOKEN="", ZABBIX_USER=lab.user, ZABBIX_PASSWORD=lab.password)
    assert done.code == 0, done.text
    done = play(ZABBIX_TOKEN="", ZABBIX_USER=lab.user, ZABBIX_PASSWORD="wrong-" + CANARY)
    assert done.code == 2
    assert CANARY not in done.text


def test_a_token_wins_over_a_user_in_the_environment(world: World, play: Any) -> None:
    world.device("sw1")
    done = play(ZABBIX_USER="nobody", ZABBIX_PASSWORD="nothing")
    assert done.code == 0, done.text


def test_no_secret_in_any_output(world: World, play: Any, tmp_path: Path) -> None:
    world.device("sw1")
    snmp = {
        "type": "snmp",
        "version": 3,
        "security_name": "monitor",
        "security_level": "authpriv",
        "auth_passphrase": {"secret": "auth"},
        "privacy_passphrase": {"secret": "privacy"},
    }
    macros = {"{$PASSWORD}": {"type": "secret", "value": {"secret": "password"}}}
    key = "cafe" * 8
    others = {
        "tls_connect": "psk",
        "tls_psk_identity": "identity",
        "tls_psk": {"secret": "psk"},
        "ipmi_password": {"secret": "ipmi"},
    }
    variables = {
        "netbox_zabbix_secrets": {
            **{name: f"{CANARY}-{name}" for name in ("auth", "privacy", "password", "ipmi")},
            "psk": key,
        },
        "netbox_zabbix_digest_key": f"{CANARY}-key",
    }
    mappings = policy(interfaces=[snmp], macros=macros, **others)
    for arguments in (("--check", "--diff", "-vvvv"), ("--diff", "-vvvv"), ("-vvvv",)):
        done = play(*arguments, mappings=mappings, variables=variables, ANSIBLE_DEBUG="0")
        assert done.code == 0, done.text
        assert CANARY not in done.text
        assert key not in done.text
        assert world.netbox.token not in done.text
        assert world.zabbix.token not in done.text
    # no file but the one that the person wrote
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "policy.yml":
            assert CANARY not in path.read_text(errors="replace"), path
    assert CANARY not in str([macro for host in world.ours() for macro in host["macros"]])
    changes = world.netbox.call("GET", "core/object-changes/", limit=100)
    assert CANARY not in str(changes), "nor in NetBox"
    assert key not in str(changes)


def test_limit_selects_by_inventory(world: World, play: Any, tmp_path: Path) -> None:
    one, two = world.device("sw1"), world.device("sw2", site=world.netbox.ids["site2"])
    (tmp_path / "hosts.yml").write_text(
        yaml.safe_dump(
            {
                "all": {
                    "children": {
                        "berlin": {"hosts": {"sw1": None}},
                        "hamburg": {"hosts": {"by-id": {"netbox_id": f"device:{two['id']}"}}},
                    }
                }
            }
        )
    )
    done = play("-i", "hosts.yml", "--limit", "berlin")
    assert done.code == 0, done.text
    assert [host["host"] for host in world.ours()] == ["sw1"]
    done = play("-i", "hosts.yml", "--limit", "hamburg")
    assert done.code == 0, done.text
    assert sorted(host["host"] for host in world.ours()) == ["sw1", "sw2"]
    assert "0 orphans" in done.text
    done = play("-i", "hosts.yml")
    assert "2 objects of NetBox" in done.text, "without a limit the run is over all that NetBox has"
    assert one["id"] != two["id"]


def test_a_filter_that_netbox_would_ignore_is_an_error(world: World, play: Any) -> None:
    world.device("sw1")
    done = play(variables={"netbox_zabbix_filters": {"device": {"sites": "ber1"}}})
    assert done.code == 2
    assert "sites" in done.text
    assert "site" in done.text
    assert world.ours() == []


def test_check_mode_shows_a_plan_that_the_guard_would_stop(world: World, play: Any) -> None:
    world.device("sw1")
    done = play("--check", "--diff", variables={"netbox_zabbix_limits": {"creates": {"count": 0}}})
    assert done.code == 2
    assert "+ sw1" in done.text
    assert "A real run would stop here" in done.text


def test_the_guard_says_which_variable_raises_the_limit(world: World, play: Any) -> None:
    world.device("sw1")
    done = play(variables={"netbox_zabbix_limits": {"creates": {"count": 0}}})
    assert done.code == 2
    assert "netbox_zabbix_limits.creates.count" in done.text
    assert world.ours() == []


def test_module_defaults_set_the_connections_once(
    world: World, collections_path: Path, tmp_path: Path, play: Any
) -> None:
    world.device("sw1")
    playbook = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {
                "group/netops.netbox_zabbix.all": {
                    "netbox_url": world.netbox.url,
                    "netbox_token": world.netbox.token,
                    "zabbix_url": world.zabbix.lab.url,
                    "zabbix_token": world.zabbix.token,
                }
            },
            "tasks": [{"netops.netbox_zabbix.hosts_sync": {"mappings": policy(), "instance": INSTANCE}}],
        }
    ]
    (tmp_path / "own.yml").write_text(yaml.safe_dump(playbook))
    done = subprocess.run(
        ["ansible-playbook", "own.yml"],
        cwd=tmp_path,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(world.ours()) == 1
