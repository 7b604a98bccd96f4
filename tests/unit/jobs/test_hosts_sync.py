"""SyncHostsNow as a whole, between an estate and a Zabbix in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import (
    GuardError,
    InputError,
    LeaseLostError,
    NetBoxError,
    NetboxZabbixError,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.turn import Turn
from unit.jobs.estate import POLICY, Estate, actions, errors
from unit.policy.samples import related
from unit.reconcile.fake import cut, lost


def named(estate: Estate, host: str) -> Any:
    (found,) = [one for one in estate.zabbix.hosts.values() if one.host == host]
    return found


def put(estate: Estate, of: str, /, **changes: Any) -> None:
    """Change a Zabbix host by hand."""
    found = named(estate, of)
    estate.zabbix.hosts[found.hostid] = replace(found, **changes)


def copied(estate: Estate, of: str, hostid: str, /, **changes: Any) -> None:
    estate.zabbix.hosts[hostid] = replace(named(estate, of), hostid=hostid, **changes)


# --- the ordinary way


def test_a_first_run_creates_and_a_second_one_writes_nothing(estate: Estate) -> None:
    estate.devices(1, 2, 3, 4)
    result = estate.run()
    assert actions(result) == {f"device:{number}": "create" for number in (1, 2, 3, 4)}
    assert result.changed
    assert result.failed == []
    assert (result.stats["creates"], result.stats["written_back"]) == (4, 4)
    assert estate.told["device:1"] == {
        "zabbix_hostid": int(named(estate, "sw1").hostid),
        "zabbix_sync_status": "in_sync",
    }
    again = estate.run()
    assert (again.hosts, again.changed, again.stats["unchanged"]) == ([], False, 4)
    assert (estate.writes, estate.told) == ([], {})


def test_what_changed_on_either_side_is_updated_with_its_reason(estate: Estate) -> None:
    estate.devices(1, 2, 3)
    estate.run()
    estate.change(1, role=related(5, "Core", parent=None, custom_fields={}))
    put(estate, "sw2", name="by hand")
    result = estate.run()
    assert {host.object: (host.changes, host.reasons) for host in result.hosts} == {
        "device:1": (["tags[role]"], ["pending"]),
        "device:2": (["name"], ["drifted"]),
    }
    assert estate.writes == ["host.update[]"]
    assert estate.told == {}
    assert "updated 2" in result.message
    assert "1 unchanged" in result.message
    assert {
        host.object: [(one.element, one.wanted, one.live, one.reason) for one in host.details] for host in result.hosts
    }["device:2"] == [("", "sw2", "by hand", "drifted")]
    assert result.durations.keys() == {"read", "compare", "check", "write", "write back"}


def test_a_dry_run_writes_nothing_anywhere(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    put(estate, "sw1", name="by hand")
    estate.devices(3)
    result = estate.run(dry_run=True, want_diff=True)
    assert (estate.writes, estate.told) == ([], {})
    assert (result.changed, result.dry_run) == (True, True)
    assert actions(result) == {"device:1": "update", "device:3": "create"}
    assert "would create 1, would update 1" in result.message
    assert "~ name: by hand -> sw1   (drifted" in result.diff
    assert "+ sw3  [sw3 (device 3)]" in result.diff
    real = estate.run()
    assert actions(real) == actions(result)


def test_a_dry_run_over_what_is_right_has_no_change(estate: Estate) -> None:
    estate.devices(1)
    estate.run()
    result = estate.run(dry_run=True)
    assert (result.changed, result.hosts) == (False, [])


# --- one host's failure


def test_one_that_fails_stops_no_other(estate: Estate) -> None:
    estate.devices(1, 3)
    estate.devices(2, role=None)
    policy = POLICY + "- {name: bad, match: {role: access}, templates: [Linx]}\n"
    result = estate.run(policy)
    assert set(errors(result)) == {"device:1", "device:3"}
    assert 'no template "Linx"' in errors(result)["device:1"]
    assert "Given by" in errors(result)["device:1"]
    assert actions(result)["device:2"] == "create"
    assert estate.told["device:1"] == {"zabbix_sync_status": "failed"}
    assert (result.stats["failed"], result.changed) == (2, True)
    assert "2 failed" in result.message
    assert "sw1" in result.message


def test_a_host_that_zabbix_refuses(estate: Estate) -> None:
    estate.devices(1, 2, 3)
    estate.zabbix.refuse = lambda host: "not this one" if host.get("host") == "sw2" else None
    result = estate.run()
    assert errors(result) == {"device:2": "not this one"}
    assert estate.told["device:2"] == {"zabbix_sync_status": "failed"}
    estate.zabbix.refuse = lambda host: None
    assert actions(estate.run()) == {"device:2": "create"}


@pytest.mark.parametrize("fault", [lost, cut])
def test_a_lost_answer_makes_no_second_host(estate: Estate, fault: Any) -> None:
    estate.devices(1, 2, 3)
    estate.zabbix.fails("host.create", fault)
    assert estate.run().failed == []
    assert sorted(host.host for host in estate.zabbix.hosts.values()) == ["sw1", "sw2", "sw3"]
    assert estate.run().hosts == []


def test_a_write_back_that_fails_is_a_note(estate: Estate) -> None:
    estate.devices(1)
    estate.warnings = ["NetBox was not told the new values of device 1: no"]
    result = estate.run()
    assert estate.warnings[0] in result.notes
    assert result.failed == []
    assert actions(result) == {"device:1": "create"}


# --- whose host is it


def test_a_host_without_our_tags_is_never_touched(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    put(estate, "sw1", tags=frozenset())
    before = named(estate, "sw1")
    result = estate.run(write_back=[])
    assert set(errors(result)) == {"device:1"}
    assert named(estate, "sw1") == before
    assert before.hostid in errors(result)["device:1"]


def test_a_stranger_with_our_name(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    copied(estate, "sw2", "55", host="sw9", name="sw9", tags=frozenset())
    estate.change(1, name="sw9")
    result = estate.run()
    assert 'host id 55 has the technical name "sw9" already' in errors(result)["device:1"]
    assert estate.writes == []


def test_names_that_swap_are_no_strangers(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    estate.change(1, name="sw2")
    estate.change(2, name="sw1")
    result = estate.run()
    assert result.failed == []
    assert named(estate, "sw2").tag("netbox_id") == ["device:1"]


def test_two_hosts_of_one_object_are_a_conflict(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    copied(estate, "sw1", "55", host="copy", name="copy")
    estate.change(1, name="renamed")
    result = estate.run()
    assert "2 Zabbix hosts carry its tag" in errors(result)["device:1"]
    assert "55" in errors(result)["device:1"]
    assert estate.writes == []


def test_a_host_with_our_instance_and_no_object(estate: Estate) -> None:
    estate.devices(1)
    estate.run()
    copied(estate, "sw1", "55", host="stray", name="stray", tags=frozenset({("netbox_instance", "netbox-test")}))
    result = estate.run()
    assert [(host.name, host.hostid) for host in result.failed] == [("stray", "55")]
    assert "netbox_id" in (result.failed[0].error or "")


def test_a_link_to_another_host_is_a_conflict(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    estate.change(1, custom_fields={"zabbix_hostid": int(named(estate, "sw2").hostid)}, name="renamed")
    result = estate.run()
    assert "NetBox links it to host id" in errors(result)["device:1"]
    assert estate.writes == []
    assert result.stats["unchanged"] == 1


def test_a_link_to_a_host_that_is_gone_is_renewed(estate: Estate) -> None:
    estate.devices(1)
    estate.run()
    estate.change(1, custom_fields={"zabbix_hostid": 4711, "zabbix_sync_status": "in_sync"})
    result = estate.run()
    assert (result.failed, estate.writes) == ([], [])
    assert estate.told == {"device:1": {"zabbix_hostid": int(named(estate, "sw1").hostid)}}


@pytest.mark.parametrize("link", ["gone", "of another"])
def test_an_object_with_a_wrong_link_may_also_fail_otherwise(estate: Estate, link: str) -> None:
    estate.devices(1, 2)
    estate.run()
    hostid = 4711 if link == "gone" else int(named(estate, "sw2").hostid)
    estate.change(1, custom_fields={"zabbix_hostid": hostid})
    policy = POLICY + "- {name: bad, match: {name: sw1}, templates: [Linx]}\n"
    result = estate.run(policy)
    assert set(errors(result)) == {"device:1"}
    assert result.stats["unchanged"] == 1


# --- what is gone


def test_orphans_are_told_and_left_alone_where_the_policy_says_so(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    before = named(estate, "sw2")
    estate.remove(2)
    result = estate.run(deletion={"gone": "keep"})
    assert actions(result) == {"device:2": "orphan"}
    assert (named(estate, "sw2"), estate.writes, result.changed) == (before, [], False)
    assert result.stats["orphans"] == 1


def test_a_run_over_a_part_takes_nothing_for_gone(estate: Estate) -> None:
    estate.devices(1, 2, 3)
    estate.run()
    estate.remove(3)
    put(estate, "sw2", name="by hand")
    result = estate.run(ids=["device:1"])
    assert (result.hosts, estate.writes) == ([], [])
    assert result.stats["objects"] == result.stats["managed"] == 1
    # not even the one that was selected, and deleted in NetBox before it was read
    result = estate.run(ids=["device:1", "device:3"])
    assert (result.hosts, estate.writes) == ([], [])


@pytest.mark.parametrize("whole", [True, False])
def test_an_object_that_is_not_to_be_monitored_any_more(estate: Estate, whole: bool) -> None:
    estate.devices(1, 2)
    estate.run()
    estate.change(1, custom_fields={**estate.objects[0].attributes["custom_fields"], "zabbix_exclude": True})
    result = estate.run(ids=() if whole else ["device:1"], deletion={"excluded": "keep"})
    assert actions(result) == {"device:1": "excluded"}
    assert estate.writes == []
    assert estate.told == {"device:1": {"zabbix_sync_status": "excluded"}}


# --- nothing is written where something is wrong with the whole


def test_a_plan_over_a_limit_writes_nothing(estate: Estate) -> None:
    estate.devices(*range(1, 31))
    estate.run()
    for number in range(1, 12):
        estate.change(number, status="offline")
    with pytest.raises(GuardError, match="11 hosts disabled"):
        estate.run(statuses={"device": {"offline": "disabled"}})
    assert (estate.writes, estate.told) == ([], {})
    result = estate.run(statuses={"device": {"offline": "disabled"}}, limits={"disables": {"percent": 50}})
    assert result.stats["disables"] == 11


def test_a_netbox_that_gives_too_little(estate: Estate) -> None:
    estate.devices(*range(1, 31))
    estate.run()
    estate.remove(*range(11, 31))
    with pytest.raises(GuardError, match="NetBox gave 10 objects, and Zabbix has 30"):
        estate.run()
    assert (estate.writes, estate.told) == ([], {})
    with pytest.raises(GuardError, match=r"20 hosts archived, 66.7 % of 30 managed hosts"):
        estate.run(min_objects_percent=30)
    assert (estate.writes, estate.told) == ([], {})
    estate.run(min_objects_percent=30, limits={"archives": {"percent": 70}})
    # those in the archive are no longer counted
    assert estate.run().stats["managed"] == 10


def test_a_netbox_whose_count_is_not_what_it_lists(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.missing = 1
    with pytest.raises(NetBoxError, match="3 devices and listed 2"):
        estate.run()
    assert estate.writes == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"instance": " "}, "netbox_zabbix_instance is empty"),
    ({"limits": {"purges": {}}}, 'no limit for "purges"'),
    ({"mappings": [{"name": "a", "templats": []}]}, "templats"),
    ({"mappings": [{"name": "a", "host_groups": ["A"], "match": {"site": "nowhere"}}]}, "nowhere"),
    (
        {
            "mappings": [{"name": "a", "macros": {"{$S}": {"secret": "s"}}}],
            "secrets": {"s": "canary-secret"},
        },
        "netbox_zabbix_digest_key is needed",
    ),
]


@pytest.mark.parametrize(("options", "text"), WRONG)
def test_a_wrong_option_is_told_before_anything_is_done(estate: Estate, options: dict[str, Any], text: str) -> None:
    estate.devices(1)
    with pytest.raises(InputError, match=text) as caught:
        estate.run(**options)
    assert (estate.writes, estate.told) == ([], {})
    assert "canary" not in str(caught.value)


def test_a_secret_macro_of_a_config_context_needs_the_key_too(estate: Estate) -> None:
    estate.devices(1, config_context={"zabbix": {"macros": {"{$S}": {"secret": "s"}}}})
    estate.devices(2)
    result = estate.run(secrets={"s": "canary-secret"})
    assert set(errors(result)) == {"device:1"}
    assert "netbox_zabbix_digest_key" in errors(result)["device:1"]


# --- secrets, interfaces, progress


def test_secrets_are_nowhere_but_in_the_request(estate: Estate) -> None:
    policy = POLICY + '- {name: s, macros: {"{$S}": {secret: s}}}\n'
    estate.devices(1)
    results = [
        estate.run(policy, secrets={"s": "canary-one"}, digest_key="k", want_diff=True),
        estate.run(policy, secrets={"s": "canary-two"}, digest_key="k", want_diff=True),
    ]
    assert [actions(result) for result in results] == [{"device:1": "create"}, {"device:1": "update"}]
    told = repr([(result.as_dict(), result.diff) for result in results]) + repr(estate.progress)
    assert "canary" not in told
    assert "********" in told
    assert estate.run(policy, secrets={"s": "canary-two"}, digest_key="k").hosts == []


def test_an_interface_that_items_use_stays(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    used = named(estate, "sw1").interfaces[0].interfaceid
    estate.zabbix.in_use = {used: "7"}
    result = estate.run(POLICY.replace("  interfaces: [{type: agent}]\n", ""), want_diff=True)
    assert result.failed == []
    assert [one.interfaceid for one in named(estate, "sw1").interfaces] == [used]
    assert "7 items use it" in result.diff
    assert estate.run(POLICY.replace("  interfaces: [{type: agent}]\n", "")).hosts == []


def test_progress_is_told(estate: Estate) -> None:
    estate.devices(1, 2, 3, 4)
    result = estate.run()
    text = "\n".join(estate.progress)
    for part in ("reading NetBox", "reading Zabbix: 0 managed", "compared 4 of 4", "created 4 of 4"):
        assert part in text
    assert result.requests["zabbix"]["host.create"] == 1


def test_the_zabbix_session_is_closed_whatever_happens(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(estate.zabbix, "close", lambda: closed.append(True))
    estate.devices(1)
    estate.run()
    estate.missing = 1
    with pytest.raises(NetboxZabbixError):
        estate.run()
    assert closed == [True, True]


def test_a_dry_run_shows_a_plan_that_a_real_one_would_not_make(estate: Estate) -> None:
    estate.devices(*range(1, 12))
    result = estate.run(dry_run=True, limits={"creates": {"count": 5}}, want_diff=True)
    assert "11 new hosts, over the limit of 5" in result.refused
    assert result.refused in result.message
    assert len(actions(result)) == 11
    assert "+ sw1 " in result.diff
    assert (estate.writes, estate.told) == ([], {})


# --- one run writes at a time


def test_after_another_run_what_was_read_is_read_again(estate: Estate) -> None:
    estate.devices(1, 2)

    def other() -> None:
        estate.run()

    estate.meanwhile = other
    result = estate.run()
    assert (result.hosts, result.stats["unchanged"], len(estate.zabbix.hosts)) == ([], 2, 2)


def test_a_run_that_was_taken_for_dead_writes_no_more(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    estate.devices(1, 2)

    def check(self: Turn) -> None:
        raise LeaseLostError("this run lost its lease")

    monkeypatch.setattr(Turn, "check", check)
    assert set(errors(estate.run()).values()) == {"not tried: this run lost its lease"}
    assert (estate.writes, estate.zabbix.hosts, estate.zabbix.before_write) == ([], {}, None)


def test_a_run_with_nothing_to_change_asks_for_no_turn(estate: Estate) -> None:
    estate.devices(1)
    estate.run()
    estate.meanwhile = lambda: pytest.fail("it took a turn")
    estate.run()
    estate.devices(2)
    estate.run(dry_run=True)
