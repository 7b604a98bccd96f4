# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writing a plan wave by wave: after each its hosts are watched, and where they are worse off than before, no further
wave is written; the wave itself is taken back where that is wanted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import interrupts
from ..errors import InputError, ZabbixError
from ..reconcile.apply import Written, apply_plan
from ..reconcile.diff import Differ
from ..reconcile.health import FAILED, Health, Worse, compare, health_from, over_limits, unanswered
from ..reconcile.plan import DELETE, Change, Plan
from ..reconcile.preimage import preimage
from ..reconcile.waves import Groups, Shares, Wave, cut_changes, cut_from, unknown_groups
from ..zabbix.client import Zabbix
from ..zabbix.health import read_health
from ..zabbix.objects import HostHealth
from .checks import some_of
from .journal import newest_before
from .result import HostResult, Progress, Result
from .undo_run import plan_undo

#: what became of a host: it was written and is worse off; it was taken back; its wave was not written
UNHEALTHY, UNDONE, POSTPONED = "unhealthy", "undone", "postponed"
#: seconds between two looks, at most and at least
INTERVAL, SHORTEST_INTERVAL = 10.0, 1.0


@dataclass(frozen=True, slots=True)
class Caution:
    """How a plan is written that is not written in one go, or not without a look afterwards."""

    cut: Shares | Groups | None
    health: Health


def caution_from(waves: Any, health: Mapping[str, Any] | None, change_window: str) -> Caution | None:
    """Return how a plan is to be written, None where it is in one go. Raises InputError with all that is wrong."""
    if not waves and not health:
        return None
    problems: list[str] = []
    cut: Shares | Groups | None = None
    judged = Health()
    try:
        cut = cut_from(waves)
    except InputError as error:
        problems += error.problems
    try:
        judged = health_from(health)
    except InputError as error:
        problems += error.problems
    if change_window:
        problems.append(
            "waves and health cannot go with change_window: hosts that are in its maintenance window are not judged"
        )
    if problems:
        raise InputError(problems)
    return Caution(cut, judged)


@dataclass(slots=True)
class Work:
    """What writing in waves needs of its run. `graveyard`: where new hosts go that are taken back.

    `done`: called for each change that was tried; `tell`: makes what the result has of a change; `note`: says how an
    object of NetBox stands, with what is wrong (empty for nothing). `hint`: how a person takes the run back.
    """

    zabbix: Zabbix
    differ: Differ
    result: Result
    progress: Progress
    instance: str
    graveyard: str
    done: Callable[[Written], None]
    tell: Callable[[Change], HostResult]
    note: Callable[[Written, str], None]
    hint: str = ""


@dataclass(slots=True)
class _Verdict:
    """What the look at a wave gave. `why`: what is wrong, empty where the next wave may come; `known`: whether Zabbix
    told how the hosts are; `worse`: what is worse, also where it is within the limits.
    """

    why: str = ""
    known: bool = True
    worse: list[Worse] = field(default_factory=list)


def write_waves(plan: Plan, caution: Caution, work: Work) -> None:
    """Make the changes of a plan wave by wave. Where it stops, the result says so in `error`, and what was not written
    is in its hosts.
    """
    waves = cut_changes(plan.changes, caution.cut, plan.places)
    if plan.whole:
        work.result.notes += unknown_groups(caution.cut, plan.places)
    for number, wave in enumerate(waves, 1):
        label = _label(number, waves)
        try:
            ids = [change.hostid for change in wave.changes if change.hostid is not None]
            before = read_health(work.zabbix, ids, caution.health.severity)
        except ZabbixError as error:
            when = f"stopped before {label}"
            _stop(work, waves, number, when, f"how its hosts are cannot be read: {error}")
            return
        work.progress(f"writing {label}")
        newest = newest_before(wave.changes, work.zabbix) if caution.health.undo else None
        written = _write(work, replace(plan, changes=list(wave.changes)))
        verdict = _watch(work, caution.health, label, before, written)
        if verdict.why:
            _end(work, caution.health, waves, number + 1, label, written, verdict, newest)
            return
        for one in written:
            work.note(one, "")


def _write(work: Work, plan: Plan) -> list[Written]:
    """Make the changes of one wave, and return what became of each."""
    written: list[Written] = []

    def done(one: Written) -> None:
        written.append(one)
        work.done(one)

    apply_plan(plan, work.zabbix, work.differ, done, work.progress)
    return written


def _label(number: int, waves: Sequence[Wave]) -> str:
    wave = waves[number - 1]
    return f"wave {number} of {len(waves)} ({wave.label}: {_hosts(len(wave.changes))})"


def _hosts(number: int) -> str:
    return f"{number} host{'' if number == 1 else 's'}"


# --- the look at a wave


