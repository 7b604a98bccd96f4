# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules share that have the state store. The text of the option is in `plugins/doc_fragments/state.py`."""

from __future__ import annotations

from typing import Any


def state_spec() -> dict[str, dict[str, Any]]:
    """Return the argument that says where the state store is."""
    return {"state_store": {"type": "str", "default": "~/.local/state/netops.netbox_zabbix"}}
