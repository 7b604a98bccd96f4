# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The guard: limits that a plan must pass before the first write, and whether what was read looks whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..errors import GuardError, InputError, nearest
from .plan import Plan

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


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` hosts and at most `percent` of the managed hosts; None is no limit."""

    count: int | None = None
    percent: float | None = None


#: A first run of an empty Zabbix passes by rule: as long as Zabbix has no managed host, creates have no share to be
#: measured by. Updates are not limited by number, since a change of policy is meant for all; what takes monitoring away
#: is.
DEFAULTS: dict[str, Limit] = {
    "creates": Limit(percent=50),
    "updates": Limit(),
    "disables": Limit(percent=10),
    "archives": Limit(percent=10),
    "deletes": Limit(percent=5),
    "restores": Limit(),
    "template_removals": Limit(percent=10),
    "template_clears": Limit(percent=5),
    "cleared_items": Limit(),
}
#: a full run refuses to go on when NetBox gives fewer objects than this share of the managed hosts
OBJECTS_PERCENT = 80.0


def limits_from(given: Mapping[str, Mapping[str, float | None]] | None) -> dict[str, Limit]:
    """Return the defaults with what a person gave: `{creates: {count: 100, percent: 20}}`. Raises InputError."""
    limits = dict(DEFAULTS)
    problems: list[str] = []
    for name, values in (given or {}).items():
        if name not in LIMITED:
            problems.append(
                f'limits: there is no limit for "{name}", only for {", ".join(LIMITED)}.{nearest(name, LIMITED)}'
            )
            continue
        if not isinstance(values, Mapping):
            problems.append(f"limits.{name}: {values!r} is not of the form {{count: 100, percent: 20}}")
            continue
        changes: dict[str, float | None] = {}
        for key, value in values.items():
            if key not in ("count", "percent"):
                problems.append(f'limits.{name}: "{key}" is neither "count" nor "percent"')
            elif value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0):
                problems.append(f"limits.{name}.{key}: {value!r} is not a number of 0 or more")
            else:
                changes[key] = value
        limits[name] = replace(limits[name], **changes)  # type: ignore[arg-type]  # keys and values were just checked
    if problems:
        raise InputError(problems)
    return limits


def check_plan(plan: Plan, limits: Mapping[str, Limit]) -> None:
    """Raise GuardError, with all limits that the plan is over; do nothing where it passes."""
    counts = plan.counts()
    broken: list[str] = []
    for name, limit in limits.items():
        number = counts[name]
        if limit.count is not None and number > limit.count:
            broken.append(
                f"{number} {LIMITED[name]}, over the limit of {limit.count} (netbox_zabbix_limits.{name}.count)"
            )
        if limit.percent is None or number <= FLOOR or (name == "creates" and plan.managed == 0):
            continue
        share = 100.0 * number / plan.managed if plan.managed else 100.0
        if share > limit.percent:
            broken.append(
                f"{number} {LIMITED[name]}, {share:.1f} % of {plan.managed} managed hosts, over the limit of "
                f"{limit.percent:g} % (netbox_zabbix_limits.{name}.percent)"
            )
    if broken:
        raise GuardError(
            "The plan is over a limit, so nothing was written: "
            + "; ".join(broken)
            + ". Look at it with --check --diff; if it is meant, raise the limit for this run."
        )


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
