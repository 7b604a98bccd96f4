# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Config contexts as objects of NetBox: what they declare under one key, and those that we wrote ourselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .client import NetBox
from .schema import MARK

#: what a config context may be assigned to; with none of it, it is everybody's
ASSIGNED = (
    *("regions", "site_groups", "sites", "locations", "device_types", "roles", "platforms", "cluster_types"),
    *("cluster_groups", "clusters", "tenant_groups", "tenants", "tags"),
)
PATH = "extras/config-contexts/"


@dataclass(frozen=True, slots=True)
class Context:
    """One config context. `declared`: what it has under the key; `more`: whether it has other keys as well.

    `everywhere`: it is not assigned to anything, so that every object has it.
    """

    id: int
    name: str
    active: bool
    ours: bool
    declared: Mapping[str, Any]
    more: bool
    everywhere: bool


def read_contexts(netbox: NetBox, key: str) -> list[Context]:
    """Return the config contexts that have `key` with a dictionary in their data, the inactive ones too."""
    params = {"fields": ",".join(("id", "name", "is_active", "description", "data", *ASSIGNED))}
    found: list[Context] = []
    for row in (row for page in netbox.pages(PATH, params) for row in page):
        declared = (row["data"] or {}).get(key)
        if isinstance(declared, dict):
            ours = MARK in (row["description"] or "")
            everywhere = not any(row[name] for name in ASSIGNED)
            more = len(row["data"]) > 1
            found.append(Context(row["id"], row["name"], row["is_active"], ours, declared, more, everywhere))
    return found


def write_context(netbox: NetBox, number: int | None, **fields: Any) -> int:
    """Make a config context of ours, or change one; return its id."""
    if number is None:
        made = netbox.post(PATH, {"description": f"Made by maintenance_now. {MARK}", **fields})
        return int(made["id"])
    netbox.patch(f"{PATH}{number}/", fields)
    return number


def delete_contexts(netbox: NetBox, ids: Sequence[int]) -> None:
    """Delete config contexts."""
    if ids:
        netbox.delete(PATH, [{"id": number} for number in ids])
