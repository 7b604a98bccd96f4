"""Accounts of the least rights against real servers: made, kept right, and what they may and may not do.

All other integration tests run with such an account; here is how it comes to be.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import GuardError, InputError, ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.least_privileges import (
    JOBS,
    AccountOptions,
    AccountResult,
    prepare_accounts,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.client import Zabbix
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.privileges import rights, role_name

from integration.playing import Played
from integration.world import World, ZabbixSide, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]
NAME = "T account"


@dataclass
class Accounts:
    """An account of its own in Zabbix, which goes away afterwards."""

    side: ZabbixSide
    path: Path

    def run(self, **options: Any) -> AccountResult:
        given = {"name": NAME, "host_groups": ["T"], "zabbix_token_path": str(self.path), **options}
        return prepare_accounts(
            None, self.side.connection(self.side.lab.token), AccountOptions(**given), lambda text: None
        )

    @property
    def token(self) -> str:
        return self.path.read_text().strip()

    def session(self) -> Zabbix:
        return Zabbix(self.side.connection(self.token))

    def role(self) -> dict[str, Any]:
        asked = {"output": "extend", "selectRules": "extend", "filter": {"name": [role_name(NAME)]}}
        (found,) = self.side.api("role.get", asked)
        return found

    def permissions(self) -> dict[str, str]:
        """Return what the user group may do with host groups, by their names."""
        select, key = (
            ("selectHostGroupRights", "hostgroup_rights") if self.side.release >= (6, 2) else ("selectRights", "rights")
        )
        asked = {"output": ["name"], "filter": {"name": [role_name(NAME)]}, select: "extend"}
        (found,) = self.side.api("usergroup.get", asked)
        names = {one["groupid"]: one["name"] for one in self.side.api("hostgroup.get", output=["groupid", "name"])}
        return {names[one["id"]]: one["permission"] for one in found[key]}

    def allow(self, permission: int, *names: str) -> None:
        """Put rights of the user group in the place of those that it has."""
        key = "hostgroup_rights" if self.side.release >= (6, 2) else "rights"
        (found,) = self.side.api("usergroup.get", {"output": [], "filter": {"name": [role_name(NAME)]}})
        ids = [{"id": self.side.group(name), "permission": permission} for name in names]
        self.side.api("usergroup.update", {"usrgrpid": found["usrgrpid"], key: ids})

    def clean(self) -> None:
        for kind, key, name, field in (
            ("user", "userid", NAME, "username"),
            ("usergroup", "usrgrpid", role_name(NAME), "name"),
            ("role", "roleid", role_name(NAME), "name"),
        ):
            found = self.side.api(f"{kind}.get", {"output": [key], "filter": {field: [name]}})
            if found:
                self.side.api(f"{kind}.delete", [one[key] for one in found])


@pytest.fixture
def accounts(world: World, tmp_path: Path) -> Iterator[Accounts]:
    found = Accounts(world.zabbix, tmp_path / "token")
    yield found
    found.clean()


def test_an_account_is_made_and_a_second_run_writes_nothing(accounts: Accounts) -> None:
    looked = accounts.run(dry_run=True)
    assert looked.changed
    assert not accounts.path.exists()
    assert not accounts.side.api("user.get", filter={"username": [NAME]}, output=["userid"])
    result = accounts.run()
    assert [change["kind"] for change in result.changes] == [change["kind"] for change in looked.changes]
    assert stat.S_IMODE(accounts.path.stat().st_mode) == 0o600
    assert accounts.token not in f"{result.as_dict()} {result.diff}"
    before = accounts.token
    again = accounts.run()
    assert (again.changed, again.changes) == (False, [])
    assert accounts.token == before


def test_it_may_call_what_the_jobs_need_and_nothing_else(accounts: Accounts) -> None:
    accounts.run()
    rules = accounts.role()["rules"]
    wanted = rights(JOBS, accounts.side.release)
    assert sorted(rules["api"]) == list(wanted.methods)
    assert {one["name"] for one in rules["actions"] if one["status"] == "1"} == set(wanted.actions)
    assert len([one for one in rules["ui"] if one["status"] == "1"]) == 1
    session = accounts.session()
    for method in ("hostgroup.create", "template.create", "user.get", "script.execute", "usergroup.update"):
        with pytest.raises(ZabbixError, match="No permissions to call"):
            session.call(method, [] if method.endswith(("create", "update")) else {})
    assert session.call("host.get", {"search": {"host": "foreign-"}, "countOutput": True}) == "0", "not its groups"
    session.close()


def test_what_somebody_changed_is_put_right_and_what_was_added_stays(accounts: Accounts) -> None:
    accounts.run()
    side = accounts.side
    role = accounts.role()
    side.api("role.update", {"roleid": role["roleid"], "rules": {"api": ["host.get", "script.get"]}})
    accounts.allow(2, "T", "T/Berlin 1")
    accounts.allow(3, "Foreigners")
    accounts.run()
    assert accounts.permissions()["T"] == "3"
    assert accounts.permissions()["T/Berlin 1"] == "3"
    assert accounts.permissions()["Foreigners"] == "3"
    assert "host.create" in accounts.role()["rules"]["api"]
    assert "script.get" not in accounts.role()["rules"]["api"]
    assert not accounts.run().changed


def test_a_denial_that_somebody_put_there_stays(accounts: Accounts) -> None:
    accounts.run()
    accounts.allow(0, "T/Berlin 1")
    accounts.run()
    assert accounts.permissions()["T/Berlin 1"] == "0"
    assert not accounts.run().changed


def test_a_token_that_was_lost_is_replaced_and_the_old_one_ends(accounts: Accounts) -> None:
    accounts.run()
    old = accounts.token
    accounts.path.unlink()
    result = accounts.run()
    assert [(change["kind"], change["action"]) for change in result.changes] == [("token", "renew")]
    assert accounts.token != old
    accounts.session().close()
    with pytest.raises(ZabbixError):
        Zabbix(accounts.side.connection(old))
    accounts.path.write_text("0" * 64)
    accounts.run()
    accounts.session().close()


def test_a_user_of_that_name_that_is_not_ours_is_in_the_way(accounts: Accounts) -> None:
    side = accounts.side
    (role,) = side.api("role.get", {"filter": {"name": ["User role"]}, "output": ["roleid"]})
    (group,) = side.api("usergroup.get", {"filter": {"name": ["Guests"]}, "output": ["usrgrpid"]})
    person = {"username": NAME, "roleid": role["roleid"], "passwd": "Xa9!kqWz-71", "usrgrps": [group]}
    side.api("user.create", person)
    with pytest.raises(GuardError, match="that this collection did not make"):
        accounts.run()
    assert "did not make" in accounts.run(dry_run=True).refused
    assert not side.api("role.get", {"filter": {"name": [role_name(NAME)]}, "output": ["roleid"]})
    assert not accounts.path.exists()


def test_wrong_options_and_rights_are_told(accounts: Accounts) -> None:
    with pytest.raises(InputError, match=r'no job "snyc" for it\. Did you mean "sync"'):
        accounts.run(jobs=["snyc"])
    with pytest.raises(InputError, match="host_groups is empty"):
        accounts.run(host_groups=[])
    least = accounts.side.connection()
    with pytest.raises(ZabbixError, match="No permissions to call"):
        prepare_accounts(None, least, AccountOptions(NAME, host_groups=["T"]), lambda text: None)


def test_the_playbooks_from_an_administrator_to_a_sync_with_the_least_rights(
    accounts: Accounts, world: World, play: Callable[..., Played], tmp_path: Path
) -> None:
    """Accounts, then the groups of the policy, then a sync that may create none."""
    world.device("sw1")
    admin = {"ZABBIX_TOKEN": world.zabbix.lab.token, "NETBOX_TOKEN": world.netbox.admin_token}
    mappings = policy(host_groups=["T/new/{site}"])
    given = {
        "netbox_zabbix_account": NAME,
        "netbox_zabbix_account_sides": ["zabbix"],
        "netbox_zabbix_account_host_groups": ["T"],
        "netbox_zabbix_zabbix_token_path": "zabbix.token",
    }
    looked = play("--check", "--diff", playbook="privileges", variables=given, **admin)
    assert (looked.code, looked.recap["changed"]) == (0, 1), looked.text
    assert "user group T account" in looked.text
    assert not (tmp_path / "zabbix.token").exists()
    made = play(playbook="privileges", variables=given, **admin)
    assert (made.code, made.recap["changed"]) == (0, 1), made.text
    token = (tmp_path / "zabbix.token").read_text().strip()
    assert token not in made.text
    assert token not in (tmp_path / "ansible.log").read_text()
    again = play("-vvv", "--diff", playbook="privileges", variables=given, **admin)
    assert (again.code, again.recap["changed"]) == (0, 0), again.text
    assert token not in again.text

    least = {"ZABBIX_TOKEN": token}
    refused = play(mappings=mappings, **least)
    assert refused.code == 2
    assert "T/new, T/new/Berlin 1" in refused.text
    groups = {"netbox_zabbix_create_groups": True, "netbox_zabbix_user_group": role_name(NAME)}
    try:
        setup = play(playbook="setup", variables=groups, mappings=mappings, **admin)
        assert setup.code == 0, setup.text
        assert "T/new/Berlin 1" in setup.text
        synced = play(mappings=mappings, **least)
        assert (synced.code, synced.recap["changed"]) == (0, 1), synced.text
        assert play(mappings=mappings, **least).recap["changed"] == 0
    finally:
        gone = {"netbox_zabbix_setup_state": "absent", "netbox_zabbix_confirm_loss": True}
        assert play(playbook="setup", variables=gone, **admin).code == 0
