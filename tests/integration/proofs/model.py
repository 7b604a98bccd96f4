"""What must be true after an operation, as a model says it: which hosts live, under which ids, whose they are.

The model knows the NetBox objects, what Zabbix had before (`Look`), and what was asked for. It knows nothing of how the
collection works.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from integration.world import INSTANCE

MARKS = ("netbox_instance", "netbox_id", "netbox_archived")
#: what becomes of a host
LIVE, ARCHIVED, DISABLED, SAME, DELETED, RELEASED = "live", "archived", "disabled", "same", "deleted", "released"
#: what the deletion policy calls it
FATES = {"archive": ARCHIVED, "disable": DISABLED, "keep": SAME, "delete": DELETED}


@dataclass
class Thing:
    """A NetBox object. `there`: whether NetBox still has it."""

    path: str
    id: int
    name: str
    serial: str
    site: str
    status: str = "active"
    excluded: bool = False
    there: bool = True

    @property
    def ref(self) -> str:
        return f"{'device' if self.path.startswith('dcim') else 'virtual_machine'}:{self.id}"

    @property
    def monitored(self) -> bool:
        return self.status in ("active", "staged") and not self.excluded


@dataclass
class Look:
    """All hosts of the test in Zabbix as they compare, by host id, with the ids of their items by key."""

    hosts: dict[str, dict[str, Any]]
    items: dict[str, dict[str, str]]

    def tag(self, hostid: str, name: str) -> str:
        return next((tag["value"] for tag in self.hosts[hostid]["tags"] if tag["tag"] == name), "")

    @property
    def ours(self) -> dict[str, str]:
        """Whose each host of ours is, by host id."""
        marked = (hostid for hostid in self.hosts if self.tag(hostid, "netbox_instance") == INSTANCE)
        return {hostid: self.tag(hostid, "netbox_id") for hostid in marked}

    def archived(self, hostid: str) -> bool:
        return bool(self.tag(hostid, "netbox_archived"))

    def of(self, ref: str) -> list[str]:
        return [hostid for hostid, owner in self.ours.items() if owner == ref]

    def serial(self, hostid: str) -> str:
        inventory = self.hosts[hostid]["inventory"]
        return inventory.get("serialno_a", "") if isinstance(inventory, dict) else ""

    def without_marks(self, hostid: str) -> dict[str, Any]:
        host = self.hosts[hostid]
        return {
            **host,
            "tags": [tag for tag in host["tags"] if tag["tag"] not in MARKS],
            "macros": [macro for macro in host["macros"] if not macro["macro"].startswith("{$NETBOX.")],
        }


@dataclass
class Asked:
    """One run. `refs`: the objects it is about, None for all; `state`: as of the module `zabbix_host`, or `purged`."""

    deletion: dict[str, str]
    refs: Collection[str] | None = None
    state: str = "present"
    resolve: dict[str, str] = field(default_factory=dict)

    def about(self, ref: str) -> bool:
        return self.refs is None or ref in self.refs


@dataclass
class Expected:
    """What a run must come to: fate by host id, with whose it is then; objects that get a new host; objects that fail
    by rule.
    """

    fates: dict[str, tuple[str, str]] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    fail: set[str] = field(default_factory=set)


def expect(before: Look, things: Iterable[Thing], asked: Asked, failed: Collection[str]) -> Expected:
    """Return what a run must come to. `failed`: objects whose host could not be made right, for a reason that the
    caller has looked at.
    """
    known = {thing.ref: thing for thing in things if thing.there}
    expected = Expected({hostid: (SAME, ref) for hostid, ref in before.ours.items()})
    newcomers: list[Thing] = []
    for thing in known.values():
        if not asked.about(thing.ref):
            continue
        hosts = before.of(thing.ref)
        if len(hosts) > 1 and asked.resolve.get(thing.ref) in hosts:
            for hostid in hosts:
                if hostid != asked.resolve[thing.ref]:
                    expected.fates[hostid] = (RELEASED, thing.ref)
            hosts = [asked.resolve[thing.ref]]
        if len(hosts) > 1:
            expected.fail.add(thing.ref)
        else:
            _decide(expected, before, thing, hosts[0] if hosts else None, asked, failed, newcomers)
    gone = {hostid: ref for hostid, ref in before.ours.items() if ref not in known and asked.about(ref)}
    taken = _relinked(before, newcomers, gone) if asked.refs is None else {}
    for thing in newcomers:
        if thing.ref in failed:
            taken = {hostid: ref for hostid, ref in taken.items() if ref != thing.ref}
            expected.fail.add(thing.ref)
        elif thing.ref not in taken.values():
            expected.new.add(thing.ref)
    for hostid, ref in gone.items():
        if hostid in taken:
            expected.fates[hostid] = (LIVE, taken[hostid])
        else:
            _end(expected, before, hostid, ref, _ending(asked, "gone"))
    return expected


def _decide(
    expected: Expected,
    before: Look,
    thing: Thing,
    hostid: str | None,
    asked: Asked,
    failed: Collection[str],
    newcomers: list[Thing],
) -> None:
    if asked.state == "purged":
        if hostid and before.archived(hostid) and not thing.monitored:
            expected.fates[hostid] = (DELETED, thing.ref)
    elif asked.state in ("absent", "archived"):
        if hostid:
            _end(expected, before, hostid, thing.ref, _ending(asked, "absent"))
    elif not thing.monitored:
        if asked.state == "restored":
            expected.fail.add(thing.ref)
        elif hostid:
            _end(expected, before, hostid, thing.ref, _ending(asked, "excluded" if thing.excluded else "absent"))
    elif asked.state == "restored" and not (hostid and before.archived(hostid)):
        if not hostid:
            expected.fail.add(thing.ref)
    elif hostid is None:
        newcomers.append(thing)
    elif thing.ref in failed:
        expected.fail.add(thing.ref)
    else:
        expected.fates[hostid] = (LIVE, thing.ref)


def _ending(asked: Asked, reason: str) -> str:
    if asked.state == "archived":
        return ARCHIVED
    if asked.state == "purged":
        return DELETED
    return FATES[asked.deletion[reason]]


def _end(expected: Expected, before: Look, hostid: str, ref: str, fate: str) -> None:
    # one that is archived stays so, unless it is to be deleted; purging is about the archived alone
    expected.fates[hostid] = (fate if fate == DELETED or not before.archived(hostid) else ARCHIVED, ref)


def _relinked(before: Look, newcomers: Iterable[Thing], gone: dict[str, str]) -> dict[str, str]:
    """Return which host without an object becomes that of which new object, by a serial number that both alone have."""
    old: defaultdict[str, list[str]] = defaultdict(list)
    new: defaultdict[str, list[str]] = defaultdict(list)
    for hostid in gone:
        old[before.serial(hostid)].append(hostid)
    for thing in newcomers:
        new[thing.serial].append(thing.ref)
    return {
        old[serial][0]: new[serial][0]
        for serial in old.keys() & new.keys() - {""}
        if len(old[serial]) == len(new[serial]) == 1
    }
