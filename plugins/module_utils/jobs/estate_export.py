# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Save an estate in a file, so that policies can be checked without any server."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..connection import NetBoxConnection, ZabbixConnection
from ..netbox.objects import INTERFACE
from .estate import Scope, add_settings, count_kinds, read_estate
from .export import write_export
from .result import Progress, Result

JOB = "ExportEstate"


def export_estate(
    path: str,
    netbox: NetBoxConnection,
    zabbix: ZabbixConnection | None,
    interfaces: Sequence[str],
    dry_run: bool,
    progress: Progress,
) -> Result:
    """Read all of NetBox, and what a policy may name in Zabbix, and write it to `path`; in a dry run only read.

    `interfaces`: names of NetBox interfaces whose addresses policies ask for (`address: interface:mgmt0`).
    """
    result = Result(JOB, dry_run)
    # all kinds: whoever reads the export chooses among them
    scope = Scope(virtual_device_contexts=True)
    roots = frozenset(INTERFACE + name for name in interfaces)
    estate = read_estate(netbox, result, progress, scope=scope, roots=roots)
    if zabbix is not None:
        add_settings(estate, zabbix, result, progress)
    result.stats = {"objects": len(estate.objects), **count_kinds(estate.objects)}
    text = f"{len(estate.objects)} objects of NetBox"
    if estate.settings is None:
        text += " and nothing of Zabbix"
    else:
        result.stats["templates"] = len(estate.settings.templates_by_id)
        text += f" and {len(estate.settings.templates_by_id)} templates of Zabbix"
    if dry_run:
        result.finish(f"{text} would be written to {path}.")
    else:
        result.stats["bytes"] = write_export(os.path.expanduser(path), estate)
        result.finish(f"{text} are in {path}, {result.stats['bytes']} bytes.")
    result.changed = True
    return result
