# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The journal of a run in the state store: that it writes, what it replaces, and that it came to its end.

A run that broke off while it wrote (killed, interrupted, or its machine went down) is known by it. The next run makes
what was left undone as it makes everything, by comparing; here it finds out what that was, and says so.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import interrupts
from ..errors import StateError
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..reconcile.diff import Differ
from ..reconcile.plan import CREATE, DELETE, Change, Plan
from ..reconcile.preimage import Preimage, preimage, preimage_from
from ..reconcile.undo import undo
from ..state.store import Store
from ..zabbix.client import Zabbix
from ..zabbix.host_items import newest_item
from ..zabbix.hosts import host_ids_of, read_hosts
from ..zabbix.objects import ZabbixSettings
from .result import Result
from .run_records import Before, Run, close_run, list_runs, read_before, write_before, write_end
from .turn import user


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run that broke off, and what it left before its first write."""

    run: Run
    before: Before


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one run. `store`: None where nothing is kept; `images`: whether what is replaced is kept.

    No method raises StateError: what does not work is a note in the result.
    """

    store: Store | None
    result: Result
    instance: str
    servers: Mapping[str, str]
    images: bool

    def begin(self, plan: Plan, zabbix: Zabbix, differ: Differ) -> None:
        """Note that the run begins to make this plan. One request where it links templates."""
        if self.store is None:
            return
        kept = preimages(plan.changes, zabbix, differ) if self.images else None
        by = f"{user()} on {platform.node()}"
        try:
            write_before(self.store, self.result, Before(by, self.instance, len(plan.changes), kept, self.servers))
        except StateError as error:
            self.result.notes.append(
                f"What was there before is not kept, so that this run cannot be taken back: {error}"
            )

    def end(self) -> None:
        """Note that the run made all that it could, unless it was interrupted: the result says that then."""
        why = interrupts.interruption()
        if why:
            self.result.error = self.result.error or f"Ended before its end: {why}. The next run makes what is missing."
            return
        try:
            if self.store is not None:
                write_end(self.store, self.result, self.images)
        except StateError as error:
            self.result.notes.append(f"The next run will say that this one did not finish, and it did: {error}")

    def unfinished(self) -> list[Unfinished]:
        """Return the runs of this instance that broke off, the oldest first. Another run may be at it just now, unless
        the turn is ours.
        """
        found: list[Unfinished] = []
        try:
            for run in reversed(list_runs(self.store) if self.store is not None else []):
                before = read_before(self.store, run) if self.store is not None and run.broke_off else None
                if before is None or run.run_id == self.result.run_id or before.instance != self.instance:
                    continue
                if dict(before.of) == dict(self.servers):
                    found.append(Unfinished(run, before))
        except StateError as error:
            self.result.notes.append(f"Whether the last run came to its end is not known: {error}")
        return found

    def look_back(self, zabbix: Zabbix, settings: ZabbixSettings, plan: Plan) -> list[Unfinished]:
        """Tell of runs that broke off, and return those that this one makes good for. `plan`: not yet carried out.

        Raises ZabbixError.
        """
        healed: list[Unfinished] = []
        for one in self.unfinished():
            text, whole = _told(zabbix, settings, one, plan, self.result.dry_run)
            self.result.notes.append(text)
            healed += [one] if whole else []
        return healed

    def settle(self, found: Sequence[Unfinished]) -> None:
        """Note that these runs were found, so that they are not told of again."""
        try:
            for one in found:
                if self.store is not None:
                    why = f"It broke off while it wrote. Run {self.result.run_id} found it and went on."
                    close_run(self.store, one.run, why)
        except StateError as error:
            self.result.notes.append(f"A run that broke off will be told of again: {error}")


def preimages(changes: Sequence[Change], zabbix: Zabbix, differ: Differ) -> list[dict[str, Any]]:
    """Return what changes replace, as plain JSON. One request where templates are linked."""
    newest = newest_before(changes, zabbix)
    return [
        preimage(change, differ.record_so_far(change) if change.record is None else None, newest).as_dict()
        for change in changes
    ]


def newest_before(changes: Sequence[Change], zabbix: Zabbix) -> int | None:
    """Return the highest id of an item before changes are made, None where they link no template or nobody knows it."""
    links = any(
        change.live is not None and change.writes.get("templates", frozenset()) - change.live.templates
        for change in changes
    )
    return newest_item(zabbix) if links else None


def _told(zabbix: Zabbix, settings: ZabbixSettings, one: Unfinished, plan: Plan, dry_run: bool) -> tuple[str, bool]:
    """Return what a run that broke off had made of its changes, in words, and whether this run makes good for it."""
    run, before = one.run, one.before
    told = f"Run {run.run_id} ({run.job}) of {run.started:%Y-%m-%d %H:%M:%S} UTC by {before.by} did not finish"
    if dry_run:
        told += ", or goes on at this moment"
    if before.images is None:
        return (
            f"{told}. It was about to make {before.changes} changes, and which of them were made is not kept "
            "(netbox_zabbix_keep_runs). What is missing is made as ever.",
            plan.whole,
        )
    left = _not_made(zabbix, settings, before.instance, [preimage_from(image) for image in before.images])
    planned = {change.config.ref for change in plan.changes}
    again = sum(ref in planned for ref in left)
    text = f"{told}: of its {before.changes} changes {before.changes - len(left)} were made, {len(left)} were not"
    if again:
        text += f", {again} of which {'would be' if dry_run else 'are'} made now"
    if len(left) > again:
        rest = (
            "not wanted any more" if plan.whole else "not wanted any more, or of hosts that this run does not look at"
        )
        text += f", {len(left) - again} are {rest}"
    return f"{text}.", plan.whole or again == len(left)


def _not_made(zabbix: Zabbix, settings: ZabbixSettings, instance: str, images: Sequence[Preimage]) -> list[str]:
    """Return the identities of hosts that are as they were before: nothing of their change is there."""
    created = host_ids_of(zabbix, instance, [one.ref for one in images if one.action == CREATE])
    ids = [one.hostid for one in images if one.hostid is not None]
    live = {host.hostid: host for host in read_hosts(zabbix, ids, INVENTORY_FIELDS)}
    left: list[str] = []
    for image in images:
        host = live.get(image.hostid or "")
        if image.action == CREATE:
            made = bool(created.get(image.ref))
        elif image.action == DELETE or host is None:
            made = host is None
        else:
            rest = undo(image, host, settings)
            made = rest.change is not None or bool(rest.touched)
        if not made:
            left.append(image.ref)
    return left
