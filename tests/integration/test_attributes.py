"""Every attribute of the table, on a real Zabbix: created, changed, drifted by hand and repaired, and idempotent.

The tests are made from the table: a new row is tested without new code here.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.attribute_table import (
    CHOICE,
    CHOICES,
    CREATE_ONLY,
    IGNORE,
    REPLACE,
    SCALARS,
    SECRET,
    Attribute,
)

from integration.world import World, of, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

SECRETS = {"one": "00112233445566778899aabbccddeeff", "two": "ffeeddccbbaa99887766554433221100"}
OPTIONS: dict[str, Any] = {"digest_key": "a long random key for tests"}
#: by kind, since a password is shorter than a key
SHORT = {"one": "canary-1", "two": "canary-2"}


def secrets(row: Attribute) -> dict[str, str]:
    return SECRETS if row.name == "tls_psk" else SHORT


def samples(row: Attribute) -> tuple[Any, Any]:
    """Return two values of a row, as a policy gives them."""
    words = list(row.codes)
    if row.kind == CHOICE:
        return words[-1], words[-2]
    if row.kind == CHOICES:
        return [words[0], words[-1]], [words[-1]]
    if row.kind == SECRET:
        return {"secret": "one"}, {"secret": "two"}
    return "value-one"[: row.length], "value-two"[: row.length]


def needs(row: Attribute, value: Any) -> dict[str, Any]:
    """Return what else a value needs so that Zabbix takes it."""
    words = {row.only_with, *(value if isinstance(value, list) else [value] if isinstance(value, str) else [])}
    more: dict[str, Any] = {}
    if row.only_with and row.name not in ("tls_connect", "tls_accept"):
        more["tls_accept"] = [row.only_with]
    if "psk" in words:
        more.update({"tls_psk_identity": "identity", "tls_psk": {"secret": "psk"}})
    more.pop(row.key, None)
    return more


def given(row: Attribute, value: Any) -> list[dict[str, Any]]:
    return policy(**{row.key: value}, **needs(row, value))


def options(row: Attribute) -> dict[str, Any]:
    return {**OPTIONS, "secrets": {**secrets(row), "psk": SECRETS["one"]}}


def live(world: World) -> dict[str, Any]:
    (host,) = world.ours()
    return host


def expected(row: Attribute, value: Any) -> str:
    """Return what Zabbix has for a value."""
    if row.kind == SECRET:
        return secrets(row)[value["secret"]]
    return row.encode(", ".join(value) if isinstance(value, list) else value)


@pytest.mark.parametrize("row", SCALARS, ids=lambda row: row.name)
def test_created_changed_drifted_repaired(world: World, row: Attribute) -> None:
    one, two = samples(row)
    world.device("sw1")
    # created
    result = world.sync(given(row, one), **options(row), want_diff=True)
    assert not result.failed, result.message
    if not row.write_only:
        assert live(world)[row.api] == expected(row, one)
    assert not world.sync(given(row, one), **options(row)).changed, "a second run"
    # changed
    result = world.sync(given(row, two), **options(row), want_diff=True)
    assert not result.failed, result.message
    (host,) = result.hosts
    assert host.changes[0] == row.name or row.name in host.changes
    assert "pending" in host.reasons
    if not row.write_only:
        assert live(world)[row.api] == expected(row, two)
    assert not world.sync(given(row, two), **options(row)).changed, "a second run"
    assert not any(value in result.diff + str(result.as_dict()) for value in secrets(row).values() if row.secret)
    if row.write_only:
        return  # nobody can see what somebody changed by hand
    # drifted by hand, and repaired
    hand = {row.api: expected(row, one)}
    if row.name in ("tls_connect", "tls_accept") and "psk" in str(one):
        hand |= {"tls_psk_identity": "by hand", "tls_psk": SECRETS["two"]}
    world.zabbix.api("host.update", hostid=live(world)["hostid"], **hand)
    result = world.sync(given(row, two), **options(row))
    (host,) = result.hosts
    assert host.reasons == ["drifted"]
    assert row.name in host.changes
    assert live(world)[row.api] == expected(row, two)
    assert not world.sync(given(row, two), **options(row)).changed


@pytest.mark.parametrize("row", [row for row in SCALARS if CREATE_ONLY in row.modes], ids=lambda row: row.name)
def test_create_only_is_given_once(world: World, row: Attribute) -> None:
    one, two = samples(row)
    world.device("sw1")
    own = {"ownership": {row.name: CREATE_ONLY}, **options(row)}
    assert not world.sync(given(row, one), **own).failed
    before = live(world)
    result = world.sync(given(row, two), **own)
    assert row.name not in [change for host in result.hosts for change in host.changes]
    assert live(world).get(row.api) == before.get(row.api)


@pytest.mark.parametrize("row", [row for row in SCALARS if IGNORE in row.modes], ids=lambda row: row.name)
def test_ignored_is_never_touched(world: World, row: Attribute) -> None:
    world.device("sw1")
    world.sync()
    before = live(world)
    ignored = {other.name: IGNORE for other in SCALARS if other.only_with or other.name == row.name}
    result = world.sync(given(row, samples(row)[0]), ownership=ignored, **options(row))
    assert row.name not in [change for host in result.hosts for change in host.changes]
    assert live(world).get(row.api) == before.get(row.api)


def test_a_key_survives_when_encryption_is_switched_off_and_on_by_hand(world: World) -> None:
    world.device("sw1")
    psk = policy(tls_connect="psk", tls_accept=["none", "psk"], tls_psk_identity="id", tls_psk={"secret": "one"})
    given_secrets = {"secrets": SECRETS, **OPTIONS}
    assert not world.sync(psk, **given_secrets).failed
    world.zabbix.api("host.update", hostid=live(world)["hostid"], tls_connect=1, tls_accept=1)
    result = world.sync(psk, **given_secrets)
    assert not result.failed, result.message
    assert set(of(result, "sw1").changes) == {"tls_connect", "tls_accept"}
    assert (live(world)["tls_connect"], live(world)["tls_accept"]) == ("2", "3")
    assert not world.sync(psk, **given_secrets).changed


def test_a_rotated_key_is_sent_once(world: World) -> None:
    world.device("sw1")
    psk = policy(tls_connect="psk", tls_accept="psk", tls_psk_identity="id", tls_psk={"secret": "one"})
    assert not world.sync(psk, secrets=SECRETS, **OPTIONS).failed
    rotated = {"secrets": {**SECRETS, "one": SECRETS["two"]}, **OPTIONS}
    assert of(world.sync(psk, **rotated), "sw1").changes == ["tls_psk"]
    assert not world.sync(psk, **rotated).changed


def test_a_key_of_its_own_for_each_host(world: World) -> None:
    world.device("sw1")
    two = world.device("sw2")
    psk = policy(tls_connect="psk", tls_accept="psk", tls_psk_identity="psk {name}", tls_psk={"secret": "psk"})
    own = {"secrets": {"psk": {"sw1": SECRETS["one"], f"device:{two['id']}": SECRETS["two"]}}, **OPTIONS}
    result = world.sync(psk, **own)
    assert not result.failed, result.message
    assert not world.sync(psk, **own).changed
    world.device("sw3")
    assert 'secret "psk" has no value for it' in (of(world.sync(psk, **own), "sw3").error or "")


def test_a_secret_that_zabbix_never_tells_needs_the_key(world: World) -> None:
    world.device("sw1", local_context_data={"zabbix": {"macros": {"{$P}": {"secret": "one"}}}})
    assert "netbox_zabbix_digest_key" in (of(world.sync(secrets=SECRETS), "sw1").error or "")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"tls_connect": "psk"}, "needs both tls_psk_identity and tls_psk"),
        ({"tls_issuer": "CN=x"}, 'tls_issuer of mapping "everything" is for encryption by certificate'),
    ],
)
def test_encryption_that_zabbix_would_refuse(world: World, mapping: dict[str, Any], said: str) -> None:
    world.device("sw1")
    assert said in (of(world.sync(policy(**mapping)), "sw1").error or "")


# --- attributes made of elements: who owns the whole


def by_hand(world: World) -> None:
    """Add an element of each kind to the host, as people do."""
    host = live(world)
    group = world.zabbix.group("T/by hand")
    world.zabbix.api("host.massadd", {"hosts": [{"hostid": host["hostid"]}], "groups": [{"groupid": group}]})
    template = world.zabbix.template("Zabbix server health")
    tags = [{"tag": tag["tag"], "value": tag["value"]} for tag in host["tags"]]
    world.zabbix.api(
        "host.update",
        hostid=host["hostid"],
        tags=[*tags, {"tag": "team", "value": "blue"}],
        inventory={"alias": "by hand"},
        templates=[{"templateid": one["templateid"]} for one in host["parentTemplates"]] + [{"templateid": template}],
    )
    world.zabbix.api("usermacro.create", hostid=host["hostid"], macro="{$BY.HAND}", value="1")
    world.zabbix.api(
        "hostinterface.create", hostid=host["hostid"], type=4, main=1, useip=1, ip="10.9.9.9", dns="", port="12345"
    )


ELEMENTS = {
    "groups": "groups[T/by hand]",
    "templates": "templates[Zabbix server health]",
    "tags": "tags[team]",
    "macros": "macros[{$BY.HAND}]",
    "inventory": "inventory[alias]",
    "interfaces": "interfaces[jmx by hand]",
}


@pytest.mark.parametrize("attribute", ELEMENTS)
def test_replace_takes_away_what_others_added_and_merge_does_not(world: World, attribute: str) -> None:
    world.device("sw1", serial="S")
    # the template by hand brings items, which would hold its interface
    mappings = policy(macros={"{$OURS}": "1"})
    world.sync(mappings)
    by_hand(world)
    assert not world.sync(mappings).changed, "merge is the default"
    result = world.sync(mappings, ownership={attribute: REPLACE})
    assert not result.failed, result.message
    assert of(result, "sw1").changes == [ELEMENTS[attribute]]
    assert of(result, "sw1").reasons == ["drifted"]
    assert not world.sync(mappings, ownership={attribute: REPLACE}).changed


@pytest.mark.parametrize("mode", [CREATE_ONLY, IGNORE])
def test_elements_that_are_not_ours_to_keep(world: World, mode: str) -> None:
    own = {"ownership": dict.fromkeys(["templates", "tags", "macros", "inventory", "interfaces"], mode)}
    world.device("sw1", serial="S")
    mappings = policy(macros={"{$OURS}": "1"})
    assert not world.sync(mappings, **own).failed
    host = live(world)
    assert bool(host["parentTemplates"]) == (mode == CREATE_ONLY)
    assert bool(host["interfaces"]) == (mode == CREATE_ONLY)
    by_hand(world)
    other = policy(templates=["Zabbix proxy health"], tags={"x": "y"}, inventory={"name": "z"}, macros={"{$NEW}": "1"})
    before = live(world)
    assert not world.sync(other, **own).changed
    assert live(world) == before


def test_templates_can_be_cleared_and_the_plan_says_what_is_lost(world: World) -> None:
    world.device("sw1")
    both = policy(templates=["ICMP Ping", "Zabbix server health"])
    world.sync(both)
    result = world.sync(template_removal="clear", dry_run=True)
    assert result.stats["template_clears"] == 1
    assert result.stats["cleared_items"] > 10
    world.sync(template_removal="clear")
    items = world.zabbix.api("item.get", hostids=[live(world)["hostid"]], output=["key_"])
    assert {item["key_"].split("[")[0] for item in items} <= {"icmpping", "icmppingloss", "icmppingsec"}
    assert not world.sync(template_removal="clear").changed
