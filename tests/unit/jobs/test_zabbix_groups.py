"""Which host groups a policy needs, which of them are created, and who may write in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError, ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import zabbix_groups as job
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.estate import Estate
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.export import write_export
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.policy_options import PolicyOptions
from unit.policy.samples import device, related_tables, virtual_machine
from unit.reconcile.fake import FakeZabbix, failing

POLICY = """
- name: everything
  host_groups: ["N/{site}", "Kinds/{kind}", "Kinds/{kind}/{site}"]
"""
USERS = "jobs [netops.netbox_zabbix]"


class Zabbix(FakeZabbix):
    """A Zabbix with one user group; `rights`: id of a host group -> what it may do."""

    def __init__(self) -> None:
        super().__init__()
        self.groups = {"Kinds": "7"}
        self.rights: dict[str, str] = {}

    def _usergroup_get(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        if params["filter"]["name"] != [USERS]:
            return []
        rights = [{"id": one, "permission": permission} for one, permission in self.rights.items()]
        return [{"usrgrpid": "9", "name": USERS, "hostgroup_rights": rights}]

    def _usergroup_update(self, params: dict[str, Any]) -> None:
        self.rights = {one["id"]: one["permission"] for one in params["hostgroup_rights"]}

    def _hostgroup_create(self, groups: Any) -> dict[str, list[str]]:
        before = dict(self.groups)
        answer = super()._hostgroup_create(groups)
        for group in groups:
            above = group["name"].rpartition("/")[0]
            # not from one of the same call (measured)
            if before.get(above) in self.rights:
                self.rights[self.groups[group["name"]]] = self.rights[before[above]]
        return answer

    def named(self) -> dict[str, str]:
        names = {groupid: name for name, groupid in self.groups.items()}
        return {names[one]: permission for one, permission in self.rights.items()}


@pytest.fixture
def zabbix(monkeypatch: pytest.MonkeyPatch) -> Zabbix:
    found = Zabbix()
    monkeypatch.setattr(job, "Zabbix", lambda connection: found)
    return found


@pytest.fixture
def export(tmp_path: Path) -> str:
    path = str(tmp_path / "estate.json")
    write_export(path, Estate(related_tables(), [device(1), device(2), virtual_machine(1)]))
    return path


def run(export: str | None, user_group: str = USERS, graveyard: str = "", dry_run: bool = False) -> job.GroupsResult:
    return job.prepare_groups(
        PolicyOptions(mappings=yaml.safe_load(POLICY)),
        export,
        None,
        ZabbixConnection("https://zabbix.invalid", "token"),
        user_group,
        graveyard,
        dry_run,
        lambda text: None,
    )


def test_what_is_missing_is_created_with_its_parents_and_a_second_run_writes_nothing(
    zabbix: Zabbix, export: str
) -> None:
    looked = run(export, dry_run=True)
    assert (looked.changed, zabbix.groups) == (True, {"Kinds": "7"})
    result = run(export)
    assert result.created == looked.created == sorted(zabbix.groups.keys() - {"Kinds"})
    assert "N" in result.created, "the parent of N/..."
    assert {"Kinds/device", "Kinds/virtual_machine"} <= set(result.created)
    again = run(export)
    assert (again.changed, again.created, again.granted) == (False, [], [])


def test_new_groups_take_over_rights_and_the_rest_is_given(zabbix: Zabbix, export: str) -> None:
    zabbix.rights = {"7": "3", "5": "2"}
    zabbix.groups["Elsewhere"] = "5"
    result = run(export)
    assert not [name for name in result.granted if name.startswith("Kinds/")], "taken over from Kinds"
    assert result.granted
    named = zabbix.named()
    assert {name for name, permission in named.items() if permission == "3"} >= {"Kinds/device", *result.granted}
    assert named["Elsewhere"] == "2", "rights that it had besides"


def test_a_denial_stays_and_is_told(zabbix: Zabbix, export: str) -> None:
    run(export)
    zabbix.rights[zabbix.groups["Kinds/device"]] = "0"
    result = run(export)
    assert zabbix.named()["Kinds/device"] == "0"
    assert not result.changed
    assert "denied access to Kinds/device" in result.notes[0]


def test_without_a_user_group_no_rights_are_given(zabbix: Zabbix, export: str) -> None:
    result = run(export, user_group="")
    assert (result.granted, zabbix.rights) == ([], {})
    assert result.created


def test_the_graveyard_is_created_too(zabbix: Zabbix, export: str) -> None:
    assert "Old hosts" in run(export, graveyard="Old hosts").created


def test_one_who_may_not_create_groups_is_told_all_of_them(zabbix: Zabbix, export: str) -> None:
    zabbix.fails("hostgroup.create", failing('No permissions to call "hostgroup.create".'))
    with pytest.raises(ZabbixError, match="Only a super admin") as caught:
        run(export)
    assert "6 are missing: Kinds/device, Kinds/device/" in str(caught.value)
    assert zabbix.groups == {"Kinds": "7"}


def test_an_unknown_user_group_and_a_missing_estate_are_told(zabbix: Zabbix, export: str) -> None:
    with pytest.raises(InputError, match="no user group"):
        run(export, user_group="others")
    with pytest.raises(InputError, match="netbox_url"):
        run(None)
