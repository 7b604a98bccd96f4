# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a host looks as it does: what each layer gave, what a later one overrode or took away, what did not match.

The values themselves come from `compute`. What is under them is found by walking the same layers again, one attribute
at a time, for the few objects that somebody asks about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..errors import InputError
from ..netbox.objects import NetBoxObject
from .compute import Outcome, attributes_of, find_recipe
from .fields import Template, to_texts
from .flat import flat, origin_of, shown
from .host_config import HostConfig, Macro, Secret
from .match import CUSTOM_FIELD, RELATED_KEYS, Match, compile_globs, identifiers, numbers
from .model import InterfaceChange, Layer, ListChange, MacroGiven, Policy, TagChange
from .names import HostNames

#: attributes of a layer that are called otherwise in a host config
_NAMES = {"host_groups": "groups", "monitor": "monitored_by"}
_NO_ATTRIBUTES = frozenset({"origin", "roots"})
EMPTY = "a field in it is empty"


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a layer gave and that does not count. `by`: the layer that overrode it or took it away, or why."""

    value: str
    origin: str
    by: str


@dataclass(slots=True)
class Value:
    """One value of the host and the layer that gave it. `overridden`: what earlier layers gave, the latest first."""

    attribute: str
    element: str
    value: str
    origin: str
    overridden: list[Given] = field(default_factory=list)


@dataclass(slots=True)
class Removed:
    """What a layer gave and the host does not have."""

    attribute: str
    element: str
    given: Given


@dataclass(slots=True)
class NotMatched:
    """A mapping that does not count for the object: the first key that fails, what it wants and what the object has."""

    mapping: str
    key: str
    wanted: str
    found: str


@dataclass(slots=True)
class Explanation:
    """All about one object. `outcome`: `host`, or `excluded`, `absent`, `failed` with the reason."""

    ref: str
    label: str
    outcome: str
    reason: str = ""
    host: str = ""
    name: str = ""
    layers: list[str] = field(default_factory=list)
    attributes: list[Value] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    not_matched: list[NotMatched] = field(default_factory=list)


def explain(policy: Policy, netbox_object: NetBoxObject, names: HostNames, result: HostConfig | Outcome) -> Explanation:
    """Return why `result`, which `compute` made of the object, looks as it does. Never raises InputError."""
    explanation = Explanation(netbox_object.ref, netbox_object.label, "host", host=names.host, name=names.name)
    explanation.not_matched = _not_matched(policy, netbox_object)
    try:
        recipe = find_recipe(policy, netbox_object)
    except InputError:
        layers: tuple[Layer, ...] = ()  # its reason is the result's
    else:
        layers = recipe.layers
        explanation.not_matched += _idle_defaults(policy, netbox_object, layers)
    explanation.layers = [layer.origin for layer in layers]
    if isinstance(result, Outcome):
        explanation.outcome, explanation.reason = result.kind, result.reason
        return explanation
    history = _History(attributes_of(netbox_object, with_identity=True))
    history.status(policy, netbox_object)
    for layer in layers:
        history.take(layer)
    _fill(explanation, result, history)
    return explanation


def _fill(explanation: Explanation, config: HostConfig, history: _History) -> None:
    explanation.host, explanation.name = config.host, config.name
    there = flat(config)
    for (attribute, element), text in sorted(there.items()):
        value = Value(attribute, element, text, origin_of(config, attribute, element))
        value.overridden = list(reversed(history.overridden.get((attribute, element), [])))
        if attribute == "interfaces":
            value.overridden += history.settings.get(element, [])
        explanation.attributes.append(value)
    for key, all_given in sorted(history.overridden.items()):
        if key not in there:
            explanation.removed += [Removed(*key, given) for given in all_given]


class _History:
    """What layers gave before others came over it, by attribute and element."""

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self._attributes = attributes
        #: what counts so far: (attribute, element) -> (value, origin)
        self._now: dict[tuple[str, str], tuple[str, str]] = {}
        self.overridden: dict[tuple[str, str], list[Given]] = {}
        #: settings of an interface that a later layer changed, by the interface's key
        self.settings: dict[str, list[Given]] = {}
        self._settings: dict[tuple[str, str], tuple[str, str]] = {}

    def status(self, policy: Policy, netbox_object: NetBoxObject) -> None:
        """Take in what the NetBox status says before any layer."""
        status = netbox_object.attributes.get("status")
        meaning = policy.statuses[netbox_object.kind].get(str(status))
        if meaning is not None:
            self._now["status", ""] = (meaning, f"NetBox status {status}")

    def take(self, layer: Layer) -> None:
        """Take in one layer, over those before it."""
        for entry in fields(layer):
            if entry.name in _NO_ATTRIBUTES:
                continue
            attribute, given = _NAMES.get(entry.name, entry.name), getattr(layer, entry.name)
            if isinstance(given, ListChange):
                self._list(attribute, given, layer.origin)
            elif isinstance(given, TagChange):
                self._tags(given, layer.origin)
            elif isinstance(given, InterfaceChange):
                self._interfaces(given, layer.origin)
            elif isinstance(given, Mapping):
                for name, value in given.items():
                    key = (name, "") if attribute == "scalars" else (attribute, name)
                    self._one(key, value, layer.origin)
            elif given is not None:
                self._one((attribute, ""), given, layer.origin)

    def _one(self, key: tuple[str, str], given: Any, origin: str) -> None:
        if given is None:
            self._drop(key, origin)
            return
        text = self._text(given)
        if text is None:
            self.overridden.setdefault(key, []).append(Given(_as_written(given), origin, EMPTY))
        else:
            self._set(key, text, origin)

    def _text(self, given: Any) -> str | None:
        """Return what a value yields for the object, None where a field in it is empty."""
        if isinstance(given, Template):
            return given.render_text(self._attributes)
        if isinstance(given, MacroGiven):
            text = given.value if isinstance(given.value, Secret) else given.value.render_text(self._attributes)
            return None if text is None else shown(Macro(text, given.type, given.description))
        if isinstance(given, tuple):  # what monitors the host: its kind, and a name
            kind, name = given
            found = None if name is None else name.render_text(self._attributes)
            if name is not None and not found:
                return None
            return f"{kind.replace('_', ' ')} {found}" if found else str(kind)
        return shown(given)

    def _list(self, attribute: str, change: ListChange, origin: str) -> None:
        self._clear(attribute, change.remove, change.replace, origin)
        for template in change.add:
            names = template.render(self._attributes)
            if not names:
                key = (attribute, template.text)
                self.overridden.setdefault(key, []).append(Given(template.text, origin, EMPTY))
            for name in names:
                # the layer that gave it first counts
                self._now.setdefault((attribute, name), (name, origin))

    def _tags(self, change: TagChange, origin: str) -> None:
        self._clear("tags", change.remove, change.replace, origin)
        for tag, given in change.values.items():
            if given is None:
                self._drop(("tags", tag), origin)
                continue
            values = [value for template in given for value in template.render(self._attributes)]
            if values:
                self._set(("tags", tag), ", ".join(sorted(set(values))), origin)
            else:
                written = Given(", ".join(template.text for template in given), origin, EMPTY)
                self.overridden.setdefault(("tags", tag), []).append(written)

    def _interfaces(self, change: InterfaceChange, origin: str) -> None:
        self._clear("interfaces", change.remove, change.replace, origin)
        for key, settings in change.settings.items():
            for word, value in settings.items():
                text = _setting(value)
                before = self._settings.get((key, word))
                if before is not None and before[0] != text:
                    self.settings.setdefault(key, []).append(Given(f"{word} {before[0]}", before[1], origin))
                if before is None or before[0] != text:
                    self._settings[key, word] = (text, origin)
            self._now["interfaces", key] = (key, origin)

    def _clear(self, attribute: str, globs: Iterable[str], everything: bool, origin: str) -> None:
        globs = tuple(globs)
        fits: Callable[[str], Any] = (lambda name: True) if everything else compile_globs(globs)
        if not globs and not everything:
            return
        for key in [key for key in self._now if key[0] == attribute]:
            if fits(key[1]):
                self._drop(key, origin)
                if attribute == "interfaces":
                    self._settings = {known: value for known, value in self._settings.items() if known[0] != key[1]}

    def _drop(self, key: tuple[str, str], by: str) -> None:
        if key in self._now:
            value, origin = self._now.pop(key)
            self.overridden.setdefault(key, []).append(Given(value, origin, by))

    def _set(self, key: tuple[str, str], value: str, origin: str) -> None:
        self._drop(key, origin)
        self._now[key] = (value, origin)


def _as_written(given: Any) -> str:
    if isinstance(given, MacroGiven):
        given = given.value
    if isinstance(given, tuple):
        given = given[1]
    return given.text if isinstance(given, Template) else shown(given)


def _setting(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_setting, value))
    return value.text if isinstance(value, Template) else shown(value)


def matching_mappings(policy: Policy, netbox_object: NetBoxObject) -> tuple[int, ...]:
    """Return the numbers of the mappings that match the object, whether or not a default among them counts."""
    return numbers(policy.index.matching(netbox_object))


def layers_of(policy: Policy, netbox_object: NetBoxObject) -> tuple[Layer, ...]:
    """Return the layers that count for the object. Raises InputError where one of them is wrong."""
    return find_recipe(policy, netbox_object).layers


def _idle_defaults(policy: Policy, netbox_object: NetBoxObject, layers: tuple[Layer, ...]) -> list[NotMatched]:
    """Return the defaults that match and do not count, since another mapping gave templates."""
    counting = set(map(id, layers))
    return [
        NotMatched(mapping.name, "default", "no template of any other mapping", "templates")
        for mapping in (policy.mappings[number] for number in matching_mappings(policy, netbox_object))
        if mapping.default and id(mapping.layer) not in counting
    ]


def _not_matched(policy: Policy, netbox_object: NetBoxObject) -> list[NotMatched]:
    found: list[NotMatched] = []
    for mapping in policy.mappings:
        if mapping.match is not None and not mapping.match.matches(netbox_object):
            found.append(NotMatched(mapping.name, *_first_failing(mapping.match, netbox_object)))
    return found


def _first_failing(match: Match, netbox_object: NetBoxObject) -> tuple[str, str, str]:
    """Return (key, wanted, found) of the first part of a match that does not hold."""
    for key, values in match.keys:
        if not Match(((key, values),)).matches(netbox_object):
            return key, " or ".join(values), _found(netbox_object, key)
    if match.negated is not None and match.negated.matches(netbox_object):
        return "not", f"not {_described(match.negated)}", "it matches"
    wanted = " or ".join(f"({_described(part)})" for part in match.any_of)
    return "any", wanted, "none of them matches"


def _described(match: Match) -> str:
    parts = [f"{key}: {' or '.join(values)}" for key, values in match.keys]
    if match.negated is not None:
        parts.append(f"not ({_described(match.negated)})")
    if match.any_of:
        parts.append(f"any of {', '.join(f'({_described(part)})' for part in match.any_of)}")
    return ", ".join(parts)


def _found(netbox_object: NetBoxObject, key: str) -> str:
    """Return what the object has for a match key, as a policy would write it."""
    attributes = netbox_object.attributes
    if key == "kind":
        return netbox_object.kind
    if key == "tag":
        texts = [tag["slug"] for tag in attributes.get("tags") or ()]
    elif key.startswith(CUSTOM_FIELD):
        texts = to_texts((attributes.get("custom_fields") or {}).get(key[len(CUSTOM_FIELD) :]))
    elif key in RELATED_KEYS:
        # in a tree the object's own place comes first, then what is above it
        return " in ".join(identifiers(key, attributes.get(key))) or "nothing"
    else:
        texts = to_texts(attributes.get(key))
    return ", ".join(texts) or "nothing"
