# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading the estate: names, counts and, in pages as they come, every one that is to be read as a NetBox object.

The list of ids comes first. It is cheap, it gives the windows that several readers share, and it is what a read is
checked against: an object that a page should have held and did not is never taken for one that is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import NetBoxError
from . import read_graphql, read_rest
from .client import GRAPHQL, IDS_IN_ADDRESS, READERS, NetBox
from .custom_fields import read_custom_fields
from .interface_addresses import InterfaceAddresses
from .names import Name, count, read_names
from .objects import ALL_KINDS, USUAL_KINDS, VIRTUAL_DEVICE_CONTEXT, NetBoxObject, Related
from .rows import Builder, Wanted
from .selection import Selection
from .tables import Links, read_related

__all__ = ["Name", "count", "read_names", "read_objects", "read_related", "read_rows"]

#: objects that one request reads: NetBox answers within seconds, and three readers end at about the same time
WINDOW = 500
#: windows that are read ahead of the one in use, so that memory does not grow with the estate
AHEAD = READERS + 2

Rows = list[dict[str, Any]]
Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Window:
    """The ids, ascending, that one request reads. `picked`: others that are not wanted may lie between them."""

    kind: str
    ids: tuple[int, ...]
    picked: bool


def _windows(kind: str, ids: Iterable[int], *, picked: bool, size: int) -> Iterator[Window]:
    ordered = sorted(ids)
    for at in range(0, len(ordered), size):
        yield Window(kind, tuple(ordered[at : at + size]), picked)


def read_objects(
    netbox: NetBox,
    related: Related,
    *,
    ids: Selection | None,
    roots: frozenset[str],
    names: Sequence[Name] | None = None,
    kinds: Sequence[str] = USUAL_KINDS,
    window: int | None = None,
    keep: Callable[[str, Rows], Rows] | None = None,
    without: frozenset[str] = frozenset(),
) -> Iterator[list[NetBoxObject]]:
    """Yield the selected objects, or all, in pages: those of one kind after those of the other.

    `ids`: None for the whole estate; `roots`: the attributes that the policy uses (some are read only then);
    `names`: what `read_names` gave, when the caller has it; `window`: how many objects one request reads; `without`:
    usual attributes that are not read; `keep`: gets the rows of each kind and returns what objects are to be made of.
    Objects deleted while the read goes on are left out; any other difference from the list of ids raises NetBoxError.
    """
    wanted = Wanted(roots, without)
    windows = _all_windows(netbox, ids, names, kinds, window or WINDOW)
    builders = make_builders(netbox, related, wanted, windows, ids)

    def read(window: Window) -> list[NetBoxObject]:
        rows = _read_window(netbox, window, wanted)
        return list(map(builders[window.kind].build, rows if keep is None else keep(window.kind, rows)))

    yield from in_threads(read, windows)


def read_rows(
    netbox: NetBox,
    *,
    ids: Selection | None,
    wanted: Wanted,
    names: Sequence[Name] | None = None,
    kinds: Sequence[str] = USUAL_KINDS,
) -> Iterator[tuple[str, Rows]]:
    """Yield kind and rows, as NetBox shows them, of what `read_objects` makes objects of, under the same promise."""

    def read(window: Window) -> tuple[str, Rows]:
        return window.kind, _read_window(netbox, window, wanted)

    yield from in_threads(read, _all_windows(netbox, ids, names, kinds, WINDOW))


def make_builders(
    netbox: NetBox, related: Related, wanted: Wanted, windows: Sequence[Window] = (), ids: Selection | None = None
) -> dict[str, Builder]:
    """Return what makes NetBox objects of the rows of each kind. `windows` and `ids`: of the read that they are for,
    where `wanted` names interfaces.
    """
    custom_fields = read_custom_fields(netbox)
    links = Links(netbox, related, custom_fields)
    contexts = [number for window in windows if window.kind == VIRTUAL_DEVICE_CONTEXT for number in window.ids]
    interfaces = InterfaceAddresses(netbox, wanted.roots, None if ids is None else ids.ids, contexts)
    return {kind: Builder(netbox, kind, links, custom_fields, wanted, interfaces) for kind in ALL_KINDS}


def _all_windows(
    netbox: NetBox, ids: Selection | None, names: Sequence[Name] | None, kinds: Sequence[str], size: int
) -> list[Window]:
    windows: list[Window] = []
    for kind in kinds:
        if ids is not None:
            most = WINDOW if netbox.reader == GRAPHQL else IDS_IN_ADDRESS
            windows += _windows(kind, ids.ids.get(kind, frozenset()), picked=True, size=most)
        else:
            names = read_names(netbox, kinds) if names is None else names
            windows += _windows(kind, (number for of, number, dummy in names if of == kind), picked=False, size=size)
    return windows


def in_threads(read: Callable[[Item], Answer], windows: Iterable[Item]) -> Iterator[Answer]:
    """Yield `read` of each window in order, several at once but never far ahead of the one in use."""
    waiting = iter(windows)
    running: deque[Future[Answer]] = deque()
    pool = ThreadPoolExecutor(READERS, thread_name_prefix="netbox-reader")
    try:
        while True:
            while len(running) < AHEAD and (window := next(waiting, None)) is not None:
                running.append(pool.submit(read, window))
            if not running:
                return
            yield running.popleft().result()
    finally:
        # An error or an interruption: what has not begun does not begin.
        pool.shutdown(wait=False, cancel_futures=True)


def _read_window(netbox: NetBox, window: Window, wanted: Wanted) -> Rows:
    """Return exactly the window's rows; read again once if objects came or went since the ids were listed."""
    source = read_graphql if netbox.reader == GRAPHQL else read_rest

    def objects(start: int, limit: int, ids: Sequence[int] | None) -> list[dict[str, Any]]:
        return source.objects_page(netbox, window.kind, wanted, start, limit, ids)

    def names(start: int, limit: int, ids: Sequence[int] | None) -> list[dict[str, Any]]:
        return source.names_page(netbox, window.kind, start, limit, ids)

    rows = _fill(objects, window)
    found = [int(row["id"]) for row in rows]
    if found == list(window.ids):
        return rows
    expected = [int(row["id"]) for row in _fill(names, window)]
    if found != expected:
        rows = _fill(objects, window)
        found = [int(row["id"]) for row in rows]
    if found != expected:
        raise NetBoxError(
            f"NetBox said {len(expected)} {window.kind.replace('_', ' ')}s between the ids {window.ids[0]} and"
            f" {window.ids[-1]}, {len(found)} were read, twice: is NetBox being changed in bulk just now?"
        )
    return rows


def _fill(
    page: Callable[[int, int, Sequence[int] | None], list[dict[str, Any]]], window: Window
) -> list[dict[str, Any]]:
    """Return the rows between a window's first and last id, in as many requests as NetBox's MAX_PAGE_SIZE makes it."""
    last = window.ids[-1]
    start, rows = window.ids[0], list[dict[str, Any]]()
    while start <= last and len(rows) < len(window.ids):
        got = page(start, len(window.ids) - len(rows), window.ids if window.picked else None)
        rows += [row for row in got if int(row["id"]) <= last]
        if not got:
            break
        start = int(got[-1]["id"]) + 1
    return rows
