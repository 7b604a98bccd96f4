# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PlanHosts: make the plan of a sync, show it, and save it, so that just this plan can be applied later.

It is a dry run of the sync: neither NetBox nor Zabbix is written to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError, StateError
from ..reconcile import guard
from ..reconcile.fingerprint import Digests, Parts
from ..state.documents import MADE_BY
from .checks import some_of
from .hosts_sync import carry_out
from .plan_making import Planned, read_and_plan
from .plan_prints import policy_parts, saved_change
from .result import Progress, Result
from .run import Run, SyncOptions, opened
from .saved_plan import SavedPlan, keep_plan, names_of, plan_text, write_plan
from .watched import Watched

JOB = "PlanHosts"
#: options of a run that say how it is done, and nothing about what; and the policy, which has a fingerprint
NOT_SAVED = frozenset(
    {
        *("mappings", "policy_path", "secrets", "digest_key", "statuses"),
        *("lock", "lock_wait", "state_store", "settings_max_age", "pre_images", "dry_run", "want_diff"),
        *("mode", "lookback_minutes", "full_every_hours"),
    }
)


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """`path`: file for the plan, beside the state store; None for none. `valid_hours`: how long it may be applied.

    `save`: whether it is saved at all.
    """

    path: str | None = None
    valid_hours: float = 24
    save: bool = True


def plan_hosts(
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection,
    options: SyncOptions,
    saving: SaveOptions,
    progress: Progress,
) -> Result:
    """Make the plan, save it unless the guard would refuse it, and return what a run would do.

    Raises InputError where there is no place to save it or a secret in it would need a key, StateError where it cannot
    be written, and as the sync.
    """
    if saving.valid_hours <= 0:
        raise InputError([f"valid_hours: {saving.valid_hours:g} is not a number of hours above 0"])
    if not saving.path and not options.state_store.strip():
        raise InputError(["there is no place for the plan: give a path, or a state store"])
    options.dry_run = True
    limits = guard.limits_from(options.limits)
    digests = Digests(options.digest_key)
    with opened(Result(JOB, True, whole=options.whole), netbox_connection, zabbix_connection, options, progress) as run:
        run.watched = Watched()
        planned = read_and_plan(run)
        carry_out(run, planned, limits)
        result = run.result
        plan = _saved(run, planned, run.watched, digests, saving)
        lost = [change.host for change in plan.changes if change.lost]
        if lost:
            # where every report has it at its head
            result.notes.append(f"Of {len(lost)} hosts something is lost that cannot be taken back: {some_of(lost)}")
        if result.refused:
            result.message += "\nThe plan was not saved."
        elif saving.save:
            result.message += f"\n{_save(run, plan, options.digest_key, saving.path)}"
    return result


def run_prints(run: Run, digests: Digests) -> tuple[dict[str, str], dict[str, str], Parts]:
    """Return the servers and versions of a run, and the fingerprint of its policy."""
    options = run.options
    servers = {"netbox": run.netbox.url, "zabbix": run.zabbix.connection.url}
    versions = {
        "collection": MADE_BY,
        "netbox": ".".join(map(str, run.netbox.version)),
        "zabbix": str(run.zabbix.version),
    }
    return servers, versions, policy_parts(run.source, options.statuses, options.secrets, digests)


def saved_options(options: SyncOptions) -> dict[str, Any]:
    """Return what of the options of a run is saved, as plain JSON: all that says what it does, and no secret."""
    return {name: _plain(value) for name, value in asdict(options).items() if name not in NOT_SAVED}


def saved_names() -> list[str]:
    """Return the names of the options that a plan holds."""
    return [name for name in names_of(SyncOptions) if name not in NOT_SAVED]


def _saved(run: Run, planned: Planned, watched: Watched, digests: Digests, saving: SaveOptions) -> SavedPlan:
    servers, versions, policy = run_prints(run, digests)
    settings = planned.differ.settings
    now = datetime.now(UTC)
    return SavedPlan(
        run_id=run.result.run_id,
        created=_moment(now),
        expires=_moment(now + timedelta(hours=saving.valid_hours)),
        servers=servers,
        versions=versions,
        options=saved_options(run.options),
        policy=policy,
        stats=planned.plan.counts(),
        changes=[saved_change(change, watched, settings, digests) for change in planned.plan.changes],
    )


def _save(run: Run, plan: SavedPlan, key: str, path: str | None) -> str:
    text = plan_text(plan, key)
    places: list[str] = []
    if path:
        write_plan(path, text)
        places.append(path)
    if run.store is not None:
        try:
            places.append(keep_plan(run.store, plan, text))
        except StateError as error:
            if not places:
                raise
            run.result.notes.append(f"The plan is not in the state store: {error}")
    unsealed = "" if key else " It is not sealed, since there is no netbox_zabbix_digest_key."
    return f"Saved as plan {plan.run_id} in {' and '.join(places)}; it may be applied until {plan.expires}.{unsealed}"


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
