"""Which mapping matches which object."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.match import check_matches, numbers
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.parse import parse_policy
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.policy.samples import device, policy, related_tables, virtual_machine


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"kind": "device"}, True),
        ({"kind": "virtual_machine"}, False),
        ({"kind": ["device", "virtual_machine"]}, True),
        ({"name": "SW*"}, True),
        ({"name": ["core-*", "sw?"]}, True),
        ({"name": "w1"}, False),
        ({"status": "active"}, True),
        ({"status": ["planned", "staged"]}, False),
        ({"site": "ams1"}, True),
        ({"site": "AMS/1"}, False),
        ({"region": "netherlands"}, True),
        ({"region": "europe"}, True),
        ({"region": "asia"}, False),
        ({"site_group": "branches"}, True),
        ({"role": "access"}, True),
        ({"role": "switches"}, True),
        ({"role": ["core", "access"]}, True),
        ({"location": "hall-1"}, False),
        ({"rack": "R 7"}, True),
        ({"platform": "cisco-ios", "manufacturer": "cisco", "device_type": "c9300"}, True),
        ({"platform": "cisco-ios", "tenant": "acme"}, False),
        ({"tag": "lab"}, True),
        ({"tag": ["lab", "prod"]}, True),
        ({"tag": "prod"}, False),
        ({"custom_fields.owner": "netops"}, True),
        ({"custom_fields.critical": True}, True),
        ({"custom_fields.contacts": ["bob", "eve"]}, True),
        ({"custom_fields.contacts": "eve"}, False),
        ({"not": {"tag": "prod"}}, True),
        ({"not": {"tag": "lab", "site": "ams1"}}, False),
        ({"not": {"tag": "lab", "site": "ams2"}}, True),
        ({"any": [{"tag": "prod"}, {"site": "ams1"}]}, True),
        ({"any": [{"tag": "prod"}, {"site": "ams2"}]}, False),
        ({"any": [{"tag": "lab"}], "site": "ams2"}, False),
        ({"not": {"any": [{"tag": "lab"}, {"tag": "prod"}]}}, False),
    ],
)
def test_match_of_an_access_switch(match: dict[str, Any], expected: bool) -> None:
    read = parse_policy([{"name": "one", "match": match, "templates": ["T"]}])
    assert bool(read.index.matching(device())) is expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"cluster": "Cluster A"}, True),
        ({"cluster_type": "vmware"}, True),
        ({"rack": "R 7"}, False),
        ({"role": "access"}, False),
        ({"not": {"role": "access"}}, True),
        ({"device_type": "c9300"}, False),
    ],
)
def test_match_of_a_virtual_machine(match: dict[str, Any], expected: bool) -> None:
    read = parse_policy([{"name": "one", "match": match, "templates": ["T"]}])
    assert bool(read.index.matching(virtual_machine())) is expected


SIMPLE = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["device", "virtual_machine"]),
        "name": st.sampled_from(["sw*", "*1", "vm?"]),
        "region": st.lists(st.sampled_from(["europe", "netherlands", "asia"]), min_size=1),
        "role": st.sampled_from(["access", "switches", "core"]),
        "tag": st.lists(st.sampled_from(["lab", "core", "prod"]), min_size=1),
        "custom_fields.owner": st.sampled_from(["netops", "other"]),
    },
).filter(bool)
MATCHES = st.one_of(
    SIMPLE,
    st.builds(lambda one, other: {**one, "not": other}, SIMPLE, SIMPLE),
    st.builds(lambda one, others: {**one, "any": others}, SIMPLE, st.lists(SIMPLE, min_size=1, max_size=3)),
)


@settings(deadline=None)
@given(st.lists(MATCHES, min_size=1, max_size=8))
def test_the_index_agrees_with_each_match(matches: list[dict[str, Any]]) -> None:
    read = parse_policy([{"name": str(at), "match": one, "templates": ["T"]} for at, one in enumerate(matches)])
    for one in (device(1), device(2, role=None, tags=[], custom_fields={}), virtual_machine()):
        expected = tuple(at for at, mapping in enumerate(read.mappings) if mapping.match and mapping.match.matches(one))
        assert numbers(read.index.matching(one)) == expected
        # Asked again, now that it remembers the related objects.
        assert numbers(read.index.matching(one)) == expected


def test_values_that_netbox_does_not_know_are_told_with_the_nearest() -> None:
    read = policy("""
        - name: typos
          match:
            role: [acess, core]
            site: AMS/1
            rack: R 8
            status: activ
            custom_fields.ownr: [a, b]
            not: {tag: labb}
            any: [{region: nederland}, {name: anything}]
          tags: {owner: "{custom_fields.contcts}", ok: "{custom_fields.owner} {site.custom_fields.x}"}
          templates: [T]
        """)
    assert check_matches(read, related_tables()) == [
        'mapping 1 "typos": match.custom_fields.ownr: NetBox has no custom field "ownr". Did you mean "owner"?',
        'mapping 1 "typos": match.rack: NetBox has no rack with the name "R 8". Did you mean "R 7"?',
        'mapping 1 "typos": match.role: NetBox has no role with the slug "acess". Did you mean "access"?',
        'mapping 1 "typos": match.role: NetBox has no role with the slug "core".',
        'mapping 1 "typos": match.site: NetBox has no site with the slug "AMS/1". Did you mean "ams1"?',
        'mapping 1 "typos": match.status: no status "activ" is known; there are active, decommissioning, failed, '
        'inventory, offline, paused, planned, staged. Did you mean "active"?',
        'mapping 1 "typos": match.tag: NetBox has no tag with the slug "labb". Did you mean "lab"?',
        'mapping 1 "typos": match.region: NetBox has no region with the slug "nederland". Did you mean "netherlands"?',
        'mapping 1 "typos": "{custom_fields.contcts}": NetBox has no custom field "contcts". Did you mean "contacts"?',
    ]


def test_known_values_and_a_status_of_ones_own_are_no_problem() -> None:
    read = policy(
        """
        - name: fine
          match: {role: access, status: [active, in-repair], tag: lab, rack: R 7, custom_fields.owner: anything}
          templates: [T]
        """,
        statuses={"device": {"in-repair": "disabled"}},
    )
    assert check_matches(read, related_tables()) == []
