"""A saved plan on a real Zabbix: any single change on either side makes it void; nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetboxZabbixError, OutdatedPlanError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.apply_plan import ApplyOptions, apply_saved_plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.least_privileges import (
    AccountOptions,
    prepare_accounts,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.plan_hosts import SaveOptions, plan_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.privileges import role_name

from integration.playing import Played
from integration.world import INSTANCE, TOP, World, of, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

DEVICES = "dcim/devices/"
KEY = "a key of the integration tests"
SECRETS = {"community": "hush hush community", "pw": "a very secret password", "psk": "ab" * 32}
#: what is in Zabbix, and what is planned
BEFORE = policy(macros={"{$PW}": {"secret": "pw"}, "{$A}": "1"}, inventory_mode="manual")
AFTER = policy(
    macros={"{$PW}": {"secret": "pw"}, "{$A}": "2"},
    inventory_mode="manual",
    description="planned",
    interfaces=[{"type": "agent"}, {"type": "snmp", "community": {"secret": "community"}, "optional": True}],
    tls_connect="psk",
    tls_psk_identity="identity",
    tls_psk={"secret": "psk"},
)


def sides(world: World) -> tuple[Any, Any]:
    world.proxy.calls.clear()
    if world.netbox.standin:
        world.netbox.standin.clear_requests()
    return world.netbox.connection(), world.zabbix.connection(None, world.proxy.url)


def make(
    world: World, path: Path, mappings: Any, *, save: bool = True, token: str | None = None, **options: Any
) -> Result:
    """Make a plan; it writes nothing to either server. `token`: Zabbix's, of another account than that of the jobs."""
    given = SyncOptions(INSTANCE, mappings, secrets=SECRETS, digest_key=KEY, **options)
    given.deletion = {"graveyard": TOP + "/archive", **(given.deletion or {})}
    world.prepare_groups(given)
    netbox, zabbix = sides(world)
    if token is not None:
        zabbix = world.zabbix.connection(token, world.proxy.url)
    made = plan_hosts(netbox, zabbix, given, SaveOptions(str(path), save=save), world.progress.append)
    assert (world.proxy.writes, world.netbox_writes()) == ([], [])
    return made


def apply(world: World, path: Path, mappings: Any, **options: Any) -> Result:
    given = {"secrets": SECRETS, "digest_key": KEY, **options}
    return apply_saved_plan(
        *sides(world), ApplyOptions(path=str(path), mappings=mappings, **given), world.progress.append
    )


def refused(
    world: World, path: Path, mappings: Any = None, error: type[NetboxZabbixError] = OutdatedPlanError, **options: Any
) -> str:
    """Apply a plan, which has to be refused with nothing written anywhere, and return why."""
    with pytest.raises(error) as raised:
        apply(world, path, AFTER if mappings is None else mappings, **options)
    assert (world.proxy.writes, world.netbox_writes()) == ([], [])
    return str(raised.value)


Act = Callable[[], object]


def zabbix_changes(world: World) -> dict[str, tuple[Act, str, Act]]:
    """Return what a person does to sw2 in Zabbix: the act, what is to be told, and how it is undone."""
    host = world.host("sw2")
    hostid = host["hostid"]
    (interface,) = host["interfaces"]
    own = [{"tag": tag["tag"], "value": tag["value"]} for tag in host["tags"]]
    linked = [{"templateid": world.zabbix.template("ICMP Ping")}]
    made: list[str] = []

    def update(**fields: Any) -> Act:
        return lambda: world.zabbix.api("host.update", hostid=hostid, **fields)

    def address(ip: str) -> Act:
        return lambda: world.zabbix.api("hostinterface.update", interfaceid=interface["interfaceid"], ip=ip)

    def macro() -> None:
        made.extend(world.zabbix.api("usermacro.create", hostid=hostid, macro="{$X}", value="1")["hostmacroids"])

    return {
        "macro": (macro, "macros[{$X}] (new)", lambda: world.zabbix.api("usermacro.delete", [made.pop()])),
        "tag": (update(tags=[*own, {"tag": "owner", "value": "me"}]), "tags[owner] (new)", update(tags=own)),
        "address": (address("192.0.2.99"), "interfaces[agent ", address(interface["ip"])),
        "template": (update(templates=[]), "templates[ICMP Ping] (gone)", update(templates=linked)),
        "rename": (update(host="by-hand", name="sw2"), "changed in Zabbix: host", update(host="sw2", name="sw2")),
        "disabled": (update(status=1), "changed in Zabbix: status", update(status=0)),
        "inventory": (update(inventory={"notes": "mine"}), "inventory[notes] (new)", update(inventory={"notes": ""})),
    }


