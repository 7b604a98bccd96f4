# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to be done in Zabbix so that it has just the declared windows: the plan, its text, and its limit. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..errors import GuardError, InputError
from .declared import Declarations, Declared
from .recurrence import in_force, is_over
from .server import schedule
from .times import shown
from .zabbix_window import LONGEST_NAME, ZabbixWindow, period_text, with_mark, zabbix_name

CREATE, UPDATE, DELETE = "create", "update", "delete"
#: begins the names of windows that a sync opens around its own changes
OWN_WINDOW = "sync run "
#: a host of ours that was taken out of use
ARCHIVED = "netbox_archived"
#: targets from which on a host group is looked for: Zabbix takes seconds to write a list of thousands of hosts (1.2 to
#: 11.8 s for 10,000, measured), and a short list says more to people than the name of a group
GROUP_FROM = 100
#: so many of the hosts or periods that differ are shown
SHOWN = 10
#: a share says nothing about a handful of windows
FLOOR = 10


@dataclass(frozen=True, slots=True)
class TargetHost:
    """A managed host as far as windows are concerned. `maintenanceid`: the window that it is in, empty for none."""

    hostid: str
    host: str
    ref: str
    groups: frozenset[str]
    archived: bool = False
    maintenanceid: str = ""


@dataclass(slots=True)
class Estate:
    """Zabbix as it is. `hosts`: by their NetBox object; `windows`: those with a mark of ours, of whatever instance;
    `foreign`: names of all others, with their ids; `sizes`: how many hosts each group has; `group_names`: by id.

    Worked out of these: `names` of hosts by id, `inside`: the hosts in each window just now, `group_ids` by name.
    """

    hosts: Mapping[str, Sequence[TargetHost]]
    windows: Sequence[ZabbixWindow]
    foreign: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    group_names: Mapping[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(init=False, default_factory=dict)
    inside: dict[str, set[str]] = field(init=False, default_factory=dict)
    group_ids: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.group_ids = {name: groupid for groupid, name in self.group_names.items()}
        for host in (host for hosts in self.hosts.values() for host in hosts):
            self.names[host.hostid] = host.host
            if host.maintenanceid:
                self.inside.setdefault(host.maintenanceid, set()).add(host.hostid)

    def below(self, groupid: str) -> list[str]:
        """Return a group and all below it: a window of a group is one of those too."""
        name = self.group_names[groupid]
        return [one for one, other in self.group_names.items() if other == name or other.startswith(name + "/")]

    def above(self, groups: Iterable[str]) -> frozenset[str]:
        """Return groups and all that they are below."""
        found = set(groups)
        for groupid in groups:
            name = self.group_names.get(groupid, "")
            while "/" in name:
                name = name.rpartition("/")[0]
                if name in self.group_ids:
                    found.add(self.group_ids[name])
        return frozenset(found & self.group_names.keys())


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one field, as text for people."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WindowChange:
    """One window to be written. `covers`: ids of the hosts that are to be in it; `left`: of those that are to leave it.

    `due`: whether it is the window's time just now. `maintenanceid`: of one that is not ours, which is not read whole.
    """

    action: str
    window: str
    wanted: ZabbixWindow | None = None
    live: ZabbixWindow | None = None
    differences: tuple[Difference, ...] = ()
    reason: str = ""
    covers: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    due: bool = False
    maintenanceid: str | None = None

    @property
    def id(self) -> str | None:
        """The id of the window as it is, None for a new one."""
        return self.live.maintenanceid if self.live else self.maintenanceid


@dataclass(slots=True)
class WindowPlan:
    """All changes of a run. `states`: windows that need no change, with what they are and why; `unchanged`: how many
    are as they should be. `ours`: how many windows of ours Zabbix has.
    """

    changes: list[WindowChange] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    unchanged: int = 0
    ours: int = 0
    targets: int = 0

    def of(self, action: str) -> list[WindowChange]:
        """Return the changes of one kind."""
        return [change for change in self.changes if change.action == action]


def plan_windows(
    declarations: Declarations,
    estate: Estate,
    instance: str,
    now: datetime,
    *,
    server_zone: str = "",
    only: Collection[str] = (),
) -> WindowPlan:
    """Return what is to be done. `only`: names of the windows that are looked at, all where it is empty.

    Windows of ours that are over stay, for the cleanup; those that nothing declares any more go.
    """
    plan = WindowPlan(failures={name: why for name, why in declarations.failures.items() if not only or name in only})
    lives = _ours(estate, instance, plan)
    plan.ours = len(lives)
    for name in sorted(declarations.windows):
        if only and name not in only:
            continue
        try:
            _plan_one(plan, declarations.windows[name], lives.get(name), estate, instance, now, server_zone)
        except InputError as error:
            plan.failures[name] = "; ".join(error.problems)
    for name, live in sorted(lives.items()):
        known = name in declarations.windows or name in declarations.failures
        if known or (only and name not in only):
            continue
        if live.until > now.timestamp():
            # one that a sync opened ends by itself
            if not name.startswith(OWN_WINDOW):
                _remove(plan, name, live, "nothing declares it any more", estate)
        else:
            plan.states[name] = ("over", f"since {shown(live.until)}; nothing declares it any more")
    return plan


def _ours(estate: Estate, instance: str, plan: WindowPlan) -> dict[str, ZabbixWindow]:
    """Return the windows of this instance by name. Of copies that people made, the one with our name is ours."""
    found: dict[str, list[ZabbixWindow]] = {}
    for live in estate.windows:
        mark = live.mark
        if mark is not None and mark[0] == instance:
            found.setdefault(mark[1], []).append(live)
    ours: dict[str, ZabbixWindow] = {}
    for name, lives in found.items():
        lives.sort(key=lambda live: (live.name != zabbix_name(name, instance), int(live.maintenanceid or 0)))
        ours[name] = lives[0]
        for copy in lives[1:]:
            plan.states[copy.name] = (
                "copy",
                f'its description says that it is "{name}", as another window is; left alone',
            )
    return ours


def _plan_one(
    plan: WindowPlan,
    declared: Declared,
    live: ZabbixWindow | None,
    estate: Estate,
    instance: str,
    now: datetime,
    server_zone: str,
) -> None:
    window = declared.window
    name = zabbix_name(window.name, instance)
    if len(name) > LONGEST_NAME:
        raise InputError(
            [f'{declared.place}: Zabbix takes names of {LONGEST_NAME} characters, "{name}" has {len(name)}']
        )
    targets = [host for ref in declared.refs for host in estate.hosts.get(ref, ()) if not host.archived]
    try:
        times = schedule(window, now, server_zone, live.since if live and live.until > now.timestamp() else None)
    except ValueError as error:
        raise InputError([f"{declared.place}: {error}"]) from None
    why = ""
    if is_over(window, now):
        state, why = "over", "it is over"
    elif not times.periods:
        state, why = "waiting", "it does not come within the next two months"
    elif not targets:
        state = "no_hosts"
        why = "no host of Zabbix is of its objects" if declared.refs else "no object of NetBox has it"
    if why:
        if live is not None and live.until > now.timestamp():
            _remove(plan, window.name, live, why, estate)
        else:
            plan.states[window.name] = (state, why)
        return
    hostids = frozenset(host.hostid for host in targets)
    plan.targets += len(hostids)
    group = _group_for(targets, hostids, estate, live)
    wanted = ZabbixWindow(
        name=name,
        since=times.since,
        until=times.until,
        collect_data=window.collect_data,
        any_tag=window.any_tag,
        tags=frozenset(window.tags),
        periods=frozenset(times.periods),
        description=with_mark(window.description, window.name, instance),
        hosts=frozenset() if group else hostids,
        groups=frozenset((group,)) if group else frozenset(),
    )
    due = in_force(window, now)
    if live is None:
        if name in estate.foreign:
            raise InputError(
                [
                    f'{declared.place}: Zabbix has a window "{name}" (id {estate.foreign[name]}) that is not ours; '
                    "rename one of the two"
                ]
            )
        plan.changes.append(WindowChange(CREATE, window.name, wanted, covers=hostids, due=due))
        return
    differences = compare(wanted, live, estate)
    if not differences:
        plan.unchanged += 1
        return
    left = _inside(live, estate) - hostids
    plan.changes.append(
        WindowChange(UPDATE, window.name, wanted, live, tuple(differences), covers=hostids, left=left, due=due)
    )


def _remove(plan: WindowPlan, name: str, live: ZabbixWindow, reason: str, estate: Estate) -> None:
    plan.changes.append(WindowChange(DELETE, name, live=live, reason=reason, left=_inside(live, estate)))


def _inside(live: ZabbixWindow, estate: Estate) -> frozenset[str]:
    """Return our hosts that are in this window just now."""
    return frozenset(estate.inside.get(live.maintenanceid or "", ()))


def _group_for(
    targets: Sequence[TargetHost], hostids: frozenset[str], estate: Estate, live: ZabbixWindow | None
) -> str | None:
    """Return the host group, the lowest one, that holds just these hosts with all groups below it; None for none."""
    if len(hostids) < GROUP_FROM:
        return None
    counts: dict[str, int] = {}
    for host in targets:
        for groupid in host.groups:
            counts[groupid] = counts.get(groupid, 0) + 1
    used = live.groups if live else frozenset()

    def order(groupid: str) -> tuple[bool, int, str]:
        name = estate.group_names.get(groupid, "")
        return groupid not in used, -len(name), name

    shared = frozenset.intersection(*map(estate.above, {host.groups for host in targets}))
    for groupid in sorted(shared, key=order):
        # nothing but our targets may be in it or in a group below it
        if all(estate.sizes.get(one, -1) == counts.get(one, 0) for one in estate.below(groupid)):
            return groupid
    return None


def compare(wanted: ZabbixWindow, live: ZabbixWindow, estate: Estate) -> list[Difference]:
    """Return what differs, field by field."""
    names, groups = estate.names, estate.group_names
    found: list[Difference] = []

    def plain(title: str, before: str, after: str) -> None:
        if before != after:
            found.append(Difference(title, before, after))

    def lists(title: str, before: Collection[str], after: Collection[str]) -> None:
        if set(before) != set(after):
            found.append(Difference(title, _some(set(before) - set(after)), _some(set(after) - set(before))))

    plain("name", live.name, wanted.name)
    plain("since", shown(live.since), shown(wanted.since))
    plain("until", shown(live.until), shown(wanted.until))
    plain("collect_data", _yes(live.collect_data), _yes(wanted.collect_data))
    if wanted.collect_data:
        plain("tags_match", _either(live.any_tag), _either(wanted.any_tag))
        lists("tags", _tag_texts(live), _tag_texts(wanted))
    lists("periods", sorted(map(period_text, live.periods)), sorted(map(period_text, wanted.periods)))
    plain("description", live.description, wanted.description)
    lists("hosts", [names.get(one, f"host {one}") for one in live.hosts], [names[one] for one in wanted.hosts])
    lists("groups", [groups.get(one, f"group {one}") for one in live.groups], [groups[one] for one in wanted.groups])
    return found


def _some(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else ""
    return ", ".join(ordered[:SHOWN]) + more


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _either(value: bool) -> str:
    return "or" if value else "and"


def _tag_texts(window: ZabbixWindow) -> list[str]:
    return [f"{one.tag} {'contains' if one.contains else 'is'} {one.value}".rstrip() for one in window.tags]


def plan_as_text(plan: WindowPlan, estate: Estate) -> str:
    """Return the changes for people, field by field."""
    lines: list[str] = []
    for change in sorted(plan.changes, key=lambda one: (one.window, one.action)):
        if change.action == CREATE and change.wanted is not None:
            lines.append(f"+ {change.window}")
            lines += [f"    {title}: {text}" for title, text in _fields(change.wanted, estate)]
        elif change.action == DELETE:
            lines.append(f"- {change.window} ({change.reason})")
        else:
            lines.append(f"~ {change.window}")
            for one in change.differences:
                lines += [f"    - {one.field}: {one.before}"] if one.before else []
                lines += [f"    + {one.field}: {one.after}"] if one.after else []
    return "\n".join(lines) + "\n" if lines else ""


def _fields(window: ZabbixWindow, estate: Estate) -> list[tuple[str, str]]:
    found = [
        ("since", shown(window.since)),
        ("until", shown(window.until)),
        ("collect_data", _yes(window.collect_data)),
        ("tags", f" {_either(window.any_tag)} ".join(sorted(_tag_texts(window)))),
        ("periods", _some(map(period_text, window.periods))),
        ("hosts", _some(estate.names.get(one, one) for one in window.hosts)),
        ("groups", _some(estate.group_names.get(one, one) for one in window.groups)),
    ]
    return [(title, text) for title, text in found if text]


@dataclass(frozen=True, slots=True)
class Deletions:
    """How many windows may be removed: at most `count`, and at most `percent` of ours; None is no limit."""

    count: float | None = 50
    percent: float | None = 50


def deletions_from(given: Mapping[str, float | None] | None) -> Deletions:
    """Return the limit that a person gave: `{count: 20, percent: 50}`. Raises InputError."""
    problems: list[str] = []
    for key, value in (given or {}).items():
        if key not in ("count", "percent"):
            problems.append(f'max_deletions: "{key}" is neither "count" nor "percent"')
        elif value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
            problems.append(f"max_deletions.{key}: {value!r} is not a number of 0 or more")
    if problems:
        raise InputError(problems)
    return Deletions(**(given or {}))


def check_deletions(number: int, ours: int, limit: Deletions) -> None:
    """Raise GuardError where more windows would be removed than may be. A share of up to 10 windows always passes."""
    broken: list[str] = []
    if limit.count is not None and number > limit.count:
        broken.append(f"over the limit of {limit.count:g} (max_deletions.count)")
    share = 100.0 * number / ours if ours else 0.0
    if limit.percent is not None and number > FLOOR and share > limit.percent:
        broken.append(
            f"{share:.0f} % of our {ours} windows, over the limit of {limit.percent:g} % (max_deletions.percent)"
        )
    if broken:
        raise GuardError(
            f"{number} windows would be removed from Zabbix, {' and '.join(broken)}: nothing was written. Look at them "
            "with --check --diff: is a list or calendar missing in this run, or does the NetBox token see less than "
            "before? If it is meant, raise netbox_zabbix_maintenance_max_deletions for this run."
        )
