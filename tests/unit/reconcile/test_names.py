"""Renames in rounds, before a Zabbix that refuses a name that another host has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.names import park, rounds
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import UPDATE, Change, Target
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import ZabbixHost
from hypothesis import given
from hypothesis import strategies as st
from unit.reconcile.samples import config, in_sync

Names = tuple[str, str]


class Zabbix:
    """Host ids with their technical and visible names; a call of many hosts is many transactions, as a batch is."""

    def __init__(self, names: dict[str, Names]) -> None:
        self.names = dict(names)
        self.calls = 0
        self.parked: list[str] = []

    def rename(self, hostid: str, new: dict[str, str]) -> None:
        host, name = self.names[hostid]
        wanted = (new.get("host", host), new.get("name", name))
        for other, taken in self.names.items():
            if other != hostid:
                assert wanted[0] != taken[0], f'Host with the same name "{wanted[0]}" already exists.'
                assert wanted[1] != taken[1], f'Host with the same visible name "{wanted[1]}" already exists.'
        assert all(len(text) <= 128 for text in wanted)
        self.names[hostid] = wanted

    def park(self, change: Change) -> None:
        self.parked.append(change.before.hostid)
        self.rename(change.before.hostid, park(change))

    def write(self, changes: list[Change]) -> None:
        self.calls += 1
        for change in changes:
            self.rename(change.before.hostid, change.writes)


LIVE = in_sync(config())


def change(hostid: str, before: Names, after: Names) -> Change:
    live: ZabbixHost = replace(LIVE, hostid=hostid, host=before[0], name=before[1])
    writes = {attribute: new for attribute, old, new in zip(("host", "name"), before, after, strict=True) if old != new}
    target = Target(frozenset({"2"}), (), frozenset(), None)
    return Change(UPDATE, config(host=after[0], name=after[1]), target, live=live, writes=writes)


def run(before: dict[str, Names], after: dict[str, Names], order: list[str] | None = None) -> Zabbix:
    zabbix = Zabbix(before)
    changes = [change(hostid, before[hostid], after[hostid]) for hostid in order or before]
    seen: list[Change] = []
    for some in rounds(changes, zabbix.park):
        assert some
        zabbix.write(some)
        seen += some
    assert sorted(one.before.hostid for one in seen) == sorted(before)  # each host exactly once
    assert zabbix.names == after
    return zabbix


def same(**names: str) -> dict[str, Names]:
    return {hostid: (name, name) for hostid, name in names.items()}


CASES = [
    # before, after, requests, hosts parked
    (same(h1="a", h2="b"), same(h1="a", h2="b"), 1, 0),
    (same(h1="a", h2="b"), same(h1="c", h2="d"), 1, 0),
    (same(h1="a", h2="b", h3="c"), same(h1="b", h2="c", h3="d"), 3, 0),
    (same(h1="a", h2="b"), same(h1="b", h2="a"), 2, 1),
    (same(h1="a", h2="b", h3="c"), same(h1="b", h2="c", h3="a"), 3, 1),
    (same(h1="a", h2="b", h3="c", h4="d", h5="e"), same(h1="b", h2="a", h3="d", h4="e", h5="c"), None, 2),
    # technical names swap, visible ones move on
    ({"h1": ("a", "A"), "h2": ("b", "B")}, {"h1": ("b", "B"), "h2": ("a", "C")}, 2, 1),
    # the technical name of one waits for the other, the visible one the other way round
    ({"h1": ("a", "A"), "h2": ("b", "B")}, {"h1": ("b", "x"), "h2": ("y", "A")}, 2, 1),
    # a chain that ends in a circle
    (same(h1="a", h2="b", h3="c"), same(h1="b", h2="c", h3="b2"), 3, 0),
]


@pytest.mark.parametrize(("before", "after", "requests", "parked"), CASES)
def test_rounds(before: dict[str, Names], after: dict[str, Names], requests: int | None, parked: int) -> None:
    for order in (list(before), list(reversed(before))):
        zabbix = run(before, after, order)
        assert len(zabbix.parked) == parked
        assert requests is None or zabbix.calls == requests


def test_ten_thousand_hosts_that_do_not_meet_are_one_round() -> None:
    many = {str(number): (f"a{number}", f"a{number}") for number in range(2000)}
    assert run(many, {hostid: (f"b{hostid}", f"b{hostid}") for hostid in many}).calls == 1


def test_a_temporary_name_fits_and_says_what_it_is() -> None:
    given = change("12345", ("a" * 128, "ü" * 128), ("b", "c"))
    names = park(given)
    assert set(names) == {"host", "name"}
    assert all(len(text) == 128 and text.endswith("_moving-12345") for text in names.values())
    assert set(park(change("1", ("a", "A"), ("a", "B")))) == {"name"}


pool = st.permutations(list("abcdefg"))


@given(pool, pool, pool, pool, st.integers(1, 7), st.permutations(range(7)))
def test_whatever_moves_where_everybody_gets_its_names(
    hosts: list[str], names: list[str], new_hosts: list[str], new_names: list[str], number: int, order: list[int]
) -> None:
    """Seven names and fewer hosts: chains, swaps, rotations and rests, in both kinds of names at once."""
    before = {str(at): (hosts[at], names[at].upper()) for at in range(number)}
    after = {str(at): (new_hosts[at], new_names[at].upper()) for at in range(number)}
    run(before, after, [str(at) for at in order if at < number])


def test_a_visible_name_that_stays_is_never_a_temporary_one() -> None:
    """A run may be killed while the host has its temporary names, and where the policy does not keep the visible name
    right, nobody would put it right."""
    moving = change("1", ("a", "As people call it"), ("b", "As people call it"))
    moving.writes["name"] = "As people call it"  # given along, since Zabbix would change it with the technical one
    assert park(moving) == {"host": "a_moving-1", "name": "As people call it"}
