# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages of names and objects by REST: from an id on (`start`) where NetBox has it, else by filters on the id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .client import REST, NetBox
from .objects import VIRTUAL_MACHINE
from .rows import KINDS


def _page(
    netbox: NetBox, kind: str, params: dict[str, Any], start: int, limit: int, ids: Sequence[int] | None
) -> list[dict[str, Any]]:
    cursor: dict[str, Any] = {"start": start} if netbox.reader == REST else {"id__gte": start, "ordering": "id"}
    only = {} if ids is None else {"id": list(ids)}
    rows: list[dict[str, Any]] = netbox.get(KINDS[kind].path, {**params, **cursor, **only, "limit": limit})["results"]
    return rows


def names_page(
    netbox: NetBox, kind: str, start: int, limit: int, ids: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return up to `limit` rows of id and name from the id `start` on, of `ids` only if given."""
    # `exclude` besides `fields`: without it NetBox computes the config contexts that it then leaves out (measured).
    return _page(netbox, kind, {"fields": "id,name", "exclude": "config_context"}, start, limit, ids)


def objects_page(
    netbox: NetBox, kind: str, roots: frozenset[str], start: int, limit: int, ids: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return up to `limit` rows with all that a policy with these roots uses."""
    spec = KINDS[kind]
    fields = ["id", "status", "last_updated", *spec.wanted(spec.plain, roots), *spec.wanted(spec.numbers, roots)]
    fields += [*spec.links, *spec.addresses, "tags", "custom_fields", "config_context"]
    fields += ["device"] if kind == VIRTUAL_MACHINE else []
    return _page(netbox, kind, {"fields": ",".join(fields)}, start, limit, ids)
