# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules share that have the state store.

The texts of the options are in `plugins/doc_fragments/state.py`.
"""

from __future__ import annotations

from typing import Any


def state_spec() -> dict[str, dict[str, Any]]:
    """Return the argument that says where the state store is."""
    return {"state_store": {"type": "str", "default": "~/.local/state/netops.netbox_zabbix"}}


def cache_spec() -> dict[str, dict[str, Any]]:
    """Return the arguments of a module that reads the import's cache: where it is, and for how many seconds it is
    fresh.
    """
    return {**state_spec(), "settings_max_age": {"type": "int", "default": 26 * 3600}}
