"""Creating, changing and deleting objects, with what NetBox does around it: checks, time stamps, the changelog."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from . import customfields, values
from .errors import ApiError, Invalid, invalid
from .fields import Row, Table, Unique
from .store import Store, now, text_key
from .tables import TABLES

CHANGES = "core/object-changes"


class Writer:
    """The writes of one request: one user, one request id, all or nothing when inside store.transaction()."""

    def __init__(self, store: Store, user_id: int, left_out: Collection[str] = ()) -> None:
        """`left_out`: fields that the request's ?fields= or ?omit= leaves out. NetBox drops values given for them."""
        self.store = store
        self.left_out = left_out
        self.user_id = user_id
        self.user_name = store.at("users/users", user_id)["username"]
        self.request_id = str(uuid.uuid4())
        self.message = ""
        self._deleting: set[tuple[str, int]] = set()

    # Create and change

    def create(self, table: Table, given: Any) -> int:
        given = _object(given)
        self.message = given.get("changelog_message") or ""
        row: Row = {"id": 0}
        taken = values.accept_all(self.store, table, given, False, self.left_out)
        for field in table.fields:
            if field.stored:
                row[field.name] = taken.get(field.name, field.default)
        if table.field("custom_fields"):
            # Values that are given replace the defaults as a whole: those not named stay unset.
            named = "custom_fields" in given and "custom_fields" not in self.left_out
            defaults = customfields.defaults(self.store, table.object_type)
            row["custom_fields"] = customfields.accept(
                self.store, table.object_type, given["custom_fields"] if named else defaults, {}
            )
        self._add_tags(table, given, row, creating=True)
        self._check(table, row, None)
        row["id"] = self.store.new_id(table.path)
        row["created"] = row["last_updated"] = now()
        self._save(table, row, None)
        return int(row["id"])

    def update(self, table: Table, number: int, given: Any, partial: bool = True) -> None:
        given = _object(given)
        self.message = given.get("changelog_message") or ""
        old = self.store.at(table.path, number)
        row = {**old, **values.accept_all(self.store, table, given, partial, self.left_out)}
        if "custom_fields" in given and "custom_fields" not in self.left_out and table.field("custom_fields"):
            row["custom_fields"] = customfields.accept(
                self.store, table.object_type, given["custom_fields"], old["custom_fields"]
            )
        self._add_tags(table, given, row, creating=False)
        self._check(table, row, old)
        row["last_updated"] = now()
        self._save(table, row, old)

    def resave(self, path: str, number: int, **changed: Any) -> None:
        """Like save() on a Django object: the time stamp moves, and the changelog has it if something changed."""
        old = self.store.at(path, number)
        row = {**old, **changed, "last_updated": now()}
        self.store.put(path, row)
        self._log(TABLES[path], "update", old, row)

    def _add_tags(self, table: Table, given: Row, row: Row, creating: bool) -> None:
        if table.field("tags") is None or not ("add_tags" in given or "remove_tags" in given):
            return
        if given.get("tags"):
            raise invalid("tags", 'Cannot specify "tags" together with "add_tags" or "remove_tags".')
        if creating and given.get("remove_tags"):
            raise invalid("remove_tags", 'Cannot use "remove_tags" when creating a new object.')
        try:
            added = values.tags(self.store, given.get("add_tags") or [])
            removed = values.tags(self.store, given.get("remove_tags") or [])
        except values.Refused as error:
            raise Invalid({"tags": error.reasons}) from error
        both = ", ".join(self.store.display("extras/tags", tag) for tag in added if tag in removed)
        if both:
            raise invalid("remove_tags", f'Tags may not be present in both "add_tags" and "remove_tags": {both}')
        row["tags"] = tuple(tag for tag in dict.fromkeys((*row["tags"], *added)) if tag not in removed)

    def _check(self, table: Table, row: Row, old: Row | None) -> None:
        self._check_single(table, row)
        if table.is_tree and old is not None and row["parent"] in set(self.store.children(table.path, row["id"])):
            raise invalid("parent", f"Cannot assign self or child {table.verbose} as parent.")
        # As in Django's full_clean(): what the rules of the model and its constraints find is told together.
        errors: dict[str, list[Any]] = {}
        if table.clean:
            try:
                table.clean(self, row, old)
            except Invalid as error:
                errors |= error.body
        for rule in table.unique:
            if self._clashes(table, rule, row):
                errors.setdefault(rule.at, []).append(rule.message)
        if errors:
            raise Invalid(errors)
        if table.before_save:
            table.before_save(self, row, old)
        self._refuse_shared_targets(table, row)

    def _refuse_shared_targets(self, table: Table, row: Row) -> None:
        """One-to-one relations are the database's business in NetBox: it answers with its error."""
        for field in table.fields:
            if field.kind != "ref" or not field.unique:
                continue
            others = self.store.referrers(table.path, field.name, row[field.name])
            if any(number != row["id"] for number in others):
                constraint = f"{table.object_type.replace('.', '_')}_{field.name}_id_key"
                error = f'duplicate key value violates unique constraint "{constraint}"'
                raise ApiError(500, {"error": error, "exception": "IntegrityError"})

    def _check_single(self, table: Table, row: Row) -> None:
        errors = {}
        for field in table.fields:
            if field.kind == "text" and field.unique and row[field.name] is not None:
                value = row[field.name]
                for number in self.store.referrers(table.path, field.name, text_key(value)):
                    if number != row["id"] and self.store.at(table.path, number)[field.name] == value:
                        noun = field.name.replace("_", " ")
                        errors[field.name] = [f"{table.verbose} with this {noun} already exists."]
        if errors:
            raise Invalid(errors)

    def _clashes(self, table: Table, rule: Unique, row: Row) -> bool:
        if any(row[name] is not None for name in rule.null) or any(row[name] is None for name in rule.fields):
            return False
        groups = []
        for name in rule.fields:
            if (table.path, name) in self.store.pointers:
                key = text_key(row[name]) if isinstance(row[name], str) else row[name]
                groups.append(self.store.pointers[table.path, name].get(key, {}))

        def comparable(one: Row) -> tuple[Any, ...]:
            parts = (one[name] for name in rule.fields)
            return tuple(part.lower() if rule.ignore_case and isinstance(part, str) else part for part in parts)

        wanted = comparable(row)
        for number in min(groups, key=len):
            other = self.store.at(table.path, number)
            if number != row["id"] and comparable(other) == wanted and all(other[name] is None for name in rule.null):
                return True
        return False

    def _save(self, table: Table, row: Row, old: Row | None) -> None:
        self.store.put(table.path, row)
        self._log(table, "create" if old is None else "update", old, row, self.message)
        if table.after_save:
            table.after_save(self, row, old)

    def _log(self, table: Table, action: str, old: Row | None, row: Row | None, message: str = "") -> None:
        if not table.changelog:
            return
        if old is not None and row is not None and _without_time(old) == _without_time(row):
            return
        shown = row if row is not None else old
        assert shown is not None
        self.store.put(
            CHANGES,
            {
                "id": self.store.new_id(CHANGES),
                "time": now(),
                "user": self.user_id,
                "user_name": self.user_name,
                "request_id": self.request_id,
                "action": action,
                "changed_object_type": table.object_type,
                "changed_object_id": shown["id"],
                "object_repr": table.display(self.store, shown)[:200],
                "message": message,
                "before": old,
                "after": row,
            },
        )

    # Delete

    def delete(self, path: str, number: int, message: str = "") -> None:
        """What goes along with it, and what it leaves behind, is logged without the message."""
        if (path, number) in self._deleting or self.store.get(path, number) is None:
            return
        self._deleting.add((path, number))
        table = TABLES[path]
        self._refuse_protected(path, number)
        if table.before_delete:
            table.before_delete(self, self.store.at(path, number))
        self._let_go(path, number)
        for entry in list(
            self.store.referrers("extras/journal-entries", "assigned_object", (table.object_type, number))
        ):
            self.delete("extras/journal-entries", entry)
        row = self.store.at(path, number)
        self._log(table, "delete", row, None, message)
        self.store.remove(path, number)

    def _refuse_protected(self, path: str, number: int) -> None:
        dependents = []
        for other, field in REFERENCES[path]:
            if field.kind == "ref" and field.on_delete == "protect":
                for one in self.store.referrers(other, field.name, number):
                    if (other, one) not in self._deleting and not (path == "dcim/devices" and field.name == "master"):
                        dependents.append(f"{self.store.display(other, one)} ({one})")
        if dependents:
            detail = f"Unable to delete object. {len(dependents)} dependent objects were found: {', '.join(dependents)}"
            raise ApiError(409, {"detail": detail})

    def _let_go(self, path: str, number: int) -> None:
        """Those that point to it are deleted with it or point to nothing from now on."""
        for other, field in REFERENCES[path]:
            for one in list(self.store.referrers(other, field.name, number)):
                if field.kind == "ref" and field.on_delete == "cascade":
                    self.delete(other, one)
                elif field.kind == "ref":
                    self.resave(other, one, **{field.name: None})
                else:
                    old = self.store.at(other, one)
                    left = tuple(target for target in old[field.name] if target != number)
                    row = self.store.change(other, one, **{field.name: left})
                    if field.kind != "tags":  # a tag's deletion leaves no trace on what carried it
                        self._log(TABLES[other], "update", old, row)


REFERENCES: dict[str, list[tuple[str, Any]]] = {path: [] for path in TABLES}
for _table in TABLES.values():
    for _field in _table.fields:
        if _field.kind in ("ref", "refs"):
            REFERENCES[_field.target].append((_table.path, _field))
        elif _field.kind in ("tags", "tag_slugs"):
            REFERENCES["extras/tags"].append((_table.path, _field))


def _object(given: Any) -> Row:
    if not isinstance(given, dict):
        raise Invalid({"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(given).__name__}."]})
    return given


def _without_time(row: Row) -> Row:
    return {key: value for key, value in row.items() if key != "last_updated"}
