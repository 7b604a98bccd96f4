# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's choice sets that people pick Zabbix's objects from, and which objects of NetBox hold which choice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from .client import NetBox
from .failures import Refused

#: characters that a choice's value and label may have (4.6.8; Zabbix's host groups may have 255)
MAX_LENGTH = 100
#: of an address that a query takes for values: gunicorn takes 4,094 of one line
_QUERY_LENGTH = 3000
#: what may have custom fields of ours -> where it is, and what it is called
_HOLDERS = {
    "dcim.device": ("dcim/devices/", "device"),
    "virtualization.virtualmachine": ("virtualization/virtual-machines/", "virtual machine"),
    "dcim.virtualdevicecontext": ("dcim/virtual-device-contexts/", "virtual device context"),
    "dcim.devicetype": ("dcim/device-types/", "device type"),
    "dcim.devicerole": ("dcim/device-roles/", "role"),
    "dcim.platform": ("dcim/platforms/", "platform"),
    "dcim.site": ("dcim/sites/", "site"),
    "virtualization.cluster": ("virtualization/clusters/", "cluster"),
}
#: lists for which NetBox would compute config contexts
_WITH_CONTEXT = frozenset({"dcim/devices/", "virtualization/virtual-machines/"})


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """A custom field whose values are from a choice set. `object_types`: NetBox's names of what has it."""

    name: str
    object_types: tuple[str, ...]


@dataclass(slots=True)
class ChoiceSet:
    """One choice set. `choices`: value -> label."""

    id: int
    name: str
    choices: dict[str, str]
    colors: dict[str, str] = field(default_factory=dict)
    fields: list[ChoiceField] = field(default_factory=list)


def read_choice_sets(netbox: NetBox, names: Iterable[str]) -> dict[str, ChoiceSet]:
    """Return those of these choice sets that there are, by name, with the custom fields that use them."""
    wanted = set(names)
    if not wanted:
        return {}
    rows = [row for page in netbox.pages("extras/custom-field-choice-sets/", {}) for row in page]
    found = {
        row["id"]: ChoiceSet(
            row["id"], row["name"], dict(row["extra_choices"] or ()), dict(row.get("choice_colors") or {})
        )
        for row in rows
        if row["name"] in wanted
    }
    if found:
        for page in netbox.pages("extras/custom-fields/", {}):
            for row in page:
                choice_set = found.get((row.get("choice_set") or {}).get("id"))
                if choice_set is not None:
                    choice_set.fields.append(ChoiceField(row["name"], tuple(row["object_types"])))
    return {choice_set.name: choice_set for choice_set in found.values()}


def read_holders(netbox: NetBox, choice_set: ChoiceSet, values: Iterable[str]) -> dict[str, list[str]]:
    """Return which objects hold these values in a custom field of this choice set: value -> `device sw1`, ..."""
    wanted = sorted(set(values))
    found: dict[str, list[str]] = {}
    for one in choice_set.fields:
        for path, noun in (_HOLDERS[name] for name in one.object_types if name in _HOLDERS):
            for some in _portions(f"cf_{one.name}", wanted):
                asked: dict[str, Any] = {f"cf_{one.name}": some, "fields": "id,display,custom_fields"}
                if path in _WITH_CONTEXT:
                    asked["exclude"] = "config_context"
                for page in netbox.pages(path, asked):
                    for row in page:
                        # looked at again: NetBox ignores a filter on a field that may not be filtered by
                        for value in _values(row["custom_fields"].get(one.name)):
                            holders = found.setdefault(value, []) if value in some else []
                            holders.append(f"{noun} {row['display']}")
    return {value: sorted(set(holders)) for value, holders in found.items()}


def _portions(parameter: str, values: Sequence[str]) -> Iterator[list[str]]:
    """Yield the values in lists that fit into an address."""
    some: list[str] = []
    length = 0
    for value in values:
        size = len(parameter) + len(quote_plus(value)) + 2
        if some and length + size > _QUERY_LENGTH:
            yield some
            some, length = [], 0
        some.append(value)
        length += size
    if some:
        yield some


def _values(value: Any) -> list[str]:
    """Return the choices that a custom field holds: one or several, each with or without its label."""
    several = value if isinstance(value, list) else [value]
    return [str(one["value"] if isinstance(one, Mapping) else one) for one in several if one is not None]


def write_choices(netbox: NetBox, choice_set: ChoiceSet, choices: Mapping[str, str], message: str) -> None:
    """Give a choice set these choices. Raises Refused where NetBox does not take them."""
    payload: dict[str, Any] = {"extra_choices": [[value, label] for value, label in choices.items()]}
    colors = {value: color for value, color in choice_set.colors.items() if value in choices}
    if colors != choice_set.colors:
        payload["choice_colors"] = colors
    if netbox.version >= (4, 4):
        payload["changelog_message"] = message
    netbox.patch(f"extras/custom-field-choice-sets/{choice_set.id}/", payload)


def refused_as_used(error: Refused) -> bool:
    """Return whether NetBox refused to remove a choice because an object holds it."""
    return error.status == 400 and "Cannot remove choice" in error.detail
