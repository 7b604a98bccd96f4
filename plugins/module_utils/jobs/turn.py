# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One run writes at a time: a lock on this machine, and a lease in NetBox for all others."""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .. import interrupts
from ..errors import LeaseLostError, LockedError
from ..netbox.client import NetBox
from ..netbox.failures import Refused
from ..netbox.lease import Lease, acquire
from ..zabbix.client import NotSent, Zabbix
from .result import Progress, utc_now

#: how far the turn is known: between all machines, or on this one
SHARED, LOCAL = "shared", "local"


@dataclass(slots=True)
class Turn:
    """The right to write. `waited`: whether another run wrote before, so that what was read may be old by now.

    `notes`: what did not work and stops nothing.
    """

    waited: bool
    lease: Lease | None = None
    notes: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Raise LeaseLostError where another run may write by now."""
        if self.lease is not None:
            self.lease.check()


@contextmanager
def turn(netbox: NetBox, instance: str, run: str, kind: str, wait: float, progress: Progress) -> Iterator[Turn]:
    """Wait for at most `wait` seconds until no other run of this instance writes, and keep the others waiting.

    `kind`: SHARED or LOCAL. Raises LockedError where another run does not end, NetBoxError where NetBox fails.
    """
    began = time.monotonic()
    with _locked(f"{netbox.url} {instance}", wait, progress) as (waited, lock):
        mine = Turn(waited)
        if kind == SHARED:
            holder = {"run": run, "user": user(), "host": platform.node(), "started": utc_now(), "lock": lock}
            try:
                mine.lease = acquire(netbox, instance, holder, wait - (time.monotonic() - began), progress)
            except Refused as error:
                if error.status != 403:
                    raise
                mine.notes.append(
                    "Runs on other machines are not kept waiting: the lease in NetBox needs the permissions to view, "
                    f"add, change and delete saved filters, and NetBox says: {error.detail} (netbox_zabbix_lock: local "
                    "silences this)"
                )
        if mine.lease is not None:
            mine.waited = mine.waited or mine.lease.waited
            mine.lease.keep()
        try:
            yield mine
        finally:
            with interrupts.tidying():
                problem = mine.lease.release() if mine.lease is not None else ""
            if problem:
                mine.notes.append(problem)


@contextmanager
def bound(zabbix: Zabbix, mine: Turn) -> Iterator[None]:
    """Let Zabbix get no write after the turn was lost: each is then refused with NotSent, as one that was not sent."""

    def check() -> None:
        try:
            mine.check()
        except LeaseLostError as error:
            raise NotSent(str(error)) from None

    zabbix.before_write = check
    try:
        yield
    finally:
        zabbix.before_write = None


@contextmanager
def _locked(what: str, wait: float, progress: Progress) -> Iterator[tuple[bool, str]]:
    """Hold a lock of this machine; yields whether another process had it, and which lock it is: the same file of the
    same running system.
    """
    name = hashlib.sha256(what.encode()).hexdigest()[:16]
    path = os.path.join(tempfile.gettempdir(), f"netbox_zabbix-{os.getuid()}-{name}.lock")
    try:
        # nobody may put a link to another file there
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LockedError(f"the lock of this machine cannot be opened: {error}") from None
    try:
        waited = _wait_for(lambda: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB), path, wait, progress)
        file = os.fstat(handle)
        yield waited, f"{_boot()}:{file.st_dev}:{file.st_ino}"
    finally:
        os.close(handle)


def _wait_for(lock: Callable[[], None], path: str, wait: float, progress: Progress) -> bool:
    began = time.monotonic()
    waited = False
    while True:
        try:
            lock()
        except BlockingIOError:
            if time.monotonic() - began >= wait:
                raise LockedError(
                    f"another run on this machine writes at this moment (lock {path}). Nothing was written. Wait for "
                    "it, or raise netbox_zabbix_lock_wait."
                ) from None
            if not waited:
                progress("waiting for another run on this machine, which writes at this moment")
            waited = True
            interrupts.pause(0.5)
            interrupts.check()
        else:
            return waited


def _boot() -> str:
    """Return what tells this running system from all others."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:  # not on Linux
        return platform.node()


def user() -> str:
    """Return who runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.getuid())
