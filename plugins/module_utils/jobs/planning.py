# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is planned for each NetBox object, and for each host that no object belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError, NetboxZabbixError, ZabbixError
from ..netbox.objects import ALL_KINDS, NetBoxObject
from ..policy import host_config
from ..policy.compute import Outcome, compute
from ..policy.host_config import HostConfig
from ..policy.kinds import HostObjects
from ..policy.model import Policy
from ..reconcile.archive import ABSENT as STATUS_ABSENT
from ..reconcile.archive import ASKED, GONE
from ..reconcile.archive import EXCLUDED as NOT_MONITORED
from ..reconcile.diff import Differ
from ..reconcile.places import Place, place_from
from ..reconcile.plan import ARCHIVE, CONFLICT, CREATE, DELETE, FAILED, UNKNOWN, Change, Failure, LeftAlone, Plan
from ..zabbix.client import Zabbix
from ..zabbix.hosts import group_ids, read_marks
from ..zabbix.objects import TAG_ID, TAG_INSTANCE, ZabbixHost
from .agreement import Agreement
from .known_settings import KnownSettings
from .links import ARCHIVED as IS_ARCHIVED
from .links import EXCLUDED, HOSTID, IN_SYNC, Links
from .removal import Newcomers, Removal, relink

#: what the hosts of the objects of a run are to be: as NetBox and the policy say; ended, as the deletion policy says;
#: archived; back from the archive; gone from the archive for good
PRESENT, ABSENT, ARCHIVED, RESTORED, PURGED = "present", "absent", "archived", "restored", "purged"
#: states that an object which NetBox no longer has can be asked for
ENDS = (ABSENT, ARCHIVED, PURGED)


@dataclass(frozen=True, slots=True)
class Unread:
    """A host that Zabbix could not tell of, and why."""

    hostid: str
    host: str
    error: str


@dataclass(slots=True)
class Monitored:
    """What was read of Zabbix: hosts of ours by the NetBox object that they are of, several for one in a conflict.

    `owners`: whose each of them is, by host id; `archived`: how many of them are archived. `memory`: which hosts agreed
    the last time, where that is kept.
    """

    known: KnownSettings
    hosts: dict[str, list[ZabbixHost]]
    strays: list[ZabbixHost]
    hostids: frozenset[str]
    owners: dict[str, str] = field(default_factory=dict)
    archived: int = 0
    #: hosts that are told as when they agreed with their object, by that, as Zabbix tells them
    agreed: dict[str, dict[str, Any]] = field(default_factory=dict)
    memory: Agreement | None = None
    #: hosts that Zabbix could not tell of, by their object
    unread: dict[str, Unread] = field(default_factory=dict)


