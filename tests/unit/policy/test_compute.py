"""Layers, and the host that comes of them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.compute import compute
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Macro, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import HostNames
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.parse import parse_policy
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.policy.samples import ACCESS, AMSTERDAM, C9300, device, host, outcome, policy, virtual_machine

GROUPS = "- {name: groups, host_groups: [All]}\n"


def test_the_policy_of_the_design_page() -> None:
    config = host("""
        - name: everything
          host_groups: ["NetBox/{site.region}/{site}", "Roles/{role}"]
          tags: {site: "{site.slug}", role: "{role.slug}"}
          inventory: {serialno_a: "{serial}", location: "{site} {rack}", asset_tag: "{asset_tag}"}
        - name: Cisco access
          match: {kind: device, platform: cisco-ios, role: [access, core]}
          templates: ["Cisco IOS by SNMP"]
          interfaces: [{type: snmp, version: 3, address: primary}]
        - name: branch offices
          match: {site_group: branches}
          proxy_group: Branches
        - name: lab
          match: {tag: lab}
          templates: {remove: ["Cisco IOS by SNMP"], add: ["ICMP Ping"]}
        - name: fallback
          default: true
          templates: ["Never"]
        """)
    assert (config.ref, config.label, config.host, config.name) == ("device:1", "sw1 (device 1)", "sw1", "sw1")
    assert config.status == "enabled"
    assert config.groups == {"NetBox/Netherlands/AMS-1", "Roles/Access"}
    assert config.templates == {"ICMP Ping"}
    assert config.tags == {("site", "ams1"), ("role", "access")}
    assert config.inventory == {"serialno_a": "SN1", "location": "AMS/1 R 7"}
    assert config.inventory_mode == "manual"
    assert (config.monitored_by, config.monitor) == ("proxy_group", "Branches")
    assert [(one.key, one.ip, one.port) for one in config.interfaces] == [("snmp", "10.0.0.1", "161")]
    assert config.description is None
    assert config.origins == {
        "status": "NetBox status active",
        "groups/NetBox/Netherlands/AMS-1": 'mapping "everything"',
        "groups/Roles/Access": 'mapping "everything"',
        "templates/ICMP Ping": 'mapping "lab"',
        "tags/site/ams1": 'mapping "everything"',
        "tags/role/access": 'mapping "everything"',
        "inventory/serialno_a": 'mapping "everything"',
        "inventory/location": 'mapping "everything"',
        "inventory_mode": 'mapping "everything"',
        "monitored_by": 'mapping "branch offices"',
        "interfaces/snmp": 'mapping "Cisco access"',
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (["[A, B]", "[C]"], {"A", "B", "C"}),
        (["[A, B]", "{remove: [a]}"], {"B"}),
        (["[A1, A2, B]", "{remove: ['A*'], add: [A1]}"], {"B", "A1"}),
        (["['T [old]', 'T o']", "{remove: ['T [old]']}"], set()),
        (["['T [x]', Told]", "{remove: ['T [x]']}"], {"Told"}),
        (["[A, B]", "{replace: [C]}"], {"C"}),
        (["[A, B]", "{replace: []}"], set()),
        (["[A]", "{replace: [B], remove: [B], add: [C]}"], {"B", "C"}),
        (["['{platform} by SNMP', '{tenant}']", "{remove: ['* by SNMP']}", "['{role}']"], {"Access"}),
    ],
)
def test_lists_add_up_unless_said_otherwise(changes: list[str], expected: set[str]) -> None:
    text = GROUPS + "".join(f"- {{name: m{at}, templates: {change}}}\n" for at, change in enumerate(changes))
    assert host(text).templates == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (["{a: 1, b: x}", "{a: 2}"], {("a", "2"), ("b", "x")}),
        (["{a: [x, y], b: ''}"], {("a", "x"), ("a", "y"), ("b", "")}),
        (["[{tag: a, value: x}, {tag: a, value: y}, {tag: b}]"], {("a", "x"), ("a", "y"), ("b", "")}),
        (["{a: x}", "{a: null}"], set()),
        (["{a: x}", "{a: '{asset_tag}'}"], {("a", "x")}),
        (["{nb: '{tags.slug}'}"], {("nb", "core"), ("nb", "lab")}),
        (["{ab: x, ac: y, d: z}", "{remove: ['a*'], add: {ac: w}}"], {("ac", "w"), ("d", "z")}),
        (["{a: x}", "{replace: [{tag: b, value: y}]}"], {("b", "y")}),
        (["{a: x}", "{add: y}"], {("a", "x"), ("add", "y")}),
    ],
)
def test_tags(changes: list[str], expected: set[tuple[str, str]]) -> None:
    text = GROUPS + "".join(f"- {{name: m{at}, tags: {change}}}\n" for at, change in enumerate(changes))
    assert host(text).tags == expected


def test_an_empty_field_leaves_the_layer_below_in_force() -> None:
    config = host(
        GROUPS
        + """
