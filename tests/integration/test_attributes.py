"""Every attribute of the table, on a real Zabbix: created, changed, drifted by hand and repaired, and idempotent.

The tests are made from the table: a new row is tested without new code here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.attribute_table import (
    ATTRIBUTES,
    CHOICE,
    CHOICES,
    CREATE_ONLY,
    IGNORE,
    REPLACE,
    SCALARS,
    SECRET,
    Attribute,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.interfaces import (
    AUTH_PROTOCOLS,
    PRIVACY_PROTOCOLS,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.inventory_fields import INVENTORY_FIELDS

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


# --- attributes made of elements: created, changed, drifted by hand and repaired


@dataclass(frozen=True)
class Sample:
    """How an attribute made of elements is tested: two ways to give it, and what a person does to it in Zabbix."""

    one: dict[str, Any]
    two: dict[str, Any]
    by_hand: Callable[[World, dict[str, Any]], None]
    #: a part of what a result calls the difference
    change: str


def _update(**fields: Any) -> Callable[[World, dict[str, Any]], None]:
    return lambda world, host: world.zabbix.api("host.update", hostid=host["hostid"], **fields) and None


def _other_group(world: World, host: dict[str, Any]) -> None:
    group = world.zabbix.group("T/elsewhere")
    world.zabbix.api("host.update", hostid=host["hostid"], groups=[{"groupid": group}])


def _other_port(world: World, host: dict[str, Any]) -> None:
    interface = host["interfaces"][0]["interfaceid"]
    world.zabbix.api("hostinterface.update", interfaceid=interface, port="10099")


def _other_macro(world: World, host: dict[str, Any]) -> None:
    (macro,) = [macro for macro in host["macros"] if macro["macro"] == "{$A}"]
    world.zabbix.api("usermacro.update", hostmacroid=macro["hostmacroid"], value="by hand")


def _server(world: World, host: dict[str, Any]) -> None:
    fields = {"monitored_by": 0} if world.zabbix.release >= (7, 0) else {"proxy_hostid": 0}
    world.zabbix.api("host.update", hostid=host["hostid"], **fields)


def _marks_only(world: World, host: dict[str, Any]) -> None:
    marks = [tag for tag in host["tags"] if tag["tag"].startswith("netbox_")]
    world.zabbix.api("host.update", hostid=host["hostid"], tags=marks)


#: one for each row that is made of elements; a test below holds this against the table
SAMPLES = {
    "groups": Sample({"host_groups": ["T/a"]}, {"host_groups": ["T/b", "T/c"]}, _other_group, "groups[T/b]"),
    "templates": Sample(
        {"templates": ["ICMP Ping"]},
        {"templates": ["Zabbix server health"]},
        _update(templates=[]),
        "templates[Zabbix ",
    ),
    "monitored_by": Sample({"monitored_by": "server"}, {"proxy": "lab-proxy"}, _server, "monitored_by"),
    "interfaces": Sample(
        {"interfaces": [{"type": "agent"}]}, {"interfaces": [{"type": "agent", "port": 1}]}, _other_port, "agent.port"
    ),
    "tags": Sample({"tags": {"a": "1"}}, {"tags": {"a": ["2", "3"]}}, _marks_only, "tags[a]"),
    "macros": Sample({"macros": {"{$A}": "1"}}, {"macros": {"{$A}": "2"}}, _other_macro, "macros[{$A}]"),
    "inventory": Sample(
        {"inventory": {"os": "one"}}, {"inventory": {"os": "two"}}, _update(inventory={"os": "x"}), "inventory[os]"
    ),
}


def test_every_row_of_the_table_is_tested() -> None:
    assert {row.name for row in ATTRIBUTES} == {row.name for row in SCALARS} | set(SAMPLES)


@pytest.mark.parametrize("attribute", SAMPLES)
def test_elements_created_changed_drifted_repaired(world: World, attribute: str) -> None:
    sample = SAMPLES[attribute]
    clears = {"limits": {"template_removals": {"percent": None}}}
    world.device("sw1")
    for given_now in (sample.one, sample.two):
        result = world.sync(policy(**given_now), **clears)
        assert not result.failed, result.message
        assert len(result.hosts) == 1
        assert not world.sync(policy(**given_now), **clears).changed, "a second run"
    sample.by_hand(world, live(world))
    result = world.sync(policy(**sample.two))
    (host,) = result.hosts
    assert host.reasons == ["drifted"]
    assert any(sample.change in change for change in host.changes), host.changes
    assert not world.sync(policy(**sample.two)).changed


def test_all_seventy_inventory_fields(world: World) -> None:
    world.device("sw1")
    everything = policy(inventory={name: f"v {number}" for number, name in enumerate(INVENTORY_FIELDS)})
    assert not world.sync(everything).failed
    inventory = live(world)["inventory"]
    assert {name: inventory[name] for name in INVENTORY_FIELDS} == everything[0]["inventory"]
    assert not world.sync(everything).changed
    world.zabbix.api("host.update", hostid=live(world)["hostid"], inventory={"poc_2_notes": "by hand"})
    assert of(world.sync(everything), "sw1").changes == ["inventory[poc_2_notes]"]


def test_every_protocol_of_snmp_version_3(world: World) -> None:
    mappings = policy(interfaces=[{"type": "snmp", "version": 3, "security_name": "m"}])
    pairs = [*((auth, "aes128") for auth in AUTH_PROTOCOLS), *(("sha256", privacy) for privacy in PRIVACY_PROTOCOLS)]
    for number, (auth, privacy) in enumerate(pairs):
        world.device(f"sw{number}", ip=None)
        interface = {
            "type": "snmp",
            "address": "192.0.2.1",
            "security_level": "authpriv",
            "auth_protocol": auth,
            "auth_passphrase": "{$A}",
            "privacy_protocol": privacy,
            "privacy_passphrase": "{$P}",
        }
        mappings.append({"name": f"m{number}", "match": {"name": f"sw{number}"}, "interfaces": [interface]})
    result = world.sync(mappings)
    assert not result.failed, result.message
    found = {host["host"]: host["interfaces"][0]["details"] for host in world.ours()}
    for number, (auth, privacy) in enumerate(pairs):
        details = found[f"sw{number}"]
        assert details["authprotocol"] == AUTH_PROTOCOLS[auth]
        assert details["privprotocol"] == PRIVACY_PROTOCOLS[privacy]
    assert not world.sync(mappings).changed


def test_interfaces_of_every_type_and_several_of_one(world: World) -> None:
    world.device("sw1", ip="10.9.0.1/24")
    interfaces = [
        {"type": "agent"},
        {"type": "snmp", "version": 1, "community": "{$C}"},
        {"type": "snmp", "name": "second", "port": 1161, "max_repetitions": 25},
        {"type": "ipmi"},
        {"type": "jmx", "port": "{$JMX.PORT}"},
    ]
    result = world.sync(policy(interfaces=interfaces))
    assert not result.failed, result.message
    found = sorted((one["type"], one["main"], one["port"]) for one in live(world)["interfaces"])
    assert found == [
        ("1", "1", "10050"),
        ("2", "0", "1161"),
        ("2", "1", "161"),
        ("3", "1", "623"),
        ("4", "1", "{$JMX.PORT}"),
    ]
    assert not world.sync(policy(interfaces=interfaces)).changed
    # the other one becomes the main one, and nothing is lost
    interfaces[2]["main"] = True
    assert not world.sync(policy(interfaces=interfaces)).failed
    assert [one["port"] for one in live(world)["interfaces"] if one["type"] == "2" and one["main"] == "1"] == ["1161"]
    assert not world.sync(policy(interfaces=interfaces)).changed


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