@dataclass(slots=True)
class Planner:
    """Plans the hosts of one run, object by object.

    `state`: one of those above. `resolve`: identity -> host id, a person's word on which of several hosts is an
    object's. `linked`: objects whose link in NetBox differs: identity -> the host id there, and the one of the tags.
    """

    policy: Policy
    objects: HostObjects
    monitored: Monitored
    differ: Differ
    links: Links
    removal: Removal
    newcomers: Newcomers
    state: str = PRESENT
    resolve: Mapping[str, str] = field(default_factory=dict)
    linked: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    #: how many devices NetBox hides from our token: what seems gone may be one of them
    hidden: int = 0
    #: where objects belonged in the last run
    last: Mapping[str, Place] = field(default_factory=dict)
    #: managed hosts by id of host group, as far as they were compared
    host_groups: Counter[str] = field(default_factory=Counter)
    #: identities of `resolve` that were needed
    resolved: set[str] = field(default_factory=set)
    #: objects that agree with their host, by nothing but their row and what the policy and Zabbix's names say; NetBox
    #: has that already: identity -> host id
    agreed: dict[str, str] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """What is planned so far."""
        return self.removal.plan

    def add(self, netbox_object: NetBoxObject) -> None:
        """Decide about one object: unchanged, a change, left alone, or a failure that stops no other."""
        ref, label = netbox_object.ref, netbox_object.label
        # Zabbix tells them in no order
        lives = sorted(self.monitored.hosts.pop(ref, []), key=lambda host: int(host.hostid))
        unread = self.monitored.unread.pop(ref, None)
        if unread is not None:
            self._fail(ref, label, unread.error, unread.hostid, UNKNOWN)
            return
        if len(lives) > 1:
            lives = self._resolved(ref, lives)
        if len(lives) > 1:
            ids = ", ".join(host.hostid for host in lives)
            self._fail(
                ref,
                label,
                f"{len(lives)} Zabbix hosts carry its tag {TAG_ID}={ref} (host ids {ids}): say which one it is by "
                f"netbox_zabbix_resolve: {{{ref}: host id}}, or take the tag from all but one of them",
                lives[0].hostid,
                CONFLICT,
            )
            return
        live = lives[0] if lives else None
        self.plan.places.of[ref] = place_from(netbox_object.attributes["site"], netbox_object.attributes["role"])
        self._count(ref, live)
        excluded = self.objects.excluded.get(ref)
        config = (
            compute(self.policy, netbox_object, self.objects.names[ref])
            if excluded is None
            else Outcome(ref, label, EXCLUDED, excluded)
        )
        link = (netbox_object.attributes.get("custom_fields") or {}).get(HOSTID)
        if self.state == PURGED:
            self._purge(ref, label, live, config)
        elif self.state in ENDS:
            self._end_as_asked(ref, label, live)
        elif isinstance(config, Outcome):
            self._without_config(config, live)
        elif self.state == RESTORED and (live is None or not live.archived):
            self._not_archived(config, live)
        else:
            self._compare(netbox_object, config, live, link)

    def _count(self, ref: str, live: ZabbixHost | None) -> None:
        """Take a managed host into account by which the guard judges."""
        if live is not None and not live.archived:
            self.plan.places.managed.add(ref)
            self.host_groups.update(live.groups)

    def _resolved(self, ref: str, lives: list[ZabbixHost]) -> list[ZabbixHost]:
        """Return the host that a person chose among several, the others released; all of them where nobody did."""
        wanted = str(self.resolve.get(ref, ""))
        chosen = [host for host in lives if host.hostid == wanted]
        if not chosen:
            return lives
        self.resolved.add(ref)
        for host in lives:
            if host.hostid != wanted:
                self.removal.release(host, f"host:{host.hostid}", f"host id {wanted} is the one of {ref}")
        return chosen

    def _fail(self, ref: str, label: str, error: str, hostid: str | None, kind: str = FAILED) -> None:
        self.plan.failures.append(Failure(ref, label, error, hostid, kind))

    def _without_config(self, outcome: Outcome, live: ZabbixHost | None) -> None:
        """Decide about an object that is not to be monitored."""
        ref, label = outcome.ref, outcome.label
        if live is not None and not live.tag(TAG_INSTANCE):
            # one that is to be adopted is not ours yet, and nothing of it may end
            why = f"not adopted, since NetBox and the policy want no host of it: {outcome.reason}"
            self._fail(ref, label, why, live.hostid)
        elif outcome.kind == "failed":
            self._fail(ref, label, outcome.reason, live.hostid if live else None)
        elif self.state == RESTORED:
            why = f"NetBox says that it is not to be monitored: {outcome.reason}"
            self._fail(ref, label, why, live.hostid if live else None)
        elif live is None:
            self.plan.left_alone.append(LeftAlone(ref, label, outcome.kind, outcome.reason))
            self.links.note(ref, None, EXCLUDED)
        else:
            reason = STATUS_ABSENT if outcome.kind == host_config.ABSENT else NOT_MONITORED
            self._ends(live, ref, label, reason, outcome.reason, None)

    def _end_as_asked(self, ref: str, label: str, live: ZabbixHost | None) -> None:
        if live is None:
            self.plan.unchanged += 1
            return
        action = ARCHIVE if self.state == ARCHIVED else self.removal.policy.absent
        self._ends(live, ref, label, ASKED, f"state: {self.state}", action)

    def _purge(self, ref: str, label: str, live: ZabbixHost | None, config: HostConfig | Outcome) -> None:
        """Delete an archived host, unless its object is back, or may be: the next sync restores it then."""
        if live is None or not live.archived:
            self.plan.unchanged += 1
        elif isinstance(config, Outcome) and config.kind != "failed":
            self._ends(live, ref, label, ASKED, config.reason, DELETE)
        else:
            why = config.reason if isinstance(config, Outcome) else "its object is monitored again"
            self.plan.left_alone.append(LeftAlone(ref, label, "archived", why, live.hostid))

    def _ends(self, live: ZabbixHost, ref: str, label: str, reason: str, why: str, action: str | None) -> None:
        changes = len(self.plan.changes)
        made = self.removal.end(live, ref, label, reason, why, action)
        if len(self.plan.changes) == changes:
            # nothing to be done: it stands where it stood
            self.links.note(ref, live.hostid, IS_ARCHIVED if made == ARCHIVE else EXCLUDED)

    def _not_archived(self, config: HostConfig, live: ZabbixHost | None) -> None:
        if live is None:
            self._fail(
                config.ref, config.label, "Zabbix has no archived host of it: create it with state present", None
            )
        else:
            self.plan.unchanged += 1

    def _compare(self, netbox_object: NetBoxObject, config: HostConfig, live: ZabbixHost | None, link: object) -> None:
        ref, label = netbox_object.ref, netbox_object.label
        hostid = live.hostid if live else None
        try:
            change = self._change(config, live)
        except InputError as error:
            self._fail(ref, label, "; ".join(error.problems), hostid)
            return
        except NetboxZabbixError as error:
            self._fail(ref, label, str(error), hostid)
            return
        if link and str(link) != hostid:
            self.linked[ref] = (str(link), hostid)
        if change is None:
            self.plan.unchanged += 1
            if ref in self.linked or self.links.note(ref, hostid, IN_SYNC):
                return
            # the addresses of interfaces are no part of a row
            if hostid is not None and "interface_addresses" not in netbox_object.attributes:
                self.agreed[ref] = hostid
            return
        self.plan.changes.append(change)
        if change.action == CREATE:
            self.newcomers.remember(netbox_object, config.host)

    def _change(self, config: HostConfig, live: ZabbixHost | None) -> Change | None:
        """Return what a host needs. What the cache of settings does not know is asked of Zabbix before it is wrong."""
        known = self.monitored.known
        try:
            change = self.differ.create(config) if live is None else self.differ.compare(config, live)
            if not known.lacks(change, live):
                return change
        except InputError:
            if not known.cached:
                raise
        known.refresh()
        self.differ.use(known.settings)
        return self.differ.create(config) if live is None else self.differ.compare(config, live)

    def finish(self, kinds: Sequence[str], gone: Sequence[str] = ()) -> list[str]:
        """Decide about hosts that no object of the run belongs to, and return notes for people.

        A run over a part never takes them for gone, but for the objects in `gone`, which were asked for and which
        NetBox does not have. `kinds`: what was read.
        """
        for host in self.monitored.strays:
            self.plan.failures.append(
                Failure(
                    "",
                    host.host,
                    f"the tag {TAG_ID} of host id {host.hostid} is missing or there are several of it",
                    host.hostid,
                    CONFLICT,
                )
            )
        for ref, unread in self.monitored.unread.items():
            self._fail(ref, unread.host, unread.error, unread.hostid, UNKNOWN)
        notes = [
            f"netbox_zabbix_resolve names {ref}, and no two hosts carry its tag, or not this one"
            for ref in self.resolve
            if ref not in self.resolved
        ]
        orphans: dict[str, list[ZabbixHost]] = {}
        for ref, hosts in self.monitored.hosts.items():
            if self.objects.knows(ref) or not (self.plan.whole or ref in gone):
                continue  # deleted in NetBox between the list of names and the read: the next run knows more
            kind = ref.partition(":")[0]
            if kind in ALL_KINDS and kind not in kinds:
                reason = f"{kind.replace('_', ' ')}s are not read in this run"
                self.plan.left_alone.extend(LeftAlone(ref, host.name, EXCLUDED, reason, host.hostid) for host in hosts)
            else:
                orphans[ref] = hosts
        self._place(orphans)
        taken: set[str] = set()
        if self.plan.whole and self.newcomers.evidence and not self.hidden:
            taken, unclear = relink(self.plan, self.differ, self.newcomers, orphans)
            notes += unclear
        for ref, hosts in orphans.items():
            for host in hosts:
                if host.hostid not in taken:
                    self._orphan(ref, host)
        return notes

    def _place(self, orphans: Mapping[str, Sequence[ZabbixHost]]) -> None:
        """Say where the objects belonged that are gone; where nobody knows, their hosts are known by host groups."""
        places, group_name = self.plan.places, self.differ.settings.group_name
        for ref, hosts in orphans.items():
            managed = [host for host in hosts if not host.archived]
            for host in managed:
                self._count(ref, host)
            if ref in self.last:
                places.gone[ref] = self.last[ref]
            elif managed:
                places.lost[ref] = tuple(sorted({group_name(one) for host in managed for one in host.groups}))
        if places.lost:
            for row in self.monitored.agreed.values():
                self.host_groups.update(group_ids(row, self.differ.release))
            for groupid, number in self.host_groups.items():
                places.host_groups[group_name(groupid)] += number

    def _orphan(self, ref: str, host: ZabbixHost) -> None:
        why = f"NetBox has no {ref.replace(':', ' ')}"
        if self.hidden:
            why += f" that our token may see, and hides {self.hidden} devices from it"
        if self.hidden or (self.state == PURGED and not host.archived):
            self.plan.left_alone.append(LeftAlone(ref, host.name, "orphan", why, host.hostid))
            return
        action = {ARCHIVED: ARCHIVE, PURGED: DELETE}.get(self.state)
        self.removal.end(host, ref, host.name, GONE, why, action)


def take_unread(monitored: Monitored, zabbix: Zabbix, unread: Mapping[str, ZabbixError]) -> None:
    """Take in the hosts of which Zabbix did not tell more than whose they are; ones that are gone are left out."""
    for hostid, (host, refs) in read_marks(zabbix, unread).items():
        why = f"Zabbix does not tell of it, nor of others that were asked for along with it: {unread[hostid]}"
        monitored.owners[hostid] = " and ".join(sorted(refs))
        for ref in refs or [f"host:{hostid}"]:
            monitored.unread[ref] = Unread(hostid, host, why)
