"""Why a host looks as it does."""

from __future__ import annotations

from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import NetBoxObject
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.compute import compute
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.explain import Explanation, Value, explain
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.flat import flat
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import HostNames
from unit.policy.samples import AMSTERDAM, SECRETS, address, device, policy, virtual_machine

NAMES = HostNames("sw1", "sw1")
GROUPS = "- {name: groups, host_groups: [All]}\n"


def explained(text: str, netbox_object: NetBoxObject | None = None) -> Explanation:
    netbox_object, rules = netbox_object or device(), policy(text)
    return explain(rules, netbox_object, NAMES, compute(rules, netbox_object, NAMES))


def value(explanation: Explanation, attribute: str, element: str = "") -> Value:
    (found,) = (one for one in explanation.attributes if (one.attribute, one.element) == (attribute, element))
    return found


def under(found: Value) -> list[tuple[str, str]]:
    """Return what was overridden, without by whom."""
    return [(given.value, given.origin) for given in found.overridden]


def removed(explanation: Explanation) -> list[tuple[str, str, str, str]]:
    return [(one.attribute, one.element, one.given.origin, one.given.by) for one in explanation.removed]


def missed(explanation: Explanation) -> list[tuple[str, str, str, str]]:
    return [(one.mapping, one.key, one.wanted, one.found) for one in explanation.not_matched]


def test_every_value_names_its_layer_and_what_it_overrides() -> None:
    found = explained(
        """
        - name: one
          host_groups: [All]
          description: "one {name}"
          tags: {site: "{site.slug}", a: x}
          macros: {"{$A}": "1", "{$B}": "1"}
          inventory: {location: one}
          inventory_mode: manual
          proxy: p1
          status: disabled
        - name: two
          description: two
          tags: {a: [y, z]}
          macros: {"{$A}": {value: "2", description: why}}
          inventory: {location: two}
          inventory_mode: automatic
          proxy_group: g1
        - name: three
          description: three
          status: enabled
        """
    )
    assert found.layers == ['mapping "one"', 'mapping "two"', 'mapping "three"']
    description = value(found, "description")
    assert (description.value, description.origin) == ("three", 'mapping "three"')
    assert under(description) == [("two", 'mapping "two"'), ("one sw1", 'mapping "one"')]
    assert under(value(found, "tags", "a")) == [("x", 'mapping "one"')]
    assert value(found, "tags", "a").value == "y, z"
    assert value(found, "tags", "a").origin == 'mapping "two"'
    assert value(found, "macros", "{$A}").value == "2 (description why)"
    assert under(value(found, "macros", "{$A}")) == [("1", 'mapping "one"')]
    assert under(value(found, "macros", "{$B}")) == []
    assert under(value(found, "inventory", "location")) == [("one", 'mapping "one"')]
    assert under(value(found, "inventory_mode")) == [("manual", 'mapping "one"')]
    assert value(found, "monitored_by").value == "proxy group g1"
    assert under(value(found, "monitored_by")) == [("proxy p1", 'mapping "one"')]
    status = value(found, "status")
    assert (status.value, under(status)) == (
        "enabled",
        [("disabled", 'mapping "one"'), ("enabled", "NetBox status active")],
    )
    assert value(found, "groups", "All").origin == 'mapping "one"'


def test_the_values_are_those_that_compute_gives() -> None:
    text = """
        - name: one
          host_groups: ["N/{site}"]
          interfaces: [{type: snmp, version: 3, auth_passphrase: {secret: snmp_auth}}, {type: agent, name: a.b}]
          macros: {"{$S}": {secret: snmp_priv}}
          tags: {t: "{tags.slug}"}
        """
    config = compute(policy(text), device(), NAMES)
    assert isinstance(config, HostConfig)
    found = explained(text)
    assert {(one.attribute, one.element): one.value for one in found.attributes} == flat(config)
    assert not any(secret in str(found) for secret in SECRETS.values())
    assert value(found, "macros", "{$S}").value == "secret snmp_priv (type secret)"
    assert value(found, "interfaces", "snmp.authpassphrase").value == "secret snmp_auth"
    assert value(found, "interfaces", "agent/a.b").origin == 'mapping "one"'
    assert value(found, "interfaces", "agent/a.b.main").origin == 'mapping "one"'


def test_what_a_later_layer_takes_away() -> None:
    found = explained(
        GROUPS
        + """
- name: one
  templates: [A, B, C]
  tags: {old-a: x, b: y, c: z}
  macros: {"{$A}": "1"}
  interfaces: [{type: snmp}, {type: agent}]
- name: two
  templates: {remove: ["A*"], add: [D]}
  tags: {remove: ["old-*"], add: {b: null}}
  macros: {"{$A}": null}
  interfaces: {remove: [snmp]}
- name: three
  host_groups: {replace: [Mine]}
  tags: {c: "{asset_tag}", e: "{asset_tag}"}
"""
    )
    by_two = ('mapping "one"', 'mapping "two"')
    assert removed(found) == [
        ("groups", "All", 'mapping "groups"', 'mapping "three"'),
        ("interfaces", "snmp", *by_two),
        ("macros", "{$A}", *by_two),
        ("tags", "b", *by_two),
        ("tags", "e", 'mapping "three"', "a field in it is empty"),
        ("tags", "old-a", *by_two),
        ("templates", "A", *by_two),
    ]
    tag = value(found, "tags", "c")
    assert (tag.value, tag.origin) == ("z", 'mapping "one"'), "an empty field leaves the layer below"
    assert [(given.value, given.by) for given in tag.overridden] == [("{asset_tag}", "a field in it is empty")]


