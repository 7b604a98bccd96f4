"""NetBox prepared for the collection: made once, kept right, taken away; and whatever others made left alone.

On a stand-in of its own, or on the NetBox in NETBOX_URL, where what the other tests need is put back afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import GuardError, NetBoxError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.netbox_schema import (
    SchemaOptions,
    SchemaResult,
    prepare_netbox,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.schema import (
    CHOICE_SET,
    CUSTOM_FIELD,
    CUSTOM_LINK,
    HOSTS,
    KINDS,
    MARK,
    PLACEHOLDER,
    PROFILE,
    SAVED_FILTER,
    STATUSES,
    Kind,
    declaration,
)
from lab.netbox import StandIn
from lab.proxy import FaultProxy

from integration.playing import Played
from integration.world import NetBoxSide, World, ZabbixSide, names

WEB = "https://zabbix.example.com"
DECLARED = declaration({}, WEB)


@pytest.fixture(scope="module")
def own_standin() -> Iterator[StandIn | None]:
    if os.environ.get("NETBOX_URL"):
        yield None
        return
    with StandIn() as running:
        yield running


@pytest.fixture
def netbox(own_standin: StandIn | None) -> Iterator[NetBoxSide]:
    """A NetBox that has nothing of the collection."""
    if own_standin:
        own_standin.reset()
        yield NetBoxSide(own_standin.url, own_standin.token, own_standin)
        return
    side = NetBoxSide(os.environ["NETBOX_URL"], os.environ["NETBOX_TOKEN"], None)
    wipe(side)
    yield side
    side.clean()
    wipe(side)
    side.prepare()


def wipe(side: NetBoxSide) -> None:
    for kind in reversed(KINDS):
        declared = {one.name for one in DECLARED if one.kind is kind}
        for row in rows(side, kind):
            if row["name"] in declared:
                side.call("DELETE", f"{kind.path}{row['id']}/")


def rows(side: NetBoxSide, kind: Kind) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = side.call("GET", kind.path, limit=0)["results"]
    return found


def row(side: NetBoxSide, kind: Kind, name: str) -> dict[str, Any]:
    return next(one for one in rows(side, kind) if one["name"] == name)


def everything(side: NetBoxSide) -> dict[str, list[dict[str, Any]]]:
    return {kind.noun: rows(side, kind) for kind in KINDS}


def prepare(side: NetBoxSide, **options: Any) -> SchemaResult:
    return prepare_netbox(side.connection(), SchemaOptions(**{"web": WEB, **options}), lambda text: None)


def writes(result: SchemaResult) -> dict[str, int]:
    return {name: number for name, number in result.requests["netbox"].items() if not name.startswith("GET ")}


def browse(zabbix: ZabbixSide, address: str) -> str:
    """Return a page of Zabbix's web interface as somebody who is logged in sees it."""
    browser = requests.Session()
    browser.trust_env = False
    form = {"name": zabbix.lab.user, "password": zabbix.lab.password, "enter": "Sign in"}
    browser.post(f"{zabbix.lab.url}/index.php", data=form, timeout=60).raise_for_status()
    page = browser.get(address, timeout=60)
    page.raise_for_status()
    return page.text


def a_device(side: NetBoxSide, name: str, **fields: Any) -> dict[str, Any]:
    """Make a device with all that one needs."""
    ids = side.ids
    if not ids:
        site = side.make("dcim/sites/", name="Setup", slug="setup")
        role = side.make("dcim/device-roles/", name="Setup", slug="setup")
        maker = side.make("dcim/manufacturers/", name="Setup", slug="setup")
        kind = side.make("dcim/device-types/", model="Setup", slug="setup", manufacturer=maker["id"])
        ids.update(site=site["id"], role=role["id"], type=kind["id"])
    return side.make("dcim/devices/", name=name, site=ids["site"], role=ids["role"], device_type=ids["type"], **fields)


def test_all_is_there_afterwards_and_a_second_run_writes_nothing(netbox: NetBoxSide) -> None:
    first = prepare(netbox)
    assert first.changed
    assert first.stats["created"] == len(DECLARED)
    fields = {one["name"]: one for one in rows(netbox, CUSTOM_FIELD)}
    assert {one.name: one.values["type"] for one in DECLARED if one.kind is CUSTOM_FIELD} == {
        name: field["type"]["value"] for name, field in fields.items() if name.startswith("zabbix_")
    }
    assert set(fields["zabbix_templates"]["object_types"]) == {
        *HOSTS,
        "dcim.devicetype",
        "dcim.devicerole",
        "dcim.platform",
        "dcim.site",
        "virtualization.cluster",
    }
    assert fields["zabbix_proxy"]["choice_set"]["name"] == "zabbix_proxies"
    statuses = [value for value, label in row(netbox, CHOICE_SET, "zabbix_sync_status")["extra_choices"]]
    assert statuses == [*STATUSES]
    before = everything(netbox)
    second = prepare(netbox)
    assert not second.changed
    assert writes(second) == {}
    assert everything(netbox) == before


