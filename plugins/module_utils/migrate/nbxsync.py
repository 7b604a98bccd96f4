# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the NetBox plugin nbxsync: lists of its REST API, and its settings -> our variables. Pure.

There, things are assigned to objects and inherited along a chain; the nearest wins where keys clash, and all else adds
up. Here each object that something is assigned to becomes one mapping, the farthest first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from ..netbox.objects import DEVICE, VIRTUAL_MACHINE
from ..policy.fields import escape
from ..policy.parse import DEFAULT_STATUSES
from .exports import Export, Row
from .jinja import translate_jinja
from .nbxsync_parts import Owner, interface, inventory, macro
from .translation import MAPPINGS, Translation

GROUP = "nbxsync.zabbixconfigurationgroup"
#: type of the assigned object, the farthest first -> our match key, the key of the row that it matches, the path that
#: Jinja2's `object` means
OWNERS: dict[str, tuple[str, str, str]] = {
    "virtualization.clustertype": ("cluster_type", "slug", "cluster_type"),
    "virtualization.cluster": ("cluster", "name", "cluster"),
    "dcim.manufacturer": ("manufacturer", "slug", "manufacturer"),
    "dcim.platform": ("platform", "slug", "platform"),
    "dcim.devicetype": ("device_type", "slug", "device_type"),
    "dcim.devicerole": ("role", "slug", "role"),
    GROUP: ("", "name", ""),
    "virtualization.virtualmachine": ("name", "name", ""),
    "dcim.device": ("name", "name", ""),
}
_KINDS = {"dcim.device": DEVICE, "virtualization.virtualmachine": VIRTUAL_MACHINE}
_MEANINGS = {"enabled": "enabled", "disabled": "disabled", "deleted": "absent"}
_PARTLY = {"enabled_in_maintenance": "a maintenance", "enabled_no_alerting": "the tag that mutes alerts"}
#: what nbxsync takes where nobody configured anything
STATUSES = {
    DEVICE: {
        "active": "enabled",
        **dict.fromkeys(("planned", "staged"), "disabled"),
        **dict.fromkeys(("failed", "offline", "inventory", "decommissioning"), "deleted"),
    },
    VIRTUAL_MACHINE: {
        "active": "enabled",
        "planned": "enabled_in_maintenance",
        "paused": "enabled_no_alerting",
        **dict.fromkeys(("offline", "failed"), "deleted"),
    },
}


@dataclass(slots=True)
class _Given:
    """What one object has assigned."""

    owner: Owner
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, key: str, value: Any) -> None:
        """Add an entry to a list."""
        entries = self.values.setdefault(key, [])
        if value not in entries:
            entries.append(value)


def translate(export: Export, translation: Translation, server: str = "") -> Translation:
    """Return what the exported lists mean in our variables. `server`: only what belongs to this Zabbix server."""
    servers = [str(row.get("name")) for row in export.table("zabbixserver")]
    if server and server not in servers:
        raise InputError([f'zabbix_server: the export has no server "{server}"; it has {", ".join(servers) or "none"}'])
    if not server and len(servers) > 1:
        raise InputError(
            [
                f"the export is of {len(servers)} Zabbix servers ({', '.join(servers)}): name one in zabbix_server, "
                "and translate once for each"
            ]
        )
    reader = _Reader(export, translation, server)
    for name, read in reader.tables.items():
        for row in export.table(name):
            given = reader.of(row, name)
            if given is not None:
                read(row, given)
    mappings = reader.mappings()
    if not mappings:
        raise InputError(["the export has no assignments; it has " + (", ".join(export.names()) or "nothing")])
    translation.variables[MAPPINGS] = mappings
    statuses = _statuses(export, translation)
    if statuses:
        translation.variables["netbox_zabbix_statuses"] = statuses
    _remarks(export, translation)
    return translation


