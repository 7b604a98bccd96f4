# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From netbox-zabbix-sync 4 (TheNetworkGuy): its options -> our variables. Pure.

What it keeps in NetBox (the config context key `zabbix`, the custom field with the host's id) is understood as it is,
so that nothing in NetBox has to change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from ..netbox.objects import DEVICE, VIRTUAL_MACHINE
from ..policy.fields import escape
from ..policy.host_config import ABSENT, DISABLED, ENABLED
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..policy.match import STATUSES
from ..policy.parse import DEFAULT_STATUSES
from .netbox_filters import translate_filter
from .paths import as_field
from .translation import MAPPINGS, Translation

KINDS = {DEVICE: "devices", VIRTUAL_MACHINE: "virtual machines"}
#: item of the host group language -> our field, the same for devices and virtual machines
_GROUP_ITEMS = {
    **{name: name for name in ("role", "region", "site", "site_group", "tenant", "tenant_group", "platform")},
    **{name: name for name in ("manufacturer", "location", "rack", "cluster", "cluster_type")},
}
_QUOTES = ("'", '"')
_STATIC = "Host added by NetBox sync script."
_DYNAMIC = "Host by owner {owner} added by NetBox sync script on {datetime}."
_MACRO = re.compile(r"\{\$[A-Z0-9_.]+(?::.+)?\}", re.DOTALL)
_LABELS = {status: status.capitalize() for of_kind in STATUSES.values() for status in of_kind}


def translate(config: Mapping[str, Any], translation: Translation, netbox_url: str = "") -> Translation:
    """Return what `config` (all options) means in our variables. `netbox_url`: for macros and tags with an object's
    address.
    """
    mappings: list[dict[str, Any]] = []
    for kind in KINDS if config["sync_vms"] else (DEVICE,):
        mappings.extend(_mappings_of_kind(kind, config, translation, netbox_url))
    translation.variables[MAPPINGS] = mappings
    statuses = _statuses(config, translation)
    if statuses:
        translation.variables["netbox_zabbix_statuses"] = statuses
    if config["clustering"]:
        translation.variables["netbox_zabbix_virtual_chassis"] = "master"
    _remarks(config, translation)
    return translation


def _mappings_of_kind(
    kind: str, config: Mapping[str, Any], translation: Translation, netbox_url: str
) -> list[dict[str, Any]]:
    short = "device" if kind == DEVICE else "vm"
    match = {"kind": kind, **translate_filter(config[f"nb_{short}_filter"], f"nb_{short}_filter", translation)}
    option = "hostgroup_format" if kind == DEVICE else "vm_hostgroup_format"
    formats = config[option]
    groups = [_group(text, option, config, translation) for text in (_as_list(formats))]
    main: dict[str, Any] = {
        "name": KINDS[kind],
        "match": match,
        "host_groups": [group for group in groups if group],
        "interfaces": [{"type": "snmp", "version": 2}] if kind == DEVICE else [{"type": "agent"}],
    }
    if kind == DEVICE and not config["templates_config_context"] and config["template_cf"]:
        main["templates"] = [f"{{device_type.custom_fields.{config['template_cf']}}}"]
    if config["full_proxy_sync"]:
        main["monitored_by"] = "server"
    if config["tag_sync"]:
        main["tags"] = _tags(config, short, translation, netbox_url)
    if config["usermacro_sync"]:
        main["macros"] = _macros(config, short, translation, netbox_url)
    if config["inventory_mode"] in ("manual", "automatic"):
        main["inventory_mode"] = config["inventory_mode"]
        if config["inventory_sync"]:
            main["inventory"] = _inventory(config, short, translation, netbox_url)
    description = _description(config, translation)
    if description:
        main["description"] = description
        # netbox-zabbix-sync gives it to new hosts only
        translation.variables["netbox_zabbix_ownership"] = {"description": "create_only"}
    mappings = [{key: value for key, value in main.items() if value not in ([], {})}]
    # a proxy group wins over a proxy there, and the later mapping does here
    for key in ("proxy", "proxy_group"):
        field = config[f"{key}_cf"]
        if field:
            path = f"{{custom_fields.{field}|site.custom_fields.{field}}}"
            mappings.append({"name": f"{key.replace('_', ' ')} of {KINDS[kind]}", "match": match, key: path})
    return mappings


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _group(text: Any, option: str, config: Mapping[str, Any], translation: Translation) -> str:
    """Return one host group format in our language. Empty items vanish there, and empty levels here."""
    levels = []
    for item in str(text).split("/"):
        if len(item) > 2 and item[0] == item[-1] and item[0] in _QUOTES:
            levels.append(escape(item[1:-1]))
        elif item in _GROUP_ITEMS:
            path = _GROUP_ITEMS[item]
            if (item == "region" and config["traverse_regions"]) or (
                item == "site_group" and config["traverse_site_groups"]
            ):
                path += ".path"
            levels.append(f'{{{path}|""}}')
        elif re.fullmatch(r"[A-Za-z0-9_]+", item):
            levels.append(f'{{custom_fields.{item}|""}}')
        else:
            translation.remark(
                f'{option}, "{text}"',
                f'the item "{item}" is neither known nor a custom field nor in quotes; the format was left out.',
                "Write this host group by hand.",
            )
            return ""
    return "/".join(levels)


def _value(path: str, subject: str, short: str, translation: Translation, netbox_url: str, more: str = "") -> str:
    """Return a path of a map as our field, empty where there is none."""
    parts = path.split("/")
    if parts == ["display_url"] or parts == ["url"]:
        if netbox_url:
            where = "dcim/devices" if short == "device" else "virtualization/virtual-machines"
            api = "api/" if parts == ["url"] else ""
            return f"{escape(netbox_url.rstrip('/'))}/{api}{where}/{{id}}/"
        translation.remark(subject, f'"{path}" is no attribute of an object.', "Give netbox_url, and translate again.")
        return ""
    try:
        field = as_field(parts, more)
    except InputError as error:
        translation.remark(subject, f"{error}", "Left out; see the table of fields in docs/policy.md.")
        return ""
    if parts == ["status", "label"]:
        translation.remark(
            subject, 'the status comes as NetBox\'s value ("active"), not as its label ("Active").', "Nothing to do."
        )
    return field


def _tags(config: Mapping[str, Any], short: str, translation: Translation, netbox_url: str) -> dict[str, Any]:
    lower = bool(config["tag_lower"])
    tags: dict[str, Any] = {}
    for path, tag in config[f"{short}_tag_map"].items():
        value = _value(path, f"{short}_tag_map", short, translation, netbox_url, ":lower" if lower else "")
        if value:
            tags[escape(str(tag).lower() if lower else str(tag))] = value
    if config["tag_name"] and isinstance(config["tag_name"], str):
        name = escape(config["tag_name"].lower() if lower else config["tag_name"])
        path = "tags.slug" if str(config["tag_value"]).lower() == "slug" else "tags"
        value = f"{{{path}:lower}}" if lower else f"{{{path}}}"
        tags[name] = [tags[name], value] if name in tags else value
    return tags


def _macros(config: Mapping[str, Any], short: str, translation: Translation, netbox_url: str) -> dict[str, Any]:
    option = f"{short}_usermacro_map"
    macros: dict[str, Any] = {}
    for path, macro in config[option].items():
        if not _MACRO.fullmatch(str(macro)):
            translation.remark(option, f'"{macro}" is no user macro, and netbox-zabbix-sync skips it.')
            continue
        value = _value(path, option, short, translation, netbox_url)
        if value:
            macros[macro] = value
    return macros


def _inventory(config: Mapping[str, Any], short: str, translation: Translation, netbox_url: str) -> dict[str, Any]:
    option = f"{short}_inventory_map"
    inventory: dict[str, Any] = {}
    for path, field in config[option].items():
        if field not in INVENTORY_FIELDS:
            translation.remark(option, f'Zabbix has no inventory field "{field}".')
            continue
        value = _value(path, option, short, translation, netbox_url)
        if value:
            inventory[field] = value
    return inventory


def _description(config: Mapping[str, Any], translation: Translation) -> str:
    text = str(config["description"])
    text = {"static": _STATIC, "dynamic": _DYNAMIC}.get(text.lower(), text)
    known = [word for word in ("{owner}", "{datetime}") if word in text]
    if known:
        translation.remark(
            "description",
            f"{' and '.join(known)} {'have' if len(known) > 1 else 'has'} no counterpart: a host that follows NetBox "
            "has no date of its own, and the owner is no field of ours.",
            "The description was left out; Zabbix' audit log knows when a host was created.",
        )
        return ""
    return escape(text)


def _statuses(config: Mapping[str, Any], translation: Translation) -> dict[str, dict[str, str]]:
    """Return the statuses that mean something else there than by our defaults."""
    meanings: dict[str, str] = {}
    for option, meaning in (("zabbix_device_disable", DISABLED), ("zabbix_device_removal", ABSENT)):
        for label in config[option]:
            status = next((one for one, known in _LABELS.items() if known == label), None)
            if status is None:
                status = re.sub(r"[^a-z0-9_-]+", "-", label.lower()).strip("-")
                translation.remark(
                    option,
                    f'"{label}" is a label of your own; its value in NetBox was taken to be "{status}".',
                    "Check it in netbox_zabbix_statuses.",
                )
            meanings[status] = meaning
    own = {status: meaning for status, meaning in meanings.items() if status not in _LABELS}
    found: dict[str, dict[str, str]] = {}
    for kind, defaults in DEFAULT_STATUSES.items():
        if kind == DEVICE or config["sync_vms"]:
            wanted = {status: meanings.get(status, ENABLED) for status in STATUSES[kind]} | own
            found[kind] = {status: meaning for status, meaning in wanted.items() if defaults.get(status) != meaning}
    return {kind: statuses for kind, statuses in found.items() if statuses}


def _remarks(config: Mapping[str, Any], translation: Translation) -> None:
    """Note what works differently here."""
    if config["templates_config_context_overrule"] or (config["templates_config_context"] and config["template_cf"]):
        translation.remark(
            "templates_config_context",
            "templates of the config context and of mappings add up here.",
            "Where the context's are to stand alone, write them there as {replace: [...]}.",
        )
    elif not config["templates_config_context"]:
        translation.remark(
            "templates_config_context",
            "is off, so that netbox-zabbix-sync does not look at templates in config contexts of devices; here they "
            "count.",
            "Take them out of the contexts where they are not wanted.",
        )
    if config["device_cf"] != "zabbix_hostid":
        translation.remark(
            "device_cf",
            f'the custom field "{config["device_cf"]}" holds the host ids, ours is called zabbix_hostid.',
            "Rename it in NetBox, or let both be; hosts are found by their tags here.",
        )
    for key in ("proxy", "proxy_group"):
        if config[f"{key}_cf"]:
            translation.remark(
                f"{key}_cf",
                f'"{config[f"{key}_cf"]}" is looked up at the device and at its site; a custom field that no device '
                "has is reported as unknown.",
                "Take that part out of the field, then.",
            )
    if not config["create_hostgroups"]:
        translation.remark("create_hostgroups", "missing host groups are created here.", "There is no switch for that.")
    if config["create_journal"]:
        translation.remark("create_journal", "journal entries are not written; a run's result tells what it did.")
    if str(config["usermacro_sync"]).lower() == "full":
        translation.remark(
            "usermacro_sync",
            '"full" sends secret macros in every run; here a digest tells whether one has changed.',
            "Nothing to do. Secrets do not stand in NetBox here: name them {secret: name}, see docs/policy.md.",
        )
    translation.remark(
        "existing hosts",
        "carry no tags of ours, so that they are left alone.",
        "Take them over as docs/migration.md says; NetBox's zabbix_hostid tells which is which.",
    )
    translation.remark(
        "what people added",
        "netbox-zabbix-sync takes away templates, host groups, tags and macros that it did not give; here they stay.",
        "netbox_zabbix_ownership: {templates: replace, groups: replace} does as before.",
    )
