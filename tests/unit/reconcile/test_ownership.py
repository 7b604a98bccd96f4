"""Who owns an attribute, and the attributes of which Zabbix does not tell everything: TLS and IPMI."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig, Macro, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.diff import parse_ownership
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.payload import payload
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.text import plan_as_text
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import LiveInterface, ZabbixHost
from unit.reconcile.samples import (
    agent,
    by_hand,
    config,
    differ,
    in_sync,
    macros_of,
    new_host,
    settings,
    shown,
    with_macro,
    zabbix_after,
)

FULL = config(
    tags=frozenset({("site", "ams")}),
    macros={"{$M}": Macro("one")},
    inventory_mode="manual",
    inventory={"notes": "one"},
    monitored_by="proxy",
    monitor="proxy-1",
    description="ours",
)
#: what a person adds to each attribute, and what is there of it
ADDED: dict[str, Any] = {
    "groups": lambda host: by_hand(host, groups=host.groups | {"90"}),
    "templates": lambda host: by_hand(host, templates=host.templates | {"190"}),
    "tags": lambda host: by_hand(host, tags=host.tags | {("by", "hand")}),
    "macros": lambda host: with_macro(host, "{$HAND}", "x"),
    "inventory": lambda host: by_hand(host, inventory={**host.inventory, "os": "x"}),
    "interfaces": lambda host: by_hand(
        host, interfaces=(*host.interfaces, LiveInterface("90", "agent", False, True, "10.9.9.9", "", "10050", ()))
    ),
}


def content(host: ZabbixHost, attribute: str) -> Any:
    return macros_of(host) if attribute == "macros" else getattr(host, attribute)


def settled(change: Any, **ownership: str) -> ZabbixHost:
    after = zabbix_after(change, (7, 0))
    assert differ(**ownership).compare(change.config, after) is None
    return after


@pytest.mark.parametrize("attribute", ADDED)
def test_merged_what_others_added_stays(attribute: str) -> None:
    assert differ().compare(FULL, ADDED[attribute](in_sync(FULL))) is None


@pytest.mark.parametrize("attribute", ADDED)
def test_replaced_what_others_added_goes_as_drift(attribute: str) -> None:
    before = in_sync(FULL)
    change = differ(**{attribute: "replace"}).compare(FULL, ADDED[attribute](before))
    assert {(what, reason) for what, dummy, reason in shown(change)} <= {(attribute, "drifted"), (attribute, "pending")}
    after = settled(change, **{attribute: "replace"})
    assert content(after, attribute) == content(before, attribute)


CHANGED: dict[str, HostConfig] = {
    "groups": replace(FULL, groups=frozenset({"Site A"})),
    "templates": replace(FULL, templates=frozenset({"Linux"})),
    "tags": replace(FULL, tags=frozenset({("site", "ber")})),
    "macros": replace(FULL, macros={"{$M}": Macro("two")}),
    "inventory": replace(FULL, inventory={"notes": "two"}),
    "interfaces": replace(FULL, interfaces=(agent("10.0.0.2"),)),
    "description": replace(FULL, description="new"),
    "status": replace(FULL, status="disabled"),
    "monitored_by": replace(FULL, monitor="proxy-2"),
    "name": replace(FULL, name="Other"),
}


@pytest.mark.parametrize("attribute", CHANGED)
@pytest.mark.parametrize("mode", ["create_only", "ignore"])
def test_what_is_not_ours_is_never_written_again(attribute: str, mode: str) -> None:
    if (attribute, mode) in (("groups", "ignore"), ("name", "ignore")):
        with pytest.raises(InputError):
            parse_ownership({attribute: mode})
        return
    comparing = differ(**{attribute: mode})
    host = new_host(comparing.create(FULL))
    assert comparing.compare(CHANGED[attribute], host) is None
    if attribute in ADDED:
        assert comparing.compare(FULL, ADDED[attribute](host)) is None
    # and all the rest is kept right as ever
    drifted = by_hand(host, tags=frozenset())
    assert {what for what, dummy, dummy in shown(comparing.compare(CHANGED[attribute], drifted))} == {"tags"}


@pytest.mark.parametrize("attribute", ["templates", "tags", "macros", "inventory", "interfaces", "description"])
def test_a_new_host_gets_what_is_only_for_new_ones(attribute: str) -> None:
    given, ignored = (new_host(differ(**{attribute: mode}).create(FULL)) for mode in ("create_only", "ignore"))
    assert content(given, attribute) == content(in_sync(FULL), attribute)
    assert content(ignored, attribute) != content(given, attribute)
    assert {"netbox_id", "netbox_instance"} <= {tag for tag, dummy in ignored.tags}


@pytest.mark.parametrize("attribute", ADDED)
def test_giving_an_attribute_up_removes_nothing(attribute: str) -> None:
    """From merge to create_only: what was ours counts as other people's from now on."""
    before = in_sync(FULL)
    comparing = differ(**{attribute: "create_only"})
    change = comparing.compare(CHANGED[attribute], before)
    assert shown(change) == [("record", "", "pending")]
    after = settled(change, **{attribute: "create_only"})
    assert content(after, attribute) == content(before, attribute)
    # and taken up again, it is not taken away
    again = differ().compare(FULL, after)
    assert content(settled(again), attribute) == content(before, attribute)


