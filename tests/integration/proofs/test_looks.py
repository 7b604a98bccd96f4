"""A look at what changed, with the memory of hosts that agreed, tells what a look at everything tells, whatever people
did on both sides before.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.planning import Planner
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from integration.netbox.test_incremental import EDITS, Api
from integration.proofs import SIZES
from integration.proofs.company import CompanyJobs, company_jobs
from integration.world import TOP, ZabbixSide

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

INSTANCE = "looks"
BELOW = f"{TOP}/{INSTANCE}"
PATHS = {"device": "dcim/devices", "virtual_machine": "virtualization/virtual-machines"}
ADDRESS = ["primary", "oob", "192.0.2.1"]
MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "everything",
        "host_groups": [BELOW + "/Sites/{region.path}/{site}", BELOW + "/Roles/{role.path}"],
        "tags": {
            "site": "{site.slug}",
            "tenant": "{tenant}",
            "rack": "{rack}",
            "tags": "{tags}",
            "cluster": "{cluster}",
        },
        "macros": {"{$OPEN}": "{device_type}", "{$HIDDEN}": {"secret": "macro"}},
        "inventory": {
            "serialno_a": "{serial}",
            "os": "{platform}",
            "location": "{location}",
            "vendor": "{manufacturer}",
        },
        "interfaces": [{"type": "agent", "address": ADDRESS}],
    },
    {
        "name": "devices",
        "match": {"kind": "device"},
        "templates": ["ICMP Ping"],
        "description": "in {site} of {region}",
        "interfaces": [
            {
                "type": "snmp",
                "version": 3,
                "address": ADDRESS,
                "security_name": "user",
                "security_level": "authpriv",
                "auth_passphrase": {"secret": "snmp"},
                "privacy_passphrase": {"secret": "snmp"},
            }
        ],
    },
]


@dataclass
class Hands:
    """What people do in Zabbix, to a host of the company that chance picks."""

    jobs: CompanyJobs
    api: Api

    @property
    def host(self) -> dict[str, Any]:
        return random.choice(sorted(self.jobs.hosts(), key=lambda host: int(host["hostid"])))

    def update(self, host: dict[str, Any] | None = None, **values: Any) -> None:
        self.jobs.zabbix.api("host.update", hostid=(host or self.host)["hostid"], **values)

    def tags(self, host: dict[str, Any]) -> list[dict[str, str]]:
        return [{"tag": tag["tag"], "value": tag["value"]} for tag in host["tags"]]

    def described(self) -> None:
        self.update(description=f"by hand {random.random()}")

    def enabled(self) -> None:
        self.update(status=0)

    def renamed(self) -> None:
        self.update(name=f"by hand {random.random()}")

    def inventory(self) -> None:
        self.update(inventory_mode=0, inventory={"os": "by hand", "notes": "of others"})

    def tagged(self) -> None:
        host = self.host
        self.update(host, tags=[*self.tags(host), {"tag": "site", "value": f"by hand {random.random()}"}])

    def untagged(self) -> None:
        host = self.host
        self.update(host, tags=[tag for tag in self.tags(host) if tag["tag"] != "site"])

    def unmarked(self) -> None:
        host = self.host
        self.update(host, tags=[tag for tag in self.tags(host) if tag["tag"] != "netbox_id"])

    def claimed(self) -> None:
        self.update(tags=self.tags(self.host))

    def cloned(self) -> None:
        host = self.host
        groups = [{"groupid": group["groupid"]} for group in host["groups"]]
        clone = {"host": f"clone {random.randrange(10**9)}", "groups": groups, "tags": self.tags(host)}
        self.jobs.zabbix.api("host.create", clone)

    def deleted(self) -> None:
        self.jobs.zabbix.api("host.delete", [self.host["hostid"]])

    def regrouped(self) -> None:
        self.update(groups=[{"groupid": self.jobs.zabbix.group(f"{BELOW}/by hand")}])

    def unlinked(self) -> None:
        self.update(templates=[])

    def macro(self) -> None:
        macros = [one for one in self.host["macros"] if one["macro"] == "{$OPEN}"]
        for one in macros:
            self.jobs.zabbix.api("usermacro.update", hostmacroid=one["hostmacroid"], value="by hand")

    def no_record(self) -> None:
        macros = [one["hostmacroid"] for one in self.host["macros"] if one["macro"] == "{$NETBOX.APPLIED}"]
        if macros:
            self.jobs.zabbix.api("usermacro.delete", macros)

    def interface(self) -> None:
        interfaces = self.host["interfaces"]
        if interfaces:
            self.jobs.zabbix.api("hostinterface.update", interfaceid=interfaces[0]["interfaceid"], port="10999")

    def passphrase(self) -> None:
        for one in self.host["interfaces"]:
            if one["type"] == "2":
                details = {**one["details"], "authpassphrase": "by hand, by hand"}
                self.jobs.zabbix.api("hostinterface.update", interfaceid=one["interfaceid"], details=details)

    def group_renamed(self) -> None:
        asked = {"output": ["groupid", "name"], "search": {"name": BELOW + "/"}, "startSearch": True}
        group = random.choice(sorted(self.jobs.zabbix.api("hostgroup.get", asked), key=lambda one: one["name"]))
        name = f"{BELOW}/renamed {random.randrange(10**9)}"
        self.jobs.zabbix.api("hostgroup.update", groupid=group["groupid"], name=name)

    def repaired(self) -> None:
        """Whose each host is, is made clear; then the sync runs, and remembers too."""
        for host in self.jobs.look(mode="full", state_store="", dry_run=True).hosts:
            if host.action != "conflict":
                continue
            if host.hostid and self.jobs.zabbix.api("host.get", hostids=[host.hostid], output=["hostid"]):
                self.jobs.zabbix.api("host.delete", [host.hostid])
            kind, dummy, number = host.object.partition(":")
            if number:
                self.api.patch(PATHS[kind], int(number), custom_fields={"zabbix_hostid": None})
        self.jobs.sync(mode="incremental")


BY_HAND: dict[str, Callable[[Hands], None]] = {
    name: getattr(Hands, name)
    for name in (
        "described",
        "enabled",
        "renamed",
        "inventory",
        "tagged",
        "untagged",
        "unmarked",
        "claimed",
        "cloned",
        "deleted",
        "regrouped",
        "unlinked",
        "macro",
        "no_record",
        "interface",
        "passphrase",
        "group_renamed",
        "repaired",
    )
}


@dataclass
class Looks:
    """Looks at the company both ways. `compared`: how many objects the quick ones worked out."""

    jobs: CompanyJobs
    api: Api
    hands: Hands
    compared: int = 0
    rounds: int = 0

    def same(self) -> None:
        """See that both ways tell the same, and so does what the quick one remembers."""
        everything = told(self.jobs.look(mode="full", state_store="", dry_run=True))
        for more in ({"dry_run": True}, {}, {}):
            now = told(self.jobs.look(mode="incremental", **more))
            assert (now - everything, everything - now) == (Counter(), Counter())


def told(result: Result) -> Counter[str]:
    """Return what a look tells, but for what it wrote back and since when."""
    figures = [f"{name} {number}" for name, number in result.stats.items() if name != "written_back"]
    hosts = [replace(host, details=[replace(detail, since="") for detail in host.details]) for host in result.hosts]
    return Counter([*figures, *map(str, hosts)])


@pytest.fixture
def looks(zabbix_server: ZabbixSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Looks]:
    own = {
        "mappings": MAPPINGS,
        "secrets": {"snmp": "canary-snmp", "macro": "canary-macro"},
        "digest_key": "k" * 30,
    }
    add = Planner.add
    with company_jobs(zabbix_server, INSTANCE, SIZES.looked_objects, tmp_path, **own) as jobs:
        api = Api(jobs.company)
        looks = Looks(jobs, api, Hands(jobs, api))

        def counted(planner: Planner, netbox_object: Any) -> None:
            looks.compared += planner.monitored.memory is not None
            add(planner, netbox_object)

        monkeypatch.setattr(Planner, "add", counted)
        assert jobs.sync().failed == []
        looks.same()
        looks.compared = 0
        looks.same()
        # hosts that agree are not worked out: what is seen below is seen in spite of that
        assert looks.compared < 0.2 * SIZES.looked_objects
        yield looks


#: often enough repaired for the hosts to agree again
HAND = st.sampled_from([*sorted(BY_HAND), "repaired", "repaired"])


@given(
    st.lists(st.tuples(st.sampled_from(sorted(EDITS)), HAND) | HAND, min_size=1, max_size=3),
    st.integers(0, 2**32),
)
@settings(
    max_examples=SIZES.looks,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    # each example goes on where the one before ended, so that none can be made smaller
    phases=[Phase.generate],
)
def test_a_look_at_what_changed_tells_what_a_look_at_everything_tells(
    looks: Looks, edits: list[tuple[str, str] | str], seed: int
) -> None:
    # names are to be new in each example
    looks.rounds += 1
    random.seed(f"{looks.rounds} {seed} {edits}")
    for edit in edits:
        in_netbox, by_hand = edit if isinstance(edit, tuple) else ("", edit)
        if in_netbox:
            EDITS[in_netbox](looks.api)
        BY_HAND[by_hand](looks.hands)
    looks.same()
