# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The link from a NetBox object to its host and its sync status, kept in NetBox's custom fields beside the Zabbix
writes.

NetBox takes a hundred times what Zabbix takes to change one object, so only values that change are written, and a
failure is a warning: nothing that is correct rests on these fields.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..netbox.client import NetBox
from ..netbox.objects import NetBoxObject
from ..netbox.write_back import WriteBack, write_back
from .result import Progress

HOSTID, STATUS, TIME, DETAIL = "zabbix_hostid", "zabbix_sync_status", "zabbix_sync_time", "zabbix_sync_detail"
FIELDS = (HOSTID, STATUS, TIME, DETAIL)
#: characters of a detail: what a person reads on a page
MAX_DETAIL = 2000
IN_SYNC, FAILED, EXCLUDED, ARCHIVED = "in_sync", "failed", "excluded", "archived"
#: objects handed to NetBox at once
BATCH = 100


class Links:
    """Collects what is to be written to NetBox, and writes it in a thread of its own while the hosts are written.

    `fields`: which custom fields are kept; those that NetBox does not have are left out. `most`: objects that are
    written in one run, 0 for all.
    """

    def __init__(
        self, netbox: NetBox, fields: Sequence[str], known: Mapping[str, str], run: str, most: int = 0
    ) -> None:
        self._netbox = netbox
        self._most = most
        self._left = 0
        self._fields = [name for name in fields if name in known]
        self._message = f"netops.netbox_zabbix run {run}"
        self._before: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._early: list[WriteBack] = []
        self._queue: queue.SimpleQueue[WriteBack | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._warnings: list[str] = []
        self._noted = 0
        self.written = 0
        #: what NetBox said of objects that it was to be told of and was not, by identity
        self.failed: dict[str, str] = {}

    def remember(self, netbox_object: NetBoxObject) -> None:
        """Keep what NetBox has in the fields of an object, to write only what changes."""
        values = netbox_object.attributes.get("custom_fields") or {}
        # a kind of object that lacks a field has no value of it, not even an empty one
        before = {name: values[name] for name in self._fields if name in values}
        self._before[netbox_object.ref] = (netbox_object.kind, netbox_object.id, before)

    def before(self, ref: str) -> dict[str, Any]:
        """Return what NetBox has in the fields of an object that was not noted yet."""
        return self._before[ref][2] if ref in self._before else {}

    def note(self, ref: str, hostid: str | None, status: str, unlink: bool = False, detail: str = "") -> bool:
        """Say where an object stands; it is written, and True returned, when something of it differs from what NetBox
        has.

        `hostid` None leaves the link as it is, so that a failure forgets nothing; `unlink` takes it away. `detail`:
        what differs or why it failed. An object that NetBox no longer has is passed over.
        """
        if ref not in self._before:
            return False
        kind, number, before = self._before.pop(ref)
        wanted: dict[str, Any] = {STATUS: status, DETAIL: detail[:MAX_DETAIL] or None}
        if hostid is not None or unlink:
            wanted[HOSTID] = None if hostid is None or unlink else int(hostid)
        changed = {name: value for name, value in wanted.items() if name in before and not _same(before[name], value)}
        if STATUS in changed and TIME in before:
            changed[TIME] = self._now()
        if changed and self._most and self._noted >= self._most:
            self._left += 1
        elif changed:
            change = WriteBack(kind, number, changed)
            self._noted += 1
            if self._thread is None:
                self._early.append(change)
            else:
                self._queue.put(change)
        return bool(changed)

    def keep_to(self, refs: Collection[str]) -> None:
        """Write to these objects alone: what was noted of others is forgotten, and so is what would be."""
        self._before = {ref: before for ref, before in self._before.items() if ref in refs}
        self._early = [change for change in self._early if f"{change.kind}:{change.id}" in refs]
        self._noted, self._left = len(self._early), 0

    def _now(self) -> str:
        # NetBox's own time: the clock of this machine may be wrong
        now = self._netbox.clock or datetime.now(UTC)
        return now.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def waiting(self) -> int:
        """How many objects have something to be written as long as nothing is: what a dry run would write."""
        return len(self._early)

    def start(self) -> None:
        """Begin to write what was noted so far and what will be."""
        self._thread = threading.Thread(target=self._run, name="netbox-write-back", daemon=True)
        for change in self._early:
            self._queue.put(change)
        self._early.clear()
        self._thread.start()

    def abandon(self) -> None:
        """Take no more: the run breaks off."""
        self._queue.put(None)

    def finish(self, progress: Progress) -> list[str]:
        """Wait until all is written and return the warnings."""
        if self._thread is not None:
            self._queue.put(None)
            if self._noted > self.written:
                progress("writing links and statuses back to NetBox")
            self._thread.join()
        if self._left:
            self._warnings.append(
                f"{self._left} more objects in NetBox are to get new values, and the limit of one run is {self._most}: "
                "the next run goes on"
            )
        return self._warnings

    def _run(self) -> None:
        some: list[WriteBack] = []
        ended, gave_up = False, ""
        while not ended:
            change = self._queue.get()
            ended = change is None
            if change is not None and gave_up:
                self.failed[f"{change.kind}:{change.id}"] = gave_up
            elif change is not None:
                some.append(change)
            if some and (ended or len(some) >= BATCH):
                outcome = write_back(self._netbox, some, self._message)
                some = []
                self.written += outcome.written
                self._warnings.extend(outcome.warnings)
                self.failed.update(outcome.failed)
                if outcome.gave_up:
                    # each further list would only wait for the same answer
                    gave_up = outcome.warnings[-1]


def _same(before: Any, wanted: Any) -> bool:
    return str(before) == str(wanted) if before not in (None, "") else wanted is None
