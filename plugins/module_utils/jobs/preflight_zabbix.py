# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of Zabbix: each takes what was read and gives a row. What they need of Zabbix is read first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..zabbix.account import NEVER, Account, read_account
from ..zabbix.client import NEWEST, Zabbix
from ..zabbix.needs import NEEDS, WRITE, group_access, methods_of
from ..zabbix.objects import ZabbixUser
from ..zabbix.settings_import import HOST_GROUPS, TEMPLATES
from ..zabbix.versions import Release, has_template_groups
from .checks import ERROR, OK, WARNING, ZABBIX, Check, some_of
from .preflight_netbox import expiry_row

TYPES = {1: "User", 2: "Admin", 3: "Super admin"}
GROUP_CREATE = "hostgroup.create"

#: kind -> names as a policy writes them
Named = Mapping[str, Collection[str]]


@dataclass(slots=True)
class ZabbixFacts:
    """What was read. `by_token`: whether we came with a token; a session has no end that could be near."""

    version: str
    release: Release
    user: ZabbixUser | None
    account: Account
    by_token: bool


def read_zabbix(zabbix: Zabbix, jobs: Collection[str]) -> ZabbixFacts:
    """Read what the checks look at: a few requests. Raises ZabbixError."""
    needed, useful = methods_of(jobs, zabbix.release)
    account = read_account(zabbix, [*needed, *useful, GROUP_CREATE])
    return ZabbixFacts(
        str(zabbix.version), zabbix.release, zabbix.user, account, by_token=bool(zabbix.connection.token)
    )


def check_zabbix(facts: ZabbixFacts, jobs: Sequence[str], named: Named) -> list[Check]:
    """Return all rows about Zabbix. `named`: what the policy names, as far as it was given."""
    rows = [
        check_version(facts.version, facts.release),
        check_user(facts, jobs),
        check_expiry(facts),
        *(check_methods(job, facts) for job in jobs if _uses_zabbix(job)),
        check_host_groups(facts, jobs, named.get(HOST_GROUPS, ())),
    ]
    if has_template_groups(facts.release):
        rows.append(check_template_groups(facts, jobs))
    return [
        *rows,
        check_templates(facts, named.get(TEMPLATES, ())),
        check_group_creation(facts, jobs),
        check_limits(),
    ]


def check_version(version: str, release: Release) -> Check:
    if release > NEWEST:
        newest = ".".join(map(str, NEWEST))
        return Check(
            "version",
            ZABBIX,
            WARNING,
            f"Zabbix {version}; the collection knows the differences up to {newest}",
            "look for a newer release of the collection; try with --check first",
        )
    return Check("version", ZABBIX, OK, f"Zabbix {version}")


def check_user(facts: ZabbixFacts, jobs: Sequence[str]) -> Check:
    if facts.user is None:
        return Check(
            "user",
            ZABBIX,
            WARNING,
            "this Zabbix does not tell whose the token is",
            "use the newest 6.0, or look at the token's user in Zabbix",
        )
    role = f'role "{facts.account.role}"' if facts.account.role else "a role that it may not read"
    text = f"user {facts.user.username}, type {TYPES[facts.user.type]}, {role}"
    lower = [job for job in jobs if facts.user.type < NEEDS[job].user_type]
    if lower:
        types = sorted({TYPES[NEEDS[job].user_type] for job in lower})
        return Check(
            "user",
            ZABBIX,
            ERROR,
            f"{text}: {some_of(lower)} need the type {' or '.join(types)}",
            f"give the user a role of type {types[-1]}",
        )
    return Check("user", ZABBIX, OK, text)


def _uses_zabbix(job: str) -> bool:
    return bool(NEEDS[job].methods or NEEDS[job].useful)


def check_expiry(facts: ZabbixFacts) -> Check:
    if not facts.by_token:
        return Check("token_expiry", ZABBIX, OK, "a session is opened for each run; it has no end that could be near")
    if facts.account.expires is None:
        return Check(
            "token_expiry",
            ZABBIX,
            WARNING,
            "when the token expires cannot be known: the user's role does not allow token.get",
            "allow token.get in the role, or see to the token's end yourself",
        )
    return expiry_row(ZABBIX, None if facts.account.expires == NEVER else facts.account.expires)


def check_methods(job: str, facts: ZabbixFacts) -> Check:
    """Whether the user's type and role allow the methods that one job calls."""
    name = f"methods.{job}"
    needed, useful = methods_of([job], facts.release)
    refused = facts.account.refused
    missing = [method for method in needed if method in refused]
    # who may create groups is a row of its own
    useful = {method: of for method, of in useful.items() if method != GROUP_CREATE}
    less = [method for method in useful if method in refused]
    if missing:
        return Check(
            name,
            ZABBIX,
            ERROR,
            f"not allowed: {some_of(missing)}",
            "allow these methods in the role of the user (Users, User roles, API methods)",
        )
    if less:
        return Check(
            name,
            ZABBIX,
            WARNING,
            f"not allowed: {some_of(less)}; the job goes on and does less",
            "allow these methods in the role of the user, if you want what they are for",
        )
    return Check(name, ZABBIX, OK, f"all {len(needed) + len(useful)} methods are allowed")


