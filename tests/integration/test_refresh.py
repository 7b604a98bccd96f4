"""HostConfigSyncRefresh on real servers: whatever was changed by hand is told once, with whose change it is, and Zabbix
is never written to.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.attribute_table import SCALARS, Attribute
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetboxZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.host_config_refresh import (
    RefreshOptions,
    refresh_hosts,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.origin import UNKNOWN, UNTOLD
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix import client as client_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix import hosts as hosts_module

from integration.test_attributes import SAMPLES, SECRETS, expected, given, live, options, samples
from integration.world import INSTANCE, POLICY, World, of, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

#: what the job keeps in NetBox beside the fields that every test has
MORE_FIELDS = {"zabbix_sync_time": "datetime", "zabbix_sync_detail": "longtext"}


@pytest.fixture
def fields(world: World) -> Iterator[None]:
    """The custom fields for since when and why, in this test alone: others count what is written."""
    both = ["dcim.device", "virtualization.virtualmachine"]
    made = [
        world.netbox.call("POST", "extras/custom-fields/", {"name": name, "type": kind, "object_types": both})["id"]
        for name, kind in MORE_FIELDS.items()
    ]
    yield
    for number in made:
        world.netbox.call("DELETE", f"extras/custom-fields/{number}/")


def refresh(world: World, mappings: Any = None, **more: Any) -> Result:
    """Run the job through the proxy."""
    world.proxy.calls.clear()
    world.progress.clear()
    if world.netbox.standin:
        world.netbox.standin.clear_requests()
    values: dict[str, Any] = {"instance": INSTANCE, "mappings": POLICY if mappings is None else mappings, **more}
    connection = world.zabbix.connection(None, world.proxy.url)
    return refresh_hosts(world.netbox.connection(), connection, RefreshOptions(**values), world.progress.append)


def looked(world: World, mappings: Any = None, **more: Any) -> Result:
    """Run the job, and see that it wrote nothing to Zabbix."""
    result = refresh(world, mappings, **more)
    assert world.proxy.writes == []
    return result


def object_of(world: World, number: int) -> dict[str, Any]:
    """Return the custom fields of a device."""
    found: dict[str, Any] = world.netbox.call("GET", f"dcim/devices/{number}/")["custom_fields"]
    return found


def status_of(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) else value


# --- every attribute, drifted by hand: told once, with the right origin, and nothing else


def by_hand(row: Attribute, value: Any, host: dict[str, Any]) -> dict[str, Any]:
    """Return what a person writes to give an attribute this value and nothing else."""
    hand = {row.api: expected(row, value)}
    if row.name == "host":
        hand["name"] = host["name"]  # else the visible name becomes it too
    if row.name in ("tls_connect", "tls_accept") and "psk" in str(value):
        hand |= {"tls_psk_identity": "by hand", "tls_psk": SECRETS["two"]}
    return hand


@pytest.mark.parametrize("row", [row for row in SCALARS if not row.write_only], ids=lambda row: row.name)
def test_drift_of_an_attribute_is_told_once(world: World, row: Attribute) -> None:
    one, two = samples(row)
    world.device("sw1")
    world.device("sw2", serial="same")
    world.sync(given(row, two), **options(row), names=["sw1"])
    world.sync()
    world.sync(given(row, two), **options(row), names=["sw1"])
    # NetBox and the policy changed
    result = looked(world, given(row, one), **options(row), names=["sw1"])
    (host,) = result.hosts
    (detail,) = [item for item in host.details if item.attribute == row.name]
    assert (detail.reason, host.action) == ("pending", "pending")
    assert detail.applied == detail.live
    assert detail.origin
    # Zabbix changed
    world.zabbix.api("host.update", hostid=live_of(world, row)["hostid"], **by_hand(row, one, live_of(world, row)))
    result = looked(world, given(row, two), **options(row), names=["sw1"])
    (host,) = result.hosts
    assert host.action == "drifted"
    (detail,) = host.details
    assert (detail.attribute, detail.reason, detail.applied) == (row.name, "drifted", detail.wanted)
    assert detail.live != detail.wanted or row.secret
    assert detail.origin
    assert not any(value in str(result.as_dict()) for value in SECRETS.values() if row.secret)


def live_of(world: World, row: Attribute) -> dict[str, Any]:
    """Return the host of sw1, by its tag: the names are what is tested."""
    numbers = {device["name"]: device["id"] for device in world.netbox.call("GET", "dcim/devices/")["results"]}
    (host,) = [
        host for host in world.ours() if {"tag": "netbox_id", "value": f"device:{numbers['sw1']}"} in host["tags"]
    ]
    return host


@pytest.mark.parametrize("name", SAMPLES)
def test_drift_of_elements_is_told_once_each(world: World, name: str) -> None:
    sample = SAMPLES[name]
    world.device("sw1")
    one, two = policy(**sample.one), policy(**sample.two)
    world.sync(one)
    result = looked(world, two)
    assert {item.reason for item in of(result, "sw1").details} == {"pending"}
    assert all(item.applied == item.live for item in of(result, "sw1").details)
    world.sync(two)
    sample.by_hand(world, live(world))
    result = looked(world, two)
    (host,) = result.hosts
    assert host.action == "drifted"
    told = [(item.attribute, item.element, item.wanted, item.live) for item in host.details]
    assert len(told) == len(set(told))
    assert any(sample.change in change for change in host.changes)
    assert {(item.attribute, item.reason) for item in host.details} == {(name, "drifted")}
    assert all(item.applied == item.wanted and item.origin for item in host.details if item.wanted is not None)
    # and it is the sync that repairs it: the same, and nothing else
    repaired = refresh(world, two, repair="drifted")
    assert (repaired.stats["repaired"], repaired.failed) == (1, [])
    assert looked(world, two).hosts == []


@pytest.mark.parametrize(
    ("one", "two", "hand"),
    [
        ({"description": "one"}, {"description": "two"}, {"description": "by hand"}),
        ({"macros": {"{$A}": "1"}}, {"macros": {"{$A}": "2"}}, SAMPLES["macros"].by_hand),
        ({"inventory": {"os": "one"}}, {"inventory": {"os": "two"}}, {"inventory": {"os": "x"}}),
        (SAMPLES["interfaces"].one, SAMPLES["interfaces"].two, SAMPLES["interfaces"].by_hand),
    ],
    ids=["scalar", "macro", "inventory", "interface"],
)
def test_what_both_sides_changed(world: World, one: Any, two: Any, hand: Any) -> None:
    number = world.device("sw1")["id"]
    world.sync(policy(**one))
    if callable(hand):
        hand(world, live(world))
    else:
        world.zabbix.api("host.update", hostid=live(world)["hostid"], **hand)
    result = looked(world, policy(**two))
    assert of(result, "sw1").action == "both"
    (detail,) = of(result, "sw1").details
    assert (detail.reason, detail.applied) == ("both", UNKNOWN)
    assert {"pending", "drifted"} <= set(of(result, "sw1").reasons)
    assert status_of(object_of(world, number)["zabbix_sync_status"]) == "both"


def test_a_macro_s_description_has_its_origin_too(world: World) -> None:
    def macro(text: str) -> list[dict[str, Any]]:
        return policy(macros={"{$A}": {"value": "1", "description": text}})

    world.device("sw1")
    world.sync(macro("one"))
    assert of(looked(world, macro("two")), "sw1").action == "pending"
    world.sync(macro("two"))
    (found,) = [one for one in live(world)["macros"] if one["macro"] == "{$A}"]
    world.zabbix.api("usermacro.update", hostmacroid=found["hostmacroid"], description="by hand")
    assert of(looked(world, macro("two")), "sw1").action == "drifted"


def test_what_zabbix_never_tells_says_so(world: World) -> None:
    psk = {"tls_connect": "psk", "tls_accept": ["psk"], "tls_psk_identity": "one", "tls_psk": {"secret": "psk"}}
    mine = policy(macros={"{$S}": {"secret": "s"}}, **psk)
    old = {"s": "canary-old", "psk": SECRETS["one"]}
    new = {"s": "canary-new", "psk": SECRETS["two"]}
    world.device("sw1")
    world.sync(mine, secrets=old, digest_key="k" * 30)
    result = looked(world, mine, secrets=new, digest_key="k" * 30)
    told = {item.attribute: (item.wanted, item.live, item.applied, item.reason) for item in of(result, "sw1").details}
    assert told == dict.fromkeys(("macros", "tls_psk"), ("********", UNTOLD, UNKNOWN, "pending"))
    assert not any(value in str(result.as_dict()) for value in (*old.values(), *new.values()))


# --- how a host stands


def test_every_status(world: World) -> None:
    kept = {"deletion": {"gone": "keep", "excluded": "keep", "absent": "keep"}}
    numbers = {name: world.device(name)["id"] for name in ("same", "taken", "gone", "out", "twice", "broken")}
    world.sync()
    world.device("new")
    world.zabbix.remove_hosts([world.host("taken")])
    world.netbox.remove("dcim/devices/", numbers["gone"])
    world.netbox.change("dcim/devices/", numbers["out"], custom_fields={"zabbix_exclude": True})
    group = world.zabbix.group("T/clone")
    world.zabbix.api(
        "host.create",
        host="clone",
        groups=[{"groupid": group}],
        tags=[{"tag": tag["tag"], "value": tag["value"]} for tag in world.host("twice")["tags"]],
    )
    world.netbox.change(
        "dcim/devices/", numbers["broken"], local_context_data={"zabbix": {"templates": ["No such template"]}}
    )
    result = looked(world, **kept)
    found = {host.name.partition(" (")[0]: (host.action, host.reasons) for host in result.hosts}
    assert found["new"] == ("missing", ["pending"])
    assert found["taken"] == ("missing", ["drifted"])
    assert found["gone"][0] == "orphan"
    assert found["out"][0] == "excluded"
    assert found["twice"][0] == "conflict"
    assert found["broken"][0] == "failed"
    assert "same" not in found
    in_netbox = {
        name: status_of(object_of(world, numbers[name])["zabbix_sync_status"]) for name in numbers if name != "gone"
    }
    assert in_netbox == {
        "same": "in_sync",
        "taken": "missing",
        "out": "excluded",
        "twice": "conflict",
        "broken": "failed",
    }
    stats = {name: number for name, number in result.stats.items() if number and name in (*found, "in_sync", "missing")}
    assert stats == {"in_sync": 1, "missing": 2}
    # archived by the sync, and seen as such
    world.netbox.change("dcim/devices/", numbers["broken"], local_context_data=None)
    world.sync(deletion={"gone": "archive", "excluded": "keep"})
    result = looked(world, deletion={"gone": "archive", "excluded": "keep"})
    assert [host.action for host in result.hosts if "gone" in host.name] == ["archived"]


def test_the_last_attempt_is_remembered(world: World, fields: None) -> None:
    number = world.device("sw1")["id"]
    world.sync()
    world.netbox.change("dcim/devices/", number, serial="new")
    error = '{"jsonrpc": "2.0", "error": {"code": -32602, "message": "Invalid params.", "data": "no"}, "id": 1}'
    world.proxy.answer_next(200, error, "host.update", count=9)
    assert world.sync().failed
    world.proxy.clear()
    result = looked(world)
    host = of(result, "sw1")
    assert host.action == "failed"
    assert "The last attempt failed" in (host.error or "")
    assert [item.element for item in host.details] == ["serialno_a"]


def test_since_when(world: World, tmp_path: Path) -> None:
    world.device("sw1")
    world.sync()
    store = {"state_store": str(tmp_path)}
    assert looked(world, **store).hosts == []
    world.zabbix.api("host.update", hostid=live(world)["hostid"], description="by hand")
    mine = policy(description="ours")
    world.sync(mine)
    world.zabbix.api("host.update", hostid=live(world)["hostid"], description="by hand")
    (first,) = of(looked(world, mine, **store), "sw1").details
    time.sleep(1.1)
    world.zabbix.api("host.update", hostid=live(world)["hostid"], status=1)
    later = {item.attribute: item.since for item in of(looked(world, mine, **store), "sw1").details}
    assert later["description"] == first.since
    assert later["status"] > first.since


# --- what NetBox is told


def test_netbox_is_told_what_changed_and_no_more(world: World, fields: None) -> None:
    number = world.device("sw1")["id"]
    mine = policy(description="ours", macros={"{$S}": {"secret": "s"}})
    own = {"secrets": {"s": "canary-secret"}, "digest_key": "k" * 30}
    world.sync(mine, **own)
    told = object_of(world, number)
    assert status_of(told["zabbix_sync_status"]) == "in_sync"
    assert (bool(told["zabbix_sync_time"]), told["zabbix_sync_detail"]) == (True, None)
    result = looked(world, mine, **own)
    assert (result.stats["written_back"], world.netbox_writes()) == (0, [])
    world.zabbix.api("host.update", hostid=live(world)["hostid"], description="by hand")
    dry = looked(world, mine, **own, dry_run=True)
    assert (dry.stats["written_back"], world.netbox_writes()) == (1, [])
    assert looked(world, mine, **own, journal=True).stats["written_back"] == 1
    told = object_of(world, number)
    assert status_of(told["zabbix_sync_status"]) == "drifted"
    assert told["zabbix_sync_detail"] == "description: NetBox has ours, Zabbix has by hand (drifted)"
    assert "canary" not in str(told)
    entries = world.netbox.call("GET", "extras/journal-entries/", assigned_object_id=number)["results"]
    assert ["by hand" in entry["comments"] for entry in entries] == [True]
    again = looked(world, mine, **own, journal=True)
    assert (again.stats["written_back"], world.netbox_writes()) == (0, [])
    world.sync(mine, **own)
    told = object_of(world, number)
    assert (status_of(told["zabbix_sync_status"]), told["zabbix_sync_detail"]) == ("in_sync", None)
    assert not world.sync(mine, **own).changed


def test_many_differences_do_not_flood_netbox(world: World, fields: None) -> None:
    for number in range(12):
        world.device(f"sw{number:02d}")
    world.sync()
    changed = policy(description="new")
    result = looked(world, changed, write_back_limit=5)
    assert (result.stats["pending"], result.stats["written_back"]) == (12, 5)
    assert "7 more objects" in str(result.notes)
    assert looked(world, changed, write_back_limit=5).stats["written_back"] == 5
    assert looked(world, changed, write_back_limit=5).stats["written_back"] == 2
    assert looked(world, changed, write_back_limit=5).stats["written_back"] == 0


def test_a_refused_write_back_is_a_note(world: World, fields: None) -> None:
    if world.netbox.standin is None:
        pytest.skip("a fault of the stand-in")
    world.device("sw1")
    world.sync()
    world.netbox.standin.fail_next(
        400, '{"__all__": ["no"]}', content_type="application/json", method="PATCH", count=9, path_prefix="/api/dcim"
    )
    result = looked(world, policy(description="new"))
    world.netbox.standin.no_faults()
    assert "NetBox refused the new values" in str(result.notes)
    assert of(result, "sw1").action == "pending"


# --- servers that do not answer


@pytest.mark.parametrize("fault", ["cut", "broken", "refused", "half"])
def test_an_answer_that_fails_is_no_drift(world: World, fault: str, tmp_path: Path) -> None:
    world.device("sw1")
    world.sync()
    mine = policy(description="new")
    if fault == "cut":
        world.proxy.cut_next("host.get", count=99)
    elif fault == "broken":
        world.proxy.answer_next(502, "<html>Bad Gateway</html>", "host.get", count=99)
    elif fault == "half":
        world.proxy.truncate_next("host.get", count=99)
    else:
        error = '{"jsonrpc": "2.0", "error": {"code": -32500, "message": "Application error.", "data": "no"}, "id": 1}'
        world.proxy.answer_next(200, error, "host.get", count=99)
    with pytest.raises(NetboxZabbixError):
        refresh(world, mine, state_store=str(tmp_path))
    assert world.netbox_writes() == []
    world.proxy.clear()
    assert of(looked(world, mine, state_store=str(tmp_path)), "sw1").action == "pending"


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts are read by threes, and what fails is not waited for."""
    monkeypatch.setattr(hosts_module, "CHUNK", 3)
    monkeypatch.setattr(client_module, "PAUSE", 0)


