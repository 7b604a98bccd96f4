"""Saved plans in whole runs between an estate and a Zabbix in memory: what is applied, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection, ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import (
    InputError,
    NetboxZabbixError,
    OutdatedPlanError,
    StateError,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import saved_plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.apply_plan import ApplyOptions, apply_saved_plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.plan_hosts import SaveOptions, plan_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from unit.jobs.estate import POLICY, Estate, actions

NETBOX = NetBoxConnection("https://netbox.invalid", "token")
ZABBIX = ZabbixConnection("https://zabbix.invalid", "token")
#: what the plans of these tests change
NEXT = POLICY + "  description: planned\n"
KEY = "the key of these tests"


@dataclass
class Plans:
    """Makes and applies plans of one estate."""

    estate: Estate
    path: Path

    def make(self, policy: str = NEXT, hours: float = 24, save: bool = True, **options: Any) -> Result:
        self.estate.zabbix.log.clear()
        self.estate.told.clear()
        given = {"instance": "netbox-test", "mappings": yaml.safe_load(policy), "digest_key": KEY} | options
        return plan_hosts(
            NETBOX, ZABBIX, SyncOptions(**given), SaveOptions(str(self.path), hours, save), self.estate.progress.append
        )

    def apply(self, policy: str = NEXT, **options: Any) -> Result:
        self.estate.zabbix.log.clear()
        self.estate.told.clear()
        given = {"path": str(self.path), "mappings": yaml.safe_load(policy), "digest_key": KEY} | options
        result = apply_saved_plan(NETBOX, ZABBIX, ApplyOptions(**given), self.estate.progress.append)
        for one in self.estate.objects:
            one.attributes["custom_fields"] = {**one.attributes["custom_fields"], **self.estate.told.get(one.ref, {})}
        return result

    def refused(self, error: type[NetboxZabbixError] = OutdatedPlanError, **options: Any) -> str:
        """Apply the plan, which has to be refused with nothing written, and return why."""
        with pytest.raises(error) as raised:
            self.apply(**options)
        assert (self.estate.writes, self.estate.told) == ([], {})
        return str(raised.value)

    def document(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the document on the disk."""
        document = json.loads(self.path.read_text())
        change(document)
        self.path.write_text(json.dumps(document))


@pytest.fixture
def plans(estate: Estate, tmp_path: Path) -> Plans:
    """Three hosts that are in sync, and a place for a plan that gives them a description."""
    estate.devices(1, 2, 3)
    estate.run()
    return Plans(estate, tmp_path / "plan.json")


def test_just_the_plan_is_applied_and_a_second_time_nothing(plans: Plans) -> None:
    planned = plans.make()
    assert (plans.estate.writes, plans.estate.told) == ([], {})
    assert actions(planned) == {f"device:{number}": "update" for number in (1, 2, 3)}
    assert planned.dry_run
    applied = plans.apply()
    assert (applied.job, applied.stats["updates"], applied.failed) == ("ApplyPlan", 3, [])
    assert {host.description for host in plans.estate.zabbix.hosts.values()} == {"planned"}
    again = plans.apply()
    assert (again.changed, plans.estate.writes, plans.estate.told) == (False, [], {})
    assert "was applied already: all of its 3 changes are made" in again.message


def host(plans: Plans, number: int) -> Any:
    """Return the Zabbix host of a device."""
    hosts = plans.estate.zabbix.hosts.values()
    (found,) = [one for one in hosts if one.tag("netbox_id") == [f"device:{number}"]]
    return found


def by_hand(plans: Plans, number: int, **changes: Any) -> None:
    """Change a host in Zabbix as a person does."""
    live = host(plans, number)
    plans.estate.zabbix.hosts[live.hostid] = replace(live, **changes)


