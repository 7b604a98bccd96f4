# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a saved plan remembers of a run, and what of that is no longer so in a later one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..policy.host_config import DISABLED
from ..policy.source import PolicySource
from ..reconcile.fingerprint import Digests, Parts, changed_parts, host_parts, object_parts, write_parts
from ..reconcile.plan import ARCHIVE, DELETE, RELEASE, Change, Plan
from ..reconcile.preimage import preimage
from ..zabbix.objects import TAG_INSTANCE, ZabbixHost, ZabbixSettings
from .links import FIELDS
from .saved_plan import SavedChange
from .watched import Watched

_ORDER = "the order of the mappings"

#: hosts by id, of those that there are
ReadHosts = Callable[[list[str]], Mapping[str, ZabbixHost]]


def policy_parts(
    source: PolicySource, statuses: Mapping[str, Any] | None, secrets: Mapping[str, Any], digests: Digests
) -> Parts:
    """Return the fingerprint of a policy, by mapping. Without a key it tells which secrets were given, and no more."""
    parts: Parts = {}
    for number, mapping in enumerate(source.mappings, 1):
        name = mapping.get("name") if isinstance(mapping, Mapping) else None
        parts[f'mapping "{name}"' if name else f"mapping {number}"] = digests.of(mapping)
    parts[_ORDER] = digests.of(list(parts))
    parts["statuses"] = digests.of([source.statuses, statuses or {}])
    for name, value in secrets.items():
        parts[f'secret "{name}"'] = digests.of(value) if digests.key else "given"
    return parts


def changed_policy(before: Parts, now: Parts) -> list[str]:
    """Return which parts of a policy are no longer as they were."""
    told = changed_parts(before, now)
    if any(part.startswith("mapping ") and part.endswith((" (new)", " (gone)")) for part in told):
        told.remove(_ORDER)
    return told


def saved_change(change: Change, watched: Watched, settings: ZabbixSettings, digests: Digests) -> SavedChange:
    """Return what is saved of a change. Raises InputError for a secret without a key."""
    netbox_object = watched.objects.get(change.config.ref)
    return SavedChange(
        ref=change.config.ref,
        label=change.config.label,
        host=change.config.host,
        hostid=change.hostid,
        action=change.action,
        ending=change.ending,
        lost=list(preimage(change).lost),
        writes=write_parts(change, settings, digests),
        netbox=None if netbox_object is None else object_parts(netbox_object.attributes, FIELDS, digests),
        zabbix=None if change.live is None else host_parts(change.live, settings, digests),
    )


@dataclass(slots=True)
class Compared:
    """A plan that was made anew beside a saved one. `left`: the saved changes that are still to be made; `made`: those
    that were made meanwhile; `others`: changes that the saved plan does not hold; `problems`: what is not as the saved
    plan says, by host, for people.
    """

    left: list[Change] = field(default_factory=list)
    made: list[SavedChange] = field(default_factory=list)
    others: list[Change] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def compare_plans(
    saved: Sequence[SavedChange],
    plan: Plan,
    watched: Watched,
    settings: ZabbixSettings,
    digests: Digests,
    read_hosts: ReadHosts,
) -> Compared:
    """Return how a plan that was made anew stands beside a saved one. `read_hosts`: for hosts that it leaves alone."""
    now = {(change.config.ref, change.hostid): change for change in plan.changes}
    refs = {one.ref for one in saved}
    rest = [one.hostid for one in saved if one.key not in now and one.hostid is not None]
    lives = read_hosts(rest) if rest else {}
    compared = Compared(others=[change for change in plan.changes if change.config.ref not in refs])
    for one in saved:
        problems = _object_problems(one, watched, digests)
        problems += [f"it cannot be planned: {failure.error}" for failure in plan.failures if failure.ref == one.ref]
        change = now.get(one.key)
        if change is not None:
            problems += _change_problems(one, change, settings, digests)
        elif one.hostid is not None and one.hostid not in lives and one.action != DELETE:
            problems.append(f"its host (id {one.hostid}) is gone from Zabbix")
        elif not problems and not _is_made(one, plan, lives.get(one.hostid or "")):
            problems = _why_not(one, plan, lives.get(one.hostid or ""), settings, digests)
        if problems:
            compared.problems.append(f"{one.label}: {'; '.join(problems)}")
        elif change is not None:
            compared.left.append(change)
        else:
            compared.made.append(one)
    return compared


def _object_problems(one: SavedChange, watched: Watched, digests: Digests) -> list[str]:
    netbox_object = watched.objects.get(one.ref)
    if netbox_object is None:
        gone = "its object is gone from NetBox, or the filters of the plan no longer select it"
        return [gone] if one.netbox is not None else []
    if one.netbox is None:
        return ["NetBox has its object again"]
    told = changed_parts(one.netbox, object_parts(netbox_object.attributes, FIELDS, digests))
    return [f"changed in NetBox: {', '.join(told)}"] if told else []


def _host_problems(one: SavedChange, live: ZabbixHost | None, settings: ZabbixSettings, digests: Digests) -> list[str]:
    if live is None or one.zabbix is None:
        return []
    told = changed_parts(one.zabbix, host_parts(live, settings, digests))
    return [f"changed in Zabbix: {', '.join(told)}"] if told else []


def _change_problems(one: SavedChange, change: Change, settings: ZabbixSettings, digests: Digests) -> list[str]:
    problems = _host_problems(one, change.live, settings, digests)
    if change.action != one.action:
        problems.append(f"to be done was {one.action}, and now it is {change.action}")
    told = changed_parts(one.writes, write_parts(change, settings, digests))
    if told and not problems:
        problems.append(f"other values would be written than planned: {', '.join(told)}")
    lost = list(preimage(change).lost)
    if lost != one.lost:
        problems.append(f"what cannot be taken back is now: {', '.join(lost) or 'nothing'}")
    return problems


def _is_made(one: SavedChange, plan: Plan, live: ZabbixHost | None) -> bool:
    """Tell whether a change that is not planned any more was made. `live`: its host as it is now."""
    if one.action == DELETE:
        return live is None
    if one.action == RELEASE:
        return live is not None and not live.tag(TAG_INSTANCE)
    if one.action == ARCHIVE:
        return live is not None and live.archived
    if one.ending:
        return live is not None and live.status == DISABLED
    # the object is as it was and looked at, and no difference was found
    others = {change.config.ref for change in plan.changes} | {item.ref for item in plan.left_alone}
    return one.ref not in others


def _why_not(
    one: SavedChange, plan: Plan, live: ZabbixHost | None, settings: ZabbixSettings, digests: Digests
) -> list[str]:
    """Return why a change that was not made is not planned any more."""
    problems = _host_problems(one, live, settings, digests)
    problems += [f"it is left alone now: {item.reason}" for item in plan.left_alone if item.ref == one.ref]
    for change in plan.changes:
        if change.config.ref == one.ref:
            where = f" of host id {change.hostid}" if change.hostid else ""
            problems.append(f"to be done was {one.action}, and now it is {change.action}{where}")
    return problems or [f"to be done was {one.action}, and now nothing is"]
