# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking a change back, element by element, where nobody touched it since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..attribute_table import BY_NAME
from ..policy.host_config import DISABLED, HostConfig
from ..zabbix.objects import MACRO_APPLIED, OWN_MACROS, LiveInterface, ZabbixHost, ZabbixSettings
from .interfaces import SECRET_DETAILS
from .plan import UPDATE, Change, Difference, Target
from .preimage import ID_SETS, Preimage, plain_interface
from .record import decode

#: the reason of each difference
UNDONE = "undone"


@dataclass(slots=True)
class Undo:
    """What takes one change back. `change`: None where nothing is left to be taken back; `touched`: elements that
    somebody changed since and that are left as they are, in words.
    """

    change: Change | None
    touched: list[str] = field(default_factory=list)


def linked_templates(before: Preimage, live: ZabbixHost) -> frozenset[str]:
    """Return the templates that the change linked and that the host still has."""
    part = before.parts.get("templates")
    return (frozenset(part["after"]) - frozenset(part["before"])) & live.templates if part else frozenset()


def undo(
    before: Preimage,
    live: ZabbixHost,
    settings: ZabbixSettings,
    items: Mapping[str, Sequence[int]] = MappingProxyType({}),
) -> Undo:
    """Return the change that makes a host again what it was. Only for hosts that were updated, archived, restored or
    released.

    `items`: ids of the items that the host has of each of `linked_templates`, where that was asked for. They go with
    their template where all of them are newer than the change. A host that another run changed since is left alone:
    that run has to be taken back first.
    """
    record = before.parts["record"]
    applied = _applied(before, live, settings)
    if live.applied == record["before"] and applied != record["after"]:
        return Undo(None)
    if applied != record["after"]:
        return Undo(None, ["another run applied something to it since: take that one back first"])
    target = Target(live.groups, (), live.templates, live.monitor)
    change = Change(UPDATE, HostConfig(before.ref, before.label, live.host, live.name, DISABLED), target, live)
    change.ending = UNDONE
    change.record = record["before"]
    found = Undo(change)
    for attribute, part in before.parts.items():
        if attribute not in ("record", "maintenances"):
            _PARTS.get(attribute, _scalar)(found, change, attribute, part, settings)
    _clear(found, change, before, items, settings)
    if "host" in change.writes:
        change.writes.setdefault("name", live.name)
    if change.writes.get("inventory_mode") == "disabled":
        change.writes.pop("inventory", None)  # it goes with the mode, and Zabbix takes none
    if change.record != live.applied and not change.differences:
        change.differences.append(Difference("record", "", "applied since", "as before", UNDONE))
    if not change.differences:
        found.change = None
    elif "maintenances" in before.parts:
        # nobody knows here who is in a window now: whoever is as before already had this taken back too
        _maintenances(change, before.parts["maintenances"])
    return found


def _applied(before: Preimage, live: ZabbixHost, settings: ZabbixSettings) -> str:
    """Return what was applied last to a host, without the groups that the change had to create."""
    new = {settings.groups[name] for name in before.parts.get("groups", {}).get("new", ()) if name in settings.groups}
    record = decode(live.applied)
    if not new & record.groups:
        return live.applied
    record.groups -= new
    return record.encode()


def _note(change: Change, attribute: str, element: str, before: Any, after: Any) -> None:
    shown = [None if value is None else str(value) for value in (before, after)]
    change.differences.append(Difference(attribute, element, shown[0], shown[1], UNDONE))


def _scalar(found: Undo, change: Change, attribute: str, part: Any, settings: ZabbixSettings) -> None:
    live = change.before.scalar(attribute)
    if live == part["before"]:
        return
    if part["after"] is not None and live != part["after"]:
        found.touched.append(f'{attribute} is "{live}" now')
        return
    change.writes[attribute] = part["before"]
    secret = BY_NAME[attribute].secret
    _note(change, attribute, "", "********" if secret else live, "********" if secret else part["before"])


