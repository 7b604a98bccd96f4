# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The comparison of interfaces: each of ours is found again, changed in place with its id, and never lost with its
items.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..policy.host_config import Interface, Secret
from ..zabbix import versions
from ..zabbix.objects import LiveInterface
from .plan import DRIFTED, PENDING, Change, Difference
from .record import WIDTH, AppliedRecord, digest, interface_address, interface_digest

#: SNMP details that are never shown
SECRET_DETAILS = frozenset({"community", "authpassphrase", "privpassphrase"})
#: what makes up an interface's address
ADDRESS = frozenset({"connect", "ip", "dns", "port"})


def new_interfaces(interfaces: tuple[Interface, ...], release: versions.Release) -> list[dict[str, Any]]:
    """Return the interfaces of a new host, as `payload` takes them."""
    return [_written(interface, release) for interface in interfaces]


def diff_interfaces(
    change: Change, applied: AppliedRecord, release: versions.Release, secret_key: str, all_ours: bool = False
) -> None:
    """Compare the interfaces of a host and add what differs to `change`.

    An interface of ours that is no longer wanted is listed in `change.removed_interfaces`; whether items use it, and it
    has to stay, is known only to Zabbix.
    """
    live = change.before
    found = _match(change.config.interfaces, live.interfaces, applied)
    taken = {interface.interfaceid for interface in found.values() if interface}
    writes: list[dict[str, Any]] = []
    changed = False
    for interface in change.config.interfaces:
        before = found[interface.key]
        wanted = _written(interface, release)
        origin = change.config.origins.get(f"interfaces/{interface.key}", "")
        given = applied.interfaces.get(interface.key, "")
        same_address = given[:WIDTH] == digest(interface_address(interface))
        same_rest = given[WIDTH:] == interface_digest(interface, secret_key)
        if before is None:
            reason = DRIFTED if same_address else PENDING
            change.differences.append(Difference("interfaces", interface.key, None, shown(interface), reason, origin))
            changed = True
        else:
            wanted["interfaceid"] = before.interfaceid
            for element, old, new in _differing(interface, before, wanted):
                reason = DRIFTED if (same_address if element in ADDRESS else same_rest) else PENDING
                name = f"{interface.key}.{element}"
                change.differences.append(Difference("interfaces", name, old, new, reason, origin))
                changed = True
        writes.append(wanted)
    removed: list[str] = []
    for other in live.interfaces:
        if other.interfaceid in taken:
            continue
        key = _given_up(other, applied, set(found)) or (f"{other.type} by hand" if all_ours else None)
        if key is not None:
            removed.append(other.interfaceid)
            reason = PENDING if key in applied.interfaces else DRIFTED
            change.differences.append(Difference("interfaces", key, shown(other), None, reason))
            changed = True
        else:
            writes.append({"interfaceid": other.interfaceid})
    if changed:
        _one_main_each(live.interfaces, writes)
        change.writes["interfaces"] = writes
        change.removed_interfaces = tuple(removed)


def _one_main_each(live: tuple[LiveInterface, ...], writes: list[dict[str, Any]]) -> None:
    """See that each type has one main interface, as Zabbix wants it: the first that would be one (ours come first), or
    else the first of all.
    """
    known = {one.interfaceid: one for one in live}
    kinds = [item["type"] if "type" in item else known[item["interfaceid"]].type for item in writes]
    mains: set[str] = set()

    def set_main(number: int, main: bool) -> None:
        item = writes[number]
        writes[number] = {**(item if "type" in item else _as_live(known[item["interfaceid"]])), "main": main}

    for number, item in enumerate(writes):
        if item["main"] if "main" in item else known[item["interfaceid"]].main:
            if kinds[number] in mains:
                set_main(number, False)
            mains.add(kinds[number])
    for number, kind in enumerate(kinds):
        if kind not in mains:
            set_main(number, True)
            mains.add(kind)