def test_check_mode_tells_what_a_run_does_and_writes_nothing(netbox: NetBoxSide) -> None:
    before = everything(netbox)
    looked = prepare(netbox, dry_run=True)
    assert writes(looked) == {}
    assert everything(netbox) == before
    assert "custom field zabbix_hostid: create" in looked.diff
    did = prepare(netbox)
    assert (looked.changes, looked.diff, looked.stats) == (did.changes, did.diff, did.stats)


def test_everything_in_the_way_is_told_at_once_and_nothing_is_written(netbox: NetBoxSide) -> None:
    netbox.make(CUSTOM_FIELD.path, name="zabbix_hostid", type="text", label="Id", object_types=["dcim.device"])
    other = netbox.make(CHOICE_SET.path, name="proxies", extra_choices=[["a", "A"]])
    field = {"name": "zabbix_proxy", "type": "select", "object_types": ["dcim.site"], "choice_set": other["id"]}
    netbox.make(CUSTOM_FIELD.path, **field)
    netbox.make(CHOICE_SET.path, name="zabbix_sync_status", extra_choices=[["in_sync", "Fine"]])
    before = everything(netbox)
    with pytest.raises(GuardError) as error:
        prepare(netbox)
    text = str(error.value)
    assert text.startswith("Nothing was written. 3 things in NetBox are in the way")
    assert 'custom field zabbix_hostid is there of type text (label "Id", on dcim.device), and needs the type' in text
    assert "zabbix_proxy is there with the choice set proxies" in text
    assert "choice set zabbix_sync_status is there, was not made by this collection, and lacks the choices pend" in text
    assert everything(netbox) == before
    looked = prepare(netbox, dry_run=True)
    assert looked.stats["clashes"] == 3
    assert looked.refused in text
    netbox.clean()
    assert prepare(netbox).changed


def test_what_people_changed_is_put_right_and_what_they_added_stays(netbox: NetBoxSide) -> None:
    prepare(netbox)
    field = row(netbox, CUSTOM_FIELD, "zabbix_exclude")
    types = [*field["object_types"], "dcim.rack"]
    netbox.change(CUSTOM_FIELD.path, field["id"], label="Out", object_types=types[1:], weight=7, ui_visible="if-set")
    choices = row(netbox, CHOICE_SET, "zabbix_templates")
    assert choices["extra_choices"] == [[PLACEHOLDER, PLACEHOLDER]]
    netbox.change(CHOICE_SET.path, choices["id"], extra_choices=[["ICMP Ping", "ICMP Ping"]])
    statuses = row(netbox, CHOICE_SET, "zabbix_sync_status")
    own = [["in_sync", "Fine"], *statuses["extra_choices"][2:], ["odd", "Odd"]]
    netbox.change(CHOICE_SET.path, statuses["id"], extra_choices=own)
    saved = row(netbox, SAVED_FILTER, "Zabbix: failed")
    netbox.change(SAVED_FILTER.path, saved["id"], parameters={"status": ["active"]})
    link = row(netbox, CUSTOM_LINK, "Host in Zabbix")
    netbox.change(CUSTOM_LINK.path, link["id"], button_class="red")

    result = prepare(netbox)
    assert {(one["name"], *one["attributes"]) for one in result.changes} == {
        ("zabbix_exclude", "label", "object_types"),
        ("zabbix_sync_status", "extra_choices"),
        ("Zabbix: failed", "parameters"),
    }
    now = row(netbox, CUSTOM_FIELD, "zabbix_exclude")
    assert (now["label"], now["weight"], now["ui_visible"]["value"]) == ("Not monitored", 7, "if-set")
    assert set(now["object_types"]) == set(types)
    assert row(netbox, CHOICE_SET, "zabbix_templates")["extra_choices"] == [["ICMP Ping", "ICMP Ping"]]
    assert row(netbox, CHOICE_SET, "zabbix_sync_status")["extra_choices"] == [*own, ["pending", "Pending"]]
    assert row(netbox, SAVED_FILTER, "Zabbix: failed")["parameters"] == {
        "cf_zabbix_sync_status": ["failed", "conflict"]
    }
    assert row(netbox, CUSTOM_LINK, "Host in Zabbix")["button_class"] == "red"
    assert writes(prepare(netbox)) == {}


