# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way to NetBox: one session for all requests, with retries where they are safe and errors in plain words.

pynetbox knows tokens and the status; reads go beside it (GraphQL and paging by id, both several times faster:
its `filter` builds a record object for each row and pages by offset, which makes NetBox render config contexts again).
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

from .. import interrupts
from ..clock import offset
from ..connection import NetBoxConnection
from ..errors import NetBoxError
from .failures import NotUnderstood, Refused, not_json, out_of_order, parse, refused, unreachable

try:
    import pynetbox
    import requests
    import urllib3
    from requests import Session
    from requests.adapters import HTTPAdapter
    from requests.auth import AuthBase
    from urllib3.response import BaseHTTPResponse
    from urllib3.util.retry import Retry
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
    # Only so that this file can be imported: the module tells of what is missing before it gets here.
    Session = HTTPAdapter = AuthBase = Retry = object  # type: ignore[misc, assignment]
else:
    IMPORT_ERROR = None

#: the oldest NetBox that is understood, and the newest that the collection was tried with
OLDEST, NEWEST = (4, 2), (4, 6)
#: since when a list can be read from an id on (`start`): GraphQL, REST
GRAPHQL_START = (4, 5, 2)
REST_START = (4, 6, 0)
#: how lists are read: by GraphQL; by REST from an id on; by REST with filters on the id
GRAPHQL, REST, REST_FILTER = "graphql", "rest", "rest_filter"
#: NetBox's MAX_PAGE_SIZE unless its administrator changed it; a larger limit is cut silently
PAGE = 1000
#: ids that fit into the address of one REST request (4,094 bytes, gunicorn's limit)
IDS_IN_ADDRESS = 200
#: concurrent readers gain until NetBox's workers are busy: three gained 1.7 times, four no more (measured, 4.6.8)
READERS = 3
#: seconds before the second retry; each further one waits twice as long
BACKOFF = 0.5
#: a server that asks for a longer pause than this is not waited for that long
LONGEST_PAUSE = 30.0
#: fresh attempts at a safe request whose answer broke off, which urllib3 does not repeat
BROKEN_ANSWERS = 2

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


class _Retry(Retry):
    """urllib3's retries, with a bound on what a server may ask for in `Retry-After`."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        asked = super().get_retry_after(response)
        return None if asked is None else min(asked, LONGEST_PAUSE)


def _retries(methods: frozenset[str]) -> Retry:
    return _Retry(
        total=4,
        connect=2,
        read=1,
        redirect=0,
        other=0,  # TLS failures do not go away by themselves
        allowed_methods=methods,
        status_forcelist=frozenset({429, 502, 503, 504}),
        backoff_factor=BACKOFF,
        raise_on_status=False,
    )


class _Token(AuthBase):
    """The token as the session's own authentication: without one, requests would put a ~/.netrc entry in its place."""

    def __init__(self, connection: NetBoxConnection) -> None:
        kind = connection.token_type or ("Bearer" if re.match(r"nbt_.*\.", connection.token) else "Token")
        self.header = f"{kind} {connection.token}" if connection.token else None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.header is not None:
            request.headers["Authorization"] = self.header
        return request


def _half(response: requests.Response) -> bool:
    """Return whether a body broke off although the transport took it for whole: a proxy between us ended it neatly."""
    body = response.content.strip()
    return response.ok and body[:1] == b"{" and body[-1:] != b"}"


