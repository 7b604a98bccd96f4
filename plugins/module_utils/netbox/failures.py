# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong between us and NetBox, in words for the person who has to put it right."""

from __future__ import annotations

import json
import re
from typing import Any

from ..errors import NetBoxError

try:
    import requests
    from urllib3 import exceptions as transport
except ImportError:
    pass  # `client` tells

#: how much of an answer is quoted in a message
QUOTED = 300
#: what NetBox says when it is the token that it objects to, rather than what the token may do
ABOUT_TOKEN = re.compile(r"token|credential|authentication|inactive|expired", re.IGNORECASE)


class Refused(NetBoxError):
    """NetBox answered with an error. `status`: the HTTP status; `detail`: what it said, in one line."""

    def __init__(self, message: str, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(message)


class NotUnderstood(NetBoxError):
    """NetBox does not answer a GraphQL question: it has no such field, or takes no question of this size."""


def _causes(error: BaseException) -> list[BaseException]:
    """Return the error and what it was raised for, outermost first: requests wraps urllib3, which wraps sockets."""
    found: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        item = queue.pop(0)
        if not isinstance(item, BaseException) or item in found:
            continue
        found.append(item)
        queue += [getattr(item, "reason", None), *item.args, item.__cause__, item.__context__]
    return found


def unreachable(base: str, error: Exception, timeout: int) -> NetBoxError:
    """Return what a request that got no (whole) answer failed of."""
    causes = _causes(error)

    def caused_by(*kinds: type[BaseException]) -> BaseException | None:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    if caused_by(transport.ProxyError, requests.exceptions.ProxyError):
        return NetBoxError(
            f"NetBox at {base} cannot be reached through the proxy that the environment names (http_proxy, https_proxy;"
            f" no_proxy excepts addresses from it): {_last(causes)}"
        )
    if caused_by(requests.exceptions.SSLError, transport.SSLError):
        text = _last(causes)
        if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER" in text:
            return NetBoxError(
                f"{base} does not speak TLS: is netbox_url to begin with http:// or to name another port? ({text})"
            )
        return NetBoxError(
            f"The TLS certificate of {base} is not trusted: {text}. Name the file with its authority's certificate in"
            " netbox_ca_path (or REQUESTS_CA_BUNDLE), or correct the host name in netbox_url."
        )
    if caused_by(transport.NameResolutionError) or "Name or service not known" in _last(causes):
        return NetBoxError(f"The host name in netbox_url ({base}) is not known to the name servers: {_last(causes)}")
    if caused_by(ConnectionRefusedError):
        return NetBoxError(f"Nothing listens at {base} (connection refused): is netbox_url right, does NetBox run?")
    if caused_by(transport.NewConnectionError):  # a kind of ConnectTimeoutError for urllib3
        return NetBoxError(f"NetBox at {base} cannot be reached: {_last(causes)}")
    if caused_by(transport.ConnectTimeoutError, requests.exceptions.ConnectTimeout):
        return NetBoxError(
            f"NetBox at {base} took no connection within {timeout} s (netbox_timeout):"
            " is the address right, does a firewall drop it?"
        )
    if caused_by(transport.ReadTimeoutError, requests.exceptions.ReadTimeout, TimeoutError):
        return NetBoxError(f"NetBox at {base} did not answer within {timeout} s (netbox_timeout)")
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return NetBoxError(f"The answer of NetBox at {base} broke off in the middle: {_last(causes)}")
    if isinstance(error, OSError) and "CA certificate bundle" in str(error):
        return NetBoxError(f"netbox_ca_path (or REQUESTS_CA_BUNDLE) names a file that is not there: {error}")
    return NetBoxError(f"NetBox at {base} cannot be reached: {_last(causes)}")


def _last(causes: list[BaseException]) -> str:
    """Return the innermost cause that says something, without memory addresses."""
    for cause in reversed(causes):
        text = re.sub(r"<[^>]*object at 0x[^>]*>:? ?", "", str(cause)).strip()
        if text and not text.startswith("("):
            return text
    return type(causes[0]).__name__


def detail(response: requests.Response) -> str:
    """Return what an error answer says, in one line: NetBox's own errors are nested lists and dictionaries of texts."""
    try:
        said = response.json()
    except ValueError:
        text = response.text
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        return _short(title.group(1) if title else re.sub(r"<[^>]+>", " ", text))
    return _short(flat(said))


def flat(said: Any) -> str:
    """Return nested error texts as one: `{"site": ["Not there."]}` becomes `site: Not there.`"""
    if isinstance(said, dict):
        return "; ".join(
            flat(value) if key in ("detail", "__all__") else f"{key}: {flat(value)}" for key, value in said.items()
        )
    if isinstance(said, list):
        return " ".join(filter(None, map(flat, said)))
    return str(said)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= QUOTED else text[:QUOTED] + "…"


def refused(base: str, response: requests.Response, what: str) -> NetBoxError:
    """Return what an answer with an HTTP status of 300 or more means. `what`: the request, as "GET dcim/devices/"."""
    status, said = response.status_code, detail(response)
    if 300 <= status < 400:
        target = response.headers.get("Location", "")
        hint = "write that address into netbox_url"
        if "login" in target:
            hint = "that is a login page: the token (netbox_token) was not taken"
        message = f"{base} redirects {what} to {target}: {hint}"
    elif status in (401, 403) and (ABOUT_TOKEN.search(said) or status == 401):
        message = (
            f"NetBox at {base} does not take the token (netbox_token, NETBOX_TOKEN): it says {said!r}."
            " Is it whole, enabled, not expired, of this NetBox, and allowed from this address?"
        )
    elif status == 403:
        need = "view" if what.startswith(("GET", "POST graphql")) else "change (and have write access enabled)"
        message = (
            f"The token's user may not do {what} in NetBox at {base}: it says {said!r}."
            f" The user needs the permission to {need} these objects."
        )
    elif status == 404 and not what.endswith("graphql"):
        message = (
            f"{base} has no /api/{what.split(' ')[-1]}: is netbox_url right, is NetBox 4.2 or newer there?"
            f" (HTTP 404: {said})"
        )
    elif status == 429:
        message = f"NetBox at {base} refuses so many requests (HTTP 429, after retries): {said}"
    elif status >= 500:
        message = f"NetBox at {base} failed at {what} (HTTP {status}, after retries where that is safe): {said}"
    else:
        message = f"NetBox at {base} refused {what} (HTTP {status}): {said}"
    return Refused(message, status, said)


def out_of_order(base: str, what: str) -> NetBoxError:
    """Return what is wrong with a page that begins before the id asked for: reading on would never end."""
    return NetBoxError(f"NetBox at {base} answered {what} without regard to the id that the page was to begin at")


def not_json(base: str, response: requests.Response, what: str) -> NetBoxError:
    """Return why an answer with status 200 cannot be read."""
    body = response.content.lstrip()
    if body[:1] == b"<":
        return NetBoxError(
            f"{base} answered {what} with a web page ({detail(response)}) rather than with JSON:"
            " is netbox_url NetBox's address, or is a login page or a proxy before it?"
        )
    size = len(response.content)
    return NetBoxError(f"The answer of NetBox at {base} to {what} is not JSON, or broke off after {size} bytes")


def parse(base: str, response: requests.Response, what: str) -> Any:
    """Return the answer's JSON, or raise what is wrong with it."""
    if response.status_code >= 300:
        raise refused(base, response, what)
    try:
        return json.loads(response.content)
    except ValueError:
        raise not_json(base, response, what) from None
