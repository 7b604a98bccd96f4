"""How hosts end and come back, in whole runs between an estate and a Zabbix in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import GuardError, InputError
from unit.jobs.estate import POLICY, Estate, actions, errors
from unit.reconcile.fake import failing

INVENTORY = POLICY.replace(
    "  interfaces:",
    '  inventory_mode: manual\n  inventory: {serialno_a: "{serial}", asset_tag: "{asset_tag}"}\n  interfaces:',
)
ABSENT = {"device": {"decommissioning": "absent"}}


def host(estate: Estate, number: int) -> Any:
    """Return the Zabbix host of a device."""
    (found,) = [one for one in estate.zabbix.hosts.values() if one.tag("netbox_id") == [f"device:{number}"]]
    return found


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("remove", "gone"),
        ({"status": "decommissioning"}, "absent"),
        ({"custom_fields": {"zabbix_exclude": True, "zabbix_hostid": None, "zabbix_sync_status": None}}, "excluded"),
    ],
)
def test_a_host_whose_object_ends_is_archived_and_comes_back(estate: Estate, change: Any, reason: str) -> None:
    estate.devices(1, 2)
    estate.run()
    hostid, before = host(estate, 2).hostid, estate.objects[1]
    attributes = dict(before.attributes)
    if change == "remove":
        estate.remove(2)
    else:
        estate.change(2, **change)
    result = estate.run(statuses=ABSENT)
    assert actions(result) == {"device:2": "archive"}
    assert result.hosts[0].reasons == [reason]
    away = host(estate, 2)
    assert (away.hostid, away.host, away.status, away.archived) == (hostid, f"sw2_archived-{hostid}", "disabled", True)
    assert "archived 1" in result.message
    if change != "remove":
        assert estate.told["device:2"]["zabbix_sync_status"] == "archived"
    again = estate.run(statuses=ABSENT)
    assert (actions(again), again.changed, estate.writes, estate.told) == ({"device:2": "archived"}, False, [], {})
    assert again.stats["managed"] == 1

    estate.remove(2)
    before.attributes.clear()
    before.attributes.update(attributes)
    estate.objects.append(before)
    back = estate.run(statuses=ABSENT)
    assert actions(back) == {"device:2": "restore"}
    assert (host(estate, 2).hostid, host(estate, 2).host, host(estate, 2).status) == (hostid, "sw2", "enabled")
    assert estate.run(statuses=ABSENT).hosts == []


@pytest.mark.parametrize("end", ["delete", "disable", "keep"])
def test_the_policy_may_say_otherwise(estate: Estate, end: str) -> None:
    estate.devices(1, 2)
    estate.run()
    estate.change(2, status="decommissioning")
    result = estate.run(statuses=ABSENT, deletion={"absent": end})
    assert actions(result) == {"device:2": {"delete": "delete", "disable": "update", "keep": "absent"}[end]}
    told = estate.told["device:2"]
    assert told["zabbix_sync_status"] == "excluded"
    assert ("zabbix_hostid" in told and told["zabbix_hostid"] is None) == (end == "delete")
    again = estate.run(statuses=ABSENT, deletion={"absent": end})
    assert (again.changed, estate.writes, estate.told) == (False, [], {})


def test_a_failed_archive_is_told_and_tried_again(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    estate.remove(2)
    estate.zabbix.refuse = lambda call: "the database is locked" if call.get("status") == "1" else None
    assert errors(estate.run()) == {"device:2": "the database is locked"}
    estate.zabbix.refuse = lambda call: None
    assert actions(estate.run()) == {"device:2": "archive"}


def test_a_run_over_a_part_archives_what_it_looked_at_and_nothing_else(estate: Estate) -> None:
    estate.devices(1, 2, 3)
    estate.run()
    estate.change(2, status="decommissioning")
    estate.remove(3)
    assert actions(estate.run(ids=["device:1", "device:2"], statuses=ABSENT)) == {"device:2": "archive"}


def test_hosts_that_are_deleted_are_limited_apart(estate: Estate) -> None:
    estate.devices(*range(1, 101))
    estate.run()
    estate.remove(*range(1, 13))
    with pytest.raises(GuardError, match=r"12 hosts deleted with their history, 12.0 % .* limit of 5 %"):
        estate.run(deletion={"gone": "delete"})
    assert estate.writes == []


def test_a_host_in_maintenance_waits_where_the_policy_says_so(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    estate.devices(1, 2, 3)
    estate.run()
    busy = host(estate, 2).hostid
    estate.remove(2, 3)
    plain = estate.zabbix.call

    def call(method: str, params: Any) -> Any:
        if method == "host.get" and params.get("filter") == {"maintenance_status": "1"}:
            return [{"hostid": busy}]
        return plain(method, params)

    monkeypatch.setattr(estate.zabbix, "call", call)
    result = estate.run(deletion={"in_maintenance": False})
    assert actions(result) == {"device:2": "orphan", "device:3": "archive"}
    assert "in maintenance" in result.hosts[0].reasons[0]


# --- objects that were there before under another id


@pytest.mark.parametrize(
    ("values", "relink"), [({"serial": "S-1"}, ["serial"]), ({"asset_tag": "A-1"}, None), ({}, ["name"])]
)
@pytest.mark.parametrize("late", [False, True])
def test_a_new_object_takes_over_the_host_of_one_that_is_gone(
    estate: Estate, values: dict[str, str], relink: list[str] | None, late: bool
) -> None:
    deletion = {} if relink is None else {"relink": relink}
    estate.devices(1)
    estate.devices(2, **values)
    estate.run(INVENTORY, deletion=deletion)
    hostid = host(estate, 2).hostid
    estate.remove(2)
    if late:
        estate.run(INVENTORY, deletion=deletion)
    estate.devices(7, name="sw2" if not values else "new-name", **values)
    result = estate.run(INVENTORY, deletion=deletion)
    assert actions(result) == {"device:7": "restore" if late else "update"}
    found = host(estate, 7)
    assert (found.hostid, found.host, found.archived) == (hostid, "new-name" if values else "sw2", False)
    assert estate.run(INVENTORY, deletion=deletion).hosts == []


def test_a_namesake_is_a_new_host_unless_the_policy_says_otherwise(estate: Estate) -> None:
    estate.devices(1, 2, serial="")
    estate.run(INVENTORY)
    old = host(estate, 2).hostid
    estate.remove(2)
    estate.devices(7, name="sw2")
    assert actions(estate.run(INVENTORY)) == {"device:2": "archive", "device:7": "create"}
    assert host(estate, 7).host == "sw2"
    assert host(estate, 2).hostid == old


def test_what_is_not_clear_is_not_guessed(estate: Estate) -> None:
    estate.devices(1)
    estate.devices(2, 3, serial="S-1")
    estate.run(INVENTORY)
    estate.remove(2, 3)
    estate.devices(7, serial="S-1")
    result = estate.run(INVENTORY)
    assert actions(result) == {"device:2": "archive", "device:3": "archive", "device:7": "create"}
    assert 'share the serial "S-1"' in result.notes[0]


# --- two that claim one


def test_of_several_hosts_a_person_says_which_one_it_is(estate: Estate) -> None:
    estate.devices(1)
    estate.run()
    real = host(estate, 1)
    estate.zabbix.hosts["777"] = clone = replace(real, hostid="777", host="clone", name="clone")
    result = estate.run()
    assert "netbox_zabbix_resolve: {device:1: host id}" in errors(result)["device:1"]
    result = estate.run(resolve={"device:1": int(real.hostid)})
    assert actions(result) == {"host:777": "release"}
    free = estate.zabbix.hosts["777"]
    assert (free.tags, free.macros) == (frozenset({("role", "access")}), ())
    assert replace(free, tags=clone.tags, macros=clone.macros) == clone
    assert host(estate, 1) == real
    assert estate.run().hosts == []
    assert "no two hosts carry its tag" in estate.run(resolve={"device:1": "5"}).notes[0]


# --- single hosts


def test_state_absent_ends_the_hosts_of_the_selected_objects(estate: Estate) -> None:
    estate.devices(1, 2, 3)
    estate.run()
    estate.remove(3)
    result = estate.run(ids=["device:2", "device:3"], state="absent")
    assert actions(result) == {"device:2": "archive", "device:3": "archive"}
    again = estate.run(ids=["device:2", "device:3"], state="absent")
    assert (again.changed, estate.writes) == (False, [])
    assert actions(estate.run(ids=["device:2"], state="absent", deletion={"absent": "delete"})) == {
        "device:2": "delete"
    }
    assert actions(estate.run(ids=["device:2"], state="absent")) == {}


def test_state_archived_archives_whatever_the_policy(estate: Estate) -> None:
    estate.devices(1)
    estate.run()
    assert actions(estate.run(ids=["device:1"], state="archived", deletion={"absent": "delete"})) == {
        "device:1": "archive"
    }


def test_state_restored_brings_back_and_creates_nothing(estate: Estate) -> None:
    estate.devices(1, 2, 3)
    estate.run(ids=["device:1", "device:2"])
    estate.run(ids=["device:1"], state="archived")
    result = estate.run(ids=["device:1", "device:2", "device:3"], state="restored")
    assert actions(result) == {"device:1": "restore", "device:3": "failed"}
    assert "no archived host" in errors(result)["device:3"]
    estate.run(ids=["device:1"], state="archived")
    estate.change(1, status="decommissioning")
    result = estate.run(ids=["device:1"], state="restored", statuses=ABSENT)
    assert "not to be monitored" in errors(result)["device:1"]


def test_a_wrong_deletion_policy_stops_before_anything(estate: Estate) -> None:
    estate.devices(1)
    with pytest.raises(InputError, match=r"netbox_zabbix_deletion\.gone"):
        estate.run(deletion={"gone": "burn"})
    assert (estate.writes, estate.zabbix.log) == ([], [])


def test_nobody_may_create_the_graveyard(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    estate.remove(2)
    before = host(estate, 2)
    estate.zabbix.fails("hostgroup.create", failing('No permissions to call "hostgroup.create".'))
    assert "host groups are missing: NetBox archive" in errors(estate.run())["device:2"]
    assert host(estate, 2) == before


def test_what_netbox_hides_is_not_taken_for_gone(estate: Estate) -> None:
    estate.devices(1, 2)
    estate.run()
    estate.remove(2)
    estate.hidden = 1
    result = estate.run()
    assert actions(result) == {"device:2": "orphan"}
    assert "hides 1 devices" in result.hosts[0].reasons[0]
    assert estate.writes == []
    estate.hidden = 0
    assert actions(estate.run()) == {"device:2": "archive"}
