"""What a run remembers of hosts that agreed saves work, and never hides what comparing every host would find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.host_config_refresh import (
    RefreshOptions,
    refresh_hosts,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.planning import Planner
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result

from integration.world import INSTANCE, TOP, World, policy

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

SNMP = {
    "type": "snmp",
    "version": 3,
    "security_name": "user",
    "security_level": "authpriv",
    "auth_protocol": "sha256",
    "auth_passphrase": {"secret": "snmp"},
    "privacy_protocol": "aes128",
    "privacy_passphrase": {"secret": "snmp"},
}
MAPPINGS = policy(
    interfaces=[{"type": "agent"}, SNMP],
    macros={"{$OPEN}": "open {name}", "{$HIDDEN}": {"secret": "macro"}},
    description="in {site}",
)


@dataclass
class Looks:
    """Looks at the hosts, with a memory in `store`. `compared`: the objects that the last one worked out."""

    world: World
    store: Path
    compared: list[str]
    numbers: dict[str, int] = field(default_factory=dict)
    options: dict[str, Any] = field(
        default_factory=lambda: {
            "mappings": MAPPINGS,
            "secrets": {"snmp": "canary-snmp", "macro": "canary-macro"},
            "digest_key": "k" * 30,
        }
    )

    def look(self, **more: Any) -> Result:
        self.compared.clear()
        given = RefreshOptions(**{"instance": INSTANCE, **self.options, **more})
        world = self.world
        connection = world.zabbix.connection(None, world.proxy.url)
        return refresh_hosts(world.netbox.connection(), connection, given, lambda text: None)

    def quick(self, **more: Any) -> Result:
        return self.look(mode="incremental", state_store=str(self.store), **more)

    def settled(self) -> None:
        """Look until nothing is worked out any more."""
        self.quick()
        assert self.quick().stats["in_sync"] == len(self.numbers)
        self.quick()
        assert self.compared == []


@pytest.fixture
def looks(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Five devices whose hosts agree, and are remembered to. Were half of them to change, all would be read."""
    compared: list[str] = []
    add = Planner.add

    def noted(planner: Planner, netbox_object: Any) -> None:
        compared.append(netbox_object.ref)
        add(planner, netbox_object)

    monkeypatch.setattr(Planner, "add", noted)
    looks = Looks(world, tmp_path, compared)
    for name in ("sw1", "sw2", "sw3", "sw4", "sw5"):
        looks.numbers[name] = world.device(name, serial=f"s-{name}")["id"]
    assert not world.sync(**looks.options).failed
    looks.settled()
    return looks


def told(result: Result) -> Any:
    stats = {name: number for name, number in result.stats.items() if name != "written_back"}
    hosts = [
        (one.name, one.object, one.hostid, one.action, one.changes, one.reasons, one.error) for one in result.hosts
    ]
    return stats, hosts


def ref(looks: Looks, name: str) -> str:
    return f"device:{looks.numbers[name]}"


# --- what people do on either side


def update(**values: Any) -> Callable[[Looks], None]:
    def edit(looks: Looks) -> None:
        looks.world.zabbix.api("host.update", hostid=looks.world.host("sw1")["hostid"], **values)

    return edit


def macro(name: str, **values: Any) -> Callable[[Looks], None]:
    def edit(looks: Looks) -> None:
        (found,) = [one for one in looks.world.host("sw1")["macros"] if one["macro"] == name]
        looks.world.zabbix.api("usermacro.update", hostmacroid=found["hostmacroid"], **values)

    return edit


def interface(kind: str, **values: Any) -> Callable[[Looks], None]:
    def edit(looks: Looks) -> None:
        (found,) = [one for one in looks.world.host("sw1")["interfaces"] if one["type"] == kind]
        if "details" in values:
            values["details"] = {**found["details"], **values["details"]}
        looks.world.zabbix.api("hostinterface.update", interfaceid=found["interfaceid"], **values)

    return edit


def taken(looks: Looks) -> None:
    looks.world.zabbix.remove_hosts([looks.world.host("sw1")])


def cloned(looks: Looks) -> None:
    tags = [{"tag": tag["tag"], "value": tag["value"]} for tag in looks.world.host("sw1")["tags"]]
    groups = [{"groupid": looks.world.zabbix.group(TOP + "/clone")}]
    looks.world.zabbix.api("host.create", host="clone", groups=groups, tags=tags)


def claimed(looks: Looks) -> None:
    """The host of one object is marked as another's, whose own agreed."""
    tags = [{"tag": tag["tag"], "value": tag["value"]} for tag in looks.world.host("sw2")["tags"]]
    looks.world.zabbix.api("host.update", hostid=looks.world.host("sw1")["hostid"], tags=tags)


def unmarked(looks: Looks) -> None:
    tags = [{"tag": "netbox_instance", "value": INSTANCE}]
    looks.world.zabbix.api("host.update", hostid=looks.world.host("sw1")["hostid"], tags=tags)


def group_renamed(looks: Looks) -> None:
    (group,) = looks.world.zabbix.api("hostgroup.get", filter={"name": [TOP + "/Berlin 1"]}, output=["groupid"])
    looks.world.zabbix.api("hostgroup.update", groupid=group["groupid"], name=TOP + "/Renamed")


def device(**values: Any) -> Callable[[Looks], None]:
    def edit(looks: Looks) -> None:
        looks.world.netbox.change("dcim/devices/", looks.numbers["sw1"], **values)

    return edit


def gone(looks: Looks) -> None:
    looks.world.netbox.remove("dcim/devices/", looks.numbers["sw1"])


