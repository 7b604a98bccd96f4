"""Since when a difference is known."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Detail, HostResult
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.sightings import Sightings
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import Store, open_store

NETBOX = "https://netbox.example.com"
ONE, TWO = "2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"


def look(store: Store | None, now: str, *differing: tuple[str, str, str], whole: bool = True) -> list[str]:
    """Look once, and return since when each of these differences (object, attribute, value) is known."""
    known = Sightings(store, NETBOX, "netbox")
    assert known.load() == []
    hosts: list[HostResult] = []
    for ref, attribute, value in differing:
        detail = Detail(attribute, "x", value, None)
        host = HostResult(ref, ref, "1", "drifted", details=[detail])
        host.details = [Detail(attribute, "x", value, None, since=known.seen(host, detail, now))]
        hosts.append(host)
    assert known.save(hosts, whole=whole) == []
    return [detail.since for host in hosts for detail in host.details]


def test_a_difference_keeps_its_time_until_it_is_gone(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    assert look(store, ONE, ("device:1", "tags", "a")) == [ONE]
    # another value of a tag is another difference, another value of anything else is not
    assert look(store, TWO, ("device:1", "tags", "b")) == [TWO]
    assert look(store, ONE, ("device:1", "name", "a")) == [ONE]
    assert look(store, TWO, ("device:1", "name", "b"), ("device:2", "name", "a")) == [ONE, TWO]
    assert look(store, TWO) == []
    assert look(store, TWO, ("device:1", "name", "a")) == [TWO]


def test_a_look_at_a_part_forgets_nothing_of_the_others(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    look(store, ONE, ("device:1", "name", "a"))
    look(store, TWO, ("device:2", "name", "a"), whole=False)
    assert look(store, TWO, ("device:1", "name", "a"), ("device:2", "name", "a")) == [ONE, TWO]


def test_without_a_store_each_look_is_the_first() -> None:
    assert look(None, ONE, ("device:1", "name", "a")) == [ONE]
    assert look(None, TWO, ("device:1", "name", "a")) == [TWO]


def test_what_is_damaged_is_told_and_made_anew(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    look(store, ONE, ("device:1", "name", "a"))
    (path,) = (tmp_path / "differences").iterdir()
    path.write_bytes(b"x")
    (note,) = Sightings(store, NETBOX, "netbox").load()
    assert "begins anew" in note
    assert "damaged" in note