def _monitored_by(found: Undo, change: Change, attribute: str, part: Any, settings: ZabbixSettings) -> None:
    live, before = change.before.monitor, tuple(part["before"])
    if live == before:
        return
    if live != tuple(part["after"]):
        found.touched.append(f"monitored_by is {settings.monitor_name(*live)} now")
        return
    change.writes[attribute] = before
    _note(change, attribute, "", settings.monitor_name(*live), settings.monitor_name(*before))


def _clear(
    found: Undo, change: Change, before: Preimage, items: Mapping[str, Sequence[int]], settings: ZabbixSettings
) -> None:
    """Let the items of templates that the change linked go with them; where one of them was there before, all stay."""
    newest = before.parts.get("templates", {}).get("newest_item")
    cleared: set[str] = set()
    for template in sorted(linked_templates(before, change.before), key=int):
        ids = items.get(template, ())
        if newest is not None and all(number > newest for number in ids):
            cleared.add(template)
            change.cleared_items += len(ids)
        elif newest is None or any(number > newest for number in ids):
            found.touched.append(
                f"items of {settings.template_name(template)} stay on the host as its own: "
                + (
                    "nobody knows which of them are new"
                    if newest is None
                    else "some were there before, and clearing the template would take their history too"
                )
            )
    if cleared:
        change.writes["templates_clear"] = frozenset(cleared)


def _ids(found: Undo, change: Change, attribute: str, part: Any, settings: ZabbixSettings) -> None:
    live: frozenset[str] = getattr(change.before, attribute)
    names = settings.group_name if attribute == "groups" else settings.template_name
    known = settings.group_names if attribute == "groups" else settings.templates_by_id
    before, after = frozenset(part["before"]), frozenset(part["after"])
    after |= {settings.groups[name] for name in part.get("new", ()) if name in settings.groups}
    back, away = (before - after) - live, (after - before) & live
    for one in sorted(back - known.keys(), key=int):
        found.touched.append(f"{names(one)} does not exist any more")
    back &= known.keys()
    if not (back or away):
        return
    change.writes[attribute] = (live - away) | back
    for one in sorted(away, key=int):
        _note(change, attribute, names(one), names(one), None)
    for one in sorted(back, key=int):
        _note(change, attribute, names(one), None, names(one))


def _maintenances(change: Change, part: Any) -> None:
    change.joins, change.leaves = tuple(part["before"]), tuple(part["after"])
    for one in change.joins:
        _note(change, "maintenances", f"id {one}", None, f"id {one}")
    for one in change.leaves:
        _note(change, "maintenances", f"id {one}", f"id {one}", None)


def _tags(found: Undo, change: Change, attribute: str, part: Any, settings: ZabbixSettings) -> None:
    live = change.before.tags
    before, after = (frozenset(map(tuple, part[when])) for when in ("before", "after"))
    back, away = (before - after) - live, (after - before) & live
    if not (back or away):
        return
    change.writes["tags"] = (live - away) | back
    for tag, value in sorted(away):
        _note(change, "tags", tag, value, None)
    for tag, value in sorted(back):
        _note(change, "tags", tag, None, value)


def _inventory(found: Undo, change: Change, attribute: str, part: Any, settings: ZabbixSettings) -> None:
    values: dict[str, str] = {}
    for name, both in part.items():
        live = change.before.inventory.get(name, "")
        if live == both["before"]:
            continue
        if live != both["after"]:
            found.touched.append(f'inventory[{name}] is "{live}" now')
            continue
        values[name] = both["before"]
        _note(change, "inventory", name, live or None, both["before"] or None)
    if values:
        change.writes["inventory"] = values


def _macros(found: Undo, change: Change, attribute: str, part: Any, settings: ZabbixSettings) -> None:
    there = {macro.macro: macro for macro in change.before.macros if macro.macro != MACRO_APPLIED}
    written: dict[str, dict[str, Any]] = {}
    away: set[str] = set()
    for name, both in part.items():
        live = there.get(name)
        now = None if live is None else {"value": live.value, "type": live.type, "description": live.description}
        if now == both["before"]:
            continue
        if now != both["after"]:
            found.touched.append(f"macros[{name}] was changed")
            continue
        own = name in OWN_MACROS
        if both["before"] is None:
            away.add(name)
        else:
            written[name] = {"macro": name, **both["before"]}
            if live is not None:
                written[name]["hostmacroid"] = live.hostmacroid
        _note(
            change,
            "macros",
            name,
            *(None if one is None else "ours" if own else one["value"] for one in (now, both["before"])),
        )
    if written or away:
        kept = [
            {"hostmacroid": macro.hostmacroid}
            for name, macro in there.items()
            if name not in written and name not in away
        ]
        change.writes["macros"] = kept + list(written.values())


