"""What an incremental reading gives is what a full one gives, whatever was changed in NetBox, and at a small price."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import reading as reading_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.reading import (
    AUTO,
    FULL,
    INCREMENTAL,
    Reading,
    ReadingOptions,
    read_whole,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import USUAL_KINDS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.rows import OPTIONAL_ROOTS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.netbox.conftest import Company

Objects = dict[str, dict[str, Any]]


class Api:
    """Edits in NetBox, as people make them."""

    def __init__(self, company: Company) -> None:
        self._url = f"{company.url}/api/"
        self._http = requests.Session()
        self._http.trust_env = False
        kind = "Bearer" if company.token.startswith("nbt_") else "Token"
        self._http.headers["Authorization"] = f"{kind} {company.token}"

    def _send(self, method: str, path: str, **more: Any) -> Any:
        response = self._http.request(method, self._url + path, timeout=60, **more)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text[:300]}"
        return response.json() if response.content else None

    def list(self, path: str, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._send("GET", f"{path}/", params={"limit": 200, **params})["results"]
        return found

    def all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Return a long list, in the order of ids."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self._send(
                "GET", f"{path}/", params={"limit": 500, "offset": len(found), "ordering": "id", **params}
            )
            found += answer["results"]
            if not answer["next"]:
                return found

    def first(self, path: str, **params: Any) -> dict[str, Any]:
        return self.list(path, **params)[0]

    def post(self, path: str, **values: Any) -> dict[str, Any]:
        made: dict[str, Any] = self._send("POST", f"{path}/", json=values)
        return made

    def patch(self, path: str, number: int, **values: Any) -> None:
        self._send("PATCH", f"{path}/{number}/", json=values)

    def delete(self, path: str, number: int) -> None:
        self._send("DELETE", f"{path}/{number}/")


@pytest.fixture
def api(company: Company) -> Api:
    return Api(company)


class Reader:
    """Reads the company as the jobs do, with a snapshot in a folder."""

    def __init__(self, company: Company, store: Path) -> None:
        self.company, self.folder = company, store
        self.store = open_store(str(store))
        self.rounds = 0

    def options(self, mode: str, **more: Any) -> ReadingOptions:
        values = {"kinds": USUAL_KINDS, "store": self.store, "policy": "x", "instance": "test"} | more
        return ReadingOptions(roots=OPTIONAL_ROOTS, mode=mode, **values)

    def read(self, mode: str, **more: Any) -> tuple[Reading, Objects]:
        netbox = self.company.connect(more.pop("token", None))
        reading = read_whole(netbox, self.options(mode, **more), lambda text: None)
        objects = {one.ref: one.attributes for page in reading.pages(()) for one in page}
        assert {f"{kind}:{number}": name for kind, number, name in reading.names} == {
            ref: attributes["name"] for ref, attributes in objects.items()
        }
        reading.notes += reading.keep()
        self.asked = sum(netbox.requests.values())
        return reading, objects

    def both(self, **more: Any) -> tuple[Reading, Objects]:
        """Read what changed, and see that it is the same as everything."""
        reading, objects = self.read(INCREMENTAL, **more)
        assert reading.why == "", reading.note
        dummy, everything = self.read(FULL, store=None)
        assert objects.keys() == everything.keys()
        for ref, attributes in everything.items():
            assert objects[ref] == attributes, ref
        return reading, objects


@pytest.fixture
def reader(company: Company, tmp_path: Path) -> Reader:
    reader = Reader(company, tmp_path)
    reading, dummy = reader.read(INCREMENTAL)
    assert "no snapshot yet" in reading.why
    assert reading.notes == []
    return reader


def test_nothing_changed(reader: Reader) -> None:
    reading, dummy = reader.both()
    assert reading.again == 0
    reader.read(INCREMENTAL, lookback_minutes=0)
    assert reader.asked <= 10


# --- what moves last_updated, and what does not: each row of the table in reference/netbox-api.md


def device(api: Api, **filters: Any) -> dict[str, Any]:
    return api.first("dcim/devices", exclude="config_context", **filters)


def device_with(api: Api, *names: str) -> dict[str, Any]:
    return next(one for one in api.list("dcim/devices", exclude="config_context") if all(one[name] for name in names))


def smallest(api: Api, name: str) -> list[int]:
    """Return the sites, roles, ... that have devices, those with the fewest objects first and none that others are
    below of: an edit of one touches few objects.
    """
    devices = api.all("dcim/devices", fields=f"id,{name}", exclude="config_context")
    machines: list[dict[str, Any]] = []
    if name in ("site", "role", "platform", "tenant", "cluster"):
        machines = api.all("virtualization/virtual-machines", fields=f"id,{name}", exclude="config_context")
    path = {"role": "dcim/device-roles", "location": "dcim/locations"}.get(name)
    above = {one["parent"]["id"] for one in api.all(path) if one["parent"]} if path else set()
    there = {one[name]["id"] for one in devices if one[name]} - above
    counted = Counter(one[name]["id"] for one in (*devices, *machines) if one[name])
    return sorted(there, key=lambda number: (counted[number], number))


def region_moved(api: Api) -> None:
    number = api.post("dcim/regions", name=f"New {random.random()}", slug=f"new-{random.randrange(10**9)}")["id"]
    api.patch("dcim/sites", smallest(api, "site")[0], region=number)


def rack_moved(api: Api) -> None:
    rack = smallest(api, "rack")[0]
    here = api.first("dcim/racks", id=rack)["site"]["id"]
    there = next(one["id"] for one in api.list("dcim/sites", fields="id") if one["id"] != here)
    api.patch("dcim/racks", rack, site=there, location=None)


def location_moved(api: Api) -> None:
    location = smallest(api, "location")[0]
    here = api.first("dcim/locations", id=location)["site"]["id"]
    there = next(one["id"] for one in api.list("dcim/sites", fields="id") if one["id"] != here)
    api.patch("dcim/locations", location, site=there, parent=None)


def cluster_moved(api: Api) -> None:
    cluster = api.first("virtualization/virtual-machines", cluster_id__n="null")["cluster"]["id"]
    now = api.first("virtualization/clusters", id=cluster)
    there = next(one["id"] for one in api.list("dcim/sites", fields="id") if one["id"] != now["scope_id"])
    hosts = api.list("dcim/devices", cluster_id=cluster, exclude="config_context")
    if hosts:  # NetBox keeps a cluster at the place of its devices
        for host in hosts:
            api.patch("dcim/devices", host["id"], cluster=None)
    api.patch("virtualization/clusters", cluster, scope_type="dcim.site", scope_id=there)


def renamed(path: str, field: str = "name", **filters: Any) -> Callable[[Api], None]:
    def edit(api: Api) -> None:
        for one in api.list(path, **filters)[:5]:
            api.patch(path, one["id"], **{field: f"N{random.randrange(10**9)}"})

    return edit


def address_of(api: Api) -> int:
    number: int = device_with(api, "primary_ip4")["primary_ip4"]["id"]
    return number


def context(api: Api, **assigned: Any) -> int:
    name = f"test {random.randrange(10**9)}"
    number: int = api.post("extras/config-contexts", name=name, weight=9000, data={"added": name}, **assigned)["id"]
    return number


def context_edited(api: Api) -> None:
    api.patch("extras/config-contexts", context(api, sites=smallest(api, "site")[:1]), data={"added": {"deep": 1}})


def context_moved(api: Api) -> None:
    one, two = smallest(api, "role")[:2]
    api.patch("extras/config-contexts", context(api, roles=[one]), roles=[two])


def context_deleted(api: Api) -> None:
    api.delete("extras/config-contexts", context(api, roles=smallest(api, "role")[:1]))


def tagged(api: Api) -> tuple[int, int]:
    """Return a device and its tag, made now."""
    name = f"t{random.randrange(10**9)}"
    tag = api.post("extras/tags", name=name, slug=name)["id"]
    number = device(api)["id"]
    tags = [one["id"] for one in api.first("dcim/devices", id=number)["tags"]]
    api.patch("dcim/devices", number, tags=[*tags, tag])
    return number, tag


def tag_of_context_deleted(api: Api) -> None:
    dummy, tag = tagged(api)
    slug = api.first("extras/tags", id=tag)["slug"]
    context(api, tags=[slug])
    api.delete("extras/tags", tag)


def place_of_context_deleted(api: Api) -> None:
    """Without its only region a context is for all: of that nothing but the region's deletion is in the changelog."""
    name = f"r{random.randrange(10**9)}"
    region = api.post("dcim/regions", name=name, slug=name)["id"]
    context(api, regions=[region])
    api.delete("dcim/regions", region)


