"""Jobs that know what Zabbix has from the import's cache: quicker where all is well, and right where it is outdated."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.lint import LintResult, lint_policy
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.policy_options import PolicyOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_import import (
    ImportOptions,
    import_settings,
)

from integration.world import World

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

NAME = "T known template"
#: what only the reading of settings asks for
ASKS_SETTINGS = {"hostgroup.get", "template.get", "proxy.get"}


@dataclass
class Known:
    """A world with an imported cache, one template of its own, and a policy that gives it."""

    world: World
    state: Path
    group: str = ""
    template: str = ""

    def api(self, method: str, parameters: Any) -> Any:
        return self.world.zabbix.api(method, parameters)

    @property
    def admin(self) -> str:
        """A token that sees templates of any group: these tests make one of their own."""
        return self.world.zabbix.lab.token

    def make(self, name: str = NAME) -> str:
        made = self.api("template.create", {"host": name, "groups": [{"groupid": self.group}]})
        return made["templateids"][0]

    def load(self) -> None:
        """Import into the cache."""
        connection = self.world.zabbix.connection(self.admin, self.world.proxy.url)
        options = ImportOptions(state_store=str(self.state), choice_sets=())
        import_settings(self.world.netbox.connection(), connection, options, self.world.progress.append)

    def sync(self, **options: Any) -> Result:
        self.world.proxy.calls.clear()
        mappings = [{"name": "all", "host_groups": ["T/known"], "templates": [NAME]}]
        return self.world.sync(**{"mappings": mappings, "state_store": str(self.state), "token": self.admin, **options})

    def lint(self, **given: Any) -> LintResult:
        self.world.proxy.calls.clear()
        mapping = {"name": "all", "host_groups": ["T/known"], "templates": [NAME], **given}
        return lint_policy(
            PolicyOptions(mappings=[mapping]),
            None,
            self.world.netbox.connection(),
            self.world.zabbix.connection(self.admin, self.world.proxy.url),
            False,
            self.world.progress.append,
            str(self.state),
        )

    @property
    def asked(self) -> set[str]:
        """The methods that were called to know what there is in Zabbix."""
        return {method for call in self.world.proxy.calls for method in call.methods} & ASKS_SETTINGS

    @property
    def cache(self) -> Path:
        return next(path for path in (self.state / "settings").iterdir() if path.name.endswith(".json.gz"))

    def edit(self, **changes: Any) -> None:
        document = json.loads(gzip.decompress(self.cache.read_bytes()))
        self.cache.write_bytes(gzip.compress(json.dumps({**document, **changes}).encode()))

    def clean(self) -> None:
        found = self.api("template.get", {"output": ["templateid"], "search": {"host": NAME}, "startSearch": True})
        if found:
            self.api("template.delete", [one["templateid"] for one in found])


@pytest.fixture
def known(world: World, tmp_path: Path) -> Iterator[Known]:
    found = Known(world, tmp_path / "state")
    kind = "templategroup" if world.zabbix.release >= (6, 2) else "hostgroup"
    groups = found.api(f"{kind}.get", {"filter": {"name": ["T known"]}, "output": ["groupid"]})
    found.group = groups[0]["groupid"] if groups else found.api(f"{kind}.create", {"name": "T known"})["groupids"][0]
    found.clean()
    found.template = found.make()
    world.zabbix.group("T/known")
    world.device("sw1")
    found.load()
    yield found
    world.clean()
    found.clean()


def test_a_run_with_a_fresh_cache_asks_only_for_what_it_writes(known: Known) -> None:
    first = known.sync()
    assert (first.stats["creates"], first.failed, first.notes) == (1, [], [])
    assert known.asked == {"hostgroup.get", "template.get"}, "asked by id, before anything is written"
    again = known.sync()
    assert (again.stats["unchanged"], again.changed) == (1, False)
    assert known.asked == set()
    without = known.sync(settings_max_age=0)
    assert (without.stats["unchanged"], known.asked) == (1, ASKS_SETTINGS)


def test_a_template_that_the_cache_does_not_have_is_asked_for(known: Known) -> None:
    new = f"{NAME} new"
    known.make(new)
    result = known.sync(mappings=[{"name": "all", "host_groups": ["T/known"], "templates": [new]}])
    assert [host.error for host in result.failed] == []
    assert result.stats["creates"] == 1
    unknown = known.sync(mappings=[{"name": "all", "host_groups": ["T/known"], "templates": [f"{NAME} nwe"]}])
    assert f'no template "{NAME} nwe"' in (unknown.failed[0].error or "")
    assert f'Did you mean "{new}"' in (unknown.failed[0].error or ""), "also what is newer than the cache is known"


def test_a_template_that_was_made_again_has_its_new_id(known: Known) -> None:
    known.api("template.delete", [known.template])
    new = known.make()
    assert new != known.template
    result = known.sync()
    assert [host.error for host in result.failed] == []
    assert result.stats["creates"] == 1
    (host,) = known.api("host.get", {"filter": {"host": "sw1"}, "selectParentTemplates": ["templateid"]})
    assert [one["templateid"] for one in host["parentTemplates"]] == [new]


def test_a_template_that_has_a_new_name_is_not_linked_under_the_old_one(known: Known) -> None:
    known.api("template.update", {"templateid": known.template, "host": f"{NAME} b", "name": f"{NAME} b"})
    result = known.sync()
    assert [f'no template "{NAME}"' in (host.error or "") for host in result.failed] == [True]
    assert known.api("host.get", {"filter": {"host": "sw1"}}) == []


def test_a_host_group_that_was_made_again_has_its_new_id(known: Known) -> None:
    (group,) = known.api("hostgroup.get", {"filter": {"name": ["T/known"]}, "output": ["groupid"]})
    known.api("hostgroup.delete", [group["groupid"]])
    known.world.zabbix.group("T/known")
    result = known.sync()
    assert [host.error for host in result.failed] == []
    assert result.stats["creates"] == 1


def test_a_host_group_that_is_newer_than_the_cache_is_not_created(known: Known) -> None:
    known.world.zabbix.group("T/known/newer")
    result = known.sync(mappings=[{"name": "all", "host_groups": ["T/known/newer"], "templates": [NAME]}])
    assert [host.error for host in result.failed] == []
    assert result.stats["creates"] == 1
    assert "hostgroup.create" not in {method for call in known.world.proxy.calls for method in call.methods}


def test_what_templates_bring_comes_from_the_cache_and_is_no_reason_to_refuse(known: Known) -> None:
    item = {"hostid": known.template, "name": "a", "key_": "a", "type": 0, "value_type": 3, "delay": "1m"}
    (itemid,) = known.api("item.create", item)["itemids"]
    known.load()
    known.api("item.delete", [itemid])
    # the cache says that it needs an interface, and Zabbix does not any more
    result = known.sync()
    assert [host.error for host in result.failed] == []
    assert result.stats["creates"] == 1


def _folder_in_the_place_of(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda known: known.cache.write_bytes(known.cache.read_bytes()[:-9]), "damaged or not whole"),
        (lambda known: known.edit(version=99), "version 99"),
        (lambda known: _folder_in_the_place_of(known.cache), "Is a directory"),
        (lambda known: known.edit(made=(datetime.now(UTC) - timedelta(hours=27)).isoformat()), ""),
        (lambda known: known.edit(made=(datetime.now(UTC) + timedelta(hours=1)).isoformat()), ""),
        (lambda known: known.cache.unlink(), ""),
    ],
    ids=["damaged", "newer version", "unreadable", "stale", "from the future", "gone"],
)
def test_without_a_cache_that_can_be_used_everything_is_as_without_one(known: Known, damage: Any, said: str) -> None:
    damage(known)
    result = known.sync()
    assert [host.error for host in result.failed] == []
    assert result.stats["creates"] == 1
    assert known.asked >= ASKS_SETTINGS
    assert len(result.notes) == bool(said)
    assert said in "".join(result.notes)


def test_an_import_that_finds_the_cache_right_makes_it_fresh_again(known: Known) -> None:
    known.edit(made=(datetime.now(UTC) - timedelta(hours=27)).isoformat())
    known.load()
    known.sync()
    known.sync()
    assert known.asked == set()


def test_a_policy_that_is_right_is_checked_without_asking_zabbix(known: Known) -> None:
    interfaces = [{"type": "agent", "address": "192.0.2.1"}]
    item = {"hostid": known.template, "name": "a", "key_": "a", "type": 0, "value_type": 3, "delay": "1m"}
    known.api("item.create", item)
    known.load()
    right = known.lint(interfaces=interfaces)
    assert (right.problems, right.warned, known.world.proxy.calls) == ([], [], [])
    new = f"{NAME} new"
    known.make(new)
    assert known.lint(templates=[new]).problems == []
    assert known.world.proxy.calls
    (problem,) = known.lint(templates=["T known template nwe"]).problems
    assert f'Did you mean "{new}"' in problem
