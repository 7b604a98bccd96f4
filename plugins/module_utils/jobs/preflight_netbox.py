# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of NetBox: each takes what was read and gives a row. What they need of NetBox is read first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ..errors import NetBoxError
from ..netbox.account import (
    Account,
    count_devices,
    count_machines,
    missing_actions,
    oldest_change,
    page_size,
    read_account,
)
from ..netbox.client import GRAPHQL, GRAPHQL_START, NEWEST, PAGE, NetBox
from ..netbox.failures import Refused
from ..netbox.needs import ESTATE, HOSTS, NEEDS, VIEW, actions_of
from .checks import ERROR, NETBOX, OK, WARNING, Check, some_of

#: how long before its end a token is told of
SOON = timedelta(days=14)
ADMINISTRATOR = "ask an administrator of NetBox"
UNKNOWN = "cannot be known with this token"


@dataclass(slots=True)
class NetBoxFacts:
    """What was read. `lacking`: what the jobs want and the user lacks, True, or None where it cannot be known.

    `counted`: by noun how many objects there are and how many we see; None where that could not be asked.
    `oldest_change`, `page_size`: None where there is none; an error where it could not be asked.
    """

    version: tuple[int, ...]
    account: Account
    lacking: Mapping[tuple[str, str], bool | None]
    counted: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    graphql: bool | NetBoxError = False
    page_size: int | NetBoxError | None = None
    oldest_change: datetime | NetBoxError | None = None


def read_netbox(netbox: NetBox, jobs: Collection[str]) -> NetBoxFacts:
    """Read what the checks look at. Raises NetBoxError where NetBox does not answer, or not as NetBox does."""
    account = read_account(netbox)
    needed, useful = actions_of(jobs, netbox.version)
    facts = NetBoxFacts(netbox.version, account, missing_actions(netbox, account, [*needed, *useful]))
    for noun, count in (("devices", count_devices), ("virtual machines", count_machines)):
        try:
            facts.counted[noun] = count(netbox)
        except Refused as error:
            if error.status != 403:
                raise
            facts.counted[noun] = None
    try:
        netbox.graphql("{__typename}", {})
        facts.graphql = True
    except Refused as error:
        facts.graphql = False if error.status == 404 else error
    try:
        facts.page_size = page_size(netbox)
    except Refused as error:
        facts.page_size = error
    try:
        facts.oldest_change = oldest_change(netbox)
    except Refused as error:
        facts.oldest_change = error
    return facts


def check_netbox(facts: NetBoxFacts, jobs: Sequence[str]) -> list[Check]:
    """Return all rows about NetBox."""
    return [
        check_version(facts.version),
        check_token(facts.account, facts.lacking, jobs, facts.version),
        check_expiry(facts.account),
        *(check_permissions(job, facts) for job in jobs if NEEDS[job].needed or NEEDS[job].useful),
        check_visibility(facts),
        check_graphql(facts),
        check_page_size(facts.page_size),
        check_changelog(facts.oldest_change),
    ]


def check_version(version: tuple[int, ...]) -> Check:
    text = ".".join(map(str, version))
    if version[:2] > NEWEST:
        newest = ".".join(map(str, NEWEST))
        return Check(
            "version",
            NETBOX,
            WARNING,
            f"NetBox {text}; the collection was tried up to {newest}",
            "look for a newer release of the collection; try with --check first",
        )
    return Check("version", NETBOX, OK, f"NetBox {text}")


def check_token(
    account: Account, lacking: Mapping[tuple[str, str], bool | None], jobs: Sequence[str], version: tuple[int, ...]
) -> Check:
    """Whose the token is, and whether it may be used for writing where a job needs that."""
    who = f"user {account.username}" if account.username else f"its user {UNKNOWN}"
    kind = {True: ", a superuser", False: "", None: ""}[account.superuser]
    if account.token is None:
        return Check("token", NETBOX, OK, f"{who}{kind}; whether it may be used for writing shows in the permissions")
    if account.token.writes:
        return Check("token", NETBOX, OK, f"{who}{kind}; may be used for writing")
    needed, useful = actions_of(jobs, version)
    writing = sorted({job for (dummy, action), of in needed.items() if action != VIEW for job in of})
    helped = sorted({job for (dummy, action), of in useful.items() if action != VIEW for job in of} - set(writing))
    found = f"{who}{kind}; the token is read-only"
    if writing:
        return Check("token", NETBOX, ERROR, f"{found}, and these jobs write: {some_of(writing)}", _ALLOW_WRITES)
    if helped:
        return Check("token", NETBOX, WARNING, f"{found}: {some_of(helped)} will write nothing back", _ALLOW_WRITES)
    return Check("token", NETBOX, OK, found)


