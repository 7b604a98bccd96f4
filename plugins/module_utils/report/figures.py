# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A result as a handful of figures, which Zabbix keeps watch over. The template that takes them is made of this table.

All figures of a run go as one value, so that they arrive together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from .words import CHANGED, Report, look, run_seconds, went_well

#: modules whose runs are watched: those that are run by a schedule
WATCHED = ("hosts_sync", "host_config_refresh", "zabbix_settings_import", "maintenance", "maintenance_cleanup")
#: of these, those that know of drift
KNOW_DRIFT = ("hosts_sync", "host_config_refresh")
#: a module whose runs pass for those of another: who plans first, and applies that, never runs the sync itself
PASSES_FOR = {"hosts_apply": "hosts_sync"}
_PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a run. `name`: in the value and in the key of its item; `text`: the item's name."""

    name: str
    text: str
    of: Callable[[Report], float]
    units: str = ""


def _hosts_of(report: Report, word: str) -> int:
    return sum(word == host["action"] or word in host["reasons"] for host in report["hosts"])


FIGURES: tuple[Figure, ...] = (
    Figure("ok", "went well", lambda report: int(went_well(report))),
    Figure("refused", "stopped by the guard", lambda report: int(bool(report["refused"]))),
    Figure("duration", "duration", run_seconds, "s"),
    Figure("objects", "objects looked at", lambda report: report["stats"].get("objects", 0)),
    Figure(
        "changed",
        "hosts changed",
        lambda report: sum(look(host["action"]) == CHANGED for host in report["hosts"] if host["action"] != _PENDING),
    ),
    Figure("failed", "hosts failed", lambda report: _hosts_of(report, "failed")),
    Figure("drifted", "hosts drifted", lambda report: _hosts_of(report, "drifted")),
    Figure("pending", "hosts pending", lambda report: _hosts_of(report, _PENDING)),
    Figure(
        "requests",
        "HTTP requests",
        lambda report: sum(number for kinds in report["requests"].values() for number in kinds.values()),
    ),
)


def run_key(module: str) -> str:
    """Return the key of the item that takes all figures of a module's run."""
    return f"netbox_zabbix.run[{module}]"


def as_figures(report: Report) -> str:
    """Return the figures as the template takes them."""
    return json.dumps({figure.name: figure.of(report) for figure in FIGURES}, separators=(",", ":"))
