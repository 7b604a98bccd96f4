"""What people do in a random sequence: to objects in NetBox, and to hosts in Zabbix by hand."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from integration.proofs.checking import BY_HAND, Checked
from integration.proofs.mixture import DEVICES, MACHINES
from integration.proofs.model import Thing
from integration.world import TOP

OLD = TOP + "/old"
#: objects in NetBox at a time
MOST = 8

pick = st.integers(0, 1000)


class People(Checked):
    """Rules that change one side."""

    @initialize()
    def begin(self) -> None:
        self.start_anew()
        for kind, ref in (("other", "device:1"), ("", "")):
            tags = [{"tag": "netbox_instance", "value": kind}, {"tag": "netbox_id", "value": ref}] if kind else []
            self.world.zabbix.api(
                "host.create",
                host=f"theirs-{kind}",
                groups=[{"groupid": self.world.zabbix.group(OLD)}],
                tags=[*tags, {"tag": "owner", "value": "they"}],
                templates=[{"templateid": self.world.zabbix.template("ICMP Ping")}],
                interfaces=[{"type": 1, "main": 1, "useip": 1, "ip": "192.0.2.5", "dns": "", "port": "10050"}],
            )
        for number in range(3):
            self.make(number % 2 == 0)
        self.sync("full")

    def teardown(self) -> None:
        self.world.zabbix.remove_hosts([{"hostid": hostid} for hostid in self.look().hosts])
        for thing in self.things:
            if thing.there:
                self.world.netbox.call("DELETE", f"{thing.path}{thing.id}/")

    def make(self, device: bool, serial: str = "", name: str = "") -> Thing:
        self.number += 1
        path = DEVICES if device else MACHINES
        ids = self.world.netbox.ids
        more = {"device_type": ids["type"]} if device else {"cluster": None}
        fields = {"name": name or f"n{self.number}", "serial": serial or f"S{self.number}", "status": "active"}
        row = self.world.netbox.call("POST", path, {**fields, **more, "site": ids["site"], "role": ids["role"]})
        thing = Thing(path, row["id"], fields["name"], fields["serial"], "site")
        self.things.append(thing)
        return thing

    @property
    def there(self) -> list[Thing]:
        return [thing for thing in self.things if thing.there]

    def one(self, number: int) -> Thing:
        assume(self.there)
        return self.there[number % len(self.there)]

    def patch(self, thing: Thing, **fields: Any) -> None:
        self.world.netbox.change(thing.path, thing.id, **fields)

    @precondition(lambda self: len(self.there) < MOST)
    @rule(device=st.booleans())
    def add(self, device: bool) -> None:
        self.make(device)

    @rule(number=pick, other=pick)
    def rename(self, number: int, other: int) -> None:
        """Take a new name, or the one of somebody who takes a new one, or change names."""
        thing, second = self.one(number), self.one(other)
        self.number += 1
        fresh = f"n{self.number}"
        if thing is second:
            thing.name = fresh
            self.patch(thing, name=fresh)
            return
        names = thing.name, second.name
        self.patch(second, name=fresh)
        self.patch(thing, name=names[1])
        thing.name, second.name = names[1], fresh
        if number % 2:
            self.patch(second, name=names[0])
            second.name = names[0]

    @precondition(lambda self: len(self.there) > 1)
    @rule(number=pick, again=st.booleans(), same_name=st.booleans())
    def remove(self, number: int, again: bool, same_name: bool) -> None:
        """Delete an object, and perhaps make it again at once, under another id."""
        thing = self.one(number)
        self.world.netbox.call("DELETE", f"{thing.path}{thing.id}/")
        thing.there = False
        if again:
            self.make(thing.path == DEVICES, thing.serial, thing.name if same_name else "")

    @rule(number=pick)
    def make_again(self, number: int) -> None:
        gone = [thing for thing in self.things if not thing.there]
        gone = [thing for thing in gone if all(one.serial != thing.serial for one in self.there)]
        assume(gone and len(self.there) < MOST)
        old = gone[number % len(gone)]
        self.make(old.path == DEVICES, old.serial)

    @rule(number=pick, status=st.sampled_from(["active", "active", "staged", "decommissioning", "failed"]))
    def set_status(self, number: int, status: str) -> None:
        thing = self.one(number)
        if status == "failed":
            thing.excluded = not thing.excluded
            self.patch(thing, custom_fields={"zabbix_exclude": thing.excluded})
        else:
            thing.status = status
            self.patch(thing, status=status)

    @rule(number=pick)
    def move(self, number: int) -> None:
        thing = self.one(number)
        thing.site = "site2" if thing.site == "site" else "site"
        self.patch(thing, site=self.world.netbox.ids[thing.site])

    # --- what people do in Zabbix

    @rule(number=pick, what=st.sampled_from(["tag", "macro", "template", "group", "disable", "description", "unlink"]))
    def work_by_hand(self, number: int, what: str) -> None:
        zabbix, look = self.world.zabbix, self.look()
        hosts = sorted(look.ours, key=int)
        assume(hosts)
        hostid = hosts[number % len(hosts)]
        host = look.hosts[hostid]
        mine = self.mine.setdefault(hostid, set())
        if what == "tag":
            zabbix.api("host.update", hostid=hostid, tags=[*host["tags"], {"tag": "mine", "value": str(number)}])
        elif what == "macro":
            assume("macro" not in mine)
            zabbix.api("usermacro.create", hostid=hostid, macro="{$MINE}", value="1")
        elif what == "template":
            some = [{"templateid": zabbix.template("ICMP Ping")}]
            assume(host["interfaces"])
            zabbix.api("host.massadd", hosts=[{"hostid": hostid}], templates=some)
        elif what == "group":
            assume(not look.archived(hostid))
            zabbix.api("host.massadd", hosts=[{"hostid": hostid}], groups=[{"groupid": zabbix.group(BY_HAND)}])
        elif what == "unlink":
            kept = [one for one in host["parentTemplates"] if not one["name"].startswith("sequence")]
            zabbix.api("host.update", hostid=hostid, templates=[{"templateid": one["templateid"]} for one in kept])
        else:
            zabbix.api("host.update", hostid=hostid, **({"status": 1} if what == "disable" else {"description": "?"}))
        if what in ("tag", "macro", "template", "group"):
            mine.add(what)
        self.last = None

    @rule(number=pick)
    def delete_by_hand(self, number: int) -> None:
        hosts = sorted(self.look().ours, key=int)
        assume(hosts)
        self.world.zabbix.api("host.delete", [hosts[number % len(hosts)]])
        self.last = None

    @rule(number=pick, mode=st.sampled_from(["full", "auto"]))
    def clone_by_hand(self, number: int, mode: str) -> None:
        """Copy a host with all its tags; the next run leaves both alone, until a person decides."""
        look, thing = self.look(), self.one(number)
        hosts = look.of(thing.ref)
        assume(len(hosts) == 1)
        host = look.hosts[hosts[0]]
        self.number += 1
        self.world.zabbix.api(
            "host.create",
            host=f"clone{self.number}",
            groups=[{"groupid": group["groupid"]} for group in host["groups"]],
            tags=host["tags"],
            macros=[{"macro": macro["macro"], "value": macro["value"]} for macro in host["macros"]],
        )
        self.last = None
        self.sync(mode)
        self.sync(mode, resolve={thing.ref: hosts[0]})