WRONG = [
    ({"template": "merge"}, 'no attribute "template". Did you mean "templates"'),
    ({"templates": "replaced"}, '"replaced" is none of merge, replace, create_only, ignore. Did you mean "replace"'),
    ({"host": "ignore"}, "netbox_zabbix_ownership.host"),
    ({"status": "merge"}, "netbox_zabbix_ownership.status"),
]


@pytest.mark.parametrize(("given", "text"), WRONG)
def test_a_wrong_ownership_is_named(given: dict[str, str], text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_ownership(given)
    assert text in str(caught.value)


# --- templates that take their history with them


def test_templates_are_unlinked_or_cleared() -> None:
    before = in_sync(config(templates=frozenset({"ICMP Ping", "Linux"})))
    comparing = differ()
    wanted = config(templates=frozenset({"Linux"}))
    assert "templates_clear" not in payload(comparing.compare(wanted, before), (7, 0))
    comparing.clear = True
    change = comparing.compare(wanted, before)
    assert payload(change, (7, 0))["templates_clear"] == [{"templateid": "100"}]
    assert change.cleared_items == 3
    assert comparing.compare(wanted, by_hand(in_sync(wanted), name="x")).cleared_items == 0


# --- TLS and IPMI


PSK = Secret("psk", "canary" + "0" * 32)
ENCRYPTED = config(more={"tls_connect": "psk", "tls_accept": "psk", "tls_psk_identity": "id", "tls_psk": PSK})


def more(host: ZabbixHost, **changes: str) -> ZabbixHost:
    return by_hand(host, more={**host.more, **changes})


def test_a_new_host_with_a_pre_shared_key() -> None:
    sent = payload(differ().create(ENCRYPTED), (7, 0))
    assert {name: value for name, value in sent.items() if name.startswith("tls")} == {
        "tls_connect": "2",
        "tls_accept": "2",
        "tls_psk_identity": "id",
        "tls_psk": PSK.value,
    }
    assert differ().compare(ENCRYPTED, in_sync(ENCRYPTED)) is None


PSK_CASES = [
    # the policy's change, what a person did, differences, what is sent
    ({}, {"tls_connect": "none"}, [("tls_connect", "drifted")], {"tls_connect", "tls_psk", "tls_psk_identity"}),
    ({"tls_psk": Secret("psk", "f" * 32)}, {}, [("tls_psk", "pending")], {"tls_psk", "tls_psk_identity"}),
    ({"tls_psk_identity": "new"}, {}, [("tls_psk_identity", "pending")], {"tls_psk", "tls_psk_identity"}),
    ({"tls_accept": "none, psk"}, {}, [("tls_accept", "pending")], {"tls_accept", "tls_psk", "tls_psk_identity"}),
]


@pytest.mark.parametrize(("wanted", "drift", "why", "sent"), PSK_CASES)
def test_changes_of_a_pre_shared_key(wanted: Any, drift: Any, why: Any, sent: set[str]) -> None:
    desired = replace(ENCRYPTED, more=ENCRYPTED.more | wanted)
    change = differ().compare(desired, more(in_sync(ENCRYPTED), **drift))
    assert [(what, reason) for what, dummy, reason in shown(change)] == why
    assert {name for name in payload(change, (7, 0)) if name.startswith("tls")} == sent
    settled(change)


def test_encryption_can_be_switched_off() -> None:
    change = differ().compare(config(more={"tls_connect": "none", "tls_accept": "none"}), in_sync(ENCRYPTED))
    assert {name for name in payload(change, (7, 0)) if name.startswith("tls")} == {"tls_connect", "tls_accept"}
    after = settled(change)
    assert settled(differ().compare(ENCRYPTED, after)).more == in_sync(ENCRYPTED).more


def test_a_pre_shared_key_needs_the_digest_key() -> None:
    for wanted in (ENCRYPTED, config(macros={"{$S}": Macro(Secret("s", "x"), "secret")})):
        with pytest.raises(InputError, match="netbox_zabbix_digest_key"):
            differ(key="").create(wanted)
        with pytest.raises(InputError, match="netbox_zabbix_digest_key"):
            differ(key="").compare(wanted, in_sync(config()))


def test_a_pre_shared_key_is_not_shown() -> None:
    other = replace(ENCRYPTED, more=ENCRYPTED.more | {"tls_psk": Secret("psk", "canary" + "1" * 32)})
    changes = [differ().create(ENCRYPTED), differ().compare(other, in_sync(ENCRYPTED))]
    text = plan_as_text(Plan(changes=changes), settings())
    assert "tls_psk" in text
    assert "canary" not in text + repr(changes)


IPMI = config(more={"ipmi_username": "admin", "ipmi_password": Secret("p", "canary-wanted")})


def test_ipmi_credentials_are_compared_with_what_is_there() -> None:
    before = in_sync(IPMI)
    assert before.more["ipmi_password"] == "canary-wanted"
    assert differ().compare(IPMI, before) is None
    change = differ().compare(IPMI, more(before, ipmi_password="other"))
    assert shown(change) == [("ipmi_password", "", "drifted")]
    settled(change)


def test_an_ipmi_password_is_not_shown_whosever_it_is() -> None:
    before = more(in_sync(IPMI), ipmi_password="canary-by-hand")
    text = plan_as_text(Plan(changes=[differ().compare(IPMI, before), differ().create(IPMI)]), settings())
    assert "ipmi_password" in text
    assert "canary" not in text


def test_blanks_around_a_text_settle() -> None:
    wanted = config(more={"tls_connect": "certificate", "tls_subject": "CN=x "})
    assert differ().compare(wanted, in_sync(wanted)) is None
