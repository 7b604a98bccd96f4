# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run that is asked to end (Ctrl-C, or SIGTERM as a job runner sends it) ends in good order.

The request under way is waited for, so that its outcome is known; no other one begins, but for those that leave things
tidy: the lease is given up, the record is kept. Asked a second time, the run ends in the middle of what it does.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from .errors import InterruptedRunError


@dataclass(slots=True)
class _State:
    """`heeded`: whether a run looks at all this; `tidying`: how many parts of it are at what has to be done anyway."""

    asked: threading.Event = field(default_factory=threading.Event)
    why: str = ""
    heeded: bool = False
    tidying: int = 0
    effective: bool = False


_state = _State()


def interruption() -> str:
    """Return why no further request is to begin, in words; empty where it may. Who asks acts on it."""
    if not _state.heeded or _state.tidying or not _state.asked.is_set():
        return ""
    _state.effective = True
    return _state.why


def check() -> None:
    """Raise InterruptedRunError where the run has been asked to end."""
    why = interruption()
    if why:
        raise InterruptedRunError(why)


def pause(seconds: float) -> None:
    """Sleep, but no longer than until the run is asked to end."""
    _state.asked.wait(max(0.0, seconds))


@contextmanager
def heeded() -> Iterator[None]:
    """Let signals ask this run to end. Only the main thread of a program can say so."""
    _state.asked.clear()
    _state.why, _state.effective, _state.heeded, _state.tidying = "", False, True, 0
    before = {number: signal.signal(number, _ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        _state.heeded = False
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def tidying() -> Iterator[None]:
    """Do what has to be done whatever was asked."""
    _state.tidying += 1
    try:
        yield
    finally:
        _state.tidying -= 1


def took_effect() -> bool:
    """Return whether the last run left something undone because it was asked to end."""
    return _state.effective


def _ask(number: int, dummy: FrameType | None) -> None:
    if _state.asked.is_set():
        raise KeyboardInterrupt
    _state.why = f"the run was interrupted ({signal.Signals(number).name})"
    _state.asked.set()
