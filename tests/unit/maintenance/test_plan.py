"""Which windows there are for which hosts, and what is to be done in Zabbix for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import GuardError, InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.declared import (
    Declarations,
    from_contexts,
    from_list,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.parse import parse_list
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.plan import (
    GROUP_FROM,
    Estate,
    TargetHost,
    WindowPlan,
    check_deletions,
    deletions_from,
    plan_as_text,
    plan_windows,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.zabbix_window import (
    ZabbixWindow,
    read_mark,
    with_mark,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.contexts import Context
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import NetBoxObject
from unit.maintenance.windows import NOW
from unit.policy.samples import device

WHEN: dict[str, Any] = {"start": "2026-11-24T09:00Z", "duration": "4h"}


def having(number: int, windows: Any, **more: Any) -> NetBoxObject:
    """Return a device whose config context has these windows."""
    return device(number, config_context={"zabbix_maintenance": windows}, **more)


def context(name: str, windows: Any, *, everywhere: bool = False) -> Context:
    return Context(1, name, True, False, windows, False, everywhere)


def declared(
    objects: list[NetBoxObject], contexts: list[Context] | None = None, listed: Any = None, zone: str | None = None
) -> Declarations:
    problems: list[str] = []
    windows = parse_list(listed, zone, problems)
    assert problems == []
    found = Declarations()
    from_list(found, windows, objects)
    from_contexts(found, objects, contexts or [], zone)
    return found


def refs(found: Declarations) -> dict[str, list[str]]:
    return {name: sorted(one.refs) for name, one in found.windows.items()}


def test_objects_that_have_it_are_its_targets_and_sources_add_up() -> None:
    objects = [having(1, {"w": WHEN}), having(2, {"w": WHEN, "v": WHEN}), device(3, name="sw-x")]
    found = declared(objects, listed=[{"name": "w", **WHEN, "match": {"name": "sw-*"}}])
    assert found.failures == {}
    assert refs(found) == {"w": ["device:1", "device:2", "device:3"], "v": ["device:2"]}


def test_a_match_narrows_and_null_takes_a_window_away() -> None:
    narrowed = {**WHEN, "match": {"name": "sw2"}}
    found = declared([having(1, {"w": narrowed}), having(2, {"w": narrowed}), having(3, {"w": None})])
    assert refs(found) == {"w": ["device:2"]}


def test_what_contradicts_is_an_error_that_names_both() -> None:
    other = {**WHEN, "duration": "5h"}
    found = declared([having(1, {"w": WHEN}), having(2, {"w": other})])
    assert found.failures["w"] == (
        "local context of sw1 (device 1): zabbix_maintenance.w and local context of sw2 (device 2): "
        'zabbix_maintenance.w declare "w" differently; make them the same, or give one another name'
    )
    contexts = [context("a", {"w": WHEN}), context("b", {"w": other})]
    found = declared([having(1, {"w": other}), having(2, {"v": WHEN})], contexts)
    assert 'the config contexts "a" and "b" declare "w" differently' in found.failures["w"]
    assert refs(found) == {"v": ["device:2"]}
    found = declared([having(1, {"w": WHEN})], [context("a", {"w": WHEN})], [{"name": "w", **other, "match": "all"}])
    assert 'maintenance 1 "w" and config context "a": zabbix_maintenance.w declare' in found.failures["w"]


def test_a_context_for_nothing_in_particular_has_to_say_so() -> None:
    everywhere = [context("global", {"w": WHEN}, everywhere=True)]
    found = declared([having(1, {"w": WHEN})], everywhere)
    assert 'config context "global": zabbix_maintenance.w: the context is not assigned' in found.failures["w"]
    for match in ("all", {"site": "ams1"}):
        window = {**WHEN, "match": match}
        found = declared([having(1, {"w": window})], [context("global", {"w": window}, everywhere=True)])
        assert found.failures == {}
        assert refs(found) == {"w": ["device:1"]}


def test_what_is_wrong_is_told_once_and_stops_no_other() -> None:
    wrong = {"start": "2026-11-24 09:00", "duration": "4h"}
    found = declared([having(1, {"w": wrong, "v": WHEN}), having(2, {"w": wrong}), having(3, [1])])
    assert "no zone is given" in found.failures["w"]
    assert found.failures["zabbix_maintenance"].endswith("zabbix_maintenance is a list, no dictionary")
    assert list(found.windows) == ["v"]
    assert declared([having(1, {"w": wrong})], zone="Europe/Berlin").failures == {}


def host(number: int, *groups: str, **more: Any) -> TargetHost:
    return TargetHost(str(100 + number), f"sw{number}", f"device:{number}", frozenset(groups), **more)


def estate(*hosts: TargetHost, windows: list[ZabbixWindow] | None = None, **more: Any) -> Estate:
    return Estate({one.ref: [one] for one in hosts}, windows or [], **more)


def plan(found: Declarations, side: Estate, **more: Any) -> WindowPlan:
    return plan_windows(found, side, "nb", NOW, **more)


def as_made(made: WindowPlan) -> list[ZabbixWindow]:
    """Return the windows that a plan makes, as Zabbix then has them."""
    return [
        replace(change.wanted, maintenanceid=str(number))
        for number, change in enumerate(made.changes, 1)
        if change.wanted is not None
    ]


def test_a_new_window_and_that_it_is_then_unchanged() -> None:
    found = declared([having(1, {"w": {**WHEN, "description": "Patches"}}), having(2, {})])
    made = plan(found, estate(host(1), host(2)))
    (change,) = made.changes
    assert change.wanted is not None
    assert (change.action, change.wanted.name, change.wanted.hosts, change.due) == ("create", "w [nb]", {"101"}, True)
    assert change.wanted.description.startswith("Patches\n\nnetops.netbox_zabbix ")
    assert read_mark(change.wanted.description) == ("nb", "w")
    again = plan(found, estate(host(1), host(2), windows=as_made(made)))
    assert (again.changes, again.unchanged) == ([], 1)
    assert plan_as_text(again, estate(host(1))) == ""


def test_changes_field_by_field() -> None:
    found = declared([having(1, {"w": WHEN}), having(2, {"w": WHEN})])
    (live,) = as_made(plan(found, estate(host(1), host(2))))
    drifted = replace(live, name="x", hosts=frozenset({"101", "900"}), collect_data=False, until=live.until - 3600)
    side = estate(host(1), host(2), windows=[drifted])
    made = plan(found, side)
    assert plan_as_text(made, side).splitlines() == [
        *("~ w", "    - name: x", "    + name: w [nb]"),
        *("    - until: 2026-11-24 12:00 UTC", "    + until: 2026-11-24 13:00 UTC"),
        *("    - collect_data: no", "    + collect_data: yes", "    - hosts: host 900", "    + hosts: sw2"),
    ]


def test_archived_hosts_and_no_host_at_all() -> None:
    found = declared([having(1, {"w": WHEN})])
    (live,) = as_made(plan(found, estate(host(1))))
    gone = plan(found, estate(host(1, archived=True, maintenanceid="1"), windows=[live]))
    (change,) = gone.changes
    assert (change.action, change.reason, change.left) == ("delete", "no host of Zabbix is of its objects", {"101"})
    assert plan(found, estate()).states == {"w": ("no_hosts", "no host of Zabbix is of its objects")}


def test_over_and_not_due() -> None:
    past = {"start": "2026-11-24T05:00Z", "duration": "4h"}
    july = {
        "time_zone": "UTC",
        "periods": [{"every": "month", "day": 1, "months": "july", "at": "2:00", "duration": "1h"}],
    }
    found = declared([having(1, {"past": past, "july": july})])
    made = plan(found, estate(host(1)))
    assert made.changes == []
    assert {name: state for name, (state, dummy) in made.states.items()} == {"past": "over", "july": "waiting"}
    # what Zabbix still has of them goes now only where it has not ended by itself
    lives = [
        replace(live, until=until)
        for until in (int(NOW.timestamp()) - 60, int(NOW.timestamp()) + 60)
        for live in as_made(plan(declared([having(1, {"past": WHEN})]), estate(host(1))))
    ]
    assert plan(found, estate(host(1), windows=[lives[0]])).changes == []
    (change,) = plan(found, estate(host(1), windows=[lives[1]])).changes
    assert (change.action, change.reason) == ("delete", "it is over")


def test_undeclared_windows_go_and_those_of_others_stay() -> None:
    found = declared([having(1, {"w": WHEN})])
    (live,) = as_made(plan(found, estate(host(1))))
    others = replace(live, name="w [other]", description=with_mark("", "w", "other"))
    bare = replace(live, name="w [nb]", description="netops.netbox_zabbix nonsense")
    made = plan(Declarations(), estate(host(1), windows=[live, others, bare]))
    assert [(change.action, change.live) for change in made.changes] == [("delete", live)]
    # one that cannot be read is no reason to remove it
    assert plan(Declarations(failures={"w": "wrong"}), estate(host(1), windows=[live])).changes == []
    # nor is a run over other windows
    assert plan(Declarations(), estate(host(1), windows=[live]), only={"v"}).changes == []


def test_a_copy_is_left_alone() -> None:
    found = declared([having(1, {"w": WHEN})])
    (live,) = as_made(plan(found, estate(host(1))))
    copy = replace(live, name="a copy", maintenanceid="0")
    made = plan(found, estate(host(1), windows=[copy, live]))
    assert (made.changes, made.unchanged, made.states["a copy"][0]) == ([], 1, "copy")


def test_names_that_are_taken_or_too_long() -> None:
    found = declared([having(1, {"w": WHEN, "x" * 125: WHEN})])
    made = plan(found, estate(host(1), foreign={"w [nb]": "7"}))
    assert 'Zabbix has a window "w [nb]" (id 7) that is not ours' in made.failures["w"]
    assert "Zabbix takes names of 128 characters" in made.failures["x" * 125]


def test_a_group_where_it_holds_just_these() -> None:
    objects = [having(number, {"w": WHEN}) for number in range(GROUP_FROM)]
    found = declared(objects)
    names = {"1": "Sites", "2": "Sites/a", "3": "Sites/a/b", "4": "All"}
    hosts = [host(number, "3" if number % 2 else "2", "4") for number in range(GROUP_FROM)]

    def group(sizes: dict[str, int]) -> set[str]:
        (change,) = plan(found, estate(*hosts, sizes=sizes, group_names=names)).changes
        assert change.wanted is not None
        assert bool(change.wanted.groups) != bool(change.wanted.hosts)
        return set(change.wanted.groups)

    half = GROUP_FROM // 2
    # the lowest of those that hold all of them, itself or through what is below it
    assert group({"1": 0, "2": half, "3": half, "4": GROUP_FROM}) == {"2"}
    # another host in a group below it, or in it
    assert group({"1": 0, "2": half, "3": half + 1, "4": GROUP_FROM}) == {"4"}
    assert group({"1": 0, "2": half, "3": half + 1, "4": GROUP_FROM + 1}) == set()
    (fewer,) = plan(declared(objects[:-1]), estate(*hosts[:-1], sizes={"4": GROUP_FROM - 1}, group_names=names)).changes
    assert fewer.wanted is not None
    assert not fewer.wanted.groups


def test_the_limit_on_removals() -> None:
    check_deletions(10, 10, deletions_from(None))
    with pytest.raises(GuardError, match="11 windows would be removed from Zabbix, 100 % of our 11"):
        check_deletions(11, 11, deletions_from(None))
    with pytest.raises(GuardError, match="over the limit of 2"):
        check_deletions(3, 100, deletions_from({"count": 2}))
    check_deletions(1000, 1000, deletions_from({"count": None, "percent": None}))
    with pytest.raises(InputError, match='"cuont" is neither'):
        deletions_from({"cuont": 2})
    with pytest.raises(InputError, match="is not a number"):
        deletions_from({"count": -1})
