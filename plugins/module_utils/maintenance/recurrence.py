# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a window really is: its occurrences as moments. Pure functions; the rule for clock changes is in `times.py`."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeAlias
from zoneinfo import ZoneInfo

from .model import DAY, LAST_WEEK, ONCE, WEEK, Period, Window
from .times import to_utc, zone_of

#: begin and end, both in UTC
Occurrence: TypeAlias = "tuple[datetime, datetime]"


def occurrences(window: Window, begin: datetime, end: datetime) -> list[Occurrence]:
    """Return when the window is between two moments, in order; the first may have begun before, the last end later.

    Periods that come again begin not before `since`, and are cut off at `until`.
    """
    found: set[Occurrence] = set()
    for period in window.periods:
        for start in _starts(window, period, begin, end):
            stop = start + timedelta(seconds=period.duration)
            if window.until is not None and period.every != ONCE:
                stop = min(stop, window.until)
            if begin < stop and start < end and start < stop:
                found.add((start, stop))
    return sorted(found)


def is_over(window: Window, now: datetime) -> bool:
    """Tell whether the window will not come again."""
    if window.open:
        return False
    if all(period.every == ONCE for period in window.periods):
        ends = [period.start + timedelta(seconds=period.duration) for period in window.periods if period.start]
        return all(end <= now for end in ends)
    return window.until is not None and window.until <= now


def in_force(window: Window, now: datetime) -> bool:
    """Tell whether it is that window's time."""
    return window.open or any(
        start <= now < stop for start, stop in occurrences(window, now, now + timedelta(minutes=1))
    )


def _starts(window: Window, period: Period, begin: datetime, end: datetime) -> Iterator[datetime]:
    if period.every == ONCE:
        if period.start is not None:
            yield period.start
        return
    zone = zone_of(window.zone)
    if zone is None:
        return
    # a day more on either side: the dates are those of the zone
    first = (begin - timedelta(seconds=period.duration)).astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date() + timedelta(days=1)
    since = window.since
    anchor = since.astimezone(zone).date() if since is not None else first
    if since is not None:
        first = max(first, anchor)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if comes_on(period, day, anchor):
            start = start_on(period, day, zone)
            if since is None or start >= since:
                yield start


def start_on(period: Period, day: date, zone: ZoneInfo) -> datetime:
    """Return when a period begins on a day."""
    return to_utc(datetime.combine(day, time()) + timedelta(seconds=period.at), zone)


def comes_on(period: Period, day: date, anchor: date) -> bool:
    """Tell whether a period comes on a day. `anchor`: the day (or a day of the week) that intervals count from."""
    if period.every == DAY:
        return period.interval == 1 or (day - anchor).days % period.interval == 0
    if period.every == WEEK:
        if day.weekday() not in period.days:
            return False
        weeks = (_monday(day) - _monday(anchor)).days // 7
        return period.interval == 1 or weeks % period.interval == 0
    if day.month not in period.months:
        return False
    if period.day:
        return day.day == period.day
    return day.weekday() in period.days and period.week in _weeks_of(day)


def _weeks_of(day: date) -> tuple[int, ...]:
    """Return which one of its kind in its month a day is: the fourth, the last, or both."""
    number = (day.day - 1) // 7 + 1
    last = day.day + 7 > monthrange(day.year, day.month)[1]
    return (number, LAST_WEEK) if last else (number,)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def shortest_gap(period: Period) -> int:
    """Return the fewest days between two beginnings of a period, 0 for one that comes once or in one month a year."""
    if period.every == DAY:
        return period.interval
    if period.every == WEEK:
        days = sorted(period.days)
        gaps = [later - earlier for earlier, later in pairwise(days)]
        return min([*gaps, 7 * period.interval - (days[-1] - days[0])])
    if period.every == ONCE:
        return 0
    if period.day:
        return 28
    days = sorted(period.days)
    gaps = [later - earlier for earlier, later in pairwise(days)]
    # "the first monday" may come a day after "the first sunday" too
    gaps += [7 - (days[-1] - days[0])] if len(days) > 1 else []
    return min([*gaps, 28])
