"""Lint, simulate and explain on an export, without any server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.estate import Estate
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.explain import explain_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.export import write_export
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.lint import LintResult, lint_policy
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.policy_options import PolicyOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.simulate import SimulateResult, simulate_policy
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import NetBoxObject
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import Template, ZabbixSettings
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.template_facts import TemplateItems
from unit.policy.samples import device, related_tables, virtual_machine

BASE = """
- name: everything
  host_groups: ["N/{site}"]
  templates: ["ICMP Ping"]
  description: base
"""


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., str]:
    """Return a function that saves an estate of these objects, with a Zabbix that has two templates."""

    def save(*objects: NetBoxObject, zabbix: bool = True) -> str:
        estate = Estate(related_tables(), list(objects) or [device(1), device(2), virtual_machine(1)])
        if zabbix:
            estate.settings, estate.release = ZabbixSettings(proxies={"p1": "1"}), (7, 0)
            for number, name in enumerate(("ICMP Ping", "Cisco IOS by SNMP")):
                template = Template(str(number), name, name, (), 1)
                estate.settings.templates_by_id[template.templateid] = template
                estate.settings.templates[name] = [template]
            keys, needs = {"icmpping": "item"}, {"snmp": "sysUpTime"}
            estate.template_items = {
                "0": TemplateItems("0", dict(keys)),
                "1": TemplateItems("1", {**keys, "sysUpTime": "item"}, dict(needs), dict(needs)),
            }
        path = str(tmp_path / "estate.json")
        write_export(path, estate)
        return path

    return save


def options(text: str, **more: Any) -> PolicyOptions:
    return PolicyOptions(mappings=yaml.safe_load(text), **more)


def lint(text: str, export: str | None, strict: bool = False, **more: Any) -> LintResult:
    return lint_policy(options(text, **more), export, None, None, strict, lambda text: None)


def simulate(new: str, old: str, export: str, **more: Any) -> SimulateResult:
    return simulate_policy(options(new, **more), options(old, **more), export, None, lambda text: None)


def test_a_good_policy(export: Callable[..., str]) -> None:
    result = lint(BASE, export())
    assert (result.problems, result.warned, result.refused, result.failed) == ([], [], "", [])
    assert result.mappings == [{"name": "everything", "place": "", "objects": 3, "hosts": 3}]
    assert result.stats == {"objects": 3, "hosts": 3, "not_matched": 0, "problems": 0, "warnings": 0}
    assert result.text == "mapping     objects  hosts\neverything        3      3\n"


def test_all_problems_together(export: Callable[..., str]) -> None:
    result = lint(
        BASE
        + """
- name: unknown
  match: {role: acces, custom_fields.ownr: x}
  templates: [X]
- name: cisco
  match: {platform: cisco-ios}
  templates: ["Cisco IOS by SMTP"]
  proxy: p2
  interfaces: [{type: snmp, address: oob}]
""",
        export(device(1), device(2, oob_ip={"address": "10.0.0.9", "cidr": "", "family": 4, "dns_name": ""})),
    )
    text = "\n".join(result.problems)
    for said in (
        'mapping 2 "unknown": match.role: NetBox has no role with the slug "acces". Did you mean "access"?',
        'match.custom_fields.ownr: NetBox has no custom field "ownr". Did you mean "owner"?',
        'sw1 (device 1): interface snmp of mapping "cisco": the device has no oob address',
        'sw2 (device 2): Zabbix has no template "Cisco IOS by SMTP", or its user may not see it. Did you mean',
        'sw2 (device 2): Zabbix has no proxy "p2", or its user may not see it.',
    ):
        assert said in text
    assert len(result.problems) == 5
    assert [(host.object, host.action) for host in result.hosts] == [("device:1", "failed"), ("device:2", "failed")]
    assert result.refused.startswith("5 problems, 1 warning on 2 objects")


def test_a_policy_that_cannot_be_read(export: Callable[..., str]) -> None:
    result = lint("[{name: a, tamplates: [x]}, {name: b, match: {rol: x}, templates: [y]}]", export())
    assert len(result.problems) == 3
    assert result.refused == "3 problems, 0 warnings"


def test_files_are_named(export: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.yml").write_text(BASE + "- name: gone\n  match: {site: gone}\n  templates: [x]\n")
    given = PolicyOptions(path=str(tmp_path / "p"))
    result = lint_policy(given, export(), None, None, False, lambda text: None)
    assert result.problems == ['mapping 2 "gone" (a.yml:6): match.site: NetBox has no site with the slug "gone".']
    assert result.warned == ['mapping "gone" (a.yml:6): matches no object']
    assert result.mappings[1] == {"name": "gone", "place": "a.yml:6", "objects": 0, "hosts": 0}


def test_what_is_most_likely_not_meant(export: Callable[..., str]) -> None:
    text = (
        BASE
        + """
