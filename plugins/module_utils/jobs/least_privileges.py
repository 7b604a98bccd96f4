# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PrepareAccounts: an account on each side that may do what the jobs need, and nothing else.

1. what is there of the accounts is read, on both sides, and the token files
2. it is compared with what the jobs need (netbox/needs.py, zabbix/needs.py): that gives the plans
3. plans with a clash are refused before the first write
4. the plans are applied; a new token goes into its file
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..account import CREATE, DELETE, RENEW, UPDATE, AccountPlan, steps_as_text
from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import GuardError, InputError, NetBoxError, ZabbixError, nearest
from ..netbox import needs as netbox_needs
from ..netbox import privileges as in_netbox
from ..netbox.client import connect
from ..zabbix import privileges as in_zabbix
from ..zabbix.client import Zabbix
from .result import Progress, Result
from .token_file import check_writable, read_token, write_token

JOB = "PrepareAccounts"
#: jobs of administrators: no account of the least rights is for them
NOT_FOR = frozenset({"setup", "privileges"})
JOBS = tuple(job for job in netbox_needs.NEEDS if job not in NOT_FOR)
_WORDS = {
    CREATE: ("made", "would be made"),
    UPDATE: ("put right", "would be put right"),
    DELETE: ("taken away", "would be taken away"),
    RENEW: ("renewed", "would be renewed"),
}


@dataclass(slots=True)
class AccountOptions:
    """`name`: of the account on both sides. `jobs`: what it is for. A side without a connection is left out.

    `host_groups`, `template_groups`: names, each with all below it, or `*`. A path of None: no token is made.
    """

    name: str
    jobs: Sequence[str] = JOBS
    host_groups: Sequence[str] = ()
    template_groups: Sequence[str] = (in_zabbix.ALL,)
    netbox_token_path: str | None = None
    zabbix_token_path: str | None = None
    dry_run: bool = False


@dataclass(slots=True)
class AccountResult(Result):
    """`changes`: side, kind, name and action of each thing that was or would be written."""

    changes: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Side:
    """One side: its plan, and how it is carried out, which returns a new token."""

    name: str
    plan: AccountPlan
    apply: Callable[[], str | None]
    option: str
    path: str | None


def prepare_accounts(
    netbox: NetBoxConnection | None, zabbix: ZabbixConnection | None, options: AccountOptions, progress: Progress
) -> AccountResult:
    """Make the accounts, or put right what differs.

    Raises InputError for wrong options, GuardError where something that others made is in the way: nothing was written
    then. In a dry run the result says so instead.
    """
    result = AccountResult(JOB, options.dry_run)
    _check(options, zabbix is not None)
    sides: list[_Side] = []
    session = Zabbix(zabbix) if zabbix else None
    try:
        if netbox is not None:
            sides.append(_netbox_side(netbox, options, result, progress))
        if session is not None and zabbix is not None:
            sides.append(_zabbix_side(session, zabbix, options, progress))
        clashes = [text for side in sides for text in side.plan.clashes]
        if clashes and not options.dry_run:
            raise GuardError("Nothing was written. " + "\n".join(clashes))
        result.refused = "\n".join(clashes)
        if not options.dry_run:
            for side in sides:
                _apply(side, progress)
    finally:
        if session is not None:
            result.requests["zabbix"] = dict(session.requests)
            session.close()
    _conclude(result, sides)
    return result


def _check(options: AccountOptions, zabbix: bool) -> None:
    problems = [f'jobs: there is no job "{job}" for it.{nearest(job, JOBS)}' for job in options.jobs if job not in JOBS]
    if not options.jobs:
        problems.append("jobs is empty: name what the account is for")
    if not options.name.strip():
        problems.append("name is empty")
    if zabbix and not options.host_groups:
        problems.append(
            'host_groups is empty: name the host groups that the hosts are in, such as ["NetBox"], which stands for all'
            ' below it too; "*" is all that there are'
        )
    if problems:
        raise InputError(problems)


def _netbox_side(
    connection: NetBoxConnection, options: AccountOptions, result: AccountResult, progress: Progress
) -> _Side:
    progress("reading NetBox: group, permissions, user and token")
    netbox = connect(connection)
    there = in_netbox.read_account(netbox, options.name)
    wanted = in_netbox.permissions(options.name, options.jobs, netbox.version)

    def accepted(token: str) -> bool:
        try:
            connect(replace(connection, token=token))
        except NetBoxError:
            return False
        return there.token is not None and in_netbox.token_is_of(token, there.token)

    token = _token("netbox_token_path", options.netbox_token_path, there.token is not None, accepted)
    plan = in_netbox.plan_account(options.name, wanted, there, token)

    def apply() -> str | None:
        try:
            return in_netbox.apply_account(netbox, plan, there)
        finally:
            result.requests["netbox"] = dict(netbox.requests)

    return _Side("NetBox", plan, apply, "netbox_token_path", options.netbox_token_path)


def _zabbix_side(zabbix: Zabbix, connection: ZabbixConnection, options: AccountOptions, progress: Progress) -> _Side:
    progress("reading Zabbix: groups, role, user group, user and token")
    there = in_zabbix.read_account(zabbix, options.name)
    wanted = in_zabbix.rights(options.jobs, zabbix.release)

    def accepted(token: str) -> bool:
        try:
            session = Zabbix(replace(connection, token=token, user=None, password=None))
        except ZabbixError:
            return False
        session.close()
        return True

    token = _token("zabbix_token_path", options.zabbix_token_path, there.token is not None, accepted)
    plan = in_zabbix.plan_account(
        options.name, wanted, options.host_groups, options.template_groups, there, token, zabbix.release
    )
    return _Side(
        "Zabbix",
        plan,
        lambda: in_zabbix.apply_account(zabbix, plan, there),
        "zabbix_token_path",
        options.zabbix_token_path,
    )


def _token(option: str, path: str | None, there: bool, accepted: Callable[[str], bool]) -> str | None:
    """Return what is to be done about a token: neither side tells its value again, so a file without it wants a new
    one.
    """
    if path is None:
        return None
    known = read_token(option, path)
    check_writable(option, path)
    if there and known is not None and accepted(known):
        return None
    return RENEW if there else CREATE


def _apply(side: _Side, progress: Progress) -> None:
    if not side.plan.steps:
        return
    progress(f"{side.name}: writing {len(side.plan.steps)} things")
    token = side.apply()
    if token is not None and side.path is not None:
        write_token(side.option, side.path, token)


def _conclude(result: AccountResult, sides: Sequence[_Side]) -> None:
    steps = [(side.name, step) for side in sides for step in side.plan.steps]
    result.changed = bool(steps)
    result.diff = "".join(steps_as_text(side.name, side.plan.steps) for side in sides)
    result.changes = [
        {"side": side, "kind": step.kind, "name": step.name, "action": step.action} for side, step in steps
    ]
    actions = Counter(step.action for dummy, step in steps)
    result.stats = {
        "created": actions[CREATE],
        "updated": actions[UPDATE],
        "deleted": actions[DELETE],
        "renewed": actions[RENEW],
        "unchanged": sum(side.plan.unchanged for side in sides),
    }
    lines = [f"{side}: {step} {_WORDS[step.action][result.dry_run]}" for side, step in steps]
    if not steps:
        lines.append("Both accounts are as they should be, nothing was written.")
    if result.refused:
        lines.append(f"A real run would stop here. {result.refused}")
    result.finish("\n".join(lines))