#: what Zabbix's web server answers, with nothing else, when PHP runs out of memory
NO_MEMORY = 500


def test_hosts_that_zabbix_does_not_tell_of_are_unknown(
    world: World, few_at_once: None, fields: None, tmp_path: Path
) -> None:
    """The others are told all the same, and NetBox keeps what it has of the unknown ones."""
    numbers = [world.device(f"sw{number:02d}")["id"] for number in range(9)]
    world.sync()
    store = {"state_store": str(tmp_path)}
    for name in ("sw00", "sw05", "sw08"):
        world.zabbix.api("host.update", hostid=world.host(name)["hostid"], status=1)
    before = {host.name: host.details for host in looked(world, **store).hosts}
    assert sorted(before) == ["sw00", "sw05", "sw08"]
    standing = object_of(world, numbers[0])
    # one of three parts fails for good
    world.proxy.refuse_hosts([world.host("sw00")["hostid"]], NO_MEMORY)
    for mode in ("full", "incremental"):
        result = looked(world, mode=mode, **store)
        found = {host.name.partition(" (")[0]: host.action for host in result.hosts}
        unknown = [name for name, action in found.items() if action == "unknown"]
        assert (len(unknown), "sw00" in unknown) == (3, True)
        # which hosts are in one part is not for us to say
        told = {"sw05", "sw08"} - set(unknown)
        assert {name: found[name] for name in found if name not in unknown} == dict.fromkeys(told, "drifted")
        stats = result.stats
        assert (stats["unknown"], stats["drifted"], stats["in_sync"]) == (3, len(told), 6 - len(told))
        assert all("memory_limit" in (host.error or "") for host in result.hosts if host.action == "unknown")
        assert (result.stats["written_back"], world.netbox_writes()) == (0, [])
        assert object_of(world, numbers[0]) == standing
    world.proxy.clear()
    # since when it differs is known as before
    assert {host.name: host.details for host in looked(world, **store).hosts} == before


