# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of Zabbix's objects people may pick in NetBox, and what a choice set lacks for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ..errors import InputError, nearest
from ..netbox.choice_sets import MAX_LENGTH, ChoiceSet
from ..zabbix.settings_import import HOST_GROUPS, PROXIES, PROXY_GROUPS, TEMPLATE_GROUPS, TEMPLATES, Entries, Entry

#: choice set -> the kind that it offers
CHOICE_SETS = {
    "zabbix_templates": TEMPLATES,
    "zabbix_host_groups": HOST_GROUPS,
    "zabbix_proxies": PROXIES,
    "zabbix_proxy_groups": PROXY_GROUPS,
}
_KEYS = ("include", "exclude", "groups")


@dataclass(frozen=True, slots=True)
class Offer:
    """Patterns of names, with `*` and `?`. `include`, `groups`: one of them must fit (no pattern: all do)."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def takes(self, name: str, groups: Iterable[str]) -> bool:
        """Return whether an object of this name and in these groups is offered."""
        if self.include and not _fits(name, self.include):
            return False
        if self.groups and not any(_fits(group, self.groups) for group in groups):
            return False
        return not _fits(name, self.exclude)


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def offers_from(given: Mapping[str, Any] | None) -> dict[str, Offer]:
    """Return the filters of each kind from `{templates: {groups: [Templates/Network*], exclude: [Old*]}}`.

    Raises InputError.
    """
    problems: list[str] = []
    offers = {kind: Offer() for kind in CHOICE_SETS.values()}
    for kind, filters in (given or {}).items():
        if kind not in offers:
            hint = nearest(str(kind), offers)
            problems.append(f'offer: there is no kind "{kind}" to choose from, only {", ".join(offers)}.{hint}')
            continue
        if not isinstance(filters, Mapping):
            problems.append(f"offer.{kind}: {filters!r} is not of the form {{include: [...], exclude: [...]}}")
            continue
        patterns: dict[str, tuple[str, ...]] = {}
        for key, some in filters.items():
            if key not in _KEYS or (key == "groups" and kind != TEMPLATES):
                problems.append(f'offer.{kind}: "{key}" is none of include, exclude and, for templates, groups')
            elif not isinstance(some, list) or not all(isinstance(one, str) for one in some):
                problems.append(f"offer.{kind}.{key}: {some!r} is not a list of patterns")
            else:
                patterns[key] = tuple(some)
        offers[kind] = Offer(**patterns)
    if problems:
        raise InputError(problems)
    return offers


@dataclass(slots=True)
class ChoiceChanges:
    """What becomes of one choice set. `kept`: choices that Zabbix has no more, or that are offered no more, and that
    NetBox's objects still hold: choice -> who. `unfit`: names that no choice can have.
    """

    name: str
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: dict[str, list[str]] = field(default_factory=dict)
    unfit: list[str] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether there is something to write."""
        return bool(self.added or self.removed)

    def keep(self, held: Mapping[str, list[str]]) -> None:
        """Leave choices that would go where they are: choice -> who holds it."""
        self.kept.update(held)
        self.removed = [choice for choice in self.removed if choice not in held]


def offered(entries: Entries, offer: Offer, groups: Entries) -> list[str]:
    """Return the names that are offered, sorted. `groups`: of templates."""
    return sorted(entry["name"] for entry in entries.values() if offer.takes(entry["name"], _groups(entry, groups)))


def _groups(entry: Entry, groups: Entries) -> list[str]:
    return [groups[one]["name"] for one in entry.get("groups", ()) if one in groups]


def template_groups(kinds: Mapping[str, Entries]) -> Entries:
    """Return the groups that templates are in; before 6.2 those are host groups."""
    found: Entries = kinds[TEMPLATE_GROUPS] if TEMPLATE_GROUPS in kinds else kinds.get(HOST_GROUPS, {})
    return found


def choice_changes(choice_set: ChoiceSet, names: Iterable[str]) -> ChoiceChanges:
    """Return what a choice set lacks and has too much to offer these names."""
    found = ChoiceChanges(choice_set.name)
    fit: list[str] = []
    for name in names:
        # NetBox trims what people enter, and its column is of this width
        (fit if len(name) <= MAX_LENGTH and name == name.strip() else found.unfit).append(name)
    found.added = [name for name in fit if name not in choice_set.choices]
    wanted = set(fit)
    found.removed = [value for value in choice_set.choices if value not in wanted]
    return found


def settle(found: ChoiceChanges, choice_set: ChoiceSet) -> None:
    """Work out the choices from what is added and what goes; labels that people gave stay.

    NetBox takes no choice set without choices: where none would be left, all stay.
    """
    gone = set(found.removed)
    left = {value: label for value, label in choice_set.choices.items() if value not in gone}
    left |= {name: name for name in found.added}
    if not left:
        found.removed = []
        left = dict(choice_set.choices)
    found.choices = dict(sorted(left.items()))
