# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Items of hosts, as far as taking back a linked template has to know them.

A template that is unlinked leaves its items on the host, and one that is cleared takes them away with their history. So
what a run linked is only taken back whole where no item is older than the run: an item that was there before, and that
the template took over by its key, keeps its id.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import ZabbixError
from .client import Zabbix, whole
from .hosts import chunks

#: items, and discovery rules, whose ids are of the same row
_KINDS = ("item.get", "discoveryrule.get")
#: hosts asked for in one request: some hundred items each
CHUNK = 100


def newest_item(zabbix: Zabbix) -> int | None:
    """Return the highest id of an item or discovery rule that we may see, None where Zabbix does not tell it us."""
    try:
        rows = _ask(zabbix, {"output": ["itemid"], "sortfield": "itemid", "sortorder": "DESC", "limit": 1})
    except ZabbixError:
        return None
    return max((int(row["itemid"]) for row in rows), default=0)


def items_of_templates(
    zabbix: Zabbix, hostids: Iterable[str], templateids: Iterable[str]
) -> dict[str, dict[str, list[int]]]:
    """Return the items that hosts have of these templates: host id -> template id -> item ids. Raises ZabbixError."""
    of_template: dict[str, str] = {}
    for row in _ask(zabbix, {"output": ["itemid", "hostid"], "templateids": sorted(set(templateids), key=int)}):
        of_template[row["itemid"]] = row["hostid"]
    found: dict[str, dict[str, list[int]]] = {}
    for some in chunks(sorted(set(hostids), key=int), CHUNK):
        for row in _ask(zabbix, {"output": ["itemid", "hostid", "templateid"], "hostids": some, "inherited": True}):
            template = of_template.get(row["templateid"])
            if template is not None:
                found.setdefault(row["hostid"], {}).setdefault(template, []).append(int(row["itemid"]))
    return found


def _ask(zabbix: Zabbix, asked: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for answer in whole(zabbix.batch([(kind, asked) for kind in _KINDS])) for row in answer]