def platform_deleted(api: Api) -> None:
    name = f"p{random.randrange(10**9)}"
    platform = api.post("dcim/platforms", name=name, slug=name)["id"]
    api.patch("dcim/devices", device(api)["id"], platform=platform)
    api.delete("dcim/platforms", platform)


def chassis(api: Api) -> int:
    members = [one for one in api.list("dcim/devices", exclude="config_context") if not one["virtual_chassis"]][:2]
    number: int = api.post("dcim/virtual-chassis", name=f"vc{random.randrange(10**9)}")["id"]
    for position, member in enumerate(members, 1):
        api.patch("dcim/devices", member["id"], virtual_chassis=number, vc_position=position)
    return number


def created(api: Api) -> None:
    one = device(api)
    given = {name: one[name]["id"] for name in ("site", "role", "device_type")}
    api.post("dcim/devices", name=f"new-{random.randrange(10**9)}", status="active", **given)


def deleted(api: Api) -> None:
    created(api)
    number = max(one["id"] for one in api.list("dcim/devices", name__isw="new-", exclude="config_context"))
    api.delete("dcim/devices", number)


def interface_edited(api: Api) -> None:
    api.patch("dcim/interfaces", api.first("dcim/interfaces")["id"], enabled=False)


EDITS: dict[str, Callable[[Api], Any]] = {
    "its own change": lambda api: api.patch("dcim/devices", device(api)["id"], serial=str(random.random())),
    "the same value again": lambda api: api.patch("dcim/devices", device(api)["id"], serial=device(api)["serial"]),
    "its name": lambda api: api.patch("dcim/devices", device(api)["id"], name=f"d{random.random()}"),
    "local context data": lambda api: api.patch(
        "dcim/devices", device(api)["id"], local_context_data={"local": random.random()}
    ),
    "a tag given": tagged,
    "its tags taken away": lambda api: api.patch("dcim/devices", tagged(api)[0], tags=[]),
    "its primary address deleted": lambda api: api.delete("ipam/ip-addresses", address_of(api)),
    "its platform deleted": platform_deleted,
    "its virtual chassis deleted": lambda api: api.delete("dcim/virtual-chassis", chassis(api)),
    "a virtual chassis made": chassis,
    "a virtual chassis renamed": lambda api: api.patch(
        "dcim/virtual-chassis", chassis(api), name=f"v{random.random()}"
    ),
    "sites renamed": renamed("dcim/sites"),
    "regions renamed": renamed("dcim/regions"),
    "site groups renamed": renamed("dcim/site-groups"),
    "locations renamed": renamed("dcim/locations"),
    "racks renamed": renamed("dcim/racks"),
    "roles renamed": renamed("dcim/device-roles"),
    "device types renamed": renamed("dcim/device-types", "model"),
    "manufacturers renamed": renamed("dcim/manufacturers"),
    "platforms renamed": renamed("dcim/platforms"),
    "tenants renamed": renamed("tenancy/tenants"),
    "tenant groups renamed": renamed("tenancy/tenant-groups"),
    "clusters renamed": renamed("virtualization/clusters"),
    "cluster types renamed": renamed("virtualization/cluster-types"),
    "tags renamed": renamed("extras/tags"),
    "a site moved to another region": region_moved,
    "an address edited": lambda api: api.patch("ipam/ip-addresses", address_of(api), dns_name="x.example.com"),
    "a config context made for a site": lambda api: context(api, sites=smallest(api, "site")[:1]),
    "a config context edited": context_edited,
    "a config context assigned elsewhere": context_moved,
    "a config context switched off": lambda api: api.patch(
        "extras/config-contexts", context(api, roles=smallest(api, "role")[:1]), is_active=False
    ),
    "a config context deleted": context_deleted,
    "an interface edited": interface_edited,
    "a tag deleted": lambda api: api.delete("extras/tags", tagged(api)[1]),
    "a rack moved to another site": rack_moved,
    "a location moved to another site": location_moved,
    "a cluster moved to another site": cluster_moved,
    "a device created": created,
    "a device deleted": deleted,
    "a device deleted and its rack moved": lambda api: (deleted(api), rack_moved(api)),
}


