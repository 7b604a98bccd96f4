# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An estate in one file: all NetBox objects, and what a policy may name in Zabbix. To check policies anywhere.

The file holds no secret of ours, but all that NetBox tells of the objects: whoever may read it may read NetBox.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..netbox.objects import NetBoxObject, Related
from ..zabbix.objects import Template, ZabbixSettings
from ..zabbix.template_facts import TemplateItems
from .estate import Estate
from .result import utc_now

FORMAT, VERSION = "netops.netbox_zabbix estate", 1
#: stands for a related object, which many share: `{"$related": ["site", 5]}`
_REFERENCE = "$related"
#: around a dictionary of NetBox that looks like one of ours
_PLAIN = "$plain"
_GZIP = b"\x1f\x8b"


def write_export(path: str, estate: Estate) -> int:
    """Write `estate` and return the number of bytes. The file appears whole or not at all, for its owner alone."""
    text = json.dumps(_encode_estate(estate), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    content = text.encode()
    if path.endswith(".gz"):
        # without a time, so that the same estate gives the same file but for its own date
        content = gzip.compress(content, 6, mtime=0)
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise InputError([f"path: the folder {folder} does not exist"])
    try:
        handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".estate-")  # mode 0600
    except OSError as error:
        raise InputError([f"path: {folder} cannot be written to: {error.strerror}"]) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
    return len(content)


def load_export(path: str) -> Estate:
    """Read what `write_export` wrote. Raises InputError for a file of another kind or version, or half a file."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError([f"export: {path} cannot be read: {error.strerror}"]) from None
    again = "make a new one with the playbook netops.netbox_zabbix.export"
    try:
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        document = json.loads(content)
    except (EOFError, OSError, zlib.error, ValueError) as error:
        raise InputError([f"export: {path} is damaged or not whole ({error}); {again}"]) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError([f"export: {path} is no export of an estate; {again}"])
    if document.get("version") != VERSION:
        found = document.get("version")
        raise InputError([f"export: {path} has version {found} of the format, and this is version {VERSION}; {again}"])
    return _decode_estate(document)


def _encode_estate(estate: Estate) -> dict[str, Any]:
    references = {
        id(entry): [table, number]
        for table, entries in estate.related.tables.items()
        for number, entry in entries.items()
    }

    def encode(value: Any) -> Any:
        if isinstance(value, Mapping):
            reference = references.get(id(value))
            if reference is not None:
                return {_REFERENCE: reference}
            return _encode_fields(value)
        return [encode(entry) for entry in value] if isinstance(value, list | tuple) else value

    def _encode_fields(value: Mapping[str, Any]) -> dict[str, Any]:
        encoded = {key: encode(entry) for key, entry in value.items()}
        return {_PLAIN: encoded} if encoded.keys() & {_REFERENCE, _PLAIN} else encoded

    settings = estate.settings
    return {
        "format": FORMAT,
        "version": VERSION,
        "made": utc_now(),
        "netbox": estate.netbox_url,
        "custom_fields": estate.related.custom_fields,
        "related": {
            table: [[number, {key: encode(value) for key, value in entry.items()}] for number, entry in entries.items()]
            for table, entries in estate.related.tables.items()
        },
        "objects": [
            [one.kind, one.id, {key: encode(value) for key, value in one.attributes.items()}] for one in estate.objects
        ],
        "zabbix": None
        if settings is None
        else {
            "release": list(estate.release),
            "templates": [asdict(template) for template in settings.templates_by_id.values()],
            "groups": settings.groups,
            "proxies": settings.proxies,
            "proxy_groups": settings.proxy_groups,
            "template_items": [asdict(items) for items in estate.template_items.values()],
        },
    }


def _decode_estate(document: Mapping[str, Any]) -> Estate:
    # all related objects first, empty: they refer to each other
    tables: dict[str, dict[int, dict[str, Any]]] = {
        table: {number: {} for number, dummy in entries} for table, entries in document["related"].items()
    }

    def decode(value: Any) -> Any:
        if isinstance(value, dict):
            if _REFERENCE in value:
                table, number = value[_REFERENCE]
                return tables[table][number]
            return {key: decode(entry) for key, entry in value.get(_PLAIN, value).items()}
        return [decode(entry) for entry in value] if isinstance(value, list) else value

    for table, entries in document["related"].items():
        for number, entry in entries:
            tables[table][number].update({key: decode(value) for key, value in entry.items()})
    objects = [
        NetBoxObject(kind, number, {key: decode(value) for key, value in attributes.items()})
        for kind, number, attributes in document["objects"]
    ]
    estate = Estate(Related(tables, document["custom_fields"]), objects, netbox_url=document["netbox"])
    estate.made = document["made"]
    if document["zabbix"] is not None:
        estate.settings, estate.release = _decode_settings(document["zabbix"])
        for row in document["zabbix"]["template_items"]:
            # JSON knows no numbers as keys
            inventory = {int(number): key for number, key in row["inventory"].items()}
            estate.template_items[row["templateid"]] = TemplateItems(**{**row, "inventory": inventory})
    return estate


def _decode_settings(zabbix: Mapping[str, Any]) -> tuple[ZabbixSettings, tuple[int, int]]:
    settings = ZabbixSettings(proxies=zabbix["proxies"], proxy_groups=zabbix["proxy_groups"])
    for row in zabbix["templates"]:
        settings.add_template(Template(**{**row, "parents": tuple(row["parents"])}))
    for name, groupid in zabbix["groups"].items():
        settings.add_group(groupid, name)
    major, minor = zabbix["release"]
    return settings, (major, minor)
