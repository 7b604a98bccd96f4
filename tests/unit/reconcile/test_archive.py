"""The end of a host, and its way back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Macro, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.apply import Written, apply_plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.archive import (
    Deletion,
    archive,
    archive_record,
    archived_name,
    delete,
    deletion_from,
    disable,
    release,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.names import MAX_NAME
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Change, Plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import (
    MACRO_APPLIED,
    MACRO_ARCHIVED,
    ZabbixHost,
)
from unit.reconcile.fake import FakeZabbix, cut, failing, lost
from unit.reconcile.samples import KEY, RELEASES, config, differ, in_sync, settings, zabbix_after

WHEN = "2026-11-24T10:00:00Z"


def archived(live: ZabbixHost, release: tuple[int, int] = (7, 0), graveyard: str = "By hand") -> ZabbixHost:
    return zabbix_after(
        archive(live, "device:1", graveyard, settings(), "gone", "NetBox has no device 1", WHEN, "run1"), release
    )


def run(zabbix: FakeZabbix, *changes: Change) -> dict[str, str | None]:
    told: dict[str, str | None] = {}

    def done(written: Written) -> None:
        told[written.change.config.ref] = written.error

    apply_plan(Plan(list(changes)), zabbix, differ(), done, lambda text: None)  # type: ignore[arg-type]
    return told


def rich(**changes: Any) -> Any:
    macros = {"{$A}": Macro("1"), "{$S}": Macro(Secret("s", "hidden"), "secret")}
    return config(
        tags=frozenset({("site", "ber1")}),
        macros=macros,
        inventory_mode="manual",
        inventory={"location": "Berlin"},
        **changes,
    )


@pytest.mark.parametrize("version", RELEASES)
def test_an_archived_host_is_off_renamed_and_in_the_graveyard_with_our_marks(version: tuple[int, int]) -> None:
    live = in_sync(rich(), version)
    away = archived(live, version)
    assert away.archived
    assert away.status == "disabled"
    assert away.groups == {"90"}
    assert (away.host, away.name) == ("sw1_archived-10001", "Switch 1_archived-10001")
    assert live.tags < away.tags
    assert away.applied == live.applied
    assert away.templates == live.templates
    assert away.interfaces == live.interfaces
    remembered = archive_record(away)
    assert remembered is not None
    assert (remembered.host, remembered.name, remembered.status, remembered.groups) == (
        "sw1",
        "Switch 1",
        "enabled",
        ("2",),
    )
    assert (remembered.when, remembered.why, remembered.run) == (WHEN, "NetBox has no device 1", "run1")


@pytest.mark.parametrize("version", RELEASES)
def test_a_restored_host_is_what_it_was(version: tuple[int, int]) -> None:
    live = in_sync(rich(), version)
    change = differ(version).compare(rich(), archived(live, version))
    assert change is not None
    assert change.action == "restore"
    assert {item.reason for item in change.differences} == {"returned"}
    back = zabbix_after(change, version)
    assert back == replace(live, macros=back.macros)
    assert {macro.macro: macro.value for macro in back.macros} == {macro.macro: macro.value for macro in live.macros}
    assert differ(version).compare(rich(), back) is None


def test_a_restored_host_gets_back_what_people_had_added_and_what_netbox_changed_meanwhile() -> None:
    live = in_sync(rich())
    live = replace(live, groups=live.groups | {"11"}, tags=live.tags | {("by", "hand")})
    change = differ().compare(rich(templates=frozenset({"Linux"})), archived(live))
    assert change is not None
    back = zabbix_after(change, (7, 0))
    assert back.groups == {"2", "11"}
    assert back.templates == {"101"}
    assert ("by", "hand") in back.tags


def test_groups_that_are_deleted_meanwhile_are_not_asked_for() -> None:
    live = replace(in_sync(rich()), groups=frozenset({"2", "4711"}))
    change = differ().compare(rich(), archived(live))
    assert change is not None
    assert change.writes["groups"] == {"2"}


@pytest.mark.parametrize("damage", ["", "not JSON", "{}", '{"groups": 3}', "[]"])
def test_a_host_whose_archive_record_is_lost_or_damaged_is_restored_as_the_policy_says(damage: str) -> None:
    away = archived(in_sync(rich()))
    macros = tuple(replace(one, value=damage) if one.macro == MACRO_ARCHIVED else one for one in away.macros)
    change = differ().compare(rich(), replace(away, macros=macros))
    assert change is not None
    back = zabbix_after(change, (7, 0))
    assert (back.host, back.status, back.groups, back.archived) == ("sw1", "enabled", {"2"}, False)


def test_what_the_policy_does_not_keep_right_is_restored_from_the_record() -> None:
    loose = differ(
        (7, 0), KEY, host="create_only", name="create_only", status="ignore", groups="create_only", macros="ignore"
    )
    live = zabbix_after(loose.create(rich()), (7, 0), "10001")
    live = replace(live, host="given-by-hand", groups=frozenset({"10", "11"}))
    change = loose.compare(rich(), archived(live))
    assert change is not None
    back = zabbix_after(change, (7, 0))
    assert (back.host, back.name, back.status, back.groups) == ("given-by-hand", "Switch 1", "enabled", {"10", "11"})
    assert MACRO_ARCHIVED not in {macro.macro for macro in back.macros}


def test_names_stay_within_128_characters_and_are_each_others_own() -> None:
    assert len(archived_name("x" * 128, "12345678")) == MAX_NAME
    assert archived_name("x" * 128, "1") != archived_name("x" * 128, "2")


def test_a_record_that_would_be_too_long_gives_up_its_groups_before_anything_else() -> None:
    live = replace(in_sync(rich()), groups=frozenset(map(str, range(1000, 1700))))
    remembered = archive_record(archived(live))
    assert remembered is not None
    assert remembered.groups == ()
    assert remembered.host == "sw1"


def test_disabling_is_not_called_drift_when_the_object_comes_back() -> None:
    live = in_sync(rich())
    change = disable(live, "device:1", "absent", "status absent")
    assert change is not None
    assert change.disables
    off = zabbix_after(change, (7, 0))
    assert off.status == "disabled"
    assert disable(off, "device:1", "absent", "") is None
    back = differ().compare(rich(), off)
    assert back is not None
    assert [(item.attribute, item.reason) for item in back.differences] == [("status", "pending")]


def test_a_released_host_has_none_of_our_marks_and_all_else() -> None:
    live = in_sync(rich())
    free = zabbix_after(release(live, "device:1", "asked", "released"), (7, 0))
    assert {tag for tag, dummy in free.tags} == {"site"}
    assert {macro.macro for macro in free.macros} == {"{$A}", "{$S}"}
    assert replace(free, tags=live.tags, macros=live.macros) == live
    bare = replace(live, macros=())
    assert "macros" not in release(bare, "device:1", "asked", "").writes


@pytest.mark.parametrize("fault", [lost, cut])
def test_an_answer_that_was_lost_is_looked_up_for_every_way_to_end(fault: Any) -> None:
    hosts = [
        in_sync(rich(ref=f"device:{n}", host=f"sw{n}", name=f"Switch {n}"), hostid=str(10000 + n)) for n in range(1, 5)
    ]
    zabbix = FakeZabbix(hosts)
    zabbix.fails("host.update[]", fault)
    zabbix.fails("host.delete", fault)
    switched = disable(hosts[2], "device:3", "absent", "")
    assert switched is not None
    told = run(
        zabbix,
        archive(hosts[0], "device:1", "Graveyard", settings(), "gone", "", WHEN, "run1"),
        release(hosts[1], "device:2", "asked", ""),
        switched,
        delete(hosts[3], "device:4", 3, "gone", ""),
    )
    assert told == dict.fromkeys(["device:1", "device:2", "device:3", "device:4"])
    assert zabbix.hosts["10001"].archived
    assert zabbix.hosts["10001"].groups == {zabbix.groups["Graveyard"]}
    assert zabbix.hosts["10001"].applied == hosts[0].applied
    assert not zabbix.hosts["10002"].tag("netbox_id")
    assert zabbix.hosts["10003"].status == "disabled"
    assert "10004" not in zabbix.hosts


def test_one_host_that_cannot_be_deleted_keeps_no_other() -> None:
    hosts = [
        in_sync(rich(ref=f"device:{n}", host=f"sw{n}", name=f"Switch {n}"), hostid=str(10000 + n)) for n in (1, 2, 3)
    ]
    zabbix = FakeZabbix(hosts)
    zabbix.fails("host.delete", failing("Cannot delete host"), failing("Cannot delete host: it is in maintenance"))
    told = run(zabbix, *(delete(host, f"device:{n}", 3, "gone", "") for n, host in enumerate(hosts, 1)))
    assert told == {"device:1": "Cannot delete host: it is in maintenance", "device:2": None, "device:3": None}


def test_an_archived_host_gives_its_name_to_the_next() -> None:
    old = in_sync(rich())
    zabbix = FakeZabbix([old])
    new = differ().create(rich(ref="device:2"))
    assert run(zabbix, new, archive(old, "device:1", "By hand", settings(), "gone", "", WHEN, "r")) == {
        "device:1": None,
        "device:2": None,
    }


def test_the_deletion_policy_is_checked() -> None:
    assert deletion_from(None) == Deletion()
    assert deletion_from({"gone": "keep", "relink": ["name"], "graveyard": "Old/Hosts"}) == Deletion(
        gone="keep", relink=("name",), graveyard="Old/Hosts"
    )
    with pytest.raises(InputError) as error:
        deletion_from(
            {
                "gone": "disable",
                "excluded": "archiv",
                "graveyard": " ",
                "relink": ["mac"],
                "in_maintenance": 1,
                "goen": 1,
            }
        )
    assert [text.split(":")[0] for text in error.value.problems] == [
        "netbox_zabbix_deletion.gone",
        "netbox_zabbix_deletion.excluded",
        "netbox_zabbix_deletion.graveyard",
        "netbox_zabbix_deletion.relink",
        "netbox_zabbix_deletion.in_maintenance",
        "netbox_zabbix_deletion",
    ]
    assert 'Did you mean "archive"?' in str(error.value)
    assert 'Did you mean "gone"?' in str(error.value)


def test_the_applied_record_survives_without_a_second_copy() -> None:
    away = archived(in_sync(rich()))
    assert [macro.macro for macro in away.macros].count(MACRO_APPLIED) == 1