- name: below
  inventory: {tag: "{serial}", notes: gone, alias: x}
  description: "{name}"
  proxy: main
- name: above
  inventory: {tag: "{asset_tag}", notes: null}
  description: "{tenant}"
  proxy_group: "{tenant}"
"""
    )
    assert config.inventory == {"tag": "SN1", "alias": "x"}
    assert config.origins["inventory/tag"] == 'mapping "below"'
    assert config.description == "sw1"
    assert (config.monitored_by, config.monitor) == ("proxy", "main")


def test_the_later_layer_says_who_monitors() -> None:
    config = host(GROUPS + "- {name: a, proxy: p}\n- {name: b, monitored_by: server}\n")
    assert (config.monitored_by, config.monitor, config.origins["monitored_by"]) == ("server", None, 'mapping "b"')


def test_macros() -> None:
    config = host(
        GROUPS
        + """
- name: low
  macros: {"{$A}": 1, "{$B}": x, "{$C:disk}": "{name} {$A}", "{$E}": "{tenant}", "{$F}": ""}
- name: high
  macros:
    "{$A}": {value: 2, description: two}
    "{$B}": null
    "{$S}": {value: {secret: snmp_auth}, description: s}
    "{$T}": {secret: snmp_priv}
    "{$V}": {type: vault, value: "secret/{site.slug}:password"}
