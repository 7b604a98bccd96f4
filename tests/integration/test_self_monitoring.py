"""Zabbix watches the jobs: the template that is shipped, the host, values that arrive, triggers that fire."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.self_monitoring import (
    MonitoringOptions,
    monitor_the_sync,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.sender import send_figures
from lab import zabbix as zabbix_lab
from tools import collection

from integration.playing import Played
from integration.world import INSTANCE, World, ZabbixSide

HOST = f"NetBox sync {INSTANCE}"
TEMPLATE = (collection.ROOT / "roles" / "self_monitoring" / "files" / "netbox_sync.yml").read_text()
AGE, FAILED = "{$NETBOX_ZABBIX.MAX_AGE}", "{$NETBOX_ZABBIX.MAX_FAILED}"


class Watched:
    """The host that takes the figures, on a real server."""

    def __init__(self, world: World) -> None:
        self.zabbix: ZabbixSide = world.zabbix
        self.where = {"server": "127.0.0.1", "port": zabbix_lab.server_port(self.zabbix.lab.version), "host": HOST}

    def make(self, **options: Any) -> Result:
        given = MonitoringOptions(TEMPLATE, HOST, "NetBox sync", **options)
        return monitor_the_sync(self.zabbix.connection(self.zabbix.lab.token), given, lambda text: None)

    def host(self) -> dict[str, Any]:
        found = self.zabbix.hosts(filter={"host": [HOST]})
        return found[0] if found else {}

    def remove(self) -> None:
        self.zabbix.remove_hosts(self.zabbix.hosts(filter={"host": [HOST]}))
        groups = self.zabbix.api("hostgroup.get", filter={"name": ["NetBox sync"]}, output=["groupid"])
        if groups:
            self.zabbix.api("hostgroup.delete", [group["groupid"] for group in groups])
        templates = self.zabbix.api("template.get", filter={"host": ["NetBox sync"]}, output=["templateid"])
        if templates:
            self.zabbix.api("template.delete", [template["templateid"] for template in templates])

    def send(self, result: Result) -> str:
        return send_figures(result.full(), "hosts_sync", self.where)

    def send_until_taken(self, result: Result) -> None:
        """Send until the server knows the host with all its items: it reads its configuration every 10 seconds in the
        laboratory, and 6.0 may take a value before it knows what is made of it.
        """
        wait(lambda: self.send(result) == "" and "ok" in self.values(), pause=1)

    def values(self) -> dict[str, float]:
        """Return the last values of the sync's items, those alone that have one."""
        items = self.zabbix.api(
            "item.get", host=HOST, output=["key_", "lastvalue", "lastclock"], search={"key_": "[hosts_sync]"}
        )
        return {
            item["key_"].removeprefix("netbox_zabbix.").removesuffix("[hosts_sync]"): float(item["lastvalue"])
            for item in items
            if item["lastclock"] != "0" and item["key_"] != "netbox_zabbix.run[hosts_sync]"
        }

    def problems(self) -> set[str]:
        """Return the names of the triggers that have fired, without the job's name."""
        found = self.zabbix.api(
            "trigger.get",
            host=HOST,
            output=["description"],
            only_true=True,
            filter={"value": 1},
            expandDescription=True,
        )
        return {trigger["description"].removeprefix("hosts_sync: ") for trigger in found}


def wait(true: Callable[[], bool], seconds: float = 60, pause: float = 0.5) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not true after {seconds} s"
        time.sleep(pause)


@pytest.fixture
def watched(world: World) -> Iterator[Watched]:
    watched = Watched(world)
    watched.remove()
    yield watched
    watched.remove()


def test_the_host_is_made_once_and_put_right(watched: Watched) -> None:
    assert watched.make(dry_run=True).changed
    assert watched.host() == {}
    made = watched.make(macros={AGE: "2h"})
    assert (made.changed, made.stats["created"]) == (True, 1)
    host = watched.host()
    assert {template["name"] for template in host["parentTemplates"]} == {"NetBox sync"}
    assert {group["name"] for group in host["groups"]} == {"NetBox sync"}
    again = watched.make(macros={AGE: "2h"})
    assert (again.changed, again.hosts) == (False, [])
    assert not any(kind.endswith((".create", ".update", ".import")) for kind in again.requests["zabbix"])

    watched.zabbix.api(
        "host.update",
        hostid=host["hostid"],
        templates_clear=[{"templateid": host["parentTemplates"][0]["templateid"]}],
        macros=[{"macro": AGE, "value": "9h"}, {"macro": "{$OWN}", "value": "1"}],
    )
    right = watched.make(macros={AGE: "2h", FAILED: "3"})
    assert right.hosts[0].changes == ["linked template", "macros"]
    host = watched.host()
    assert {macro["macro"]: macro["value"] for macro in host["macros"]} == {AGE: "2h", FAILED: "3", "{$OWN}": "1"}
    assert len(host["parentTemplates"]) == 1
    assert not watched.make(macros={AGE: "2h", FAILED: "3"}).changed


def test_a_template_of_another_state_is_replaced(watched: Watched) -> None:
    watched.make()
    (template,) = watched.zabbix.api("template.get", filter={"host": ["NetBox sync"]}, output=["templateid"])
    watched.zabbix.api("template.update", templateid=template["templateid"], description="Content 0123456789ab.")
    items = watched.zabbix.api("item.get", templateids=[template["templateid"]], output=["itemid"])
    assert watched.make().hosts[0].changes == ["template"]
    now = watched.zabbix.api("item.get", templateids=[template["templateid"]], output=["itemid"])
    assert {item["itemid"] for item in now} == {item["itemid"] for item in items}
    triggers = watched.zabbix.api("trigger.get", templateids=[template["templateid"]], countOutput=True)
    dashboards = watched.zabbix.api(
        "templatedashboard.get", templateids=[template["templateid"]], selectPages=["widgets"]
    )
    assert int(triggers) == 5 * 4 + 2
    assert [len(page["widgets"]) for dashboard in dashboards for page in dashboard["pages"]] == [9]


