"""Fingerprints: the same for what is the same, another for any single change, and the changed part is named."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Macro, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.archive import archive
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.fingerprint import (
    Digests,
    changed_parts,
    host_parts,
    object_parts,
    write_parts,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import LiveMacro, ZabbixHost
from unit.policy.samples import device
from unit.reconcile.samples import config, differ, in_sync, settings

KEYED, OPEN = Digests("a key"), Digests()
LIVE = replace(
    in_sync(config()),
    description="as it was",
    inventory_mode="manual",
    inventory={"location": "here"},
    macros=(LiveMacro("1", "{$A}", "text", "1", ""), LiveMacro("2", "{$S}", "secret", None, "")),
)


def changed(live: ZabbixHost) -> list[str]:
    return changed_parts(host_parts(LIVE, settings(), KEYED), host_parts(live, settings(), KEYED))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"description": "other"}, ["description"]),
        ({"description": ""}, ["description (gone)"]),
        ({"macros": (*reversed(LIVE.macros),)}, []),
        ({"macros": (replace(LIVE.macros[0], hostmacroid="9"), LIVE.macros[1])}, []),
        ({"macros": (replace(LIVE.macros[0], value="2"), LIVE.macros[1])}, ["macros[{$A}]"]),
        ({"macros": (replace(LIVE.macros[0], type="secret", value=None), LIVE.macros[1])}, ["macros[{$A}]"]),
        ({"macros": LIVE.macros[:1]}, ["macros[{$S}] (gone)"]),
        ({"tags": LIVE.tags | {("netbox_id", "device:2")}}, ["tags[netbox_id]"]),
        ({"tags": LIVE.tags | {("a", ""), ("a", "1")}}, ["tags[a] (new)"]),
        ({"groups": frozenset({"90"})}, ["groups[All] (gone)", "groups[By hand] (new)"]),
        ({"groups": LIVE.groups | {"12345"}}, ["groups[host group 12345] (new)"]),
        ({"templates": frozenset()}, ["templates[ICMP Ping] (gone)"]),
        ({"inventory": {"location": "there"}}, ["inventory[location]"]),
        ({"inventory_mode": "automatic"}, ["inventory[location] (gone)", "inventory_mode"]),
        ({"monitor": ("proxy_group", "5")}, ["monitored_by"]),
        ({"more": {**LIVE.more, "tls_accept": "none, psk"}}, ["tls_accept"]),
        ({"interfaces": ()}, [f"interfaces[agent {LIVE.interfaces[0].interfaceid}] (gone)"]),
        ({"interfaces": (replace(LIVE.interfaces[0], main=False),)}, ["interfaces[agent 1]"]),
    ],
)
def test_what_changed_on_a_host_is_named(change: dict[str, Any], told: list[str]) -> None:
    told = [text.replace("agent 1]", f"agent {LIVE.interfaces[0].interfaceid}]") for text in told]
    assert changed(replace(LIVE, **change)) == told


def test_an_inventory_that_items_fill_moves_by_itself() -> None:
    filled = replace(LIVE, inventory_mode="automatic")
    before, now = (
        host_parts(replace(filled, inventory={"os": os}), settings(), KEYED) for os in ("Linux 6.1", "Linux 6.2")
    )
    assert before == now


def test_a_password_that_zabbix_tells_needs_a_key() -> None:
    for password, told in (("secret", True), ("{$IPMI}", False), ("", False)):
        live = replace(LIVE, more={**LIVE.more, "ipmi_password": password})
        host_parts(live, settings(), KEYED)
        if told:
            with pytest.raises(InputError, match="its IPMI password: netbox_zabbix_digest_key is needed"):
                host_parts(live, settings(), OPEN)
        else:
            host_parts(live, settings(), OPEN)


def test_what_changed_on_an_object_is_named() -> None:
    site = {"id": 1, "name": "Berlin", "slug": "ber", "region": {"id": 2, "name": "Europe", "slug": "eu"}}
    moved = {**site, "region": {"id": 3, "name": "Asia", "slug": "asia"}}
    fields = {"mine": 1, "zabbix_sync_time": "now", "empty": None}
    before = device(1, site=site, custom_fields=fields, config_context={"ntp": [1], "dns": [1]}, last_updated="a")
    now = device(
        1,
        site=moved,
        custom_fields={"mine": 1, "zabbix_sync_time": "later", "other": 2},
        config_context={"ntp": [2], "dns": [1]},
        last_updated="b",
        serial="new",
    )
    own = ("zabbix_sync_time",)
    told = changed_parts(*(object_parts(one.attributes, own, KEYED) for one in (before, now)))
    assert told == ["config_context[ntp]", "custom_fields[other] (new)", "serial", "site"]


def test_digests_depend_on_the_key_and_show_nothing() -> None:
    assert KEYED.of("public") == Digests("a key").of("public")
    assert len({KEYED.of("public"), OPEN.of("public"), Digests("b").of("public")}) == 3
    assert KEYED.of(Secret("one", "public")) == KEYED.of(Secret("other", "public"))
    with pytest.raises(InputError, match='the secret "one": netbox_zabbix_digest_key is needed'):
        OPEN.of([{"a": Secret("one", "public")}])


def test_what_a_change_writes_is_told_by_attribute() -> None:
    wanted = config(description="a", macros={"{$P}": Macro(Secret("pw", "1"), "secret")})
    other = config(description="a", macros={"{$P}": Macro(Secret("pw", "2"), "secret")})
    before, now = (write_parts(differ().create(one), settings(), KEYED) for one in (wanted, other))
    assert changed_parts(before, now) == ["macros"]
    with pytest.raises(InputError, match="netbox_zabbix_digest_key"):
        write_parts(differ().create(wanted), settings(), OPEN)


def test_a_host_group_that_was_made_meanwhile_is_the_same_one() -> None:
    wanted = config(groups=frozenset({"All", "Site C"}))
    before = write_parts(differ().create(wanted), settings(), KEYED)
    later = differ()
    later.settings.add_group("77", "Site C")
    assert write_parts(later.create(wanted), later.settings, KEYED) == before


def test_an_archive_is_the_same_one_whenever_and_by_whichever_run() -> None:
    def parts(when: str, run: str, why: str = "gone from NetBox") -> dict[str, str]:
        return write_parts(archive(LIVE, "device:1", "All", settings(), "gone", why, when, run), settings(), KEYED)

    before = parts("2026-11-24T10:00:00Z", "a")
    assert parts("2026-11-25T10:00:00Z", "b") == before
    assert changed_parts(before, parts("2026-11-24T10:00:00Z", "a", "excluded")) == ["macros"]
    assert json.dumps(before)