_ALLOW_WRITES = "enable writing for this token in NetBox (user, API tokens), or give netbox_token another one"


def expiry_row(server: str, expires: datetime | None, now: datetime | None = None) -> Check:
    """Return the row about a token's end; `expires`: None for never."""
    if expires is None:
        return Check("token_expiry", server, OK, "the token does not expire")
    left = expires - (now or datetime.now(UTC))
    when = f"{expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if left <= timedelta():
        return Check("token_expiry", server, ERROR, f"the token expired at {when}", _NEW_TOKEN)
    if left < SOON:
        return Check("token_expiry", server, WARNING, f"the token expires at {when}, in {_span(left)}", _NEW_TOKEN)
    return Check("token_expiry", server, OK, f"the token expires at {when}")


_NEW_TOKEN = "make a new token, and put it where the runs take it from"


def _span(left: timedelta) -> str:
    days, hours = left.days, left.seconds // 3600
    return f"{days} days" if days > 1 else f"{24 * days + hours} hours"


def check_expiry(account: Account) -> Check:
    if account.token is None:
        return Check(
            "token_expiry",
            NETBOX,
            WARNING,
            f"when the token expires {UNKNOWN}: NetBox does not show it its own row",
            "let its user view its own tokens, as NetBox does by default (DEFAULT_PERMISSIONS)",
        )
    return expiry_row(NETBOX, account.token.expires)


def check_permissions(job: str, facts: NetBoxFacts) -> Check:
    """Whether the user may do what one job does."""
    name = f"permissions.{job}"
    needed, useful = actions_of([job], facts.version)
    missing = _permissions(key for key in needed if facts.lacking.get(key, False))
    unsure = _permissions(key for key in (*needed, *useful) if facts.lacking.get(key, False) is None)
    less = _permissions(key for key in useful if facts.lacking.get(key, False))
    if missing:
        return Check(
            name, NETBOX, ERROR, f"may not {some_of(missing)}", "give the token's user these object permissions"
        )
    if less:
        return Check(
            name,
            NETBOX,
            WARNING,
            f"may not {some_of(less)}: the job goes on and does less",
            "give the token's user these object permissions, if you use what needs them",
        )
    wanted = len(needed) + len(useful)
    if unsure:
        return Check(name, NETBOX, OK, f"the permissions are there; whether to {some_of(unsure)} {UNKNOWN}")
    return Check(name, NETBOX, OK, f"all {wanted} permissions are there")


def _permissions(keys: Iterable[tuple[str, str]]) -> list[str]:
    """Return pairs of object type and action as texts: "add and change extras.customlink"."""
    by_type: dict[str, list[str]] = {}
    for object_type, action in keys:
        by_type.setdefault(object_type, []).append(action)
    return [f"{_listed(actions)} {object_type}" for object_type, actions in by_type.items()]


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def check_visibility(facts: NetBoxFacts) -> Check:
    """Whether the token sees every object: what is hidden looks as if it had been deleted."""
    hidden = [
        f"{counted - seen} of {counted} {noun}"
        for noun, found in facts.counted.items()
        if found is not None
        for counted, seen in [found]
        if counted > seen
    ]
    limits = [one for one in facts.account.permissions if one.constrained and VIEW in one.actions]
    limiting = [
        f'"{one.name}"'
        for one in limits
        if one.object_types & ESTATE.keys() and not _seen_anyway(facts.account, one.object_types & ESTATE.keys())
    ]
    do = (
        "take the constraints from the permission to view, or run over a part of the estate with netbox_zabbix_filters:"
        " what is hidden would be taken for deleted"
    )
    if hidden:
        by = f"; the permission {some_of(limiting)} has constraints" if limiting else ""
        return Check("sees_everything", NETBOX, ERROR, f"{some_of(hidden)} are hidden from this token{by}", do)
    if limiting:
        return Check(
            "sees_everything",
            NETBOX,
            WARNING,
            f"the permission {some_of(limiting)} has constraints; they hide no device or virtual machine now",
            do,
        )
    if facts.account.superuser:
        return Check("sees_everything", NETBOX, OK, "a superuser sees everything")
    counts = [f"{found[1]} {noun}" for noun, found in facts.counted.items() if found is not None]
    if is_unconstrained(facts.account):
        return Check("sees_everything", NETBOX, OK, "no permission of this user has constraints")
    if len(counts) == len(HOSTS):
        return Check(
            "sees_everything",
            NETBOX,
            OK,
            f"sees all that NetBox counts: {', '.join(counts)}. Whether its permissions have constraints {UNKNOWN}",
        )
    return Check(
        "sees_everything",
        NETBOX,
        WARNING,
        f"whether objects are hidden {UNKNOWN}",
        f"{ADMINISTRATOR} whether the permissions of its user have constraints, or let it view device types and "
        "clusters, whose numbers tell",
    )


