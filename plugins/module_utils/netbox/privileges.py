# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An account of NetBox with the rights that jobs need and no other: group, object permissions, user, token."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..account import CREATE, DELETE, MARK, RENEW, UPDATE, AccountPlan, Step
from ..errors import NetBoxError
from .client import NetBox
from .failures import Refused
from .needs import CONSTRAINTS, actions_of

GROUP, PERMISSION, USER, TOKEN = "group", "permission", "user", "token"
_PATHS = {GROUP: "users/groups/", PERMISSION: "users/permissions/", USER: "users/users/", TOKEN: "users/tokens/"}
#: tokens of version 2 (`nbt_...`), which NetBox keeps as digests only
TOKENS_V2 = (4, 5)
#: in the place of our group's id, which may not be known yet
_OUR_GROUP = "(our group)"


@dataclass(frozen=True, slots=True)
class Permission:
    """One object permission: the same actions on all these object types, on all objects or on those that fit."""

    name: str
    object_types: tuple[str, ...]
    actions: tuple[str, ...]
    constraints: Mapping[str, Any] | None = None


def permissions(name: str, jobs: Iterable[str], version: tuple[int, ...]) -> list[Permission]:
    """Return the object permissions that these jobs need together: one for each action, and for each constraint."""
    needed, useful = actions_of(jobs, version)
    types: dict[tuple[str, str], list[str]] = {}
    for object_type, action in sorted({**needed, **useful}):
        constrained = object_type if (object_type, action) in CONSTRAINTS else ""
        types.setdefault((constrained, action), []).append(object_type)
    return [
        Permission(
            f"{name}: {action} {constrained}".strip(), tuple(of), (action,), CONSTRAINTS.get((constrained, action))
        )
        for (constrained, action), of in sorted(types.items())
    ]


@dataclass(frozen=True, slots=True)
class There:
    """What NetBox has of an account, rows as it shows them; None where there is nothing."""

    group: Mapping[str, Any] | None
    user: Mapping[str, Any] | None
    permissions: Mapping[str, Mapping[str, Any]]
    token: Mapping[str, Any] | None


def read_account(netbox: NetBox, name: str) -> There:
    """Read what there is of the account of this name."""

    def rows(kind: str, **params: Any) -> list[dict[str, Any]]:
        return [row for page in netbox.pages(_PATHS[kind], params) for row in page]

    group = next((row for row in rows(GROUP, name=name) if row["name"] == name), None)
    user = next((row for row in rows(USER, username=name) if row["username"] == name), None)
    ours = {
        row["name"]: row
        for row in rows(PERMISSION)
        if MARK in row["description"] and row["name"].startswith(f"{name}: ")
    }
    tokens = rows(TOKEN, user_id=user["id"]) if user else []
    return There(group, user, ours, next((row for row in tokens if MARK in row["description"]), None))


def plan_account(name: str, wanted: Sequence[Permission], there: There, token: str | None) -> AccountPlan:
    """Return what makes NetBox have the account. `token`: `CREATE` or `RENEW` where one is to be made."""
    plan = AccountPlan()
    if there.group is None:
        plan.add(Step(GROUP, CREATE, name, values={"name": name, "description": f"Least rights. {MARK}"}))
    elif MARK not in there.group["description"]:
        plan.clashes.append(_clash("group", name, "description"))
    else:
        plan.unchanged += 1
    if there.user is not None and MARK not in there.user["last_name"]:
        plan.clashes.append(_clash("user", name, "last_name"))
    elif there.user is not None and not there.user["is_active"]:
        plan.clashes.append(f"NetBox's user {name} is switched off: switch it on, or delete it")
    group = there.group["id"] if there.group else _OUR_GROUP
    for permission in wanted:
        plan.add(_permission(permission, there.permissions.get(permission.name), group))
    names = {permission.name for permission in wanted}
    for old in sorted(there.permissions.keys() - names):
        plan.add(Step(PERMISSION, DELETE, old, str(there.permissions[old]["id"])))
    if there.user is None:
        values = {"username": name, "first_name": "Least rights", "last_name": MARK, "groups": [group]}
        plan.add(Step(USER, CREATE, name, values=values))
    else:
        groups = [one["id"] for one in there.user["groups"]]
        lacking = {} if group in groups else {"groups": [*groups, group]}
        plan.add(Step(USER, UPDATE, name, str(there.user["id"]), lacking, {"groups": groups} if lacking else {}))
    if token is not None:
        plan.add(Step(TOKEN, token, name, str(there.token["id"]) if there.token else None))
    return plan


