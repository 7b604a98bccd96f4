"""NetBox as the state store, with the account of the least rights."""

from __future__ import annotations

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.state_place import in_netbox
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store

from integration.world import NetBoxSide

pytestmark = [pytest.mark.netbox]


def test_the_least_rights_are_enough_to_keep_documents_in_netbox(netbox_server: NetBoxSide) -> None:
    store = open_store("netbox:", in_netbox(netbox_server.connection()))
    assert store is not None
    size = store.write("tests/a.json", b"one")
    store.write("tests/b.json", b"two")
    store.write("tests/a.json", b"new")
    assert (store.read("tests/a.json"), store.read("tests/c.json")) == (b"new", None)
    listed = store.list("tests/")
    assert [(entry.name, entry.size) for entry in listed] == [("tests/a.json", size), ("tests/b.json", size)]
    for entry in listed:
        store.delete(entry.name)
    assert store.list("tests/") == []
