# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an account of the least rights is made of on either side: the steps towards it as plain values. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: what the collection made carries this, and nothing else is ever changed
MARK = "[netops.netbox_zabbix]"
CREATE, UPDATE, DELETE, RENEW = "create", "update", "delete", "renew"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be written. `values`: what is written; `before`: what those values are now. Never a secret."""

    kind: str
    action: str
    name: str
    id: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(slots=True)
class AccountPlan:
    """`clashes`: what is in the way, with what to do; nothing may be written as long as there is one."""

    steps: list[Step] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)
    unchanged: int = 0

    def add(self, step: Step) -> None:
        """Take in a step; one that would write nothing counts as unchanged."""
        if step.action == UPDATE and not step.values:
            self.unchanged += 1
        else:
            self.steps.append(step)


def steps_as_text(side: str, steps: Iterable[Step]) -> str:
    """Return steps with each value that changes, for people."""
    lines: list[str] = []
    for step in steps:
        lines.append(f"{side}: {step}: {step.action}")
        for name, value in step.values.items():
            now = f"{_shown(step.before[name])} -> " if name in step.before else ""
            lines.append(f"    {name}: {now}{_shown(value)}")
    return "".join(f"{line}\n" for line in lines)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
