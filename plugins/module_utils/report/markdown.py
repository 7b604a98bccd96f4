# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A result as Markdown: a comment for a merge request, with what is long folded away and a size that GitHub takes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .words import Report, change_line, headline, hosts_by_word, netbox_page, zabbix_page

#: GitHub takes comments of 65,536 characters, GitLab of a million
MAX_CHARACTERS = 60_000
#: lines of one host, and hosts whose error is told outside of their fold
MAX_LINES, MAX_FAILED = 60, 20
_ROOM_FOR_THE_REST = 200


def as_markdown(report: Report, most: int = MAX_CHARACTERS) -> str:
    """Return the report in at most `most` characters; hosts that find no room are counted at its end."""
    parts = ["\n".join(_head(report))]
    size = len(parts[0])
    shown = 0
    hosts = sorted(report["hosts"], key=lambda host: host["action"] != "failed")
    for host in hosts:
        text = _folded(report, host)
        if size + len(text) + 1 > most - _ROOM_FOR_THE_REST:
            break
        parts.append(text)
        size += len(text) + 1
        shown += 1
    if shown < len(hosts):
        parts.append(f"... and {len(hosts) - shown} more hosts, which found no room here.")
    return "\n".join(parts) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"## {report['job']}: {headline(report)}"
    yield ""
    yield f"{'Dry run' if report['dry_run'] else 'Run'} {_code(report['run_id'])}, {report['started']}"
    yield ""
    problem = report["error"] or report["refused"]
    if problem:
        yield _block(problem[:4000])
        yield ""
    counts = hosts_by_word(report)
    if counts:
        yield "| hosts | |"
        yield "|---|---:|"
        for word, number in counts.items():
            yield f"| {word.replace('_', ' ')} | {number} |"
        yield ""
    failed = [host for host in report["hosts"] if host["error"]]
    for host in failed[:MAX_FAILED]:
        yield f"* {_code(host['name'])}: {_code(str(host['error'])[:500])}"
    if len(failed) > MAX_FAILED:
        yield f"* ... and {len(failed) - MAX_FAILED} more"
    if failed:
        yield ""
    for note in report["notes"][:10]:
        yield f"> {_code(note[:500])}"
        yield ""


def _folded(report: Report, host: dict[str, Any]) -> str:
    lines = [change_line(detail) for detail in host["details"]] or [f"! {one}" for one in host["changes"]]
    if host["error"]:
        lines = [*host["error"].split("\n"), *lines]
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], f"... and {len(lines) - MAX_LINES} more"]
    # in a code element nobody is called by an @, and nothing is taken for Markdown
    summary = f"{host['action']} <code>{html.escape(_line(host['name']))}</code>"
    if host["reasons"]:
        summary += f" ({html.escape(_line(', '.join(host['reasons'])))})"
    links = _links(report, host)
    inner = [links, ""] if links else []
    if lines:
        inner += [_block("\n".join(lines), "diff"), ""]
    return "\n".join([f"<details><summary>{summary}</summary>", "", *inner, "</details>"])


def _links(report: Report, host: dict[str, Any]) -> str:
    pages = {"NetBox": netbox_page(report, host["object"]), "Zabbix": zabbix_page(report, host["hostid"])}
    return ", ".join(f"[{name}](<{page}>)" for name, page in pages.items() if page)


def _code(text: str) -> str:
    """Return a text as code, in which nothing has a meaning: in more backticks than it has in a row."""
    line = _line(text)
    fence = "`" * (_longest_run(line) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def _block(text: str, language: str = "") -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    runs: Iterable[str] = re.findall("`+", text)
    return max((len(run) for run in runs), default=0)


def _line(text: str) -> str:
    return " ".join(text.split())
