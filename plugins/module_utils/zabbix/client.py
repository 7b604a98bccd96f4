# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All requests to Zabbix: one session, JSON-RPC singles and batches, failures in words.

zabbix-utils supplies the face (methods, version, log-in); how a request is sent is ours: one kept-alive connection,
JSON-RPC batches (300 updates a second instead of 15, measured), and a difference between a request that was not sent
and one whose answer was lost.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from .. import interrupts
from ..clock import offset
from ..connection import ZabbixConnection
from ..errors import OutcomeUnknown, ZabbixError
from .objects import ZabbixUser

try:
    import requests
    from requests.adapters import HTTPAdapter
    from zabbix_utils import ZabbixAPI
    from zabbix_utils.exceptions import APINotSupported, ProcessingError
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
    ZabbixAPI = object
else:
    IMPORT_ERROR = None

#: the oldest version that the collection is tested on, and the newest whose differences it knows
OLDEST, NEWEST = (6, 0), (8, 0)
#: how often a request that may be sent again is sent again, and the first pause in seconds (doubled each time)
RETRIES, PAUSE = 4, 0.5
#: what Zabbix says when the database rolled a call back (deadlock, lost connection): nothing of it was done.
#: 7.0 says the first to everybody, 6.0 the second to super admins and the third to all others (measured).
ROLLED_BACK = ("Database error occurred", "Your database is not working properly", "System error occurred")
NOT_AUTHORISED = ("Not authorized", "Not authorised", "Session terminated", "API token expired")
#: sent without authentication; Zabbix refuses `apiinfo.version` with it
OPEN_METHODS = frozenset({"apiinfo.version", "user.login"})

Call = tuple[str, Any]


class NotSent(ZabbixError):
    """The request did not reach Zabbix: nothing was done."""


class NotAuthorised(ZabbixError):
    """Zabbix does not accept the token or the session (any more): no further call will do better."""


