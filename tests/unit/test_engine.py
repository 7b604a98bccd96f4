"""The engine is plain Python: it can be used where Ansible is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
PROGRAM = """
import sys


class NoAnsible:
    def find_spec(self, name, path=None, target=None):
        if name == "ansible" or name.startswith("ansible."):
            raise ImportError(f"the engine wants {name}")


sys.meta_path.insert(0, NoAnsible())
from tools import collection

collection.register()
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import hosts_sync

print(hosts_sync.JOB)
"""


def test_the_engine_does_without_ansible() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={"PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "SyncHostsNow"


def test_the_pure_rooms_know_no_client() -> None:
    """Policy and the pure half of reconcile import neither HTTP libraries nor the clients."""
    rooms = Path(__file__).parents[2] / "plugins" / "module_utils"
    pure = [*(rooms / "policy").glob("*.py"), *(rooms / "reconcile").glob("*.py")]
    pure.remove(rooms / "reconcile" / "apply.py")
    for path in pure:
        imports = [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
        for line in imports:
            assert not any(word in line for word in ("requests", ".client", "zabbix_utils", "pynetbox", "ansible")), (
                f"{path.name}: {line}"
            )
