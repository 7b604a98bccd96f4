"""Templates that do not go together are refused before the first write, for the host that is to get them alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.template_items import read_template_items

from integration.world import World, of, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

SNMP = {"type": 20, "snmp_oid": "1.3.6.1", "value_type": 3, "delay": "1h"}
TRAPPER = {"type": 2, "value_type": 4}
_numbers = count(1)


class Templates:
    """Templates that go away after the test. Items wait for what never comes, so that nothing is measured."""

    def __init__(self, world: World) -> None:
        self.api = world.zabbix.api
        self.group = world.zabbix.group_of_templates()
        self.made: list[str] = []

    def make(self, name: str, parents: tuple[str, ...] = (), **items: dict[str, Any]) -> str:
        """Make a template with an item for each keyword, `key={...}`; return its id."""
        given = {"host": name, "groups": [{"groupid": self.group}]}
        linked = [{"templateid": parent} for parent in parents]
        templateid = self.api("template.create", {**given, "templates": linked})["templateids"][0]
        self.made.append(templateid)
        for key, item in items.items():
            self.api("item.create", {"hostid": templateid, "name": key, "key_": key, **item})
        return str(templateid)

    def trigger(self, template: str, key: str, depends_on: str | None = None) -> str:
        given: dict[str, Any] = {"description": f"{template} {key}", "expression": f"nodata(/{template}/{key},1h)=1"}
        if depends_on:
            given["dependencies"] = [{"triggerid": depends_on}]
        return str(self.api("trigger.create", given)["triggerids"][0])

    def remove(self) -> None:
        for templateid in reversed(self.made):
            self.api("template.delete", [templateid])


@pytest.fixture
def templates(world: World) -> Iterator[Templates]:
    made = Templates(world)
    yield made
    world.zabbix.remove_hosts(world.ours())
    made.remove()


@pytest.fixture
def pair() -> tuple[str, str]:
    number = next(_numbers)
    return f"check {number} a", f"check {number} b"


def test_the_same_item_key_in_two_templates(world: World, templates: Templates, pair: tuple[str, str]) -> None:
    for name in pair:
        templates.make(name, key_one=TRAPPER)
    world.device("sw1")
    result = world.sync(policy(templates=list(pair), interfaces=[]))
    assert of(result, "sw1").error == (
        f'templates "{pair[0]}" and "{pair[1]}" both have the item key "key_one": Zabbix does not link both. '
        'Given by mapping "everything".'
    )
    assert world.proxy.writes == []
    assert world.ours() == []


def test_two_templates_that_fill_one_inventory_field(world: World, templates: Templates, pair: tuple[str, str]) -> None:
    templates.make(pair[0], key_one={**TRAPPER, "inventory_link": 5})
    templates.make(pair[1], key_two={**TRAPPER, "inventory_link": 5})
    world.device("sw1")
    world.device("sw2")
    mappings = policy(templates=[pair[0]], interfaces=[])
    mappings.append({"name": "second", "match": {"name": "sw2"}, "templates": [pair[1]]})
    result = world.sync(mappings)
    assert of(result, "sw1").action == "create"
    error = of(result, "sw2").error or ""
    assert 'both fill the inventory field os (items "key_one" and "key_two")' in error
    assert error.endswith('Given by mapping "everything" and mapping "second".')


def test_a_trigger_that_depends_on_a_template_that_is_not_linked(
    world: World, templates: Templates, pair: tuple[str, str]
) -> None:
    templates.make(pair[0], key_one=TRAPPER)
    templates.make(pair[1], key_two=TRAPPER)
    templates.trigger(pair[1], "key_two", templates.trigger(pair[0], "key_one"))
    world.device("sw1")
    failed = of(world.sync(policy(templates=[pair[1]], interfaces=[])), "sw1")
    assert failed.error == (
        f'template "{pair[1]}" needs template "{pair[0]}" beside it: its trigger "{pair[1]} key_two" depends on it. '
        'Given by mapping "everything".'
    )
    assert not world.sync(policy(templates=list(pair), interfaces=[])).failed


def test_an_interface_that_a_template_needs_and_one_that_nobody_uses(
    world: World, templates: Templates, pair: tuple[str, str]
) -> None:
    templates.make(pair[0], key_one=SNMP)
    world.device("sw1")
    result = world.sync(policy(templates=[pair[0]]))
    assert f'template "{pair[0]}" needs an interface of type snmp (item "key_one"), and the host has only agent' in (
        of(result, "sw1").error or ""
    )
    result = world.sync(policy(templates=[pair[0]], interfaces=[{"type": "snmp"}, {"type": "agent"}]))
    assert not result.failed
    assert any("no item of its templates uses the interface of type agent" in note for note in result.notes)


def test_a_prototype_needs_its_interface_too(world: World, templates: Templates, pair: tuple[str, str]) -> None:
    templateid = templates.make(pair[0])
    rule = templates.api("discoveryrule.create", {"hostid": templateid, "name": "r", "key_": "rule", "type": 2})
    prototype = {"hostid": templateid, "ruleid": rule["itemids"][0], "name": "p", "key_": "p[{#X}]"}
    templates.api("itemprototype.create", {**prototype, **SNMP, "snmp_oid": "1.3.{#X}"})
    world.device("sw1")
    assert '(item "p[{#X}]")' in (of(world.sync(policy(templates=[pair[0]])), "sw1").error or "")


def test_a_template_that_somebody_linked_by_hand_counts(
    world: World, templates: Templates, pair: tuple[str, str]
) -> None:
    by_hand = templates.make(pair[0], key_one={**TRAPPER, "inventory_link": 5})
    templates.make(pair[1], key_one={**TRAPPER, "inventory_link": 5})
    world.device("sw1")
    world.sync()
    host = world.host("sw1")
    linked = [{"templateid": one["templateid"]} for one in host["parentTemplates"]] + [{"templateid": by_hand}]
    world.zabbix.api("host.update", hostid=host["hostid"], templates=linked)
    failed = of(world.sync(policy(templates=["ICMP Ping", pair[1]])), "sw1")
    assert "both fill the inventory field os" in (failed.error or "")
    assert (failed.error or "").endswith('Given by somebody by hand and mapping "everything".')


def test_what_zabbix_says_is_what_was_foretold(world: World, templates: Templates, pair: tuple[str, str]) -> None:
    """The facts as read, against what Zabbix does with a host that has every kind of interface missing."""
    templateid = templates.make(pair[0], agent_key={"type": 0, "value_type": 3, "delay": "1h"}, snmp_key=SNMP)
    child = templates.make(pair[1], parents=(templateid,))
    facts = read_template_items(world.zabbix.session, [templateid, child])
    assert facts[child].needs == facts[templateid].needs == {"agent": "agent_key", "snmp": "snmp_key"}
    assert facts[child].keys == {"agent_key": "item", "snmp_key": "item"}


def test_an_unchanged_run_asks_nothing_of_templates(world: World) -> None:
    world.device("sw1")
    first = world.sync()
    asked = first.requests["zabbix"]
    assert asked["item.get[]"] <= 1
    second = world.sync()
    assert second.stats["unchanged"] == 1
    assert not [method for method in second.requests["zabbix"] if method.startswith("item.get")]
