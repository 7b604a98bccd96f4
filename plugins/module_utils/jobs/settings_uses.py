# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who names an object of Zabbix: mappings of the policy and config contexts of NetBox, as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..netbox.client import NetBox
from ..policy.compute import CONTEXT_KEY
from ..zabbix.settings_import import HOST_GROUPS, PROXIES, PROXY_GROUPS, TEMPLATES

#: key of a mapping or of a config context -> the kind that it names. A host group made of fields ("{site}") is told
#: only where it is written out.
_NAMING = {"templates": TEMPLATES, "host_groups": HOST_GROUPS, "proxy": PROXIES, "proxy_group": PROXY_GROUPS}

#: where objects with a context of their own are, and what they are called
_WITH_CONTEXT = {"dcim/devices/": "device", "virtualization/virtual-machines/": "virtual machine"}

#: kind and name -> who names it
Uses = dict[tuple[str, str], list[str]]


def uses_in_mappings(mappings: Iterable[Any]) -> Uses:
    """Return what the mappings of a policy name."""
    uses: Uses = {}
    for mapping in mappings:
        if isinstance(mapping, Mapping):
            _add(uses, mapping, f'mapping "{mapping.get("name")}"')
    return uses


def uses_in_contexts(netbox: NetBox) -> Uses:
    """Return what config contexts name, those that single devices and virtual machines have of their own as well."""
    uses: Uses = {}
    for page in netbox.pages("extras/config-contexts/", {"fields": "id,name,data"}):
        for row in page:
            _add(uses, _given(row["data"]), f'config context "{row["name"]}"')
    # without the contexts that come from elsewhere, which NetBox would compute
    asked = {"local_context_data": "true", "fields": "id,display,local_context_data", "exclude": "config_context"}
    for path, noun in _WITH_CONTEXT.items():
        for page in netbox.pages(path, asked):
            for row in page:
                _add(uses, _given(row["local_context_data"]), f"config context of {noun} {row['display']}")
    return uses


def _given(context: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what a context gives to hosts."""
    given = (context or {}).get(CONTEXT_KEY)
    return given if isinstance(given, Mapping) else {}


def _add(uses: Uses, given: Mapping[str, Any], who: str) -> None:
    for key, kind in _NAMING.items():
        for name in dict.fromkeys(_names(given.get(key))):
            uses.setdefault((kind, name), []).append(who)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, some in value.items():
            if key != "remove":
                yield from _names(some)
    elif isinstance(value, list):
        for one in value:
            yield from _names(one)
