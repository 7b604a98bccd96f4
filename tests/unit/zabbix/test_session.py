"""Who we are, by which way, and what the environment may and may not say about it."""

from __future__ import annotations

import base64
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import OutcomeUnknown, ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.client import NotAuthorised, NotSent, Zabbix
from unit.zabbix.server import PASSWORD, TOKEN, Raw, Server, fails, result

READ = ("host.get", {"output": ["hostid"]})
RELEASES = [("6.0.14", (6, 0)), ("6.4.1", (6, 4)), ("7.0.22", (7, 0)), ("7.2.0", (7, 2)), ("8.0.0", (8, 0))]
USER = {"token": None, "user": "sync", "password": PASSWORD}


def methods(server: Server) -> list[str]:
    return [request.method for request in server.requests]


@pytest.mark.parametrize(("version", "release"), RELEASES)
def test_the_release_is_read(server: Server, version: str, release: tuple[int, int]) -> None:
    server.version = version
    assert server.connect().release == release


def test_an_older_zabbix_is_refused(server: Server) -> None:
    server.version = "5.0.40"
    with pytest.raises(ZabbixError, match=r"5\.0\.40 .* too old: 6\.0 is the oldest"):
        Zabbix(server.connection())


@pytest.mark.parametrize(("version", "release"), RELEASES)
def test_where_the_token_goes(server: Server, version: str, release: tuple[int, int]) -> None:
    """In the body before 6.4, in a header since: 6.0 does not know the header, 7.2 not the body."""
    server.version = version
    zabbix = Zabbix(server.connection())
    zabbix.call(*READ)
    zabbix.batch([READ, READ])
    for request in server.requests:
        if request.method in ("apiinfo.version", "user.checkAuthentication"):
            assert "authorization" not in request.headers
            assert "auth" not in request.body
        elif release < (6, 4):
            assert "authorization" not in request.headers
            assert {call["auth"] for call in request.calls} == {TOKEN}
        else:
            assert request.headers["authorization"] == f"Bearer {TOKEN}"
            assert all("auth" not in call for call in request.calls)
        assert request.headers["content-type"] == "application/json-rpc"


def test_a_token_is_tried_before_anything_else(server: Server) -> None:
    for version in ("7.0.22", "6.0.14"):
        server.version = version
        server.requests.clear()
        zabbix = Zabbix(server.connection())
        assert methods(server) == ["apiinfo.version", "user.checkAuthentication"]
        assert zabbix.user is not None
        assert (zabbix.user.username, zabbix.user.sees_all) == ("Admin", True)
        server.next(lambda request, version=version: result(request.body, version), fails("Not authorized."))
        with pytest.raises(NotAuthorised, match="zabbix_token is wrong"):
            Zabbix(server.connection())


def test_a_6_0_that_knows_sessions_only_is_asked_for_something_else(server: Server) -> None:
    server.version = "6.0.0"
    refused = fails('Invalid parameter "/": unexpected parameter "token".')
    server.next(lambda request: result(request.body, server.version), refused)
    zabbix = Zabbix(server.connection())
    assert methods(server) == ["apiinfo.version", "user.checkAuthentication", "host.get"]
    assert zabbix.user is None


def test_the_clock_is_read_from_what_is_answered_anyway(server: Server) -> None:
    zabbix = Zabbix(server.connection())
    assert zabbix.clock_offset is not None
    assert abs(zabbix.clock_offset) < 5


def test_log_in_and_log_out(server: Server) -> None:
    for version in ("6.0.14", "7.0.22"):
        server.version = version
        server.requests.clear()
        zabbix = Zabbix(server.connection(**USER))
        zabbix.call(*READ)
        zabbix.close()
        assert methods(server) == [
            "apiinfo.version",
            "user.login",
            "user.checkAuthentication",
            "host.get",
            "user.logout",
        ]
        assert server.requests[1].body["params"] == {"username": "sync", "password": PASSWORD}
        logout = server.requests[-1]
        assert "canary-session" in (logout.body.get("auth", ""), logout.headers.get("authorization", "")[7:])


def test_a_token_is_never_logged_out(server: Server) -> None:
    zabbix = server.connect()
    zabbix.close()
    assert server.requests == []


def test_a_log_out_that_fails_fails_nothing(server: Server) -> None:
    zabbix = server.connect(**USER)
    server.next(fails("Session terminated, re-login, please."))
    zabbix.close()
    assert methods(server) == ["user.logout"]


def test_a_session_that_ends_is_told_as_such(server: Server) -> None:
    zabbix = server.connect(**USER)
    server.next(fails("Session terminated, re-login, please."))
    with pytest.raises(NotAuthorised, match="the session of zabbix_user"):
        zabbix.call(*READ)


def test_basic_authentication(server: Server) -> None:
    """The header is taken, so the token goes into the body, also on 7.0."""
    for version in ("6.0.14", "7.0.22"):
        server.version = version
        zabbix = server.connect(http_user="web", http_password="canary-web")
        zabbix.call(*READ)
        (request,) = server.requests
        assert request.headers["authorization"] == "Basic " + base64.b64encode(b"web:canary-web").decode()
        assert request.body["auth"] == TOKEN


