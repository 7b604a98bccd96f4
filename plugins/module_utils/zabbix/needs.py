# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each job needs of Zabbix: the one table that checks and definitions of least rights are made from. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .versions import Release, has_proxy_groups, has_template_groups

#: access to a group of hosts or of templates
READ, WRITE = "read", "write"
#: types of users as the API numbers them
USER, ADMIN, SUPER_ADMIN = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Needs:
    """What one job asks of the user of Zabbix.

    `methods`: without one of them the job cannot do its work. `useful`: without one it goes on and does less, or only
    where the policy asks for something. `host_groups`, `template_groups`: READ, WRITE, or None where it is the same.
    `actions`: what a role allows apart from methods. `user_type`: the least one.
    """

    methods: tuple[str, ...] = ()
    useful: tuple[str, ...] = ()
    host_groups: str | None = None
    template_groups: str | None = None
    actions: tuple[str, ...] = ()
    user_type: int = ADMIN


#: all that a policy may name
SETTINGS = ("template.get", "hostgroup.get", "proxy.get", "proxygroup.get")
#: what templates bring to a host
TEMPLATE_ITEMS = ("item.get", "discoveryrule.get", "itemprototype.get", "trigger.get", "triggerprototype.get")
#: what tells a job's user about itself: the checks can say more with them, and every one does without
SELF = ("role.get", "token.get", "settings.get")

_SYNC = Needs(
    methods=("host.get", "host.create", "host.update", "hostinterface.get", *SETTINGS),
    # only a super admin may create groups; without it those that are missing are an error that names them
    # hosts are deleted only where the deletion policy says so
    # a window around its own changes is opened only where that is asked for; archived hosts leave all windows
    # items and triggers are also looked at after a wave, where one is asked for
    useful=(
        *(*TEMPLATE_ITEMS, "hostgroup.create", "host.delete"),
        *("maintenance.get", "maintenance.create", "maintenance.update"),
    ),
    host_groups=WRITE,
    template_groups=READ,
    actions=("edit_maintenance",),
)

_LOOK = Needs(
    methods=("host.get", "hostinterface.get", *SETTINGS),
    useful=TEMPLATE_ITEMS,
    host_groups=READ,
    template_groups=READ,
)

MAINTENANCE = Needs(
    methods=(
        *("host.get", "hostgroup.get"),
        *("maintenance.get", "maintenance.create", "maintenance.update", "maintenance.delete"),
    ),
    # Zabbix shows and takes only windows of hosts that the user may write
    host_groups=WRITE,
    actions=("edit_maintenance",),
)

#: job (as its playbook is called, or `inventory` for the plugin) -> what it needs. A job that is new brings its row.
NEEDS: dict[str, Needs] = {
    "sync": _SYNC,
    # a look writes nothing; what `repair` hands to the sync needs what the sync needs
    "refresh": _LOOK,
    "plan": _LOOK,
    "apply": _SYNC,
    "host_create": _SYNC,
    "host_update": _SYNC,
    "host_delete": _SYNC,
    # with netbox_zabbix_adopt_converge it needs what the sync needs
    "adopt": Needs(methods=("host.get", "host.update", *SETTINGS), host_groups=WRITE, template_groups=READ),
    "release": Needs(methods=("host.get", "host.update"), host_groups=WRITE),
    # which items are older than the template that a run linked
    "undo": replace(_SYNC, methods=(*_SYNC.methods, "item.get", "discoveryrule.get")),
    "import": Needs(
        methods=("template.get", *TEMPLATE_ITEMS, "host.get"),
        # a kind that cannot be read stays as it was in the cache
        useful=("hostgroup.get", "templategroup.get", "proxy.get", "proxygroup.get", "usermacro.get"),
        host_groups=READ,
        template_groups=READ,
        user_type=USER,
    ),
    "inventory": Needs(user_type=USER),
    "explain": Needs(user_type=USER),
    "export": Needs(methods=(*SETTINGS, *TEMPLATE_ITEMS), host_groups=READ, template_groups=READ, user_type=USER),
    "simulate": Needs(user_type=USER),
    # without netbox_zabbix_create_groups it asks Zabbix for nothing
    "setup": Needs(useful=("hostgroup.get", "hostgroup.create", "usergroup.get", "usergroup.update"), user_type=USER),
    # for an administrator
    "privileges": Needs(
        methods=(
            *("hostgroup.get", "hostgroup.create", "templategroup.get", "role.get", "role.create", "role.update"),
            *("usergroup.get", "usergroup.create", "usergroup.update", "user.get", "user.create", "user.update"),
            *("token.get", "token.create", "token.generate"),
        ),
        user_type=SUPER_ADMIN,
    ),
    "self_monitoring": Needs(
        methods=(
            *("template.get", "configuration.import", "hostgroup.get", "hostgroup.create"),
            *("host.get", "host.create", "host.update"),
        ),
        # who alone may import groups with a template
        user_type=SUPER_ADMIN,
    ),
    "preflight": Needs(useful=(*SELF, "hostgroup.get", "templategroup.get", "template.get"), user_type=USER),
    "maintenance": MAINTENANCE,
    "maintenance_now": MAINTENANCE,
    # archived hosts are deleted only where a retention is given
    "cleanup": replace(
        MAINTENANCE, useful=("host.update", "hostinterface.get", "host.delete", *SETTINGS), template_groups=READ
    ),
}


def exists(method: str, release: Release) -> bool:
    """Return whether this release knows a method at all."""
    if method.startswith("proxygroup."):
        return has_proxy_groups(release)
    if method.startswith("templategroup."):
        return has_template_groups(release)
    return True


def methods_of(jobs: Iterable[str], release: Release) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the methods that these jobs need and those that are useful to them, each with the jobs' names.

    Only methods that the release knows; what one job needs is not told again as useful to another.
    """
    needed: dict[str, list[str]] = {}
    useful: dict[str, list[str]] = {}
    for job in jobs:
        for method in NEEDS[job].methods:
            needed.setdefault(method, []).append(job)
        for method in NEEDS[job].useful:
            useful.setdefault(method, []).append(job)
    return (
        {method: of for method, of in needed.items() if exists(method, release)},
        {method: of for method, of in useful.items() if exists(method, release) and method not in needed},
    )


def group_access(jobs: Iterable[str]) -> tuple[str | None, str | None]:
    """Return the access to host groups and to template groups that these jobs need together."""
    host = {NEEDS[job].host_groups for job in jobs}
    template = {NEEDS[job].template_groups for job in jobs}
    return _most(host), _most(template)


def _most(access: set[str | None]) -> str | None:
    return next((one for one in (WRITE, READ) if one in access), None)
