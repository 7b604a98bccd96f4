# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a layer can give: one row in `ATTRIBUTES` for each key, with the function that reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..attribute_table import CHOICE, CHOICES, SCALARS, SECRET, Attribute
from ..errors import nearest
from .checks import (
    USER_MACRO,
    Report,
    as_list,
    as_mapping,
    as_one_or_list,
    as_secret,
    as_secret_or_macro,
    as_template,
    as_text,
    below,
    describe,
    entry,
    one_of,
)
from .fields import Template
from .host_config import ABSENT, DISABLED, ENABLED, Secret
from .interfaces import parse_interfaces
from .inventory_fields import INVENTORY_FIELDS
from .model import Layer, ListChange, MacroGiven, TagChange

#: what marks a host as ours; the policy must not touch it
RESERVED_TAGS = ("netbox_instance", "netbox_id")
RESERVED_MACRO = "{$NETBOX.APPLIED}"

_CHANGE_WORDS = ("add", "remove", "replace")
_TAG_LENGTH = 255
_PSK = re.compile(r"([0-9A-Fa-f]{2}){16,256}")


def parse_layer(raw: Mapping[str, Any], report: Report, origin: str) -> Layer:
    """Read the attributes in `raw`. Keys that are not in `LAYER_KEYS` are the caller's."""
    given: dict[str, Any] = {}
    for key, value in raw.items():
        if key in SCALAR_KEYS:
            name, parse = SCALAR_KEYS[key]
            parsed = parse(report, key, value)
            if parsed is not None:
                given.setdefault("scalars", {})[name] = parsed
            continue
        if key not in ATTRIBUTES:
            continue
        name, parse = ATTRIBUTES[key]
        parsed = parse(report, key, value)
        if parsed is not None:
            given[name] = parsed
    monitors = [key for key in ("proxy", "proxy_group", "monitored_by") if key in raw]
    if len(monitors) > 1:
        report.problem("", f"{' and '.join(monitors)} exclude each other; keep one of them")
    layer = Layer(origin, **given)
    return replace(layer, roots=frozenset(root for template in layer.templates_in_use() for root in template.roots))


def _list_change(levels: bool) -> Callable[[Report, str, Any], ListChange]:
    def parse(report: Report, path: str, value: Any) -> ListChange:
        if not isinstance(value, Mapping):
            return ListChange(_templates(report, path, value))
        change = as_mapping(report, path, value, _CHANGE_WORDS)
        if not change:
            report.problem(path, "says nothing; write a list, or add, remove, replace with a list each")
        return ListChange(
            add=(
                *_templates(report, below(path, "replace"), change.get("replace", [])),
                *_templates(report, below(path, "add"), change.get("add", [])),
            ),
            remove=_globs(report, below(path, "remove"), change.get("remove", [])),
            replace="replace" in change,
        )

    def _templates(report: Report, path: str, value: Any) -> tuple[Template, ...]:
        found = [
            as_template(report, entry(path, number), text, levels=levels)
            for number, text in enumerate(as_list(report, path, value))
        ]
        return tuple(template for template in found if template is not None)

    return parse


def _globs(report: Report, path: str, value: Any) -> tuple[str, ...]:
    found = [as_text(report, entry(path, number), glob) for number, glob in enumerate(as_list(report, path, value))]
    return tuple(glob for glob in found if glob is not None)


def _parse_tags(report: Report, path: str, value: Any) -> TagChange:
    if not isinstance(value, Mapping):
        return TagChange(_tag_list(report, path, value))
    # A tag may be called "add"; it is one of the three words only where a list or dictionary stands behind all of them.
    if not value or not all(key in _CHANGE_WORDS and isinstance(given, list | Mapping) for key, given in value.items()):
        return TagChange(_tag_dictionary(report, path, value))
    values: dict[str, tuple[Template, ...] | None] = {}
    for word in ("replace", "add"):
        if word in value:
            read = _tag_dictionary if isinstance(value[word], Mapping) else _tag_list
            values.update(read(report, below(path, word), value[word]))
    return TagChange(values, _globs(report, below(path, "remove"), value.get("remove", [])), "replace" in value)


