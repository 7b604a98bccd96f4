# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host config as single values that can be compared and shown: `(attribute, element) -> text`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from .host_config import HostConfig, Interface, Macro, Secret

#: not of the Zabbix host itself, or told together with another one
_LEFT_OUT = frozenset({"ref", "label", "origins", "monitor"})
#: SNMP details that are never shown
_MASKED = frozenset({"community", "authpassphrase", "privpassphrase"})

Flat = dict[tuple[str, str], str]


def flat(config: HostConfig) -> Flat:
    """Return all values of a host config. Secrets show their name only."""
    values: Flat = {}
    for entry in fields(config):
        name, value = entry.name, getattr(config, entry.name)
        if name in _LEFT_OUT or value is None:
            continue
        if name == "monitored_by":
            values[name, ""] = f"{value.replace('_', ' ')} {config.monitor}" if config.monitor else value
        elif name == "tags":
            for tag in {tag for tag, dummy in value}:
                values[name, tag] = ", ".join(sorted(text for known, text in value if known == tag))
        elif name == "interfaces":
            for interface in value:
                values.update(_interface(interface))
        elif isinstance(value, frozenset):
            values.update({(name, element): element for element in sorted(value)})
        elif isinstance(value, Mapping):
            # what is among `more` has no element: its key is an attribute
            for key, given in sorted(value.items()):
                values[(key, "") if name == "more" else (name, key)] = shown(given)
        else:
            values[name, ""] = shown(value)
    return values


def shown(value: Any) -> str:
    """Return one value as people may see it."""
    if isinstance(value, Secret):
        return f"secret {value.name}"
    if isinstance(value, Macro):
        more = [f"type {value.type}"] if value.type != "text" else []
        more += [f"description {value.description}"] if value.description else []
        return " ".join((shown(value.value), *(f"({part})" for part in more)))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _interface(interface: Interface) -> Flat:
    address = interface.ip if interface.use_ip else interface.dns
    address = f"[{address}]" if ":" in address else address
    values = {("interfaces", interface.key): f"{address}:{interface.port}"}
    values["interfaces", f"{interface.key}.connect"] = "ip" if interface.use_ip else "dns"
    values["interfaces", f"{interface.key}.main"] = shown(interface.main)
    for name, value in interface.details:
        text = shown(value)
        if name in _MASKED and isinstance(value, str) and value and not value.startswith("{$"):
            text = "********"
        values["interfaces", f"{interface.key}.{name}"] = text
    return values


def origin_of(config: HostConfig, attribute: str, element: str) -> str:
    """Return the layer that gave a value, as `config.origins` names it."""
    if attribute == "tags":
        # all values of a tag are of one layer
        value = next((value for tag, value in config.tags if tag == element), "")
        return config.origins.get(f"tags/{element}/{value}", "")
    if attribute == "interfaces":
        # the interface itself, or one of its settings: a name may hold a dot, a setting does not
        whole = config.origins.get(f"interfaces/{element}")
        return whole if whole is not None else config.origins.get(f"interfaces/{element.rpartition('.')[0]}", "")
    return config.origins.get(f"{attribute}/{element}" if element else attribute, "")
