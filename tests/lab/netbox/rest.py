"""The REST API: lists, single objects, writes. No web framework here: a Request in, an Answer out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import orjson

from . import filters, timing
from .auth import Account
from .errors import ApiError, Invalid, forbidden, not_found
from .fields import Row, Table
from .ordering import by_fields
from .render import Renderer
from .tables import TABLES
from .write import Writer

if TYPE_CHECKING:
    from .service import Service

DETAIL_METHODS = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
READ_METHODS = "GET, HEAD, OPTIONS"
PAGE, MAX_PAGE = 50, 1000
# Endpoints that an older NetBox does not have.
SINCE = {"extras/config-context-profiles": (4, 4)}


@dataclass
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    base_url: str

    def values(self, blank: bool = False) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, value in parse_qsl(self.query, keep_blank_values=blank):
            found.setdefault(key, []).append(value)
        return found

    def json(self) -> Any:
        if not self.body:
            return {}
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            try:  # for the reason in the words of Python's parser, which NetBox uses
                json.loads(self.body)
            except ValueError as plain:
                raise ApiError(400, {"detail": f"JSON parse error - {plain}"}) from error
            raise


@dataclass
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cost: float = timing.REQUEST  # seconds that NetBox would take


@dataclass
class Call:
    """What the handlers of one request share."""

    service: Service
    request: Request
    account: Account
    table: Table
    view: Renderer

    def sees(self, row: Row) -> bool:
        return self.account.sees(self.service.store, self.table, row)


def allow(path: str) -> str:
    """The Allow header for a path below /api/."""
    parts = path.strip("/").split("/")
    table = TABLES.get("/".join(parts[:2]))
    if table is None or len(parts) < 2:
        return READ_METHODS
    if len(parts) == 3 and "POST" in table.methods:
        return DETAIL_METHODS
    return table.methods


def handle(service: Service, request: Request, account: Account) -> Answer:
    parts = request.path.removeprefix("/api/").strip("/").split("/")
    if request.method not in allow("/".join(parts)):
        raise ApiError(405, {"detail": f'Method "{request.method}" not allowed.'})
    table = TABLES.get("/".join(parts[:2]))
    if table is not None and service.settings.release < SINCE.get(table.path, ()):
        raise ApiError(404, "<h1>Page Not Found</h1>")
    if table is None or len(parts) > 3:
        return _other(service, request, account, parts)
    if not account.may(request.method, table):
        raise forbidden()
    call = Call(service, request, account, table, Renderer(service.store, request.base_url))
    if request.method == "OPTIONS":
        return Answer(200, options(table, account))
    if len(parts) == 3:
        return _single(call, parts[2])
    handler = {"GET": _list, "HEAD": _list, "POST": _create, "PATCH": _bulk_update, "PUT": _bulk_update}
    return handler.get(request.method, _bulk_delete)(call)


def _other(service: Service, request: Request, account: Account, parts: list[str]) -> Answer:
    path = "/".join(parts)
    base = request.base_url
    if path == "":
        apps = [
            "circuits",
            "core",
            "dcim",
            "extras",
            "ipam",
            "plugins",
            "status",
            "tenancy",
            "users",
            "virtualization",
            "vpn",
            "wireless",
        ]
        return Answer(200, {app: f"{base}/api/{app}/" for app in apps})
    if path == "status":
        return Answer(200, service.status())
    if path == "authentication-check":
        user = service.store.at("users/users", account.user_id)
        return Answer(200, Renderer(service.store, base).whole(TABLES["users/users"], user))
    if path == "schema":
        return Answer(200, service.schema())
    endpoints = {name.split("/")[1]: f"{base}/api/{name}/" for name in TABLES if name.split("/")[0] == path}
    if endpoints:
        return Answer(200, dict(sorted(endpoints.items())))
    raise ApiError(404, "<h1>Page Not Found</h1>")


# Lists


@dataclass(frozen=True)
class Shape:
    """Which fields an answer has: ?fields=, ?omit=, ?brief=, ?exclude=config_context."""

    names: frozenset[str] | None
    omitted: frozenset[str]
    brief: bool
    context: bool  # config contexts are computed, shown or not

    def show(self, view: Renderer, table: Table, row: Row) -> Row:
        if self.brief:
            return {**view.head(table, row, False), **view.whole(table, row, table.brief)}
        shown = view.whole(table, row, self.names)
        for name in self.omitted:
            shown.pop(name, None)
        return shown


def shape_of(table: Table, query: dict[str, list[str]]) -> Shape:
    names = frozenset(query["fields"][-1].split(",")) if query.get("fields") else None
    omitted = frozenset(query["omit"][-1].split(",")) if query.get("omit") and names is None else frozenset()
    brief = bool(query.get("brief")) and names is None and not omitted
    excluded = "config_context" in query.get("exclude", [""])[-1] or bool(query.get("brief"))
    if excluded and table.context_role:
        omitted |= {"config_context"}
    return Shape(names, omitted, brief, table.context_role and not excluded)


def _number(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _limit(query: dict[str, list[str]]) -> int:
    limit = _number(query.get("limit", [""])[-1])
    if limit is None or limit < 0:
        return PAGE
    return MAX_PAGE if limit == 0 else min(limit, MAX_PAGE)


def _list(call: Call) -> Answer:
    query = call.request.values()
    table, store = call.table, call.service.store
    shape, limit = shape_of(table, query), _limit(query)
    rows = [row for row in filters.select(store, table, query) if call.sees(row)]
    if "start" in query:
        return _cursor(call, query, rows, limit, shape)
    ordering = [name for name in query.get("ordering", [""])[-1].split(",") if name]
    rows = by_fields(store, table, rows, ordering) if ordering else _in_default_order(call, rows)
    offset = max(0, _number(query.get("offset", [""])[-1]) or 0)
    page = rows[offset : offset + limit]
    count = len(rows)
    following = None if offset + limit >= count else _link(call, limit=limit, offset=offset + limit)
    previous = None if offset <= 0 else _link(call, limit=limit, offset=max(0, offset - limit) or None)
    body: Row = {"count": count, "next": following, "previous": previous}
    body["results"] = [shape.show(call.view, table, row) for row in page]
    cost = timing.rest_list(table.path, len(page), min(offset, count), shape.names, shape.brief, shape.context)
    return Answer(200, body, cost=cost)


def _in_default_order(call: Call, rows: list[Row]) -> list[Row]:
    if len(rows) < 2:
        return rows
    wanted = {row["id"]: row for row in rows}
    return [wanted[number] for number in call.service.store.order(call.table.path) if number in wanted]


def _cursor(call: Call, query: dict[str, list[str]], rows: list[Row], limit: int, shape: Shape) -> Answer:
    start = _number(query["start"][-1])
    if start is None or start < 0:
        raise Invalid(["Invalid 'start' parameter: must be a non-negative integer."])
    if "offset" in query:
        raise Invalid(["'start' and 'offset' are mutually exclusive."])
    if "ordering" in query:
        raise Invalid(["Ordering cannot be specified in conjunction with cursor-based pagination."])
    page = sorted((row for row in rows if row["id"] >= start), key=lambda row: row["id"])[:limit]
    following = _link(call, start=page[-1]["id"] + 1, limit=limit, offset=None) if len(page) == limit else None
    results = [shape.show(call.view, call.table, row) for row in page]
    cost = timing.rest_list(call.table.path, len(page), 0, shape.names, shape.brief, shape.context)
    return Answer(200, {"count": None, "next": following, "previous": None, "results": results}, cost=cost)


def _link(call: Call, **changed: int | None) -> str:
    query: dict[str, Any] = call.request.values(blank=True)
    for key, value in changed.items():
        query.pop(key, None)
        if value is not None:
            query[key] = [str(value)]
    return f"{call.request.base_url}{call.request.path}?{urlencode(sorted(query.items()), doseq=True)}"


# Single objects


def etag(row: Row) -> dict[str, str]:
    moment = row.get("last_updated") or row.get("created")
    return {"ETag": f'W/"{moment.replace("Z", "+00:00")}"'} if moment else {}


def _find(call: Call, key: str) -> Row:
    row = call.service.store.get(call.table.path, int(key)) if key.isdecimal() else None
    if row is None or not call.sees(row):
        raise not_found(call.table.class_name)
    return row


def _single(call: Call, key: str) -> Answer:
    row = _find(call, key)
    method = call.request.method
    shape = shape_of(call.table, call.request.values())
    if method in ("GET", "HEAD"):
        return Answer(200, shape.show(call.view, call.table, row), etag(row), timing.REST_SINGLE)
    wanted = call.request.headers.get("if-match")
    current = etag(row)
    if wanted and wanted != "*" and current and current["ETag"] not in [one.strip() for one in wanted.split(",")]:
        raise ApiError(412, {"detail": "Precondition failed."}, current)
    writer = _writer(call)
    given = call.request.json()
    if isinstance(given, list):
        raise Invalid([_not_a_dictionary(one) for one in given])
    store, path = call.service.store, call.table.path
    with store.transaction():
        if method == "DELETE":
            writer.delete(path, row["id"], given.get("changelog_message") or "" if isinstance(given, dict) else "")
            return Answer(204, cost=timing.rest_write(path, method, 1, True))
        writer.update(call.table, row["id"], given, partial=method == "PATCH")
        row = store.at(path, row["id"])
        _must_see(call, row)
    shown = shape.show(_fresh(call), call.table, row)
    return Answer(200, shown, etag(row), timing.rest_write(path, method, 1, True))


def _writer(call: Call) -> Writer:
    shape = shape_of(call.table, call.request.values())
    names = call.table.names
    left_out = shape.omitted if shape.names is None else names - shape.names
    return Writer(call.service.store, call.account.user_id, left_out)


def _fresh(call: Call) -> Renderer:
    return Renderer(call.service.store, call.request.base_url)


def _must_see(call: Call, row: Row) -> None:
    """A write may not take an object out of what its author may touch."""
    if not call.sees(row):
        raise forbidden()


# Writes of many


def _create(call: Call) -> Answer:
    given = call.request.json()
    many = given if isinstance(given, list) else [given]
    writer, store, table = _writer(call), call.service.store, call.table
    created: list[int] = []
    errors: list[Any] = []
    with store.transaction():
        for one in many:
            try:
                number = writer.create(table, one)
            except Invalid as error:
                # Devices are created one after the other, so that the first error ends it; of all others
                # NetBox checks the whole list first and answers with one dictionary for each.
                if not isinstance(given, list) or table.path == "dcim/devices":
                    raise
                errors.append(error.body)
            else:
                _must_see(call, store.at(table.path, number))
                created.append(number)
                errors.append({})
        if any(errors):
            raise Invalid(errors)
    view = _fresh(call)
    shape = shape_of(table, call.request.values())
    shown = [shape.show(view, table, store.at(table.path, number)) for number in created]
    cost = timing.rest_write(table.path, "POST", len(created), False)
    if isinstance(given, list):
        return Answer(201, shown, cost=cost)
    return Answer(201, shown[0], etag(store.at(table.path, created[0])), cost)


def _not_a_dictionary(one: Any) -> Row:
    return {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(one).__name__}."]}


def _items(call: Call) -> list[Row]:
    given = call.request.json()
    if not isinstance(given, list):
        kind = type(given).__name__
        raise Invalid({"non_field_errors": [f'Expected a list of items but got type "{kind}".']})
    errors: list[Any] = []
    for one in given:
        if not isinstance(one, dict):
            errors.append(_not_a_dictionary(one))
        elif "id" not in one:
            errors.append({"id": ["This field is required."]})
        elif isinstance(one["id"], bool) or not str(one["id"]).isdecimal():
            errors.append({"id": ["A valid integer is required."]})
        else:
            errors.append({})
    if any(errors):
        raise Invalid(errors)
    return [{**one, "id": int(one["id"])} for one in given]


def _bulk_update(call: Call) -> Answer:
    given = {one["id"]: one for one in _items(call)}
    writer, store, table = _writer(call), call.service.store, call.table
    # An id that does not exist is skipped without a word.
    rows = _in_default_order(call, [row for n in given if (row := store.get(table.path, n)) and call.sees(row)])
    with store.transaction():
        for row in rows:
            writer.update(table, row["id"], given[row["id"]], partial=call.request.method == "PATCH")
            _must_see(call, store.at(table.path, row["id"]))
    view, shape = _fresh(call), shape_of(table, call.request.values())
    numbers = [row["id"] for row in rows]
    shown = [shape.show(view, table, store.at(table.path, number)) for number in numbers]
    return Answer(200, shown, cost=timing.rest_write(table.path, "PATCH", len(rows), False))


def _bulk_delete(call: Call) -> Answer:
    items = _items(call)
    writer, store, path = _writer(call), call.service.store, call.table.path
    with store.transaction():
        for one in items:
            row = store.get(path, one["id"])
            if row is not None and call.sees(row):
                writer.delete(path, one["id"], one.get("changelog_message") or "")
    return Answer(204, cost=timing.rest_write(path, "DELETE", len(items), False))


# OPTIONS

KINDS = {"text": "string", "int": "integer", "float": "float", "bool": "boolean", "time": "datetime", "json": "field"}


def options(table: Table, account: Account) -> Row:
    noun = table.verbose[:1].upper() + table.verbose[1:]
    answer: Row = {
        "name": f"{noun} List",
        "description": "",
        "renders": ["application/json", "text/html"],
        "parses": ["application/json"],
    }
    if "POST" in table.methods:
        fields = {}
        for one in table.fields:
            kind = KINDS.get(one.kind, one.kind if one.kind in ("choice", "list") else "field")
            fields[one.name] = {
                "type": kind,
                "required": one.required,
                "read_only": not one.writable,
                "label": one.name.replace("_", " ").capitalize(),
            }
            if one.kind == "text" and one.maximum:
                fields[one.name]["max_length"] = int(one.maximum)
        # named only to those who may
        actions = {method: fields for method in ("PUT", "POST") if account.may(method, table)}
        if actions:
            answer["actions"] = actions
    return answer
