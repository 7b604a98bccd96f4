"""A few objects in two questions are just what the long way gives."""

from __future__ import annotations

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import part as part_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import GRAPHQL_START, NetBox
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.custom_fields import read_custom_fields
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.names import Name
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import ALL_KINDS, DEVICE, USUAL_KINDS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.part import MOST, Part, read_part
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.read import (
    read_names,
    read_objects,
    read_related,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.rows import OPTIONAL_ROOTS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.selection import Selection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import (
    HostNames,
    alike_pattern,
    assign_names,
)

from integration.netbox.conftest import Company

pytestmark = pytest.mark.netbox


@pytest.fixture(scope="module")
def listed(company: Company) -> list[Name]:
    return read_names(company.connect())


@pytest.fixture(scope="module")
def assigned(listed: list[Name]) -> dict[str, HostNames]:
    return assign_names(listed)


def part_of(netbox: NetBox, names: list[str], refs: list[str], kinds: tuple[str, ...] = USUAL_KINDS) -> Part | None:
    if netbox.version < GRAPHQL_START:
        pytest.skip("this NetBox has no lists that begin at an id")
    return read_part(netbox, names, refs, kinds, OPTIONAL_ROOTS, alike_pattern)


def usual(listed: list[Name]) -> list[Name]:
    """Return objects whose names say all that there is to know."""
    return [one for one in listed if alike_pattern([one[2]]) is not None]


@pytest.mark.parametrize("way", ["names", "references", "both"])
def test_it_is_what_the_long_way_gives(
    company: Company, listed: list[Name], assigned: dict[str, HostNames], way: str
) -> None:
    some = usual(listed)[::7][:40]
    halves = {"names": (some, []), "references": ([], some), "both": (some[::2], some[1::2])}
    by_name, by_ref = halves[way]
    netbox = company.connect()
    part = part_of(netbox, [str(one[2]) for one in by_name], [f"{one[0]}:{one[1]}" for one in by_ref])
    assert part is not None
    named = {one[2] for one in by_name}
    wanted = {(kind, number) for kind, number, name in listed if name in named} | {one[:2] for one in by_ref}
    assert {(kind, number) for kind, ids in part.selection.ids.items() for number in ids} == wanted
    other = company.connect()
    related = read_related(other)
    ids = Selection({kind: frozenset(n for k, n in wanted if k == kind) for kind in USUAL_KINDS})
    long_way = [one for page in read_objects(other, related, ids=ids, roots=OPTIONAL_ROOTS) for one in page]
    found = [one for page in part.pages(netbox) for one in page]
    assert {one.ref: one.attributes for one in found} == {one.ref: one.attributes for one in long_way}
    assert part.related.tables == related.tables
    assert part.related.custom_fields == related.custom_fields
    assert read_custom_fields(netbox).of_hosts == read_custom_fields(other).of_hosts
    names = assign_names(part.names)
    assert {one.ref: names[one.ref] for one in found} == {one.ref: assigned[one.ref] for one in found}


def test_it_takes_two_questions_or_three(company: Company, listed: list[Name]) -> None:
    """The third one where the longest list of all has to be asked for its end again."""
    for number, most in ((1, 2), (40, 3)):
        netbox = company.connect()
        part = part_of(netbox, [], [f"{kind}:{one}" for kind, one, dummy in usual(listed)[:number]])
        assert part is not None
        asked = netbox.requests - company.connect().requests
        assert asked.keys() == {"POST graphql"}
        assert asked["POST graphql"] <= most


def test_every_kind_can_be_asked_for(company: Company, listed: list[Name]) -> None:
    (kind, number, dummy) = usual(listed)[0]
    part = part_of(company.connect(), [], [f"{kind}:{number}"], ALL_KINDS)
    assert part is not None
    assert len(part.selection) == 1


def test_what_is_not_found_or_cannot_be_told_so_goes_the_long_way(company: Company, listed: list[Name]) -> None:
    netbox = company.connect()
    name = str(usual(listed)[0][2])
    for names, refs in (
        (["no such device"], []),
        ([name, " "], []),
        ([], ["device:99999999"]),
        ([], ["device:abc"]),
        ([], ["rack:1"]),
        ([], [f"device:{number}" for number in range(MOST + 1)]),
    ):
        assert part_of(netbox, names, refs) is None, (names, refs)
    unusual = [f"{kind}:{number}" for kind, number, one in listed if alike_pattern([one]) is None and kind == DEVICE]
    assert unusual, "the company has none"
    assert part_of(netbox, [], unusual[:1]) is None


def test_a_netbox_that_takes_no_such_question_is_read_the_long_way(
    company: Company, listed: list[Name], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_module, "_custom_fields", lambda one: part_module._List("no_such_list", "id"))
    netbox = company.connect()
    assert part_of(netbox, [str(usual(listed)[0][2])], []) is None
    assert [one for page in read_objects(netbox, read_related(netbox), ids=None, roots=frozenset()) for one in page]
