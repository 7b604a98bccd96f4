# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options that the modules of maintenance share. Their texts are in `plugins/doc_fragments/maintenance.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .jobs.maintenance_sides import Sources

_SOURCES: dict[str, dict[str, Any]] = {
    "instance": {"type": "str", "default": "netbox"},
    "maintenances": {"type": "list", "elements": "raw", "default": []},
    "calendars": {"type": "list", "elements": "dict", "default": []},
    "time_zone": {"type": "str", "default": ""},
    "server_time_zone": {"type": "str", "default": ""},
    "virtual_device_contexts": {"type": "bool", "default": False},
    "min_objects_percent": {"type": "float", "default": 80},
}
OPTIONS: dict[str, dict[str, Any]] = {**_SOURCES, "max_deletions": {"type": "dict", "default": {}}}


def sources(params: Mapping[str, Any]) -> Sources:
    """Return where windows are declared from module arguments."""
    return Sources(**{name: params[name] for name in _SOURCES})
