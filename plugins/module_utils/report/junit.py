# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A result as JUnit XML, which pipelines show: a host is a test case, and so is the run itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from .words import QUIET, Report, change_line, fails, headline, look, run_seconds

#: what no XML document may hold, not even as a reference
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report, fail_on: Sequence[str] = ("failed",)) -> str:
    """Return the report. Hosts by the words of `fail_on` are failures, those that are left alone are skipped."""
    suite = ElementTree.Element("testsuite")
    cases = [_run_case(suite, report), *(_host_case(suite, report, host, fail_on) for host in report["hosts"])]
    counts = {outcome: cases.count(outcome) for outcome in ("failure", "error", "skipped")}
    seconds = f"{run_seconds(report):.3f}"
    figures = {
        "tests": str(len(cases)),
        "failures": str(counts["failure"]),
        "errors": str(counts["error"]),
        "skipped": str(counts["skipped"]),
    }
    for name, value in {"name": report["job"], **figures, "time": seconds, "timestamp": report["started"][:19]}.items():
        suite.set(name, _legal(value))
    suites = ElementTree.Element("testsuites", {"name": "netops.netbox_zabbix", **figures, "time": seconds})
    suites.append(suite)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _run_case(suite: ElementTree.Element, report: Report) -> str:
    case = _case(suite, f"{report['job']}: the run as a whole", report["job"])
    problem = report["error"] or report["refused"]
    if problem:
        return _outcome(case, "error", headline(report), problem)
    ElementTree.SubElement(case, "system-out").text = _legal(report["message"])
    return ""


def _host_case(suite: ElementTree.Element, report: Report, host: dict[str, Any], fail_on: Sequence[str]) -> str:
    name = f"{host['name']} ({host['object'].replace(':', ' ')})" if host["object"] else host["name"]
    case = _case(suite, name, f"{report['job']}.{host['action']}")
    lines = [change_line(detail) for detail in host["details"]] or list(host["changes"])
    text = "\n".join([host["error"], *lines] if host["error"] else lines)
    if fails(host["action"], host["reasons"], fail_on):
        first = str(host["error"]).split("\n", 1)[0] if host["error"] else f"{host['action']}: {_reasons(host)}"
        return _outcome(case, "failure", first, text)
    if look(host["action"]) == QUIET or host["action"] == "orphan":
        return _outcome(case, "skipped", f"{host['action']}: {_reasons(host)}", "")
    if text:
        ElementTree.SubElement(case, "system-out").text = _legal(text)
    return ""


def _reasons(host: dict[str, Any]) -> str:
    return ", ".join(host["reasons"]) or ", ".join(host["changes"][:5])


def _case(suite: ElementTree.Element, name: str, classname: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", {"name": _legal(name), "classname": _legal(classname)})


def _outcome(case: ElementTree.Element, kind: str, message: str, text: str) -> str:
    outcome = ElementTree.SubElement(case, kind, {"message": _legal(message)})
    outcome.text = _legal(text) or None
    return kind


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
