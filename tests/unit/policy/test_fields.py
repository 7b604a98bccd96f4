"""Texts with fields."""

from __future__ import annotations

from contextlib import suppress

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.fields import compile_template, escape
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.policy.samples import device

ATTRIBUTES = device().attributes


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("plain", ["plain"]),
        ("{name}", ["sw1"]),
        ("{site.slug}-{name}", ["ams1-sw1"]),
        ("{site}", ["AMS/1"]),
        ("{region.path}", ["Europe/Netherlands"]),
        ("{site.region.path}", ["Europe/Netherlands"]),
        ("{site.region.parent}", ["Europe"]),
        ("{position}", ["12"]),
        ("{site.latitude}", ["52.37"]),
        ("{site.longitude}", ["4"]),
        ("{custom_fields.critical}", ["true"]),
        ("{custom_fields.contacts}", ["ann", "bob"]),
        ("{config_context.ntp.servers}", ["10.9.9.1"]),
        ("{tags}/{custom_fields.contacts}", ["Core/ann", "Core/bob", "Lab/ann", "Lab/bob"]),
        ("{tags.slug}", ["core", "lab"]),
        ("{primary_ip}", ["10.0.0.1"]),
        ("{primary_ip.cidr}", ["10.0.0.1/24"]),
        ("{asset_tag}", []),
        ("at {asset_tag}", []),
        ("{tenant.group.path}", []),
        ("{config_context.ntp}", []),
        ("{custom_fields.unknown}", []),
        ('{asset_tag|serial|"none"}', ["SN1"]),
        ("{asset_tag | tenant | 'none'}", ["none"]),
        ('{asset_tag|""}', [""]),
        ('{"{"}{"}"}', ["{}"]),
        ("{$SNMP_COMMUNITY} {HOST.NAME1} {#IFNAME}", ["{$SNMP_COMMUNITY} {HOST.NAME1} {#IFNAME}"]),
        ('{$X:"a}b"}', ['{$X:"a}b"}']),
        ("{?last(/{HOST.HOST}/key)}", ["{?last(/{HOST.HOST}/key)}"]),
        ("", [""]),
    ],
)
def test_field_yields(text: str, rendered: list[str]) -> None:
    assert compile_template(text).render(ATTRIBUTES) == rendered


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{name:upper}", "SW1"),
        ("{site:lower}", "ams/1"),
        ("{site:slug}", "ams-1"),
        ('{site:lower:replace("/", "_")}', "ams_1"),
        ("{platform:truncate(5)}", "Cisco"),
        ("{tags:first}", "Core"),
        ("{tags:last}", "Lab"),
        ('{tags:join(" + ")}', "Core + Lab"),
        ("{tags:lower}", "core, lab"),
        ("tags: {tags}", "tags: Core, Lab"),
        ('{asset_tag:upper|name:upper|"x"}', "SW1"),
        ("{asset_tag}", None),
    ],
)
def test_one_text_with_filters(text: str, rendered: str | None) -> None:
    assert compile_template(text).render_text(ATTRIBUTES) == rendered


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("NetBox/{site}", ["NetBox/AMS-1"]),
        ("NetBox/{region.path}/{site}", ["NetBox/Europe/Netherlands/AMS-1"]),
        ('NetBox/{tenant|""}/{role}', ["NetBox/Access"]),
        ("/NetBox// {role} /", ["NetBox/Access"]),
        ('{site:replace("/", "_")}', ["AMS_1"]),
        ('{tags:join("/")}', ["Core/Lab"]),
        ('{tenant|""}', []),
    ],
)
def test_a_value_opens_no_level_of_a_host_group(text: str, rendered: list[str]) -> None:
    assert compile_template(text, levels=True).render(ATTRIBUTES) == rendered


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ site }}", "single braces, {site}"),
        ("{sit}", 'a NetBox object has no "sit". Did you mean "site"?'),
        ("{name|lower}", "Filters are written with a colon: {name:lower}"),
        ("{site.slog}", '"site" has no "slog"; it has custom_fields, facility'),
        ("{site.region.slog}", '"region" has no "slog"'),
        ("{site.path}", "are trees"),
        ("{region.path.slug}", "are trees"),
        ("{site.slug.x}", '"slug" is a plain value'),
        ("{name.x}", '"name" is a plain value'),
        ("{custom_fields}", "custom_fields.something"),
        ("{site.custom_fields}", "wants the name of a custom field"),
        (
            "{primary_ip.addr}",
            '"primary_ip" has no "addr"; it has address, cidr, dns_name, family. Did you mean "address"',
        ),
        ("{name:lowr}", 'unknown filter "lowr"; there are first, join, last, lower, replace, slug, truncate, upper'),
        ("{name:truncate}", 'filter "truncate" takes a whole number'),
        ('{name:truncate("3")}', 'filter "truncate" takes a whole number'),
        ("{name:truncate(0)}", "length of at least 1"),
        ('{name:replace("a")}', 'filter "replace" takes a "quoted text", a "quoted text"'),
        ('{name:replace("a","b"}', 'want a ")"'),
        ("{name", 'is there a "}" missing?'),
        ("name}", '"}" without "{" at position 5'),
        ("{}", "expected a path"),
        ("{0.__class__}", "expected a path"),
        ("{name.__class__}", '"name" is a plain value'),
        ("{site.__class__}", '"site" has no "__class__"'),
        ("{name!r}", 'expected "|", ":" or "}" at "!r}"'),
        ("{$X", "has no end"),
    ],
)
def test_bad_text_is_told(text: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        compile_template(text)
    assert problem in str(caught.value)


@pytest.mark.parametrize("name", ["{site}", "{{ 7*7 }}", "{% raw %}", "{0.__class__}", "${jndi:x}", "{$MACRO}", "%s"])
def test_a_value_is_never_read_again(name: str) -> None:
    attributes = device(name=name, custom_fields={"owner": name}).attributes
    assert compile_template("{name}").render(attributes) == [name]
    assert compile_template('x {custom_fields.owner|"{site}"}').render_text(attributes) == f"x {name}"


def test_only_keys_of_dictionaries_are_looked_up() -> None:
    attributes = device(custom_fields={"x": "text"}, config_context={"y": [1, 2]}).attributes
    for path in (
        "custom_fields.x.__class__",
        "custom_fields.__class__",
        "config_context.y.append",
        "config_context.keys",
    ):
        assert compile_template(f"{{{path}}}").render(attributes) == []


@settings(deadline=None)
@given(st.text())
def test_escaped_text_yields_itself(text: str) -> None:
    assert compile_template(escape(text)).render({}) == [text]


@settings(deadline=None)
@given(st.text(alphabet="{}|:\"'.$#?,()/0 sitename-A", max_size=30), st.booleans())
def test_whatever_is_written_either_is_a_template_or_is_told(text: str, levels: bool) -> None:
    with suppress(InputError):
        template = compile_template(text, levels=levels)
        assert all(isinstance(rendered, str) for rendered in template.render(ATTRIBUTES))


def test_roots_name_what_is_read() -> None:
    assert compile_template('{site.region|tenant|"x"} {custom_fields.a:lower}').roots == {
        "site",
        "tenant",
        "custom_fields",
    }
