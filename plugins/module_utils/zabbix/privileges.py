# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An account of Zabbix with the rights that jobs need and no other: role, user group, user, token."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..account import CREATE, MARK, UPDATE, AccountPlan, Step
from ..errors import ZabbixError
from . import versions
from .client import Zabbix, whole
from .host_groups import DENY, READ, READ_WRITE
from .needs import ADMIN, NEEDS, WRITE, group_access, methods_of
from .versions import Release

HOST_GROUP, ROLE, USER_GROUP, USER, TOKEN = "host group", "role", "user group", "user", "token"
#: users of this type may write hosts, and see what their user groups let them
ADMIN_TYPE = str(ADMIN)
#: name that stands for every group
ALL = "*"
#: users of the group do not get into the web interface
NO_FRONTEND = "3"
#: the one page of the web interface that a role has to allow; nobody gets there
_PAGE = "monitoring.dashboard"


@dataclass(frozen=True, slots=True)
class Rights:
    """What jobs need together. `host_groups`, `template_groups`: permission as Zabbix codes it, None for none."""

    methods: tuple[str, ...]
    actions: tuple[str, ...]
    host_groups: str | None
    template_groups: str | None


def rights(jobs: Sequence[str], release: Release) -> Rights:
    """Return what these jobs need on this release, as far as it can be had without being a super admin."""
    needed, useful = methods_of(jobs, release)
    host, template = group_access(jobs)
    codes = {WRITE: READ_WRITE, None: None}
    return Rights(
        tuple(sorted({*needed, *useful} - SUPER_ADMINS_ONLY)),
        tuple(sorted({action for job in jobs for action in NEEDS[job].actions})),
        codes.get(host, READ),
        codes.get(template, READ),
    )


#: what no role of a lower type can allow
SUPER_ADMINS_ONLY = frozenset({"hostgroup.create"})


def role_name(name: str) -> str:
    """Return the name of the role and of the user group: neither has a description that could carry the mark."""
    return f"{name} {MARK}"


@dataclass(frozen=True, slots=True)
class There:
    """What Zabbix has of an account, rows as it shows them; None where there is nothing.

    `groups`: ids by name, of each key of a user group's rights; 6.0 has host groups only, and templates in them, so
    `templated` are the names of the groups that hold templates.
    """

    groups: Mapping[str, Mapping[str, str]]
    templated: Iterable[str]
    role: Mapping[str, Any] | None
    user_group: Mapping[str, Any] | None
    user: Mapping[str, Any] | None
    token: Mapping[str, Any] | None


def read_account(zabbix: Zabbix, name: str) -> There:
    """Read what there is of the account of this name. Raises ZabbixError for a user that is no super admin."""
    new = versions.has_template_groups(zabbix.release)
    hosts_key, templates_key = versions.rights_keys(zabbix.release)
    groups = {"output": ["groupid", "name"]}
    called = {"output": "extend", "filter": {"name": [role_name(name)]}}
    selects = {name: ["id", "permission"] for name in versions.select_all_rights(zabbix.release)}
    calls: list[tuple[str, Any]] = [
        ("hostgroup.get", groups),
        ("templategroup.get", groups) if new else ("hostgroup.get", {**groups, "templated_hosts": True}),
        ("role.get", {**called, "selectRules": "extend"}),
        ("usergroup.get", {**called, **selects}),
        (
            "user.get",
            {
                "output": ["userid", "username", "surname", "roleid"],
                "filter": {"username": [name]},
                "selectUsrgrps": ["usrgrpid"],
            },
        ),
    ]
    host_groups, template_groups, roles, user_groups, users = whole(zabbix.batch(calls))
    tokens: list[dict[str, Any]] = []
    if users:
        asked = {"output": ["tokenid", "description"], "userids": [users[0]["userid"]]}
        tokens = zabbix.call("token.get", asked)
    by_name = {row["name"]: row["groupid"] for row in template_groups}
    return There(
        {hosts_key: {row["name"]: row["groupid"] for row in host_groups}, **({templates_key: by_name} if new else {})},
        by_name,
        roles[0] if roles else None,
        user_groups[0] if user_groups else None,
        users[0] if users else None,
        next((row for row in tokens if MARK in row["description"]), None),
    )


