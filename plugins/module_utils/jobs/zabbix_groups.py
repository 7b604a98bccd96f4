# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PrepareZabbixGroups: Zabbix has the host groups that the policy gives, and a user group may write in them.

Run by an administrator, since only a super admin may create host groups; the sync then needs no such right.

1. the policy and the estate are read; each host config tells its groups
2. they are compared with Zabbix's groups and with the rights of the user group
3. groups are created, parents first, one request for each depth; then the rights that are missing are given, in another
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError, ZabbixError
from ..policy.host_config import HostConfig
from ..policy.match import check_matches
from ..zabbix.client import Zabbix
from ..zabbix.host_groups import (
    DENY,
    READ_WRITE,
    UserGroup,
    by_depth,
    lacking,
    may_create,
    read_user_group,
    with_parents,
    write_rights,
)
from .estate import Estate, read_estate
from .export import load_export
from .policy_options import PolicyOptions
from .result import Progress, Result

JOB = "PrepareZabbixGroups"


@dataclass(slots=True)
class GroupsResult(Result):
    """`created`: names of groups that were or would be created; `granted`: of those that the user group may write in
    now.
    """

    created: list[str] = field(default_factory=list)
    granted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Plan:
    """`wanted`: every group of the policy. `missing`: those to be created, with the parents that they lack.

    `granted`: those whose rights have to be given, among them new ones that get none from a parent. `denied`: those
    that somebody keeps the user group out of on purpose.
    """

    wanted: list[str]
    missing: list[str]
    granted: list[str]
    denied: list[str]


def prepare_groups(
    policy: PolicyOptions,
    export: str | None,
    netbox: NetBoxConnection | None,
    connection: ZabbixConnection,
    user_group: str,
    graveyard: str,
    dry_run: bool,
    progress: Progress,
) -> GroupsResult:
    """Create the host groups that the policy gives hosts of the estate, and let `user_group` (empty: nobody) write
    in them. `graveyard`: the group of archived hosts (empty: none), which is wanted as well.

    Raises InputError for a wrong policy or an unknown user group, ZabbixError where the user may not create groups:
    nothing was written then.
    """
    result = GroupsResult(JOB, dry_run)
    estate, wanted = _wanted(policy, export, netbox, result, progress)
    if graveyard:
        wanted.add(graveyard)
    zabbix = Zabbix(connection)
    try:
        rows = zabbix.call("hostgroup.get", {"output": ["groupid", "name"]})
        known = {row["name"]: row["groupid"] for row in rows}
        users = read_user_group(zabbix, user_group) if user_group else None
        if user_group and users is None:
            raise InputError([f'Zabbix has no user group "{user_group}": privileges.yml creates it'])
        plan = _plan(wanted, known, users)
        if plan.missing and not may_create(zabbix):
            raise ZabbixError(
                f"Only a super admin may create host groups, and zabbix_token is not of one whose role allows it. "
                f"{len(plan.missing)} are missing: {', '.join(plan.missing)}"
            )
        if not dry_run:
            _apply(zabbix, plan, known, users, progress)
    finally:
        result.requests["zabbix"] = dict(zabbix.requests)
        zabbix.close()
    _conclude(result, plan, estate, user_group)
    return result


def _wanted(
    options: PolicyOptions,
    export: str | None,
    netbox: NetBoxConnection | None,
    result: GroupsResult,
    progress: Progress,
) -> tuple[Estate, set[str]]:
    """Return the estate, and the names of the groups that the policy gives its hosts."""
    source = options.source()
    policy = options.parse(source)
    if export is not None:
        estate = load_export(export)
        estate.narrow(options.scope)
    elif netbox is not None:
        estate = read_estate(netbox, result, progress, scope=options.scope, roots=policy.roots)
    else:
        raise InputError(["export, or netbox_url and netbox_token, is needed"])
    policy = options.parse(source, estate.objects)
    problems = check_matches(policy, estate.related)
    if problems:
        raise InputError(map(source.locate, problems))
    configs = (estate.compute(policy, one) for one in estate.objects)
    return estate, {name for config in configs if isinstance(config, HostConfig) for name in config.groups}


def _plan(wanted: Iterable[str], known: Mapping[str, str], users: UserGroup | None) -> _Plan:
    wanted = sorted(wanted)
    missing = lacking(wanted, known)
    if users is None:
        return _Plan(wanted, missing, [], [])
    rights = {name: users.rights.get(groupid) for name, groupid in known.items()}
    for name in missing:
        # as Zabbix does it: from the nearest group above it that is there or was created before
        above = [parent for parent in with_parents(name) if parent != name]
        rights[name] = rights[above[-1]] if above else None
    denied = [name for name in wanted if rights[name] == DENY]
    granted = [name for name in wanted if rights[name] not in (DENY, READ_WRITE)]
    return _Plan(wanted, missing, granted, denied)


def _apply(zabbix: Zabbix, plan: _Plan, known: dict[str, str], users: UserGroup | None, progress: Progress) -> None:
    if plan.missing:
        progress(f"creating {len(plan.missing)} host groups")
        for names in by_depth(plan.missing):
            answer = zabbix.call("hostgroup.create", [{"name": name} for name in names])
            known.update(zip(names, answer["groupids"], strict=True))
    if users is not None and plan.granted:
        # what the new groups took over from their parents is not to be lost
        now = read_user_group(zabbix, users.name) or users
        progress(f"giving user group {users.name} rights on {len(plan.granted)} host groups")
        write_rights(zabbix, now, {known[name]: READ_WRITE for name in plan.granted})


def _conclude(result: GroupsResult, plan: _Plan, estate: Estate, user_group: str) -> None:
    result.created, result.granted = plan.missing, plan.granted
    result.changed = bool(plan.missing or plan.granted)
    result.stats = {
        "objects": len(estate.objects),
        "groups": len(plan.wanted),
        "created": len(plan.missing),
        "granted": len(plan.granted),
        "denied": len(plan.denied),
    }
    result.diff = "".join(f"+ host group {name}\n" for name in plan.missing)
    result.diff += "".join(f"+ user group {user_group}: read-write on {name}\n" for name in plan.granted)
    if plan.denied:
        result.notes.append(
            f"User group {user_group} is denied access to {', '.join(plan.denied)}. That is left as it is: hosts in"
            " these groups cannot be kept right."
        )
    would = "would be " if result.dry_run else ""
    lines = [f"The policy gives {len(plan.wanted)} host groups to hosts of {len(estate.objects)} objects of NetBox."]
    if plan.missing:
        lines.append(f"{would}created: {', '.join(plan.missing)}")
    if plan.granted:
        lines.append(f"user group {user_group}: read-write {would}given on {', '.join(plan.granted)}")
    if not result.changed:
        lines.append("All are there, nothing was written.")
    result.finish("\n".join(lines))
