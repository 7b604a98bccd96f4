# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The estate that a policy is checked against: read from a live NetBox, or from an export without any server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError, nearest
from ..netbox.client import NetBox, connect
from ..netbox.names import read_chassis_members, read_names
from ..netbox.objects import ALL_KINDS, DEVICE, USUAL_KINDS, NetBoxObject, Related
from ..netbox.read import read_objects
from ..netbox.rows import OPTIONAL_ROOTS
from ..netbox.selection import select
from ..netbox.tables import read_related
from ..policy.compute import Outcome, compute
from ..policy.host_config import HostConfig
from ..policy.kinds import MASTER, MEMBERS, HostObjects, host_objects
from ..policy.model import Policy
from ..policy.names import HostNames
from ..zabbix.client import Zabbix
from ..zabbix.objects import ZabbixSettings
from ..zabbix.settings import read_settings
from ..zabbix.template_facts import TemplateItems
from ..zabbix.template_items import read_template_items
from .quick_checks import netbox_notes, zabbix_notes
from .result import Progress, Result


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects of NetBox are hosts at all: the same choices as the sync has."""

    virtual_chassis: str = MEMBERS
    virtual_device_contexts: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of NetBox objects that are looked at."""
        return ALL_KINDS if self.virtual_device_contexts else USUAL_KINDS


@dataclass(slots=True)
class Estate:
    """NetBox objects with all that they refer to, and what a policy may name in Zabbix.

    `objects`: all of the estate, or those that were asked for. `hosts`: which of all are hosts, and their names.
    `settings`, `release` and `template_items` (what each template brings, by id): of Zabbix; None, (0, 0) and nothing
    where it was not read. `made`: of an export, when.
    """

    related: Related
    objects: list[NetBoxObject]
    hosts: HostObjects = field(default_factory=lambda: HostObjects({}))
    settings: ZabbixSettings | None = None
    release: tuple[int, int] = (0, 0)
    template_items: dict[str, TemplateItems] = field(default_factory=dict)
    #: reads them from Zabbix, where they are those of a cache: it has to be done before anything is told as wrong
    refresh: Callable[[], None] | None = None
    netbox_url: str = ""
    made: str = ""

    def narrow(self, scope: Scope) -> None:
        """Keep the kinds of `scope` of a whole estate, and work out which objects are hosts."""
        self.objects = [one for one in self.objects if one.kind in scope.kinds]
        listed = [(one.kind, one.id, one.attributes.get("name")) for one in self.objects]
        members = {
            one.id: one.attributes["virtual_chassis"]["id"]
            for one in self.objects
            if one.kind == DEVICE and one.attributes.get("virtual_chassis")
        }
        chassis = self.related.tables.get("virtual_chassis", {})
        self.hosts = host_objects(listed, members if scope.virtual_chassis == MASTER else None, chassis)

    def names(self, one: NetBoxObject) -> HostNames:
        """Return the names of an object's host; its own name where it is none."""
        return self.hosts.names.get(one.ref) or HostNames("", "")

    def compute(self, policy: Policy, one: NetBoxObject) -> HostConfig | Outcome:
        """Return the host that an object of the estate should have under `policy`, or why it has none."""
        excluded = self.hosts.excluded.get(one.ref)
        if excluded is not None:
            return Outcome(one.ref, one.label, "excluded", excluded)
        return compute(policy, one, self.names(one))

    def find(self, names: Iterable[str], ids: Iterable[str]) -> list[NetBoxObject]:
        """Return the objects of these names and references. Raises InputError for each that there is none of."""
        wanted_names, wanted_ids = dict.fromkeys(names), dict.fromkeys(ids)
        found = [one for one in self.objects if one.attributes.get("name") in wanted_names or one.ref in wanted_ids]
        have_names = {one.attributes.get("name") for one in found}
        have_ids = {one.ref for one in found}
        known = [str(one.attributes["name"]) for one in self.objects if one.attributes.get("name")]
        problems = [
            f'the export has no device or virtual machine called "{name}".{nearest(name, known)}'
            for name in wanted_names
            if name not in have_names
        ]
        problems += [f"the export has no object {ref}" for ref in wanted_ids if ref not in have_ids]
        if problems:
            raise InputError(problems)
        return found


def read_estate(
    connection: NetBoxConnection,
    result: Result,
    progress: Progress,
    *,
    scope: Scope,
    names: Sequence[str] = (),
    ids: Sequence[str] = (),
    roots: frozenset[str] = frozenset(),
) -> Estate:
    """Read the estate from NetBox: the objects of these names and references, or all. `roots`: what a policy reads."""
    netbox = connect(connection)
    result.notes += netbox_notes(netbox)
    try:
        return estate_of(netbox, progress, scope=scope, names=names, ids=ids, roots=roots)
    finally:
        result.requests["netbox"] = dict(netbox.requests)


def estate_of(
    netbox: NetBox,
    progress: Progress,
    *,
    scope: Scope,
    names: Sequence[str] = (),
    ids: Sequence[str] = (),
    roots: frozenset[str] = frozenset(),
) -> Estate:
    """Read the estate with a client that is there, as `read_estate`."""
    progress("reading NetBox: names and related objects")
    selection = select(netbox, None, names, ids, scope.kinds) if names or ids else None
    listed = read_names(netbox, scope.kinds)
    related = read_related(netbox)
    members = read_chassis_members(netbox) if scope.virtual_chassis == MASTER else None
    hosts = host_objects(listed, members, related.tables["virtual_chassis"])
    objects: list[NetBoxObject] = []
    roots = roots | OPTIONAL_ROOTS
    for page in read_objects(netbox, related, ids=selection, roots=roots, names=listed, kinds=scope.kinds):
        objects += page
        progress(f"read {len(objects)} of {len(listed) if selection is None else len(selection)} objects")
    return Estate(related, objects, hosts, netbox_url=netbox.url)


def add_settings(estate: Estate, connection: ZabbixConnection, result: Result, progress: Progress) -> None:
    """Read what a policy may name in Zabbix."""
    progress("reading Zabbix: templates and their items, host groups and proxies")
    zabbix = Zabbix(connection)
    try:
        estate.settings, estate.release = read_settings(zabbix), zabbix.release
        result.notes += zabbix_notes(zabbix)
        estate.template_items = read_template_items(zabbix, estate.settings.templates_by_id)
    finally:
        result.requests["zabbix"] = dict(zabbix.requests)
        zabbix.close()


def count_kinds(objects: Iterable[NetBoxObject]) -> Mapping[str, int]:
    """Return how many objects there are of each kind."""
    counts: dict[str, int] = {}
    for one in objects:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts
