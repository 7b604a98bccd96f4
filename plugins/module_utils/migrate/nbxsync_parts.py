# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parts of what nbxsync assigns, each in our words: macros, interfaces, inventory."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..policy.fields import escape
from ..policy.inventory_fields import INVENTORY_FIELDS
from .exports import Row
from .translation import Translation

_MACRO = re.compile(r"\{\$[A-Z0-9_.]+(?::.+)?\}", re.DOTALL)
_TYPES = {1: "agent", 2: "snmp", 3: "ipmi", 4: "jmx"}
_LEVELS = ("noauth", "auth", "authpriv")
_AUTH = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_PRIVACY = ("des", "aes128", "aes192", "aes256", "aes192c", "aes256c")
_TLS = {1: "none", 2: "psk", 4: "certificate"}
_IPMI_AUTH = {-1: "default", 0: "none", 1: "md2", 2: "md5", 4: "straight", 5: "oem", 6: "rmcp_plus"}
_IPMI_PRIVILEGE = {1: "callback", 2: "user", 3: "operator", 4: "admin", 5: "oem"}
_MODES = {-1: "disabled", 0: "manual", 1: "automatic"}


@dataclass(frozen=True, slots=True)
class Owner:
    """An object that something is assigned to. `prefix`: our path to it from a host."""

    kind: str
    number: Any
    name: str
    row: Mapping[str, Any]
    prefix: str

    def __str__(self) -> str:
        return f"{self.kind.rpartition('.')[2]} {self.name}"

    def secret(self, word: str) -> str:
        """Return the name of a secret of this object."""
        return re.sub(r"[^a-z0-9]+", "_", f"{word}_{self}".lower()).strip("_")


def macro(row: Row, definition: Row, owner: Owner, translation: Translation, rendered: str) -> tuple[str, Any]:
    """Return a macro's name and value; no name where it is none. `rendered`: its value where that is a template."""
    name = str(definition.get("macro") or "")
    context = str(row.get("context") or "")
    if context:
        name = f'{name[:-1]}:regex:"{context}"}}' if row.get("is_regex") else f"{name[:-1]}:{context}}}"
    if not _MACRO.fullmatch(name):
        translation.remark(str(owner), f'"{name}" is no user macro.', "Left out.")
        return "", None
    description = str(definition.get("description") or "")
    kind = str(definition.get("type") or "0")
    if kind == "1":
        value: Any = translation.secret(owner.secret(name))
        return name, {"value": value, "type": "secret", "description": description} if description else value
    text = str(row.get("value") or definition.get("value") or "")
    if "{{" in text or "{%" in text:
        if not rendered:
            return "", None
        text = rendered
    else:
        text = escape_value(text)
    if kind == "2":
        return name, {"value": text, "type": "vault"}
    return name, {"value": text, "description": description} if description else text


def escape_value(text: str) -> str:
    """Return a plain text for our fields, in which macros stay macros."""
    pieces = re.split(r"(\{[$#?][^{}]*\}|\{[A-Z][A-Z0-9.]*\})", text)
    return "".join(piece if number % 2 else escape(piece) for number, piece in enumerate(pieces))


def interface(row: Row, owner: Owner, values: dict[str, Any], translation: Translation) -> None:
    """Add an interface to what its owner gives, with the host's attributes that nbxsync keeps at interfaces."""
    kind = _TYPES.get(_number(row.get("type"), 0))
    if kind is None:
        translation.remark(str(owner), f"an interface has the unknown type {row.get('type')}.", "Left out.")
        return
    found: dict[str, Any] = {"type": kind}
    main = _number(row.get("interface_type"), 1) == 1
    interfaces = values.setdefault("interfaces", [])
    if any(one["type"] == kind for one in interfaces):
        found["name"] = f"{kind}{sum(one['type'] == kind for one in interfaces) + 1}"
        found["main"] = main
    _address(row, owner, found)
    if row.get("port"):
        found["port"] = str(row["port"])
    if kind == "snmp":
        _snmp(row, owner, found, values, translation)
    if kind == "ipmi":
        _ipmi(row, owner, values, translation)
    _tls(row, owner, values, translation)
    interfaces.append(found)