def check_host_groups(facts: ZabbixFacts, jobs: Sequence[str], named: Collection[str]) -> Check:
    """Whether the user may write the host groups that it is to put hosts into."""
    access, dummy = group_access(jobs)
    groups = facts.account.host_groups
    if access is None:
        return Check("host_groups", ZABBIX, OK, "no job needs access to host groups")
    if groups is None:
        return Check(
            "host_groups",
            ZABBIX,
            ERROR,
            "cannot be read: the user's role does not allow hostgroup.get",
            "allow hostgroup.get in the role",
        )
    writable = [name for name, may in groups.items() if may]
    text = f"sees {len(groups)} host groups, read-write {len(writable)} of them"
    if facts.user is not None and facts.user.sees_all:
        return Check("host_groups", ZABBIX, OK, f"all {len(groups)} host groups, read-write")
    do = "give a user group of this user read-write on the host groups of the policy, and on their subgroups"
    if access == WRITE:
        wanted = [name for name, may in groups.items() if not may and _fits_any(name, named)]
        absent = [name for name in named if "{" not in name and name not in groups]
        if wanted:
            return Check("host_groups", ZABBIX, ERROR, f"{text}; only read, of the policy: {some_of(wanted)}", do)
        if absent:
            return Check(
                "host_groups",
                ZABBIX,
                ERROR,
                f"{text}; of the policy, these are hidden or do not exist: {some_of(absent)}",
                f"{do}; a super admin creates those that are missing",
            )
        if not writable:
            return Check("host_groups", ZABBIX, ERROR, f"{text}: no host can be made or changed", do)
    elif not groups:
        return Check("host_groups", ZABBIX, ERROR, text, "give a user group of this user read on host groups")
    return Check("host_groups", ZABBIX, OK, text)


def _fits_any(name: str, patterns: Iterable[str]) -> bool:
    """Return whether a name may come from one of the names of a policy, in which `{...}` stands for anything."""
    return any(
        re.fullmatch("".join(".+" if part.startswith("{") else re.escape(part) for part in _parts(pattern)), name)
        for pattern in patterns
    )


def _parts(pattern: str) -> list[str]:
    return re.split(r"(\{[^}]*\})", pattern)


def check_template_groups(facts: ZabbixFacts, jobs: Sequence[str]) -> Check:
    dummy, access = group_access(jobs)
    groups = facts.account.template_groups
    if access is None:
        return Check("template_groups", ZABBIX, OK, "no job needs access to template groups")
    if groups is None:
        return Check(
            "template_groups",
            ZABBIX,
            OK,
            "cannot be read: the user's role does not allow templategroup.get. Which templates it sees is told below",
        )
    if not groups:
        return Check(
            "template_groups",
            ZABBIX,
            ERROR,
            "sees no template group, so that no template can be linked",
            "give a user group of this user read on the template groups",
        )
    if facts.user is not None and facts.user.sees_all:
        return Check("template_groups", ZABBIX, OK, f"all {len(groups)} template groups")
    return Check(
        "template_groups", ZABBIX, OK, f"sees {len(groups)} template groups; how many there are it cannot know"
    )


def check_templates(facts: ZabbixFacts, named: Collection[str]) -> Check:
    """Whether the templates of the policy are there for this user."""
    templates = facts.account.templates
    if templates is None:
        return Check(
            "templates",
            ZABBIX,
            ERROR,
            "cannot be read: the user's role does not allow template.get",
            "allow template.get in the role",
        )
    names = {name for pair in templates for name in pair}
    absent = [name for name in named if "{" not in name and name not in names]
    if absent:
        why = "do not exist" if facts.user and facts.user.sees_all else "are hidden from this user or do not exist"
        return Check(
            "templates",
            ZABBIX,
            ERROR,
            f"templates of the policy that {why}: {some_of(absent)}",
            "correct their names, import them, or give a user group of this user read on their groups",
        )
    if facts.user is not None and facts.user.sees_all:
        return Check("templates", ZABBIX, OK, f"all {len(templates)} templates")
    if not templates:
        return Check(
            "templates",
            ZABBIX,
            WARNING,
            "sees no template",
            "give a user group of this user read on the groups of the templates that hosts are to get",
        )
    return Check("templates", ZABBIX, OK, f"sees {len(templates)} templates; how many there are it cannot know")


def check_group_creation(facts: ZabbixFacts, jobs: Sequence[str]) -> Check:
    wanted = [job for job in jobs if GROUP_CREATE in (*NEEDS[job].methods, *NEEDS[job].useful)]
    if GROUP_CREATE not in facts.account.refused:
        return Check("group_creation", ZABBIX, OK, "host groups that are missing can be created")
    if not wanted:
        return Check("group_creation", ZABBIX, OK, "may create no host groups, and no job wants to")
    return Check(
        "group_creation",
        ZABBIX,
        OK,
        "may create no host groups, which takes a super admin: a missing one is an error that names it",
        "have a super admin create the groups of the policy before new sites or roles come",
    )


def check_limits() -> Check:
    """PHP's limits: no method of the API shows them (6.0 to 7.4)."""
    return Check(
        "php_limits",
        ZABBIX,
        OK,
        "PHP's memory_limit and post_max_size do not show in the API. Zabbix asks for 128M and 16M, and requests are "
        "cut to fit these",
    )