def _tag_dictionary(report: Report, path: str, value: Mapping[str, Any]) -> dict[str, tuple[Template, ...] | None]:
    tags: dict[str, tuple[Template, ...] | None] = {}
    for key, given in value.items():
        place = below(path, key)
        tag = _tag_name(report, place, key)
        if tag is None:
            continue
        if given is None:
            tags[tag] = None
            continue
        found = [as_template(report, place, one, empty=True) for one in as_one_or_list(report, place, given)]
        tags[tag] = tuple(template for template in found if template is not None)
    return tags


def _tag_list(report: Report, path: str, value: Any) -> dict[str, tuple[Template, ...] | None]:
    tags: dict[str, tuple[Template, ...] | None] = {}
    for number, raw in enumerate(as_list(report, path, value)):
        place = entry(path, number)
        given = as_mapping(report, place, raw, ["tag", "value"])
        if not isinstance(raw, Mapping):
            continue
        tag = _tag_name(report, below(place, "tag"), given.get("tag"))
        template = as_template(report, below(place, "value"), given.get("value", ""), empty=True)
        if tag is not None and template is not None:
            tags[tag] = (*(tags.get(tag) or ()), template)
    return tags


def _tag_name(report: Report, path: str, value: Any) -> str | None:
    template = as_template(report, path, value)
    if template is None:
        return None
    if template.roots:
        report.problem(path, f"{describe(value)}: a tag's name takes no {{fields}}, only its value does")
        return None
    if template.text in RESERVED_TAGS:
        report.problem(path, f'the tag "{template.text}" is reserved: it marks the hosts that belong to NetBox')
        return None
    if len(template.text) > _TAG_LENGTH:
        report.problem(path, f"is {len(template.text)} characters long; Zabbix takes {_TAG_LENGTH}")
        return None
    return template.text


def _parse_macros(report: Report, path: str, value: Any) -> dict[str, MacroGiven | None]:
    macros: dict[str, MacroGiven | None] = {}
    for name, given in as_mapping(report, path, value).items():
        place = below(path, name)
        if not isinstance(name, str) or not USER_MACRO.fullmatch(name):
            upper = str(name).strip("{$}").upper()
            hint = f' Did you mean "{{${upper}}}"?' if USER_MACRO.fullmatch(f"{{${upper}}}") else ""
            report.problem(path, f'"{name}" is no user macro; they look like {{$NAME}}: A-Z, 0-9, "_" and ".".{hint}')
        elif name == RESERVED_MACRO:
            report.problem(place, "is reserved: it remembers what was last applied to the host")
        elif given is None:
            macros[name] = None
        else:
            macro = _macro(report, place, given)
            if macro is not None:
                macros[name] = macro
    return macros


def _macro(report: Report, path: str, given: Any) -> MacroGiven | None:
    if not isinstance(given, Mapping):
        value = as_template(report, path, given, empty=True)
        return None if value is None else MacroGiven(value, "text", "")
    if "secret" in given:
        given = {"value": given}
    parts = as_mapping(report, path, given, ["value", "type", "description"])
    if "value" not in parts:
        report.problem(path, 'has no "value"')
        return None
    referred = isinstance(parts["value"], Mapping)
    kind = "secret" if referred else "text"
    if "type" in parts:
        kind = one_of(report, below(path, "type"), parts["type"], ("text", "secret", "vault")) or kind
    description = str(parts.get("description") or "")
    place = below(path, "value")
    if referred:
        secret = as_secret(report, place, parts["value"])
        if kind == "text":
            report.problem(path, "a secret in a macro of type text could be read by anyone; make it type secret")
        return None if secret is None else MacroGiven(secret, kind, description)
    if kind == "secret":
        report.problem(place, "is written out; a macro of type secret takes a reference: {secret: name}")
        return None
    value = as_template(report, place, parts["value"], empty=kind == "text")
    return None if value is None else MacroGiven(value, kind, description)


