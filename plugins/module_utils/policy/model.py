# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy as read: what one layer gives, one mapping, all of them. Plain values; `parse.py` makes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from .fields import Template
from .host_config import Secret
from .match import Match, MatchIndex

if TYPE_CHECKING:
    from .recipe import ListRecipe, Recipe


@dataclass(frozen=True, slots=True)
class ListChange:
    """What a layer does to a list: `replace` empties it first, then the globs of `remove` go, then `add` comes."""

    add: tuple[Template, ...] = ()
    remove: tuple[str, ...] = ()
    replace: bool = False


@dataclass(frozen=True, slots=True)
class TagChange:
    """The same for tags. `values`: those that the layer gives for a tag, None where it takes the tag away."""

    values: dict[str, tuple[Template, ...] | None] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    replace: bool = False


@dataclass(frozen=True, slots=True)
class MacroGiven:
    """A macro of a layer. `value` is a secret, or a text with fields."""

    value: Template | Secret
    type: str
    description: str


@dataclass(frozen=True, slots=True)
class InterfaceChange:
    """What a layer does to interfaces. `settings`: by key (`snmp`, `snmp/core`), only what the layer says."""

    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """What one mapping, config context or custom field gives; None where it says nothing. `origin` names it."""

    origin: str
    templates: ListChange | None = None
    host_groups: ListChange | None = None
    tags: TagChange | None = None
    macros: dict[str, MacroGiven | None] = field(default_factory=dict)
    inventory: dict[str, Template | None] = field(default_factory=dict)
    inventory_mode: str | None = None
    #: attributes with one value, by the names of the attribute table
    scalars: dict[str, Template | Secret | str] = field(default_factory=dict)
    interfaces: InterfaceChange | None = None
    #: `server`, `proxy` or `proxy_group`, and the name of the latter two
    monitor: tuple[str, Template | None] | None = None
    status: str | None = None
    #: the attributes of NetBox objects that its texts read
    roots: frozenset[str] = frozenset()

    def templates_in_use(self) -> list[Template]:
        """Return every text with fields that the layer holds."""
        return [found for found in _values_within(self) if isinstance(found, Template)]


@dataclass(frozen=True, slots=True)
class PolicyMapping:
    """One entry of the policy. `default`: only where no other mapping gave templates."""

    name: str
    match: Match | None
    default: bool
    layer: Layer


@dataclass(slots=True)
class Memory:
    """What `compute` worked out for one object and can use for the next. Never changes a result.

    Shared values are told apart by identity (`id`); whoever uses that as a key keeps the value, so that its identity is
    not used again.
    """

    #: matching mappings as bits -> the layers of the ordinary ones, and of the defaults
    matching: dict[int, tuple[tuple[Layer, ...], tuple[Layer, ...]]] = field(default_factory=dict)
    #: identities of layers -> what they make together, or the problems that they have together
    templates: dict[tuple[int, ...], ListRecipe] = field(default_factory=dict)
    recipes: dict[tuple[int, ...], Recipe | tuple[tuple[Layer, ...], list[str]]] = field(default_factory=dict)
    #: config context as text -> its layer, or its problems
    contexts: dict[str, Layer | list[str]] = field(default_factory=dict)
    #: identity of a related object -> it, and the layers of its custom fields
    related: dict[int, tuple[Mapping[str, Any], tuple[Layer, ...]]] = field(default_factory=dict)
    #: an object's own custom fields as text -> their layers
    own: dict[str, tuple[Layer, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Policy:
    """A whole policy, checked and ready. Keep one for a run: it remembers what it worked out for shared objects.

    `statuses`: kind -> NetBox status -> enabled, disabled or absent. `secret_values`: to mask in whatever is shown.
    `roots`: the attributes of NetBox objects that it reads. `inventory_fields`: those that a mapping sets (a config
    context may set others). `digest`: the same for policies that mean the same; says nothing about secret values.
    """

    mappings: tuple[PolicyMapping, ...]
    statuses: dict[str, dict[str, str]]
    secrets: dict[str, Secret] = field(repr=False)
    secret_values: frozenset[str] = field(repr=False)
    roots: frozenset[str]
    inventory_fields: frozenset[str]
    digest: str
    index: MatchIndex = field(repr=False)
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)


def digest_of(mappings: tuple[PolicyMapping, ...], statuses: Mapping[str, Mapping[str, str]]) -> str:
    """Return a digest of what the policy means: the way it is written, and the values of secrets, do not count."""
    text = json.dumps([_plain(mappings), _plain(statuses)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Template):
        return value.text
    if isinstance(value, Secret):
        return {"secret": value.name}
    if is_dataclass(value):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return sorted(value) if isinstance(value, frozenset) else value


def _values_within(value: Any) -> list[Any]:
    """Return all values inside dataclasses, dictionaries and tuples, at any depth."""
    if is_dataclass(value) and not isinstance(value, Template | Secret):
        return [found for entry in fields(value) for found in _values_within(getattr(value, entry.name))]
    if isinstance(value, Mapping):
        return [found for entry in value.values() for found in _values_within(entry)]
    if isinstance(value, tuple):
        return [found for entry in value for found in _values_within(entry)]
    return [value]
