"""Results to make reports of."""

from __future__ import annotations

from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Detail, HostResult, Result

#: what must never be taken for anything but text
NASTY = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    """quotes " ' ` and \\ """,
    "]]> & &amp; \u2028 \u2029 |",
    "<img src=x onerror=alert(3)>",
    "`` ``` ```` @everyone",
)


def result(hosts: list[HostResult] | None = None, **fields: Any) -> Result:
    made = Result("SyncHostsNow", False, run_id="0f3a9c1b2d4e", started="2026-11-24T10:00:00Z", **fields)
    made.urls = {"netbox": "https://netbox.example.com", "zabbix": "https://zabbix.example.com/zabbix"}
    made.hosts = hosts or []
    made.durations = {"read": 2.5, "write": 1.0}
    made.requests = {"netbox": {"GET devices": 12}, "zabbix": {"host.get": 3}}
    made.finished = "2026-11-24T10:00:21Z"
    made.message = made.message or "done"
    return made


def drifted(number: int, name: str | None = None, live: str = "by hand") -> HostResult:
    details = [
        Detail("name", "", f"host {number}", live, "drifted", "mapping everything"),
        Detail("templates", "ICMP Ping", "ICMP Ping", None, "drifted", "mapping everything"),
        Detail("tags", "owner", None, "somebody", "pending"),
    ]
    name = f"host-{number:05d}" if name is None else name
    return HostResult(
        name,
        f"device:{number}",
        str(10000 + number),
        "update",
        ["name", "templates[ICMP Ping]", "tags[owner]"],
        ["drifted", "pending"],
        details=details,
    )


def failed(number: int, error: str = "no such template") -> HostResult:
    return HostResult(f"host-{number:05d}", f"virtual_machine:{number}", None, "failed", error=error)


def orphan(number: int) -> HostResult:
    return HostResult(f"host-{number:05d}", f"device:{number}", str(number), "orphan", reasons=["NetBox has none"])


def nasty() -> Result:
    """Return a result in which every text is one that could be taken for something else."""
    hosts = [drifted(number, text, text) for number, text in enumerate(NASTY, 1)]
    hosts += [HostResult(text, text, text, text, [text], [text], text) for text in NASTY]
    return result(hosts, error="".join(NASTY), notes=[*NASTY], stats={NASTY[0]: 1})


def large(hosts: int = 10_000, different: int = 500) -> Result:
    """Return a result over a large estate of which a part differs."""
    every = hosts // different
    listed = [
        drifted(number)
        if number % every == 0
        else HostResult(f"host-{number:05d}", f"device:{number}", str(10000 + number), "in_sync")
        for number in range(hosts)
    ]
    return result(listed, stats={"objects": hosts})
