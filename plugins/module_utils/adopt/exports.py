# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Host ids in what was exported from another tool's REST API: which object each says that its host is of. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InputError
from ..migrate.exports import Export, Row
from ..netbox.objects import DEVICE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE
from .evidence import Subject

#: NetBox's words for our kinds
_KINDS = {
    "dcim.device": DEVICE,
    "virtualization.virtualmachine": VIRTUAL_MACHINE,
    "dcim.virtualdevicecontext": VIRTUAL_DEVICE_CONTEXT,
}


def exported_links(export: Export, subjects: Iterable[Subject], server: str = "") -> dict[str, set[str]]:
    """Return the host ids of each object, as `device:123`, by the lists `zabbixserverassignment` (nbxsync) and
    `host-config` (pergus).

    `server`: the name of the Zabbix server that is meant, where nbxsync knows several. Raises InputError where that is
    not said, or the export has neither list.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    assignments, configs = export.table("zabbixserverassignment"), export.table("host-config")
    if not assignments and not configs:
        names = ", ".join(export.names()) or "nothing"
        raise InputError(
            [f"exports: neither zabbixserverassignment nor host-config is in them, or both are empty; found: {names}"]
        )
    wanted = _server(export, assignments, server)
    for row in assignments:
        kind = _KINDS.get(str(row.get("assigned_object_type")))
        if kind and row.get("hostid") and (wanted is None or _id(row.get("zabbixserver")) == wanted):
            found[f"{kind}:{row.get('assigned_object_id')}"].add(str(row["hostid"]))
    kinds = _kinds_by_number(configs, {one.ref: one.label for one in subjects}) if configs else {}
    for row in configs:
        kind = kinds.get(_id(row.get("content_type")))
        if kind and row.get("hostid"):
            found[f"{kind}:{row.get('object_id')}"].add(str(row["hostid"]))
    return dict(found)


def _server(export: Export, assignments: Iterable[Row], server: str) -> Any:
    """Return the id of the server that is meant, None where there is but one."""
    used = {_id(row.get("zabbixserver")) for row in assignments}
    if server:
        known = {str(row.get("name")): row.get("id") for row in export.table("zabbixserver")}
        if server not in known:
            raise InputError([f'export_server: the export has no zabbixserver "{server}", only {", ".join(known)}'])
        return known[server]
    if len(used) > 1:
        raise InputError([f"exports: {len(used)} Zabbix servers are in them; say by export_server which one is meant"])
    return None


def _kinds_by_number(configs: Iterable[Row], labels: Mapping[str, str]) -> dict[Any, str]:
    """Return which of our kinds each number of a content type is, which the export does not say.

    A host config is called `z-` and the name of its object, as it was then; most objects still have theirs.
    """
    votes: defaultdict[Any, Counter[str]] = defaultdict(Counter)
    for row in configs:
        name = str(row.get("name") or "").removeprefix("z-")
        for kind in (DEVICE, VIRTUAL_MACHINE):
            if labels.get(f"{kind}:{row.get('object_id')}", "").startswith(f"{name} ("):
                votes[_id(row.get("content_type"))][kind] += 1
    return {number: found.most_common(1)[0][0] for number, found in votes.items()}


def _id(reference: Any) -> Any:
    return reference.get("id") if isinstance(reference, Mapping) else reference
