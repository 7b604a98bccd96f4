"""The limits of a plan, and whether what was read looks whole."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import GuardError, InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.archive import archive
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.guard import (
    check_input,
    check_last,
    check_plan,
    limits_from,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.places import Group, Place
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


# --- by site and by role

BERLIN, HAMBURG, NO_SITE = Group(1, "Berlin"), Group(2, "Hamburg"), Group(0, "")
SWITCH, ROUTER = Group(1, "Switch"), Group(2, "Router")


def ended(number: int) -> Change:
    """Return the archiving of the host of one device."""
    host = in_sync(config(ref=f"device:{number}"), hostid=str(10000 + number))
    return archive(host, f"device:{number}", "Archive", differ().settings, "gone", "", "2026-11-24T10:00:00Z", "r1")


def in_places(places: dict[range, Place], ending: range, gone: bool = False) -> Plan:
    """Return a plan that archives some hosts of an estate of these places."""
    plan = Plan(changes=[ended(number) for number in ending], managed=sum(map(len, places)))
    for numbers, place in places.items():
        for number in numbers:
            where = plan.places.gone if gone and number in ending else plan.places.of
            where[f"device:{number}"] = place
            plan.places.managed.add(f"device:{number}")
    return plan


ESTATE = {
    range(1, 16): Place(BERLIN, SWITCH),
    range(16, 31): Place(HAMBURG, SWITCH),
    range(31, 1000): Place(NO_SITE, ROUTER),
}


@pytest.mark.parametrize("gone", [False, True])
def test_a_site_that_vanishes_stops_the_run_though_it_is_little_of_the_whole(gone: bool) -> None:
    message = said(in_places(ESTATE, range(1, 13), gone))
    assert "12 hosts archived of site Berlin, 80.0 % of 15 managed hosts of it, over the limit of 50 %" in message
    assert "(netbox_zabbix_limits.archives.by.site.percent)" in message
    assert "Hamburg" not in message
    assert "managed hosts, over" not in message


def test_a_handful_of_a_site_and_half_of_it_pass() -> None:
    assert said(in_places(ESTATE, range(1, 11))) == ""
    assert (
        said(in_places({range(1, 25): Place(BERLIN, SWITCH), range(25, 1000): Place(HAMBURG, SWITCH)}, range(12))) == ""
    )


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"by": {"site": {"percent": 80}}}, ""),
        ({"by": {"site": {"percent": 79}}}, "80.0 % of 15 managed hosts of it, over the limit of 79 %"),
        ({"by": {"site": {"count": 11}}}, "12 hosts archived of site Berlin, over the limit of 11"),
        ({"by": {"site": None}}, ""),
        ({"by": None}, ""),
        ({"by": {"role": {"percent": 30}}}, "12 hosts archived of role Switch, 40.0 % of 30 managed hosts of it"),
        ({"by": {"role": {"count": 50}}}, "site Berlin"),  # the other grouping keeps its default
        ({"percent": 100}, ""),  # whoever lets all go means each site
        ({"percent": None}, ""),
        ({"percent": 60}, "over the limit of 60 % (netbox_zabbix_limits.archives.by.site.percent)"),
        ({"count": 100}, "site Berlin"),
    ],
)
def test_limits_by_group(limits: Any, expected: str) -> None:
    message = said(in_places(ESTATE, range(1, 13)), {"archives": limits})
    assert expected in message
    assert bool(message) == bool(expected)


def test_objects_without_a_site_are_a_group_of_their_own() -> None:
    plan = in_places({range(1, 16): Place(NO_SITE, SWITCH), range(16, 500): Place(BERLIN, SWITCH)}, range(1, 13))
    assert "12 hosts archived of objects without a site" in said(plan)


def test_an_object_that_nobody_remembers_counts_for_the_host_groups_of_its_host() -> None:
    plan = in_places({range(30, 1000): Place(BERLIN, SWITCH)}, range(1, 13))
    for number in range(1, 13):
        plan.places.lost[f"device:{number}"] = ("NetBox/Bonn", "Roles/Switch")
        plan.places.managed.add(f"device:{number}")
    plan.managed = 982
    plan.places.host_groups.update({"NetBox/Bonn": 12, "Roles/Switch": 900})
    message = said(plan)
    assert '12 hosts archived of host group "NetBox/Bonn" (whose objects are gone' in message
    assert "100.0 % of 12 managed hosts of it" in message
    assert "Roles/Switch" not in message


def test_many_groups_over_a_limit_are_told_in_few_words() -> None:
    places = {range(at, at + 11): Place(Group(at, f"S{at}"), SWITCH) for at in range(1, 100, 11)}
    message = said(in_places({**places, range(100, 5000): Place(BERLIN, SWITCH)}, range(1, 100)))
    assert message.count("of site S") == 5
    assert "and 4 more like these" in message


def test_a_first_run_at_a_new_site_is_not_measured() -> None:
    plan = Plan(changes=changes(creates=20), managed=100)
    plan.places.of["device:1"] = Place(BERLIN, SWITCH)
    assert said(plan, {"creates": {"by": {"site": {"percent": 1}}}}) == ""
    assert "20 new hosts of site Berlin" in said(plan, {"creates": {"by": {"site": {"count": 19}}}})


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"archives": {"by": {"sites": {"percent": 1}}}}, ['limits.archives.by: "sites"', 'Did you mean "site"']),
        ({"archives": {"by": {"site": 5}}}, ["limits.archives.by.site: 5"]),
        ({"archives": {"by": 5}}, ["limits.archives.by: 5"]),
        ({"archives": {"by": {"role": {"percent": "x"}}}}, ["limits.archives.by.role.percent: 'x'"]),
        ({"archives": {"by": {"role": {"by": {}}}}}, ['limits.archives.by.role: "by" is not "count" or "percent"']),
        ({"archives": {"share": 5}}, ['limits.archives: "share" is not "count", "percent" or "by"']),
    ],
)
def test_a_wrong_limit_by_group_is_named(given: Any, named: list[str]) -> None:
    test_a_wrong_limit_is_named(given, named)


# --- against the last run


def seen(places: dict[range, Place], kind: str = "device") -> dict[str, Place]:
    return {f"{kind}:{number}": place for numbers, place in places.items() for number in numbers}


LAST = seen(ESTATE)
WITHOUT_BERLIN = seen({numbers: place for numbers, place in ESTATE.items() if place.site != BERLIN})
LAST_CASES = [
    (LAST, ""),
    (WITHOUT_BERLIN, "of 15 objects of site Berlin 0 are left (0 %, at least 50 % are expected"),
    ({**WITHOUT_BERLIN, **seen({range(1, 6): Place(BERLIN, SWITCH)})}, ""),  # 10 lost: a handful
    ({**WITHOUT_BERLIN, **seen({range(1, 5): Place(BERLIN, SWITCH)})}, "4 are left (27 %"),
    ({**LAST, **seen({range(1, 16): Place(HAMBURG, SWITCH)})}, ""),  # moved, not lost
    ({**WITHOUT_BERLIN, **seen({range(2001, 2016): Place(BERLIN, SWITCH)})}, ""),  # made anew
    ({**LAST, **seen({range(16, 31): Place(Group(2, "Hamburg 2"), SWITCH)})}, ""),  # renamed
    (seen({range(1, 31): Place(BERLIN, SWITCH)}), "of 999 devices 30 are left (3 %, at least 80 % are expected"),
]


@pytest.mark.parametrize(("now", "expected"), LAST_CASES)
def test_what_netbox_gives_against_the_last_run(now: dict[str, Place], expected: str) -> None:
    if not expected:
        check_last(now, LAST, "yesterday")
        return
    with pytest.raises(GuardError) as caught:
        check_last(now, LAST, "yesterday")
    message = str(caught.value)
    assert expected in message
    assert "in the last run (yesterday), so nothing was written" in message
    assert "netbox_zabbix_min_" in message


def test_each_kind_counts_for_itself() -> None:
    machines = seen({range(1, 31): Place(NO_SITE, ROUTER)}, "virtual_machine")
    with pytest.raises(GuardError, match="of 30 virtual machines 0 are left"):
        check_last(LAST, {**LAST, **machines}, "yesterday", site_percent=0)
    check_last(LAST, {**LAST, **machines}, "yesterday", percent=0, site_percent=0)


def test_the_share_of_a_site_can_be_set() -> None:
    check_last(WITHOUT_BERLIN, LAST, "yesterday", site_percent=0)
    with pytest.raises(GuardError, match=r"netbox_zabbix_min_site_objects_percent"):
        check_last(WITHOUT_BERLIN, LAST, "yesterday", site_percent=1)
