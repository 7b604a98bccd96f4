"""Both sides as tests handle them, with as few words as a test should have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import requests
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection, ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetboxZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.estate import Scope
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.least_privileges import (
    JOBS,
    AccountOptions,
    prepare_accounts,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.policy_options import PolicyOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import HostResult, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.zabbix_groups import prepare_groups
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.privileges import permissions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.schema import STATUSES
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.client import Zabbix
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.privileges import role_name
from lab.netbox import StandIn
from lab.proxy import FaultProxy
from lab.zabbix import ZabbixLab

INSTANCE = "tests"
#: the account that the jobs run with, on both sides: the collection makes it, and it has the least rights
ACCOUNT = "tests-least"
#: every host group of a test is below this one, so that they can be found and removed
TOP = "T"

#: the host groups that the jobs' account may write in, with all below them
ROOMS = [TOP, "NetBox", "NetBox archive", "Roles"]
#: what is there before a test: an administrator has made what the usual policy needs
USUAL_GROUPS = (TOP + "/Berlin 1", TOP + "/Hamburg 1", TOP + "/archive")

#: what most tests need of a policy: a group by site, a light template, one interface
POLICY: list[dict[str, Any]] = [
    {
        "name": "everything",
        "host_groups": [TOP + "/{site}"],
        "templates": ["ICMP Ping"],
        "interfaces": [{"type": "agent"}],
        "tags": {"site": "{site.slug}"},
        "inventory": {"serialno_a": "{serial}"},
    }
]

#: what Zabbix itself changes on a host without anybody's doing
VOLATILE = {"available", "error", "errors_from", "disable_until", "active_available", "lastaccess", "snmp_available"}

_numbers = count(1)


def policy(**more: Any) -> list[dict[str, Any]]:
    """Return the usual policy with some keys of its one mapping given anew."""
    return [{**POLICY[0], **more}]


class ZabbixSide:
    """A real Zabbix: `api(method, ...)` calls it as a super admin, `connection()` is of the jobs' account."""

    def __init__(self, lab: ZabbixLab, folder: Path) -> None:
        self.lab = lab
        self.session = Zabbix(self.connection(lab.token))
        self.release = self.session.release
        path = folder / "zabbix.token"
        options = AccountOptions(ACCOUNT, host_groups=ROOMS, zabbix_token_path=str(path))
        prepare_accounts(None, self.connection(lab.token), options, lambda text: None)
        self.token = path.read_text().strip()

    def connection(self, token: str | None = None, url: str | None = None, timeout: int = 120) -> ZabbixConnection:
        return ZabbixConnection(
            url=(url or self.lab.url) + "/api_jsonrpc.php", token=token or self.token, timeout=timeout
        )

    def show(self, groupid: str) -> None:
        """Let the jobs' account read a group that holds templates and was made after it."""
        new = self.release >= (6, 2)
        select, key = ("selectTemplateGroupRights", "templategroup_rights") if new else ("selectRights", "rights")
        asked = {"output": ["usrgrpid"], "filter": {"name": [role_name(ACCOUNT)]}, select: ["id", "permission"]}
        (found,) = self.api("usergroup.get", asked)
        rights = [*found[key], {"id": groupid, "permission": 2}]
        self.api("usergroup.update", {"usrgrpid": found["usrgrpid"], key: rights})

    def api(self, method: str, parameters: Any = None, **more: Any) -> Any:
        return self.session.call(method, parameters if parameters is not None else more)

    def hosts(self, **more: Any) -> list[dict[str, Any]]:
        """Return hosts with all that they have."""
        groups = "selectHostGroups" if self.release >= (6, 2) else "selectGroups"
        asked = {
            "output": "extend",
            groups: ["groupid", "name"],
            "selectParentTemplates": ["templateid", "name"],
            "selectTags": ["tag", "value"],
            "selectMacros": "extend",
            "selectInterfaces": "extend",
            "selectInventory": "extend",
            **more,
        }
        found: list[dict[str, Any]] = self.api("host.get", asked)
        for host in found:
            host["groups"] = host.pop("hostgroups", None) or host["groups"]
        return found

    def group(self, name: str) -> str:
        """Return a host group's id, after making it where it is missing."""
        found = self.api("hostgroup.get", filter={"name": [name]}, output=["groupid"])
        return found[0]["groupid"] if found else self.api("hostgroup.create", name=name)["groupids"][0]

    def template(self, name: str) -> str:
        return self.api("template.get", filter={"name": [name]}, output=["templateid"])[0]["templateid"]

    def group_of_templates(self) -> str:
        """Return the id of a group whose templates the jobs' account sees, to make one in."""
        new = self.release >= (6, 2)
        select, key = ("selectTemplateGroups", "templategroups") if new else ("selectGroups", "groups")
        asked = {"output": ["host"], "templateids": [self.template("ICMP Ping")], select: ["groupid"]}
        (found,) = self.api("template.get", asked)
        group: str = found[key][0]["groupid"]
        return group

    def remove_hosts(self, hosts: Iterable[dict[str, Any]]) -> None:
        ids = [host["hostid"] for host in hosts]
        if ids:
            self.api("host.delete", ids)


