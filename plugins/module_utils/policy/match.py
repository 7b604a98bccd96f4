# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which mappings match which NetBox object.

`Match` is one mapping's condition, plain and slow. `MatchIndex` answers for all mappings at once: for each key it knows
which mappings a value satisfies, as the bits of a number, and remembers them for each related object. Then an object
costs one look-up for each key in use, however many mappings there are.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import nearest
from ..netbox.objects import (
    ALL_KINDS,
    DEVICE,
    TREES,
    VIRTUAL_DEVICE_CONTEXT,
    VIRTUAL_MACHINE,
    NetBoxObject,
    Related,
)
from .fields import to_texts

if TYPE_CHECKING:
    from .model import Policy

KINDS = ALL_KINDS
#: keys that match a related object: by its slug, or by its name where its kind has no slug
RELATED_KEYS = (
    *("region", "site_group", "site", "location", "rack", "role", "platform", "manufacturer", "device_type"),
    *("tenant", "tenant_group", "cluster", "cluster_type", "cluster_group", "virtual_chassis"),
)
#: those of them that have no slug
NAMED_KEYS = ("rack", "cluster", "virtual_chassis")
#: keys that are true or false
FLAGS = ("in_bay",)
KEYS = ("kind", "name", "status", *RELATED_KEYS, "tag", *FLAGS)
CUSTOM_FIELD = "custom_fields."
#: NetBox's own statuses; an installation may have more
STATUSES: dict[str, tuple[str, ...]] = {
    DEVICE: ("offline", "active", "planned", "staged", "failed", "inventory", "decommissioning"),
    VIRTUAL_MACHINE: ("offline", "active", "planned", "staged", "failed", "decommissioning", "paused"),
    VIRTUAL_DEVICE_CONTEXT: ("active", "planned", "offline"),
}


@dataclass(frozen=True, slots=True)
class Match:
    """What an object must be like: `keys` all have one of their values, one of `any_of` matches, `negated` does not."""

    keys: tuple[tuple[str, tuple[str, ...]], ...]
    negated: Match | None = None
    any_of: tuple[Match, ...] = ()

    def matches(self, netbox_object: NetBoxObject) -> bool:
        """Tell whether `netbox_object` satisfies all of it."""
        if not all(_has(netbox_object, key, values) for key, values in self.keys):
            return False
        if self.negated is not None and self.negated.matches(netbox_object):
            return False
        return not self.any_of or any(one.matches(netbox_object) for one in self.any_of)

    def conditions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield every key with its values, those of `not` and `any` too."""
        yield from self.keys
        for part in (*([self.negated] if self.negated else []), *self.any_of):
            yield from part.conditions()


def root_of(key: str) -> str:
    """Return the attribute of a NetBox object that a match key looks at."""
    if key.startswith(CUSTOM_FIELD):
        return "custom_fields"
    if key == "in_bay":
        return "parent_device"
    return "tags" if key == "tag" else key


def compile_globs(globs: Iterable[str]) -> Callable[[str], Any]:
    """Return a test for texts that one of `globs` fits, in whatever case; a glob also fits the text that it is."""
    patterns = [pattern for glob in globs for pattern in (fnmatch.translate(glob), re.escape(glob) + r"\Z")]
    return re.compile("|".join(patterns), re.IGNORECASE).match


def _has(netbox_object: NetBoxObject, key: str, values: tuple[str, ...]) -> bool:
    if key == "name":
        return bool(compile_globs(values)(netbox_object.attributes.get("name") or ""))
    return not set(values).isdisjoint(_values(netbox_object, key))


def _values(netbox_object: NetBoxObject, key: str) -> Iterable[str]:
    """Return what the object has for `key`: more than one for trees, tags and lists."""
    attributes = netbox_object.attributes
    if key == "kind":
        return (netbox_object.kind,)
    if key == "status":
        return to_texts(attributes.get("status"))
    if key == "in_bay":
        return ("true" if attributes.get("parent_device") else "false",)
    if key == "tag":
        return [tag["slug"] for tag in attributes.get("tags") or ()]
    if key.startswith(CUSTOM_FIELD):
        return to_texts((attributes.get("custom_fields") or {}).get(key[len(CUSTOM_FIELD) :]))
    return identifiers(key, attributes.get(key))


def identifiers(key: str, related: Mapping[str, Any] | None) -> list[str]:
    """Return what a related object answers to: its slug (or name), and those of all above it in a tree."""
    found: list[str] = []
    while related is not None:
        found.append(related.get("slug") or related["name"])
        related = related.get("parent") if key in TREES else None
    return found


class MatchIndex:
    """All mappings' conditions, by key and value. Bit n of a number stands for mapping n."""

    def __init__(self, matches: Iterable[Match | None]) -> None:
        self.everything = 0
        self._values: dict[str, dict[str, int]] = {}
        self._names: list[tuple[int, Callable[[str], Any]]] = []
        self._rest: list[tuple[int, Match]] = []
        constrained: dict[str, int] = {}
        for number, match in enumerate(matches):
            bit = 1 << number
            self.everything |= bit
            if match is None:
                continue
            for key, values in match.keys:
                if key == "name":
                    self._names.append((bit, compile_globs(values)))
                    continue
                constrained[key] = constrained.get(key, 0) | bit
                bits = self._values.setdefault(key, {})
                for value in values:
                    bits[value] = bits.get(value, 0) | bit
            if match.negated is not None or match.any_of:
                self._rest.append((bit, match))
        #: key -> the mappings that do not ask for it
        self._free = {key: self.everything & ~bits for key, bits in constrained.items()}
        self._related = [key for key in self._free if key in RELATED_KEYS]
        self._plain = [key for key in self._free if key not in RELATED_KEYS]
        # By identity, since related objects are shared; the object is kept so that its identity is not used again.
        self._remembered: dict[tuple[str, int], tuple[Any, int]] = {}

    def matching(self, netbox_object: NetBoxObject) -> int:
        """Return the mappings that match `netbox_object`, as bits."""
        bits = self.everything
        attributes = netbox_object.attributes
        for key in self._related:
            related = attributes.get(key)
            if related is None:
                bits &= self._free[key]
                continue
            known = self._remembered.get((key, id(related)))
            if known is None:
                known = (related, self._bits(key, identifiers(key, related)))
                self._remembered[key, id(related)] = known
            bits &= known[1]
        for key in self._plain:
            bits &= self._bits(key, _values(netbox_object, key))
        if self._names:
            name = attributes.get("name") or ""
            for bit, fits in self._names:
                if bits & bit and not fits(name):
                    bits &= ~bit
        for bit, match in self._rest:
            if bits & bit and not match.matches(netbox_object):
                bits &= ~bit
        return bits

    def _bits(self, key: str, values: Iterable[str]) -> int:
        table = self._values[key]
        bits = self._free[key]
        for value in values:
            bits |= table.get(value, 0)
        return bits


