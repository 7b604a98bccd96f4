"""The limits of a plan, and whether what was read looks whole."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import GuardError, InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.guard import (
    check_input,
    check_plan,
    limits_from,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Change, Plan
from unit.reconcile.samples import by_hand, config, differ, in_sync


def changes(creates: int = 0, updates: int = 0, disables: int = 0, template_removals: int = 0) -> list[Change]:
    comparing = differ()
    right = in_sync(config())
    kinds = [
        (creates, lambda: comparing.create(config())),
        (updates, lambda: comparing.compare(config(name="Other"), right)),
        (disables, lambda: comparing.compare(config(status="disabled"), right)),
        (template_removals, lambda: comparing.compare(config(templates=frozenset()), right)),
    ]
    return [make() for number, make in kinds for dummy in range(number)]


def plan(managed: int, **kinds: int) -> Plan:
    return Plan(changes=changes(**kinds), managed=managed)


def said(plan: Plan, limits: Any = None) -> str:
    """Return what the guard says, nothing where the plan passes."""
    try:
        check_plan(plan, limits_from(limits))
    except GuardError as error:
        return str(error)
    return ""


CASES = [
    # managed, plan, limits, what the message holds (None: passes)
    (100, {"creates": 50}, None, None),
    (100, {"creates": 51}, None, "51 new hosts, 51.0 % of 100 managed hosts, over the limit of 50 %"),
    (0, {"creates": 500}, None, None),  # a first run
    (0, {"creates": 500}, {"creates": {"count": 499}}, "500 new hosts, over the limit of 499"),
    (100, {"updates": 100}, None, None),  # a change of policy is for all
    (100, {"updates": 100}, {"updates": {"percent": 99}}, "100 updated hosts, 100.0 %"),
    (100, {"disables": 10}, None, None),
    (100, {"disables": 11}, None, "11 hosts disabled, 11.0 % of 100 managed hosts, over the limit of 10 %"),
    (110, {"disables": 11}, None, None),  # exactly the limit
    (12, {"disables": 10}, None, None),  # the floor
    (12, {"disables": 10}, {"disables": {"count": 9}}, "10 hosts disabled, over the limit of 9"),
    (100, {"template_removals": 11}, None, "11 hosts losing a template"),
    (100, {"disables": 11}, {"disables": {"percent": 11}}, None),
    (100, {"disables": 60}, {"disables": {"percent": None}}, None),
    (100, {"disables": 60}, {"disables": {"percent": None, "count": 5}}, "over the limit of 5"),
    (100, {"disables": 1}, {"disables": {"count": 0}}, "1 hosts disabled, over the limit of 0"),
]


@pytest.mark.parametrize(("managed", "kinds", "limits", "expected"), CASES)
def test_limits(managed: int, kinds: dict[str, int], limits: Any, expected: str | None) -> None:
    message = said(plan(managed, **kinds), limits)
    if expected is None:
        assert message == ""
    else:
        assert expected in message
        assert "nothing was written" in message


def test_the_message_names_all_limits_and_what_raises_them() -> None:
    message = said(plan(100, creates=60, disables=20, template_removals=30))
    for name in ("creates", "disables", "template_removals"):
        assert f"netbox_zabbix_limits.{name}.percent" in message
    assert "netbox_zabbix_limits.updates" not in message


def test_what_counts_as_disabled() -> None:
    already = by_hand(in_sync(config(status="disabled")), name="by hand")
    assert differ().compare(config(status="disabled"), already).disables is False
    assert differ().create(config(status="disabled")).disables is False
    assert differ().compare(config(status="enabled"), already).disables is False
    assert differ().compare(config(status="disabled"), in_sync(config())).disables is True


def test_a_host_that_loses_two_templates_counts_once() -> None:
    before = in_sync(config(templates=frozenset({"Linux", "Windows", "ICMP Ping"})))
    change = differ().compare(config(templates=frozenset({"ICMP Ping"})), before)
    assert change.removed_templates == 2
    assert Plan(changes=[change]).counts()["template_removals"] == 1


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (
            {"purges": {"count": 1}},
            ["purges", "creates, updates, disables, archives, deletes, restores, template_removals"],
        ),
        ({"create": {"count": 1}}, ['Did you mean "creates"']),
        ({"creates": 5}, ["limits.creates", "5"]),
        ({"creates": None}, ["limits.creates"]),
        ({"creates": {"number": 5}}, ["limits.creates", '"number"']),
        ({"creates": {"count": -1}}, ["limits.creates.count", "-1"]),
        ({"creates": {"percent": "50"}}, ["limits.creates.percent", "'50'"]),
        ({"creates": {"count": True}}, ["limits.creates.count", "True"]),
    ],
)
def test_a_wrong_limit_is_named(given: Any, named: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        limits_from(given)
    assert all(text in str(caught.value) for text in named)


def test_all_wrong_limits_are_named_at_once() -> None:
    with pytest.raises(InputError) as caught:
        limits_from({"purges": {}, "creates": {"count": -1, "share": 2}})
    assert len(caught.value.problems) == 3


def test_what_is_not_given_keeps_its_default() -> None:
    limits = limits_from({"creates": {"count": 7}})
    assert (limits["creates"].count, limits["creates"].percent) == (7, 50)
    assert limits["disables"] == limits_from(None)["disables"]


INPUT_CASES = [
    # objects, managed, whole, passes
    (0, 0, True, True),
    (0, 1, True, False),  # nothing at all is never right, even within the floor
    (0, 500, False, True),  # a selection may be empty
    (5, 500, False, True),
    (500, 500, True, True),
    (400, 500, True, True),
    (399, 500, True, False),
    (2, 12, True, True),  # the floor: ten fewer
    (1, 12, True, False),
    (900, 500, True, True),
]


@pytest.mark.parametrize(("objects", "managed", "whole", "passes"), INPUT_CASES)
def test_input_sanity(objects: int, managed: int, whole: bool, passes: bool) -> None:
    if passes:
        check_input(objects, managed, whole)
    else:
        with pytest.raises(GuardError, match="nothing was written") as caught:
            check_input(objects, managed, whole)
        assert str(managed) in str(caught.value)


def test_the_share_of_objects_can_be_set() -> None:
    check_input(300, 500, True, percent=60)
    with pytest.raises(GuardError, match="at least 61 %"):
        check_input(300, 500, True, percent=61)
