"""Bad input is told in words that name the mapping, the key and the value; all of it together."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.attributes import ATTRIBUTES
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.compute import compute
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.foreign_context import KEYS as FOREIGN_KEYS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.interfaces import SNMP_KEYS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.inventory_fields import INVENTORY_FIELDS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.match import KEYS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import HostNames
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.parse import parse_policy
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.policy.samples import SECRETS, device, policy


def problems(mappings: Any, **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_policy(mappings, secrets=SECRETS, **options)
    return caught.value.problems


@pytest.mark.parametrize(
    ("mappings", "problem"),
    [
        (None, "mappings: is nothing; it must be a list of dictionaries, each with a name"),
        ({"name": "a"}, "mappings: is a dictionary; it must be a list of dictionaries, each with a name"),
        ([], "mappings: is an empty list; nothing would be monitored"),
        ("text", 'mappings: is "text"; it must be a list of dictionaries, each with a name'),
        (["text"], 'mapping 1: is "text"; it must be a dictionary with a name'),
        ([{"templates": ["T"]}], "mapping 1: name: is nothing; it must be a text"),
        ([{"name": " ", "templates": ["T"]}], 'mapping 1 " ": name: is empty'),
    ],
)
def test_no_list_of_mappings(mappings: Any, problem: str) -> None:
    assert problem in problems(mappings)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("tempaltes: [T]", 'unknown key "tempaltes"; there are name, match, default, templates,'),
        ("tempaltes: [T]", 'Did you mean "templates"?'),
        ("match: {site: a}", "gives nothing; it wants at least one of templates, host_groups"),
        ("default: maybe", 'default: is "maybe"; it must be true or false'),
        ("templates: ICMP Ping", 'templates: is "ICMP Ping"; write a list: ["ICMP Ping"]'),
        ("templates: {}", "templates: says nothing; write a list, or add, remove, replace"),
        ("templates: {ad: [T]}", 'templates: unknown key "ad"; there are add, remove, replace. Did you mean "add"?'),
        ("templates: {add: T}", 'templates.add: is "T"; write a list: ["T"]'),
        ("templates: [[T]]", "templates entry 1: is a list; it must be a text"),
        ("templates: [T, '']", "templates entry 2: is empty"),
        ("templates: [T, null]", "templates entry 2: is nothing; it must be a text"),
        ("host_groups: ['{sit}']", 'host_groups entry 1: "{sit}": "sit": a NetBox object has no "sit"'),
        ("host_groups: ['{{ site }}']", "fields are written in single braces"),
        ("tags: T", 'tags: is "T"; write a list: ["T"]'),
        ("tags: {netbox_id: x}", 'tags.netbox_id: the tag "netbox_id" is reserved'),
        ("tags: [{tag: netbox_instance}]", 'the tag "netbox_instance" is reserved'),
        ("tags: ['{site}']", 'tags entry 1: is "{site}"; it must be a dictionary'),
        ("tags: {'{site}': x}", "a tag's name takes no {fields}"),
        ("tags: [{tag: a, vale: b}]", 'unknown key "vale"; there are tag, value. Did you mean "value"?'),
        ("tags: {a: {b: c}}", "tags.a: is a dictionary; it must be a text"),
        ("tags: {a: []}", "tags.a: is an empty list"),
        ("macros: {SNMP: x}", '"SNMP" is no user macro; they look like {$NAME}'),
        ("macros: {'{$snmp}': x}", 'Did you mean "{$SNMP}"?'),
        ("macros: {'{$NETBOX.APPLIED}': x}", "macros.{$NETBOX.APPLIED}: is reserved"),
        ("macros: {'{$A}': {type: secret, value: canary}}", "a macro of type secret takes a reference: {secret: name}"),
        ("macros: {'{$A}': {type: hidden, value: x}}", 'type: is "hidden"; it must be one of text, secret, vault'),
        ("macros: {'{$A}': {type: text, value: {secret: snmp_auth}}}", "could be read by anyone; make it type secret"),
        (
            "macros: {'{$A}': {secret: snmp_aut}}",
            'no secret is called "snmp_aut". Known are snmp_auth, snmp_priv. Did you',
        ),
        ("macros: {'{$A}': {description: x}}", 'macros.{$A}: has no "value"'),
        ("inventory: {serial_a: x}", 'Zabbix has no inventory field "serial_a". Did you mean "serialno_a"'),
        ("inventory: [x]", "inventory: is a list; it must be a dictionary"),
        ("inventory_mode: auto", 'inventory_mode: is "auto"; it must be one of disabled, manual, automatic.'),
        ("description: [x]", "description: is a list; it must be a text"),
        ("proxy: null", "proxy: is nothing; it must be a text"),
        ("{proxy: a, proxy_group: b}", "proxy and proxy_group exclude each other; keep one of them"),
        ("monitored_by: proxy", 'monitored_by: is "proxy"; it can only be server'),
        ("status: off", "status: is false; it must be one of enabled, disabled, absent"),
        (
            "status: disable",
            'status: is "disable"; it must be one of enabled, disabled, absent. Did you mean "disabled"',
        ),
        ("interfaces: {type: agent}", 'interfaces: unknown key "type"; there are add, remove, replace'),
        ("interfaces: [agent]", 'interfaces entry 1: is "agent"; it must be a dictionary'),
        ("interfaces: [{port: 1}]", 'interfaces entry 1: has no "type"; it is one of agent, snmp, ipmi, jmx'),
        (
            "interfaces: [{type: smnp}]",
            'type: is "smnp"; it must be one of agent, snmp, ipmi, jmx. Did you mean "snmp"?',
        ),
        ("interfaces: [{type: agent}, {type: agent}]", "interfaces entry 2: a second agent interface"),
        (
            "interfaces: [{type: agent, main: true}, {type: agent, name: b, main: true}]",
            '2 agent interfaces are "main"; Zabbix takes one of each type',
        ),
        (
            "interfaces: [{type: agent, port: 70000}]",
            "port: is 70000; it must be a number from 1 to 65535 or a user macro",
        ),
        ("interfaces: [{type: agent, port: http}]", 'port: is "http"; it must be a number'),
        (
            "interfaces: [{type: agent, address: primry}]",
            'is "primry"; it must be one of primary, ipv4, ipv6, oob, dns',
        ),
        ("interfaces: [{type: agent, address: primry}]", 'Did you mean "primary"?'),
        ("interfaces: [{type: agent, address: []}]", "address: is an empty list"),
        ("interfaces: [{type: agent, address: '{oob}'}]", 'a NetBox object has no "oob"'),
        ("interfaces: [{type: agent, connect: name}]", 'connect: is "name"; it must be one of ip, dns'),
        (
            "interfaces: [{type: agent, community: x}]",
            '"community" belongs to an interface of type snmp, this one is agent',
        ),
        ("interfaces: [{type: snmp, version: 4}]", "version: is 4; it must be one of 1, 2, 3"),
        ("interfaces: [{type: snmp, community: canary}]", "is written out; use a user macro ({$NAME}) or a reference"),
        ("interfaces: [{type: snmp, auth_passphrase: canary}]", "auth_passphrase: is written out"),
        ("interfaces: [{type: snmp, auth_passphrase: {secret: x}}]", 'no secret is called "x"'),
        ("interfaces: [{type: snmp, auth_protocol: sha}]", 'auth_protocol: is "sha"; it must be one of md5, sha1'),
        ("interfaces: [{type: snmp, max_repetitions: 0}]", "max_repetitions: is 0; it must be a whole number"),
        ("interfaces: [{type: snmp, bulk: some}]", 'bulk: is "some"; it must be true or false'),
        ("interfaces: [{type: snmp, name: a b}]", "only letters, digits, dot, dash and underscore"),
        (
            "interfaces: [{type: snmp, version: 3, security_level: authpriv, auth_passphrase: '{$A}'}]",
            'interface snmp: security_level authpriv wants "privacy_passphrase"',
        ),
        ("match: []", "match: is a list; it must be a dictionary. Leave it out to match everything"),
        ("match: {}", "match: is empty. Leave it out to match everything"),
        ("match: null", "match: is nothing; it must be a dictionary"),
        ("match: {rol: a}", 'match: unknown key "rol"; there are kind, name, status,'),
        ("match: {rol: a}", 'Did you mean "role"?'),
        ("match: {in_bay: 2}", 'match.in_bay: is "2"; it must be one of true, false.'),
        (
            "match: {kind: devise}",
            'match.kind: is "devise"; it must be one of device, virtual_machine, virtual_device_context. Did you mean',
        ),
        ("match: {site: []}", "match.site: is an empty list"),
        ("match: {site: null}", "match.site: is nothing; it must be a text"),
        ("match: {site: {slug: a}}", "match.site: is a dictionary; it must be a text"),
        ("match: {custom_fields.: a}", 'unknown key "custom_fields."'),
        ("match: {not: {}}", "match.not: is empty"),
        ("match: {any: {site: a}}", "match.any: is a dictionary; it must be a list"),
        ("match: {any: []}", "match.any: is an empty list, which nothing can match"),
        ("match: {any: [{sit: a}]}", 'match.any entry 1: unknown key "sit"'),
    ],
)
def test_a_bad_mapping(written: str, problem: str) -> None:
    mapping = {"name": "Cisco access", **yaml.safe_load(written)}
    found = problems([{"name": "first", "templates": ["T"]}, mapping])
    assert any(problem in one for one in found), found
    assert all(one.startswith('mapping 2 "Cisco access": ') for one in found)
    assert "canary" not in "".join(found)


def test_names_are_unique() -> None:
    assert problems([{"name": "a", "templates": ["T"]}, {"name": "a", "templates": ["T"]}]) == [
        'mapping 2 "a": name: mapping 1 has the same name; each needs its own'
    ]


def test_all_problems_come_together() -> None:
    found = problems(
        [
            {"name": "a", "templates": "T", "tags": {"x": "{sit}"}, "match": {"rol": "x"}},
            {"name": "b", "inventory": {"serial": "x"}},
        ],
        statuses={"device": {"active": "on"}, "vm": {}},
    )
    assert len(found) == 6
    assert 'statuses: device.active: is "on"; it must be one of enabled, disabled, absent.' in found[1]
    assert found[0].startswith('statuses: unknown key "vm"; there are device, virtual_machine, virtual_device_context.')


def test_an_empty_secret_is_told_without_its_value() -> None:
    with pytest.raises(InputError) as caught:
        parse_policy([{"name": "all", "templates": ["T"]}], secrets={"a": "", "b": ["canary"]})  # type: ignore[dict-item]
    assert caught.value.problems == [
        "secrets: a: must be a text that is not empty, or a dictionary of such by name of the host",
        "secrets: b: must be a text that is not empty, or a dictionary of such by name of the host",
    ]


def test_no_secret_shows_in_what_the_policy_tells_of_itself() -> None:
    read = policy("""
        - name: secrets
          macros: {"{$A}": {secret: snmp_auth}}
          interfaces: [{type: snmp, version: 3, auth_passphrase: {secret: snmp_priv}}]
        """)
    assert read.secret_values == frozenset(SECRETS.values())
    assert "canary" not in repr(read)


def test_roots_and_inventory_fields_tell_what_must_be_read() -> None:
    read = policy("""
        - name: one
          match: {tag: lab, custom_fields.owner: x, any: [{rack: r1}]}
          inventory: {notes: "{comments}", location_lat: "{site.latitude|latitude}", os: null}
          interfaces: [{type: agent, address: [oob, "{config_context.mgmt}"]}]
        """)
    expected = {"tags", "custom_fields", "rack", "comments", "site", "latitude", "oob_ip", "config_context"}
    assert read.roots == expected
    assert read.inventory_fields == {"notes", "location_lat"}


def test_the_digest_is_of_the_meaning() -> None:
    one = [{"name": "a", "match": {"role": ["x", "y"]}, "templates": ["T"], "macros": {"{$A}": {"secret": "s"}}}]
    same = [
        {"macros": {"{$A}": {"value": {"secret": "s"}, "type": "secret"}}, "templates": {"add": ["T"]}, "name": "a",
         "match": {"role": ["y", "x"]}, "default": False}
    ]  # fmt: skip
    other = [{**one[0], "templates": ["U"]}]
    digest = parse_policy(one, secrets={"s": "1"}).digest
    assert parse_policy(same, secrets={"s": "2"}).digest == digest
    assert parse_policy(other, secrets={"s": "1"}).digest != digest
    assert parse_policy(one, secrets={"s": "1"}, statuses={"device": {"active": "disabled"}}).digest != digest


WORDS = [*ATTRIBUTES, "name", "match", "default", "type", "add", "remove", "replace", "value", "secret", "role", "tag"]
TEXTS = st.one_of(st.text(max_size=6), st.sampled_from(["{$A}", "{site}", "snmp", "{{x}}", "proxy", "authpriv", "*"]))
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from([*WORDS, *SNMP_KEYS, *KEYS, "not", "any"]), TEXTS), inner, max_size=4
        ),
    ),
    max_leaves=12,
)
MAPPING = st.dictionaries(st.sampled_from(WORDS), ANYTHING, max_size=6)


@settings(deadline=None)
@given(st.one_of(ANYTHING, st.lists(MAPPING, max_size=4)))
def test_whatever_is_written_either_is_a_policy_or_is_told(mappings: Any) -> None:
    with suppress(InputError):
        read = parse_policy(mappings, secrets=SECRETS)
        compute(read, device(), HostNames("h", "h"))


@settings(deadline=None)
@given(st.one_of(ANYTHING, MAPPING, st.dictionaries(st.sampled_from([*FOREIGN_KEYS, *WORDS]), ANYTHING, max_size=4)))
def test_whatever_is_in_a_context_either_counts_or_fails_the_object(zabbix: Any) -> None:
    read = policy("- {name: all, host_groups: [All]}")
    result = compute(read, device(config_context={"zabbix": zabbix}), HostNames("h", "h"))
    assert isinstance(result, HostConfig) or (result.kind in ("failed", "absent") and result.reason)


def test_there_are_70_inventory_fields() -> None:
    assert len(INVENTORY_FIELDS) == 70
