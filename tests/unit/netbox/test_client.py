"""A bad day with NetBox ends in a sentence that says what to put right, and never shows the token."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetBoxError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import client
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import connect

from .conftest import TOKEN, Answer, Request, Server, status

Answering = Callable[[Request], Answer]
SECRET = TOKEN.rpartition(".")[2]


def failure(connection: NetBoxConnection) -> str:
    with pytest.raises(NetBoxError) as caught:
        connect(connection)
    text = str(caught.value)
    assert SECRET not in text
    return text


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer({"detail": "Invalid v2 token"}, 403), ["does not take the token", "Invalid v2 token"]),
        (Answer({"detail": "Token expired"}, 403), ["does not take the token", "Token expired"]),
        (Answer({"detail": "Authentication credentials were not provided."}, 403), ["does not take the token"]),
        (
            Answer({"detail": "You do not have permission to perform this action."}, 403),
            ["may not do", "permission to view"],
        ),
        (Answer({"detail": "Not found."}, 404), ["netbox_url right", "404"]),
        (Answer(b"<html><title>Welcome to nginx!</title></html>", 200), ["web page", "Welcome to nginx!"]),
        (Answer(b"", 302, {"Location": "https://netbox.example/api/status/"}), ["write that address into netbox_url"]),
        (Answer(b"", 302, {"Location": "/login/?next=/api/"}), ["login page"]),
        (Answer({"netbox-version": "4.1.11"}), ["4.1.11", "4.2 or newer"]),
        (Answer({"version": "7"}), ["not as NetBox does"]),
        (Answer(b'{"netbox-version": "4.6.8", "x'), ["broke off"]),
        (Answer({"netbox-version": "4.6.8"}, cut=5), ["broke off"]),
        (Answer(b"<title>Bad Gateway</title>", 502), ["HTTP 502", "Bad Gateway"]),
        (Answer({"error": "list index out of range"}, 500), ["HTTP 500", "list index out of range"]),
    ],
)
def test_what_is_wrong_is_said(server: Server, answer: Answer, expected: list[str]) -> None:
    server.answer = lambda request: answer
    text = failure(server.connection())
    assert server.url in text
    for part in expected:
        assert part in text


def test_nothing_listens(server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert "connection refused" in failure(server.connection(url=url))


def test_unknown_host_name(server: Server) -> None:
    assert "name servers" in failure(server.connection(url="http://netbox.invalid"))


def test_no_answer_in_time(server: Server) -> None:
    done = threading.Event()
    server.answer = lambda request: Answer({}, hang=done)
    text = failure(server.connection(timeout=1))
    done.set()
    assert "did not answer within 1 s (netbox_timeout)" in text


def test_proxy_of_the_environment_that_is_down(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    assert "proxy that the environment names" in failure(server.connection())


def test_https_where_only_http_is_spoken(server: Server) -> None:
    assert "does not speak TLS" in failure(server.connection(url=server.url.replace("http:", "https:")))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    command += f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    subprocess.run(command.split(), check=True, capture_output=True)
    return key, cert


@pytest.fixture
def tls(server: Server, certificate: tuple[Path, Path]) -> str:
    """The address of a TLS front to `server`, one connection at a time."""
    key, cert = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listener = socket.create_server(("127.0.0.1", 0))
    body = b'{"netbox-version": "4.6.8"}'

    def serve() -> None:
        while True:
            try:
                raw, dummy = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(raw, server_side=True) as connection:
                    connection.recv(65536)
                    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    connection.sendall(head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            except ssl.SSLError:
                raw.close()  # the client did not like the certificate: what the tests are about

    threading.Thread(target=serve, daemon=True).start()
    return f"https://127.0.0.1:{listener.getsockname()[1]}"


def test_certificate_that_is_not_trusted(server: Server, tls: str) -> None:
    text = failure(server.connection(url=tls))
    assert "not trusted" in text
    assert "netbox_ca_path" in text


def test_certificate_trusted_by_ca_path(
    server: Server, tls: str, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    assert connect(server.connection(url=tls, ca_path=str(certificate[1]))).version == (4, 6, 8)


def test_validate_certs_false_wins_over_the_environment(
    server: Server, tls: str, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    assert connect(server.connection(url=tls, validate_certs=False)).version == (4, 6, 8)
    assert not recwarn.list


def test_ca_path_that_is_not_there(server: Server, tls: str) -> None:
    assert "names a file that is not there" in failure(server.connection(url=tls, ca_path="/nowhere/ca.pem"))


@pytest.mark.parametrize("token", ["", "two words", "line\nend", "schlüssel"])
def test_token_that_can_be_none(server: Server, token: str) -> None:
    with pytest.raises(NetBoxError, match="netbox_token is empty or holds characters"):
        connect(server.connection(token=token))
    assert server.requests == []


@pytest.mark.parametrize(
    ("token", "header"), [(TOKEN, f"Bearer {TOKEN}"), ("0123456789abcdef", "Token 0123456789abcdef")]
)
def test_token_of_either_version_stays_although_netrc_has_an_entry(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str, header: str
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    netbox = connect(server.connection(token=token))
    server.answer = lambda request: Answer({"results": []})
    netbox.get("dcim/sites/")
    assert [request.headers["authorization"] for request in server.requests] == [header, header]


def times(number: int, bad: Answer, good: Any) -> Answering:
    """Answer `bad` so many times, then `good`."""
    left = [number]

    def answer(request: Request) -> Answer:
        if request.path == "/api/status/":
            return status(request)
        left[0] -= 1
        return bad if left[0] >= 0 else Answer(good)

    return answer


@pytest.mark.parametrize(
    "bad", [Answer({}, 502), Answer({}, 503), Answer({}, 429), Answer({}, cut=1), Answer(b'{"a": [1')]
)
def test_reads_are_repeated(server: Server, bad: Answer) -> None:
    server.answer = times(2, bad, {"results": [], "data": {"x": 1}})
    netbox = connect(server.connection())
    assert netbox.get("dcim/sites/") == {"results": [], "data": {"x": 1}}
    server.answer = times(2, bad, {"data": {"x": 1}})
    assert netbox.graphql("{x}", {}) == {"x": 1}
    assert netbox.requests == {"GET status": 1, "GET sites": 3, "POST graphql": 3}


@pytest.mark.parametrize("bad", [Answer({}, 502), Answer({}, cut=1), Answer(b"")])
def test_writes_are_sent_once(server: Server, bad: Answer) -> None:
    netbox = connect(server.connection())
    server.answer = lambda request: bad
    with pytest.raises(NetBoxError):
        netbox.patch("dcim/devices/", [])
    assert [request.method for request in server.requests] == ["GET", "PATCH"]


def test_a_server_that_asks_for_an_hour_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_PAUSE", 0.01)
    server.answer = times(1, Answer({}, 503, {"Retry-After": "3600"}), {"results": []})
    assert connect(server.connection()).get("dcim/sites/") == {"results": []}


def test_graphql_errors_come_with_status_200(server: Server) -> None:
    netbox = connect(server.connection())
    server.answer = lambda request: Answer({"data": None, "errors": [{"message": "Cannot query field 'x'."}]})
    with pytest.raises(NetBoxError, match="Cannot query field 'x'"):
        netbox.graphql("{x}", {})


@pytest.mark.parametrize(
    ("version", "graphql", "reader"),
    [
        ("4.6.8", True, client.GRAPHQL),
        ("4.6.8", False, client.REST),
        ("4.5.2", True, client.GRAPHQL),
        ("4.5.2", False, client.REST_FILTER),
        ("4.5.1", True, client.REST_FILTER),
        ("4.2.0-docker-3.1", True, client.REST_FILTER),
    ],
)
def test_the_fastest_reader_that_this_netbox_has(server: Server, version: str, graphql: bool, reader: str) -> None:
    def answer(request: Request) -> Answer:
        if request.path == "/graphql/":
            return (
                Answer({"data": {"__typename": "Query"}})
                if graphql
                else Answer(b"The GraphQL API is not enabled.", 404)
            )
        return Answer({"netbox-version": version})

    server.answer = answer
    assert connect(server.connection()).reader == reader
