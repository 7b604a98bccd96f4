# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The order in which NetBox shows what hangs on a host. Our readers get rows by id, which several may share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_interface, ip_network
from typing import Any
from unicodedata import combining, normalize

#: kind of interface, up to four places each before a slash, number, channel, part, and the rest
_INTERFACE = re.compile(r"([^\d.:]+)?" + r"(?:(\d+)/)?" * 4 + r"(\d+)?(?::(\d+))?(?:\.(\d+))?(.*)", re.DOTALL)
_PIECES = re.compile(r"\d+|\D")
#: signs in the order of CLDR's root collation
_SIGNS = {sign: place for place, sign in enumerate(" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$")}
#: in the place of a number that a name does not have: after all places, before all numbers
_NO_PLACE, _NO_NUMBER = "9999", "......"


def natural(name: str) -> list[tuple[int, int | str]]:
    """Return what sorts names as NetBox does: signs before numbers, these before letters, `sw2` before `SW10`, without
    regard to capitals and accents. NetBox has it from the ICU collation `und-u-kn-true` of its database.
    """
    plain = "".join(letter for letter in normalize("NFKD", name) if not combining(letter)).casefold()
    return [
        (1, int(piece)) if piece.isdecimal() else (2, piece) if piece not in _SIGNS else (0, _SIGNS[piece])
        for piece in _PIECES.findall(plain)
    ]


def interface_key(name: str) -> str:
    """Return what NetBox sorts the interfaces of a device by: places, kind, number, channel, part."""
    found = _INTERFACE.fullmatch(name)
    if found is None:
        return name
    kind, *numbers, rest = found.groups()
    places, last = numbers[:4], numbers[4:]
    return "".join(
        (
            *(_NO_PLACE if place is None else place.rjust(4, "0") for place in places),
            kind or "",
            *(_NO_NUMBER if number is None else number.rjust(6, "0") for number in last),
            re.sub(r"\d+", lambda digits: digits[0].rjust(8, "0"), rest),
        )
    )


def by_interface(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Members of a virtual chassis come one after the other."""
    device = row.get("device")
    return (natural(device["name"] or ""), device["id"]) if device else (), interface_key(row["name"]), row["id"]


def by_address(row: Mapping[str, Any]) -> tuple[int, int, int]:
    address = ip_interface(row["address"])
    return address.version, int(address.ip), row["id"]


def by_prefix(row: Mapping[str, Any]) -> tuple[int, int, int, int, int]:
    prefix = ip_network(row["prefix"], strict=False)
    vrf = row["vrf"]["id"] if row["vrf"] else 0
    return vrf, prefix.version, int(prefix.network_address), prefix.prefixlen, row["id"]


def by_service(row: Mapping[str, Any]) -> tuple[str, int, int]:
    return row["protocol"]["value"], min(row["ports"]), row["id"]


def by_name(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["name"], row["id"]
