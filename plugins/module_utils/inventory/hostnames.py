# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which NetBox objects are hosts of the inventory, and what they are called.

The rule is the sync's: a technical name that is legal, unique and the same in every run. Ansible splits what a person
types at blanks, so they become `_`, and its own names stay free.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..netbox.names import Name
from ..netbox.objects import DEVICE
from ..netbox.selection import Selection
from ..policy.names import assign_names, technical_name, visible_name
from .options import AS_NB_INVENTORY, MASTER, Options

#: what means something else to Ansible
RESERVED = ("all", "ungrouped", "localhost", "127.0.0.1", "__1")
#: hosts in one warning; the others are counted
NAMED = 5


@dataclass(slots=True)
class InventoryNames:
    """`hosts`: ref (`device:123`) -> name; what is not in it is no host. `notes`: what a person has to know."""

    hosts: dict[str, str]
    notes: list[str] = field(default_factory=list)


def inventory_names(
    listed: Iterable[Name],
    options: Options,
    members: Mapping[int, int],
    chassis: Mapping[int, Mapping[str, Any]],
    given: Mapping[str, Any] | None = None,
    selection: Selection | None = None,
) -> InventoryNames:
    """Return the names of all hosts.

    `listed`: all objects of NetBox, not only those that the inventory takes: names depend on all that came before.
    `members`: device -> virtual chassis; `chassis`: by id; `given`: names by ref that take the place of NetBox's;
    `selection`: the objects that the inventory takes, the only ones that notes tell of.
    """
    hosts: list[Name] = []
    for kind, number, name in listed:
        own = name
        entry = chassis.get(members.get(number, 0)) if kind == DEVICE else None
        if entry is not None and entry["master"]:
            if options.virtual_chassis == MASTER and entry["master"] != number:
                continue
            if options.virtual_chassis_name and (entry["master"] == number or options.host_names == AS_NB_INVENTORY):
                own = entry["name"]
        if given is not None:
            value = given.get(f"{kind}:{number}")
            own = str(value) if value not in (None, "") else own
        hosts.append((kind, number, own))
    if options.host_names == AS_NB_INVENTORY:
        return _as_nb_inventory(_taken(hosts, selection))
    names = assign_names(((kind, number, _one_word(name)) for kind, number, name in hosts), RESERVED)
    found = {ref: entry.host for ref, entry in names.items()}
    return InventoryNames(found, _notes(hosts, found, frozenset(_taken(hosts, selection))))


def _taken(hosts: Sequence[Name], selection: Selection | None) -> list[Name]:
    return [host for host in hosts if selection is None or host[1] in selection.ids.get(host[0], ())]


def _one_word(name: str | None) -> str | None:
    return None if name is None else "_".join(name.split())


def _notes(hosts: Sequence[Name], found: Mapping[str, str], taken: Collection[Name]) -> list[str]:
    """Return a note about names that several objects have."""
    times = Counter(technical_name(visible_name(_one_word(name) or "")) for dummy, number, name in hosts if name)
    shared = [
        (name, kind, number)
        for kind, number, name in hosts
        if name
        and (kind, number, name) in taken
        and times[technical_name(visible_name(_one_word(name) or ""))] > 1
        and found[f"{kind}:{number}"].endswith(f"_{kind}-{number}")
    ]
    notes = []
    if shared:
        shown = [f"{name} is {found[f'{kind}:{number}']}" for name, kind, number in shared[:NAMED]]
        more = f" and {len(shared) - NAMED} more" if len(shared) > NAMED else ""
        notes.append(
            f"NetBox has several objects of one name; {len(shared)} of them got their kind and id behind it:"
            f" {', '.join(shown)}{more}"
        )
    return notes


def _as_nb_inventory(hosts: Sequence[Name]) -> InventoryNames:
    found = {f"{kind}:{number}": name or str(uuid.uuid4()) for kind, number, name in hosts}
    times = Counter(found.values())
    merged = [name for name, number in times.items() if number > 1]
    if not merged:
        return InventoryNames(found)
    shown = ", ".join(merged[:NAMED]) + (f" and {len(merged) - NAMED} more" if len(merged) > NAMED else "")
    return InventoryNames(
        found, [f"Objects of one name are one host, as host_names asks for; their variables are mixed: {shown}"]
    )
