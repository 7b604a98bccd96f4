"""The two servers of a measurement: a NetBox stand-in with an estate, and the laboratory's Zabbix, emptied between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.client import Zabbix
from lab import zabbix as zabbix_lab
from lab.estate import generate, load
from lab.netbox import StandIn

from benchmark.policies import INSTANCE, TOP

#: hosts that are removed in one call
DELETED = 500


@dataclass
class Stage:
    """NetBox with `objects` objects, and Zabbix. `may_reset`: whether Zabbix may be put back as a whole."""

    netbox: StandIn
    zabbix: zabbix_lab.ZabbixLab
    objects: int
    may_reset: bool

    @property
    def connections(self) -> dict[str, str]:
        """What the tasks of `measure` need to get to both."""
        return {
            "netbox_url": self.netbox.url,
            "netbox_token": self.netbox.token,
            "zabbix_url": self.zabbix.url + "/api_jsonrpc.php",
            "zabbix_token": self.zabbix.token,
        }

    def netbox_time(self, realistic: bool) -> None:
        """Let the stand-in take the time that a NetBox takes, or answer as fast as it can."""
        self.netbox._control("settings", realistic_time=realistic)

    def empty_zabbix(self) -> None:
        """Take out all hosts and host groups of the benchmark, then wake Zabbix up: its first answers are slower."""
        if self.may_reset:
            zabbix_lab.reset(self.zabbix.version)
        session = self._session()
        if not self.may_reset:
            _remove(session)
        for dummy in range(3):
            session.call("template.get", {"output": ["templateid", "name"], "selectItems": "count"})
        group = session.call("hostgroup.create", {"name": f"{TOP}/warm-up"})["groupids"][0]
        hosts = [{"host": f"bench-warm-up-{number}", "groups": [{"groupid": group}]} for number in range(20)]
        made = session.call("host.create", hosts)["hostids"]
        session.call("host.delete", made)
        session.call("hostgroup.delete", [group])
        session.close()

    def create_groups(self, names: list[str]) -> dict[str, str]:
        """Create host groups and return their ids by name."""
        session = self._session()
        ids = session.call("hostgroup.create", [{"name": name} for name in names])["groupids"]
        session.close()
        return dict(zip(names, ids, strict=True))

    def change_devices(self, number: int, mark: str = "new") -> None:
        """Give that many devices another serial number in NetBox, with this mark."""
        http = requests.Session()
        http.trust_env = False
        http.headers["Authorization"] = f"Bearer {self.netbox.token}"
        url = f"{self.netbox.url}/api/dcim/devices/"
        params: dict[str, str | int] = {"limit": number, "status": "active", "fields": "id,serial"}
        found = http.get(url, params=params, timeout=60).json()
        changed = [{"id": row["id"], "serial": f"{mark}-{row['id']}"} for row in found["results"]]
        http.patch(url, json=changed, timeout=60).raise_for_status()

    def _session(self) -> Zabbix:
        return Zabbix(ZabbixConnection(self.zabbix.url + "/api_jsonrpc.php", token=self.zabbix.token))


def _remove(session: Zabbix) -> None:
    tag = {"tag": "netbox_instance", "value": INSTANCE, "operator": 1}
    ids = [host["hostid"] for host in session.call("host.get", {"output": ["hostid"], "tags": [tag]})]
    for at in range(0, len(ids), DELETED):
        session.call("host.delete", ids[at : at + DELETED])
    groups: list[dict[str, Any]] = session.call(
        "hostgroup.get", {"output": ["groupid", "name"], "search": {"name": TOP}, "startSearch": True}
    )
    ours = [group["groupid"] for group in groups if group["name"].partition("/")[0] == TOP]
    if ours:
        session.call("hostgroup.delete", ours)


@contextmanager
def staged(version: zabbix_lab.Version, objects: int, *, may_reset: bool) -> Iterator[Stage]:
    """Yield a stage, and take the benchmark's hosts out of Zabbix afterwards."""
    lab = zabbix_lab.up(version)
    with StandIn() as netbox:
        load(generate(objects), netbox.url, netbox.token)
        stage = Stage(netbox, lab, objects, may_reset)
        try:
            yield stage
        finally:
            stage.empty_zabbix()