def test_a_repair_or_a_sync_goes_by_all_hosts_or_none(world: World, few_at_once: None) -> None:
    for number in range(6):
        world.device(f"sw{number:02d}")
    world.sync()
    mine = policy(description="new")
    world.proxy.refuse_hosts([world.host("sw00")["hostid"]], NO_MEMORY)
    with pytest.raises(NetboxZabbixError, match="memory_limit"):
        refresh(world, mine, repair="all")
    with pytest.raises(NetboxZabbixError, match="memory_limit"):
        sync_hosts(
            world.netbox.connection(),
            world.zabbix.connection(None, world.proxy.url),
            SyncOptions(instance=INSTANCE, mappings=mine),
            world.progress.append,
        )
    assert world.proxy.writes == []


def test_a_zabbix_that_fails_again_and_again_ends_the_run(world: World, few_at_once: None) -> None:
    for number in range(12):
        world.device(f"sw{number:02d}")
    world.sync()
    world.proxy.refuse_hosts([host["hostid"] for host in world.ours()], NO_MEMORY)
    with pytest.raises(NetboxZabbixError, match="memory_limit"):
        refresh(world, policy(description="new"))
    assert world.netbox_writes() == []


# --- repair


def test_only_what_is_asked_for_is_repaired(world: World) -> None:
    numbers = {name: world.device(name)["id"] for name in ("drifts", "waits", "both")}
    mine = policy(description="{serial}", inventory={"os": "{serial}"})
    for name, number in numbers.items():
        world.netbox.change("dcim/devices/", number, serial=name)
    world.sync(mine)
    world.device("new", serial="new")
    for name in ("drifts", "both"):
        world.zabbix.api("host.update", hostid=world.host(name)["hostid"], inventory={"os": "by hand"})
    for name in ("waits", "both"):
        world.netbox.change("dcim/devices/", numbers[name], serial=f"{name} now")
    found = {host.name: host.action for host in looked(world, mine).hosts}
    assert found == {"drifts": "drifted", "waits": "pending", "both": "both", "new": "missing"}
    result = refresh(world, mine, repair="drifted")
    after = {host.name: host.action for host in result.hosts}
    assert after == {"drifts": "update", "both": "update", "waits": "pending", "new": "missing"}
    assert world.host("waits")["description"] == "waits"
    assert "Repaired: 2 of 2" in result.message
    result = refresh(world, mine, repair="pending", dry_run=True)
    assert world.proxy.writes == []
    assert "Would repair: 2 of 2" in result.message
    refresh(world, mine, repair="all")
    assert looked(world, mine).hosts == []