def numbers(bits: int) -> tuple[int, ...]:
    """Return the numbers of the bits that are set, lowest first."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return tuple(found)


def where(number: int, name: Any) -> str:
    """Return what messages call a mapping: its place in the policy, counted from 1, and its name."""
    return f'mapping {number + 1} "{name}"' if isinstance(name, str) and name else f"mapping {number + 1}"


def check_matches(policy: Policy, related: Related) -> list[str]:
    """Return the match values and custom fields that the policy names and NetBox does not know, one sentence each."""
    problems: list[str] = []
    statuses = {status for of_kind in (*policy.statuses.values(), *STATUSES.values()) for status in of_kind}
    for number, mapping in enumerate(policy.mappings):
        place = where(number, mapping.name)
        problems.extend(check_match(place, mapping.match, related, statuses))
        for template in mapping.layer.templates_in_use():
            for path in sorted(path for path in template.paths if path.startswith(CUSTOM_FIELD)):
                problem = _check_custom_field(path.split(".")[1], related)
                if problem:
                    problems.append(f'{place}: "{template.text}": {problem}')
    return problems


def check_match(place: str, match: Match | None, related: Related, statuses: Iterable[str]) -> Iterator[str]:
    """Yield the match values that NetBox does not know. `statuses`: all that are known."""
    for key, values in match.conditions() if match else ():
        found = [_check_value(key, value, related, statuses) for value in values]
        # The same text for each value where the key itself is unknown.
        yield from (f"{place}: match.{key}: {problem}" for problem in dict.fromkeys(found) if problem)


def _check_value(key: str, value: str, related: Related, statuses: Iterable[str]) -> str | None:
    """Return what is wrong with a match value, seen against what is in NetBox; None when it is known there."""
    if key in ("kind", "name"):
        return None
    if key in FLAGS:
        return None if value in ("true", "false") else f'is "{value}"; it must be true or false'
    if key.startswith(CUSTOM_FIELD):
        return _check_custom_field(key[len(CUSTOM_FIELD) :], related)
    if key == "status":
        known = sorted(statuses)
        if value in known:
            return None
        hint = nearest(value, known) or " Give one of your own a meaning in netbox_zabbix_statuses."
        return f'no status "{value}" is known; there are {", ".join(known)}.{hint}'
    table = related.tables.get(key) if key != "tag" else related.tables.get("tag", related.tables.get("tags"))
    if table is None:
        return None
    known = sorted({entry.get("slug") or entry["name"] for entry in table.values()})
    if value in known:
        return None
    named = [entry["slug"] for entry in table.values() if entry.get("slug") and entry["name"].lower() == value.lower()]
    hint = f' Did you mean "{named[0]}"?' if named else nearest(value, known)
    by = "name" if key in NAMED_KEYS else "slug"
    return f'NetBox has no {key.replace("_", " ")} with the {by} "{value}".{hint}'


def _check_custom_field(name: str, related: Related) -> str | None:
    if name in related.custom_fields:
        return None
    return f'NetBox has no custom field "{name}".{nearest(name, related.custom_fields)}'