"""
    )
    assert config.macros == {
        "{$A}": Macro("2", "text", "two"),
        "{$C:disk}": Macro("sw1 {$A}", "text", ""),
        "{$F}": Macro("", "text", ""),
        "{$S}": Macro(Secret("snmp_auth", "canary-auth-7c1"), "secret", "s"),
        "{$T}": Macro(Secret("snmp_priv", "canary-priv-9e2"), "secret", ""),
        "{$V}": Macro("secret/ams1:password", "vault", ""),
    }
    assert "canary" not in repr(config)


def test_inventory_mode_and_lengths() -> None:
    assert host(GROUPS).inventory_mode is None
    config = host(GROUPS + "- {name: i, inventory: {hw_arch: '" + "x" * 50 + "'}, inventory_mode: automatic}\n")
    assert config.inventory == {"hw_arch": "x" * 32}
    assert config.inventory_mode == "automatic"
    off = host(GROUPS + "- {name: i, inventory: {type: x}}\n- {name: o, inventory_mode: disabled}\n")
    assert (off.inventory_mode, off.inventory) == ("disabled", {})


@pytest.mark.parametrize(
    ("status", "expected"),
    [("active", "enabled"), ("planned", "disabled"), ("failed", "disabled")],
)
def test_status_by_the_map(status: str, expected: str) -> None:
    assert host(GROUPS, device(status=status)).status == expected
    assert host(GROUPS, virtual_machine(status=status)).status == expected


def test_status_of_ones_own_and_by_mapping() -> None:
    own = {"device": {"in-repair": "disabled"}}
    assert host(GROUPS, device(status="in-repair"), statuses=own).status == "disabled"
    forced = GROUPS + "- {name: s, match: {tag: lab}, status: disabled}\n"
    assert host(forced).status == "disabled"
    assert host(forced).origins["status"] == 'mapping "s"'
    assert host(GROUPS + "- {name: s, status: enabled}\n", device(status="unheard-of")).status == "enabled"


@pytest.mark.parametrize(
    ("changes", "kind", "reason"),
    [
        ({"custom_fields": {"zabbix_exclude": True}}, "excluded", "custom field zabbix_exclude is set"),
        ({"status": "decommissioning"}, "absent", "status absent by NetBox status decommissioning"),
        ({"status": "inventory"}, "absent", "status absent by NetBox status inventory"),
        (
            {"status": "in-repair"},
            "failed",
            'the policy does not know the NetBox status "in-repair"; give it a meaning in netbox_zabbix_statuses: '
            "{device: {in-repair: enabled}}",
        ),
    ],
)
def test_objects_without_a_host(changes: dict[str, Any], kind: str, reason: str) -> None:
    found = outcome(GROUPS, device(**changes))
    assert (found.ref, found.label, found.kind, found.reason) == ("device:1", "sw1 (device 1)", kind, reason)


def test_absent_by_a_mapping() -> None:
    found = outcome(GROUPS + "- {name: no lab, match: {tag: lab}, status: absent}\n")
    assert (found.kind, found.reason) == ("absent", 'status absent by mapping "no lab"')


def test_an_object_that_nothing_matches() -> None:
    found = outcome("- {name: vms, match: {kind: virtual_machine}, host_groups: [VMs]}")
    assert (found.kind, found.reason) == ("excluded", "no mapping matches it")


def test_a_host_without_group_or_with_an_impossible_one() -> None:
    assert outcome("- {name: t, templates: [T]}").reason == (
        "no layer of the policy gives it a host group, and a Zabbix host needs one"
    )
    assert outcome("- {name: t, host_groups: ['{tenant}']}").kind == "failed"
    long = outcome("- {name: long, host_groups: ['{name}']}", device(name="x" * 300))
    assert 'host group of mapping "long": "xxx' in long.reason
    assert "has 300 characters; Zabbix takes 255" in long.reason


DEFAULTS = """
- {name: first, default: true, match: {kind: device}, templates: [First]}
- {name: groups, host_groups: [All]}
- {name: cisco, match: {platform: cisco-ios}, templates: ["{custom_fields.owner} T"]}
- {name: second, default: true, templates: [Second]}
"""


def test_defaults_count_only_where_no_mapping_gave_templates() -> None:
    assert host(DEFAULTS).templates == {"netops T"}
    assert host(DEFAULTS, device(platform=None)).templates == {"First"}
    assert host(DEFAULTS, device(custom_fields={})).templates == {"First"}
    assert host(DEFAULTS, virtual_machine()).templates == {"Second"}


def test_values_from_netbox_stay_text() -> None:
    text = """
- name: all
  host_groups: ["Sites/{site}", "{custom_fields.owner}"]
  tags: {name: "{name}"}
  macros: {"{$M}": "{name}"}
  description: "{name}"
