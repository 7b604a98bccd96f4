# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory keeps from one start to the next: the rows that were read, and the hosts made of them.

It is one text, whatever the cache plugin: those write dictionaries of ten thousand hosts slower than NetBox gives them.
A text that is damaged, of another NetBox, token, version or option is of no use, and never mixed with what is read.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import timedelta
from typing import Any

from ..connection import NetBoxConnection
from ..netbox.changes import (
    NoIncrementError,
    affected,
    ask_changes,
    contexts_changed,
    earlier,
    mark_changes,
    newest_change,
    tables_changed,
    updated,
)
from ..netbox.client import NetBox
from ..netbox.custom_fields import moment, read_custom_fields
from ..netbox.failures import Refused
from ..netbox.lists import Rows as ListRows
from ..netbox.objects import Related
from ..netbox.read import read_rows
from ..netbox.selection import Selection
from ..netbox.snapshot import Assignments, Keeper, Mark, Rows, Snapshot, decode, encode, read_contexts
from ..netbox.tables import read_related
from .needs import Needs
from .options import Options

FORMAT = 1
#: changes are looked at again that are no older than this at the time of the last reading: a long transaction shows its
#: changes with the times of its beginning
LOOKBACK = timedelta(minutes=10)
#: where more than this share of the objects has to be read again, reading everything is as quick
MOST = 0.5
#: list -> types of NetBox whose changes show in its rows; what is not named is read again after any change
SHOWN_IN: Mapping[str, frozenset[str]] = {
    "ipam/services/": frozenset(
        {"ipam.service", "ipam.ipaddress", "dcim.device", "virtualization.virtualmachine", "extras.tag"}
    ),
    "virtualization/virtual-disks/": frozenset(
        {"virtualization.virtualdisk", "virtualization.virtualmachine", "extras.tag"}
    ),
}


class Finished:
    """Takes the hosts of an inventory as they are made, to serve when NetBox fails. Small: compressed at once."""

    def __init__(self, scope: Mapping[str, str], time: float, groups: Iterable[Any]) -> None:
        self._packer = zlib.compressobj(3)
        self._pieces: list[bytes] = []
        self.add({"format": FORMAT, "scope": dict(scope), "time": time, "groups": list(groups)})

    def add(self, entry: Any) -> None:
        """Take one host, as JSON has it."""
        self._pieces.append(self._packer.compress(json.dumps(entry, separators=(",", ":")).encode() + b"\n"))

    def text(self) -> str:
        """Return all of it as one text. Nothing can be added any more."""
        return _sealed(b"".join((*self._pieces, self._packer.flush())))


def finished(text: Any, scope: Mapping[str, str]) -> tuple[dict[str, Any], list[Any]]:
    """Return the head and the hosts of a text that `Finished` made. Raises ValueError where it is not of `scope`."""
    head, *hosts = (json.loads(line) for line in _opened(text).splitlines())
    if head["format"] != FORMAT:
        raise ValueError("it is of another version of this collection")
    different = [what for what, value in scope.items() if head["scope"].get(what) != value]
    if different:
        raise ValueError(f"{' and '.join(different)} changed since it was written")
    return head, hosts


def _sealed(packed: bytes) -> str:
    body = base64.b85encode(packed).decode()
    return f"{hashlib.sha256(body.encode()).hexdigest()[:16]}:{body}"


def _opened(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError("there is nothing of this plugin in it")
    digest, dummy, body = text.partition(":")
    if hashlib.sha256(body.encode()).hexdigest()[:16] != digest:
        raise ValueError("it is damaged")
    return zlib.decompress(base64.b85decode(body))


def pack(content: Mapping[str, Any]) -> str:
    """Return content as one text, with a digest of it before."""
    return _sealed(zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 3))


def unpack(text: Any) -> dict[str, Any]:
    """Return what `pack` made a text of. Raises ValueError for everything else."""
    content = json.loads(_opened(text))
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError("it is of another version of this collection")
    return content