def _parse_inventory(report: Report, path: str, value: Any) -> dict[str, Template | None]:
    inventory: dict[str, Template | None] = {}
    for name, given in as_mapping(report, path, value).items():
        if name not in INVENTORY_FIELDS:
            hint = nearest(str(name), INVENTORY_FIELDS)
            report.problem(path, f'Zabbix has no inventory field "{name}".{hint}')
        elif given is None:
            inventory[name] = None
        else:
            template = as_template(report, below(path, name), given, empty=True)
            if template is not None:
                inventory[name] = template
    return inventory


def _scalar(attribute: Attribute) -> Callable[[Report, str, Any], Template | Secret | str | None]:
    """Return what reads an attribute with one value, by its row in the table."""

    def parse(report: Report, path: str, value: Any) -> Template | Secret | str | None:
        if attribute.kind == CHOICE:
            return one_of(report, path, value, attribute.codes)
        if attribute.kind == CHOICES:
            words = [one_of(report, path, item, attribute.codes) for item in as_one_or_list(report, path, value)]
            return ", ".join(word for word in attribute.codes if word in words) or None
        if attribute.kind == SECRET:
            return _parse_secret(report, path, value, attribute)
        return as_template(report, path, value, empty=attribute.name == "description")

    return parse


def _parse_secret(report: Report, path: str, value: Any, attribute: Attribute) -> Secret | str | None:
    if attribute.write_only and not isinstance(value, Mapping):
        report.problem(path, "must be a reference ({secret: name}), never the secret itself")
        return None
    secret = as_secret_or_macro(report, path, value)
    for given in (secret.value, *secret.own.values()) if isinstance(secret, Secret) else ():
        if not given:
            continue  # it has values of single hosts only
        if len(given) > attribute.length:
            report.problem(path, f"the secret is longer than the {attribute.length} characters that Zabbix takes")
        elif attribute.name == "tls_psk" and not _PSK.fullmatch(given):
            report.problem(
                path, "the secret is no pre-shared key: 32 to 512 hexadecimal digits, an even number of them"
            )
    return secret


def _parse_monitor(kind: str) -> Callable[[Report, str, Any], tuple[str, Template | None] | None]:
    def parse(report: Report, path: str, value: Any) -> tuple[str, Template | None] | None:
        template = as_template(report, path, value)
        return None if template is None else (kind, template)

    return parse


def _parse_monitored_by(report: Report, path: str, value: Any) -> tuple[str, Template | None] | None:
    if value == "server":
        return "server", None
    report.problem(path, f"is {describe(value)}; it can only be server, a proxy is given by proxy or proxy_group")
    return None


def _word(*allowed: str) -> Callable[[Report, str, Any], str | None]:
    return lambda report, path, value: one_of(report, path, value, allowed)


#: key -> the attribute of `Layer` that it fills, and what reads it
ATTRIBUTES: dict[str, tuple[str, Callable[[Report, str, Any], Any]]] = {
    "templates": ("templates", _list_change(levels=False)),
    "host_groups": ("host_groups", _list_change(levels=True)),
    "tags": ("tags", _parse_tags),
    "macros": ("macros", _parse_macros),
    "inventory": ("inventory", _parse_inventory),
    "inventory_mode": ("inventory_mode", _word("disabled", "manual", "automatic")),
    "interfaces": ("interfaces", parse_interfaces),
    "proxy": ("monitor", _parse_monitor("proxy")),
    "proxy_group": ("monitor", _parse_monitor("proxy_group")),
    "monitored_by": ("monitor", _parse_monitored_by),
    "status": ("status", _word(ENABLED, DISABLED, ABSENT)),
}
#: the attributes with one value that need no function of their own: key -> name, and what reads it
SCALAR_KEYS: dict[str, tuple[str, Callable[[Report, str, Any], Any]]] = {
    attribute.key: (attribute.name, _scalar(attribute)) for attribute in SCALARS if attribute.key not in ATTRIBUTES
}
#: all that a mapping can give
LAYER_KEYS: tuple[str, ...] = (*ATTRIBUTES, *SCALAR_KEYS)
