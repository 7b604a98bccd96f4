"""The laboratory keeps what lab.sh promises. Needs root.

These tests stop, reset and repack the lab. Where others use it, give them one of their own:
NETBOX_ZABBIX_LAB=/var/tmp/lab NETBOX_ZABBIX_LAB_PORT_SHIFT=1000 pytest tests/lab/zabbix
"""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab import zabbix
from lab.zabbix import Version, ZabbixLab

pytestmark = [
    pytest.mark.zabbix,
    pytest.mark.skipif(os.geteuid() != 0, reason="a chroot needs root"),
]

LINUX_SERVERS, ZABBIX_SERVERS = "2", "4"  # ids of stock host groups, the same in every Zabbix


@pytest.fixture(scope="module", params=zabbix.VERSIONS)
def lab(request: pytest.FixtureRequest) -> ZabbixLab:
    version: Version = request.param
    running = zabbix.up(version)
    zabbix.reset(version)
    return running


class ZabbixAnswer(Exception):
    """Zabbix answered with an error."""


def call(lab: ZabbixLab, method: str, params: Any, *, token: str | None = None) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    headers = {"Content-Type": "application/json-rpc"}
    if lab.version == "6.0":
        body["auth"] = token or lab.token
    else:
        headers["Authorization"] = f"Bearer {token or lab.token}"
    request = urllib.request.Request(f"{lab.url}/api_jsonrpc.php", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        reply = json.load(answer)
    if "error" in reply:
        raise ZabbixAnswer(reply["error"]["data"])
    return reply["result"]


def host_names(lab: ZabbixLab) -> list[str]:
    return sorted(host["host"] for host in call(lab, "host.get", {"output": ["host"]}))


def create_host(lab: ZabbixLab, name: str, group: str = LINUX_SERVERS, *, token: str | None = None) -> None:
    call(lab, "host.create", {"host": name, "groups": [{"groupid": group}]}, token=token)


def chroot(lab: ZabbixLab) -> Path:
    return zabbix.home(lab.version) / "root"


def processes(lab: ZabbixLab) -> dict[int, int]:
    """Process id and parent's id of all that runs in the chroot."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "root").samefile(chroot(lab)):
                found[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended while we looked, or is of the machine around a container: not ours
    return found


def daemons(lab: ZabbixLab) -> set[int]:
    found = processes(lab)
    return {pid for pid, parent in found.items() if parent not in found}


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def test_started_twice_is_started_once(lab: ZabbixLab) -> None:
    create_host(lab, "stays")
    before = daemons(lab)
    assert len(before) == 6, "PostgreSQL, nginx, php-fpm, server, agent, proxy"
    assert zabbix.up(lab.version) == lab
    assert daemons(lab) == before
    assert "stays" in host_names(lab)


def test_back_to_a_snapshot_until_a_plain_reset(lab: ZabbixLab) -> None:
    create_host(lab, "kept")
    zabbix.snapshot(lab.version, "moment")
    create_host(lab, "late")
    zabbix.reset(lab.version, "moment")
    assert "kept" in host_names(lab)
    assert "late" not in host_names(lab)
    zabbix.reset(lab.version)
    assert "kept" not in host_names(lab)
    with pytest.raises(zabbix.LabError, match="no snapshot moment"):
        zabbix.reset(lab.version, "moment")


def test_everything_listens_on_loopback_only(lab: ZabbixLab) -> None:
    inodes = set()
    for pid in processes(lab):
        for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = os.readlink(descriptor)
            except FileNotFoundError:
                continue  # closed while we looked
            if target.startswith("socket:["):
                inodes.add(target.removeprefix("socket:[").removesuffix("]"))
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            local, state = columns[1], columns[3]
            if state == "0A" and columns[9] in inodes:
                listening.append(local.split(":")[0])
    assert len(listening) == 5, "web, PostgreSQL, server, agent, proxy"
    assert set(listening) == {"0100007F"}, "127.0.0.1 as the kernel writes it"


def test_only_root_reads_the_tokens(lab: ZabbixLab) -> None:
    for name in ("env", "tokens"):
        assert stat.S_IMODE((zabbix.home(lab.version) / name).stat().st_mode) == 0o600
    assert lab.token not in repr(lab)


def test_reset_undoes_what_was_done_and_keeps_the_tokens(lab: ZabbixLab) -> None:
    zabbix.reset(lab.version)
    pristine = call(lab, "hostgroup.get", {"output": "extend"}), host_names(lab)
    create_host(lab, "made by a test")
    call(lab, "host.delete", [call(lab, "host.get", {"filter": {"host": "Zabbix server"}})[0]["hostid"]])
    call(lab, "hostgroup.create", {"name": "made by a test"})

    zabbix.reset(lab.version)

    assert (call(lab, "hostgroup.get", {"output": "extend"}), host_names(lab)) == pristine
    assert zabbix.describe(lab.version) == lab
    for token in (lab.limited_token, lab.readonly_token):
        assert call(lab, "template.get", {"countOutput": True}, token=token) != "0"


def test_a_request_that_runs_during_a_reset_leaves_nothing_behind(lab: ZabbixLab) -> None:
    zabbix.reset(lab.version)
    pristine = host_names(lab)
    template = call(lab, "template.get", {"filter": {"host": "Linux by Zabbix agent"}, "output": ["templateid"]})
    hosts = [
        {
            "host": f"slow {number}",
            "groups": [{"groupid": LINUX_SERVERS}],
            "templates": template,
            "interfaces": [{"type": 1, "main": 1, "useip": 1, "ip": "127.0.0.1", "dns": "", "port": "10050"}],
        }
        for number in range(100)
    ]
    outcome: list[Exception | None] = []

    def create() -> None:
        try:
            call(lab, "host.create", hosts)
            outcome.append(None)
        except (OSError, ZabbixAnswer) as error:
            outcome.append(error)

    writer = threading.Thread(target=create)
    writer.start()
    time.sleep(1)
    zabbix.reset(lab.version)
    writer.join()
    assert isinstance(outcome[0], Exception), "the request ended before the reset: the test shows nothing"
    assert host_names(lab) == pristine


def test_the_limited_account_writes_in_its_groups_only(lab: ZabbixLab) -> None:
    token = lab.limited_token
    create_host(lab, "by the limited account", token=token)
    with pytest.raises(ZabbixAnswer, match=r"permissions to"):
        create_host(lab, "elsewhere", ZABBIX_SERVERS, token=token)
    with pytest.raises(ZabbixAnswer, match=r'No permissions to call "hostgroup\.create"'):
        call(lab, "hostgroup.create", {"name": "new"}, token=token)
    assert "elsewhere" not in host_names(lab)


def test_the_limited_account_reads_all_that_a_synchronisation_needs(lab: ZabbixLab) -> None:
    methods = ["template.get", "proxy.get", "hostinterface.get", "usermacro.get", "maintenance.get"]
    if lab.version != "6.0":
        methods.append("proxygroup.get")
    for method in methods:
        everything = call(lab, method, {"countOutput": True})
        seen = call(lab, method, {"countOutput": True}, token=lab.limited_token)
        if method in ("template.get", "proxy.get", "proxygroup.get"):
            assert seen == everything, method
    seen_groups = {group["name"] for group in call(lab, "hostgroup.get", {}, token=lab.limited_token)}
    assert {name for name in seen_groups if not name.startswith("Templates")} == {"Linux servers", "Discovered hosts"}


def test_the_limited_account_makes_maintenance(lab: ZabbixLab) -> None:
    now = int(time.time())
    window = {
        "name": "by the limited account",
        "active_since": now,
        "active_till": now + 3600,
        "groups": [{"groupid": LINUX_SERVERS}],
        "timeperiods": [{"timeperiod_type": 0, "start_date": now, "period": 3600}],
    }
    made = call(lab, "maintenance.create", window, token=lab.limited_token)["maintenanceids"]
    assert call(lab, "maintenance.delete", made, token=lab.limited_token)["maintenanceids"] == made


def test_the_read_only_account_sees_every_host_and_changes_none(lab: ZabbixLab) -> None:
    seen = call(lab, "host.get", {"countOutput": True}, token=lab.readonly_token)
    assert seen == call(lab, "host.get", {"countOutput": True})
    with pytest.raises(ZabbixAnswer, match=r'No permissions to call "host\.create"'):
        create_host(lab, "by a reader", token=lab.readonly_token)


def test_the_expired_token_says_so(lab: ZabbixLab) -> None:
    with pytest.raises(ZabbixAnswer, match=r"API token expired\."):
        call(lab, "host.get", {}, token=lab.expired_token)


def test_one_proxy_lives_and_the_other_never_did(lab: ZabbixLab) -> None:
    name = "host" if lab.version == "6.0" else "name"

    def last_seen() -> dict[str, int]:
        return {proxy[name]: int(proxy["lastaccess"]) for proxy in call(lab, "proxy.get", {"output": "extend"})}

    assert eventually(lambda: last_seen()["lab-proxy"] > 0, 60)
    assert last_seen()["lab-proxy-2"] == 0
    if lab.version != "6.0":
        groups = call(lab, "proxygroup.get", {"output": ["name"], "selectProxies": ["name"]})
        assert [(group["name"], [proxy["name"] for proxy in group["proxies"]]) for group in groups] == [
            ("lab-group", ["lab-proxy-2"])
        ]


@pytest.mark.slow
def test_the_server_works_on_the_stock_host(lab: ZabbixLab) -> None:
    """Server, agent and their ports fit together: a value arrives."""
    wanted = {"host": "Zabbix server", "filter": {"key_": "agent.ping"}, "output": ["lastclock"]}
    assert eventually(lambda: call(lab, "item.get", wanted)[0]["lastclock"] != "0", 120)


def test_php_reaches_its_memory_limit_for_real(lab: ZabbixLab) -> None:
    heavy = {"output": "extend", "selectItems": "extend", "limit": 100}
    call(lab, "template.get", heavy)
    zabbix.php_memory(lab.version, "16M")
    with pytest.raises(urllib.error.HTTPError) as failure:
        call(lab, "template.get", heavy)
    assert failure.value.code == 500
    assert failure.value.read() == b""

    zabbix.reset(lab.version)
    call(lab, "template.get", heavy)


def test_a_wrong_memory_limit_is_refused(lab: ZabbixLab) -> None:
    with pytest.raises(zabbix.LabError, match="VALUE is a PHP size such as 64M, not 'lots'"):
        zabbix.php_memory(lab.version, "lots")


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(zabbix.LabError, match=r"VERSION must be one of: .*7\.0"):
        zabbix.run("up", "5.4")


def test_a_port_that_another_program_holds_is_named(lab: ZabbixLab) -> None:
    port = int(lab.url.rsplit(":", 1)[1])
    zabbix.down(lab.version)
    try:
        with (
            socket.create_server(("127.0.0.1", port)),
            pytest.raises(zabbix.LabError, match=rf"port {port} \(nginx\) is taken"),
        ):
            zabbix.up(lab.version)
    finally:
        zabbix.up(lab.version)


def test_down_ends_every_process_and_mount_and_keeps_the_data(lab: ZabbixLab) -> None:
    create_host(lab, "kept")
    zabbix.down(lab.version)
    assert processes(lab) == {}
    assert str(chroot(lab)) not in Path("/proc/mounts").read_text()
    assert zabbix.up(lab.version) == lab
    assert "kept" in host_names(lab)


@pytest.mark.slow
def test_a_packed_lab_comes_back_as_it_was(lab: ZabbixLab, tmp_path: Path) -> None:
    packed = str(tmp_path / "lab.tar.zst")
    other: Version = "6.0" if lab.version == "7.0" else "7.0"
    create_host(lab, "packed")
    zabbix.run("save", lab.version, packed)
    create_host(lab, "too late")
    with pytest.raises(zabbix.LabError, match=f"does not hold a Zabbix {other}"):
        zabbix.run("load", other, packed)
    zabbix.run("load", lab.version, packed)
    assert zabbix.up(lab.version) == lab
    assert "packed" in host_names(lab)
    assert "too late" not in host_names(lab)
    zabbix.reset(lab.version)
    assert "packed" not in host_names(lab)
