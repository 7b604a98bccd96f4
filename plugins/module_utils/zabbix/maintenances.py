# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How maintenance windows are read from Zabbix and written to it.

Facts of 6.0.14 and 7.0.22 (measured): a partial update leaves alone what it does not name; `tags` are an error in a
window without data collection; a user sees only windows of whose hosts and groups he may write all; names are unique;
a host can't be deleted as long as it is the last one of a window.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import OutcomeUnknown, ZabbixError
from ..maintenance.model import ProblemTag
from ..maintenance.plan import ARCHIVED, Estate, TargetHost
from ..maintenance.zabbix_window import MARK, ZabbixWindow, normal
from . import versions
from .client import Call, Zabbix
from .hosts import chunks, managed_host_ids
from .objects import TAG_ID, plain_text

#: hosts read in one request, without all that a comparison of hosts needs
HOSTS = 2500
#: windows read in one request, with their hosts
WINDOWS = 1000
#: windows written in one request, and hosts of them: 10,000 take Zabbix up to 12 s (measured)
MAX_CALLS, MAX_HOSTS = 100, 10_000
_CONTAINS = "2"


def read_estate(zabbix: Zabbix, instance: str) -> Estate:
    """Return our hosts, host groups with how many hosts they have, and all windows."""
    groups = _read_groups(zabbix)
    windows, foreign = read_windows(zabbix)
    return Estate(
        hosts=_read_hosts(zabbix, instance),
        windows=windows,
        foreign=foreign,
        sizes={row["groupid"]: int(row["hosts"]) for row in groups},
        group_names={row["groupid"]: row["name"] for row in groups},
    )


def _read_groups(zabbix: Zabbix) -> list[dict[str, Any]]:
    return zabbix.call("hostgroup.get", {"output": ["groupid", "name"], "selectHosts": "count"})


def _read_hosts(zabbix: Zabbix, instance: str) -> dict[str, list[TargetHost]]:
    select, key = versions.host_groups_key(zabbix.release)
    found: dict[str, list[TargetHost]] = {}
    asked = {
        "output": ["hostid", "host", "maintenance_status", "maintenanceid"],
        "selectTags": ["tag", "value"],
        select: ["groupid"],
    }
    for some in chunks(managed_host_ids(zabbix, instance), HOSTS):
        for row in zabbix.call("host.get", {**asked, "hostids": some}):
            tags = {tag["tag"] for tag in row["tags"]}
            refs = [tag["value"] for tag in row["tags"] if tag["tag"] == TAG_ID]
            host = TargetHost(
                hostid=row["hostid"],
                host=row["host"],
                ref=refs[0] if len(refs) == 1 else "",
                groups=frozenset(group["groupid"] for group in row[key]),
                archived=ARCHIVED in tags,
                maintenanceid=row["maintenanceid"] if row["maintenance_status"] == "1" else "",
            )
            found.setdefault(host.ref, []).append(host)
    found.pop("", None)
    return found


def read_windows(zabbix: Zabbix) -> tuple[list[ZabbixWindow], dict[str, str]]:
    """Return all windows with a mark of ours, of whatever instance, and the names of all others with their ids."""
    rows = zabbix.call("maintenance.get", {"output": ["maintenanceid", "name", "description"]})
    marked = [row["maintenanceid"] for row in rows if MARK in row["description"]]
    known = set(marked)
    foreign = {row["name"]: row["maintenanceid"] for row in rows if row["maintenanceid"] not in known}
    return read_some(zabbix, marked), foreign


