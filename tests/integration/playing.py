"""Playbooks as people call them: in an empty folder, with nothing but the environment and a file of variables. And the
sync in a process of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools import collection

from integration.world import INSTANCE, World, policy


@dataclass
class Played:
    """What ansible-playbook printed, and how it ended."""

    code: int
    text: str

    @property
    def recap(self) -> dict[str, int]:
        """Return the figures of the last line."""
        line = re.findall(r"^\S+\s+: (ok=.*)$", self.text, re.MULTILINE)[-1]
        return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", line)}


def start_alone(
    world: World, options: dict[str, Any], output: Path, *, zabbix: str, token: str, netbox: str = "", **more: str
) -> subprocess.Popen[bytes]:
    """Start the sync in a process of its own. `zabbix`, `netbox`: where it finds them, through proxies perhaps;
    `more`: of its environment.
    """
    environment = {
        **os.environ,
        **more,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "NETBOX_URL": netbox or world.netbox.url,
        "NETBOX_TOKEN": world.netbox.token,
        "ZABBIX_URL": zabbix,
        "ZABBIX_TOKEN": token,
        "OPTIONS": json.dumps(options),
    }
    with output.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "integration.run_alone"], env=environment, stdout=file, stderr=file
        )


@pytest.fixture(scope="session")
def collections_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("collections")
    collection.link(tree)
    return tree


@pytest.fixture
def start(world: World, collections_path: Path, tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Return a function that starts a playbook, the sync unless another one is named, with a file of variables.

    `playbook`: a name in the collection, or a path. `mappings` None: a policy that most tests can use, unless
    `variables` say where the policy is.
    """

    def run(
        *arguments: str,
        mappings: Any = None,
        variables: Any = None,
        playbook: str = "sync",
        **environment: str,
    ) -> subprocess.Popen[str]:
        given = {"netbox_zabbix_instance": INSTANCE, **(variables or {})}
        if "netbox_zabbix_policy_path" not in given:
            given.setdefault("netbox_zabbix_mappings", policy() if mappings is None else mappings)
        (tmp_path / "policy.yml").write_text(yaml.safe_dump(given, allow_unicode=True))
        return subprocess.Popen(
            [
                "ansible-playbook",
                playbook if "/" in playbook else f"netops.netbox_zabbix.{playbook}",
                "-e",
                "@policy.yml",
                *arguments,
            ],
            cwd=tmp_path,
            env={
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "HOME": str(tmp_path),
                "LANG": "C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
                "ANSIBLE_LOG_PATH": str(tmp_path / "ansible.log"),
                "NETBOX_URL": world.netbox.url,
                "NETBOX_TOKEN": world.netbox.token,
                "ZABBIX_URL": world.zabbix.lab.url,
                "ZABBIX_TOKEN": world.zabbix.token,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return run


@pytest.fixture
def play(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., Played]:
    """Return a function that runs a playbook to its end."""

    def run(*arguments: str, **given: Any) -> Played:
        running = start(*arguments, **given)
        text, none = running.communicate(timeout=120)
        assert none is None
        assert "Traceback" not in text, text
        return Played(running.returncode, text)

    return run
