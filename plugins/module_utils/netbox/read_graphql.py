# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages of names and objects by GraphQL, from an id on (`start`: NetBox 4.5.2 and newer)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .client import NetBox
from .rows import KINDS, Wanted


def _page(
    netbox: NetBox, kind: str, selection: str, start: int, limit: int, ids: Sequence[int] | None
) -> list[dict[str, Any]]:
    name, filter_type = KINDS[kind].graphql
    variables: dict[str, Any] = {"page": {"start": start, "limit": limit}}
    declared, used = "$page: OffsetPaginationInput", "pagination: $page"
    if ids is not None:
        variables["only"] = {"id": {"in_list": [str(number) for number in ids]}}
        declared, used = f"{declared}, $only: {filter_type}", f"{used}, filters: $only"
    query = f"query({declared}) {{{name}({used}) {{{selection}}}}}"
    rows: list[dict[str, Any]] = netbox.graphql(query, variables)[name]
    return rows


def names_page(
    netbox: NetBox, kind: str, start: int, limit: int, ids: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return up to `limit` rows of id and name from the id `start` on, of `ids` only if given."""
    return _page(netbox, kind, "id name", start, limit, ids)


def objects_page(
    netbox: NetBox, kind: str, wanted: Wanted, start: int, limit: int, ids: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return up to `limit` rows with all that is wanted."""
    return _page(netbox, kind, objects_selection(kind, wanted), start, limit, ids)


def objects_selection(kind: str, wanted: Wanted) -> str:
    """Return the fields of an object as GraphQL writes them."""
    spec = KINDS[kind]
    plain = ["id", "status", "last_updated", *spec.wanted(spec.plain, wanted), *spec.wanted(spec.numbers, wanted)]
    related = [f"{name} {{id}}" for name in spec.wanted((*spec.links, "tags"), wanted)]
    related += [f"{name} {{id address dns_name}}" for name in spec.wanted(spec.addresses, wanted)]
    related += [f"device {{id name {' '.join(f'{name} {{id}}' for name in spec.of_device)}}}"] if spec.on_device else []
    # config_context must stand here itself: from within a fragment NetBox computes it with one query for each object.
    contexts = ["config_context"] if spec.context and wanted.reads("config_context") else []
    own = ["custom_field_data"] if wanted.reads("custom_fields") else []
    return " ".join([*plain, *related, *own, *contexts])
