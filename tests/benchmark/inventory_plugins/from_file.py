"""An inventory of hosts that were listed before: what Ansible itself takes for them, whatever plugin has found them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from ansible.plugins.inventory import BaseInventoryPlugin

DOCUMENTATION = """
name: from_file
short_description: Hosts that were listed before
description: The file is a pickle of hosts (name, variables) and groups (name, hosts, children).
"""


class InventoryModule(BaseInventoryPlugin):
    NAME = "from_file"

    def verify_file(self, path: str) -> bool:
        return path.endswith(".pickle")

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        listing = pickle.loads(Path(path).read_bytes())
        for name, variables in listing["hosts"].items():
            inventory.add_host(name)
            inventory.hosts[name].vars.update(variables)
        for name in listing["groups"]:
            inventory.add_group(name)
        for name, group in listing["groups"].items():
            for host in group.get("hosts", ()):
                inventory.add_host(host, group=name)
            for child in group.get("children", ()):
                if name != "all":
                    inventory.add_child(name, child)
