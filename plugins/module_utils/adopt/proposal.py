# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy from what is there: the templates, host groups and proxies that hosts of a role, a platform or a site share.

A rule that holds for nearly all hosts of a value is proposed with its exceptions, for a person to judge. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from ..netbox.objects import NetBoxObject
from ..policy.fields import escape
from ..zabbix.objects import ZabbixHost, ZabbixSettings

#: share of the hosts of a value that must have a thing for it to be proposed for all of them
SHARE = 0.9
#: a single host shows no rule
LEAST_HOSTS = 2
#: hosts in one remark; the others are counted
NAMED = 10
TEMPLATES, GROUPS, PROXY, PROXY_GROUP = "templates", "host_groups", "proxy", "proxy_group"
#: what usually decides about each, first; the first that explains as much as another one wins
_BY = {
    TEMPLATES: ("platform", "role", "site"),
    GROUPS: ("site", "role", "platform"),
    PROXY: ("site", "role", "platform"),
    PROXY_GROUP: ("site", "role", "platform"),
}
DIMENSIONS = ("site", "role", "platform")
EVERYTHING = ("", "")

#: what a host may have: kind and name
Thing = tuple[str, str]
#: attribute and slug; EVERYTHING for all hosts
Value = tuple[str, str]


@dataclass(slots=True)
class Placed:
    """A host that is there, and the object that it is of. `things`: what it has."""

    name: str
    netbox_object: NetBoxObject
    things: frozenset[Thing]


@dataclass(slots=True)
class Proposal:
    """`mappings`: the policy; `remarks`: exceptions, for people. `hosts`: looked at; `exact`: those that would have
    just what they have. `things`: what all have together; `given`: how much of it the policy gives; `surplus`: what it
    would give beside that.
    """

    mappings: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    hosts: int = 0
    exact: int = 0
    things: int = 0
    given: int = 0
    surplus: int = 0


def placed(live: ZabbixHost, netbox_object: NetBoxObject, settings: ZabbixSettings) -> Placed:
    """Return a host with what it has, by name."""
    things = {(TEMPLATES, settings.template_name(templateid)) for templateid in live.templates}
    things |= {(GROUPS, settings.group_name(groupid)) for groupid in live.groups}
    kind, number = live.monitor
    if kind != "server":
        things.add((kind, settings.monitor_name(kind, number).removeprefix(f"{kind.replace('_', ' ')} ")))
    return Placed(live.host, netbox_object, frozenset(things))


def propose(hosts: Sequence[Placed]) -> Proposal:
    """Return a policy that gives the hosts what they have, as far as roles, platforms and sites explain it."""
    proposal = Proposal(hosts=len(hosts))
    if not hosts:
        return proposal
    everybody = frozenset(range(len(hosts)))
    members = _members(hosts)
    having: defaultdict[Thing, set[int]] = defaultdict(set)
    for number, host in enumerate(hosts):
        for thing in host.things:
            having[thing].add(number)
    gets: list[set[Thing]] = [set() for dummy in hosts]
    patterns = _patterns(hosts)
    for pattern in patterns:
        for number, host in enumerate(hosts):
            group = _rendered(pattern, host.netbox_object)
            if group:
                gets[number].add((GROUPS, group))
    rules: defaultdict[Value, list[Thing]] = defaultdict(list)
    for thing in sorted(having):
        left = {number for number in having[thing] if thing not in gets[number]}
        if not left:
            continue
        for value in _explaining(thing, having[thing], left, everybody, members):
            rules[value].append(thing)
            for number in members.get(value, everybody):
                gets[number].add(thing)
    proposal.mappings = list(_mappings(rules, patterns))
    _judge(proposal, hosts, gets, having)
    return proposal


def _members(hosts: Sequence[Placed]) -> dict[Value, frozenset[int]]:
    """Return the hosts of each value, those of the values below it among them: so a policy matches trees."""
    members: defaultdict[Value, set[int]] = defaultdict(set)
    for number, host in enumerate(hosts):
        for name in DIMENSIONS:
            entry: Any = host.netbox_object.attributes.get(name)
            while entry:
                members[name, entry["slug"]].add(number)
                entry = entry.get("parent")
    return {value: frozenset(numbers) for value, numbers in members.items()}


def _explaining(
    thing: Thing,
    have: set[int],
    left: set[int],
    everybody: frozenset[int],
    members: Mapping[Value, frozenset[int]],
) -> Iterator[Value]:
    """Yield the values whose hosts have a thing, those that explain most first, until no more can be explained."""
    if len(everybody) >= LEAST_HOSTS and len(have) >= SHARE * len(everybody):
        yield EVERYTHING
        return
    order = _BY[thing[0]]
    fits = {
        value: numbers
        for value, numbers in members.items()
        if len(numbers) >= LEAST_HOSTS and len(numbers & have) >= SHARE * len(numbers)
    }
    while left and fits:
        # of two that explain the same, the usual one
        value = min(fits, key=lambda one: (-len(fits[one] & left), order.index(one[0]), one[1]))
        found = fits.pop(value) & left
        if not found:
            return
        left -= found
        yield value


