# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox objects as plain values: the same shape whether they were read by GraphQL or by REST.

`NetBoxObject.attributes` holds

* plain values: `name` (None where NetBox has none), `status` (its value, "active"), `serial`, `asset_tag`,
  `description`, `comments`, `last_updated`, `latitude`, `longitude`, `position`; for a virtual machine also `vcpus`,
  `memory`, `disk`; for a virtual device context `identifier`; for a device in another one's bay the name of the `bay`;
* related objects, each one dictionary shared by all that refer to it, or None: `site`, `region`, `site_group`,
  `location`, `rack`, `role`, `platform`, `device_type`, `manufacturer`, `tenant`, `tenant_group`, `cluster`,
  `cluster_type`, `cluster_group`, `virtual_chassis`. Every one has `id`, `name` and `slug` (None for kinds that have
  none); trees also `parent` (a dictionary or None); a site has `region`, `group`, `facility`, `time_zone`,
  `physical_address`, `latitude`, `longitude`; a location `site`; a device type `model` (also as `name`), `part_number`,
  `manufacturer`; a platform `manufacturer`; a cluster `type`, `group`; a tenant `group`; a virtual chassis `master` (a
  device id or None). Those that can carry policy (site, role, platform, device type, cluster) have `custom_fields`. A
  virtual device context has those of its device, but a tenant of its own;
* other devices, as `{id, name}` or None: the `device` that a virtual machine or a virtual device context is on, and the
  `parent_device` whose bay a device is in;
* `interface_addresses`: the addresses of the interfaces that the policy names, by name, the best one first; only
  where it names one;
* addresses: `primary_ip` (as NetBox prefers), `primary_ip4`, `primary_ip6`, `oob_ip`, each None or
  `{"address": "10.0.0.1", "cidr": "10.0.0.1/24", "family": 4, "dns_name": ""}`;
* `tags`: a list of related objects; `custom_fields`: raw values by name; `config_context`: the rendered context, which
  NetBox makes for devices and virtual machines only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DEVICE = "device"
VIRTUAL_MACHINE = "virtual_machine"
VIRTUAL_DEVICE_CONTEXT = "virtual_device_context"
#: what is read unless more is asked for
USUAL_KINDS = (DEVICE, VIRTUAL_MACHINE)
ALL_KINDS = (*USUAL_KINDS, VIRTUAL_DEVICE_CONTEXT)
#: begins what names an interface, in address policies (`interface:mgmt0`) and among the attributes that are to be read
INTERFACE = "interface:"

#: what may follow an interface's name, behind a slash, and the family of addresses that it means
FAMILIES = {"ipv4": 4, "ipv6": 6}

#: attribute -> where it is found, for related objects that hang on another one
DERIVED = {
    "region": ("site", "region"),
    "site_group": ("site", "group"),
    "manufacturer": ("device_type", "manufacturer"),
    "tenant_group": ("tenant", "group"),
    "cluster_type": ("cluster", "type"),
    "cluster_group": ("cluster", "group"),
}
#: related objects that form trees: a match on one takes in all that is below it
TREES = frozenset({"region", "site_group", "location", "role", "platform", "tenant_group"})


def interface_of(word: str) -> tuple[str, int | None]:
    """Return the interface's name and the family in `interface:mgmt0` or `interface:mgmt0/ipv6`; names hold slashes."""
    name = word.removeprefix(INTERFACE)
    before, dummy, family = name.rpartition("/")
    return (before, FAMILIES[family]) if before and family in FAMILIES else (name, None)


@dataclass(slots=True)
class NetBoxObject:
    """One object that may become a host, as read from NetBox. `attributes` is described at the head of this file."""

    kind: str
    id: int
    attributes: dict[str, Any]

    @property
    def ref(self) -> str:
        """Its identity in Zabbix, the value of the tag `netbox_id`: `device:123`."""
        return f"{self.kind}:{self.id}"

    @property
    def label(self) -> str:
        """Its name for people, in messages and reports: `sw1 (device 123)`."""
        return f"{self.attributes.get('name') or 'unnamed'} ({self.kind.replace('_', ' ')} {self.id})"


@dataclass(slots=True)
class Related:
    """All related objects of an estate: table name (`site`, `region`, ...) -> id -> dictionary, as `NetBoxObject` has
    them.

    `custom_fields`: names of the custom fields that objects of any of our kinds have, each with its NetBox type.
    """

    tables: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    custom_fields: dict[str, str] = field(default_factory=dict)
