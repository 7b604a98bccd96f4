"""The filters of a list, derived from the table's fields as NetBox derives its own from its models.

A key that is no filter is ignored: so does NetBox, and a typo selects everything. A key that NetBox has but that is
missing here would do the same in silence, so such a request is refused with 501 instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from .errors import ApiError, Invalid, invalid
from .fields import CHOICES, Field, Row, Table
from .store import Store, text_key
from .tables import TABLES

Predicate = Callable[[Row], bool]
# Filters by endpoint, as NetBox's OpenAPI document names them; "name:" stands for name, name__n, name__ic ...
KNOWN: dict[str, list[str]] = json.loads((Path(__file__).parent / "filters.json").read_text("utf-8"))

TEXT_LOOKUPS: dict[str, Callable[[str, str], bool]] = {
    "": lambda value, wanted: value == wanted,
    "ic": lambda value, wanted: wanted.casefold() in value.casefold(),
    "ie": lambda value, wanted: value.casefold() == wanted.casefold(),
    "isw": lambda value, wanted: value.casefold().startswith(wanted.casefold()),
    "iew": lambda value, wanted: value.casefold().endswith(wanted.casefold()),
    "regex": lambda value, wanted: re.search(wanted, value) is not None,
    "iregex": lambda value, wanted: re.search(wanted, value, re.IGNORECASE) is not None,
}
NEGATED = {"n": "", "nic": "ic", "nie": "ie", "nisw": "isw", "niew": "iew"}
ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda value, wanted: value == wanted,
    "gt": lambda value, wanted: value > wanted,
    "gte": lambda value, wanted: value >= wanted,
    "lt": lambda value, wanted: value < wanted,
    "lte": lambda value, wanted: value <= wanted,
}
PARAMETERS = frozenset({"limit", "offset", "start", "ordering", "fields", "omit", "exclude", "brief", "format"})


def select(store: Store, table: Table, query: dict[str, list[str]], ids: Iterable[int] | None = None) -> list[Row]:
    """The rows that all filters of the query let through, unordered; errors of all filters together."""
    errors: dict[str, Any] = {}
    predicates: list[Predicate] = []
    narrowed: set[int] | None = None if ids is None else set(ids)
    for key, values in query.items():
        if key in PARAMETERS:
            continue
        try:
            found = _filter(store, table, key, values)
        except Invalid as error:
            errors |= error.body
            continue
        if isinstance(found, (set, frozenset)):
            narrowed = set(found) if narrowed is None else narrowed & found
        elif found is not None:
            predicates.append(found)
    if errors:
        raise Invalid(errors)
    rows = store.tables[table.path]
    chosen = rows.values() if narrowed is None else [rows[number] for number in narrowed if number in rows]
    return [row for row in chosen if all(predicate(row) for predicate in predicates)]


def _filter(store: Store, table: Table, key: str, values: list[str]) -> Predicate | set[int] | None:
    base, dummy, lookup = key.partition("__")
    if key.startswith("cf_"):
        return _custom_field(store, table, base[3:], lookup, values)
    if table.path in KNOWN and key not in _known(table.path):
        return None
    if base == "id":
        return _ids(key, lookup, values)
    if base == "q":
        return _search(store, table, values[-1]) if values[-1].strip() else None
    if base in ("tag", "tag_id") and table.field("tags"):
        return _tags(store, table, key, base, lookup, values)
    if base in table.special:
        return _special(store, table, base, lookup, values)
    path = _path(table, base)
    if path:
        return _related(store, table, key, path, base.endswith("_id"), lookup == "n", values)
    field = table.field(base)
    if field is not None and field.stored:
        found = _own_field(table, field, key, lookup, values)
        if found is not None:
            return found
    if key in _known(table.path):
        raise ApiError(501, {"detail": f"The stand-in lacks NetBox's filter {key!r} of {table.path}."})
    return None


@cache
def _known(path: str) -> frozenset[str]:
    return frozenset(names(path))


def names(path: str) -> Iterable[str]:
    """All filters that NetBox has for an endpoint."""
    for one in KNOWN.get(path, ()):
        base, dummy, lookups = one.partition(":")
        yield base
        for lookup in lookups.split(",") if lookups else ():
            yield f"{base}__{lookup}"


def _boolean(key: str, value: str) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(value.lower())


def _ids(key: str, lookup: str, values: list[str]) -> Predicate | set[int]:
    if lookup not in ("n", *ORDERED):
        return lambda _row: True  # id__in and the like are no filters: ignored
    wanted = [_number(key, value) for value in values]
    if lookup == "":
        return {int(number) for number in wanted}
    if lookup == "n":
        return lambda row: row["id"] not in wanted
    compare = ORDERED[lookup]
    return lambda row: any(compare(row["id"], number) for number in wanted)


def _number(key: str, value: str) -> float:
    try:
        return int(value)
    except ValueError:
        try:
            return float(value)
        except ValueError as error:
            raise invalid(key, "Enter a whole number." if "." not in value else "Enter a number.") from error


def moment(key: str, value: str) -> str:
    """A time as rows have it: UTC, microseconds, Z."""
    try:
        # A "+" that was not escaped arrives as a space: NetBox refuses that too.
        parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise invalid(key, "Enter a valid date/time.") from error
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return parsed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _own_field(table: Table, field: Field, key: str, lookup: str, values: list[str]) -> Predicate | None:
    name = field.name
    if field.kind == "bool":
        wanted = _boolean(key, values[-1])
        return (lambda row: row[name] is wanted) if not lookup and wanted is not None else None
    if lookup == "empty" and field.kind in ("text", "choice", "int", "float", "time"):
        empty = _boolean(key, values[-1])
        return lambda row: (row[name] in (None, "")) is empty
    if field.kind in ("int", "float", "time"):
        to_value: Callable[[str, str], Any] = moment if field.kind == "time" else _number
        wanted_values = [to_value(key, value) for value in values]
        if lookup == "n":
            return lambda row: row[name] not in wanted_values
        compare = ORDERED.get(lookup)
        if compare is None:
            return None
        return lambda row: row[name] is not None and any(compare(row[name], value) for value in wanted_values)
    if field.kind in ("text", "choice", "type"):
        if field.kind == "choice" and lookup in ("", "n"):
            _check_choices(table, field, key, values)
        return _text(name, "ie" if not lookup and name in table.exact_ignores_case else lookup, values)
    return None


def _check_choices(table: Table, field: Field, key: str, values: list[str]) -> None:
    allowed = CHOICES[field.key or f"{table.model}.{field.name}"]
    for value in values:
        if value not in allowed and value != "null":
            raise invalid(key, f"Select a valid choice. {value} is not one of the available choices.")


def _text(name: str, lookup: str, values: list[str]) -> Predicate | None:
    negated = lookup in NEGATED
    compare = TEXT_LOOKUPS.get(NEGATED.get(lookup, lookup))
    if compare is None:
        return None

    def matches(row: Row) -> bool:
        value = row[name]
        found = any(
            value in (None, "") if one == "null" else value is not None and compare(str(value), one) for one in values
        )
        return found is not negated

    return matches


def _search(store: Store, table: Table, wanted: str) -> Predicate:
    wanted = wanted.strip().casefold()
    return lambda row: any(row[name] is not None and wanted in str(row[name]).casefold() for name in table.search)


def _special(store: Store, table: Table, base: str, lookup: str, values: list[str]) -> Predicate:
    check = table.special[base]
    is_choice = getattr(check, "choices", None)
    for value in values if is_choice else ():
        if not is_choice(store, value):
            raise invalid(base, f"Select a valid choice. {value} is not one of the available choices.")
    negated = lookup == "n"
    if check.__code__.co_varnames[2] == "wanted":
        truth = _boolean(base, values[-1])
        return lambda row: truth is None or bool(check(store, row, truth))
    if base in ("time_after", "time_before"):
        values = [moment("time", value) for value in values]
    return lambda row: bool(check(store, row, values)) is not negated


# Related objects


def _path(table: Table, base: str) -> tuple[str, ...]:
    """The way of refs from this table to the one that the filter names; () where it names none."""
    plain = base.removesuffix("_id")
    if plain in table.through:
        return table.through[plain]
    field = table.field(plain) or table.field(base)
    if field is not None and field.kind in ("ref", "refs") and (base.endswith("_id") or _by_key(table, field)):
        return (field.name,)
    singular = f"{plain}s"
    many = table.field(singular)
    return (singular,) if many is not None and many.kind == "refs" else ()


def _by_key(table: Table, field: Field) -> bool:
    """Whether the filter takes slugs (or names) besides ids."""
    target = TABLES[field.target]
    return field.name not in table.no_ref_filter and target.field(target.ref_key) is not None


def _related(
    store: Store, table: Table, key: str, path: tuple[str, ...], by_id: bool, negated: bool, values: list[str]
) -> set[int] | Predicate:
    target = table
    for name in path:
        field = target.field(name)
        assert field is not None
        target = TABLES[field.target]
    wanted: set[int | None] = set()
    for value in values:
        if value == "null":
            wanted.add(None)
            continue
        numbers = _named(store, target, key, value, by_id)
        for number in numbers:
            wanted |= set(store.children(target.path, number)) if target.is_tree else {number}
    found = _reaching(store, table, path, wanted)
    if negated:
        return lambda row: row["id"] not in found
    return found


def _named(store: Store, target: Table, key: str, value: str, by_id: bool) -> list[int]:
    if by_id:
        numbers = [int(value)] if value.isdecimal() and store.get(target.path, int(value)) else []
    elif (target.path, target.ref_key) in store.pointers:
        numbers = [
            number
            for number in store.referrers(target.path, target.ref_key, text_key(value))
            if store.at(target.path, number)[target.ref_key] == value
        ]
    else:
        numbers = [row["id"] for row in store.rows(target.path) if row[target.ref_key] == value]
    if not numbers:
        raise invalid(key, f"Select a valid choice. {value} is not one of the available choices.")
    return numbers


def _reaching(store: Store, table: Table, path: tuple[str, ...], wanted: set[int | None]) -> set[int]:
    """Ids of the table's rows that get to one of `wanted` along the path."""
    tables = [table]
    for name in path[:-1]:
        field = tables[-1].field(name)
        assert field is not None
        tables.append(TABLES[field.target])
    targets: set[int | None] = wanted
    for at, name in zip(reversed(tables), reversed(path), strict=True):
        found = {
            number for target in targets if target is not None for number in store.referrers(at.path, name, target)
        }
        if None in targets:
            found |= {row["id"] for row in store.rows(at.path) if not row[name]}
        targets = {*found} | ({None} if None in targets and at is not table else set())
    return {number for number in targets if number is not None}