@pytest.mark.parametrize("what", EDITS)
def test_what_changed_is_found(what: str, reader: Reader, api: Api) -> None:
    EDITS[what](api)
    reading, dummy = reader.both()
    assert reading.again < 0.5 * len(reading.names)
    # and it is in the snapshot now
    reader.both()


@pytest.mark.parametrize("edit", [tag_of_context_deleted, place_of_context_deleted])
def test_what_touches_most_of_the_estate_is_a_full_reading(
    edit: Callable[[Api], None], reader: Reader, api: Api
) -> None:
    edit(api)
    reading, objects = reader.read(INCREMENTAL)
    assert "most of them" in reading.why
    assert reader.both()[1] == objects


@given(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=4), st.integers(0, 2**32))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
def test_any_edits_give_what_a_full_reading_gives(reader: Reader, api: Api, edits: list[str], seed: int) -> None:
    # names are to be new in each example
    reader.rounds += 1
    random.seed(f"{reader.rounds} {seed} {edits}")
    for what in edits:
        EDITS[what](api)
    reading, objects = reader.read(INCREMENTAL)
    assert reading.why == "" or "most of them" in reading.why
    dummy, everything = reader.read(FULL, store=None)
    assert objects == everything


# --- when a snapshot is of no use, everything is read, and the result says why


