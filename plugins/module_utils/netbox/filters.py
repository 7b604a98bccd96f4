# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filters that NetBox's lists of our kinds of objects understand.

NetBox ignores a parameter that it does not know: a typing error in a filter selects the whole estate. NetBox has no
cheap way to ask for the names (its schema document is 13 MB, and takes it half a minute), so they stand here, with
the version that brought them: distilled from NetBox 4.6.8's OpenAPI document and the sources of 4.2.0 to 4.6.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .custom_fields import CustomField
from .objects import DEVICE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE

Version = tuple[int, ...]
#: the newest NetBox that the tables below know
KNOWN_UNTIL: Version = (4, 6)

#: kind of filter -> the lookups that may follow its name (`name__ic`), each with the version that brought it
_TEXT: dict[str, Version] = {
    **dict.fromkeys(["n", "ic", "nic", "iew", "niew", "isw", "nisw", "ie", "nie", "empty"], (4, 2)),
    **dict.fromkeys(("regex", "iregex"), (4, 4)),
}
_ONE_CHOICE: dict[str, Version] = {lookup: max(since, (4, 5)) for lookup, since in _TEXT.items()}
_MAC: dict[str, Version] = {lookup: since for lookup, since in _TEXT.items() if lookup != "empty"}
_NUMBER: dict[str, Version] = dict.fromkeys(["n", "lte", "lt", "gte", "gt", "empty"], (4, 2))
_RELATED: dict[str, Version] = {"n": (4, 2)}
_TAG: dict[str, Version] = {"n": (4, 2), "any": (4, 6, 6)}
_NONE: dict[str, Version] = {}

_BOTH_RELATED = (
    "cluster_group cluster_group_id cluster_id config_template_id contact contact_group contact_role owner owner_group"
    " owner_group_id owner_id platform platform_id primary_ip4 primary_ip4_id primary_ip6 primary_ip6_id region"
    " region_id role role_id site site_group site_group_id site_id tenant tenant_group tenant_group_id tenant_id"
)
_CONTEXT_RELATED = (
    "device device_id interface_id owner owner_group owner_group_id owner_id primary_ip4 primary_ip4_id primary_ip6"
    " primary_ip6_id tenant tenant_group tenant_group_id tenant_id"
)
_BOTH_NUMBERS = "created id interface_count last_updated"
_BOTH_PLAIN = "created_by_request modified_by_request q updated_by_request"

#: kind -> names that take true or false only; NetBox ignores any other value of them
BOOLEAN: dict[str, frozenset[str]] = {
    DEVICE: frozenset(
        (
            "console_ports",
            "console_server_ports",
            "device_bays",
            "has_oob_ip",
            "has_primary_ip",
            "has_virtual_device_context",
            "interfaces",
            "is_full_depth",
            "local_context_data",
            "module_bays",
            "pass_through_ports",
            "power_outlets",
            "power_ports",
            "virtual_chassis_member",
        )
    ),
    VIRTUAL_MACHINE: frozenset(("has_primary_ip", "local_context_data")),
    VIRTUAL_DEVICE_CONTEXT: frozenset(("has_primary_ip",)),
}
_NAMES: dict[str, tuple[tuple[str, dict[str, Version]], ...]] = {
    DEVICE: (
        ("asset_tag description name serial status", _TEXT),
        ("airflow face", _ONE_CHOICE),
        ("mac_address", _MAC),
        (
            f"{_BOTH_NUMBERS} console_port_count console_server_port_count device_bay_count front_port_count"
            " inventory_item_count latitude longitude module_bay_count position power_outlet_count power_port_count"
            " rear_port_count vc_position vc_priority",
            _NUMBER,
        ),
        (
            f"{_BOTH_RELATED} device_type device_type_id location location_id manufacturer manufacturer_id model"
            " oob_ip_id parent_bay_id parent_device_id rack_id virtual_chassis_id",
            _RELATED,
        ),
        ("tag tag_id", _TAG),
        (f"{_BOTH_PLAIN} {' '.join(sorted(BOOLEAN[DEVICE]))}", _NONE),
    ),
    VIRTUAL_MACHINE: (
        ("description name serial status", _TEXT),
        ("start_on_boot", _ONE_CHOICE),
        ("mac_address", _MAC),
        (f"{_BOTH_NUMBERS} disk memory vcpus virtual_disk_count", _NUMBER),
        (
            f"{_BOTH_RELATED} cluster cluster_type cluster_type_id device device_id virtual_machine_type"
            " virtual_machine_type_id",
            _RELATED,
        ),
        ("tag tag_id", _TAG),
        (f"{_BOTH_PLAIN} {' '.join(sorted(BOOLEAN[VIRTUAL_MACHINE]))}", _NONE),
    ),
    VIRTUAL_DEVICE_CONTEXT: (
        ("description name status", _TEXT),
        ("created id identifier last_updated", _NUMBER),
        (_CONTEXT_RELATED, _RELATED),
        ("tag tag_id", _TAG),
        (f"{_BOTH_PLAIN} {' '.join(sorted(BOOLEAN[VIRTUAL_DEVICE_CONTEXT]))}", _NONE),
    ),
}
#: names that came after 4.2.0
_SINCE: dict[str, Version] = {
    "location": (4, 2, 8),
    "primary_ip4": (4, 2, 9),
    "primary_ip6": (4, 2, 9),
    "tag_id": (4, 3),
    "owner": (4, 5),
    "owner_id": (4, 5),
    "start_on_boot": (4, 5),
    "owner_group": (4, 5, 2),
    "owner_group_id": (4, 5, 2),
    "virtual_machine_type": (4, 6),
    "virtual_machine_type_id": (4, 6),
}
_EMPTY_TIMES = frozenset(("created__empty", "last_updated__empty"))
#: parameters of a list that select nothing: how much of it is shown, and how
NOT_FILTERS = frozenset(["brief", "exclude", "fields", "format", "limit", "offset", "omit", "ordering", "start"])

#: type of a custom field -> lookups of its filter `cf_<name>`
_CUSTOM: dict[str, dict[str, Version]] = {
    "text": _TEXT,
    "longtext": _TEXT,
    "url": _TEXT,
    "select": _TEXT,
    "integer": _NUMBER,
    "decimal": _NUMBER,
    "date": _NUMBER,
    "datetime": _NUMBER,
    "object": _NUMBER,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one kind in one NetBox: `names`, and those of them that take true or false only."""

    names: frozenset[str]
    boolean: frozenset[str]


def known_filters(kind: str, version: Version, custom_fields: Mapping[str, CustomField]) -> Filters:
    """Return what the tables know for a version, and the filters of the custom fields that the kind has."""
    names: set[str] = set()
    boolean = set(BOOLEAN[kind])

    def add(name: str, lookups: Mapping[str, Version]) -> None:
        names.add(name)
        names.update(f"{name}__{lookup}" for lookup, since in lookups.items() if version >= since)

    for group, lookups in _NAMES[kind]:
        for name in group.split():
            if version >= _SINCE.get(name, (4, 2)):
                add(name, lookups)
    for name, field in custom_fields.items():
        if field.filterable:
            # A text that is searched loosely has no lookups: they would all mean "contains".
            add(
                f"cf_{name}",
                _NONE if field.loose and field.type in ("text", "longtext", "url") else _CUSTOM.get(field.type, _NONE),
            )
            if field.type == "boolean":
                boolean.add(f"cf_{name}")
    # Those of times take a time, and a 400 says so.
    boolean.update(name for name in names if name.endswith("__empty") and name not in _EMPTY_TIMES)
    return Filters(frozenset(names), frozenset(boolean))