def test_the_guard_looks_at_a_repair_too(world: World) -> None:
    for number in range(12):
        world.device(f"sw{number:02d}")
    world.sync()
    with pytest.raises(NetboxZabbixError, match=r"netbox_zabbix_limits\.updates\.count"):
        refresh(world, policy(description="new"), repair="all", limits={"updates": {"count": 3}})
    assert world.proxy.writes == []
    assert looked(world, policy(description="new")).stats["pending"] == 12


# --- nothing that is right is ever told


def test_an_unchanged_estate_is_quiet(world: World, tmp_path: Path) -> None:
    """Pre-shared keys, secret macros, SNMPv3, several interfaces, several values of a tag, CRLF in descriptions."""
    mappings = policy(
        description="first\r\nsecond\r\n{serial}",
        tags={"a": ["1", "2", "3"], "site": "{site.slug}"},
        macros={
            "{$S}": {"secret": "s"},
            "{$T}": {"value": "t", "description": "d\r\ne"},
            "{$V}": {"value": "a/b:c", "type": "vault"},
        },
        interfaces=[
            {"type": "agent"},
            {"type": "agent", "name": "two", "port": 10060},
            {
                "type": "snmp",
                "version": 3,
                "security_name": "u",
                "security_level": "authpriv",
                "auth_protocol": "sha256",
                "auth_passphrase": {"secret": "s"},
                "privacy_protocol": "aes128",
                "privacy_passphrase": {"secret": "s"},
            },
        ],
        tls_connect="psk",
        tls_accept=["none", "psk"],
        tls_psk_identity="id {name}",
        tls_psk={"secret": "psk"},
        inventory={"notes": "a\r\nb", "location": "  padded  "},
    )
    own = {"secrets": {"s": "canary-secret", "psk": SECRETS["one"]}, "digest_key": "k" * 30}
    for number in range(30):
        world.device(f"sw{number:02d}", comments="x\r\ny", serial=f"s\u00e4{number}")
    assert not world.sync(mappings, **own).failed
    for mode in ("full", "auto", "incremental"):
        result = looked(world, mappings, **own, mode=mode, state_store=str(tmp_path))
        assert (result.hosts, result.stats["differences"]) == ([], 0)
    assert "only what changed was read, 0 objects" in result.message


