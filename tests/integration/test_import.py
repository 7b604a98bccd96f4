"""The import against real Zabbix: what it finds, what it tells of changes, and what it writes to NetBox."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_cache import cache_name
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_import import (
    ImportOptions,
    ImportResult,
    import_settings,
)

from integration.world import World

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

#: templates that a fresh Zabbix brings
STOCK = {(7, 0): 354, (6, 0): 325}
PREFIX = "T import"
TRAPPER, AGENT, SNMP = 2, 0, 20
AWKWARD = ["a, b; 'c' \"d\"", "Größe № 5 日本", "x" * (100 - len(PREFIX) - 1)]


def cache_of(state: Path, world: World) -> Path:
    """Return the file with the cache of what the import reads through the proxy."""
    return state / f"{cache_name(world.zabbix.connection(None, world.proxy.url).url)}.gz"


@dataclass
class Importing:
    """A world with a cache of its own, choice sets in NetBox, and templates that go away afterwards."""

    world: World
    state: Path
    sets: dict[str, int] = field(default_factory=dict)
    group: str = ""

    @property
    def cache(self) -> Path:
        return cache_of(self.state, self.world)

    def api(self, method: str, parameters: Any) -> Any:
        return self.world.zabbix.api(method, parameters)

    def run(self, **options: Any) -> ImportResult:
        world = self.world
        zabbix = options.pop("zabbix", None) or world.zabbix.connection(options.pop("token", None), world.proxy.url)
        world.proxy.calls.clear()
        if world.netbox.standin:
            world.netbox.standin.clear_requests()
        given = ImportOptions(**{"state_store": str(self.state), **options})
        return import_settings(world.netbox.connection(), zabbix, given, world.progress.append)

    def template(self, name: str) -> str:
        made = self.api("template.create", {"host": f"{PREFIX} {name}", "groups": [{"groupid": self.group}]})
        return made["templateids"][0]

    def item(self, template: str, kind: int, key: str = "one") -> str:
        delay = {} if kind == TRAPPER else {"delay": "1m"}
        item = {"hostid": template, "name": key, "key_": key, "type": kind, "value_type": 3, **delay}
        return self.api("item.create", item)["itemids"][0]

    def prototype(self, template: str, kind: int) -> None:
        rule = {"hostid": template, "name": "rule", "key_": "rule", "type": TRAPPER}
        (ruleid,) = self.api("discoveryrule.create", rule)["itemids"]
        more = {"ruleid": ruleid, "type": kind, "value_type": 3, "delay": "1m", "snmp_oid": "1.3.6.1.{#X}"}
        self.api("itemprototype.create", {"hostid": template, "name": "of {#X}", "key_": "of[{#X}]", **more})

    def choices(self, name: str) -> list[str]:
        found = self.world.netbox.call("GET", f"extras/custom-field-choice-sets/{self.sets[name]}/")
        return [value for value, label in found["extra_choices"]]

    def cached(self, kind: str) -> dict[str, Any]:
        return json.loads(gzip.decompress(self.cache.read_bytes()))["content"]["kinds"][kind]

    def clean(self) -> None:
        found = self.api("template.get", {"output": ["templateid"], "search": {"host": PREFIX}, "startSearch": True})
        if found:
            self.api("template.delete", [one["templateid"] for one in found])


@pytest.fixture
def importing(world: World, tmp_path: Path) -> Iterator[Importing]:
    found = Importing(world, tmp_path / "state")
    kind = "templategroup" if world.zabbix.release >= (6, 2) else "hostgroup"
    groups = found.api(f"{kind}.get", {"filter": {"name": [PREFIX]}, "output": ["groupid"]})
    found.group = groups[0]["groupid"] if groups else found.api(f"{kind}.create", {"name": PREFIX})["groupids"][0]
    world.zabbix.show(found.group)
    found.clean()
    for name in ("zabbix_templates", "zabbix_host_groups", "zabbix_proxies", "zabbix_proxy_groups"):
        made = world.netbox.make("extras/custom-field-choice-sets/", name=name, extra_choices=[["none", "none"]])
        found.sets[name] = made["id"]
    for name in ("zabbix_templates", "zabbix_host_groups"):
        world.netbox.make(
            "extras/custom-fields/",
            name=name,
            type="multiselect",
            object_types=["dcim.device", "dcim.site"],
            choice_set=found.sets[name],
        )
    yield found
    found.clean()
    found.api(f"{kind}.delete", [found.group])


def test_all_that_zabbix_has_in_a_handful_of_requests(importing: Importing) -> None:
    world, release = importing.world, importing.world.zabbix.release
    there = int(importing.api("template.get", {"countOutput": True}))
    assert there >= STOCK[release]
    result = importing.run()
    assert (result.changed, result.notes) == (True, [])
    assert result.stats["templates"] == result.stats["templates_added"] == there
    assert sum(result.requests["zabbix"].values()) == len(world.proxy.calls) <= 10
    assert result.stats["proxies"] == int(importing.api("proxy.get", {"countOutput": True}))
    assert len(importing.choices("zabbix_templates")) == there
    ping = next(one for one in importing.cached("templates").values() if one["name"] == "ICMP Ping")
    assert ping["items"] == 3
    assert set(ping["keys"]) == {"icmpping", "icmppingloss", "icmppingsec"}
    agent = next(one for one in importing.cached("templates").values() if one["name"] == "Linux by Zabbix agent")
    assert set(agent["needs"]) == {"agent"}
    assert agent["macros"]["{$CPU.UTIL.CRIT}"]["type"] == "text"


def test_a_second_run_writes_nothing(importing: Importing) -> None:
    importing.run()
    before = importing.cache.read_bytes()
    result = importing.run()
    assert not result.changed
    assert result.diff == ""
    assert importing.cache.read_bytes() == before
    assert importing.world.netbox_writes() == []
    assert not importing.world.proxy.writes
    assert result.stats["templates_unchanged"] == result.stats["templates"]


def test_check_mode_writes_nothing(importing: Importing) -> None:
    result = importing.run(dry_run=True)
    assert result.changed
    assert not importing.cache.exists()
    assert importing.world.netbox_writes() == []
    assert "  + ICMP Ping\n" in result.diff


def test_changes_in_zabbix_show_exactly_so(importing: Importing) -> None:
    ids = {name: importing.template(name) for name in ("removed", "renamed", "kind", "prototype", "same")}
    item = importing.item(ids["kind"], TRAPPER)
    importing.run()
    importing.template("added")
    importing.api("template.delete", [ids["removed"]])
    importing.api("template.update", {"templateid": ids["renamed"], "name": f"{PREFIX} new name"})
    importing.api("item.update", {"itemid": item, "type": AGENT, "delay": "1m"})
    importing.prototype(ids["prototype"], SNMP)
    result = importing.run()
    found = result.kinds["templates"]
    assert found["added"] == [f"{PREFIX} added"]
    assert [row["name"] for row in found["removed"]] == [f"{PREFIX} removed"]
    assert [(row["name"], row["was"]) for row in found["renamed"]] == [
        (f"{PREFIX} new name", [f"{PREFIX} renamed"]),
    ]
    assert [(row["name"], row["changes"]) for row in found["updated"]] == [
        (f"{PREFIX} kind", ['+ needs[agent]: "one"', '+ uses[agent]: "one"']),
        (
            f"{PREFIX} prototype",
            [
                '+ keys[rule]: "discovery rule"',
                '+ keys[of[{#X}]]: "item prototype"',
                '+ needs[snmp]: "of[{#X}]"',
                '+ uses[snmp]: "of[{#X}]"',
            ],
        ),
    ]
    for kind, changes in result.kinds.items():
        if kind != "templates":
            assert not any(changes[action] for action in ("added", "updated", "renamed", "removed")), kind
    assert not importing.run().changed


def test_a_template_with_new_names_is_renamed_and_its_users_are_told(importing: Importing) -> None:
    template = importing.template("before")
    importing.run()
    name = f"{PREFIX} before"
    world = importing.world
    world.device("sw1", custom_fields={"zabbix_templates": [name]})
    world.netbox.make("extras/config-contexts/", name="T all", data={"zabbix": {"templates": [name]}})
    world.device("sw2", local_context_data={"zabbix": {"templates": {"add": [name]}}})
    world.vm("vm1", local_context_data={"zabbix": {"templates": {"remove": [name]}}, "other": {"templates": [name]}})
    new = f"{PREFIX} after"
    importing.api("template.update", {"templateid": template, "host": new, "name": new})
    result = importing.run(mappings=[{"name": "everything", "templates": [name]}])
    (renamed,) = result.kinds["templates"]["renamed"]
    assert (renamed["name"], renamed["was"]) == (new, [name])
    assert renamed["used_by"] == [
        'mapping "everything"',
        'config context "T all"',
        "config context of device sw2",
        "device sw1",
    ]
    assert result.kinds["templates"]["removed"] == []
    # NetBox would not give it up
    assert {name, new} <= set(importing.choices("zabbix_templates"))
    kept = result.choice_sets[0]["kept"]
    assert kept == [{"name": name, "used_by": ["device sw1"]}]
    again = importing.run()
    assert not again.changed
    assert again.choice_sets[0]["kept"] == kept


@pytest.mark.parametrize(("limit", "passes"), [(2, True), (1, False)])
def test_n_deletions_pass_a_limit_of_n_and_one_more_stops_all(importing: Importing, limit: int, passes: bool) -> None:
    ids = [importing.template(name) for name in ("one", "two")]
    importing.run()
    before = importing.cache.read_bytes()
    importing.api("template.delete", ids)
    result = importing.run(max_deletions={"templates": {"count": limit}})
    assert (not result.refused) is result.changed is passes
    assert (importing.cache.read_bytes() != before) is passes
    assert (f"{PREFIX} one" not in importing.choices("zabbix_templates")) is passes
    if not passes:
        assert "2 of" in result.message
        assert f'"{PREFIX} two" is gone' in result.message


def test_names_of_all_sorts(importing: Importing) -> None:
    # a technical name takes few characters, the visible one nearly all
    for number, name in enumerate(AWKWARD):
        template = importing.template(str(number))
        importing.api("template.update", {"templateid": template, "name": f"{PREFIX} {name}"})
    long = "T/" + "g" * 253
    importing.world.zabbix.group(long)
    result = importing.run()
    assert {f"{PREFIX} {name}" for name in AWKWARD} <= set(importing.choices("zabbix_templates"))
    assert result.choice_sets[1]["unfit"] == [long]
    assert any("100 characters" in note for note in result.notes)
    assert not importing.run().changed
    importing.clean()
    removed = {row["name"] for row in importing.run().kinds["templates"]["removed"]}
    assert removed == {f"{PREFIX} {name}" for name in AWKWARD}


def test_zabbix_goes_away_in_the_middle(importing: Importing) -> None:
    importing.run()
    before = importing.cache.read_bytes()
    importing.template("new")
    importing.world.proxy.cut_next("item.get", count=10)
    with pytest.raises(ZabbixError):
        importing.run()
    importing.world.proxy.clear()
    assert importing.cache.read_bytes() == before
    assert f"{PREFIX} new" not in importing.choices("zabbix_templates")
    assert importing.run().kinds["templates"]["added"] == [f"{PREFIX} new"]


def test_two_imports_at_once(importing: Importing) -> None:
    with ThreadPoolExecutor(2) as both:
        results = [run.result() for run in [both.submit(importing.run) for dummy in range(2)]]
    assert all(result.refused == "" for result in results)
    assert not importing.run().changed
    assert {one.name.partition(".json")[2] for one in importing.cache.parent.iterdir()} == {".gz", ".confirmed.gz"}


def test_a_template_that_the_user_may_not_see_any_more_is_not_taken_for_deleted(importing: Importing) -> None:
    world, api = importing.world, importing.api
    template = importing.template("secret")
    unused = importing.template("unused")
    group = world.zabbix.group("T/hosts")
    host = {"host": "T import host", "groups": [{"groupid": group}], "templates": [{"templateid": template}]}
    (hostid,) = api("host.create", host)["hostids"]
    rights = [{"id": group, "permission": 3}]
    seen = [{"id": importing.group, "permission": 2}]
    new = world.zabbix.release >= (6, 2)
    both = {"hostgroup_rights": rights, "templategroup_rights": seen} if new else {"rights": rights + seen}
    less = {"hostgroup_rights": rights, "templategroup_rights": []} if new else {"rights": rights}
    (role,) = api("role.get", {"filter": {"name": ["Admin role"]}, "output": ["roleid"]})
    (users,) = api("usergroup.create", {"name": "T import", **both})["usrgrpids"]
    person = {
        "username": "T import",
        "roleid": role["roleid"],
        "passwd": "Xa9!kqWz-71",
        "usrgrps": [{"usrgrpid": users}],
    }
    (userid,) = api("user.create", person)["userids"]
    (tokenid,) = api("token.create", {"name": "T import", "userid": userid})["tokenids"]
    token = api("token.generate", [tokenid])[0]["token"]
    try:
        first = importing.run(token=token)
        assert first.kinds["templates"]["added"] == [f"{PREFIX} secret", f"{PREFIX} unused"]
        api("usergroup.update", {"usrgrpid": users, **less})
        result = importing.run(token=token, max_deletions={"default": {"count": 0}})
        assert result.refused == ""
        # one that a host uses, and one whose groups are out of sight: neither is taken for deleted
        assert result.kinds["templates"]["hidden"] == [
            {"name": f"{PREFIX} secret", "used_by": ["host T import host"]},
            {"name": f"{PREFIX} unused", "used_by": []},
        ]
        assert result.kinds["templates"]["removed"] == []
        assert any("missing permission" in note for note in result.notes)
        assert len(importing.cached("templates")) == 2
        # what is deleted while a group of it is seen was deleted
        api("usergroup.update", {"usrgrpid": users, **both})
        api("template.delete", [unused])
        result = importing.run(token=token)
        assert [row["name"] for row in result.kinds["templates"]["removed"]] == [f"{PREFIX} unused"]
        assert [one["name"] for one in importing.cached("templates").values()] == [f"{PREFIX} secret"]
    finally:
        api("host.delete", [hostid])
        api("user.delete", [userid])
        api("usergroup.delete", [users])


def test_a_role_that_does_not_allow_what_is_needed_is_told(importing: Importing) -> None:
    with pytest.raises(ZabbixError, match="No permissions to call"):
        importing.run(token=importing.world.zabbix.lab.limited_token)
    assert not importing.cache.exists()


def test_the_playbook(importing: Importing, play: Any, tmp_path: Path) -> None:
    variables = {"netbox_zabbix_state_store": "mine"}
    looked = play("--check", "--diff", playbook="import", variables=variables)
    assert looked.code == 0, looked.text
    assert looked.recap["changed"] == 1
    assert "  + ICMP Ping" in looked.text
    assert not (tmp_path / "mine").exists()
    first = play(playbook="import", variables=variables)
    assert first.code == 0, first.text
    assert first.recap["changed"] == 1
    assert "choice set zabbix_templates" in first.text
    assert (tmp_path / "mine" / "settings").is_dir(), "seen from where the playbook was called"
    second = play(playbook="import", variables=variables)
    assert (second.code, second.recap["changed"]) == (0, 0), second.text
    wrong = play(playbook="import", variables={**variables, "netbox_zabbix_max_deletions": {"template": {"count": 1}}})
    assert wrong.code == 2
    assert 'no kind "template"' in wrong.text.replace('\\"', '"')


def test_the_playbook_fails_when_too_much_is_gone(importing: Importing, play: Any, tmp_path: Path) -> None:
    template = importing.template("gone")
    variables = {
        "netbox_zabbix_state_store": "state",
        "netbox_zabbix_max_deletions": {"default": {"count": 0}},
    }
    assert play(playbook="import", variables=variables).code == 0
    importing.api("template.delete", [template])
    (cache,) = (tmp_path / "state" / "settings").iterdir()
    before = cache.read_bytes()
    done = play(playbook="import", variables=variables)
    assert done.code == 2
    assert "More is gone from Zabbix than may be" in done.text
    assert cache.read_bytes() == before
