# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages of names and objects by REST: from an id on (`start`) where NetBox has it, else by filters on the id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import NetBoxError
from .client import IDS_IN_ADDRESS, REST, NetBox
from .objects import DEVICE
from .rows import KINDS, Wanted


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
    netbox: NetBox, kind: str, wanted: Wanted, start: int, limit: int, ids: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Return up to `limit` rows with all that is wanted."""
    spec = KINDS[kind]
    fields = ["id", "status", "last_updated", *spec.wanted(spec.plain, wanted), *spec.wanted(spec.numbers, wanted)]
    fields += [*spec.wanted((*spec.links, *spec.addresses, "tags", "custom_fields"), wanted)]
    fields += ["device"] if spec.on_device else []
    context = spec.context and wanted.reads("config_context")
    fields += ["config_context"] if context else []
    params = {"fields": ",".join(fields)} if context else {"fields": ",".join(fields), "exclude": "config_context"}
    rows = _page(netbox, kind, params, start, limit, ids)
    return _with_devices(netbox, rows, spec.of_device) if spec.of_device else rows


def _with_devices(netbox: NetBox, rows: list[dict[str, Any]], links: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows with these links in their devices: REST shows a device within another object without them."""
    ids = sorted({row["device"]["id"] for row in rows if row["device"]})
    params = {"fields": ",".join(["id", "name", *links]), "exclude": "config_context"}
    devices: dict[int, dict[str, Any]] = {}
    for at in range(0, len(ids), IDS_IN_ADDRESS):
        for page in netbox.pages(KINDS[DEVICE].path, {**params, "id": ids[at : at + IDS_IN_ADDRESS]}):
            devices.update((row["id"], row) for row in page)
    hidden = [number for number in ids if number not in devices]  # NetBox deletes no device that is in use
    if hidden:
        raise NetBoxError(
            f"The device with id {hidden[0]} is in use but NetBox does not show it: may the token's user view it?"
        )
    return [{**row, "device": row["device"] and devices[row["device"]["id"]]} for row in rows]
