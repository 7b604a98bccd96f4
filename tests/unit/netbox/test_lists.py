"""Long lists come whole, by several readers, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetBoxError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import lists


class Rest:
    """A NetBox with one list. `cut`: the largest page it gives; `hidden`: ids that it counts and does not show."""

    url = "http://n"

    def __init__(
        self, ids: Iterable[int], cut: int = 1000, hidden: Iterable[int] = (), version: tuple[int, ...] = (4, 6, 0)
    ) -> None:
        self.ids, self.cut, self.hidden, self.version = sorted(ids), cut, set(hidden), version
        self.asked: list[Mapping[str, Any]] = []

    def get(self, path: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(params)
        if "start" not in params:
            last = params.get("ordering") == "-id"
            return {"count": len(self.ids), "results": [{"id": self.ids[-1 if last else 0]}], "next": None}
        there = [number for number in self.ids if number >= params["start"] and number not in self.hidden]
        page = there[: min(params["limit"], self.cut)]
        return {"results": [{"id": number} for number in page], "next": "more" if len(there) > len(page) else None}

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        wanted = set(params.get("id", self.ids))
        yield [{"id": number} for number in self.ids if number in wanted]


def ids(rest: Rest) -> list[int]:
    return [row["id"] for page in lists.read_list(rest, "x/", {}) for row in page]  # type: ignore[arg-type]


@pytest.mark.parametrize("cut", [1000, 100, 7])
@pytest.mark.parametrize(
    "there", [range(1, 3000), range(1, 30), [*range(1, 900), *range(50_000, 50_400)], range(7, 9000, 6), [5]]
)
def test_every_row_comes_once(there: Iterable[int], cut: int) -> None:
    assert ids(Rest(there, cut)) == sorted(there)


def test_older_versions_are_read_page_by_page() -> None:
    assert ids(Rest(range(1, 3000), version=(4, 5, 9))) == list(range(1, 3000))


def test_a_row_that_does_not_come_is_an_error() -> None:
    with pytest.raises(NetBoxError, match="counts 2999 rows of x/, 2998 were read"):
        ids(Rest(range(1, 3000), hidden=[1234]))


def test_chosen_rows_are_asked_for_in_short_addresses() -> None:
    rest = Rest(range(1, 2000))
    pages = list(lists.read_chosen(rest, "x/", {}, "id", [3, 1, 3, *range(1000, 1500)]))  # type: ignore[arg-type]
    assert [row["id"] for page in pages for row in page] == [1, 3, *range(1000, 1500)]
    assert len(pages) == 3
    assert list(lists.read_chosen(rest, "x/", {}, "id", [])) == []  # type: ignore[arg-type]
