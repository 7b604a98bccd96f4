"""A row as REST shows it: whole, brief, nested, or as a changelog entry keeps it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from . import customfields
from .fields import CHOICES, Field, Row, Table
from .store import Store
from .tables import TABLES

HEAD = ("id", "url", "display_url", "display")
NO_DISPLAY_URL = frozenset({"core/object-types"})
COUNTING = frozenset({"dcim/devices", "dcim/device-types", "virtualization/virtual-machines"})
# Counts that NetBox computes with the list that is asked for, and shows as 0 where the object is nested in another.
NESTED_EXTRA = {
    "dcim/device-roles": ("name",),
    "dcim/platforms": ("name",),
    "dcim/devices": ("name",),
    "dcim/device-bays": ("device", "name"),
    "dcim/interfaces": ("device", "name", "cable", "_occupied"),
    "virtualization/interfaces": ("virtual_machine", "name"),
    "ipam/ip-addresses": ("family", "address"),
    "extras/tags": ("name", "slug", "color"),
}


class Renderer:
    """Bound to one request: its base address, and what was nested once need not be built again."""

    def __init__(self, store: Store, base_url: str) -> None:
        self.store = store
        self.base_url = base_url
        self._nested: dict[tuple[str, int, str], Row] = {}

    def url(self, path: str, number: int) -> str:
        return f"{self.base_url}/api/{path}/{number}/"

    def display_url(self, table: Table, number: int) -> str:
        return f"{self.base_url}/{table.ui_path or table.path}/{number}/"

    def head(self, table: Table, row: Row, display_url: bool) -> Row:
        shown: Row = {"id": row["id"], "url": self.url(table.path, row["id"])}
        if display_url:
            shown["display_url"] = self.display_url(table, row["id"])
        shown["display"] = table.display(self.store, row)
        return shown

    def whole(self, table: Table, row: Row, names: Collection[str] | None = None) -> Row:
        """All fields, or those named."""
        shown: Row = {}
        if names is None:
            shown = self.head(table, row, table.path not in NO_DISPLAY_URL)
        else:
            for name in HEAD:
                if name in names:
                    shown[name] = self.head(table, row, True)[name] if name != "id" else row["id"]
        for name, show in _showers(table.path):
            if names is None or name in names:
                shown[name] = show(self, row)
        return shown

    def brief(self, table: Table, row: Row) -> Row:
        return {**self.head(table, row, False), **self._fields(table, row, table.brief, nested=False)}

    def related(self, path: str, number: int | None, style: str = "brief") -> Row | None:
        """An object inside another."""
        if number is None:
            return None
        key = (path, number, style)
        found = self._nested.get(key)
        if found is None:
            row = self.store.get(path, number)
            if row is None:
                return None
            table = TABLES[path]
            if style == "nested":
                names = NESTED_EXTRA.get(path, ("name", "slug", "_depth"))
                found = {**self.head(table, row, True), **self._fields(table, row, names, nested=True)}
            else:
                found = {**self.head(table, row, False), **self._fields(table, row, table.brief, nested=True)}
            self._nested[key] = found
        return found

    def _fields(self, table: Table, row: Row, names: Collection[str], nested: bool) -> Row:
        shown: Row = {}
        showers = dict(_showers(table.path))
        for name in names:
            field = table.field(name)
            if field is None:
                continue
            if nested and field.kind == "count" and not field.counter:
                shown[name] = 0  # computed with a list only; nested ones are shown without
            else:
                shown[name] = showers[name](self, row)
        return shown

    def object(self, object_type: str | None, number: int | None) -> Row | None:
        table = self.store.table_of(object_type)
        return self.related(table.path, number) if table and number is not None else None

    def count(self, table: Table, field: Field, row: Row) -> int:
        total = 0
        for path, name in field.count_of:
            nodes = self.store.children(table.path, row["id"]) if field.cumulative else (row["id"],)
            pointers = self.store.pointers[path, name]
            total += sum(len(pointers.get(node, ())) for node in nodes)
        return total

    def tags(self, row: Row) -> list[Row | None]:
        return [self.related("extras/tags", number, "nested") for number in sorted_tags(self.store, row["tags"])]

    def change_data(self, change: Row, row: Row | None) -> Row | None:
        """As the changelog keeps an object; {} where there was none before or is none after."""
        if row is None:
            return {}
        table = self.store.table_of(change["changed_object_type"])
        return {} if table is None else change_data(self, table, row)


def sorted_tags(store: Store, tags: Collection[int]) -> list[int]:
    if len(tags) < 2:
        return list(tags)
    places: dict[int, int] = store.derived(
        "tag places", ("extras/tags",), lambda: {number: at for at, number in enumerate(store.order("extras/tags"))}
    )
    return sorted(tags, key=lambda number: places.get(number, 0))


def change_data(view: Renderer, table: Table, row: Row) -> Row:
    shown: Row = {}
    for field in table.fields:
        name = field.name
        if name in ("created", "last_updated"):
            continue
        if field.kind == "tags":
            shown["tags"] = sorted(tag["name"] for n in row["tags"] if (tag := view.store.get("extras/tags", n)))
        elif field.kind == "count":
            if field.counter:
                shown[name] = view.count(table, field, row)
        elif field.kind == "float" and row[name] is not None:
            shown[name] = str(row[name])
        elif field.kind == "const":
            # Of the counts those are kept in the changelog that are columns: of components, not of other objects.
            if field.default in (None, "") or (field.default == 0 and table.path in COUNTING):
                shown[name] = field.default
        elif field.stored:
            shown[name] = row[name]
    return shown


def _only(shown: Row | None, names: Collection[str]) -> Row | None:
    if shown is None or not names:
        return shown
    return {name: one for name, one in shown.items() if name in HEAD or name in names}


Shower = Callable[[Renderer, Row], Any]


@cache
def _showers(path: str) -> tuple[tuple[str, Shower], ...]:
    table = TABLES[path]
    return tuple((field.name, _shower(table, field)) for field in table.fields)


def _shower(table: Table, field: Field) -> Shower:
    name, kind = field.name, field.kind
    if kind == "ref":
        return lambda view, row: view.related(field.target, row[name], field.style)
    if kind == "refs":
        return lambda view, row: [_only(view.related(field.target, number), field.shown) for number in row[name]]
    if kind == "choice":
        return _choice_shower(table, field)
    if kind == "count":
        return lambda view, row: view.count(table, field, row)
    if kind == "const":
        return lambda _view, _row: field.default
    if kind == "computed":
        assert field.compute is not None
        return field.compute
    if kind == "depth":
        return lambda view, row: sum(1 for dummy in view.store.ancestors(table.path, row["id"])) - 1
    if kind == "gfk":
        type_field, id_field = field.object_fields
        return lambda view, row: view.object(row[type_field], row[id_field])
    if kind == "tags":
        return lambda view, row: view.tags(row)
    if kind == "tag_slugs":
        return lambda view, row: [tag["slug"] for n in row[name] if (tag := view.store.get("extras/tags", n))]
    if kind == "custom_fields":
        return lambda view, row: customfields.shown(view, table.object_type, row[name])
    return lambda _view, row: row[name]


def _choice_shower(table: Table, field: Field) -> Shower:
    labels = CHOICES[field.key or f"{table.model}.{field.name}"]
    convert = int if field.integer_choice else str
    shown = {convert(value): {"value": convert(value), "label": label} for value, label in labels.items()}
    return lambda _view, row: None if row[field.name] in (None, "") else shown[row[field.name]]
