"""Hosts are worse off than before, or not: what was bad before does not count."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.health import (
    PROBLEMS,
    UNAVAILABLE,
    UNSUPPORTED,
    Health,
    compare,
    health_from,
    over_limits,
    unanswered,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import (
    AVAILABLE,
    FAILING,
    NOT_AVAILABLE,
    UNKNOWN,
    HostHealth,
)


def host(name: str = "sw1", watched: bool = True, agent: str = AVAILABLE, **more: Any) -> HostHealth:
    return HostHealth(name, watched, {"agent": (agent, "refused" if agent != AVAILABLE else "")}, **more)


def gates(before: dict[str, HostHealth], now: dict[str, HostHealth], last: bool = False) -> list[tuple[str, int]]:
    return [(one.gate, one.number) for one in compare(before, now, last)]


@pytest.mark.parametrize(
    ("before", "now", "worse", "worse_at_last"),
    [
        (AVAILABLE, AVAILABLE, False, False),
        (AVAILABLE, NOT_AVAILABLE, True, True),
        # it does not answer just now: that may pass, and counts when no time is left
        (AVAILABLE, FAILING, False, True),
        (AVAILABLE, UNKNOWN, False, False),
        (UNKNOWN, NOT_AVAILABLE, True, True),
        (NOT_AVAILABLE, NOT_AVAILABLE, False, False),
        (FAILING, NOT_AVAILABLE, False, False),
        (None, NOT_AVAILABLE, True, True),
        (None, UNKNOWN, False, False),
    ],
)
def test_an_interface_that_ceased_to_answer(before: str | None, now: str, worse: bool, worse_at_last: bool) -> None:
    was = {} if before is None else {"1": host(agent=before)}
    for last, expected in ((False, worse), (True, worse_at_last)):
        assert gates(was, {"1": host(agent=now)}, last) == ([(UNAVAILABLE, 1)] if expected else [])


def test_what_is_not_known_yet_is_waited_for() -> None:
    now = {"1": host("a", agent=UNKNOWN), "2": host("b", agent=FAILING), "3": host("c")}
    assert unanswered({}, now) == ["a", "b"]
    assert unanswered({"2": host("b", agent=NOT_AVAILABLE)}, now) == ["a"]
    assert unanswered({}, {"1": host(watched=False, agent=UNKNOWN)}) == []


def test_items_and_problems_that_were_there_before_do_not_count() -> None:
    before = {"1": host(unsupported={"a": "no"}, problems={"5": "down", "6": "full"})}
    now = {"1": host(unsupported={"a": "no", "b": "why"}, problems={"5": "down", "7": "slow", "8": "full"})}
    # trigger 8 came with a template that was linked anew
    assert gates(before, now) == [(UNSUPPORTED, 1), (PROBLEMS, 1)]
    assert [one.what for one in compare(before, now, False)] == ["b: why", "slow"]
    assert gates({}, now) == [(UNSUPPORTED, 2), (PROBLEMS, 3)]


def test_a_host_that_is_off_or_in_maintenance_is_not_judged() -> None:
    now = {"1": host(watched=False, agent=NOT_AVAILABLE, unsupported={"a": "no"}, problems={"5": "down"})}
    assert compare({"1": host()}, now, True) == []


def test_a_number_counts_things_and_a_share_hosts() -> None:
    worse = compare({}, {str(number): host(f"sw{number}", unsupported={"a": "", "b": ""}) for number in range(3)}, True)
    assert len(over_limits(worse, 10, health_from({"unsupported": 5}))) == 1
    assert over_limits(worse, 10, health_from({"unsupported": 6})) == []
    assert over_limits(worse, 10, health_from({"unsupported": "30%"})) == []
    (told,) = over_limits(worse, 10, health_from({"unsupported": "29%"}))
    assert told.startswith(
        "6 items that became not supported, on 30.0 % of 10 hosts, over the limit of 29 % (health.unsupported): sw0 ("
    )
    assert over_limits(worse, 10, health_from({"unsupported": None})) == []
    assert len(over_limits(worse, 10, health_from({"unsupported": 0}))) == 1


def test_how_hosts_are_judged_by_default() -> None:
    assert health_from(None) == health_from({}) == Health()
    assert health_from({"wait": 30}).minimum == 30
    found = health_from({"severity": "disaster", "undo": True, "problems": "10%"})
    assert (found.severity, found.undo, found.wait) == (5, True, 300)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"wait": "long"}, "health.wait: a number of seconds is expected, not 'long'"),
        ({"wait": 10, "minimum": 20}, "health.minimum: 20 s are more than health.wait has (10 s)"),
        ({"severity": "hihg"}, "health.severity: 'hihg' is none of not_classified,"),
        ({"severity": 4}, "health.severity: 4 is none of"),
        ({"undo": "yes"}, "health.undo: true or false is expected, not 'yes'"),
        ({"unsuported": 1}, 'health: there is no "unsuported". Did you mean "unsupported"?'),
        ({"problems": "many"}, "health.problems: a number such as 5"),
    ],
)
def test_what_is_no_way_to_judge_is_told(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as told:
        health_from(given)
    assert problem in str(told.value)
