# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How hosts are: whether their interfaces answer, which items are not supported, which triggers have fired.

All of it in one request, a batch: three calls for each thousand hosts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from . import versions
from .client import Call, Zabbix, whole
from .hosts import NAMES_CHUNK, chunks
from .objects import AVAILABLE, FAILING, INTERFACE_TYPES, NOT_AVAILABLE, UNKNOWN, HostHealth

#: the worst of several interfaces of one kind comes first
_ORDER = (NOT_AVAILABLE, FAILING, UNKNOWN, AVAILABLE)
#: how an interface answers, as Zabbix numbers it
_STATES = {"0": UNKNOWN, "1": AVAILABLE, "2": NOT_AVAILABLE}
#: what tells whether a host that sends by itself does so, among its interfaces
ACTIVE = "active checks"


def read_health(zabbix: Zabbix, hostids: Iterable[str], severity: int) -> dict[str, HostHealth]:
    """Return how these hosts are, by id; those that are gone are left out. `severity`: the least of a problem.

    Raises ZabbixError where one of the calls fails: what is not known is never taken for good.
    """
    calls: list[Call] = []
    for some in chunks(hostids, NAMES_CHUNK):
        calls += _calls(zabbix, some, severity)
    answers = whole(zabbix.batch(calls))
    items: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in (row for answer in answers[1::3] for row in answer):
        items[row["hostid"]][row["key_"]] = row["error"]
    problems: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in (row for answer in answers[2::3] for row in answer):
        for host in row["hosts"]:
            problems[host["hostid"]][row["triggerid"]] = row["description"]
    return {
        row["hostid"]: HostHealth(
            name=row["host"],
            watched=row["status"] == "0" and row["maintenance_status"] == "0",
            interfaces=_interfaces(row),
            unsupported=items.get(row["hostid"], {}),
            problems=problems.get(row["hostid"], {}),
        )
        for answer in answers[0::3]
        for row in answer
    }


def _calls(zabbix: Zabbix, hostids: list[str], severity: int) -> list[Call]:
    """Return the three calls about some hosts."""
    return [
        (
            "host.get",
            {
                "output": ["hostid", "host", "status", "maintenance_status", *versions.active_fields(zabbix.release)],
                "hostids": hostids,
                "selectInterfaces": ["type", "available", "error", "errors_from"],
            },
        ),
        (
            "item.get",
            {
                "output": ["hostid", "key_", "error"],
                "hostids": hostids,
                "filter": {"state": "1", "status": "0"},
            },
        ),
        (
            "trigger.get",
            {
                "output": ["triggerid", "description"],
                "hostids": hostids,
                "selectHosts": ["hostid"],
                "filter": {"value": "1"},
                "min_severity": severity,
                # of triggers that depend on each other, the one that is the cause
                "skipDependent": True,
                "monitored": True,
                "expandDescription": True,
            },
        ),
    ]


def _interfaces(row: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return how the worst interface of each kind answers. Active checks are told of where there are any."""
    found: dict[str, tuple[str, str]] = {}
    for interface in row["interfaces"]:
        kind = INTERFACE_TYPES.get(interface["type"], interface["type"])
        state = _STATES[interface["available"]]
        if state != NOT_AVAILABLE and interface["errors_from"] != "0":
            state = FAILING
        one = (state, interface["error"])
        found[kind] = min(found.get(kind, one), one, key=lambda some: _ORDER.index(some[0]))
    active = _STATES[row.get("active_available", "0")]
    if active != UNKNOWN:
        found[ACTIVE] = (active, "")
    return found
