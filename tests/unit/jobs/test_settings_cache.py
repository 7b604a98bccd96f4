"""The cache of settings: what the import found, and when it was last found right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import StateError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_cache import (
    KIND,
    SettingsCache,
    cache_name,
    confirm_cache,
    load_cache,
    read_confirmed,
    write_cache,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.documents import write_document
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import DamagedError, Store, open_store
from hypothesis import given
from hypothesis import strategies as st

ZABBIX = "https://zabbix.invalid/api_jsonrpc.php"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = open_store(str(tmp_path))
    assert found is not None
    return found


def cache(name: str = "ICMP Ping") -> SettingsCache:
    return SettingsCache(ZABBIX, (7, 0), {"templates": {"10": {"name": name, "items": 3}}})


@given(name=st.text())
def test_what_was_written_is_read_again(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = open_store(str(tmp_path_factory.mktemp("state")))
    assert store is not None
    assert load_cache(store, ZABBIX) is None
    size = write_cache(store, cache(name))
    after = load_cache(store, ZABBIX)
    assert after is not None
    assert (after.kinds, after.release, after.zabbix) == (cache(name).kinds, (7, 0), ZABBIX)
    assert [(entry.name, entry.size) for entry in store.list()] == [(cache_name(ZABBIX), size)]
    assert load_cache(store, "https://other.invalid") is None


def test_a_cache_that_is_found_right_is_not_written_again(store: Store) -> None:
    write_cache(store, cache())
    first = load_cache(store, ZABBIX)
    assert first is not None
    assert read_confirmed(store, first) == first.made
    confirm_cache(store, ZABBIX)
    assert load_cache(store, ZABBIX) == first
    assert read_confirmed(store, first) > first.made
    write_cache(store, cache("another"))
    later = load_cache(store, ZABBIX)
    assert later is not None
    assert read_confirmed(store, later) == later.made > first.made


@pytest.mark.parametrize("content", [None, [], {}, {"release": [7, 0]}, {"release": "7", "kinds": {}}])
def test_a_document_of_another_shape_is_told(store: Store, content: Any) -> None:
    write_document(store, cache_name(ZABBIX), KIND, content, {"zabbix": ZABBIX})
    with pytest.raises(DamagedError, match="is damaged"):
        load_cache(store, ZABBIX)


def test_a_cache_of_another_zabbix_is_told(store: Store) -> None:
    write_document(store, cache_name(ZABBIX), KIND, {"release": [7, 0], "kinds": {}}, {"zabbix": "https://old.invalid"})
    with pytest.raises(StateError, match=r"is of zabbix https://old\.invalid, and this is https://zabbix\.invalid"):
        load_cache(store, ZABBIX)
