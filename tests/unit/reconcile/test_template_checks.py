"""Sets of templates that Zabbix would refuse are found before any write, and told as Zabbix means them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.template_checks import (
    Findings,
    TemplateChecks,
    check,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.template_facts import (
    ANY,
    ITEM,
    PROTOTYPE,
    RULE,
    TemplateItems,
)

NAMES = {"1": "One", "2": "Two", "3": "Three"}


def findings(*templates: TemplateItems, kinds: set[str] | None = None) -> Findings:
    facts = {template.templateid: template for template in templates}
    return check(facts, frozenset(kinds or ()), facts, lambda one: NAMES.get(one, one))


def texts(problems: Any) -> list[str]:
    return [problem.text for problem in problems]


def keys(*names: str, flavour: str = ITEM) -> dict[str, str]:
    return dict.fromkeys(names, flavour)


@pytest.mark.parametrize("flavour", [ITEM, RULE, PROTOTYPE])
def test_one_key_in_two_templates_is_an_error(flavour: str) -> None:
    one, two = TemplateItems("1", keys("a", "b", "c")), TemplateItems("2", keys("a", "b", flavour=flavour))
    found = findings(one, two)
    assert texts(found.errors) == [
        'templates "One" and "Two" both have the item key "a", "b": Zabbix does not link both',
    ]
    assert found.errors[0].templates == ("1", "2")


def test_many_equal_keys_are_told_in_one_sentence() -> None:
    one, two = (TemplateItems(number, keys(*(f"k{n}" for n in range(9)))) for number in "12")
    (text,) = texts(findings(one, two).errors)
    assert '"k0", "k1", "k2" and 6 more' in text


def test_two_items_for_one_inventory_field_are_an_error() -> None:
    one, two = TemplateItems("1", inventory={5: "sys.os"}), TemplateItems("2", inventory={5: "uname", 6: "x"})
    (text,) = texts(findings(one, two).errors)
    assert text == (
        'templates "One" and "Two" both fill the inventory field os (items "sys.os" and "uname"): '
        "Zabbix does not link both"
    )


def test_a_trigger_that_depends_on_another_template_asks_for_it() -> None:
    one, two = TemplateItems("1", dependencies={"2": "Link down"}), TemplateItems("2")
    (text,) = texts(findings(one).errors)
    assert text == 'template "One" needs template "Two" beside it: its trigger "Link down" depends on it'
    assert findings(one, two).errors == ()


@pytest.mark.parametrize("kind", ["agent", "snmp", "ipmi", "jmx"])
def test_an_interface_that_an_item_needs(kind: str) -> None:
    template = TemplateItems("1", needs={kind: "the.key"}, uses={kind: "the.key"})
    (text,) = texts(findings(template).errors)
    assert text == f'template "One" needs an interface of type {kind} (item "the.key"), and the host has none'
    other = "agent" if kind != "agent" else "snmp"
    (text,) = texts(findings(template, kinds={other}).errors)
    assert text.endswith(f"and the host has only {other}")
    assert findings(template, kinds={kind}) == Findings()


def test_an_item_that_takes_any_interface() -> None:
    template = TemplateItems("1", needs={ANY: "icmpping"}, uses={ANY: "icmpping"})
    (text,) = texts(findings(template).errors)
    assert text == 'template "One" needs an interface (item "icmpping"), and the host has none'
    assert findings(template, kinds={"jmx"}) == Findings()


def test_an_interface_that_nobody_uses_is_a_warning() -> None:
    template = TemplateItems("1", needs={"agent": "a"}, uses={"agent": "a"})
    found = findings(template, kinds={"agent", "snmp"})
    assert found.errors == ()
    assert texts(found.warnings) == ["no item of its templates uses the interface of type snmp"]
    # a simple check uses the first that is there, and that is the agent's
    ping = TemplateItems("2", uses={ANY: "icmpping"})
    assert texts(findings(ping, kinds={"agent", "snmp"}).warnings) == [
        "no item of its templates uses the interface of type snmp"
    ]
    assert findings(ping, kinds={"snmp"}) == Findings()


def test_a_template_of_which_nothing_is_known_spoils_no_check() -> None:
    facts = {"1": TemplateItems("1", keys("a"))}
    assert check({"1", "2"}, frozenset({"snmp"}), facts, NAMES.__getitem__) == Findings()


def test_a_host_without_templates_has_nothing_to_complain_of() -> None:
    assert findings(kinds={"agent"}) == Findings()


def test_each_set_is_checked_once() -> None:
    asked: list[str] = []

    def name_of(templateid: str) -> str:
        asked.append(templateid)
        return templateid

    checks = TemplateChecks({"1": TemplateItems("1", keys("a"))}, name_of)
    first = checks.of(frozenset({"1"}), frozenset())
    assert checks.of(frozenset({"1"}), frozenset()) is first
    assert asked == ["1"]
