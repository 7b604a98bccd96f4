"""As much of a NetBox client as the loader needs: lists, bulk creates, updates and deletes, each answer checked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import requests

#: seconds; a real NetBox takes about 0.1 s for each object of a bulk write
TIMEOUT = 300
PAGE = 1000


class EstateError(Exception):
    """What a person has to be told: why the estate could not be loaded or removed."""


class Api:
    """NetBox's REST API. Each thread has its own connection."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        # tokens of version 2 carry a prefix (NetBox 4.5)
        self.authorization = f"{'Bearer' if token.startswith('nbt_') else 'Token'} {token}"
        self.local = threading.local()

    def version(self) -> str:
        return str(self._call("GET", f"{self.url}/api/status/")["netbox-version"])

    def rows(self, endpoint: str, **params: str) -> Iterator[dict[str, Any]]:
        """All rows of a list. The server orders by more than the id, so nothing may be written meanwhile."""
        address: str | None = self._address(endpoint)
        query: dict[str, str | int] | None = {"limit": PAGE, **params}
        while address:
            page = self._call("GET", address, params=query)
            yield from page["results"]
            address, query = page["next"], None

    def create(self, endpoint: str, payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return self._bulk("POST", endpoint, payloads)

    def update(self, endpoint: str, payloads: list[dict[str, Any]]) -> None:
        answer = self._bulk("PATCH", endpoint, payloads)
        # NetBox passes over an id that it does not have
        lost = {payload["id"] for payload in payloads} - {item["id"] for item in answer}
        if lost:
            raise EstateError(f"PATCH {endpoint}: NetBox no longer has {sorted(lost)}")

    def delete(self, endpoint: str, ids: list[int]) -> None:
        self._call("DELETE", self._address(endpoint), json=[{"id": item} for item in ids])

    def _bulk(self, method: str, endpoint: str, payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = self._call(method, self._address(endpoint), json=payloads)
        if not isinstance(answer, list) or len(answer) != len(payloads):
            raise EstateError(f"{method} {endpoint}: {len(payloads)} rows sent, the answer is {str(answer)[:300]}")
        return answer

    def _address(self, endpoint: str) -> str:
        return f"{self.url}/api/{endpoint}/"

    def _call(self, method: str, address: str, **arguments: Any) -> Any:
        try:
            response = self._session().request(method, address, timeout=TIMEOUT, **arguments)
        except requests.RequestException as error:
            raise EstateError(f"{method} {address}: {error}") from error
        if not response.ok:
            rows = arguments.get("json") or []
            raise EstateError(f"{method} {address}: HTTP {response.status_code}: {_complaints(response, rows)}")
        if response.status_code == requests.codes.no_content:
            return None
        try:
            return response.json()
        except requests.JSONDecodeError as error:
            raise EstateError(f"{method} {address}: no JSON but {response.text[:300]!r}") from error

    def _session(self) -> requests.Session:
        if not hasattr(self.local, "session"):
            session = requests.Session()
            session.trust_env = False  # neither a proxy nor ~/.netrc has a say in a laboratory
            session.headers.update({"Authorization": self.authorization, "Accept": "application/json"})
            self.local.session = session
        return self.local.session


def _complaints(response: requests.Response, rows: list[dict[str, Any]]) -> str:
    """What NetBox complains about; a bulk create answers with one (mostly empty) dictionary for each row."""
    try:
        answer = response.json()
    except requests.JSONDecodeError:
        return response.text[:500]
    if isinstance(answer, list) and len(answer) == len(rows):
        bad = [f"{problem} for {row}" for row, problem in zip(rows, answer, strict=True) if problem]
        return f"{len(bad)} bad rows, the first: {bad[0][:800]}" if bad else str(answer)[:500]
    return str(answer)[:500]
