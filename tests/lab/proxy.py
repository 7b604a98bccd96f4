"""A proxy before a real Zabbix, or NetBox: counts what goes over the wire, and makes networks and servers fail.

with FaultProxy("http://127.0.0.1:18070") as proxy:
    proxy.lose_next("host.create")      # Zabbix carries it out, the answer never arrives
    ... proxy.url ... proxy.calls ...

A method is Zabbix's, such as "host.create"; of NetBox it is the verb with the path: "PATCH /api/dcim/devices/".
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

#: what a fault does with a request: forwarded or not, answered or not
CUT, LOSE, ANSWER, TRUNCATE, DELAY, PART = "cut", "lose", "answer", "truncate", "delay", "part"
#: headers of an answer that are the proxy's own
OWN = frozenset({"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"})
WRITES = ("create", "update", "delete", "massadd", "massupdate", "massremove")

Headers = list[tuple[str, str]]


@dataclass
class Fault:
    """One kind of failure for the next `count` requests whose JSON-RPC method is `method` (empty: any), `skip` passed
    by.
    """

    kind: str
    method: str
    count: int = 1
    skip: int = 0
    status: int = 500
    body: bytes = b""
    seconds: float = 0.0
    then: Callable[[], None] | None = None

    def takes(self, methods: list[str]) -> bool:
        if self.count <= 0 or (self.method and self.method not in methods):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.count -= 1
        return True


@dataclass
class Call:
    """One HTTP request: its methods, several of Zabbix in a batch, and the status that was answered (0: none)."""

    methods: list[str]
    status: int
    fault: str = ""

    @property
    def writes(self) -> bool:
        return any(is_write(method) for method in self.methods)


def is_write(method: str) -> bool:
    """Tell whether a method changes something."""
    verb, blank, path = method.partition(" ")
    return path != "/graphql/" and verb != "GET" if blank else method.rpartition(".")[2] in WRITES


def _methods(handler: BaseHTTPRequestHandler, body: bytes) -> list[str]:
    if "json-rpc" not in handler.headers.get("Content-Type", "") and not handler.path.endswith("api_jsonrpc.php"):
        return [f"{handler.command} {handler.path.partition('?')[0]}"]
    parsed = json.loads(body)
    return [_method(call) for call in (parsed if isinstance(parsed, list) else [parsed])]


def _method(call: dict[str, Any]) -> str:
    """Return the method of a call; with a question mark where it is to do nothing, and asks whether one may."""
    method: str = call["method"]
    return f"{method}?" if call.get("params") == [] and method.rpartition(".")[2] in WRITES else method


@dataclass
class FaultProxy:
    """A running proxy. `url` takes the place of Zabbix's address; `calls` is everything that came since `clear()`."""

    target: str
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    url: str = ""
    #: by how many seconds the clock of what is behind it seems to be ahead
    ahead: float = 0.0
    _one: threading.Lock = field(default_factory=threading.Lock)
    #: hosts whose whole content is not told, and the status that is answered instead
    refused: tuple[frozenset[str], int] = (frozenset(), 0)

    def __enter__(self) -> FaultProxy:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                proxy._handle(self)

            do_GET = do_PATCH = do_PUT = do_DELETE = do_OPTIONS = do_POST

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string((timestamp or time.time()) + proxy.ahead)

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def clear(self) -> None:
        """Forget the calls and the faults, and tell the right time."""
        self.calls.clear()
        self.faults.clear()
        self.ahead = 0.0
        self.refused = (frozenset(), 0)

    @property
    def writes(self) -> list[Call]:
        """The calls that write."""
        return [call for call in self.calls if call.writes]

    def cut_next(self, method: str = "", *, count: int = 1, skip: int = 0) -> None:
        """Break the connection before Zabbix gets the request."""
        self.faults.append(Fault(CUT, method, count, skip))

    def lose_next(
        self, method: str = "", *, count: int = 1, skip: int = 0, then: Callable[[], None] | None = None
    ) -> None:
        """Let Zabbix carry the request out, and break the connection instead of answering; then call `then`."""
        self.faults.append(Fault(LOSE, method, count, skip, then=then))

    def answer_next(self, status: int, body: str = "", method: str = "", *, count: int = 1, skip: int = 0) -> None:
        """Answer with this status and body; Zabbix does not get the request."""
        self.faults.append(Fault(ANSWER, method, count, skip, status=status, body=body.encode()))

    def truncate_next(self, method: str = "", *, count: int = 1) -> None:
        """Send half of Zabbix's answer."""
        self.faults.append(Fault(TRUNCATE, method, count))

    def delay_next(self, seconds: float, method: str = "", *, count: int = 1) -> None:
        """Hold Zabbix's answer back for a time."""
        self.faults.append(Fault(DELAY, method, count, seconds=seconds))

    def refuse_hosts(self, hostids: Iterable[str], status: int) -> None:
        """Answer with this status, and nothing else, whenever the interfaces of one of these hosts are asked for."""
        self.refused = (frozenset(hostids), status)

    def before_next(self, method: str, then: Callable[[], None]) -> None:
        """Call `then` before the request goes on to Zabbix: to change something behind the caller's back."""
        self.faults.append(Fault(DELAY, method, then=then))

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        methods = _methods(handler, body)
        if self._is_refused(methods, body):
            self.calls.append(Call(methods, self.refused[1], ANSWER))
            self._answer(handler, self.refused[1], [("Content-Type", "text/html")], b"", 0)
            return
        with self._one:
            fault = next((fault for fault in self.faults if fault.takes(methods)), None)
        kind = fault.kind if fault else ""
        if fault and kind == CUT:
            self.calls.append(Call(methods, 0, kind))
            handler.close_connection = True
            if fault.then:
                fault.then()
            return
        if fault and kind == ANSWER:
            self.calls.append(Call(methods, fault.status, kind))
            self._answer(handler, fault.status, [("Content-Type", "text/html")], fault.body, len(fault.body))
            return
        if fault and kind == DELAY and fault.then:
            fault.then()
        if kind == PART and len(methods) > 1:
            body = json.dumps(json.loads(body)[: len(methods) // 2]).encode()
        status, headers, answer = self._forward(handler, body)
        if fault and kind in (LOSE, PART):
            self.calls.append(Call(methods, 0, kind))
            handler.close_connection = True
            if fault.then:
                fault.then()
            return
        if fault and kind == DELAY:
            time.sleep(fault.seconds)
        self.calls.append(Call(methods, status, kind))
        if kind == TRUNCATE:
            handler.close_connection = True
        self._answer(handler, status, headers, answer, len(answer) // (2 if kind == TRUNCATE else 1))

    def _is_refused(self, methods: list[str], body: bytes) -> bool:
        if not self.refused[0] or methods != ["host.get"]:
            return False
        asked = json.loads(body)["params"]
        return "selectInterfaces" in asked and not self.refused[0].isdisjoint(asked.get("hostids", ()))

    def _forward(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, Headers, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.target).netloc, timeout=300)
        wanted = ("Content-Type", "Authorization", "Accept", "If-Match")
        headers = {name: value for name, value in handler.headers.items() if name in wanted}
        connection.request(handler.command, handler.path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return (
            response.status,
            [(name, value) for name, value in response.getheaders() if name.lower() not in OWN],
            answer,
        )

    @staticmethod
    def _answer(handler: BaseHTTPRequestHandler, status: int, headers: Headers, body: bytes, sent: int) -> None:
        """Answer with the first `sent` bytes of a body."""
        try:
            handler.send_response(status)
            for name, value in headers:
                handler.send_header(name, value)
            if status != 204:
                handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[:sent])
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True  # the client has given up: that is what some tests are about