def spoiled(reader: Reader, change: Callable[[dict[str, Any]], None]) -> None:
    """Change what is in the snapshot."""
    assert reader.store is not None
    (entry,) = reader.store.list("snapshots/")
    document = json.loads(reader.store.read(entry.name) or b"")
    change(document)
    reader.store.write(entry.name, json.dumps(document).encode())


def content(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["content"].update({name: value})


SPOILED: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "of another NetBox": (lambda document: document["of"].update(netbox="https://other.example"), "other.example"),
    "of another version": (lambda document: document.update(version=99), "version 99"),
    "of something else": (lambda document: document.update(kind="cookbook"), "cookbook"),
    "without its rows": (lambda document: document["content"].pop("kinds"), "damaged"),
    "with half a row": (lambda document: document["content"]["kinds"]["device"]["rows"][0].pop(), "damaged"),
    "with nonsense": (content("mark", "x"), "damaged"),
    "of nothing that it says": (content("scope", "x"), "damaged"),
    "from the future": (content("read", "2099-01-01T00:00:00Z"), "yet to come"),
    "of a change that is gone": (content("mark", [10**9, "2026-01-01T00:00:00Z", "x", []]), "restored from a backup"),
    "of a change that was pruned": (content("mark", [1, "2020-01-01T00:00:00Z", "x", []]), "the id used again"),
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_snapshot_that_is_of_no_use(what: str, reader: Reader) -> None:
    change, said = SPOILED[what]
    spoiled(reader, change)
    reading, objects = reader.read(INCREMENTAL)
    assert said in reading.why
    assert objects == reader.read(FULL, store=None)[1]
    # and a new one was made
    assert reader.both()[0].again == 0


def test_a_file_that_is_damaged_or_cut_off(reader: Reader) -> None:
    (path,) = (reader.folder / "snapshots").iterdir()
    whole = path.read_bytes()
    for broken in (b"", whole[: len(whole) // 2], whole[:-20] + b"x" * 20):
        path.write_bytes(broken)
        assert "damaged" in reader.read(INCREMENTAL)[0].why
        assert reader.both()[0].again == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"policy": "another"}, "the policy changed"),
        ({"kinds": (*USUAL_KINDS, "virtual_device_context")}, "the kinds of objects changed"),
        ({"instance": "another"}, "no snapshot yet"),
        ({"store": None}, "no state store"),
    ],
)
def test_another_question_than_last_time(reader: Reader, changed: dict[str, Any], said: str) -> None:
    assert said in reader.read(INCREMENTAL, **changed)[0].why


def test_another_way_of_reading(reader: Reader, company: Company, api: Api) -> None:
    if company.standin is None:
        pytest.skip("nobody switches GraphQL off for this")
    company.standin.graphql(False)
    try:
        # nothing is read that way as long as nothing changed
        assert reader.both()[0].again == 0
        EDITS["its own change"](api)
        assert "the way NetBox is read changed" in reader.read(INCREMENTAL)[0].why
        reading, objects = reader.both()
        assert reading.again == 0
    finally:
        company.standin.graphql(True)
    # GraphQL and REST give the same objects, also by way of a snapshot
    assert objects == reader.read(FULL, store=None)[1]


