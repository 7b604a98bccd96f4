# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lease: one run writes at a time, also between machines.

It is a saved filter in NetBox, shared and switched off. Its slug is unique in the database, so that making it is
atomic on every NetBox (a stale ETag is refused by the newest only); it has room for who holds it; and the permission
for it gives access to nothing else. It is there only while a run writes. Its age is told by NetBox's own clock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..errors import LeaseLostError, LockedError, NetBoxError
from .client import NetBox
from .failures import Refused
from .needs import LEASE_SLUG

PATH = "extras/saved-filters/"
#: seconds after which a lease that nobody renewed is taken over, and how often it is renewed
TERM, RENEWAL = 180, 60
#: seconds between two looks at a lease that another run holds
INTERVAL = 3.0


@dataclass(slots=True)
class Lease:
    """A lease that is held. `waited`: whether another run held it before, so that what was read may be old."""

    netbox: NetBox
    number: int
    waited: bool
    _lost: str = ""
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def check(self) -> None:
        """Raise LeaseLostError where another run may write by now."""
        if self._lost:
            raise LeaseLostError(self._lost)

    def keep(self) -> None:
        """Renew it from time to time, in a thread of its own, until `release`."""
        self._thread = threading.Thread(target=self._renew, name="netbox-lease", daemon=True)
        self._thread.start()

    def _renew(self) -> None:
        renewed = time.monotonic()
        while not self._ended.wait(RENEWAL):
            try:
                # to save it is enough: NetBox notes when
                self.netbox.patch(f"{PATH}{self.number}/", {"enabled": False})
                renewed = time.monotonic()
            except NetBoxError as error:
                gone = isinstance(error, Refused) and error.status == 404
                if gone or time.monotonic() - renewed > TERM - RENEWAL:
                    self._lost = f"this run lost its lease in NetBox, and another one may write: {error}"
                    return

    def release(self) -> str:
        """Give it up. Returns what did not work, empty where all did: it ends by itself in time then."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._lost:
            return self._lost
        try:
            self.netbox.delete(PATH, [{"id": self.number}])
        except NetBoxError as error:
            return f"The lease in NetBox (saved filter {self.number}) was not removed and ends in {TERM} s: {error}"
        return ""


def acquire(netbox: NetBox, instance: str, holder: Mapping[str, str], wait: float, progress: Any) -> Lease:
    """Return the lease of an instance, after waiting for at most `wait` seconds.

    `holder`: who takes it, with a `run` that is nobody else's; shown to whoever waits. Its `lock` names a lock that the
    caller holds and that the holder of the lease held: where it is the same one, that holder is dead. Raises
    LockedError where another run holds it all the time, NetBoxError where NetBox does not let us (Refused with status
    403: no permission).
    """
    slug = LEASE_SLUG + "".join(letter if letter.isalnum() else "-" for letter in instance.lower())[:60]
    body = {
        "name": slug,
        "slug": slug,
        "object_types": ["dcim.device"],
        "description": "Kept by netops.netbox_zabbix while a run writes: one at a time.",
        "enabled": False,
        # NetBox answers 500 where it may not show a user what that user has just made
        "shared": True,
        "parameters": dict(holder),
    }
    began = time.monotonic()
    waited = False
    while True:
        try:
            return Lease(netbox, netbox.post(PATH, body)["id"], waited)
        except Refused as error:
            # of two at the very same moment, the second is an error of NetBox's database
            if error.status != 400 and "duplicate key" not in error.detail:
                raise
            refusal: NetBoxError = error
        except NetBoxError as error:
            refusal = error  # the answer was lost: it may be there, and ours
        held = netbox.get(PATH, {"slug": slug})["results"]
        if not held:
            if not isinstance(refusal, Refused):
                raise refusal
            if "exist" not in refusal.detail and "duplicate key" not in refusal.detail:
                raise refusal
            # given up in between, or our token may not see it
            if time.monotonic() - began >= wait + INTERVAL:
                raise LockedError(
                    f"NetBox has a saved filter {slug} that our token may not see, so that nobody knows who writes: "
                    "let it view saved filters, or delete that one. Nothing was written."
                )
            time.sleep(min(INTERVAL, 0.2))
            continue
        other = held[0]
        by = other.get("parameters") or {}
        if by.get("run") == holder["run"]:
            return Lease(netbox, other["id"], waited)
        dead = bool(by.get("lock")) and by.get("lock") == holder.get("lock")
        age = _now(netbox) - datetime.fromisoformat(other["last_updated"]).timestamp()
        if dead or age > TERM:
            progress(f"taking over the lease of run {by.get('run')}, which ended without giving it up")
            netbox.delete(PATH, [{"id": other["id"]}])
            waited = True
            continue
        if time.monotonic() - began >= wait:
            raise LockedError(
                f"another run writes at this moment: run {by.get('run')} on {by.get('host')} by {by.get('user')}, "
                f"since {by.get('started')}. Nothing was written. Wait for it, or raise netbox_zabbix_lock_wait. One "
                f"that was killed is taken over {TERM} s after its last sign (saved filter {slug} in NetBox)."
            )
        if not waited:
            progress(f"waiting for run {by.get('run')} on {by.get('host')}, which writes at this moment")
        waited = True
        time.sleep(min(INTERVAL, max(0.1, wait - (time.monotonic() - began))))


def _now(netbox: NetBox) -> float:
    """Return the time by NetBox's clock, which a lease's age is told by."""
    return time.time() + (netbox.clock_offset or 0.0)