def _permission(wanted: Permission, row: Mapping[str, Any] | None, group: Any) -> Step:
    values = {
        "object_types": list(wanted.object_types),
        "actions": list(wanted.actions),
        "constraints": dict(wanted.constraints) if wanted.constraints else None,
        "enabled": True,
    }
    if row is None:
        more = {"name": wanted.name, "description": f"What the jobs need. {MARK}", "groups": [group]}
        return Step(PERMISSION, CREATE, wanted.name, values={**more, **values})
    now = {**row, "object_types": sorted(row["object_types"]), "actions": sorted(row["actions"])}
    differing = {key: value for key, value in values.items() if now[key] != value}
    groups = [one["id"] for one in row["groups"]]
    if group not in groups:
        differing["groups"], now["groups"] = [*groups, group], groups
    return Step(PERMISSION, UPDATE, wanted.name, str(row["id"]), differing, {key: now[key] for key in differing})


def _clash(what: str, name: str, field: str) -> str:
    return (
        f"NetBox has a {what} {name} that this collection did not make: choose another name; or, to hand it over, put"
        f" {MARK} into its {field}"
    )


def apply_account(netbox: NetBox, plan: AccountPlan, there: There) -> str | None:
    """Carry out a plan; return the value of a new token. Raises NetBoxError where NetBox refuses a step."""
    group = there.group["id"] if there.group else None
    user = there.user["id"] if there.user else None
    value: str | None = None
    for done, step in enumerate(plan.steps):
        values = dict(step.values)
        if "groups" in values:
            values["groups"] = [group if one == _OUR_GROUP else one for one in values["groups"]]
        try:
            if step.kind == TOKEN:
                value = _new_token(netbox, user, step)
            elif step.action == DELETE:
                netbox.delete(_PATHS[step.kind], [{"id": int(step.id or 0)}])
            elif step.action == UPDATE:
                netbox.patch(f"{_PATHS[step.kind]}{step.id}/", values)
            else:
                if step.kind == USER:
                    # NetBox wants one; nobody gets to know it, so that only the token lets in
                    values["password"] = f"{secrets.token_urlsafe(32)}aA1!"
                made = netbox.post(_PATHS[step.kind], values)
                group = made["id"] if step.kind == GROUP else group
                user = made["id"] if step.kind == USER else user
        except NetBoxError as error:
            raise NetBoxError(f"{step}: {error} ({done} of {len(plan.steps)} were written before)") from None
    return value


def _new_token(netbox: NetBox, user: int | None, step: Step) -> str:
    """Make a token, after taking away the one that it replaces: NetBox tells its value once, now."""
    if step.action == RENEW and step.id:
        netbox.delete(_PATHS[TOKEN], [{"id": int(step.id)}])
    values = {"user": user, "description": f"{step.name} {MARK}", "write_enabled": True}
    if netbox.version >= TOKENS_V2:
        try:
            made = netbox.post(_PATHS[TOKEN], {**values, "version": 2})
        except Refused as error:
            # a NetBox that was updated and has no peppers yet
            if "API_TOKEN_PEPPERS" not in str(error):
                raise
        else:
            return f"nbt_{made['key']}.{made['token']}"
        plain = secrets.token_hex(20)
        netbox.post(_PATHS[TOKEN], {**values, "version": 1, "token": plain})
        return plain
    plain = secrets.token_hex(20)
    netbox.post(_PATHS[TOKEN], {**values, "key": plain})
    return plain


def token_is_of(token: str, row: Mapping[str, Any]) -> bool:
    """Return whether a value can be that of the token that NetBox shows: those of version 2 tell their key."""
    if row.get("version") != 2:
        return True
    return token.removeprefix("nbt_").partition(".")[0] == row["key"]
