from __future__ import annotations

import pytest

from .auth import TOKENS
from .conftest import Api


@pytest.mark.parametrize(
    ("token", "detail"),
    [
        ("", "Authentication credentials were not provided."),
        ("0" * 40, "Invalid v1 token"),
        ("nbt_unknown.secret", "Invalid v2 token"),
        (TOKENS["expired"], "Token expired"),
    ],
)
def test_who_is_not_known_is_told_so_with_403(token: str, detail: str, api: Api) -> None:
    for path in ("status/", "dcim/devices/"):
        assert api.refused("GET", path, token=token) == (403, {"detail": detail})


def test_a_read_only_token_reads_only(api: Api) -> None:
    token = TOKENS["reader"]
    assert api.get("dcim/devices/", token=token)["count"] == 3
    for method, path, body in (
        ("PATCH", "dcim/devices/1/", {"serial": "x"}),
        ("PATCH", "dcim/devices/", [{"id": 1}]),
        ("POST", "extras/journal-entries/", {}),
        ("DELETE", "dcim/devices/1/", None),
    ):
        detail = {"detail": "You do not have permission to perform this action."}
        assert api.refused(method, path, body, token=token) == (403, detail)


def test_a_limited_token_sees_some_sites_only(api: Api) -> None:
    api.service.settings.limited_sites = frozenset({"par"})
    token = TOKENS["limited"]
    assert [row["name"] for row in api.get("dcim/devices/", token=token)["results"]] == ["sw3"]
    assert api.refused("GET", "dcim/devices/1/", token=token)[0] == 404
    assert api.get("dcim/sites/", token=token)["count"] == 1
    assert api.refused("GET", "core/object-changes/", token=token)[0] == 403
    assert api.refused("POST", "extras/journal-entries/", {}, token=token)[0] == 403
    # What it may change it may not push out of its sight.
    api.ask("PATCH", "/api/dcim/devices/3/", {"serial": "x"}, token=token)
    assert api.refused("PATCH", "dcim/devices/3/", {"site": 1, "serial": "y"}, token=token)[0] == 403
    assert api.get("dcim/devices/3/")["serial"] == "x"
    data = api.graphql("{device_list{name} config_context_list{name}}", token=token)["data"]
    assert data == {"device_list": [{"name": "sw3"}], "config_context_list": []}


def test_an_older_netbox_knows_no_v2_tokens(api: Api) -> None:
    api.service.settings.version = "4.4.2"
    assert api.refused("GET", "status/", token=TOKENS["admin"])[0] == 403
    assert api.get("status/")["netbox-version"] == "4.4.2"


def test_who_am_i(api: Api) -> None:
    assert api.get("authentication-check/", token=TOKENS["reader"])["username"] == "reader"
