# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cutting a plan into waves: few hosts first, then more, so that what goes wrong shows while it is small. Pure.

Changes that depend on each other stay in one wave: hosts that take names from each other, and hosts that carry the mark
of one object. Which hosts are the first is a matter of their objects' identities alone, so that every run tries the
same ones, spread over the estate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, nearest
from ..zabbix.objects import TAG_ID
from .amount import Amount, amount_from
from .archive import GONE as NO_OBJECT
from .names import NAMES
from .places import GROUPINGS, Places
from .plan import CREATE, DELETE, Change

#: groups that have no name: of hosts whose object NetBox no longer has, and of objects that belong to none
GONE, NONE = "(gone)", "(none)"
_FORMS = 'a list such as ["1%", "10%", "100%"], or {by: site}'


@dataclass(frozen=True, slots=True)
class Shares:
    """Waves by size. `steps`: how much of the plan is made when each of them is; what is left then is the last one."""

    steps: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """Waves by the site or the role of the objects. `order`: the names of the groups of each wave; all others come in
    one wave afterwards. Without it each group is a wave, by name.
    """

    by: str
    order: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Wave:
    """Changes that are made one after the other without a look in between. `label`: what they are, in words."""

    label: str
    changes: list[Change]


def cut_from(given: Any) -> Shares | Groups | None:
    """Return how a plan is to be cut, None where it is not. Raises InputError with all that is wrong."""
    if given is None or given in ("", [], {}):
        return None
    problems: list[str] = []
    cut: Shares | Groups
    if isinstance(given, Mapping):
        cut = _groups_from(given, problems)
    elif isinstance(given, list | tuple):
        cut = _shares_from(given, problems)
    else:
        raise InputError([f"waves: {_FORMS} is expected, not {given!r}"])
    if problems:
        raise InputError(problems)
    return cut


def _shares_from(given: Sequence[Any], problems: list[str]) -> Shares:
    steps: list[Amount] = []
    for number, entry in enumerate(given, 1):
        where = f"waves, entry {number}"
        amount = amount_from(where, entry, problems)
        if amount is None:
            continue
        if not amount.value:
            problems.append(f"{where}: {entry!r} is a wave without a host")
        earlier = [one for one in steps if one.percent == amount.percent]
        if earlier and earlier[-1].value >= amount.value:
            problems.append(f"{where}: {amount} is no more than {earlier[-1]} before it; the entries add up")
        steps.append(amount)
    return Shares(tuple(steps))


def _groups_from(given: Mapping[str, Any], problems: list[str]) -> Groups:
    for key in given:
        if key not in ("by", "order"):
            problems.append(f'waves: there is no "{key}", only "by" and "order".{nearest(str(key), ("by", "order"))}')
    by = given.get("by")
    if by not in GROUPINGS:
        problems.append(f"waves.by: {' or '.join(GROUPINGS)} is expected, not {by!r}")
    order: list[tuple[str, ...]] = []
    seen: dict[str, int] = {}
    entries = given.get("order") or []
    if not isinstance(entries, list | tuple):
        problems.append(f"waves.order: a list is expected, not {entries!r}")
        entries = []
    for number, entry in enumerate(entries, 1):
        names = entry if isinstance(entry, list | tuple) else [entry]
        for name in names:
            where = f"waves.order, entry {number}"
            if not isinstance(name, str) or not name.strip():
                problems.append(f"{where}: the name of a {by}, or a list of them, is expected, not {name!r}")
            elif name in seen:
                problems.append(f'{where}: "{name}" is in entry {seen[name]} already')
            else:
                seen[name] = number
        order.append(tuple(name for name in names if isinstance(name, str)))
    return Groups(str(by), tuple(order))


def cut_changes(changes: Sequence[Change], cut: Shares | Groups | None, places: Places) -> list[Wave]:
    """Return the changes as waves, each in the order of the plan; none of them is empty."""
    if cut is None:
        return [Wave("all hosts", list(changes))] if changes else []
    bundles = bundle(changes)
    labelled = _by_group(bundles, cut, places) if isinstance(cut, Groups) else _by_share(bundles, cut, len(changes))
    place = {id(change): number for number, change in enumerate(changes)}
    return [
        Wave(label, sorted((change for some in wave for change in some), key=lambda change: place[id(change)]))
        for label, wave in labelled
        if wave
    ]


