"""The engine without servers: policy and diff of an estate in memory, for a first run and for one without changes."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator
from typing import Any, cast

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import connect
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.names import Name, read_names
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import NetBoxObject
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.read import read_objects
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.tables import read_related
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.compute import compute
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.inventory_fields import INVENTORY_FIELDS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.names import assign_names
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.parse import parse_policy
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.diff import Differ
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.payload import payload
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Change
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.client import Zabbix
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.hosts import read_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import (
    TAG_ID,
    Template,
    ZabbixHost,
    ZabbixSettings,
)

from benchmark import machine
from benchmark.policies import INSTANCE, STATUSES, hundred, mappings

RELEASE = (7, 0)
PAGE = 500
#: what Zabbix 7.0 gives a host that is created without it; all else is empty
DEFAULTS = {
    "status": "0",
    "inventory_mode": "-1",
    "monitored_by": "0",
    "proxyid": "0",
    "proxy_groupid": "0",
    "tls_connect": "1",
    "tls_accept": "1",
    "ipmi_authtype": "-1",
    "ipmi_privilege": "2",
}


def measure_engine(options: dict[str, Any]) -> dict[str, Any]:
    """Return the seconds of policy and diff for `objects` objects: NetBox's, several times over where it has fewer."""
    # as the job has it while it runs
    gc.set_threshold(50_000, 20, 100)
    objects = _objects(options)
    names = [(one.kind, one.id, one.attributes["name"]) for one in objects]

    settings = _settings(_configs(objects, names))
    gc.collect()
    began = time.perf_counter()
    changes = _first_run(objects, names, settings)
    first = time.perf_counter() - began

    zabbix = _ZabbixInMemory([payload(change, RELEASE) for change in changes])
    del changes
    # read_hosts asks nothing of it but `release` and `call`
    read = read_hosts(cast(Zabbix, zabbix), list(zabbix.bodies), INVENTORY_FIELDS)
    hosts = {host.tag(TAG_ID)[0]: host for host in read}
    del zabbix
    gc.collect()
    cpu = time.process_time()
    began = time.perf_counter()
    policy_seconds, diff_seconds, unchanged = _second_run(objects, names, settings, hosts)
    second = time.perf_counter() - began
    cpu = time.process_time() - cpu
    if unchanged != len(hosts):
        raise RuntimeError(f"{len(hosts) - unchanged} of {len(hosts)} hosts were not found unchanged")
    hundred_seconds = _hundred_mappings(objects, names)
    return {
        "objects": len(objects),
        "hosts": len(hosts),
        "hundred": hundred_seconds,
        "first_run": first,
        "unchanged": second,
        "unchanged_cpu": cpu,
        "policy": policy_seconds,
        "diff": diff_seconds,
        "rss": machine.peak_rss(),
    }


def _objects(options: dict[str, Any]) -> list[NetBoxObject]:
    netbox = connect(NetBoxConnection(options["netbox_url"], options["netbox_token"]))
    policy = parse_policy(mappings("light"), statuses=STATUSES)
    related, names = read_related(netbox), read_names(netbox)
    read = [one for page in read_objects(netbox, related, ids=None, roots=policy.roots, names=names) for one in page]
    wanted, objects = options["objects"], list(read)
    turn = 0
    while len(objects) < wanted:
        turn += 1
        for one in read[: wanted - len(objects)]:
            name = one.attributes["name"] and f"{one.attributes['name']}-{turn}"
            objects.append(NetBoxObject(one.kind, one.id + turn * 1_000_000, {**one.attributes, "name": name}))
    return objects[:wanted]


