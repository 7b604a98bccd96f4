# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON Schemas of the policy, from the same tables that read it: for editors, and for NetBox's config-context profiles.

A schema says what can be said without knowing the estate: keys, types, words. `parse_policy` says the rest.
"""

from __future__ import annotations

from typing import Any

from ..attribute_table import CHOICE, CHOICES, SCALARS, SECRET, Attribute
from .attributes import ATTRIBUTES
from .foreign_context import KEYS as FOREIGN_KEYS
from .host_config import ABSENT
from .interfaces import COMMON_KEYS, FLAGS, SECRETS, SNMP_KEYS, WORDS
from .inventory_fields import INVENTORY_FIELDS
from .match import FLAGS as MATCH_FLAGS
from .match import KEYS, KINDS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_PLAIN: Schema = {"type": ["string", "number", "boolean"]}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_SECRET: Schema = {
    "type": "object",
    "properties": {"secret": _TEXT},
    "required": ["secret"],
    "additionalProperties": False,
}
_MACRO_REFERENCE: Schema = {"type": "string", "pattern": r"^\{\$[A-Z0-9_.]+(:.*)?\}$"}
_SECRET_OR_MACRO: Schema = {"anyOf": [_SECRET, _MACRO_REFERENCE]}


def policy_schema() -> Schema:
    """Return the schema of a file with `netbox_zabbix_mappings`, or of a list of mappings alone."""
    mappings = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/mapping"}}
    return {
        "$schema": DRAFT,
        "title": "Policy of netops.netbox_zabbix",
        "anyOf": [
            {
                "type": "object",
                "properties": {"netbox_zabbix_mappings": mappings},
                "required": ["netbox_zabbix_mappings"],
            },
            mappings,
        ],
        "$defs": {"mapping": _mapping(), "match": _match()},
    }


def context_schema() -> Schema:
    """Return the schema of a config context whose key `zabbix` is ours, for a config-context profile of NetBox."""
    layer = _layer()
    layer["properties"].update({key: {} for key in FOREIGN_KEYS})
    # netbox-zabbix-sync's users write one template without a list, and tags as a list of pairs
    layer["properties"]["templates"] = {"anyOf": [layer["properties"]["templates"], _TEXT]}
    layer["properties"]["tags"] = {
        "anyOf": [layer["properties"]["tags"], {"type": "array", "items": {"type": "object"}}]
    }
    return {
        "$schema": DRAFT,
        "title": "Config context of netops.netbox_zabbix",
        "type": "object",
        "properties": {"zabbix": layer},
    }


def _mapping() -> Schema:
    mapping = _layer()
    mapping["properties"] = {
        "name": {**_TEXT, "description": "Its own name, used in messages and explanations"},
        "match": {"$ref": "#/$defs/match"},
        "default": {"type": "boolean", "description": "Counts only where no other mapping gave templates"},
        **mapping["properties"],
    }
    mapping["required"] = ["name"]
    return mapping


def _match() -> Schema:
    one = {"type": ["string", "number", "boolean"]}
    values = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
    properties: Schema = dict.fromkeys(KEYS, values)
    properties["kind"] = {"anyOf": [{"enum": list(KINDS)}, {"type": "array", "items": {"enum": list(KINDS)}}]}
    properties.update({key: {"type": "boolean"} for key in MATCH_FLAGS})
    properties["not"] = {"$ref": "#/$defs/match"}
    properties["any"] = {"type": "array", "items": {"$ref": "#/$defs/match"}, "minItems": 1}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": properties,
        "patternProperties": {r"^custom_fields\.\w+$": values},
        "additionalProperties": False,
    }


def _layer() -> Schema:
    """Return the schema of what a mapping or a config context gives."""
    properties: Schema = {
        "templates": _changes(_TEXTS),
        "host_groups": _changes(_TEXTS),
        "tags": _tags(),
        "macros": _macros(),
        "inventory": {
            "type": "object",
            "properties": {name: {"anyOf": [_PLAIN, {"type": "null"}]} for name in INVENTORY_FIELDS},
            "additionalProperties": False,
        },
        "interfaces": _changes({"type": "array", "items": _interface()}),
        "proxy": _TEXT,
        "proxy_group": _TEXT,
        "monitored_by": {"const": "server"},
    }
    properties.update({row.key: _scalar(row) for row in SCALARS})
    unknown = set(ATTRIBUTES) - set(properties)
    if unknown:
        raise AssertionError(f"the schema lacks {', '.join(sorted(unknown))}")
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _scalar(row: Attribute) -> Schema:
    words = [*row.codes, ABSENT] if row.name == "status" else list(row.codes)
    schema: Schema
    if row.kind == CHOICE:
        schema = {"enum": words}
    elif row.kind == CHOICES:
        schema = {"anyOf": [{"enum": words}, {"type": "array", "items": {"enum": words}, "minItems": 1}]}
    elif row.kind == SECRET:
        schema = dict(_SECRET if row.write_only else _SECRET_OR_MACRO)
    else:
        schema = dict(_PLAIN)
    return {**schema, "description": row.text}


def _changes(whole: Schema) -> Schema:
    """Return the schema of a list, or of changes to it."""
    return {
        "anyOf": [
            whole,
            {
                "type": "object",
                "properties": {"add": whole, "remove": _TEXTS, "replace": whole},
                "minProperties": 1,
                "additionalProperties": False,
            },
        ]
    }


def _tags() -> Schema:
    value = {"anyOf": [_PLAIN, {"type": "array", "items": _PLAIN, "minItems": 1}, {"type": "null"}]}
    entry = {
        "type": "object",
        "properties": {"tag": _TEXT, "value": _PLAIN},
        "required": ["tag"],
        "additionalProperties": False,
    }
    whole = {"anyOf": [{"type": "object", "additionalProperties": value}, {"type": "array", "items": entry}]}
    return _changes(whole)


def _macros() -> Schema:
    full = {
        "type": "object",
        "properties": {
            "value": {"anyOf": [_PLAIN, _SECRET]},
            "type": {"enum": ["text", "secret", "vault"]},
            "description": {"type": "string"},
        },
        "required": ["value"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "patternProperties": {r"^\{\$.+\}$": {"anyOf": [_PLAIN, _SECRET, full, {"type": "null"}]}},
        "additionalProperties": False,
    }


def _interface() -> Schema:
    properties: Schema = {}
    for key in (*COMMON_KEYS, *SNMP_KEYS):
        if key in WORDS:
            words = [*WORDS[key]]
            numbers = [int(word) for word in words if word.isdigit()]
            properties[key] = {"enum": [*words, *numbers]}
        elif key in FLAGS:
            properties[key] = {"type": "boolean"}
        elif key in SECRETS:
            properties[key] = _SECRET_OR_MACRO
        elif key == "address":
            properties[key] = {"anyOf": [_TEXT, {**_TEXTS, "minItems": 1}]}
        else:
            properties[key] = {"type": ["string", "integer"]}
    return {"type": "object", "properties": properties, "required": ["type"], "additionalProperties": False}
