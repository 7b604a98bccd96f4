"""An estate, and changes of every kind to it at once: new objects, other attributes, ends, returns, renames in circles.

`Mixture(world, size).settle()` builds it and lets Zabbix have it; `change()` makes the changes in NetBox, which a run
then finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result

from integration.world import INSTANCE, TOP, World

DEVICES, MACHINES = "dcim/devices/", "virtualization/virtual-machines/"
#: how often each kind of object is there among 100
SHARES: dict[str, int] = {
    "stays": 10,
    "serial": 10,  # gets another serial number
    "moves": 8,  # to another site, and takes another name
    "role": 8,  # becomes a router, which has other templates, macros, interfaces, proxy, encryption, IPMI
    "plain": 5,  # was one
    "described": 6,
    "disabled": 4,
    "renamed": 6,
    "swapped": 4,  # names change places, two by two
    "rotated": 3,  # ... three by three
    "ends": 8,
    "gives": 2,  # ends, and another one takes its name
    "excluded": 3,
    "removed": 5,
    "back": 6,  # was archived, returns
    "anew": 3,  # deleted and made again under another id
    "returns": 2,  # was gone and archived, is made again
    "new": 6,
}
#: kinds whose object is not there before the changes
LATER = ("new",)
LIMITS = {name: {"percent": 100} for name in ("creates", "archives", "disables", "template_removals", "updates")}


@dataclass
class Mixture:
    """`size`: how many objects there are, at least. `templates`: names of the templates that it made."""

    world: World
    size: int
    objects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    #: where runs find NetBox, where that is a proxy
    netbox_url: str | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What the sync is told, as plain JSON."""
        return {
            "instance": INSTANCE,
            "mappings": self.policy(),
            "limits": LIMITS,
            "min_objects_percent": 0,
            "deletion": {"graveyard": TOP + "/archive"},
            "statuses": {"device": {"staged": "disabled"}, "virtual_machine": {"staged": "disabled"}},
        }

    def policy(self) -> list[dict[str, Any]]:
        one, two, three = self.templates
        return [
            {
                "name": "everything",
                "host_groups": [TOP + "/{site}"],
                "templates": [one],
                "interfaces": [{"type": "agent"}],
                "tags": {"site": "{site.slug}", "role": "{role.slug}"},
                "macros": {"{$SITE}": "{site.slug}"},
                "inventory": {"serialno_a": "{serial}", "location": "{site}"},
                "description": "{description}",
            },
            {
                "name": "routers",
                "match": {"role": "mixture-router"},
                "host_groups": [TOP + "/routers"],
                "templates": {"remove": [one], "add": [two, three]},
                "macros": {"{$ROUTER}": "yes", "{$SITE}": {"value": "{site.slug}", "description": "of a router"}},
                "interfaces": [
                    {"type": "agent", "port": "10055"},
                    {"type": "jmx", "address": "192.0.2.9"},
                    {"type": "ipmi", "address": "192.0.2.9"},
                    {"type": "snmp", "address": "192.0.2.9", "version": 2, "community": "{$COMMUNITY}", "bulk": False},
                ],
                "proxy": "lab-proxy",
                "inventory": {"os": "routing"},
                "inventory_mode": "automatic",
                "tls_connect": "certificate",
                "tls_accept": ["none", "certificate"],
                "tls_issuer": "CN=mixture",
                "ipmi_authtype": "md5",
                "ipmi_privilege": "operator",
                "ipmi_username": "mixture",
            },
        ]

    def sync(self, **more: Any) -> Result:
        """Run the job as a super admin: host groups are made in the run too."""
        connection = self.world.zabbix.connection(self.world.zabbix.lab.token, self.world.proxy.url)
        netbox = self.world.netbox.connection(url=self.netbox_url)
        result = self.world.sync(netbox=netbox, zabbix=connection, **{**self.options, **more})
        assert not result.failed, result.message
        return result

    def settle(self, **more: Any) -> None:
        """Build the estate, let Zabbix have it with what was archived long ago, and let people work on the hosts."""
        self._surroundings()
        for number, kind in enumerate(self._kinds()):
            self.objects.setdefault(kind, []).append({"number": number, "kind": kind})
        self._make([one for kind, some in self.objects.items() if kind not in LATER for one in some])
        self.sync(**more)
        self._patch("back", status="decommissioning")
        self._delete(self.objects["returns"])
        self.sync(**more)
        self._work_by_hand()

    def _kinds(self) -> Iterator[str]:
        for kind, share in SHARES.items():
            number = max(1, round(share * self.size / 100))
            step = {"swapped": 2, "rotated": 3}.get(kind, 1)
            yield from [kind] * (number + -number % step)

    def _surroundings(self) -> None:
        netbox, zabbix = self.world.netbox, self.world.zabbix
        self.ids["router"] = netbox.make("dcim/device-roles/", name="Mixture router", slug="mixture-router")["id"]
        self.ids["site3"] = netbox.make("dcim/sites/", name="Munich 1", slug="muc1")["id"]
        self.ids["cluster"] = netbox.ids["cluster"]
        group = zabbix.group_of_templates()
        for name in ("one", "two", "three"):
            template = f"mixture {name}"
            made = zabbix.api("template.create", host=template, groups=[{"groupid": group}])["templateids"][0]
            for key in ("a", "b"):
                item = {"name": key, "key_": f"{name}.{key}", "type": 2, "value_type": 3, "hostid": made}
                zabbix.api("item.create", item)
            self.templates.append(template)

    def _make(self, objects: list[dict[str, Any]]) -> None:
        """Make objects with addresses, by few requests."""
        for path, some in ((DEVICES, objects), (MACHINES, objects)):
            rows = [one for one in some if (one["number"] % 5 == 4) == (path == MACHINES)]
            if not rows:
                continue
            made = self.world.netbox.make_all(path, [self._row(path, one) for one in rows])
            for one, row in zip(rows, made, strict=True):
                one |= {"id": row["id"], "path": path, "name": row["name"]}
            self._address(path, rows)

    def _row(self, path: str, one: dict[str, Any]) -> dict[str, Any]:
        ids, number = self.world.netbox.ids, one["number"]
        site = ids["site2"] if number % 3 == 1 else ids["site"]
        row = {
            "name": one.get("name") or f"m{number:03d}",
            "site": one.get("site", site),
            "status": "active",
            "serial": one.get("serial") or f"S-{number:03d}",
            "role": self.ids["router"] if one.get("kind") == "plain" else ids["role"],
        }
        return {**row, "cluster": None} if path == MACHINES else {**row, "device_type": ids["type"]}

    def _address(self, path: str, rows: list[dict[str, Any]]) -> None:
        netbox = self.world.netbox
        if path == DEVICES:
            interfaces, kind, owner, more = "dcim/interfaces/", "dcim.interface", "device", {"type": "virtual"}
        else:
            interfaces, kind, owner, more = (
                "virtualization/interfaces/",
                "virtualization.vminterface",
                "virtual_machine",
                {},
            )
        ports = netbox.make_all(interfaces, [{owner: one["id"], "name": "mgmt", **more} for one in rows])
        addresses = netbox.make_all(
            "ipam/ip-addresses/",
            [
                {
                    "address": f"10.77.{one['number'] // 250}.{one['number'] % 250 + 1}/16",
                    "assigned_object_type": kind,
                    "assigned_object_id": port["id"],
                }
                for one, port in zip(rows, ports, strict=True)
            ],
        )
        changes = [{"id": one["id"], "primary_ip4": made["id"]} for one, made in zip(rows, addresses, strict=True)]
        netbox.call("PATCH", path, changes)

    def _work_by_hand(self) -> None:
        """Give every third host what a person adds to one."""
        zabbix = self.world.zabbix
        group = zabbix.group(TOP + "/by hand")
        template = zabbix.template("ICMP Ping")
        hosts = sorted(self.world.ours(), key=lambda host: int(host["hostid"]))[::3]
        some = [{"hostid": host["hostid"]} for host in hosts]
        more = {"groups": [{"groupid": group}], "templates": [{"templateid": template}]}
        zabbix.api("host.massadd", hosts=some, macros=[{"macro": "{$MINE}", "value": "1"}], **more)
        for host in hosts:
            zabbix.api(
                "host.update",
                hostid=host["hostid"],
                tags=[{"tag": tag["tag"], "value": tag["value"]} for tag in host["tags"]]
                + [{"tag": "mine", "value": "1"}],
            )

    # --- the changes

    def change(self) -> None:
        """Change NetBox."""
        self._patch("serial", each=lambda one: {"serial": f"new-{one['number']}"})
        self._patch("moves", each=lambda one: {"site": self.ids["site3"], "name": f"muc-{one['number']}"})
        self._patch("role", role=self.ids["router"])
        self._patch("plain", role=self.world.netbox.ids["role"])
        self._patch("described", description="told by NetBox")
        self._patch("disabled", status="staged")
        self._patch("renamed", each=lambda one: {"name": f"renamed-{one['number']}"})
        self._circle("swapped", 2)
        self._circle("rotated", 3)
        self._patch("ends", status="decommissioning")
        self._patch("excluded", custom_fields={"zabbix_exclude": True})
        self._delete(self.objects["removed"])
        self._patch("back", status="active")
        self._patch("gives", each=lambda one: {"name": f"old-{one['number']}", "status": "decommissioning"})
        again = [{**one, "serial": f"S-{one['number']:03d}"} for one in self.objects["anew"]]
        self._delete(self.objects["anew"])
        again += [{**one, "serial": f"S-{one['number']:03d}"} for one in self.objects["returns"]]
        heirs = [
            {"number": 900 + at, "name": one["name"], "serial": f"heir-{at}"}
            for at, one in enumerate(self.objects["gives"])
        ]
        self._make([*again, *heirs, *self.objects["new"]])

    def _patch(self, kind: str, each: Any = None, **fields: Any) -> None:
        for path in (DEVICES, MACHINES):
            rows = [one for one in self.objects[kind] if one["path"] == path]
            if rows:
                self.world.netbox.call(
                    "PATCH", path, [{"id": one["id"], **fields, **(each(one) if each else {})} for one in rows]
                )

    def _circle(self, kind: str, length: int) -> None:
        """Let names go round among each `length` objects; NetBox takes no name twice in between."""
        some = self.objects[kind]
        old = {one["number"]: one["name"] for one in some}
        self._patch(kind, each=lambda one: {"name": f"moving-{one['number']}"})
        new = {}
        for at in range(0, len(some), length):
            ring = some[at : at + length]
            for one, other in zip(ring, [*ring[1:], ring[0]], strict=True):
                new[one["number"]] = old[other["number"]]
        self._patch(kind, each=lambda one: {"name": new[one["number"]]})

    def _delete(self, objects: list[dict[str, Any]]) -> None:
        for path in (DEVICES, MACHINES):
            rows = [{"id": one["id"]} for one in objects if one["path"] == path]
            if rows:
                self.world.netbox.call("DELETE", path, rows)

    def clean(self) -> None:
        """Remove the templates; the rest goes with the world."""
        zabbix = self.world.zabbix
        zabbix.remove_hosts(self.world.ours())
        found = zabbix.api("template.get", output=["templateid"], filter={"host": self.templates})
        zabbix.api("template.delete", [one["templateid"] for one in found])
