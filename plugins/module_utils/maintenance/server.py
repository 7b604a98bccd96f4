# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a window to the time periods that Zabbix knows, so that its server makes the same of them.

The server evaluates periods that come again by the clock of its own zone, which its API does not tell. It skips one
whose beginning does not exist on a day, where our rule moves it; it counts days and weeks as multiples of 24 hours,
and so miscounts near midnight after a clock change; and shortly after `active_since` it may take a monthly period for
begun that is not (Zabbix 6.0 and 7.0, dbconfig_maintenance.c). So a window goes as it was written only where none of
this can matter. Any other is written out: each occurrence as a period that comes once, which is exact whatever the
server's zone is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .model import DAY, MONTH, ONCE, WEEK, Period, Window
from .recurrence import comes_on, occurrences, start_on
from .times import DAY as DAY_SECONDS
from .times import HOUR, LAST, horizon, minute, zone_of
from .zabbix_window import TYPES, TimePeriod, once, time_period

#: occurrences that are written out for one window; three months of eight a day
MOST = 750
#: intervals are miscounted where a clock change moves a beginning over midnight; the largest in use is two hours
_EDGE = 2 * HOUR


@dataclass(frozen=True, slots=True)
class Schedule:
    """When Zabbix is to have a window: `since` and `until` (Unix time) and time periods, none where it is not due."""

    since: int = 0
    until: int = 0
    periods: tuple[TimePeriod, ...] = ()


def schedule(window: Window, now: datetime, server_zone: str = "", since: int | None = None) -> Schedule:
    """Return what Zabbix is to be given now.

    `server_zone`: of the Zabbix server, empty where it is not known. `since`: when an open window began, as Zabbix has
    it. Raises ValueError with a sentence where it cannot be exact.
    """
    begin, end = horizon(now)
    if window.open:
        start = since if since is not None else int(minute(now).timestamp())
        stop = int(end.timestamp())
        return Schedule(start, stop, (once(start, stop - start),))
    if all(period.every == ONCE for period in window.periods):
        # with nothing that comes again, all of them, however far away
        return _written_out([_bounds(period) for period in window.periods])
    native = _native(window, now, server_zone)
    if native is not None:
        return native
    found = occurrences(window, begin, end)
    if len(found) > MOST:
        raise ValueError(
            f"it would have to be written out as {len(found)} time periods, and {MOST} are the most; give it one "
            "period and server_time_zone, the zone of the Zabbix server, if that is the zone of the window too"
        )
    return _written_out(found)


def _bounds(period: Period) -> tuple[datetime, datetime]:
    start = period.start or datetime.fromtimestamp(0, UTC)
    return start, start + timedelta(seconds=period.duration)


def _written_out(found: list[tuple[datetime, datetime]]) -> Schedule:
    if not found:
        return Schedule()
    stamps = sorted({(int(start.timestamp()), int(stop.timestamp())) for start, stop in found})
    periods = tuple(once(start, stop - start) for start, stop in stamps)
    return Schedule(stamps[0][0], max(stop for dummy, stop in stamps), periods)


def _native(window: Window, now: datetime, server_zone: str) -> Schedule | None:
    """Return the window as one period that comes again, None where the server might make something else of it."""
    ours, theirs = zone_of(window.zone), zone_of(server_zone) if server_zone else None
    if len(window.periods) != 1 or ours is None or theirs is None:
        return None
    (period,) = window.periods
    # the same for a whole year
    begin, end = (datetime(now.astimezone(UTC).year + years, 1, 1, tzinfo=UTC) for years in (0, 2))
    begin = window.since or begin
    until = window.until if window.until is not None else min(end, datetime.fromtimestamp(LAST, UTC))
    if period.interval > 1 and not _EDGE <= period.at < DAY_SECONDS - _EDGE:
        return None
    # the first beginning as active_since: nothing lies between the two that the server could misread
    # (the 29th of February may be four years away)
    ahead = [one for one in occurrences(window, begin, begin + timedelta(days=366 * 5)) if one[0] >= begin]
    if not ahead or not _same_offsets(ours, theirs, begin, until):
        return None
    if _skipped(period, ours, ahead[0][0], until):
        return None
    fields: dict[str, int] = {"start_time": period.at}
    if period.every in (DAY, WEEK):
        fields["every"] = period.interval
    if period.every == WEEK:
        fields["dayofweek"] = sum(1 << day for day in period.days)
    if period.every == MONTH:
        fields["month"] = sum(1 << month - 1 for month in period.months)
        fields["day"] = period.day
        fields["every"] = 1 if period.day else period.week
        fields["dayofweek"] = 0 if period.day else sum(1 << day for day in period.days)
    since = int(ahead[0][0].timestamp())
    return Schedule(since, int(until.timestamp()), (time_period(TYPES[period.every], period.duration, **fields),))


@lru_cache(maxsize=256)
def _changes(zone: ZoneInfo, first: date, last: date) -> tuple[tuple[date, timedelta | None], ...]:
    """Return the days on which the clock of a zone changes, each with its offset at the end of the day."""
    found: list[tuple[date, timedelta | None]] = []
    midnight = datetime(first.year, first.month, first.day, tzinfo=zone)
    before = midnight.utcoffset()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        after = datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()
        if after != before:
            found.append((day - timedelta(days=1), after))
        before = after
    return tuple(found)


def _same_offsets(one: ZoneInfo, other: ZoneInfo, since: datetime, until: datetime) -> bool:
    """Tell whether two zones have the same clock from one moment to another."""
    if one.key == other.key:
        return True
    first, last = since.date() - timedelta(days=1), until.date() + timedelta(days=2)
    if since.astimezone(one).utcoffset() != since.astimezone(other).utcoffset():
        return False
    if _changes(one, first, last) != _changes(other, first, last):
        return False
    # on the days of a change, also to the hour
    hours = [
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=30 * half)
        for day, dummy in _changes(one, first, last)
        for half in range(-48, 96)
    ]
    return all(moment.astimezone(one).utcoffset() == moment.astimezone(other).utcoffset() for moment in hours)


def _skipped(period: Period, zone: ZoneInfo, first: datetime, until: datetime) -> bool:
    """Tell whether the period begins, on a day that it comes on, at a time that the clock skips."""
    anchor = first.astimezone(zone).date()
    for day, dummy in _changes(zone, anchor - timedelta(days=1), until.astimezone(zone).date() + timedelta(days=1)):
        if not comes_on(period, day, anchor):
            continue
        begins = start_on(period, day, zone).astimezone(zone)
        if begins.hour * HOUR + begins.minute * 60 != period.at:
            return True
    return False
