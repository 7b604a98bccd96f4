"""From what a client sent to what a row holds, with the refusals of NetBox's serializers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .errors import Invalid
from .fields import CHOICES, Field, Row, Table
from .tables import TABLES

if TYPE_CHECKING:
    from .store import Store


class Refused(Exception):
    """Why one value is not taken: as NetBox puts it below the field's name."""

    def __init__(self, reasons: Any) -> None:
        super().__init__(reasons)
        self.reasons = [reasons] if isinstance(reasons, str) else reasons


def accept(store: Store, table: Table, field: Field, value: Any) -> Any:
    if value is None and not field.null:
        if field.kind != "choice":
            raise Refused("This field may not be null.")
        value = ""  # NetBox's choice fields take null for the empty choice
    if value is None:
        return None
    return ACCEPT[field.kind](store, table, field, value)


def _text(_store: Store, table: Table, field: Field, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Refused("Not a valid string.")
    written = str(value).strip()
    if not written:
        if not field.blank:
            raise Refused("This field may not be blank.")
        return None if field.null else ""
    reasons = [*_slug_problems(table, field, written), *_color_problems(field, written)]
    if field.maximum is not None and len(written) > field.maximum:
        reasons.append(f"Ensure this field has no more than {int(field.maximum)} characters.")
    if reasons:
        raise Refused(reasons)
    return written


def _slug_problems(table: Table, field: Field, written: str) -> list[str]:
    if not field.slug or re.fullmatch(r"[-\w]+" if table.model == "tag" else r"[-a-zA-Z0-9_]+", written):
        return []
    if table.model == "tag":
        return [
            "Enter a valid \u201cslug\u201d consisting of Unicode letters, numbers, underscores, or hyphens.",
            'Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.',
        ]
    return ['Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.']


def _color_problems(field: Field, written: str) -> list[str]:
    if field.name != "color" or re.fullmatch(r"[0-9a-f]{6}", written):
        return []
    return ["Enter a valid hexadecimal RGB color code."]


def _number(_store: Store, _table: Table, field: Field, value: Any) -> Any:
    kind: type[int] | type[float] = int if field.kind == "int" else float
    complaint = "A valid integer is required." if field.kind == "int" else "A valid number is required."
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Refused(complaint)
    if kind is int and isinstance(value, float) and not value.is_integer():
        raise Refused(complaint)
    try:
        number = kind(value)
    except ValueError as error:
        raise Refused(complaint) from error
    if field.minimum is not None and number < field.minimum:
        raise Refused(f"Ensure this value is greater than or equal to {_limit(field, field.minimum)}.")
    if field.maximum is not None and number > field.maximum:
        raise Refused(f"Ensure this value is less than or equal to {_limit(field, field.maximum)}.")
    return number


def _limit(field: Field, limit: float | Decimal) -> str:
    return str(float(limit) if field.kind == "float" and isinstance(limit, int) else limit)


def _bool(_store: Store, _table: Table, _field: Field, value: Any) -> bool:
    if value in (True, "true", "True", 1, "1"):
        return True
    if value in (False, "false", "False", 0, "0"):
        return False
    raise Refused("Must be a valid boolean.")


def _choice(_store: Store, table: Table, field: Field, value: Any) -> Any:
    if isinstance(value, dict | list):
        raise Refused('Value must be passed directly (e.g. "foo": 123); do not use a dictionary or list.')
    if value == "":
        if field.default not in (None, "") or field.required:
            raise Refused("This field may not be blank.")
        return ""
    if str(value) not in CHOICES[field.key or f"{table.model}.{field.name}"]:
        raise Refused(f"{value} is not a valid choice.")
    return int(value) if field.integer_choice else str(value)


def _json(_store: Store, _table: Table, field: Field, value: Any) -> Any:
    if field.name == "local_context_data" and not isinstance(value, dict):
        raise Refused('JSON data must be in object form. Example: {"foo": 123}')
    return value


def _list(_store: Store, _table: Table, _field: Field, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Refused(f'Expected a list of items but got type "{type(value).__name__}".')
    return tuple(value)


def _type(store: Store, _table: Table, field: Field, value: Any) -> Any:
    if store.table_of(str(value)) is None or (field.types and value not in field.types):
        raise Refused(f"Invalid content type: {value}")
    return value


def _ref(store: Store, _table: Table, field: Field, value: Any) -> int:
    return related(store, field.target, value)


def related(store: Store, path: str, value: Any) -> int:
    """An object named by its id or by attributes that only it has."""
    if isinstance(value, dict):
        params = _parameters(store, path, value)
        found = [row["id"] for row in _candidates(store, path, params) if _has(store, path, row, params)]
        if len(found) == 1:
            return int(found[0])
        problem = "Multiple objects match" if found else "Related object not found using"
        raise Refused(f"{problem} the provided attributes: {params}")
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise Refused(
            "Related objects must be referenced by numeric ID or by dictionary of attributes. "
            f"Received an unrecognized value: {value}"
        ) from error
    if store.get(path, number) is None:
        raise Refused(f"Related object not found using the provided numeric ID: {number}")
    return number


def _parameters(store: Store, path: str, given: Row) -> Row:
    """{"site": {"slug": "x"}} becomes {"site__slug": "x"}, as Django wants it."""
    flat: Row = {}
    for key, value in given.items():
        if isinstance(value, dict):
            flat |= {f"{key}__{inner}": one for inner, one in value.items()}
        else:
            flat[key] = value
    for key in flat:
        name = key.split("__")[0]
        if name != "id" and TABLES[path].field(name) is None:
            raise Refused(f"Cannot resolve keyword '{name}' into field.")
    return flat


def _candidates(store: Store, path: str, params: Row) -> list[Row]:
    if "id" in params:
        row = store.get(path, params["id"])
        return [] if row is None else [row]
    for name in ("slug", "name", "address"):
        if isinstance(params.get(name), str) and (path, name) in store.pointers:
            key = params[name].split("/")[0].casefold()
            return [store.at(path, number) for number in store.referrers(path, name, key)]
    return list(store.rows(path))


def _has(store: Store, path: str, row: Row, params: Row) -> bool:
    for key, wanted in params.items():
        name, dummy, inner = key.partition("__")
        value = row[name]
        if inner:
            field = TABLES[path].field(name)
            assert field is not None
            target = store.get(field.target, value)
            value = None if target is None else target.get(inner)
        if value != wanted:
            return False
    return True


def _refs(store: Store, _table: Table, field: Field, value: Any) -> tuple[int, ...]:
    numbers = []
    for one in _list(store, _table, field, value):
        if isinstance(one, bool) or not isinstance(one, int | str) or not str(one).isdecimal():
            raise Refused(f"Incorrect type. Expected pk value, received {type(one).__name__}.")
        if store.get(field.target, int(one)) is None:
            raise Refused(f'Invalid pk "{one}" - object does not exist.')
        numbers.append(int(one))
    return tuple(dict.fromkeys(numbers))


def tags(store: Store, value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise Refused({"non_field_errors": [f'Expected a list of items but got type "{type(value).__name__}".']})
    return tuple(dict.fromkeys(related(store, "extras/tags", one) for one in value))


def _tags(store: Store, _table: Table, _field: Field, value: Any) -> tuple[int, ...]:
    return tags(store, value)


def _tag_slugs(store: Store, _table: Table, field: Field, value: Any) -> tuple[int, ...]:
    numbers: list[int] = []
    for one in _list(store, _table, field, value):
        found = list(store.referrers("extras/tags", "slug", str(one).casefold()))
        if not found:
            raise Refused(f"Object with slug={one} does not exist.")
        numbers.extend(found)
    return tuple(dict.fromkeys(numbers))


ACCEPT: dict[str, Callable[[Store, Table, Field, Any], Any]] = {
    "text": _text,
    "int": _number,
    "float": _number,
    "bool": _bool,
    "choice": _choice,
    "json": _json,
    "list": _list,
    "type": _type,
    "ref": _ref,
    "refs": _refs,
    "tags": _tags,
    "tag_slugs": _tag_slugs,
}


def accept_all(store: Store, table: Table, given: Row, partial: bool, left_out: Collection[str] = ()) -> Row:
    """All values of a request for one object, but custom fields; the errors of all fields together.

    `left_out`: fields that ?fields= or ?omit= took out of the request's serializer, values for them with it.
    """
    errors: dict[str, Any] = {}
    taken: Row = {}
    for field in table.fields:
        if not field.writable or field.kind == "custom_fields":
            continue
        if field.name in left_out:
            if field.required and not partial:
                errors[field.name] = [f"This field cannot be {'blank' if field.kind == 'text' else 'null'}."]
            continue
        if field.name not in given:
            if field.required and not partial:
                errors[field.name] = ["This field is required."]
            continue
        try:
            taken[field.name] = accept(store, table, field, given[field.name])
        except Refused as error:
            errors[field.name] = error.reasons
    if errors:
        raise Invalid(errors)
    return taken