def test_a_field_of_others_that_fits_is_used_and_never_taken_away(netbox: NetBoxSide) -> None:
    theirs = {"name": "zabbix_hostid", "type": "integer", "label": "Zabbix host", "group_name": "Monitoring"}
    made = netbox.make(CUSTOM_FIELD.path, object_types=["dcim.device"], **theirs)
    result = prepare(netbox)
    assert "Made by others and used as they are: custom field zabbix_hostid" in result.message
    now = row(netbox, CUSTOM_FIELD, "zabbix_hostid")
    assert {name: now[name] for name in ("label", "group_name", "description")} == {
        "label": "Zabbix host",
        "group_name": "Monitoring",
        "description": "",
    }
    assert set(now["object_types"]) == set(HOSTS)
    assert writes(prepare(netbox)) == {}
    prepare(netbox, state="absent")
    assert [one["id"] for one in rows(netbox, CUSTOM_FIELD) if one["name"].startswith("zabbix_")] == [made["id"]]


def test_absent_takes_away_what_was_made_and_only_with_leave_where_values_are(netbox: NetBoxSide) -> None:
    before = everything(netbox)
    prepare(netbox)
    device = a_device(netbox, "sw1", custom_fields={"zabbix_hostid": 7, "zabbix_exclude": False})
    a_device(netbox, "sw2", custom_fields={"zabbix_hostid": 8, "zabbix_templates": [PLACEHOLDER]})
    with pytest.raises(
        GuardError, match=r"zabbix_hostid \(of 2 objects\), zabbix_templates \(of 1 object\)\. With conf"
    ):
        prepare(netbox, state="absent")
    looked = prepare(netbox, state="absent", dry_run=True)
    assert looked.values == {"zabbix_hostid": 2, "zabbix_templates": 1}
    assert writes(looked) == {}
    assert netbox.call("GET", f"dcim/devices/{device['id']}/")["custom_fields"]["zabbix_hostid"] == 7
    done = prepare(netbox, state="absent", confirm_loss=True)
    assert done.stats["deleted"] == len(DECLARED)
    assert everything(netbox) == before
    assert "zabbix_hostid" not in netbox.call("GET", f"dcim/devices/{device['id']}/")["custom_fields"]
    again = prepare(netbox, state="absent")
    assert not again.changed
    assert writes(again) == {}


def test_what_others_hang_on_stays(netbox: NetBoxSide) -> None:
    prepare(netbox)
    choices = row(netbox, CHOICE_SET, "zabbix_templates")
    profile = row(netbox, PROFILE, "netops.netbox_zabbix")
    own = {"name": "setup_own", "type": "select", "object_types": ["dcim.site"], "choice_set": choices["id"]}
    netbox.make(CUSTOM_FIELD.path, **own)
    netbox.make("extras/config-contexts/", name="setup", profile=profile["id"], data={"zabbix": {"tags": {"a": "b"}}})
    result = prepare(netbox, state="absent")
    assert "choice set zabbix_templates stays: custom fields of others use it (setup_own)." in result.message
    assert "config-context profile netops.netbox_zabbix stays: config contexts use it (setup)." in result.message
    assert result.stats["deleted"] == len(DECLARED) - 2
    netbox.clean()
    assert prepare(netbox, state="absent").stats["deleted"] == 2


def test_a_field_that_people_put_on_other_objects_too_needs_leave(netbox: NetBoxSide) -> None:
    prepare(netbox)
    field = row(netbox, CUSTOM_FIELD, "zabbix_hostid")
    netbox.change(CUSTOM_FIELD.path, field["id"], object_types=[*HOSTS, "dcim.rack"])
    with pytest.raises(GuardError, match=r"People added these fields to dcim\.rack"):
        prepare(netbox, state="absent")


def test_netbox_refuses_a_wrong_config_context_as_it_is_typed(netbox: NetBoxSide) -> None:
    prepare(netbox)
    profile = row(netbox, PROFILE, "netops.netbox_zabbix")
    with pytest.raises(AssertionError, match="does not conform to profile schema"):
        netbox.make("extras/config-contexts/", name="bad", profile=profile["id"], data={"zabbix": {"tmplates": ["x"]}})
    netbox.make("extras/config-contexts/", name="good", profile=profile["id"], data={"zabbix": {"templates": ["x"]}})