- name: cisco
  match: {kind: device}
  description: cisco
  macros: {"{$A}": "1", "{$B}": "1"}
  tags: {a: x, b: "{asset_tag}"}
  status: enabled
- name: later
  match: {kind: device}
  macros: {"{$A}": "2"}
  tags: {a: y, b: y}
- name: machines
  match: {kind: virtual_machine}
  templates: {remove: ["*"]}
  description: machine
- name: fallback
  match: {kind: device}
  default: true
  templates: [X]
- name: nobody
  match: {name: nobody}
  templates: [X]
"""
    )
    result = lint(text, export())
    assert result.problems == []
    assert result.warned == [
        'mapping "everything": description: is overridden on all 3 hosts, by mapping "cisco"',
        'mapping "cisco": macros.{$A}: is overridden on all 2 hosts, by mapping "later"',
        'mapping "cisco": tags.a: is overridden on all 2 hosts, by mapping "later"',
        'mapping "cisco": tags.b: is overridden on all 2 hosts, by mapping "later"',
        'mapping "fallback": is a default that never counts: other mappings give templates to all that it matches',
        'mapping "nobody": matches no object',
        "no template is given to vm1 (virtual machine 1)",
    ]
    assert result.refused == "", "warnings alone do not fail"
    assert lint(text, export(), strict=True).refused == "0 problems, 7 warnings on 3 objects, 3 of them hosts"


def test_objects_that_nothing_matches(export: Callable[..., str]) -> None:
    result = lint("[{name: a, match: {kind: virtual_machine}, host_groups: [A], templates: [ICMP Ping]}]", export())
    assert result.warned == ["no mapping matches sw1 (device 1), sw2 (device 2)"]
    many = export(*(device(number) for number in range(1, 8)))
    result = lint("[{name: a, match: {kind: virtual_machine}, host_groups: [A], templates: [ICMP Ping]}]", many)
    assert "no mapping matches 7 objects, sw1 (device 1), sw2 (device 2), sw3 (device 3) and 4 more" in result.warned


def test_two_hosts_of_one_name(export: Callable[..., str]) -> None:
    result = lint("[{name: a, host_groups: [A], templates: [ICMP Ping], technical_name: same}]", export())
    assert result.problems == [
        'sw1 (device 1), sw2 (device 2), vm1 (virtual machine 1): would all have the technical name "same": a policy '
        "must give each host its own"
    ]


def test_templates_that_do_not_go_together(export: Callable[..., str]) -> None:
    cisco = (
        BASE + '- {name: cisco, match: {kind: device}, templates: ["Cisco IOS by SNMP"], interfaces: [{type: agent}]}'
    )
    result = lint(cisco, export())
    text = "\n".join(result.problems)
    assert (
        'sw1 (device 1), sw2 (device 2): templates "ICMP Ping" and "Cisco IOS by SNMP" both have the item key' in text
    )
    assert 'Given by mapping "everything" and mapping "cisco".' in text
    assert "sysUpTime" in text
    assert any("agent" in warning for warning in result.warned), "an interface that nothing uses"


def test_nothing_of_zabbix(export: Callable[..., str]) -> None:
    result = lint(BASE.replace("ICMP Ping", "No such template"), export(zabbix=False))
    assert result.problems == []
    assert result.notes == ["Nothing of Zabbix was read: names of templates and proxies were not checked."]
    assert "notes:" in result.text


def test_the_policy_alone() -> None:
    result = lint(BASE, None)
    assert result.problems == []
    assert "Neither an export nor a NetBox" in result.notes[0]


SECRETS = (
    BASE + '- {name: s, macros: {"{$S}": {secret: one}}, tls_connect: psk, tls_psk_identity: x, tls_psk: {secret: key}}'
)


def test_secrets_are_known_by_name_alone(export: Callable[..., str]) -> None:
    context = {"zabbix": {"macros": {"{$T}": {"secret": "two"}}}}
    path = export(device(1, config_context=context))
    assert lint(SECRETS, path).problems == []
    assert lint(SECRETS, path, secret_names=["one", "key", "two"]).problems == []
    (problem,) = lint(SECRETS, path, secret_names=["one", "key"]).problems
    assert 'no secret is called "two"' in problem
    (problem,) = lint(SECRETS, path, secret_names=["one"]).problems
    assert 'no secret is called "key"' in problem


def test_the_same_policy_changes_nothing(export: Callable[..., str]) -> None:
    result = simulate(SECRETS, SECRETS, export())
    assert (result.text, result.hosts, result.simulated) == ("", [], [])
    assert result.stats["unchanged"] == 3


def test_what_another_policy_would_change(export: Callable[..., str]) -> None:
    old = BASE + '- {name: old, match: {name: sw1}, tags: {t: a}, macros: {"{$A}": "1"}, interfaces: [{type: agent}]}'
    new = (
        BASE
        + """
