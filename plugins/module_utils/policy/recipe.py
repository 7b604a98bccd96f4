# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Layers merged into one recipe: what can be decided once for all objects that have the same layers.

Most objects share their layers with thousands of others, so all that does not depend on the object itself happens here.
Where it does, a value keeps the ones under it: a text with an empty field gives nothing, and the layer below counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..attribute_table import BY_NAME, Attribute
from .fields import Template
from .interfaces import InterfaceRecipe, make_recipe
from .inventory_fields import INVENTORY_FIELDS
from .match import compile_globs
from .model import Layer, ListChange, MacroGiven

#: attributes that texts can read but that are not among the attributes of a NetBox object
IDENTITY = frozenset({"id", "kind"})


@dataclass(slots=True)
class ListRecipe:
    """Names of templates or host groups. `fixed`: the result, where no object can change it."""

    steps: tuple[tuple[ListChange, Callable[[str], Any] | None, str], ...]
    fixed: dict[str, str] | None = None

    def names(self, attributes: Mapping[str, Any]) -> dict[str, str]:
        """Return the names for one object, each with the origin that gave it first. Not to be changed."""
        if self.fixed is not None:
            return self.fixed
        found: dict[str, str] = {}
        for change, fits, origin in self.steps:
            if change.replace:
                found.clear()
            if fits is not None:
                found = {name: giver for name, giver in found.items() if not fits(name)}
            for template in change.add:
                for name in template.render(attributes):
                    if name and name not in found:
                        found[name] = origin
        return found


#: what gave a value, and the value; of a chain the first that yields something counts
Chain = tuple[tuple[str, Any], ...]


@dataclass(slots=True)
class Recipe:
    """How to make the host config of any object that has these `layers`."""

    layers: tuple[Layer, ...]
    templates: ListRecipe
    host_groups: ListRecipe
    tags: tuple[tuple[str, Chain], ...]
    macros: tuple[tuple[str, Chain], ...]
    inventory: tuple[tuple[str, int, Chain], ...]
    inventory_mode: tuple[str, str] | None
    scalars: tuple[tuple[Attribute, Chain], ...]
    monitor: Chain
    interfaces: tuple[InterfaceRecipe, ...]
    status: tuple[str, str] | None
    #: whether a text asks for `id` or `kind`, which are not among an object's attributes
    wants_identity: bool


def make_recipe_of(layers: tuple[Layer, ...]) -> Recipe:
    """Merge `layers`, later over earlier. Raises InputError where together they make an impossible interface."""
    return Recipe(
        layers=layers,
        templates=merge_lists(layers, "templates"),
        host_groups=merge_lists(layers, "host_groups"),
        tags=_tags(layers),
        macros=_macros(layers),
        inventory=tuple((name, INVENTORY_FIELDS[name], chain) for name, chain in _chains(layers, "inventory").items()),
        inventory_mode=_last(layers, "inventory_mode"),
        scalars=tuple((BY_NAME[name], chain) for name, chain in _chains(layers, "scalars").items()),
        monitor=_all(layers, "monitor"),
        interfaces=_interfaces(layers),
        status=_last(layers, "status"),
        wants_identity=any(layer.roots & IDENTITY for layer in layers),
    )


def merge_lists(layers: tuple[Layer, ...], attribute: str) -> ListRecipe:
    """Merge what `layers` do to "templates" or "host_groups"."""
    steps = []
    for layer in layers:
        change = getattr(layer, attribute)
        if change is not None:
            steps.append((change, compile_globs(change.remove) if change.remove else None, layer.origin))
    recipe = ListRecipe(tuple(steps))
    if not any(template.roots for change, _fits, _origin in steps for template in change.add):
        recipe.fixed, recipe.steps = recipe.names({}), ()
    return recipe


def _chains(layers: tuple[Layer, ...], attribute: str) -> dict[str, Chain]:
    """Return for each name in a dictionary attribute what the layers give, the latest first."""
    chains: dict[str, Chain] = {}
    for layer in layers:
        for name, given in getattr(layer, attribute).items():
            chains[name] = () if given is None else ((layer.origin, given), *chains.get(name, ()))
    return {name: chain for name, chain in chains.items() if chain}


def _macros(layers: tuple[Layer, ...]) -> tuple[tuple[str, Chain], ...]:
    chains = _chains(layers, "macros")
    return tuple(chains.items())


def _tags(layers: tuple[Layer, ...]) -> tuple[tuple[str, Chain], ...]:
    chains: dict[str, Chain] = {}
    for layer in layers:
        change = layer.tags
        if change is None:
            continue
        if change.replace:
            chains.clear()
        if change.remove:
            fits = compile_globs(change.remove)
            chains = {tag: chain for tag, chain in chains.items() if not fits(tag)}
        for tag, given in change.values.items():
            chains[tag] = () if given is None else ((layer.origin, given), *chains.get(tag, ()))
    return tuple((tag, chain) for tag, chain in chains.items() if chain)


def _all(layers: tuple[Layer, ...], attribute: str) -> Chain:
    return tuple(
        [(layer.origin, value) for layer in reversed(layers) if (value := getattr(layer, attribute)) is not None]
    )


def _last(layers: tuple[Layer, ...], attribute: str) -> tuple[str, str] | None:
    chain = _all(layers, attribute)
    return chain[0] if chain else None


def _interfaces(layers: tuple[Layer, ...]) -> tuple[InterfaceRecipe, ...]:
    merged: dict[str, dict[str, Any]] = {}
    origins: dict[str, list[str]] = {}
    for layer in layers:
        change = layer.interfaces
        if change is None:
            continue
        if change.replace:
            merged.clear()
        if change.remove:
            fits = compile_globs(change.remove)
            merged = {key: settings for key, settings in merged.items() if not fits(key)}
        for key, settings in change.settings.items():
            if key not in merged:
                merged[key], origins[key] = {}, []
            merged[key].update(settings)
            origins[key].append(layer.origin)
    return tuple(make_recipe(key, settings, ", then ".join(origins[key])) for key, settings in merged.items())


def first_text(chain: Chain, attributes: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return (text, origin) of the first template of `chain` that yields one."""
    for origin, template in chain:
        text = template.render_text(attributes)
        if text is not None:
            return text, origin
    return None


def first_tag_values(chain: Chain, attributes: Mapping[str, Any]) -> tuple[list[str], str] | None:
    """Return (values, origin) of the first layer of `chain` that gives a tag any value."""
    templates: tuple[Template, ...]
    for origin, templates in chain:
        values = [value for template in templates for value in template.render(attributes)]
        if values:
            return values, origin
    return None


def first_macro(chain: Chain, attributes: Mapping[str, Any]) -> tuple[MacroGiven, str | None, str] | None:
    """Return (macro, its text if it is no secret, origin) of the first of `chain` that has a value."""
    given: MacroGiven
    for origin, given in chain:
        if not isinstance(given.value, Template):
            return given, None, origin
        text = given.value.render_text(attributes)
        if text is not None:
            return given, text, origin
    return None
