"""The import: what it tells of Zabbix's changes, what it writes, and when it writes nothing."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import (
    InputError,
    OutcomeUnknown,
    StateError,
    ZabbixError,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import settings_import as job
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_cache import load_cache, read_confirmed
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_offer import CHOICE_SETS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix import settings_import as reading
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import ZabbixUser
from unit.jobs.settings_sides import AGENT, SIMPLE, SNMP, TRAPPER, ZABBIX, FakeTemplate, Sides

AWKWARD = ['a, b; "c"', "d'e\\f", "Größe № 5 日本", "[x] *?", "x" * 100]


@pytest.fixture
def sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sides:
    found = Sides(tmp_path)
    found.zabbix.templates = {
        "10": FakeTemplate("Cisco IOS by SNMP", uuid="u10", items={"if[{#X}]": SNMP, "icmpping": SIMPLE}),
        "11": FakeTemplate("ICMP Ping", uuid="u11", items={"icmpping": SIMPLE}),
        "12": FakeTemplate("Linux", uuid="u12", groups=["2"], items={"cpu": AGENT}, macros={"{$A}": "a word"}),
    }
    for name in CHOICE_SETS:
        found.netbox.add_set(name, "nothing yet")
    monkeypatch.setattr(job, "Zabbix", lambda connection: found.zabbix)
    monkeypatch.setattr(job, "connect", lambda connection: found.netbox)
    return found


def of(result: Any, kind: str = "templates") -> dict[str, Any]:
    found: dict[str, Any] = result.kinds[kind]
    return found


def test_first_everything_is_new(sides: Sides) -> None:
    result = sides.run()
    assert result.changed
    assert of(result)["added"] == ["Cisco IOS by SNMP", "ICMP Ping", "Linux"]
    assert (result.stats["templates"], result.stats["templates_added"], result.stats["host_groups"]) == (3, 3, 2)
    assert sides.netbox.choices("zabbix_templates") == ["Cisco IOS by SNMP", "ICMP Ping", "Linux"]
    assert sides.netbox.choices("zabbix_host_groups") == ["Linux servers", "Zabbix servers"]
    # nothing to offer: NetBox wants one choice at least
    assert sides.netbox.choices("zabbix_proxies") == ["nothing yet"]
    assert stat.S_IMODE(sides.cache.stat().st_mode) == 0o600
    assert stat.S_IMODE(sides.cache.parent.stat().st_mode) == 0o700
    assert os.listdir(sides.cache.parent) == [sides.cache.name], "nothing unfinished is left"


def test_the_cache_has_what_a_template_brings(sides: Sides) -> None:
    sides.zabbix.templates["12"].parents = ["11"]
    sides.zabbix.templates["12"].prototypes = {"proto[{#A}]": SNMP}
    sides.zabbix.templates["12"].depends = "11"
    sides.run()
    linux = sides.cached()["templates"]["12"]
    assert linux == {
        "name": "Linux",
        "host": "Linux",
        "uuid": "u12",
        "vendor": "Zabbix",
        "vendor_version": "7.0-2",
        "groups": ["2"],
        "parents": ["11"],
        "macros": {"{$A}": {"description": "a word", "type": "text"}},
        "items": 1,
        "keys": {"cpu": "item", "proto[{#A}]": "item prototype"},
        "needs": {"agent": "cpu", "snmp": "proto[{#A}]"},
        "uses": {"agent": "cpu", "snmp": "proto[{#A}]"},
        "inventory": {},
        "dependencies": {"11": "down"},
    }


def test_a_second_run_writes_nothing(sides: Sides) -> None:
    sides.run()
    before = sides.cache.read_bytes()
    inode = sides.cache.stat().st_ino
    store = open_store(str(sides.folder / "state"))
    assert store is not None
    cache = load_cache(store, ZABBIX)
    assert cache is not None
    assert read_confirmed(store, cache) == cache.made
    result = sides.run()
    assert not result.changed
    assert (sides.cache.read_bytes(), sides.cache.stat().st_ino, sides.netbox.patches) == (before, inode, [])
    assert of(result)["unchanged"] == 3
    assert read_confirmed(store, cache) > cache.made, "it tells when the cache was last found right"
    assert result.diff == ""


def test_check_mode_writes_nothing_and_shows_everything(sides: Sides) -> None:
    result = sides.run(dry_run=True)
    assert result.changed
    assert (os.listdir(sides.folder), sides.netbox.patches) == ([], [])
    assert "  + ICMP Ping\n" in result.diff
    sides.run()
    os.utime(sides.cache, (1, 1))
    assert not sides.run(dry_run=True).changed
    assert sides.cache.stat().st_mtime == 1


def test_what_changed_shows_exactly_so(sides: Sides) -> None:
    sides.run()
    zabbix = sides.zabbix
    zabbix.templates["11"].name = "ICMP"
    zabbix.templates["12"].items = {"cpu": SNMP}
    zabbix.templates["13"] = FakeTemplate("New one")
    del zabbix.templates["10"]
    result = sides.run()
    assert of(result)["added"] == ["New one"]
    assert of(result)["updated"] == [
        {
            "name": "Linux",
            "changes": [
                '- needs[agent]: "cpu"',
                '+ needs[snmp]: "cpu"',
                '- uses[agent]: "cpu"',
                '+ uses[snmp]: "cpu"',
            ],
        }
    ]
    assert [(row["name"], row["was"]) for row in of(result)["renamed"]] == [("ICMP", ["ICMP Ping"])]
    assert of(result)["removed"] == [{"name": "Cisco IOS by SNMP", "used_by": []}]
    assert of(result)["unchanged"] == 0
    assert sides.netbox.choices("zabbix_templates") == ["ICMP", "Linux", "New one"]
    assert '  ~ ICMP   (was "ICMP Ping"; nobody is known to use it)\n' in result.diff
    assert not sides.run().changed


def test_a_template_is_renamed_by_either_of_its_names(sides: Sides) -> None:
    sides.zabbix.templates["10"].host = "cisco_ios"
    sides.run()
    sides.zabbix.templates["10"].host = "cisco_ios_snmp"
    sides.zabbix.templates["11"].host = "ICMP Ping"
    sides.zabbix.templates["11"].name = "ICMP"
    result = sides.run(mappings=[{"name": "access", "templates": ["cisco_ios", "ICMP Ping"]}])
    assert [(row["name"], row["was"], row["used_by"]) for row in of(result)["renamed"]] == [
        ("Cisco IOS by SNMP", ["cisco_ios"], ['mapping "access"']),
        ("ICMP", ["ICMP Ping"], ['mapping "access"']),
    ]
    assert sides.netbox.choices("zabbix_templates") == ["Cisco IOS by SNMP", "ICMP", "Linux"]


def test_an_object_made_or_imported_again_is_the_same(sides: Sides) -> None:
    sides.run()
    templates = sides.zabbix.templates
    templates["20"] = templates.pop("10")
    templates["20"].name = "Cisco"
    templates["21"] = templates.pop("11")
    templates["21"].uuid = "another"
    result = sides.run(max_deletions={"default": {"count": 0}})
    assert result.refused == ""
    assert [(row["name"], row["was"]) for row in of(result)["renamed"]] == [("Cisco", ["Cisco IOS by SNMP"])]
    assert of(result)["updated"][0]["changes"][0] == "~ id: 11 -> 21"


def test_the_order_in_which_zabbix_answers_changes_nothing(sides: Sides) -> None:
    sides.zabbix.templates["12"].items = {"a": AGENT, "b": AGENT, "c": SIMPLE, "d": SIMPLE}
    sides.run()
    linux = sides.zabbix.templates["12"]
    linux.items = dict(reversed(linux.items.items()))
    sides.zabbix.templates = dict(reversed(sides.zabbix.templates.items()))
    assert not sides.run().changed


@pytest.mark.parametrize(
    ("limit", "passes"),
    [
        ({"templates": {"count": 2}}, True),
        ({"templates": {"count": 1}}, False),
        ({"default": {"count": 2}}, True),
        ({"default": {"count": 1}}, False),
        ({"default": {"count": 1}, "templates": {"count": 2}}, True),
        ({"templates": {"percent": 66.7}}, True),
        ({"templates": {"percent": 66}}, False),
        ({"host_groups": {"count": 0}}, True),
        ({}, True),
    ],
)
def test_the_limit_lets_n_pass_and_not_one_more(sides: Sides, limit: dict[str, Any], passes: bool) -> None:
    sides.run()
    before = sides.cache.read_bytes()
    del sides.zabbix.templates["10"], sides.zabbix.templates["11"]
    for dry_run in (True, False):
        result = sides.run(max_deletions=limit, dry_run=dry_run)
        assert (result.refused == "") is passes
    assert (sides.cache.read_bytes() != before) is passes
    assert bool(sides.netbox.patches) is passes
    if not passes:
        assert "2 of 3 templates are gone" in result.message
        assert "netbox_zabbix_max_deletions.templates" in result.refused
        assert '"ICMP Ping" is gone' in result.message
        assert not result.changed


def test_by_default_three_of_a_kind_may_be_gone(sides: Sides) -> None:
    sides.zabbix.host_groups = {str(one): f"g{one}" for one in range(10)}
    sides.run()
    for one in range(3):
        del sides.zabbix.host_groups[str(one)]
    assert not sides.run(dry_run=True).refused
    del sides.zabbix.host_groups["3"]
    assert "4 of 10 host groups are gone, more than 3" in sides.run().refused


def test_who_uses_what_is_gone_or_has_another_name(sides: Sides) -> None:
    sides.run()
    del sides.zabbix.templates["10"]
    sides.zabbix.templates["11"].name = "ICMP"
    del sides.zabbix.host_groups["5"]
    sides.netbox.sites = [
        {"display": "Berlin", "custom_fields": {"zabbix_templates": ["Cisco IOS by SNMP", "ICMP Ping"]}},
        {"display": "Hamburg", "custom_fields": {"zabbix_templates": None}},
    ]
    sides.netbox.contexts = [
        {
            "name": "switches",
            "data": {"zabbix": {"templates": {"add": ["Cisco IOS by SNMP"], "remove": ["ICMP Ping"]}}},
        },
        {"name": "other", "data": {"ntp": ["Cisco IOS by SNMP"]}},
    ]
    sides.netbox.own_contexts = {
        "dcim/devices/": [
            {"display": "sw1", "local_context_data": {"zabbix": {"templates": ["Cisco IOS by SNMP"]}}},
            {"display": "sw2", "local_context_data": {"ntp": ["Cisco IOS by SNMP"]}},
        ],
        "virtualization/virtual-machines/": [
            {"display": "vm1", "local_context_data": {"zabbix": {"templates": ["ICMP Ping"]}}},
        ],
    }
    mappings = [
        {"name": "access", "templates": ["Cisco IOS by SNMP"], "host_groups": ["Linux servers", "{site}"]},
        {"name": "lab", "templates": {"add": ["ICMP Ping"]}},
    ]
    result = sides.run(mappings=mappings)
    assert of(result)["removed"][0]["used_by"] == [
        'mapping "access"',
        'config context "switches"',
        "config context of device sw1",
        "site Berlin",
    ]
    own = "config context of virtual machine vm1"
    assert of(result)["renamed"][0]["used_by"] == ['mapping "lab"', own, "site Berlin"]
    assert of(result, "host_groups")["removed"] == [{"name": "Linux servers", "used_by": ['mapping "access"']}]
    assert 'used by mapping "access", config context "switches", config context of device sw1' in result.message


def test_a_choice_that_is_held_is_kept_and_told(sides: Sides) -> None:
    sides.run()
    del sides.zabbix.templates["10"], sides.zabbix.templates["11"]
    sides.netbox.sites = [{"display": "Berlin", "custom_fields": {"zabbix_templates": ["Cisco IOS by SNMP"]}}]
    result = sides.run()
    assert sides.netbox.choices("zabbix_templates") == ["Cisco IOS by SNMP", "Linux"]
    found = result.choice_sets[0]
    assert (found["removed"], found["kept"]) == (
        ["ICMP Ping"],
        [{"name": "Cisco IOS by SNMP", "used_by": ["site Berlin"]}],
    )
    again = sides.run()
    assert (again.changed, sides.netbox.patches) == (False, [])
    assert [row["name"] for row in again.choice_sets[0]["kept"]] == ["Cisco IOS by SNMP"]


def test_a_choice_that_netbox_refuses_to_remove_stays(sides: Sides) -> None:
    sides.run()
    del sides.zabbix.templates["10"]
    sides.zabbix.templates["14"] = FakeTemplate("New one")
    sides.netbox.held_unseen = {"Cisco IOS by SNMP"}
    result = sides.run()
    assert sides.netbox.choices("zabbix_templates") == ["Cisco IOS by SNMP", "ICMP Ping", "Linux", "New one"]
    assert "Cannot remove choice" in result.choice_sets[0]["kept"][0]["used_by"][0]
    assert not result.choice_sets[0]["removed"]


def test_labels_and_colours_of_people_stay(sides: Sides) -> None:
    row = sides.netbox.sets[1]
    row["extra_choices"] = [["ICMP Ping", "Is it there?"], ["gone", "gone"]]
    row["choice_colors"] = {"ICMP Ping": "red", "gone": "blue"}
    sides.run()
    assert ["ICMP Ping", "Is it there?"] in row["extra_choices"]
    assert row["choice_colors"] == {"ICMP Ping": "red"}


def test_names_of_all_sorts(sides: Sides) -> None:
    for number, name in enumerate(AWKWARD):
        sides.zabbix.templates[str(100 + number)] = FakeTemplate(name)
    long = "g" * 255
    sides.zabbix.host_groups["9"] = long
    result = sides.run()
    assert set(AWKWARD) <= set(sides.netbox.choices("zabbix_templates"))
    assert long not in sides.netbox.choices("zabbix_host_groups")
    assert result.choice_sets[1]["unfit"] == [long]
    assert any("100 characters" in note for note in result.notes)
    assert not sides.run().changed
    del sides.zabbix.templates["100"]
    assert of(sides.run())["removed"] == [{"name": AWKWARD[0], "used_by": []}]


def test_only_what_the_filters_let_through_is_offered(sides: Sides) -> None:
    sides.run(
        offer={"templates": {"groups": ["Templates/Net*"], "exclude": ["Cisco*"]}, "host_groups": {"include": ["L*"]}}
    )
    assert sides.netbox.choices("zabbix_templates") == ["ICMP Ping"]
    assert sides.netbox.choices("zabbix_host_groups") == ["Linux servers"]
    assert len(sides.cached()["templates"]) == 3


def test_choice_sets_that_netbox_lacks_are_a_note(sides: Sides) -> None:
    del sides.netbox.sets[3], sides.netbox.sets[4]
    result = sides.run()
    assert [row["name"] for row in result.choice_sets] == ["zabbix_templates", "zabbix_host_groups"]
    assert len(result.notes) == 1
    assert "zabbix_proxies, zabbix_proxy_groups" in result.notes[0]


def test_without_choice_sets_netbox_is_not_asked(sides: Sides) -> None:
    result = sides.run(choice_sets=[])
    assert result.changed
    assert not sides.netbox.requests
    assert "netbox" not in result.requests


def test_what_hosts_still_use_is_hidden_rather_than_gone(sides: Sides) -> None:
    sides.run()
    del sides.zabbix.templates["10"]
    sides.zabbix.users["templateids", "10"] = [f"h{number}" for number in range(8)]
    result = sides.run(max_deletions={"default": {"count": 0}})
    assert (result.refused, result.changed, of(result)["removed"]) == ("", False, [])
    used_by = ["host h0", "host h1", "host h2", "host h3", "host h4", "3 more"]
    assert of(result)["hidden"] == [{"name": "Cisco IOS by SNMP", "used_by": used_by}]
    assert "Cisco IOS by SNMP" in sides.netbox.choices("zabbix_templates")
    assert "missing permission" in result.notes[0]


def test_what_a_limited_user_lost_sight_of_is_hidden_and_what_was_deleted_is_gone(sides: Sides) -> None:
    """Templates show through their groups: both of one group go out of sight, and one of another is deleted."""
    sides.zabbix.templates |= {
        "31": FakeTemplate("Apache", groups=["2"]),
        "32": FakeTemplate("Nginx", groups=["2"]),
        "33": FakeTemplate("Both", groups=["1", "2"]),
    }
    sides.run()
    everything = dict(sides.zabbix.templates)
    for one in ("31", "32", "33"):
        del sides.zabbix.templates[one]
    del sides.zabbix.template_groups["2"]
    sides.zabbix.user = ZabbixUser("7", "import", 2, "9", "default")
    result = sides.run(max_deletions={"template_groups": {"count": 0}})
    assert result.refused == ""
    assert [row["name"] for row in of(result)["hidden"]] == ["Apache", "Nginx"]
    assert [row["name"] for row in of(result)["removed"]] == ["Both"]
    assert [row["name"] for row in of(result, "template_groups")["hidden"]] == ["Templates/Applications"]
    assert "Apache" in sides.netbox.choices("zabbix_templates")
    # they come back as they were
    del everything["33"]
    sides.zabbix.templates = everything
    sides.zabbix.template_groups["2"] = "Templates/Applications"
    assert not sides.run().changed


def test_to_a_super_admin_what_is_gone_is_gone(sides: Sides) -> None:
    sides.zabbix.templates["31"] = FakeTemplate("Apache", groups=["2"])
    sides.run()
    del sides.zabbix.templates["31"], sides.zabbix.template_groups["2"]
    result = sides.run()
    assert [row["name"] for row in of(result)["removed"]] == ["Apache"]
    assert of(result)["hidden"] == []


def test_hosts_are_looked_for_within_reason(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    sides.run()
    sides.zabbix.templates.clear()
    sides.zabbix.methods.clear()
    monkeypatch.setattr(job, "LOOKED_FOR", 2)
    assert len(of(sides.run())["removed"]) == 3
    assert sides.zabbix.methods.count("host.get") == 4


def test_a_kind_that_the_role_does_not_allow_stays_as_it_was(sides: Sides) -> None:
    sides.run()
    sides.zabbix.refuse = {"usermacro.get", "hostgroup.get"}
    result = sides.run()
    assert (result.changed, result.refused) == (False, "")
    assert sum("could not be read" in note for note in result.notes) == 2
    sides.cache.unlink()
    assert sides.run().changed
    assert "host_groups" not in sides.cached()
    assert sides.netbox.choices("zabbix_host_groups") == ["Linux servers", "Zabbix servers"]


@pytest.mark.parametrize("method", ["template.get", "item.get", "trigger.get"])
def test_what_the_import_cannot_do_without_is_an_error(sides: Sides, method: str) -> None:
    sides.zabbix.refuse = {method}
    with pytest.raises(ZabbixError, match="No permissions to call"):
        sides.run()
    assert not sides.cache.exists()


@pytest.mark.parametrize("request_number", [1, 2])
def test_zabbix_goes_away_in_the_middle(sides: Sides, request_number: int) -> None:
    sides.run()
    before = sides.cache.read_bytes()
    sides.zabbix.templates["13"] = FakeTemplate("New one")
    sides.zabbix.breaks = {request_number: OutcomeUnknown("The connection broke")}
    with pytest.raises(OutcomeUnknown):
        sides.run()
    assert (sides.cache.read_bytes(), sides.netbox.patches) == (before, [])
    sides.zabbix.breaks = {}
    assert of(sides.run())["added"] == ["New one"]


def test_without_a_state_store_the_choices_are_filled_all_the_same(sides: Sides) -> None:
    for changed in (True, False):
        result = sides.run(state_store="")
        assert (result.changed, result.cache, result.stats["templates_added"]) == (changed, "", 3)
        assert "No cache is kept" in result.message
    assert sides.netbox.choices("zabbix_templates") == ["Cisco IOS by SNMP", "ICMP Ping", "Linux"]
    assert not (sides.folder / "state").exists()


def test_a_damaged_cache_stops_the_import_since_the_limit_on_deletions_rests_on_it(sides: Sides) -> None:
    sides.run()
    sides.cache.write_bytes(sides.cache.read_bytes()[:-50])
    del sides.zabbix.templates["10"]
    with pytest.raises(StateError, match=r"damaged or not whole.*Remove it"):
        sides.run()
    assert sides.netbox.patches == []


def test_each_zabbix_has_a_cache_of_its_own(sides: Sides) -> None:
    sides.run()
    before = sides.cache.read_bytes()
    monitored = sides.zabbix.templates
    sides.zabbix.templates = {}
    job.import_settings(
        None,  # type: ignore[arg-type]  # not asked
        job.ZabbixConnection("https://other.invalid/api_jsonrpc.php", "token"),
        job.ImportOptions(state_store=str(sides.folder / "state"), choice_sets=()),
        lambda text: None,
    )
    sides.zabbix.templates = monitored
    assert sides.cache.read_bytes() == before
    assert not sides.run().changed


def test_on_6_0_templates_are_in_host_groups(sides: Sides) -> None:
    sides.zabbix.release = (6, 0)
    sides.zabbix.host_groups["1"] = "Templates/Network"
    sides.zabbix.proxies = {"7": {"host": "p1", "status": "5"}}
    sides.run(offer={"templates": {"groups": ["Templates/Network"]}})
    assert sides.netbox.choices("zabbix_templates") == ["Cisco IOS by SNMP", "ICMP Ping"]
    assert sides.netbox.choices("zabbix_proxies") == ["p1"]
    kinds = sides.cached()
    assert kinds["proxies"]["7"] == {"name": "p1", "status": "5"}
    assert "proxy_groups" not in kinds
    assert not {"proxygroup.get", "templategroup.get"} & set(sides.zabbix.methods)


def test_a_proxy_with_its_group_and_state(sides: Sides) -> None:
    sides.zabbix.proxies = {"7": {"name": "p1", "proxy_groupid": "3", "state": "1", "compatibility": "1"}}
    sides.zabbix.proxy_groups = {"3": "Branches"}
    sides.run()
    proxy = sides.cached()["proxies"]["7"]
    assert proxy == {"name": "p1", "state": "1", "compatibility": "1", "proxy_group": "3"}
    sides.zabbix.proxies["7"]["lastaccess"] = "99"
    assert not sides.run().changed
    sides.zabbix.proxies["7"]["state"] = "2"
    assert of(sides.run(), "proxies")["updated"] == [{"name": "p1", "changes": ['~ state: "1" -> "2"']}]


def test_five_thousand_templates(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5000):
        items = {f"key{one}": TRAPPER for one in range(8)}
        sides.zabbix.templates[str(1000 + number)] = FakeTemplate(f"Template {number}", items=items)
    result = sides.run()
    assert result.stats["templates_added"] == 5003
    # one for names, two of 25,000 items, and the one or two of the log-in that the fake has not
    assert sum(sides.zabbix.requests.values()) == 3
    monkeypatch.setattr(reading, "MOST_ITEMS", 10)
    assert not sides.run().changed
    assert sum(sides.zabbix.requests.values()) == 1 + reading.MOST_PARTS


def test_parts_hold_every_template_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ITEMS", 10)
    weights = {str(one): items for one, items in enumerate([0, 40, 1, 1, 30, 0, 0])}
    parts = reading._parts(weights)
    assert [one for part in parts for one in part] == list(weights)
    assert len(parts) == 3
    assert reading._parts({}) == [[]]


WRONG = [
    ({"max_deletions": {"template": {"count": 1}}}, 'no kind "template"'),
    ({"max_deletions": {"templates": 5}}, "not of the form"),
    ({"max_deletions": {"templates": {"count": -1}}}, "number of 0 or more"),
    ({"max_deletions": {"templates": {"counts": 1}}}, 'neither "count" nor "percent"'),
    ({"offer": {"templats": {}}}, 'Did you mean "templates"'),
    ({"offer": {"templates": {"include": "x"}}}, "not a list of patterns"),
    ({"offer": {"host_groups": {"groups": ["x"]}}}, "for templates"),
    ({"offer": {"templates": []}}, "not of the form"),
]


@pytest.mark.parametrize(("options", "said"), WRONG)
def test_wrong_options_are_named_before_anything_is_read(sides: Sides, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        sides.run(**options)
    assert not sides.zabbix.requests


def test_several_values_of_a_filter_fit_into_an_address(sides: Sides) -> None:
    sides.netbox.sets[1]["extra_choices"] = [[f"choice {number:03d} {'ü' * 20}"] * 2 for number in range(200)]
    sides.run()
    # 200 choices that go, of about 150 bytes each in an address
    assert sides.netbox.requests["GET dcim/sites/"] > 5
    assert len(sides.netbox.choices("zabbix_templates")) == 3


def test_tokens_that_end_soon_are_told_and_cost_no_request_to_zabbix(sides: Sides) -> None:
    sides.zabbix.templates["1"] = FakeTemplate("A")
    usual = sides.run()
    assert not [note for note in usual.notes if "token" in note]
    before = sum(sides.zabbix.requests.values())
    soon = datetime.now(UTC) + timedelta(days=3, hours=1)
    sides.zabbix.expires_at = str(int(soon.timestamp()))
    sides.netbox.expires = soon.isoformat()
    result = sides.run()
    assert sum(sides.zabbix.requests.values()) == before
    told = [note for note in result.notes if "the token expires" in note]
    assert [note.split(":")[0] for note in told] == ["NetBox", "Zabbix"]
    assert all("in 3 days" in note for note in told)
    sides.zabbix.refuse.add("token.get")
    assert [note.split(":")[0] for note in sides.run().notes if "the token expires" in note] == ["NetBox"]
