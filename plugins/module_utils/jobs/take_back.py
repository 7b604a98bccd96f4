# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new host whose link NetBox does not take is deleted again: whoever asked for single hosts gets both or neither.

The sync of an estate keeps such a host instead: nothing that is correct rests on the link, and the next run writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..errors import NetboxZabbixError, ZabbixError
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..reconcile.diff import Differ
from ..reconcile.plan import CREATE, Change
from ..zabbix.client import Zabbix
from ..zabbix.hosts import existing, read_hosts
from .result import HostResult

ADVICE = "Let netbox_token change custom fields of the object, or leave zabbix_hostid out of netbox_zabbix_write_back."


def take_back(
    changes: Sequence[Change],
    hosts: Sequence[HostResult],
    unlinked: Mapping[str, str],
    differ: Differ,
    zabbix: Zabbix,
) -> list[HostResult]:
    """Delete the hosts that a run created and NetBox has no link to, and return all that became of `hosts`.

    `unlinked`: identity -> what NetBox said. A host that is not as it was created stays, and is told: somebody works
    with it already.
    """
    created = {host.object: host for host in hosts if host.action == CREATE and host.object in unlinked}
    ids = [host.hostid for host in created.values() if host.hostid is not None]
    if not ids:
        return list(hosts)
    kept = _kept(changes, created, ids, differ, zabbix)
    failures = {ref: _failure(host, unlinked[ref], kept.get(ref, "")) for ref, host in created.items()}
    return [failures.get(host.object, host) if host.action == CREATE else host for host in hosts]


def _kept(
    changes: Sequence[Change], created: Mapping[str, HostResult], ids: list[str], differ: Differ, zabbix: Zabbix
) -> dict[str, str]:
    """Delete what may be deleted; return why others stay, by identity."""
    configs = {change.config.ref: change.config for change in changes}
    strict = differ.as_sole_owner()
    kept: dict[str, str] = {}
    try:
        live = {host.hostid: host for host in read_hosts(zabbix, ids, INVENTORY_FIELDS)}
        going: list[str] = []
        for ref, host in created.items():
            found = live.get(host.hostid or "")
            if found is None:
                continue  # somebody else deleted it
            if strict.compare(configs[ref], found) is None:
                going.append(found.hostid)
            else:
                kept[ref] = "somebody has changed it since"
        if going:
            zabbix.call("host.delete", going)
    except NetboxZabbixError as error:
        return kept | _still_there(created, str(error), zabbix)
    return kept


def _still_there(created: Mapping[str, HostResult], error: str, zabbix: Zabbix) -> dict[str, str]:
    """Return which hosts are there after a deletion of which nobody knows what came of it."""
    try:
        there = existing(zabbix, [host.hostid for host in created.values() if host.hostid is not None])
    except ZabbixError:
        return dict.fromkeys(created, f"it is not known whether it could be deleted: {error}")
    return {ref: f"it could not be deleted: {error}" for ref, host in created.items() if host.hostid in there}


def _failure(host: HostResult, said: str, kept: str) -> HostResult:
    what = f"it stays with host id {host.hostid}, since {kept}" if kept else "so it was deleted again"
    error = (
        f"The host was created, and its link could not be written to NetBox, {what}. {said.removesuffix('.')}. {ADVICE}"
    )
    return replace(host, action="failed", hostid=host.hostid if kept else None, error=error)