class _Session(Session):
    """A session that several threads may use: no cookies, a connection for each reader."""

    def __init__(self, connection: NetBoxConnection) -> None:
        super().__init__()
        self.connection = connection
        self.counted: Counter[str] = Counter()
        #: by how many seconds NetBox's clock is ahead of ours, None as long as it is not known
        self.clock_offset: float | None = None
        self.lock = threading.Lock()
        self.auth = _Token(connection)
        # Without it NetBox redirects an unknown visitor of /graphql/ to its login page.
        self.headers["Accept"] = "application/json"
        self.headers.update(connection.headers)
        self.cert = connection.client_cert
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for prefix, methods in (
            (connection.url, REPEATABLE),
            (f"{connection.url}/graphql/", REPEATABLE | {"POST"}),  # our GraphQL only reads
        ):
            self.mount(prefix, HTTPAdapter(pool_maxsize=READERS * 2, max_retries=_retries(methods)))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request. Raises NetBoxError when no whole answer came; statuses are the caller's to judge."""
        name, address = str(method).upper(), str(url)
        # Given with each call: what the session holds would give way to REQUESTS_CA_BUNDLE.
        kwargs["verify"] = self.connection.verify
        kwargs["timeout"] = self.connection.timeout
        kwargs["allow_redirects"] = False  # a redirected POST becomes a GET, and the token would go elsewhere
        interruption = interrupts.interruption()
        if interruption:
            raise NetBoxError(interruption)
        graphql = address.endswith("/graphql/")
        attempts = 1 + (BROKEN_ANSWERS if name in REPEATABLE or graphql else 0)
        for attempt in range(1, attempts + 1):
            began = time.time()
            try:
                response = super().request(method, url, *args, **kwargs)
            except requests.exceptions.InvalidHeader:
                raise NetBoxError("netbox_token holds characters that no token has") from None
            except (requests.exceptions.RequestException, OSError) as error:
                self._count(name, address, 1)
                broken = isinstance(error, requests.exceptions.ChunkedEncodingError)
                if not broken or attempt == attempts:
                    raise unreachable(self.connection.url, error, self.connection.timeout) from None
                time.sleep(BACKOFF * attempt)
                continue
            retries = getattr(response.raw, "retries", None)
            self._count(name, address, 1 + len(getattr(retries, "history", ())))
            if self.clock_offset is None:
                self.clock_offset = offset(response.headers.get("Date"), began, time.time())
            if attempt == attempts or not _half(response):
                return response
            time.sleep(BACKOFF * attempt)
        raise AssertionError("the last attempt returns or raises")

    def _count(self, method: str, address: str, requests_sent: int) -> None:
        parts = [part for part in urlsplit(address).path.split("/") if part and not part.isdigit()]
        with self.lock:
            self.counted[f"{method} {parts[-1] if parts else '/'}"] += requests_sent


