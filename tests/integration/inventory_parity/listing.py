"""What `ansible-inventory --list` says, in a form that can be kept and compared."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
CONFIGURATIONS: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "configurations.yml").read_text("utf-8"))
OURS, THEIRS = "netops.netbox_zabbix.netbox", "netbox.netbox.nb_inventory"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: what stands for a host that has its name by chance
UNNAMED = "<uuid>"
#: moments at which the estate was made
TIMES = frozenset({"created", "last_updated"})

#: {"hosts": {name: variables}, "groups": {name: {"hosts": [...], "children": [...]}}}
Listing = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Asker:
    """An inventory plugin: with which Ansible it is run, and where its collection is."""

    plugin: str
    ansible_inventory: Path
    collections: Path
    home: Path

    def listing(self, options: dict[str, Any], url: str, token: str, *arguments: str) -> Listing:
        ended = self.run(options, url, token, "--list", *arguments)
        if ended.returncode:
            raise AssertionError(f"{self.plugin} ended with {ended.returncode}: {ended.stderr}")
        return normalised(json.loads(ended.stdout), url)

    def run(self, options: dict[str, Any], url: str, token: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`ansible-inventory` with a source file of these options."""
        source = self.home / "netbox.yml"
        source.write_text(yaml.safe_dump({"plugin": self.plugin, **options}), "utf-8")
        return subprocess.run(
            [self.ansible_inventory, "-i", source, *arguments],
            env={
                "PATH": f"{self.ansible_inventory.parent}:{os.environ['PATH']}",
                "HOME": str(self.home),
                "LANG": "C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
                "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
                "ANSIBLE_INVENTORY_ENABLED": self.plugin,
                "NETBOX_API": url,
                "NETBOX_TOKEN": token,
            },
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )


def theirs(home: Path) -> Asker | None:
    """nb_inventory, where NB_INVENTORY_PATH names a virtual environment that has it; see CONTRIBUTING.md."""
    path = os.environ.get("NB_INVENTORY_PATH")
    return Asker(THEIRS, Path(path) / "bin/ansible-inventory", Path(path) / "collections", home) if path else None


def normalised(listed: dict[str, Any], url: str) -> Listing:
    """The same for every run: addresses, times and random names are replaced, lists of names are sorted."""
    hosts = {UUID.sub(UNNAMED, name): _plain(variables, url) for name, variables in listed["_meta"]["hostvars"].items()}
    groups = {name: group for name, group in listed.items() if name != "_meta"}
    for group in groups.values():
        for name in UUID.findall(" ".join(group.get("hosts", ()))) and [UNNAMED]:
            group["hosts"] = [UUID.sub(name, one) for one in group["hosts"]]
    for name in {one for group in groups.values() for one in group.get("hosts", ())}:
        hosts.setdefault(name, {})
    return {
        "hosts": dict(sorted(hosts.items())),
        "groups": {
            name: {kind: sorted(members) for kind, members in sorted(group.items())}
            for name, group in sorted(groups.items())
        },
    }


def _plain(value: Any, url: str, key: str = "") -> Any:
    if isinstance(value, dict):
        if value.keys() == {"__ansible_unsafe"}:
            return _plain(value["__ansible_unsafe"], url, key)
        return {name: _plain(one, url, name) for name, one in sorted(value.items())}
    if isinstance(value, list):
        return [_plain(one, url) for one in value]
    if key in TIMES and isinstance(value, str):
        return "<time>"
    return value.replace(url, "<netbox>") if isinstance(value, str) else value


def write(path: Path, listing: Listing) -> None:
    """One line for each host and group: readable differences, few bytes."""
    path.write_text("{\n" + ",\n".join(_lines(listing)) + "\n}\n", "utf-8")


def _lines(listing: Listing) -> Iterator[str]:
    for kind, entries in listing.items():
        rows = [f"{json.dumps(name, ensure_ascii=False)}: {_compact(one)}" for name, one in entries.items()]
        yield f"{json.dumps(kind)}: {{\n" + ",\n".join(rows) + "\n}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def expected(name: str) -> Listing:
    """What nb_inventory 3.22.0 was recorded to say."""
    found: Listing = json.loads((EXPECTED / f"{name}.json").read_text("utf-8"))
    return found
