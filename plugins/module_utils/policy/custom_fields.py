# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Layers from NetBox's custom fields `zabbix_templates`, `zabbix_host_groups`, `zabbix_proxy`, `zabbix_proxy_group`.

What stands in them are names picked in NetBox, taken as they are: braces in them are no fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from .fields import Template, literal, to_text, to_texts
from .model import Layer, ListChange

#: the related objects that can carry them, in the order in which they count: later wins
CARRIERS = ("device_type", "role", "platform", "site", "cluster")
NAMES = ("zabbix_templates", "zabbix_host_groups", "zabbix_proxy", "zabbix_proxy_group")
EXCLUDE = "zabbix_exclude"

_SEPARATORS = re.compile(r"[,\n]")


def custom_field_layers(values: Mapping[str, Any] | None, owner: str | None) -> tuple[Layer, ...]:
    """Return what the custom fields `values` of an object give. `owner`: the related object that has them, if any."""
    if not values:
        return ()
    of_owner = f" of {owner.replace('_', ' ')}" if owner else ""
    templates, groups, proxy, proxy_group = (values.get(name) for name in NAMES)
    layers: list[Layer] = []
    if templates:
        layers.append(Layer(_origin(NAMES[0], of_owner), templates=ListChange(_names(templates))))
    if groups:
        layers.append(Layer(_origin(NAMES[1], of_owner), host_groups=ListChange(_names(groups))))
    names = {"proxy": to_text(proxy), "proxy_group": to_text(proxy_group)}
    if all(names.values()):
        raise InputError(
            [f"custom fields{of_owner}: zabbix_proxy and zabbix_proxy_group exclude each other; clear one"]
        )
    for kind, name in names.items():
        if name is not None:
            layers.append(Layer(_origin(f"zabbix_{kind}", of_owner), monitor=(kind, literal(name.strip()))))
    return tuple(layers)


def _origin(name: str, of_owner: str) -> str:
    return f"custom field {name}{of_owner}"


def _names(value: Any) -> tuple[Template, ...]:
    texts = _SEPARATORS.split(value) if isinstance(value, str) else to_texts(value)
    return tuple(literal(text.strip()) for text in texts if text.strip())