class _Reader:
    """Collects what each object has assigned."""

    def __init__(self, export: Export, translation: Translation, server: str) -> None:
        self.export = export
        self.translation = translation
        self.server = server
        self._given: dict[tuple[str, Any], _Given] = {}
        self.tables = {
            "zabbixtemplateassignment": self._template,
            "zabbixhostgroupassignment": self._group,
            "zabbixtagassignment": self._tag,
            "zabbixmacroassignment": self._macro,
            "zabbixserverassignment": self._server,
            "zabbixhostinterface": self._interface,
            "zabbixhostinventory": self._inventory,
        }

    def of(self, row: Row, table: str) -> _Given | None:
        """Return where to put what a row assigns, None where we have no such objects."""
        kind = str(row.get("assigned_object_type") or "")
        number = row.get("assigned_object_id")
        if kind != GROUP and self._is_copy(row, table):
            return None
        known = self._given.get((kind, number))
        if known is None:
            name = str((row.get("assigned_object") or {}).get("name") or "")
            if kind not in OWNERS:
                self.translation.remark(
                    f"{table} of {kind} {name or number}",
                    "there are no hosts for objects of this type, or nothing is inherited from them here.",
                    "Assign it by hand.",
                )
                return None
            assigned = row.get("assigned_object") or self.export.find(kind.rpartition(".")[2], number) or {}
            known = self._given[kind, number] = _Given(
                Owner(
                    kind,
                    number,
                    str(assigned.get("name") or assigned.get("model") or number),
                    assigned,
                    OWNERS[kind][2],
                )
            )
        return known

    def _is_copy(self, row: Row, table: str) -> bool:
        """Tell whether a configuration group made this row for a member of it: the group's own row says it."""
        group = row.get("zabbixconfigurationgroup")
        number = group.get("id") if isinstance(group, Mapping) else group
        return bool(row.get("parent")) or any(
            other.get("assigned_object_type") == GROUP and other.get("assigned_object_id") == number
            for other in (self.export.table(table) if number is not None else ())
        )

    def _wanted(self, row: Row | None) -> bool:
        """Tell whether what a row is about belongs to the server that is translated."""
        if not self.server or not row or "zabbixserver" not in row:
            return True
        found = self.export.find("zabbixserver", row["zabbixserver"])
        return bool(found) and (found or {}).get("name") == self.server

    def _find(self, table: str, reference: Any, given: _Given) -> Row | None:
        row = self.export.find(table, reference)
        if row is None or len(row) < 2:
            self.translation.remark(
                str(given.owner), f"{table} {reference} is not in the export.", "Export that list, and translate again."
            )
            return None
        return row if self._wanted(row) else None

    def _jinja(self, text: Any, given: _Given, what: str, words: Mapping[str, str]) -> str:
        try:
            return translate_jinja(str(text), given.owner.prefix, words)
        except InputError as error:
            self.translation.remark(
                str(given.owner), f"{what} {text}: {error}.", "Left out; see the table of fields in docs/policy.md."
            )
            return ""

    def _template(self, row: Row, given: _Given) -> None:
        template = self._find("zabbixtemplate", row.get("zabbixtemplate"), given)
        if template:
            given.add("templates", escape(str(template["name"])))

    def _group(self, row: Row, given: _Given) -> None:
        group = self._find("zabbixhostgroup", row.get("zabbixhostgroup"), given)
        if group:
            words = {"name": str(group.get("name") or ""), "value": str(group.get("value") or "")}
            name = self._jinja(group.get("value") or group.get("name"), given, "host group", words)
            if name:
                given.add("host_groups", name)

    def _tag(self, row: Row, given: _Given) -> None:
        tag = self._find("zabbixtag", row.get("zabbixtag"), given)
        if not tag:
            return
        words = {key: str(tag.get(key) or "") for key in ("tag", "name", "description")}
        value = self._jinja(tag.get("value") or "", given, f"tag {tag.get('tag')}", words)
        if value or not tag.get("value"):
            tags = given.values.setdefault("tags", {})
            values = tags.setdefault(escape(str(tag.get("tag"))), [])
            if value not in values:
                values.append(value)

    def _macro(self, row: Row, given: _Given) -> None:
        definition = self._find("zabbixmacro", row.get("zabbixmacro"), given)
        if not definition:
            return
        text = str(row.get("value") or definition.get("value") or "")
        rendered = self._jinja(text, given, "macro", {}) if "{{" in text else ""
        name, value = macro(row, definition, given.owner, self.translation, rendered)
        if name and value is not None:
            given.values.setdefault("macros", {})[name] = value

    def _server(self, row: Row, given: _Given) -> None:
        if not self._wanted(row):
            return
        if row.get("sync_enabled") is False:
            self.translation.remark(
                str(given.owner), "is not synchronised there.", "Set zabbix_exclude on it in NetBox."
            )
        for key, table in (("zabbixproxy", "zabbixproxy"), ("zabbixproxygroup", "zabbixproxygroup")):
            if row.get(key):
                proxy = self._find(table, row[key], given)
                if proxy:
                    given.values["proxy" if key == "zabbixproxy" else "proxy_group"] = escape(str(proxy["name"]))

    def _interface(self, row: Row, given: _Given) -> None:
        if self._wanted(row):
            interface(row, given.owner, given.values, self.translation)

    def _inventory(self, row: Row, given: _Given) -> None:
        mode, fields = inventory(row, lambda text, what: self._jinja(text, given, what, {}))
        given.values["inventory_mode"] = mode
        if fields and mode != "disabled":
            given.values["inventory"] = fields

    def mappings(self) -> list[dict[str, Any]]:
        """Return a mapping for each object, the farthest first; hosts with the same share one."""
        ordered = sorted(self._given.values(), key=lambda one: list(OWNERS).index(one.owner.kind))
        found: list[dict[str, Any]] = []
        hosts: dict[str, dict[str, Any]] = {}
        for given in ordered:
            values = _settled(given.values)
            if not values:
                continue
            match = self._match(given.owner)
            if match is None:
                continue
            kind = _KINDS.get(given.owner.kind)
            if kind is None:
                found.append({"name": str(given.owner), "match": match, **values})
                continue
            same = hosts.get(kind + json.dumps(values, sort_keys=True))
            if same is None:
                mapping = {"name": str(given.owner), "match": match, **values}
                hosts[kind + json.dumps(values, sort_keys=True)] = mapping
                found.append(mapping)
            else:
                same["match"]["name"].append(match["name"][0])
                first = same["name"].partition(" and ")[0]
                same["name"] = f"{first} and {len(same['match']['name']) - 1} more"
        _distinct_names(found)
        return found

    def _match(self, owner: Owner) -> dict[str, Any] | None:
        if owner.kind == GROUP:
            return self._members(owner)
        key, column, dummy = OWNERS[owner.kind]
        value = owner.row.get(column)
        if not value:
            self.translation.remark(
                str(owner), f"its {column} is not in the export.", "Export it with its objects, not in brief."
            )
            return None
        kind = _KINDS.get(owner.kind)
        return {"kind": kind, "name": [_glob(str(value))]} if kind else {key: str(value)}

    def _members(self, owner: Owner) -> dict[str, Any] | None:
        """Return the match of a configuration group: the objects that it is assigned to."""
        parts: list[dict[str, Any]] = []
        names: dict[str, list[str]] = {}
        for row in self.export.table("zabbixconfigurationgroupassignment"):
            group = self.export.find("zabbixconfigurationgroup", row.get("zabbixconfigurationgroup")) or {}
            if group.get("id") != owner.number or str(row.get("assigned_object_type")) not in OWNERS:
                continue
            kind = str(row["assigned_object_type"])
            member = Owner(kind, row.get("assigned_object_id"), "", row.get("assigned_object") or {}, "")
            match = self._match(member) if kind != GROUP else None
            if match and kind in _KINDS:
                names.setdefault(_KINDS[kind], []).extend(match["name"])
            elif match:
                parts.append(match)
        parts.extend({"kind": kind, "name": members} for kind, members in names.items())
        if not parts:
            self.translation.remark(
                str(owner), "has no members in the export.", "Export zabbixconfigurationgroupassignment too."
            )
            return None
        return parts[0] if len(parts) == 1 else {"any": parts}


