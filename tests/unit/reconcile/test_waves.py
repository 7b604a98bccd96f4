"""A plan is cut into waves: nothing is lost, and what depends on each other stays together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.archive import (
    ABSENT,
    ASKED,
    GONE,
    archive,
    release,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.places import ROLE, SITE, Places, placed
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import (
    CREATE,
    DELETE,
    UPDATE,
    Change,
    Target,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.waves import (
    bundle,
    cut_changes,
    cut_from,
    unknown_groups,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import TAG_ID, ZabbixHost
from hypothesis import given
from hypothesis import strategies as st
from unit.reconcile.samples import config as usual
from unit.reconcile.samples import in_sync, settings

LIVE = in_sync(usual())
NOWHERE = Target(frozenset(), (), frozenset(), None)


def live(number: int, name: str = "", ref: str = "") -> ZabbixHost:
    name = name or f"host{number}"
    return replace(
        LIVE, hostid=str(number), host=name, name=name, tags=frozenset({(TAG_ID, ref or f"device:{number}")})
    )


def config(ref: str, name: str) -> HostConfig:
    return HostConfig(ref, name, name, name, "enabled")


def update(number: int, name: str = "", after: str = "", ref: str = "") -> Change:
    """Return an update of a host; with `after`, it is renamed."""
    host = live(number, name)
    writes: dict[str, Any] = {"host": after, "name": after} if after else {"description": "new"}
    return Change(UPDATE, config(ref or f"device:{number}", after or host.host), NOWHERE, host, writes=writes)


def create(number: int, name: str) -> Change:
    return Change(CREATE, config(f"device:{number}", name), NOWHERE, writes={"host": name, "name": name})


def plain(changes: list[Change]) -> list[str]:
    return [change.config.ref for change in changes]


def places(sites: dict[str, str], changes: list[Change]) -> Places:
    """Return where objects are; those of other changes have no site."""
    names = {SITE: dict(enumerate(["", *sorted(set(sites.values()))])), ROLE: {}}
    ids = {name: number for number, name in names[SITE].items()}
    refs = {change.config.ref for change in changes} | sites.keys()
    return Places(placed([(ref, ids[sites.get(ref, "")], 0) for ref in refs], names))


def waves(changes: list[Change], given: Any, sites: dict[str, str] | None = None) -> dict[str, list[str]]:
    found = cut_changes(changes, cut_from(given), places(sites or {}, changes))
    return {wave.label: plain(wave.changes) for wave in found}


def test_shares_add_up_and_the_rest_comes_last() -> None:
    changes = [update(number) for number in range(100)]
    sizes = {label: len(refs) for label, refs in waves(changes, ["1%", "10%", "100%"]).items()}
    assert sizes == {"1 %": 1, "10 %": 9, "100 %": 90}
    assert [len(refs) for refs in waves(changes, [5, "50%"]).values()] == [5, 45, 50]
    assert [len(refs) for refs in waves(changes[:3], ["1%", "10%", "100%"]).values()] == [1, 2]
    assert [len(refs) for refs in waves(changes[:2], [1000]).values()] == [2]
    assert [len(refs) for refs in waves(changes, ["0.7%", "1"]).values()] == [1, 99]
    assert waves([], ["1%"]) == {}
    assert len(waves(changes, None)["all hosts"]) == 100


def test_the_first_hosts_are_the_same_ones_in_every_run() -> None:
    changes = [update(number) for number in range(50)]
    first = waves(changes, ["10%"])["10 %"]
    assert waves(list(reversed(changes)), ["10%"])["10 %"] == list(reversed(first))
    # not merely those with the lowest numbers: they would all be of one site
    assert first != plain(changes[:5])


def test_sites_each_in_a_wave_and_what_ends_comes_last() -> None:
    gone = archive(live(9), "device:9", "archive", settings(), GONE, "NetBox has no device 9", "2026-11-24", "run")
    absent = archive(live(8), "device:8", "archive", settings(), ABSENT, "offline", "2026-11-24", "run")
    changes = [update(1), update(2), update(3), update(4), absent, gone]
    sites = {
        "device:1": "Hamburg",
        "device:2": "Berlin",
        "device:3": "Hamburg",
        "device:8": "Berlin",
        "device:9": "Ulm",
    }
    assert waves(changes, {"by": "site"}, sites) == {
        "site Berlin": ["device:2", "device:8"],
        "site Hamburg": ["device:1", "device:3"],
        "site (gone)": ["device:9"],
        "site (none)": ["device:4"],
    }
    assert waves(changes, {"by": "site", "order": ["Hamburg", ["(none)", "Ulm"]]}, sites) == {
        "site Hamburg": ["device:1", "device:3"],
        "site (none) and Ulm": ["device:4"],
        "the rest": ["device:2", "device:8", "device:9"],
    }
    cut = cut_from({"by": "site", "order": ["Hamburk", "(gone)"]})
    assert unknown_groups(cut, places(sites, [])) == [
        'waves.order: no object of NetBox is of the site "Hamburk". Did you mean "Hamburg"?'
    ]


def test_who_takes_names_from_whom_is_in_one_wave_with_them() -> None:
    swap = [update(1, "a", "b"), update(2, "b", "a")]
    rotation = [update(3, "c", "d"), update(4, "d", "e"), update(5, "e", "c")]
    taken = [update(6, "f", "f2"), create(60, "f")]
    ended = Change(DELETE, config("device:7", "g"), NOWHERE, live(7, "g"))
    after_the_end = create(70, "g")
    archived = archive(live(8, "h"), "device:8", "archive", settings(), GONE, "", "2026-11-24", "run")
    after_the_archive = create(80, "h")
    alone = [update(number) for number in range(100, 110)]
    found = [
        sorted(plain(some))
        for some in bundle([*alone, *swap, *rotation, *taken, ended, after_the_end, archived, after_the_archive])
    ]
    assert sorted(some for some in found if len(some) > 1) == [
        ["device:1", "device:2"],
        ["device:3", "device:4", "device:5"],
        ["device:6", "device:60"],
        ["device:7", "device:70"],
        ["device:8", "device:80"],
    ]
    assert len(found) == 15


def test_hosts_with_the_mark_of_one_object_are_in_one_wave() -> None:
    chosen, other = update(1), release(live(2, ref="device:1"), "host:2", ASKED, "another one is")
    relinked = update(3, ref="device:30")
    back = archive(live(4, ref="device:30"), "host:4", "archive", settings(), GONE, "", "2026-11-24", "run")
    found = sorted(sorted(plain(some)) for some in bundle([chosen, other, relinked, back, update(5)]))
    assert found == [["device:1", "host:2"], ["device:30", "host:4"], ["device:5"]]


def test_what_has_to_stay_together_and_is_more_than_a_wave_waits_for_room() -> None:
    ring = [update(number, f"n{number}", f"n{(number + 1) % 20}") for number in range(20)]
    alone = [update(number) for number in range(100, 120)]
    sizes = [len(refs) for refs in waves([*ring, *alone], ["10%", "60%"]).values()]
    assert sizes == [4, 20, 16]
    assert [len(refs) for refs in waves(ring, ["10%", "50%"]).values()] == [20]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("1%", "waves: a list such as"),
        (["1%", "x%"], "waves, entry 2: a number such as 5 or a share such as \"10%\" is expected, not 'x%'"),
        (["10%", "5%"], "waves, entry 2: 5 % is no more than 10 % before it"),
        ([5, "10%", 5], "waves, entry 3: 5 is no more than 5 before it"),
        (["0%"], "waves, entry 1: '0%' is a wave without a host"),
        (["120%"], "waves, entry 1: 120 % is more than all"),
        ([2.5], "waves, entry 1: 2.5 is no whole number"),
        ([True], "waves, entry 1: a number"),
        ({"by": "rack"}, "waves.by: site or role is expected, not 'rack'"),
        ({"order": ["a"]}, "waves.by: site or role is expected, not None"),
        ({"by": "site", "ordr": []}, 'waves: there is no "ordr", only "by" and "order". Did you mean "order"?'),
        ({"by": "site", "order": "Berlin"}, "waves.order: a list is expected, not 'Berlin'"),
        (
            {"by": "site", "order": ["Berlin", ["Ulm", "Berlin"]]},
            'waves.order, entry 2: "Berlin" is in entry 1 already',
        ),
        (
            {"by": "role", "order": [3]},
            "waves.order, entry 1: the name of a role, or a list of them, is expected, not 3",
        ),
    ],
)
def test_what_is_no_cut_is_told(given: Any, problem: str) -> None:
    with pytest.raises(InputError) as told:
        cut_from(given)
    assert problem in str(told.value)


NAMES = [f"n{number}" for number in range(8)]
SHARES = st.lists(st.integers(1, 100), min_size=1, max_size=4, unique=True).map(
    lambda steps: [f"{step}%" for step in sorted(steps)]
)
GROUPS = st.fixed_dictionaries({"by": st.just("site")}, optional={"order": st.just(["Berlin", "(gone)"])})


@st.composite
def plans(draw: st.DrawFn) -> list[Change]:
    """Hosts that take each other's names, end, and are new, whose names are unique before and after."""
    before = draw(st.lists(st.sampled_from(NAMES), unique=True))
    after = draw(st.permutations(NAMES))
    changes: list[Change] = []
    for number, (name, new) in enumerate(zip(before, after, strict=False)):
        kind = draw(st.sampled_from(["rename", "touch", "delete", "archive"]))
        if kind == "delete":
            changes.append(Change(DELETE, config(f"device:{number}", name), NOWHERE, live(number, name)))
        elif kind == "archive":
            host = live(number, name)
            changes.append(archive(host, f"device:{number}", "archive", settings(), GONE, "", "2026-11-24", "run"))
        else:
            changes.append(update(number, name, new if kind == "rename" and new != name else ""))
    changes += [create(100 + number, name) for number, name in enumerate(after[len(before) :])]
    return draw(st.permutations(changes))


@given(plans(), st.one_of(SHARES, GROUPS))
def test_waves_together_are_the_plan_and_dependents_are_together(changes: list[Change], cut: Any) -> None:
    sites = {f"device:{number}": ("Berlin", "Ulm", "")[number % 3] for number in range(8)}
    found = cut_changes(changes, cut_from(cut), places({ref: site for ref, site in sites.items() if site}, changes))
    assert sorted(id(change) for wave in found for change in wave.changes) == sorted(map(id, changes))
    assert all(wave.changes for wave in found)
    wave_of = {id(change): number for number, wave in enumerate(found) for change in wave.changes}
    held = {
        change.before.host: change
        for change in changes
        if change.live and ("host" in change.writes or change.action == DELETE)
    }
    for change in changes:
        other = held.get(change.writes.get("host", ""))
        if other is not None:
            assert wave_of[id(change)] == wave_of[id(other)]
