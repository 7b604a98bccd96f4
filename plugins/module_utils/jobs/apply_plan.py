# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ApplyPlan: apply just what a saved plan holds, or refuse before the first write, naming what is no longer as it was.

1. the plan is read; it has to be whole, sealed by our key where there is one, and not too old
2. versions, policy and options are compared
3. both sides are read and the plan is made anew by the options of the saved one, by the engine of the sync
4. each saved change is compared with its new one: what is written, its NetBox object, its host
5. what is left of the saved changes is carried out as in a sync; after waiting for another run from 3 on again
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError, OutdatedPlanError
from ..netbox.state_place import in_netbox
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..reconcile import guard
from ..reconcile.fingerprint import Digests
from ..state.store import DamagedError, open_store
from ..zabbix.hosts import read_hosts
from .checks import some_of
from .hosts_sync import carry_out, remember_seen
from .known_settings import MAX_AGE
from .plan_hosts import run_prints, saved_names
from .plan_making import Planned, read_and_plan
from .plan_prints import Compared, changed_policy, compare_plans
from .reading import FULL
from .result import Progress, Result
from .run import Run, SyncOptions, opened
from .saved_plan import AGAIN, SavedPlan, opened_plan, plan_of_file, same_options, stored_plan
from .turn import SHARED
from .watched import Watched

JOB = "ApplyPlan"
#: hosts that a refusal names
MAX_TOLD = 30


@dataclass(slots=True)
class ApplyOptions:
    """`plan`: the identity of a plan in the state store, or its beginning; `path`: of its file; one of the two.

    `expected`: options of a sync that have to be those of the plan, by name. All others are as in `SyncOptions`: they
    are no part of a plan.
    """

    plan: str | None = None
    path: str | None = None
    expected: Mapping[str, Any] = field(default_factory=dict)
    mappings: Any = None
    policy_path: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    digest_key: str = ""
    statuses: Mapping[str, Mapping[str, str]] | None = None
    lock: str = SHARED
    lock_wait: int = 300
    state_store: str = ""
    pre_images: bool = False
    settings_max_age: int = MAX_AGE
    dry_run: bool = False
    want_diff: bool = False


def apply_saved_plan(
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection,
    options: ApplyOptions,
    progress: Progress,
) -> Result:
    """Apply a saved plan and return the result; where nothing is left to be done, nothing is changed.

    Raises OutdatedPlanError where it is not to be applied, InputError, StateError, and as the sync.
    """
    servers = {"netbox": netbox_connection.url, "zabbix": zabbix_connection.url}
    store = open_store(options.state_store, in_netbox(netbox_connection))
    document, where = plan_of_file(options.path) if options.path else stored_plan(store, options.plan or "")
    for server, address in document.of.items():
        if servers.get(server) != address:
            raise OutdatedPlanError(f"{where} is of {server} {address}, and this is {servers.get(server)}.")
    plan = opened_plan(document, where, options.digest_key, datetime.now(UTC))
    problems = same_options(plan.options, options.expected)
    if problems:
        raise InputError(problems)
    run_options = _sync_options(plan, options, where)
    limits = guard.limits_from(run_options.limits)
    digests = Digests(options.digest_key)
    made: list[int] = []

    def again(run: Run) -> Planned:
        """Read both sides, and return what is left of the saved plan."""
        planned = read_and_plan(run)
        compared = _compared(run, planned, plan, digests)
        made[:] = [len(compared.made)]
        return _restricted(planned, compared, plan)

    result = Result(JOB, options.dry_run, whole=run_options.whole)
    with opened(result, netbox_connection, zabbix_connection, run_options, progress) as run:
        _check_run(run, plan, digests)
        run.watched = Watched(frozenset(change.ref for change in plan.changes))
        planned = carry_out(run, again(run), limits, again)
        remember_seen(run, planned)
    result.message = f"{_told(plan, made[0])}\n{result.message}"
    return result


def _sync_options(plan: SavedPlan, options: ApplyOptions, where: str) -> SyncOptions:
    """Return the options of the run: what it does is the plan's, how it is done was given."""
    if set(plan.options) != set(saved_names()):
        odd = sorted(set(plan.options) ^ set(saved_names()))
        raise DamagedError(f"{where} is damaged, or of another release: its options {some_of(odd)}. {AGAIN}")
    return SyncOptions(
        **plan.options,
        mappings=options.mappings,
        policy_path=options.policy_path,
        secrets=options.secrets,
        digest_key=options.digest_key,
        statuses=options.statuses,
        lock=options.lock,
        lock_wait=options.lock_wait,
        state_store=options.state_store,
        pre_images=options.pre_images,
        settings_max_age=options.settings_max_age,
        mode=FULL,
        dry_run=options.dry_run,
        want_diff=options.want_diff,
    )


def _check_run(run: Run, plan: SavedPlan, digests: Digests) -> None:
    """Raise OutdatedPlanError where versions or the policy are not those of the plan."""
    dummy, versions, policy = run_prints(run, digests)
    problems = [
        f"the version of {name} is {versions[name]}, and the plan was made with {plan.versions.get(name)}"
        for name in versions
        if plan.versions.get(name) != versions[name]
    ]
    told = changed_policy(plan.policy, policy)
    if told:
        problems.append(f"the policy has changed: {some_of(told)}")
    _refuse(plan, problems)


def _compared(run: Run, planned: Planned, plan: SavedPlan, digests: Digests) -> Compared:
    settings = planned.differ.settings
    watched = run.watched or Watched()

    def read(ids: list[str]) -> dict[str, Any]:
        return {host.hostid: host for host in read_hosts(run.zabbix, ids, INVENTORY_FIELDS)}

    compared = compare_plans(plan.changes, planned.plan, watched, settings, digests, read)
    _refuse(plan, compared.problems)
    if compared.others:
        names = some_of(change.config.host for change in compared.others)
        run.result.notes.append(f"{len(compared.others)} hosts differ that the plan does not hold; they stay: {names}")
    return compared


def _restricted(planned: Planned, compared: Compared, plan: SavedPlan) -> Planned:
    """Return a plan of what is left of the saved one, and nothing else."""
    planned.links.keep_to(frozenset(change.ref for change in plan.changes))
    left = replace(planned.plan, changes=compared.left, failures=[], left_alone=[], whole=False)
    return replace(planned, plan=left)


def _refuse(plan: SavedPlan, problems: list[str]) -> None:
    if not problems:
        return
    more = [f"... and {len(problems) - MAX_TOLD} more"] if len(problems) > MAX_TOLD else []
    lines = "\n".join(f"  {line}" for line in [*problems[:MAX_TOLD], *more])
    raise OutdatedPlanError(
        f"The {plan.text} is not applied, and nothing was written, since not all is as it was then:\n{lines}\n{AGAIN}"
    )


def _told(plan: SavedPlan, made: int) -> str:
    number = len(plan.changes)
    if not number:
        return f"The {plan.text} holds no change."
    if made == number:
        return f"The {plan.text} was applied already: all of its {number} changes are made."
    already = f", of which {made} were made already" if made else ""
    return f"The {plan.text}: {number} changes{already}."