class Zabbix(ZabbixAPI):
    """A session with one Zabbix server. `release` is a pair such as `(7, 0)`; `requests` counts HTTP requests by
    method.

    Reads are repeated when the network or the server fails. A write is repeated only where nothing was done: it was not
    sent, or the database rolled it back. Where that cannot be known OutcomeUnknown is raised, and the caller reads
    back.

    `checked`: whether a token is tried first, which also tells who we are; else the first call tells about it.
    """

    def __init__(self, connection: ZabbixConnection, checked: bool = True) -> None:
        self.connection = connection
        self.requests: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._token: str | None = None
        # as long as it is not known; and zabbix-utils takes every name that is missing for an object of the API
        self.release = OLDEST
        #: called before each write, which it may forbid by raising NotSent
        self.before_write: Callable[[], None] | None = None
        #: who we are, None where this Zabbix does not tell
        self.user: ZabbixUser | None = None
        #: when our token ends, None as long as nobody has asked along with something else (`account.batch_with_token`)
        self.token_end: datetime | None = None
        #: by how many seconds its clock is ahead of ours, None where it does not tell
        self.clock_offset: float | None = None
        self._http = requests.Session()
        # `requests` would let REQUESTS_CA_BUNDLE win over `verify` and take ~/.netrc when it may read the environment,
        # so that only the proxies are taken from there.
        self._http.trust_env = False
        self._http.proxies = requests.utils.get_environ_proxies(connection.url)
        self._http.verify = connection.verify
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, HTTPAdapter(pool_maxsize=8))
        if connection.http_user:
            self._http.auth = (connection.http_user, connection.http_password or "")
        try:
            super().__init__(
                url=connection.url,
                http_user=connection.http_user,
                http_password=connection.http_password,
                skip_version_check=True,
                timeout=connection.timeout,
            )
        except APINotSupported as error:
            raise ZabbixError(f"zabbix_http_user: {error}") from None
        except (ProcessingError, ValueError) as error:
            raise ZabbixError(
                f"{connection.url} does not answer as Zabbix's API does: {error}. Check zabbix_url."
            ) from None
        self.release = _pair(self.version)
        if self.release < OLDEST:
            raise ZabbixError(
                f"Zabbix {self.version} at {connection.url} is too old: 6.0 is the oldest that is supported."
            )
        self._authenticate(checked)

    def login(self, *_arguments: Any, **_keywords: Any) -> None:
        """Do nothing: zabbix-utils calls this with what it finds in the environment, which is not what we were
        given.
        """

    def _authenticate(self, checked: bool) -> None:
        if self.connection.token:
            self._token = self.connection.token
            if not checked:
                return
            check = {"token": self._token}
        else:
            answer = self.send_api_request(
                "user.login", {"username": self.connection.user, "password": self.connection.password}, False
            )
            self._token = answer["result"]
            check = {"sessionid": self._token}
        try:
            answer = self.send_api_request("user.checkAuthentication", check, False)
        except NotAuthorised:
            raise
        except ZabbixError:
            if self.release >= (6, 4) or "token" not in check:
                raise
            # documented for tokens since 6.4 (6.0.14 takes them as well); any cheap read tells about one too
            self.send_api_request("host.get", {"output": ["hostid"], "limit": 1})
        else:
            self.user = _user(answer["result"])

    def close(self) -> None:
        """End a session that a user name opened, so that it does not stay behind in Zabbix."""
        if self._token and not self.connection.token:
            with contextlib.suppress(ZabbixError), interrupts.tidying():  # Zabbix ends it by itself in time
                self.send_api_request("user.logout", [])
        self._http.close()

    def send_api_request(self, method: str, params: Any = None, need_auth: bool = True) -> dict[str, Any]:
        """Send one call and return the whole answer.

        Raises ZabbixError as Zabbix said it, OutcomeUnknown for a write whose answer was lost.
        """
        answers = self._send([(method, params)], need_auth and method not in OPEN_METHODS, batch=False)
        if isinstance(answers[0], ZabbixError):
            raise answers[0]
        return {"result": answers[0]}

    def call(self, method: str, params: Any) -> Any:
        """Send one call and return its result; errors as `send_api_request`."""
        return self.send_api_request(method, params)["result"]

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Send several calls in one request; each is a transaction of its own.

        Returns their results in order, a ZabbixError in the place of a call that failed.
        Raises OutcomeUnknown when the answer of the request was lost.
        """
        if not calls:
            return []
        answers = self._send(calls, True, batch=True)
        for dummy in range(RETRIES):
            again = [number for number, answer in enumerate(answers) if _rolled_back(answer)]
            if not again:
                break
            answered = self._send([calls[number] for number in again], True, batch=True)
            for number, answer in zip(again, answered, strict=True):
                answers[number] = answer
        return answers

    def _send(self, calls: Sequence[Call], need_auth: bool, batch: bool) -> list[Any]:
        reads_only = all(
            method.endswith(".get") or method in OPEN_METHODS or method == "user.checkAuthentication"
            for method, dummy in calls
        )
        if not reads_only and self.before_write is not None:
            self.before_write()
        pause = PAUSE
        for attempt in range(RETRIES + 1):
            last = attempt == RETRIES
            interruption = interrupts.interruption()
            if interruption:
                raise NotSent(interruption)
            try:
                answers = self._post(calls, need_auth, batch)
            except NotSent:
                if last:
                    raise
            except OutcomeUnknown:
                if last or not reads_only:
                    raise
            else:
                if last or batch or not _rolled_back(answers[0]):
                    return answers
            time.sleep(pause * random.uniform(0.7, 1.3))
            pause *= 2
        raise AssertionError("unreachable")

    def _post(self, calls: Sequence[Call], need_auth: bool, batch: bool) -> list[Any]:
        bodies = []
        headers = {"Content-Type": "application/json-rpc"}
        in_body = self.release < (6, 4) or self._http.auth is not None
        for method, params in calls:
            body = {
                "jsonrpc": "2.0",
                "method": method,
                "params": params if params is not None else {},
                "id": uuid4().hex,
            }
            if need_auth and in_body:
                body["auth"] = self._token
            bodies.append(body)
        if need_auth and not in_body:
            headers["Authorization"] = f"Bearer {self._token}"
        with self._lock:
            self.requests[f"{calls[0][0]}{'[]' if batch else ''}"] += 1
        answer = self._exchange(bodies if batch else bodies[0], headers, calls[0][0])
        if not batch:
            return [self._result(answer, calls[0][0])]
        if not isinstance(answer, list):  # a batch refused as a whole, for instance for its token
            return [self._result(answer, method) for method, dummy in calls]
        by_id = {item.get("id"): item for item in answer if isinstance(item, dict)}
        missing = [body for body in bodies if body["id"] not in by_id]
        if missing:
            raise OutcomeUnknown(f"Zabbix answered {len(by_id)} of {len(bodies)} calls of one request.")
        return [self._result(by_id[body["id"]], body["method"]) for body in bodies]

    def _exchange(self, body: Any, headers: dict[str, str], method: str) -> Any:
        url = self.connection.url
        began = time.time()
        try:
            response = self._http.post(
                url,
                json=body,
                headers=headers,
                timeout=(min(30, self.connection.timeout), self.connection.timeout),
                # a redirected POST would become a GET, or carry the token to whatever host it names
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            if "CERTIFICATE_VERIFY_FAILED" not in str(error):
                # it also breaks in the middle of a connection, when the request may have been carried out
                raise OutcomeUnknown(f"{url} does not speak TLS as we do: {_cause(error)}. Check zabbix_url.") from None
            raise ZabbixError(
                f"The certificate of {url} is not trusted: {_cause(error)}. Give its authority with zabbix_ca_path, "
                "or put zabbix_validate_certs to false in a laboratory."
            ) from None
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError) as error:
            raise NotSent(
                f"Zabbix cannot be reached at {url}: {_cause(error)}. Check zabbix_url, and that it is up."
            ) from None
        except requests.exceptions.ConnectionError as error:
            if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
                raise NotSent(
                    f"Zabbix cannot be reached at {url}: {_cause(error)}. Check zabbix_url, and that it is up."
                ) from None
            raise OutcomeUnknown(f"The connection to {url} broke during {method}: {_cause(error)}.") from None
        except requests.exceptions.Timeout:
            raise OutcomeUnknown(
                f"Zabbix did not answer {method} within {self.connection.timeout} s (zabbix_timeout)."
            ) from None
        except requests.exceptions.RequestException as error:
            raise OutcomeUnknown(f"The answer of {url} to {method} is broken: {_cause(error)}.") from None
        except OSError as error:  # what requests raises for a file of authorities that is not there
            raise ZabbixError(f"zabbix_ca_path: {error}") from None
        if self.clock_offset is None:
            self.clock_offset = offset(response.headers.get("Date"), began, time.time())
        return self._decoded(response, method)

    def _decoded(self, response: Any, method: str) -> Any:
        url, status = self.connection.url, response.status_code
        if status == 500 and not response.content.strip():
            raise OutcomeUnknown(
                f"Zabbix's web server ended {method} with HTTP 500 and an empty body: most often PHP's memory limit "
                "(memory_limit; Zabbix asks for 128M or more) or a crash, see its error log."
            )
        if status >= 500:
            raise OutcomeUnknown(
                f"Zabbix's web server answered {method} with HTTP {status}: {self._quoted(response.text)}"
            )
        if status == 413:
            raise ZabbixError(
                f"Zabbix's web server takes no {method} of this size: raise its body limit and PHP's post_max_size."
            )
        if status in (401, 403):
            raise ZabbixError(
                f"Zabbix's web server at {url} refused {method} with HTTP {status}. "
                "Check zabbix_http_user and zabbix_http_password."
            )
        if 300 <= status < 400:
            target = response.headers.get("Location", "another address")
            raise ZabbixError(f"{url} sends on to {target}: give that address as zabbix_url.")
        if status != 200:
            raise ZabbixError(
                f"{url} answered {method} with HTTP {status}: {self._quoted(response.text)} Check zabbix_url."
            )
        try:
            return response.json()
        except ValueError:
            if method in OPEN_METHODS or "<html" in response.text[:1000].lower():
                raise ZabbixError(
                    f"{url} answered {method} with something that is not Zabbix's API: {self._quoted(response.text)} "
                    "Check zabbix_url."
                ) from None
            raise OutcomeUnknown(f"The answer of {url} to {method} breaks off: {self._quoted(response.text)}") from None

    def _quoted(self, text: str) -> str:
        """Return the beginning of an answer on one line, in quotes; nothing of one that shows what we sent."""
        ours = (self._token, self.connection.token, self.connection.password, self.connection.http_password)
        if any(secret and secret in text for secret in ours):
            return "(an answer that shows the request, left out)."
        line = " ".join(text.split())
        return f'"{line[:120]}{"..." if len(line) > 120 else ""}".'

    def _result(self, answer: Any, method: str) -> Any:
        """Return the result of one JSON-RPC answer, or a ZabbixError as a value."""
        if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
            return ZabbixError(
                f"{self.connection.url} answered {method} with something that is not JSON-RPC. Check zabbix_url."
            )
        if "error" not in answer:
            return answer["result"]
        error = answer["error"]
        said = str(error.get("data") or error.get("message"))
        if any(word in said for word in NOT_AUTHORISED) and method != "user.login":
            which = "zabbix_token" if self.connection.token else "the session of zabbix_user"
            return NotAuthorised(f"{method}: {said} {which} is wrong, expired or disabled.", error.get("code"))
        return ZabbixError(f"{method}: {said}", error.get("code"))


def _user(said: Mapping[str, Any]) -> ZabbixUser:
    return ZabbixUser(
        userid=str(said["userid"]),
        username=str(said["username"]),
        type=int(said["type"]),
        roleid=str(said["roleid"]),
        timezone=str(said["timezone"]),
    )


def _pair(version: Any) -> tuple[int, int]:
    major, minor = str(version).split(".")[:2]
    return int(major), int(minor)


def whole(answers: list[Any]) -> list[Any]:
    """Return the answers of a batch of which none may fail. Raises the error of the first that did."""
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


def _rolled_back(answer: Any) -> bool:
    return isinstance(answer, ZabbixError) and any(word in str(answer) for word in ROLLED_BACK)


def _cause(error: BaseException) -> str:
    """Return the last words of a nested network error, without addresses of Python objects."""
    while True:
        inner = getattr(error, "reason", None) or (
            error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
        )
        if not isinstance(inner, BaseException):
            break
        error = inner
    text = str(error)
    return text.rsplit(">: ", 1)[-1].rsplit("): ", 1)[-1].strip() or type(error).__name__
