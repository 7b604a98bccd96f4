# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's REST filters, as other tools use them to select objects, as our match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from .translation import Translation

#: filter -> our match key
_KEYS = {
    **{name: name for name in ("status", "site", "site_group", "region", "location", "role", "platform")},
    **{name: name for name in ("manufacturer", "device_type", "tenant", "tenant_group", "tag", "cluster")},
    **{name: name for name in ("cluster_type", "cluster_group")},
    "device_role": "role",
    "model": "device_type",
}
#: how a filter on the name compares -> the glob
_GLOBS = {"": "{}", "ic": "*{}*", "isw": "{}*", "iew": "*{}", "ie": "{}"}


def translate_filter(filters: Any, subject: str, translation: Translation) -> dict[str, Any]:
    """Return a match that selects what NetBox's filters select; what cannot be said is noted."""
    if not isinstance(filters, Mapping):
        raise InputError([f"{subject}: must be a dictionary of NetBox's filters"])
    match: dict[str, Any] = {}
    unwanted: list[dict[str, Any]] = []
    for name, value in filters.items():
        base, dummy, how = str(name).partition("__")
        values = [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
        if not values:
            continue
        if base == "name" and how in ("n", "empty") and values in (["null"], ["False"], ["false"]):
            match["name"] = "?*"  # one that has a name at all
            continue
        key = f"custom_fields.{base[3:]}" if base.startswith("cf_") else _KEYS.get(base)
        negative = how == "n"
        if base == "name":
            negative = how in ("n", "nic", "nisw", "niew", "nie")
            glob = _GLOBS.get(how.removeprefix("n") if negative else how)
            key = "name" if glob else None
            values = [glob.format(_escaped(one)) for one in values] if glob else values
        elif how not in ("", "n"):
            key = None
        if key is None or "null" in values:
            translation.remark(
                f"{subject}, {name}",
                "has no counterpart in a match; without it more objects are monitored.",
                "Say it with another key of match, or with netbox_zabbix_filters for runs over a part.",
            )
        elif negative:
            unwanted.append({key: _one_or_list(values)})
        elif key == "tag" and len(values) > 1:
            # NetBox wants all of them, a list of ours one of them
            unwanted.extend({"not": {"tag": one}} for one in values)
        elif key in match:
            unwanted.append({"not": {key: _one_or_list(values)}})
        else:
            match[key] = _one_or_list(values)
    if len(unwanted) == 1:
        match["not"] = unwanted[0]
    elif unwanted:
        match["not"] = {"any": unwanted}
    return match


def _escaped(text: str) -> str:
    """Return the glob that fits just this text."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def _one_or_list(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values