def asked(connection: NetBoxConnection, *what: Any) -> dict[str, str]:
    """Return whose content it is, as far as it is known without asking: NetBox, who asks, and what is asked for."""
    who = json.dumps([connection.token, sorted(connection.headers.items())])
    return {
        "the address of NetBox": connection.url,
        "the token": hashlib.sha256(who.encode()).hexdigest()[:16],
        "the options": hashlib.sha256(_stable(what).encode()).hexdigest()[:16],
    }


def _stable(value: Any) -> str:
    """Return a value as a text that is the same in every run: the order of a set is not."""
    if is_dataclass(value):
        return _stable([(entry.name, getattr(value, entry.name)) for entry in fields(value)])
    if isinstance(value, set | frozenset):
        return f"{{{','.join(sorted(map(_stable, value)))}}}"
    if isinstance(value, Mapping):
        return _stable([(name, value[name]) for name in sorted(value, key=str)])
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_stable, value))}]"
    return repr(value)


@dataclass(slots=True)
class Lists:
    """Lists that hang on hosts: read, or as they were where nothing changed that shows in them.

    `kept`: rows by path and question; `changed`: types of NetBox that changed since; None: nothing is known.
    """

    kept: Mapping[str, ListRows] = field(default_factory=dict)
    changed: frozenset[str] | None = None
    keeps: bool = False
    now: dict[str, ListRows] = field(default_factory=dict)

    def rows(self, path: str, question: Any, read: Callable[[], Iterable[ListRows]]) -> Iterable[dict[str, Any]]:
        """Return the rows of a list. `question`: what else decides which rows these are."""
        name = f"{path} {hashlib.sha256(repr(question).encode()).hexdigest()[:12]}"
        if name in self.kept and self.changed is not None and self._still(path):
            self.now[name] = self.kept[name]
            return self.now[name]
        if not self.keeps:
            return (row for page in read() for row in page)
        self.now[name] = [row for page in read() for row in page]
        return self.now[name]

    def _still(self, path: str) -> bool:
        changed = self.changed or frozenset()
        return changed.isdisjoint(SHOWN_IN[path]) if path in SHOWN_IN else not changed


@dataclass(slots=True)
class Reading:
    """How the objects are read: `rows` where they are known; else they are to be read, and `keeper` takes them."""

    related: Related
    lists: Lists
    rows: Rows | None = None
    keeper: Keeper | None = None
    note: str = ""
    _mark: Mark | None = None
    _time: str = ""
    _contexts: Assignments = field(default_factory=dict)

    def content(self, scope: Mapping[str, str], kinds: Sequence[str]) -> dict[str, Any] | None:
        """Return what is to be kept when all was read, None where the next start could make nothing of it."""
        rows = self.keeper.rows if self.keeper is not None else self.rows
        if self._mark is None or rows is None:
            return None
        rows = {kind: rows.get(kind, {}) for kind in kinds}
        snapshot = Snapshot(dict(scope), self._mark, self._time, self._time, rows, self.related, self._contexts)
        return {"format": FORMAT, "scope": dict(scope), "snapshot": encode(snapshot), "lists": self.lists.now}


def read_whole(netbox: NetBox) -> Reading:
    """Return the reading of an inventory without a cache."""
    return Reading(read_related(netbox), Lists())


def read_kept(
    netbox: NetBox, kept: Any, scope: Mapping[str, str], options: Options, wants: Needs, selection: Selection | None
) -> Reading:
    """Return the reading of an inventory with a cache: `kept` is what was in it. Where NetBox cannot tell what changed
    since, everything is read.
    """
    try:
        return _changed(netbox, kept, scope, options, wants, selection)
    except NoIncrementError as reason:
        return _begin(netbox, wants, f"NetBox is read as a whole: {reason}")


