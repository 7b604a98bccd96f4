"""NetBox's orders: names with their numbers compared as numbers, trees depth first, addresses by value."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .fields import Row, Table

if TYPE_CHECKING:
    from .store import Store

PIECES = re.compile(r"\d+|\D")
# ICU (PostgreSQL's collation "natural_sort") has punctuation, in this order, before digits and these before letters.
PUNCTUATION = {sign: place for place, sign in enumerate(" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$")}


@lru_cache(maxsize=200_000)
def natural(value: str) -> tuple[Any, ...]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", value) if not unicodedata.combining(sign))
    pieces: list[tuple[int, Any]] = []
    for piece in PIECES.findall(plain.casefold()):
        if piece.isdecimal():
            pieces.append((2, int(piece)))
        elif piece in PUNCTUATION:
            pieces.append((1, PUNCTUATION[piece]))
        else:
            pieces.append((3, piece))
    return (tuple(pieces), value.swapcase())


@lru_cache(maxsize=200_000)
def address_key(value: str) -> tuple[int, int, int]:
    interface = ipaddress.ip_interface(value)
    return (interface.version, int(interface.ip), interface.network.prefixlen)


INTERFACE = re.compile(
    r"([^\d.:]+)?(?:(\d+)/)?(?:(\d+)/)?(?:(\d+)/)?(?:(\d+)/)?(\d+)?(?::(\d+))?(?:\.(\d+))?(.*)", re.DOTALL
)


@lru_cache(maxsize=200_000)
def interface_key(name: str) -> str:
    """As NetBox sorts interfaces: by slots, those without any last, then by kind, number, channel and the rest."""
    matched = INTERFACE.match(name)
    assert matched is not None
    kind, *slots, number, channel, part, rest = matched.groups()
    place = "".join("9999" if slot is None else slot.rjust(4, "0") for slot in slots)
    last = "".join("......" if one is None else one.rjust(6, "0") for one in (number, channel, part))
    return place + (kind or "") + last + re.sub(r"\d+", lambda found: found[0].rjust(8, "0"), rest)


def sort_key(value: Any, name: str = "", naturally: bool = False) -> tuple[Any, ...]:
    """None comes last, as PostgreSQL has it."""
    if value is None:
        return (1,)
    if isinstance(value, str):
        if name in ("address", "prefix"):
            return (0, address_key(value))
        # Other texts are sorted as the database's locale has it; that of the recorded NetBox goes by code point.
        return (0, natural(value) if naturally else value)
    if name == "ports":
        return (0, min(value))
    if isinstance(value, (list, tuple, dict)):
        return (0, str(value))
    return (0, value)


def tree_order(rows: Iterable[Row]) -> list[Row]:
    """Depth first, siblings by name. (NetBox has those that came in one request in the order of the request.)"""
    children: dict[Any, list[Row]] = {}
    for row in rows:
        children.setdefault(row["parent"], []).append(row)
    ordered: list[Row] = []
    waiting = sorted(children.get(None, ()), key=lambda row: (row["name"], row["id"]), reverse=True)
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting.extend(sorted(children.get(row["id"], ()), key=lambda row: (row["name"], row["id"]), reverse=True))
    return ordered


def default_order(store: Store, table: Table) -> list[int]:
    rows: Iterable[Row] = store.tables[table.path].values()
    order = table.order
    if "tree" in order:
        rows = tree_order(rows)
        order = tuple(name for name in order if name != "tree")
    return [row["id"] for row in by_fields(store, table, rows, order)]


def by_fields(store: Store, table: Table, rows: Iterable[Row], order: Iterable[str]) -> list[Row]:
    """Stable sort by several fields, the last one first; a leading minus turns one around."""
    ordered = list(rows)
    for name in reversed(tuple(order)):
        plain = name.lstrip("-")
        if plain == "_name":
            ordered.sort(key=lambda row: interface_key(row["name"]), reverse=name.startswith("-"))
            continue
        field = table.field(plain)
        if plain != "id" and field is None:
            continue
        if field is not None and field.kind == "ref":
            places = {number: place for place, number in enumerate(store.order(field.target))}
            ordered.sort(key=lambda row: sort_key(places.get(row[plain])), reverse=name.startswith("-"))
        elif field is None or field.stored:
            naturally = field is not None and field.natural
            ordered.sort(
                key=lambda row: sort_key(row[plain], plain, naturally),
                reverse=name.startswith("-"),
            )
    return ordered
