"""Reading in windows: every object once, whatever the page size, and no difference from the list of ids unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetBoxError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import names, read
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import (
    GRAPHQL,
    REST,
    REST_FILTER,
    NetBox,
    connect,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import DEVICE, Related
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.selection import Selection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.tables import TABLES

from .conftest import Answer, Request, Server

READERS = [GRAPHQL, REST, REST_FILTER]
SITE = {"id": 1, "name": "Berlin", "slug": "ber", "region": None, "group": None, "custom_fields": {}}
VERSIONS = {GRAPHQL: (4, 6, 8), REST: (4, 6, 8), REST_FILTER: (4, 5, 1)}


def device(number: int) -> dict[str, Any]:
    nothing = dict.fromkeys(
        (
            *("serial", "asset_tag", "description", "last_updated", "config_context"),
            *("role", "platform", "tenant", "cluster", "location", "rack", "device_type", "virtual_chassis"),
            *("primary_ip4", "primary_ip6", "oob_ip"),
        )
    )
    return {
        **nothing,
        "id": number,
        "name": f"d{number}",
        "status": "active",
        "site": {"id": 1},
        "tags": [],
        "custom_field_data": {},
        "custom_fields": {},
    }


class Estate:
    """Devices by id behind a server with NetBox's ways of paging, and a largest page of `cap` rows.

    `before`: called with "names" or "objects" before such a page is made, to change the estate while it is read.
    """

    def __init__(self, ids: range | list[int], cap: int = 1000) -> None:
        self.ids = set(ids)
        self.cap = cap
        self.before: Callable[[str], None] = lambda asked: None

    def answer(self, request: Request) -> Answer:
        if request.path == "/api/status/":
            return Answer({"netbox-version": "4.6.8"})
        if request.path == "/api/extras/custom-fields/":
            return Answer({"results": [], "next": None})
        if request.path == "/graphql/":
            query, variables = request.body["query"], request.body["variables"]
            if "virtual_machine_list" in query:
                return Answer({"data": {"virtual_machine_list": []}})
            only = variables.get("only", {}).get("id", {}).get("in_list")
            rows = self.page("{id name}" not in query, variables["page"], only)
            return Answer({"data": {"device_list": [{**row, "id": str(row["id"])} for row in rows]}})
        if request.path != "/api/dcim/devices/":
            return Answer({"results": [], "next": None})
        asked = {name: values[0] for name, values in request.query.items()}
        page = {"start": int(asked.get("start", asked.get("id__gte", 0))), "limit": int(asked["limit"])}
        return Answer({"results": self.page("site" in asked["fields"], page, request.query.get("id"))})

    def page(self, objects: bool, page: dict[str, int], only: list[str] | None) -> list[dict[str, Any]]:
        self.before("objects" if objects else "names")
        ids = sorted(number for number in self.ids if number >= page["start"])
        if only is not None:
            ids = [number for number in ids if str(number) in only]
        return [device(number) for number in ids[: min(page["limit"], self.cap)]]


def related() -> Related:
    return Related(tables={name: {1: SITE} if name == "site" else {} for name in TABLES})


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def reading(server: Server, reader: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[Estate], NetBox]:
    monkeypatch.setattr(read, "WINDOW", 10)
    monkeypatch.setattr(read, "IDS_IN_ADDRESS", 10)
    monkeypatch.setattr(names, "PAGE", 20)

    def netbox_of(estate: Estate) -> NetBox:
        server.answer = estate.answer
        netbox = connect(server.connection())
        netbox.version, netbox.reader = VERSIONS[reader], reader
        return netbox

    return netbox_of


def ids_read(netbox: NetBox, ids: Selection | None = None) -> list[int]:
    pages = read.read_objects(netbox, related(), ids=ids, roots=frozenset())
    return [item.id for page in pages for item in page]


@pytest.mark.parametrize(
    ("version", "trees"), [((4, 2, 0), set()), ((4, 3, 0), {"role"}), ((4, 6, 8), {"role", "platform"})]
)
def test_no_field_is_asked_for_that_this_version_lacks(version: tuple[int, ...], trees: set[str]) -> None:
    """Some versions answer that with a 500."""
    asked = {name: TABLES[name].query(version)["fields"].split(",") for name in ("role", "platform", "region")}
    assert {name for name, fields in asked.items() if "parent" in fields} == trees | {"region"}
    assert "name" not in TABLES["device_type"].query(version)["fields"].split(",")


@pytest.mark.parametrize("ids", [range(0), range(1, 2), range(1, 11), range(1, 41), range(1, 63), range(1, 999, 37)])
@pytest.mark.parametrize("cap", [1000, 7])
def test_every_object_is_read_once(reading: Callable[[Estate], NetBox], ids: range, cap: int) -> None:
    netbox = reading(Estate(ids, cap))
    assert ids_read(netbox) == list(ids)
    assert read.read_names(netbox) == [(DEVICE, number, f"d{number}") for number in ids]


def test_only_the_selected_objects_are_read(reading: Callable[[Estate], NetBox], server: Server) -> None:
    selected = [*range(3, 90, 4), 99]
    netbox = reading(Estate(range(1, 100)))
    assert ids_read(netbox, Selection({DEVICE: frozenset(selected)})) == selected
    assert ids_read(netbox, Selection()) == []


def test_related_objects_are_shared(reading: Callable[[Estate], NetBox]) -> None:
    tables = related()
    pages = read.read_objects(reading(Estate(range(1, 30))), tables, ids=None, roots=frozenset())
    assert all(item.attributes["site"] is tables.tables["site"][1] for page in pages for item in page)


def test_an_object_deleted_while_reading_is_left_out(reading: Callable[[Estate], NetBox]) -> None:
    estate = Estate(range(1, 31))
    estate.before = lambda asked: estate.ids.discard(15) if asked == "objects" else None
    assert ids_read(reading(estate)) == [number for number in range(1, 31) if number != 15]


def test_an_object_that_a_page_lacks_once_is_read_again(reading: Callable[[Estate], NetBox]) -> None:
    estate, asked_for = Estate(range(1, 31)), []

    def flicker(asked: str) -> None:
        asked_for.append(asked)
        estate.ids = set(range(1, 31)) - ({15} if asked_for.count("objects") <= 2 and asked == "objects" else set())

    estate.before = flicker
    assert ids_read(reading(estate)) == list(range(1, 31))


def test_an_object_that_is_listed_but_never_read_is_an_error(reading: Callable[[Estate], NetBox]) -> None:
    estate = Estate(range(1, 31))

    def hide(asked: str) -> None:
        estate.ids = set(range(1, 31)) - ({15} if asked == "objects" else set())

    estate.before = hide
    with pytest.raises(NetBoxError, match=r"said 10 devices between the ids 11 and 20, 9 were read"):
        ids_read(reading(estate))


def test_a_server_that_ignores_the_cursor_does_not_keep_us_forever(
    reading: Callable[[Estate], NetBox], server: Server
) -> None:
    estate = Estate([5, 6], cap=1)
    netbox = reading(estate)
    page = estate.page
    estate.page = lambda objects, asked, only: page(objects, {**asked, "start": 0}, only)  # type: ignore[method-assign]
    with pytest.raises(NetBoxError, match="without regard to the id"):
        read.read_names(netbox)


def test_pages_are_not_read_far_ahead_of_the_one_in_use(reading: Callable[[Estate], NetBox]) -> None:
    estate, made = Estate(range(1, 1001)), []
    estate.before = made.append
    pages = read.read_objects(reading(estate), related(), ids=None, roots=frozenset())
    next(pages)
    pages.close()
    assert made.count("objects") <= read.AHEAD + 1


def test_a_related_object_that_came_after_its_table_was_read(
    reading: Callable[[Estate], NetBox], server: Server
) -> None:
    estate = Estate(range(1, 4))
    netbox = reading(estate)
    server.answer = lambda request: Answer(SITE) if request.path == "/api/dcim/sites/1/" else estate.answer(request)
    tables = Related(tables={name: {} for name in TABLES})
    (page,) = read.read_objects(netbox, tables, ids=None, roots=frozenset())
    assert page[0].attributes["site"]["slug"] == "ber"
    assert netbox.requests["GET sites"] == 1


def test_a_related_object_that_the_token_may_not_see(reading: Callable[[Estate], NetBox], server: Server) -> None:
    estate = Estate(range(1, 4))
    netbox = reading(estate)
    server.answer = lambda request: (
        Answer({"detail": "No Site matches the given query."}, 404)
        if request.path == "/api/dcim/sites/1/"
        else estate.answer(request)
    )
    tables = Related(tables={name: {} for name in TABLES})
    with pytest.raises(NetBoxError, match="site with id 1 is in use but NetBox does not show it"):
        list(read.read_objects(netbox, tables, ids=None, roots=frozenset()))