def unknown_groups(cut: Shares | Groups | None, places: Places) -> list[str]:
    """Return notes on names of the order that no group has. For a run over the whole estate."""
    if not isinstance(cut, Groups):
        return []
    seen = [*places.of.values(), *places.gone.values()]
    there = {*(place.of(cut.by).name for place in seen), GONE, NONE}
    return [
        f'waves.order: no object of NetBox is of the {cut.by} "{name}".{nearest(name, there)}'
        for names in cut.order
        for name in names
        if name not in there
    ]


def bundle(changes: Sequence[Change]) -> list[list[Change]]:
    """Return the changes in bundles of those that have to stay together, in the order of their identities' digests."""
    leader = list(range(len(changes)))

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    first: dict[tuple[str, str], int] = {}
    for number, change in enumerate(changes):
        for key in _ties(change):
            other = first.setdefault(key, number)
            leader[find(number)] = find(other)
    found: dict[int, list[Change]] = {}
    for number, change in enumerate(changes):
        found.setdefault(find(number), []).append(change)
    return sorted(found.values(), key=lambda some: min(map(_digest, some)))


def _ties(change: Change) -> Iterable[tuple[str, str]]:
    """Return what a change shares with those that it depends on: names that it takes or gives up, and identities."""
    live = change.live
    for attribute in NAMES:
        if attribute in change.writes or change.action == CREATE:
            yield attribute, str(change.writes.get(attribute) or getattr(change.config, attribute))
        if live is not None and (attribute in change.writes or change.action == DELETE):
            yield attribute, getattr(live, attribute)
    yield "object", change.config.ref
    if live is not None:
        for ref in live.tag(TAG_ID):
            yield "object", ref


def _digest(change: Change) -> str:
    return hashlib.sha256(change.config.ref.encode()).hexdigest()


def _by_share(bundles: Sequence[list[Change]], cut: Shares, whole: int) -> list[tuple[str, list[list[Change]]]]:
    """Fill each wave with the bundles that fit into it, at least with one."""
    left = list(bundles)
    waves: list[tuple[str, list[list[Change]]]] = []
    made = 0
    for step in cut.steps:
        end = min(step.of(whole), whole)
        wave: list[list[Change]] = []
        rest: list[list[Change]] = []
        for some in left:
            fits = made + len(some) <= end
            (wave if fits else rest).append(some)
            made += len(some) if fits else 0
        if not wave and rest and made < end:
            # each of those that are left is more than the wave has room for
            smallest = min(range(len(rest)), key=lambda number: len(rest[number]))
            wave.append(rest.pop(smallest))
            made += len(wave[0])
        left = rest
        waves.append((str(step), wave))
    return [*waves, ("the rest", left)]


def _by_group(bundles: Sequence[list[Change]], cut: Groups, places: Places) -> list[tuple[str, list[list[Change]]]]:
    """Put each bundle where the last of its hosts belongs."""

    def name(change: Change) -> str:
        place = places.of.get(change.config.ref)
        if change.ending == NO_OBJECT or place is None:
            return GONE
        group = place.of(cut.by)
        return (group.name or str(group.id)) if group.id else NONE

    if cut.order:
        wave_of = {name: number for number, names in enumerate(cut.order) for name in names}
        labels = [f"{cut.by} {' and '.join(names)}" for names in cut.order] + ["the rest"]
    else:
        # those without a name come last: what ends is not taken back as well as what changes
        names = sorted({name(change) for some in bundles for change in some}, key=lambda one: (one[:1] == "(", one))
        wave_of = {name: number for number, name in enumerate(names)}
        labels = [f"{cut.by} {name}" for name in names]
    waves: list[list[list[Change]]] = [[] for dummy in labels]
    for some in bundles:
        waves[max(wave_of.get(name(change), len(labels) - 1) for change in some)].append(some)
    return list(zip(labels, waves, strict=True))
