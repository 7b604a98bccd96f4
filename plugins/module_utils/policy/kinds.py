# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which objects of NetBox are hosts at all, before any mapping is asked: the policy for virtual chassis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..netbox.objects import DEVICE
from .names import HostNames, assign_names

#: each member of a virtual chassis is a host; or only the master, which then is the chassis
MEMBERS, MASTER = "members", "master"
CHASSIS_POLICIES = (MEMBERS, MASTER)
#: names of virtual chassis in one note; the others are counted
NAMED = 5


@dataclass(frozen=True, slots=True)
class HostObjects:
    """The objects that are hosts, with their `names` by ref; why others are `excluded`; what to tell of in `notes`."""

    names: dict[str, HostNames]
    excluded: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def knows(self, ref: str) -> bool:
        """Tell whether NetBox has this object, be it a host or not."""
        return ref in self.names or ref in self.excluded


def host_objects(
    listed: Iterable[tuple[str, int, str | None]],
    members: Mapping[int, int] | None = None,
    chassis: Mapping[int, Mapping[str, Any]] | None = None,
) -> HostObjects:
    """Return which of all objects of the estate are hosts, and what these are called.

    `members`: device id -> virtual chassis id, where masters alone are to be hosts; `chassis`: all virtual chassis by
    id. A chassis that has no master among its members stays what it is without this policy: each member is a host.
    """
    if not members or chassis is None:
        return HostObjects(assign_names(listed))
    masters = {
        number: entry for number, entry in chassis.items() if entry["master"] and members.get(entry["master"]) == number
    }
    in_use = set(members.values()) & chassis.keys()
    headless = sorted(str(chassis[number]["name"]) for number in in_use - masters.keys())
    excluded: dict[str, str] = {}
    hosts: list[tuple[str, int, str | None]] = []
    for kind, number, name in listed:
        entry = masters.get(members.get(number, 0)) if kind == DEVICE else None
        if entry is None:
            hosts.append((kind, number, name))
        elif entry["master"] == number:
            hosts.append((kind, number, entry["name"]))
        else:
            excluded[f"{kind}:{number}"] = f"member of virtual chassis {entry['name']}"
    return HostObjects(assign_names(hosts), excluded, [_without_master(headless)] if headless else [])


def _without_master(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return f"Virtual chassis without a master in NetBox, each member of which is a host of its own: {shown}"