"""
    for hostile in ("{site}", "{{ 7*7 }}", "{% for x in y %}", "{0.__class__.__mro__}", "%(name)s", "${x}"):
        site = {**AMSTERDAM, "name": hostile}
        config = host(text, device(name=hostile, site=site, custom_fields={"owner": hostile}))
        assert config.tags == {("name", hostile)}
        assert config.macros["{$M}"].value == hostile
        assert config.description == hostile
        assert config.groups == {f"Sites/{hostile}", hostile}


def test_id_and_kind_can_be_asked_for() -> None:
    config = host(GROUPS + "- {name: t, tags: {id: '{kind}-{id}'}}\n", virtual_machine(45))
    assert config.tags == {("id", "virtual_machine-45")}


def test_a_template_named_by_kind_counts_for_the_defaults() -> None:
    text = GROUPS + "- {name: k, templates: ['{kind} T']}\n- {name: d, default: true, templates: [Never]}\n"
    assert host(text).templates == {"device T"}


def test_custom_fields_of_netbox_are_layers() -> None:
    config = host(
        GROUPS + "- {name: t, templates: [Base], proxy_group: G}\n",
        device(
            device_type={
                **C9300,
                "custom_fields": {"zabbix_templates": ["Type, with comma"], "zabbix_proxy": "of type"},
            },
            role={**ACCESS, "custom_fields": {"zabbix_templates": "One,  Two\nThree"}},
            site={**AMSTERDAM, "custom_fields": {"zabbix_proxy": "of site", "zabbix_host_groups": ["Site/{x}"]}},
            custom_fields={"zabbix_templates": ["Own"], "zabbix_proxy": None, "zabbix_exclude": False},
        ),
    )
    assert config.templates == {"Base", "Type, with comma", "One", "Two", "Three", "Own"}
    assert config.groups == {"All", "Site/{x}"}
    assert (config.monitored_by, config.monitor) == ("proxy", "of site")
    assert config.origins["monitored_by"] == "custom field zabbix_proxy of site"
    assert config.origins["templates/Type, with comma"] == "custom field zabbix_templates of device type"
    assert config.origins["templates/Own"] == "custom field zabbix_templates"


def test_custom_fields_that_exclude_each_other_fail_their_object() -> None:
    site = {**AMSTERDAM, "custom_fields": {"zabbix_proxy": "a", "zabbix_proxy_group": "b"}}
    found = outcome(GROUPS, device(site=site))
    assert found.kind == "failed"
    assert found.reason == "custom fields of site: zabbix_proxy and zabbix_proxy_group exclude each other; clear one"


MAPPINGS = [
    {"name": "all", "host_groups": ["G/{site}", "{role.path}"], "tags": {"a": "{name}", "t": "{tags}"}},
    {"name": "lab", "match": {"tag": "lab"}, "templates": ["L"], "inventory": {"tag": "{serial}"}},
    {"name": "ip", "match": {"kind": "device"}, "interfaces": [{"type": "snmp", "address": ["oob", "primary"]}]},
    {"name": "else", "default": True, "templates": ["D"], "status": "disabled"},
]
OBJECTS = st.lists(
    st.builds(
        lambda make, number, changes: make(number, **changes),
        st.sampled_from([device, virtual_machine]),
        st.integers(1, 99),
        st.fixed_dictionaries(
            {},
            optional={
                "tags": st.just([]),
                "role": st.none(),
                "name": st.text(max_size=8),
                "status": st.sampled_from(["active", "staged", "decommissioning", "odd"]),
                "primary_ip": st.none(),
                "config_context": st.sampled_from([{}, {"zabbix": {"templates": ["C"]}}, {"zabbix": {"bad": 1}}]),
                "custom_fields": st.sampled_from([{}, {"zabbix_templates": ["F"]}, {"zabbix_exclude": True}]),
            },
        ),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(OBJECTS, st.integers())
def test_the_result_depends_on_nothing_but_policy_and_object(objects: list[Any], seed: int) -> None:
    names = HostNames("h", "h")
    shared = parse_policy(MAPPINGS)
    shuffled = list(enumerate(objects))
    random.Random(seed).shuffle(shuffled)
    together = {at: compute(shared, one, names) for at, one in shuffled}
    for at, one in enumerate(objects):
        assert together[at] == compute(parse_policy(MAPPINGS), one, names)


def test_nothing_of_the_object_is_changed() -> None:
    read = policy(DEFAULTS)
    one, other = device(), device()
    compute(read, one, HostNames("a", "a"))
    assert one == other