def read_some(zabbix: Zabbix, ids: Iterable[str]) -> list[ZabbixWindow]:
    """Return windows with all that they have; those that are gone meanwhile are left out."""
    found: list[ZabbixWindow] = []
    todo = list(chunks(ids, WINDOWS))
    while todo:
        some = todo.pop(0)
        try:
            found += _read(zabbix, some)
        except OutcomeUnknown:
            # with very many hosts PHP's memory may not do for all of them at once
            if len(some) == 1:
                raise
            todo[:0] = [some[: len(some) // 2], some[len(some) // 2 :]]
    return found


def read_expired(zabbix: Zabbix, before: int) -> list[dict[str, str]]:
    """Return id, name and end (Unix time, as text) of the windows without our mark that were over before a moment."""
    rows = zabbix.call("maintenance.get", {"output": ["maintenanceid", "name", "description", "active_till"]})
    return [row for row in rows if MARK not in row["description"] and int(row["active_till"]) <= before]


def _read(zabbix: Zabbix, ids: Sequence[str]) -> list[ZabbixWindow]:
    select, key = versions.host_groups_key(zabbix.release)
    rows = zabbix.call(
        "maintenance.get",
        {
            "output": "extend",
            "maintenanceids": list(ids),
            "selectHosts": ["hostid"],
            select: ["groupid"],
            "selectTimeperiods": "extend",
            "selectTags": "extend",
        },
    )
    return [
        ZabbixWindow(
            name=row["name"],
            since=int(row["active_since"]),
            until=int(row["active_till"]),
            collect_data=row["maintenance_type"] == "0",
            any_tag=row["tags_evaltype"] != "0",
            tags=frozenset(ProblemTag(tag["tag"], tag["value"], tag["operator"] == _CONTAINS) for tag in row["tags"]),
            periods=frozenset(normal(period) for period in row["timeperiods"]),
            description=plain_text(row["description"]),
            hosts=frozenset(host["hostid"] for host in row["hosts"]),
            groups=frozenset(group["groupid"] for group in row[key]),
            maintenanceid=row["maintenanceid"],
        )
        for row in rows
    ]


def create_call(wanted: ZabbixWindow) -> Call:
    """Return the call that makes a window."""
    return "maintenance.create", _body(wanted, FIELDS)


def update_call(wanted: ZabbixWindow, maintenanceid: str, fields: Collection[str]) -> Call:
    """Return the call that puts right what differs in a window."""
    return "maintenance.update", {"maintenanceid": maintenanceid, **_body(wanted, fields)}


def delete_call(maintenanceid: str) -> Call:
    """Return the call that removes a window."""
    return "maintenance.delete", [maintenanceid]


#: the fields of a window, as differences name them
FIELDS = (
    *("name", "since", "until", "collect_data", "tags_match", "tags", "periods", "description", "hosts", "groups"),
)


def _body(wanted: ZabbixWindow, fields: Collection[str]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if "name" in fields:
        body["name"] = wanted.name
    if "description" in fields:
        body["description"] = wanted.description
    if "since" in fields or "until" in fields:
        # each is checked against the other
        body.update(active_since=wanted.since, active_till=wanted.until)
    if "collect_data" in fields:
        body["maintenance_type"] = 0 if wanted.collect_data else 1
    if wanted.collect_data and {"collect_data", "tags", "tags_match"} & set(fields):
        body["tags_evaltype"] = 2 if wanted.any_tag else 0
        body["tags"] = [
            {"tag": one.tag, "value": one.value, "operator": 2 if one.contains else 0}
            for one in sorted(wanted.tags, key=lambda one: (one.tag, one.value, one.contains))
        ]
    if "periods" in fields:
        body["timeperiods"] = [dict(period) for period in sorted(wanted.periods)]
    if "hosts" in fields or "groups" in fields:
        body["hosts"] = [{"hostid": hostid} for hostid in sorted(wanted.hosts)]
        body["groups"] = [{"groupid": groupid} for groupid in sorted(wanted.groups)]
    return body


@dataclass(frozen=True, slots=True)
class Membership:
    """Who is in a window, of ours or of others: ids of the hosts and host groups that it lists."""

    maintenanceid: str
    name: str
    hosts: frozenset[str]
    groups: frozenset[str]


def read_memberships(
    zabbix: Zabbix, *, hostids: Iterable[str] | None = None, maintenanceids: Iterable[str] | None = None
) -> list[Membership]:
    """Return these windows, or all that list one of these hosts themselves, as far as our user may see them."""
    select, key = versions.host_groups_key(zabbix.release)
    by, wanted = ("hostids", hostids) if hostids is not None else ("maintenanceids", maintenanceids or ())
    asked = {"output": ["maintenanceid", "name"], "selectHosts": ["hostid"], select: ["groupid"]}
    found: dict[str, Membership] = {}
    for some in chunks(wanted, WINDOWS):
        for row in zabbix.call("maintenance.get", {**asked, by: some}):
            hosts = frozenset(host["hostid"] for host in row["hosts"])
            groups = frozenset(group["groupid"] for group in row[key])
            found[row["maintenanceid"]] = Membership(row["maintenanceid"], row["name"], hosts, groups)
    return list(found.values())


def members_call(window: Membership, hosts: Iterable[str]) -> Call:
    """Return the call that gives a window these hosts, and leaves its groups and all else."""
    return "maintenance.update", {
        "maintenanceid": window.maintenanceid,
        "hosts": [{"hostid": hostid} for hostid in sorted(hosts)],
        "groups": [{"groupid": groupid} for groupid in sorted(window.groups)],
    }


def read_states(zabbix: Zabbix, hostids: Iterable[str]) -> dict[str, tuple[bool, str, bool]]:
    """Return of hosts whether they are in maintenance, in which window, and whether their data are collected in it."""
    found: dict[str, tuple[bool, str, bool]] = {}
    asked = {"output": ["hostid", "maintenance_status", "maintenanceid", "maintenance_type"]}
    for some in chunks(sorted(hostids), HOSTS):
        for row in zabbix.call("host.get", {**asked, "hostids": some}):
            found[row["hostid"]] = (
                row["maintenance_status"] == "1",
                row["maintenanceid"],
                row["maintenance_type"] == "0",
            )
    return found


def explain(error: ZabbixError) -> str:
    """Return what Zabbix said of a write, with what to do where it is about rights."""
    said = str(error)
    if "No permissions to call" in said or ("maintenance" in said and "denied" in said.lower()):
        return (
            f"{said} The role of the Zabbix user needs the API methods maintenance.get, .create, .update and .delete, "
            'and the action "Create and edit maintenance" (edit_maintenance).'
        )
    if "No permissions to referred object" in said:
        return f"{said} The Zabbix user needs write access to the host groups of all hosts of the window."
    if "already exists" in said:
        return f"{said} It is one that zabbix_token may not see, or was made just now; rename one of the two."
    return said
