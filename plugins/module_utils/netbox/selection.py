# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which part of the estate a run is over: by NetBox's filters, by names, by ids."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Selection:
    """The ids of the selected objects, by kind; a kind without an entry has none."""

    ids: dict[str, frozenset[int]] = field(default_factory=dict)