def _interfaces(found: Undo, change: Change, attribute: str, part: Any, settings: ZabbixSettings) -> None:
    """Interfaces that are left get back their address and details, those that are gone are made anew, new ones go."""
    live = {one.interfaceid: one for one in change.before.interfaces}
    given = {one["interfaceid"]: one for one in part["after"] if "interfaceid" in one}
    new = [one for one in part["after"] if "interfaceid" not in one]
    written: list[dict[str, Any]] = []
    changed = False
    for before in part["before"]:
        number = before["interfaceid"]
        now, values = live.pop(number, None), {key: value for key, value in before.items() if key != "interfaceid"}
        secrets = _secrets(now, before["details"].get("version"))
        if not _whole(before["type"], {**secrets, **before["details"]}):
            if now is None or plain_interface(now) != before:
                found.touched.append(f"interface {before['ip'] or before['dns']} had SNMP secrets that nobody has now")
            if now is not None:
                written.append({"interfaceid": number})
            continue
        if now is not None:
            untouched = "type" not in given.get(number, {}) or _is(now, given[number])
            if plain_interface(now) == before or not untouched:
                written.append({"interfaceid": number})
                if plain_interface(now) != before:
                    found.touched.append(f"interface {_address(now)} was changed")
                continue
            values = {**values, "interfaceid": number, "details": {**secrets, **values["details"]}}
        written.append(values)
        changed = True
        there = None if now is None else f"{_address(now)}:{now.port}"
        _note(change, "interfaces", before["type"], there, f"{before['ip'] or before['dns']}:{before['port']}")
    for one in live.values():
        if any(_is(one, wanted) for wanted in new):
            changed = True
            _note(change, "interfaces", one.type, f"{_address(one)}:{one.port}", None)
        else:
            found.touched.append(f"interface {_address(one)} was added")
            written.append({"interfaceid": one.interfaceid})
    if changed:
        change.writes["interfaces"] = written


def _is(live: LiveInterface, given: dict[str, Any]) -> bool:
    """Tell whether an interface is still as a run gave it, as far as that is known."""
    now = plain_interface(live)
    details = now.pop("details")
    return all(now[name] == given[name] for name in ("type", "main", "use_ip", "ip", "dns", "port")) and all(
        details.get(name) == value for name, value in (given.get("details") or {}).items() if name in details
    )


def _address(interface: LiveInterface) -> str:
    return interface.ip or interface.dns


def _secrets(live: LiveInterface | None, version: str | None) -> dict[str, str]:
    """Return the secrets that an interface has now, where they are of this SNMP version."""
    details = dict(live.details) if live else {}
    if details.get("version") != version:
        return {}
    return {name: value for name, value in details.items() if name in SECRET_DETAILS}


def _whole(kind: str, details: dict[str, str]) -> bool:
    """Tell whether all is known that an interface needs to be as it was. An SNMP version has its own secrets."""
    if kind != "snmp":
        return True
    if details.get("version") != "3":
        return "community" in details
    needed = {"0": (), "1": ("authpassphrase",), "2": ("authpassphrase", "privpassphrase")}
    return all(details.get(name) for name in needed.get(details.get("securitylevel", "0"), ()))


_PARTS: dict[str, Callable[[Undo, Change, str, Any, ZabbixSettings], None]] = {
    **dict.fromkeys(ID_SETS, _ids),
    "tags": _tags,
    "monitored_by": _monitored_by,
    "inventory": _inventory,
    "macros": _macros,
    "interfaces": _interfaces,
}
