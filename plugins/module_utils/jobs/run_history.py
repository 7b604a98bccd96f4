# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at the history of runs: lists them, shows one, compares two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError, StateError
from ..state.store import Store
from .result import Progress, Result
from .run_records import Run, find_run, list_runs, read_before, read_record

JOB = "ShowRuns"
#: columns of the list, and their widths
_COLUMNS = (("run", 12), ("started (UTC)", 20), ("job", 22), ("outcome", 12), ("what", 0))
#: hosts and details that the text names; the data has all of them
_SHOWN = 200


@dataclass(slots=True)
class HistoryResult(Result):
    """`runs`: of the list; `run`: the one that is shown, with its record; `comparison`: of two. `text`: for people."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    run: dict[str, Any] = field(default_factory=dict)
    comparison: dict[str, Any] = field(default_factory=dict)
    text: str = ""


def show_runs(
    store: Store | None, wanted: str | None, compare_to: str | None, job: str | None, limit: int, progress: Progress
) -> HistoryResult:
    """List the newest runs; or show the one that is `wanted`, compared with another where that is named.

    Raises InputError where there is no such run, StateError where the store, or what is wanted of it, cannot be read.
    """
    result = HistoryResult(JOB, dry_run=True)
    if store is None:
        raise InputError(["state_store is empty, so that no runs are kept"])
    if compare_to is not None and wanted is None:
        raise InputError(["compare_to: with which run is it to be compared? Give run, too"])
    progress(f"reading the runs in {store.location}")
    every = list_runs(store)
    if wanted is None:
        listed = [run for run in every if job is None or run.job == job][:limit]
        result.runs = [_summary(store, run) for run in listed]
        result.text = "\n".join(_table(result.runs)) if listed else f"{store.location} has no runs."
        result.finish(f"{len(listed)} of {len(every)} runs.")
    elif compare_to is None:
        result.run = _whole(store, find_run(every, wanted))
        result.text = "\n".join(_run_lines(result.run))
        result.finish(f"Run {result.run['run_id']}.")
    else:
        older, newer = sorted((find_run(every, wanted), find_run(every, compare_to)), key=lambda run: run.name)
        before, after = _whole(store, older), _whole(store, newer)
        result.comparison = _compare(before, after)
        result.text = "\n".join(_comparison_lines(before, after, result.comparison))
        result.finish(f"Runs {older.run_id} and {newer.run_id}.")
    result.stats = {"runs": len(every)}
    return result


def _summary(store: Store, run: Run) -> dict[str, Any]:
    row: dict[str, Any] = {
        "run_id": run.run_id,
        "job": run.job,
        "started": run.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "finished": "",
        "outcome": "not finished",
        "changed": False,
        "stats": {},
        "message": "",
        "plan_digest": "",
        "policy_digest": "",
    }
    try:
        document = read_record(store, run)
    except StateError as error:
        return {**row, "outcome": "unreadable", "message": str(error)}
    if document is None:
        return row
    result = document.content["result"]
    return {
        **row,
        "outcome": _outcome(result),
        **{name: result[name] for name in ("finished", "changed", "stats", "message")},
        **{name: document.content[name] for name in ("plan_digest", "policy_digest")},
    }


def _outcome(result: Mapping[str, Any]) -> str:
    if result.get("interrupted"):
        return "interrupted"
    if result["error"]:
        return "stopped"
    if result["refused"]:
        return "refused"
    if any(host["action"] == "failed" for host in result["hosts"]):
        return "failures"
    return "changed" if result["changed"] else "unchanged"


def _whole(store: Store, run: Run) -> dict[str, Any]:
    """Return the summary of a run with its record. Raises StateError where that is damaged."""
    document = read_record(store, run)
    content: Mapping[str, Any] = document.content if document is not None else {"result": {}, "options": {}}
    before = read_before(store, run)
    return {
        **_summary(store, run),
        "options": content["options"],
        "result": content["result"],
        "of": dict(document.of) if document is not None else {},
        "made_by": document.made_by if document is not None else "",
        "pre_images": before is not None and before.images is not None,
    }


def _table(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    lines = ["  ".join(title.ljust(width) for title, width in _COLUMNS).rstrip()]
    for row in rows:
        what = (row["message"].splitlines() or [""])[0]
        cells = (row["run_id"], row["started"], row["job"], row["outcome"], what)
        lines.append(
            "  ".join(cell.ljust(width) for cell, (dummy, width) in zip(cells, _COLUMNS, strict=True)).rstrip()
        )
    return lines


def _run_lines(run: Mapping[str, Any]) -> list[str]:
    lines = [
        f"run {run['run_id']}: {run['job']}, {run['outcome']}",
        f"  {run['started']} to {run['finished'] or '?'}, by {run['made_by'] or '?'}",
        *(f"  {server}: {address}" for server, address in sorted(run["of"].items())),
        f"  plan {run['plan_digest'] or '-'}, policy {run['policy_digest'] or '-'}, "
        f"pre-images {'kept' if run['pre_images'] else 'none'}",
        *(f"  {line}" for line in run["message"].splitlines()),
    ]
    hosts = run["result"].get("hosts", [])
    for host in hosts[:_SHOWN]:
        lines.append(f"  {host['action']} {host['name']} ({host['object']})")
        if host["error"]:
            lines.append(f"      {host['error']}")
        for one in host["details"]:
            what = f"{one['attribute']}[{one['element']}]" if one["element"] else one["attribute"]
            lines.append(f"      {what}: {_shown(one['live'])} -> {_shown(one['wanted'])}   ({one['reason']})")
    if len(hosts) > _SHOWN:
        lines.append(f"  ... and {len(hosts) - _SHOWN} more hosts, see the result")
    return lines


def _shown(value: str | None) -> str:
    return value or "-"


def _compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs between two runs: what they were told, what they counted, and each host's outcome."""
    hosts = [{host["object"]: host for host in run["result"].get("hosts", [])} for run in (before, after)]
    rows: list[dict[str, Any]] = []
    for ref in sorted(hosts[0].keys() | hosts[1].keys()):
        one, other = hosts[0].get(ref), hosts[1].get(ref)
        seen = [_seen(host) for host in (one, other)]
        if seen[0] != seen[1]:
            name = (other or one or {})["name"]
            rows.append({"object": ref, "name": name, "before": seen[0], "after": seen[1]})
    return {
        "same_plan": before["plan_digest"] == after["plan_digest"],
        "same_policy": before["policy_digest"] == after["policy_digest"],
        "options": _differing(before["options"], after["options"]),
        "stats": _differing(before["stats"], after["stats"]),
        "of": _differing(before["of"], after["of"]),
        "hosts": rows,
    }