def _hundred_mappings(objects: list[NetBoxObject], names: list[Name]) -> float:
    """Return the CPU seconds that host configs take with a policy of 100 mappings, its parsing included."""
    slugs: dict[str, set[str]] = {key: set() for key in ("role", "site", "platform", "region", "device_type", "tenant")}
    for one in objects:
        for key, found in slugs.items():
            related = one.attributes.get(key)
            if related:
                found.add(related["slug"])
    given = hundred({key: sorted(found) for key, found in slugs.items()})
    gc.collect()
    began = time.process_time()
    policy = parse_policy(given, statuses=STATUSES)
    assigned = assign_names(names)
    made = sum(isinstance(compute(policy, one, assigned[one.ref]), HostConfig) for one in objects)
    seconds = time.process_time() - began
    if not made:
        raise RuntimeError("the policy of 100 mappings made no host")
    return seconds


def _settings(configs: Iterable[HostConfig]) -> ZabbixSettings:
    """Return a Zabbix that has all that the host configs name."""
    settings = ZabbixSettings()
    for config in configs:
        for name in config.templates:
            if name not in settings.templates:
                template = Template(str(10_000 + len(settings.templates)), name, name, (), 3)
                settings.templates[name] = [template]
                settings.templates_by_id[template.templateid] = template
        for name in config.groups:
            if name not in settings.groups:
                settings.add_group(str(1000 + len(settings.groups)), name)
        if config.monitored_by == "proxy" and config.monitor:
            settings.proxies[config.monitor] = "1"
    return settings


def _configs(objects: list[NetBoxObject], names: list[Name]) -> Iterator[HostConfig]:
    policy = parse_policy(mappings("light"), statuses=STATUSES)
    assigned = assign_names(names)
    for one in objects:
        config = compute(policy, one, assigned[one.ref])
        if isinstance(config, HostConfig):
            yield config


def _first_run(objects: list[NetBoxObject], names: list[Name], settings: ZabbixSettings) -> list[Change]:
    differ = Differ(settings, RELEASE, INSTANCE, "")
    return [differ.create(config) for config in _configs(objects, names)]


def _second_run(
    objects: list[NetBoxObject],
    names: list[Name],
    settings: ZabbixSettings,
    hosts: dict[str, ZabbixHost],
) -> tuple[float, float, int]:
    """Return seconds of policy and of diff, and how many hosts were right."""
    began = time.perf_counter()
    policy = parse_policy(mappings("light"), statuses=STATUSES)
    assigned = assign_names(names)
    differ = Differ(settings, RELEASE, INSTANCE, "")
    policy_seconds, diff_seconds, unchanged = time.perf_counter() - began, 0.0, 0
    for page in _pages(objects):
        began = time.perf_counter()
        computed = [compute(policy, one, assigned[one.ref]) for one in page]
        configs = [config for config in computed if isinstance(config, HostConfig)]
        between = time.perf_counter()
        unchanged += sum(differ.compare(config, hosts[config.ref]) is None for config in configs)
        policy_seconds += between - began
        diff_seconds += time.perf_counter() - between
    return policy_seconds, diff_seconds, unchanged


def _pages(objects: list[NetBoxObject]) -> Iterator[list[NetBoxObject]]:
    for at in range(0, len(objects), PAGE):
        yield objects[at : at + PAGE]


class _ZabbixInMemory:
    """Answers host.get as a Zabbix would in which the given bodies of host.create were carried out."""

    release = RELEASE

    def __init__(self, bodies: list[dict[str, Any]]) -> None:
        self.bodies = {str(number): body for number, body in enumerate(bodies, 10_000)}

    def call(self, method: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        return [self._host(hostid, params["output"]) for hostid in params["hostids"]]

    def _host(self, hostid: str, output: list[str]) -> dict[str, Any]:
        body = self.bodies[hostid]
        return {
            **{name: body.get(name, DEFAULTS.get(name, "")) for name in output},
            "hostid": hostid,
            "hostgroups": body["groups"],
            "parentTemplates": body["templates"],
            "tags": body["tags"],
            "macros": [{"hostmacroid": f"{hostid}{at}", **macro} for at, macro in enumerate(body["macros"])],
            "interfaces": [
                {"interfaceid": f"{hostid}{at}", "details": [], **interface}
                for at, interface in enumerate(body["interfaces"])
            ],
            "inventory": body.get("inventory", []),
        }
