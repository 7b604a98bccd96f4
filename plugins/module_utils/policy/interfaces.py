# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Interfaces of a host: reading what a layer says of them, merging layers, and finding the address for an object."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, nearest
from ..netbox.objects import INTERFACE, interface_of
from .checks import (
    USER_MACRO,
    Report,
    as_bool,
    as_list,
    as_mapping,
    as_one_or_list,
    as_secret_or_macro,
    as_template,
    as_text,
    below,
    describe,
    entry,
    one_of,
)
from .fields import Template
from .host_config import Interface, Secret
from .model import InterfaceChange

DEFAULT_PORTS = {"agent": "10050", "snmp": "161", "ipmi": "623", "jmx": "12345"}
#: address word -> the NetBox attribute that it reads
ADDRESSES = {
    "primary": "primary_ip",
    "ipv4": "primary_ip4",
    "ipv6": "primary_ip6",
    "oob": "oob_ip",
    "dns": "primary_ip",
}
#: our words -> Zabbix's codes
VERSIONS = {"1": "1", "2": "2", "3": "3"}
SECURITY_LEVELS = {"noauth": "0", "auth": "1", "authpriv": "2"}
AUTH_PROTOCOLS = {"md5": "0", "sha1": "1", "sha224": "2", "sha256": "3", "sha384": "4", "sha512": "5"}
PRIVACY_PROTOCOLS = {"des": "0", "aes128": "1", "aes192": "2", "aes256": "3", "aes192c": "4", "aes256c": "5"}

