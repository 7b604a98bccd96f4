"""One stand-in: its estate, its settings, the faults it was told to make, the requests it saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from . import auth, filters, graphql_api, rest
from .errors import ApiError
from .fields import Row
from .rest import Answer, Request
from .store import Store, now
from .tables import TABLES


@dataclass
class Fault:
    """What becomes of the next `count` requests whose path begins with `path_prefix` (and whose method is `method`)."""

    status: int = 0  # answer this instead of doing as asked
    body: str = ""
    content_type: str = "text/html"
    truncate: bool = False  # send half of the answer, then cut the connection
    lose: bool = False  # do as asked, then cut the connection without an answer
    seconds: float = 0.0  # wait before doing as asked
    count: int = 1
    skip: int = 0  # let so many pass first
    path_prefix: str = "/"
    method: str = ""


@dataclass
class Settings:
    version: str = "4.6.8"
    realistic_time: bool = False
    graphql: bool = True
    delay: float = 0.0
    limited_sites: frozenset[str] = frozenset({"no-such-site"})
    #: action -> object types
    jobs_rights: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def release(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split(".")[:3])


@dataclass
class Service:
    settings: Settings = field(default_factory=Settings)
    store: Store = field(default_factory=Store)
    faults: list[Fault] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    snapshots: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As it was at the start: no estate, no faults, an empty log."""
        self.store = Store()
        auth.seed(self.store)
        for number, table in enumerate(TABLES.values(), 1):
            self.store.put("core/object-types", _object_type(number, table))
        self.faults.clear()
        self.log.clear()

    def seed(self, estate: dict[str, Any]) -> None:
        """Take rows as they are, ids included: for fixtures, and for estates too large to be posted each time."""
        given = dict(estate)
        last_ids = given.pop("last_ids", {})
        for path, rows in given.items():
            table = TABLES[path]
            blank = {one.name: one.default for one in table.fields if one.stored}
            if "custom_fields" in blank:
                blank["custom_fields"] = {}
            for row in rows:
                moment = now()
                whole = {**blank, "created": moment, "last_updated": moment, **row}
                for one in table.fields:
                    if one.kind in ("refs", "tags", "tag_slugs", "list"):
                        whole[one.name] = tuple(whole[one.name])
                self.store.put(path, whole)
                self.store.last_ids[path] = max(self.store.last_ids[path], whole["id"])
        for path, number in last_ids.items():
            self.store.last_ids[path] = max(self.store.last_ids[path], number)

    def age(self) -> None:
        """As if everything had been made long ago, one after the other: objects minutes apart, changes hours."""
        long_ago = datetime(2000, 1, 1, tzinfo=UTC)
        for path, rows in self.store.tables.items():
            for row in list(rows.values()):
                if "time" in row:
                    moment = long_ago + timedelta(hours=row["id"])
                    self.store.put(path, {**row, "time": f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"})
                elif row.get("last_updated"):
                    moment = long_ago + timedelta(minutes=row["id"])
                    past = f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
                    self.store.put(path, {**row, "created": past, "last_updated": past})

    def fault_for(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if path.startswith(fault.path_prefix) and fault.method in ("", method):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.count -= 1
                if fault.count <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def handle(self, request: Request) -> Answer:
        try:
            answer = self._handle(request)
        except ApiError as error:
            answer = Answer(error.status, error.body, dict(error.headers))
        if request.path.startswith("/api/"):
            answer.headers |= {
                "Allow": rest.allow(request.path.removeprefix("/api/")),
                "API-Version": ".".join(self.settings.version.split(".")[:2]),
            }
        if self.settings.release < (4, 6):
            answer.headers.pop("ETag", None)
        return answer

    def _handle(self, request: Request) -> Answer:
        if request.path == "/graphql/" and request.method == "POST":
            return self._graphql(request)
        if not request.path.startswith("/api/"):
            raise ApiError(404, "<h1>Page Not Found</h1>")
        account = self._account(request)
        if not request.path.endswith("/"):
            # Django's APPEND_SLASH: a GET is sent on, anything else can't be.
            if request.method in ("GET", "HEAD"):
                query = f"?{request.query}" if request.query else ""
                return Answer(301, "", {"Location": f"{request.path}/{query}"})
            raise ApiError(404, "<h1>Page Not Found</h1>")
        if self.settings.release < (4, 6) and "start=" in request.query:
            kept = [part for part in request.query.split("&") if not part.startswith("start=")]
            request = Request(**{**request.__dict__, "query": "&".join(kept)})
        return rest.handle(self, request, account)

    def _account(self, request: Request) -> auth.Account:
        known = auth.accounts(self.settings.limited_sites, self.settings.jobs_rights)
        if self.settings.release < (4, 5):
            known = {header: account for header, account in known.items() if header.startswith("Token ")}
        return auth.authenticate(known, request.headers.get("authorization"))

    def _graphql(self, request: Request) -> Answer:
        if not self.settings.graphql:
            raise ApiError(404, "The GraphQL API is not enabled.")
        try:
            account = self._account(request)
        except ApiError as error:
            reason = error.body["detail"]
            if reason == "Authentication credentials were not provided.":
                reason = "No credentials provided."
            raise ApiError(403, reason) from error
        return graphql_api.handle(self, request, account)

    def status(self) -> Row:
        return {
            "django-version": "6.0.8",
            "hostname": "stand-in",
            "installed_apps": {"django_filters": "26.1", "rest_framework": "3.17.1"},
            "netbox-version": self.settings.version,
            "netbox-full-version": self.settings.version,
            "plugins": {},
            "python-version": "3.12.1",
            "rq-workers-running": 1,
        }

    def schema(self) -> Row:
        """The part of NetBox's OpenAPI document that names the filters: a typo in one selects everything."""
        paths = {}
        for path in TABLES:
            known = sorted({*filters.names(path), *filters.PARAMETERS - {"exclude", "format"}})
            parameters = [{"in": "query", "name": name, "schema": {"type": "string"}} for name in known]
            paths[f"/api/{path}/"] = {"get": {"operationId": f"{path}_list", "parameters": parameters, "responses": {}}}
        version = self.settings.version
        return {"openapi": "3.0.3", "info": {"title": "NetBox REST API", "version": version}, "paths": paths}


def _object_type(number: int, table: Any) -> Row:
    return {
        "id": number,
        "app_label": table.app,
        "app_name": table.app.upper() if table.app in ("dcim", "ipam") else table.app.capitalize(),
        "model": table.model,
        "model_name": table.verbose,
        "model_name_plural": f"{table.verbose}s",
        "public": True,
        "features": ("custom_fields",) if table.field("custom_fields") else (),
        "is_plugin_model": False,
        "rest_api_endpoint": f"/api/{table.path}/",
        "description": "",
    }
