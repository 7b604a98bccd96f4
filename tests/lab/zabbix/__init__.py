"""The laboratory's Zabbix servers, for tests: each function calls lab.sh, which explains itself when called alone."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Version = Literal["7.0", "6.0"]
VERSIONS: tuple[Version, ...] = ("7.0", "6.0")

SCRIPT = Path(__file__).with_name("lab.sh")


class LabError(RuntimeError):
    """lab.sh failed; the text is what it said."""


@dataclass(frozen=True)
class ZabbixLab:
    """A running Zabbix and the ways into it."""

    version: Version
    url: str
    user: str
    password: str = field(repr=False)
    # Super admin.
    token: str = field(repr=False)
    # The least that a synchronisation needs; may write in "Linux servers" and "Discovered hosts" only.
    limited_token: str = field(repr=False)
    # Sees every host group, may change nothing.
    readonly_token: str = field(repr=False)
    expired_token: str = field(repr=False)


def home(version: Version) -> Path:
    """The folder of one version: its chroot in root/, its log, its env file."""
    return Path(os.environ.get("NETBOX_ZABBIX_LAB", "/var/lib/netbox-zabbix-lab")).resolve() / version


def server_port(version: Version) -> int:
    """The port on which the Zabbix server takes values that are sent to it."""
    settings = (home(version) / "root" / "etc" / "zabbix" / "zabbix_server.conf").read_text()
    return int(settings.split("\nListenPort=", 1)[1].split("\n", 1)[0])


def run(verb: str, *arguments: str) -> str:
    """Call lab.sh and return what it printed."""
    done = subprocess.run([SCRIPT, verb, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"lab.sh {verb} {' '.join(arguments)} failed ({done.returncode}):\n{done.stderr}")
    return done.stdout


def up(version: Version) -> ZabbixLab:
    """Install where needed, start where needed."""
    run("up", version)
    return describe(version)


def describe(version: Version) -> ZabbixLab:
    """Addresses and tokens of an installed lab, without starting it."""
    env = dict(line.split("=", 1) for line in run("env", version).splitlines())
    return ZabbixLab(
        version=version,
        url=env["ZABBIX_URL"],
        user=env["ZABBIX_USER"],
        password=env["ZABBIX_PASSWORD"],
        token=env["ZABBIX_TOKEN"],
        limited_token=env["ZABBIX_LIMITED_TOKEN"],
        readonly_token=env["ZABBIX_READONLY_TOKEN"],
        expired_token=env["ZABBIX_EXPIRED_TOKEN"],
    )


def agent_port(version: Version) -> int:
    """The port on 127.0.0.1 on which a Zabbix agent answers."""
    settings = (home(version) / "root" / "etc" / "zabbix" / "zabbix_agentd.conf").read_text()
    return int(settings.split("\nListenPort=", 1)[1].split("\n", 1)[0])


def reload_configuration(version: Version) -> None:
    """Let the server take in what was changed through the API. Without this it does so within 10 seconds."""
    run("reload", version)


def database(version: Version, statement: str) -> None:
    """Carry out a statement in the database, for what the API cannot make."""
    run("database", version, statement)


def reset(version: Version, name: str = "") -> None:
    """Back to the state after the first `up`, or to that of a snapshot; tokens stay valid. Takes about two seconds."""
    run("reset", version, *([name] if name else []))


def snapshot(version: Version, name: str) -> None:
    """Remember the state under a name of small letters; a plain `reset` forgets it."""
    run("snapshot", version, name)


def down(version: Version) -> None:
    run("down", version)


def php_memory(version: Version, value: str) -> None:
    """Set PHP's memory limit (such as "32M") until the next `reset`; requests under way are cut off."""
    run("php-memory", version, value)