def _changed(
    netbox: NetBox, kept: Any, scope: Mapping[str, str], options: Options, wants: Needs, selection: Selection | None
) -> Reading:
    if kept is None:
        raise NoIncrementError("there is nothing in the cache")
    try:
        content = unpack(kept)
        different = [what for what, value in scope.items() if content["scope"].get(what) != value]
        if different:
            raise NoIncrementError(f"{' and '.join(different)} changed since the cache was written")
        snapshot = decode(content["snapshot"], netbox)
        lists = content["lists"]
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise NoIncrementError(f"the cache is of no use: {error}") from None
    now = _now(netbox, snapshot.read)
    changes = ask_changes(netbox, snapshot, options.kinds, LOOKBACK)
    related = read_related(netbox) if tables_changed(snapshot, changes) else snapshot.related
    contexts = snapshot.contexts
    if wants.wanted.reads("config_context") and contexts_changed(changes):
        contexts = read_contexts(netbox)
    found = affected(snapshot, changes, related, contexts)
    again = {kind: set(ids) for kind, ids in found.again.items()}
    if selection is not None:
        for kind in options.kinds:
            chosen = selection.ids.get(kind, frozenset())
            again[kind] = (again.get(kind, set()) & chosen) | (chosen - snapshot.rows.get(kind, {}).keys())
    number = sum(map(len, again.values()))
    if number > MOST * max(1, sum(map(len, snapshot.rows.values()))):
        raise NoIncrementError(f"{number} objects have to be read again, and that is most of them")
    keeper = Keeper(read_custom_fields(netbox))
    picked = Selection({kind: frozenset(ids) for kind, ids in again.items() if ids})
    for kind, some in read_rows(netbox, ids=picked, wanted=wants.wanted, kinds=options.kinds) if number else ():
        keeper.keep(kind, some)
    rows = updated(snapshot.rows, keeper.rows, found)
    for kind in options.kinds:
        have = rows.get(kind, {})
        if selection is not None:
            chosen = selection.ids.get(kind, frozenset())
            rows[kind] = {one: row for one, row in have.items() if one in chosen}
        expected = changes.counts[kind] if selection is None else len(chosen)
        if len(rows[kind]) != expected:
            raise NoIncrementError(f"NetBox has {expected} objects, and the cache with what changed {len(rows[kind])}")
    types = frozenset(change.type for change in changes.changes)
    if any(changes.touched.values()):
        types |= {"dcim.device", "virtualization.virtualmachine"}
    return Reading(
        related=related,
        lists=Lists(lists, types, keeps=True),
        rows=rows,
        note=f"{number} objects were read, the others are from the cache",
        _mark=changes.mark,
        _time=now,
        _contexts=contexts,
    )


def _begin(netbox: NetBox, wants: Needs, note: str) -> Reading:
    """Return a reading of everything, with what the next start needs to ask what changed."""
    whole = Reading(read_related(netbox), Lists(keeps=True), keeper=Keeper(read_custom_fields(netbox)), note=note)
    try:
        newest = newest_change(netbox)
        if newest is None:
            whole.note += "; its changelog is empty, so that the next start cannot ask what changed"
            return whole
        whole._time = _now(netbox, newest.time)
        whole._mark = mark_changes(netbox, newest, earlier(whole._time, LOOKBACK))
        whole._contexts = read_contexts(netbox) if wants.wanted.reads("config_context") else {}
    except Refused as error:
        if error.status != 403:
            raise
        whole._mark = None
        whole.note += "; the token may not see its changelog, so that each start reads everything"
    return whole


def _now(netbox: NetBox, otherwise: str) -> str:
    """Return NetBox's time, or one that is not later where it does not tell."""
    clock = netbox.clock
    return otherwise if clock is None else moment(clock.isoformat()) or otherwise


def of_netbox(netbox: NetBox) -> dict[str, str]:
    """Return what of NetBox itself must be the same for rows to be of use."""
    known = read_custom_fields(netbox).by_name
    described = sorted((name, item.type, sorted(item.kinds)) for name, item in known.items())
    return {
        "NetBox's version": ".".join(map(str, netbox.version)),
        "the way NetBox is read": netbox.reader,
        "the custom fields": hashlib.sha256(repr(described).encode()).hexdigest()[:16],
    }
