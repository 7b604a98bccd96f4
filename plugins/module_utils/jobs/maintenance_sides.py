# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the jobs of maintenance read of both sides: all declared windows with their targets, and what Zabbix has."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..maintenance.calendars import read_calendars
from ..maintenance.declared import Declarations, from_contexts, from_list
from ..maintenance.model import Window
from ..maintenance.parse import CONTEXT_KEY, parse_list
from ..maintenance.plan import Estate
from ..maintenance.times import zone_of
from ..netbox.client import PAGE, NetBox
from ..netbox.contexts import Context, read_contexts
from ..netbox.names import read_names
from ..netbox.objects import ALL_KINDS, USUAL_KINDS, NetBoxObject, Related
from ..netbox.read import read_objects
from ..netbox.tables import read_related
from ..policy.match import STATUSES, check_match
from ..reconcile import guard
from ..zabbix.client import Zabbix
from ..zabbix.maintenances import read_estate
from .result import Progress

#: attributes of NetBox objects that no match looks at
UNUSED = frozenset({"serial", "asset_tag", "description", "primary_ip4", "primary_ip6", "oob_ip"})


@dataclass(slots=True)
class Sources:
    """Where windows are declared beside NetBox, and what is needed to read them. Checked before any request.

    `time_zone`: of times that are written without one. `server_time_zone`: of the Zabbix server, empty where it is not
    known.
    """

    instance: str = "netbox"
    maintenances: Any = None
    calendars: Any = None
    time_zone: str = ""
    server_time_zone: str = ""
    virtual_device_contexts: bool = False
    min_objects_percent: float = guard.OBJECTS_PERCENT

    def parse(self) -> list[tuple[str, Window]]:
        """Return the windows of the list and of the calendars. Raises InputError with all that is wrong."""
        problems: list[str] = []
        if not self.instance.strip():
            problems.append("netbox_zabbix_instance is empty: it is the mark by which windows of ours are found")
        for name in ("time_zone", "server_time_zone"):
            zone = getattr(self, name)
            if zone and zone_of(zone) is None:
                problems.append(f'{name}: no time zone is called "{zone}"; give an IANA name such as Europe/Berlin')
        zone = self.time_zone or None
        windows = parse_list(self.maintenances, zone, problems)
        windows += read_calendars(self.calendars, zone, problems)
        if problems:
            raise InputError(problems)
        return windows


@dataclass(slots=True)
class Sides:
    """All that a run knows: declared windows, Zabbix, NetBox's config contexts with windows, and its objects."""

    declarations: Declarations
    estate: Estate
    contexts: list[Context]
    objects: list[NetBoxObject]


def read_sides(
    netbox: NetBox, zabbix: Zabbix, sources: Sources, listed: Sequence[tuple[str, Window]], progress: Progress
) -> Sides:
    """Read both sides. Raises GuardError where NetBox gives far fewer objects than Zabbix has hosts."""
    kinds = ALL_KINDS if sources.virtual_device_contexts else USUAL_KINDS
    with ThreadPoolExecutor(1) as other:
        reading = other.submit(read_estate, zabbix, sources.instance)
        progress(f"reading NetBox {'.'.join(map(str, netbox.version))} by {netbox.reader}")
        contexts = read_contexts(netbox, CONTEXT_KEY)
        related = read_related(netbox)
        names = read_names(netbox, kinds)
        objects: list[NetBoxObject] = []
        pages = read_objects(
            netbox,
            related,
            ids=None,
            roots=frozenset(),
            names=names,
            kinds=kinds,
            window=PAGE,
            without=UNUSED,
        )
        for page in pages:
            objects += page
            progress(f"read {len(objects)} of {len(names)} objects")
        estate = reading.result()
    guard.check_input(len(objects), len(estate.names), True, sources.min_objects_percent)
    declarations = Declarations()
    _check_matches(declarations, listed, objects, related)
    from_list(declarations, listed, objects)
    from_contexts(declarations, objects, [one for one in contexts if one.active], sources.time_zone or None)
    return Sides(declarations, estate, contexts, objects)


def _check_matches(
    declarations: Declarations, listed: Sequence[tuple[str, Window]], objects: Sequence[NetBoxObject], related: Related
) -> None:
    """Note windows whose match names what NetBox does not have: they would never have a target."""
    statuses = {status for known in STATUSES.values() for status in known}
    statuses.update(str(one.attributes["status"]) for one in objects)
    for place, window in listed:
        problems = list(check_match(place, window.match, related, statuses))
        if problems:
            declarations.fail(window.name, "; ".join(problems))
