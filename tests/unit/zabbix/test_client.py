"""Requests and their answers: what is repeated, what is not, and what people are told."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import OutcomeUnknown, ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.client import (
    RETRIES,
    NotAuthorised,
    NotSent,
    Zabbix,
)
from unit.zabbix.server import PASSWORD, TOKEN, Raw, Request, Server, error, fails, result

READ, WRITE = ("host.get", {"output": ["hostid"]}), ("host.create", [{"host": "a"}])
HTML = "<!DOCTYPE html><html><body>It works!</body></html>"

BROKEN: dict[str, tuple[Callable[[Request], Any], str]] = {
    "500, empty": (lambda request: Raw(status=500), "HTTP 500 and an empty body: most often PHP's memory limit"),
    "500 with text": (lambda request: Raw("Fatal error", 500), 'HTTP 500: "Fatal error".'),
    "502, html": (lambda request: Raw(HTML, 502), "HTTP 502"),
    "breaks off": (lambda request: Raw('{"jsonrpc": "2.0", "result": []}', cut=9), "is broken"),
    "half an answer, well sent": (lambda request: Raw('{"jsonrpc": "2.0", "resu'), "breaks off"),
    "nothing, well sent": (lambda request: Raw(""), "breaks off"),
    "hung up": (lambda request: Raw(drop=True), "broke during"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_read_is_repeated_when_its_answer_is_lost(server: Server, how: str) -> None:
    zabbix = server.connect()
    server.results["host.get"] = [{"hostid": "1"}]
    server.next(BROKEN[how][0], BROKEN[how][0])
    assert zabbix.call(*READ) == [{"hostid": "1"}]
    assert len(server.requests) == 3


@pytest.mark.parametrize("how", BROKEN)
def test_a_read_is_not_repeated_for_ever(server: Server, how: str) -> None:
    zabbix = server.connect()
    server.next(*[BROKEN[how][0]] * 20)
    with pytest.raises(OutcomeUnknown) as caught:
        zabbix.call(*READ)
    assert BROKEN[how][1] in str(caught.value)
    assert len(server.requests) == RETRIES + 1


@pytest.mark.parametrize("how", BROKEN)
def test_a_write_whose_answer_is_lost_is_never_repeated_here(server: Server, how: str) -> None:
    zabbix = server.connect()
    server.next(BROKEN[how][0])
    with pytest.raises(OutcomeUnknown) as caught:
        zabbix.call(*WRITE)
    assert BROKEN[how][1] in str(caught.value)
    assert len(server.requests) == 1


def test_a_batch_of_which_one_writes_is_never_repeated(server: Server) -> None:
    zabbix = server.connect()
    server.next(Raw(status=500))
    with pytest.raises(OutcomeUnknown):
        zabbix.batch([READ, WRITE])
    assert len(server.requests) == 1


NOT_ZABBIX = [
    (Raw(HTML), "not Zabbix's API"),
    (Raw(HTML, 404), "HTTP 404"),
    (Raw('{"hello": "world"}'), "not JSON-RPC"),
    (Raw("[]"), "not JSON-RPC"),
    (Raw("null"), "not JSON-RPC"),
]


@pytest.mark.parametrize(("reply", "text"), NOT_ZABBIX)
@pytest.mark.parametrize("when", ["at first", "later"])
def test_something_that_is_not_zabbix_is_named(server: Server, reply: Raw, text: str, when: str) -> None:
    zabbix = server.connect()
    server.next(*[reply] * 10)
    with pytest.raises(ZabbixError) as caught:
        Zabbix(server.connection()) if when == "at first" else zabbix.call(*READ)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert text in str(caught.value)
    assert "Check zabbix_url" in str(caught.value)


STATUSES = [
    (413, "raise its body limit"),
    (401, "Check zabbix_http_user"),
    (403, "Check zabbix_http_user"),
]


@pytest.mark.parametrize(("status", "text"), STATUSES)
def test_what_the_web_server_refuses(server: Server, status: int, text: str) -> None:
    zabbix = server.connect()
    server.next(Raw("no", status))
    with pytest.raises(ZabbixError, match=text) as caught:
        zabbix.call(*WRITE)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert len(server.requests) == 1


# --- errors of JSON-RPC


def test_an_error_is_told_as_zabbix_says_it(server: Server) -> None:
    zabbix = server.connect()
    server.next(fails('Host with the same name "a" already exists.', -32602))
    with pytest.raises(ZabbixError) as caught:
        zabbix.call(*WRITE)
    assert str(caught.value) == 'host.create: Host with the same name "a" already exists.'
    assert caught.value.code == -32602
    assert len(server.requests) == 1


def test_an_error_without_details_gives_its_title(server: Server) -> None:
    zabbix = server.connect()
    server.next(lambda request: error(request.body, "", message="Application error."))
    with pytest.raises(ZabbixError, match=r"host\.get: Application error\."):
        zabbix.call(*READ)


@pytest.mark.parametrize(
    "text",
    [
        "Not authorized.",
        "Not authorised.",
        "Session terminated, re-login, please.",
        "API token expired.",
    ],
)
def test_a_token_that_is_no_good_is_told_apart(server: Server, text: str) -> None:
    zabbix = server.connect()
    server.next(fails(text))
    with pytest.raises(NotAuthorised, match="zabbix_token is wrong, expired or disabled"):
        zabbix.call(*WRITE)
    server.next(fails(text))
    assert [type(answer) for answer in zabbix.batch([WRITE, WRITE])] == [NotAuthorised, NotAuthorised]


# --- batches


def test_an_answer_in_another_order_is_put_right(server: Server) -> None:
    zabbix = server.connect()
    server.next(
        lambda request: list(
            reversed(
                [
                    result(call, call["params"]["n"]) if call["params"]["n"] != 2 else error(call, "two is bad")
                    for call in request.calls
                ]
            )
        )
    )
    answers = zabbix.batch([("host.update", {"n": number}) for number in range(4)])
    assert [answers[at] for at in (0, 1, 3)] == [0, 1, 3]
    assert isinstance(answers[2], ZabbixError)
    assert str(answers[2]) == "host.update: two is bad"


def test_a_missing_answer_is_an_unknown_outcome(server: Server) -> None:
    zabbix = server.connect()
    server.next(lambda request: [result(call, True) for call in request.calls[1:]])
    with pytest.raises(OutcomeUnknown, match="2 of 3"):
        zabbix.batch([("host.update", {"n": number}) for number in range(3)])


def test_answers_to_something_else_do_not_count(server: Server) -> None:
    zabbix = server.connect()
    server.next(
        lambda request: [{"jsonrpc": "2.0", "result": True, "id": "another"}, None, result(request.calls[0], 1)]
    )
    with pytest.raises(OutcomeUnknown):
        zabbix.batch([WRITE, WRITE])


def test_a_batch_refused_as_a_whole_fails_all_its_calls(server: Server) -> None:
    zabbix = server.connect()
    server.next(lambda request: error(request.calls[0], "No permissions."))
    assert [str(answer) for answer in zabbix.batch([WRITE, ("host.update", {})])] == [
        "host.create: No permissions.",
        "host.update: No permissions.",
    ]


def test_no_calls_make_no_request(server: Server) -> None:
    zabbix = server.connect()
    assert zabbix.batch([]) == []
    assert server.requests == []


# --- what the database rolled back was not done, so it is sent again

DEADLOCKS = [
    "Database error occurred.",
    "Your database is not working properly.",
    "System error occurred. Please contact Zabbix administrator.",
    "Error in query [UPDATE ids ...] Database error occurred: deadlock detected",
]


@pytest.mark.parametrize("text", DEADLOCKS)
def test_a_deadlock_is_tried_again(server: Server, text: str) -> None:
    zabbix = server.connect()
    server.results["host.create"] = {"hostids": ["5"]}
    server.next(fails(text, -32500), fails(text, -32500))
    assert zabbix.call(*WRITE) == {"hostids": ["5"]}
    assert len(server.requests) == 3


def test_of_a_batch_only_what_was_rolled_back_is_sent_again(server: Server) -> None:
    zabbix = server.connect()

    def some(request: Request) -> Any:
        return [
            error(call, DEADLOCKS[0]) if call["params"]["n"] in (1, 3) else result(call, call["params"]["n"])
            for call in request.calls
        ]

    def one(request: Request) -> Any:
        return [
            error(call, DEADLOCKS[0]) if call["params"]["n"] == 3 else result(call, "again") for call in request.calls
        ]

    server.next(some, one, lambda request: [result(call, "third") for call in request.calls])
    answers = zabbix.batch([("host.update", {"n": number}) for number in range(5)])
    assert answers == [0, "again", 2, "third", 4]
    assert [[call["params"]["n"] for call in request.calls] for request in server.requests] == [
        [0, 1, 2, 3, 4],
        [1, 3],
        [3],
    ]


def test_deadlocks_without_end_are_told(server: Server) -> None:
    zabbix = server.connect()
    server.next(*[fails(DEADLOCKS[0])] * 50)
    with pytest.raises(ZabbixError, match="Database error"):
        zabbix.call(*WRITE)
    assert len(server.requests) == RETRIES + 1
    server.requests.clear()
    assert "Database error" in str(zabbix.batch([WRITE])[0])
    assert len(server.requests) == RETRIES + 1


# --- not reached at all


def test_a_server_that_is_down_is_not_sent(server: Server) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/api_jsonrpc.php"
        with pytest.raises(NotSent) as caught:
            Zabbix(server.connection(url=url))
    assert f"Zabbix cannot be reached at {url}" in str(caught.value)
    assert "refused" in str(caught.value)
    assert "0x" not in str(caught.value), "no addresses of Python objects"


def test_a_name_that_does_not_resolve_is_not_sent(server: Server) -> None:
    with pytest.raises(NotSent, match="cannot be reached"):
        Zabbix(server.connection(url="http://zabbix.invalid/api_jsonrpc.php"))


def test_a_timeout_is_an_unknown_outcome(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    zabbix = server.connect()
    import requests

    def times_out(*args: Any, **keywords: Any) -> None:
        assert keywords["timeout"] == (5, 5)
        raise requests.exceptions.ReadTimeout("read timed out")

    monkeypatch.setattr(requests.Session, "post", times_out)
    with pytest.raises(OutcomeUnknown, match=r"did not answer host.create within 5 s \(zabbix_timeout\)"):
        zabbix.call(*WRITE)


# --- secrets


@pytest.mark.parametrize("how", BROKEN)
def test_no_message_holds_a_token_or_a_password(server: Server, how: str) -> None:
    for options in ({"token": TOKEN}, {"token": None, "user": "sync", "password": PASSWORD}):
        zabbix = server.connect(**options)
        server.next(*[BROKEN[how][0]] * 10)
        with pytest.raises(ZabbixError) as caught:
            zabbix.call("host.create", [{"macros": [{"value": "canary-macro"}]}])
        server.replies.clear()
        text = repr(caught.value) + str(caught.value) + repr(zabbix.connection)
        assert "canary" not in text, text
        assert caught.value.__cause__ is None, "a traceback would print what it came from"


def test_a_refused_log_in_does_not_tell_the_password(server: Server) -> None:
    server.next(lambda request: result(request.body, "7.0.0"), fails("Incorrect user name or password."))
    with pytest.raises(ZabbixError, match=r"user\.login: Incorrect user name or password") as caught:
        Zabbix(server.connection(token=None, user="sync", password=PASSWORD))
    assert PASSWORD not in str(caught.value)


def test_an_error_page_that_shows_the_request_is_not_repeated(server: Server) -> None:
    server.version = "6.0.14"
    server.next(lambda request: result(request.body, "6.0.14"))
    server.next(*[lambda request: Raw(f"bad gateway: {request.body}"[:200], 502)] * 10)
    with pytest.raises(ZabbixError) as caught:
        Zabbix(server.connection(token=None, user="sync", password=PASSWORD))
    assert PASSWORD not in str(caught.value)