ZABBIX_CHANGES: list[tuple[str, Callable[[Plans], object], str]] = [
    ("a tag", lambda p: by_hand(p, 2, tags=host(p, 2).tags | {("mine", "1")}), "changed in Zabbix: tags[mine] (new)"),
    ("a group", lambda p: by_hand(p, 2, groups=host(p, 2).groups | {"90"}), "changed in Zabbix: groups[By hand] (new)"),
    ("a link", lambda p: by_hand(p, 2, templates=frozenset()), "changed in Zabbix: templates[ICMP Ping] (gone)"),
    ("the status", lambda p: by_hand(p, 2, status="disabled"), "changed in Zabbix: status"),
    ("the name", lambda p: by_hand(p, 2, host="other"), "changed in Zabbix: host"),
    (
        "an address",
        lambda p: by_hand(p, 2, interfaces=(replace(host(p, 2).interfaces[0], ip="10.1.1.1"),)),
        "interfaces[agent ",
    ),
    ("the record", lambda p: by_hand(p, 2, macros=()), "changed in Zabbix: macros[{$NETBOX.APPLIED}] (gone)"),
    ("the proxy", lambda p: by_hand(p, 2, monitor=("proxy", "7")), "changed in Zabbix: monitored_by"),
    ("the host", lambda p: p.estate.zabbix.hosts.pop(host(p, 2).hostid), "is gone from Zabbix"),
    ("what is planned, by hand", lambda p: by_hand(p, 2, description="planned"), "changed in Zabbix: description"),
]
NETBOX_CHANGES: list[tuple[str, Callable[[Plans], object], str]] = [
    ("the name", lambda p: p.estate.change(2, name="other"), "changed in NetBox: name"),
    ("the status", lambda p: p.estate.change(2, status="offline"), "changed in NetBox: status"),
    (
        "the site",
        lambda p: p.estate.change(2, site={"id": 9, "name": "Other", "slug": "other"}),
        "changed in NetBox: site",
    ),
    ("an address", lambda p: p.estate.change(2, primary_ip4={"address": "10.9.9.9"}), "changed in NetBox: primary_ip4"),
    ("a tag", lambda p: p.estate.change(2, tags=[{"id": 1, "name": "T", "slug": "t"}]), "changed in NetBox: tags"),
    ("a field", lambda p: p.estate.change(2, custom_fields={"mine": 1}), "custom_fields[mine] (new)"),
    ("the context", lambda p: p.estate.change(2, config_context={"zabbix": {"a": 1}}), "config_context[zabbix] (new)"),
    ("what no policy uses", lambda p: p.estate.change(2, serial="changed"), "changed in NetBox: serial"),
    ("the object", lambda p: p.estate.remove(2), "its object is gone from NetBox"),
]


@pytest.mark.parametrize(
    ("act", "told"),
    [
        pytest.param(act, told, id=f"{side}: {what}")
        for side, changes in (("Zabbix", ZABBIX_CHANGES), ("NetBox", NETBOX_CHANGES))
        for what, act, told in changes
    ],
)
def test_any_single_change_is_named(plans: Plans, act: Callable[[Plans], object], told: str) -> None:
    plans.make()
    act(plans)
    why = plans.refused()
    assert told in why
    assert "sw2 (device 2): " in why
    assert "(device 1)" not in why
    assert "(device 3)" not in why


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (NEXT.replace("planned", "another"), 'the policy has changed: mapping "everything"'),
        (
            NEXT + "- {name: more, match: {name: nothing}, tags: {a: b}}\n",
            'the policy has changed: mapping "more" (new)',
        ),
        (NEXT.replace("everything", "all"), 'mapping "all" (new), mapping "everything" (gone)'),
    ],
)
def test_another_policy_is_named(plans: Plans, policy: str, told: str) -> None:
    plans.make()
    assert told in plans.refused(policy=policy)


def test_statuses_and_secrets_are_part_of_the_policy(plans: Plans) -> None:
    plans.make(secrets={"one": "before"})
    assert 'secret "one"' in plans.refused(secrets={"one": "after"})
    assert 'secret "one" (gone)' in plans.refused()
    why = plans.refused(secrets={"one": "before"}, statuses={"device": {"staged": "disabled"}})
    assert "the policy has changed: statuses" in why


def test_another_version_or_server_is_named(plans: Plans) -> None:
    plans.make()
    plans.estate.zabbix.version = "7.0.23"
    assert "the version of zabbix is 7.0.23, and the plan was made with 7.0.22" in plans.refused()
    plans.document(lambda document: document["of"].update(zabbix="https://other.invalid"))
    assert "is of zabbix https://other.invalid, and this is https://zabbix.invalid" in plans.refused()