def name_taken(looks: Looks) -> None:
    """Another object takes the name of one that agreed: a device takes names before a virtual machine does."""
    looks.numbers["vm"] = looks.world.vm("later")["id"]
    assert not looks.world.sync(**looks.options).failed
    looks.settled()
    looks.world.netbox.change("dcim/devices/", looks.numbers["sw2"], name="later")


def linked_elsewhere(looks: Looks) -> None:
    other = int(looks.world.host("sw2")["hostid"])
    looks.world.netbox.change("dcim/devices/", looks.numbers["sw1"], custom_fields={"zabbix_hostid": other})


#: one digest covers all that Zabbix tells of a host, so that not each attribute is tried here
EDITS: dict[str, Callable[[Looks], None]] = {
    "description": update(description="by hand"),
    "type of a macro": macro("{$HIDDEN}", type=0, value="by hand"),
    "passphrase": interface("2", details={"authpassphrase": "by hand, by hand"}),
    "deleted": taken,
    "clone": cloned,
    "claimed": claimed,
    "unmarked": unmarked,
    "group renamed": group_renamed,
    "serial in NetBox": device(serial="new"),
    "name in NetBox": device(name="sw1-new"),
    "excluded": device(custom_fields={"zabbix_exclude": True}),
    "gone from NetBox": gone,
    "name taken": name_taken,
    "linked elsewhere": linked_elsewhere,
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_changed_is_found_as_by_comparing_every_host(looks: Looks, edit: str) -> None:
    before = told(looks.quick())
    EDITS[edit](looks)
    everything = told(looks.look(mode="full", dry_run=True))
    assert everything != before
    assert told(looks.quick(dry_run=True)) == everything
    # and so it is with what this run remembered
    assert told(looks.quick()) == everything
    assert told(looks.quick()) == everything


def test_only_what_changed_is_worked_out(looks: Looks) -> None:
    update(description="by hand")(looks)
    assert [host.action for host in looks.quick().hosts] == ["drifted"]
    assert looks.compared == [ref(looks, "sw1")]
    looks.world.netbox.change("dcim/devices/", looks.numbers["sw2"], serial="new")
    assert [host.action for host in looks.quick().hosts] == ["drifted", "pending"]
    assert sorted(looks.compared) == sorted((ref(looks, "sw1"), ref(looks, "sw2")))
    looks.compared.clear()
    assert not looks.world.sync(**looks.options, mode="incremental", state_store=str(looks.store)).failed
    assert sorted(looks.compared) == sorted((ref(looks, "sw1"), ref(looks, "sw2")))
    assert looks.quick().hosts == []
    looks.settled()


def test_a_renamed_site_shows_on_every_host(looks: Looks) -> None:
    site = looks.world.netbox.ids["site"]
    looks.world.netbox.change("dcim/sites/", site, name="Berlin eins")
    try:
        assert told(looks.quick()) == told(looks.look(mode="full", dry_run=True))
        assert looks.quick().stats["pending"] == len(looks.numbers)
    finally:
        looks.world.netbox.change("dcim/sites/", site, name="Berlin 1")


@pytest.mark.parametrize(
    "rule",
    [
        {"secrets": {"snmp": "canary-snmp", "macro": "another"}},
        {"mappings": policy(description="another")},
        {"ownership": {"tags": "replace"}},
        {"statuses": {"device": {"active": "disabled"}}},
    ],
    ids=lambda rule: next(iter(rule)),
)
def test_by_other_rules_every_host_is_compared(looks: Looks, rule: dict[str, Any]) -> None:
    looks.options |= rule
    everything = told(looks.look(mode="full", dry_run=True))
    assert told(looks.quick()) == everything
    assert len(looks.compared) == len(looks.numbers)
    assert told(looks.quick()) == everything


def test_a_damaged_memory_costs_time_alone(looks: Looks) -> None:
    (path,) = looks.store.glob("snapshots/*-agreed.gz")
    path.write_bytes(b"no gzip at all")
    update(description="by hand")(looks)
    assert [host.action for host in looks.quick().hosts] == ["drifted"]
    assert len(looks.compared) == len(looks.numbers)
    looks.quick()
    assert looks.compared == [ref(looks, "sw1")]


def test_the_memory_goes_with_one_snapshot(looks: Looks) -> None:
    (path,) = looks.store.glob("snapshots/*-agreed.gz")
    old = path.read_bytes()
    looks.world.netbox.change("dcim/devices/", looks.numbers["sw1"], serial="new")
    looks.quick()
    path.write_bytes(old)
    assert [host.action for host in looks.quick().hosts] == ["pending"]
    assert len(looks.compared) == len(looks.numbers)


def test_a_full_look_compares_every_host_and_remembers(looks: Looks) -> None:
    assert looks.look(mode="full", state_store=str(looks.store)).hosts == []
    assert len(looks.compared) == len(looks.numbers)
    looks.quick()
    assert looks.compared == []


def test_a_dry_run_remembers_nothing(looks: Looks) -> None:
    (path,) = looks.store.glob("snapshots/*-agreed.gz")
    path.unlink()
    looks.quick(dry_run=True)
    assert not path.exists()


def test_addresses_of_interfaces_are_asked_for_in_each_run(looks: Looks) -> None:
    """They are no part of what the snapshot holds."""
    looks.options["mappings"] = policy(interfaces=[{"type": "agent", "address": "interface:mgmt"}])
    assert not looks.world.sync(**looks.options).failed
    looks.quick()
    assert looks.quick().hosts == []
    assert len(looks.compared) == len(looks.numbers)
