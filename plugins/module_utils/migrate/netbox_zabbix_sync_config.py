# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading the configuration of netbox-zabbix-sync 4: its config.py, never executed, and its environment variables.

Sources: the project's config.py.example and its documentation of the options (release 4.0.1).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import InputError, nearest
from .translation import Translation

DEFAULTS: dict[str, Any] = {
    "templates_config_context": False,
    "templates_config_context_overrule": False,
    "template_cf": "zabbix_template",
    "device_cf": "zabbix_hostid",
    "proxy_cf": False,
    "proxy_group_cf": False,
    "clustering": False,
    "create_hostgroups": True,
    "create_journal": False,
    "sync_vms": False,
    "vm_hostgroup_format": "cluster_type/cluster/role",
    "full_proxy_sync": False,
    "zabbix_device_removal": ["Decommissioning", "Inventory"],
    "zabbix_device_disable": ["Offline", "Planned", "Staged", "Failed"],
    "hostgroup_format": "site/manufacturer/role",
    "traverse_regions": False,
    "traverse_site_groups": False,
    "nb_device_filter": {"name__n": "null"},
    "nb_vm_filter": {"name__n": "null"},
    "inventory_mode": "disabled",
    "inventory_sync": False,
    "extended_site_properties": False,
    "extended_virtual_chassis": False,
    "device_inventory_map": {
        "asset_tag": "asset_tag",
        "virtual_chassis/name": "chassis",
        "status/label": "deployment_status",
        "location/name": "location",
        "latitude": "location_lat",
        "longitude": "location_lon",
        "comments": "notes",
        "name": "name",
        "rack/name": "site_rack",
        "serial": "serialno_a",
        "device_type/model": "type",
        "device_type/manufacturer/name": "vendor",
        "oob_ip/address": "oob_ip",
    },
    "vm_inventory_map": {"status/label": "deployment_status", "comments": "notes", "name": "name"},
    "usermacro_sync": False,
    "device_usermacro_map": {
        "serial": "{$HW_SERIAL}",
        "role/name": "{$DEV_ROLE}",
        "url": "{$NB_URL}",
        "id": "{$NB_ID}",
    },
    "vm_usermacro_map": {
        "memory": "{$TOTAL_MEMORY}",
        "role/name": "{$DEV_ROLE}",
        "url": "{$NB_URL}",
        "id": "{$NB_ID}",
    },
    "tag_sync": False,
    "tag_lower": True,
    "tag_name": "NetBox",
    "tag_value": "name",
    "device_tag_map": {"site/name": "site", "rack/name": "rack", "platform/name": "target"},
    "vm_tag_map": {"site/name": "site", "cluster/name": "cluster", "platform/name": "target"},
    "description": "static",
    "description_dt_format": "%Y-%m-%d %H:%M:%S",
}

#: options of these types are read as they are; a text from the environment is never turned into one of them there
_MAPS = tuple(name for name, value in DEFAULTS.items() if isinstance(value, dict))
_LISTS = ("zabbix_device_removal", "zabbix_device_disable")
_FLAGS = tuple(name for name, value in DEFAULTS.items() if isinstance(value, bool))
_PREFIX = "NBZX_"
_ENVIRONMENT = re.compile(r"^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)\s*[=:]\s*(.*?)\s*$")


def read_config(paths: Iterable[str], translation: Translation) -> dict[str, Any]:
    """Return the options that these files give, over the defaults: a file ending in .py is a config.py, all others hold
    environment variables (`NAME=value` a line, as in an env file, a unit or a compose file).
    """
    config = dict(DEFAULTS)
    problems: list[str] = []
    texts: list[tuple[Path, str]] = []
    for path in map(Path, paths):
        try:
            texts.append((path, path.read_text(encoding="utf-8")))
        except OSError as error:
            problems.append(f"{path}: cannot be read: {error.strerror}")
    # the environment wins, in whatever order the files were named
    for path, text in sorted(texts, key=lambda item: item[0].suffix != ".py"):
        try:
            found = read_python(text, translation) if path.suffix == ".py" else read_environment(text, translation)
        except InputError as error:
            problems.extend(f"{path}: {problem}" for problem in error.problems)
            continue
        config.update(found)
    problems.extend(_wrong_types(config))
    if problems:
        raise InputError(problems)
    return config


def read_python(text: str, translation: Translation) -> dict[str, Any]:
    """Return the options that a config.py assigns. Only plain values are read; nothing is executed."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise InputError([f"is no Python that can be read: {error}"]) from None
    found: dict[str, Any] = {}
    for statement in tree.body:
        name, value = _assignment(statement)
        if name is None:
            if not _says_nothing(statement):
                translation.remark(
                    f"config.py, line {statement.lineno}",
                    "is a statement that would have to be executed, and that is never done.",
                    "Write the values that it yields into the file, and translate again.",
                )
            continue
        if name not in DEFAULTS:
            translation.remark(
                f"config.py, line {statement.lineno}", f'has no option "{name}".{nearest(name, DEFAULTS)}'
            )
            continue
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, RecursionError):
            translation.remark(
                f"config.py, {name}",
                "is computed, and the file is never executed; its default was taken.",
                "Write the value that it yields into the file, and translate again.",
            )
    return found


def _assignment(statement: ast.stmt) -> tuple[str | None, Any]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, value = statement.target, statement.value
    else:
        return None, None
    return (target.id, value) if isinstance(target, ast.Name) else (None, None)


def _says_nothing(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def read_environment(text: str, translation: Translation) -> dict[str, Any]:
    """Return the options among `NBZX_NAME=value` lines. All values there are texts to netbox-zabbix-sync."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        match = _ENVIRONMENT.match(line.strip().removeprefix("- ").removeprefix("Environment="))
        if match is None or not match[1].startswith(_PREFIX):
            continue
        variable, name = match[1], match[1][len(_PREFIX) :].lower()
        value: Any = match[2].strip("\"'") if len(match[2]) > 1 and match[2][0] == match[2][-1] else match[2]
        if name not in DEFAULTS:
            translation.remark(variable, f"is no option of netbox-zabbix-sync.{nearest(name, DEFAULTS)}")
        elif name in _MAPS:
            translation.remark(
                variable,
                "is a text to netbox-zabbix-sync, which wants a dictionary there and fails; the default was taken.",
                "Write it as a dictionary into a config.py, and translate again.",
            )
        elif name in _FLAGS:
            if value.lower() in ("false", "no", "0", "off"):
                translation.remark(
                    variable,
                    f'netbox-zabbix-sync takes the text "{value}" for true, as any text; that is what was translated.',
                    "If false was meant, take the line out and translate again.",
                )
            # proxy_cf, tag_name and usermacro_sync are texts where they are not false
            found[name] = value if name in ("proxy_cf", "proxy_group_cf", "usermacro_sync") else bool(value)
        elif name in _LISTS:
            found[name] = [part.strip(" []'\"") for part in value.split(",") if part.strip(" []'\"")]
        else:
            found[name] = value
    return found


def _wrong_types(config: dict[str, Any]) -> list[str]:
    problems = []
    for name, value in config.items():
        if name in _MAPS and not isinstance(value, dict):
            problems.append(f"{name}: must be a dictionary")
        elif name in _LISTS and not (isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)):
            problems.append(f"{name}: must be a list of texts")
    return problems
