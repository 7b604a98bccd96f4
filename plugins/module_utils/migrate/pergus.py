# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the NetBox plugin netbox-zabbix (pergus): lists of its REST API -> our variables. Pure.

There one mapping alone counts for an object: the most specific one. Here mappings add up, so that each is written to
replace what was given before, the most specific ones last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from ..netbox.objects import DEVICE, VIRTUAL_MACHINE
from ..policy.fields import escape
from ..policy.inventory_fields import INVENTORY_FIELDS
from .exports import Export, Row
from .paths import translate_path
from .pergus_hosts import Chosen, own_settings
from .pergus_lookup import SERVER, monitor_of, names_of
from .translation import MAPPINGS, Translation

#: kind -> list of its mappings, what the plugin calls it, and what we call many of it
KINDS = {DEVICE: ("device-mapping", "device", "devices"), VIRTUAL_MACHINE: ("vm-mapping", "virtualmachine", "VMs")}
#: filter of a mapping -> our match key, and the list that has the slugs
_FILTERS = {"sites": ("site", "sites"), "roles": ("role", "device-roles"), "platforms": ("platform", "platforms")}
_ANY, _AGENT, _SNMP = 0, 1, 2
_INVENTORY_MODES = {-1: "disabled", 0: "manual", 1: "automatic"}


def translate(export: Export, translation: Translation) -> Translation:
    """Return what the exported lists mean in our variables."""
    if not any(export.has(endpoint) for endpoint, dummy, _plural in KINDS.values()):
        raise InputError(
            [
                "neither device-mapping nor vm-mapping is in the export; it has "
                + (", ".join(export.names()) or "none"),
            ]
        )
    setting: Row = next(iter(export.table("setting")), {})
    if not setting:
        translation.remark(
            "setting", "is not in the export; the plugin's defaults were taken.", "Export it, and translate again."
        )
    mappings: list[dict[str, Any]] = []
    for kind, (endpoint, word, plural) in KINDS.items():
        rows = _in_our_order(export.table(endpoint))
        if not rows:
            continue
        mappings.append(_everything(kind, word, plural, setting, export, translation))
        mappings.extend(_tag_mappings(kind, word, plural, setting, export, translation))
        chosen = [Chosen(row, _mapping(kind, plural, row, setting, export, translation)) for row in rows]
        mappings.extend(one.mapping for one in chosen)
        mappings.extend(own_settings(kind, plural, chosen, setting, export, translation))
    _distinct_names(mappings)
    translation.variables[MAPPINGS] = [mapping for mapping in mappings if set(mapping) - {"name", "match"}]
    _remarks(setting, export, translation)
    return translation


def _in_our_order(rows: list[Row]) -> list[Row]:
    """Put what wins there last: the default first, then by what a mapping asks for; of equals the first wins there."""
    numbered = sorted(enumerate(rows), key=lambda item: (_specificity(item[1]), -item[0]))
    return [row for dummy, row in numbered]


def _specificity(row: Row) -> tuple[bool, ...]:
    return (not row.get("default"), *(bool(row.get(name)) for name in _FILTERS))


def _everything(
    kind: str, word: str, plural: str, setting: Row, export: Export, translation: Translation
) -> dict[str, Any]:
    """Return what all hosts of a kind get: tags and inventory by their mappings."""
    mode = _INVENTORY_MODES.get(int(setting.get("inventory_mode", 0)), "manual")
    mapping: dict[str, Any] = {"name": plural, "match": {"kind": kind}, "inventory_mode": mode}
    tags = _tags(word, setting, export, translation)
    if tags:
        mapping["tags"] = tags
    inventory = _inventory(word, export, translation) if mode == "manual" else {}
    if inventory:
        mapping["inventory"] = inventory
    return mapping


def _tag_name(name: str, setting: Row) -> str:
    name = f"{setting.get('tag_prefix') or ''}{name}"
    form = str(setting.get("tag_name_formatting", "keep")).lower()
    return escape(name.upper() if form == "upper" else name.lower() if form == "lower" else name)


def _of_kind(rows: list[Row], word: str) -> Row:
    return next((row for row in rows if row.get("object_type") == word), {})