def test_the_saved_filter_finds_drifted_objects(netbox: NetBoxSide) -> None:
    prepare(netbox)
    a_device(netbox, "sw1", custom_fields={"zabbix_sync_status": "drifted"})
    a_device(netbox, "sw2", custom_fields={"zabbix_sync_status": "in_sync"})
    parameters = row(netbox, SAVED_FILTER, "Zabbix: drifted")["parameters"]
    found = netbox.call("GET", "dcim/devices/", **parameters)["results"]
    assert [one["name"] for one in found] == ["sw1"]


def test_without_an_address_of_zabbix_there_is_no_link_and_one_that_is_there_stays(netbox: NetBoxSide) -> None:
    prepare(netbox, web=None)
    assert "Host in Zabbix" not in [one["name"] for one in rows(netbox, CUSTOM_LINK)]
    prepare(netbox)
    url = row(netbox, CUSTOM_LINK, "Host in Zabbix")["link_url"]
    assert url.startswith(f"{WEB}/zabbix.php?action=latest.view")
    assert writes(prepare(netbox, web=None)) == {}
    assert prepare(netbox, web="https://other.example.com").stats["updated"] == 1


def test_virtual_device_contexts_get_the_fields_where_they_are_hosts_and_keep_them(netbox: NetBoxSide) -> None:
    prepare(netbox)
    result = prepare(netbox, virtual_device_contexts=True)
    assert {(one["kind"], *one["attributes"]) for one in result.changes} == {
        ("custom field", "object_types"),
        ("saved filter", "object_types"),
        ("custom link", "object_types"),
    }
    assert writes(prepare(netbox)) == {}
    assert "dcim.virtualdevicecontext" in row(netbox, CUSTOM_FIELD, "zabbix_sync_status")["object_types"]


def test_somebody_is_told_of_changes_where_an_address_is_given(netbox: NetBoxSide) -> None:
    prepare(netbox)
    assert netbox.call("GET", "extras/webhooks/")["results"] == []
    address = "http://127.0.0.1:9/hook"
    assert prepare(netbox, webhook_url=address).stats["created"] == 2
    (hook,) = netbox.call("GET", "extras/webhooks/")["results"]
    (rule,) = netbox.call("GET", "extras/event-rules/")["results"]
    assert (hook["payload_url"], rule["action_object"]["id"]) == (address, hook["id"])
    assert "object_deleted" in rule["event_types"]
    assert not prepare(netbox, webhook_url=address).changed
    netbox.change("extras/webhooks/", hook["id"], additional_headers="X-Who: me")
    assert prepare(netbox, webhook_url=address + "2").stats["updated"] == 1
    (hook,) = netbox.call("GET", "extras/webhooks/")["results"]
    assert (hook["payload_url"], hook["additional_headers"]) == (address + "2", "X-Who: me")
    assert not prepare(netbox).changed
    prepare(netbox, state="absent")
    assert netbox.call("GET", "extras/webhooks/")["results"] == []


def test_a_slug_that_another_filter_has_is_in_the_way(netbox: NetBoxSide) -> None:
    parameters = {"status": ["failed"]}
    netbox.make(
        SAVED_FILTER.path, name="Mine", slug="zabbix-failed", object_types=["dcim.device"], parameters=parameters
    )
    with pytest.raises(GuardError, match='saved filter Zabbix: failed needs the slug zabbix-failed, which "Mine" has'):
        prepare(netbox)


def test_a_netbox_without_profiles_gets_all_else() -> None:
    with StandIn(version="4.2.9") as standin:
        side = NetBoxSide(standin.url, standin.token_v1, standin)
        first = prepare(side)
        assert first.stats["created"] == len(DECLARED) - 1
        assert "This NetBox has no config-context profiles" in first.message
        assert writes(prepare(side)) == {}
        assert prepare(side, state="absent").stats["deleted"] == len(DECLARED) - 1


def test_a_run_that_was_stopped_halfway_is_finished_by_the_next(netbox: NetBoxSide) -> None:
    if netbox.standin is None:
        pytest.skip("a real NetBox does not fail on request")
    netbox.standin.fail_next(403, '{"detail": "no"}', path_prefix="/api/extras/saved-filters/", method="POST")
    with pytest.raises(NetBoxError, match=r"\(15 of 18 were written before; run it again\)"):
        prepare(netbox)
    assert prepare(netbox).stats["created"] == 3
    assert writes(prepare(netbox)) == {}


