# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a change replaces, as plain JSON: kept before the first write, so that a run can be taken back.

Only what the change writes is kept, each attribute as it was and as it becomes. Secrets are kept in no form: what
Zabbix never tells cannot be given back, and is listed as lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..attribute_table import BY_NAME, ELEMENTS
from ..policy.host_config import Secret
from ..zabbix.objects import MACRO_APPLIED, LiveInterface, ZabbixHost
from .interfaces import SECRET_DETAILS
from .plan import CREATE, DELETE, RELEASE, Change

#: attributes that are sets of ids
ID_SETS = ("groups", "templates")
#: what stands beside a change that destroys something: in the place of an attribute, and why
LOST, CANNOT_BE_TAKEN_BACK = "lost", "cannot be taken back"


@dataclass(frozen=True, slots=True)
class Preimage:
    """One host as it was before a change. `host`: its technical name then.

    `parts`: attribute -> `{"before": ..., "after": ...}`; for macros and inventory one level deeper, by name. `lost`:
    what cannot be taken back, in words.
    """

    ref: str
    label: str
    action: str
    hostid: str | None
    host: str
    parts: dict[str, Any] = field(default_factory=dict)
    lost: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


def preimage_from(given: Mapping[str, Any]) -> Preimage:
    """Return what `as_dict` gave. Raises TypeError for something else."""
    return Preimage(**{**given, "lost": tuple(given.get("lost", ()))})


def preimage(change: Change, record: str | None = None, newest_item: int | None = None) -> Preimage:
    """Return what a change replaces. Its groups may still lack ids: they are known by name then, and created.

    `record`: what will have been applied, without the groups that lack ids; needed where the change itself does not
    know it yet. `newest_item`: what items that a linked template brings have higher ids than; None where nobody knows.
    """
    config, live = change.config, change.live
    if change.action == CREATE or live is None:
        return Preimage(config.ref, config.label, CREATE, None, config.host)
    if change.action == DELETE:
        lost = (f"host id {live.hostid} is deleted, with the history of {change.cleared_items} items",)
        return Preimage(config.ref, config.label, DELETE, live.hostid, live.host, lost=lost)
    lost_parts: list[str] = []
    parts: dict[str, Any] = {}
    if change.writes.get("inventory_mode") == "disabled" and live.inventory:
        # Zabbix empties it when it is switched off
        parts["inventory"] = {name: {"before": value, "after": ""} for name, value in live.inventory.items()}
    tls = [attribute for attribute in change.writes if attribute.startswith("tls_")]
    had_key = "psk" in (live.scalar("tls_connect"), *live.scalar("tls_accept").split(", "))
    if tls and had_key:
        # Zabbix takes no encryption by a key without the key
        lost_parts.append("the encryption by a pre-shared key, which Zabbix never tells")
    elif tls:
        # Zabbix empties them when encryption is switched off
        for attribute in ("tls_issuer", "tls_subject"):
            if live.scalar(attribute):
                parts[attribute] = {"before": live.scalar(attribute), "after": None}
    for attribute, value in change.writes.items():
        if attribute in tls and had_key:
            continue
        if attribute == "macros":
            parts["macros"] = _macros(change, live, value, lost_parts)
        elif attribute == "inventory":
            parts["inventory"] = {
                name: {"before": live.inventory.get(name, ""), "after": after} for name, after in value.items()
            }
        elif attribute == "interfaces":
            parts["interfaces"] = {
                "before": [plain_interface(one) for one in live.interfaces],
                "after": [_without_secrets(one) for one in value],
            }
            lost_parts.extend(_lost_secrets(live, value))
        elif attribute == "templates_clear":
            lost_parts.append(f"the history of {change.cleared_items} items of templates that are cleared")
        elif attribute in ID_SETS:
            parts[attribute] = {"before": sorted(getattr(live, attribute), key=int), "after": sorted(value, key=int)}
            if attribute == "groups":
                parts[attribute]["new"] = list(change.target.missing_groups)
            elif newest_item is not None:
                parts[attribute]["newest_item"] = newest_item
        elif attribute == "tags":
            parts["tags"] = {"before": sorted(map(list, live.tags)), "after": sorted(map(list, value))}
        elif attribute == "monitored_by":
            parts["monitored_by"] = {"before": list(live.monitor), "after": list(value)}
        elif attribute in BY_NAME and BY_NAME[attribute].kind != ELEMENTS:
            if BY_NAME[attribute].write_only:
                lost_parts.append(f"{attribute}, which Zabbix never tells")
            else:
                secret = isinstance(value, Secret)
                parts[attribute] = {"before": live.scalar(attribute), "after": None if secret else value}
    if change.leaves or change.joins:
        parts["maintenances"] = {"before": sorted(change.leaves, key=int), "after": sorted(change.joins, key=int)}
    after = record if change.record is None else change.record
    parts["record"] = {"before": live.applied, "after": "" if change.action == RELEASE else after}
    return Preimage(config.ref, config.label, change.action, live.hostid, live.host, parts, tuple(lost_parts))


def _macros(change: Change, live: ZabbixHost, written: list[dict[str, Any]], lost: list[str]) -> dict[str, Any]:
    """Return the macros that change, by name, with what they were and become."""
    there = {macro.macro: macro for macro in live.macros if macro.macro != MACRO_APPLIED}
    kept = {macro["hostmacroid"] for macro in written if "macro" not in macro}
    new = {macro["macro"]: macro for macro in written if "macro" in macro}
    found: dict[str, Any] = {}
    for name in sorted(new.keys() | {name for name, macro in there.items() if macro.hostmacroid not in kept}):
        before, after = there.get(name), new.get(name)
        if before is not None and before.value is None:
            lost.append(f"the secret macro {name}, which Zabbix never tells")
            continue
        found[name] = {
            "before": None
            if before is None
            else {"value": before.value, "type": before.type, "description": before.description},
            "after": None
            if after is None
            else {
                "value": None if isinstance(after["value"], Secret) else after["value"],
                "type": after["type"],
                "description": after["description"],
            },
        }
    return found


def plain_interface(interface: LiveInterface) -> dict[str, Any]:
    """Return an interface as plain JSON without its secrets."""
    found = asdict(interface)
    found["details"] = {name: value for name, value in interface.details if not hides(name, value)}
    return found


def _without_secrets(written: dict[str, Any]) -> dict[str, Any]:
    details = {
        name: value
        for name, value in (written.get("details") or {}).items()
        if not isinstance(value, Secret) and not hides(name, str(value))
    }
    return {**written, "details": details} if "type" in written else written


def hides(name: str, value: str) -> bool:
    """Tell whether an SNMP detail is a secret. A user macro is none: it only names one."""
    return name in SECRET_DETAILS and bool(value) and not (value.startswith("{$") and value.endswith("}"))


def _lost_secrets(live: ZabbixHost, written: list[dict[str, Any]]) -> list[str]:
    """Return which interfaces lose an SNMP secret that is in no pre-image."""
    after = {one["interfaceid"]: one for one in written if "interfaceid" in one}
    lost: list[str] = []
    for interface in live.interfaces:
        given = after.get(interface.interfaceid)
        if given is not None and "type" not in given:
            continue
        details = {} if given is None else {name: _clear(value) for name, value in (given.get("details") or {}).items()}
        if any(hides(name, value) and details.get(name) != value for name, value in interface.details):
            lost.append(f"the SNMP secrets of the interface {interface.ip or interface.dns}")
    return lost


def _clear(value: Any) -> Any:
    return value.value if isinstance(value, Secret) else value
