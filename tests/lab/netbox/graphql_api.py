"""POST /graphql/: graphql-core reads and checks the query; the selections are then compiled once and run over the rows.

graphql-core's own executor asks a resolver for each field of each object: 10,000 devices would take longer than NetBox.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    execute,
    get_named_type,
    get_operation_ast,
    parse,
    validate,
    visit,
)
from graphql.execution.values import get_argument_values, get_directive_values, get_variable_values
from graphql.language import Visitor

from . import contexts, timing
from .auth import Account
from .computed import family
from .fields import Field, Row, Table
from .render import sorted_tags
from .rest import Answer, Request
from .schema import REVERSE, SERVED, schema
from .tables import TABLES

if TYPE_CHECKING:
    from .service import Service

MAX_ALIASES, MAX_PAGE = 10, 1000
BY_LIST = {table.graphql_list: table for table in SERVED.values()}
BY_SINGLE = {table.graphql_list.removesuffix("_list"): table for table in SERVED.values()}
BY_TYPE = {table.graphql: table for table in SERVED.values()}
# Decimals come as strings with their column's digits.
PLACES = {"latitude": 6, "longitude": 6, "position": 1, "u_height": 1}
Getter = Callable[[Row], Any]


def handle(service: Service, request: Request, account: Account) -> Answer:
    given = request.json()
    query = given.get("query") if isinstance(given, dict) else None
    if not isinstance(query, str) or not query:
        return Answer(400, "No GraphQL query found in the request")
    try:
        data, cost = Run(service, account).query(query, given.get("variables") or {}, given.get("operationName"))
    except GraphQLError as error:
        return Answer(200, {"data": None, "errors": [error.formatted]})
    except Errors as errors:
        return Answer(200, {"data": None, "errors": [error.formatted for error in errors.errors]})
    return Answer(200, {"data": data}, cost=timing.REQUEST + cost)


class Errors(Exception):
    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


class _Aliases(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.count += node.alias is not None


class Run:
    """One query."""

    def __init__(self, service: Service, account: Account) -> None:
        self.store = service.store
        self.account = account
        self.schema = schema(service.settings.release >= (4, 5, 2))
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        self.variables: dict[str, Any] = {}
        self._made: dict[tuple[int, str, int], Any] = {}

    def query(self, text: str, variables: dict[str, Any], operation_name: str | None) -> tuple[Any, float]:
        document = parse(text)
        aliases = _Aliases()
        visit(document, aliases)
        if aliases.count > MAX_ALIASES:
            raise GraphQLError(f"{aliases.count} aliases found. Allowed: {MAX_ALIASES}")
        errors = validate(self.schema, document)
        if errors:
            raise Errors(errors)
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            raise GraphQLError("Unknown operation or no operation given.")
        self._read_variables(document, operation, variables)
        return self._run(document, operation, variables)

    def _read_variables(
        self, document: DocumentNode, operation: OperationDefinitionNode, given: dict[str, Any]
    ) -> None:
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                self.fragments[definition.name.value] = definition
        values = get_variable_values(self.schema, operation.variable_definitions or (), given)
        if isinstance(values, list):
            raise Errors(values)
        self.variables = values

    def _run(
        self, document: DocumentNode, operation: OperationDefinitionNode, given: dict[str, Any]
    ) -> tuple[Any, float]:
        query = self.schema.query_type
        assert query is not None
        data: dict[str, Any] = {}
        cost = 0.0
        for key, nodes in self._collect(query, operation.selection_set).items():
            name = nodes[0].name.value
            if name.startswith("__"):
                if name == "__typename":
                    data[key] = query.name
                    continue
                result: Any = execute(self.schema, document, variable_values=given)  # only introspection resolves there
                data[key] = (result.data or {}).get(key)
                continue
            arguments = get_argument_values(query.fields[name], nodes[0], self.variables)
            table = BY_LIST.get(name) or BY_SINGLE[name]
            try:
                rows = self._rows(table, arguments) if name in BY_LIST else [self._row(table, arguments["id"])]
            except ValueError as error:
                raise GraphQLError(str(error), nodes, path=[key]) from error
            make = self._compile(TABLES[table.path], nodes)
            made = [make(row) for row in rows]
            data[key] = made if name in BY_LIST else made[0]
            cost += timing.graphql_list(table.path, len(rows), *self._weight(table, nodes))
        return data, cost

    def _weight(self, table: Table, nodes: list[FieldNode]) -> tuple[set[str], bool, bool]:
        """Names selected; whether related objects give more than their ids; whether there are any."""
        fields = self._collect(
            self.schema.type_map[table.graphql], *(n.selection_set for n in nodes if n.selection_set)
        )
        names = {nodes[0].name.value for nodes in fields.values()}
        inner = [
            one.name.value
            for nodes in fields.values()
            if (field := table.field(nodes[0].name.value)) and field.target and not field.target.startswith("ipam")
            for node in nodes
            if node.selection_set
            for one in node.selection_set.selections
            if isinstance(one, FieldNode)
        ]
        return names, bool(set(inner) - {"id"}), len(names) > 4 or bool(inner)

    # Rows

    def _row(self, table: Table, number: str) -> Row:
        row = self.store.get(table.path, int(number)) if number.isdecimal() else None
        if row is None or not self._sees(table, row):
            raise ValueError(f"{table.class_name} matching query does not exist.")
        return row

    def _sees(self, table: Table, row: Row) -> bool:
        return self.account.may("GET", table) and self.account.sees(self.store, table, row)

    def _rows(self, table: Table, arguments: dict[str, Any]) -> list[Row]:
        wanted, pagination = arguments.get("filters"), arguments.get("pagination") or {}
        rows = self.store.tables[table.path]
        start, offset, limit = pagination.get("start"), pagination.get("offset") or 0, pagination.get("limit")
        if start is not None and offset:
            raise ValueError("Cannot specify both `start` and `offset` in pagination.")
        if start is not None and start < 0:
            raise ValueError("`start` must be greater than or equal to zero.")
        limit = MAX_PAGE if limit is None or limit <= 0 else min(limit, MAX_PAGE)
        if not self.account.may("GET", table):
            return []
        numbers: list[int] = _ids_wanted(wanted) or list(rows)
        found = [row for number in numbers if (row := rows.get(number))]
        if wanted:
            found = [row for row in found if self._matches(table, wanted, row)]
        if not self.account.superuser:
            found = [row for row in found if self._sees(table, row)]
        if start is not None:
            found = sorted((row for row in found if row["id"] >= start), key=lambda row: row["id"])
        elif len(found) > 1:
            places = {row["id"]: row for row in found}
            found = [places[number] for number in self.store.order(table.path) if number in places]
        return found[offset : offset + limit]

    def _matches(self, table: Table, wanted: dict[str, Any], row: Row) -> bool:
        result = all(self._one_matches(table, name, value, row) for name, value in wanted.items())
        if wanted.get("AND") is not None:
            result = result and self._matches(table, wanted["AND"], row)
        if wanted.get("NOT") is not None:
            result = result and not self._matches(table, wanted["NOT"], row)
        if wanted.get("OR") is not None:
            others = {name for name in wanted if name not in ("AND", "OR", "NOT", "DISTINCT")}
            result = (result and bool(others)) or self._matches(table, wanted["OR"], row)
        return result

    def _one_matches(self, table: Table, name: str, wanted: Any, row: Row) -> bool:
        if name in ("AND", "OR", "NOT", "DISTINCT") or wanted is None:
            return True
        if name == "id":
            return _lookup_matches({key: _as_id(value) for key, value in wanted.items()}, row["id"])
        field = table.field(name)
        if field is None:
            plain = name.removesuffix("_id")
            if isinstance(wanted, dict):
                relation = table.field(plain)
                assert relation is not None
                return self._node_matches(relation.target, wanted, row[plain])
            return str(row[plain]) == str(wanted)
        if not isinstance(wanted, dict):
            return str(row[name]) == str(wanted)
        if field.kind in ("ref", "refs", "tags"):
            path = field.target or "extras/tags"
            numbers = [row[name]] if field.kind == "ref" else row[name]
            others = [other for number in numbers if (other := self.store.get(path, number))]
            return any(self._matches(TABLES[path], wanted, other) for other in others)
        if field.name == "object_types":
            return any(_type_matches(wanted, *one.split(".")) for one in row[name])
        if field.kind in ("int", "float"):
            wanted = wanted.get("filter_lookup") or wanted.get("comparison_lookup") or {}
        return _lookup_matches(wanted, row[name])

    def _node_matches(self, path: str, wanted: dict[str, Any], number: int | None) -> bool:
        """NetBox's TreeNodeFilter."""
        node = int(wanted["id"])
        row = self.store.get(path, node)
        if row is None or number is None:
            return False
        below = set(self.store.children(path, node))
        direct = set(self.store.referrers(path, "parent", node))
        matches = {
            "exact": {node},
            "descendants": below - {node},
            "self_and_descendants": below,
            "children": direct,
            "siblings": {one["id"] for one in self.store.rows(path) if one["parent"] == row["parent"]} - {node},
            "ancestors": set(self.store.ancestors(path, node)) - {node},
            "parent": {row["parent"]},
        }
        return number in matches[wanted["match_type"]]

    # Selections

    def _collect(self, kind: Any, *selections: SelectionSetNode) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        for selection_set in selections:
            for node in selection_set.selections:
                if not self._included(node):
                    continue
                if isinstance(node, FieldNode):
                    key = node.alias.value if node.alias else node.name.value
                    found.setdefault(key, []).append(node)
                    continue
                part: Any = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
                assert isinstance(part, FragmentDefinitionNode | InlineFragmentNode)
                condition = part.type_condition
                if condition is None or condition.name.value == kind.name:
                    for key, nodes in self._collect(kind, part.selection_set).items():
                        found.setdefault(key, []).extend(nodes)
        return found

    def _included(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _compile(self, table: Table, nodes: list[FieldNode]) -> Callable[[Row], Row]:
        kind = self.schema.type_map[table.graphql]
        assert isinstance(kind, GraphQLObjectType)
        selections = [node.selection_set for node in nodes if node.selection_set]
        parts: list[tuple[str, Getter]] = []
        for key, inner in self._collect(kind, *selections).items():
            parts.append((key, self._getter(table, kind, inner)))
        return lambda row: {key: get(row) for key, get in parts}

    def _getter(self, table: Table, kind: GraphQLObjectType, nodes: list[FieldNode]) -> Getter:
        name = nodes[0].name.value
        special: dict[str, Getter] = {
            "id": lambda row: str(row["id"]),
            "__typename": lambda _row: table.graphql,
            "class_type": lambda _row: table.graphql,
            "display": lambda row: table.display(self.store, row),
            "custom_field_data": lambda row: row["custom_fields"],
            "custom_fields": lambda row: self._custom_fields(table, row),
            "config_context": lambda row: contexts.render(self.store, row),
        }
        if name in special:
            return special[name]
        if name in REVERSE.get(table.path, {}):
            return self._reverse(table, *REVERSE[table.path][name], nodes)
        field = table.field(name)
        assert field is not None
        if field.kind in ("ref", "refs", "tags", "tag_slugs"):
            return self._related(field, nodes)
        if field.kind == "gfk":
            return self._union(field, nodes)
        if name == "family":
            parts = {
                key: inner[0].name.value
                for key, inner in self._collect(
                    get_named_type(kind.fields[name].type),
                    *(node.selection_set for node in nodes if node.selection_set),
                ).items()
            }
            column = "address" if "address" in table.names else "prefix"
            return lambda row: {key: family(row[column])[part] for key, part in parts.items()}
        if field.kind == "count":
            pointers = self.store.pointers[field.count_of[0]]
            return lambda row: len(pointers.get(row["id"], ()))
        if field.kind == "time":
            return lambda row: row[name] and row[name].replace("Z", "+00:00")
        if field.kind == "float":
            places = PLACES.get(name, 2)
            return lambda row: None if row[name] is None else f"{row[name]:.{places}f}"
        return lambda row: row[name]

    def _custom_fields(self, table: Table, row: Row) -> Row:
        return {
            one["name"]: row["custom_fields"].get(one["name"]) for one in self.store.custom_fields(table.object_type)
        }

    def _made_once(self, path: str, nodes: list[FieldNode]) -> Callable[[int | None], Any]:
        """A related object's selection, built once however many point to it."""
        table = TABLES[path]
        make = self._compile(table, nodes)
        rows = self.store.tables[path]
        made: dict[int | None, Any] = {None: None}
        closed = not self.account.superuser

        def get(number: int | None) -> Any:
            if number not in made:
                row = rows.get(number) if number is not None else None
                made[number] = None if row is None or (closed and not self._sees(table, row)) else make(row)
            return made[number]

        return get

    def _related(self, field: Field, nodes: list[FieldNode]) -> Getter:
        name = field.name
        get = self._made_once(field.target or "extras/tags", nodes)
        if field.kind == "ref":
            return lambda row: get(row[name])
        if field.kind == "refs":
            return lambda row: [get(number) for number in row[name]]
        return lambda row: [get(number) for number in sorted_tags(self.store, row["tags"])]

    def _reverse(self, table: Table, path: str, name: str, nodes: list[FieldNode]) -> Getter:
        get = self._made_once(path, nodes)
        pointers = self.store.pointers[path, name]
        places: dict[int, int] = self.store.derived(
            f"places {path}", (path,), lambda: {number: at for at, number in enumerate(self.store.order(path))}
        )

        def listed(row: Row) -> list[Any]:
            numbers = pointers.get((table.object_type, row["id"]) if name == "assigned_object" else row["id"], ())
            return [get(number) for number in sorted(numbers, key=places.__getitem__)]

        return listed

    def _union(self, field: Field, nodes: list[FieldNode]) -> Getter:
        type_field, id_field = field.object_fields
        getters: dict[str, Callable[[int | None], Any]] = {}

        def get(row: Row) -> Any:
            target = self.store.table_of(row[type_field])
            if target is None or target.path not in SERVED:
                return None
            if target.path not in getters:
                getters[target.path] = self._made_once(target.path, nodes)
            return getters[target.path](row[id_field])

        return get


def _as_id(value: Any) -> Any:
    if isinstance(value, list):
        return [int(one) for one in value]
    return value if isinstance(value, bool) or value is None else int(value)


def _ids_wanted(wanted: dict[str, Any] | None) -> list[int] | None:
    """The ids that a filter names, if it can match no others."""
    by_id = (wanted or {}).get("id") or {}
    if wanted and wanted.get("OR") is None:
        if by_id.get("exact") is not None:
            return [int(by_id["exact"])]
        if by_id.get("in_list") is not None:
            return list(dict.fromkeys(int(one) for one in by_id["in_list"]))
    return None


MATCHES: dict[str, Callable[[Any, Any], bool]] = {
    "exact": lambda value, wanted: bool(value == wanted),
    "in_list": lambda value, wanted: value in wanted,
    "gt": lambda value, wanted: bool(value > wanted),
    "gte": lambda value, wanted: bool(value >= wanted),
    "lt": lambda value, wanted: bool(value < wanted),
    "lte": lambda value, wanted: bool(value <= wanted),
    "i_exact": lambda value, wanted: value.casefold() == wanted.casefold(),
    "contains": lambda value, wanted: wanted in value,
    "i_contains": lambda value, wanted: wanted.casefold() in value.casefold(),
    "starts_with": lambda value, wanted: value.startswith(wanted),
    "i_starts_with": lambda value, wanted: value.casefold().startswith(wanted.casefold()),
    "ends_with": lambda value, wanted: value.endswith(wanted),
    "i_ends_with": lambda value, wanted: value.casefold().endswith(wanted.casefold()),
    "regex": lambda value, wanted: re.search(wanted, value) is not None,
    "i_regex": lambda value, wanted: re.search(wanted, value, re.IGNORECASE) is not None,
}


def _type_matches(wanted: dict[str, Any], app_label: str, model: str) -> bool:
    """NetBox's ContentTypeFilter, as far as it is used: by both names."""
    return _lookup_matches(wanted.get("app_label") or {}, app_label) and _lookup_matches(
        wanted.get("model") or {}, model
    )


def _lookup_matches(wanted: dict[str, Any], value: Any) -> bool:
    for lookup, given in wanted.items():
        if given is None:
            continue
        if lookup == "is_null":
            if (value is None) is not given:
                return False
        elif value is None or not MATCHES[lookup](value, given):
            return False
    return True