def test_what_a_look_asks_for_where_nothing_changed(world: World, tmp_path: Path) -> None:
    """At most 10 requests to NetBox, however many objects there are; of Zabbix one more for each 500 hosts."""

    def asked() -> dict[str, int]:
        own: dict[str, Any] = {"mode": "incremental", "state_store": str(tmp_path)}
        # the first ones take in what was made just now; without looking back: each 1,000 changes are a request more
        looked(world, **own, lookback_minutes=0)
        looked(world, **own, lookback_minutes=0)
        result = looked(world, **own, lookback_minutes=0)
        assert "only what changed was read, 0 objects" in result.message
        return {server: sum(kinds.values()) for server, kinds in result.requests.items()}

    both = world.device("sw00")
    interface = world.netbox.make("dcim/interfaces/", device=both["id"], name="six", type="virtual")["id"]
    six = {"address": "2001:db8::1/64", "assigned_object_type": "dcim.interface", "assigned_object_id": interface}
    world.netbox.change("dcim/devices/", both["id"], primary_ip6=world.netbox.make("ipam/ip-addresses/", **six)["id"])
    world.vm("vm00")
    world.sync()
    few = asked()
    assert few["netbox"] <= 10, few
    assert sum(few.values()) + 10_000 / hosts_module.CHUNK <= 40, few
    for number in range(1, 40):
        world.device(f"sw{number:02d}")
    world.sync(limits={"creates": {"percent": None}})
    assert asked() == few


def test_zabbix_restored_from_a_backup(world: World, tmp_path: Path) -> None:
    """The record of what was applied is on the host, so it is restored with it: what a backup lacks is pending."""
    own = {"state_store": str(tmp_path)}
    world.device("sw1")
    world.sync(policy(description="old"))
    before = live(world)
    (record,) = [one for one in before["macros"] if one["macro"] == "{$NETBOX.APPLIED}"]
    world.sync(policy(description="new"))
    assert looked(world, policy(description="new"), **own).hosts == []
    (macro,) = [one for one in live(world)["macros"] if one["macro"] == "{$NETBOX.APPLIED}"]
    world.zabbix.api("host.update", hostid=before["hostid"], description="old")
    world.zabbix.api("usermacro.update", hostmacroid=macro["hostmacroid"], value=record["value"])
    assert of(looked(world, policy(description="new"), **own), "sw1").action == "pending"
    world.zabbix.remove_hosts([live(world)])
    host = of(looked(world, policy(description="new"), **own), "sw1")
    assert (host.action, host.reasons) == ("missing", ["drifted"])