def netbox_changes(world: World, device: dict[str, Any]) -> dict[str, tuple[Act, str, Act]]:
    """Return the same for sw2 in NetBox."""
    netbox, ids = world.netbox, world.netbox.ids

    def change(**fields: Any) -> Act:
        return lambda: netbox.change(DEVICES, device["id"], **fields)

    tag = netbox.make("extras/tags/", name="Planned", slug="planned")
    old = device["primary_ip4"]
    interface = netbox.call("GET", "dcim/interfaces/", device_id=device["id"])["results"][0]["id"]
    other = netbox.make(
        "ipam/ip-addresses/",
        address="10.200.0.9/16",
        assigned_object_type="dcim.interface",
        assigned_object_id=interface,
    )
    return {
        "name": (change(name="new-name"), "changed in NetBox: name", change(name="sw2")),
        "site": (change(site=ids["site2"]), "changed in NetBox: site", change(site=ids["site"])),
        "status": (change(status="offline"), "changed in NetBox: status", change(status="active")),
        "ip": (change(primary_ip4=other["id"]), "primary_ip4", change(primary_ip4=old["id"])),
        "tag": (change(tags=[tag["id"]]), "changed in NetBox: tags", change(tags=[])),
        "field": (
            change(custom_fields={"zabbix_exclude": True}),
            "custom_fields[zabbix_exclude] (new)",
            change(custom_fields={"zabbix_exclude": None}),
        ),
        "context": (
            change(local_context_data={"ntp": {"servers": ["10.0.0.1"]}}),
            "config_context[ntp] (new)",
            change(local_context_data=None),
        ),
        "serial": (change(serial="other"), "changed in NetBox: serial", change(serial="S-2")),
    }


def test_any_single_change_on_either_side_refuses_the_plan(world: World, tmp_path: Path) -> None:
    devices = [world.device(f"sw{number}", serial=f"S-{number}") for number in (1, 2, 3)]
    given = {"secrets": SECRETS, "digest_key": KEY}
    world.sync(BEFORE, **given)
    plan = tmp_path / "plan.json"
    make(world, plan, AFTER, save=False)
    assert not plan.exists()
    planned = make(world, plan, AFTER)
    assert planned.stats["updates"] == 3
    text = plan.read_text()
    for secret in (*SECRETS.values(), KEY, world.zabbix.token, world.netbox.token):
        assert secret not in text

    cases = {f"Zabbix {name}": case for name, case in zabbix_changes(world).items()}
    cases |= {f"NetBox {name}": case for name, case in netbox_changes(world, devices[1]).items()}
    for name, (act, told, undo) in cases.items():
        act()
        why = refused(world, plan)
        assert told in why, name
        assert "sw2 (device " in why, name
        assert "sw1" not in why, name
        undo()
    assert 'the policy has changed: mapping "everything"' in refused(world, plan, BEFORE)
    assert 'secret "pw"' in refused(world, plan, secrets={**SECRETS, "pw": "another"})
    assert "made with another netbox_zabbix_digest_key" in refused(world, plan, digest_key="other")
    document = json.loads(text)
    document["content"]["plan"]["changes"].pop()
    plan.write_text(json.dumps(document))
    assert "was changed since it was made" in refused(world, plan)
    plan.write_text(text)

    world.device("later")
    looked = apply(world, plan, AFTER, dry_run=True)
    assert (len(looked.hosts), world.proxy.writes, world.netbox_writes()) == (3, [], [])
    done = apply(world, plan, AFTER)
    assert (done.stats["updates"], done.failed) == (3, [])
    assert any("they stay: later" in note for note in done.notes)
    assert [world.host(f"sw{number}")["description"] for number in (1, 2, 3)] == ["planned"] * 3
    assert len(world.ours()) == 3
    again = apply(world, plan, AFTER)
    assert (again.changed, world.proxy.writes, world.netbox_writes()) == (False, [], [])
    assert "was applied already: all of its 3 changes are made" in again.message
    assert world.sync(AFTER, **given).stats["creates"] == 1


def test_what_ends_and_what_begins(world: World, tmp_path: Path) -> None:
    """A new host, one that is archived, one that is deleted; each void when its object or host goes or comes back."""
    devices = [world.device(f"sw{number}") for number in range(4)]
    given = {"secrets": SECRETS, "digest_key": KEY}
    world.sync(BEFORE, **given)
    gone = world.host("sw1")["hostid"]
    world.netbox.change(DEVICES, devices[1]["id"], status="decommissioning")
    world.netbox.remove(DEVICES, devices[2]["id"])
    new = world.device("new", serial="N-1")
    plan = tmp_path / "plan.json"
    planned = make(world, plan, BEFORE, deletion={"gone": "delete"})
    assert {host.name: host.action for host in planned.hosts} == {"new": "create", "sw1": "archive", "sw2": "delete"}
    lost = [detail for detail in of(planned, "sw2").details if detail.attribute == "lost"]
    assert "is deleted, with the history of 3 items" in (lost[0].live or "")
    assert "Of 1 hosts something is lost that cannot be taken back: sw2" in planned.notes

    world.netbox.change(DEVICES, devices[1]["id"], status="active")
    assert "changed in NetBox: status" in refused(world, plan, BEFORE)
    world.netbox.change(DEVICES, devices[1]["id"], status="decommissioning")
    world.netbox.change(DEVICES, new["id"], serial="N-2")
    assert "new (device" in refused(world, plan, BEFORE)
    world.netbox.change(DEVICES, new["id"], serial="N-1")
    taken = world.zabbix.api("host.create", host="new", groups=[{"groupid": world.zabbix.group(TOP + "/x")}])
    assert "it cannot be planned" in refused(world, plan, BEFORE)
    world.zabbix.api("host.delete", taken["hostids"])

    done = apply(world, plan, BEFORE)
    assert {host.name: host.action for host in done.hosts if host.action != "failed"} == {
        "new": "create",
        "sw1": "archive",
        "sw2": "delete",
    }
    assert {host["hostid"] for host in world.ours() if host["status"] == "1"} == {gone}
    again = apply(world, plan, BEFORE)
    assert (again.changed, world.proxy.writes) == (False, [])

    make(world, plan, AFTER)
    world.zabbix.api("host.delete", [world.host("sw3")["hostid"]])
    assert "sw3 (device" in (why := refused(world, plan))
    assert "is gone from Zabbix" in why


