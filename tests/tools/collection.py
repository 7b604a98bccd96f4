"""Makes the checkout usable as the collection `netops.netbox_zabbix` without copying or installing it."""

from __future__ import annotations

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE, NAME = "netops", "netbox_zabbix"


def register() -> None:
    """Let this process import `ansible_collections.netops.netbox_zabbix.plugins...` from the checkout.

    Only for processes that import no other collection: the empty `__path__` of the two outer packages would hide it.
    """
    packages: dict[str, list[str]] = {
        "ansible_collections": [],
        f"ansible_collections.{NAMESPACE}": [],
        f"ansible_collections.{NAMESPACE}.{NAME}": [str(ROOT)],
    }
    for name, path in packages.items():
        if name in sys.modules:
            continue
        package = types.ModuleType(name)
        package.__path__ = path
        sys.modules[name] = package
        parent, child = name.rpartition(".")[::2]
        if parent:
            setattr(sys.modules[parent], child, package)


def link(tree: Path) -> Path:
    """Make `tree` fit for ANSIBLE_COLLECTIONS_PATH, with a link to the checkout in it, for ansible-playbook and such.

    Not for ansible-test, which follows the link and then misses the folders around it, and never inside the checkout,
    where tools that walk the files would go round in circles.
    """
    place = tree / "ansible_collections" / NAMESPACE / NAME
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_symlink():
        place.symlink_to(ROOT, target_is_directory=True)
    return tree
