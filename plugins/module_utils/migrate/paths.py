# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Other tools' paths into NetBox objects, as our fields."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InputError
from ..policy.field_paths import check_path

#: their word -> ours
_RENAMED = {
    "device_role": "role",
    "custom_field_data": "custom_fields",
    "cf": "custom_fields",
    "get_config_context": "config_context",
}
_ADDRESSES = ("primary_ip", "primary_ip4", "primary_ip6", "oob_ip")
#: an object stands for its name with us, so these say nothing at the end of a path
_NAMES = ("name", "display", "display_name")


def translate_path(parts: Sequence[str]) -> str:
    """Return our path for `["site", "region", "name"]`; raise InputError where there is none."""
    ours = [_RENAMED.get(part, part) for part in parts]
    if not ours or not all(ours):
        raise InputError([f'"{"/".join(parts)}" is no path'])
    if ours[0] in ("url", "display_url"):
        raise InputError([f'"{ours[0]}" is made by NetBox for each request, and is no attribute of an object'])
    if ours[0] == "status":
        ours = ours[:1]
    if ours[0] in _ADDRESSES and len(ours) == 2 and ours[1] == "address":
        # NetBox's own has the length of the prefix behind it
        ours[1] = "cidr"
    elif len(ours) > 1 and ours[-1] in _NAMES and (ours[0] != "custom_fields" or len(ours) > 2):
        ours = ours[:-1]
    path = ".".join(ours)
    check_path(path)
    return path


def as_field(parts: Sequence[str], more: str = "") -> str:
    """Return the same as a field, with `more` (filters, other alternatives) behind the path."""
    return f"{{{translate_path(parts)}{more}}}"