def test_a_token_that_may_only_read_is_told_what_it_lacks(netbox: NetBoxSide) -> None:
    token = netbox.standin.readonly_token if netbox.standin else os.environ.get("NETBOX_READONLY_TOKEN")
    if not token:
        pytest.skip("no NETBOX_READONLY_TOKEN")
    connection = NetBoxConnection(netbox.url, token, timeout=60)
    with pytest.raises(NetBoxError, match="custom-field-choice-sets"):
        prepare_netbox(connection, SchemaOptions(), lambda text: None)


def test_the_playbook_prepares_netbox_once(play: Callable[..., Played], netbox: NetBoxSide) -> None:
    where = {"NETBOX_URL": netbox.url, "NETBOX_TOKEN": netbox.token}
    looked = play("--check", "--diff", playbook="setup", **where)
    assert looked.recap["changed"] == 1, looked.text
    assert "custom field zabbix_templates: create" in looked.text
    assert not [one for one in rows(netbox, CUSTOM_FIELD) if one["name"].startswith("zabbix_")]
    first, second = (play(playbook="setup", **where) for dummy in range(2))
    assert (first.code, first.recap["changed"]) == (0, 1), first.text
    assert (second.code, second.recap["changed"]) == (0, 0), second.text
    assert "NetBox has all that it needs" in second.text
    gone = play("-e", "netbox_zabbix_setup_state=absent", playbook="setup", **where)
    assert gone.code == 0, gone.text
    assert not [one for one in rows(netbox, CUSTOM_FIELD) if MARK in one["description"]]


def test_the_playbook_tells_what_is_in_the_way(play: Callable[..., Played], netbox: NetBoxSide) -> None:
    netbox.make(CUSTOM_FIELD.path, name="zabbix_exclude", type="text", object_types=["dcim.device"])
    where = {"NETBOX_URL": netbox.url, "NETBOX_TOKEN": netbox.token}
    for arguments in ((), ("--check",)):
        played = play(*arguments, playbook="setup", **where)
        assert played.code == 2, played.text
        assert "custom field zabbix_exclude is there of type text" in played.text


def test_a_prepared_netbox_is_all_that_the_sync_needs(
    netbox: NetBoxSide, zabbix_server: ZabbixSide, proxy: FaultProxy
) -> None:
    prepare(netbox, web=zabbix_server.lab.url)
    netbox.prepare()  # a site and types; the custom fields are there
    world = World(netbox, zabbix_server, proxy)
    device = world.device("setup-sw1")
    excluded = world.device("setup-sw2", custom_fields={"zabbix_exclude": True})
    try:
        world.sync()
        host = world.host("setup-sw1")
        values = netbox.call("GET", f"dcim/devices/{device['id']}/")["custom_fields"]
        assert (values["zabbix_hostid"], values["zabbix_sync_status"]) == (int(host["hostid"]), "in_sync")
        values = netbox.call("GET", f"dcim/devices/{excluded['id']}/")["custom_fields"]
        assert values["zabbix_sync_status"] == "excluded"
        link = row(netbox, CUSTOM_LINK, "Host in Zabbix")["link_url"]
        page = browse(zabbix_server, link.replace("{{ object.cf.zabbix_hostid }}", host["hostid"]))
        assert "setup-sw1" in page
        assert ">Zabbix server</a>" not in page, "items of other hosts are shown"
    finally:
        world.clean()


def test_three_playbooks_lead_from_nothing_to_the_first_sync(
    play: Callable[..., Played], netbox: NetBoxSide, zabbix_server: ZabbixSide, proxy: FaultProxy, tmp_path: Path
) -> None:
    where = {"NETBOX_URL": netbox.url, "NETBOX_TOKEN": netbox.token}
    cache = {"netbox_zabbix_state_store": str(tmp_path / "state")}
    for playbook in ("setup", "import"):
        played = play(playbook=playbook, variables=cache, **where)
        assert played.code == 0, played.text
    offered = [value for value, label in row(netbox, CHOICE_SET, "zabbix_templates")["extra_choices"]]
    assert "ICMP Ping" in offered
    assert PLACEHOLDER not in offered
    netbox.prepare()  # a site and types; the custom fields are there
    world = World(netbox, zabbix_server, proxy)
    try:
        world.device("setup-sw3", custom_fields={"zabbix_templates": ["ICMP Ping"]})
        played = play(
            mappings=[{"name": "all", "host_groups": ["T/{site}"], "interfaces": [{"type": "agent"}]}], **where
        )
        assert played.code == 0, played.text
        assert names(world.host("setup-sw3")["parentTemplates"]) == {"ICMP Ping"}
        assert play(playbook="setup", **where).recap["changed"] == 0, "the import's choices are left alone"
    finally:
        world.clean()
