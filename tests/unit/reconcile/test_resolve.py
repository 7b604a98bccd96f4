"""Names become ids, and what cannot work is said before any call."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Target
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.resolve import Resolver
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import Template
from unit.reconcile.samples import config, settings


def resolve(wanted: HostConfig, release: tuple[int, int] = (7, 0)) -> Target:
    return Resolver(settings(), release).resolve(wanted)


def problems(wanted: HostConfig, release: tuple[int, int] = (7, 0)) -> list[str]:
    with pytest.raises(InputError) as caught:
        resolve(wanted, release)
    return caught.value.problems


def test_names_become_ids() -> None:
    wanted = config(
        groups=frozenset({"All", "New/Sub"}),
        templates=frozenset({"Linux", "tpl_icmp_ping"}),
        monitored_by="proxy",
        monitor="proxy-2",
    )
    assert resolve(wanted) == Target(frozenset({"2"}), ("New/Sub",), frozenset({"101", "100"}), ("proxy", "8"))


def test_the_same_template_by_both_of_its_names_is_one() -> None:
    assert resolve(config(templates=frozenset({"ICMP Ping", "tpl_icmp_ping"}))).templates == {"100"}


def test_a_visible_name_wins_over_anothers_technical_one() -> None:
    found = settings()
    visible, technical = Template("500", "other", "Both", (), 1), Template("501", "Both", "Something else", (), 1)
    for order in ([visible, technical], [technical, visible]):
        found.templates["Both"] = order
        assert Resolver(found, (7, 0)).resolve(config(templates=frozenset({"Both"}))).templates == {"500"}


WRONG = [
    ({"templates": frozenset({"Linx"})}, ['no template "Linx"', 'Did you mean "Linux"']),
    ({"templates": frozenset({"Cisco", "Juniper"})}, ['"Cisco" and "Juniper" both contain "Interfaces"']),
    ({"templates": frozenset({"Cisco", "Interfaces"})}, ['both contain "Interfaces"']),
    ({"groups": frozenset()}, ["no mapping gives it a host group"]),
    ({"monitored_by": "proxy", "monitor": "proxy-3"}, ['no proxy "proxy-3"', "Did you mean"]),
    ({"monitored_by": "proxy", "monitor": "Branches"}, ['no proxy "Branches"']),
    ({"monitored_by": "proxy_group", "monitor": "Branch"}, ['no proxy group "Branch"', '"Branches"']),
]


@pytest.mark.parametrize(("changes", "expected"), WRONG)
def test_what_is_wrong_is_named(changes: dict[str, Any], expected: list[str]) -> None:
    (text,) = problems(config(**changes))
    assert all(part in text for part in expected), text


def test_all_that_is_wrong_is_named_at_once_with_its_layer() -> None:
    found = problems(
        config(
            groups=frozenset(),
            templates=frozenset({"Linx", "Winows"}),
            monitored_by="proxy",
            monitor="nowhere",
            origins={"templates/Linx": "mapping servers", "monitored_by": "mapping sites"},
        )
    )
    assert len(found) == 4
    assert next(text for text in found if "Linx" in text).endswith("Given by mapping servers.")
    assert next(text for text in found if "nowhere" in text).endswith("Given by mapping sites.")


def test_zabbix_6_0_has_no_proxy_groups() -> None:
    (text,) = problems(config(monitored_by="proxy_group", monitor="Branches"), (6, 0))
    assert '"Branches"' in text
    assert "6.0" in text
    assert resolve(config(monitored_by="proxy", monitor="proxy-1"), (6, 0)).monitor == ("proxy", "7")
    assert resolve(config(monitored_by="server"), (6, 0)).monitor == ("server", "0")


def test_a_group_that_was_created_is_found_from_then_on() -> None:
    """Sets of groups are remembered; a host that is compared again in the same run must not miss it."""
    known = settings()
    resolver = Resolver(known, (7, 0))
    wanted = config(groups=frozenset({"All", "New"}))
    assert resolver.resolve(wanted).missing_groups == ("New",)
    known.add_group("77", "New")
    assert resolver.resolve(wanted) == Target(frozenset({"2", "77"}), (), frozenset({"100"}), None)


def test_a_deep_or_round_inheritance_ends() -> None:
    known = settings()
    for number in range(3):
        known.templates_by_id[f"60{number}"] = Template(f"60{number}", "", f"t{number}", (f"60{(number + 1) % 3}",), 0)
    assert known.inherited("600") == {"600", "601", "602"}
    assert known.inherited("unknown") == {"unknown"}


def test_the_weight_is_that_of_known_templates() -> None:
    assert Resolver(settings(), (7, 0)).weight(frozenset({"100", "101", "999"})) == 63
