# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which part of the estate a run is over: by NetBox's filters, by names, by ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError, nearest
from .client import IDS_IN_ADDRESS, NetBox
from .custom_fields import read_custom_fields
from .failures import Refused
from .filters import KNOWN_UNTIL, NOT_FILTERS, Filters, known_filters
from .names import read_names
from .objects import USUAL_KINDS
from .rows import KINDS

#: kind -> filter -> value or list of values
KindFilters = Mapping[str, Any]

#: bytes of names, as they are encoded in an address, that one REST request asks for
NAMES_IN_ADDRESS = 2500
#: how NetBox's lists answer with no more than the ids
_IDS_ONLY = {"fields": "id,name", "exclude": "config_context"}
_TRUE_FALSE = frozenset(("true", "false"))


@dataclass(frozen=True, slots=True)
class Selection:
    """The ids of the selected objects, by kind; a kind without an entry has none."""

    ids: dict[str, frozenset[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.ids.values()))


def check_filters(netbox: NetBox, filters: KindFilters, kinds: Sequence[str] = USUAL_KINDS) -> None:
    """Raise InputError for every filter that NetBox would ignore: it ignores what it does not know, and selects all."""
    problems: list[str] = []
    for kind, wanted in filters.items():
        if kind not in KINDS:
            problems.append(f"filters: {kind!r} is not a kind of object.{nearest(kind, kinds) or _kinds(kinds)}")
        elif kind not in kinds:
            problems.append(f"filters: {_not_read(kind)}")
        elif not isinstance(wanted, Mapping):
            problems.append(f"filters of {kind}: a dictionary of NetBox's filters is expected, not {wanted!r}")
        else:
            problems += _check(netbox, kind, wanted)
    if problems:
        raise InputError(problems)


def _kinds(kinds: Sequence[str]) -> str:
    return f" There are {' and '.join(kinds)}."


def _not_read(kind: str) -> str:
    return f"{kind.replace('_', ' ')}s are not read unless the option {kind}s is true"


def filters_of(netbox: NetBox, kind: str, wanted: Iterable[str]) -> Filters:
    """Return the filters that NetBox has for a kind of object. `wanted`: where one of these is not known, a NetBox that
    is newer than our tables is asked.
    """
    filters = known_filters(kind, netbox.version, read_custom_fields(netbox).of(kind))
    unknown = [name for name in wanted if name not in filters.names and name not in NOT_FILTERS]
    if unknown and netbox.version[:2] > KNOWN_UNTIL:
        known: Filters = netbox.remember(f"filters {kind}", lambda: _from_schema(netbox, kind, filters))
        return known
    return filters


def _check(netbox: NetBox, kind: str, wanted: Mapping[str, Any]) -> Iterator[str]:
    filters = filters_of(netbox, kind, wanted)
    for name, value in wanted.items():
        where = f"filters of {kind}: {name!r}"
        if name in NOT_FILTERS:
            yield f"{where} selects nothing, it only changes what NetBox shows"
        elif name not in filters.names:
            version = ".".join(map(str, netbox.version))
            yield f"{where} is no filter of NetBox {version}, which would ignore it.{nearest(name, filters.names)}"
        else:
            yield from _check_values(where, value, boolean=name in filters.boolean)


def _check_values(where: str, value: Any, *, boolean: bool) -> Iterator[str]:
    """Yield what is wrong with a filter's values: NetBox ignores empty ones as well."""
    values = _values(value)
    if not values:
        yield f"{where} has no value, and NetBox would ignore it"
    for item in values:
        if isinstance(item, dict | list):
            yield f"{where} takes a value or a list of values, not {item!r}"
        elif item is None or not str(item).strip():
            yield f'{where} has an empty value, which NetBox would ignore; "null" stands for objects that have none'
        elif boolean and str(item).lower() not in _TRUE_FALSE:
            yield f"{where} takes true or false, not {item!r}"


