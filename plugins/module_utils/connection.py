# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How both servers are reached: the one place that knows the connection options and their environment variables.

The texts of the options are in `plugins/doc_fragments/connection.py`.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .errors import InputError


@dataclass(frozen=True, slots=True)
class NetBoxConnection:
    """Where NetBox is and who we are there. `url` without a trailing slash or `/api`; `timeout` in seconds for one
    request.

    `token_type`: the word before the token, where its form does not tell; `headers`: sent with each request, and with
    them the token may be empty; `client_cert`: files of a certificate and its key.
    """

    url: str
    token: str = field(repr=False)
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: int = 120
    token_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    client_cert: tuple[str, str] | str | None = None

    @property
    def verify(self) -> bool | str:
        """What `requests` takes as `verify`."""
        return (self.ca_path or True) if self.validate_certs else False


@dataclass(frozen=True, slots=True)
class ZabbixConnection:
    """Where Zabbix is and who we are there. `url` is the full address of the API; `timeout` in seconds for one
    request.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    http_user: str | None = None
    http_password: str | None = field(default=None, repr=False)
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: int = 300

    @property
    def verify(self) -> bool | str:
        """What `requests` takes as `verify`."""
        return (self.ca_path or True) if self.validate_certs else False

    def ssl_context(self) -> ssl.SSLContext:
        """Return the same choice as `verify`, as zabbix-utils takes it."""
        context = ssl.create_default_context(cafile=self.ca_path if self.validate_certs else None)
        if not self.validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _option(environment: str | None = None, **spec: Any) -> dict[str, Any]:
    option: dict[str, Any] = {"type": "str", **spec}
    if environment:
        option["fallback"] = (environment,)
    return option


#: option -> argument specification; the fallback's environment variable in a tuple, made an `env_fallback` by the
#: Ansible side
OPTIONS: dict[str, dict[str, Any]] = {
    "netbox_url": _option("NETBOX_URL", required=True),
    "netbox_token": _option("NETBOX_TOKEN", required=True, no_log=True),
    "netbox_validate_certs": _option(type="bool", default=True),
    "netbox_ca_path": _option(type="path"),
    "netbox_timeout": _option(type="int", default=120),
    "zabbix_url": _option("ZABBIX_URL", required=True),
    "zabbix_token": _option("ZABBIX_TOKEN", no_log=True),
    "zabbix_user": _option("ZABBIX_USER"),
    "zabbix_password": _option("ZABBIX_PASSWORD", no_log=True),
    "zabbix_http_user": _option(),
    "zabbix_http_password": _option(no_log=True),
    "zabbix_validate_certs": _option(type="bool", default=True),
    "zabbix_ca_path": _option(type="path"),
    "zabbix_timeout": _option(type="int", default=300),
}


def base_url(option: str, value: str, *tails: str) -> str:
    """Return an address without slashes and these tails at its end. Raises InputError for what is no address."""
    if "@" in value:
        # anywhere: a password may hold what ends the part of an address that it belongs in
        raise InputError([f"{option}: put no user or password into the address, they would show up in logs"])
    try:
        parts = urlsplit(value.strip())
    except ValueError as error:
        raise InputError([f"{option}: {value!r} is not an address: {error}"]) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(
            [f"{option}: {value!r} is not an address such as https://{option.split('_', 1)[0]}.example.com"]
        )
    path = parts.path.rstrip("/")
    for tail in tails:
        path = path.removesuffix(tail).rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _timeout(params: Mapping[str, Any], option: str) -> int:
    if params[option] < 1:
        raise InputError([f"{option}: {params[option]} is not a number of seconds of 1 or more"])
    return int(params[option])


def netbox_connection(params: Mapping[str, Any]) -> NetBoxConnection:
    """Return NetBox's connection from module arguments. Raises InputError for an address that is none."""
    return NetBoxConnection(
        url=base_url("netbox_url", params["netbox_url"], "/api"),
        token=params["netbox_token"].strip(),
        validate_certs=params["netbox_validate_certs"],
        ca_path=params["netbox_ca_path"],
        timeout=_timeout(params, "netbox_timeout"),
    )


def zabbix_connection(params: Mapping[str, Any]) -> ZabbixConnection:
    """Return Zabbix's connection from module arguments; a token wins over user and password.

    Raises InputError for an address that is none, and where neither a token nor user and password are given.
    """
    token = (params["zabbix_token"] or "").strip()
    user, password = params["zabbix_user"], params["zabbix_password"]
    if not token and not (user and password):
        raise InputError(
            ["zabbix_token, or zabbix_user with zabbix_password, is needed (or ZABBIX_TOKEN in the environment)"]
        )
    return ZabbixConnection(
        url=base_url("zabbix_url", params["zabbix_url"], "/api_jsonrpc.php") + "/api_jsonrpc.php",
        token=token or None,
        user=None if token else user,
        password=None if token else password,
        http_user=params["zabbix_http_user"],
        http_password=params["zabbix_http_password"],
        validate_certs=params["zabbix_validate_certs"],
        ca_path=params["zabbix_ca_path"],
        timeout=_timeout(params, "zabbix_timeout"),
    )


def web_addresses(params: Mapping[str, Any]) -> dict[str, str]:
    """Return where people see NetBox and Zabbix, by `netbox` and `zabbix`, as far as module arguments tell."""
    found = {"netbox": params.get("netbox_url"), "zabbix": params.get("zabbix_url")}
    tails = {"netbox": "/api", "zabbix": "/api_jsonrpc.php"}
    return {side: base_url(f"{side}_url", given, tails[side]) for side, given in found.items() if given}
