# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each job needs of NetBox: the one table that checks and definitions of least rights are made from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: the actions of NetBox's object permissions
VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"

#: object type -> where its objects are, below /api/
PATHS = {
    "core.objectchange": "core/object-changes/",
    "dcim.device": "dcim/devices/",
    "dcim.devicebay": "dcim/device-bays/",
    "dcim.devicerole": "dcim/device-roles/",
    "dcim.devicetype": "dcim/device-types/",
    "dcim.interface": "dcim/interfaces/",
    "dcim.location": "dcim/locations/",
    "dcim.manufacturer": "dcim/manufacturers/",
    "dcim.platform": "dcim/platforms/",
    "dcim.rack": "dcim/racks/",
    "dcim.region": "dcim/regions/",
    "dcim.site": "dcim/sites/",
    "dcim.sitegroup": "dcim/site-groups/",
    "dcim.virtualchassis": "dcim/virtual-chassis/",
    "dcim.virtualdevicecontext": "dcim/virtual-device-contexts/",
    "extras.configcontext": "extras/config-contexts/",
    "extras.configcontextprofile": "extras/config-context-profiles/",
    "extras.customfield": "extras/custom-fields/",
    "extras.customfieldchoiceset": "extras/custom-field-choice-sets/",
    "extras.customlink": "extras/custom-links/",
    "extras.eventrule": "extras/event-rules/",
    "extras.journalentry": "extras/journal-entries/",
    "extras.savedfilter": "extras/saved-filters/",
    "extras.tag": "extras/tags/",
    "extras.webhook": "extras/webhooks/",
    "ipam.ipaddress": "ipam/ip-addresses/",
    "ipam.prefix": "ipam/prefixes/",
    "ipam.service": "ipam/services/",
    "tenancy.tenant": "tenancy/tenants/",
    "tenancy.tenantgroup": "tenancy/tenant-groups/",
    "users.group": "users/groups/",
    "users.objectpermission": "users/permissions/",
    "users.token": "users/tokens/",
    "users.user": "users/users/",
    "virtualization.cluster": "virtualization/clusters/",
    "virtualization.clustergroup": "virtualization/cluster-groups/",
    "virtualization.clustertype": "virtualization/cluster-types/",
    "virtualization.virtualdisk": "virtualization/virtual-disks/",
    "virtualization.virtualmachine": "virtualization/virtual-machines/",
    "virtualization.vminterface": "virtualization/interfaces/",
}
#: beginning of the slugs of the saved filters that jobs keep: documents of the state store, and leases
KEPT_SLUG = "netbox-zabbix-"
LEASE_SLUG = f"{KEPT_SLUG}lease-"
#: object types that came later -> the version
SINCE: dict[str, tuple[int, ...]] = {"extras.configcontextprofile": (4, 4)}

#: where an action is needed on some objects only: object type and action -> those objects, as a constraint
CONSTRAINTS: dict[tuple[str, str], dict[str, Any]] = {
    # the lease, and the state store where it is in NetBox
    **{("extras.savedfilter", action): {"slug__startswith": KEPT_SLUG} for action in (ADD, CHANGE, DELETE)},
    # the choice sets that the import fills
    ("extras.customfieldchoiceset", CHANGE): {
        "name__in": ["zabbix_templates", "zabbix_host_groups", "zabbix_proxies", "zabbix_proxy_groups"]
    },
}

Actions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Needs:
    """What one job asks of the token's user: object type -> actions.

    `needed`: without one of them the job cannot do its work. `useful`: without one it goes on and does less, or only
    where the policy or an option asks for something.
    """

    needed: Actions = field(default_factory=dict)
    useful: Actions = field(default_factory=dict)


#: what makes a job take objects that it does not see for gone
HOSTS = ("dcim.device", "virtualization.virtualmachine")
#: all that a host config is made from
ESTATE: Actions = dict.fromkeys(
    (
        *HOSTS,
        "dcim.devicebay",
        "dcim.devicerole",
        "dcim.devicetype",
        "dcim.location",
        "dcim.manufacturer",
        "dcim.platform",
        "dcim.rack",
        "dcim.region",
        "dcim.site",
        "dcim.sitegroup",
        "dcim.virtualchassis",
        "extras.customfield",
        "extras.tag",
        "ipam.ipaddress",
        "tenancy.tenant",
        "tenancy.tenantgroup",
        "virtualization.cluster",
        "virtualization.clustergroup",
        "virtualization.clustertype",
    ),
    (VIEW,),
)
#: only where a policy asks for addresses of interfaces, or virtual device contexts are hosts
ESTATE_ON_DEMAND: Actions = dict.fromkeys(
    ("dcim.interface", "dcim.virtualdevicecontext", "virtualization.vminterface"), (VIEW,)
)
#: without it each run reads everything
INCREMENTS: Actions = dict.fromkeys(("core.objectchange", "extras.configcontext"), (VIEW,))
#: what may hold the custom fields whose choices the import fills
HOLDERS: Actions = dict.fromkeys(
    (
        *HOSTS,
        "dcim.virtualdevicecontext",
        "dcim.devicetype",
        "dcim.devicerole",
        "dcim.platform",
        "dcim.site",
        "virtualization.cluster",
    ),
    (VIEW,),
)

