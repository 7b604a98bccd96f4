"""How operations of a random sequence are carried out and looked at.

After each: what the result tells of is what changed in Zabbix, to the byte; every host is what the model says, under
the id that it says; what people added is there; hosts of others are as they were; items keep their ids; NetBox links
what belongs together; and the same once more changes nothing.
"""

from __future__ import annotations

import copy
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.adopt import (
    AdoptOptions,
    adopt_hosts,
    release_hosts,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import ACTIONS
from hypothesis.stateful import RuleBasedStateMachine

from integration.proofs.model import (
    ARCHIVED,
    DELETED,
    DISABLED,
    LIVE,
    RELEASED,
    SAME,
    Asked,
    Look,
    Thing,
    expect,
)
from integration.proofs.pictures import differences
from integration.world import INSTANCE, TOP, VOLATILE, World

GRAVEYARD, BY_HAND = TOP + "/archive", TOP + "/by hand"
SITES = {"site": "Berlin 1", "site2": "Hamburg 1"}
LIMITS = {
    name: {"percent": 100} for name in ("creates", "archives", "disables", "deletes", "template_removals", "updates")
}
#: reasons for which a host cannot be made right though nothing is wrong with the collection
EXPLAINED = ('name "', "carry its tag", "no archived host", "not to be monitored")


class Checked(RuleBasedStateMachine):
    """One sequence. `world`, `folder`: given by whoever runs it. `counted`: what all sequences came to."""

    world: World
    folder: Path
    counted: Counter[str] = Counter()

    def start_anew(self) -> None:
        self.store = self.folder / "store"
        shutil.rmtree(self.store, ignore_errors=True)
        self.things: list[Thing] = []
        self.deletion = {"gone": "archive", "absent": "archive", "excluded": "archive"}
        self.ownership: dict[str, str] = {}
        self.variant = "one"
        self.number = 0
        #: what people added to which host
        self.mine: dict[str, set[str]] = {}
        self.adopted: set[str] = set()
        self.last: tuple[str, Look, dict[str, set[str]]] | None = None

    def sides(self) -> tuple[Any, Any]:
        return self.world.netbox.connection(), self.world.zabbix.connection(url=self.world.proxy.url)

    def run(self, job: Callable[..., Result], **more: Any) -> Result:
        given: dict[str, Any] = {
            "instance": INSTANCE,
            "mappings": self.policy(),
            "limits": LIMITS,
            "min_objects_percent": 0,
            "deletion": {**self.deletion, "graveyard": GRAVEYARD},
            "ownership": self.ownership,
            "statuses": {"device": {"staged": "disabled"}, "virtual_machine": {"staged": "disabled"}},
            "state_store": str(self.store),
            "pre_images": True,
            **more,
        }
        options = AdoptOptions(**given) if job in (adopt_hosts, release_hosts) else SyncOptions(**given)
        self.world.proxy.calls.clear()
        result = job(*self.sides(), options, self.world.progress.append)
        self.counted["runs"] += 1
        if not options.dry_run:
            self.counted.update(one.action for one in result.hosts)
        return result

    def policy(self) -> list[dict[str, Any]]:
        return [
            {
                "name": "everything",
                "host_groups": [TOP + "/{site}"],
                "templates": [f"sequence {self.variant}"],
                "interfaces": [{"type": "agent", "address": "192.0.2.7"}],
                "tags": {"site": "{site.slug}"},
                "macros": {"{$SITE}": "{site.slug}"},
                "inventory": {"serialno_a": "{serial}"},
            }
        ]

    def sync(self, mode: str, resolve: dict[str, str] | None = None) -> Result:
        return self.operate(sync_hosts, Asked(self.deletion, resolve=resolve or {}), mode=mode, resolve=resolve)

    def operate(self, job: Callable[..., Result], asked: Asked, **more: Any) -> Result:
        before, mine = self.look(), copy.deepcopy(self.mine)
        result = self.run(job, **more)
        after = self.look()
        self.check(before, after, result, asked)
        if self.world.proxy.writes:
            self.last = (result.run_id, before, mine)
        if asked.refs is None:
            again = self.run(job, **{**more, "resolve": None})
            assert (again.changed, self.world.proxy.writes) == (False, []), again.message
            self.same(self.look().hosts, after.hosts)
            self.check_links(after, result)
        return result

    def look(self) -> Look:
        zabbix = self.world.zabbix
        groups = zabbix.api("hostgroup.get", output=["groupid"], search={"name": TOP + "/"}, startSearch=True)
        rows = zabbix.hosts(groupids=[group["groupid"] for group in groups])
        look = Look({row["hostid"]: _plain(row) for row in rows}, {row["hostid"]: {} for row in rows})
        for item in zabbix.api("item.get", hostids=list(look.hosts), output=["itemid", "hostid", "key_"]):
            look.items[item["hostid"]][item["key_"]] = item["itemid"]
        return look

    def check(self, before: Look, after: Look, result: Result, asked: Asked) -> None:
        failed = {one.object for one in result.failed}
        for one in result.failed:
            # what an adopted host had is other people's, also what we gave it before it was given back
            theirs = one.hostid in self.adopted and "both have the item key" in (one.error or "")
            assert theirs or any(text in (one.error or "") for text in EXPLAINED), f"{one.name}: {one.error}"
        expected = expect(before, self.things, asked, failed)
        assert failed == expected.fail, result.message
        told = {one.hostid for one in result.hosts if one.action in ACTIONS}
        changed = {
            hostid
            for hostid in before.hosts.keys() | after.hosts.keys()
            if before.hosts.get(hostid) != after.hosts.get(hostid)
        }
        assert changed == told, result.message
        known = {thing.ref: thing for thing in self.there}
        for hostid, (fate, ref) in expected.fates.items():
            self.check_fate(before, after, hostid, fate, known.get(ref), ref)
        new = after.hosts.keys() - before.hosts.keys()
        assert sorted(after.ours[hostid] for hostid in new) == sorted(expected.new), result.message
        for hostid in new:
            self.check_live(after, hostid, known[after.ours[hostid]])
        for hostid in before.hosts.keys() & after.hosts.keys():
            lost = before.items[hostid].items() - after.items[hostid].items()
            assert not lost, f"host id {hostid} lost items: {lost}"

    def check_fate(self, before: Look, after: Look, hostid: str, fate: str, thing: Thing | None, ref: str) -> None:
        name = f"host id {hostid} of {ref}"
        if fate == DELETED:
            assert hostid not in after.hosts, f"{name} is still there"
            self.mine.pop(hostid, None)
            return
        assert hostid in after.hosts, f"{name} is gone"
        if fate == RELEASED:
            self.same(after.hosts[hostid], before.without_marks(hostid))
            self.mine.pop(hostid, None)
            return
        assert after.ours.get(hostid) == ref, f"{name} is of {after.ours.get(hostid)}"
        if fate == SAME:
            self.same(after.hosts[hostid], before.hosts[hostid])
        elif fate == DISABLED:
            # that it is off is in its record of what was applied, too
            self.same(after.without_marks(hostid), {**before.without_marks(hostid), "status": "1"})
        elif fate == ARCHIVED:
            host = after.hosts[hostid]
            assert after.archived(hostid), f"{name} is not archived"
            assert (host["status"], [group["name"] for group in host["groups"]]) == ("1", [GRAVEYARD])
            assert host["host"].endswith(f"_archived-{hostid}")
            self.check_mine(after, hostid, {"tag", "macro", "template"})
        else:
            assert fate == LIVE
            assert thing is not None
            mine = self.mine.get(hostid, set())
            mine -= {kind for kind, mode in self.ownership.items() if mode == "replace" for kind in (kind[:-1],)}
            self.check_live(after, hostid, thing)

    def check_live(self, after: Look, hostid: str, thing: Thing) -> None:
        host = after.hosts[hostid]
        found = (host["host"], host["name"], host["status"], after.serial(hostid), after.archived(hostid))
        assert found == (thing.name, thing.name, "0" if thing.status == "active" else "1", thing.serial, False)
        assert TOP + "/" + SITES[thing.site] in {group["name"] for group in host["groups"]}
        assert f"sequence {self.variant}" in {one["name"] for one in host["parentTemplates"]}
        self.check_mine(after, hostid, {"tag", "macro", "template", "group"})

    def check_mine(self, after: Look, hostid: str, kinds: set[str]) -> None:
        host = after.hosts[hostid]
        there = {
            "tag": any(tag["tag"] == "mine" for tag in host["tags"]),
            "macro": any(macro["macro"] == "{$MINE}" for macro in host["macros"]),
            "template": any(one["name"] == "ICMP Ping" for one in host["parentTemplates"]),
            "group": any(group["name"] == BY_HAND for group in host["groups"]),
        }
        lost = {kind for kind in self.mine.get(hostid, set()) & kinds if not there[kind]}
        assert not lost, f"host id {hostid} lost what people gave it: {lost}"

    @staticmethod
    def same(found: Any, wanted: Any) -> None:
        different = differences(found, wanted)
        assert not different, "\n".join(different)

    def check_links(self, after: Look, result: Result) -> None:
        failed = {one.object for one in result.failed}
        for thing in self.there:
            fields = self.world.netbox.call("GET", f"{thing.path}{thing.id}/")["custom_fields"]
            hosts = after.of(thing.ref)
            if thing.ref in failed:
                assert fields["zabbix_sync_status"] in ("failed", "conflict")
            elif thing.monitored:
                assert (str(fields["zabbix_hostid"]), fields["zabbix_sync_status"]) == (hosts[0], "in_sync")
            elif hosts:
                wanted = "archived" if after.archived(hosts[0]) else "excluded"
                assert (str(fields["zabbix_hostid"]), fields["zabbix_sync_status"]) == (hosts[0], wanted)


def _plain(value: Any) -> Any:
    """Return what Zabbix tells without what it changes by itself, lists in an order of their own."""
    if isinstance(value, dict):
        volatile = VOLATILE | {"hostmacroid", "maintenance_from"}
        return {key: _plain(item) for key, item in value.items() if key not in volatile}
    if isinstance(value, list):
        return sorted(map(_plain, value), key=repr)
    return value


def without_new_ids(value: Any, interfaces: set[str]) -> Any:
    """Leave out ids of interfaces that were made anew, and what our macros say of themselves."""
    if isinstance(value, dict):
        if str(value.get("macro")).startswith("{$NETBOX."):
            return {"macro": value["macro"], "value": value["value"]}
        return {
            key: "anew" if key == "interfaceid" and item in interfaces else without_new_ids(item, interfaces)
            for key, item in value.items()
        }
    return sorted((without_new_ids(item, interfaces) for item in value), key=repr) if isinstance(value, list) else value
