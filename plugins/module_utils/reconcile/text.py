# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as text, field by field, for people and for `--diff`. Secrets are masked before they get here."""

from __future__ import annotations

from ..zabbix.objects import ZabbixSettings
from .diff import differences
from .plan import Change, Difference, Plan
from .preimage import CANNOT_BE_TAKEN_BACK, LOST, preimage

#: a longer text helps nobody and costs Ansible's callback plugins minutes (measured: 53 s for a diff of 1 MB)
MAX_LINES = 4000
MAX_VALUE = 120


def plan_as_text(plan: Plan, settings: ZabbixSettings) -> str:
    """Return all changes of a plan, cut after MAX_LINES with a word about the rest."""
    lines: list[str] = []
    for number, change in enumerate(plan.changes):
        if len(lines) > MAX_LINES:
            lines.append(f"... and {len(plan.changes) - number} more hosts; run over a part to see them")
            break
        lines.append(_head(change))
        lines.extend(_line(item) for item in differences(change, settings))
        lines.extend(f"    ! {LOST}: {_cut(text)}   ({CANNOT_BE_TAKEN_BACK})" for text in preimage(change).lost)
    return "\n".join(lines) + "\n" if lines else ""


def _head(change: Change) -> str:
    sign = "+" if change.action == "create" else "~"
    where = f", host id {change.hostid}" if change.hostid else ""
    return f"{sign} {change.config.host}  [{change.config.label}{where}]"


def _line(item: Difference) -> str:
    what = item.path
    if item.before is None:
        value = f"+ {what}: {_cut(item.after)}"
    elif item.after is None:
        value = f"- {what}: {_cut(item.before)}"
    else:
        value = f"~ {what}: {_cut(item.before)} -> {_cut(item.after)}"
    why = ", ".join(part for part in (item.reason, item.origin) if part)
    return f"    {value}   ({why})"


def _cut(value: str | None) -> str:
    text = (value or "").replace("\n", "\\n")
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 3] + "..."
