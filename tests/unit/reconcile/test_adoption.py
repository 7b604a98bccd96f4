"""Our marks, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Macro
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.adoption import adopt
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.apply import Written, apply_plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.payload import payload
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import MACRO_APPLIED, ZabbixHost
from unit.reconcile.fake import FakeZabbix, Fault, cut, lost
from unit.reconcile.samples import INSTANCE, RELEASES, config, differ, in_sync

EMPTY = "1|||||||"


def foreign(release: tuple[int, int] = (7, 0)) -> ZabbixHost:
    """A host with tags and macros that we never saw."""
    live = in_sync(config(tags=frozenset({("site", "ber1")}), macros={"{$A}": Macro("1")}), release)
    tags = frozenset(pair for pair in live.tags if not pair[0].startswith("netbox_"))
    return replace(live, tags=tags, macros=tuple(macro for macro in live.macros if macro.macro != MACRO_APPLIED))


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
    zabbix = FakeZabbix([foreign()])
    apply_plan(
        Plan([adopt(foreign(), "device:1", "sw1", INSTANCE)]),
        zabbix,  # type: ignore[arg-type]
        differ(),
        lambda written: None,
        lambda text: None,
    )
    (live,) = zabbix.hosts.values()
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
