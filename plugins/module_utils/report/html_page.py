# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A result as a page in a single file, which needs no server and loads nothing.

The data is JSON in a script element that is never run, so that it cannot be HTML; the one script that may run and the
one style sheet are named by their digests in the page's content security policy.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from .html_script import SCRIPT
from .html_style import STYLE
from .words import Report, headline, hosts_by_word, look

#: differences in one page: 100,000 of them are some 15 MB, which a browser still opens in seconds
MAX_DETAILS = 100_000

#: of each difference, in the order in which the script knows them
_DETAIL = ("attribute", "element", "wanted", "live", "reason", "origin", "applied", "since")
#: what could end the script element that holds the data, or be taken for the beginning of another one
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def as_html(report: Report) -> str:
    """Return the report."""
    data, left_out = _data(report)
    title = f"{report['job']}: {headline(report)}"
    notes = list(report["notes"])
    if left_out:
        notes.append(f"{left_out:,} differences found no room in this page; the JSON report has all of them.")
    return "".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_content_security_policy()}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            *_body(report, notes),
            f'<script type="application/json" id="data">{data}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n',
        )
    )


def _content_security_policy() -> str:
    script, style = (
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in (SCRIPT, STYLE)
    )
    return f"default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'"


def _data(report: Report) -> tuple[str, int]:
    """Return the page's data, safe within a script element, and how many differences found no room."""
    left = MAX_DETAILS
    left_out = 0
    hosts: list[list[Any]] = []
    listed: set[str] = set()
    for host in report["hosts"]:
        details = host["details"][:left]
        left -= len(details)
        left_out += len(host["details"]) - len(details)
        listed.add(host["action"])
        hosts.append(
            [
                host["name"],
                host["object"],
                host["hostid"],
                host["action"],
                host["reasons"],
                host["error"],
                [_detail(detail) for detail in details],
                host["changes"] if not details else [],
            ]
        )
    words = [[word, number, look(word), word in listed] for word, number in hosts_by_word(report).items()]
    text = json.dumps({"hosts": hosts, "words": words, "urls": report["urls"]}, separators=(",", ":"))
    return text.translate(_ESCAPES), left_out


def _detail(detail: Mapping[str, Any]) -> list[Any]:
    return [detail[name] for name in _DETAIL]


def _body(report: Report, notes: list[str]) -> Iterator[str]:
    yield '<a class="skip" href="#hosts">To the hosts</a>\n<header>\n'
    yield f"<h1>{escape(report['job'])}: {escape(headline(report))}</h1>\n"
    scope = "" if report["whole"] else ", a part of the estate"
    yield f'<p class="faint">Run {escape(report["run_id"])}, {escape(report["started"])} to '
    yield f"{escape(report['finished'])}{', dry run' if report['dry_run'] else ''}{scope}</p>\n</header>\n<main>\n"
    problem = report["error"] or report["refused"]
    if problem:
        yield f'<div class="problem" role="alert">{escape(problem)}</div>\n'
    for note in notes:
        yield f'<div class="problem note">{escape(note)}</div>\n'
    yield "<noscript><p>The hosts are shown by a script of this page, which does not run here.</p></noscript>\n"
    yield _PAGE
    yield from _figures(report)
    yield "</main>\n"


_PAGE = """<div id="page" hidden>
<div id="bar" class="bar" role="img"></div>
<ul id="chips" class="chips" aria-label="Hosts by status; a button shows only those"></ul>
<div class="controls" role="search">
<label>Search (key /)<br><input id="search" type="search" autocomplete="off" spellcheck="false"></label>
<label id="attribute-label">Attribute<br><select id="attribute"><option value="">any</option></select></label>
<button type="button" id="open-all">Open or close all on this page</button>
</div>
<p id="shown" role="status"></p>
<table id="hosts" tabindex="-1">
<caption class="unseen">Hosts. The button with a host's name shows its differences.</caption>
<thead><tr>
<th scope="col"><button type="button" data-sort="name">Host</button></th>
<th scope="col"><button type="button" data-sort="object">NetBox</button></th>
<th scope="col">Zabbix</th>
<th scope="col"><button type="button" data-sort="status">Status</button></th>
<th scope="col"><button type="button" data-sort="differences">What</button></th>
</tr></thead>
<tbody id="rows"></tbody>
</table>
<nav class="pages" aria-label="Pages">
<button type="button" id="before">Previous page</button><button type="button" id="after">Next page</button>
</nav>
</div>
"""


def _figures(report: Report) -> Iterator[str]:
    tables = {
        "Counts": report["stats"],
        "Seconds by phase": report["durations"],
        **{f"Requests to {server}": kinds for server, kinds in report["requests"].items()},
    }
    yield "<details><summary>Figures of the run</summary>\n"
    for name, figures in tables.items():
        if figures:
            yield f"<h2>{escape(name)}</h2>\n<dl>"
            yield "".join(f"<dt>{escape(str(key))}</dt><dd>{value:,}</dd>" for key, value in figures.items())
            yield "</dl>\n"
    yield "</details>\n"
