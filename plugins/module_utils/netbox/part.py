# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A few named objects in two GraphQL questions, however large the estate is: with all that they refer to, and with the
names of whichever others could be called alike.

What a list has is taken for whole only where another one of the same NetBox had a longer page, or an empty page
followed: NetBox cuts pages at its MAX_PAGE_SIZE without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .client import GRAPHQL, GRAPHQL_START, PAGE, NetBox
from .custom_fields import KINDS as OBJECT_TYPES
from .custom_fields import take_custom_fields
from .failures import NotUnderstood, Refused, out_of_order
from .names import Name
from .objects import NetBoxObject, Related
from .read import Window, make_builders
from .read_graphql import objects_selection
from .rows import KINDS, Wanted
from .selection import Selection
from .tables import TABLES, graphql_list, related_from

#: objects that are asked for in this way: more are read in windows, by several readers
MOST = 200


@dataclass(slots=True)
class Part:
    """What was read. `names`: of the selected objects, and of all whose names could be in their way."""

    related: Related
    selection: Selection
    names: list[Name]
    rows: dict[str, list[dict[str, Any]]]
    wanted: Wanted

    def pages(self, netbox: NetBox) -> Iterator[list[NetBoxObject]]:
        """Yield the selected objects, those of one kind after those of the other."""
        windows = [Window(kind, tuple(int(row["id"]) for row in rows), True) for kind, rows in self.rows.items()]
        builders = make_builders(netbox, self.related, self.wanted, windows, self.selection)
        for kind, rows in self.rows.items():
            if rows:
                yield list(map(builders[kind].build, rows))


@dataclass(slots=True)
class _List:
    """One list of a question, and the rows of it so far. `graphql`: its field; `filters`: as GraphQL writes them, with
    a variable; `variable`: its name, its type, and its value. `last`: how many rows the last page had.
    """

    graphql: str
    selection: str
    filters: str = ""
    variable: tuple[str, str, Any] | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    last: int = 0

    @property
    def after(self) -> int:
        """The id from which the next page is."""
        return int(self.rows[-1]["id"]) + 1 if self.rows else 0

    def text(self, alias: str) -> str:
        """Return the list as a part of a question, under a name of its own or, where that is empty, its usual one."""
        given = f"pagination: {{start: {self.after}, limit: {PAGE}}}"
        given += f", filters: {self.filters}" if self.filters else ""
        return f"{alias and f'{alias}: '}{self.graphql}({given}) {{{self.selection}}}"


def read_part(
    netbox: NetBox,
    names: Sequence[str],
    refs: Sequence[str],
    kinds: Sequence[str],
    roots: frozenset[str],
    alike: Callable[[Sequence[str | None]], str | None],
) -> Part | None:
    """Return the objects of these names and references; None where they are too many, where one is not found, or where
    this NetBox has to be read otherwise: whoever asks goes the longer way, which also tells what is wrong.

    `alike`: makes a regular expression of names that finds every object which could be called like one of them; None
    where no expression can tell.
    """
    if len(names) + len(refs) > MOST or netbox.version < GRAPHQL_START or not _sound(names, refs, kinds):
        return None
    wanted = Wanted(roots)
    tables = {name: _List(graphql_list(name), table.selection()) for name, table in TABLES.items()}
    picked = {kind: _picked(kind, names, refs, wanted) for kind in kinds}
    # with both names and references there would be too many lists of one field
    custom_fields = {} if names and refs else {one: _custom_fields(one) for one in OBJECT_TYPES}
    first = {
        **tables,
        **{f"{way}_{kind}": one for kind in kinds for way, one in picked[kind].items()},
        **{f"custom_{number}": one for number, one in enumerate(custom_fields.values())},
    }
    try:
        longest = _ask(netbox, first, 0)
    except NotUnderstood:
        return None  # its administrator allows smaller questions only, perhaps (GRAPHQL_MAX_ALIASES)
    except Refused as error:
        if error.status != 404:  # switched off by GRAPHQL_ENABLED
            raise
        return None
    netbox.reader = GRAPHQL
    pattern = alike([row["name"] for some in picked.values() for one in some.values() for row in one.rows])
    if pattern is None:
        return None
    namesakes = {
        kind: _List(KINDS[kind].graphql[0], "id name", "{name: {regex: $alike}}", ("alike", "String", pattern))
        for kind in kinds
    }
    todo = {alias: one for alias, one in first.items() if one.last == longest}
    todo |= {f"alike_{kind}": one for kind, one in namesakes.items()}
    while todo:
        longest = max(longest, _ask(netbox, todo, longest))
        todo = {alias: one for alias, one in todo.items() if one.last == longest}
    rows = {kind: _by_id(picked[kind].values()) for kind in kinds}
    if not _complete(rows, names, refs):
        return None
    if custom_fields:
        take_custom_fields(netbox, {object_type: one.rows for object_type, one in custom_fields.items()})
    return Part(
        related=related_from(netbox, {name: one.rows for name, one in tables.items()}),
        selection=Selection({kind: frozenset(some) for kind, some in rows.items() if some}),
        names=[
            (kind, number, row["name"] or None)
            for kind in kinds
            for number, row in sorted({**_by_id([namesakes[kind]]), **rows[kind]}.items())
        ],
        rows={kind: [some[number] for number in sorted(some)] for kind, some in rows.items()},
        wanted=wanted,
    )


