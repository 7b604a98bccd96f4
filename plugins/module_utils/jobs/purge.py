# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Archived hosts are deleted after a time: the oldest first, some at a run, none whose object is back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..connection import NetBoxConnection, ZabbixConnection
from ..zabbix.client import Zabbix
from ..zabbix.objects import TAG_ARCHIVED, TAG_ID, TAG_INSTANCE
from .hosts_sync import sync_hosts
from .planning import PURGED
from .result import Progress, Result
from .run import SyncOptions


@dataclass(frozen=True, slots=True, order=True)
class Archived:
    """An archived host. `since`: the day, UTC; `ref`: the object that it was of."""

    since: date
    hostid: str
    name: str
    ref: str


def archived_hosts(zabbix: Zabbix, instance: str) -> tuple[list[Archived], list[str]]:
    """Return the archived hosts of ours, the oldest first, and notes on those whose marks were damaged by hand."""
    hosts = zabbix.call(
        "host.get",
        {
            "output": ["hostid", "name"],
            "filter": {"flags": "0"},
            "tags": [
                {"tag": TAG_INSTANCE, "value": instance, "operator": 1},
                {"tag": TAG_ARCHIVED, "value": "", "operator": 4},
            ],
            "evaltype": 0,
            "selectTags": ["tag", "value"],
        },
    )
    found: list[Archived] = []
    notes: list[str] = []
    for host in hosts:
        values = {tag["tag"]: tag["value"] for tag in host["tags"]}
        try:
            since = date.fromisoformat(values[TAG_ARCHIVED])
            found.append(Archived(since, host["hostid"], host["name"], values[TAG_ID]))
        except (KeyError, ValueError):
            notes.append(
                f"{host['name']} (host id {host['hostid']}) is archived, and its tags {TAG_ARCHIVED} (a day) and "
                f"{TAG_ID} are not what we gave it: it is left alone"
            )
    return sorted(found), notes


def purge_archived(
    netbox: NetBoxConnection,
    zabbix: ZabbixConnection,
    options: SyncOptions,
    retention_days: int,
    today: date,
    progress: Progress,
) -> Result:
    """Delete hosts that were archived more than `retention_days` days before `today`, within the limit for deletes.

    `options`: as for the sync, with the policy: it tells whether an object that is in NetBox is monitored again, and
    then its host stays and the next sync restores it. `limits.deletes` holds how many go in one run. Errors as
    `sync_hosts`.
    """
    client = Zabbix(zabbix)
    try:
        found, notes = archived_hosts(client, options.instance)
    finally:
        client.close()
    due = [host for host in found if host.since < today - timedelta(days=retention_days)]
    if not due:
        result = Result("MaintenanceCleanup", options.dry_run)
        result.notes.extend(notes)
        result.stats = {"archived": len(found), "deletes": 0, "failed": 0}
        result.finish(f"{len(found)} archived hosts, none older than {retention_days} days.")
        return result
    ids = sorted({host.ref for host in due})
    result = sync_hosts(netbox, zabbix, replace(options, ids=ids, names=(), filters=None, state=PURGED), progress)
    result.notes.extend(notes)
    return result
