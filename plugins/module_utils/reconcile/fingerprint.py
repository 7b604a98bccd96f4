# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fingerprints of what a change is made of, and of what it writes: a digest for each part, by the part's name.

So that a saved plan holds no values, and a later look can still name the part that is no longer as it was. With a key
nobody can try out guesses on the digests; without one, what would have to be secret is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..attribute_table import SCALARS
from ..errors import InputError
from ..policy.host_config import Secret
from ..zabbix.objects import MACRO_ARCHIVED, TAG_ARCHIVED, ZabbixHost, ZabbixSettings
from .interfaces import masked
from .plan import ARCHIVE, Change
from .preimage import hides

#: bytes of a digest: nobody finds a second value for it by accident, and the document as a whole is sealed
_SIZE = 8
#: attributes of a NetBox object that are compared by what is in them
_OPEN = ("config_context", "custom_fields", "interface_addresses")
#: changes with every write-back of our own
_MOVING = frozenset({"last_updated"})

Parts = dict[str, str]


@dataclass(slots=True)
class Digests:
    """Makes digests of one plan. `key`: empty for none."""

    key: str = ""
    _key: bytes = field(init=False)
    #: digests of related objects, which many NetBox objects share; with the object, so that its id stays its own
    _shared: dict[int, tuple[Any, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._key = hashlib.blake2b(self.key.encode(), person=b"saved plan").digest() if self.key else b""

    def of(self, value: Any) -> str:
        """Return the digest of a plain value. Raises InputError for a secret where there is no key."""
        text = json.dumps(value, sort_keys=True, default=self._plain, ensure_ascii=False)
        return _short(hashlib.blake2b(text.encode(), key=self._key, digest_size=_SIZE).digest())

    def shared(self, value: Mapping[str, Any]) -> str:
        """Return the digest of a dictionary that is asked for again and again."""
        known = self._shared.get(id(value))
        if known is None:
            known = self._shared[id(value)] = (value, self.of(value))
        return known[1]

    def secret(self, what: str) -> None:
        """Raise InputError where there is no key for a secret."""
        if not self.key:
            raise InputError(
                [
                    f"{what}: netbox_zabbix_digest_key is needed to save this plan, since a digest without a key would "
                    "let whoever reads the plan try out guesses of a secret"
                ]
            )

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Secret):
            self.secret(f'the secret "{value.name}"')
            return {"secret": value.value}
        if isinstance(value, (set, frozenset)):
            return sorted(value)
        return str(value)


def host_parts(live: ZabbixHost, settings: ZabbixSettings, digests: Digests) -> Parts:
    """Return the fingerprint of a host in Zabbix: of all that is read of it and that Zabbix does not change by itself.

    An inventory that items fill moves by itself. What Zabbix never tells (pre-shared keys, secret macros) is in no
    fingerprint. Raises InputError where a secret that it tells would need a key.
    """
    of = digests.of
    parts: dict[str, Any] = {row.name: live.scalar(row.name) for row in SCALARS if not row.write_only}
    if masked(parts["ipmi_password"]) != parts["ipmi_password"]:
        digests.secret(f"{live.host}: its IPMI password")
    parts["monitored_by"] = list(live.monitor)
    parts.update((f"groups[{settings.group_name(groupid)}]", groupid) for groupid in live.groups)
    parts.update((f"templates[{settings.template_name(templateid)}]", templateid) for templateid in live.templates)
    for tag in {tag for tag, dummy in live.tags}:
        parts[f"tags[{tag}]"] = sorted(live.tag(tag))
    for macro in live.macros:
        parts[f"macros[{macro.macro}]"] = [macro.type, macro.value, macro.description]
    if live.inventory_mode != "automatic":
        parts.update((f"inventory[{name}]", value) for name, value in live.inventory.items())
    for one in live.interfaces:
        if any(hides(name, value) for name, value in one.details):
            digests.secret(f"{live.host}: the SNMP secrets of its interface {one.ip or one.dns}")
        address = [one.main, one.use_ip, one.ip, one.dns, one.port]
        parts[f"interfaces[{one.type} {one.interfaceid}]"] = [*address, sorted(map(list, one.details))]
    return {name: of(value) for name, value in sorted(parts.items()) if value not in ("", [])}


def object_parts(attributes: Mapping[str, Any], own_fields: Collection[str], digests: Digests) -> Parts:
    """Return the fingerprint of a NetBox object: of all attributes that are read.

    `own_fields`: custom fields that our own runs write.
    """
    parts: Parts = {}
    for name, value in attributes.items():
        if value in (None, "", [], {}) or name in _MOVING:
            continue
        if name in _OPEN:
            parts.update(
                (f"{name}[{key}]", digests.of(inner))
                for key, inner in value.items()
                if inner not in (None, "", [], {}) and not (name == "custom_fields" and key in own_fields)
            )
        elif isinstance(value, Mapping) and "id" in value:
            parts[name] = digests.shared(value)
        else:
            parts[name] = digests.of(value)
    return dict(sorted(parts.items()))


def write_parts(change: Change, settings: ZabbixSettings, digests: Digests) -> Parts:
    """Return digests of all that a change writes, by attribute. Raises InputError for a secret without a key.

    Host groups count by name, since a group that is to be created has no id yet. When and by which run a host is
    archived is left out, and so is the applied record, which follows from all the rest.
    """
    parts: dict[str, Any] = dict(change.writes)
    names = [settings.group_name(groupid) for groupid in parts.pop("groups", ())]
    if names or change.target.missing_groups:
        parts["groups"] = sorted([*names, *change.target.missing_groups])
    if change.action == ARCHIVE:
        parts["tags"] = [pair for pair in sorted(parts["tags"]) if pair[0] != TAG_ARCHIVED]
        parts["macros"] = [
            {**macro, "value": _timeless(macro["value"])} if macro.get("macro") == MACRO_ARCHIVED else macro
            for macro in parts["macros"]
        ]
    if change.removed_interfaces:
        parts["interfaces"] = [parts.get("interfaces"), sorted(change.removed_interfaces)]
    return {name: digests.of(value) for name, value in sorted(parts.items())}


def changed_parts(before: Parts, now: Parts) -> list[str]:
    """Return which parts are no longer as they were, for people."""
    told: list[str] = []
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            told.append(f"{name} (gone)")
        elif name not in before:
            told.append(f"{name} (new)")
        elif before[name] != now[name]:
            told.append(name)
    return told


def _timeless(text: str) -> Any:
    remembered = json.loads(text)
    return {name: value for name, value in remembered.items() if name not in ("when", "run")}


def _short(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
