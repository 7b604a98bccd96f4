"""The memory of which hosts agreed: what it is bound to, and what is in it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.agreement import (
    AGREEMENT,
    Agreed,
    Agreement,
    agreement_key,
    load_agreement,
    save_agreement,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.reading import Reading, snapshot_name
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import Related
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import HostNames
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.documents import write_document
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import Store, open_store
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import Template, ZabbixSettings

NETBOX, INSTANCE = "https://netbox.example.com", "netbox"
CANARY = "canary-passphrase"
ROW: dict[str, Any] = {
    "hostid": "10001",
    "host": "sw1",
    "tags": [{"tag": "netbox_id", "value": "device:1"}],
    "interfaces": [{"interfaceid": "1", "details": {"authpassphrase": CANARY}}],
}


def key(secret: str = "s", settings: ZabbixSettings | None = None, parts: tuple[Any, ...] = ("policy",)) -> bytes:
    return agreement_key(parts, settings or ZabbixSettings(), secret)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = open_store(str(tmp_path))
    assert found is not None
    return found


def kept(store: Store) -> Agreement:
    """Keep that one host agreed, and return the memory as the next run has it."""
    memory = Agreement(key())
    assert memory.ref_of(ROW) is None
    agreed = {"device:1": Agreed("10001", memory.seen["10001"], HostNames("sw1", "sw1"))}
    assert save_agreement(store, NETBOX, INSTANCE, Agreement(key(), "snapshot", True, agreed)) == []
    return load_agreement(store, NETBOX, INSTANCE, key())


def test_a_host_told_in_the_same_words_is_known_again(store: Store) -> None:
    memory = kept(store)
    assert (memory.snapshot, memory.prefers_ipv4) == ("snapshot", True)
    assert memory.ref_of({**ROW, "tags": [dict(ROW["tags"][0])]}) == "device:1"
    assert memory.ref_of({**ROW, "host": "sw2"}) is None
    assert memory.ref_of({**ROW, "hostid": "10002"}) is None
    assert memory.ref_of({**ROW, "interfaces": [{"interfaceid": "1", "details": {"authpassphrase": "x"}}]}) is None


def test_other_rules_know_no_host_again(store: Store) -> None:
    kept(store)
    settings = [ZabbixSettings(), ZabbixSettings(), ZabbixSettings(), ZabbixSettings(proxies={"p": "1"})]
    settings[0].add_group("1", "Berlin")
    settings[1].add_group("2", "Berlin")
    settings[2].add_template(Template("1", "t", "T", (), 3))
    others = [key("another"), key(parts=("another",)), *(key(settings=some) for some in settings)]
    assert len({key(), *others}) == len(others) + 1
    for other in others:
        assert load_agreement(store, NETBOX, INSTANCE, other).ref_of(ROW) is None


def test_the_number_of_a_template_s_items_decides_nothing() -> None:
    one, two = ZabbixSettings(), ZabbixSettings()
    one.add_template(Template("1", "t", "T", (), 3))
    two.add_template(Template("1", "t", "T", (), 4))
    assert key(settings=one) == key(settings=two)


def test_no_secret_is_in_the_store(store: Store) -> None:
    kept(store)
    (path,) = Path(store.location).rglob("*-agreed.gz")
    text = gzip.decompress(path.read_bytes()).decode()
    assert "device:1" in text
    assert CANARY not in text


@pytest.mark.parametrize("content", [{}, [], {"snapshot": "s", "prefers_ipv4": None, "hosts": [["device:1"]]}, None])
def test_what_is_no_memory_is_an_empty_one(store: Store, content: Any) -> None:
    write_document(store, f"{snapshot_name(NETBOX, INSTANCE)}-agreed", AGREEMENT, content, {"netbox": NETBOX})
    assert load_agreement(store, NETBOX, INSTANCE, key()) == Agreement(key())


def test_it_goes_with_one_snapshot_and_what_is_made_of_it() -> None:
    def reading(snapshot: str = "s", touched: frozenset[str] | None = frozenset(), choice: bool = True) -> Reading:
        return Reading(
            Related({}, {}),
            [],
            None,
            lambda without: iter(()),
            snapshot=snapshot,
            touched=touched,
            prefers_ipv4=lambda: choice,
        )

    memory = Agreement(key(), "s", True)
    assert memory.goes_with(reading())
    assert not memory.goes_with(reading(snapshot="another"))
    assert not memory.goes_with(reading(touched=None))
    assert not memory.goes_with(reading(choice=False))
    assert not Agreement(key()).goes_with(reading(snapshot=""))
