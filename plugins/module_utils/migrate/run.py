# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which tool's configuration is translated by what."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InputError
from ..policy.parse import parse_policy
from . import nbxsync, netbox_zabbix_sync, pergus
from .exports import read_export
from .netbox_zabbix_sync_config import read_config
from .translation import MAPPINGS, Translation, placeholders

SOURCES = ("netbox-zabbix-sync", "netbox-zabbix", "nbxsync")


def migrate(source: str, paths: Sequence[str], netbox_url: str = "", zabbix_server: str = "") -> Translation:
    """Return what the configuration in these files means in our variables. `source`: one of SOURCES.

    Raises InputError where the files are not what that tool writes.
    """
    translation = Translation()
    if not paths:
        raise InputError(["paths: name at least one file or directory"])
    if source == "netbox-zabbix-sync":
        netbox_zabbix_sync.translate(read_config(paths, translation), translation, netbox_url)
    elif source == "netbox-zabbix":
        pergus.translate(read_export(paths), translation)
    elif source == "nbxsync":
        nbxsync.translate(read_export(paths), translation, zabbix_server)
    else:
        raise InputError([f'source: "{source}" is not known; there are {", ".join(SOURCES)}'])
    _check(translation)
    return translation


def _check(translation: Translation) -> None:
    """Note what our own check finds wrong with the policy: values that were wrong before too, most of the time."""
    secrets = placeholders(translation)
    variables = translation.variables
    try:
        parse_policy(variables[MAPPINGS], secrets=secrets, statuses=variables.get("netbox_zabbix_statuses"))
    except InputError as error:
        for problem in error.problems:
            translation.remark("check of the policy", problem, "Correct it in the file.")