def _watch(
    work: Work, health: Health, label: str, before: Mapping[str, HostHealth], written: Sequence[Written]
) -> _Verdict:
    """Watch the hosts of a wave, until all is well, something is too bad, or the time is over."""
    interrupted = interrupts.interruption()
    if interrupted:
        return _Verdict(interrupted, known=False)
    failed = [
        Worse(FAILED, one.hostid or "", one.change.config.host, 1, one.error)
        for one in written
        if one.error is not None
    ]
    too_many = over_limits(failed, len(written), health)
    if too_many:
        return _Verdict("; ".join(too_many), worse=failed)
    ids = [one.hostid for one in written if one.error is None and one.hostid and one.change.action != DELETE]
    began = time.monotonic()
    interval = min(INTERVAL, max(SHORTEST_INTERVAL, health.wait / 30))
    while ids:
        waited = time.monotonic() - began
        last = waited >= health.wait
        try:
            now = read_health(work.zabbix, ids, health.severity)
        except ZabbixError as error:
            if last or interrupts.interruption():
                return _Verdict(f"how its hosts are cannot be read: {error}", known=False)
            work.progress(f"{label}: how its hosts are cannot be read: {error}")
        else:
            judged = sum(host.watched for host in now.values())
            worse = compare(before, now, last)
            broken = over_limits(worse, judged, health)
            silent = unanswered(before, now)
            if not judged or (waited >= health.minimum and (broken or last or not (worse or silent))):
                if silent and not broken:
                    work.result.notes.append(_silent(label, silent, health.wait))
                return _Verdict("; ".join(broken), worse=[*failed, *worse])
            work.progress(
                f"{label}: watched for {waited:.0f} of up to {health.wait:g} s, {judged} hosts, "
                f"{len({one.hostid for one in worse})} worse, {len(silent)} without an answer"
            )
        interrupts.pause(min(interval, (health.minimum if waited < health.minimum else health.wait) - waited))
        interrupted = interrupts.interruption()
        if interrupted:
            return _Verdict(interrupted, known=False)
    return _Verdict(worse=failed)


def _silent(label: str, names: Sequence[str], wait: float) -> str:
    return (
        f"{label}: whether the interfaces of {_hosts(len(names))} answer was not known after {wait:g} s "
        f"({some_of(names, 3)}): "
        "either nothing asks them, or health.wait is too short"
    )


# --- the end of a run that does not go on


def _end(
    work: Work,
    health: Health,
    waves: Sequence[Wave],
    after: int,
    label: str,
    written: Sequence[Written],
    found: _Verdict,
    newest: int | None,
) -> None:
    """Tell what is worse, take the wave back where that is wanted, and leave the later ones.

    `newest`: what items that templates of the wave brought have higher ids than.
    """
    made = [one for one in written if one.error is None]
    results = {one.object: one for one in work.result.hosts}
    worse: dict[str, list[str]] = {}
    for bad in found.worse:
        worse.setdefault(bad.hostid, []).append(bad.what)
    for one in made:
        if one.hostid in worse:
            host = results[one.change.config.ref]
            host.action, host.error = UNHEALTHY, f"worse than before this run: {'; '.join(worse[one.hostid])}"
    text = f"{found.why}."
    if health.undo and found.known and made:
        undone = _take_back(work, made, results, newest)
        text += f" The wave was taken back: {undone} of {_hosts(len(made))} are as they were."
    elif made:
        text += f" What was written of it stays: put it right{work.hint}."
    for one in written:
        host = results[one.change.config.ref]
        work.note(one, host.error or "" if host.action in (UNHEALTHY, UNDONE) else "")
    _stop(work, waves, after, f"stopped after {label}", text)


def _take_back(work: Work, made: Sequence[Written], results: Mapping[str, HostResult], newest: int | None) -> int:
    """Take back what was written, and return how many hosts are as they were."""
    result = work.result
    work.progress(f"taking back {_hosts(len(made))}")
    # by now the changes know the ids of groups that were made with them, and what was kept as applied
    images = [preimage(one.change, newest_item=newest) for one in made]
    undone: set[str] = set()

    def done(one: Written) -> None:
        host = results[one.change.config.ref]
        if one.error is not None:
            host.error = f"{host.error or ''}; taking it back failed: {one.error}".lstrip("; ")
            return
        undone.add(host.object)
        host.action, host.error = UNDONE, host.error or "it was written in one wave with others that got worse"

    try:
        plan = plan_undo(work.zabbix, work.differ, images, work.instance, work.graveyard, result, result.run_id)
    except ZabbixError as error:
        result.notes.append(f"The wave could not be taken back: {error}")
        return 0
    for failure in plan.failures:
        host = results[failure.ref]
        host.error = f"{host.error or ''}; {failure.error}".lstrip("; ")
    apply_plan(plan, work.zabbix, work.differ, done, work.progress)
    result.stats["undone"] = len(undone)
    return len(undone)


def _stop(work: Work, waves: Sequence[Wave], first: int, when: str, why: str) -> None:
    """Leave the waves from `first` on, and say in the result when and why."""
    result = work.result
    left = [change for wave in waves[first - 1 :] for change in wave.changes]
    for change in left:
        host = work.tell(change)
        host.action, host.reasons, host.details = POSTPONED, [f"not written: the run {when}"], []
        result.hosts.append(host)
    result.stats[POSTPONED] = result.stats.get(POSTPONED, 0) + len(left)
    if left:
        why += f" {_hosts(len(left))} of later waves were not written: the next run plans them anew."
    result.error = f"The run {when}: {why}"
