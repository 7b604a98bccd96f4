"""Over real HTTP: what tests can make a stand-in do."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from . import StandIn
from .timing import PATCH_SINGLE, REST_SINGLE


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with StandIn() as netbox:
        yield netbox


@pytest.fixture
def netbox(server: StandIn) -> StandIn:
    server.no_faults()
    server.reset()
    ask(server, "POST", "/api/dcim/sites/", [{"name": f"site {n}", "slug": f"s{n}"} for n in range(20)])
    server.clear_requests()
    return server


def ask(netbox: StandIn, method: str, path: str, body: Any = None, token: str = "") -> Any:
    sent = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token or netbox.token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(netbox.url + path, sent, headers, method=method)) as answer:
        return json.load(answer)


def test_the_log_tells_every_request(netbox: StandIn) -> None:
    ask(netbox, "GET", "/api/dcim/sites/?limit=5")
    ask(netbox, "PATCH", "/api/dcim/sites/", [{"id": 1, "facility": "x"}, {"id": 2, "facility": "y"}])
    log = [(one["method"], one["path"], one["query"], one["status"], one["objects"]) for one in netbox.requests]
    assert log == [("GET", "/api/dcim/sites/", "limit=5", 200, 0), ("PATCH", "/api/dcim/sites/", "", 200, 2)]


def test_the_next_request_fails_and_only_that(netbox: StandIn) -> None:
    netbox.fail_next(502, path_prefix="/api/dcim/")
    assert ask(netbox, "GET", "/api/extras/tags/")["count"] == 0
    with pytest.raises(urllib.error.HTTPError, match="502"):
        ask(netbox, "GET", "/api/dcim/sites/")
    assert ask(netbox, "GET", "/api/dcim/sites/")["count"] == 20


def test_half_an_answer(netbox: StandIn) -> None:
    netbox.fail_next(truncate=True)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        ask(netbox, "GET", "/api/dcim/sites/")
    assert ask(netbox, "GET", "/api/dcim/sites/")["count"] == 20


def test_a_request_that_is_carried_out_and_whose_answer_is_lost(netbox: StandIn) -> None:
    netbox.fail_next(lose=True, method="PATCH")
    with pytest.raises((http.client.HTTPException, ConnectionError, urllib.error.URLError)):
        ask(netbox, "PATCH", "/api/dcim/sites/1/", {"facility": "x"})
    assert ask(netbox, "GET", "/api/dcim/sites/1/")["facility"] == "x"


def test_back_to_a_snapshot(netbox: StandIn) -> None:
    netbox.snapshot()
    before = ask(netbox, "GET", "/api/dcim/sites/")
    ask(netbox, "PATCH", "/api/dcim/sites/1/", {"name": "other"})
    ask(netbox, "POST", "/api/dcim/sites/", {"name": "new", "slug": "new"})
    netbox.restore()
    assert ask(netbox, "GET", "/api/dcim/sites/") == before
    assert ask(netbox, "GET", "/api/core/object-changes/")["count"] == 20
    assert ask(netbox, "POST", "/api/dcim/sites/", {"name": "new", "slug": "new"})["id"] == 21


def test_delay(netbox: StandIn) -> None:
    netbox.delay(0.2)
    began = time.monotonic()
    ask(netbox, "GET", "/api/dcim/sites/?limit=1")
    assert time.monotonic() - began >= 0.2


def test_links_lead_back_the_way_the_request_came(netbox: StandIn) -> None:
    """Through a proxy (or a port forward) NetBox's links name the proxy: the Host header decides."""
    address = netbox.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address)
    headers = {"Authorization": f"Bearer {netbox.token}", "Host": "proxy.example:99"}
    connection.request("GET", "/api/dcim/sites/?limit=1", headers=headers)
    assert json.load(connection.getresponse())["next"].startswith("http://proxy.example:99/api/dcim/sites/")
    connection.close()


def test_realistic_time_is_at_least_what_was_measured() -> None:
    with StandIn(realistic_time=True) as netbox:
        ask(netbox, "POST", "/api/dcim/sites/", {"name": "a", "slug": "a"})
        for method, body, seconds in (("GET", None, REST_SINGLE), ("PATCH", {"facility": "x"}, PATCH_SINGLE)):
            began = time.monotonic()
            ask(netbox, method, "/api/dcim/sites/1/", body)
            assert time.monotonic() - began >= seconds


def test_what_was_just_loaded_can_be_old(netbox: StandIn) -> None:
    def counts() -> list[int]:
        lists = ("dcim/sites/?last_updated__gte=2026-01-01", "core/object-changes/?time_after=2026-01-01")
        return [ask(netbox, "GET", f"/api/{path}")["count"] for path in lists]

    assert counts() == [20, 20]
    netbox.age()
    assert counts() == [0, 0]