#: saved filters that jobs keep: the lease, which keeps runs on other machines waiting, and the documents of the state
#: store where that is in NetBox
KEPT: Actions = {"extras.savedfilter": (VIEW, ADD, CHANGE, DELETE)}

_SYNC = Needs(
    ESTATE,
    # the write-back, without which hosts are right all the same
    {
        **ESTATE_ON_DEMAND,
        **INCREMENTS,
        **dict.fromkeys(HOSTS, (CHANGE,)),
        # where they are hosts too
        "dcim.virtualdevicecontext": (VIEW, CHANGE),
        **KEPT,
    },
)
_REFRESH = Needs(_SYNC.needed, {**_SYNC.useful, "extras.journalentry": (ADD,)})

#: job (as its playbook is called, or `inventory` for the plugin) -> what it needs. A job that is new brings its row.
NEEDS: dict[str, Needs] = {
    "sync": _SYNC,
    "refresh": _REFRESH,
    "plan": Needs(ESTATE, {**ESTATE_ON_DEMAND, **INCREMENTS}),
    "apply": _SYNC,
    "host_create": _SYNC,
    "host_update": _SYNC,
    "host_delete": _SYNC,
    # with netbox_zabbix_adopt_converge it needs what the sync needs
    "adopt": Needs(ESTATE, {**ESTATE_ON_DEMAND, **KEPT}),
    "release": Needs(dict.fromkeys(HOSTS, (VIEW,)), {"extras.customfield": (VIEW,), **KEPT}),
    "undo": _SYNC,
    "import": Needs(
        {
            **HOLDERS,
            "extras.configcontext": (VIEW,),
            "extras.customfield": (VIEW,),
            "extras.customfieldchoiceset": (VIEW, CHANGE),
        },
        KEPT,
    ),
    "maintenance": Needs({**ESTATE, "extras.configcontext": (VIEW,)}, ESTATE_ON_DEMAND),
    "maintenance_now": Needs(
        {**ESTATE, "extras.configcontext": (VIEW, ADD, CHANGE), "extras.journalentry": (ADD,)}, ESTATE_ON_DEMAND
    ),
    # contexts that maintenance_now made are deleted, and people's deactivated only where that is asked for
    "cleanup": Needs(
        {**ESTATE, "extras.configcontext": (VIEW, DELETE)}, {**ESTATE_ON_DEMAND, "extras.configcontext": (CHANGE,)}
    ),
    # without the permission for services it needs `services: false`
    "inventory": Needs(
        {**ESTATE, "ipam.service": (VIEW,)},
        {**ESTATE_ON_DEMAND, **INCREMENTS, "ipam.prefix": (VIEW,), "virtualization.virtualdisk": (VIEW,)},
    ),
    "explain": Needs(ESTATE, ESTATE_ON_DEMAND),
    "export": Needs({**ESTATE, "dcim.virtualdevicecontext": (VIEW,)}, ESTATE_ON_DEMAND),
    "simulate": Needs(ESTATE, ESTATE_ON_DEMAND),
    "setup": Needs(
        dict.fromkeys(
            (
                "extras.configcontextprofile",
                "extras.customfield",
                "extras.customfieldchoiceset",
                "extras.customlink",
                "extras.savedfilter",
            ),
            (VIEW, ADD, CHANGE),
        ),
        # to take away what was made, and to tell which values would be lost
        {
            **HOLDERS,
            "extras.configcontext": (VIEW,),
            # only where somebody is to be told of changes
            **dict.fromkeys(("extras.webhook", "extras.eventrule"), (VIEW, ADD, CHANGE, DELETE)),
            **dict.fromkeys(
                (
                    "extras.configcontextprofile",
                    "extras.customfield",
                    "extras.customfieldchoiceset",
                    "extras.customlink",
                    "extras.savedfilter",
                ),
                (DELETE,),
            ),
        },
    ),
    # for an administrator, who also needs to be allowed to grant tokens to others (`users.grant_token`)
    "privileges": Needs(
        {
            "users.group": (VIEW, ADD),
            "users.objectpermission": (VIEW, ADD, CHANGE, DELETE),
            "users.token": (VIEW, ADD, DELETE),
            "users.user": (VIEW, ADD, CHANGE),
        }
    ),
    "self_monitoring": Needs(),
    "preflight": Needs(useful={"core.objectchange": (VIEW,), "dcim.devicetype": (VIEW,)}),
}


def actions_of(
    jobs: Iterable[str], version: tuple[int, ...]
) -> tuple[dict[tuple[str, str], list[str]], dict[tuple[str, str], list[str]]]:
    """Return what these jobs need and what is useful to them, by object type and action, each with the jobs' names.

    Only object types that the version has; what one job needs is not told again as useful to another.
    """
    needed: dict[tuple[str, str], list[str]] = {}
    useful: dict[tuple[str, str], list[str]] = {}
    for job in jobs:
        for table, actions in ((needed, NEEDS[job].needed), (useful, NEEDS[job].useful)):
            for object_type, names in actions.items():
                if version >= SINCE.get(object_type, ()):
                    for action in names:
                        table.setdefault((object_type, action), []).append(job)
    return needed, {key: of for key, of in useful.items() if key not in needed}