def _tags(word: str, setting: Row, export: Export, translation: Translation) -> dict[str, Any]:
    tags: dict[str, Any] = {}
    if setting.get("default_tag"):
        tags[_tag_name(str(setting["default_tag"]), setting)] = "{id}"
    for entry in _selection(_of_kind(export.table("tag-mapping"), word)):
        path = _path(entry.get("value"), f"tag-mapping of {word}", translation)
        if path:
            tags[_tag_name(str(entry.get("name")), setting)] = f"{{{path}}}"
    return tags


def _inventory(word: str, export: Export, translation: Translation) -> dict[str, str]:
    inventory: dict[str, str] = {}
    subject = f"inventory-mapping of {word}"
    for entry in _selection(_of_kind(export.table("inventory-mapping"), word)):
        field = str(entry.get("invkey"))
        if field not in INVENTORY_FIELDS:
            translation.remark(subject, f'Zabbix has no inventory field "{field}".')
            continue
        given = entry.get("paths") or []
        paths = [path for one in given if (path := _path(one, subject, translation))]
        if paths:
            inventory[field] = f"{{{'|'.join(paths)}}}"
    return inventory


def _selection(row: Row) -> list[Row]:
    """Return the enabled entries of a tag or inventory mapping, in whichever of their two forms."""
    entries = []
    for entry in row.get("selection") or []:
        if isinstance(entry, str):
            entry = {"name": entry.split(".", 1)[0], "value": entry}
        elif isinstance(entry, list) and len(entry) == 3:
            entry = {"name": entry[0], "invkey": entry[1], "paths": entry[2]}
        if isinstance(entry, Mapping) and str(entry.get("enabled", True)).lower() not in ("false", "0"):
            entries.append(dict(entry))
    return entries


def _path(text: Any, subject: str, translation: Translation) -> str:
    try:
        return translate_path(str(text).split("."))
    except InputError as error:
        translation.remark(subject, str(error), "Left out; see the table of fields in docs/policy.md.")
        return ""


def _tag_mappings(
    kind: str, word: str, plural: str, setting: Row, export: Export, translation: Translation
) -> list[dict[str, Any]]:
    """Return a mapping for each NetBox tag that the plugin turns into a Zabbix tag where an object has it."""
    found = []
    for reference in _of_kind(export.table("tag-mapping"), word).get("tags") or []:
        row = export.find("tags", reference)
        if not row or "name" not in row:
            translation.remark(
                f"tag-mapping of {word}",
                f"the NetBox tag {reference} is not in the export.",
                "Export extras/tags, and translate again.",
            )
            continue
        slug = str(row.get("slug") or row["name"])
        tags = {_tag_name(str(row["name"]), setting): escape(str(row["name"]))}
        found.append({"name": f"{plural} with tag {slug}", "match": {"kind": kind, "tag": slug}, "tags": tags})
    return found


def _mapping(
    kind: str, plural: str, row: Row, setting: Row, export: Export, translation: Translation
) -> dict[str, Any]:
    """Return one mapping of theirs as one of ours."""
    name = f"{plural}: {row.get('name')}"
    mapping: dict[str, Any] = {"name": name, "match": {"kind": kind}}
    if not row.get("default"):
        for filter_name, (key, table) in _FILTERS.items():
            slugs = [_slug(export, table, one, name, translation) for one in row.get(filter_name) or []]
            known = [slug for slug in slugs if slug]
            if known:
                mapping["match"][key] = known[0] if len(known) == 1 else known
    templates = [export.find("templates", one) for one in row.get("templates") or []]
    mapping["templates"] = {"replace": names_of(templates, name, "template", translation)}
    groups = [export.find("host-group", one) for one in row.get("host_groups") or []]
    mapping["host_groups"] = {"replace": names_of(groups, name, "host group", translation)}
    mapping["interfaces"] = {"replace": [_interface(row, templates, setting, name, translation)]}
    mapping.update(monitor_of(row, int(setting.get("monitored_by", SERVER)), name, export, translation))
    return mapping


def _slug(export: Export, table: str, reference: Any, name: str, translation: Translation) -> str:
    row = export.find(table, reference)
    if not row or not row.get("slug"):
        translation.remark(
            name,
            f"{table} {reference} is not in the export, so that the mapping matches more than it did.",
            f"Export dcim/{table}, and translate again.",
        )
        return ""
    if table != "sites" and any(
        (other.get("parent") or {}).get("id", other.get("parent")) == row["id"]
        for other in export.table(table)
        if other.get("parent")
    ):
        translation.remark(name, f'{table} "{row["slug"]}" has others below it, which match here too.')
    return str(row["slug"])


