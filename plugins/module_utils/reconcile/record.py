# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The applied record: what was last given to a host, kept on the host itself in the macro `{$NETBOX.APPLIED}`.

It is what makes the comparison three-way: an element that we gave and no longer want goes away, one that a person added
stays, and a difference is told apart as `pending` (NetBox or the policy changed) or `drifted` (Zabbix changed).

Text form, at most 2,048 characters (the limit of a macro's value), fields separated by `|`:

    1 | scalars | groups | templates | tags | macros | inventory | interfaces

Groups and templates are Zabbix's ids in base 36, so that a rename in Zabbix changes nothing. All else is five
characters of a digest (30 bits): of the value for scalars (a letter each), of tag and value, of macro and of its value,
of an inventory field's value (behind the field's two-digit number), of an interface's address and of the rest of it
(behind its key). Digests of secrets are keyed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from ..attribute_table import ATTRIBUTES, BY_NAME, SCALARS
from ..errors import NetboxZabbixError
from ..policy.host_config import HostConfig, Interface, Secret
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..zabbix.objects import LiveInterface, plain_text
from .plan import Target

FORMAT = "1"
MAX_LENGTH = 2048
WIDTH = 5
_LETTERS = {row.letter: row.name for row in ATTRIBUTES if row.letter}
#: inventory field -> its number; fields are only ever added at the end
_FIELD_NUMBERS = {name: f"{number:02d}" for number, name in enumerate(INVENTORY_FIELDS)}
_FIELD_NAMES = {number: name for name, number in _FIELD_NUMBERS.items()}


@dataclass(slots=True)
class AppliedRecord:
    """What was last applied to one host; everything but ids as digests."""

    scalars: dict[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    macros: dict[str, str] = field(default_factory=dict)
    inventory: dict[str, str] = field(default_factory=dict)
    interfaces: dict[str, str] = field(default_factory=dict)

    def encode(self) -> str:
        """Return the text form. Raises NetboxZabbixError when it does not fit into a macro."""
        text = "|".join(
            (
                FORMAT,
                "".join(sorted(BY_NAME[name].letter + digest for name, digest in self.scalars.items())),
                ".".join(sorted(_base36(groupid) for groupid in self.groups)),
                ".".join(sorted(_base36(templateid) for templateid in self.templates)),
                "".join(sorted(self.tags)),
                "".join(name + value for name, value in sorted(self.macros.items())),
                "".join(_FIELD_NUMBERS[name] + value for name, value in sorted(self.inventory.items())),
                ",".join(f"{key}:{value}" for key, value in sorted(self.interfaces.items())),
            )
        )
        if len(text) > MAX_LENGTH:
            raise NetboxZabbixError(
                f"its record of what was applied would take {len(text)} characters, and a macro holds {MAX_LENGTH}: "
                "give it fewer groups, templates, tags or macros"
            )
        return text


def decode(text: str) -> AppliedRecord:
    """Read the text form; an empty record for one that is missing, of another format or damaged by hand."""
    parts = text.split("|")
    if len(parts) != 8 or parts[0] != FORMAT:
        return AppliedRecord()
    try:
        return AppliedRecord(
            scalars={_LETTERS[item[0]]: item[1:] for item in _cut(parts[1], 1 + WIDTH)},
            groups=frozenset(str(int(item, 36)) for item in parts[2].split(".") if item),
            templates=frozenset(str(int(item, 36)) for item in parts[3].split(".") if item),
            tags=frozenset(_cut(parts[4], WIDTH)),
            macros={item[:WIDTH]: item[WIDTH:] for item in _cut(parts[5], 2 * WIDTH)},
            inventory={_FIELD_NAMES[item[:2]]: item[2:] for item in _cut(parts[6], 2 + WIDTH)},
            interfaces=dict(item.split(":", 1) for item in parts[7].split(",") if item),
        )
    except (KeyError, ValueError):
        return AppliedRecord()


def record_of(config: HostConfig, target: Target, key: str, owned: Callable[[str], bool]) -> AppliedRecord:
    """Return the record of a host config whose names have become ids.

    `key`: for the digests of secrets; `owned`: whether an attribute is compared at all. What is not ours to keep right
    is not in the record, so that it counts as other people's.
    """
    scalars: dict[str, str] = {}
    for row in SCALARS:
        value = config.scalar(row.name) if owned(row.name) else None
        if value is not None:
            scalars[row.name] = value_digest(value if isinstance(value, Secret) else plain_text(value), key)
    if target.monitor is not None and owned("monitored_by"):
        scalars["monitored_by"] = digest(":".join(target.monitor))
    record = AppliedRecord(scalars=scalars)
    if owned("groups"):
        record.groups = target.groups
    if owned("templates"):
        record.templates = target.templates
    if owned("tags"):
        record.tags = frozenset(digest(tag + "\0" + value) for tag, value in config.tags)
    if owned("macros"):
        record.macros = {
            digest(name): macro_digest(macro.value, macro.type, macro.description, key)
            for name, macro in config.macros.items()
        }
    if owned("inventory"):
        record.inventory = {name: digest(plain_text(value)) for name, value in config.inventory.items()}
    if owned("interfaces"):
        record.interfaces = {
            interface.key: digest(interface_address(interface)) + interface_digest(interface, key)
            for interface in config.interfaces
        }
    return record


def interface_address(interface: Interface | LiveInterface) -> str:
    """Return what tells an interface from others of its type, as text: wanted and live ones compare by it."""
    return f"{interface.type} {int(interface.use_ip)} {interface.ip} {interface.dns} {interface.port}"


def interface_digest(interface: Interface, key: str) -> str:
    """Return the digest of all of an interface but its address."""
    details = (f"{name}={value_digest(value, key)}" for name, value in interface.details)
    return digest(" ".join((str(int(interface.main)), *details)))


@lru_cache(maxsize=65536)
def digest(text: str) -> str:
    """Return the short digest of a text."""
    return base64.urlsafe_b64encode(hashlib.blake2b(text.encode(), digest_size=6).digest()).decode()[:WIDTH]


def value_digest(value: str | Secret, key: str) -> str:
    """Return the short digest of a value, keyed where it is a secret, so that it cannot be guessed from the record."""
    if not isinstance(value, Secret):
        return digest(value)
    keyed = hmac.new(key.encode(), value.value.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(keyed).decode()[:WIDTH]


def macro_digest(value: str | Secret, kind: str, description: str, key: str) -> str:
    """Return the short digest of a macro: of its value alone where it is a plain one without a description."""
    rest = f"\0{kind}\0{description}" if description or kind != "text" else ""
    if isinstance(value, Secret):
        return value_digest(Secret(value.name, value.value + rest), key)
    return value_digest(value + rest, key)


def _base36(number: str) -> str:
    digits, rest = "", int(number)
    while rest or not digits:
        rest, digit = divmod(rest, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def _cut(text: str, width: int) -> list[str]:
    if len(text) % width:
        raise ValueError(text)
    return [text[start : start + width] for start in range(0, len(text), width)]
