# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a check found: one row, and many of them as a table. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OK, WARNING, ERROR = "ok", "warning", "error"
#: from the best to the worst
STATUSES = (OK, WARNING, ERROR)
NETBOX, ZABBIX, BOTH = "netbox", "zabbix", "both"
WIDTH = 120


@dataclass(frozen=True, slots=True)
class Check:
    """One row. `check`: its name, the same in every run; `found`: what is so; `do`: what to do, empty where nothing."""

    check: str
    server: str
    status: str
    found: str
    do: str = ""


def worst_of(checks: Iterable[Check]) -> str:
    """Return the worst status among rows, "ok" where there are none."""
    return max((one.status for one in checks), key=STATUSES.index, default=OK)


def is_over(worst: str, fail_on: str) -> bool:
    """Return whether a status is one to fail on. `fail_on`: "warning", "error" or "never"."""
    return fail_on in STATUSES and STATUSES.index(worst) >= STATUSES.index(fail_on)


def as_table(checks: Sequence[Check]) -> str:
    """Return rows as text: status, server, check, what was found, and below it what to do."""
    names = max((len(one.check) for one in checks), default=0)
    lines: list[str] = []
    for one in checks:
        head = f"{one.status:7}  {one.server:6}  {one.check:{names}}  "
        text = textwrap.wrap(one.found, max(WIDTH - len(head), 40)) or [""]
        lines += [head + text[0], *(" " * len(head) + more for more in text[1:])]
        if one.do:
            told = textwrap.wrap(f"-> {one.do}", max(WIDTH - len(head), 40), subsequent_indent="   ")
            lines += [" " * len(head) + more for more in told]
    return "\n".join(lines)


def some_of(names: Iterable[str], most: int = 10) -> str:
    """Return names as text, the first ones of many."""
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")
