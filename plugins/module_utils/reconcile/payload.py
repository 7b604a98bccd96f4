# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a change to the parameters of host.create or host.update: only what changed, in the words of the Zabbix release.

Here, and only here, secrets are put in clear.
"""

from __future__ import annotations

from typing import Any

from ..attribute_table import BY_NAME, ELEMENTS
from ..policy.host_config import Secret
from ..zabbix import versions
from ..zabbix.objects import INTERFACE_TYPES, MACRO_APPLIED, MACRO_TYPES
from .plan import RELEASE, Change

_INTERFACE_CODES = {name: code for code, name in INTERFACE_TYPES.items()}
_MACRO_CODES = {name: code for code, name in MACRO_TYPES.items()}


def payload(change: Change, release: versions.Release) -> dict[str, Any]:
    """Return the parameters of one call for one host. The change's groups and record must be complete."""
    if change.record is None:
        raise ValueError(f"{change.config.label}: its host groups have no ids yet")
    parameters: dict[str, Any] = {} if change.live is None else {"hostid": change.live.hostid}
    for attribute, value in change.writes.items():
        parameters.update(_parameter(attribute, value, release))
    macros = _macros(change)
    if macros is not None:
        parameters["macros"] = macros
    return parameters


def _parameter(attribute: str, value: Any, release: versions.Release) -> dict[str, Any]:
    row = BY_NAME.get(attribute)
    if row is not None and row.kind != ELEMENTS:
        return {row.api: value.value if isinstance(value, Secret) else row.encode(value)}
    if attribute == "groups":
        return {"groups": [{"groupid": groupid} for groupid in sorted(value, key=int)]}
    if attribute in ("templates", "templates_clear"):
        return {attribute: [{"templateid": templateid} for templateid in sorted(value, key=int)]}
    if attribute == "tags":
        return {"tags": [{"tag": tag, "value": text} for tag, text in sorted(value)]}
    if attribute == "interfaces":
        return {"interfaces": [_interface(interface) for interface in value]}
    if attribute == "monitored_by":
        return versions.write_monitor(release, *value)
    if attribute == "macros":
        return {}
    return {attribute: value}


def _interface(interface: dict[str, Any]) -> dict[str, Any]:
    if "type" not in interface:
        return interface
    written = {
        "type": _INTERFACE_CODES[interface["type"]],
        "main": "1" if interface["main"] else "0",
        "useip": "1" if interface["use_ip"] else "0",
        "ip": interface["ip"],
        "dns": interface["dns"],
        "port": interface["port"],
    }
    if "interfaceid" in interface:
        written["interfaceid"] = interface["interfaceid"]
    if interface.get("details"):
        written["details"] = {name: _clear(value) for name, value in interface["details"].items()}
    return written


def _macros(change: Change) -> list[dict[str, Any]] | None:
    """Return the whole list of macros, None where none of them changes; those of others go by their ids, without
    values.
    """
    live = change.live
    written = [_macro(macro) for macro in change.writes.get("macros", [])]
    if change.action == RELEASE:
        # where none of ours is left, those of others are not to be named: an empty list would take them away
        return written if "macros" in change.writes else None
    if live is not None and change.record == live.applied:
        if "macros" not in change.writes:
            return None
        kept = [{"hostmacroid": macro.hostmacroid} for macro in live.macros if macro.macro == MACRO_APPLIED]
        return written + kept
    record = {
        "macro": MACRO_APPLIED,
        "value": change.record,
        "type": "0",
        "description": "Kept by netops.netbox_zabbix: what it last applied to this host. Do not edit.",
    }
    if live is not None:
        for macro in live.macros:
            if macro.macro == MACRO_APPLIED:
                record["hostmacroid"] = macro.hostmacroid
            elif "macros" not in change.writes:
                written.append({"hostmacroid": macro.hostmacroid})
    # a host that was none of ours before has no record again
    return [*written, record] if change.record else written


def _macro(macro: dict[str, Any]) -> dict[str, Any]:
    if "macro" not in macro:
        return macro
    return {**macro, "value": _clear(macro["value"]), "type": _MACRO_CODES[macro["type"]]}


def _clear(value: Any) -> Any:
    return value.value if isinstance(value, Secret) else value
