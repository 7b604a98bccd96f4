# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A number, or a share of a whole: `5` or `10%`, as people give it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Amount:
    """`value` things, or `value` per cent of all of them."""

    value: float
    percent: bool

    def __str__(self) -> str:
        return f"{self.value:g} %" if self.percent else f"{self.value:g}"

    def of(self, whole: int) -> int:
        """Return how many of `whole` it is; a part of one counts as one."""
        # a share such as 0.7 has no exact value, and must not become one more by that
        return math.ceil(round(self.value * whole / 100, 6)) if self.percent else int(self.value)


def amount_from(where: str, given: Any, problems: list[str]) -> Amount | None:
    """Return an amount; None where it is none, which is told in `problems` then. Text is read as Ansible gives it."""
    text = str(given).strip()
    found = None if isinstance(given, bool) else re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text)
    if found is None:
        problems.append(f'{where}: a number such as 5 or a share such as "10%" is expected, not {given!r}')
        return None
    amount = Amount(float(found[1]), bool(found[2]))
    if amount.percent and amount.value > 100:
        problems.append(f"{where}: {amount} is more than all")
        return None
    if not amount.percent and not amount.value.is_integer():
        problems.append(f"{where}: {given!r} is no whole number (a share has a % behind it)")
        return None
    return amount
