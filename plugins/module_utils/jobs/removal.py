# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The deletion policy carried out in a plan: what becomes of hosts whose object is gone, absent or excluded, and of
hosts that two claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from ..errors import NetboxZabbixError
from ..netbox.objects import NetBoxObject
from ..reconcile.archive import (
    ABSENT,
    ASKED,
    DISABLE,
    EXCLUDED,
    GONE,
    KEEP,
    Deletion,
    archive,
    archive_record,
    delete,
    disable,
    release,
)
from ..reconcile.diff import Differ
from ..reconcile.plan import ARCHIVE, CREATE, DELETE, Change, LeftAlone, Plan
from ..zabbix.client import Zabbix
from ..zabbix.hosts import in_maintenance
from ..zabbix.objects import ZabbixHost

Item = TypeVar("Item")

#: what is left alone of each reason is counted as
_KINDS = {GONE: "orphan", ABSENT: "absent", EXCLUDED: "excluded", ASKED: "absent"}
#: fields of the host inventory that hold what a NetBox object has under this name
_INVENTORY: dict[str, tuple[str, ...]] = {"serial": ("serialno_a", "serialno_b"), "asset_tag": ("asset_tag",)}


@dataclass(slots=True)
class Removal:
    """Decides about hosts that end in one run. `when`: UTC, `run`: its id; both are remembered on an archived host."""

    policy: Deletion
    plan: Plan
    differ: Differ
    when: str
    run: str

    def end(self, live: ZabbixHost, ref: str, label: str, reason: str, why: str, action: str | None = None) -> str:
        """Plan what becomes of a host, and return it: `archive`, `delete`, `disable`, or `keep` where nothing changes.

        `action`: what a person asked for, instead of what the policy says for this reason.
        """
        action = action or {GONE: self.policy.gone, ABSENT: self.policy.absent, EXCLUDED: self.policy.excluded}[reason]
        change: Change | None = None
        if live.archived and action != DELETE:
            self.plan.left_alone.append(LeftAlone(ref, label, "archived", why, live.hostid))
            return ARCHIVE
        settings = self.differ.settings
        if action == ARCHIVE:
            change = archive(live, ref, self.policy.graveyard, settings, reason, why, self.when, self.run)
        elif action == DELETE:
            change = delete(live, ref, self.differ.resolver.weight(live.templates), reason, why)
        elif action == DISABLE:
            change = disable(live, ref, reason, why)
        if change is None:
            self.plan.left_alone.append(LeftAlone(ref, label, _KINDS[reason], why, live.hostid))
            return KEEP if action == KEEP else DISABLE
        self.plan.changes.append(change)
        return action

    def release(self, live: ZabbixHost, ref: str, why: str) -> None:
        """Plan that a host loses our marks."""
        self.plan.changes.append(release(live, ref, ASKED, why))

    def wait_for_maintenance(self, zabbix: Zabbix) -> None:
        """Take the ends of hosts out of the plan that are in maintenance, where the policy wants that."""
        ends = [change for change in self.plan.changes if change.action in (ARCHIVE, DELETE)]
        if self.policy.in_maintenance or not ends:
            return
        waiting = in_maintenance(zabbix, [change.before.hostid for change in ends])
        for change in ends:
            if change.before.hostid in waiting:
                why = f"it is in maintenance, and netbox_zabbix_deletion.in_maintenance is false: {change.action} waits"
                self.plan.left_alone.append(
                    LeftAlone(change.config.ref, change.config.label, _KINDS[change.ending], why, change.hostid)
                )
        self.plan.changes = [
            change for change in self.plan.changes if change not in ends or change.before.hostid not in waiting
        ]


@dataclass(slots=True)
class Newcomers:
    """New objects of a run, by what may show that they were there before under another id."""

    wanted: Sequence[str]
    evidence: dict[str, dict[str, str]] = field(default_factory=dict)

    def remember(self, netbox_object: NetBoxObject, technical_name: str) -> None:
        """Keep what a new object may be known by."""
        values = {"name": technical_name}
        for name in ("serial", "asset_tag"):
            values[name] = str(netbox_object.attributes.get(name) or "").strip()
        self.evidence[netbox_object.ref] = {name: values[name] for name in self.wanted if values[name]}

    def of(self, name: str, ref: str) -> set[str]:
        """Return what one object may be known by."""
        return {self.evidence.get(ref, {}).get(name, "")}


def relink(
    plan: Plan, differ: Differ, newcomers: Newcomers, orphans: Mapping[str, Sequence[ZabbixHost]]
) -> tuple[set[str], list[str]]:
    """Let new objects take over the hosts of objects that are gone, where the evidence is clear.

    Returns the ids of the hosts that are taken over, and notes on what was not clear. A new host in the plan becomes
    an update (or a restoration) of the old one, which keeps its id and history.
    """
    free = {host.hostid: host for hosts in orphans.values() for host in hosts}
    creates = {change.config.ref: change for change in plan.changes if change.action == CREATE}
    taken: set[str] = set()
    notes: list[str] = []
    for name in newcomers.wanted:
        old = _by_value(free.values(), partial(_evidence, name))
        new = _by_value(creates, partial(newcomers.of, name))
        for value in sorted(new.keys() & old.keys() - {""}):
            hosts, refs = old[value], new[value]
            if len(hosts) > 1 or len(refs) > 1:
                ids = ", ".join(host.hostid for host in hosts)
                notes.append(
                    f'{", ".join(refs)} and host id {ids} share the {name} "{value}": it is not clear who takes over '
                    "what, so each new object gets a new host"
                )
                continue
            ref, host = refs[0], hosts[0]
            if host.hostid in taken or ref not in creates:
                continue
            change = differ.compare(creates[ref].config, host)
            if change is None:
                raise NetboxZabbixError(f"{host.host} carries the tag of another object, and no difference was found")
            plan.changes[plan.changes.index(creates.pop(ref))] = change
            taken.add(host.hostid)
    return taken, notes


def _evidence(name: str, host: ZabbixHost) -> set[str]:
    """Return by what a host may be known as that of an object."""
    if name == "name":
        remembered = archive_record(host)
        return {remembered.host if remembered else host.host}
    return {host.inventory.get(field, "").strip() for field in _INVENTORY[name]}


def _by_value(items: Iterable[Item], values: Callable[[Item], set[str]]) -> dict[str, list[Item]]:
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        for value in values(item):
            found[value].append(item)
    return found
