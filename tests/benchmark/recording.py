"""What a sync sends, taken down as it goes out: for the bare script to send again, and to see when the writing was."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests


@dataclass(slots=True)
class Sent:
    """One request. Times are of `time.perf_counter`. `body` (the address of a GET) and `answer` are kept only where
    they are asked for.
    """

    server: str
    method: str
    began: float
    ended: float
    body: str = ""
    answer: Any = None


@dataclass(slots=True)
class Recording:
    """All requests of a job; `whole` keeps bodies too, which costs memory."""

    whole: bool
    sent: list[Sent] = field(default_factory=list)

    def needed_reads(self) -> dict[str, list[str]]:
        """Return the bodies of the reads that no sync can do without; of questions what changed, the addresses."""
        names = ("names", "related", "pages", "settings", "ids", "chunks", "questions")
        needed: dict[str, list[str]] = {name: [] for name in names}
        for one in self.sent:
            kind = _kind(one)
            if kind in needed:
                needed[kind].append(one.body)
        return needed

    def needed_creates(self) -> dict[str, Any]:
        """Return the bodies of the creates, and the ids that the new host groups were given, by name."""
        groups = [one for one in self.sent if one.method == "hostgroup.create"]
        ids: dict[str, str] = {}
        for one in groups:
            names = [group["name"] for group in json.loads(one.body)["params"]]
            ids.update(zip(names, one.answer["result"]["groupids"], strict=True))
        return {
            "hosts": [one.body for one in self.sent if one.method == "host.create"],
            "group_ids": ids,
        }

    def writing(self) -> float:
        """Return the seconds that writing the hosts took.

        From the moment that the host groups were there: what is done with their ids before the first host counts.
        """
        writes = [one for one in self.sent if one.method in ("host.create", "host.update")]
        if not writes:
            return 0.0
        groups = [one.ended for one in self.sent if one.method.startswith("hostgroup.create")]
        began = max(groups) if groups else min(one.began for one in writes)
        return max(one.ended for one in writes) - began


#: what is in the address of a question what changed
CHANGED = ("object-changes", "last_updated__gte", "brief=1")


def _kind(one: Sent) -> str:
    if one.server == "netbox" and one.method == "GET":
        return "questions" if any(word in one.body for word in CHANGED) else ""
    if one.server == "netbox":
        if "config_context" in one.body:
            return "pages"
        if "region_list" in one.body:
            return "related"
        return "names" if "{id name}" in one.body else ""
    if one.method == "template.get[]":
        return "settings"
    if one.method != "host.get":
        return ""
    params = json.loads(one.body)["params"]
    return "chunks" if "hostids" in params else "ids" if "tags" in params else ""


@contextmanager
def recorded(zabbix_url: str, *, whole: bool) -> Iterator[Recording]:
    """Take down every request that `requests` sends meanwhile."""
    recording = Recording(whole)
    lock = threading.Lock()
    original = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        began = time.perf_counter()
        response = original(session, request, **options)
        ended = time.perf_counter()
        server = "zabbix" if str(request.url).startswith(zabbix_url) else "netbox"
        body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        method = _method(body) if server == "zabbix" else str(request.method)
        if method == "GET":
            body = str(request.url)
        answer = response.json() if whole and method == "hostgroup.create" else None
        with lock:
            recording.sent.append(Sent(server, method, began, ended, body if whole else "", answer))
        return response

    requests.Session.send = send  # type: ignore[assignment, method-assign]
    try:
        yield recording
    finally:
        requests.Session.send = original  # type: ignore[method-assign]


def _method(body: str) -> str:
    """Return the JSON-RPC method, that of the first call with [] for a batch, without parsing a large body."""
    start = body.partition('"method"')[2][:80]
    return start.split('"')[1] + ("[]" if body.startswith("[") else "")
