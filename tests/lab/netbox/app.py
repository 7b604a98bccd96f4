"""The HTTP face: an ASGI application around a Service, with a control endpoint below /__lab__/."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import fields
from typing import Any

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .rest import Answer, Request
from .service import Fault, Service
from .timing import Workers

Message = MutableMapping[str, Any]


class ConnectionCut(Exception):
    """Raised so that the server closes the connection in the middle."""


class App:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.workers = Workers()
        self.controls: dict[str, Callable[[Any], Any]] = {
            "requests": lambda _given: service.log,
            "clear_requests": lambda _given: service.log.clear(),
            "fail": self._fail,
            "settings": self._settings,
            "snapshot": self._snapshot,
            "restore": self._restore,
            "seed": service.seed,
            "age": lambda _given: service.age(),
            "reset": lambda _given: service.reset(),
            "counts": lambda _given: {path: len(rows) for path, rows in service.store.tables.items()},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        http = HttpRequest(scope, receive)
        body = await http.body()
        if http.url.path.startswith("/__lab__/"):
            await self._control(http.url.path.removeprefix("/__lab__/").strip("/"), body)(scope, receive, send)
            return
        request = Request(
            http.method,
            http.url.path,
            http.url.query,
            {key.lower(): value for key, value in http.headers.items()},
            body,
            f"http://{http.headers.get('host', 'localhost')}",
        )
        await self._serve(request, scope, receive, send)

    async def _serve(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        service = self.service
        began = time.monotonic()
        fault = service.fault_for(request.method, request.path)
        if service.settings.delay or (fault and fault.seconds):
            await asyncio.sleep(service.settings.delay + (fault.seconds if fault else 0.0))
        if fault and fault.status:
            answer = Answer(fault.status, fault.body, {"Content-Type": fault.content_type}, 0.0)
        else:
            computing = time.monotonic()
            try:
                answer = service.handle(request)
            except Exception:
                # A fault of the stand-in itself: the client gets a 500, whoever looks at the tests gets the cause.
                traceback.print_exc()
                raise
            if service.settings.realistic_time:
                reads = request.method in ("GET", "HEAD", "OPTIONS") or request.path == "/graphql/"
                spend = self.workers.take if reads else self.workers.write
                await spend(answer.cost, time.monotonic() - computing)
        entry = {"method": request.method, "path": request.path, "query": request.query, "status": answer.status}
        entry |= {"seconds": time.monotonic() - began, "objects": amount(request.body) if request.body else 0}
        service.log.append(entry)
        if fault and fault.lose:
            entry["status"] = 0
            raise ConnectionCut
        response = to_response(answer, request.method)
        entry["bytes"] = len(response.body)
        if fault and fault.truncate:
            await _half(response, send)
            raise ConnectionCut
        await response(scope, receive, send)

    # Control

    def _control(self, name: str, body: bytes) -> Response:
        if name not in self.controls:
            return Response(f"no such control: {name}", 404)
        result = self.controls[name](orjson.loads(body) if body else {})
        return Response(orjson.dumps(result, default=list), media_type="application/json")

    def _fail(self, given: dict[str, Any]) -> None:
        if given.pop("clear", False):
            self.service.faults.clear()
        else:
            self.service.faults.append(Fault(**given))

    def _settings(self, given: dict[str, Any]) -> dict[str, Any]:
        settings = self.service.settings
        for name, value in given.items():
            if name == "limited_sites":
                value = frozenset(value)
            elif name == "jobs_rights":
                value = {action: frozenset(types) for action, types in value.items()}
            setattr(settings, name, value)
        return {one.name: getattr(settings, one.name) for one in fields(settings)}

    def _snapshot(self, given: dict[str, Any]) -> None:
        self.service.snapshots[given.get("name", "")] = self.service.store.snapshot()

    def _restore(self, given: dict[str, Any]) -> None:
        self.service.store.restore(self.service.snapshots[given.get("name", "")])


def amount(body: bytes) -> int:
    """How many objects a request is about."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        return 0
    return len(given) if isinstance(given, list) else 1


def to_response(answer: Answer, method: str) -> Response:
    headers = {"Vary": "HX-Request, Accept-Language, Cookie, origin", **answer.headers}
    if answer.status == 204 or method == "HEAD":
        return Response(b"", answer.status, headers)
    if isinstance(answer.body, str):
        headers.setdefault("Content-Type", "text/html; charset=utf-8")
        return Response(answer.body, answer.status, headers)
    headers.setdefault("Content-Type", "application/json")
    return Response(orjson.dumps(answer.body, option=orjson.OPT_NON_STR_KEYS), answer.status, headers)


async def _half(response: Response, send: Callable[[Message], Awaitable[None]]) -> None:
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    body = bytes(response.body)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await asyncio.sleep(0.05)  # let the first half go out before the connection is closed
