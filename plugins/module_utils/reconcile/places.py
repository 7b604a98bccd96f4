# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the hosts of a plan belong: the site and the role of their objects, so that the guard can judge by group.

An object that NetBox no longer has is placed where it was seen last. Where nobody remembers that, the host groups that
its host is in stand for its place: a site that vanished leaves them nearly empty, whatever the policy calls them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: what a plan can be judged by
SITE, ROLE = "site", "role"
GROUPINGS = (SITE, ROLE)


@dataclass(frozen=True, slots=True)
class Group:
    """A site or a role. `id`: NetBox's, by which it is known: 0 stands for those that have none."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where one object belongs."""

    site: Group
    role: Group

    def of(self, grouping: str) -> Group:
        """Return its group of one grouping, a word of GROUPINGS."""
        return self.site if grouping == SITE else self.role


@dataclass(slots=True)
class Places:
    """The places of a plan. `of`: of all objects, by identity; `gone`: of those that NetBox no longer has, as they were
    seen last; `managed`: the identities that have a host of ours which is not archived.

    `lost`: names of the host groups of hosts whose object is gone and whose place nobody remembers, by identity;
    `host_groups`: how many managed hosts each host group has, by name.
    """

    of: dict[str, Place] = field(default_factory=dict)
    gone: dict[str, Place] = field(default_factory=dict)
    managed: set[str] = field(default_factory=set)
    lost: dict[str, tuple[str, ...]] = field(default_factory=dict)
    host_groups: Counter[str] = field(default_factory=Counter)

    def labels(self, ref: str, grouping: str) -> tuple[str, ...]:
        """Return the groups that an object counts for, in words; none where nothing is known of it."""
        place = self.of.get(ref) or self.gone.get(ref)
        if place is not None:
            return (_label(place.of(grouping), grouping),)
        return tuple(_host_group(name, grouping) for name in self.lost.get(ref, ()))

    def sizes(self, grouping: str) -> dict[str, int]:
        """Return how many managed hosts each group has, by its label."""
        groups = Counter(
            place.of(grouping)
            for places in (self.of, self.gone)
            for ref, place in places.items()
            if ref in self.managed
        )
        found = {_label(group, grouping): number for group, number in groups.items()}
        if self.lost:
            found |= {_host_group(name, grouping): number for name, number in self.host_groups.items()}
        return found


def place_from(site: Mapping[str, Any] | None, role: Mapping[str, Any] | None) -> Place:
    """Return the place of an object whose site and role are these rows of NetBox."""
    return Place(*(Group(row["id"], row["name"]) if row else Group(0, "") for row in (site, role)))


def placed(numbers: Iterable[tuple[str, int, int]], names: Mapping[str, Mapping[int, str]]) -> dict[str, Place]:
    """Return places by identity. `numbers`: identity, id of the site, id of the role; `names`: by grouping and id."""
    known: dict[tuple[int, int], Place] = {}
    found: dict[str, Place] = {}
    for ref, site, role in numbers:
        place = known.get((site, role))
        if place is None:
            place = known[site, role] = Place(
                Group(site, names[SITE].get(site, "")), Group(role, names[ROLE].get(role, ""))
            )
        found[ref] = place
    return found


def _label(group: Group, grouping: str) -> str:
    if not group.id:
        return f"objects without a {grouping}"
    return f"{grouping} {group.name or group.id}"


def _host_group(name: str, grouping: str) -> str:
    return f'host group "{name}" (whose objects are gone, and the {grouping} that they had is not known)'
