"""Values of custom fields: checked, normalised and shown as NetBox does."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import jsonschema

from .errors import Invalid, invalid
from .fields import Row

if TYPE_CHECKING:
    from .store import Store


def defaults(store: Store, object_type: str) -> Row:
    return {field["name"]: field["default"] for field in store.custom_fields(object_type)}


def accept(store: Store, object_type: str, given: Any, present: Row) -> Row:
    """The values that an object has after `given` was written over `present`."""
    if not isinstance(given, dict):
        raise invalid(
            "custom_fields",
            "Invalid data format. Custom field data must be passed as a dictionary mapping field names to their "
            "values.",
        )
    fields = {field["name"]: field for field in store.custom_fields(object_type)}
    unknown = sorted(set(given) - set(fields))
    if unknown:
        # Not lists, unlike all other errors: so NetBox 4.6.8 has it.
        reasons = {name: f"Custom field '{name}' does not exist for this object type." for name in unknown}
        raise Invalid({"custom_fields": reasons})
    values = {**present, **{name: _related_ids(store, fields[name], value) for name, value in given.items()}}
    for name, field in fields.items():
        if name in values:
            reason = problem(store, field, values[name])
            if reason:
                raise invalid("__all__", f"Invalid value for custom field '{name}': {reason}")
            values[name] = _normalised(field, values[name])
        elif field["required"]:
            raise invalid("__all__", f"Missing required custom field '{name}'.")
    return values


def _related_ids(store: Store, field: Row, value: Any) -> Any:
    if field["type"] == "object" and isinstance(value, dict):
        return value.get("id")
    if field["type"] == "multiobject" and isinstance(value, list):
        value = [one.get("id") if isinstance(one, dict) else one for one in value]
    table = store.table_of(field["related_object_type"])
    numbers = value if isinstance(value, list) else [value]
    if table and value is not None and any(store.get(table.path, n) is None for n in numbers if isinstance(n, int)):
        raise invalid("custom_fields", f"Unknown related object(s): {value}")
    return value


def problem(store: Store, field: Row, value: Any) -> str:
    if value in (None, ""):
        return "Required field cannot be empty." if field["required"] else ""
    kind = field["type"]
    check = CHECKS.get(kind)
    return check(store, field, value) if check else ""


def _text(_store: Store, field: Row, value: Any) -> str:
    if not isinstance(value, str):
        return "Value must be a string."
    regex = field["validation_regex"]
    return f"Value must match regex '{regex}'" if regex and not re.match(regex, value) else ""


def _within(field: Row, value: Any) -> str:
    low, high = field["validation_minimum"], field["validation_maximum"]
    if low is not None and value < low:
        return f"Value must be at least {low:.4f}"
    return f"Value must not exceed {high:.4f}" if high is not None and value > high else ""


def _is_integer(value: Any) -> bool:
    """A boolean is none, whatever Python says."""
    return isinstance(value, int) and not isinstance(value, bool)


def _integer(_store: Store, field: Row, value: Any) -> str:
    return _within(field, value) if _is_integer(value) else "Value must be an integer."


def _decimal(_store: Store, field: Row, value: Any) -> str:
    try:
        return _within(field, Decimal(str(value)))
    except InvalidOperation:
        return "Value must be a decimal."


def _boolean(_store: Store, _field: Row, value: Any) -> str:
    return "" if value in (True, False) else "Value must be true or false."


def _date(_store: Store, _field: Row, value: Any) -> str:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return "Date values must be in ISO 8601 format (YYYY-MM-DD)."
    return ""


def _datetime(_store: Store, _field: Row, value: Any) -> str:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return "Date and time values must be in ISO 8601 format (YYYY-MM-DD HH:MM:SS)."
    return ""


def _choices(store: Store, field: Row) -> tuple[set[str], str]:
    choice_set = store.at("extras/custom-field-choice-sets", field["choice_set"])
    return {str(choice[0]) for choice in choice_set["extra_choices"]}, choice_set["name"]


def _select(store: Store, field: Row, value: Any) -> str:
    values, name = _choices(store, field)
    return "" if value in values else f"Invalid choice ({value}) for choice set {name}."


def _multiselect(store: Store, field: Row, value: Any) -> str:
    values, name = _choices(store, field)
    return "" if set(value) <= values else f"Invalid choice(s) ({value}) for choice set {name}."


def _object(_store: Store, _field: Row, value: Any) -> str:
    return "" if _is_integer(value) else f"Value must be an object ID, not {type(value).__name__}"


def _objects(_store: Store, _field: Row, value: Any) -> str:
    return "" if isinstance(value, list) else f"Value must be a list of object IDs, not {type(value).__name__}"


def _json(_store: Store, field: Row, value: Any) -> str:
    if field["validation_schema"]:
        try:
            jsonschema.validate(value, field["validation_schema"])
        except jsonschema.ValidationError as error:
            return f"Value does not conform to the assigned schema: {error.message}"
    return ""


CHECKS = {
    "text": _text,
    "longtext": _text,
    "url": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "select": _select,
    "multiselect": _multiselect,
    "object": _object,
    "multiobject": _objects,
    "json": _json,
}


def _normalised(field: Row, value: Any) -> Any:
    """A time with an offset is kept in UTC with a Z; one without stays as it is."""
    if field["type"] != "datetime" or not value:
        return value
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        return moment.isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shown(view: Any, object_type: str, values: Row) -> Row:
    """As REST shows them: every field of the type, related objects nested."""
    answer = {}
    for field in view.store.custom_fields(object_type):
        value = values.get(field["name"])
        if value is not None and field["type"] in ("object", "multiobject"):
            table = view.store.table_of(field["related_object_type"])
            if table and field["type"] == "object":
                value = view.related(table.path, value)
            elif table:
                value = [view.related(table.path, number) for number in value]
        answer[field["name"]] = value
    return answer