def _tags(
    store: Store, table: Table, key: str, base: str, lookup: str, values: list[str]
) -> set[int] | Predicate | None:
    if lookup not in ("", "n", "any"):
        return None
    groups = []
    for value in values:
        if value == "null":
            groups.append({row["id"] for row in store.rows(table.path) if not row["tags"]})
            continue
        numbers = _named(store, TABLES["extras/tags"], key, value, base == "tag_id")
        groups.append({one for number in numbers for one in store.referrers(table.path, "tags", number)})
    if lookup == "any":
        return set().union(*groups)
    both = set.intersection(*groups)
    return (lambda row: row["id"] not in both) if lookup == "n" else both


def _custom_field(store: Store, table: Table, name: str, lookup: str, values: list[str]) -> Predicate | None:
    field = next((one for one in store.custom_fields(table.object_type) if one["name"] == name), None)
    if field is None or field["filter_logic"] == "disabled":
        return None

    def value_of(row: Row) -> Any:
        return row["custom_fields"].get(name)

    if lookup == "empty" and field["type"] != "boolean":
        empty = _boolean(name, values[-1])
        return lambda row: (value_of(row) in (None, "", [])) is empty
    if field["type"] == "boolean":
        truth = _boolean(name, values[-1])
        return (lambda row: truth is None or value_of(row) is truth) if not lookup else None
    if field["type"] in ("integer", "decimal"):
        numbers = [_number(f"cf_{name}", value) for value in values]
        if lookup == "n":
            return lambda row: value_of(row) not in numbers
        compare = ORDERED.get(lookup)
        return (
            None
            if compare is None
            else lambda row: value_of(row) is not None and any(compare(value_of(row), number) for number in numbers)
        )
    loose = field["filter_logic"] == "loose" and field["type"] in ("text", "longtext", "url")
    lookup = "ic" if loose and not lookup else lookup
    negated = lookup in NEGATED
    text_compare = TEXT_LOOKUPS.get(NEGATED.get(lookup, lookup))
    if text_compare is None:
        return None

    def matches(row: Row) -> bool:
        value = value_of(row)
        parts = value if isinstance(value, list) else [value]
        found = any(part is not None and text_compare(str(part), one) for part in parts for one in values)
        return found is not negated

    return matches
