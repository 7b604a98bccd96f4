"""The inventory as people use it: `ansible-inventory` and `ansible` over a file, on every ansible-core there is.

They need no Zabbix. With NETBOX_URL and NETBOX_TOKEN, all that does not break NetBox is tried on that one.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.netbox import StandIn

from integration.world import NetBoxSide

ROOT = Path(__file__).parents[2]
#: the environment that runs the tests, and those of other versions that `make compat` made
CORES = {
    "this": Path(sys.executable).parent,
    **{
        name: ROOT / ".venv" / f"core-{name}" / "bin"
        for name in ("2.18", "2.19", "2.20", "2.21")
        if (ROOT / ".venv" / f"core-{name}" / "bin" / "ansible-inventory").exists()
    },
}
EVIL = "{{ lookup('pipe','id') }}"


@dataclass
class Seen:
    """What a program printed, and how it ended."""

    code: int
    out: str
    err: str
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """Return all of it in one line: Ansible wraps what it tells."""
        return " ".join(self.out.split()) + self.err

    @property
    def listed(self) -> dict[str, Any]:
        if not self.known:
            self.known = plain(json.loads(self.out))
        return self.known

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        """Return the variables of all hosts."""
        found: dict[str, dict[str, Any]] = self.listed["_meta"]["hostvars"]
        return found

    def members(self, group: str) -> set[str]:
        """Return the hosts of a group, those of the groups within it as well."""
        entry = self.listed.get(group, {})
        return set(entry.get("hosts", ())).union(*(self.members(child) for child in entry.get("children", ())))


def plain(value: Any) -> Any:
    """Return a value without the marks that Ansible puts around texts that are no templates."""
    if isinstance(value, dict):
        return (
            value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else {k: plain(v) for k, v in value.items()}
        )
    return [plain(item) for item in value] if isinstance(value, list) else value


Run = Callable[..., Seen]


@pytest.fixture
def run(netbox_server: NetBoxSide, collections_path: Path, tmp_path: Path) -> Run:
    """Return what runs a program over an inventory file of these options."""

    def start(
        options: dict[str, Any] | None = None,
        *arguments: str,
        core: str = "this",
        program: str = "ansible-inventory",
        token: str | None = None,
        url: str | None = None,
        limit_file_size: int | None = None,
        **environment: str,
    ) -> Seen:
        given = {"plugin": "netops.netbox_zabbix.netbox", "plurals": False, **(options or {})}
        (tmp_path / "netbox.yml").write_text(yaml.safe_dump(given, allow_unicode=True))

        def small_files() -> None:
            if limit_file_size is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit_file_size, limit_file_size))

        done = subprocess.run(
            [str(CORES[core] / program), "-i", "netbox.yml", *(arguments or ("--list",))],
            cwd=tmp_path,
            env={
                "PATH": f"{CORES[core]}:{os.environ['PATH']}",
                "HOME": str(tmp_path),
                "LANG": "C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
                "ANSIBLE_DEPRECATION_WARNINGS": "true",
                "NETBOX_API": url or netbox_server.url,
                "NETBOX_TOKEN": netbox_server.token if token is None else token,
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
            preexec_fn=small_files,
            check=False,
        )
        return Seen(done.returncode, done.stdout, " ".join(done.stderr.split()))

    return start


@dataclass
class Small:
    """A few objects in NetBox. `device` makes another one."""

    netbox: NetBoxSide

    def device(self, name: str | None, **more: Any) -> dict[str, Any]:
        ids = self.netbox.ids
        given = {"site": ids["site"], "role": ids["role"], "device_type": ids["type"], "status": "active", **more}
        return self.netbox.make("dcim/devices/", name=name, **given)

    def address(self, device: dict[str, Any], address: str, **more: Any) -> dict[str, Any]:
        """Give a device its primary address."""
        port = self.netbox.make("dcim/interfaces/", device=device["id"], name="mgmt0", type="virtual")
        made = self.netbox.make(
            "ipam/ip-addresses/", address=address, assigned_object_type="dcim.interface",
            assigned_object_id=port["id"], **more,
        )  # fmt: skip
        self.netbox.change("dcim/devices/", device["id"], primary_ip4=made["id"])
        return made


@pytest.fixture
def small(netbox_server: NetBoxSide) -> Iterator[Small]:
    yield Small(netbox_server)
    if netbox_server.standin:
        netbox_server.standin.no_faults()
    netbox_server.clean()


@pytest.fixture
def breakable(netbox_server: NetBoxSide) -> StandIn:
    if netbox_server.standin is None:
        pytest.skip("a real NetBox is not broken for tests")
    return netbox_server.standin


# What Ansible sees


@pytest.mark.parametrize("core", CORES)
def test_no_value_of_netbox_is_ever_a_template(run: Run, small: Small, core: str) -> None:
    device = small.device(EVIL, serial="{{ 1 + 1 }}", comments=EVIL, local_context_data={"k": EVIL, EVIL: "v"})
    options = {
        "compose": {"shown": "name", "joined": "name ~ '!'"},
        "keyed_groups": [{"prefix": "serial", "key": "serial"}],
        "host_names": "nb_inventory",
        "flatten_local_context_data": True,
    }
    seen = run(options, core=core)
    assert seen.code == 0, seen.err
    own = seen.hosts[EVIL]
    assert (own["serial"], own["shown"], own["joined"], own["k"]) == ("{{ 1 + 1 }}", EVIL, f"{EVIL}!", EVIL)
    assert "uid=" not in seen.out
    assert run({}, core=core).hosts.keys() == {"___lookup__pipe___id_____"}
    shown = run(
        options, "all", "-c", "local", "-m", "ansible.builtin.debug",
        "-a", "msg={{ [serial, shown, k, local_context_data | default('')] }}", core=core, program="ansible",
    )  # fmt: skip
    assert shown.code == 0, shown.out + shown.err
    assert "uid=" not in shown.out
    assert "{{ 1 + 1 }}" in shown.out
    assert device["name"] == EVIL


@pytest.mark.parametrize("core", CORES)
def test_no_deprecation_warning_on_any_version(run: Run, small: Small, core: str) -> None:
    small.address(small.device("sw1"), "10.1.0.1/24", dns_name="sw1.example.net")
    seen = run(
        {
            "group_by": ["site", "location", "region", "site_group", "role", "tenant_group", "zabbix_status", "status"],
            "config_context": True, "interfaces": True, "site_data": True, "prefixes": True, "virtual_disks": True,
            "dns_name": True, "compose": {"x": "device_type.model"}, "groups": {"g": "name == 'sw1'"},
            "keyed_groups": [{"prefix": "made", "key": "created[:3]"}], "cache": True,
            "cache_plugin": "jsonfile", "cache_connection": "cache",
        },
        core=core,
    )  # fmt: skip
    assert seen.code == 0, seen.err
    assert seen.hosts["sw1"]["x"] == "S1"
    assert seen.members("g") == seen.members("made_202") == seen.members("site_ber1") == {"sw1"}
    assert "deprecat" not in (seen.err + seen.out).lower()


def test_graph_variables_and_limit(run: Run, small: Small) -> None:
    small.device("sw1", custom_fields={"zabbix_sync_status": "drifted", "zabbix_hostid": 7})
    small.device("sw2")
    options = {"group_by": ["zabbix_status", "site"]}
    graph = run(options, "--graph", "--vars")
    assert "@zabbix_status_drifted: | |--sw1" in " ".join(graph.out.split())
    limited = run(options, "zabbix_status_drifted", "--list-hosts", program="ansible")
    assert limited.out.split() == ["hosts", "(1):", "sw1"]
    assert run(options).hosts["sw1"]["zabbix"] == {"hostid": 7, "sync_status": "drifted"}
    one = run(options, "--host", "sw2")
    assert plain(json.loads(one.out))["site"] == "ber1"
    nobody = run(options, "zabbix_status_pending", "--list-hosts", program="ansible")
    assert "hosts (0)" in nobody.out


def test_groups_of_what_the_policy_gives(run: Run, small: Small, tmp_path: Path) -> None:
    small.device("sw1")
    mappings = [{"name": "all", "templates": ["ICMP Ping"], "host_groups": ["NetBox/{site}"]}]
    (tmp_path / "policy.yml").write_text(yaml.safe_dump(mappings))
    by_file = run({"policy_path": "policy.yml", "group_by": ["zabbix_template", "zabbix_host_group"]})
    assert by_file.code == 0, by_file.err
    assert (
        by_file.members("zabbix_template_ICMP_Ping") == by_file.members("zabbix_host_group_NetBox_Berlin_1") == {"sw1"}
    )
    inline = run({"mappings": mappings, "group_by": ["zabbix_template"]})
    assert inline.hosts["sw1"]["zabbix"]["templates"] == ["ICMP Ping"]


def test_as_many_hosts_as_objects_with_names_that_stay(run: Run, small: Small) -> None:
    netbox = small.netbox
    small.device("twin")
    second = small.device("twin", site=netbox.ids["site2"])
    machine = netbox.make(
        "virtualization/virtual-machines/", name="twin", cluster=netbox.ids["cluster"], status="active"
    )
    unnamed = small.device(None)
    small.device("rack 7 [1:3]")
    seen = run()
    assert set(seen.hosts) == {
        "twin", f"twin_device-{second['id']}", f"twin_virtual_machine-{machine['id']}", f"device-{unnamed['id']}",
        "rack_7__1_3_",
    }  # fmt: skip
    assert seen.err.count("NetBox has several objects of one name") == 1
    assert run().hosts == seen.hosts


def test_a_site_called_like_a_word_of_python(run: Run, small: Small) -> None:
    site = small.netbox.make("dcim/sites/", name="class", slug="class")
    small.device("sw1", site=site["id"])
    seen = run({"group_by": ["site"], "group_names_raw": True})
    assert seen.code == 0, seen.err
    assert seen.members("class") == {"sw1"}


def test_virtual_device_contexts_are_hosts_where_they_are_asked_for(run: Run, small: Small) -> None:
    device = small.device("fw1")
    small.netbox.make("dcim/virtual-device-contexts/", name="ctx", device=device["id"], status="active", identifier=1)
    assert set(run().hosts) == {"fw1"}
    seen = run({"virtual_device_contexts": True, "group_by": ["site"]})
    assert seen.members("site_ber1") == {"fw1", "ctx"}


# Filters


def test_an_unknown_filter_is_an_error_that_names_the_nearest(run: Run, small: Small) -> None:
    small.device("sw1")
    seen = run({"device_query_filters": [{"sitee": "ber1"}]})
    assert seen.code != 0
    assert "is no filter of NetBox" in seen.err
    assert '"site"' in seen.err
    assert seen.out == ""


def test_filters_for_both_kinds_and_for_one(run: Run, small: Small) -> None:
    netbox = small.netbox
    small.device("sw1")
    small.device("sw2", site=netbox.ids["site2"], status="planned")
    netbox.make("virtualization/virtual-machines/", name="vm1", cluster=netbox.ids["cluster"], status="active")
    assert set(run({"query_filters": [{"status": "active"}]}).hosts) == {"sw1", "vm1"}
    assert set(run({"query_filters": [{"site": "ber1"}, {"site": "ham1"}]}).hosts) == {"sw1", "sw2"}
    # a filter that only machines have leaves out devices
    assert set(run({"query_filters": [{"cluster_type": "kvm"}]}).hosts) == {"vm1"}
    assert set(run({"device_query_filters": [{"status": "planned"}]}).hosts) == {"sw2", "vm1"}
    templated = run({"query_filters": [{"site": "{{ which }}"}]}, "--list", "-e", "which=ham1")
    assert set(templated.hosts) == {"sw2"}
    nowhere = run({"query_filters": [{"site": "nowhere"}]})
    assert nowhere.code != 0
    assert "nowhere is not one of the available choices" in nowhere.err


# What goes wrong


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"group_by": ["sties"]}, "group_by"),
        ({"group_by": ["sites"]}, "'sites' is called 'site' while plurals is false"),
        ({"timeout": "soon"}, "timeout"),
        ({"timeout": 0}, "timeout: 0 is not a number of seconds"),
        ({"hostname_field": "no_such_field"}, "hostname_field: NetBox has no custom field 'no_such_field'"),
        ({"fields": ["serail"]}, 'Did you mean "serial"'),
        ({"headers": "no json"}, "headers: neither a dictionary nor one as JSON"),
        ({"api_endpoint": "netbox.example.com"}, "is not an address"),
        ({"on_error": "use_cache"}, "on_error: use_cache needs cache: true"),
        ({"policy_path": "missing.yml"}, "missing.yml does not exist"),
    ],
)
def test_a_wrong_option_ends_the_run_before_objects_are_read(
    run: Run, small: Small, breakable: StandIn, options: dict[str, Any], text: str
) -> None:
    breakable.clear_requests()
    seen = run(options)
    assert seen.code != 0
    assert text in seen.err
    assert seen.out == ""
    read = [request["path"] for request in breakable.requests if "custom-fields" not in request["path"]]
    assert [path for path in read if path.startswith(("/api/dcim", "/api/virtualization", "/graphql"))] == []


@pytest.mark.parametrize("token", ["", "0" * 40, "nbt_wrongwrong12.secret"])
def test_a_wrong_token(run: Run, small: Small, token: str) -> None:
    seen = run(token=token)
    assert seen.code != 0
    assert "token" in seen.err
    assert "Traceback" not in seen.err
    assert seen.out == ""


def test_tokens_of_both_kinds_and_with_a_type(run: Run, small: Small, breakable: StandIn) -> None:
    small.device("sw1")
    assert set(run(token=breakable.token_v1).hosts) == {"sw1"}
    assert set(run(token=breakable.token).hosts) == {"sw1"}
    kind = {"type": "bearer", "value": breakable.token}
    assert set(run({"token": kind}, token="").hosts) == {"sw1"}
    header = {"Authorization": f"Bearer {breakable.token}"}
    assert set(run({"headers": header}, token="").hosts) == {"sw1"}


def test_nothing_listens(run: Run, small: Small) -> None:
    seen = run(url="http://127.0.0.1:9")
    assert seen.code != 0
    assert "Nothing listens at http://127.0.0.1:9" in seen.err
    assert "api_endpoint" in seen.err


def test_a_web_page_in_the_place_of_an_answer(run: Run, small: Small, breakable: StandIn) -> None:
    small.device("sw1")
    page = "<html><head><title>Please log in</title></head></html>"
    breakable.fail_next(200, count=50, path_prefix="/graphql", body=page, content_type="text/html")
    seen = run()
    assert seen.code != 0
    assert "Please log in" in seen.err
    assert seen.out == ""


@pytest.mark.parametrize("index", range(8))
def test_whichever_request_fails_for_good_the_inventory_is_never_short(
    run: Run, small: Small, breakable: StandIn, index: int
) -> None:
    small.device("sw1")
    small.address(small.device("sw2"), "10.1.0.2/24")
    breakable.fail_next(500, count=100, skip=index, path_prefix="/graphql", method="POST")
    seen = run({"interfaces": True})
    breakable.no_faults()
    if seen.code == 0:
        assert set(seen.hosts) == {"sw1", "sw2"}, "fewer requests were needed"
    else:
        assert "failed at POST graphql" in seen.err
        assert seen.out == ""


@pytest.mark.parametrize("path", ["/api/dcim/interfaces", "/api/ipam/ip-addresses", "/api/ipam/services"])
def test_lists_that_fail_end_the_run(run: Run, small: Small, breakable: StandIn, path: str) -> None:
    small.device("sw1")
    breakable.fail_next(500, count=100, path_prefix=path)
    seen = run({"interfaces": True})
    assert seen.code != 0
    assert "failed at GET" in seen.err


def test_a_passing_trouble_is_waited_for(run: Run, small: Small, breakable: StandIn) -> None:
    small.device("sw1")
    breakable.fail_next(503, count=1, skip=1, path_prefix="/graphql", method="POST")
    assert set(run().hosts) == {"sw1"}


def test_without_graphql_the_same_comes(run: Run, small: Small, breakable: StandIn) -> None:
    netbox = small.netbox
    small.address(small.device("sw1", comments="c"), "10.1.0.1/24", dns_name="sw1.example.net")
    on = small.device("hv1", cluster=netbox.ids["cluster"])
    netbox.make(
        "virtualization/virtual-machines/", name="vm1", cluster=netbox.ids["cluster"], site=netbox.ids["site"],
        device=on["id"], vcpus=2, status="active",
    )  # fmt: skip
    options = {"interfaces": True, "config_context": True, "group_by": ["site", "role"], "dns_name": True}
    by_graphql = run(options).listed
    breakable.graphql(enabled=False)
    try:
        by_rest = run(options).listed
    finally:
        breakable.graphql(enabled=True)
    assert by_rest == by_graphql


def test_an_empty_estate_and_one_host(run: Run, small: Small) -> None:
    empty = run({"group_by": ["site", "status"], "interfaces": True})
    assert empty.code == 0, empty.err
    assert empty.hosts == {}
    assert "site_ber1" in run({"group_by": ["site"]}, "--graph").out
    small.device("sw1")
    assert set(run().hosts) == {"sw1"}


def test_only_what_is_asked_for_is_read(run: Run, small: Small, breakable: StandIn) -> None:
    small.device("sw1", serial="S")
    breakable.clear_requests()
    assert run({"fields": ["serial", "netbox_id"]}).hosts["sw1"].keys() == {"serial", "netbox_id"}
    paths = {request["path"].split("?")[0] for request in breakable.requests}
    assert paths.isdisjoint({"/api/ipam/services/", "/api/dcim/interfaces/", "/api/dcim/racks/", "/api/schema/"})


# The cache

CACHED = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": "cache", "interfaces": True}


def test_a_warm_start_is_true_and_reads_what_changed(run: Run, small: Small) -> None:
    netbox = small.netbox
    first, second = small.device("sw1"), small.device("sw2")
    address = small.address(first, "10.1.0.1/24")
    options = {**CACHED, "group_by": ["site"], "compose": {"where": "site.name"}, "dns_name": True}
    run(options)
    again = run(options, "--list", "-v")
    assert "0 objects were read, the others are from the cache" in again.told

    netbox.change("ipam/ip-addresses/", address["id"], dns_name="new.example.net")
    netbox.change("dcim/devices/", second["id"], serial="NEW", site=netbox.ids["site2"])
    port = netbox.make("dcim/interfaces/", device=second["id"], name="eth0", type="virtual")
    third = small.device("sw3")
    warm = run(options)
    assert warm.hosts["sw1"]["dns_name"] == "new.example.net"
    assert warm.hosts["sw2"]["serial"] == "NEW"
    assert warm.hosts["sw2"]["where"] == "Hamburg 1"
    assert [one["name"] for one in warm.hosts["sw2"]["interfaces"]] == ["eth0"]
    assert warm.members("site_ham1") == {"sw2"}
    assert warm.listed == run(options, "--list", "--flush-cache").listed

    netbox.remove("dcim/interfaces/", port["id"])
    netbox.remove("dcim/devices/", third["id"])
    gone = run(options)
    assert set(gone.hosts) == {"sw1", "sw2"}
    assert gone.hosts["sw2"]["interfaces"] == []


def test_a_renamed_site_shows_in_a_warm_start(run: Run, small: Small) -> None:
    site = small.netbox.make("dcim/sites/", name="Old", slug="old")
    small.device("sw1", site=site["id"])
    options = {**CACHED, "group_by": ["site"]}
    assert run(options).members("site_old") == {"sw1"}
    small.netbox.change("dcim/sites/", site["id"], slug="renamed")
    assert run(options).members("site_renamed") == {"sw1"}


def test_a_cache_with_filters_follows_what_the_filters_let_pass(run: Run, small: Small) -> None:
    first = small.device("sw1")
    small.device("sw2", status="planned")
    options = {**CACHED, "query_filters": [{"status": "active"}]}
    assert set(run(options).hosts) == {"sw1"}
    small.netbox.change("dcim/devices/", first["id"], status="planned")
    small.device("sw3")
    assert set(run(options).hosts) == {"sw3"}


@pytest.mark.parametrize("damage", ["", "{", '{"rows": "x"}', '{"rows": 5, "hosts": []}', "[]", "cut", "letter"])
def test_a_damaged_cache_is_recognised(run: Run, small: Small, tmp_path: Path, damage: str) -> None:
    small.device("sw1")
    run(CACHED)
    (file,) = (tmp_path / "cache").iterdir()
    text = file.read_text()
    middle = len(text) // 2
    other = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]
    file.write_text({"cut": text[:middle], "letter": other}.get(damage, damage))
    small.device("sw2")
    seen = run(CACHED)
    assert seen.code == 0, seen.err
    assert set(seen.hosts) == {"sw1", "sw2"}


def test_a_cache_of_another_netbox_or_token_is_not_used(run: Run, small: Small, breakable: StandIn) -> None:
    small.device("sw1")
    run(CACHED)
    other = run(CACHED, "--list", "-v", token=breakable.token_v1)
    assert "the token changed since the cache was written" in other.told
    with StandIn() as elsewhere:
        strange = run(CACHED, url=elsewhere.url, token=elsewhere.token)
    assert strange.hosts == {}


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(run: Run, small: Small, tmp_path: Path) -> None:
    small.device("sw1")
    (tmp_path / "file").write_text("no folder")
    seen = run({**CACHED, "cache_connection": "file"})
    assert seen.code != 0 or set(seen.hosts) == {"sw1"}
    assert "Traceback" not in seen.err
    full = run(CACHED, limit_file_size=100)
    assert full.code == 0, full.err
    assert set(full.hosts) == {"sw1"}
    small.device("sw2")
    assert set(run(CACHED).hosts) == {"sw1", "sw2"}


def test_the_last_hosts_serve_while_netbox_is_away(run: Run, small: Small, breakable: StandIn) -> None:
    small.device("sw1")
    options = {**CACHED, "on_error": "use_cache", "group_by": ["site"], "compose": {"x": "name"}}
    before = run(options)
    breakable.fail_next(500, count=500, path_prefix="/")
    away = run(options)
    assert away.code == 0, away.err
    assert away.listed == before.listed
    assert "the hosts are those of 0:00:" in away.err
    assert run({**CACHED, "group_by": ["site"]}).code != 0
    other = run({**options, "group_by": ["role"]})
    assert other.code != 0
    assert "the options changed since it was written" in other.err


def test_the_log_of_changes_may_be_hidden(run: Run, small: Small, breakable: StandIn) -> None:
    small.device("sw1")
    run(CACHED)
    breakable.fail_next(
        403, count=500, path_prefix="/api/core/object-changes", body='{"detail": "You do not have permission"}'
    )
    small.device("sw2")
    seen = run(CACHED)
    assert seen.code == 0, seen.err
    assert set(seen.hosts) == {"sw1", "sw2"}
