"""A whole company and its hosts: the jobs over a NetBox of its own, as a super admin of Zabbix."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.host_config_refresh import (
    RefreshOptions,
    refresh_hosts,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from lab.estate import generate, load, purge
from lab.netbox import StandIn

from integration.netbox.conftest import Company
from integration.world import TOP, ZabbixSide

#: hosts that Zabbix removes in one call
REMOVED = 500
#: all hosts are disabled: nobody answers at their addresses
STATUSES = {
    kind: dict.fromkeys(
        ("active", "planned", "staged", "failed", "inventory", "decommissioning", "offline", "paused"), "disabled"
    )
    for kind in ("device", "virtual_machine")
}


@dataclass
class CompanyJobs:
    """The sync and the look over the company. `options`: what both are told."""

    company: Company
    zabbix: ZabbixSide
    instance: str
    options: dict[str, Any] = field(default_factory=dict)

    def sync(self, **more: Any) -> Result:
        limits = {name: {"percent": None} for name in ("creates", "updates", "archives", "deletes", "disables")}
        return self._run("sync", sync_hosts, SyncOptions(**self._given(limits=limits, **more)))

    def look(self, **more: Any) -> Result:
        return self._run("look", refresh_hosts, RefreshOptions(**self._given(**more)))

    def _given(self, **more: Any) -> dict[str, Any]:
        archive = {"graveyard": f"{TOP}/{self.instance}/archive"}
        return {"instance": self.instance, "statuses": STATUSES, "deletion": archive, **self.options, **more}

    def _run(self, what: str, job: Any, options: Any) -> Result:
        began = time.monotonic()
        netbox, zabbix = self.company.connection(), self.zabbix.connection(self.zabbix.lab.token)
        result: Result = job(netbox, zabbix, options, lambda text: None)
        print(f"{what}, {options.mode}: {time.monotonic() - began:.1f} s; {result.message}")
        return result

    def hosts(self) -> list[dict[str, Any]]:
        """Return all hosts of the company, with all that they have."""
        return self.zabbix.hosts(tags=[{"tag": "netbox_instance", "value": self.instance, "operator": 1}])

    def clean(self) -> None:
        """Take the hosts and their groups out of Zabbix."""
        tag = {"tag": "netbox_instance", "value": self.instance, "operator": 1}
        ours = [host["hostid"] for host in self.zabbix.api("host.get", output=["hostid"], tags=[tag])]
        for at in range(0, len(ours), REMOVED):
            self.zabbix.api("host.delete", ours[at : at + REMOVED])
        found = {"output": ["groupid"], "search": {"name": f"{TOP}/{self.instance}"}, "startSearch": True}
        groups = self.zabbix.api("hostgroup.get", found)
        if groups:
            self.zabbix.api("hostgroup.delete", [group["groupid"] for group in groups])


@contextmanager
def company_jobs(zabbix: ZabbixSide, instance: str, objects: int, store: Path, **options: Any) -> Iterator[CompanyJobs]:
    """Yield the jobs over a company of that many objects in a stand-in of its own, without a host in Zabbix; over the
    company of the NetBox in NETBOX_URL where one is given, which stays as it is found.
    """
    with _company(objects) as company:
        jobs = CompanyJobs(company, zabbix, instance, {"state_store": str(store), **options})
        jobs.clean()
        try:
            yield jobs
        finally:
            jobs.clean()


@contextmanager
def _company(objects: int) -> Iterator[Company]:
    url = os.environ.get("NETBOX_URL", "").rstrip("/")
    if not url:
        with StandIn() as standin:
            load(generate(objects), standin.url, standin.token)
            yield Company(standin.url, standin.token, None, standin)
        return
    there = Company(url, os.environ["NETBOX_TOKEN"], None, None)
    empty = there.api.dcim.devices.count() == 0
    if empty:
        load(generate(objects), url, there.token)
    try:
        yield there
    finally:
        if empty:
            purge(url, there.token)
