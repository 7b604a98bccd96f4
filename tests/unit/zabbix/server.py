"""A Zabbix on 127.0.0.1 that answers as a test tells it to, over HTTP or HTTPS."""

from __future__ import annotations

import json
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.client import Zabbix

TOKEN = "canary-token-0123456789"
PASSWORD = "canary-password"
#: the part of the answer to user.checkAuthentication that is read
ADMIN = {"userid": "1", "username": "Admin", "type": 3, "roleid": "3", "timezone": "system"}


@dataclass
class Request:
    """One HTTP request; `calls`: the JSON-RPC calls in it."""

    path: str
    headers: dict[str, str]
    body: Any

    @property
    def calls(self) -> list[dict[str, Any]]:
        return self.body if isinstance(self.body, list) else [self.body]

    @property
    def method(self) -> str:
        return self.calls[0]["method"]


@dataclass
class Raw:
    """An answer below JSON-RPC. `cut`: bytes that are promised and never sent; `drop`: hang up without an answer."""

    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    drop: bool = False


@dataclass
class Server:
    """`replies`: what the next requests get, a function of the request; then `results` by method are given."""

    url: str
    version: str = "7.0.22"
    requests: list[Request] = field(default_factory=list)
    replies: deque[Callable[[Request], Any]] = field(default_factory=deque)
    results: dict[str, Any] = field(default_factory=dict)

    def connection(self, **options: Any) -> ZabbixConnection:
        values = {"url": f"{self.url}/api_jsonrpc.php", "token": TOKEN, "timeout": 5}
        return ZabbixConnection(**(values | options))

    def connect(self, **options: Any) -> Zabbix:
        """Return a session; what it asked for so far is forgotten."""
        zabbix = Zabbix(self.connection(**options))
        self.requests.clear()
        return zabbix

    def next(self, *replies: Any) -> None:
        """Answer the next requests like this: a value as it is, a function of the request called."""
        for reply in replies:
            self.replies.append(reply if callable(reply) else lambda request, reply=reply: reply)

    def answer(self, request: Request) -> Any:
        if self.replies:
            return self.replies.popleft()(request)
        answers = [
            result(call, self.results.get(call["method"], self._usual(call["method"]))) for call in request.calls
        ]
        return answers if isinstance(request.body, list) else answers[0]

    def _usual(self, method: str) -> Any:
        return {
            "apiinfo.version": self.version,
            "user.login": "canary-session",
            "user.checkAuthentication": ADMIN,
            "user.logout": True,
        }.get(method, [])


def result(call: dict[str, Any], value: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "result": value, "id": call["id"]}


def error(call: dict[str, Any], data: str, code: int = -32602, message: str = "Invalid params.") -> dict[str, Any]:
    return {"jsonrpc": "2.0", "error": {"code": code, "message": message, "data": data}, "id": call["id"]}


def fails(data: str, code: int = -32602) -> Callable[[Request], Any]:
    """Answer every call of a request with this error."""

    def reply(request: Request) -> Any:
        answers = [error(call, data, code) for call in request.calls]
        return answers if isinstance(request.body, list) else answers[0]

    return reply


def serve(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _handle(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, json.loads(raw) if raw else None)
            running.requests.append(request)
            answer = running.answer(request)
            if not isinstance(answer, Raw):
                answer = Raw(json.dumps(answer))
            if answer.drop:
                self.close_connection = True
                return
            body = answer.body.encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - answer.cut])
            self.close_connection = self.close_connection or bool(answer.cut)

        do_POST = do_GET = _handle

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the tests' output clean."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that breaks off, for the certificate, is what is tested."""

    listener = Listener(("127.0.0.1", 0), Handler)
    if context is not None:
        listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
    running = Server(f"{'https' if context else 'http'}://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield running
    listener.shutdown()
    listener.server_close()
    thread.join()