def plan_account(
    name: str,
    wanted: Rights,
    host_groups: Sequence[str],
    template_groups: Sequence[str],
    there: There,
    token: str | None,
    release: Release,
) -> AccountPlan:
    """Return what makes Zabbix have the account. `token`: `CREATE` or `RENEW` where one is to be made.

    `host_groups`, `template_groups`: names, each with the groups below it, or ALL. Host groups that are not there are
    created, so that what is created below them later takes over the rights.
    """
    plan = AccountPlan()
    if there.user is not None and MARK not in there.user["surname"]:
        plan.clashes.append(
            f"Zabbix has a user {name} that this collection did not make: choose another name; or, to hand it over,"
            f" give it the surname {MARK}"
        )
    plan.clashes.extend(
        f'Zabbix has no template group "{one}"'
        for one in template_groups
        if one != ALL and not _below([one], there.templated)
    )
    hosts_key, templates_key = versions.rights_keys(release)
    missing = [one for one in host_groups if one != ALL and one not in there.groups[hosts_key]]
    for one in missing:
        plan.add(Step(HOST_GROUP, CREATE, one))
    plan.add(_role(role_name(name), wanted, there.role))
    codes: dict[str, dict[str, str]] = {key: {} for key in there.groups}
    for key, code, names in (
        (templates_key, wanted.template_groups, _below(template_groups, there.templated)),
        (hosts_key, wanted.host_groups, [*_below(host_groups, there.groups[hosts_key]), *missing]),
    ):
        for one in names if code else ():
            codes[key][one] = max(codes[key].get(one, ""), code or "")
    plan.add(_user_group(role_name(name), codes, there))
    plan.add(_user(name, there))
    if token is not None:
        plan.add(Step(TOKEN, token, name, there.token["tokenid"] if there.token else None))
    return plan


