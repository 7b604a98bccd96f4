# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One NetBox object and the policy -> the host that Zabbix should have, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..attribute_table import MORE
from ..errors import InputError
from ..netbox.objects import NetBoxObject
from .attributes import LAYER_KEYS, parse_layer
from .checks import Report, as_mapping
from .custom_fields import CARRIERS, EXCLUDE, NAMES, custom_field_layers
from .fields import Template
from .foreign_context import translate
from .host_config import ABSENT, HostConfig, Interface, Macro, Secret
from .interfaces import make_interfaces
from .match import numbers
from .model import Layer, Policy
from .names import HostNames, technical_name, visible_name
from .recipe import (
    IDENTITY,
    Chain,
    ListRecipe,
    Recipe,
    first_macro,
    first_tag_values,
    first_text,
    make_recipe_of,
    merge_lists,
)

CONTEXT = "config context"
CONTEXT_KEY = "zabbix"

_GROUP_LENGTH, _TAG_VALUE_LENGTH, _MACRO_LENGTH = 255, 255, 2048


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why an object gets no host config. `kind`: `excluded` (not to be monitored), `absent` (its status), `failed`."""

    ref: str
    label: str
    kind: str
    reason: str


def compute(policy: Policy, netbox_object: NetBoxObject, names: HostNames) -> HostConfig | Outcome:
    """Return the host that `netbox_object` should have under `policy`, or why it has none. Never raises InputError."""
    if (netbox_object.attributes.get("custom_fields") or {}).get(EXCLUDE) is True:
        return _outcome(netbox_object, "excluded", f"custom field {EXCLUDE} is set")
    try:
        return _compute(policy, netbox_object, names)
    except InputError as error:
        return _outcome(netbox_object, "failed", "; ".join(error.problems))


def _outcome(netbox_object: NetBoxObject, kind: str, reason: str) -> Outcome:
    return Outcome(netbox_object.ref, netbox_object.label, kind, reason)


def _compute(policy: Policy, netbox_object: NetBoxObject, names: HostNames) -> HostConfig | Outcome:
    recipe = find_recipe(policy, netbox_object)
    if not recipe.layers:
        return _outcome(netbox_object, "excluded", "no mapping matches it")
    status, status_origin = _find_status(policy, netbox_object, recipe)
    if status == ABSENT:
        return _outcome(netbox_object, ABSENT, f"status {status} by {status_origin}")
    attributes = attributes_of(netbox_object, recipe.wants_identity)
    config = HostConfig(netbox_object.ref, netbox_object.label, names.host, names.name, status)
    origins = config.origins
    origins["status"] = status_origin
    _give_lists(config, recipe, attributes)
    _give_tags(config, recipe, attributes)
    _give_macros(config, recipe, attributes)
    _give_inventory(config, recipe, attributes)
    _give_scalars(config, recipe, attributes)
    _give_monitor(config, recipe, attributes)
    config.interfaces = tuple(
        _with_own_secrets(interface, config, attributes)
        for interface in make_interfaces(recipe.interfaces, attributes, netbox_object.kind)
    )
    present = {interface.key for interface in config.interfaces}
    for interface_recipe in recipe.interfaces:
        if interface_recipe.key in present:
            origins[f"interfaces/{interface_recipe.key}"] = interface_recipe.origin
    return config


def attributes_of(netbox_object: NetBoxObject, with_identity: bool) -> Mapping[str, Any]:
    """Return what texts can read of the object; `id` and `kind` only where asked for, since that takes a copy."""
    if not with_identity:
        return netbox_object.attributes
    return {**netbox_object.attributes, "id": netbox_object.id, "kind": netbox_object.kind}


def _find_status(policy: Policy, netbox_object: NetBoxObject, recipe: Recipe) -> tuple[str, str]:
    """Return (enabled, disabled or absent, what says so)."""
    if recipe.status is not None:
        origin, status = recipe.status
        return status, origin
    netbox_status = netbox_object.attributes.get("status")
    known = policy.statuses[netbox_object.kind]
    if netbox_status not in known:
        raise InputError(
            [
                f'the policy does not know the NetBox status "{netbox_status}"; give it a meaning in '
                f"netbox_zabbix_statuses: {{{netbox_object.kind}: {{{netbox_status}: enabled}}}}"
            ]
        )
    return known[netbox_status], f"NetBox status {netbox_status}"


def _give_lists(config: HostConfig, recipe: Recipe, attributes: Mapping[str, Any]) -> None:
    groups = recipe.host_groups.names(attributes)
    if not groups:
        raise InputError(["no layer of the policy gives it a host group, and a Zabbix host needs one"])
    for name, origin in groups.items():
        if len(name) > _GROUP_LENGTH:
            raise InputError(
                [f'host group of {origin}: "{name[:40]}..." has {len(name)} characters; Zabbix takes {_GROUP_LENGTH}']
            )
        config.origins[f"groups/{name}"] = origin
    templates = recipe.templates.names(attributes)
    for name, origin in templates.items():
        config.origins[f"templates/{name}"] = origin
    config.groups, config.templates = frozenset(groups), frozenset(templates)


def _give_tags(config: HostConfig, recipe: Recipe, attributes: Mapping[str, Any]) -> None:
    tags: set[tuple[str, str]] = set()
    for tag, chain in recipe.tags:
        found = first_tag_values(chain, attributes)
        if found is None:
            continue
        for value in found[0]:
            cut = value[:_TAG_VALUE_LENGTH]
            tags.add((tag, cut))
            config.origins[f"tags/{tag}/{cut}"] = found[1]
    config.tags = frozenset(tags)


def _give_macros(config: HostConfig, recipe: Recipe, attributes: Mapping[str, Any]) -> None:
    for name, chain in recipe.macros:
        found = first_macro(chain, attributes)
        if found is None:
            continue
        given, text, origin = found
        value: str | Secret = text or ""
        if isinstance(given.value, Secret):
            value = _own_secret(given.value, config, attributes)
        if len(value.value if isinstance(value, Secret) else value) > _MACRO_LENGTH:
            raise InputError([f"macro {name} of {origin}: the value is longer than the {_MACRO_LENGTH} of Zabbix"])
        config.macros[name] = Macro(value, given.type, given.description)
        config.origins[f"macros/{name}"] = origin


def _give_inventory(config: HostConfig, recipe: Recipe, attributes: Mapping[str, Any]) -> None:
    mode = recipe.inventory_mode
    if mode is not None:
        config.origins["inventory_mode"], config.inventory_mode = mode
        if config.inventory_mode == "disabled":
            return
    for name, length, chain in recipe.inventory:
        found = first_text(chain, attributes)
        if found is not None:
            config.inventory[name] = found[0][:length]
            config.origins[f"inventory/{name}"] = found[1]
    if mode is None and recipe.inventory:
        config.inventory_mode = "manual"
        config.origins["inventory_mode"] = recipe.inventory[0][2][0][0]


def _give_scalars(config: HostConfig, recipe: Recipe, attributes: Mapping[str, Any]) -> None:
    """Give the attributes with one value, by the attribute table."""
    for attribute, chain in recipe.scalars:
        found = _first_value(chain, attributes)
        if found is None:
            continue
        value, origin = found
        if isinstance(value, Secret):
            value = _own_secret(value, config, attributes)
        elif attribute.name == "host":
            value = technical_name(value)
        elif attribute.name == "name":
            value = visible_name(value)
        elif attribute.length:
            value = value[: attribute.length]
        config.origins[attribute.name] = origin
        if attribute.plain:
            setattr(config, attribute.name, value)
        else:
            config.more[attribute.name] = value
    _check_encryption(config)


def _own_secret(secret: Secret, config: HostConfig, attributes: Mapping[str, Any]) -> Secret:
    """Return a secret as it is for one object. Raises InputError where it has no value for it."""
    own = secret.of(config.ref, attributes.get("name"))
    if not own.value:
        raise InputError([f'secret "{secret.name}" has no value for it: give it one, or a "default"'])
    return own


def _with_own_secrets(interface: Interface, config: HostConfig, attributes: Mapping[str, Any]) -> Interface:
    if not any(isinstance(value, Secret) and value.own for name, value in interface.details):
        return interface
    details = tuple(
        (name, _own_secret(value, config, attributes) if isinstance(value, Secret) else value)
        for name, value in interface.details
    )
    return replace(interface, details=details)


def _first_value(chain: Chain, attributes: Mapping[str, Any]) -> tuple[Any, str] | None:
    """Return (value, origin) of the first layer of `chain` that yields one."""
    for origin, given in chain:
        value = given.render_text(attributes) if isinstance(given, Template) else given
        if value is not None:
            return value, origin
    return None


def _check_encryption(config: HostConfig) -> None:
    """Raise InputError for what Zabbix refuses: keys without the encryption that they are for, and the reverse."""
    more = config.more
    words = f"{more.get('tls_connect', '')}, {more.get('tls_accept', '')}".split(", ")
    for attribute in MORE:
        if attribute.only_with and attribute.name in more and attribute.only_with not in words:
            raise InputError(
                [
                    f"{attribute.name} of {config.origins[attribute.name]} is for encryption by "
                    f"{attribute.only_with}, and neither tls_connect nor tls_accept says so"
                ]
            )
    if "psk" in words and not ("tls_psk" in more and "tls_psk_identity" in more):
        raise InputError(["encryption by psk is wanted, and it needs both tls_psk_identity and tls_psk"])


def _give_monitor(config: HostConfig, recipe: Recipe, attributes: Mapping[str, Any]) -> None:
    for origin, (kind, template) in recipe.monitor:
        name = template.render_text(attributes) if template is not None else None
        if template is None or name:
            config.monitored_by, config.monitor, config.origins["monitored_by"] = kind, name, origin
            return


def find_recipe(policy: Policy, netbox_object: NetBoxObject) -> Recipe:
    """Return the recipe of all layers that count for the object."""
    matching, defaults = _matching_layers(policy, policy.index.matching(netbox_object))
    own = (*_context_layers(policy, netbox_object), *_custom_field_layers(policy, netbox_object))
    for default in defaults:
        # A default counts only where no mapping gave templates; what is in NetBox comes on top of it either way.
        templates = _templates_of(policy, matching)
        if templates.names(attributes_of(netbox_object, not policy.roots.isdisjoint(IDENTITY))):
            break
        matching = (*matching, default)
    return _recipe_of(policy, matching + own)


def _matching_layers(policy: Policy, bits: int) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """Return the layers of the matching mappings: the ordinary ones and the defaults."""
    known = policy.memory.matching.get(bits)
    if known is None:
        mappings = [policy.mappings[number] for number in numbers(bits)]
        known = policy.memory.matching[bits] = (
            tuple(mapping.layer for mapping in mappings if not mapping.default),
            tuple(mapping.layer for mapping in mappings if mapping.default),
        )
    return known


def _templates_of(policy: Policy, layers: tuple[Layer, ...]) -> ListRecipe:
    """Return what `layers`, all of them of mappings, do to the templates."""
    key = tuple(map(id, layers))
    known = policy.memory.templates.get(key)
    if known is None:
        known = policy.memory.templates[key] = merge_lists(layers, "templates")
    return known


def _recipe_of(policy: Policy, layers: tuple[Layer, ...]) -> Recipe:
    key = tuple(map(id, layers))
    known = policy.memory.recipes.get(key)
    if known is None:
        try:
            known = make_recipe_of(layers)
        except InputError as error:
            known = (layers, error.problems)
        policy.memory.recipes[key] = known
    if isinstance(known, tuple):
        raise InputError(known[1])
    return known


def _context_layers(policy: Policy, netbox_object: NetBoxObject) -> tuple[Layer, ...]:
    context = (netbox_object.attributes.get("config_context") or {}).get(CONTEXT_KEY)
    if context is None or context == {}:
        return ()
    key = json.dumps(context, sort_keys=True)
    known = policy.memory.contexts.get(key)
    if known is None:
        known = policy.memory.contexts[key] = _parse_context(policy, context)
    if isinstance(known, list):
        raise InputError(known)
    return (known,)


def _parse_context(policy: Policy, context: Any) -> Layer | list[str]:
    report = Report(CONTEXT, policy.secrets)
    ours = translate(as_mapping(report, CONTEXT_KEY, context), report)
    layer = parse_layer(as_mapping(report, CONTEXT_KEY, ours, LAYER_KEYS), report, CONTEXT)
    return report.problems or layer


def _custom_field_layers(policy: Policy, netbox_object: NetBoxObject) -> tuple[Layer, ...]:
    attributes = netbox_object.attributes
    layers: tuple[Layer, ...] = ()
    for carrier in CARRIERS:
        related = attributes.get(carrier)
        if related is None:
            continue
        known = policy.memory.related.get(id(related))
        if known is None:
            known = (related, custom_field_layers(related.get("custom_fields"), carrier))
            policy.memory.related[id(related)] = known
        layers += known[1]
    own = attributes.get("custom_fields")
    if not own or not any(own.get(name) for name in NAMES):
        return layers
    key = json.dumps([own.get(name) for name in NAMES])
    if key not in policy.memory.own:
        policy.memory.own[key] = custom_field_layers(own, None)
    return layers + policy.memory.own[key]
