# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The history of runs in the state store: each that may write leaves a record of what it did, and of what was before.

A run has two documents: `record`, written when it ends, and `before`, written before its first write. So a run that was
killed is found by the second one alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import InputError
from ..policy.source import policy_source
from ..state.documents import Document, Kind, read_document, write_document
from ..state.store import Store
from .result import Result

RECORD, BEFORE = Kind("run record", 1), Kind("pre-images of a run", 1)
#: what is kept unless a person says otherwise: a year of daily runs
KEEP: Mapping[str, int] = {"count": 500, "days": 365}
_TOP = "runs/"
#: moment, job and identity
_NAME = re.compile(r"runs/(\d{8}T\d{6}Z)-([A-Za-z]+)-([0-9a-f]+)/(record|before)\.json")
#: arguments that say how a module runs, and nothing about what it does
_NO_OPTIONS = frozenset({"progress_path", "reports", "keep_runs", "state_store"})
#: arguments that are a policy: their content is told by a digest
_POLICY = ("mappings", "policy_path")


@dataclass(frozen=True, slots=True)
class Run:
    """A run that the store knows of. `name`: the beginning of the names of its documents; `finished`: whether it has a
    record.
    """

    name: str
    started: datetime
    job: str
    run_id: str
    finished: bool


def keep_from(given: Mapping[str, Any] | None) -> dict[str, int]:
    """Return how many runs are kept, and for how many days. Raises InputError for what is no number of either."""
    problems: list[str] = []
    for key, value in (given or {}).items():
        if key not in KEEP:
            problems.append(f'keep_runs: there is no "{key}"; there are {" and ".join(KEEP)}')
        elif isinstance(value, bool) or not str(value).isdigit():
            problems.append(f"keep_runs: {key} is {value!r}, not a number of 0 or more")
    if problems:
        raise InputError(problems)
    return {**KEEP, **{key: int(value) for key, value in (given or {}).items()}}


def write_before(store: Store, result: Result, pre_images: Any, of: Mapping[str, str]) -> None:
    """Keep what is there before the first write of a run, as plain JSON without secrets. Raises StateError."""
    write_document(store, f"{_name(result)}/before.json", BEFORE, pre_images, of)


def write_record(
    store: Store,
    result: Result,
    options: Mapping[str, Any],
    of: Mapping[str, str],
    scrubbed: Callable[[Any], Any] = lambda value: value,
) -> str:
    """Keep the record of a run that has ended, and return its name. `options`: the arguments of its module without
    secrets; `scrubbed`: takes secrets out of a value wherever they are. Raises StateError.
    """
    record = {
        "plan_digest": plan_digest(result),
        "policy_digest": policy_digest(options),
        "options": {name: value for name, value in options.items() if name not in (*_NO_OPTIONS, *_POLICY)},
        "result": result.full(),
    }
    name = _name(result)
    write_document(store, f"{name}/record.json", RECORD, scrubbed(record), of)
    return name


def prune(store: Store, keep: Mapping[str, int], now: datetime) -> int:
    """Remove runs that are too many or too old, and return how many. Raises StateError."""
    runs = list_runs(store)
    oldest = now - timedelta(days=keep["days"])
    gone = [run for number, run in enumerate(runs) if number >= keep["count"] or run.started < oldest]
    for run in gone:
        # the record first: what is left of a removal that breaks off is taken for a run that did not finish, and goes
        # with the next one
        store.delete(f"{run.name}/record.json")
        store.delete(f"{run.name}/before.json")
    return len(gone)


def list_runs(store: Store) -> list[Run]:
    """Return all runs, the newest first. Raises StateError."""
    found: dict[str, Run] = {}
    for entry in store.list(_TOP):
        match = _NAME.fullmatch(entry.name)
        if match:
            moment, job, run_id, document = match.groups()
            started = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            name = entry.name.rpartition("/")[0]
            finished = document == "record" or (name in found and found[name].finished)
            found[name] = Run(name, started, job, run_id, finished)
    return sorted(found.values(), key=lambda run: run.name, reverse=True)


def find_run(runs: Iterable[Run], wanted: str) -> Run:
    """Return the run whose identity begins so. Raises InputError where there is none, or more than one."""
    found = [run for run in runs if wanted and run.run_id.startswith(wanted)]
    if len(found) != 1:
        some = ", ".join(run.run_id for run in found[:3])
        raise InputError([f'there is no run "{wanted}"' if not found else f'"{wanted}" is not one run: {some}, ...'])
    return found[0]


def read_record(store: Store, run: Run) -> Document | None:
    """Return the record of a run, None for one that did not finish. Raises StateError."""
    return read_document(store, f"{run.name}/record.json", RECORD, {})


def read_before(store: Store, run: Run) -> Document | None:
    """Return the pre-images of a run, None where it has none. Raises StateError."""
    return read_document(store, f"{run.name}/before.json", BEFORE, {})


def plan_digest(result: Result) -> str:
    """Return a digest of what a run did or would do: two runs with one digest have the same changes."""
    hosts = [(host.object, host.name, host.action, host.changes) for host in result.hosts]
    return _digest(sorted(hosts, key=str))


def policy_digest(options: Mapping[str, Any]) -> str:
    """Return a digest of the policy that the arguments of a module give, empty where they give none."""
    if all(options.get(name) is None for name in _POLICY):
        return ""
    try:
        source = policy_source(options.get("mappings"), options.get("policy_path"))
    except InputError:
        # the run has told of it
        return ""
    return _digest(list(source.mappings))


def _name(result: Result) -> str:
    return f"{_TOP}{re.sub('[-:]', '', result.started)}-{result.job}-{result.run_id}"


def _digest(value: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(value, default=str, sort_keys=True).encode()).hexdigest()[:16]