def _sound(names: Sequence[str], refs: Sequence[str], kinds: Sequence[str]) -> bool:
    """Tell whether these are names and references at all."""
    parts = [ref.partition(":") for ref in refs]
    return all(name.strip() for name in names) and all(
        kind in kinds and number.isascii() and number.isdigit() for kind, dummy, number in parts
    )


def _picked(kind: str, names: Sequence[str], refs: Sequence[str], wanted: Wanted) -> dict[str, _List]:
    """Return the lists that hold the wanted objects of one kind."""
    found: dict[str, _List] = {}
    field_name, selection = KINDS[kind].graphql[0], objects_selection(kind, wanted)
    ids = [ref.partition(":")[2] for ref in refs if ref.partition(":")[0] == kind]
    if names:
        variable = ("names", "[String!]", list(names))
        found["named"] = _List(field_name, selection, "{name: {in_list: $names}}", variable)
    if ids:
        variable = (f"ids_{kind}", "[ID!]", ids)
        found["given"] = _List(field_name, selection, f"{{id: {{in_list: $ids_{kind}}}}}", variable)
    return found


def _custom_fields(object_type: str) -> _List:
    app, dummy, model = object_type.partition(".")
    filters = f'{{object_types: {{app_label: {{exact: "{app}"}}, model: {{exact: "{model}"}}}}}}'
    return _List("custom_field_list", "id name type filter_logic", filters)


def _ask(netbox: NetBox, lists: Mapping[str, _List], longest: int) -> int:
    """Ask for a page of each list; return how long the longest page was, of these and before."""
    variables = dict(one.variable[:2] for one in lists.values() if one.variable is not None)
    values = {one.variable[0]: one.variable[2] for one in lists.values() if one.variable is not None}
    declared = ", ".join(f"${name}: {kind}" for name, kind in variables.items())
    # NetBox takes ten names of our own in one question (GRAPHQL_MAX_ALIASES)
    often = Counter(one.graphql for one in lists.values())
    own = {alias: alias if often[one.graphql] > 1 else "" for alias, one in lists.items()}
    body = " ".join(one.text(own[alias]) for alias, one in lists.items())
    answer = netbox.graphql(f"query({declared}) {{{body}}}" if declared else f"{{{body}}}", values)
    for alias, one in lists.items():
        page = answer[own[alias] or one.graphql]
        if page and int(page[0]["id"]) < one.after:
            raise out_of_order(netbox.url, f"the list {one.graphql}")
        one.rows += page
        one.last = len(page)
    # an empty page ends a list whatever the others have
    return max(longest, 1, *(one.last for one in lists.values()))


def _by_id(lists: Iterable[_List]) -> dict[int, dict[str, Any]]:
    return {int(row["id"]): row for one in lists for row in one.rows}


def _complete(rows: Mapping[str, Mapping[int, Mapping[str, Any]]], names: Sequence[str], refs: Sequence[str]) -> bool:
    """Tell whether every name and every reference has an object."""
    found = {row["name"] for some in rows.values() for row in some.values()}
    there = {f"{kind}:{number}" for kind, some in rows.items() for number in some}
    return found.issuperset(names) and there.issuperset(refs)
