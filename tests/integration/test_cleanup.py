"""MaintenanceCleanup: what is over goes on both sides, whatever fails in between; what is not ours stays."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import GuardError, NetboxZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance import MaintenanceResult
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance_cleanup import (
    CleanupOptions,
    clean_up,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance_now import NowOptions, declare_now
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store

from integration.maintaining import Maintaining, at, lasting
from integration.playing import Played
from integration.world import INSTANCE, World

pytestmark = pytest.mark.zabbix


@pytest.fixture
def maintaining(world: World) -> Iterator[Maintaining]:
    found = Maintaining(world)
    found.clean()
    yield found
    found.clean()
    for one in made(found):
        world.netbox.call("DELETE", f"extras/config-contexts/{one['id']}/")


def made(maintaining: Maintaining) -> list[dict[str, Any]]:
    """Return the config contexts of maintenance_now."""
    netbox = maintaining.world.netbox
    return netbox.call("GET", "extras/config-contexts/", name__isw="zabbix maintenance: ")["results"]


def clean(
    maintaining: Maintaining, maintenances: Any = None, token: str | None = None, **options: Any
) -> MaintenanceResult:
    world = maintaining.world
    world.proxy.calls.clear()
    if world.netbox.standin:
        world.netbox.standin.clear_requests()
    given = CleanupOptions(maintaining.sources(maintenances), **{"grace": "0m", **options})
    zabbix = world.zabbix.connection(token, world.proxy.url)
    return clean_up(world.netbox.connection(), zabbix, given, lambda text: None)


def make_over(maintaining: Maintaining, *names: str, hours: float = 3) -> None:
    """Let windows have been over for some hours, as if time had passed."""
    end = int(time.time() - hours * 3600) // 60 * 60
    for name in names:
        live = maintaining.window(name)
        body = {"active_since": end - 3600, "active_till": end}
        periods = [{"timeperiod_type": 0, "start_date": end - 3600, "period": 3600}]
        maintaining.world.zabbix.api(
            "maintenance.update", {"maintenanceid": live["maintenanceid"], "timeperiods": periods, **body}
        )


def past(hours: float = 3) -> dict[str, str]:
    return {"start": at(hours=-hours - 1), "end": at(hours=-hours)}


def actions(result: MaintenanceResult) -> dict[str, str]:
    return {f"{one.side}: {one.name}": one.action for one in result.windows}


def test_what_is_over_undeclared_or_without_hosts_goes(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("c-a")
    world.device("c-b", site=world.netbox.ids["site2"])
    world.sync()
    context = maintaining.context({name: lasting() for name in ("over", "fresh", "undeclared", "on")})
    maintaining.run()
    maintaining.redeclare(context, {"over": past(30), "fresh": past(2), "on": lasting()})
    make_over(maintaining, "over", hours=30)
    make_over(maintaining, "fresh", hours=2)
    checked = clean(maintaining, grace="1d", dry_run=True, want_diff=True)
    assert (world.proxy.writes, world.netbox_writes(), checked.changed) == ([], [], True)
    assert "- Zabbix: undeclared (nothing declares it any more)\n" in checked.diff
    result = clean(maintaining, grace="1d")
    assert actions(result) == {
        "zabbix: over": "delete",
        "zabbix: fresh": "kept",
        "zabbix: undeclared": "delete",
        # a person's declaration of what is over is told of
        "netbox: over": "kept",
    }
    assert (result.stats["removed_zabbix"], result.stats["expired"], result.stats["checked"]) == (2, 1, 5)
    assert maintaining.ours() == ["fresh", "on"]
    again = clean(maintaining, grace="1d")
    assert (again.changed, world.proxy.writes) == (False, [])


def test_config_contexts_of_people(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("c-a")
    world.sync()
    only = maintaining.context({"a": past(), "b": past()}, "only windows")
    more = world.netbox.make(
        "extras/config-contexts/",
        name="more",
        sites=[world.netbox.ids["site"]],
        data={"zabbix_maintenance": {"c": past()}, "ntp": ["10.0.0.1"]},
    )
    some = maintaining.context({"d": past(), "e": lasting()}, "one is on")
    result = clean(maintaining)
    assert {name for name, action in actions(result).items() if action == "kept"} == {
        *("netbox: a", "netbox: b", "netbox: c", "netbox: d")
    }
    assert (result.changed, world.netbox_writes()) == (False, [])
    result = clean(maintaining, deactivate=True)
    assert result.stats["deactivated_netbox"] == 1
    active = {
        one["id"]: one["is_active"] for one in world.netbox.call("GET", "extras/config-contexts/", limit=0)["results"]
    }
    assert [active[one["id"]] for one in (only, more, some)] == [False, True, True]
    assert not clean(maintaining, deactivate=True).changed


def declare(maintaining: Maintaining, name: str = "now") -> None:
    given = NowOptions(name, hosts=["c-a"], reason="CHG-1", by="ann")
    declare_now(maintaining.world.netbox.connection(), given, lambda text: None)


def end(maintaining: Maintaining, name: str = "now") -> None:
    declare_now(maintaining.world.netbox.connection(), NowOptions(name, state="absent"), lambda text: None)


def test_what_maintenance_now_made_goes_from_both_sides(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("c-a")
    world.sync()
    declare(maintaining)
    maintaining.run()
    assert not clean(maintaining).changed
    end(maintaining)
    result = clean(maintaining)
    assert actions(result) == {"zabbix: now": "delete", "netbox: now": "delete"}
    assert (maintaining.ours(), made(maintaining)) == ([], [])
    # and one that came to its end by itself
    declare(maintaining)
    maintaining.run()
    (context,) = made(maintaining)
    data = context["data"]["zabbix_maintenance"]["now"]
    world.netbox.change(
        "extras/config-contexts/", context["id"], data={"zabbix_maintenance": {"now": {**data, **past()}}}
    )
    make_over(maintaining, "now")
    result = clean(maintaining, grace="1d")
    assert (result.changed, len(made(maintaining)), maintaining.ours()) == (False, 1, ["now"])
    result = clean(maintaining)
    assert actions(result) == {"zabbix: now": "delete", "netbox: now": "delete"}
    assert (maintaining.ours(), made(maintaining)) == ([], [])


@pytest.mark.parametrize("fault", ["cut", "lose", "refuse", "netbox"])
def test_faults_between_the_two_leave_nothing_behind(maintaining: Maintaining, fault: str) -> None:
    world = maintaining.world
    if fault == "netbox" and world.netbox.standin is None:
        pytest.skip("a real NetBox does not fail on demand")
    world.device("c-a")
    world.sync()
    for name in ("one", "two"):
        declare(maintaining, name)
    maintaining.run()
    for name in ("one", "two"):
        end(maintaining, name)
    if fault == "cut":
        world.proxy.cut_next("maintenance.delete", count=100)
    elif fault == "lose":
        world.proxy.lose_next("maintenance.delete", count=100)
    elif fault == "refuse":
        world.proxy.answer_next(500, "", "maintenance.delete", count=100)
    elif world.netbox.standin:
        world.netbox.standin.fail_next(500, path_prefix="/api/extras/config-contexts/", method="DELETE")
    result = clean(maintaining)
    if fault == "lose":
        # carried out without an answer, and found out by reading back
        assert result.failed == []
    else:
        assert result.failed
        assert len(made(maintaining)) == 2, "a declaration stays as long as its window, or NetBox, does"
    world.proxy.clear()
    if world.netbox.standin:
        world.netbox.standin.no_faults()
    assert clean(maintaining).failed == []
    assert (maintaining.ours(), made(maintaining)) == ([], [])
    assert not clean(maintaining).changed


def test_windows_of_others_are_listed_and_go_only_by_name(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("c-a")
    world.sync()
    ended = int(time.time()) // 60 * 60 - 7200
    over = {
        "active_since": ended - 3600,
        "active_till": ended,
        "timeperiods": [{"timeperiod_type": 0, "start_date": ended - 3600, "period": 3600}],
    }
    other = 'netops.netbox_zabbix {"instance": "somebody else", "window": "w"}'
    maintaining.foreign("CHG-1", **over)
    maintaining.foreign("theirs", **over)
    maintaining.foreign("CHG-2")
    maintaining.foreign("CHG-3", description=other, **over)
    before = {name: maintaining.picture(name) for name in ("CHG-1", "theirs", "CHG-2", "CHG-3")}
    # an account of the least rights does not see windows of hosts that it may not write
    token = world.zabbix.lab.token
    result = clean(maintaining, token=token)
    assert actions(result) == {"zabbix: CHG-1": "kept", "zabbix: theirs": "kept"}
    assert {name: maintaining.picture(name) for name in before} == before
    result = clean(maintaining, token=token, foreign=["CHG-*"])
    assert actions(result) == {"zabbix: CHG-1": "delete", "zabbix: theirs": "kept"}
    assert result.stats["removed_foreign"] == 1
    del before["CHG-1"]
    assert {name: maintaining.picture(name) for name in before} == before
    assert "CHG-1" not in maintaining.windows()


def test_more_than_may_be_removed_stops_it(maintaining: Maintaining) -> None:
    world = maintaining.world
    world.device("c-a")
    world.sync()
    context = maintaining.context({f"w{number}": lasting() for number in range(12)})
    maintaining.run()
    maintaining.redeclare(context, {})
    with pytest.raises(GuardError, match=r"100 % of our 12 windows, over the limit of 50 % \(max_deletions.perc"):
        clean(maintaining)
    with pytest.raises(GuardError, match=r"over the limit of 11 \(max_deletions.count\)"):
        clean(maintaining, max_deletions={"count": 11, "percent": None})
    assert len(maintaining.ours()) == 12
    assert clean(maintaining, max_deletions={"percent": 100}).stats["removed_zabbix"] == 12


def test_a_host_that_a_window_holds_can_be_deleted_after_it(maintaining: Maintaining) -> None:
    """Zabbix refuses to delete the last host of a window."""
    world = maintaining.world
    device = world.device("c-a")
    world.device("c-b")
    world.sync()
    maintaining.context({"w": lasting(match={"name": "c-a"})})
    maintaining.run()
    hostid = world.host("c-a")["hostid"]
    with pytest.raises(NetboxZabbixError, match="must contain at least one host"):
        world.zabbix.api("host.delete", [hostid])
    world.netbox.change("dcim/devices/", device["id"], name="renamed")
    clean(maintaining)
    world.zabbix.api("host.delete", [hostid])


def test_old_snapshots_go(maintaining: Maintaining, tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    assert store is not None
    for name in ("snapshots/old", "snapshots/new", "settings/old"):
        store.write(name, b"{}")
    for path in tmp_path.rglob("old*"):
        os.utime(path, (time.time() - 40 * 86400,) * 2)
    checked = clean(maintaining, state_store=str(tmp_path), dry_run=True)
    assert (checked.changed, checked.stats["removed_snapshots"]) == (True, 1)
    assert len(store.list()) == 3
    assert clean(maintaining, state_store=str(tmp_path)).stats["removed_snapshots"] == 1
    assert [entry.name for entry in store.list()] == ["settings/old", "snapshots/new"]
    assert not clean(maintaining, state_store=str(tmp_path)).changed


def test_archived_hosts_go_with_the_playbook(maintaining: Maintaining, play: Callable[..., Played]) -> None:
    """The retention, after the windows: Zabbix would not delete the last host of one."""
    world = maintaining.world
    device = world.device("c-a")
    world.device("c-b")
    world.sync()
    maintaining.run([{"name": "w", **lasting(), "match": {"name": "c-a"}}])
    world.netbox.remove("dcim/devices/", device["id"])
    world.sync()
    (host,) = [one for one in world.ours() if any(tag["tag"] == "netbox_archived" for tag in one["tags"])]
    tags = [
        {"tag": tag["tag"], "value": "2026-01-01" if tag["tag"] == "netbox_archived" else tag["value"]}
        for tag in host["tags"]
    ]
    world.zabbix.api("host.update", {"hostid": host["hostid"], "tags": tags})
    played = play(playbook="cleanup", variables={"netbox_zabbix_retention_days": 100})
    assert played.code == 0, played.text
    assert "no host of Zabbix is of its objects" in played.text or "nothing declares it any more" in played.text
    assert maintaining.ours() == []
    assert [one["host"] for one in world.ours()] == ["c-b"]
    assert play(playbook="cleanup", variables={"netbox_zabbix_retention_days": 100}).recap["changed"] == 0


def test_the_playbook(maintaining: Maintaining, play: Callable[..., Played]) -> None:
    world = maintaining.world
    world.device("c-a")
    world.sync()
    maintaining.run([{"name": "w", **lasting(), "match": {"site": "ber1"}}])
    variables = {"netbox_zabbix_cleanup_grace": "1h"}
    played = play("--check", "--diff", playbook="cleanup", variables=variables)
    assert (played.code, played.recap["changed"]) == (0, 1), played.text
    assert "- Zabbix: w (nothing declares it any more)" in played.text
    assert maintaining.ours() == ["w"]
    played = play(playbook="cleanup", variables=variables)
    assert (played.code, played.recap["changed"], maintaining.ours()) == (0, 1, []), played.text
    assert play(playbook="cleanup", variables=variables).recap["changed"] == 0
    assert INSTANCE