def _settled(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values as a mapping has them: one tag value is no list, and of proxy and group one stays."""
    found = {key: value for key, value in values.items() if value not in ([], {}, None)}
    if "tags" in found:
        found["tags"] = {name: given[0] if len(given) == 1 else given for name, given in found["tags"].items()}
    if "proxy" in found and "proxy_group" in found:
        del found["proxy"]
    return found


def _distinct_names(mappings: list[dict[str, Any]]) -> None:
    seen: dict[str, int] = {}
    for mapping in mappings:
        seen[mapping["name"]] = seen.get(mapping["name"], 0) + 1
        if seen[mapping["name"]] > 1:
            mapping["name"] += f" ({seen[mapping['name']]})"


def _glob(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _statuses(export: Export, translation: Translation) -> dict[str, dict[str, str]]:
    """Return the statuses that mean something else there than by our defaults."""
    settings: Row = next(iter(export.table("settings")), {})
    settings = settings.get("nbxsync", settings)
    mapping = settings.get("statusmapping") or {}
    given = {DEVICE: mapping.get("device"), VIRTUAL_MACHINE: mapping.get("virtualmachine")}
    if not mapping:
        translation.remark(
            "statusmapping",
            "is not in the export; the plugin's defaults were taken.",
            "Put PLUGINS_CONFIG['nbxsync'] as settings.json beside the rest, and translate again.",
        )
    found: dict[str, dict[str, str]] = {}
    for kind, of_kind in given.items():
        for status, meaning in (of_kind or STATUSES[kind]).items():
            ours = _MEANINGS.get(str(meaning), "enabled")
            if str(meaning) in _PARTLY:
                translation.remark(
                    "statusmapping",
                    f'{kind} "{status}" is enabled without {_PARTLY[str(meaning)]} here.',
                    "Give it a maintenance in Zabbix, or a tag by a mapping that matches the status.",
                )
            if DEFAULT_STATUSES[kind].get(str(status)) != ours:
                found.setdefault(kind, {})[str(status)] = ours
    return found


def _remarks(export: Export, translation: Translation) -> None:
    """Note what works differently here."""
    if export.table("zabbixmaintenance"):
        number = len(export.table("zabbixmaintenance"))
        translation.remark("zabbixmaintenance", f"{number} windows were not translated.", "See docs/migration.md.")
    owners = {str(row.get("assigned_object_type")) for row in export.table("zabbixserverassignment")}
    translation.remark(
        "what is monitored",
        "there what a server is assigned to; here every object that a mapping matches"
        + (
            ", also where only a role, type, platform or the like was given templates." if owners & set(_KINDS) else "."
        ),
        "Try it with --check; zabbix_exclude takes an object out.",
    )
    translation.remark(
        "existing hosts",
        "carry no tags of ours, so that they are left alone. Where attach_objtag is on, their tags nb_type and nb_id "
        "tell which object they are of.",
        "Take them over as docs/migration.md says.",
    )
