"""Asking the stand-in what a real NetBox was asked when the exchanges were recorded."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from lab.netbox import StandIn

from .distil import rows_of
from .shapes import differences, shape_of

RECORDED_ADDRESS = "http://netbox.example"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


def ask(netbox: StandIn, method: str, path: str, auth: str | None, body: Any = None) -> Answer:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    tokens = {
        "Bearer <v2 token>": f"Bearer {netbox.token}",
        "Token <v1 token>": f"Token {netbox.token_v1}",
        "Bearer nbt_… (unknown)": "Bearer nbt_unknownkey00.0000000000000000000000000000000000000000",
        "Token 000… (unknown)": f"Token {'0' * 40}",
    }
    if auth:
        headers["Authorization"] = tokens.get(auth, auth)
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(netbox.url + path, sent, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as response:
            return _answer(response.status, dict(response.headers), response.read())
    except urllib.error.HTTPError as error:
        return _answer(error.code, dict(error.headers), error.read())


def _answer(status: int, headers: dict[str, str], body: bytes) -> Answer:
    names = {name.title(): value for name, value in headers.items()}
    text = body.decode()
    is_json = "json" in names.get("Content-Type", "") and text
    return Answer(status, names, json.loads(text) if is_json else text)


def mismatches(netbox: StandIn, exchange: dict[str, Any], shapes: list[Any]) -> list[str]:
    """How the stand-in's answer differs from the recorded one in status, headers, shape or error."""
    answer = ask(netbox, exchange["method"], exchange["path"], exchange["auth"], exchange.get("body"))
    if answer.status != exchange["status"]:
        return [f"status {answer.status} instead of {exchange['status']}: {str(answer.body)[:300]}"]
    found = [f"header {name} is missing" for name in exchange["headers"] if name.title() not in answer.headers]
    if "ETag" not in exchange["headers"] and "Etag" in answer.headers:
        found.append("an ETag where NetBox sends none")
    if "error" in exchange:
        if answer.body != exchange["error"]:
            found.append(f"error {answer.body!r} instead of {exchange['error']!r}")
        return found
    return found + differences(shapes[exchange["shape"]], shape_of(answer.body))


def same_objects(exchange: dict[str, Any], netbox: StandIn) -> list[str]:
    """The very objects, in the same order, and the same links: where the estate is known well enough."""
    answer = ask(netbox, exchange["method"], exchange["path"], exchange["auth"], exchange.get("body"))
    found = []
    ids = [row["id"] for row in rows_of(answer.body)]
    if ids != exchange.get("ids", []):
        found.append(f"ids {ids} instead of {exchange.get('ids')}")
    links = [answer.body["next"], answer.body["previous"]]
    links = [link and link.replace(netbox.url, RECORDED_ADDRESS) for link in links]
    if links != exchange["links"]:
        found.append(f"links {links} instead of {exchange['links']}")
    return found
