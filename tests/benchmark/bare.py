"""The bare necessary requests: what anybody would have to send for the same work, and nothing computed beyond JSON.

The requests are those that a sync sent (see `recording`), without its logins, versions and counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

Send = Callable[[str], Any]


def sender(url: str, authorization: str) -> Send:
    """Return what posts a body and parses the answer."""
    session = requests.Session()
    session.trust_env = False
    session.headers.update({"Content-Type": "application/json", "Authorization": authorization})

    def send(body: str) -> Any:
        response = session.post(url, data=body.encode(), timeout=300)
        response.raise_for_status()
        answer = response.json()
        if isinstance(answer, dict) and (answer.get("error") or answer.get("errors")):
            raise RuntimeError(f"{url} answered {str(answer)[:500]}")
        return answer

    return send


def asker(authorization: str) -> Send:
    """Return what gets an address and parses the answer."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = authorization

    def ask(url: str) -> Any:
        response = session.get(url, timeout=300)
        response.raise_for_status()
        return response.json()

    return ask


def reads(netbox: Send, zabbix: Send, needed: dict[str, list[str]]) -> None:
    """Read an unchanged estate: both sides at once, each with the concurrency that the sync uses."""

    def read_netbox() -> None:
        for body in needed["names"]:  # each page begins where the one before ended
            netbox(body)
        with ThreadPoolExecutor(3) as readers:
            _all(readers, netbox, needed["related"] + needed["pages"])

    def read_zabbix() -> None:
        for body in needed["settings"] + needed["ids"]:
            zabbix(body)
        with ThreadPoolExecutor(2) as readers:
            _all(readers, zabbix, needed["chunks"])

    with ThreadPoolExecutor(2) as sides:
        list(sides.map(lambda side: side(), (read_netbox, read_zabbix)))


def look(ask: Send, zabbix: Send, needed: dict[str, list[str]]) -> None:
    """Read Zabbix, and ask NetBox what changed beside it, as the sync does."""

    def read_zabbix() -> None:
        for body in needed["settings"] + needed["ids"]:
            zabbix(body)
        with ThreadPoolExecutor(2) as readers:
            _all(readers, zabbix, needed["chunks"])

    def ask_netbox() -> None:
        with ThreadPoolExecutor(3) as readers:
            _all(readers, ask, needed["questions"])

    with ThreadPoolExecutor(2) as sides:
        list(sides.map(lambda side: side(), (ask_netbox, read_zabbix)))


def _all(readers: ThreadPoolExecutor, send: Send, bodies: list[str]) -> None:
    for _answer in readers.map(send, bodies):  # parsed and forgotten
        pass


def creates(zabbix: Send, bodies: list[str]) -> None:
    """Create hosts in the arrays that the sync made of them."""
    for body in bodies:
        zabbix(body)


def with_new_group_ids(bodies: list[str], ids: dict[str, str]) -> list[str]:
    """Return `host.create` bodies for a Zabbix in which the same groups have other ids."""
    calls = [json.loads(body) for body in bodies]
    for call in calls:
        for host in call["params"]:
            host["groups"] = [{"groupid": ids.get(group["groupid"], group["groupid"])} for group in host["groups"]]
    return [json.dumps(call) for call in calls]
