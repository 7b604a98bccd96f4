# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the ids in a row of the plugin to names of Zabbix."""

from __future__ import annotations

from ..policy.fields import escape
from .exports import Export, Row
from .translation import Translation

SERVER, PROXY, PROXY_GROUP = 0, 1, 2


def names_of(rows: list[Row | None], name: str, word: str, translation: Translation) -> list[str]:
    """Return the names of rows as texts of a policy; note those that are not in the export."""
    if any(not row or "name" not in row for row in rows):
        translation.remark(name, f"a {word} of it is not in the export.", "Export that list, and translate again.")
    return [escape(str(row["name"])) for row in rows if row and "name" in row]


def monitor_of(row: Row, monitored_by: int, name: str, export: Export, translation: Translation) -> dict[str, str]:
    """Return what monitors the hosts of a mapping or of a host config, said in any case, so that it replaces."""
    if monitored_by == SERVER:
        return {"monitored_by": "server"}
    key, table = ("proxy", "proxy") if monitored_by == PROXY else ("proxy_group", "proxy-group")
    found = export.find(table, row.get(key)) if row.get(key) else None
    if not found or "name" not in found:
        translation.remark(
            name,
            f"its hosts are to be monitored by a {key.replace('_', ' ')}, and it names none that is in the export.",
            "Without it the server monitors them.",
        )
        return {"monitored_by": "server"}
    return {key: escape(str(found["name"]))}
