# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What changed in Zabbix since the last import, kind by kind, and whether so much of it may be gone. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError, nearest
from ..zabbix.settings_import import KINDS, Entries, Entry

#: for the kinds that are not named
DEFAULT = "default"
#: elements of a long list that are told one by one; item keys of a template can be hundreds
MOST_TOLD = 10


@dataclass(slots=True)
class Changed:
    """One object that is no longer what it was. `was`: its old names where it has others: the visible one,
    of a template also the technical one.
    """

    id: str
    name: str
    was: tuple[str, ...] = ()
    changes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class KindChanges:
    """What became of the objects of one kind. `before`: how many there were; `removed`, `added`: id -> entry."""

    before: int = 0
    added: Entries = field(default_factory=dict)
    updated: list[Changed] = field(default_factory=list)
    renamed: list[Changed] = field(default_factory=list)
    removed: Entries = field(default_factory=dict)
    unchanged: int = 0

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.updated or self.renamed or self.removed)


@dataclass(frozen=True, slots=True)
class MaxDeletions:
    """At most `count` objects of a kind and at most `percent` of them may be gone; None is no limit."""

    count: float | None = None
    percent: float | None = None


def compare(old: Entries, new: Entries, name_of: Callable[[str, str], str]) -> KindChanges:
    """Compare one kind. An object is the same by its id, else by its uuid (imported again), else by its name (made
    again). `name_of`: the name of what a field refers to, by field and id.
    """
    found = KindChanges(before=len(old))
    pairs = {one: one for one in old if one in new}
    for key in ("uuid", "name"):
        left = {entry[key]: one for one, entry in old.items() if one not in pairs and entry.get(key)}
        taken = set(pairs.values())
        for one, entry in new.items():
            if one not in taken and entry.get(key) in left:
                pairs[left[entry[key]]] = one
    for before, after in pairs.items():
        if before == after and old[before] == new[after]:
            found.unchanged += 1
            continue
        changes = [] if before == after else [f"~ id: {before} -> {after}"]
        changes += _differences(old[before], new[after], name_of)
        was = _former_names(old[before], new[after])
        changed = Changed(after, new[after]["name"], was, changes)
        if was:
            found.renamed.append(changed)
        elif changes:
            found.updated.append(changed)
        else:
            found.unchanged += 1
    seen = set(pairs.values())
    found.added = {one: entry for one, entry in new.items() if one not in seen}
    found.removed = {one: entry for one, entry in old.items() if one not in pairs}
    return found


def names_of(entry: Entry) -> tuple[str, ...]:
    """Return the names by which an object may be named: a template has a visible and a technical one."""
    return tuple(dict.fromkeys(entry[key] for key in ("name", "host") if entry.get(key)))


def _former_names(old: Entry, new: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys(old[key] for key in ("name", "host") if old.get(key) and old[key] != new.get(key)))


def _differences(old: Entry, new: Entry, name_of: Callable[[str, str], str]) -> Iterator[str]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if isinstance(before or after, dict):
            yield from _of_dictionary(key, before or {}, after or {}, name_of)
        elif isinstance(before or after, list):
            yield from (f"- {key}: {name_of(key, one)}" for one in before or () if one not in (after or ()))
            yield from (f"+ {key}: {name_of(key, one)}" for one in after or () if one not in (before or ()))
        else:
            yield f"~ {key}: {_shown(before)} -> {_shown(after)}"


def _of_dictionary(
    key: str, before: Mapping[str, Any], after: Mapping[str, Any], name_of: Callable[[str, str], str]
) -> Iterator[str]:
    lines = [
        *(f"- {key}[{name_of(key, one)}]: {_shown(before[one])}" for one in before if one not in after),
        *(f"+ {key}[{name_of(key, one)}]: {_shown(after[one])}" for one in after if one not in before),
        *(
            f"~ {key}[{name_of(key, one)}]: {_shown(before[one])} -> {_shown(after[one])}"
            for one in after
            if one in before and before[one] != after[one]
        ),
    ]
    yield from lines[:MOST_TOLD]
    if len(lines) > MOST_TOLD:
        yield f"... and {len(lines) - MOST_TOLD} more of {key}"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(part)}" for key, part in value.items())
    if value is None:
        return "nothing"
    return f'"{value}"' if isinstance(value, str) else str(value)


#: how many of a kind may be gone without anybody having to say so
DEFAULTS = MaxDeletions(count=3)


def max_deletions_from(given: Mapping[str, Any] | None) -> dict[str, MaxDeletions]:
    """Return the limit of each kind from what a person gave: `{default: {count: 3}, templates: {percent: 5}}`.

    Raises InputError.
    """
    problems: list[str] = []
    limits: dict[str, MaxDeletions] = {}
    known = (*KINDS, DEFAULT)
    for kind, values in (given or {}).items():
        if kind not in known:
            problems.append(
                f'max_deletions: there is no kind "{kind}", only {", ".join(known)}.{nearest(str(kind), known)}'
            )
        elif not isinstance(values, Mapping):
            problems.append(f"max_deletions.{kind}: {values!r} is not of the form {{count: 3, percent: 5}}")
        else:
            for key, value in values.items():
                if key not in ("count", "percent"):
                    problems.append(f'max_deletions.{kind}: "{key}" is neither "count" nor "percent"')
                elif value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
                    problems.append(f"max_deletions.{kind}.{key}: {value!r} is not a number of 0 or more")
            limits[kind] = MaxDeletions(values.get("count"), values.get("percent"))
    if problems:
        raise InputError(problems)
    usual = limits.get(DEFAULT, DEFAULTS)
    return {kind: limits.get(kind, usual) for kind in KINDS}


def over_limits(changes: Mapping[str, KindChanges], limits: Mapping[str, MaxDeletions]) -> Iterator[str]:
    """Yield for each kind of which more is gone than may be what is too much: N pass, N + 1 do not."""
    for kind, found in changes.items():
        gone, limit = len(found.removed), limits[kind]
        what = f"{gone} of {found.before} {kind.replace('_', ' ')} are gone"
        if limit.count is not None and gone > limit.count:
            yield f"{what}, more than {limit.count:g} (netbox_zabbix_max_deletions.{kind}.count)"
        if limit.percent is not None and gone and 100 * gone > limit.percent * found.before:
            share = f"{100 * gone / found.before:.1f} %, more than {limit.percent:g} %"
            yield f"{what}, {share} (netbox_zabbix_max_deletions.{kind}.percent)"
