# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The history of runs in the state store: each that may write leaves a record of what it did, and of what was before.

A run has up to three documents: `before`, written before its first write; `end`, when it has made all that it could;
and `record`, with what it did. So a run that was killed or interrupted is known by a `before` without an `end`.
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

RECORD, BEFORE, END = Kind("run record", 1), Kind("pre-images of a run", 2), Kind("end of a run", 1)
#: what is kept unless a person says otherwise: a year of daily runs
KEEP: Mapping[str, int] = {"count": 500, "days": 365}
_TOP = "runs/"
#: moment, job and identity
_NAME = re.compile(r"runs/(\d{8}T\d{6}Z)-([A-Za-z]+)-([0-9a-f]+)/(record|before|end)\.json")
#: arguments that say how a module runs, and nothing about what it does
_NO_OPTIONS = frozenset({"progress_path", "reports", "keep_runs", "state_store"})
#: arguments that are a policy: their content is told by a digest
_POLICY = ("mappings", "policy_path")


@dataclass(frozen=True, slots=True)
class Run:
    """A run that the store knows of. `name`: the beginning of the names of its documents; `finished`: whether it has a
    record; `broke_off`: whether it began to write and did not come to its end.
    """

    name: str
    started: datetime
    job: str
    run_id: str
    finished: bool
    broke_off: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """What a run leaves before its first write. `by`: who runs it and where; `changes`: how many it is about to make;
    `images`: what they replace, as plain JSON without secrets, None where that is not kept; `of`: the servers.
    """

    by: str
    instance: str
    changes: int
    images: list[dict[str, Any]] | None
    of: Mapping[str, str]


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


def write_before(store: Store, result: Result, before: Before) -> None:
    """Keep what is there before the first write of a run. Raises StateError."""
    content = {name: getattr(before, name) for name in ("by", "instance", "changes", "images")}
    write_document(store, f"{_name(result)}/before.json", BEFORE, content, before.of)


def write_end(store: Store, result: Result, keep: bool) -> None:
    """Note that a run made all that it could; with `keep` False, nothing is left of it. Raises StateError."""
    if keep:
        write_document(store, f"{_name(result)}/end.json", END, {}, {})
    else:
        store.delete(f"{_name(result)}/before.json")


def close_run(store: Store, run: Run, why: str) -> None:
    """Note that another run found a run that had broken off, and made good for it. Raises StateError."""
    result = Result(run.job, dry_run=False, run_id=run.run_id, started=run.started.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if not run.finished:
        result.error, result.interrupted = why, True
        result.message = why
        write_record(store, result, {}, {})
    write_end(store, result, keep=True)


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
        store.delete(f"{run.name}/end.json")
    return len(gone)


def list_runs(store: Store) -> list[Run]:
    """Return all runs, the newest first. Raises StateError."""
    documents: dict[str, set[str]] = {}
    for entry in store.list(_TOP):
        match = _NAME.fullmatch(entry.name)
        if match:
            documents.setdefault(entry.name.rpartition("/")[0], set()).add(match[4])
    found: list[Run] = []
    for name in sorted(documents, reverse=True):
        there = documents[name]
        moment, job, run_id = name.removeprefix(_TOP).split("-")
        started = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        found.append(Run(name, started, job, run_id, "record" in there, "before" in there and "end" not in there))
    return found


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


def read_before(store: Store, run: Run) -> Before | None:
    """Return what a run left before its first write, None where it left nothing. Raises StateError."""
    document = read_document(store, f"{run.name}/before.json", BEFORE, {})
    return None if document is None else Before(**document.content, of=document.of)


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
