"""The estate in memory: rows by table, who refers to whom, transactions, snapshots.

A row is never changed in place: a write puts a new dict in its place. So undoing a transaction, a snapshot and the
"before" of a changelog entry cost a reference each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from .fields import Field, Row, Table
from .ordering import default_order
from .tables import BY_OBJECT_TYPE, TABLES


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Store:
    def __init__(self) -> None:
        self.tables: dict[str, dict[int, Row]] = {path: {} for path in TABLES}
        self.last_ids: dict[str, int] = dict.fromkeys(TABLES, 0)
        # (table, field) -> what is pointed to (an id, or type and id) -> ids of those that point there
        self.pointers: dict[tuple[str, str], dict[Any, dict[int, None]]] = {}
        self.versions: dict[str, int] = dict.fromkeys(TABLES, 0)
        self.version = 0
        self._undo: list[tuple[str, int, Row | None]] | None = None
        self._orders: dict[str, tuple[Any, list[int]]] = {}
        self._derived: dict[str, tuple[Any, Any]] = {}
        for path, table in TABLES.items():
            for field in table.fields:
                if field.kind in ("ref", "refs", "tags", "tag_slugs", "gfk") or _is_looked_up(table, field):
                    self.pointers[path, field.name] = {}

    # Reading

    def get(self, path: str, number: int | None) -> Row | None:
        return None if number is None else self.tables[path].get(number)

    @staticmethod
    def table_of(object_type: str | None) -> Table | None:
        return BY_OBJECT_TYPE.get(object_type or "")

    def at(self, path: str, number: int) -> Row:
        return self.tables[path][number]

    def rows(self, path: str) -> Iterable[Row]:
        return self.tables[path].values()

    def referrers(self, path: str, field: str, target: Any) -> Iterable[int]:
        """Ids of the rows of a table that point to `target`."""
        return self.pointers[path, field].get(target, ())

    def display(self, path: str, number: int) -> str:
        row = self.tables[path].get(number)
        return "" if row is None else TABLES[path].display(self, row)

    def order(self, path: str) -> list[int]:
        """Ids in the table's own order."""
        table = TABLES[path]
        key = tuple(self.versions[one] for one in (path, *(field.target for field in table.fields if field.target)))
        if path not in self._orders or self._orders[path][0] != key:
            self._orders[path] = (key, default_order(self, table))
        return self._orders[path][1]

    def derived(self, name: str, paths: Iterable[str], compute: Any) -> Any:
        """A value computed once for the present state of the tables that it depends on."""
        key = tuple(self.versions[path] for path in paths)
        if name not in self._derived or self._derived[name][0] != key:
            self._derived[name] = (key, compute())
        return self._derived[name][1]

    def children(self, path: str, number: int) -> Iterator[int]:
        """A node of a tree and all below it."""
        waiting = [number]
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(self.referrers(path, "parent", one))

    def ancestors(self, path: str, number: int | None) -> Iterator[int]:
        """A node of a tree and all above it."""
        while number is not None:
            yield number
            row = self.tables[path].get(number)
            number = None if row is None else row["parent"]

    def custom_fields(self, object_type: str) -> list[Row]:
        def by_type() -> dict[str, list[Row]]:
            found: dict[str, list[Row]] = {}
            for number in self.order("extras/custom-fields"):
                row = self.at("extras/custom-fields", number)
                for one in row["object_types"]:
                    found.setdefault(one, []).append(row)
            return found

        found: dict[str, list[Row]] = self.derived("custom fields", ("extras/custom-fields",), by_type)
        return found.get(object_type, [])

    # Writing

    def new_id(self, path: str) -> int:
        self.last_ids[path] += 1
        return self.last_ids[path]

    def put(self, path: str, row: Row) -> None:
        rows = self.tables[path]
        number = row["id"]
        old = rows.get(number)
        if self._undo is not None:
            self._undo.append((path, number, old))
        rows[number] = row
        self._index(TABLES[path], old, row)

    def remove(self, path: str, number: int) -> None:
        old = self.tables[path].pop(number)
        if self._undo is not None:
            self._undo.append((path, number, old))
        self._index(TABLES[path], old, None)

    def change(self, path: str, number: int, **values: Any) -> Row:
        """Like Django's queryset.update(): no time stamp, no changelog."""
        row = {**self.tables[path][number], **values}
        self.put(path, row)
        return row

    def _index(self, table: Table, old: Row | None, new: Row | None) -> None:
        self.version += 1
        self.versions[table.path] += 1
        number: int = (new or old or {})["id"]
        for field in table.fields:
            pointers = self.pointers.get((table.path, field.name))
            if pointers is None:
                continue
            before, after = _targets(field, old), _targets(field, new)
            if before == after:
                continue
            for target in before:
                pointers.get(target, {}).pop(number, None)
            for target in after:
                pointers.setdefault(target, {})[number] = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, as a request to NetBox is."""
        if self._undo is not None:
            yield
            return
        self._undo = []
        last_ids = dict(self.last_ids)
        try:
            yield
        except BaseException:
            undo, self._undo = self._undo, None
            for path, number, old in reversed(undo):
                if old is None:
                    self.remove(path, number)
                else:
                    self.put(path, old)
            self.last_ids = last_ids
            raise
        finally:
            self._undo = None

    # Snapshots

    def snapshot(self) -> Any:
        return ({path: dict(rows) for path, rows in self.tables.items()}, dict(self.last_ids))

    def restore(self, snapshot: Any) -> None:
        tables, last_ids = snapshot
        for path, rows in self.tables.items():
            wanted = tables[path]
            for number in [number for number, row in rows.items() if wanted.get(number) is not row]:
                self.remove(path, number)
            for number in [number for number in wanted if number not in rows]:
                self.put(path, wanted[number])
        self.last_ids = dict(last_ids)


def _is_looked_up(table: Table, field: Field) -> bool:
    """Texts by which rows are found: without an index, loading an estate would take the square of its size."""
    together = {name for rule in table.unique for name in rule.fields}
    return field.kind == "text" and (field.unique or field.name in together | {"name", "slug", "address"})


def text_key(value: str) -> str:
    """As indexed: without regard to case; an address without its mask."""
    return value.split("/")[0].casefold()


def _targets(field: Field, row: Row | None) -> tuple[Any, ...]:
    """What the index has a row under."""
    if row is None:
        return ()
    if field.kind == "gfk":
        pair = (row[field.object_fields[0]], row[field.object_fields[1]])
        return () if None in pair else (pair,)
    value = row[field.name]
    if field.kind == "text":
        return () if value is None else (text_key(value),)
    if field.kind == "ref":
        return () if value is None else (value,)
    return tuple(value)
