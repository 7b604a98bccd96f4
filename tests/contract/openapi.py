"""NetBox's OpenAPI 3.0 schemas as JSON schemas that jsonschema can validate with."""

from __future__ import annotations

from typing import Any

from .distil import Document, resolve

KEPT = ("type", "enum", "maxLength", "minLength", "pattern", "minimum", "maximum", "minItems", "maxItems")


def json_schema(
    document: Document, schema: Document, seen_null: frozenset[str] = frozenset(), depth: int = 0
) -> Document:
    """`seen_null`: names of fields which a real NetBox answered with null although its document does not allow that."""
    resolved = resolve(document, schema)
    made: Document = {key: resolved[key] for key in KEPT if key in resolved}
    if depth and "enum" in made and None in made["enum"]:
        resolved = {**resolved, "nullable": True}
    if "properties" in resolved:
        made["properties"] = {
            name: json_schema(document, one, frozenset(), depth + 1) for name, one in resolved["properties"].items()
        }
        for name in seen_null & made["properties"].keys():
            made["properties"][name] = {"anyOf": [made["properties"][name], {"type": "null"}]}
        made["required"] = [name for name in resolved.get("required", ()) if name in resolved["properties"]]
        made["additionalProperties"] = resolved.get("additionalProperties", False) is not False
    if "items" in resolved:
        made["items"] = json_schema(document, resolved["items"], frozenset(), depth + 1)
        # The document has whole objects in lists inside objects (a config context's regions): NetBox shows brief ones.
        made["items"].pop("required", None)
    if resolved.get("exclusiveMaximum") is True:
        made["exclusiveMaximum"] = made.pop("maximum")
    if resolved.get("nullable") and "type" in made:
        made = {"anyOf": [made, {"type": "null"}]}
    return made


def names_of_parameters(document: Document, path: str) -> set[str]:
    parameters = document["paths"][f"/api/{path}/"]["get"]["parameters"]
    return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}


def choices_in(document: Document, schema: Document, name: str) -> dict[str, str] | None:
    """Value -> nothing but the values: labels are in the description and may be translated."""
    field: Any = resolve(document, schema)["properties"].get(name)
    properties = resolve(document, field).get("properties", {}) if field else {}
    return None if "value" not in properties else {str(one): "" for one in properties["value"]["enum"] if one}