def test_changes_of_other_hosts_are_told_and_stay(plans: Plans) -> None:
    plans.make()
    plans.estate.devices(4)
    applied = plans.apply()
    assert actions(applied) == {f"device:{number}": "update" for number in (1, 2, 3)}
    assert applied.notes[-1:] == ["1 hosts differ that the plan does not hold; they stay: sw4"]
    assert len(plans.estate.zabbix.hosts) == 3
    assert plans.estate.told.keys() <= {"device:1", "device:2", "device:3"}


def test_an_apply_that_broke_off_goes_on(plans: Plans) -> None:
    plans.estate.devices(4, 5)
    plans.make()
    plans.estate.zabbix.refuse = lambda sent: "broken" if sent.get("host") == "sw5" else None
    assert [one.object for one in plans.apply().failed] == ["device:5"]
    plans.estate.zabbix.refuse = lambda sent: None
    again = plans.apply()
    assert actions(again) == {"device:5": "create"}
    assert "5 changes, of which 4 were made already" in again.message
    assert plans.apply().changed is False


def test_one_that_broke_off_after_its_host_groups_were_made_goes_on(estate: Estate, tmp_path: Path) -> None:
    plans = Plans(estate, tmp_path / "plan.json")
    estate.devices(1, 2)
    plans.make()
    estate.zabbix.refuse = lambda sent: "broken"
    groups = set(estate.zabbix.groups)
    assert len(plans.apply().failed) == 2
    assert len(set(estate.zabbix.groups) - groups) > 0
    estate.zabbix.refuse = lambda sent: None
    assert plans.apply().stats["creates"] == 2


def test_after_another_run_it_is_compared_again(plans: Plans) -> None:
    plans.make()
    plans.estate.meanwhile = lambda: by_hand(plans, 2, status="disabled")
    assert "changed in Zabbix: status" in plans.refused()
    plans.estate.meanwhile = lambda: None
    by_hand(plans, 2, status="enabled")
    assert plans.apply().stats["updates"] == 3


def test_what_was_applied_while_we_waited_is_done(plans: Plans) -> None:
    plans.make()
    plans.estate.meanwhile = lambda: plans.estate.run(NEXT) and None
    applied = plans.apply()
    assert "was applied already" in applied.message
    assert actions(applied) == {}


ENDS = {"device": {"decommissioning": "absent"}}


@pytest.mark.parametrize("end", ["archive", "disable", "delete"])
def test_ends_are_applied_once(plans: Plans, end: str) -> None:
    plans.estate.change(2, status="decommissioning")
    plans.estate.remove(3)
    gone = "archive" if end == "disable" else end
    planned = plans.make(POLICY, statuses=ENDS, deletion={"absent": end, "gone": gone}, want_diff=True)
    assert len(planned.hosts) == 2
    lost = [detail.live for one in planned.hosts for detail in one.details if detail.attribute == "lost"]
    hosts = [host(plans, number).hostid for number in (2, 3)] if end == "delete" else []
    assert lost == [f"host id {hostid} is deleted, with the history of 3 items" for hostid in hosts]
    assert planned.diff.count("! lost: host id ") == len(hosts)
    assert any("2 hosts something is lost that cannot be taken back: sw2, sw3" in note for note in planned.notes) == (
        end == "delete"
    )
    applied = plans.apply(POLICY, statuses=ENDS)
    assert len(actions(applied)) == 2
    assert not applied.failed
    again = plans.apply(POLICY, statuses=ENDS)
    assert (again.changed, plans.estate.writes) == (False, [])
    assert "was applied already: all of its 2 changes are made" in again.message


def test_an_archive_is_refused_when_the_object_is_back_or_the_host_was_deleted(plans: Plans) -> None:
    gone = plans.estate.objects.pop(1)
    plans.make(POLICY)
    plans.estate.objects.append(gone)
    assert "sw2: NetBox has its object again" in plans.refused(policy=POLICY)
    plans.estate.objects.remove(gone)
    del plans.estate.zabbix.hosts[host(plans, 2).hostid]
    assert "is gone from Zabbix" in plans.refused(policy=POLICY)


def test_a_clone_is_released_once_and_only_as_long_as_it_is_one(plans: Plans) -> None:
    original = host(plans, 2)
    clone = replace(original, hostid="30000", host="clone", name="clone")
    plans.estate.zabbix.hosts["30000"] = clone
    resolve = {"device:2": original.hostid}
    assert actions(plans.make(POLICY, resolve=resolve)) == {"host:30000": "release"}
    del plans.estate.zabbix.hosts[original.hostid]
    assert "clone: to be done was release, and now nothing is" in plans.refused(policy=POLICY)
    plans.estate.zabbix.hosts[original.hostid] = original
    assert actions(plans.apply(POLICY)) == {"host:30000": "release"}
    assert "was applied already" in plans.apply(POLICY).message


