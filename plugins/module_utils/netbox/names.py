# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many objects there are, and what they are called: the cheap questions about the whole estate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from . import read_graphql, read_rest
from .client import GRAPHQL, PAGE, NetBox
from .failures import out_of_order
from .objects import DEVICE, USUAL_KINDS
from .rows import KINDS

#: kind, id and name of one object
Name: TypeAlias = "tuple[str, int, str | None]"


def count(netbox: NetBox, kinds: Sequence[str] = USUAL_KINDS) -> dict[str, int]:
    """Return how many objects of each kind NetBox says it has."""
    # `brief` spares NetBox the config contexts.
    return {kind: int(netbox.get(KINDS[kind].path, {"limit": 1, "brief": 1})["count"]) for kind in kinds}


def read_names(netbox: NetBox, kinds: Sequence[str] = USUAL_KINDS) -> list[Name]:
    """Return kind, id and name of every object of these kinds, one kind after the other, each by id."""
    return [name for kind in kinds for name in _names(netbox, kind)]


def read_chassis_members(netbox: NetBox) -> dict[int, int]:
    """Return the virtual chassis of each device that is in one: device id -> chassis id."""
    params = {"virtual_chassis_member": "true", "fields": "id,virtual_chassis", "exclude": "config_context"}
    rows = (row for page in netbox.pages(KINDS[DEVICE].path, params) for row in page)
    return {row["id"]: row["virtual_chassis"]["id"] for row in rows}


def _names(netbox: NetBox, kind: str) -> Iterator[Name]:
    source = read_graphql if netbox.reader == GRAPHQL else read_rest
    start, longest = 0, 0
    while True:
        rows = source.names_page(netbox, kind, start, PAGE)
        if rows and int(rows[0]["id"]) < start:
            raise out_of_order(netbox.url, f"a list of {kind.replace('_', ' ')}s")
        for row in rows:
            yield kind, int(row["id"]), row["name"] or None
        # A short page is the last one, unless NetBox cuts every page at a smaller MAX_PAGE_SIZE.
        longest = max(longest, len(rows))
        if not rows or len(rows) < longest == PAGE:
            return
        start = int(rows[-1]["id"]) + 1
