# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All addresses on interfaces, by the object whose interface it is."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from .client import NetBox
from .objects import DEVICE, VIRTUAL_MACHINE

_OWNERS = (DEVICE, VIRTUAL_MACHINE)


def read_addresses(netbox: NetBox) -> dict[str, list[dict[str, str]]]:
    """Return the addresses of each device and virtual machine, as `{address, dns_name}` by `device:123`."""
    found: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for page in netbox.pages("ipam/ip-addresses/", {"fields": "id,address,dns_name,assigned_object"}):
        for row in page:
            holder: dict[str, Any] = row["assigned_object"] or {}
            for kind in _OWNERS:
                # an address of a redundancy group is nobody's own
                if holder.get(kind):
                    address = {"address": row["address"], "dns_name": row["dns_name"] or ""}
                    found[f"{kind}:{holder[kind]['id']}"].append(address)
    return dict(found)
