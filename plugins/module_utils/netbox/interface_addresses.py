# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The addresses of interfaces that a policy names (`address: interface:mgmt0`).

All interfaces of a name are read together, when the first object needs one: a request for each device would be the
slowest way to read NetBox.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .client import IDS_IN_ADDRESS, NetBox
from .failures import Refused
from .objects import DEVICE, INTERFACE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE, interface_of

#: the key of a config context in which a policy may stand, and so name an interface
CONTEXT_KEY = "zabbix"
#: parts of the estate up to this size are asked for by id; larger ones read all interfaces of the name
SMALL = 5 * IDS_IN_ADDRESS
#: roles of addresses that are not the interface's own: they come last
_SHARED_ROLES = frozenset({"secondary", "anycast", "vip", "vrrp", "hsrp", "glbp", "carp"})
#: kind whose interface it is -> filter by the interface's name, filter by its owner, the owner in the answer
_OWNERS = {
    DEVICE: ("interface", "device_id", "device"),
    VIRTUAL_MACHINE: ("vminterface", "virtual_machine_id", "virtual_machine"),
}

Rows = list[dict[str, Any]]


class InterfaceAddresses:
    """Answers for any object of one read. `ids`: those of the read by kind, None for all there are."""

    def __init__(
        self, netbox: NetBox, roots: frozenset[str], ids: Mapping[str, frozenset[int]] | None, contexts: Sequence[int]
    ) -> None:
        self._netbox = netbox
        self._ids = ids
        #: the virtual device contexts of the read
        self._contexts = sorted(contexts)
        self._names = frozenset(interface_of(root)[0] for root in roots if root.startswith(INTERFACE))
        self._lock = threading.Lock()
        #: kind, name -> what was read, by owner or by virtual device context
        self._read: dict[tuple[str, str], dict[int, Rows]] = {}

    def of(self, kind: str, number: int, context: Mapping[str, Any]) -> dict[str, Rows]:
        """Return the addresses on each named interface of an object; its config context may name more of them."""
        names = self._names
        ours = context.get(CONTEXT_KEY)
        if isinstance(ours, Mapping) and "interfaces" in ours:
            names = names.union(_named_in(ours["interfaces"]))
        return {name: self._of_all(kind, name).get(number, []) for name in names}

    def _of_all(self, kind: str, name: str) -> dict[int, Rows]:
        with self._lock:
            if (kind, name) not in self._read:
                read = self._of_contexts if kind == VIRTUAL_DEVICE_CONTEXT else self._of_owners
                self._read[kind, name] = read(kind, name)
            return self._read[kind, name]

    def _of_owners(self, kind: str, name: str) -> dict[int, Rows]:
        by_name, by_owner, owner = _OWNERS[kind]
        found: dict[int, Rows] = {}
        ids = None if self._ids is None else sorted(self._ids.get(kind, ()))
        asked = [{}] if ids is None or len(ids) > SMALL else [{by_owner: chunk} for chunk in _chunks(ids)]
        for part in asked:
            for row in self._addresses({by_name: name, **part}):
                found.setdefault(row["assigned_object"][owner]["id"], []).append(row)
        return {number: sorted(rows, key=_own_first) for number, rows in found.items()}

    def _of_contexts(self, dummy: str, name: str) -> dict[int, Rows]:
        """Return the addresses by virtual device context: those of the device's interfaces that are assigned to it."""
        contexts_of: dict[int, list[int]] = {}
        for chunk in _chunks(self._contexts):
            params = {"name": name, "vdc_id": chunk, "fields": "id,vdcs"}
            for page in self._netbox.pages("dcim/interfaces/", params):
                contexts_of.update((row["id"], [context["id"] for context in row["vdcs"]]) for row in page)
        found: dict[int, Rows] = {}
        for chunk in _chunks(sorted(contexts_of)):
            for row in self._addresses({"interface_id": chunk}):
                for context in contexts_of[row["assigned_object"]["id"]]:
                    found.setdefault(context, []).append(row)
        return {number: sorted(rows, key=_own_first) for number, rows in found.items()}

    def _addresses(self, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        fields = "id,address,dns_name,role,assigned_object"
        try:
            for page in self._netbox.pages("ipam/ip-addresses/", {**params, "fields": fields}):
                yield from page
        except Refused as error:
            # NetBox refuses a name that no interface at all has: nobody has an address on it then.
            by_name = {name for name, dummy, owner in _OWNERS.values()} & params.keys()
            if error.status != 400 or not by_name or "is not one of the available choices" not in error.detail:
                raise


def _own_first(row: Mapping[str, Any]) -> tuple[bool, int]:
    role = row["role"]
    return (role["value"] if isinstance(role, Mapping) else role) in _SHARED_ROLES, row["id"]


def _chunks(ids: Sequence[int]) -> Iterator[list[int]]:
    for at in range(0, len(ids), IDS_IN_ADDRESS):
        yield list(ids[at : at + IDS_IN_ADDRESS])


def _named_in(value: Any) -> Iterator[str]:
    """Yield the names of interfaces in the interfaces that a config context gives, however they are written there."""
    if isinstance(value, str):
        if value.startswith(INTERFACE):
            yield interface_of(value)[0]
    elif isinstance(value, Mapping | list):
        for entry in value.values() if isinstance(value, Mapping) else value:
            yield from _named_in(entry)
