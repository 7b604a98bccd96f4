"""A server on 127.0.0.1 that answers as a test tells it to: for what no real NetBox does when asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import client

TOKEN = "nbt_abcdef.0123456789"


@dataclass
class Request:
    """What a client asked."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    headers: dict[str, str]


@dataclass
class Answer:
    """What it gets; `cut`: bytes of the body that are promised and never sent; `hang`: wait for this first."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    hang: threading.Event | None = None


@dataclass
class Server:
    """A running server: `answer` may be exchanged at any time; `requests` is what came so far."""

    url: str
    answer: Callable[[Request], Answer]
    requests: list[Request] = field(default_factory=list)

    def connection(self, **options: Any) -> NetBoxConnection:
        return NetBoxConnection(**{"url": self.url, "token": TOKEN, "timeout": 5, **options})


def status(request: Request) -> Answer:
    """Answer as a NetBox 4.6.8 does to /api/status/, to anything else as a server that has no such page."""
    if request.path == "/api/status/":
        return Answer({"netbox-version": "4.6.8"})
    return Answer({"detail": "Not found."}, 404)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(client, "BACKOFF", 0.01)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body are written apart; with it each answer takes 40 ms

        def _handle(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Request(
                self.command,
                parts.path,
                parse_qs(parts.query, keep_blank_values=True),
                json.loads(raw) if raw else None,
                {name.lower(): value for name, value in self.headers.items()},
            )
            running.requests.append(asked)
            answer = running.answer(asked)
            if answer.hang:
                answer.hang.wait(30)
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - answer.cut])
            self.close_connection = bool(answer.cut)

        do_GET = do_POST = do_PATCH = _handle

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the tests' output clean."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    running = Server(f"http://127.0.0.1:{listener.server_port}", status)
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield running
    listener.shutdown()
    listener.server_close()
    thread.join()
