# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has to be read from NetBox for the variables, groups and expressions that are asked for, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from ..netbox.rows import Wanted
from .options import Options

#: attribute of a NetBox object that need not be read -> the variables and groups made of it, without plurals
_USES: dict[str, tuple[str, ...]] = {
    "serial": ("serial",),
    "asset_tag": ("asset_tag",),
    "memory": ("memory",),
    "disk": ("disk",),
    "vcpus": ("vcpus",),
    "site": (
        "site",
        "regions",
        "site_groups",
        "time_zone",
        "utc_offset",
        "facility",
        "region",
        "site_group",
        "location",
    ),
    "location": ("locations", "location"),
    "rack": ("rack", "rack_role"),
    "role": ("role",),
    "platform": ("platform",),
    "tenant": ("tenant", "tenant_groups", "tenant_group"),
    "device_type": ("device_type", "manufacturer"),
    "cluster": ("cluster", "cluster_type", "cluster_group"),
    "tags": ("tags", "tag"),
    "custom_fields": ("custom_fields", "zabbix", "zabbix_status"),
    "config_context": ("config_context",),
    "primary_ip4": ("ansible_host", "primary_ip4", "dns_name"),
    "primary_ip6": ("ansible_host", "primary_ip6", "dns_name"),
    "oob_ip": ("ansible_host", "oob_ip"),
    "description": (),
}
#: what hangs on hosts and is read apart -> the variables and groups made of it
_APART: dict[str, tuple[str, ...]] = {
    "services": ("services",),
    "virtual_disks": ("virtual_disks",),
    "interfaces": ("interfaces",),
    "rack_roles": ("rack_role",),
    "sites": ("site",),
    "prefixes": ("site",),
}


@dataclass(frozen=True, slots=True)
class Needs:
    """`wanted`: of the objects; `apart`: which lists; `raw`: names of fields of the objects as REST shows them, None
    for all of them.
    """

    wanted: Wanted
    apart: frozenset[str]
    raw: frozenset[str] | None


def needs(options: Options, policy_roots: frozenset[str] | None, *, cached: bool = False) -> Needs:
    """Return what is to be read. `policy_roots`: the attributes that the policy uses, None without one; `cached`:
    whether rows are kept, for which all is needed that tells whether a change touches an object.
    """
    used = frozenset(name for names in (*_USES.values(), *_APART.values()) for name in names if _used(options, name))
    if not options.config_context:
        used -= {"config_context"}
    without = {attribute for attribute, names in _USES.items() if used.isdisjoint(names)}
    if options.hostname_field:
        without.discard("custom_fields")
    if not without.isdisjoint(("primary_ip4", "primary_ip6")):
        # which of the two is the primary one takes both to know
        without -= {"primary_ip4", "primary_ip6"} if used & {"ansible_host", "dns_name"} else set()
    if cached:
        without &= _TELLS_NOTHING
    roots = frozenset({"local_context_data"} if options.wants("local_context_data") else ())
    if policy_roots is not None:
        without, roots = set(), roots | policy_roots
    apart = {name for name, names in _APART.items() if not used.isdisjoint(names)}
    apart = {name for name in apart if name not in _SWITCHES or getattr(options, _SWITCHES[name])}
    if "prefixes" in apart:
        apart.add("sites")
    return Needs(Wanted(roots, frozenset(without)), frozenset(apart), options.roots)


#: attributes by which no change of anything else is told to touch an object
_TELLS_NOTHING = frozenset(
    {"serial", "asset_tag", "memory", "disk", "vcpus", "custom_fields", "config_context", "description"}
)
#: list -> the option that asks for it
_SWITCHES = {
    "services": "services",
    "virtual_disks": "virtual_disks",
    "interfaces": "interfaces",
    "rack_roles": "racks",
    "sites": "site_data",
    "prefixes": "prefixes",
}


def _used(options: Options, name: str) -> bool:
    """Tell whether a variable is given, a group made, or an expression written that uses what is called `name`."""
    called = options.named(name)
    if name in ("rack", "rack_role", "locations", "location") and not options.racks:
        return False
    in_groups = options.roots is None or called in options.roots
    return options.wants(called) or options.grouped(name) or in_groups