def test_of_two_hosts_of_an_object_that_is_gone_one_may_be_archived_already(plans: Plans) -> None:
    clone = replace(host(plans, 2), hostid="30000", host="clone", name="clone")
    plans.estate.zabbix.hosts["30000"] = clone
    plans.estate.remove(2)
    assert len(plans.make(POLICY).hosts) == 2
    plans.estate.zabbix.refuse = lambda sent: "broken" if sent.get("hostid") == "30000" else None
    plans.apply(POLICY)
    plans.estate.zabbix.refuse = lambda sent: None
    assert plans.apply(POLICY).stats["archives"] == 1
    assert all(one.archived for one in plans.estate.zabbix.hosts.values() if one.tag("netbox_id") == ["device:2"])
    assert "was applied already" in plans.apply(POLICY).message


def test_a_restoration_is_applied_once(plans: Plans) -> None:
    plans.estate.change(2, status="decommissioning")
    plans.estate.run(statuses=ENDS)
    plans.estate.change(2, status="active")
    assert actions(plans.make(POLICY)) == {"device:2": "restore"}
    assert actions(plans.apply(POLICY)) == {"device:2": "restore"}
    assert "was applied already" in plans.apply(POLICY).message


def test_one_that_cannot_be_planned_any_more_is_refused_with_the_reason(plans: Plans) -> None:
    plans.estate.devices(4)
    plans.make(POLICY)
    by_hand(plans, 1, tags=frozenset(), host="sw4")
    assert "sw4 (device 4): it cannot be planned" in plans.refused(policy=POLICY)


def test_check_mode_saves_nothing_and_applies_nothing(plans: Plans) -> None:
    plans.make(save=False)
    assert not plans.path.exists()
    plans.make()
    looked = plans.apply(dry_run=True)
    assert (len(looked.hosts), plans.estate.writes, looked.dry_run) == (3, [], True)
    plans.estate.change(2, name="other")
    assert "changed in NetBox: name" in plans.refused(dry_run=True)


def test_a_plan_over_a_limit_is_not_saved(plans: Plans) -> None:
    refused = plans.make(limits={"updates": {"count": 1}})
    assert "over the limit of 1" in refused.refused
    assert "The plan was not saved" in refused.message
    assert not plans.path.exists()


def test_limits_are_those_of_the_plan(plans: Plans) -> None:
    plans.make(limits={"updates": {"count": 3}})
    assert "limits: it is {'updates': {'count': 2}}, and the plan was made with" in plans.refused(
        InputError, expected={"limits": {"updates": {"count": 2}}}
    )
    expected = {"limits": {"updates": {"count": "3"}}, "virtual_device_contexts": "false", "names": (), "filters": None}
    assert plans.apply(expected=expected).stats["updates"] == 3
    assert 'a plan has no option "limit"' in plans.refused(InputError, expected={"limit": 1})


def test_the_selection_of_the_plan_is_read_again(plans: Plans) -> None:
    plans.make(ids=["device:2"])
    plans.estate.change(3, name="other")
    assert actions(plans.apply()) == {"device:2": "update"}


def test_it_expires(plans: Plans) -> None:
    plans.make(hours=0.5)
    later = datetime.now(UTC) + timedelta(hours=1)
    document, where = saved_plan.plan_of_file(str(plans.path))
    with pytest.raises(OutdatedPlanError, match=r"plan\.json has expired at 20"):
        saved_plan.opened_plan(document, where, KEY, later)
    with pytest.raises(InputError, match="not a number of hours above 0"):
        plans.make(hours=0)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["content"]["plan"].update(expires="2999-01-01T00:00:00Z"),
        lambda document: document["content"]["plan"]["options"].update(limits={}),
        lambda document: document["content"]["plan"]["changes"].pop(),
        lambda document: document["content"].update(digest="0" * 64),
    ],
)
@pytest.mark.parametrize("key", [KEY, ""])
def test_one_that_was_changed_is_refused(plans: Plans, key: str, change: Callable[[dict[str, Any]], object]) -> None:
    plans.make(digest_key=key, limits={"updates": {"count": 3}})
    plans.document(change)
    assert "plan.json was changed since it was made" in plans.refused(digest_key=key)