class Foreigners:
    """500 hosts that are not ours. What they are like is taken down, and compared when all tests are over."""

    NUMBER = 500

    def __init__(self, side: ZabbixSide) -> None:
        self.side = side
        self.before = ""

    def _hosts(self) -> list[dict[str, Any]]:
        return self.side.hosts(search={"host": "foreign-"}, startSearch=True, sortfield="host")

    def settle(self) -> None:
        self.leave()
        group = self.side.group("Foreigners")
        template = self.side.template("ICMP Ping")
        self.side.api("host.create", [self._host(number, group, template) for number in range(self.NUMBER)])
        self.before = self._picture()

    @staticmethod
    def _host(number: int, group: str, template: str) -> dict[str, Any]:
        tags = [{"tag": "owner", "value": f"team {number % 7}"}, {"tag": "site", "value": "ber1"}]
        # some look as if they were ours, and are of another NetBox or were marked by hand
        if number % 10 == 0:
            tags += [{"tag": "netbox_instance", "value": "another"}, {"tag": "netbox_id", "value": f"device:{number}"}]
        if number % 10 == 1:
            tags += [
                {"tag": "netbox_id", "value": f"device:{number}"},
                {"tag": "netbox_archived", "value": "2020-01-01"},
            ]
        return {
            "host": f"foreign-{number:03d}",
            "name": f"Foreign host {number}",
            "status": 1,
            "groups": [{"groupid": group}],
            "templates": [{"templateid": template}] if number % 50 == 0 else [],
            "tags": tags,
            "macros": [{"macro": "{$OWN}", "value": str(number)}, {"macro": "{$KEY}", "value": "k", "type": 1}],
            "interfaces": [{"type": 1, "main": 1, "useip": 1, "ip": "192.0.2.1", "dns": "", "port": "10050"}],
            "inventory_mode": 0,
            "inventory": {"location": "elsewhere"},
        }

    def _picture(self) -> str:
        hosts = self._hosts()
        items = {"hostids": [host["hostid"] for host in hosts], "output": ["itemid", "hostid", "key_", "status"]}
        return json.dumps([_stable(hosts), _stable(self.side.api("item.get", items))], sort_keys=True, indent=1)

    def must_be_unchanged(self) -> None:
        now = self._picture()
        assert now == self.before, "hosts of other people were changed"
        assert len(json.loads(now)[0]) == self.NUMBER

    def leave(self) -> None:
        self.side.remove_hosts(self._hosts())


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stable(item) for key, item in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return sorted((_stable(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


class NetBoxSide:
    """NetBox through its REST API; whatever a test makes goes away again. `connection()` is of the jobs' account."""

    def __init__(self, url: str, token: str, standin: StandIn | None, folder: Path | None = None) -> None:
        self.url = url.rstrip("/")
        self.token = self.admin_token = token
        self.standin = standin
        if folder is not None:
            self.token = self._account(folder)
        self._http = requests.Session()
        self._http.trust_env = False
        kind = "Bearer" if token.startswith("nbt_") else "Token"  # an administrator's: it is the test's own hands
        self._http.headers["Authorization"] = f"{kind} {token}"
        self.ids: dict[str, int] = {}
        self._made: list[tuple[str, int]] = []

    def connection(self, token: str | None = None, url: str | None = None) -> NetBoxConnection:
        return NetBoxConnection(url=url or self.url, token=token or self.token, timeout=60)

    def _account(self, folder: Path) -> str:
        """Return the token of an account that may do what the jobs need, and nothing else."""
        if self.standin:
            wanted = permissions(ACCOUNT, JOBS, (4, 6, 8))
            rights: dict[str, list[str]] = {}
            for permission in wanted:
                for action in permission.actions:
                    rights.setdefault(action, []).extend(permission.object_types)
            self.standin.jobs_may(rights)
            return self.standin.jobs_token
        path = folder / "netbox.token"
        options = AccountOptions(ACCOUNT, netbox_token_path=str(path))
        prepare_accounts(NetBoxConnection(self.url, self.token), None, options, lambda text: None)
        return path.read_text().strip()

    def call(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        response = self._http.request(method, f"{self.url}/api/{path}", json=body, params=params, timeout=60)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text[:500]}"
        return response.json() if response.content else None

    def make(self, path: str, **fields: Any) -> dict[str, Any]:
        """Create an object that goes away after the test."""
        made: dict[str, Any] = self.call("POST", path, fields)
        self._made.append((path, made["id"]))
        return made

    def make_all(self, path: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Create many objects in one request, which go away after the test."""
        made: list[dict[str, Any]] = self.call("POST", path, rows)
        self._made += [(path, one["id"]) for one in made]
        return made

    def keep(self, path: str, key: str, **fields: Any) -> int:
        """Return the id of an object that stays for all tests, after making it where it is missing."""
        found = self.call("GET", path, **{key: fields[key]})["results"]
        return found[0]["id"] if found else self.call("POST", path, fields)["id"]

    def change(self, path: str, number: int, **fields: Any) -> dict[str, Any]:
        changed: dict[str, Any] = self.call("PATCH", f"{path}{number}/", fields)
        return changed

    def remove(self, path: str, number: int) -> None:
        self.call("DELETE", f"{path}{number}/")
        self._made.remove((path, number))

    def clean(self) -> None:
        for path, number in reversed(self._made):
            answer = self._http.delete(f"{self.url}/api/{path}{number}/", timeout=60)
            # NetBox removes with a device what belongs to it
            assert answer.status_code in (204, 404), f"{path}{number}/: {answer.status_code} {answer.text[:500]}"
        self._made.clear()

    def prepare(self) -> None:
        """Make the custom fields of the collection, and a site, roles and types to build with."""
        for path in ("dcim/devices/", "virtualization/virtual-machines/"):
            held = self.call("GET", path, limit=1, brief=1)["count"]
            assert held == 0, f"{self.url} holds {held} objects under {path}: tests need a NetBox of their own"
        both = ["dcim.device", "virtualization.virtualmachine"]
        choices = [[name, name] for name in STATUSES]
        choice_set = self.keep(
            "extras/custom-field-choice-sets/", "name", name="zabbix_sync_status", extra_choices=choices
        )
        fields = "extras/custom-fields/"
        self.keep(fields, "name", name="zabbix_hostid", type="integer", object_types=both)
        self.keep(fields, "name", name="zabbix_exclude", type="boolean", object_types=both)
        self.keep(fields, "name", name="zabbix_sync_status", type="select", object_types=both, choice_set=choice_set)
        self.ids["site"] = self.keep("dcim/sites/", "slug", name="Berlin 1", slug="ber1")
        self.ids["site2"] = self.keep("dcim/sites/", "slug", name="Hamburg 1", slug="ham1")
        self.ids["role"] = self.keep("dcim/device-roles/", "slug", name="Switch", slug="switch")
        maker = self.keep("dcim/manufacturers/", "slug", name="Acme", slug="acme")
        self.ids["type"] = self.keep("dcim/device-types/", "slug", model="S1", slug="acme-s1", manufacturer=maker)
        kind = self.keep("virtualization/cluster-types/", "slug", name="KVM", slug="kvm")
        self.ids["cluster"] = self.keep("virtualization/clusters/", "name", name="c1", type=kind)


@dataclass
class World:
    """One test's world. `device` and `vm` build, `sync` runs the job, `host` looks at the outcome.

    Jobs run with the account of the least rights, on both sides; the test's own hands are an administrator's.
    """

    netbox: NetBoxSide
    zabbix: ZabbixSide
    proxy: FaultProxy
    progress: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in USUAL_GROUPS:
            self.zabbix.group(name)

    def device(self, name: str | None, *, ip: str | None = "auto", **fields: Any) -> dict[str, Any]:
        """Make a device with a primary address; `ip` None for none, "auto" for the next free one."""
        ids = self.netbox.ids
        given = {"site": ids["site"], "role": ids["role"], "device_type": ids["type"], "status": "active", **fields}
        device = self.netbox.make("dcim/devices/", name=name, **given)
        return self._addressed("dcim/devices/", "dcim/interfaces/", "dcim.interface", device, ip, {"type": "virtual"})

    def vm(self, name: str, *, ip: str | None = "auto", **fields: Any) -> dict[str, Any]:
        """Make a virtual machine with a primary address."""
        given = {"cluster": self.netbox.ids["cluster"], "site": self.netbox.ids["site"], "status": "active", **fields}
        machine = self.netbox.make("virtualization/virtual-machines/", name=name, **given)
        return self._addressed(
            "virtualization/virtual-machines/",
            "virtualization/interfaces/",
            "virtualization.vminterface",
            machine,
            ip,
            {},
        )

    def _addressed(
        self, path: str, interfaces: str, kind: str, owner: dict[str, Any], ip: str | None, more: dict[str, Any]
    ) -> dict[str, Any]:
        if ip is None:
            return owner
        if ip == "auto":
            number = next(_numbers)
            ip = f"10.{number // 65536}.{number // 256 % 256}.{number % 256}/16"
        parent = "device" if kind == "dcim.interface" else "virtual_machine"
        interface = self.netbox.make(interfaces, **{parent: owner["id"], "name": "mgmt", **more})
        address = self.netbox.make(
            "ipam/ip-addresses/", address=ip, assigned_object_type=kind, assigned_object_id=interface["id"]
        )
        return (
            self.netbox.change(path, owner["id"], primary_ip6=address["id"])
            if ":" in ip
            else self.netbox.change(path, owner["id"], primary_ip4=address["id"])
        )

    def sync(
        self,
        mappings: Any = None,
        *,
        token: str | None = None,
        netbox: NetBoxConnection | None = None,
        zabbix: ZabbixConnection | None = None,
        **options: Any,
    ) -> Result:
        """Run the job, through the proxy."""
        given = SyncOptions(
            instance=options.pop("instance", INSTANCE), mappings=POLICY if mappings is None else mappings, **options
        )
        # where `clean` finds it
        given.deletion = {"graveyard": TOP + "/archive", **(given.deletion or {})}
        if token is None and zabbix is None and netbox is None and not _usual(given):
            self.prepare_groups(given)
        self.progress.clear()
        self.proxy.calls.clear()
        if self.netbox.standin:
            self.netbox.standin.clear_requests()
        return sync_hosts(
            netbox or self.netbox.connection(),
            zabbix or self.zabbix.connection(token, self.proxy.url),
            given,
            self.progress.append,
        )

    def prepare_groups(self, options: SyncOptions) -> None:
        """Make the host groups that a policy needs, as an administrator does before a sync with the least rights."""
        policy = PolicyOptions(
            options.mappings,
            options.policy_path,
            options.secrets,
            statuses=options.statuses,
            scope=Scope(options.virtual_chassis, options.virtual_device_contexts),
        )
        # what is wrong with the policy or the estate, the sync itself has to tell
        with suppress(NetboxZabbixError):
            prepare_groups(
                policy,
                None,
                self.netbox.connection(),
                self.zabbix.connection(self.zabbix.lab.token),
                role_name(ACCOUNT),
                "",
                False,
                lambda text: None,
            )

    def host(self, name: str) -> dict[str, Any]:
        """Return the host of this technical name, with all that it has."""
        found = self.zabbix.hosts(filter={"host": [name]})
        assert len(found) == 1, f"{len(found)} hosts are called {name}"
        return found[0]

    def ours(self) -> list[dict[str, Any]]:
        """Return all hosts of this test."""
        return self.zabbix.hosts(tags=[{"tag": "netbox_instance", "value": INSTANCE, "operator": 1}])

    def netbox_writes(self) -> list[dict[str, Any]]:
        """Return the requests of the last run that wrote to the stand-in; none can be counted on a real NetBox."""
        if self.netbox.standin is None:
            return []
        reads = ("GET", "OPTIONS", "HEAD")
        return [
            request
            for request in self.netbox.standin.requests
            if request["method"] not in reads and not request["path"].startswith("/graphql")
        ]

    def clean(self) -> None:
        self.proxy.clear()
        if self.netbox.standin:
            self.netbox.standin.no_faults()
        self.zabbix.remove_hosts(self.ours())
        groups = self.zabbix.api("hostgroup.get", output=["groupid"], search={"name": TOP + "/"}, startSearch=True)
        if groups:
            self.zabbix.api("hostgroup.delete", [group["groupid"] for group in groups])
        self.netbox.clean()


def _usual(options: SyncOptions) -> bool:
    """Return whether a policy needs no other host groups than those that are there before a test."""
    if options.policy_path is not None or not isinstance(options.mappings, list):
        return False
    given = [one["host_groups"] for one in options.mappings if isinstance(one, dict) and "host_groups" in one]
    return all(groups == [TOP + "/{site}"] for groups in given)


def of(result: Result, name: str) -> HostResult:
    """Return what a result says of one host, by its technical name or label."""
    found = [host for host in result.hosts if host.name == name or host.name.startswith(f"{name} (")]
    assert len(found) == 1, f"{len(found)} entries for {name}: {result.hosts}"
    return found[0]


def names(items: list[dict[str, Any]]) -> set[str]:
    """Return the names of groups or templates."""
    return {item["name"] for item in items}


def tags(host: dict[str, Any]) -> set[tuple[str, str]]:
    """Return a host's tags without our marks."""
    return {(tag["tag"], tag["value"]) for tag in host["tags"] if tag["tag"] not in ("netbox_instance", "netbox_id")}