def _patterns(hosts: Sequence[Placed]) -> list[str]:
    """Return fields that stand for many host groups, as `Sites/{site}`, those that stand for most first."""
    groups = {(number, name) for number, host in enumerate(hosts) for kind, name in host.things if kind == GROUPS}
    standing: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
    for number, name in groups:
        for pattern in _generalised(name, hosts[number].netbox_object):
            standing[pattern].add((number, name))
    chosen: list[str] = []
    for pattern, found in sorted(standing.items(), key=lambda item: (-len(item[1]), item[0])):
        rendered = {
            (number, text) for number, host in enumerate(hosts) if (text := _rendered(pattern, host.netbox_object))
        }
        new = found & groups
        if (
            len({name for dummy, name in new}) >= LEAST_HOSTS
            and len(new) == len(found)
            and len(rendered & found) >= SHARE * len(rendered)
        ):
            chosen.append(pattern)
            groups -= found
    return chosen


def _generalised(name: str, netbox_object: NetBoxObject) -> set[str]:
    """Return the fields that a group's name may have been made from."""
    found: set[str] = set()
    if "{" in name or "}" in name:
        return found
    values = [(path, text) for path, text in _fields(netbox_object).items() if text and text in name]
    for size in range(1, len(DIMENSIONS) + 1):
        for some in combinations(values, size):
            pattern = name
            for path, text in sorted(some, key=lambda item: -len(item[1])):
                pattern = pattern.replace(text, f"{{{path}}}", 1)
            if all(f"{{{path}}}" in pattern for path, dummy in some):
                found.add(pattern)
    return found


def _fields(netbox_object: NetBoxObject) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in DIMENSIONS:
        entry = netbox_object.attributes.get(name)
        if entry:
            # a slash in a name would make a level of its own, and a policy puts a dash for it
            found[name] = str(entry["name"]).replace("/", "-")
            if entry["slug"] != entry["name"]:
                found[f"{name}.slug"] = str(entry["slug"])
    return found


def _rendered(pattern: str, netbox_object: NetBoxObject) -> str:
    """Return what a field of `_generalised` is for an object, empty where a part of it is missing."""
    text = pattern
    for path, value in _fields(netbox_object).items():
        text = text.replace(f"{{{path}}}", value)
    missing = any(f"{{{name}{rest}}}" in text for name in DIMENSIONS for rest in ("", ".slug"))
    return "" if missing else text


def _mappings(rules: Mapping[Value, Sequence[Thing]], patterns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the mappings: for everything, then by site, role and platform; values that give the same share one."""
    first = _given(rules.get(EVERYTHING, ()))
    if patterns:
        first[GROUPS] = [*patterns, *first.get(GROUPS, [])]
    if first:
        yield {"name": "everything", **first}
    for name in DIMENSIONS:
        same: dict[tuple[Thing, ...], list[str]] = {}
        for (of, slug), things in sorted(rules.items()):
            if of == name:
                same.setdefault(tuple(things), []).append(slug)
        for things, slugs in same.items():
            label = ", ".join(slugs[:3]) + (" ..." if len(slugs) > 3 else "")
            match = {name: slugs[0] if len(slugs) == 1 else slugs}
            yield {"name": f"{name} {label}", "match": match, **_given(things)}


def _given(things: Iterable[Thing]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for kind, name in things:
        if kind in (TEMPLATES, GROUPS):
            given.setdefault(kind, []).append(escape(name))
        else:
            given[kind] = escape(name)
    return given


def _judge(
    proposal: Proposal, hosts: Sequence[Placed], gets: Sequence[set[Thing]], having: Mapping[Thing, set[int]]
) -> None:
    """Count what the policy would give, and name what it would give otherwise than it is."""
    lacking: defaultdict[Thing, list[str]] = defaultdict(list)
    for number, host in enumerate(hosts):
        proposal.things += len(host.things)
        proposal.given += len(host.things & gets[number])
        proposal.surplus += len(gets[number] - host.things)
        proposal.exact += gets[number] == host.things
        for thing in gets[number] - host.things:
            lacking[thing].append(host.name)
    for thing in sorted(lacking):
        proposal.remarks.append(f"{_words(thing)}: would be new on {_named(lacking[thing])}")
    for thing, numbers in sorted(having.items()):
        left = [hosts[number].name for number in numbers if thing not in gets[number]]
        if left:
            proposal.remarks.append(f"{_words(thing)}: no mapping gives it to {_named(left)}")
    groupless = [
        host.name for number, host in enumerate(hosts) if not any(kind == GROUPS for kind, dummy in gets[number])
    ]
    if groupless:
        proposal.remarks.append(f"no host group would be given to {_named(groupless)}, and Zabbix wants at least one")


def _words(thing: Thing) -> str:
    kind, name = thing
    return f'{ {TEMPLATES: "template", GROUPS: "host group"}.get(kind, kind.replace("_", " ")) } "{name}"'


def _named(names: Sequence[str]) -> str:
    names = sorted(names)
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more hosts" if len(names) > NAMED else "")
