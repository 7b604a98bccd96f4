# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All differences between Zabbix 6.0 and 8.0 that the collection meets, in one place.

Sources: the API changes in Zabbix's documentation ("What's new", "API changes" of 6.2, 6.4, 7.0, 7.2, 7.4), and
measurements on
6.0 and 7.0. Zabbix ignores unknown top-level fields and parameters silently, so a wrong name is never reported by the
server."""

from __future__ import annotations

from typing import Any

Release = tuple[int, int]

#: how a host is monitored, in our words and as 7.0 and later code it
MONITORED_BY = {"server": "0", "proxy": "1", "proxy_group": "2"}


def has_proxy_groups(release: Release) -> bool:
    """Proxy groups, `monitored_by` and SNMP's `max_repetitions` came with 7.0 (`max_repetitions` with 6.4)."""
    return release >= (7, 0)


def has_max_repetitions(release: Release) -> bool:
    """SNMP interfaces have `max_repetitions` since 6.4."""
    return release >= (6, 4)


def host_groups_key(release: Release) -> tuple[str, str]:
    """Return host.get's parameter for host groups, and its key in the answer (renamed in 6.2, the old one gone in
    7.2).
    """
    return ("selectHostGroups", "hostgroups") if release >= (6, 2) else ("selectGroups", "groups")


def monitor_fields(release: Release) -> list[str]:
    """Return the host's fields that tell by whom it is monitored."""
    return ["monitored_by", "proxyid", "proxy_groupid"] if has_proxy_groups(release) else ["proxy_hostid"]


def read_monitor(release: Release, host: dict[str, Any]) -> tuple[str, str]:
    """Return by what a host as read is monitored: `("server", "0")`, `("proxy", id)` or `("proxy_group", id)`."""
    if not has_proxy_groups(release):
        proxy = host["proxy_hostid"]
        return ("server", "0") if proxy == "0" else ("proxy", proxy)
    if host["monitored_by"] == MONITORED_BY["proxy"]:
        return "proxy", host["proxyid"]
    if host["monitored_by"] == MONITORED_BY["proxy_group"]:
        return "proxy_group", host["proxy_groupid"]
    return "server", "0"


def write_monitor(release: Release, kind: str, monitor_id: str) -> dict[str, str]:
    """Return the fields of host.create and host.update that set by whom a host is monitored."""
    if not has_proxy_groups(release):
        return {"proxy_hostid": monitor_id}
    fields = {"monitored_by": MONITORED_BY[kind]}
    if kind == "proxy":
        fields["proxyid"] = monitor_id
    elif kind == "proxy_group":
        fields["proxy_groupid"] = monitor_id
    return fields


def proxy_name_field(release: Release) -> str:
    """A proxy's name is `name` since 7.0, `host` before."""
    return "name" if has_proxy_groups(release) else "host"


def proxy_interface(release: Release) -> dict[str, Any]:
    """Return proxy.get's parameter for a passive proxy's address, which is among its own fields since 7.0."""
    return {} if has_proxy_groups(release) else {"selectInterface": ["useip", "ip", "dns", "port"]}


def snmp_details(release: Release, details: dict[str, Any]) -> dict[str, Any]:
    """Return the SNMP details that this release knows: it refuses nested fields that it does not know."""
    if has_max_repetitions(release) and details.get("version") != "1":
        return details
    return {key: value for key, value in details.items() if key != "max_repetitions"}


def takes_hosts_without_interface(release: Release) -> bool:
    """Simple, external, SSH and TELNET checks want an interface of some kind on 6.0, and none on 7.0 (measured)."""
    return release >= (6, 4)


def active_fields(release: Release) -> list[str]:
    """Return the host's fields that tell whether its agent's active checks arrive (since 6.2); whether an interface
    answers is told by the interface itself (since 5.4).
    """
    return ["active_available"] if release >= (6, 2) else []


def has_template_groups(release: Release) -> bool:
    """Templates have groups of their own since 6.2; before, they are in host groups."""
    return release >= (6, 2)


def template_groups_key(release: Release) -> tuple[str, str]:
    """Return template.get's parameter for the groups of a template, and its key in the answer."""
    return ("selectTemplateGroups", "templategroups") if has_template_groups(release) else ("selectGroups", "groups")


def template_fields(release: Release) -> list[str]:
    """Return what a template tells of itself; vendor and version since 6.4."""
    fields = ["templateid", "host", "name", "uuid"]
    return [*fields, "vendor_name", "vendor_version"] if release >= (6, 4) else fields


def rights_keys(release: Release) -> tuple[str, str]:
    """Return where a user group has its rights on host groups and on template groups: one place before 6.2."""
    return ("hostgroup_rights", "templategroup_rights") if has_template_groups(release) else ("rights", "rights")


def select_all_rights(release: Release) -> tuple[str, ...]:
    """Return usergroup.get's parameters for them."""
    return ("selectHostGroupRights", "selectTemplateGroupRights") if has_template_groups(release) else ("selectRights",)


def template_import_rules(release: Release) -> dict[str, dict[str, bool]]:
    """Return configuration.import's rules for a template that is ours alone (its groups were split in 6.2)."""
    keep = {"createMissing": True, "updateExisting": True}
    whole = {**keep, "deleteMissing": True}
    groups = "template_groups" if has_template_groups(release) else "groups"
    parts = ("items", "triggers", "graphs", "valueMaps", "templateDashboards")
    return {"templates": keep, groups: {"createMissing": True, "updateExisting": False}, **dict.fromkeys(parts, whole)}
