# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Long lists of REST, whole, by several readers: what belongs to hosts and has no table of ours (interfaces, services).

A list is cut into ranges of ids. Each reader follows NetBox's pages within its range, and what all of them found is
checked against NetBox's own count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..errors import NetBoxError
from .client import IDS_IN_ADDRESS, PAGE, REST_START, NetBox
from .read import in_threads

Rows = list[dict[str, Any]]

#: fields of a row that follow from its id: its address in the API, and the one of its page
_OF_ID = ("url", "display_url")
#: rows of one range: NetBox answers within seconds
RANGE = 500
#: where ids have gaps, a range holds fewer rows; no list is cut into more ranges than this
MOST_RANGES = 400


def read_list(netbox: NetBox, path: str, params: Mapping[str, Any]) -> Iterator[Rows]:
    """Yield all rows of a list in pages, by id. `params` may filter; they must not page, order or name ids.

    Raises NetBoxError where fewer or more rows were read than NetBox counts.
    """
    if netbox.version < REST_START:
        yield from netbox.pages(path, params)
        return
    first = netbox.get(path, {**params, "limit": 1, "ordering": "id", "fields": "id"})
    count = int(first["count"])
    if count <= RANGE:
        yield from netbox.pages(path, params)
        return
    last = netbox.get(path, {**params, "limit": 1, "ordering": "-id", "fields": "id"})
    low, high = first["results"][0]["id"], last["results"][0]["id"]
    pieces = min(-(-count // RANGE), MOST_RANGES)
    width = -(-(high - low + 1) // pieces)
    starts = list(range(low, high + 1, width))
    found = 0
    # The last one has no end: what was made meanwhile has higher ids.
    for rows in in_threads(
        lambda piece: _range(netbox, path, params, *piece), zip(starts, [*starts[1:], None], strict=True)
    ):
        found += len(rows)
        yield rows
    if found != count and found != int(netbox.get(path, {**params, "limit": 1, "fields": "id"})["count"]):
        raise NetBoxError(
            f"NetBox at {netbox.url} counts {count} rows of {path}, {found} were read:"
            " is NetBox being changed in bulk just now?"
        )


def _range(netbox: NetBox, path: str, params: Mapping[str, Any], start: int, end: int | None) -> Rows:
    """Return the rows with ids from `start` up to, not including, `end`."""
    rows: Rows = []
    after = start
    while True:
        limit = PAGE if end is None else min(PAGE, end - after)
        answer = netbox.get(path, {**params, "start": after, "limit": limit})
        page: Rows = answer["results"]
        if page and page[0]["id"] < after:
            raise NetBoxError(f"NetBox at {netbox.url} answered GET {path} without regard to the id asked for")
        rows += [row for row in page if end is None or row["id"] < end]
        if not page or not answer.get("next") or (end is not None and page[-1]["id"] + 1 >= end):
            return rows
        after = page[-1]["id"] + 1


def read_slim(
    netbox: NetBox, path: str, without: frozenset[str], read: Callable[[Mapping[str, Any]], Iterable[Rows]]
) -> Iterator[Rows]:
    """Yield what `read` gives for the fields to ask for, as whole rows but for the fields `without`.

    The two addresses that NetBox shows of each row follow from its id: they are put in here and not sent, a quarter of
    a short row. Where the first row's are of another form, all are asked for.
    """
    first: Rows = netbox.get(path, {"limit": 1})["results"]
    if not first:
        return
    shown = [name for name in first[0] if name not in without]
    ending = f"/{first[0]['id']}/"
    made = {
        name: first[0][name].removesuffix(ending) for name in _OF_ID if str(first[0].get(name, "")).endswith(ending)
    }
    fields = ",".join(name for name in shown if name not in made)
    for page in read({"fields": fields}):
        yield [{name: f"{made[name]}/{row['id']}/" if name in made else row[name] for name in shown} for row in page]


def read_chosen(netbox: NetBox, path: str, params: Mapping[str, Any], name: str, ids: Iterable[int]) -> Iterator[Rows]:
    """Yield the rows of a list whose filter `name` is one of `ids`, in pages."""
    ordered = sorted(set(ids))
    chunks = [ordered[at : at + IDS_IN_ADDRESS] for at in range(0, len(ordered), IDS_IN_ADDRESS)]

    def read(chunk: Sequence[int]) -> Rows:
        return [row for page in netbox.pages(path, {**params, name: list(chunk)}) for row in page]

    yield from in_threads(read, chunks)
