# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which paths a field may name: the attributes of a NetBox object as `netbox/objects.py` describes them."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import InputError, nearest
from ..netbox.objects import TREES

_PLAIN = (
    *("id", "kind", "name", "status", "serial", "asset_tag", "description", "comments", "last_updated"),
    *("latitude", "longitude", "position", "bay", "vcpus", "memory", "disk", "identifier"),
)

#: related object -> its keys beside id, name and slug; each may lead to another related object
_RELATED: dict[str, dict[str, str | None]] = {
    "site": {
        "region": "region",
        "group": "site_group",
        "facility": None,
        "time_zone": None,
        "physical_address": None,
        "latitude": None,
        "longitude": None,
        "custom_fields": "free",
    },
    "region": {"parent": "region"},
    "site_group": {"parent": "site_group"},
    "location": {"parent": "location", "site": "site"},
    "rack": {},
    "role": {"parent": "role", "custom_fields": "free"},
    "platform": {"parent": "platform", "manufacturer": "manufacturer", "custom_fields": "free"},
    "device_type": {
        "model": None,
        "part_number": None,
        "manufacturer": "manufacturer",
        "custom_fields": "free",
    },
    "manufacturer": {},
    "tenant": {"group": "tenant_group"},
    "tenant_group": {"parent": "tenant_group"},
    "cluster": {"type": "cluster_type", "group": "cluster_group", "custom_fields": "free"},
    "cluster_type": {},
    "cluster_group": {},
    "virtual_chassis": {"master": None},
    "device": {},
    "parent_device": {},
    "tags": {},
}
_ADDRESSES = ("primary_ip", "primary_ip4", "primary_ip6", "oob_ip")
_ADDRESS_KEYS = ("address", "cidr", "family", "dns_name")
_FREE = ("custom_fields", "config_context")

#: attributes whose value is one dictionary for all objects that refer to it: what is made of it can be remembered
SHARED = frozenset(_RELATED) - {"device", "parent_device", "tags"}
#: every attribute that a path may begin with
ROOTS = frozenset({*_PLAIN, *_RELATED, *_ADDRESSES, *_FREE})


def check_path(path: str, filters: Iterable[str] = ()) -> None:
    """Raise InputError if `path` can't exist in any NetBox object."""
    root, *keys = path.split(".")
    if root not in ROOTS:
        hint = nearest(root, ROOTS)
        if root in filters:
            hint = f" Filters are written with a colon: {{name:{root}}}."
        raise InputError([f'"{path}": a NetBox object has no "{root}".{hint}'])
    if not keys:
        if root in _FREE:
            raise InputError([f'"{path}" wants the name of a value behind it: {path}.something'])
        return
    if root in _FREE:
        return
    if root in _PLAIN:
        raise InputError([f'"{path}": "{root}" is a plain value, nothing is below it'])
    if root in _ADDRESSES:
        _check_key(path, root, keys[0], _ADDRESS_KEYS, last=len(keys) == 1)
        return
    _check_related(path, root, keys)


def _check_related(path: str, related: str, keys: list[str]) -> None:
    table = related
    for at, key in enumerate(keys):
        last = at == len(keys) - 1
        below = {"id": None, "name": None, "slug": None, **_RELATED[table]}
        if key == "path" and table in TREES and last:
            return
        if key == "path":
            raise InputError([f'"{path}": only {", ".join(sorted(TREES))} are trees and have a "path", at the end'])
        target = below.get(key)
        if target == "free":
            if last:
                raise InputError([f'"{path}" wants the name of a custom field behind it'])
            return
        _check_key(path, table, key, below, last=last or target is not None)
        if target is not None:
            table = target


def _check_key(path: str, owner: str, key: str, known: Iterable[str], *, last: bool) -> None:
    known = list(known)
    if key not in known:
        raise InputError(
            [f'"{path}": "{owner}" has no "{key}"; it has {", ".join(sorted(known))}.{nearest(key, known)}']
        )
    if not last:
        raise InputError([f'"{path}": "{key}" is a plain value, nothing is below it'])
