"""One call for one host, in the words of each Zabbix release."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Macro, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.payload import payload
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import MACRO_APPLIED
from unit.reconcile.samples import RELEASES, agent, by_hand, config, differ, in_sync, secret, snmp3, with_macro

MODERN = [release for release in RELEASES if release >= (7, 0)]


def test_a_new_host_in_full() -> None:
    wanted = config(
        status="disabled",
        description="text",
        groups=frozenset({"Site B", "All"}),
        templates=frozenset({"Linux", "ICMP Ping"}),
        tags=frozenset({("site", "ams")}),
        macros={"{$V}": Macro("path:key", "vault", "note"), "{$T}": Macro("text")},
        inventory_mode="automatic",
        inventory={"notes": "n"},
        interfaces=(agent(), agent("", "agent/b", main=False, use_ip=False, dns="b.example.net", port="{$PORT}")),
    )
    change = differ().create(wanted)
    assert payload(change, (7, 0)) == {
        "host": "sw1",
        "name": "Switch 1",
        "status": "1",
        "description": "text",
        "groups": [{"groupid": "2"}, {"groupid": "11"}],
        "templates": [{"templateid": "100"}, {"templateid": "101"}],
        "tags": [
            {"tag": "netbox_id", "value": "device:1"},
            {"tag": "netbox_instance", "value": "netbox-test"},
            {"tag": "site", "value": "ams"},
        ],
        "macros": [
            {"macro": "{$T}", "value": "text", "type": "0", "description": ""},
            {"macro": "{$V}", "value": "path:key", "type": "2", "description": "note"},
            {
                "macro": MACRO_APPLIED,
                "value": change.record,
                "type": "0",
                "description": "Kept by netops.netbox_zabbix: what it last applied to this host. Do not edit.",
            },
        ],
        "inventory_mode": "1",
        "inventory": {"notes": "n"},
        "interfaces": [
            {"type": "1", "main": "1", "useip": "1", "ip": "10.0.0.1", "dns": "", "port": "10050"},
            {"type": "1", "main": "0", "useip": "0", "ip": "", "dns": "b.example.net", "port": "{$PORT}"},
        ],
    }


MONITORS = [
    # kind, name, 6.0, 7.0 and later
    ("server", None, {"proxy_hostid": "0"}, {"monitored_by": "0"}),
    ("proxy", "proxy-1", {"proxy_hostid": "7"}, {"monitored_by": "1", "proxyid": "7"}),
    ("proxy_group", "Branches", None, {"monitored_by": "2", "proxy_groupid": "5"}),
]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("kind", "name", "old", "new"), MONITORS)
def test_by_whom_a_host_is_monitored(release: Any, kind: str, name: str | None, old: Any, new: Any) -> None:
    expected = old if release < (7, 0) else new
    if expected is None:
        return  # 6.0 has no proxy groups: see test_resolve
    before = by_hand(in_sync(config(), release), monitor=("proxy", "8"))
    sent = payload(differ(release).compare(config(monitored_by=kind, monitor=name), before), release)
    assert {key: value for key, value in sent.items() if key not in ("hostid", "macros")} == expected


@pytest.mark.parametrize("release", RELEASES)
def test_groups_are_written_the_same_way_on_all_releases(release: Any) -> None:
    """Only reading changed its key in 6.2: host.update takes `groups` from 6.0 to 8.0."""
    sent = payload(
        differ(release).compare(config(groups=frozenset({"All", "Site A"})), in_sync(config(), release)), release
    )
    assert sent["groups"] == [{"groupid": "2"}, {"groupid": "10"}]


@pytest.mark.parametrize("release", RELEASES)
def test_all_codes_are_text_and_ids_are_sorted_as_numbers(release: Any) -> None:
    sent = payload(differ(release).create(config(groups=frozenset({"By hand", "All", "Site B"}))), release)
    assert [group["groupid"] for group in sent["groups"]] == ["2", "11", "90"]
    leaves: list[Any] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)
        else:
            leaves.append(value)

    walk(sent)
    assert {type(leaf) for leaf in leaves} == {str}


def test_here_and_only_here_secrets_are_in_clear() -> None:
    wanted = config(
        macros={"{$S}": secret("canary-macro")},
        interfaces=(snmp3(Secret("a", "canary-auth"), Secret("p", "canary-priv")),),
    )
    change = differ().create(wanted)
    assert "canary" not in repr(change)
    assert "canary" not in str(change)
    sent = json.dumps(payload(change, (7, 0)))
    assert all(canary in sent for canary in ("canary-macro", "canary-auth", "canary-priv"))
    assert "canary" not in repr(change), "payload must not change the change"


def test_a_call_can_be_made_twice() -> None:
    """A request whose answer was lost is made again from the same change."""
    change = differ().compare(config(macros={"{$M}": Macro("two")}), in_sync(config(macros={"{$M}": Macro("one")})))
    assert payload(change, (7, 0)) == payload(change, (7, 0))


MACRO_LISTS = [
    # what is wanted on a host with {$M} (ours) and {$HAND}; what is sent
    (config(macros={"{$M}": Macro("one")}), None),  # all is right
    (config(macros={"{$M}": Macro("two")}), ["{$HAND}", "{$M}=two", MACRO_APPLIED]),
    (config(macros={}), ["{$HAND}", MACRO_APPLIED]),
    (config(macros={"{$M}": Macro("one")}, name="Other"), ["{$M}", "{$HAND}", MACRO_APPLIED]),
    (config(macros={"{$M}": Macro("one"), "{$N}": Macro("new")}), ["{$M}", "{$HAND}", "{$N}=new", MACRO_APPLIED]),
]


@pytest.mark.parametrize(("wanted", "expected"), MACRO_LISTS)
def test_macros_that_stay_go_by_their_id_alone(wanted: Any, expected: list[str] | None) -> None:
    before = with_macro(in_sync(config(macros={"{$M}": Macro("one")})), "{$HAND}", None, "secret")
    names = {macro.hostmacroid: macro.macro for macro in before.macros}
    change = differ().compare(wanted, before)
    if expected is None:
        assert change is None
        return
    found = []
    for macro in payload(change, (7, 0))["macros"]:
        if set(macro) == {"hostmacroid"}:
            found.append(names[macro["hostmacroid"]])
        elif macro["macro"] == MACRO_APPLIED:
            assert names[macro["hostmacroid"]] == MACRO_APPLIED
            found.append(MACRO_APPLIED)
        else:
            found.append(f"{macro['macro']}={macro['value']}")
    assert sorted(found) == sorted(expected)


def test_a_drift_that_leaves_the_record_as_it_is_sends_no_macros() -> None:
    before = by_hand(in_sync(config()), tags=frozenset())
    assert set(payload(differ().compare(config(), before), (7, 0))) == {"hostid", "tags"}


def test_a_drifted_macro_leaves_the_record_by_its_id() -> None:
    before = with_macro(in_sync(config(macros={"{$M}": Macro("one")})), "{$M}", "by hand")
    applied = next(macro.hostmacroid for macro in before.macros if macro.macro == MACRO_APPLIED)
    sent = payload(differ().compare(config(macros={"{$M}": Macro("one")}), before), (7, 0))["macros"]
    assert sent[-1] == {"hostmacroid": applied}
    assert [(macro["macro"], macro["value"]) for macro in sent[:-1]] == [("{$M}", "one")]
