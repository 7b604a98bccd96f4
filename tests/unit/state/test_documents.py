"""Documents in the state store say what they are; one that is not what is wanted is told, never used."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.documents import (
    MADE_BY,
    ForeignError,
    Kind,
    VersionError,
    read_document,
    server_name,
    write_document,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import DamagedError, Store, open_store
from hypothesis import given
from hypothesis import strategies as st

SNAPSHOT = Kind("snapshot", 2)
OF = {"netbox": "https://netbox.invalid", "zabbix": "https://zabbix.invalid"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = open_store(str(tmp_path))
    assert found is not None
    return found


def test_a_document_comes_back_with_what_it_says_of_itself(store: Store) -> None:
    assert read_document(store, "one.json", SNAPSHOT, OF) is None
    write_document(store, "one.json", SNAPSHOT, {"hosts": [1, 2]}, OF)
    found = read_document(store, "one.json", SNAPSHOT, OF)
    assert found is not None
    assert (found.content, found.made_by, found.of) == ({"hosts": [1, 2]}, MADE_BY, OF)
    assert abs(datetime.now(UTC) - found.made) < timedelta(minutes=1)


@given(content=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_any_content_comes_back(content: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = open_store(str(tmp_path_factory.mktemp("state")))
    assert store is not None
    write_document(store, "one", SNAPSHOT, content, {})
    found = read_document(store, "one", SNAPSHOT, {})
    assert found is not None
    assert found.content == content


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"version": 3}, VersionError, "has version 3 of the format, and this is version 2"),
        ({"version": 1}, VersionError, "has version 1"),
        ({"kind": "run"}, DamagedError, "is no snapshot but a run"),
        ({"of": {**OF, "zabbix": "https://other.invalid"}}, ForeignError, "is of zabbix https://other.invalid"),
        ({"of": {}}, ForeignError, "is of netbox None"),
        ({"made": "yesterday"}, DamagedError, "is damaged"),
        ({"made": None}, DamagedError, "is damaged"),
        ({"of": 3}, DamagedError, "is damaged"),
    ],
)
def test_another_document_is_told(store: Store, change: Any, error: type[Exception], said: str) -> None:
    write_document(store, "one.json", SNAPSHOT, [], OF)
    document = json.loads(store.read("one.json") or b"")
    store.write("one.json", json.dumps({**document, **change}).encode())
    with pytest.raises(error, match=said) as raised:
        read_document(store, "one.json", SNAPSHOT, OF)
    assert store.where("one.json") in str(raised.value)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"3", b"\xff", b'{"kind": "snapshot"}'])
def test_what_is_no_document_is_told(store: Store, text: bytes) -> None:
    store.write("one.json", text)
    with pytest.raises(DamagedError, match=r"one\.json\.gz is damaged"):
        read_document(store, "one.json", SNAPSHOT, {})


def test_each_server_has_a_name_of_its_own() -> None:
    names = [server_name(f"https://zabbix.invalid{path}") for path in ("/a", "/b")]
    assert all(name.startswith("zabbix.invalid-") for name in names)
    assert len(set(names)) == 2
    assert server_name("https://[2001:db8::1]/a").startswith("2001_db8__1-")


def test_documents_tell_the_version_of_the_collection() -> None:
    galaxy = yaml.safe_load((Path(__file__).parents[3] / "galaxy.yml").read_text())
    assert f"{galaxy['namespace']}.{galaxy['name']} {galaxy['version']}" == MADE_BY
