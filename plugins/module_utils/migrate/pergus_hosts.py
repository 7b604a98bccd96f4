# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Host configs of the plugin that somebody changed by hand: they say something else than the mapping they came from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..netbox.objects import DEVICE
from ..policy.fields import escape
from .exports import Export, Row
from .pergus_lookup import monitor_of, names_of
from .translation import Translation

_KEYS = {"sites": "site", "roles": "role", "platforms": "platform"}
_AGENT, _SNMP = 1, 2


@dataclass(frozen=True, slots=True)
class Chosen:
    """One mapping of theirs, and what was made of it."""

    row: Row
    mapping: dict[str, Any]


def own_settings(
    kind: str, plural: str, chosen: list[Chosen], setting: Row, export: Export, translation: Translation
) -> list[dict[str, Any]]:
    """Return mappings for the host configs that differ from their mapping; equal ones share one."""
    table = "devices" if kind == DEVICE else "virtual-machines"
    configs = export.table("host-config")
    if not configs:
        return []
    if not export.has(table):
        where = "dcim/devices" if kind == DEVICE else "virtualization/virtual-machines"
        translation.remark(
            "host-config",
            f"settings that somebody changed on single hosts could not be told from those of mappings ({plural}).",
            f"Export {where} beside the rest, and translate again.",
        )
        return []
    agents = {_id(row.get("host_config")) for row in export.table("agent-interface")}
    groups: dict[str, list[str]] = {}
    for config in configs:
        netbox_object = _object_of(config, export.table(table))
        if netbox_object is None:
            continue
        types = (_AGENT,) if config.get("id") in agents else (_SNMP,)
        winner = _winner(netbox_object, types, chosen)
        label = f"host-config {config.get('name')}"
        templates = [export.find("templates", one) for one in config.get("templates") or []]
        host_groups = [export.find("host-group", one) for one in config.get("host_groups") or []]
        own: dict[str, Any] = {
            "templates": {"replace": names_of(templates, label, "template", translation)},
            "host_groups": {"replace": names_of(host_groups, label, "host group", translation)},
            **monitor_of(config, int(config.get("monitored_by", 0)), label, export, translation),
        }
        expected = winner.mapping if winner else {}
        given = {key: value for key, value in own.items() if _sorted(expected.get(key)) != _sorted(value)}
        if int(config.get("status", 0)) == 1:
            given["status"] = "disabled"
        if config.get("description"):
            given["description"] = escape(str(config["description"]))
        if given:
            groups.setdefault(json.dumps(given, sort_keys=True), []).append(str(netbox_object["name"]))
    found = []
    for number, (text, names) in enumerate(groups.items(), 1):
        match = {"kind": kind, "name": [_glob(name) for name in sorted(names)]}
        found.append({"name": f"{plural}: settings of single hosts {number}", "match": match, **json.loads(text)})
    return found


def _object_of(config: Row, objects: list[Row]) -> Row | None:
    """Find the object of a host config; its kind is only a number there, so that the name has to agree."""
    name = str(config.get("name") or "").removeprefix("z-")
    return next((row for row in objects if row.get("id") == config.get("object_id") and row.get("name") == name), None)


def _winner(netbox_object: Row, types: tuple[int, ...], chosen: list[Chosen]) -> Chosen | None:
    """Return the mapping that the plugin takes for an object: the last in our order that matches."""
    found = None
    for one in chosen:
        asked = int(one.row.get("interface_type", 0))
        if one.row.get("default") or (
            asked in types
            and all(
                not one.row.get(name) or _id(netbox_object.get(key)) in {_id(value) for value in one.row[name]}
                for name, key in _KEYS.items()
            )
        ):
            found = one
    return found


def _id(reference: Any) -> Any:
    return reference.get("id") if isinstance(reference, dict) else reference


def _sorted(value: Any) -> Any:
    return sorted(value["replace"]) if isinstance(value, dict) and "replace" in value else value


def _glob(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
