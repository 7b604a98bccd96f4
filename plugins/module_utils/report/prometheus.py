# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A result as text for the textfile collector of Prometheus' node exporter.

The file is all that remembers: when a run last went well, or was over the whole estate, is carried over from the file
before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from .words import Report, hosts_by_word, run_seconds, went_well

_PREFIX = "netbox_zabbix_"
SUCCESS = f"{_PREFIX}last_success_timestamp_seconds"
FULL_RUN = f"{_PREFIX}last_full_run_timestamp_seconds"

Sample = tuple[Mapping[str, str], float]


def as_prometheus(report: Report, module: str, before: str = "") -> str:
    """Return the report. `module`: the label of all samples; `before`: the text that it takes the place of."""
    good = went_well(report)
    finished = _seconds(report["finished"])
    here = {"module": module}
    success = finished if good else _carried(before, SUCCESS, here)
    full = finished if good and report["whole"] else _carried(before, FULL_RUN, here)
    blocks = [
        _block("last_run_timestamp_seconds", "When the last run ended.", [(here, finished)]),
        _block("run_success", "Whether the last run went well.", [(here, float(good))]),
        _block("run_refused", "Whether the guard stopped the last run.", [(here, float(bool(report["refused"])))]),
        _block("run_duration_seconds", "How long the last run took.", [(here, run_seconds(report))]),
        _block(
            "phase_duration_seconds",
            "How long each phase took.",
            [({**here, "phase": name}, seconds) for name, seconds in report["durations"].items()],
        ),
        _block(
            "hosts",
            "Hosts by what became of them, or how they are.",
            [({**here, "status": word}, number) for word, number in hosts_by_word(report).items()],
        ),
        _block(
            "count",
            "The counts of the result.",
            [({**here, "name": name}, number) for name, number in report["stats"].items()],
        ),
        _block(
            "requests",
            "HTTP requests of the last run.",
            [
                ({**here, "server": server, "kind": kind}, number)
                for server, kinds in report["requests"].items()
                for kind, number in kinds.items()
            ],
        ),
    ]
    if success is not None:
        blocks.append(_block(SUCCESS.removeprefix(_PREFIX), "When a run last went well.", [(here, success)]))
    if full is not None:
        text = "When a run over the whole estate last went well."
        blocks.append(_block(FULL_RUN.removeprefix(_PREFIX), text, [(here, full)]))
    return "".join(block for block in blocks if block)


def _block(name: str, text: str, samples: Iterable[Sample]) -> str:
    lines = [f"{_PREFIX}{name}{_labels(labels)} {value:.15g}" for labels, value in samples]
    if not lines:
        return ""
    return "\n".join([f"# HELP {_PREFIX}{name} {text}", f"# TYPE {_PREFIX}{name} gauge", *lines, ""])


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _carried(before: str, name: str, labels: Mapping[str, str]) -> float | None:
    found = re.search(rf"^{re.escape(name + _labels(labels))} ([0-9.e+]+)$", before, re.MULTILINE)
    return float(found[1]) if found else None


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
