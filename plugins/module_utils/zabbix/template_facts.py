# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one template brings to a host, as a plain value; `template_items.py` reads it."""

from __future__ import annotations

from dataclasses import dataclass, field

ITEM, RULE, PROTOTYPE = "item", "discovery rule", "item prototype"
#: an interface of whatever kind will do
ANY = "any"


@dataclass(slots=True)
class TemplateItems:
    """What one template, with all that it is made of, brings to a host.

    `keys`: key -> item, discovery rule or item prototype. `needs`, `uses`: kind of interface (or `any`) -> the key of
    an item that cannot be without it, or that uses it. `inventory`: number of the inventory field -> key of the item
    that fills it. `dependencies`: id of a template that has to be linked too -> the trigger that asks for it.
    """

    templateid: str
    keys: dict[str, str] = field(default_factory=dict)
    needs: dict[str, str] = field(default_factory=dict)
    uses: dict[str, str] = field(default_factory=dict)
    inventory: dict[int, str] = field(default_factory=dict)
    dependencies: dict[str, str] = field(default_factory=dict)
