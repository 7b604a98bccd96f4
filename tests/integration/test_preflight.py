"""Both sides checked before a job runs: what is wrong is told with what to do, and nothing is written."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection, ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import least_privileges
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.checks import Check
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.preflight import (
    JOBS,
    PreflightOptions,
    PreflightResult,
    preflight,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import needs
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.needs import ADMIN, NEEDS
from lab.netbox import StandIn

from integration.playing import Played
from integration.world import World

REAL = bool(os.environ.get("NETBOX_URL"))
DAY = 86_400


def look(
    world: World, *, netbox: NetBoxConnection | None = None, zabbix: ZabbixConnection | None = None, **options: Any
) -> PreflightResult:
    """Look at both sides, as administrators unless the test has another account."""
    result = preflight(
        netbox or world.netbox.connection(world.netbox.admin_token),
        zabbix or world.zabbix.connection(world.zabbix.lab.token, url=world.proxy.url),
        PreflightOptions(**options),
        lambda text: None,
    )
    # whatever was found: only questions were asked, and writing methods got empty lists
    assert not result.changed
    return result


def row(result: PreflightResult, check: str, server: str) -> Check:
    (found,) = [one for one in result.checks if (one.check, one.server) == (check, server)]
    return found


def worse(result: PreflightResult) -> set[tuple[str, str, str]]:
    return {(one.server, one.check, one.status) for one in result.checks if one.status != "ok"}


@pytest.fixture
def account(world: World) -> Iterator[Callable[..., str]]:
    """Return a function that makes a user of Zabbix and returns its token: type, methods that its role denies, host
    groups that it may read (2) or write (3), seconds after which the token ends.
    """
    side = world.zabbix

    def leave() -> None:
        for kind, key, name in (
            ("user", "userid", "username"),
            ("usergroup", "usrgrpid", "name"),
            ("role", "roleid", "name"),
        ):
            for one in side.api(f"{kind}.get", output=[key], filter={name: ["preflight"]}):
                side.api(f"{kind}.delete", [one[key]])

    def make(
        user_type: int = 2,
        deny: list[str] | None = None,
        rights: dict[str, int] | None = None,
        expires_in: float | None = None,
    ) -> str:
        leave()
        rules = {"api.access": 1, "api.mode": 0, "api": deny or []}
        role = side.api("role.create", name="preflight", type=user_type, rules=rules)["roleids"][0]
        given = [{"id": side.group(name), "permission": permission} for name, permission in (rights or {}).items()]
        asked: dict[str, Any] = {"name": "preflight"}
        if side.release >= (6, 2):
            groups = side.api("templategroup.get", output=["groupid"])
            asked["hostgroup_rights"] = given
            asked["templategroup_rights"] = [{"id": group["groupid"], "permission": 2} for group in groups]
        else:
            groups = side.api("hostgroup.get", output=["groupid"], search={"name": "Templates"}, startSearch=True)
            asked["rights"] = given + [{"id": group["groupid"], "permission": 2} for group in groups]
        group = side.api("usergroup.create", asked)["usrgrpids"][0]
        user = side.api(
            "user.create",
            username="preflight",
            passwd="Before.0815-xyz",
            roleid=role,
            usrgrps=[{"usrgrpid": group}],
        )["userids"][0]
        ends = int(time.time() + expires_in) if expires_in else 0
        token = side.api("token.create", name="preflight", userid=user, expires_at=ends)["tokenids"][0]
        secret: str = side.api("token.generate", [token])[0]["token"]
        return secret

    yield make
    leave()


def test_all_is_well(world: World) -> None:
    """An administrator on both sides, and a policy of what there is."""
    world.zabbix.group("Linux servers")
    mappings = [{"name": "a", "host_groups": ["Linux servers", "T/{site}"], "templates": ["ICMP Ping"]}]
    result = look(world, mappings=mappings, fail_on="warning")
    assert worse(result) == set()
    assert (result.worst, result.refused, result.failed) == ("ok", "", [])
    assert result.sees["zabbix"]["everything"] is True
    assert result.sees["zabbix"]["templates"] > 300
    assert {one.check for one in result.checks if one.check.startswith("permissions.")} == {
        f"permissions.{job}" for job in JOBS if needs.NEEDS[job].needed or needs.NEEDS[job].useful
    }
    assert "0 errors, 0 warnings" in result.message
    assert sum(result.requests["zabbix"].values()) == len(world.proxy.calls) < 10
    assert {call.status for call in world.proxy.calls} == {200}


def test_the_accounts_of_least_rights_are_enough_for_their_jobs(world: World) -> None:
    # some need a super admin, who is no account of least rights
    jobs = [job for job in least_privileges.JOBS if job in JOBS and NEEDS[job].user_type <= ADMIN]
    result = look(world, netbox=world.netbox.connection(), zabbix=world.zabbix.connection(), jobs=jobs)
    assert [one for one in result.checks if one.status == "error"] == []
    assert result.sees["zabbix"]["everything"] is False


def test_an_empty_list_writes_nothing(world: World) -> None:
    """What is asked of writing methods: hosts, groups and the audit log stay as they are."""

    def picture() -> tuple[Any, ...]:
        api = world.zabbix.api
        return (
            world.zabbix.hosts(sortfield="hostid"),
            api("hostgroup.get", output="extend", sortfield="groupid"),
            api("auditlog.get", countOutput=True, filter={"resourcetype": [4, 14]}),
        )

    before = picture()
    look(world)
    assert picture() == before


def test_an_expired_token_is_told_and_the_other_side_is_looked_at(world: World) -> None:
    result = look(world, zabbix=world.zabbix.connection(world.zabbix.lab.expired_token))
    found = row(result, "connection", "zabbix")
    assert found.status == "error"
    assert "expired" in found.found
    assert row(result, "permissions.sync", "netbox").status == "ok"
    assert result.worst == "error"
    assert result.refused
    assert "zabbix" not in result.sees


def test_a_token_that_ends_soon_is_a_warning(world: World, account: Callable[..., str]) -> None:
    soon = account(rights={"Linux servers": 3}, expires_in=6 * DAY)
    result = look(world, zabbix=world.zabbix.connection(soon))
    found = row(result, "token_expiry", "zabbix")
    assert (found.status, "in 5 days" in found.found) == ("warning", True)


def test_a_user_that_may_only_read(world: World) -> None:
    result = look(world, zabbix=world.zabbix.connection(world.zabbix.lab.readonly_token), jobs=["sync", "import"])
    assert row(result, "user", "zabbix").found.endswith("sync need the type Admin")
    assert row(result, "methods.sync", "zabbix").found == "not allowed: host.create, host.update"
    assert row(result, "methods.import", "zabbix").status == "ok"
    assert row(result, "host_groups", "zabbix").status == "error"
    assert result.sees["zabbix"]["everything"] is False


def test_a_role_with_a_deny_list(world: World, account: Callable[..., str]) -> None:
    """Also where the role may not read itself, and where it is written with wildcards."""
    denied = account(deny=["host.update", "proxy.*", "role.*"], rights={"Linux servers": 3})
    result = look(world, zabbix=world.zabbix.connection(denied), jobs=["sync", "import"])
    found = row(result, "methods.sync", "zabbix")
    assert (found.status, found.found) == ("error", "not allowed: host.update, proxy.get")
    found = row(result, "methods.import", "zabbix")
    assert (found.status, found.found) == ("warning", "not allowed: proxy.get; the job goes on and does less")
    assert "a role that it may not read" in row(result, "user", "zabbix").found


def test_access_to_groups_is_missing(world: World, account: Callable[..., str]) -> None:
    limited = account(rights={"Linux servers": 3, "T/Berlin 1": 2})
    connection = world.zabbix.connection(limited)

    def of(*groups: str) -> Check:
        mappings = [{"name": "a", "host_groups": list(groups)}]
        return row(look(world, zabbix=connection, jobs=["sync"], mappings=mappings), "host_groups", "zabbix")

    assert of("Linux servers").status == "ok"
    found = of("Linux servers", "T/{site}")
    assert found.status == "error"
    assert "only read, of the policy: T/Berlin 1" in found.found
    world.zabbix.group("Hidden")
    found = of("Linux servers", "Hidden", "Nowhere")
    assert found.status == "error"
    assert found.found.endswith("these are hidden or do not exist: Hidden, Nowhere")
    result = look(world, zabbix=connection, jobs=["sync"])
    assert "takes a super admin" in row(result, "group_creation", "zabbix").found
    world.zabbix.api("hostgroup.delete", [world.zabbix.group("Hidden")])


def test_templates_of_the_policy_are_missing(world: World) -> None:
    mappings = [{"name": "a", "templates": ["ICMP Ping", "No such template"]}]
    found = row(look(world, mappings=mappings), "templates", "zabbix")
    assert (found.status, found.found) == ("error", "templates of the policy that do not exist: No such template")


def test_clocks_that_are_apart(world: World) -> None:
    world.proxy.ahead = 95.0
    found = row(look(world), "clocks", "both")
    assert found.status == "warning"
    assert "Zabbix is 95 s ahead" in found.found or "Zabbix is 94 s ahead" in found.found
    # a warning fails only who asked for that
    assert look(world).refused == ""
    assert look(world, fail_on="warning").refused


def test_a_wrong_address_on_each_side(world: World) -> None:
    result = look(world, netbox=world.netbox.connection(url=world.zabbix.lab.url))
    assert row(result, "connection", "netbox").status == "error"
    assert row(result, "methods.sync", "zabbix").status == "ok"
    result = look(world, zabbix=world.zabbix.connection(url=world.netbox.url))
    assert row(result, "connection", "zabbix").status == "error"
    assert row(result, "permissions.sync", "netbox").status == "ok"


def test_zabbix_is_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    result = look(world, zabbix=world.zabbix.connection(url="http://127.0.0.1:9"))
    found = row(result, "connection", "zabbix")
    assert found.status == "error"
    assert "cannot be reached" in found.found
    assert row(result, "permissions.sync", "netbox").status == "ok"
    assert "Zabbix sent no date" in row(result, "clocks", "both").found


def test_zabbix_goes_down_in_the_middle(world: World) -> None:
    world.proxy.answer_next(500, method="hostgroup.get", count=20)
    result = look(world)
    assert row(result, "connection", "zabbix").status == "error"
    assert row(result, "permissions.sync", "netbox").status == "ok"


def as_admin(world: World) -> dict[str, str]:
    return {"NETBOX_TOKEN": world.netbox.admin_token, "ZABBIX_TOKEN": world.zabbix.lab.token}


def test_the_playbook_fails_as_it_is_told(world: World, play: Callable[..., Played]) -> None:
    mappings = [{"name": "a", "templates": ["No such template"]}]
    played = play(playbook="preflight", mappings=mappings, **as_admin(world))
    assert played.code != 0
    assert "templates of the policy that do not exist: No such template" in played.text
    assert "1 errors" in played.text
    played = play(
        playbook="preflight",
        mappings=mappings,
        variables={"netbox_zabbix_preflight_fail_on": "never"},
        **as_admin(world),
    )
    assert (played.code, played.recap["changed"]) == (0, 0)
    played = play(
        "--check", playbook="preflight", variables={"netbox_zabbix_preflight_jobs": ["sync"]}, **as_admin(world)
    )
    assert played.code == 0
    assert "permissions.import" not in played.text
    played = play(playbook="preflight", variables={"netbox_zabbix_preflight_jobs": ["snyc"]})
    assert played.code != 0
    assert 'Did you mean "sync"?' in played.text


def test_setup_tells_first_and_goes_on(world: World, play: Callable[..., Played]) -> None:
    played = play("--check", playbook="setup", NETBOX_TOKEN=world.netbox.admin_token, ZABBIX_TOKEN="")
    told = played.text.index("no address of Zabbix was given")
    assert told < played.text.index("setup : Prepare NetBox]")
    assert played.recap["failed"] == 0


# --- NetBox: what the stand-in can be told to be


@pytest.fixture(scope="module")
def limited() -> Iterator[StandIn]:
    if REAL:
        pytest.skip("on the stand-in only; a real NetBox has a test of its own below")
    with StandIn(limited_sites=("ber1",)) as running:
        yield running


def test_a_netbox_without_graphql(world: World, limited: StandIn) -> None:
    limited.graphql(False)
    result = look(world, netbox=NetBoxConnection(limited.url, limited.token))
    assert row(result, "graphql", "netbox").status == "warning"
    limited.graphql(True)
    result = look(world, netbox=NetBoxConnection(limited.url, limited.token))
    assert row(result, "graphql", "netbox").status == "ok"


def test_tokens_of_the_standin(world: World, limited: StandIn) -> None:
    result = look(world, netbox=NetBoxConnection(limited.url, limited.expired_token))
    assert "Token expired" in row(result, "connection", "netbox").found
    result = look(world, netbox=NetBoxConnection(limited.url, limited.readonly_token), jobs=["sync"])
    assert "read-only: sync will write nothing back" in row(result, "token", "netbox").found
    result = look(world, netbox=NetBoxConnection(limited.url, limited.limited_token), jobs=["sync", "import"])
    found = row(result, "permissions.sync", "netbox")
    assert found.status == "error"
    assert "view extras.customfield" in found.found
    assert "view dcim.device," not in found.found


# --- NetBox: a real one


@pytest.fixture
def viewer(world: World) -> Iterator[Callable[..., str]]:
    """Return a function that makes a user with a permission to view everything, and returns its token."""
    if not REAL:
        pytest.skip("needs a real NetBox (NETBOX_URL, NETBOX_TOKEN)")
    call = world.netbox.call
    made: list[tuple[str, int]] = []

    def make(constraints: Any, **token: Any) -> str:
        types = [
            f"{row['app_label']}.{row['model']}"
            for app in ("dcim", "extras", "ipam", "tenancy", "virtualization")
            for row in call("GET", "core/object-types/", app_label=app, limit=1000)["results"]
        ]
        limited = [name for name in types if constraints and name == "dcim.device"]
        password = "Preflight.0815-xyz"
        user = call("POST", "users/users/", {"username": "preflight", "password": password})
        made.append(("users/users/", user["id"]))
        for number, (names, limits) in enumerate(((sorted({*types} - {*limited}), None), (limited, constraints))):
            if names:
                given = {"name": f"preflight {number}", "object_types": names, "actions": ["view"]}
                permission = call("POST", "users/permissions/", {**given, "constraints": limits, "users": [user["id"]]})
                made.append(("users/permissions/", permission["id"]))
        row = call("POST", "users/tokens/", {"user": user["id"], "version": 2, **token})
        return f"nbt_{row['key']}.{row['token']}" if not row["token"].startswith("nbt_") else str(row["token"])

    yield make
    for path, number in reversed(made):
        call("DELETE", f"{path}{number}/")


def test_constraints_hide_devices_on_a_real_netbox(world: World, viewer: Callable[..., str]) -> None:
    """The user may not read its permissions, so that only the comparison of numbers tells."""
    world.device("seen")
    world.device("hidden", site=world.netbox.ids["site2"])
    token = viewer({"site__slug": "ber1"})
    result = look(world, netbox=world.netbox.connection(token), jobs=["sync"])
    found = row(result, "sees_everything", "netbox")
    assert (found.status, found.found) == ("error", "1 of 2 devices are hidden from this token")
    assert result.sees["netbox"]["everything"] is False
    found = row(result, "permissions.sync", "netbox")
    assert found.status == "warning"
    assert "change dcim.device" in found.found


def test_a_token_that_sees_everything_and_ends_soon_on_a_real_netbox(world: World, viewer: Callable[..., str]) -> None:
    world.device("seen")
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3 * DAY + 3600))
    token = viewer(None, expires=ends, write_enabled=False)
    result = look(world, netbox=world.netbox.connection(token), jobs=["sync", "setup"])
    assert "sees all that NetBox counts: 1 devices" in row(result, "sees_everything", "netbox").found
    assert "in 3 days" in row(result, "token_expiry", "netbox").found
    found = row(result, "token", "netbox")
    assert (found.status, found.found) == (
        "error",
        "user preflight; the token is read-only, and these jobs write: setup",
    )
    found = row(result, "permissions.setup", "netbox")
    assert found.status == "error"
    assert "add and change extras.customlink" in found.found