def test_settings_of_an_interface_that_two_layers_make() -> None:
    found = explained(
        GROUPS
        + """
- {name: one, interfaces: [{type: snmp, version: 2, port: 1161}]}
- {name: two, interfaces: [{type: snmp, version: 3}]}
"""
    )
    snmp = value(found, "interfaces", "snmp")
    assert snmp.value == "10.0.0.1:1161"
    assert snmp.origin == 'mapping "one", then mapping "two"'
    assert under(snmp) == [("version 2", 'mapping "one"')]
    assert value(found, "interfaces", "snmp.version").value == "3"


def test_config_context_and_custom_fields_are_layers() -> None:
    site: Any = {**AMSTERDAM, "custom_fields": {"zabbix_proxy": "p-site"}}
    found = explained(
        GROUPS + "- {name: one, description: one, proxy: p1}\n",
        device(
            site=site,
            config_context={"zabbix": {"description": "two"}},
            custom_fields={"zabbix_templates": ["Mine"]},
        ),
    )
    assert found.layers[2:] == [
        "config context",
        "custom field zabbix_proxy of site",
        "custom field zabbix_templates",
    ]
    assert under(value(found, "description")) == [("one", 'mapping "one"')]
    assert value(found, "description").origin == "config context"
    assert value(found, "monitored_by").value == "proxy p-site"
    assert value(found, "templates", "Mine").origin == "custom field zabbix_templates"


def test_the_first_key_that_does_not_match() -> None:
    found = explained(
        GROUPS
        + """
- {name: kind, match: {kind: virtual_machine}, templates: [A]}
- {name: role, match: {role: [core, spine], site: ams1}, templates: [A]}
- {name: name, match: {name: "rt-*"}, templates: [A]}
- {name: tag, match: {tag: prod}, templates: [A]}
- {name: field, match: {custom_fields.contacts: carol}, templates: [A]}
- {name: tenant, match: {tenant: t}, templates: [A]}
- {name: not, match: {not: {tag: lab}}, templates: [A]}
- {name: any, match: {any: [{tag: x}, {site: y, role: z}]}, templates: [A]}
- {name: it, match: {role: switches, not: {tag: x}, any: [{tag: lab}, {tag: y}]}, templates: [T]}
- {name: idle, default: true, templates: [A]}
"""
    )
    assert missed(found) == [
        ("kind", "kind", "virtual_machine", "device"),
        ("role", "role", "core or spine", "access in switches"),
        ("name", "name", "rt-*", "sw1"),
        ("tag", "tag", "prod", "core, lab"),
        ("field", "custom_fields.contacts", "carol", "ann, bob"),
        ("tenant", "tenant", "t", "nothing"),
        ("not", "not", "not tag: lab", "it matches"),
        ("any", "any", "(tag: x) or (role: z, site: y)", "none of them matches"),
        ("idle", "default", "no template of any other mapping", "templates"),
    ]
    assert found.layers == ['mapping "groups"', 'mapping "it"']


def test_objects_without_a_host() -> None:
    excluded = explained(GROUPS, device(custom_fields={"zabbix_exclude": True}))
    assert (excluded.outcome, excluded.reason) == ("excluded", "custom field zabbix_exclude is set")
    assert excluded.layers == ['mapping "groups"']
    absent = explained(GROUPS, device(status="decommissioning"))
    assert absent.outcome == "absent"
    failed = explained(GROUPS + "- {name: a, interfaces: [{type: agent}]}", device(primary_ip=None))
    assert (failed.outcome, failed.attributes) == ("failed", [])
    assert 'mapping "a"' in failed.reason
    broken = explained(GROUPS, device(config_context={"zabbix": {"templates": 7}}))
    assert broken.outcome == "failed"
    assert "config context" in broken.reason
    unmatched = explained("- {name: a, match: {kind: device}, host_groups: [A]}", virtual_machine())
    assert unmatched.reason == "no mapping matches it"
    assert missed(unmatched) == [("a", "kind", "device", "virtual_machine")]


def test_ipv6_addresses_are_readable() -> None:
    six = address("2001:db8::1")
    found = explained(GROUPS + "- {name: a, interfaces: [{type: agent}]}", device(primary_ip=six, primary_ip6=six))
    assert value(found, "interfaces", "agent").value == "[2001:db8::1]:10050"
