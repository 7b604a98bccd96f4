"""Technical and visible names."""

from __future__ import annotations

import re

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import (
    HostNames,
    alike_pattern,
    assign_names,
)
from hypothesis import given, settings
from hypothesis import strategies as st

LEGAL = re.compile(r"[0-9A-Za-z_.-]([0-9A-Za-z_. -]{0,126}[0-9A-Za-z_.-])?")


def names(*given_names: str | None, kind: str = "device") -> list[tuple[str, str]]:
    entries = [(kind, number, name) for number, name in enumerate(given_names, start=1)]
    assigned = assign_names(entries)
    return [(assigned[f"{kind}:{number}"].host, assigned[f"{kind}:{number}"].name) for _kind, number, _name in entries]


@pytest.mark.parametrize(
    ("name", "host", "visible"),
    [
        ("sw1", "sw1", "sw1"),
        ("core sw-1.example_net", "core sw-1.example_net", "core sw-1.example_net"),
        ("  sw1\t\n", "sw1", "sw1"),
        ("rack 1/2 (old)", "rack 1_2 _old_", "rack 1/2 (old)"),
        ("Müller-Straße", "Muller-Strasse", "Müller-Straße"),
        ("Ærø łódź", "AEro lodz", "Ærø łódź"),
        ("сервер", "_______device-1", "сервер"),
        ("сервер-1", "______-1", "сервер-1"),
        ("---", "---_device-1", "---"),
        (None, "device-1", "device-1"),
        (" ", "device-1", "device-1"),
        ("x" * 200, "x" * 128, "x" * 128),
    ],
)
def test_name_of_one_object(name: str | None, host: str, visible: str) -> None:
    assert names(name) == [(host, visible)]


def test_the_lowest_id_keeps_a_doubled_name() -> None:
    assert names("sw1", "sw1", "sw1") == [
        ("sw1", "sw1"),
        ("sw1_device-2", "sw1 (device 2)"),
        ("sw1_device-3", "sw1 (device 3)"),
    ]


def test_names_that_differ_only_in_their_visible_form() -> None:
    assert names("a/b", "a_b") == [("a_b", "a/b"), ("a_b_device-2", "a_b")]


def test_case_counts() -> None:
    assert names("SW1", "sw1") == [("SW1", "SW1"), ("sw1", "sw1")]


def test_devices_come_before_virtual_machines() -> None:
    assigned = assign_names([("virtual_machine", 1, "web"), ("device", 9, "web")])
    assert assigned["device:9"] == HostNames("web", "web")
    assert assigned["virtual_machine:1"] == HostNames("web_virtual_machine-1", "web (virtual machine 1)")


def test_a_suffix_that_somebody_has_as_a_name() -> None:
    assert names("sw1", "sw1_device-3", "sw1") == [
        ("sw1", "sw1"),
        ("sw1_device-3", "sw1_device-3"),
        ("sw1_device-3_device-3", "sw1 (device 3)"),
    ]


def test_long_doubled_names_are_cut_to_fit() -> None:
    [_first, (host, visible)] = names("x" * 128, "x" * 128)
    assert host == "x" * 119 + "_device-2"
    assert visible == "x" * 117 + " (device 2)"


NAMES = st.one_of(
    st.none(),
    st.text(max_size=140),
    st.sampled_from(["sw", "sw_device-2", "sw (device 2)", "device-1", "сервер", "сервис", "x" * 128, "x" * 127 + "/"]),
)
ESTATES = st.dictionaries(
    st.tuples(st.sampled_from(["device", "virtual_machine"]), st.integers(1, 30)), NAMES, max_size=20
).map(lambda objects: [(kind, number, name) for (kind, number), name in objects.items()])


@settings(deadline=None)
@given(ESTATES)
def test_names_are_legal_and_unique(entries: list[tuple[str, int, str | None]]) -> None:
    assigned = assign_names(entries)
    assert len(assigned) == len(entries)
    assert len({one.host for one in assigned.values()}) == len(entries)
    assert len({one.name for one in assigned.values()}) == len(entries)
    for one in assigned.values():
        assert LEGAL.fullmatch(one.host)
        assert 0 < len(one.name) <= 128
        assert one.name == one.name.strip()


@settings(deadline=None)
@given(ESTATES, st.randoms())
def test_the_order_of_reading_does_not_matter(entries: list[tuple[str, int, str | None]], random: object) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert assign_names(shuffled) == assign_names(entries)


@settings(deadline=None)
@given(ESTATES, NAMES)
def test_a_new_object_renames_no_older_one_of_its_kind(
    entries: list[tuple[str, int, str | None]], name: str | None
) -> None:
    before = assign_names(entries)
    with_device = assign_names([*entries, ("device", 99, name)])
    with_machine = assign_names([*entries, ("virtual_machine", 99, name)])
    assert {ref: one for ref, one in with_device.items() if ref.startswith("device") and ref != "device:99"} == {
        ref: one for ref, one in before.items() if ref.startswith("device")
    }
    assert {ref: one for ref, one in with_machine.items() if ref != "virtual_machine:99"} == before


# --- which names matter to some


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.text(alphabet="ab_/ -ßäд.0", max_size=6), st.text(max_size=4)), max_size=12),
    st.sets(st.integers(0, 11), min_size=1, max_size=3),
)
def test_names_that_are_alike_are_all_that_some_objects_need(given_names: list[str | None], chosen: set[int]) -> None:
    entries = [("device", number, name) for number, name in enumerate(given_names)]
    some = [entry for entry in entries if entry[1] in chosen]
    pattern = alike_pattern([name for *dummy, name in some])
    if not some or pattern is None:
        return
    alike = [entry for entry in entries if entry[2] and re.search(pattern, entry[2])]
    whole, part = assign_names(entries), assign_names({*alike, *some})
    assert {f"device:{n}": part[f"device:{n}"] for dummy, n, name in some} == {
        f"device:{n}": whole[f"device:{n}"] for dummy, n, name in some
    }


def test_names_that_no_expression_can_tell() -> None:
    for name in (None, "---", "device-7", "sw1_device-7", "sw1 (device 7)", "x" * 128, "сервер"):
        assert alike_pattern(["sw1", name]) is None, name
    assert alike_pattern([]) is None
    assert alike_pattern(["sw1", "rack 1/2"]) is not None
