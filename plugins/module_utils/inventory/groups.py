# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The groups of hosts: what they are called, which is within which, and which ones a host is in. Pure.

What is a tree in NetBox is one here: a host is in the group of its location, that in the group of the location above
it, and so on up to the site, the region and the regions above. A slug that several places share (`floor-1` of each
building) would put the hosts of one building into all of them; such groups are called after what they are within as
well, and the plain name is the group of all of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from ..netbox.objects import VIRTUAL_MACHINE
from ..netbox.schema import STATUSES
from .options import Options
from .read import Estate, Found
from .variables import time_zone, utc_offset

#: trees whose hosts are members of their own entry's group: group -> table
_OWN_TREES = {"role": "role", "platform": "platform", "tenant_group": "tenant_group"}
_Entry: TypeAlias = "Mapping[str, Any]"


@dataclass(frozen=True, slots=True)
class Group:
    """A group that is there with or without hosts; `within`: the group that it is in, if any."""

    name: str
    within: str | None = None


def plain(text: str) -> str:
    """Return free text as part of a group's name: letters, digits and `_`."""
    return re.sub(r"\W+", "_", text).strip("_")


class HostGroups:
    """Makes the groups of all hosts of an inventory."""

    def __init__(self, options: Options, estate: Estate, now: datetime | None = None) -> None:
        self._options = options
        self._estate = estate
        self._now = now or datetime.now(UTC)
        #: names of the groups of trees and sites, by table and id
        self._trees: dict[str, dict[int, str]] = {}
        self._tree: list[Group] = list(self._make_trees())
        self._members = self._wanted()

    def tree(self) -> list[Group]:
        """Return the groups that come from NetBox's places and trees; one that is within another is named before as
        well.
        """
        return self._tree

    def of(self, found: Found, zabbix: Mapping[str, Any]) -> list[str]:
        """Return the groups that a host is a member of. `zabbix`: its variable of that name."""
        return [name for members in self._members for name in members(found, zabbix)]

    # The places

    def _make_trees(self) -> Iterator[Group]:
        options, tables = self._options, self._estate.related.tables
        sites = any(map(options.grouped, ("site", "location", "region", "site_group")))
        if sites:
            names = self._trees["site"] = {
                number: self._called("site", site["slug"]) for number, site in tables["site"].items()
            }
            yield from map(Group, names.values())
        for name, link in (("region", "region"), ("site_group", "group")):
            if options.grouped(name):
                yield from self._tree_of(name, tables[name])
                for number, site in tables["site"].items():
                    if site[link]:
                        yield Group(self._trees["site"][number], self._trees[name][site[link]["id"]])
        if options.grouped("location"):
            yield from self._tree_of("location", tables["location"])
            for number, location in tables["location"].items():
                if not location["parent"] and location["site"]:
                    yield Group(self._trees["location"][number], self._trees["site"][location["site"]["id"]])
        for name, table in _OWN_TREES.items():
            if options.grouped(name):
                yield from self._own_tree(name, tables[table])
        if options.grouped("zabbix_status"):
            for status in STATUSES:
                yield Group(self._called("zabbix_status", status))

    def _tree_of(self, name: str, table: Mapping[int, _Entry]) -> Iterator[Group]:
        """Yield the groups of a tree, all of them whether hosts are in them or not."""
        names = self._trees[name] = self._tree_names(name, table)
        shared = Counter(entry["slug"] for entry in table.values())
        for group in names.values():
            yield Group(group)
        for number, entry in table.items():
            if entry["parent"]:
                yield Group(names[number], names[entry["parent"]["id"]])
            if shared[entry["slug"]] > 1:
                whole = self._called(name, entry["slug"])
                if whole != names[number]:
                    yield Group(whole)
                    yield Group(names[number], whole)

    def _own_tree(self, name: str, table: Mapping[int, _Entry]) -> Iterator[Group]:
        """Yield the groups of a tree as far as it is nested: the others come with their hosts."""
        nested = {
            number: entry
            for number, entry in table.items()
            if entry["parent"] or any(other["parent"] is entry for other in table.values())
        }
        self._trees[name] = self._tree_names(name, table)
        if nested:
            whole = self._trees[name]
            yield from self._tree_of(name, nested)
            self._trees[name] = {**whole, **self._trees[name]}

    def _tree_names(self, name: str, table: Mapping[int, _Entry]) -> dict[int, str]:
        shared = Counter(entry["slug"] for entry in table.values())
        return {
            number: self._called(name, "_".join(_way_to(entry)) if shared[entry["slug"]] > 1 else entry["slug"])
            for number, entry in table.items()
        }

    def _called(self, name: str, value: str) -> str:
        return value if self._options.group_names_raw else f"{self._options.named(name)}_{value}"

    # The hosts

    def _wanted(self) -> list[Callable[[Found, Mapping[str, Any]], list[str]]]:
        members: dict[str, Callable[[Found, Mapping[str, Any]], list[str]]] = {
            "rack": self._by(lambda found: _name(found, "rack"), "rack"),
            "rack_role": self._by(self._rack_role, "rack_role"),
            "cluster": self._by(lambda found: _name(found, "cluster"), "cluster"),
            "time_zone": self._by(lambda found: time_zone(found.one.attributes.get("site")), "time_zone"),
            "utc_offset": self._by(lambda found: utc_offset(found.one.attributes.get("site"), self._now), "utc_offset"),
            "facility": self._by(lambda found: (found.one.attributes.get("site") or {}).get("facility"), "facility"),
            "status": self._by(lambda found: found.one.attributes["status"], "status"),
            "is_virtual": lambda found, dummy: ["is_virtual"] if found.one.kind == VIRTUAL_MACHINE else [],
            "tag": lambda found, dummy: [self._called("tag", tag["slug"]) for tag in found.one.attributes["tags"]],
            "services": lambda found, dummy: [
                self._called("service", row["name"]) for row in self._estate.apart["services"].get(found.key, ())
            ],
        }
        for name in ("tenant", "device_type", "manufacturer", "cluster_type", "cluster_group"):
            members[name] = self._by(_slug_of(name), name)
        for name in _OWN_TREES:
            members[name] = self._in_tree(name)
        for name, part in (("status", "sync_status"), ("template", "templates"), ("host_group", "host_groups")):
            members[f"zabbix_{name}"] = self._by_zabbix(f"zabbix_{name}", part)
        members["zabbix_proxy"] = lambda dummy, zabbix: [
            self._called(f"zabbix_{name}", plain(zabbix[name])) for name in ("proxy", "proxy_group") if zabbix.get(name)
        ]
        wanted = [make for name, make in members.items() if self._options.grouped(name)]
        if "site" in self._trees:
            wanted.append(self._place)
        return wanted

    def _by(self, value: Callable[[Found], Any], name: str) -> Callable[[Found, Mapping[str, Any]], list[str]]:
        def members(found: Found, dummy: Mapping[str, Any]) -> list[str]:
            one = value(found)
            return [self._called(name, one)] if one else []

        return members

    def _by_zabbix(self, name: str, part: str) -> Callable[[Found, Mapping[str, Any]], list[str]]:
        def members(dummy: Found, zabbix: Mapping[str, Any]) -> list[str]:
            value = zabbix.get(part) or ()
            return [self._called(name, plain(one)) for one in ([value] if isinstance(value, str) else value)]

        return members

    def _in_tree(self, name: str) -> Callable[[Found, Mapping[str, Any]], list[str]]:
        def members(found: Found, dummy: Mapping[str, Any]) -> list[str]:
            entry = found.one.attributes.get(name)
            return [self._trees[name].get(entry["id"]) or self._called(name, entry["slug"])] if entry else []

        return members

    def _rack_role(self, found: Found) -> str | None:
        rack = found.one.attributes.get("rack")
        return self._estate.rack_roles.get(rack["id"]) if rack else None

    def _place(self, found: Found, dummy: Mapping[str, Any]) -> list[str]:
        """Return the group of the location, or of the site where no location is known."""
        location, site = found.one.attributes.get("location"), found.one.attributes.get("site")
        if location and "location" in self._trees:
            return [self._trees["location"][location["id"]]]
        return [self._trees["site"][site["id"]]] if site else []


def _way_to(entry: _Entry | None) -> list[str]:
    """Return the slugs from the top of a tree down to an entry, a location's with its site before them."""
    words: list[str] = []
    while entry is not None:
        words.insert(0, entry["slug"])
        entry = entry.get("parent") or entry.get("site") or entry.get("manufacturer")
    return words


def _name(found: Found, attribute: str) -> str | None:
    entry = found.one.attributes.get(attribute)
    return entry["name"] if entry else None


def _slug_of(attribute: str) -> Callable[[Found], str | None]:
    def slug(found: Found) -> str | None:
        entry = found.one.attributes.get(attribute)
        return entry["slug"] if entry else None

    return slug
