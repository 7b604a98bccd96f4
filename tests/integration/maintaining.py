"""Maintenance windows as tests handle them: declared in NetBox or a list, run, and looked at in Zabbix."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance import (
    MaintenanceOptions,
    MaintenanceResult,
    WindowResult,
    run_maintenance,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance_sides import Sources

from integration.world import INSTANCE, World

#: a window of other people, which must stay as it is
FOREIGN = "Foreign window"
#: its host
OUTSIDER = "outsider"


def at(**delta: float) -> str:
    """Return a moment from now on, as a declaration has it."""
    return (datetime.now(UTC) + timedelta(**delta)).strftime("%Y-%m-%dT%H:%MZ")


def lasting(hours: float = 2, **more: Any) -> dict[str, Any]:
    """Return a declaration of a window that is on."""
    return {"start": at(minutes=-1), "end": at(hours=hours), **more}


@dataclass
class Maintaining:
    """A world, and short ways to windows."""

    world: World

    def context(self, windows: Any, name: str = "maintenance", **assigned: Any) -> dict[str, Any]:
        """Make a config context with windows; for the site of the tests unless it is assigned elsewhere."""
        assigned = assigned or {"sites": [self.world.netbox.ids["site"]]}
        data = {"zabbix_maintenance": windows}
        return self.world.netbox.make("extras/config-contexts/", name=name, data=data, is_active=True, **assigned)

    def redeclare(self, context: dict[str, Any], windows: Any) -> None:
        self.world.netbox.change("extras/config-contexts/", context["id"], data={"zabbix_maintenance": windows})

    def sources(self, maintenances: Any = None, **more: Any) -> Sources:
        return Sources(instance=INSTANCE, maintenances=maintenances, **more)

    def run(self, maintenances: Any = None, *, token: str | None = None, **options: Any) -> MaintenanceResult:
        """Run the job through the proxy. Waits for the server only where `wait` is given."""
        names = ("calendars", "time_zone", "server_time_zone", "min_objects_percent")
        sources = self.sources(maintenances, **{name: options.pop(name) for name in names if name in options})
        given = MaintenanceOptions(sources, **{"wait": 0, **options})
        world = self.world
        world.proxy.calls.clear()
        world.progress.clear()
        if world.netbox.standin:
            world.netbox.standin.clear_requests()
        zabbix = world.zabbix.connection(token, world.proxy.url)
        return run_maintenance(world.netbox.connection(), zabbix, given, world.progress.append)

    def windows(self, **more: Any) -> dict[str, dict[str, Any]]:
        """Return all windows of Zabbix by name, with all that they have; hosts and groups by name."""
        release = self.world.zabbix.release
        groups, groups_key = ("selectHostGroups", "hostgroups") if release >= (6, 2) else ("selectGroups", "groups")
        asked = {
            "output": "extend",
            "selectHosts": ["host"],
            groups: ["name"],
            "selectTimeperiods": "extend",
            "selectTags": "extend",
            **more,
        }
        found = self.world.zabbix.api("maintenance.get", asked)
        for one in found:
            one["hosts"] = sorted(host["host"] for host in one["hosts"])
            one["groups"] = sorted(group["name"] for group in one.pop(groups_key))
        return {one["name"]: one for one in found}

    def window(self, name: str) -> dict[str, Any]:
        return self.windows()[f"{name} [{INSTANCE}]"]

    def ours(self) -> list[str]:
        return sorted(name.removesuffix(f" [{INSTANCE}]") for name in self.windows() if name.endswith(f"[{INSTANCE}]"))

    def inside(self, *names: str) -> dict[str, tuple[str, str]]:
        """Return of hosts whether they are in maintenance, and of which type."""
        asked = {"output": ["host", "maintenance_status", "maintenance_type"], "filter": {"host": list(names)}}
        found = self.world.zabbix.api("host.get", asked)
        return {one["host"]: (one["maintenance_status"], one["maintenance_type"]) for one in found}

    def foreign(self, name: str = FOREIGN, **more: Any) -> str:
        """Make a window that is not ours, for a host of other people."""
        api = self.world.zabbix.api
        found = api("host.get", filter={"host": [OUTSIDER]}, output=["hostid"])
        group = [{"groupid": self.world.zabbix.group("Outsiders")}]
        hostid = found[0]["hostid"] if found else api("host.create", host=OUTSIDER, groups=group)["hostids"][0]
        now = int(time.time()) // 60 * 60
        body = {
            "name": name,
            "active_since": now,
            "active_till": now + 3600,
            "description": "by hand",
            "hosts": [{"hostid": hostid}],
            "groups": [],
            "timeperiods": [{"timeperiod_type": 0, "start_date": now, "period": 3600}],
            **more,
        }
        return self.world.zabbix.api("maintenance.create", body)["maintenanceids"][0]

    def picture(self, name: str = FOREIGN) -> str:
        """Return all that a window has, as text that can be compared."""
        return json.dumps(self.windows()[name], sort_keys=True)

    def clean(self) -> None:
        self.world.proxy.clear()
        found = self.world.zabbix.api("maintenance.get", {"output": ["maintenanceid"]})
        if found:
            self.world.zabbix.api("maintenance.delete", [one["maintenanceid"] for one in found])
        self.world.zabbix.remove_hosts(self.world.zabbix.hosts(filter={"host": [OUTSIDER]}))


def of(result: MaintenanceResult, name: str) -> WindowResult:
    """Return what a result says of one window."""
    (found,) = [one for one in result.windows if one.name == name]
    return found


def until(true: Callable[[], bool], seconds: float = 150) -> None:
    """Wait until something is so, at most so long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(1)