COMMON_KEYS = ("type", "name", "main", "address", "connect", "port", "optional")
SNMP_KEYS = (
    *("version", "community", "bulk", "max_repetitions", "context", "security_name", "security_level"),
    *("auth_protocol", "auth_passphrase", "privacy_protocol", "privacy_passphrase"),
)
WORDS = {
    "type": tuple(DEFAULT_PORTS),
    "connect": ("ip", "dns"),
    "version": tuple(VERSIONS),
    "security_level": tuple(SECURITY_LEVELS),
    "auth_protocol": tuple(AUTH_PROTOCOLS),
    "privacy_protocol": tuple(PRIVACY_PROTOCOLS),
}
FLAGS = ("main", "optional", "bulk")
SECRETS = ("community", "auth_passphrase", "privacy_passphrase")
_DNS = re.compile(r"[A-Za-z0-9_.-]+")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class NamedInterface:
    """The address policy `interface:mgmt0`: an address of that interface, of one family only or IPv4 before IPv6."""

    name: str
    family: int | None = None

    def address(self, attributes: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the address of an object's interface, None where there is none."""
        there = (attributes.get("interface_addresses") or {}).get(self.name, ())
        for family in (4, 6) if self.family is None else (self.family,):
            for address in there:
                if address["family"] == family:
                    return address
        return None


@dataclass(frozen=True, slots=True)
class InterfaceRecipe:
    """One interface as all layers together say: everything but the address, which each object has its own."""

    key: str
    type: str
    main: bool | None
    addresses: tuple[str | NamedInterface | Template, ...]
    by_dns: bool
    port: str
    optional: bool
    details: tuple[tuple[str, str | Secret], ...]
    origin: str


def parse_interfaces(report: Report, path: str, value: Any) -> InterfaceChange:
    """Read `[{type: ...}, ...]` or `{add: [...], remove: [globs], replace: [...]}`."""
    if not isinstance(value, Mapping):
        return InterfaceChange(_parse_list(report, path, value))
    change = as_mapping(report, path, value, ["add", "remove", "replace"])
    if not change:
        report.problem(path, "says nothing; write a list, or add, remove, replace with a list each")
    settings: dict[str, dict[str, Any]] = {}
    for word in ("replace", "add"):
        if word in change:
            settings.update(_parse_list(report, below(path, word), change[word]))
    remove = []
    for number, glob in enumerate(as_list(report, below(path, "remove"), change.get("remove", []))):
        text = as_text(report, entry(below(path, "remove"), number), glob)
        if text is not None:
            remove.append(text)
    return InterfaceChange(settings, tuple(remove), "replace" in change)


def _parse_list(report: Report, path: str, value: Any) -> dict[str, dict[str, Any]]:
    settings: dict[str, dict[str, Any]] = {}
    for number, raw in enumerate(as_list(report, path, value)):
        place = entry(path, number)
        one = _parse_one(report, place, raw)
        if "type" not in one:
            continue
        key = f"{one['type']}/{one['name']}" if one.get("name") else str(one["type"])
        if key in settings:
            report.problem(place, f'a second {one["type"]} interface; tell them apart by different "name"s')
            continue
        settings[key] = one
    mains: dict[str, int] = {}
    for one in settings.values():
        mains[one["type"]] = mains.get(one["type"], 0) + (one.get("main") is True)
    for kind, count in mains.items():
        if count > 1:
            report.problem(path, f'{count} {kind} interfaces are "main"; Zabbix takes one of each type')
    return settings


def _parse_one(report: Report, path: str, raw: Any) -> dict[str, Any]:
    given = as_mapping(report, path, raw, (*COMMON_KEYS, *SNMP_KEYS))
    if not isinstance(raw, Mapping):
        return {}
    one: dict[str, Any] = {}
    for key, value in given.items():
        parsed = _parse_setting(report, below(path, key), key, value)
        if parsed is not None:
            one[key] = parsed
    if "type" not in given:
        report.problem(path, f'has no "type"; it is one of {", ".join(DEFAULT_PORTS)}')
    if one.get("type") not in (None, "snmp"):
        for key in SNMP_KEYS:
            if key in given:
                report.problem(path, f'"{key}" belongs to an interface of type snmp, this one is {one["type"]}')
    return one


def _parse_setting(report: Report, path: str, key: str, value: Any) -> Any:
    if key in WORDS:
        return one_of(report, path, value.lower() if isinstance(value, str) else value, WORDS[key])
    if key in FLAGS:
        return as_bool(report, path, value)
    if key in SECRETS:
        return as_secret_or_macro(report, path, value)
    if key == "address":
        parsed = [_parse_address(report, path, one) for one in as_one_or_list(report, path, value)]
        return tuple(one for one in parsed if one is not None)
    if key == "port":
        return _parse_port(report, path, value)
    if key == "max_repetitions":
        if isinstance(value, bool) or not str(value).isdecimal() or not 1 <= int(value) <= 2147483647:
            report.problem(path, f"is {describe(value)}; it must be a whole number of at least 1")
            return None
        return str(int(value))
    text = "" if value == "" else as_text(report, path, value)
    if key == "name" and text and not _NAME.fullmatch(text):
        report.problem(path, f"is {describe(text)}; only letters, digits, dot, dash and underscore are allowed")
        return None
    return text


def _parse_port(report: Report, path: str, value: Any) -> str | None:
    text = str(value)
    if not isinstance(value, bool) and text.isdecimal() and 1 <= int(text) <= 65535:
        return str(int(text))
    if USER_MACRO.fullmatch(text):
        return text
    report.problem(path, f"is {describe(value)}; it must be a number from 1 to 65535 or a user macro ({{$NAME}})")
    return None


def _parse_address(report: Report, path: str, value: Any) -> str | NamedInterface | Template | None:
    if isinstance(value, str) and value in ADDRESSES:
        return value
    if isinstance(value, str) and value.startswith(INTERFACE):
        name, family = interface_of(value)
        if not name.strip() or "{" in name:
            report.problem(
                path, f"is {describe(value)}; {INTERFACE} wants an interface's name in NetBox behind it, without fields"
            )
            return None
        return NamedInterface(name, family)
    if (
        isinstance(value, str)
        and "{" not in value
        and _ip(value) is None
        and not ("." in value and _DNS.fullmatch(value))
    ):
        report.problem(
            path,
            f"is {describe(value)}; it must be one of {', '.join(ADDRESSES)}, {INTERFACE}NAME, an address, "
            f"a DNS name with a dot, or a text with {{fields}}.{nearest(value, ADDRESSES)}",
        )
        return None
    return as_template(report, path, value)


def address_roots(change: InterfaceChange) -> set[str]:
    """Return the attributes of NetBox objects that the address words of `change` read."""
    roots: set[str] = set()
    for one in change.settings.values():
        choices = one.get("address", ("primary",))
        roots.update(ADDRESSES[word] for word in choices if isinstance(word, str))
        roots.update(INTERFACE + choice.name for choice in choices if isinstance(choice, NamedInterface))
    return roots


def make_recipe(key: str, settings: Mapping[str, Any], origin: str) -> InterfaceRecipe:
    """Return the interface that the merged `settings` describe; raise InputError where they do not make one."""
    kind = settings["type"]
    details = _snmp_details(key, settings, origin) if kind == "snmp" else ()
    return InterfaceRecipe(
        key=key,
        type=kind,
        main=settings.get("main"),
        addresses=settings.get("address") or ("primary",),
        by_dns=settings.get("connect") == "dns",
        port=settings.get("port", DEFAULT_PORTS[kind]),
        optional=settings.get("optional", False),
        details=details,
        origin=origin,
    )


def _snmp_details(key: str, settings: Mapping[str, Any], origin: str) -> tuple[tuple[str, str | Secret], ...]:
    """Return the SNMP details in Zabbix's fields and codes: only those that belong to the version and the level."""
    version = settings.get("version", "2")
    details: dict[str, str | Secret] = {
        "version": VERSIONS[version],
        "bulk": "1" if settings.get("bulk", True) else "0",
    }
    if version != "1":
        details["max_repetitions"] = settings.get("max_repetitions", "10")
    if version != "3":
        details["community"] = settings.get("community", "{$SNMP_COMMUNITY}")
        return tuple(sorted(details.items()))
    level = settings.get("security_level") or _level_by_passphrases(settings)
    details["contextname"] = settings.get("context", "")
    details["securityname"] = settings.get("security_name", "")
    details["securitylevel"] = SECURITY_LEVELS[level]
    for wanted, passphrase in (("auth", "auth_passphrase"), ("authpriv", "privacy_passphrase")):
        if SECURITY_LEVELS[level] >= SECURITY_LEVELS[wanted] and passphrase not in settings:
            raise InputError([f'interface {key} of {origin}: security_level {level} wants "{passphrase}"'])
    if level != "noauth":
        details["authprotocol"] = AUTH_PROTOCOLS[settings.get("auth_protocol", "sha1")]
        details["authpassphrase"] = settings["auth_passphrase"]
    if level == "authpriv":
        details["privprotocol"] = PRIVACY_PROTOCOLS[settings.get("privacy_protocol", "aes128")]
        details["privpassphrase"] = settings["privacy_passphrase"]
    return tuple(sorted(details.items()))


def _level_by_passphrases(settings: Mapping[str, Any]) -> str:
    if "privacy_passphrase" in settings:
        return "authpriv"
    return "auth" if "auth_passphrase" in settings else "noauth"


def make_interfaces(
    recipes: tuple[InterfaceRecipe, ...], attributes: Mapping[str, Any], kind: str
) -> tuple[Interface, ...]:
    """Return the interfaces of one object, one main of each type; raise InputError where an address is missing."""
    found: list[tuple[InterfaceRecipe, tuple[bool, str, str]]] = []
    for recipe in recipes:
        address = _find_address(recipe, attributes)
        if address is not None:
            found.append((recipe, address))
        elif not recipe.optional:
            missing = _missing(recipe, kind)
            raise InputError([f"interface {recipe.key} of {recipe.origin}: {missing}"])
    mains = _mains([recipe for recipe, address in found])
    return tuple(
        Interface(recipe.key, recipe.type, recipe.key in mains, use_ip, ip, dns, recipe.port, recipe.details)
        for recipe, (use_ip, ip, dns) in found
    )


def _mains(recipes: list[InterfaceRecipe]) -> set[str]:
    """Return the keys of the main interfaces: of each type the one that says so, else the first that may be."""
    mains: dict[str, InterfaceRecipe] = {}
    rank = {True: 0, None: 1, False: 2}
    for recipe in recipes:
        best = mains.get(recipe.type)
        if best is None or rank[recipe.main] < rank[best.main]:
            mains[recipe.type] = recipe
        elif recipe.main is True and best.main is True:
            raise InputError(
                [f'interfaces {best.key} of {best.origin} and {recipe.key} of {recipe.origin} are both "main"']
            )
    return {recipe.key for recipe in mains.values()}


def _find_address(recipe: InterfaceRecipe, attributes: Mapping[str, Any]) -> tuple[bool, str, str] | None:
    """Return (connect by IP?, IP, DNS name) by the first choice that the object has."""
    for choice in recipe.addresses:
        if isinstance(choice, Template):
            text = choice.render_text(attributes)
            found = _explicit(text.strip(), recipe) if text else None
            if found is not None:
                return found
            continue
        if isinstance(choice, NamedInterface):
            address = choice.address(attributes)
        else:
            address = attributes.get(ADDRESSES[choice])
        if not address:
            continue
        dns_name = address.get("dns_name") or ""
        if choice == "dns":
            if dns_name:
                return False, "", dns_name
        elif not recipe.by_dns:
            return True, address["address"], ""
        elif dns_name:
            return False, address["address"], dns_name
    return None


def _explicit(text: str, recipe: InterfaceRecipe) -> tuple[bool, str, str] | None:
    """Return where a written address leads: an IP address (with or without mask), a user macro, or a DNS name."""
    ip = _ip(text)
    if ip is not None:
        return True, ip, ""
    if USER_MACRO.fullmatch(text):
        return (False, "", text) if recipe.by_dns else (True, text, "")
    if _DNS.fullmatch(text):
        return False, "", text
    raise InputError([f"interface {recipe.key} of {recipe.origin}: {describe(text)} is no address or DNS name"])


def _ip(text: str) -> str | None:
    try:
        return str(ipaddress.ip_interface(text).ip)
    except ValueError:
        return None


def _missing(recipe: InterfaceRecipe, kind: str) -> str:
    """Say which addresses were looked for in vain."""
    by_dns = recipe.by_dns or "dns" in recipe.addresses
    words = ["primary" if word == "dns" else word for word in recipe.addresses if isinstance(word, str)]
    places = [f"{' or '.join(dict.fromkeys(words))} address"] if words else []
    places += [
        f"{f'IPv{choice.family} ' if choice.family else ''}address on an interface {choice.name}"
        for choice in recipe.addresses
        if isinstance(choice, NamedInterface)
    ]
    no = f"the {kind.replace('_', ' ')} has no {'DNS name on its ' if by_dns else ''}"
    reasons = [no + " and no ".join(places)] if places else []
    texts = [f"{describe(choice.text)} is empty" for choice in recipe.addresses if isinstance(choice, Template)]
    return ", and ".join([*reasons, *texts])