def test_basic_authentication_before_7_2_and_later_is_refused(server: Server) -> None:
    server.version = "7.2.0"
    with pytest.raises(ZabbixError, match=r"zabbix_http_user: .*7\.2"):
        Zabbix(server.connection(http_user="web", http_password="canary-web"))


# --- the environment


def test_the_environment_of_zabbix_utils_does_not_matter(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The options were read by Ansible, which knows its own order; what else is in the environment is another's."""
    monkeypatch.setenv("ZABBIX_URL", "http://127.0.0.1:9/elsewhere")
    monkeypatch.setenv("ZABBIX_TOKEN", "canary-other-token")
    monkeypatch.setenv("ZABBIX_USER", "canary-other-user")
    monkeypatch.setenv("ZABBIX_PASSWORD", "canary-other-password")
    for options in ({}, USER):
        server.requests.clear()
        zabbix = Zabbix(server.connection(**options))
        zabbix.call(*READ)
        zabbix.close()
        said = repr([(request.headers, request.body) for request in server.requests])
        assert "canary-other" not in said
        assert (TOKEN if not options else PASSWORD) in said


def test_requests_are_counted_by_method(server: Server) -> None:
    zabbix = Zabbix(server.connection())
    zabbix.call(*READ)
    zabbix.batch([("host.update", {}), ("host.update", {})])
    assert dict(zabbix.requests) == {
        "apiinfo.version": 1,
        "user.checkAuthentication": 1,
        "host.get": 1,
        "host.update[]": 1,
    }


# --- certificates


def test_a_certificate_that_nobody_vouches_for(tls_server: Server) -> None:
    with pytest.raises(ZabbixError, match=r"certificate of .* is not trusted: .*zabbix_ca_path") as caught:
        Zabbix(tls_server.connection())
    assert tls_server.requests == []
    assert "self" in str(caught.value)
    assert "0x" not in str(caught.value)


def test_its_authority_makes_it_trusted(tls_server: Server, authority: Path) -> None:
    assert tls_server.connect(ca_path=str(authority)).call(*READ) == []


def test_trust_can_be_switched_off(tls_server: Server, recwarn: pytest.WarningsRecorder) -> None:
    assert tls_server.connect(validate_certs=False).call(*READ) == []
    assert tls_server.connect(validate_certs=False, ca_path="/nowhere").call(*READ) == []


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_bundles_in_the_environment_override_nothing(
    tls_server: Server, authority: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "/etc/hostname")  # no bundle at all
    assert tls_server.connect(ca_path=str(authority)).call(*READ) == []
    assert tls_server.connect(validate_certs=False).call(*READ) == []
    monkeypatch.setenv(name, str(authority))
    with pytest.raises(ZabbixError, match="not trusted"):
        Zabbix(tls_server.connection())


def test_a_file_of_authorities_that_is_not_there(tls_server: Server) -> None:
    with pytest.raises(ZabbixError, match="/nowhere"):
        Zabbix(tls_server.connection(ca_path="/nowhere"))


def test_https_to_a_server_that_speaks_http(server: Server) -> None:
    with pytest.raises(ZabbixError) as caught:
        Zabbix(server.connection(url=server.url.replace("http:", "https:") + "/api_jsonrpc.php"))
    assert "not trusted" not in str(caught.value)


def test_a_tls_connection_that_breaks_within_a_write_is_not_repeated(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    zabbix = server.connect()
    tries: list[int] = []

    def breaks(*arguments: Any, **keywords: Any) -> None:
        tries.append(1)
        raise requests.exceptions.SSLError("EOF occurred in violation of protocol (_ssl.c:2406)")

    monkeypatch.setattr(requests.Session, "post", breaks)
    with pytest.raises(OutcomeUnknown):
        zabbix.call("host.create", [{"host": "a"}])
    assert len(tries) == 1


# --- proxies


class Proxy(BaseHTTPRequestHandler):
    """Answers itself, for whatever address."""

    seen: list[str] = []

    def do_POST(self) -> None:
        self.seen.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(407)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Any:
    listener = HTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    Proxy.seen = []
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{listener.server_port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{listener.server_port}")
    yield Proxy
    listener.shutdown()
    listener.server_close()
    thread.join()


def test_a_proxy_of_the_environment_is_used(server: Server, proxy: Any) -> None:
    with pytest.raises(ZabbixError, match="HTTP 407"):
        Zabbix(server.connection(url="http://zabbix.invalid/api_jsonrpc.php"))
    assert proxy.seen == ["http://zabbix.invalid/api_jsonrpc.php"]


def test_an_exception_from_the_proxy_too(server: Server, proxy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert server.connect().call(*READ) == []
    assert proxy.seen == []


def test_a_proxy_that_is_down(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.raises(NotSent, match="cannot be reached"):
        Zabbix(server.connection(url="http://zabbix.invalid/api_jsonrpc.php"))


def test_a_netrc_gives_no_password(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login canary password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    zabbix = server.connect()
    zabbix.call(*READ)
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("status", [301, 308])
def test_a_redirect_is_told_and_not_followed(server: Server, status: int) -> None:
    server.version = "6.0.14"
    zabbix = server.connect()
    server.next(Raw(status=status, headers={"Location": f"{server.url}/elsewhere"}))
    with pytest.raises(ZabbixError, match="/elsewhere"):
        zabbix.call(*READ)
    assert [request.path for request in server.requests] == ["/api_jsonrpc.php"]
