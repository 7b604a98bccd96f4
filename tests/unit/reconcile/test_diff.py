"""Last applied, desired, live: what is written, and why it is said to differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import Macro, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.diff import differences
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.payload import payload
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.text import plan_as_text
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import MACRO_APPLIED, ZabbixHost
from unit.reconcile.samples import (
    INSTANCE,
    agent,
    by_hand,
    config,
    differ,
    in_sync,
    macros_of,
    secret,
    settings,
    shown,
    snmp,
    snmp3,
    with_macro,
    zabbix_after,
)

OURS = {("netbox_instance", INSTANCE), ("netbox_id", "device:1")}
A, B, HAND = "Site A", "Site B", "By hand"
GROUPID = {"All": "2", A: "10", B: "11", HAND: "90"}
TEMPLATEID = {"ICMP Ping": "100", "Linux": "101", "Windows": "102", HAND: "190"}


def test_a_host_that_is_right_has_no_change() -> None:
    assert differ().compare(config(), in_sync(config())) is None


# --- lists that are merged: (applied, desired, live) -> what is live afterwards, and why it was written
#
# `unchanged` stands for: no write at all.

GROUP_CASES = [
    # applied        desired        live                  afterwards            differences
    ({"All"}, {"All", A}, {"All"}, {"All", A}, [(A, "pending")]),
    ({"All", A}, {"All", A}, {"All"}, {"All", A}, [(A, "drifted")]),
    ({"All", A}, {"All"}, {"All", A}, {"All"}, [(A, "pending")]),
    ({"All", A}, {"All"}, {"All"}, {"All"}, [("record", "pending")]),
    ({"All"}, {"All"}, {"All", HAND}, {"All", HAND}, []),
    ({"All", A}, {"All", B}, {"All", A, HAND}, {"All", B, HAND}, [(A, "pending"), (B, "pending")]),
    ({"All"}, {"All", HAND}, {"All", HAND}, {"All", HAND}, [("record", "pending")]),
    ({"All", HAND}, {"All"}, {"All", HAND}, {"All"}, [(HAND, "pending")]),
    # the record is lost: nobody can know that A was ours, so it stays
    (None, {"All"}, {"All", A}, {"All", A}, [("record", "pending")]),
]


@pytest.mark.parametrize(("applied", "desired", "live", "afterwards", "why"), GROUP_CASES)
def test_groups(applied: set[str] | None, desired: set[str], live: set[str], afterwards: set[str], why: list) -> None:
    before = _live(config(groups=frozenset(applied or desired)), lost=applied is None)
    before = by_hand(before, groups=frozenset(GROUPID[name] for name in live))
    change = differ().compare(config(groups=frozenset(desired)), before)
    assert _why(change, "groups") == sorted(why)
    assert _after(change, before).groups == {GROUPID[name] for name in afterwards}


TEMPLATE_CASES = [
    ({"ICMP Ping"}, {"Linux"}, {"ICMP Ping"}, {"Linux"}, [("ICMP Ping", "pending"), ("Linux", "pending")]),
    ({"ICMP Ping"}, {"ICMP Ping"}, {"ICMP Ping", HAND}, {"ICMP Ping", HAND}, []),
    ({"ICMP Ping"}, {"ICMP Ping"}, {HAND}, {"ICMP Ping", HAND}, [("ICMP Ping", "drifted")]),
    ({"ICMP Ping", "Linux"}, {"Linux"}, {"ICMP Ping", "Linux", HAND}, {"Linux", HAND}, [("ICMP Ping", "pending")]),
    ({"ICMP Ping"}, set(), {"ICMP Ping"}, set(), [("ICMP Ping", "pending")]),
    ({"ICMP Ping"}, set(), {"ICMP Ping", HAND}, {HAND}, [("ICMP Ping", "pending")]),
    (None, {"Linux"}, {"ICMP Ping"}, {"ICMP Ping", "Linux"}, [("Linux", "pending")]),
]


@pytest.mark.parametrize(("applied", "desired", "live", "afterwards", "why"), TEMPLATE_CASES)
def test_templates(
    applied: set[str] | None, desired: set[str], live: set[str], afterwards: set[str], why: list
) -> None:
    before = _live(config(templates=frozenset(applied or desired)), lost=applied is None)
    before = by_hand(before, templates=frozenset(TEMPLATEID[name] for name in live))
    change = differ().compare(config(templates=frozenset(desired)), before)
    assert _why(change, "templates") == sorted(why)
    assert _after(change, before).templates == {TEMPLATEID[name] for name in afterwards}


SITE, OTHER, MINE = ("site", "ams"), ("site", "ber"), ("by", "hand")
TAG_CASES = [
    ({SITE}, {OTHER}, {SITE}, {OTHER}, [("site", "pending"), ("site", "pending")]),
    ({SITE}, {SITE}, {SITE, MINE}, {SITE, MINE}, []),
    ({SITE}, {SITE}, {MINE}, {SITE, MINE}, [("site", "drifted")]),
    ({SITE}, set(), {SITE, MINE}, {MINE}, [("site", "pending")]),
    # a value changed by hand is another tag: ours comes back, theirs stays
    ({SITE}, {SITE}, {OTHER}, {SITE, OTHER}, [("site", "drifted")]),
    ({SITE}, set(), {OTHER}, {OTHER}, [("record", "pending")]),
    (None, {SITE}, {OTHER}, {SITE, OTHER}, [("site", "pending")]),
]


@pytest.mark.parametrize(("applied", "desired", "live", "afterwards", "why"), TAG_CASES)
def test_tags(applied: set | None, desired: set, live: set, afterwards: set, why: list) -> None:
    before = _live(config(tags=frozenset(desired if applied is None else applied)), lost=applied is None)
    before = by_hand(before, tags=frozenset(live | OURS))
    change = differ().compare(config(tags=frozenset(desired)), before)
    assert _why(change, "tags") == sorted(why)
    assert _after(change, before).tags == afterwards | OURS


def test_the_ownership_tags_come_back() -> None:
    before = by_hand(in_sync(config()), tags=frozenset({("netbox_id", "device:1")}))
    change = differ().compare(config(), before)
    assert shown(change) == [("tags", "netbox_instance", "pending")]
    assert _after(change, before).tags == OURS


# --- macros

MACRO_CASES = [
    # applied      desired        live (None: gone)    afterwards     difference
    ("one", "two", ("text", "one"), ("text", "two"), "pending"),
    ("one", "one", ("text", "by hand"), ("text", "one"), "drifted"),
    ("one", "one", None, ("text", "one"), "drifted"),
    ("one", "one", ("text", "one"), ("text", "one"), None),
    ("one", None, ("text", "one"), None, "pending"),
    ("one", None, ("text", "by hand"), None, "pending"),
    (None, None, ("text", "by hand"), ("text", "by hand"), None),
    (None, "one", ("text", "by hand"), ("text", "one"), "pending"),
    ("one", "one", ("vault", "one"), ("text", "one"), "drifted"),
]


@pytest.mark.parametrize(("applied", "desired", "live", "afterwards", "why"), MACRO_CASES)
def test_macros(
    applied: str | None, desired: str | None, live: tuple | None, afterwards: tuple | None, why: str
) -> None:
    def wanting(value: str | None) -> Any:
        return config(macros={} if value is None else {"{$M}": Macro(value)})

    before = with_macro(in_sync(wanting(applied)), "{$MINE}", "stays")
    before = by_hand(before, macros=tuple(macro for macro in before.macros if macro.macro != "{$M}"))
    if live is not None:
        before = with_macro(before, "{$M}", live[1], live[0])
    change = differ().compare(wanting(desired), before)
    assert shown(change) == ([] if why is None else [("macros", "{$M}", why)])
    found = macros_of(_after(change, before))
    assert found.pop("{$MINE}") == ("text", "stays")
    assert found == ({} if afterwards is None else {"{$M}": afterwards})


SECRET_CASES = [
    # applied     desired        live type, digest key then and now      difference
    ("one", "one", "secret", "k", "k", None),
    ("one", "two", "secret", "k", "k", "pending"),
    # its value may have been changed by hand, nobody can see it: what was given is taken for what is there
    ("one", "one", None, "k", "k", "drifted"),
    ("one", "one", "text", "k", "k", "drifted"),
    ("one", "one", "secret", "k", "another", "pending"),
]


@pytest.mark.parametrize(("applied", "desired", "kind", "key", "new_key", "why"), SECRET_CASES)
def test_secret_macros(applied: str, desired: str, kind: str | None, key: str, new_key: str, why: str | None) -> None:
    given = config(macros={"{$S}": secret(applied)})
    before = zabbix_after(differ(key=key).create(given), (7, 0), "10001")
    before = by_hand(before, macros=tuple(macro for macro in before.macros if macro.macro != "{$S}"))
    if kind is not None:
        before = with_macro(before, "{$S}", None if kind == "secret" else applied, kind)
    change = differ(key=new_key).compare(config(macros={"{$S}": secret(desired)}), before)
    assert shown(change) == ([] if why is None else [("macros", "{$S}", why)])
    if change is not None:
        (sent,) = [macro for macro in payload(change, (7, 0))["macros"] if macro.get("macro") == "{$S}"]
        assert (sent["value"], sent["type"]) == (desired, "1")


def test_macros_of_others_go_by_their_id_and_nothing_else() -> None:
    before = with_macro(in_sync(config(macros={"{$M}": Macro("one")})), "{$SECRET.OF.OTHERS}", None, "secret")
    ids = {macro.macro: macro.hostmacroid for macro in before.macros}
    for desired in (config(macros={"{$M}": Macro("two")}), config(macros={}), config(description="changes the record")):
        sent = payload(differ().compare(desired, before), (7, 0))["macros"]
        assert {"hostmacroid": ids["{$SECRET.OF.OTHERS}"]} in sent
        assert [macro["hostmacroid"] for macro in sent if macro.get("macro") == MACRO_APPLIED] == [ids[MACRO_APPLIED]]


# --- scalars

SCALAR_CASES = [
    # attribute       desired                      by hand                    applied before
    ("host", "sw1", "other", "sw0"),
    ("name", "Switch 1", "Other", "Switch 0"),
    ("status", "enabled", "disabled", "disabled"),
    ("description", "ours", "theirs", "older"),
    ("inventory_mode", "manual", "automatic", "disabled"),
]


@pytest.mark.parametrize(("attribute", "desired", "changed", "older"), SCALAR_CASES)
def test_scalars(attribute: str, desired: str, changed: str, older: str) -> None:
    wanted = config(**{attribute: desired})
    drifted = by_hand(in_sync(wanted), **{attribute: changed})
    pending = in_sync(config(**{attribute: older}))
    for before, reason in ((drifted, "drifted"), (pending, "pending")):
        change = differ().compare(wanted, before)
        assert shown(change) == [(attribute, "", reason)]
        assert getattr(_after(change, before), attribute) == desired


@pytest.mark.parametrize("attribute", ["description", "inventory_mode", "monitor"])
def test_what_the_policy_does_not_give_is_left_alone(attribute: str) -> None:
    other = {"description": "by hand", "inventory_mode": "automatic", "monitor": ("proxy", "8")}[attribute]
    assert differ().compare(config(), by_hand(in_sync(config()), **{attribute: other})) is None


@pytest.mark.parametrize(
    ("monitored_by", "monitor", "expected"),
    [
        ("server", None, ("server", "0")),
        ("proxy", "proxy-1", ("proxy", "7")),
        ("proxy_group", "Branches", ("proxy_group", "5")),
    ],
)
def test_the_monitor(monitored_by: str, monitor: str | None, expected: tuple[str, str]) -> None:
    wanted = config(monitored_by=monitored_by, monitor=monitor)
    assert in_sync(wanted).monitor == expected
    drifted = by_hand(in_sync(wanted), monitor=("proxy", "8"))
    for before, reason in ((drifted, "drifted"), (by_hand(in_sync(config()), monitor=("proxy", "8")), "pending")):
        change = differ().compare(wanted, before)
        assert shown(change) == [("monitored_by", "", reason)]
        assert change.differences[0].before == "proxy proxy-2"
        assert _after(change, before).monitor == expected


def test_a_text_with_other_line_ends_is_the_same_text() -> None:
    wanted = config(description="one\r\ntwo\r\n", inventory_mode="manual", inventory={"notes": "a\r\nb "})
    before = in_sync(wanted)
    assert (before.description, before.inventory) == ("one\ntwo", {"notes": "a\nb"})
    assert differ().compare(wanted, before) is None


def test_a_changed_description_of_several_lines_has_drifted() -> None:
    wanted = config(description="one\r\ntwo")
    assert shown(differ().compare(wanted, by_hand(in_sync(wanted), description="by hand"))) == [
        ("description", "", "drifted")
    ]


# --- inventory


INVENTORY_CASES = [
    # applied      desired       live          afterwards    difference
    ("one", "one", "one", "one", None),
    ("one", "two", "one", "two", "pending"),
    ("one", "one", "theirs", "one", "drifted"),
    ("one", "one", None, "one", "drifted"),
    ("one", None, "one", None, "pending"),
    ("one", None, "theirs", "theirs", "record"),  # a person made it theirs
    (None, None, "theirs", "theirs", None),
]


@pytest.mark.parametrize(("applied", "desired", "live", "afterwards", "why"), INVENTORY_CASES)
def test_inventory(
    applied: str | None, desired: str | None, live: str | None, afterwards: str | None, why: str | None
) -> None:
    def wanting(value: str | None) -> Any:
        return config(inventory_mode="manual", inventory={} if value is None else {"notes": value})

    before = by_hand(in_sync(wanting(applied)), inventory={"os": "by hand", **({"notes": live} if live else {})})
    change = differ().compare(wanting(desired), before)
    expected = {None: [], "record": [("record", "", "pending")]}.get(why, [("inventory", "notes", why)])
    assert shown(change) == expected
    assert _after(change, before).inventory == {"os": "by hand", **({"notes": afterwards} if afterwards else {})}


def test_an_inventory_text_of_several_lines_goes_too() -> None:
    before = in_sync(config(inventory_mode="manual", inventory={"site_notes": "Dam 1\r\nAmsterdam"}))
    change = differ().compare(config(inventory_mode="manual"), before)
    assert _after(change, before).inventory == {}


def test_an_inventory_can_be_switched_off() -> None:
    before = in_sync(config(inventory_mode="manual", inventory={"notes": "one"}))
    wanted = config(inventory_mode="disabled")
    change = differ().compare(wanted, before)
    after = _after(change, before)
    assert (after.inventory_mode, after.inventory) == ("disabled", {})
    assert differ().compare(wanted, after) is None


def test_an_inventory_text_of_blanks_settles() -> None:
    wanted = config(inventory_mode="manual", inventory={"notes": " \r\n"})
    before = in_sync(wanted)
    assert differ().compare(wanted, before) is None


# --- the record, what is shown


@pytest.mark.parametrize("damage", [None, "", "2|future", "garbage"])
def test_a_lost_record_is_written_again_and_nothing_else(damage: str | None) -> None:
    before = in_sync(config())
    if damage is None:
        before = by_hand(before, macros=())
    else:
        before = by_hand(before, macros=tuple(replace(macro, value=damage) for macro in before.macros))
    change = differ().compare(config(), before)
    assert shown(change) == [("record", "", "pending")]
    assert set(payload(change, (7, 0))) == {"hostid", "macros"}
    assert _after(change, before).applied == in_sync(config()).applied


def test_a_record_hidden_as_a_secret_is_made_readable_again() -> None:
    before = in_sync(config())
    before = by_hand(before, macros=(replace(before.macros[0], type="secret", value=None),))
    assert _after(differ().compare(config(), before), before).applied == in_sync(config()).applied


def test_only_what_differs_is_sent() -> None:
    before = in_sync(config())
    cases = {
        "name": config(name="Other"),
        "groups": config(groups=frozenset({"All", A})),
        "templates": config(templates=frozenset({"Linux"})),
        "tags": config(tags=frozenset({SITE})),
        "status": config(status="disabled"),
        "interfaces": config(interfaces=(agent("10.0.0.2"),)),
    }
    for attribute, wanted in cases.items():
        sent = payload(differ().compare(wanted, before), (7, 0))
        assert set(sent) == {"hostid", attribute, "macros"}, attribute
    drifted = by_hand(before, name="by hand")
    assert payload(differ().compare(config(), drifted), (7, 0)) == {"hostid": "10001", "name": "Switch 1"}


def test_a_new_host_lists_all_that_it_gets() -> None:
    wanted = config(
        description="d",
        groups=frozenset({"All", "New"}),
        tags=frozenset({SITE}),
        macros={"{$M}": Macro("v"), "{$S}": secret("tiger")},
        inventory_mode="manual",
        inventory={"notes": "n"},
        monitored_by="proxy",
        monitor="proxy-1",
        origins={"host": "names", "templates/ICMP Ping": "everything"},
    )
    change = differ().create(wanted)
    found = {(item.attribute, item.element): item for item in differences(change, settings())}
    assert {key: item.after for key, item in found.items()} == {
        ("host", ""): "sw1",
        ("name", ""): "Switch 1",
        ("status", ""): "enabled",
        ("description", ""): "d",
        ("monitored_by", ""): "proxy proxy-1",
        ("groups", "All"): "All",
        ("groups", "New"): "New (new host group)",
        ("templates", "ICMP Ping"): "ICMP Ping",
        ("interfaces", "agent"): "10.0.0.1:10050",
        ("tags", "site"): "ams",
        ("macros", "{$M}"): "v",
        ("macros", "{$S}"): "********",
        ("inventory_mode", ""): "manual",
        ("inventory", "notes"): "n",
    }
    assert {item.reason for item in found.values()} == {"new"}
    assert found["templates", "ICMP Ping"].origin == "everything"
    assert change.record is None  # the group has no id yet
    with pytest.raises(ValueError, match="no ids yet"):
        payload(change, (7, 0))


def test_the_weight_of_a_change_is_the_items_that_come() -> None:
    assert differ().create(config(templates=frozenset({"ICMP Ping", "Linux"}))).weight == 63
    before = in_sync(config())
    assert differ().compare(config(templates=frozenset({"ICMP Ping", "Linux"})), before).weight == 60
    assert differ().compare(config(name="Other"), before).weight == 0


def test_no_secret_is_shown() -> None:
    """Neither ours, nor one that a person put where ours belongs."""
    community = Secret("community", "canary-community")
    ours = config(
        macros={"{$S}": Macro(Secret("s", "canary-macro"), "secret")},
        interfaces=(snmp(details=(("bulk", "1"), ("community", community), ("version", "2"))),),
    )
    v3 = replace(ours, interfaces=(snmp3(Secret("a", "canary-auth"), Secret("p", "canary-priv")),))
    theirs = in_sync(replace(ours, interfaces=(snmp3("canary-by-hand-1", "canary-by-hand-2"),)))
    stranger = with_macro(in_sync(config()), "{$S}", None, "secret")
    texts = []
    for wanted, before in (
        (ours, stranger),
        (v3, in_sync(ours)),
        (v3, theirs),
        (ours, theirs),
        (config(), in_sync(v3)),
    ):
        change = differ().compare(wanted, before)
        assert change is not None
        texts.append(plan_as_text(Plan(changes=[change, differ().create(wanted)]), settings()))
        texts.append(change.record)
    assert "canary" not in "\n".join(texts)
    assert "********" in texts[0]


def _live(applied: Any, lost: bool) -> ZabbixHost:
    host = in_sync(applied)
    return by_hand(host, macros=()) if lost else host


def _after(change: Any, before: ZabbixHost) -> ZabbixHost:
    """Return the host after the change, which has to leave nothing to be done."""
    if change is None:
        return before
    after = zabbix_after(change, (7, 0))
    assert differ().compare(change.config, after) is None
    return after


def _why(change: Any, attribute: str) -> list[tuple[str, str]]:
    assert {item.attribute for item in change.differences} <= {attribute, "record"} if change else True
    return [(element or what, reason) for what, element, reason in shown(change)]
