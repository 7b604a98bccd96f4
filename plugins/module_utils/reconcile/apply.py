# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Applies a plan: host groups first, then deletions and updates (they free names), then new hosts. One writer; each
host in one write.

New hosts go as arrays, updates as JSON-RPC batches, cut by what their templates weigh. An array that fails is taken
apart so that only the offender fails. A request whose answer was lost is read back before anything is sent again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..errors import NetboxZabbixError, OutcomeUnknown, ZabbixError
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..zabbix.client import NotAuthorised, NotSent, Zabbix
from ..zabbix.host_groups import by_depth, lacking
from ..zabbix.hosts import existing, host_ids_of, interfaces_in_use, read_hosts
from ..zabbix.objects import ZabbixHost
from .archive import is_made
from .diff import Differ
from .interfaces import keep_interfaces
from .names import park, rounds
from .payload import payload
from .plan import CREATE, DELETE, Change, Plan

#: hosts in one host.create, and updates in one batch: more gains nothing (measured)
MAX_CREATES, MAX_UPDATES = 250, 100
#: hosts in one host.delete: 100 to 155 light ones a second, heavy ones take 54 to 73 ms each (measured)
MAX_DELETES = 100
#: items that the templates of one request give: 100 hosts with 43 items each take 40 MB (7.0) to 76 MB (6.0) of PHP's
#: 128 MB
MAX_WEIGHT = 4000
#: how often one host is sent again after its answer was lost
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one change. `hostid`: None where there is no host; `error`: None where all went well."""

    change: Change
    hostid: str | None
    error: str | None


Done = Callable[[Written], None]
Progress = Callable[[str], None]


@dataclass(slots=True)
class Attempt:
    """Changes that go in one request, and how often this was tried."""

    changes: list[Change]
    number: int = 1


def apply_plan(plan: Plan, zabbix: Zabbix, differ: Differ, done: Done, progress: Progress) -> None:
    """Make all changes of a plan. Never raises for one host: `done` is called once for each
    change.

    When Zabbix goes away or no longer accepts the token, what is left is reported as not tried.
    """
    writer = _Writer(zabbix, differ, done, progress)
    changes = list(plan.changes)
    try:
        writer.create_groups(plan.new_groups)
        ready = [change for change in changes if writer.complete(change)]
        writer.delete([change for change in ready if change.action == DELETE])
        for some in rounds([change for change in ready if change.action not in (CREATE, DELETE)], writer.park):
            writer.update(some)
        writer.create([change for change in ready if change.action == CREATE])
    except ZabbixError as error:
        # Zabbix is away or refuses us, also when asked what became of a request
        for change in changes:
            writer.finish(change, change.hostid, f"not tried: {error}")


class _Writer:
    def __init__(self, zabbix: Zabbix, differ: Differ, done: Done, progress: Progress) -> None:
        self.zabbix = zabbix
        self.differ = differ
        self._done = done
        self._progress = progress
        self._finished: set[str] = set()
        self._group_errors: dict[str, str] = {}

    def finish(self, change: Change, hostid: str | None, error: str | None) -> None:
        if change.config.ref not in self._finished:
            self._finished.add(change.config.ref)
            self._done(Written(change, hostid, error))

    # --- host groups

    def create_groups(self, names: Sequence[str]) -> None:
        """Create host groups, with the parents that nested ones lack. What cannot be created is kept for `complete`."""
        known = self.differ.settings.groups
        wanted = lacking(names, known)
        if not wanted:
            return
        self._progress(f"creating {len(wanted)} host groups")
        for names_of_depth in by_depth(wanted):
            for name, answer in zip(names_of_depth, self._create_groups(names_of_depth), strict=True):
                if not isinstance(answer, ZabbixError):
                    self.differ.settings.add_group(answer, name)
        if any(name not in known for name in wanted):
            # another run may have created them meanwhile
            for group in self.zabbix.call("hostgroup.get", {"output": ["groupid", "name"], "filter": {"name": wanted}}):
                self.differ.settings.add_group(group["groupid"], group["name"])

    def _create_groups(self, names: list[str]) -> list[str | ZabbixError]:
        try:
            return list(self.zabbix.call("hostgroup.create", [{"name": name} for name in names])["groupids"])
        except (NotSent, NotAuthorised):
            raise
        except OutcomeUnknown as error:
            return [error] * len(names)
        except ZabbixError as error:
            if len(names) == 1 or "No permissions to call" in str(error):
                self._group_errors.update(dict.fromkeys(names, str(error)))
                return [error] * len(names)
        answers = self.zabbix.batch([("hostgroup.create", {"name": name}) for name in names])
        found: list[str | ZabbixError] = []
        for name, answer in zip(names, answers, strict=True):
            if isinstance(answer, ZabbixError):
                self._group_errors[name] = str(answer)
                found.append(answer)
            else:
                found.append(answer["groupids"][0])
        return found

    def complete(self, change: Change) -> bool:
        """Put the ids of created groups into a change. Returns False, and reports it, where a group is missing."""
        target = change.target
        if not target.missing_groups:
            return True
        known = self.differ.settings.groups
        missing = [name for name in target.missing_groups if name not in known]
        if missing:
            why = self._group_errors.get(missing[0], "Zabbix did not create them")
            self.finish(
                change,
                change.hostid,
                f"host groups are missing: {', '.join(missing)}. {why}.",
            )
            return False
        groups = frozenset(known[name] for name in target.missing_groups)
        change.target = replace(target, groups=target.groups | groups, missing_groups=())
        change.writes["groups"] = change.writes["groups"] | groups
        if change.record is not None:
            return True  # a host that ends: what was applied to it stays as it is
        try:
            change.record = self.differ.record(change.config, change.target)
        except NetboxZabbixError as error:
            self.finish(change, change.hostid, str(error))
            return False
        return True

    # --- deletions

    def delete(self, changes: Sequence[Change]) -> None:
        """Delete hosts. A list that fails is taken apart; one whose answer was lost is looked up."""
        todo = [Attempt(list(changes[at : at + MAX_DELETES])) for at in range(0, len(changes), MAX_DELETES)]
        count = 0
        while todo:
            attempt = todo.pop(0)
            try:
                self.zabbix.call("host.delete", [change.before.hostid for change in attempt.changes])
            except (NotSent, NotAuthorised):
                raise
            except ZabbixError as error:
                todo[:0] = self._deletes_again(attempt, error)
                continue
            for change in attempt.changes:
                self.finish(change, change.hostid, None)
            count += len(attempt.changes)
            self._progress(f"deleted {count} of {len(changes)} hosts")

    def _deletes_again(self, attempt: Attempt, error: ZabbixError) -> list[Attempt]:
        """Find out which hosts of a list are still there, and return them in smaller lists."""
        there = existing(self.zabbix, [change.before.hostid for change in attempt.changes])
        left: list[Change] = []
        for change in attempt.changes:
            if change.before.hostid in there:
                left.append(change)
            else:
                self.finish(change, change.hostid, None)
        once_more = isinstance(error, OutcomeUnknown) and attempt.number < MAX_ATTEMPTS
        if len(attempt.changes) == 1 and left and not once_more:
            self.finish(left[0], left[0].hostid, str(error))
            return []
        return _halves(left, attempt.number)

    # --- updates

    def park(self, change: Change) -> None:
        """Give a host a temporary name, so that another one may take its own."""
        try:
            self.zabbix.call("host.update", {"hostid": change.before.hostid, **park(change)})
        except (NotSent, NotAuthorised):
            raise
        except ZabbixError as error:
            # its own update, or that of the host that wants its name, tells what came of it
            self._progress(f"{change.config.host} could not be moved out of the way: {error}")

    def update(self, changes: Sequence[Change]) -> None:
        todo = [Attempt(some) for some in _cut(changes, MAX_UPDATES)]
        total, count = sum(len(attempt.changes) for attempt in todo), 0
        while todo:
            attempt = todo.pop(0)
            try:
                answers = self.zabbix.batch(
                    [("host.update", payload(change, self.zabbix.release)) for change in attempt.changes]
                )
            except (NotSent, NotAuthorised):
                raise
            except OutcomeUnknown as error:
                todo[:0] = self._updates_again(attempt, error)
                continue
            except ZabbixError as error:
                # the web server refused the request as a whole, its size perhaps
                if len(attempt.changes) == 1:
                    self.finish(attempt.changes[0], attempt.changes[0].hostid, str(error))
                else:
                    todo[:0] = _halves(attempt.changes, attempt.number)
                continue
            for change, answer in zip(attempt.changes, answers, strict=True):
                if isinstance(answer, NotAuthorised):
                    raise answer
                if isinstance(answer, ZabbixError):
                    self.finish(change, change.hostid, self._why(change, answer))
                else:
                    count += 1
                    self.finish(change, change.hostid, None)
            self._progress(f"updated {count} of {total} hosts")

    def _updates_again(self, attempt: Attempt, error: OutcomeUnknown) -> list[Attempt]:
        """Read back hosts whose update got no answer, and return what is still to be done, in smaller requests."""
        self._progress(f"the answer to {len(attempt.changes)} updates was lost, reading back: {error}")
        ids = [change.hostid for change in attempt.changes if change.hostid]
        live = {host.hostid: host for host in read_hosts(self.zabbix, ids, INVENTORY_FIELDS)}
        again: list[Change] = []
        for change in attempt.changes:
            host = live.get(change.hostid or "")
            if host is None:
                self.finish(change, change.hostid, GONE)
                continue
            try:
                rest = self._rest(change, host)
            except NetboxZabbixError as problem:
                self.finish(change, change.hostid, str(problem))
                continue
            if rest is None:
                self.finish(change, change.hostid, None)
            elif attempt.number >= MAX_ATTEMPTS and len(attempt.changes) == 1:
                self.finish(change, change.hostid, str(error))
            else:
                if rest.removed_interfaces:
                    keep_interfaces(rest, interfaces_in_use(self.zabbix, rest.removed_interfaces))
                again.append(rest)
        return _halves(again, attempt.number)

    def _rest(self, change: Change, host: ZabbixHost) -> Change | None:
        """Return what is left to be done of a change, None where it was carried out."""
        if change.ending:
            return None if is_made(change, host) else change
        return self.differ.compare(change.config, host)

    def _why(self, change: Change, error: ZabbixError) -> str:
        if "does not exist" in str(error) and change.hostid and not existing(self.zabbix, [change.hostid]):
            return GONE
        return str(error)

    # --- new hosts

    def create(self, changes: Sequence[Change]) -> None:
        todo = [Attempt(some) for some in _cut(changes, MAX_CREATES)]
        total, count = sum(len(attempt.changes) for attempt in todo), 0
        while todo:
            attempt = todo.pop(0)
            some = attempt.changes
            try:
                answer = self.zabbix.call("host.create", [payload(change, self.zabbix.release) for change in some])
            except (NotSent, NotAuthorised):
                raise
            except OutcomeUnknown as error:
                todo[:0] = self._creates_again(attempt, error)
            except ZabbixError as error:
                todo[:0] = self._offender(attempt, error)
            else:
                for change, hostid in zip(some, answer["hostids"], strict=True):
                    self.finish(change, hostid, None)
                count += len(some)
                self._progress(f"created {count} of {total} hosts")

    def _creates_again(self, attempt: Attempt, error: OutcomeUnknown) -> list[Attempt]:
        """Find out which hosts of a lost answer exist, and return the rest in smaller requests."""
        self._progress(f"the answer to {len(attempt.changes)} new hosts was lost, reading back: {error}")
        found = host_ids_of(self.zabbix, self.differ.instance, [change.config.ref for change in attempt.changes])
        again: list[Change] = []
        for change in attempt.changes:
            ids = found.get(change.config.ref)
            if ids:
                self.finish(change, ids[0], None)
            elif attempt.number >= MAX_ATTEMPTS and len(attempt.changes) == 1:
                self.finish(change, None, str(error))
            else:
                again.append(change)
        return _halves(again, attempt.number)

    def _offender(self, attempt: Attempt, error: ZabbixError) -> list[Attempt]:
        """Take an array apart that Zabbix refused as a whole; nothing of it was created."""
        some = attempt.changes
        if len(some) == 1:
            self._refused(some[0], error)
            return []
        place = offender([change.config.host for change in some], str(error))
        if place is None:
            return _halves(some, attempt.number)
        # alone it gets a message of its own, and should it not be the one, nothing is lost
        return [Attempt([some[place]], attempt.number), Attempt(some[:place] + some[place + 1 :], attempt.number)]

    def _refused(self, change: Change, error: ZabbixError) -> None:
        if "already exists" in str(error):
            # a request whose answer was lost may have been carried out after we looked
            ids = host_ids_of(self.zabbix, self.differ.instance, [change.config.ref]).get(change.config.ref)
            if ids:
                self.finish(change, ids[0], None)
                return
        self.finish(change, None, str(error))


GONE = "it was deleted in Zabbix while this ran; the next run creates it again"


def offender(hosts: Sequence[str], message: str) -> int | None:
    """Return which host of an array an error of Zabbix is about, None where it does not say.

    7.0 gives a 1-based index (`"/2/templates/1"`), both versions often quote the technical name.
    """
    index = re.search(r'"/(\d+)/', message)
    if index and 1 <= int(index[1]) <= len(hosts):
        return int(index[1]) - 1
    quoted = set(re.findall(r'"([^"]*)"', message))
    named = [number for number, host in enumerate(hosts) if host in quoted]
    return named[0] if len(named) == 1 else None


def _cut(changes: Sequence[Change], most: int) -> Iterator[list[Change]]:
    """Cut changes into requests of at most `most` hosts and about MAX_WEIGHT items."""
    some: list[Change] = []
    weight = 0
    for change in changes:
        if some and (len(some) >= most or weight + change.weight > MAX_WEIGHT):
            yield some
            some, weight = [], 0
        some.append(change)
        weight += change.weight
    if some:
        yield some


def _halves(changes: list[Change], number: int) -> list[Attempt]:
    if not changes:
        return []
    if len(changes) == 1:
        return [Attempt(changes, number + 1)]
    middle = len(changes) // 2
    return [Attempt(changes[:middle], number + 1), Attempt(changes[middle:], number + 1)]
