# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CheckBothSides: are both servers, and what we may do there, as the jobs need them? Reads only.

1. each side is connected to and read, side by side; one that cannot be read is a row of its own
2. the checks, pure functions of what was read, give the rows
3. the worst row decides whether the job fails
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError, NetboxZabbixError, nearest
from ..netbox.client import NetBox, connect
from ..policy.source import policy_source
from ..zabbix.client import Zabbix
from ..zabbix.needs import NEEDS
from ..zabbix.settings_import import HOST_GROUPS, TEMPLATES
from .checks import ERROR, NETBOX, STATUSES, WARNING, ZABBIX, Check, as_table, is_over, worst_of
from .preflight_both import check_clocks, check_time_zones
from .preflight_netbox import NetBoxFacts, check_netbox, is_unconstrained, read_netbox
from .preflight_zabbix import Named, ZabbixFacts, check_zabbix, read_zabbix
from .result import Progress, Result
from .settings_uses import uses_in_mappings

Facts = TypeVar("Facts")

JOB = "CheckBothSides"
#: this job itself asks for nothing that it could not do without
JOBS = tuple(job for job in NEEDS if job != "preflight")


@dataclass(frozen=True, slots=True)
class PreflightOptions:
    """What is to be checked. `jobs`: those that are meant to be run; `mappings`, `policy_path`: a policy whose groups
    and templates are looked for; `fail_on`: "error", "warning" or "never".
    """

    jobs: Sequence[str] = JOBS
    mappings: Any = None
    policy_path: str | None = None
    fail_on: str = ERROR
    dry_run: bool = False


@dataclass(slots=True)
class PreflightResult(Result):
    """`checks`: the rows; `worst`: the worst status among them; `sees`: what of each side our users see."""

    checks: list[Check] = field(default_factory=list)
    worst: str = ""
    sees: dict[str, dict[str, Any]] = field(default_factory=dict)


def preflight(
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection | None,
    options: PreflightOptions,
    progress: Progress,
) -> PreflightResult:
    """Check both sides and return the rows; `refused` is set where the worst is one to fail on.

    `zabbix_connection`: None where none was given, which is a row too. Raises InputError for a wrong option.
    """
    result = PreflightResult(JOB, options.dry_run)
    jobs = _jobs(options.jobs)
    named = _named(options)
    progress(f"looking at both sides for {', '.join(jobs)}")
    with ThreadPoolExecutor(1) as other:
        zabbix_side = other.submit(_look_at_zabbix, zabbix_connection, jobs, result)
        netbox, netbox_facts, rows = _look_at_netbox(netbox_connection, jobs, result)
        zabbix, zabbix_facts, zabbix_rows = zabbix_side.result()
    rows += check_netbox(netbox_facts, jobs) if netbox_facts else []
    rows += zabbix_rows
    rows += check_zabbix(zabbix_facts, jobs, named) if zabbix_facts else []
    rows.append(check_clocks(netbox.clock_offset if netbox else None, zabbix.clock_offset if zabbix else None))
    rows.append(
        check_time_zones(
            netbox_facts.account.offset if netbox_facts else None,
            zabbix_facts.account.timezone if zabbix_facts else None,
            zabbix_facts.user.timezone if zabbix_facts and zabbix_facts.user else None,
        )
    )
    result.checks = rows
    result.worst = worst_of(rows)
    result.sees = _sees(netbox_facts, zabbix_facts)
    result.stats = {status: sum(row.status == status for row in rows) for status in STATUSES}
    counts = f"{len(rows)} checks: {result.stats[ERROR]} errors, {result.stats[WARNING]} warnings."
    if is_over(result.worst, options.fail_on):
        result.refused = f"{counts} The worst is {_article(result.worst)}."
    result.finish(f"{as_table(rows)}\n{counts}")
    return result


def _article(status: str) -> str:
    return f"an {status}" if status == ERROR else f"a {status}"


def _jobs(given: Sequence[str]) -> list[str]:
    unknown = [job for job in given if job not in JOBS]
    if unknown:
        raise InputError(
            f'jobs: there is no job "{job}", only {", ".join(JOBS)}.{nearest(job, JOBS)}' for job in unknown
        )
    return list(dict.fromkeys(given)) or list(JOBS)


def _named(options: PreflightOptions) -> Named:
    """Return the host groups and templates that the policy names."""
    if options.mappings is None and options.policy_path is None:
        return {}
    uses = uses_in_mappings(policy_source(options.mappings, options.policy_path).mappings)
    return {kind: [name for of, name in uses if of == kind] for kind in (HOST_GROUPS, TEMPLATES)}


def _look_at_netbox(
    connection: NetBoxConnection, jobs: Collection[str], result: Result
) -> tuple[NetBox | None, NetBoxFacts | None, list[Check]]:
    netbox: NetBox | None = None

    def look() -> NetBoxFacts:
        nonlocal netbox
        netbox = connect(connection)
        return read_netbox(netbox, jobs)

    facts, rows = _or_row(look, NETBOX)
    if netbox is not None:
        result.requests["netbox"] = dict(netbox.requests)
    return netbox, facts, rows


def _look_at_zabbix(
    connection: ZabbixConnection | None, jobs: Collection[str], result: Result
) -> tuple[Zabbix | None, ZabbixFacts | None, list[Check]]:
    if connection is None:
        text = "no address of Zabbix was given, or neither a token nor a user with a password: it was not looked at"
        do = "give zabbix_url, and zabbix_token or zabbix_user with zabbix_password"
        return None, None, [Check("connection", ZABBIX, WARNING, text, do)]
    zabbix: Zabbix | None = None

    def look() -> ZabbixFacts:
        nonlocal zabbix
        zabbix = Zabbix(connection)
        return read_zabbix(zabbix, jobs)

    try:
        facts, rows = _or_row(look, ZABBIX)
    finally:
        if zabbix is not None:
            result.requests["zabbix"] = dict(zabbix.requests)
            zabbix.close()
    return zabbix, facts, rows


def _or_row(look: Callable[[], Facts], server: str) -> tuple[Facts | None, list[Check]]:
    """Return what `look` finds, or a row that tells why it found nothing: the other side's checks go on."""
    try:
        return look(), []
    except NetboxZabbixError as error:
        return None, [Check("connection", server, ERROR, str(error), "put this right first; nothing else was checked")]


def _sees(netbox: NetBoxFacts | None, zabbix: ZabbixFacts | None) -> dict[str, dict[str, Any]]:
    """Return how much of each side our users see; `everything`: None where it cannot be known."""
    found: dict[str, dict[str, Any]] = {}
    if netbox is not None:
        known = {noun.replace(" ", "_"): one for noun, one in netbox.counted.items() if one is not None}
        hidden = any(counted > seen for counted, seen in known.values())
        free = bool(netbox.account.superuser) or is_unconstrained(netbox.account)
        everything = False if hidden else True if free else None
        found[NETBOX] = {"everything": everything, **{noun: seen for noun, (dummy, seen) in known.items()}}
    if zabbix is not None:
        account = zabbix.account
        found[ZABBIX] = {
            "everything": zabbix.user.sees_all if zabbix.user else None,
            "templates": None if account.templates is None else len(account.templates),
            "template_groups": None if account.template_groups is None else len(account.template_groups),
            "host_groups": None if account.host_groups is None else len(account.host_groups),
        }
    return found
