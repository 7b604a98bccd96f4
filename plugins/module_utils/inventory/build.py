# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of an inventory: options, what NetBox is asked for, and one host after the other."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ..connection import NetBoxConnection
from ..errors import InputError, NetBoxError, nearest
from ..jobs.policy_options import PolicyOptions
from ..netbox.client import NetBox, connect
from ..netbox.custom_fields import read_custom_fields
from ..netbox.objects import VIRTUAL_MACHINE
from ..policy.compute import Outcome, compute
from ..policy.model import Policy
from ..policy.names import assign_names
from .cache import Finished, asked, finished, of_netbox, pack, read_kept, read_whole
from .groups import Group, HostGroups
from .hostnames import InventoryNames, inventory_names
from .needs import Needs, needs
from .options import Options
from .read import Estate, Found, choose, read_estate, read_found
from .variables import HostVariables


@dataclass(slots=True)
class Host:
    """One host of the inventory. `raw`: what its expressions may use."""

    name: str
    variables: dict[str, Any]
    groups: list[str]
    raw: dict[str, Any]


@dataclass(slots=True)
class Cache:
    """What an earlier start kept: texts, or None for nothing, or whatever else was found. `rows`: what was read;
    `hosts`: what was made of it. `fallback`: whether hosts are kept, and used where NetBox fails.
    """

    rows: Any = None
    hosts: Any = None
    fallback: bool = False


@dataclass(slots=True)
class Inventory:
    """An inventory whose hosts come while NetBox is still being read. `notes`: what a person has to know; `told`: what
    only somebody wants to know who asks; `keep`: called when all hosts came, returns what is to be cached, if anything.
    """

    groups: list[Group]
    hosts: Iterator[Host]
    notes: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    keep: Callable[[], dict[str, str]] = dict


def build(
    connection: NetBoxConnection,
    options: Options,
    policy_options: PolicyOptions | None = None,
    cache: Cache | None = None,
) -> Inventory:
    """Return the inventory. Raises InputError for what is wrong in the options, NetBoxError where NetBox fails; the
    iterator over the hosts may as well.

    `cache`: None where nothing is kept.
    """
    policy = policy_options.parse(policy_options.source()) if policy_options else None
    wants = needs(options, policy.roots if policy else None, cached=cache is not None)
    netbox = connect(connection)
    _check_hostname_field(netbox, options)
    selection = choose(netbox, options)
    scope = {**asked(connection, wants, options.kinds, options.filters), **of_netbox(netbox)}
    if cache is None:
        reading = read_whole(netbox)
    else:
        reading = read_kept(netbox, cache.rows, scope, options, wants, selection)
    estate = read_estate(netbox, options, wants, selection, reading)
    pages: Iterable[list[Found]] = read_found(netbox, options, wants, estate, selection, reading)
    given = None
    if options.hostname_field:
        pages = list(pages)
        given = {
            found.one.ref: found.one.attributes["custom_fields"].get(options.hostname_field)
            for page in pages
            for found in page
        }
    chassis = estate.related.tables["virtual_chassis"]
    names = inventory_names(estate.names, options, estate.members, chassis, given, selection)
    groups = HostGroups(options, estate)
    hosts = _hosts(options, estate, pages, names, groups, policy, wants)
    done: Finished | None = None
    if cache is not None and cache.fallback:
        every = asked(connection, options, policy_options)
        done = Finished(every, time.time(), [[group.name, group.within] for group in groups.tree()])
        hosts = _keeping(hosts, done)

    def keep() -> dict[str, str]:
        content = reading.content(scope, options.kinds) if cache is not None else None
        kept = {"rows": pack(content)} if content is not None else {}
        return {**kept, "hosts": done.text()} if done is not None else kept

    return Inventory(groups.tree(), hosts, names.notes, [reading.note] if reading.note else [], keep)


def _keeping(hosts: Iterable[Host], done: Finished) -> Iterator[Host]:
    for host in hosts:
        done.add([host.name, host.variables, host.groups, host.raw])
        yield host


def from_cache(
    connection: NetBoxConnection, options: Options, policy_options: PolicyOptions | None, cache: Cache, why: NetBoxError
) -> Inventory:
    """Return the inventory as an earlier start made it, since NetBox failed. Raises `why` where there is none."""
    try:
        head, hosts = finished(cache.hosts, asked(connection, options, policy_options))
    except (LookupError, ValueError, TypeError, zlib.error) as error:
        raise NetBoxError(f"{why} And the cache is of no use: {error}") from None
    age = timedelta(seconds=round(time.time() - head["time"]))
    return Inventory(
        [Group(*group) for group in head["groups"]],
        (Host(*host) for host in hosts),
        [f"NetBox failed, and the hosts are those of {age} ago (on_error: use_cache): {why}"],
    )


def _check_hostname_field(netbox: NetBox, options: Options) -> None:
    wanted = options.hostname_field
    known = read_custom_fields(netbox).of_hosts
    if wanted and wanted not in known:
        raise InputError(
            [f"hostname_field: NetBox has no custom field {wanted!r} for devices or machines.{nearest(wanted, known)}"]
        )


def _hosts(
    options: Options,
    estate: Estate,
    pages: Iterable[list[Found]],
    names: InventoryNames,
    groups: HostGroups,
    policy: Policy | None,
    wants: Needs,
) -> Iterator[Host]:
    variables = HostVariables(options, estate)
    zabbix_of = _zabbix_by_policy(policy, estate) if policy else None
    for page in pages:
        for found in page:
            name = names.hosts.get(found.one.ref)
            if name is None:
                continue
            own = variables.of(found)
            zabbix = dict(own.get("zabbix") or {})
            if zabbix_of is not None:
                zabbix |= zabbix_of(found)
                if options.wants("zabbix"):
                    own[variables.called("zabbix")] = zabbix
            raw = {"is_virtual": found.one.kind == VIRTUAL_MACHINE}
            if wants.raw is None or wants.raw:
                raw |= estate.raw.get(found.key, {})
            yield Host(name, own, groups.of(found, zabbix), raw)


def _zabbix_by_policy(policy: Policy, estate: Estate) -> Callable[[Found], Mapping[str, Any]]:
    """Return what tells of each object the Zabbix host that the policy gives it."""
    names = assign_names(estate.names)

    def zabbix(found: Found) -> Mapping[str, Any]:
        config = compute(policy, found.one, names[found.one.ref])
        if isinstance(config, Outcome):
            return {"monitored": False, "reason": config.reason}
        return {
            "monitored": True,
            "host": config.host,
            "name": config.name,
            "status": config.status,
            "templates": sorted(config.templates),
            "host_groups": sorted(config.groups),
            "proxy": config.monitor if config.monitored_by == "proxy" else None,
            "proxy_group": config.monitor if config.monitored_by == "proxy_group" else None,
        }

    return zabbix