def _interface(
    row: Row, templates: list[Row | None], setting: Row, name: str, translation: Translation
) -> dict[str, Any]:
    kind = int(row.get("interface_type", _ANY))
    if kind == _ANY:
        kinds = {int(template.get("interface_type", _ANY)) for template in templates if template}
        kind = _SNMP if _SNMP in kinds else _AGENT
        translation.remark(
            name,
            f"asks for no type of interface; {'snmp' if kind == _SNMP else 'agent'} was taken, by its templates.",
            "Check its interfaces.",
        )
    return interface_of(kind, setting)


def interface_of(kind: int, setting: Row) -> dict[str, Any]:
    """Return an interface as the plugin's settings make it; what is a default of ours too is left out."""
    by_dns = int(setting.get("useip", 1)) == 0
    common: dict[str, Any] = {"connect": "dns"} if by_dns else {}
    if kind == _AGENT:
        return {"type": "agent", **common, "port": str(setting.get("agent_port", 10050))}
    levels, auth, privacy = ("noauth", "auth", "authpriv"), *_PROTOCOLS
    level = levels[int(setting.get("snmp_securitylevel", 2))]
    interface: dict[str, Any] = {
        "type": "snmp",
        **common,
        "port": str(setting.get("snmp_port", 161)),
        "version": 3,
        "bulk": int(setting.get("snmp_bulk", 1)) == 1,
        "max_repetitions": int(setting.get("snmp_max_repetitions", 10)),
        "security_level": level,
        # the API of the plugin hides these three; their defaults are user macros
        "security_name": "{$SNMPV3_USER}",
    }
    if setting.get("snmp_contextname"):
        interface["context"] = str(setting["snmp_contextname"])
    if level != "noauth":
        interface["auth_protocol"] = auth[int(setting.get("snmp_authprotocol", 1))]
        interface["auth_passphrase"] = "{$SNMPV3_AUTHPASS}"
    if level == "authpriv":
        interface["privacy_protocol"] = privacy[int(setting.get("snmp_privprotocol", 1))]
        interface["privacy_passphrase"] = "{$SNMPV3_PRIVPASS}"
    return interface


_PROTOCOLS = (
    ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
    ("des", "aes128", "aes192", "aes256", "aes192c", "aes256c"),
)


def _distinct_names(mappings: list[dict[str, Any]]) -> None:
    seen: dict[str, int] = {}
    for mapping in mappings:
        name = mapping["name"]
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            mapping["name"] = f"{name} ({seen[name]})"


def _remarks(setting: Row, export: Export, translation: Translation) -> None:
    """Note what works differently here."""
    translation.remark(
        "SNMPv3 user and passphrases, TLS, pre-shared key",
        "are hidden by the plugin's API; the user macros that are its defaults were taken.",
        "Where you changed them, give a user macro or {secret: name}; see docs/policy.md.",
    )
    translation.remark(
        "interface types",
        "there the button pressed (agent or SNMP) chose the mapping; here every mapping that matches counts, the last "
        "one most.",
        "Where an agent mapping and an SNMP mapping match the same objects, tell them apart by match, or merge them.",
    )
    translation.remark(
        "what is monitored",
        "there a host that somebody provisioned, whatever the object's status; here every object that a mapping "
        "matches, enabled or disabled by its status.",
        "Try it with --check; zabbix_exclude takes an object out, netbox_zabbix_statuses says what a status means.",
    )
    if str(setting.get("exclude_custom_field_enabled", "")).lower() == "true":
        translation.remark(
            "exclude_custom_field_name",
            f'"{setting.get("exclude_custom_field_name")}" hides objects from a list there; ours is zabbix_exclude.',
            "Set that on the same objects.",
        )
    if export.table("maintenance"):
        translation.remark(
            "maintenance", f"{len(export.table('maintenance'))} windows were not translated.", "See docs/migration.md."
        )
    for proxy in export.table("proxy") + export.table("proxy-group"):
        if proxy.get("name"):
            translation.remark("proxies and proxy groups", "are used by name; here they are set up in Zabbix.")
            break
    translation.remark(
        "existing hosts",
        "carry no tags of ours, so that they are left alone.",
        "Take them over as docs/migration.md says.",
    )