def _seen(host: Mapping[str, Any] | None) -> str:
    """Return what became of a host, as two runs compare: one that a run does not tell of was right."""
    if host is None:
        return "unchanged"
    if host["error"]:
        return f"{host['action']}: {host['error']}"
    return f"{host['action']}: {', '.join(host['changes'])}" if host["changes"] else str(host["action"])


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    names = sorted(one.keys() | other.keys())
    return {
        name: {"before": one.get(name), "after": other.get(name)} for name in names if one.get(name) != other.get(name)
    }


def _comparison_lines(before: Mapping[str, Any], after: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    lines = [f"{run['run_id']}  {run['started']}  {run['job']}, {run['outcome']}" for run in (before, after)]
    lines.append(
        f"  {'the same' if found['same_policy'] else 'another'} policy, "
        f"{'the same' if found['same_plan'] else 'other'} changes"
    )
    for what in ("of", "options", "stats"):
        for name, values in found[what].items():
            lines.append(f"  {name}: {values['before']} -> {values['after']}")
    for row in found["hosts"][:_SHOWN]:
        lines.append(f"  {row['name']} ({row['object']}): {row['before']} -> {row['after']}")
    if len(found["hosts"]) > _SHOWN:
        lines.append(f"  ... and {len(found['hosts']) - _SHOWN} more hosts, see the result")
    return lines
