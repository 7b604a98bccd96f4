"""Asking a NetBox by its address and token."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass
class Side:
    url: str
    token: str

    def ask(self, path: str, body: Any = None, method: str = "GET") -> tuple[int, Any]:
        sent = None if body is None else json.dumps(body).encode()
        keyword = "Bearer" if self.token.startswith("nbt_") else "Token"
        headers = {"Authorization": f"{keyword} {self.token}", "Content-Type": "application/json"}
        headers["Accept"] = "application/json"
        method = method if body is None or method != "GET" else "POST"
        request = urllib.request.Request(self.url + path, sent, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            return error.code, json.loads(text) if text.startswith(("{", "[")) else text

    def all(self, path: str, **query: str) -> list[Any]:
        found: list[Any] = []
        query = {"limit": "1000", **query}
        while True:
            status, answer = self.ask(f"/api/{path}/?{urlencode({**query, 'offset': len(found)})}")
            assert status == 200, answer
            found += answer["results"]
            if not answer["next"]:
                return found