def test_values_arrive_and_triggers_tell(watched: Watched, world: World) -> None:
    watched.make(macros={AGE: "1h"})
    world.device("sw1")
    world.device("sw2")
    watched.send_until_taken(world.sync())
    wait(lambda: watched.values().get("changed") == 2)
    values = watched.values()
    assert abs(values["last_success"] - time.time()) < 60
    assert (values["ok"], values["failed"], values["objects"], values["requests"] > 5) == (1, 0, 2, True)
    assert 0 < values["duration"] < 60
    assert watched.problems() == set()

    # drift, then a host that fails, then a guard, then no answer at all
    world.zabbix.api("host.update", hostid=world.host("sw1")["hostid"], name="by hand")
    assert watched.send(world.sync()) == ""
    wait(lambda: watched.problems() == {"hosts were changed in Zabbix by others (over 0)"})

    device = world.device("sw3")
    assert (
        watched.send(world.sync([{"name": "bad", "templates": ["There is none"], "host_groups": ["T/Berlin 1"]}])) == ""
    )
    wait(lambda: watched.problems() == {"hosts failed in the last run (over 0)"})
    assert watched.values()["ok"] == 0
    assert device

    assert watched.send(Result("SyncHostsNow", False, refused="over a limit")) == ""
    wait(lambda: watched.problems() == {"the guard stopped the last run"})

    assert watched.send(Result("SyncHostsNow", False, error="Zabbix cannot be reached")) == ""
    wait(lambda: watched.problems() == {"the last run ended before its end"})

    assert watched.send(world.sync()) == ""
    wait(lambda: watched.problems() == set())


def test_a_schedule_that_stopped_raises_the_trigger(watched: Watched, world: World) -> None:
    watched.make(macros={AGE: "30s"})
    began = time.monotonic()
    watched.send_until_taken(Result("SyncHostsNow", False))
    problem = {"no run went well for 30s"}
    wait(lambda: watched.problems() == problem, 120)
    assert time.monotonic() - began > 30
    # a run that failed is none that went well
    assert watched.send(Result("SyncHostsNow", False, error="no answer")) == ""
    wait(lambda: watched.values().get("ok") == 0)
    assert problem <= watched.problems()
    assert watched.send(Result("SyncHostsNow", False)) == ""
    wait(lambda: watched.problems() == set(), 60)


def test_a_job_that_never_ran_raises_the_trigger(watched: Watched) -> None:
    watched.make(macros={AGE: "30s"})
    wait(lambda: watched.problems() == {"no run went well for 30s"}, 150)


def test_the_sync_leaves_that_host_alone(watched: Watched, world: World) -> None:
    watched.make()
    before = watched.host()
    world.device("sw1")
    result = world.sync()
    assert [host.name for host in result.hosts] == ["sw1"]
    assert (result.stats["managed"], result.stats["orphans"], result.notes) == (0, 0, [])
    assert world.sync().hosts == []
    assert watched.host() == before


def test_a_host_of_the_sync_is_not_taken_for_it(watched: Watched, world: World) -> None:
    world.device(HOST)
    world.sync()
    with pytest.raises(InputError, match="give another name"):
        watched.make()


def test_the_playbooks(watched: Watched, world: World, play: Callable[..., Played]) -> None:
    variables = {"netbox_zabbix_self_monitoring": watched.where, "netbox_zabbix_self_monitoring_macros": {AGE: "3h"}}
    administrator = {"ZABBIX_TOKEN": watched.zabbix.lab.token}
    made = play(playbook="self_monitoring", variables=variables, **administrator)
    assert (made.code, made.recap["changed"]) == (0, 1), made.text
    again = play(playbook="self_monitoring", variables=variables, **administrator)
    assert (again.code, again.recap["changed"]) == (0, 0), again.text
    watched.send_until_taken(Result("SyncHostsNow", False))
    world.device("sw1")
    synced = play(variables=variables)
    assert synced.code == 0, synced.text
    assert "did not reach" not in synced.text
    wait(lambda: watched.values().get("changed") == 1)

    # nobody listens: the run goes on as if nothing was, and says so
    away = play(variables={"netbox_zabbix_self_monitoring": {**watched.where, "port": 1}})
    assert away.code == 0, away.text
    assert "The figures of this run did not reach Zabbix at 127.0.0.1:1" in " ".join(away.text.split())


def test_a_dry_run_and_a_module_without_a_schedule_send_nothing(watched: Watched) -> None:
    nowhere = {"server": "127.0.0.1", "port": 1, "host": HOST}
    assert send_figures(Result("SyncHostsNow", True).full(), "hosts_sync", nowhere) == ""
    assert send_figures(Result("ExplainHosts", False).full(), "host_config_info", nowhere) == ""
    assert "did not reach Zabbix at 127.0.0.1:1" in send_figures(
        Result("SyncHostsNow", False).full(), "hosts_sync", nowhere
    )
    unknown = {**watched.where, "host": "Nobody"}
    assert "does not take" in send_figures(Result("SyncHostsNow", False).full(), "hosts_sync", unknown)
