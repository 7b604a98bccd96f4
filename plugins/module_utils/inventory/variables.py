# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The variables of a host: what they are called and made of. Pure.

Values that many hosts have in common are one object in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..netbox.objects import VIRTUAL_MACHINE
from ..netbox.tables import TAG, id_of
from .options import Options
from .read import Estate, Found

#: the variables of one host
Variables: TypeAlias = "dict[str, Any]"
Related: TypeAlias = "Mapping[str, Any] | None"
#: in the place of a value: there is no such variable
NOTHING = object()


def path_of(entry: Related) -> list[str]:
    """Return the slugs of an entry of a tree and of all above it, itself first."""
    found: list[str] = []
    while entry is not None and entry["slug"] not in found:
        found.append(entry["slug"])
        entry = entry.get("parent")
    return found


def time_zone(site: Related) -> str | None:
    """Return a site's time zone in the letters of a group's name."""
    zone = site and site.get("time_zone")
    return zone.replace("/", "_", 2) if zone else None


def utc_offset(site: Related, now: datetime) -> str | None:
    """Return the whole hours between a site and UTC at the moment: `plus_1`, `minus_5`."""
    zone = site and site.get("time_zone")
    if not zone:
        return None
    try:
        offset = now.astimezone(ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        return None
    hours = round((offset.total_seconds() if offset else 0) / 3600)
    return f"minus_{-hours}" if hours < 0 else f"plus_{hours}"


class HostVariables:
    """Makes the variables of all hosts of an inventory."""

    def __init__(self, options: Options, estate: Estate, now: datetime | None = None) -> None:
        self._options = options
        self._estate = estate
        self._now = now or datetime.now(UTC)
        self._shared: dict[tuple[str, int], Any] = {}
        self._names: dict[str, str] = {}
        self._makers = self._wanted()

    def of(self, found: Found) -> Variables:
        """Return the variables of one host, as they are called in the end."""
        variables: Variables = {}
        for name, make in self._makers:
            value = make(found)
            if value is NOTHING or value is None:
                continue
            if self._flat(name) and isinstance(value, Mapping):
                variables.update((self.called(key), item) for key, item in value.items())
            else:
                variables[self.called(name)] = value
        return variables

    def called(self, name: str) -> str:
        """Return the name of a variable after renaming."""
        known = self._names.get(name)
        if known is None:
            known = name
            for rename in self._options.rename_variables:
                if rename.pattern.match(name):
                    known = rename.pattern.sub(rename.replacement, name)
                    break
            self._names[name] = known
        return known

    def _flat(self, name: str) -> bool:
        return name in ("config_context", "custom_fields", "local_context_data") and bool(
            getattr(self._options, f"flatten_{name}")
        )

    def _wanted(self) -> list[tuple[str, Callable[[Found], Any]]]:
        options = self._options
        # Of contexts that are flattened the later one wins.
        contexts = ("config_context", "local_context_data")[0 if options.config_context else 1 :]
        makers: dict[str, Callable[[Found], Any]] = {
            **{name: self._context(name) for name in contexts},
            "ansible_host": self._ansible_host,
            "primary_ip4": lambda found: _address(found, "primary_ip4"),
            "primary_ip6": lambda found: _address(found, "primary_ip6"),
            "oob_ip": lambda found: _address(found, "oob_ip"),
            "disk": lambda found: found.one.attributes.get("disk"),
            "memory": lambda found: found.one.attributes.get("memory"),
            "vcpus": lambda found: found.one.attributes.get("vcpus"),
            "status": self._status,
            "custom_fields": self._custom_fields,
            "regions": lambda found: self._shared_path(found, "region"),
            "site_groups": lambda found: self._shared_path(found, "site_group"),
            "cluster": lambda found: _part(found, "cluster", "name"),
            "cluster_group": lambda found: _part(found, "cluster_group", "slug"),
            "cluster_type": lambda found: _part(found, "cluster_type", "slug"),
            "cluster_device": lambda found: (
                self._estate.devices.get(found.one.id) if found.one.kind == VIRTUAL_MACHINE else None
            ),
            "is_virtual": lambda found: found.one.kind == VIRTUAL_MACHINE,
            "serial": lambda found: found.one.attributes.get("serial"),
            "asset_tag": lambda found: found.one.attributes.get("asset_tag"),
            "tags": self._tags,
            "netbox_id": lambda found: found.one.ref,
            "zabbix": _zabbix,
        }
        for name in ("tenant", "platform", "device_type", "role", "manufacturer"):
            makers[options.named(name)] = self._slug(name)
        makers[options.named("site")] = self._site
        if options.racks:
            makers[options.named("rack")] = self._rack
            makers["rack_role"] = self._rack_role
            makers["locations"] = lambda found: self._shared_path(found, "location")
        if options.dns_name or options.ansible_host_dns_name or options.interfaces:
            makers["dns_name"] = _dns_name
        for name, group, make in (
            ("time_zone", "time_zone", self._time_zone),
            ("utc_offset", "utc_offset", self._utc_offset),
            ("facility", "facility", _facility),
            ("tenant_groups", "tenant_group", lambda found: self._shared_path(found, "tenant_group")),
        ):
            if options.grouped(group) or options.fields is not None:
                makers[name] = make
        for name in ("services", "virtual_disks", "interfaces"):
            if getattr(options, name):
                makers[name] = self._apart(name)
        return [(name, make) for name, make in makers.items() if options.wants(name)]

    # One value each

    def _ansible_host(self, found: Found) -> Any:
        options = self._options
        chosen = _address(found, "primary_ip")
        if options.ansible_host_dns_name:
            chosen = _dns_name(found) or chosen
        if options.oob_ip_as_primary_ip:
            chosen = _address(found, "oob_ip") or chosen
        return chosen

    def _status(self, found: Found) -> Any:
        value = found.one.attributes["status"]
        key = (f"status {found.one.kind} {value}", 0)
        if key not in self._shared:
            self._shared[key] = {"value": value, "label": self._estate.labels[found.one.kind][value]}
        return self._shared[key]

    def _context(self, name: str) -> Callable[[Found], Any]:
        """Return what tells a context: in a list while plurals are on, unless it is going to be flattened."""
        listed = self._options.plurals and not self._flat(name)
        none = [None]

        def context(found: Found) -> Any:
            value = found.row.get(name)
            if not listed:
                return value
            return none if value is None else [value]

        return context

    def _custom_fields(self, found: Found) -> Any:
        values = self._estate.custom_fields.get(found.key, found.one.attributes["custom_fields"])
        return {name: value for name, value in values.items() if value is not None}

    def _share(self, name: str, number: int, make: Callable[[], Any]) -> Any:
        key = (name, number)
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]

    def _many(self, value: Any) -> Any:
        return [value] if self._options.plurals else value

    def _slug(self, name: str) -> Callable[[Found], Any]:
        def slug(found: Found) -> Any:
            entry = found.one.attributes.get(name)
            return entry and self._share(name, entry["id"], lambda: self._many(entry["slug"]))

        return slug

    def _site(self, found: Found) -> Any:
        site = found.one.attributes.get("site")
        if site is None:
            return None
        whole = self._estate.sites.get(site["id"], site["slug"])
        return self._share("site", site["id"], lambda: self._many(whole))

    def _rack(self, found: Found) -> Any:
        rack = found.one.attributes.get("rack")
        return rack and self._share("rack", rack["id"], lambda: self._many(rack["name"]))

    def _rack_role(self, found: Found) -> Any:
        rack = found.one.attributes.get("rack")
        return rack and self._estate.rack_roles.get(rack["id"])

    def _shared_path(self, found: Found, name: str) -> Any:
        entry = found.one.attributes.get(name)
        return self._share(f"path {name}", entry["id"] if entry else 0, lambda: path_of(entry))

    def _tags(self, found: Found) -> Any:
        # in NetBox's order, which goes by weight and name
        tags = self._estate.related.tables[TAG]
        ids = map(id_of, found.row["tags"])
        return [tags[number]["slug"] for number in ids if number in tags]

    def _time_zone(self, found: Found) -> Any:
        return time_zone(found.one.attributes.get("site"))

    def _utc_offset(self, found: Found) -> Any:
        return utc_offset(found.one.attributes.get("site"), self._now)

    def _apart(self, name: str) -> Callable[[Found], Any]:
        of = self._estate.apart.get(name, {})
        if name == "virtual_disks":
            return lambda found: of.get(found.key, []) if found.one.kind == VIRTUAL_MACHINE else []
        return lambda found: of.get(found.key, [])


def _address(found: Found, name: str) -> Any:
    address = found.one.attributes.get(name)
    return address and address["address"]


def _dns_name(found: Found) -> Any:
    address = found.one.attributes.get("primary_ip")
    return (address and address["dns_name"]) or None


def _part(found: Found, name: str, part: str) -> Any:
    entry = found.one.attributes.get(name)
    return entry and entry[part]


def _facility(found: Found) -> Any:
    site = found.one.attributes.get("site")
    return site and site["facility"]


#: custom field -> what it is called in the variable `zabbix`
_ZABBIX = {
    "zabbix_hostid": "hostid",
    "zabbix_sync_status": "sync_status",
    "zabbix_sync_time": "sync_time",
    "zabbix_sync_detail": "sync_detail",
    "zabbix_exclude": "exclude",
    "zabbix_proxy": "proxy",
    "zabbix_proxy_group": "proxy_group",
    "zabbix_templates": "templates",
    "zabbix_host_groups": "host_groups",
}


def _zabbix(found: Found) -> Any:
    fields = found.one.attributes["custom_fields"]
    given = {ours: fields[name] for name, ours in _ZABBIX.items() if fields.get(name) is not None}
    return given or None
