# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox objects as plain values: the same shape whether they were read by GraphQL or by REST.

`NetBoxObject.attributes` holds

* plain values: `name` (None where NetBox has none), `status` (its value, "active"), `serial`, `asset_tag`,
  `description`, `comments`, `last_updated`, `latitude`, `longitude`, `position`; for a virtual machine also `vcpus`,
  `memory`, `disk`;
* related objects, each one dictionary shared by all that refer to it, or None: `site`, `region`, `site_group`,
  `location`, `rack`, `role`, `platform`, `device_type`, `manufacturer`, `tenant`, `tenant_group`, `cluster`,
  `cluster_type`, `cluster_group`, `virtual_chassis`, and for a virtual machine `device` as `{id, name}`. Every related
  object has `id`, `name` and `slug` (None for kinds that have none); trees also `parent` (a dictionary or None); a site
  has `region`, `group`, `facility`, `time_zone`, `physical_address`, `latitude`, `longitude`; a location `site`; a
  device type `model` (also as `name`), `part_number`, `manufacturer`; a platform `manufacturer`; a cluster `type`,
  `group`; a tenant `group`; a virtual chassis `master` (a device id or None). Those that can carry policy (site, role,
  platform, device type, cluster) have `custom_fields`;
* addresses: `primary_ip` (as NetBox prefers), `primary_ip4`, `primary_ip6`, `oob_ip`, each None or
  `{"address": "10.0.0.1", "cidr": "10.0.0.1/24", "family": 4, "dns_name": ""}`;
* `tags`: a list of related objects; `custom_fields`: raw values by name; `config_context`: the rendered context.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

DEVICE = "device"
VIRTUAL_MACHINE = "virtual_machine"

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


@dataclass(slots=True)
class NetBoxObject:
    """One device or virtual machine as read from NetBox. `attributes` is described at the head of this file."""

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

    `custom_fields`: names of the custom fields that devices or virtual machines have, each with its NetBox type.
    """

    tables: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    custom_fields: dict[str, str] = field(default_factory=dict)
