# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an import found, as the result has it, in lines for the message, and as a difference for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..reconcile.text import MAX_LINES
from ..zabbix.settings_import import HostsUsing
from .settings_compare import KindChanges
from .settings_offer import ChoiceChanges

#: users of one object that are named in a line
_TOLD = 5
#: users of one object that the result names: a template can be picked for thousands of devices
_KEPT = 100
_ACTIONS = ("added", "updated", "renamed", "removed")


def some_names(names: Sequence[str], most: int = _TOLD) -> str:
    """Return `a, b and 3 more`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def kind_as_dict(
    changes: KindChanges,
    removed: Mapping[str, list[str]],
    renamed: Mapping[str, list[str]],
    hidden: Mapping[str, HostsUsing],
) -> dict[str, Any]:
    """Return what became of one kind, sorted by name. `removed`, `renamed`: id -> who uses it under a former name."""
    return {
        "added": sorted(entry["name"] for entry in changes.added.values()),
        "updated": [
            {"name": one.name, "changes": one.changes} for one in sorted(changes.updated, key=lambda one: one.name)
        ],
        "renamed": [
            {"name": one.name, "was": list(one.was), "changes": one.changes, "used_by": _kept(renamed[one.id])}
            for one in sorted(changes.renamed, key=lambda one: one.name)
        ],
        "removed": sorted(
            ({"name": entry["name"], "used_by": _kept(removed[one])} for one, entry in changes.removed.items()),
            key=lambda row: str(row["name"]),
        ),
        "hidden": [
            {"name": name, "used_by": [f"host {host}" for host in hosts.names] + _more(hosts.count - len(hosts.names))}
            for name, hosts in sorted(hidden.items())
        ],
        "unchanged": changes.unchanged,
    }


def _kept(users: list[str]) -> list[str]:
    return users[:_KEPT] + _more(len(users) - _KEPT)


def _more(number: int) -> list[str]:
    return [f"{number} more"] if number > 0 else []


def choices_as_dict(changes: ChoiceChanges) -> dict[str, Any]:
    """Return what became of one choice set."""
    return {
        "name": changes.name,
        "choices": len(changes.choices),
        "added": changes.added,
        "removed": changes.removed,
        "kept": [{"name": name, "used_by": _kept(who)} for name, who in sorted(changes.kept.items())],
        "unfit": changes.unfit,
    }


def kind_lines(kind: str, changes: Mapping[str, Any], only_gone: bool = False) -> list[str]:
    """Return a line with the figures of a kind, and one for each object that is gone or has a new name."""
    figures = ", ".join(f"{len(changes[action])} {action}" for action in _ACTIONS)
    lines = [] if only_gone else [f"{kind.replace('_', ' ')}: {figures}, {changes['unchanged']} unchanged"]
    lines += [f'  "{row["name"]}" is gone; {_users(row["used_by"])}' for row in changes["removed"]]
    if not only_gone:
        lines += [
            f'  {_quoted(row["was"])} is "{row["name"]}" now; {_users(row["used_by"])}' for row in changes["renamed"]
        ]
        lines += [f'  "{row["name"]}" is hidden; {_users(row["used_by"])}' for row in changes["hidden"]]
    return lines


def choices_lines(changes: Mapping[str, Any]) -> list[str]:
    """Return a line with the figures of a choice set, and one for each choice that had to be kept."""
    added, removed, kept = (len(changes[key]) for key in ("added", "removed", "kept"))
    head = f"choice set {changes['name']}: {changes['choices']} choices, {added} added, {removed} removed, {kept} kept"
    return [head, *(f'  "{row["name"]}" is kept; {_users(row["used_by"])}' for row in changes["kept"])]


def _users(users: Sequence[str]) -> str:
    return f"used by {some_names(users)}" if users else "nobody is known to use it"


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def report_as_diff(kinds: Mapping[str, Mapping[str, Any]], choice_sets: Sequence[Mapping[str, Any]]) -> str:
    """Return everything that changed, cut after some thousands of lines: long ones cost Ansible minutes."""
    lines = [line for kind, changes in kinds.items() for line in _diff_of_kind(kind, changes)]
    for changes in choice_sets:
        if changes["added"] or changes["removed"] or changes["kept"]:
            lines.append(f"choice set {changes['name']}")
            lines += [f"  + {name}" for name in changes["added"]]
            lines += [f"  - {name}" for name in changes["removed"]]
            lines += [f"  = {row['name']}   (kept; {_users(row['used_by'])})" for row in changes["kept"]]
    if len(lines) > MAX_LINES:
        lines[MAX_LINES:] = [f"... and {len(lines) - MAX_LINES} more lines"]
    return "\n".join(lines) + "\n" if lines else ""


def _diff_of_kind(kind: str, changes: Mapping[str, Any]) -> Iterator[str]:
    if not any(changes[action] for action in (*_ACTIONS, "hidden")):
        return
    yield kind.replace("_", " ")
    for name in changes["added"]:
        yield f"  + {name}"
    for row in changes["updated"]:
        yield f"  ~ {row['name']}"
        yield from (f"      {change}" for change in row["changes"])
    for row in changes["renamed"]:
        yield f"  ~ {row['name']}   (was {_quoted(row['was'])}; {_users(row['used_by'])})"
        yield from (f"      {change}" for change in row["changes"])
    for row in changes["removed"]:
        yield f"  - {row['name']}   ({_users(row['used_by'])})"
    for row in changes["hidden"]:
        yield f"  = {row['name']}   (hidden from the user of Zabbix; {_users(row['used_by'])})"
