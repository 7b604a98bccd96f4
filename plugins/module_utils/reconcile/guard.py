# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The guard: limits that a plan must pass before the first write, and whether what was read looks whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import GuardError, InputError, nearest
from .places import GROUPINGS, SITE, Place
from .plan import COUNTED, Plan

#: what is limited -> what it is called in a message
LIMITED = {
    "creates": "new hosts",
    "updates": "updated hosts",
    "disables": "hosts disabled",
    "archives": "hosts archived",
    "deletes": "hosts deleted with their history",
    "restores": "hosts restored",
    "template_removals": "hosts losing a template",
    "template_clears": "hosts losing a template with its history",
    "cleared_items": "items losing their history",
}
#: a share says nothing about a handful of hosts: up to this many changes pass whatever their share
FLOOR = 10


#: groups over a limit that one message names
TOLD = 5


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` hosts and at most `percent` of the managed hosts; None is no limit. `by`: the same for each site
    or each role, of its own managed hosts.
    """

    count: int | None = None
    percent: float | None = None
    by: Mapping[str, Limit] = field(default_factory=dict)


#: that half of a site's hosts end in one run is more likely a site that vanished from what NetBox shows
_HALF_A_SITE = {SITE: Limit(percent=50)}
#: A first run of an empty Zabbix passes by rule: as long as Zabbix has no managed host, creates have no share to be
#: measured by. Updates are not limited by number, since a change of policy is meant for all; what takes monitoring away
#: is.
DEFAULTS: dict[str, Limit] = {
    "creates": Limit(percent=50),
    "updates": Limit(),
    "disables": Limit(percent=10, by=_HALF_A_SITE),
    "archives": Limit(percent=10, by=_HALF_A_SITE),
    "deletes": Limit(percent=5, by=_HALF_A_SITE),
    "restores": Limit(),
    "template_removals": Limit(percent=10),
    "template_clears": Limit(percent=5),
    "cleared_items": Limit(),
}
#: a full run refuses to go on when NetBox gives fewer objects than this share of the managed hosts
OBJECTS_PERCENT = 80.0
#: ... or when one site has fewer than this share of the objects that it had in the last run
SITE_OBJECTS_PERCENT = 50.0


def limits_from(given: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Limit]:
    """Return the defaults with what a person gave: `{archives: {count: 100, percent: 20, by: {site: {percent: 50}}}}`.
    Raises InputError with all that is wrong.

    A limit by group that was not given is never tighter than the one of the whole: who lets all hosts go means each
    site too.
    """
    limits = dict(DEFAULTS)
    problems: list[str] = []
    for name, values in (given or {}).items():
        if name not in LIMITED:
            problems.append(
                f'limits: there is no limit for "{name}", only for {", ".join(LIMITED)}.{nearest(name, LIMITED)}'
            )
            continue
        where = f"limits.{name}"
        if not isinstance(values, Mapping):
            problems.append(f"{where}: {values!r} is not of the form {{count: 100, percent: 20}}")
            continue
        numbers = {key: value for key, value in values.items() if key != "by"}
        found = _limit(where, numbers, limits[name], '"count", "percent" or "by"', problems)
        by = _no_tighter(found)
        limits[name] = replace(found, by=_by(f"{where}.by", values["by"], by, problems) if "by" in values else by)
    if problems:
        raise InputError(problems)
    return limits


def _limit(where: str, given: Mapping[str, Any], usual: Limit, keys: str, problems: list[str]) -> Limit:
    """Return a limit with the numbers that a person gave. `keys`: what can be given here, in words."""
    changes: dict[str, Any] = {}
    for key, value in given.items():
        if key not in ("count", "percent"):
            problems.append(f'{where}: "{key}" is not {keys}')
        elif value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0):
            problems.append(f"{where}.{key}: {value!r} is not a number of 0 or more")
        else:
            changes[key] = value
    return replace(usual, **changes)


def _by(where: str, given: Any, usual: Mapping[str, Limit], problems: list[str]) -> dict[str, Limit]:
    """Return the limits by group that a person gave; null is no limit, for all groupings or for one."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        problems.append(f"{where}: {given!r} is not of the form {{site: {{percent: 50}}}}")
        return {}
    limits = dict(usual)
    for grouping, values in given.items():
        if grouping not in GROUPINGS:
            problems.append(f'{where}: "{grouping}" is not "site" or "role".{nearest(str(grouping), GROUPINGS)}')
        elif values is None:
            limits.pop(grouping, None)
        elif not isinstance(values, Mapping):
            problems.append(f"{where}.{grouping}: {values!r} is not of the form {{count: 20, percent: 50}}")
        else:
            usually = usual.get(grouping, Limit())
            limits[grouping] = _limit(f"{where}.{grouping}", values, usually, '"count" or "percent"', problems)
    return limits


def _no_tighter(limit: Limit) -> dict[str, Limit]:
    """Return the usual limits by group, none of them tighter than the one of the whole."""
    if limit.percent is None:
        return {}
    return {grouping: replace(one, percent=max(one.percent or 0, limit.percent)) for grouping, one in limit.by.items()}


def check_plan(plan: Plan, limits: Mapping[str, Limit]) -> None:
    """Raise GuardError, with all limits that the plan is over; do nothing where it passes."""
    counts = plan.counts()
    broken: list[str] = []
    for name, limit in limits.items():
        what, variable = LIMITED[name], f"netbox_zabbix_limits.{name}"
        broken += _over(name, counts[name], plan.managed, limit, what, "managed hosts", variable)
        for grouping, of_group in limit.by.items():
            broken += _groups_over(plan, name, grouping, of_group)
    if broken:
        raise GuardError(
            "The plan is over a limit, so nothing was written: "
            + "; ".join(broken)
            + ". Look at it with --check --diff; if it is meant, raise the limit for this run."
        )


def _groups_over(plan: Plan, name: str, grouping: str, limit: Limit) -> list[str]:
    """Return which groups are over a limit, some of them and how many more."""
    numbers: Counter[str] = Counter()
    for change in plan.changes:
        weight = COUNTED[name](change)
        if weight:
            for label in plan.places.labels(change.config.ref, grouping):
                numbers[label] += weight
    if not numbers:
        return []
    sizes = plan.places.sizes(grouping)
    broken: list[str] = []
    for label, number in numbers.most_common():
        what, whose = f"{LIMITED[name]} of {label}", "managed hosts of it"
        variable = f"netbox_zabbix_limits.{name}.by.{grouping}"
        broken += _over(name, number, sizes.get(label, 0), limit, what, whose, variable)
    return _some(broken)


def _over(name: str, number: int, managed: int, limit: Limit, what: str, whose: str, variable: str) -> list[str]:
    """Return what is over one limit, in words."""
    broken: list[str] = []
    if limit.count is not None and number > limit.count:
        broken.append(f"{number} {what}, over the limit of {limit.count} ({variable}.count)")
    if limit.percent is None or number <= FLOOR or (name == "creates" and managed == 0):
        return broken
    share = 100.0 * number / managed if managed else 100.0
    if share > limit.percent:
        broken.append(
            f"{number} {what}, {share:.1f} % of {managed} {whose}, over the limit of "
            f"{limit.percent:g} % ({variable}.percent)"
        )
    return broken


def check_input(objects: int, managed: int, whole: bool, percent: float = OBJECTS_PERCENT) -> None:
    """Raise GuardError when NetBox gave nothing, or in a full run far fewer objects than there are managed hosts."""
    if not whole or not managed:
        return
    if objects == 0:
        raise GuardError(
            f"NetBox gave no device and no virtual machine, and Zabbix has {managed} managed hosts: nothing was "
            "written. Check that the token may see them (its permissions), and that this is the right NetBox."
        )
    share = 100.0 * objects / managed
    if managed - objects > FLOOR and share < percent:
        raise GuardError(
            f"NetBox gave {objects} objects, and Zabbix has {managed} managed hosts ({share:.0f} %, at least "
            f"{percent:g} % are expected): nothing was written. Check that the token may see the whole estate; if so "
            "many objects were really removed, run over a part (netbox_zabbix_filters) or lower "
            "netbox_zabbix_min_objects_percent."
        )


def check_last(
    now: Mapping[str, Place],
    last: Mapping[str, Place],
    when: str,
    percent: float = OBJECTS_PERCENT,
    site_percent: float = SITE_OBJECTS_PERCENT,
) -> None:
    """Raise GuardError when a kind of objects, or a site, lost more than it may since the last run.

    `now`, `last`: the places of all objects by identity, now and in the last run, which was at `when`. Who moved to
    another site is not lost, and who was made anew makes up for one that is gone.
    """
    broken = [
        *_lost(last, now, _kind, percent, "netbox_zabbix_min_objects_percent"),
        *_lost(last, now, _site, site_percent, "netbox_zabbix_min_site_objects_percent"),
    ]
    if broken:
        raise GuardError(
            f"NetBox gives far fewer objects than in the last run ({when}), so nothing was written: "
            + "; ".join(broken)
            + ". Check that the token may see all of them (constraints of its permissions). If they were really "
            "removed, lower the variable for this run."
        )


def _kind(ref: str, dummy: Place) -> tuple[str, str]:
    """Return the group that an object counts for, and what it is called."""
    kind = ref.partition(":")[0]
    return kind, kind.replace("_", " ") + "s"


def _site(dummy: str, place: Place) -> tuple[int, str]:
    return place.site.id, f"objects of site {place.site.name}" if place.site.id else "objects without a site"


def _lost(
    last: Mapping[str, Place],
    now: Mapping[str, Place],
    group: Callable[[str, Place], tuple[int | str, str]],
    percent: float,
    variable: str,
) -> list[str]:
    """Return in words which groups lost more than they may, the largest loss first; some of many."""
    labels = dict(group(ref, place) for ref, place in last.items())
    before = Counter(group(ref, place)[0] for ref, place in last.items())
    loss = Counter(group(ref, last[ref])[0] for ref in last.keys() - now.keys())
    loss.subtract(group(ref, now[ref])[0] for ref in now.keys() - last.keys())
    broken: list[str] = []
    for key, number in loss.most_common():
        left = before[key] - number
        if number > FLOOR and 100.0 * left < percent * before[key]:
            share = 100.0 * left / before[key]
            broken.append(
                f"of {before[key]} {labels[key]} {left} are left ({share:.0f} %, at least {percent:g} % are expected: "
                f"{variable})"
            )
    return _some(broken)


def _some(broken: list[str]) -> list[str]:
    """Return the first of many, and how many more there are."""
    rest = len(broken) - TOLD
    return broken if rest <= 0 else [*broken[:TOLD], f"and {rest} more like these"]