def _address(row: Row, owner: Owner, found: dict[str, Any]) -> None:
    if _number(row.get("useip"), 1) == 0:
        found["connect"] = "dns"
        if row.get("dns"):
            found["address"] = escape(str(row["dns"]))
        return
    ip = row.get("ip")
    address = str(ip.get("address") if isinstance(ip, Mapping) else "").partition("/")[0]
    number = ip.get("id") if isinstance(ip, Mapping) else ip
    for word, key in (("primary", "primary_ip"), ("oob", "oob_ip")):
        known = owner.row.get(key)
        if isinstance(known, Mapping) and number is not None and known.get("id") == number:
            if word != "primary":
                found["address"] = word
            return
    if address:
        found["address"] = address


def _snmp(row: Row, owner: Owner, found: dict[str, Any], values: dict[str, Any], translation: Translation) -> None:
    version = _number(row.get("snmp_version"), 2)
    found["version"] = version
    if row.get("snmp_usebulk") is False:
        found["bulk"] = False
    if row.get("snmp_max_repetitions"):
        found["max_repetitions"] = _number(row["snmp_max_repetitions"], 10)
    secrets = [("snmp_community", "community", "{$SNMP_COMMUNITY}")]
    if version == 3:
        level = _LEVELS[_number(row.get("snmpv3_security_level"), 0)]
        found["security_level"] = level
        for theirs, ours in (("snmpv3_security_name", "security_name"), ("snmpv3_context_name", "context")):
            if row.get(theirs):
                found[ours] = str(row[theirs])
        secrets = []
        if level != "noauth":
            found["auth_protocol"] = _AUTH[_number(row.get("snmpv3_authentication_protocol"), 1)]
            secrets.append(("snmpv3_authentication_passphrase", "auth_passphrase", "{$SNMP_AUTHPASS}"))
        if level == "authpriv":
            found["privacy_protocol"] = _PRIVACY[_number(row.get("snmpv3_privacy_protocol"), 1)]
            secrets.append(("snmpv3_privacy_passphrase", "privacy_passphrase", "{$SNMP_PRIVPASS}"))
    for theirs, ours, name in secrets:
        given = str(row.get(theirs) or "")
        if _MACRO.fullmatch(given):
            found[ours] = given
        elif given and row.get("snmp_pushcommunity", True):
            # nbxsync writes the value into a secret macro of the host, and the macro into the interface
            found[ours] = name
            values.setdefault("macros", {})[name] = translation.secret(owner.secret(ours))
        elif given:
            found[ours] = translation.secret(owner.secret(ours))
        else:
            found[ours] = name


def _ipmi(row: Row, owner: Owner, values: dict[str, Any], translation: Translation) -> None:
    authentication = _IPMI_AUTH.get(_number(row.get("ipmi_authtype"), -1))
    privilege = _IPMI_PRIVILEGE.get(_number(row.get("ipmi_privilege"), 2))
    if authentication and privilege:
        values.update(ipmi_authtype=authentication, ipmi_privilege=privilege)
    if row.get("ipmi_username"):
        values["ipmi_username"] = escape_value(str(row["ipmi_username"]))
    if row.get("ipmi_password"):
        values["ipmi_password"] = translation.secret(owner.secret("ipmi_password"))


def _tls(row: Row, owner: Owner, values: dict[str, Any], translation: Translation) -> None:
    connect = _TLS.get(_number(row.get("tls_connect"), 1), "none")
    given = row.get("tls_accept")
    codes = given if isinstance(given, list) else [given]
    accept = [_TLS[code] for code in (_number(one, 1) for one in codes) if code in _TLS]
    if connect == "none" and accept in (["none"], []):
        return
    values["tls_connect"] = connect
    values["tls_accept"] = accept or ["none"]
    for key in ("tls_issuer", "tls_subject", "tls_psk_identity"):
        if row.get(key):
            values[key] = escape_value(str(row[key]))
    if row.get("tls_psk"):
        values["tls_psk"] = translation.secret(owner.secret("tls_psk"))


def inventory(row: Row, render: Callable[[Any, str], str]) -> tuple[str, dict[str, str]]:
    """Return an inventory's mode and fields. `render`: Jinja2 -> our fields, empty where it cannot be."""
    fields: dict[str, str] = {}
    for name in INVENTORY_FIELDS:
        given = row.get("model_field" if name == "model" else name)
        if given and not isinstance(given, dict | list):
            value = render(given, f"inventory field {name}")
            if value:
                fields[name] = value
    return _MODES.get(_number(row.get("inventory_mode"), 0), "manual"), fields


def _number(value: Any, default: int) -> int:
    """Return a choice as its number: the API gives it plain, or as {value, label}."""
    if isinstance(value, Mapping):
        value = value.get("value")
    try:
        return int(str(value))
    except ValueError:
        return default
