# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the reports that a run was asked for. Each file appears whole or stays as it was."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence

from ..errors import InputError
from .html_page import as_html
from .junit import as_junit
from .markdown import as_markdown
from .prometheus import as_prometheus
from .words import Report

FORMATS = ("html", "json", "junit", "markdown", "prometheus")
#: in a path it stands for the name of the module, so that all jobs can have one setting
JOB_FIELD = "{job}"


def report_paths(given: Mapping[str, str | None] | None, module: str) -> dict[str, str]:
    """Return where the reports of a module go, by format; their folders are made.

    Raises InputError where that cannot be: better before a run than after it.
    """
    paths = {name: path.replace(JOB_FIELD, module) for name, path in (given or {}).items() if path}
    problems: list[str] = []
    for name, path in paths.items():
        folder = os.path.dirname(os.path.abspath(path))
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            problems.append(f"reports.{name}: the folder {folder} cannot be made: {error.strerror}")
            continue
        if os.path.isdir(path):
            problems.append(f"reports.{name}: {path} is a folder")
        elif not os.access(folder, os.W_OK):
            problems.append(f"reports.{name}: {folder} cannot be written to")
    for name, path in paths.items():
        if list(paths.values()).count(path) > 1:
            problems.append(f"reports.{name}: {path} is given for another report too")
    if problems:
        raise InputError(problems)
    return paths


def write_reports(report: Report, paths: Mapping[str, str], module: str, fail_on: Sequence[str]) -> list[str]:
    """Write the reports; return what could not be written. A dry run leaves Prometheus' file as it is.

    The figures of a dry run would pass there for those of a run.
    """
    makers: dict[str, Callable[[], str]] = {
        "html": lambda: as_html(report),
        "json": lambda: json.dumps(report) + "\n",
        "junit": lambda: as_junit(report, fail_on),
        "markdown": lambda: as_markdown(report),
        "prometheus": lambda: as_prometheus(report, module, _read(paths["prometheus"])),
    }
    problems: list[str] = []
    for name, path in paths.items():
        if name == "prometheus" and report["dry_run"]:
            continue
        try:
            _write(path, makers[name]())
        except OSError as error:
            problems.append(f"The {name} report {path} could not be written: {error.strerror or error}")
    return problems


def _read(path: str) -> str:
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def _write(path: str, text: str) -> None:
    """Put a text in the place of a file; everybody may read it whom the umask lets."""
    handle, unfinished = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".report-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(unfinished, 0o666 & ~umask)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
