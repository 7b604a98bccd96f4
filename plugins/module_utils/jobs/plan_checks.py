# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a plan is checked for against the servers, before the guard: links, names, host groups, interfaces in use.

A change that cannot go through becomes the failure of its host here, with words that Zabbix would not find.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from ..reconcile.interfaces import keep_interfaces
from ..reconcile.names import NAMES
from ..reconcile.plan import CONFLICT, FAILED, Change, Failure, Plan
from ..zabbix.client import Zabbix
from ..zabbix.host_groups import lacking, may_create
from ..zabbix.hosts import existing, interfaces_in_use, names_taken
from ..zabbix.objects import TAG_ID, ZabbixSettings
from .links import HOSTID, IN_SYNC, Links

MAY_NOT_CREATE = (
    "Only a super admin may create host groups: let one run setup.yml with netbox_zabbix_create_groups, or create them."
)


def check_links(
    plan: Plan,
    zabbix: Zabbix,
    linked: Mapping[str, tuple[str, str | None]],
    owners: Mapping[str, str],
    links: Links,
) -> None:
    """Leave alone what NetBox links to another host than the tags do; a link to a host that is gone is only old.

    `linked`: objects whose link differs: identity -> the host id that NetBox has, and the one of the tags. `owners`:
    whose each of our hosts is, by host id.
    """
    if not linked:
        return
    there = existing(zabbix, [link for link, dummy in linked.values()])
    changes = {change.config.ref: change for change in plan.changes}
    refused: dict[str, str] = {}
    for ref, (link, hostid) in linked.items():
        change = changes.get(ref)
        if link not in there:
            if change is None:
                links.note(ref, hostid, IN_SYNC)
            continue
        refused[ref] = _disagree(link, hostid, owners.get(link, ""))
        if change is None:
            plan.unchanged -= 1
            plan.failures.append(Failure(ref, ref, refused[ref], hostid, CONFLICT))
    _refuse(plan, refused, CONFLICT)


def _disagree(link: str, hostid: str | None, owner: str) -> str:
    """Say how NetBox's link and the tags disagree."""
    if owner:
        return f"NetBox links it to host id {link}, which is the host of {owner}: empty {HOSTID} of one of the two"
    if hostid:
        return f"NetBox links it to host id {link}, and host id {hostid} carries its tag: correct {HOSTID} or the tags"
    return f"NetBox links it to host id {link}, which does not carry its tag: adopt that host, or empty {HOSTID}"


def check_names(plan: Plan, zabbix: Zabbix, instance: str, ours: Collection[str]) -> None:
    """Fail the hosts whose new name another host has that will not give it up: it is not ours, or stays as it is.

    `ours`: ids of the managed hosts.
    """
    wanted = {change.writes[name] for change in plan.changes for name in NAMES if name in change.writes}
    if not wanted:
        return
    taken = names_taken(zabbix, wanted)

    def why(change: Change, attribute: str, leaving: Mapping[str | None, Change]) -> str:
        name = change.writes[attribute]
        what = "technical" if attribute == "host" else "visible"
        holder = taken[attribute].get(name)
        other = leaving.get(holder) if holder else None
        if holder is None or holder == change.hostid or (other is not None and attribute in other.writes):
            return ""
        if holder in ours:
            return (
                f'another host of ours, host id {holder}, has the {what} name "{name}": a policy must give each its own'
            )
        return (
            f'host id {holder} has the {what} name "{name}" already, and it is not ours: adopt it (give it the tags '
            f"netbox_instance={instance} and {TAG_ID}={change.config.ref}), or rename one"
        )

    _refuse(plan, _given_twice(plan))
    while True:
        # a host that is refused does not give up its name either
        leaving = {change.hostid: change for change in plan.changes}
        refused = _first_reasons(plan, partial(why, leaving=leaving))
        if not refused:
            return
        _refuse(plan, refused)


def check_groups(plan: Plan, zabbix: Zabbix, settings: ZabbixSettings) -> list[str]:
    """Fail the hosts that need host groups which are not there and which this user may not create.

    Returns a note that names all of them, for the one who may.
    """
    missing = lacking(plan.new_groups, settings.groups)
    if not missing or may_create(zabbix):
        return []
    reasons = {
        change.config.ref: f"host groups are missing: {', '.join(change.target.missing_groups)}. {MAY_NOT_CREATE}"
        for change in plan.changes
        if change.target.missing_groups
    }
    _refuse(plan, reasons)
    return [
        f"Host groups that {len(reasons)} hosts need and that are missing, or that zabbix_token's user may not see: "
        f"{', '.join(missing)}. {MAY_NOT_CREATE}"
    ]


def check_interfaces(plan: Plan, zabbix: Zabbix) -> None:
    """Keep interfaces that are no longer wanted where items use them: Zabbix refuses to remove them."""
    removed = [interfaceid for change in plan.changes for interfaceid in change.removed_interfaces]
    if not removed:
        return
    in_use = interfaces_in_use(zabbix, removed)
    for change in plan.changes:
        if change.removed_interfaces:
            keep_interfaces(change, in_use)


def _given_twice(plan: Plan) -> dict[str, str]:
    """Return what is wrong with changes that would give a name a second time; the first keeps it."""
    first: dict[tuple[str, str], Change] = {}

    def why(change: Change, attribute: str) -> str:
        name = change.writes[attribute]
        earlier = first.setdefault((attribute, name), change)
        if earlier is change:
            return ""
        what = "technical" if attribute == "host" else "visible"
        return f'{earlier.config.label} is to have the {what} name "{name}" too: a policy must give each host its own'

    return _first_reasons(plan, why)


def _first_reasons(plan: Plan, why: Callable[[Change, str], str]) -> dict[str, str]:
    """Return for each change that has one the first reason against one of its new names."""
    found: dict[str, str] = {}
    for change in plan.changes:
        reasons = (why(change, attribute) for attribute in NAMES if attribute in change.writes)
        reason = next(filter(None, reasons), "")
        if reason:
            found[change.config.ref] = reason
    return found


def _refuse(plan: Plan, reasons: Mapping[str, str], kind: str = FAILED) -> None:
    """Turn changes into failures. `reasons`: identity -> why."""
    for change in plan.changes:
        ref = change.config.ref
        if ref in reasons:
            plan.failures.append(Failure(ref, change.config.label, reasons[ref], change.hostid, kind))
    plan.changes = [change for change in plan.changes if change.config.ref not in reasons]
