# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A maintenance window as it was declared. Plain values; `parse.py` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..policy.match import Match

#: how often a period comes
ONCE, DAY, WEEK, MONTH = "once", "day", "week", "month"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
#: weeks of a month; the last one is the fourth where the month has no fifth such day
WEEKS = ("first", "second", "third", "fourth", "last")
LAST_WEEK = 5


@dataclass(frozen=True, slots=True)
class Period:
    """When a window is. `duration`: seconds that pass. `start`: of one that comes once, in UTC.

    `at`: seconds since midnight by the clock of the window's zone. `interval`: every so many days or weeks. `days`: of
    the week, Monday is 0. `day`: of the month. `week`: of the month, 1 to 4, or 5 for the last. `months`: 1 to 12.
    """

    every: str
    duration: int
    start: datetime | None = None
    at: int = 0
    interval: int = 1
    days: tuple[int, ...] = ()
    day: int = 0
    week: int = 0
    months: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ProblemTag:
    """A tag of the problems that are suppressed. `contains`: the value is a part of the tag's."""

    tag: str
    value: str = ""
    contains: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """One declared window. `since`, `until`: between which its recurring periods begin and end, in UTC.

    `open`: it has no end, but lasts as long as objects have it. `match`: narrows the objects that it is declared for;
    `everything`: it may cover the whole estate.
    """

    name: str
    periods: tuple[Period, ...] = ()
    zone: str = ""
    since: datetime | None = None
    until: datetime | None = None
    open: bool = False
    collect_data: bool = True
    tags: tuple[ProblemTag, ...] = ()
    any_tag: bool = False
    description: str = ""
    match: Match | None = None
    everything: bool = False
