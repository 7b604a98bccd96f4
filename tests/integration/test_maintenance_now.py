"""A window from now on, as a person or a pipeline asks for it, and its early end."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance_now import (
    NowOptions,
    NowResult,
    declare_now,
)

from integration.maintaining import Maintaining, until
from integration.playing import Played
from integration.world import World, policy

pytestmark = pytest.mark.zabbix

PERSON: dict[str, Any] = {"reason": "CHG-1", "by": "ann"}


@pytest.fixture
def maintaining(world: World) -> Iterator[Maintaining]:
    found = Maintaining(world)
    found.clean()
    yield found
    found.clean()
    contexts(found, delete=True)


def contexts(maintaining: Maintaining, *, delete: bool = False) -> list[dict[str, Any]]:
    """Return the config contexts that the module made."""
    netbox = maintaining.world.netbox
    found = netbox.call("GET", "extras/config-contexts/", name__isw="zabbix maintenance: ")["results"]
    for one in found if delete else ():
        netbox.call("DELETE", f"extras/config-contexts/{one['id']}/")
    return found


def journal(maintaining: Maintaining, kind: str, number: int) -> list[str]:
    netbox = maintaining.world.netbox
    found = netbox.call("GET", "extras/journal-entries/", assigned_object_type=kind, assigned_object_id=number)
    return [one["comments"] for one in sorted(found["results"], key=lambda one: one["id"])]


def now(maintaining: Maintaining, **options: Any) -> NowResult:
    if maintaining.world.netbox.standin:
        maintaining.world.netbox.standin.clear_requests()
    given = NowOptions(**{"name": "power", **PERSON, **options})
    return declare_now(maintaining.world.netbox.connection(), given, lambda text: None)


def test_a_rack_enters_and_leaves_early(maintaining: Maintaining) -> None:
    world = maintaining.world
    rack = world.netbox.make("dcim/racks/", name="R12", site=world.netbox.ids["site"])
    device = world.device("n-a", rack=rack["id"])
    world.device("n-b")
    world.sync()
    result = now(maintaining, match={"rack": "R12"}, collect_data=False)
    assert result.changed
    assert [one.split(" (")[0] for one in result.objects] == ["n-a"]
    (context,) = contexts(maintaining)
    assert [site["slug"] for site in context["sites"]] == ["ber1"]
    assert journal(maintaining, "dcim.device", device["id"]) == [
        f'Maintenance "power" until {result.ends}: CHG-1 (ann)'
    ]
    assert maintaining.run(wait=150, only=["power"]).failed == []
    assert maintaining.inside("n-a", "n-b") == {"n-a": ("1", "1"), "n-b": ("0", "0")}
    assert maintaining.window("power")["description"].startswith("CHG-1 (ann)\n")

    again = now(maintaining, match={"rack": "R12"}, collect_data=False)
    assert (again.changed, world.netbox_writes(), again.ends) == (False, [], result.ends)
    longer = now(maintaining, match={"rack": "R12"}, collect_data=False, extend=True, duration="5h")
    assert longer.changed
    assert longer.ends > result.ends
    (context,) = contexts(maintaining)
    assert context["data"]["zabbix_maintenance"]["power"]["end"] == longer.ends

    ended = now(maintaining, state="absent", by="bob", reason="done")
    assert ended.changed
    assert journal(maintaining, "dcim.device", device["id"])[-1] == 'Maintenance "power" ended by bob: done'
    result = maintaining.run(wait=150, only=["power"])
    assert (result.stats["deleted"], result.failed) == (1, [])
    assert maintaining.inside("n-a") == {"n-a": ("0", "0")}
    assert not now(maintaining, state="absent").changed
    # and once more, which takes the same config context
    assert now(maintaining, match={"rack": "R12"}).changed
    assert len(contexts(maintaining)) == 1


def test_hosts_by_name_and_check_mode(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("n-[a]")
    world.vm("n-vm", site=None)
    world.device("n-c")
    world.sync(policy(host_groups=["T/all"]))
    checked = now(maintaining, hosts=["n-[a]", "n-vm"], dry_run=True)
    assert (checked.changed, world.netbox_writes(), contexts(maintaining)) == (True, [], [])
    now(maintaining, hosts=["n-[a]", "n-vm"])
    result = maintaining.run(only=["power"])
    assert result.failed == []
    assert len(maintaining.window("power")["hosts"]) == 2


def test_wrong_calls(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("n-a")
    maintaining.context({"power": {"open": True}})
    for options, said in (
        ({"match": {"site": "nosuch"}}, 'NetBox has no site with the slug "nosuch"'),
        ({"match": {"name": "x*"}, "name": "other"}, "no device and no virtual machine"),
        ({"hosts": ["nosuch"], "name": "other"}, "called 'nosuch'"),
        ({}, "give either hosts or match"),
        ({"hosts": ["n-a"], "match": {"site": "ber1"}}, "give either hosts or match"),
        ({"hosts": ["n-a"], "reason": " "}, "reason is missing"),
        ({"hosts": ["n-a"], "duration": "2"}, 'must be a duration such as "4h"'),
        ({"hosts": ["n-a"], "duration": "400d"}, "more than a year"),
        ({"hosts": ["n-a"]}, 'the config context "maintenance" already declares a window "power"'),
    ):
        with pytest.raises(InputError, match=said):
            now(maintaining, **{"name": "p" if "site" in str(options) else "power", **options})


VARIABLES = {
    "netbox_zabbix_maintenance_name": "power",
    "netbox_zabbix_maintenance_hosts": ["n-a"],
    "netbox_zabbix_maintenance_reason": "CHG-1",
    "netbox_zabbix_maintenance_by": "ann",
    "netbox_zabbix_maintenance_wait": 150,
}


def test_the_playbook(maintaining: Maintaining, play: Callable[..., Played]) -> None:
    maintaining.world.device("n-a")
    maintaining.world.sync()
    played = play(playbook="maintenance_now", variables=VARIABLES)
    assert (played.code, played.recap["failed"]) == (0, 0), played.text
    assert maintaining.inside("n-a") == {"n-a": ("1", "0")}
    played = play(playbook="maintenance_now", variables=VARIABLES)
    assert played.recap["changed"] == 0, played.text
    absent = {**VARIABLES, "netbox_zabbix_maintenance_state": "absent"}
    played = play(playbook="maintenance_now", variables=absent)
    assert (played.code, played.recap["changed"]) == (0, 2), played.text
    assert maintaining.inside("n-a") == {"n-a": ("0", "0")}
    played = play(playbook="maintenance_now", variables=absent)
    assert (played.code, played.recap["changed"]) == (0, 0), played.text


def test_killed_between_netbox_and_zabbix(
    maintaining: Maintaining, start: Callable[..., subprocess.Popen[str]], play: Callable[..., Played]
) -> None:
    """What NetBox has and Zabbix has not is done by the next run of the maintenance; so is what was ended."""
    world = maintaining.world
    world.device("n-a")
    world.sync()
    for state, expected in (("present", ["power"]), ("absent", [])):
        before = maintaining.ours()
        variables = {**VARIABLES, "netbox_zabbix_maintenance_state": state}
        world.proxy.calls.clear()
        world.proxy.cut_next(count=1000)
        running = start(playbook="maintenance_now", variables=variables, ZABBIX_URL=world.proxy.url)
        until(lambda: bool(world.proxy.calls))
        running.kill()
        running.communicate(timeout=120)
        time.sleep(15)  # the module that it had started gives up by itself
        world.proxy.clear()
        active = [one["is_active"] for one in contexts(maintaining)]
        assert (active, maintaining.ours()) == ([state == "present"], before)
        assert not maintaining.run().failed
        assert maintaining.ours() == expected