def keep_interfaces(change: Change, in_use: dict[str, int]) -> None:
    """Leave interfaces that items still use where they are: Zabbix refuses to remove them.

    `in_use`: interface id -> number of items. The interface is no longer ours then, so this is not tried again.
    """
    kept = [interfaceid for interfaceid in change.removed_interfaces if in_use.get(interfaceid)]
    if not kept:
        return
    addresses = {shown(one): one.interfaceid for one in change.before.interfaces if one.interfaceid in kept}
    change.writes["interfaces"].extend({"interfaceid": interfaceid} for interfaceid in kept)
    _one_main_each(change.before.interfaces, change.writes["interfaces"])
    change.removed_interfaces = tuple(one for one in change.removed_interfaces if one not in kept)
    change.differences = [
        replace(item, after=f"{item.before} (kept: {in_use[addresses[item.before]]} items use it)")
        if item.attribute == "interfaces" and item.after is None and item.before in addresses
        else item
        for item in change.differences
    ]


def _match(
    wanted: tuple[Interface, ...], live: tuple[LiveInterface, ...], applied: AppliedRecord
) -> dict[str, LiveInterface | None]:
    """Find for each wanted interface the one that it is: same address; else the one we gave; else, on a host whose
    record is lost, the main one of its type."""
    found: dict[str, LiveInterface | None] = dict.fromkeys((interface.key for interface in wanted), None)
    free = list(live)

    def take(key: str, candidates: list[LiveInterface]) -> None:
        if candidates:
            best = max(candidates, key=lambda interface: interface.main)
            found[key] = best
            free.remove(best)

    for interface in wanted:
        address = interface_address(interface)
        take(interface.key, [one for one in free if interface_address(one) == address])
    lost = [interface for interface in wanted if found[interface.key] is None and interface.key in applied.interfaces]
    for interface in lost:
        given = applied.interfaces[interface.key][:WIDTH]
        take(
            interface.key,
            [one for one in free if one.type == interface.type and digest(interface_address(one)) == given],
        )
    for interface in lost:
        if found[interface.key] is None:
            take(interface.key, [one for one in free if one.type == interface.type])
    if not applied.interfaces:
        for interface in wanted:
            if found[interface.key] is None:
                take(interface.key, [one for one in free if one.type == interface.type])
    return found


def _given_up(interface: LiveInterface, applied: AppliedRecord, wanted: set[str]) -> str | None:
    """Return the key under which we once gave this interface and no longer want it, None where it is not ours."""
    given = digest(interface_address(interface))
    for key, known in applied.interfaces.items():
        if key not in wanted and known[:WIDTH] == given and key.split("/", 1)[0] == interface.type:
            return key
    return None


def _differing(
    interface: Interface, before: LiveInterface | None, wanted: dict[str, Any]
) -> list[tuple[str, str, str]]:
    if before is None:
        return []
    pairs = [
        ("main", str(before.main), str(interface.main)),
        ("connect", "ip" if before.use_ip else "dns", "ip" if interface.use_ip else "dns"),
        ("ip", before.ip, interface.ip),
        ("dns", before.dns, interface.dns),
        ("port", before.port, interface.port),
    ]
    live_details = dict(before.details)
    for name, value in wanted.get("details", {}).items():
        plain = value.value if isinstance(value, Secret) else value
        old = live_details.get(name, "")
        if name in SECRET_DETAILS and old != plain:
            pairs.append((name, masked(old), masked(value) + " (changed)"))
        else:
            pairs.append((name, old, str(plain)))
    return [(name, old, new) for name, old, new in pairs if old != new]


def _fields(interface: Interface | LiveInterface) -> dict[str, Any]:
    return {
        "type": interface.type,
        "main": interface.main,
        "use_ip": interface.use_ip,
        "ip": interface.ip,
        "dns": interface.dns,
        "port": interface.port,
    }


def _written(interface: Interface, release: versions.Release) -> dict[str, Any]:
    written = _fields(interface)
    if interface.details:
        written["details"] = versions.snmp_details(release, dict(interface.details))
    return written


def _as_live(interface: LiveInterface) -> dict[str, Any]:
    written = {"interfaceid": interface.interfaceid, **_fields(interface)}
    if interface.details:
        written["details"] = dict(interface.details)
    return written


def shown(interface: Interface | LiveInterface) -> str:
    """Return an interface's address and port for people."""
    address = interface.ip if interface.use_ip else interface.dns
    return f"[{address}]:{interface.port}" if ":" in address else f"{address}:{interface.port}"


def masked(value: str | Secret) -> str:
    """Return what may be shown of a secret's field: a user macro, which is only a name, and nothing else."""
    if isinstance(value, Secret):
        return str(value)
    return value if not value or (value.startswith("{$") and value.endswith("}")) else "********"
