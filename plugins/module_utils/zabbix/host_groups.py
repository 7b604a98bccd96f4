# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Host groups: who may create them, and who may then use them.

A group that is created below another one takes over the rights that user groups have on that one, also where only a
grandparent is there, but not from a parent that is created in the same call (7.0 and 6.0, measured). A group at the top
has no rights of anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OutcomeUnknown, ZabbixError
from . import versions
from .client import NotAuthorised, NotSent, Zabbix

#: what a user group may do with a host group
DENY, READ, READ_WRITE = "0", "2", "3"


def with_parents(name: str) -> Iterator[str]:
    """Yield the names of the groups that a nested one is in, and its own, from the top down."""
    parts = name.split("/")
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])


def lacking(names: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """Return which groups, parents included, have to be created; parents first. `known`: ids by name."""
    return sorted({parent for name in names for parent in with_parents(name) if parent not in known})


def by_depth(names: Iterable[str]) -> list[list[str]]:
    """Return groups in the calls that create them: a nested one takes over no rights from a parent of the same call."""
    levels: dict[int, list[str]] = {}
    for name in names:
        levels.setdefault(name.count("/"), []).append(name)
    return [levels[depth] for depth in sorted(levels)]


def may_create(zabbix: Zabbix) -> bool:
    """Return whether this user may create host groups: only a super admin, whose role allows it.

    Zabbix looks at that before it looks at what is to be created, so an empty list tells (7.0 and 6.0, measured).
    """
    try:
        zabbix.call("hostgroup.create", [])
    except (NotSent, NotAuthorised, OutcomeUnknown):
        raise
    except ZabbixError as error:
        return "No permissions to call" not in str(error)
    return True


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group and its rights: id of a host group (on 6.0 of a template group too) -> what it may do."""

    usrgrpid: str
    name: str
    rights: Mapping[str, str]


def read_user_group(zabbix: Zabbix, name: str) -> UserGroup | None:
    """Return the user group of this name. Raises ZabbixError where the user may not see user groups' rights."""
    key = versions.rights_keys(zabbix.release)[0]
    select = versions.select_all_rights(zabbix.release)[0]
    rows = zabbix.call(
        "usergroup.get", {"output": ["usrgrpid", "name"], "filter": {"name": [name]}, select: ["id", "permission"]}
    )
    if not rows:
        return None
    rights = {right["id"]: right["permission"] for right in rows[0].get(key, ())}
    return UserGroup(rows[0]["usrgrpid"], rows[0]["name"], rights)


def write_rights(zabbix: Zabbix, group: UserGroup, rights: Mapping[str, str]) -> None:
    """Give a user group these rights besides those that it has."""
    every: list[dict[str, Any]] = [
        {"id": one, "permission": permission} for one, permission in {**group.rights, **rights}.items()
    ]
    zabbix.call("usergroup.update", {"usrgrpid": group.usrgrpid, versions.rights_keys(zabbix.release)[0]: every})
