"""Addresses, tokens and times as people give them."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    OPTIONS,
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError


def params(**changes: Any) -> dict[str, Any]:
    """Return module arguments as Ansible gives them: every option, defaults filled in."""
    values = {name: spec.get("default") for name, spec in OPTIONS.items()}
    values |= {"netbox_url": "https://netbox.example.com", "netbox_token": "nt"}
    values |= {"zabbix_url": "https://zabbix.example.com", "zabbix_token": "zt"}
    return values | changes


NETBOX_URLS = [
    ("https://netbox.example.com", "https://netbox.example.com"),
    ("https://netbox.example.com/", "https://netbox.example.com"),
    ("https://netbox.example.com/api", "https://netbox.example.com"),
    ("https://netbox.example.com/api/", "https://netbox.example.com"),
    ("  https://netbox.example.com \n", "https://netbox.example.com"),
    ("http://10.0.0.1:8000/netbox/api", "http://10.0.0.1:8000/netbox"),
    ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
    ("HTTPS://netbox.example.com?x=1#y", "https://netbox.example.com"),
    ("https://netbox.example.com/capi", "https://netbox.example.com/capi"),
]
ZABBIX_URLS = [
    ("https://zabbix.example.com", "https://zabbix.example.com/api_jsonrpc.php"),
    ("https://zabbix.example.com/", "https://zabbix.example.com/api_jsonrpc.php"),
    ("https://zabbix.example.com/zabbix/", "https://zabbix.example.com/zabbix/api_jsonrpc.php"),
    ("https://zabbix.example.com/zabbix/api_jsonrpc.php", "https://zabbix.example.com/zabbix/api_jsonrpc.php"),
    ("https://zabbix.example.com/api_jsonrpc.php/", "https://zabbix.example.com/api_jsonrpc.php"),
]


@pytest.mark.parametrize(("given", "expected"), NETBOX_URLS)
def test_addresses_of_netbox(given: str, expected: str) -> None:
    assert netbox_connection(params(netbox_url=given)).url == expected


@pytest.mark.parametrize(("given", "expected"), ZABBIX_URLS)
def test_addresses_of_zabbix(given: str, expected: str) -> None:
    assert zabbix_connection(params(zabbix_url=given)).url == expected


@pytest.mark.parametrize(
    "given", ["", "netbox.example.com", "ftp://netbox", "https://", "https:///path", "localhost:80"]
)
def test_what_is_no_address(given: str) -> None:
    for option, connection in (("netbox_url", netbox_connection), ("zabbix_url", zabbix_connection)):
        with pytest.raises(InputError, match=f"{option}: .* is not an address such as https://{option[:6]}"):
            connection(params(**{option: given}))


def test_an_address_that_cannot_be_taken_apart() -> None:
    with pytest.raises(InputError, match="zabbix_url"):
        zabbix_connection(params(zabbix_url="https://[2001:db8::1/"))


WITH_PASSWORD = [
    "https://user:canary@zabbix.example.com",
    "https://canary@zabbix.example.com/zabbix",
    "user:canary@zabbix.example.com",
    "//user:canary@zabbix.example.com",
    "https:/user:canary@zabbix.example.com",
    "ftp://user:canary@zabbix.example.com",
]


def refused(option: str, connection: Any, given: str) -> None:
    with pytest.raises(InputError) as caught:
        connection(params(**{option: given}))
    assert "canary" not in str(caught.value)
    assert f"{option}: put no user or password into the address" in str(caught.value)


@pytest.mark.parametrize("given", WITH_PASSWORD)
def test_a_password_in_an_address_is_refused_and_not_repeated(given: str) -> None:
    refused("zabbix_url", zabbix_connection, given)
    refused("netbox_url", netbox_connection, given)


@pytest.mark.parametrize("given", ["https://u:canary/x@host", "https://u:canary#x@host", "https://u:canary?x@host"])
def test_a_password_with_odd_letters_is_found_too(given: str) -> None:
    refused("zabbix_url", zabbix_connection, given)


def test_a_token_wins_over_user_and_password() -> None:
    both = zabbix_connection(params(zabbix_token=" zt\n", zabbix_user="u", zabbix_password="p"))
    assert (both.token, both.user, both.password) == ("zt", None, None)
    user = zabbix_connection(params(zabbix_token=None, zabbix_user="u", zabbix_password=" p "))
    assert (user.token, user.user, user.password) == (None, "u", " p ")
    empty = zabbix_connection(params(zabbix_token="", zabbix_user="u", zabbix_password="p"))
    assert (empty.token, empty.user) == (None, "u")


@pytest.mark.parametrize(
    "changes",
    [
        {"zabbix_token": None},
        {"zabbix_token": ""},
        {"zabbix_token": None, "zabbix_user": "u"},
        {"zabbix_token": None, "zabbix_password": "p"},
        {"zabbix_token": None, "zabbix_user": "u", "zabbix_password": ""},
    ],
)
def test_somebody_has_to_be_named(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"zabbix_token, or zabbix_user with zabbix_password"):
        zabbix_connection(params(**changes))


def test_a_token_of_blanks_is_none() -> None:
    with pytest.raises(InputError, match="zabbix_token"):
        zabbix_connection(params(zabbix_token=" \n"))


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_time_of_nothing(seconds: int) -> None:
    with pytest.raises(InputError, match=f"netbox_timeout: {seconds}"):
        netbox_connection(params(netbox_timeout=seconds))
    with pytest.raises(InputError, match=f"zabbix_timeout: {seconds}"):
        zabbix_connection(params(zabbix_timeout=seconds))


def test_times_are_taken_over() -> None:
    assert netbox_connection(params(netbox_timeout=7)).timeout == 7
    assert zabbix_connection(params(zabbix_timeout=1)).timeout == 1
    assert (netbox_connection(params()).timeout, zabbix_connection(params()).timeout) == (120, 300)


@pytest.mark.parametrize(
    ("validate", "path", "verify"),
    [(True, None, True), (True, "/ca.pem", "/ca.pem"), (False, None, False), (False, "/ca.pem", False)],
)
def test_whose_certificate_is_trusted(validate: bool, path: str | None, verify: bool | str) -> None:
    for name, connection in (("netbox", netbox_connection), ("zabbix", zabbix_connection)):
        given = params(**{f"{name}_validate_certs": validate, f"{name}_ca_path": path})
        assert connection(given).verify == verify


def test_the_same_choice_for_zabbix_utils(tmp_path: Path) -> None:
    trusting = zabbix_connection(params(zabbix_validate_certs=False, zabbix_ca_path="/nowhere")).ssl_context()
    assert (trusting.verify_mode, trusting.check_hostname) == (ssl.CERT_NONE, False)
    strict = zabbix_connection(params()).ssl_context()
    assert (strict.verify_mode, strict.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_secrets_are_not_in_the_text_form() -> None:
    given = params(
        netbox_token="canary-1", zabbix_token=None, zabbix_user="u", zabbix_password="canary-2",
        zabbix_http_user="web", zabbix_http_password="canary-3",
    )  # fmt: skip
    assert "canary" not in repr(netbox_connection(given)) + repr(zabbix_connection(given))
    assert "canary" not in repr(zabbix_connection(params(zabbix_token="canary-4")))
