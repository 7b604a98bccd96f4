# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading the whole estate of NetBox: everything, or what changed since the snapshot of an earlier run.

Both give the same objects. Everything is read whenever it is not certain that the snapshot and NetBox's changelog
tell the same as NetBox itself would; the result says that it was, and why. All times are NetBox's: the clock of the
machine that this runs on decides nothing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..errors import InputError, NetBoxError, StateError
from ..netbox.changes import (
    LOG,
    Affected,
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
from ..netbox.names import Name, count, read_chassis_members, read_names
from ..netbox.objects import DEVICE, NetBoxObject, Related
from ..netbox.read import read_objects
from ..netbox.selection import Selection
from ..netbox.snapshot import (
    Assignments,
    Keeper,
    Mark,
    Rows,
    Snapshot,
    build_objects,
    decode,
    encode,
    links_of,
    prefers_ipv4,
    read_contexts,
)
from ..netbox.tables import read_related
from ..reconcile.places import ROLE, SITE, Place, placed
from ..state.documents import Kind, document_text, read_document, server_name
from ..state.store import Store, pack
from .result import Progress

#: everything is read; what changed, wherever that is possible; the same, and everything once in a while
FULL, INCREMENTAL, AUTO = "full", "incremental", "auto"
MODES = (FULL, INCREMENTAL, AUTO)
SNAPSHOT = Kind("snapshot of NetBox", 2)
#: where more than this share of the objects has to be read again, reading everything is as quick
MOST = 0.5
#: how much two looks at NetBox's clock may differ
INEXACT = timedelta(minutes=1)
#: what the questions bring though nothing is new: after so much the snapshot is written again, or all of it would come
#: in every run
IDLE = 500
#: the part of a scope that costs a request to find out
READER = "the way NetBox is read"


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How NetBox is read. `policy`: a digest of it; `masters`: whether members of virtual chassis are needed.

    `store`: where the snapshot is, None for nowhere; `keep`: whether it is written; `lookback_minutes`: how much older
    than the snapshot a change may be that it does not hold; `full_every_hours`: how old the last full reading may be in
    mode `auto`.
    """

    instance: str
    kinds: tuple[str, ...]
    roots: frozenset[str]
    policy: str
    masters: bool = False
    mode: str = FULL
    store: Store | None = None
    keep: bool = True
    lookback_minutes: float = 10
    full_every_hours: float = 24


@dataclass(slots=True)
class Reading:
    """What was read of NetBox before its objects, and how they come.

    `why`: why everything is read; empty where only what changed is, `again` of them. `pages` leaves out the identities
    that it is given. `keep` ends the reading when all objects came: it writes the snapshot and returns what did not
    work.

    `snapshot`: the id of the one that was read, `touched`: identities of objects that may be others than there, None
    where all may be; `kept`: the id of the one that is in the store after `keep`. `prefers_ipv4`: see `snapshot`.
    `places` tells where objects belong that are not built.
    """

    related: Related
    names: list[Name]
    members: dict[int, int] | None
    pages: Callable[[Collection[str]], Iterator[list[NetBoxObject]]]
    why: str = ""
    again: int = 0
    keep: Callable[[], list[str]] = list
    notes: list[str] = field(default_factory=list)
    snapshot: str = ""
    touched: frozenset[str] | None = None
    kept: str = ""
    prefers_ipv4: Callable[[], bool | None] = lambda: None
    places: Callable[[Collection[str]], dict[str, Place]] = lambda refs: {}

    @property
    def note(self) -> str:
        """How NetBox was read, as a sentence."""
        if self.why:
            return f"NetBox was read as a whole: {self.why}."
        return f"Of NetBox only what changed was read, {self.again} objects; the others are from the snapshot."


def policy_digest(*parts: Any) -> str:
    """Return a digest of what a policy is made of."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_whole(netbox: NetBox, options: ReadingOptions, progress: Progress) -> Reading:
    """Read the whole estate, as `options` say. Raises InputError for a wrong option, NetBoxError."""
    if options.mode not in MODES:
        raise InputError([f'mode is "{options.mode}"; it is {", ".join(MODES)}'])
    try:
        if options.mode == FULL:
            raise NoIncrementError("the mode is full")
        if options.store is None:
            raise NoIncrementError("there is no state store to keep a snapshot in")
        return _read_changed(netbox, options, options.store, progress)
    except NoIncrementError as reason:
        return _read_everything(netbox, options, options.store, str(reason), progress)


def _scope(netbox: NetBox, options: ReadingOptions) -> dict[str, Any]:
    """Return what must be the same for a snapshot to be of use, by what it is called in a message; but for `READER`,
    which matters where something is read.
    """
    custom_fields = read_custom_fields(netbox).by_name
    described = sorted((name, item.type, sorted(item.kinds)) for name, item in custom_fields.items())
    return {
        "NetBox's version": ".".join(map(str, netbox.version)),
        "the kinds of objects": list(options.kinds),
        "the custom fields": policy_digest(described),
        "the policy": options.policy,
    }


def snapshot_name(netbox: str, instance: str) -> str:
    """Return under which name the snapshot of the NetBox at this address is in the store."""
    digest = hashlib.sha256(instance.encode()).hexdigest()[:8]
    return f"snapshots/{server_name(netbox)}-{digest}"


def _name(netbox: NetBox, options: ReadingOptions) -> str:
    return snapshot_name(netbox.url, options.instance)


def _now(netbox: NetBox, otherwise: str) -> str:
    """Return NetBox's time, or a time that is not later where it does not tell."""
    clock = netbox.clock
    return otherwise if clock is None else moment(clock.isoformat()) or otherwise


# --- what changed


def _read_changed(netbox: NetBox, options: ReadingOptions, store: Store, progress: Progress) -> Reading:
    """Read what changed since the snapshot. Raises NoIncrementError where that would not do."""
    snapshot = _load(netbox, options, store)
    _check_scope(snapshot, _scope(netbox, options))
    lookback = timedelta(minutes=options.lookback_minutes)
    now = _now(netbox, snapshot.read)
    _check_age(options, snapshot, now, lookback)
    progress("asking NetBox what changed")
    changes = ask_changes(netbox, snapshot, options.kinds, lookback)
    found = Affected({}, {})
    rows, related, contexts = snapshot.rows, snapshot.related, snapshot.contexts
    if changes.any:
        _check_scope(snapshot, {READER: netbox.reader})
        if contexts_changed(changes):
            contexts = read_contexts(netbox)
        if tables_changed(snapshot, changes):
            related = read_related(netbox)
        found = affected(snapshot, changes, related, contexts)
        again = sum(map(len, found.again.values()))
        if again > MOST * sum(map(len, rows.values())):
            raise NoIncrementError(f"{again} objects have to be read again, and that is most of them")
        rows = updated(rows, _read_again(netbox, options, related, found, progress), found)
    for kind, number in changes.counts.items():
        if len(rows.get(kind, ())) != number:
            raise NoIncrementError(
                f"NetBox has {number} {kind.replace('_', ' ')}s, and the snapshot with its changelog gives "
                f"{len(rows.get(kind, ()))}"
            )
    # an unchanged estate needs no new snapshot
    moved = changes.any or changes.answered > IDLE
    new = _new_id() if moved else snapshot.id
    fresh = Snapshot(snapshot.scope, changes.mark, now, snapshot.whole, rows, related, contexts, new)

    # made here, while Zabbix is still being read
    packed = _packed(netbox, fresh) if moved and options.keep else b""

    def keep() -> list[str]:
        notes = _keep(netbox, options, store, packed) if packed else []
        reading.kept = fresh.id if not moved or (packed and not notes) else ""
        return notes

    # a renamed site shows in objects whose rows are the same
    same_tables = related is snapshot.related
    reading = Reading(
        related=related,
        names=[
            (kind, number, rows[kind][number]["name"] or None)
            for kind in options.kinds
            for number in sorted(rows[kind])
        ],
        members=_members(rows) if options.masters else None,
        pages=lambda without: build_objects(netbox, related, rows, options.roots, options.kinds, without),
        again=sum(map(len, found.again.values())),
        keep=keep,
        snapshot=snapshot.id,
        touched=frozenset(f"{kind}:{one}" for kind, ids in found.again.items() for one in ids) if same_tables else None,
        prefers_ipv4=lambda: prefers_ipv4(netbox, related, rows),
        places=lambda refs: _places(rows, related, refs),
    )
    return reading


def _places(rows: Rows, related: Related, refs: Collection[str]) -> dict[str, Place]:
    numbers = ((ref, site, role) for ref, (site, role) in links_of(rows, refs, (SITE, ROLE)))
    names = {name: {one: row["name"] for one, row in related.tables[name].items()} for name in (SITE, ROLE)}
    return placed(numbers, names)


def _new_id() -> str:
    return secrets.token_hex(8)


def _load(netbox: NetBox, options: ReadingOptions, store: Store) -> Snapshot:
    try:
        document = read_document(store, _name(netbox, options), SNAPSHOT, {"netbox": netbox.url})
    except StateError as error:
        raise NoIncrementError(f"the snapshot is of no use: {error}".rstrip(".")) from None
    if document is None:
        raise NoIncrementError("there is no snapshot yet")
    try:
        return decode(document.content, netbox)
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise NoIncrementError(f"the snapshot is damaged ({error!r})") from None


def _check_scope(snapshot: Snapshot, scope: Mapping[str, Any]) -> None:
    different = [what for what, value in scope.items() if snapshot.scope.get(what) != value]
    if different:
        raise NoIncrementError(f"since the snapshot was made, {' and '.join(different)} changed")


def _check_age(options: ReadingOptions, snapshot: Snapshot, now: str, lookback: timedelta) -> None:
    age = datetime.fromisoformat(now) - datetime.fromisoformat(snapshot.read)
    if age < -max(lookback, INEXACT):
        raise NoIncrementError(
            f"by NetBox's clock it is {now}, and the snapshot is of {snapshot.read}, which is yet to come"
        )
    if options.mode == AUTO:
        since_whole = datetime.fromisoformat(now) - datetime.fromisoformat(snapshot.whole)
        if since_whole >= timedelta(hours=options.full_every_hours):
            raise NoIncrementError(
                f"the last full reading is of {snapshot.whole}, and one is due every {options.full_every_hours:g} hours"
            )


def _read_again(netbox: NetBox, options: ReadingOptions, related: Related, found: Affected, progress: Progress) -> Rows:
    keeper = Keeper(read_custom_fields(netbox))
    selection = Selection({kind: ids for kind, ids in found.again.items() if ids})
    if len(selection):
        progress(f"reading {len(selection)} changed objects")
        for dummy in read_objects(
            netbox,
            related,
            ids=selection,
            roots=options.roots,
            kinds=options.kinds,
            keep=keeper.keep if keeper else None,
        ):
            pass  # the keeper has the rows; objects are built of all of them together
    return keeper.rows


def _members(rows: Rows) -> dict[int, int]:
    found = rows.get(DEVICE, {})
    return {number: row["virtual_chassis"] for number, row in found.items() if row["virtual_chassis"] is not None}


# --- everything


def _read_everything(
    netbox: NetBox, options: ReadingOptions, store: Store | None, why: str, progress: Progress
) -> Reading:
    """Read everything; with a snapshot of it, unless nobody reads increments here."""
    notes: list[str] = []
    keeper: Keeper | None = None
    start: _Start | None = None
    if store is not None and _wanted(netbox, options, store, notes):
        # before anything else is read: what changes meanwhile is told by the next run
        start = _begin(netbox, options, notes)
        keeper = Keeper(read_custom_fields(netbox)) if start else None
    with ThreadPoolExecutor(2) as others:
        # how NetBox is read is found out once, before three readers want to know
        progress(f"reading NetBox {'.'.join(map(str, netbox.version))} by {netbox.reader}")
        reading_related = others.submit(read_related, netbox)
        counting = others.submit(count, netbox, options.kinds)
        # host names are unique over the whole estate, so that a run over a part gives the same names
        names = read_names(netbox, options.kinds)
        _check_counts(counting.result(), names)
        related = reading_related.result()

    def pages(dummy: Collection[str]) -> Iterator[list[NetBoxObject]]:
        return read_objects(
            netbox,
            related,
            ids=None,
            roots=options.roots,
            names=names,
            kinds=options.kinds,
            keep=keeper.keep if keeper else None,
        )

    def keep() -> list[str]:
        if store is None or start is None or keeper is None:
            return []
        rows = {kind: keeper.rows.get(kind, {}) for kind in options.kinds}
        scope = {**_scope(netbox, options), READER: netbox.reader}
        whole = Snapshot(scope, start.mark, start.time, start.time, rows, related, start.contexts, _new_id())
        failed = _keep(netbox, options, store, _packed(netbox, whole))
        reading.kept = "" if failed else whole.id
        return failed

    members = read_chassis_members(netbox) if options.masters else None
    reading = Reading(related, names, members, pages, why, 0, keep, notes)
    if keeper is not None:
        rows = keeper.rows
        reading.prefers_ipv4 = lambda: prefers_ipv4(netbox, related, rows)
    return reading


def _wanted(netbox: NetBox, options: ReadingOptions, store: Store, notes: list[str]) -> bool:
    if options.mode != FULL or not options.keep:
        return options.keep
    try:
        return bool(store.list(_name(netbox, options)))
    except StateError as error:
        notes.append(f"No snapshot was kept: {error}")
        return False


@dataclass(frozen=True, slots=True)
class _Start:
    """What is noted before a full reading."""

    mark: Mark
    time: str
    contexts: Assignments


def _begin(netbox: NetBox, options: ReadingOptions, notes: list[str]) -> _Start | None:
    try:
        newest = newest_change(netbox)
        if newest is None:
            notes.append(
                "No snapshot was kept: NetBox's changelog is empty, so the next run could not ask what changed."
            )
            return None
        now = _now(netbox, newest.time)
        mark = mark_changes(netbox, newest, earlier(now, timedelta(minutes=options.lookback_minutes)))
        return _Start(mark, now, read_contexts(netbox))
    except Refused as error:
        if error.status != 403:
            raise
        what = "changelog (core > object changes)" if LOG in str(error) else "config contexts"
        notes.append(f"No snapshot was kept: the token may not see NetBox's {what}, so that each run reads everything.")
        return None


def _packed(netbox: NetBox, snapshot: Snapshot) -> bytes:
    return pack(document_text(SNAPSHOT, encode(snapshot), {"netbox": netbox.url}))


def _keep(netbox: NetBox, options: ReadingOptions, store: Store, packed: bytes) -> list[str]:
    """Write the snapshot; return what did not work."""
    try:
        store.write_packed(_name(netbox, options), packed)
    except StateError as error:
        return [f"No snapshot was kept: {error}"]
    return []


def _check_counts(said: Mapping[str, int], names: Sequence[Name]) -> None:
    """Raise NetBoxError where NetBox counts otherwise than it lists."""
    found = Counter(entry[0] for entry in names)
    for kind, number in said.items():
        if found[kind] != number:
            raise NetBoxError(
                f"NetBox says it has {number} {kind.replace('_', ' ')}s and listed {found[kind]}: it is being "
                "changed in bulk, or its answers are not whole. Nothing was written; run again."
            )