def test_a_plan_of_an_incremental_reading_is_one_of_a_full_reading(world: World, tmp_path: Path) -> None:
    devices = [world.device(f"sw{number}", serial=f"S-{number}", tags=[]) for number in range(6)]
    store = {"state_store": str(tmp_path / "state")}
    given = {"secrets": SECRETS, "digest_key": KEY, **store}
    # the first one gives the objects their links, the second one has a snapshot with them
    world.sync(BEFORE, **given, mode="incremental")
    world.sync(BEFORE, **given, mode="incremental")
    world.netbox.change(DEVICES, devices[0]["id"], serial="changed")
    world.zabbix.api("host.update", hostid=world.host("sw1")["hostid"], name="by hand")
    plan = tmp_path / "plan.json"
    planned = make(world, plan, BEFORE, **store, mode="incremental")
    assert planned.stats["updates"] == 2
    assert "the others are from the snapshot" in planned.message
    assert apply(world, plan, BEFORE).stats["updates"] == 2


def test_who_plans_needs_no_right_to_write(world: World, tmp_path: Path) -> None:
    world.device("sw1")
    world.sync(BEFORE, secrets=SECRETS, digest_key=KEY)
    path, name = tmp_path / "token", "T planner"
    options = AccountOptions(name, jobs=["plan"], host_groups=[TOP], zabbix_token_path=str(path))
    admin = world.zabbix.connection(world.zabbix.lab.token)
    try:
        prepare_accounts(None, admin, options, lambda text: None)
        plan = tmp_path / "plan.json"
        assert make(world, plan, AFTER, token=path.read_text().strip()).stats["updates"] == 1
    finally:
        for kind, key, field, called in (
            ("user", "userid", "username", name),
            ("usergroup", "usrgrpid", "name", role_name(name)),
            ("role", "roleid", "name", role_name(name)),
        ):
            found = world.zabbix.api(f"{kind}.get", {"output": [key], "filter": {field: [called]}})
            if found:
                world.zabbix.api(f"{kind}.delete", [one[key] for one in found])
    assert apply(world, plan, AFTER).stats["updates"] == 1


def test_the_playbooks(world: World, play: Callable[..., Played], tmp_path: Path) -> None:
    world.device("sw1")
    variables = {
        "netbox_zabbix_state_store": str(tmp_path / "state"),
        "netbox_zabbix_plan_path": "plans/plan.json",
        "netbox_zabbix_digest_key": KEY,
    }
    checked = play("--check", "--diff", playbook="plan", variables=variables)
    assert (checked.code, (tmp_path / "plans").exists(), (tmp_path / "state" / "plans").exists()) == (0, False, False)
    made = play("--diff", playbook="plan", variables=variables)
    assert made.code == 0, made.text
    assert "+ sw1" in made.text
    assert (tmp_path / "plans" / "plan.json").exists()
    for ending in ("md", "html"):
        assert "sw1" in (tmp_path / "plans" / f"plan.{ending}").read_text()
    assert world.ours() == []

    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {sw1: }}")
    limited = play("-i", str(inventory), "--limit", "sw1", playbook="apply", variables=variables)
    assert limited.code != 0
    assert "apply it without --limit" in limited.text
    other = play(playbook="apply", variables={**variables, "netbox_zabbix_names": ["sw2"]})
    assert other.code != 0
    assert "names: it is ['sw2'], and the plan was made with []" in other.text
    assert world.ours() == []

    run_id = json.loads((tmp_path / "plans" / "plan.json").read_text())["content"]["plan"]["run_id"]
    stored = {**variables, "netbox_zabbix_plan_path": "", "netbox_zabbix_plan": run_id[:8]}
    done = play(playbook="apply", variables=stored)
    assert done.code == 0, done.text
    assert "created 1" in done.text
    assert [host["host"] for host in world.ours()] == ["sw1"]
    again = play(playbook="apply", variables=variables)
    assert (again.code, again.recap["changed"]) == (0, 0), again.text
    assert "was applied already" in again.text
