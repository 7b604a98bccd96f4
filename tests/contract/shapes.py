"""The shape of a JSON value: which keys, which types; and whether another value has it."""

from __future__ import annotations

from typing import Any

# What is below these keys is the user's: any JSON.
FREE = frozenset(
    [
        "config_context",
        "local_context_data",
        "custom_fields",
        "custom_field_data",
        "data",
        "schema",
        "prechange_data",
        "postchange_data",
        "installed_apps",
        "choice_colors",
        "default",
        "conditions",
        "plugins",
        "features",
        "extra_choices",
        "related_object_filter",
    ]
)
# An object of this kind may be of any type: where two answers show different ones, their keys differ.
GENERIC = frozenset({"assigned_object", "changed_object", "scope", "action_object"})

Shape = Any  # "str", "int|null", {"key": Shape}, ["list", Shape], "json"


def shape_of(value: Any, key: str = "") -> Shape:
    if key in FREE or key in GENERIC:
        return "json"
    if isinstance(value, dict):
        return {name: shape_of(one, name) for name, one in sorted(value.items())}
    if isinstance(value, list):
        inner: Shape = None
        for one in value:
            inner = shape_of(one) if inner is None else merged(inner, shape_of(one))
        return ["list", inner]
    if value is None:
        return "null"
    return type(value).__name__


def merged(one: Shape, other: Shape) -> Shape:
    """The shape of values some of which have the one, some the other."""
    if one == other or other is None or other == "null":
        return one
    if one is None or one == "null":
        return other
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: merged(one.get(name), other.get(name)) for name in sorted({*one, *other})}
    if isinstance(one, list) and isinstance(other, list):
        return ["list", merged(one[1], other[1])]
    return "|".join(sorted({*str(one).split("|"), *str(other).split("|")}))


def differences(expected: Shape, actual: Shape, where: str = "") -> list[str]:
    """Where `actual` is not of the expected shape. Null and the empty list fit everything: nullability is the
    contract's business, and two estates differ in what is unset."""
    if expected in (None, "null", "json") or actual in (None, "null", "json"):
        return []
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = [f"{where}.{name}: missing" for name in expected if name not in actual]
        found += [f"{where}.{name}: not in NetBox's answer" for name in actual if name not in expected]
        for name in expected.keys() & actual.keys():
            found += differences(expected[name], actual[name], f"{where}.{name}")
        return found
    if isinstance(expected, list) and isinstance(actual, list):
        return differences(expected[1], actual[1], f"{where}[]")
    if isinstance(expected, dict | list) or isinstance(actual, dict | list):
        return [f"{where}: {_name(actual)} instead of {_name(expected)}"]
    unknown = set(actual.split("|")) - set(expected.split("|")) - {"null"}
    if unknown == {"int"} and "float" in expected:
        unknown = set()
    return [f"{where}: {actual} instead of {expected}"] if unknown else []


def _name(shape: Shape) -> str:
    return "an object" if isinstance(shape, dict) else "a list" if isinstance(shape, list) else str(shape)
