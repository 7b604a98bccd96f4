"""NetBox as a place of the state store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import StateError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import state_place
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import NetBox, connect
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.failures import Refused
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.state_place import SavedFilters, in_netbox
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import DamagedError, Store, open_store
from lab.netbox import StandIn


@pytest.fixture
def connection() -> Iterator[NetBoxConnection]:
    with StandIn() as running:
        yield NetBoxConnection(running.url, running.token)


@pytest.fixture
def store(connection: NetBoxConnection) -> Store:
    found = open_store("netbox:", in_netbox(connection))
    assert found is not None
    return found


def test_documents_are_kept_in_netbox(store: Store) -> None:
    assert (store.read("runs/a.json"), store.list()) == (None, [])
    size = store.write("runs/a.json", b"one")
    store.write("runs/b.json", b"two")
    store.write("settings/a.json", b"three")
    store.write("runs/a.json", b"new")
    assert (store.read("runs/a.json"), store.read("settings/a.json")) == (b"new", b"three")
    assert [(entry.name, entry.size) for entry in store.list("runs/")] == [("runs/a.json", size), ("runs/b.json", size)]
    store.delete("runs/a.json")
    store.delete("runs/a.json")
    assert [entry.name for entry in store.list()] == ["runs/b.json", "settings/a.json"]
    assert store.where("runs/b.json") == "netbox:/runs/b.json.gz"


def test_it_is_a_filter_that_nobody_is_offered(store: Store, connection: NetBoxConnection) -> None:
    store.write("runs/a.json", b"one")
    (row,) = connect(connection).get("extras/saved-filters/")["results"]
    assert (row["enabled"], row["shared"], row["object_types"]) == (False, True, ["extras.savedfilter"])
    assert row["description"].startswith("Kept by netops.netbox_zabbix, no filter")


def test_what_did_not_change_is_not_written(store: Store) -> None:
    store.write("a", b"one")
    place = store.place
    assert isinstance(place, SavedFilters)
    before = {kind: count for kind, count in place.netbox.requests.items() if not kind.startswith("GET")}
    store.write("a", b"one")
    assert {kind: count for kind, count in place.netbox.requests.items() if not kind.startswith("GET")} == before


def test_a_document_that_was_edited_by_hand_is_damaged(store: Store, connection: NetBoxConnection) -> None:
    netbox = connect(connection)
    for parameters in ({"content": "no base64!"}, {"content": "aGVsbG8="}, {}, {"content": 3}):
        store.write("a", b"one")
        (row,) = netbox.get("extras/saved-filters/")["results"]
        netbox.patch(f"extras/saved-filters/{row['id']}/", {"parameters": parameters})
        with pytest.raises(DamagedError):
            store.read("a")


@pytest.mark.parametrize("status", [400, 500])
def test_another_machine_that_adds_it_at_the_same_time(
    store: Store, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """NetBox finds it out itself, or, at the very same moment, its database does."""
    store.write("a", b"theirs")
    real, seen = SavedFilters._find, []

    def late(self: SavedFilters, *arguments: str) -> object:
        seen.append(arguments)
        return None if len(seen) == 1 else real(self, *arguments)

    def too_late(*dummy: object) -> object:
        raise Refused("no", 500, "error: duplicate key value violates unique constraint; exception: IntegrityError")

    monkeypatch.setattr(SavedFilters, "_find", late)
    if status == 500:
        monkeypatch.setattr(NetBox, "post", too_late)
    store.write("a", b"ours")
    assert store.read("a") == b"ours"
    assert len(store.list()) == 1


def test_what_is_too_large_is_told_before_it_is_sent(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("a", b"old")
    monkeypatch.setattr(state_place, "MOST", 20)
    with pytest.raises(StateError, match="20 is the most that is kept in NetBox"):
        store.write("a", bytes(range(200)))
    assert store.read("a") == b"old"


def test_a_netbox_that_cannot_be_used_is_told() -> None:
    with pytest.raises(StateError, match="netbox_url and netbox_token"):
        open_store("netbox:")
    with pytest.raises(StateError, match="state_store: netbox: cannot be used"):
        open_store("netbox:", in_netbox(NetBoxConnection("http://127.0.0.1:9", "token", timeout=2)))