def test_the_key_has_to_be_the_one_of_the_plan(plans: Plans) -> None:
    plans.make()
    assert "made with another netbox_zabbix_digest_key" in plans.refused(digest_key="other")
    assert "give the same one" in plans.refused(digest_key="")
    plans.make(digest_key="")
    assert "was made without netbox_zabbix_digest_key" in plans.refused()
    assert plans.apply(digest_key="").stats["updates"] == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda document: document.update(kind="run record"), "is no saved plan but a run record"),
        (lambda document: document.update(version=2), "has version 2 of the format"),
        (lambda document: document.update(content=[]), "is damaged"),
        (lambda document: document["content"].pop("plan"), "is damaged"),
    ],
)
def test_what_is_no_plan_is_told(plans: Plans, change: Callable[[dict[str, Any]], object], told: str) -> None:
    plans.make()
    plans.document(change)
    why = plans.refused(StateError)
    assert told in why
    assert "Make the plan again." in why


def test_a_file_that_cannot_be_read_is_told(plans: Plans) -> None:
    assert "cannot be read: No such file" in plans.refused(InputError)
    plans.path.write_text("no JSON")
    assert "is damaged" in plans.refused(StateError)


def test_plans_are_found_in_the_store_and_old_ones_go(
    plans: Plans, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_plan, "KEEP_COUNT", 2)
    store = {"state_store": str(tmp_path / "store")}
    made = [plans.make(**store).run_id for dummy in range(3)]
    kept = sorted((tmp_path / "store" / "plans").iterdir())
    assert len(kept) == 2
    assert kept[0].stat().st_mode & 0o077 == 0
    assert plans.path.stat().st_mode & 0o077 == 0
    # those of one second are not in order
    last = next(one for one in reversed(made) if any(one in path.name for path in kept))
    assert 'there is no plan "zzz" in ' in plans.refused(InputError, path=None, plan="zzz", **store)
    assert "without a state store" in plans.refused(InputError, path=None, plan=last)
    assert plans.apply(path=None, plan=last[:8], **store).stats["updates"] == 3


def test_without_a_place_there_is_no_plan(estate: Estate) -> None:
    with pytest.raises(InputError, match="there is no place for the plan"):
        plan_hosts(NETBOX, ZABBIX, SyncOptions("test", mappings=[]), SaveOptions(), estate.progress.append)


def test_a_store_that_cannot_be_used_is_told_and_the_file_is_enough(plans: Plans, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file is no directory")
    store = {"state_store": str(tmp_path / "store")}
    planned = plans.make(**store)
    assert any("The plan is not in the state store" in note for note in planned.notes)
    assert plans.apply().stats["updates"] == 3


SECRETS = POLICY.replace(
    "interfaces: [{type: agent}]", "macros: {'{$PW}': {secret: pw}}\n  interfaces: [{type: agent}]"
)


def test_secrets_are_not_in_the_document_and_need_a_key(plans: Plans) -> None:
    secrets = {"pw": "a very secret word"}
    plans.make(SECRETS, secrets=secrets)
    text = plans.path.read_text()
    assert "very secret" not in text
    assert KEY not in text
    assert '"secret \\"pw\\""' in text
    assert 'secret "pw"' in plans.refused(policy=SECRETS, secrets={"pw": "another"})
    assert plans.apply(SECRETS, secrets=secrets).stats["updates"] == 3


def test_a_community_in_zabbix_needs_a_key(plans: Plans) -> None:
    snmp = replace(host(plans, 2).interfaces[0], interfaceid="77", type="snmp", details=(("community", "hush"),))
    by_hand(plans, 2, interfaces=(*host(plans, 2).interfaces, snmp))
    with pytest.raises(InputError, match=r"the SNMP secrets of its interface 10\.0\.0\.2: netbox_zabbix_digest_key is"):
        plans.make(digest_key="")
    plans.make()
    assert "hush" not in plans.path.read_text()
    other = replace(snmp, details=(("community", "other"),))
    by_hand(plans, 2, interfaces=(*host(plans, 2).interfaces[:-1], other))
    assert "changed in Zabbix: interfaces[snmp 77]" in plans.refused()
