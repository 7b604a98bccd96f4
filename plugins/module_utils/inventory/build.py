# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way of an inventory: options, what NetBox is asked for, and one host after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..connection import NetBoxConnection
from ..errors import InputError, nearest
from ..jobs.policy_options import PolicyOptions
from ..netbox.client import NetBox, connect
from ..netbox.custom_fields import read_custom_fields
from ..netbox.objects import VIRTUAL_MACHINE
from ..policy.compute import Outcome, compute
from ..policy.model import Policy
from ..policy.names import assign_names
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
class Inventory:
    """An inventory whose hosts come while NetBox is still being read. `notes`: what a person has to know."""

    groups: list[Group]
    hosts: Iterator[Host]
    notes: list[str] = field(default_factory=list)


def build(connection: NetBoxConnection, options: Options, policy_options: PolicyOptions | None = None) -> Inventory:
    """Return the inventory. Raises InputError for what is wrong in the options, NetBoxError where NetBox fails."""
    policy = policy_options.parse(policy_options.source()) if policy_options else None
    netbox = connect(connection)
    _check_hostname_field(netbox, options)
    selection = choose(netbox, options)
    wants = needs(options, policy.roots if policy else None)
    estate = read_estate(netbox, options, wants, selection)
    pages: Iterable[list[Found]] = read_found(netbox, options, wants, estate, selection)
    given = None
    if options.hostname_field:
        pages = list(pages)
        given = {
            found.one.ref: found.one.attributes["custom_fields"].get(options.hostname_field)
            for page in pages
            for found in page
        }
    chassis = estate.related.tables["virtual_chassis"]
    names = inventory_names(estate.names, options, estate.members, chassis, given)
    groups = HostGroups(options, estate)
    return Inventory(groups.tree(), _hosts(options, estate, pages, names, groups, policy, wants), names.notes)


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