def _below(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the known groups of these names, and all that are below them."""
    names = list(names)
    return sorted(
        one for one in known if ALL in names or any(one == name or one.startswith(f"{name}/") for name in names)
    )


def _role(name: str, wanted: Rights, row: Mapping[str, Any] | None) -> Step:
    should = {
        "type": ADMIN_TYPE,
        "methods": list(wanted.methods),
        "actions": list(wanted.actions),
        "pages": [_PAGE],
        "modules": [],
    }
    if row is None:
        return Step(ROLE, CREATE, name, values=should)
    rules = row["rules"]
    allow_list = (rules["api.access"], rules["api.mode"]) == ("1", "1")
    now = {
        "type": row["type"],
        "methods": sorted(rules["api"]) if allow_list else "all but some, or none",
        "actions": sorted(_switched_on(rules, "actions", "name")),
        "pages": _switched_on(rules, "ui", "name"),
        "modules": _switched_on(rules, "modules", "moduleid"),
    }
    if now == should:
        return Step(ROLE, UPDATE, name, row["roleid"])
    return Step(ROLE, UPDATE, name, row["roleid"], should, now)


def _switched_on(rules: Mapping[str, Any], kind: str, key: str) -> list[str]:
    return [one[key] for one in rules.get(kind, ()) if one["status"] == "1"]


def _rules(step: Step, shown: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a role's rules. `shown`: as Zabbix tells them of a role that is there.

    What a rule does not name is allowed, whatever its default says, which is for what a later version brings (7.0 and
    6.0, measured). So each has to be named as switched off, and only Zabbix knows the names.
    """

    def switches(kind: str, key: str, on: Sequence[str]) -> list[dict[str, Any]]:
        names = [one[key] for one in (shown or {}).get(kind, ())] or list(on)
        return [{key: one, "status": "1" if one in on else "0"} for one in names]

    return {
        "ui": switches("ui", "name", step.values["pages"]),
        "ui.default_access": "0",
        "services.read.mode": "0",
        "services.write.mode": "0",
        "modules": switches("modules", "moduleid", step.values["modules"]),
        "modules.default_access": "0",
        "api.access": "1",
        "api.mode": "1",
        "api": step.values["methods"],
        "actions": switches("actions", "name", step.values["actions"]),
        "actions.default_access": "0",
    }


def _user_group(name: str, codes: Mapping[str, Mapping[str, str]], there: There) -> Step:
    """Return what gives the user group its rights, by names. What it has besides stays, and so does a denial."""
    values: dict[str, Any] = {}
    for key, wanted in codes.items():
        now = _rights_of(there, key)
        ids = there.groups[key]
        lacking = {}
        for one, code in wanted.items():
            has = now.get(ids.get(one, ""), "")
            if has != DENY and has < code:
                lacking[one] = code
        if lacking:
            values[key] = lacking
    if there.user_group is None:
        return Step(USER_GROUP, CREATE, name, values=values)
    return Step(USER_GROUP, UPDATE, name, there.user_group["usrgrpid"], values)


def _rights_of(there: There, key: str) -> dict[str, str]:
    """Return what the user group may do now, by ids of groups."""
    return {one["id"]: one["permission"] for one in (there.user_group or {}).get(key, ())}


def _user(name: str, there: There) -> Step:
    if there.user is None:
        return Step(USER, CREATE, name, values={"username": name, "name": "Least rights", "surname": MARK})
    values: dict[str, Any] = {}
    if there.role is None or there.user["roleid"] != there.role["roleid"]:
        values["role"] = role_name(name)
    groups = [one["usrgrpid"] for one in there.user["usrgrps"]]
    if there.user_group is None or there.user_group["usrgrpid"] not in groups:
        values["user group"] = role_name(name)
    return Step(USER, UPDATE, name, there.user["userid"], values)


def apply_account(zabbix: Zabbix, plan: AccountPlan, there: There) -> str | None:
    """Carry out a plan; return the value of a new token. Raises ZabbixError where Zabbix refuses a step."""
    ids = {
        ROLE: there.role["roleid"] if there.role else "",
        USER_GROUP: there.user_group["usrgrpid"] if there.user_group else "",
        USER: there.user["userid"] if there.user else "",
    }
    known = {key: dict(groups) for key, groups in there.groups.items()}
    value: str | None = None
    for done, step in enumerate(plan.steps):
        try:
            if step.kind == HOST_GROUP:
                hosts_key = versions.rights_keys(zabbix.release)[0]
                known[hosts_key][step.name] = _made(zabbix, "hostgroup.create", {"name": step.name})
            elif step.kind == TOKEN:
                value = _new_token(zabbix, step, ids[USER])
            else:
                ids[step.kind] = _WRITERS[step.kind](zabbix, step, there, known, ids)
        except ZabbixError as error:
            raise ZabbixError(f"{step}: {error} ({done} of {len(plan.steps)} were written before)") from None
    return value


def _write_role(zabbix: Zabbix, step: Step, there: There, known: Known, ids: Mapping[str, str]) -> str:
    roleid, shown = step.id, (there.role or {}).get("rules")
    if roleid is None:
        rules = _rules(step, None)
        roleid = _made(zabbix, "role.create", {"name": step.name, "type": step.values["type"], "rules": rules})
        shown = zabbix.call("role.get", {"roleids": [roleid], "output": ["roleid"], "selectRules": "extend"})[0][
            "rules"
        ]
    return _made(zabbix, "role.update", {"roleid": roleid, "type": step.values["type"], "rules": _rules(step, shown)})


def _write_user_group(zabbix: Zabbix, step: Step, there: There, known: Known, ids: Mapping[str, str]) -> str:
    values: dict[str, Any] = {}
    for key, codes in step.values.items():
        rights = {**_rights_of(there, key), **{known[key][one]: code for one, code in codes.items()}}
        values[key] = [{"id": one, "permission": code} for one, code in rights.items()]
    if step.action == CREATE:
        return _made(zabbix, "usergroup.create", {"name": step.name, "gui_access": NO_FRONTEND, **values})
    return _made(zabbix, "usergroup.update", {"usrgrpid": step.id, **values})


def _write_user(zabbix: Zabbix, step: Step, there: There, known: Known, ids: Mapping[str, str]) -> str:
    belongs = {"roleid": ids[ROLE], "usrgrps": [{"usrgrpid": ids[USER_GROUP]}]}
    if step.action == CREATE:
        # nobody gets to know it, so that only the token lets in
        password = f"{secrets.token_urlsafe(32)}aA1!"
        return _made(zabbix, "user.create", {**step.values, **belongs, "passwd": password})
    return _made(zabbix, "user.update", {"userid": step.id, **belongs})


def _new_token(zabbix: Zabbix, step: Step, userid: str) -> str:
    """Return a new value of our token, which is made where there is none: Zabbix tells it once, now."""
    tokenid = step.id
    if tokenid is None:
        asked = {"name": role_name(step.name), "description": f"Made by {MARK}", "userid": userid}
        tokenid = _made(zabbix, "token.create", asked)
    value: str = zabbix.call("token.generate", [tokenid])[0]["token"]
    return value


def _made(zabbix: Zabbix, method: str, params: Mapping[str, Any]) -> str:
    """Write one object and return its id."""
    (ids,) = zabbix.call(method, params).values()
    return str(ids[0])


Known = Mapping[str, Mapping[str, str]]
_WRITERS: dict[str, Callable[[Zabbix, Step, There, Known, Mapping[str, str]], str]] = {
    ROLE: _write_role,
    USER_GROUP: _write_user_group,
    USER: _write_user,
}