def test_everything_is_read_once_in_a_while(reader: Reader) -> None:
    assert reader.read(AUTO)[0].why == ""
    spoiled(reader, content("whole", "2026-01-01T00:00:00Z"))
    assert reader.read(INCREMENTAL)[0].why == ""
    assert "one is due every 24 hours" in reader.read(AUTO)[0].why
    assert reader.read(AUTO)[0].why == ""


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_clock_of_this_machine_is_an_hour_off(
    reader: Reader, api: Api, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = time.time
    monkeypatch.setattr(time, "time", lambda: true() + 3600 * hours)
    reading, dummy = reader.both()
    assert reading.again == 0
    EDITS["a rack moved to another site"](api)
    EDITS["its own change"](api)
    assert reader.both()[0].again > 0
    monkeypatch.undo()
    assert reader.both()[0].again == 0
    assert reader.read(AUTO)[0].why == ""


def test_custom_fields_that_changed(reader: Reader, api: Api) -> None:
    name = f"f{random.randrange(10**9)}"
    field = api.post("extras/custom-fields", name=name, type="text", object_types=["dcim.device"], default="d")["id"]
    assert "the custom fields changed" in reader.read(INCREMENTAL)[0].why
    reader.both()
    api.delete("extras/custom-fields", field)
    assert "the custom fields changed" in reader.read(INCREMENTAL)[0].why


def test_netbox_restored_from_a_backup(reader: Reader, company: Company, api: Api) -> None:
    if company.standin is None:
        pytest.skip("nobody restores a NetBox for this")
    company.standin.snapshot("backup")
    created(api)
    EDITS["its own change"](api)
    reader.both()
    company.standin.restore("backup")
    # ids of changes and objects are used again
    for dummy in range(3):
        created(api)
    reading, objects = reader.read(INCREMENTAL)
    assert "NetBox was restored from a backup" in reading.why
    assert objects == reader.read(FULL, store=None)[1]
    reader.both()


def test_a_token_that_may_not_see_the_changelog(reader: Reader, company: Company) -> None:
    if company.standin is None:
        pytest.skip("a fault of the stand-in")
    said = '{"detail": "You do not have permission to perform this action."}'
    path = "/api/core/object-changes/"
    company.standin.fail_next(403, said, content_type="application/json", path_prefix=path, count=2)
    reading, objects = reader.read(INCREMENTAL)
    company.standin.no_faults()
    assert "may not see NetBox's changelog" in reading.why
    assert "No snapshot was kept" in str(reading.notes)
    assert objects == reader.read(FULL, store=None)[1]


def test_what_no_changelog_tells_is_seen_by_the_count(reader: Reader, company: Company, api: Api) -> None:
    if company.standin is None:
        pytest.skip("nobody goes around a real NetBox")
    spoiled(reader, lambda document: document["content"]["kinds"]["device"]["rows"].pop(0))
    # without looking back: the object's own time would tell of it
    reading, objects = reader.read(INCREMENTAL, lookback_minutes=0)
    assert "devices, and the snapshot with its changelog gives" in reading.why
    assert objects == reader.read(FULL, store=None)[1]


def test_a_dry_run_keeps_nothing(company: Company, tmp_path: Path, api: Api) -> None:
    reader = Reader(company, tmp_path)
    reader.read(INCREMENTAL, keep=False)
    assert list(tmp_path.iterdir()) == []
    # nor does a full run where nobody reads increments
    reader.read(FULL)
    assert list(tmp_path.iterdir()) == []
    reader.read(INCREMENTAL)
    created(api)
    reader.read(INCREMENTAL, keep=False)
    assert reader.both()[0].again > 0
    # where somebody does, a full run renews the snapshot
    created(api)
    reader.read(FULL)
    assert reader.both()[0].again == 0


def test_a_run_that_is_killed_while_it_writes(reader: Reader) -> None:
    """The old snapshot stays as long as the new one is not whole."""
    (path,) = (reader.folder / "snapshots").iterdir()
    (path.parent / ".unfinished-x").write_bytes(b"half")
    assert reader.both()[0].again == 0


def test_a_change_that_is_older_than_the_newest(reader: Reader, api: Api) -> None:
    """A long transaction ends: its entry in the changelog has a smaller id than others that were read already."""
    number = device(api)["id"]
    api.patch("dcim/devices", number, serial=f"late {random.random()}")
    late = api.first("core/object-changes", changed_object_id=number, changed_object_type="dcim.device")["id"]
    EDITS["its name"](api)
    reader.both()

    def forget(document: dict[str, Any]) -> None:
        mark = document["content"]["mark"]
        assert late in mark[3]
        mark[3].remove(late)
        kind = document["content"]["kinds"]["device"]
        (row,) = [row for row in kind["rows"] if row[kind["columns"].index("id")] == number]
        row[kind["columns"].index("serial")] = "before"

    spoiled(reader, forget)
    assert reader.both()[0].again >= 1


def test_what_is_known_is_not_answered_for_ever(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Much that changed shortly before the snapshot comes with every answer, until a later one begins behind it."""

    def made() -> str:
        assert reader.store is not None
        (entry,) = reader.store.list("snapshots/")
        when: str = json.loads(reader.store.read(entry.name) or b"")["content"]["read"]
        return when

    first = made()
    # the change that it knows comes with every answer
    monkeypatch.setattr(reading_module, "IDLE", 0)
    reader.both()
    monkeypatch.setattr(reading_module, "IDLE", 10**6)
    assert made() != first
    second = made()
    reader.both()
    assert made() == second