- {name: new, match: {name: sw1}, tags: {t: b, u: c}, interfaces: [{type: agent, port: 10051}]}
- {name: without, match: {name: sw2}, status: absent}
"""
    )
    result = simulate(new, old, export())
    assert result.text == (
        "~ sw1  [sw1 (device 1)]\n"
        '    ~ interfaces[agent]: 10.0.0.1:10050 -> 10.0.0.1:10051   (mapping "new")\n'
        '    - macros[{$A}]: 1   (mapping "old")\n'
        '    ~ tags[t]: a -> b   (mapping "new")\n'
        '    + tags[u]: c   (mapping "new")\n'
        "- sw2  [sw2 (device 2)]\n"
        '    absent: status absent by mapping "without"\n'
    )
    assert result.stats == {
        "objects": 3,
        "unchanged": 1,
        "creates": 0,
        "updates": 1,
        "removes": 1,
        "failed": 0,
        "failing_before_and_after": 0,
    }
    assert result.simulated[0]["differences"][2] == {
        "attribute": "tags",
        "element": "t",
        "before": "a",
        "after": "b",
        "origin": 'mapping "new"',
    }
    back = simulate(old, new, export())
    assert back.text.startswith("~ sw1  [sw1 (device 1)]\n")
    assert "+ sw2  [sw2 (device 2)]\n" in back.text
    assert '    + templates[ICMP Ping]: ICMP Ping   (mapping "everything")\n' in back.text


def test_hosts_that_would_fail(export: Callable[..., str]) -> None:
    path = export(device(1, primary_ip=None), device(2))
    fails = BASE + "- {name: a, match: {name: sw1}, interfaces: [{type: agent}]}"
    result = simulate(fails, BASE, path)
    assert [(host.name, host.action) for host in result.failed] == [("sw1 (device 1)", "failed")]
    assert "! sw1 (device 1)" in result.text
    assert "1 would fail.\nWould fail:\n  sw1 (device 1): " in result.message
    both = simulate(fails, fails, path)
    assert (both.failed, both.stats["failing_before_and_after"]) == ([], 1)
    assert both.notes[0].startswith("1 objects fail under both policies")
    assert "+ sw1" in simulate(BASE, fails, path).text


def test_a_wrong_policy_in_force_is_told_from_a_wrong_new_one(export: Callable[..., str]) -> None:
    with pytest.raises(InputError, match=r'^the policy in force: mapping 1 "a"'):
        simulate(BASE, "[{name: a, x: 1}]", export())
    with pytest.raises(InputError, match=r'^mapping 1 "a"'):
        simulate("[{name: a, x: 1}]", BASE, export())
    with pytest.raises(InputError, match="NetBox has no site"):
        simulate("[{name: a, match: {site: x}, host_groups: [A]}]", BASE, export())


EXPLAINED = """
- name: v3
  match: {tag: lab}
  interfaces: [{type: snmp, version: 3}]
  templates: {replace: ["Cisco IOS by SNMP"]}
  description: lab
  inventory: {asset_tag: "{asset_tag}"}