def is_unconstrained(account: Account) -> bool:
    """Return whether it is known that no permission hides hosts: all are known, they explain what we see (NetBox can
    also give permissions by its configuration), and none has constraints.
    """
    free = [one for one in account.permissions if one.constrained is False and VIEW in one.actions]
    explained = all(any(name in one.object_types for one in free) for name in HOSTS)
    return account.complete and explained and not any(one.constrained for one in account.permissions)


def _seen_anyway(account: Account, object_types: Collection[str]) -> bool:
    """Return whether other permissions without constraints give all of these types to view."""
    free = [one for one in account.permissions if one.constrained is False and VIEW in one.actions]
    return all(any(name in one.object_types for one in free) for name in object_types)


def check_graphql(facts: NetBoxFacts) -> Check:
    if isinstance(facts.graphql, NetBoxError):
        return Check("graphql", NETBOX, WARNING, f"cannot be used: {facts.graphql}", f"{ADMINISTRATOR} why")
    if not facts.graphql:
        return Check(
            "graphql",
            NETBOX,
            WARNING,
            "GraphQL is switched off: everything is read by REST, which takes NetBox about twice as long",
            "set GRAPHQL_ENABLED = True in NetBox's configuration, if runs are too slow",
        )
    if facts.version < GRAPHQL_START:
        since = ".".join(map(str, GRAPHQL_START))
        return Check("graphql", NETBOX, OK, f"GraphQL is on; it is used from NetBox {since} on, REST until then")
    return Check("graphql", NETBOX, OK, f"GraphQL is on, and everything is read by {GRAPHQL}")


def check_page_size(size: int | NetBoxError | None) -> Check:
    if isinstance(size, NetBoxError):
        return Check("max_page_size", NETBOX, WARNING, f"could not be asked: {size}", ADMINISTRATOR)
    if size is None:
        return Check("max_page_size", NETBOX, OK, "NetBox sets no limit to a page")
    if size < PAGE:
        return Check(
            "max_page_size",
            NETBOX,
            WARNING,
            f"MAX_PAGE_SIZE is {size}: reading takes {-(-PAGE // size)} times as many requests",
            f"set MAX_PAGE_SIZE = {PAGE} in NetBox's configuration",
        )
    return Check("max_page_size", NETBOX, OK, f"MAX_PAGE_SIZE is {size}")


def check_changelog(oldest: datetime | NetBoxError | None, now: datetime | None = None) -> Check:
    """How far back the changelog tells. NetBox's API does not show CHANGELOG_RETENTION; its oldest entry is a bound."""
    if isinstance(oldest, NetBoxError):
        return Check(
            "changelog",
            NETBOX,
            WARNING,
            "the changelog may not be read, so that changes can only be found by reading everything",
            "give the token's user the permission to view core.objectchange",
        )
    if oldest is None:
        return Check("changelog", NETBOX, OK, "the changelog is empty; how long entries are kept shows later")
    age = (now or datetime.now(UTC)) - oldest
    return Check(
        "changelog",
        NETBOX,
        OK,
        f"the oldest entry is {_span(age)} old. CHANGELOG_RETENTION cannot be read; it is at least that, or 0 for ever",
    )
