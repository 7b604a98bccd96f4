"""What is wrong in an inventory file is said at once, before NetBox is asked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory import expressions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.needs import needs
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.options import Options, parse_options
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import DEVICE, VIRTUAL_MACHINE


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"group_by": ["sties"]}, "group_by: 'sties' is nothing to group by. Did you mean \"sites\""),
        ({"group_by": ["site"]}, "group_by: 'site' is called 'sites' while plurals is true"),
        ({"group_by": ["sites"], "plurals": False}, "group_by: 'sites' is called 'site' while plurals is false"),
        ({"group_by": ["racks"], "racks": False}, "group_by: 'racks' needs the option racks"),
        ({"group_by": ["services"], "services": False}, "group_by: 'services' needs the option services"),
        ({"group_by": ["rack_group"]}, "'location' took its place"),
        ({"group_by": ["zabbix_template"]}, "zabbix_template needs a policy"),
        ({"fields": ["seriall"]}, "fields: 'seriall' is no variable of this inventory. Did you mean \"serial\""),
        ({"query_filters": [{"site": "a", "role": "b"}]}, "is not one filter with its value"),
        ({"device_query_filters": ["site"]}, "device_query_filters: 'site' is not one filter"),
        ({"vm_query_filters": "site"}, "vm_query_filters: a list of filters is expected, not 'site'"),
        ({"rename_variables": [{"pattern": "("}]}, "needs a pattern and a repl"),
        ({"rename_variables": [{"pattern": "(", "repl": ""}]}, "is no regular expression"),
    ],
)
def test_a_wrong_value_is_told_by_its_option(given: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_options(given)
    assert text in str(raised.value)


def test_everything_that_is_wrong_is_told_together() -> None:
    with pytest.raises(InputError) as raised:
        parse_options({"group_by": ["nothing"], "fields": ["none"], "query_filters": [1]})
    assert len(raised.value.problems) == 3


def test_filters_of_both_kinds_come_before_those_of_one() -> None:
    options = parse_options({"query_filters": [{"site": "a"}], "vm_query_filters": [{"cluster": "c"}]})
    assert options.filters[DEVICE] == ({"site": "a"},)
    assert options.filters[VIRTUAL_MACHINE] == ({"site": "a"}, {"cluster": "c"})


def test_names_that_expressions_use() -> None:
    given = {
        "compose": {"x": "site.name | upper", "y": "tags | map(attribute='slug')"},
        "groups": {"old": "created < '2020' and not no_such_filter(role)"},
        "keyed_groups": [{"key": "device_type.model", "parent_group": "{{ platform.slug }}_hosts"}],
    }
    names = expressions.used(given)
    assert names is not None
    assert names >= {"site", "tags", "created", "role", "device_type", "platform"}
    assert expressions.used({}) == frozenset()
    assert expressions.used({"compose": {"x": "vars[name]"}}) is None
    assert expressions.used({"compose": {"x": "site.name ("}}) == frozenset()


def test_only_what_is_used_is_read() -> None:
    everything = needs(Options(), None)
    assert everything.wanted.without == {"config_context", "description"}
    assert everything.apart == {"services", "rack_roles"}
    assert everything.raw == frozenset()
    few = needs(parse_options({"fields": ["serial"], "group_by": ["tags"]}, frozenset({"name"})), None)
    assert {"site", "custom_fields", "primary_ip4", "oob_ip", "role"} <= few.wanted.without
    assert few.wanted.without.isdisjoint({"serial", "tags"})
    assert few.apart == frozenset()
    assert few.raw == {"name"}


def test_a_policy_may_use_everything() -> None:
    wants = needs(Options(policy=True), frozenset({"comments"}))
    assert wants.wanted.without == frozenset()
    assert "comments" in wants.wanted.roots