class NetBox:
    """A NetBox that answered. Made by `connect`; any thread may use it."""

    def __init__(self, connection: NetBoxConnection) -> None:
        self._session = _Session(connection)
        self.url = connection.url
        self.connection = connection
        #: pynetbox over the same session, for what is done rarely
        self.api = pynetbox.api(connection.url, token=connection.token or None)
        self.api.http_session = self._session
        self.version: tuple[int, ...] = ()
        self._reader: str | None = None
        #: what is read once and asked for often (custom fields, which address NetBox prefers): see `remember`
        self._remembered: dict[str, Any] = {}
        self._remembering = threading.RLock()

    @property
    def requests(self) -> Counter[str]:
        """How many requests were sent so far, by "METHOD kind", retries included."""
        with self._session.lock:
            return Counter(self._session.counted)

    @property
    def clock_offset(self) -> float | None:
        """By how many seconds NetBox's clock is ahead of ours, None where it does not tell."""
        return self._session.clock_offset

    @property
    def clock(self) -> datetime | None:
        """What time it is at NetBox, None where it does not tell. Ours may be wrong."""
        ahead = self.clock_offset
        return None if ahead is None else datetime.fromtimestamp(time.time() + ahead, UTC)

    @property
    def reader(self) -> str:
        """How lists are read from this NetBox: GRAPHQL, REST or REST_FILTER, found out once; may be set."""
        with self._remembering:
            if self._reader is None:
                self._reader = self._find_reader()
            return self._reader

    @reader.setter
    def reader(self, reader: str) -> None:
        self._reader = reader

    def _find_reader(self) -> str:
        if self.version >= GRAPHQL_START:
            try:
                self.graphql("{__typename}", {})
            except Refused as error:
                if error.status != 404:  # switched off by GRAPHQL_ENABLED
                    raise
            else:
                return GRAPHQL
        return REST if self.version >= REST_START else REST_FILTER

    def remember(self, key: str, read: Any) -> Any:
        """Return what `read()` gave the first time it was called for `key`."""
        with self._remembering:
            if key not in self._remembered:
                self._remembered[key] = read()
            return self._remembered[key]

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to GET /api/`path`. A list as a value repeats its parameter."""
        what = f"GET {path}"
        response = self._session.get(f"{self.url}/api/{path}", params=params)
        answer = parse(self.url, response, what)
        if not isinstance(answer, dict):
            raise not_json(self.url, response, what)
        return answer

    def options(self, path: str) -> dict[str, Any]:
        """Return the answer to OPTIONS /api/`path`: what may be done there."""
        answer = parse(self.url, self._session.options(f"{self.url}/api/{path}"), f"OPTIONS {path}")
        return answer if isinstance(answer, dict) else {}

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """Yield all rows of a list in pages, ordered by id. `params` may filter; they must not page or order.

        A cursor on the id, never an offset: rows that come or go meanwhile shift no page, and NetBox does not
        compute the skipped rows.
        """
        after = 0
        while True:
            answer = self.get(path, {**params, **self._cursor(params, after), "limit": PAGE})
            rows = answer.get("results")
            if not isinstance(rows, list):
                raise NetBoxError(f"NetBox at {self.url} answered GET {path} with JSON that is no list of objects")
            if rows:
                if rows[0]["id"] < after:
                    raise out_of_order(self.url, f"GET {path}")
                yield rows
                after = rows[-1]["id"] + 1
            if not rows or not answer.get("next"):
                return

    def _cursor(self, params: Mapping[str, Any], after: int) -> dict[str, Any]:
        if self.version >= REST_START:
            return {"start": after}
        # A caller's own filter on the id must not give way to the cursor.
        from_id = {"id__gte": after} if "id__gte" not in params else {"id__gt": after - 1}
        return {**from_id, "ordering": "id"}

    def graphql(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the `data` of a GraphQL query. Raises Refused with status 404 where GraphQL is switched off."""
        body = {"query": query, "variables": variables}
        answer = parse(self.url, self._session.post(f"{self.url}/graphql/", json=body), "POST graphql")
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if errors:
            texts = "; ".join(str(error["message"]) for error in errors[:3])
            raise NotUnderstood(f"NetBox at {self.url} could not answer a GraphQL query: {texts}")
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict):
            raise NetBoxError(f"NetBox at {self.url} answered a GraphQL query with neither data nor an error")
        return answer["data"]

    def patch(self, path: str, payload: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Return the answer to PATCH /api/`path`. Sent once; only a connection that was never made is tried again."""
        response = self._session.patch(f"{self.url}/api/{path}", json=payload, params=params)
        return parse(self.url, response, f"PATCH {path}")

    def post(self, path: str, payload: Any) -> Any:
        """Return the answer to POST /api/`path`. Sent once, as `patch` is."""
        return parse(self.url, self._session.post(f"{self.url}/api/{path}", json=payload), f"POST {path}")

    def delete(self, path: str, payload: list[dict[str, Any]]) -> None:
        """Delete the objects of a list, all of them or, where NetBox refuses one, none. Sent once."""
        response = self._session.delete(f"{self.url}/api/{path}", json=payload)
        if response.status_code >= 300:
            raise refused(self.url, response, f"DELETE {path}")

    def read_version(self) -> tuple[int, ...]:
        """Return NetBox's version by its status. Raises NetBoxError where something else answers."""
        try:
            status = self.api.status()
        except pynetbox.RequestError as error:
            raise refused(self.url, error.req, "GET status/") from None
        except ValueError:
            # pynetbox hides the answer; asked again it is explained, or it was a passing trouble.
            status = self.get("status/")
        version = status.get("netbox-version") if isinstance(status, dict) else None
        found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", str(version or ""))
        if not found:
            raise NetBoxError(f"{self.url}/api/status/ answers, but not as NetBox does: is netbox_url right?")
        numbers = tuple(int(number or 0) for number in found.groups())
        if numbers < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            raise NetBoxError(f"NetBox at {self.url} is version {version}; {oldest} or newer is needed")
        return numbers


def connect(connection: NetBoxConnection) -> NetBox:
    """Return the NetBox of `connection`. Raises NetBoxError when it is not there, too old or refuses the token."""
    if not re.fullmatch(r"[!-~]+" if not connection.headers else r"[!-~]*", connection.token):
        raise NetBoxError("netbox_token is empty or holds characters that no token has (blanks, line ends, accents)")
    if not connection.validate_certs:
        # Chosen by an option: said once there, not with every request.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    netbox = NetBox(connection)
    netbox.version = netbox.read_version()
    return netbox