- name: servers
  match: {role: server}
  templates: [Linux]
"""


def test_an_explanation_as_text(export: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text(BASE + EXPLAINED)
    given = PolicyOptions(path=str(tmp_path / "policy.yml"))
    result = explain_hosts(given, ["sw1"], [], export(), None, lambda text: None)
    assert result.text == (
        """\
sw1 (device 1): Zabbix host sw1
  layers, later wins:
    mapping "everything" (policy.yml:2)
    mapping "v3" (policy.yml:7)
  values:
    description                   lab                mapping "v3" (policy.yml:7)
                                  not base           of mapping "everything" (policy.yml:2)
    groups[N/AMS-1]               N/AMS-1            mapping "everything" (policy.yml:2)
    host                          sw1                the name in NetBox
    interfaces[snmp]              10.0.0.1:161       mapping "v3" (policy.yml:7)
                                  bulk 1, connect ip, main true, max_repetitions 10, securitylevel 0, version 3
    inventory_mode                manual             mapping "v3" (policy.yml:7)
    name                          sw1                the name in NetBox
    status                        enabled            NetBox status active
    templates[Cisco IOS by SNMP]  Cisco IOS by SNMP  mapping "v3" (policy.yml:7)
  given and not there:
    inventory[asset_tag]  of mapping "v3" (policy.yml:7): a field in it is empty
    templates[ICMP Ping]  of mapping "everything" (policy.yml:2), taken away by mapping "v3" (policy.yml:7)
  mappings that do not count:
    mapping "servers" (policy.yml:13)  role: wants server  has access in switches
"""
    )
    assert result.explanations[0]["attributes"][0]["overridden"] == [
        {"value": "base", "origin": 'mapping "everything" (policy.yml:2)', "by": 'mapping "v3" (policy.yml:7)'}
    ]


def test_explaining_asks_for_hosts_and_a_source(export: Callable[..., str]) -> None:
    with pytest.raises(InputError, match="which hosts"):
        explain_hosts(options(BASE), [], [], export(), None, lambda text: None)
    with pytest.raises(InputError, match="netbox_url"):
        explain_hosts(options(BASE), ["sw1"], [], None, None, lambda text: None)
    with pytest.raises(InputError, match='called "sw7"'):
        explain_hosts(options(BASE), ["sw7"], [], export(), None, lambda text: None)


def test_the_guide_shows_what_is_really_said(export: Callable[..., str], tmp_path: Path) -> None:
    guide = (Path(__file__).resolve().parents[3] / "docs" / "checking.md").read_text()
    shown = guide.partition("<!-- sample -->\n\n")[2].partition("\n\n*")[0]
    (tmp_path / "policy.yml").write_text(BASE + EXPLAINED)
    result = explain_hosts(PolicyOptions(path=str(tmp_path / "policy.yml")), ["sw1"], [], export(), None, print)
    assert "\n".join(line.removeprefix("    ") for line in shown.splitlines()) + "\n" == result.text
