"""What a change replaces is kept, and taking it back makes the host what it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Macro, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.archive import archive, release
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Change
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.preimage import (
    Preimage,
    preimage,
    preimage_from,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.undo import Undo, undo
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import LiveMacro, ZabbixHost
from hypothesis import given
from unit.reconcile.samples import agent, config, differ, in_sync, settings, snmp, with_macro, zabbix_after
from unit.reconcile.test_properties import histories

#: the id of the newest item when a change was made
NEWEST = 1000


def kept(change: Change) -> Preimage:
    """Return the pre-image as it comes back from the state store."""
    record = differ().record_so_far(change) if change.record is None else None
    return preimage_from(json.loads(json.dumps(preimage(change, record, NEWEST).as_dict())))


def taken_back(
    change: Change, now: ZabbixHost | None = None, release: tuple[int, int] = (7, 0), item: int = NEWEST + 1
) -> tuple[Undo, ZabbixHost]:
    """Make a change, take it back, and return what that said with the host as it is then. `item`: the id of one item of
    each template on the host.
    """
    live = now or zabbix_after(change, release)
    found = undo(kept(change), live, settings(), {template: [item, NEWEST + 2] for template in live.templates})
    return found, live if found.change is None else zabbix_after(found.change, release)


def plain(host: ZabbixHost) -> Any:
    """Return a host as it compares: ids of macros and interfaces that were made anew left out."""
    macros = sorted((macro.macro, macro.type, macro.value, macro.description) for macro in host.macros)
    interfaces = sorted(repr(replace(one, interfaceid="")) for one in host.interfaces)
    return replace(host, macros=(), interfaces=()), macros, interfaces


def applied(**changes: Any) -> tuple[ZabbixHost, Change]:
    """Return a host as `config()` says, and the change that makes it what `changes` say."""
    live = in_sync(config(inventory_mode="manual"))
    change = differ().compare(config(**{"inventory_mode": "manual", **changes}), live)
    assert change is not None
    return live, change


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "other", "name": "Other"},
        {"status": "disabled", "description": "a\nb"},
        {"groups": frozenset({"Site A"})},
        {"templates": frozenset({"Linux"})},
        {"tags": frozenset({("a", "b")})},
        {"macros": {"{$A}": Macro("1"), "{$B}": Macro("2", "vault", "note")}},
        {"inventory": {"location": "Berlin"}},
        {"interfaces": (agent("10.0.0.9", port="10055"),)},
        {"interfaces": (agent(), snmp())},
        {"interfaces": ()},
        {"monitored_by": "proxy", "monitor": "proxy-1"},
    ],
)
def test_every_attribute_is_taken_back(changes: dict[str, Any]) -> None:
    live, change = applied(**changes)
    found, back = taken_back(change)
    assert found.touched == []
    assert plain(back) == plain(live)
    assert undo(kept(change), back, settings()).change is None


@given(histories())
def test_an_update_that_loses_nothing_is_taken_back_whole(history: Any) -> None:
    dummy, wanted, live, version = history
    change = differ(version).compare(wanted, live)
    if change is None or kept(change).lost or not live.applied:
        return
    found, back = taken_back(change, release=version)
    if not found.touched:
        assert plain(back) == plain(live)


def test_archiving_and_releasing_are_taken_back() -> None:
    live = in_sync(config())
    for change in (
        archive(live, "device:1", "By hand", settings(), "gone", "", "2026-11-24T10:00:00Z", "run"),
        release(live, "device:1", "asked", ""),
    ):
        found, back = taken_back(change)
        assert found.touched == []
        assert plain(back) == plain(live)


def test_restoring_is_taken_back() -> None:
    live = in_sync(config())
    away = zabbix_after(
        archive(live, "device:1", "By hand", settings(), "gone", "", "2026-11-24T10:00:00Z", "r"), (7, 0)
    )
    change = differ().compare(config(), away)
    assert change is not None
    found, back = taken_back(change)
    assert found.touched == []
    assert plain(back) == plain(away)


def test_items_of_a_template_go_with_it_unless_some_were_there_before() -> None:
    dummy, change = applied(templates=frozenset({"Linux", "ICMP Ping"}))
    (template,) = change.writes["templates"] - change.before.templates
    found, _dummy_host = taken_back(change)
    assert found.change is not None
    assert (found.change.writes["templates_clear"], found.change.cleared_items) == ({template}, 2)
    found, _dummy_host = taken_back(change, item=NEWEST)
    assert found.change is not None
    assert template not in found.change.writes["templates"]
    assert "templates_clear" not in found.change.writes
    (told,) = found.touched
    assert told.startswith(f"items of {settings().template_name(template)} stay on the host as its own: some were")
    unknown = undo(preimage(change), zabbix_after(change, (7, 0)), settings())
    assert unknown.change is not None
    assert "templates_clear" not in unknown.change.writes
    (told,) = unknown.touched
    assert told.startswith(f"items of {settings().template_name(template)} stay on the host as its own: nobody")


def test_a_run_that_had_to_create_groups_is_taken_back() -> None:
    live, change = applied(groups=frozenset({"Site A", "New"}))
    assert change.target.missing_groups == ("New",)
    image = kept(change)
    known = settings()
    known.add_group("77", "New")
    groups = frozenset(change.target.groups | {"77"})
    change.target = replace(change.target, groups=groups, missing_groups=())
    change.writes["groups"] = change.writes["groups"] | {"77"}
    change.record = differ().record(change.config, change.target)
    after = zabbix_after(change, (7, 0))
    found = undo(image, after, known)
    assert found.touched == []
    assert found.change is not None
    assert plain(zabbix_after(found.change, (7, 0))) == plain(live)
    later = replace(change.config, description="later")
    again = differ().compare(later, after)
    assert again is not None
    again.target = change.target
    again.record = differ().record(later, change.target)
    assert "another run" in undo(image, zabbix_after(again, (7, 0)), known).touched[0]


def test_what_somebody_changed_since_stays_and_is_told() -> None:
    live, change = applied(
        description="ours",
        tags=frozenset({("a", "b")}),
        macros={"{$A}": Macro("1")},
        inventory={"location": "Berlin", "os": "Linux"},
        interfaces=(agent("10.0.0.9"),),
    )
    now = zabbix_after(change, (7, 0))
    now = replace(
        with_macro(now, "{$A}", "by hand"),
        description="by hand",
        tags=now.tags | {("by", "hand")},
        inventory={**now.inventory, "os": "by hand"},
        interfaces=tuple(replace(one, ip="10.0.0.77") for one in now.interfaces),
    )
    found, back = taken_back(change, now)
    assert [text.split(" ")[0] for text in found.touched] == [
        "description",
        "inventory[os]",
        "interface",
        "macros[{$A}]",
    ]
    assert (back.description, back.inventory, back.interfaces) == ("by hand", {"os": "by hand"}, now.interfaces)
    assert back.tags == live.tags | {("by", "hand")}
    assert {macro.macro: macro.value for macro in back.macros}["{$A}"] == "by hand"


def test_a_host_that_another_run_changed_is_left_alone() -> None:
    dummy, change = applied(description="ours")
    later = differ().compare(config(inventory_mode="manual", description="later"), zabbix_after(change, (7, 0)))
    assert later is not None
    found, _dummy_host = taken_back(change, zabbix_after(later, (7, 0)))
    assert found.change is None
    assert "another run" in found.touched[0]


def test_a_group_that_is_gone_is_told() -> None:
    live, change = applied(groups=frozenset({"Site A"}))
    before = kept(replace_groups(change, live, frozenset({"2", "4711"})))
    found = undo(before, zabbix_after(change, (7, 0)), settings())
    assert found.touched == ["host group 4711 does not exist any more"]


def replace_groups(change: Change, live: ZabbixHost, groups: frozenset[str]) -> Change:
    change.live = replace(live, groups=groups)
    return change


def test_secrets_are_in_no_pre_image_and_what_is_lost_is_told() -> None:
    macros = {"{$S}": Macro(Secret("s", "canary-new"), "secret")}
    psk = {"tls_connect": "psk", "tls_accept": "psk", "tls_psk_identity": "id", "tls_psk": Secret("p", "canary" * 6)}
    details = (("bulk", "1"), ("community", Secret("c", "canary-community")), ("version", "2"))
    live = replace(in_sync(config()), macros=(*in_sync(config()).macros, LiveMacro("9", "{$S}", "secret", None, "")))
    change = differ().compare(config(macros=macros, more=psk, interfaces=(snmp(details=details),)), live)
    assert change is not None
    image = preimage(change)
    assert "canary" not in json.dumps(image.as_dict())
    assert any("{$S}" in text for text in image.lost)
    assert any("tls_psk" in text for text in image.lost)
    known = zabbix_after(change, (7, 0))
    assert "canary-community" in repr(known.interfaces)
    away = differ().compare(config(), known)
    assert away is not None
    assert "canary" not in json.dumps(preimage(away).as_dict())
    assert any("the SNMP secrets of the interface" in text for text in preimage(away).lost)
