"""Who we are in NetBox and what we may, as NetBox 4.2 to 4.6 let it be seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.quick_checks import look_at_netbox, netbox_notes
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.account import (
    missing_actions,
    page_size,
    read_account,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import NetBox, connect
from unit.netbox.conftest import TOKEN, Answer, Request, Server

V1 = "0123456789abcdef0123456789abcdef01234567"
DENIED = Answer({"detail": "You do not have permission to perform this action."}, 403)
NOT_THERE = Answer({"detail": "Not found."}, 404)
ME = {"id": 7, "username": "sync", "date_joined": "2026-01-01T01:00:00+01:00", "groups": [], "permissions": []}


def rows(*found: dict[str, Any]) -> Answer:
    return Answer({"count": len(found), "next": None, "previous": None, "results": list(found)})


def token_row(**changes: Any) -> dict[str, Any]:
    row = {"id": 1, "key": "abcdef", "display": "abcdef", "expires": None, "write_enabled": True}
    return {**row, "user": {"id": 7, "username": "sync"}, **changes}


def serve(server: Server, version: str = "4.6.8", token: str = TOKEN, **answers: Any) -> NetBox:
    """Return NetBox that answers by the last part of the path: an Answer, or a function of the request."""

    def answer(request: Request) -> Answer:
        if request.path == "/api/status/":
            return Answer({"netbox-version": version})
        found = answers.get(request.path.strip("/").split("/")[-1].replace("-", "_"), NOT_THERE)
        return found(request) if callable(found) else found

    server.answer = answer
    return connect(server.connection(token=token))


def superuser(word: str) -> Callable[[Request], Answer]:
    """Return what the list of users answers to the question who is a superuser."""
    return lambda request: rows(ME) if request.query["is_superuser"] == [word] else rows()


def test_a_superuser_is_known_by_the_list_of_users(server: Server) -> None:
    found = serve(server, authentication_check=Answer(ME), tokens=rows(token_row()), users=superuser("true"))
    account = read_account(found)
    assert (account.username, account.superuser, account.offset) == ("sync", True, "+01:00")
    assert missing_actions(found, account, [("extras.customlink", "delete")]) == {}


def test_an_ignored_filter_is_no_answer(server: Server) -> None:
    found = serve(server, authentication_check=Answer(ME), tokens=rows(token_row()), users=rows(ME), permissions=DENIED)
    assert read_account(found).superuser is None


def test_before_4_5_the_tokens_row_tells_who_we_are(server: Server) -> None:
    others = token_row(id=2, key=None, display="**********************************999999")
    ours = token_row(key=None, display=f"**********************************{V1[-6:]}", expires="2027-01-01T00:00:00Z")
    found = serve(server, "4.2.0", V1, tokens=rows(others, ours), users=DENIED, permissions=DENIED)
    account = read_account(found)
    assert (account.username, account.superuser) == ("sync", False)
    assert account.token is not None
    assert account.token.expires == datetime(2027, 1, 1, tzinfo=UTC)
    assert not account.complete


def test_a_user_that_may_not_see_its_tokens(server: Server) -> None:
    found = serve(server, authentication_check=Answer(ME), tokens=DENIED, users=DENIED, permissions=DENIED)
    account = read_account(found)
    assert (account.username, account.token) == ("sync", None)


def test_permissions_of_groups_count_and_disabled_ones_do_not(server: Server) -> None:
    def permissions(request: Request) -> Answer:
        base = {"enabled": True, "actions": ["view"], "object_types": ["dcim.device"], "constraints": None}
        if "group_id" in request.query:
            return rows({**base, "id": 2, "name": "of the group", "constraints": {"site__slug": "ber1"}})
        return rows({**base, "id": 1, "name": "own"}, {**base, "id": 3, "name": "off", "enabled": False})

    me = {**ME, "groups": [{"id": 4}]}
    found = serve(server, authentication_check=Answer(me), tokens=rows(), users=DENIED, permissions=permissions)
    account = read_account(found)
    assert [(one.name, one.constrained) for one in account.permissions] == [("own", False), ("of the group", True)]
    assert account.complete


def test_what_groups_give_is_not_known_where_permissions_are_hidden(server: Server) -> None:
    own = {
        "id": 1,
        "name": "own",
        "enabled": True,
        "actions": ["view", "delete"],
        "object_types": ["extras.customlink"],
    }
    me = {**ME, "groups": [{"id": 4}], "permissions": [own]}
    found = serve(server, authentication_check=Answer(me), tokens=rows(token_row()), users=DENIED, permissions=DENIED)
    account = read_account(found)
    assert (account.permissions[0].constrained, account.complete) == (None, False)
    wanted = [("extras.customlink", "delete"), ("extras.savedfilter", "delete")]
    assert missing_actions(found, account, wanted) == {("extras.savedfilter", "delete"): None}
    account.complete = True
    assert missing_actions(found, account, wanted) == {("extras.savedfilter", "delete"): True}


def test_a_list_that_this_netbox_does_not_have_is_no_reason_to_stop(server: Server) -> None:
    found = serve(server, authentication_check=Answer(ME), tokens=rows(), users=DENIED, permissions=DENIED)
    missing = missing_actions(found, read_account(found), [("users.group", "view"), ("users.group", "add")])
    assert missing == {("users.group", "view"): None, ("users.group", "add"): None}


@pytest.mark.parametrize(("link", "size"), [("?limit=250&offset=1", 250), ("?limit=1000000", None)])
def test_the_link_back_names_the_page_size(server: Server, link: str, size: int | None) -> None:
    answer = Answer({"count": 3, "next": None, "previous": f"{server.url}/api/extras/tags/{link}", "results": []})
    assert page_size(serve(server, tags=answer)) == size


def test_hidden_devices_are_found_by_the_numbers_at_their_types(server: Server) -> None:
    types = rows({"id": 1, "device_count": 6}, {"id": 2, "device_count": 4})
    found = serve(server, tokens=rows(token_row()), device_types=types, devices=rows(*[{"id": n} for n in range(7)]))
    server.requests.clear()
    assert look_at_netbox(found, 10) == ([], 0)
    assert [request.path for request in server.requests] == ["/api/users/tokens/", "/api/dcim/device-types/"]
    (note,), hidden = look_at_netbox(found, 7)
    assert hidden == 3
    assert note.startswith("NetBox: 3 devices are hidden from this token")


def test_devices_that_came_meanwhile_are_not_hidden(server: Server) -> None:
    types = rows({"id": 1, "device_count": 3})
    found = serve(server, tokens=DENIED, device_types=types, devices=rows({"id": 1}, {"id": 2}, {"id": 3}))
    assert look_at_netbox(found, 2) == ([], 0)


def test_a_question_that_fails_fails_no_job(server: Server) -> None:
    found = serve(server, "4.7.0", tokens=Answer({"detail": "no"}, 400))
    newer, failed = netbox_notes(found)
    assert "NetBox 4.7.0; the collection was tried up to 4.6" in newer
    assert failed.startswith("NetBox could not be checked: ")
