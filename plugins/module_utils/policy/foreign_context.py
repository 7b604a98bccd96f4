# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The config context of netbox-zabbix-sync, as its users wrote it, in our words.

Both use the key `zabbix` and most words are the same. Where they differ: `interface_type`, `interface_port` and `snmp`
(numeric codes) describe the only interface, `usermacros` are our macros, tags may be dictionaries of one pair each, and
of `proxy` and `proxy_group` the group wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .checks import Report, as_mapping, below, describe, is_plain, one_of
from .fields import escape
from .interfaces import AUTH_PROTOCOLS, DEFAULT_PORTS, PRIVACY_PROTOCOLS, SECURITY_LEVELS

#: the keys that only netbox-zabbix-sync has
KEYS = ("interface_type", "interface_port", "snmp", "usermacros")

_TYPES = dict(zip(("1", "2", "3", "4"), DEFAULT_PORTS, strict=True))
#: its name for an SNMP setting -> ours, and our word for each numeric code
_SNMP: dict[str, tuple[str, dict[str, str | bool]]] = {
    "version": ("version", {}),
    "bulk": ("bulk", {"0": False, "1": True}),
    "community": ("community", {}),
    "max_repetitions": ("max_repetitions", {}),
    "contextname": ("context", {}),
    "securityname": ("security_name", {}),
    "securitylevel": ("security_level", {code: word for word, code in SECURITY_LEVELS.items()}),
    "authprotocol": ("auth_protocol", {code: word for word, code in AUTH_PROTOCOLS.items()}),
    "authpassphrase": ("auth_passphrase", {}),
    "privprotocol": ("privacy_protocol", {code: word for word, code in PRIVACY_PROTOCOLS.items()}),
    "privpassphrase": ("privacy_passphrase", {}),
}


def translate(context: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Return `context` with the keys of netbox-zabbix-sync turned into ours; the others stay as they are."""
    ours = {key: value for key, value in context.items() if key not in KEYS}
    for key in ("templates", "host_groups"):
        if isinstance(ours.get(key), str):
            ours[key] = [ours[key]]
    if ours.get("proxy") and ours.get("proxy_group"):
        del ours["proxy"]
    for key in ("proxy", "proxy_group"):
        if key in ours and not ours[key]:
            del ours[key]
    if isinstance(ours.get("tags"), list):
        ours["tags"] = [_tag(tag) for tag in ours["tags"]]
    if "usermacros" in context:
        ours["macros"] = {
            **{name: _macro(given) for name, given in as_mapping(report, "usermacros", context["usermacros"]).items()},
            **as_mapping(report, "macros", ours.get("macros", {})),
        }
    interface = _interface(context, report)
    if interface is not None:
        # Its host has this one interface, so those of other types that a mapping gave go.
        others = [glob for kind in DEFAULT_PORTS if kind != interface["type"] for glob in (kind, f"{kind}/*")]
        if "interfaces" in ours:
            report.problem("interface_type", "together with interfaces; keep one of them")
        ours["interfaces"] = {"remove": others, "add": [interface]}
    return ours


def _tag(tag: Any) -> Any:
    if isinstance(tag, Mapping) and len(tag) == 1 and "tag" not in tag:
        [(name, value)] = tag.items()
        return {"tag": name, "value": "" if value is None else value}
    return tag


def _macro(given: Any) -> Any:
    """Its macro values are plain: a brace in them begins no field."""
    if isinstance(given, str):
        return escape(given)
    if isinstance(given, Mapping) and isinstance(given.get("value"), str):
        return {**given, "value": escape(given["value"])}
    return given


def _interface(context: Mapping[str, Any], report: Report) -> dict[str, Any] | None:
    snmp = as_mapping(report, "snmp", context["snmp"], _SNMP) if "snmp" in context else {}
    if "interface_type" in context:
        code = context["interface_type"]
        kind = _TYPES.get(str(code)) or one_of(report, "interface_type", code, (*_TYPES, *DEFAULT_PORTS))
    elif snmp:
        kind = "snmp"
    else:
        if "interface_port" in context:
            report.problem("interface_port", "needs interface_type beside it")
        return None
    if kind is None:
        return None
    interface: dict[str, Any] = {"type": kind}
    if "interface_port" in context:
        interface["port"] = context["interface_port"]
    if kind == "snmp":
        for name, value in snmp.items():
            ours, words = _SNMP[name]
            if not is_plain(value) and not isinstance(value, Mapping):
                report.problem(below("snmp", name), f"is {describe(value)}; it must be a text or a number")
                continue
            if value != "":
                interface[ours] = words.get(str(value), value)
    return interface
