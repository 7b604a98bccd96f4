"""Our marks, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Macro
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.adoption import adopt
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.apply import Written, apply_plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.archive import release as give_back
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.payload import payload
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Change, Plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.preimage import preimage
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.undo import undo
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import MACRO_APPLIED, ZabbixHost
from unit.reconcile.fake import FakeZabbix, Fault, cut, lost
from unit.reconcile.samples import INSTANCE, RELEASES, config, differ, in_sync, settings

EMPTY = "1|||||||"


def foreign(release: tuple[int, int] = (7, 0)) -> ZabbixHost:
    """A host with tags and macros that we never saw."""
    live = in_sync(config(tags=frozenset({("site", "ber1")}), macros={"{$A}": Macro("1")}), release)
    tags = frozenset(pair for pair in live.tags if not pair[0].startswith("netbox_"))
    return replace(live, tags=tags, macros=tuple(macro for macro in live.macros if macro.macro != MACRO_APPLIED))


def written(zabbix: FakeZabbix, change: Change) -> ZabbixHost:
    """Return the host as it is after a change."""
    apply_plan(
        Plan([change]),
        zabbix,  # type: ignore[arg-type]
        differ(),
        lambda written: None,
        lambda text: None,
    )
    (live,) = zabbix.hosts.values()
    return live


@pytest.mark.parametrize("release", RELEASES)
def test_one_write_has_the_tags_and_the_record_and_keeps_all_others(release: tuple[int, int]) -> None:
    live = foreign(release)
    sent = payload(adopt(live, "device:1", "sw1 (device 1)", INSTANCE), release)
    assert sorted(sent) == ["hostid", "macros", "tags"]
    assert {(tag["tag"], tag["value"]) for tag in sent["tags"]} == {
        ("site", "ber1"),
        ("netbox_instance", INSTANCE),
        ("netbox_id", "device:1"),
    }
    kept, record = sent["macros"]
    assert kept == {"hostmacroid": live.macros[0].hostmacroid}
    assert (record["macro"], record["value"]) == (MACRO_APPLIED, EMPTY)


def test_the_next_sync_takes_nothing_away_and_calls_all_pending() -> None:
    live = written(FakeZabbix([foreign()]), adopt(foreign(), "device:1", "sw1", INSTANCE))
    change = differ().compare(config(templates=frozenset({"Linux"})), live)
    assert change is not None
    assert {item.reason for item in change.differences} == {"pending"}
    assert all(item.after is not None for item in change.differences)
    assert change.writes["templates"] == {"100", "101"}


@pytest.mark.parametrize(("fault", "writes"), [(lost, 1), (cut, 2)])
def test_a_lost_answer_is_read_back(fault: Fault, writes: int) -> None:
    zabbix = FakeZabbix([foreign()])
    zabbix.fails("host.update[]", fault)
    told: list[Written] = []
    apply_plan(
        Plan([adopt(foreign(), "device:1", "sw1", INSTANCE)]),
        zabbix,  # type: ignore[arg-type]
        differ(),
        told.append,
        lambda text: None,
    )
    assert [one.error for one in told] == [None]
    assert sum(name == "host.update[]" for name, dummy in zabbix.log) == writes
    (live,) = zabbix.hosts.values()
    assert ("netbox_id", "device:1") in live.tags


def plain(live: ZabbixHost) -> ZabbixHost:
    macros = tuple(replace(macro, hostmacroid="") for macro in live.macros)
    return replace(live, macros=macros)


def test_an_adoption_can_be_taken_back() -> None:
    zabbix = FakeZabbix([foreign()])
    change = adopt(foreign(), "device:1", "sw1", INSTANCE)
    live = written(zabbix, change)
    back = undo(preimage(change), live, settings())
    assert back.touched == []
    assert back.change is not None
    assert plain(written(zabbix, back.change)) == plain(foreign())


def test_a_host_whose_record_somebody_took_away_keeps_its_macros_when_it_is_released() -> None:
    tags = foreign().tags | {("netbox_instance", INSTANCE), ("netbox_id", "device:1")}
    live = replace(foreign(), tags=tags)
    assert sorted(payload(give_back(live, "device:1", "asked", ""), (7, 0))) == ["hostid", "tags"]
    assert plain(written(FakeZabbix([live]), give_back(live, "device:1", "asked", ""))) == plain(foreign())
