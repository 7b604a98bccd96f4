"""What NetBox and Zabbix hold in a test of a job, and a short way to run it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection, ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.turn import Turn
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import NetBoxObject
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.selection import Selection
from unit.policy.samples import device
from unit.reconcile.fake import FakeZabbix

POLICY = """
- name: everything
  host_groups: [All, "Sites/{site}"]
  templates: [ICMP Ping]
  tags: {role: "{role.slug}"}
  interfaces: [{type: agent}]
"""
WRITES = ("create", "update", "delete")


@dataclass
class Estate:
    """`objects`: NetBox's; `told`: what was written back to it; it is also what the job takes for its NetBox client."""

    objects: list[NetBoxObject] = field(default_factory=list)
    zabbix: FakeZabbix = field(default_factory=FakeZabbix)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    progress: list[str] = field(default_factory=list)
    #: how many devices the token may not see
    hidden: int = 0
    meanwhile: Callable[[], None] | None = None

    #: what NetBox's client tells of itself
    url = "https://netbox.invalid"
    version = (4, 6, 8)
    reader = "graphql"
    clock = None
    clock_offset = 0.0

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Nobody else runs, unless `meanwhile` says what another run did."""
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        yield Turn(act is not None)

    def devices(self, *numbers: int, **changes: Any) -> None:
        """Put devices into NetBox, each with an address of its own."""
        for number in numbers:
            address = {"address": f"10.0.0.{number}", "cidr": f"10.0.0.{number}/24", "family": 4, "dns_name": ""}
            custom_fields = {"zabbix_hostid": None, "zabbix_sync_status": None}
            values = {"primary_ip": address, "primary_ip4": address, "custom_fields": custom_fields} | changes
            self.objects.append(device(number, **values))

    def change(self, number: int, **changes: Any) -> None:
        (found,) = [one for one in self.objects if one.id == number]
        found.attributes.update(changes)

    def remove(self, *numbers: int) -> None:
        self.objects = [one for one in self.objects if one.id not in numbers]

    def listed(self) -> list[tuple[str, int, str | None]]:
        return [(one.kind, one.id, one.attributes["name"]) for one in self.objects]

    def counted(self) -> dict[str, int]:
        return {"device": len(self.objects) + self.missing, "virtual_machine": 0}

    def selected(self, ids: Any, gone: list[str] | None = None) -> Selection:
        numbers = frozenset(int(ref.split(":")[1]) for ref in ids)
        if gone is not None:
            there = numbers & {one.id for one in self.objects}
            gone += [f"device:{number}" for number in sorted(numbers - there)]
            numbers = there
        return Selection(ids={"device": numbers})

    def run(self, policy: str = POLICY, **options: Any) -> Result:
        """Run the job; what was written back is in NetBox afterwards, as the next run reads it."""
        self.told.clear()
        self.progress.clear()
        self.zabbix.log.clear()
        values = {"instance": "netbox-test", "mappings": yaml.safe_load(policy)}
        result = sync_hosts(
            NetBoxConnection("https://netbox.invalid", "token"),
            ZabbixConnection("https://zabbix.invalid", "token"),
            SyncOptions(**(values | options)),
            self.progress.append,
        )
        for one in self.objects:
            one.attributes["custom_fields"] = {**one.attributes["custom_fields"], **self.told.get(one.ref, {})}
        return result

    @property
    def writes(self) -> list[str]:
        """The names of all requests to Zabbix that write."""
        return [name for name, size in self.zabbix.log if size and name.rstrip("[]").rsplit(".", 1)[-1] in WRITES]


def actions(result: Result) -> dict[str, str]:
    return {host.object: host.action for host in result.hosts}


def errors(result: Result) -> dict[str, str]:
    return {host.object: host.error or "" for host in result.failed}