def _values(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from_schema(netbox: NetBox, kind: str, known: Filters) -> Filters:
    """Return the filters by NetBox's own schema document: slow, and only for a NetBox newer than our tables."""
    document = netbox.get("schema/", {"format": "json"})
    parameters = document["paths"][f"/api/{KINDS[kind].path}"]["get"]["parameters"]
    types = {item["name"]: item.get("schema", {}).get("type") for item in parameters}
    # The document leaves custom fields out; of the others it decides, also against our tables.
    names = set(types) - NOT_FILTERS | {name for name in known.names if name.startswith("cf_")}
    boolean = {name for name, kind_of_value in types.items() if kind_of_value == "boolean"} | known.boolean
    return Filters(frozenset(names), frozenset(boolean))


def select(
    netbox: NetBox,
    filters: KindFilters | None = None,
    names: Iterable[str] = (),
    ids: Iterable[str] = (),
    kinds: Sequence[str] = USUAL_KINDS,
    gone: list[str] | None = None,
) -> Selection:
    """Return what is named or given by reference (`device:123`), no more of it than the filters let pass.

    Names and references add to each other, filters narrow: with filters alone, all that they let pass; a kind that
    filters are not given for has none then. `kinds`: those that are read at all. `gone`: takes references that NetBox
    has no object for, which are wrong otherwise. Raises InputError for a wrong filter, an unknown name or reference.
    """
    named, given = list(names), list(ids)
    found: dict[str, set[int]] = defaultdict(set)
    problems: list[str] = []
    for source, problem in (_by_name(netbox, named, kinds), _by_reference(netbox, given, kinds, gone)):
        for kind, numbers in source.items():
            found[kind] |= numbers
        problems += problem
    if problems:
        raise InputError(problems)
    if filters:
        check_filters(netbox, filters, kinds)
        passed = {kind: _by_filter(netbox, kind, wanted) for kind, wanted in filters.items()}
        enumerated = bool(named or given)
        found = defaultdict(
            set, {kind: numbers & found[kind] if enumerated else numbers for kind, numbers in passed.items()}
        )
    return Selection({kind: frozenset(numbers) for kind, numbers in found.items() if numbers})


def _by_filter(netbox: NetBox, kind: str, wanted: Mapping[str, Any]) -> set[int]:
    params = {name: [_text(item) for item in _values(value)] for name, value in wanted.items()}
    try:
        return {row["id"] for page in netbox.pages(KINDS[kind].path, {**params, **_IDS_ONLY}) for row in page}
    except Refused as error:
        if error.status != 400:
            raise
        raise InputError([f"filters of {kind}: NetBox says {error.detail!r}"]) from None


def _by_name(netbox: NetBox, names: Sequence[str], kinds: Sequence[str]) -> tuple[dict[str, set[int]], list[str]]:
    """Return the ids of all objects with exactly these names, and a text for each name that no object has."""
    wanted = {name for name in names if name.strip()}
    found: dict[str, set[int]] = {kind: set() for kind in kinds}
    seen: set[str] = set()

    def take(kind: str, number: int, name: str | None) -> None:
        if name in wanted:
            found[kind].add(number)
            seen.add(name)

    for chunk in _chunks(sorted(wanted)):
        for kind in kinds:
            for page in netbox.pages(KINDS[kind].path, {**_IDS_ONLY, "name": chunk}):
                for row in page:
                    take(kind, row["id"], row["name"])
    problems = [] if len(wanted) == len(set(names)) else ["An empty name selects nothing"]
    if wanted - seen:
        # NetBox compares names without regard to case, in a way that finds none with "ß" (4.6.8): look for oneself.
        everything = read_names(netbox, kinds)
        for item in everything:
            take(*item)
        known = [entry[2] for entry in everything if entry[2]]
        no = f"NetBox has no {' or '.join(kind.replace('_', ' ') for kind in kinds)}"
        problems += [
            f"{no} called {name!r}.{nearest(name, known)}" for name in dict.fromkeys(names) if name in wanted - seen
        ]
    return found, problems


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield lists of names that fit into the address of a request, where a letter may become three or more bytes."""
    chunk: list[str] = []
    size = 0
    for name in names:
        length = len("&name=") + 3 * len(name.encode())
        if chunk and size + length > NAMES_IN_ADDRESS:
            yield chunk
            chunk, size = [], 0
        chunk.append(name)
        size += length
    if chunk:
        yield chunk


def _by_reference(
    netbox: NetBox, references: Sequence[str], kinds: Sequence[str], gone: list[str] | None
) -> tuple[dict[str, set[int]], list[str]]:
    """Return the ids of these references, and a text for each that is malformed or of no object."""
    wanted: dict[str, set[int]] = {kind: set() for kind in kinds}
    problems: list[str] = []
    for reference in references:
        kind, dummy, number = str(reference).partition(":")
        whole = number.isascii() and number.isdigit()
        if kind in kinds and whole:
            wanted[kind].add(int(number))
        elif kind in KINDS and whole:
            problems.append(f"{reference!r}: {_not_read(kind)}")
        else:
            problems.append(
                f"{reference!r} is no reference to a NetBox object, such as device:123 or virtual_machine:45"
            )
    found: dict[str, set[int]] = {kind: set() for kind in kinds}
    for kind, numbers in wanted.items():
        ordered = sorted(numbers)
        for at in range(0, len(ordered), IDS_IN_ADDRESS):
            params = {**_IDS_ONLY, "id": ordered[at : at + IDS_IN_ADDRESS]}
            found[kind].update(row["id"] for page in netbox.pages(KINDS[kind].path, params) for row in page)
        missing = sorted(numbers - found[kind])
        if gone is None:
            problems += [f"NetBox has no {kind.replace('_', ' ')} with the id {number}" for number in missing]
        else:
            gone += [f"{kind}:{number}" for number in missing]
    return found, problems
