# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all reports share: the words for hosts, how they are counted, and where people see a host.

A report is made of a result as a plain dictionary (`Result.full()`), so that one of an earlier run can be made again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

Report = Mapping[str, Any]

GOOD, CHANGED, WARNING, BAD, QUIET = "good", "changed", "warning", "bad", "quiet"

#: what became of a host, or how it is -> how it looks. In the order in which people want to see them.
LOOKS: dict[str, str] = {
    "failed": BAD,
    "conflict": BAD,
    "unhealthy": BAD,
    "undone": WARNING,
    "drifted": WARNING,
    "both": WARNING,
    "missing": WARNING,
    "orphan": WARNING,
    "unknown": WARNING,
    "pending": CHANGED,
    "create": CHANGED,
    "update": CHANGED,
    "restore": CHANGED,
    "archive": CHANGED,
    "delete": CHANGED,
    "release": CHANGED,
    "adopt": CHANGED,
    "candidate": CHANGED,
    "unclaimed": QUIET,
    "remove": CHANGED,
    "postponed": QUIET,
    "archived": QUIET,
    "excluded": QUIET,
    "absent": QUIET,
    "unchanged": GOOD,
    "in_sync": GOOD,
}
#: hosts that a result counts and does not list
UNLISTED = ("unchanged", "in_sync")
#: what a run may be told to fail on: a word for a host, or the reason of one of its differences
FAIL_ON = ("failed", "conflict", "drifted", "pending", "new", "missing", "orphan", "unknown", "excluded", "absent")

#: kind of NetBox object -> where NetBox shows it
_PAGES = {
    "device": "dcim/devices",
    "virtual_machine": "virtualization/virtual-machines",
    "virtual_device_context": "dcim/virtual-device-contexts",
}


def look(action: str) -> str:
    """Return how a word looks; one that is not known is quiet."""
    return LOOKS.get(action, QUIET)


def hosts_by_word(report: Report) -> dict[str, int]:
    """Return how many hosts there are of each word, those that are counted only among them."""
    found = Counter(host["action"] for host in report["hosts"])
    for word in UNLISTED:
        if word not in found and report["stats"].get(word):
            found[word] = report["stats"][word]
    order = list(LOOKS)
    return dict(sorted(found.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))


def fails(action: str, reasons: Collection[str], fail_on: Iterable[str]) -> bool:
    """Return whether a host is one that the run is to fail on; one that nothing is known of is as one that failed."""
    return any(word == action or word in reasons or (word == "failed" and action == "unknown") for word in fail_on)


def went_well(report: Report) -> bool:
    """Return whether the run did all that it was there for."""
    stopped = report["error"] or report["refused"]
    return not stopped and not any(host["action"] in ("failed", "unknown") for host in report["hosts"])


def run_seconds(report: Report) -> float:
    """Return how long the run took, by its phases or, where it has none, by its beginning and end."""
    if report["durations"] or not report["finished"]:
        return round(sum(report["durations"].values()), 3)
    began, ended = (datetime.fromisoformat(report[name]) for name in ("started", "finished"))
    return (ended - began).total_seconds()


def headline(report: Report) -> str:
    """Return how the run went, in a few words."""
    if report["error"]:
        return "The run ended before its end"
    if report["refused"]:
        return "A real run would be stopped by the guard" if report["dry_run"] else "The guard stopped the run"
    failed = sum(host["action"] == "failed" for host in report["hosts"])
    if failed:
        return f"{failed} host{'s' if failed > 1 else ''} failed"
    unknown = sum(host["action"] == "unknown" for host in report["hosts"])
    if unknown:
        return f"Of {unknown} host{'s' if unknown > 1 else ''} nothing is known"
    return "Nothing was written: this was a dry run" if report["dry_run"] else "The run went well"


def netbox_page(report: Report, ref: str) -> str:
    """Return where NetBox shows an object such as `device:5`, empty where that is not known."""
    kind, dummy, number = ref.partition(":")
    base = report["urls"].get("netbox")
    return f"{base}/{_PAGES[kind]}/{number}/" if base and kind in _PAGES and number.isdigit() else ""


def zabbix_page(report: Report, hostid: str | None) -> str:
    """Return where Zabbix shows the latest data of a host, empty where that is not known.

    That address has been the same from 6.0 on, unlike that of the host's form.
    """
    base = report["urls"].get("zabbix")
    if not base or not hostid:
        return ""
    return f"{base}/zabbix.php?action=latest.view&filter_set=1&hostids[]={hostid}"


def what(detail: Mapping[str, Any]) -> str:
    """Return what differs as one word: `templates[ICMP Ping]`."""
    return f"{detail['attribute']}[{detail['element']}]" if detail["element"] else str(detail["attribute"])


def change_line(detail: Mapping[str, Any]) -> str:
    """Return one difference on one line, as `--diff` has it."""
    since = f"since {detail['since']}" if detail["since"] else ""
    why = ", ".join(part for part in (detail["reason"], since, detail["origin"]) if part)
    live, wanted = ((detail[side] or "").replace("\n", "\\n") for side in ("live", "wanted"))
    if detail["live"] is None:
        text = f"+ {what(detail)}: {wanted}"
    elif detail["wanted"] is None:
        text = f"- {what(detail)}: {live}"
    else:
        text = f"! {what(detail)}: {live} -> {wanted}"
    return f"{text}   ({why})" if why else text
