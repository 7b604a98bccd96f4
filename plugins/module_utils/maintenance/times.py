# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moments, times of day and durations as people write them, and the rule for days on which the clock changes.

The rule, the same as that of iCalendar (RFC 5545, 3.3.5) and Python's zoneinfo with fold=0: a local time that is
skipped when the clock goes forward is as many minutes later (02:30 becomes 03:30), one that comes twice is the first of
the two. A duration is time that passes, whatever the clock does meanwhile.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from ..errors import nearest
from ..policy.checks import Report, describe

MINUTE, HOUR, DAY = 60, 3600, 86400
_UNITS = {"w": 7 * DAY, "d": DAY, "h": HOUR, "m": MINUTE}
_DURATION = re.compile(r"(?:\s*\d+\s*[wdhm])+\s*")
_PART = re.compile(r"(\d+)\s*([wdhm])")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?")
#: the last moment that Zabbix takes, 2038-01-19 03:14:07 UTC (its database has 32 bits)
LAST = 2**31 - 1


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo | None:
    """Return the time zone with this IANA name, None where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not known, not a name at all, the name of a folder
        return None


def as_zone(report: Report, path: str, value: Any) -> str | None:
    """Return the name of a time zone."""
    if not isinstance(value, str) or not value:
        report.problem(path, f"is {describe(value)}; it must be the IANA name of a time zone, such as Europe/Berlin")
        return None
    if zone_of(value) is None:
        report.problem(
            path,
            f'no time zone is called "{value}"; give an IANA name such as Europe/Berlin.'
            f"{nearest(value, available_timezones())}",
        )
        return None
    return value


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment of a local time, by the rule at the head of this file."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def as_moment(report: Report, path: str, value: Any, zone: str | None) -> datetime | None:
    """Return a moment in UTC. `zone`: of a time that is written without one; None where that is an error."""
    try:
        # a date or datetime is what YAML made of it
        parsed = datetime.fromisoformat(str(value)) if isinstance(value, str | date) else None
    except ValueError:
        parsed = None
    if parsed is None:
        report.problem(path, f"is {describe(value)}; it must be a date and time such as 2026-11-24 22:00")
        return None
    if parsed.second or parsed.microsecond:
        report.problem(path, f"is {describe(str(value))}; Zabbix's windows begin and end on a whole minute")
        return None
    if parsed.tzinfo is None:
        known = zone_of(zone) if zone else None
        if known is None:
            if zone is None:
                report.problem(
                    path,
                    f"is {describe(str(value))}, a local time, and no zone is given; add time_zone (such as "
                    "Europe/Berlin) or an offset (+01:00, Z)",
                )
            return None
        parsed = to_utc(parsed, known)
    found = parsed.astimezone(UTC)
    if not 0 <= found.timestamp() <= LAST:
        report.problem(path, f"is {describe(str(value))}; Zabbix takes times from 1970 to 2038-01-18")
        return None
    return found


def as_time_of_day(report: Report, path: str, value: Any) -> int | None:
    """Return a time of day as seconds since midnight by the clock."""
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        # YAML reads 22:00 without quotes as a number to the base of 60
        hint = "; put it in quotes" if isinstance(value, int) and not isinstance(value, bool) else ""
        report.problem(path, f'is {describe(value)}; it must be a time of day such as "22:00"{hint}')
        return None
    return int(found[1]) * HOUR + int(found[2]) * MINUTE


def as_duration(report: Report, path: str, value: Any) -> int | None:
    """Return a duration in seconds: `4h`, `90m`, `1d 12h`."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        report.problem(path, f'is {describe(value)}; it must be a duration such as "4h", "90m" or "1d 12h"')
        return None
    return duration_of(value)


def duration_of(text: str) -> int:
    """Return the seconds of a duration that is known to be one."""
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def as_text(seconds: int) -> str:
    """Return a duration as people write it."""
    parts = []
    for unit in ("d", "h", "m"):
        number, seconds = divmod(seconds, _UNITS[unit])
        if number:
            parts.append(f"{number}{unit}")
    return " ".join(parts) or "0m"


def minute(moment: datetime) -> datetime:
    """Return the minute that a moment is in: what Zabbix makes of it."""
    return moment.replace(second=0, microsecond=0)


def shown(stamp: int) -> str:
    """Return a moment for people, in UTC."""
    return datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d %H:%M UTC")


def horizon(now: datetime) -> tuple[datetime, datetime]:
    """Return between which moments recurring windows are written out: this month and the next two, in UTC.

    Whole months, so that a run changes nothing but on the first of a month; and an end, so that nothing stays
    suppressed where nobody runs the job any more.
    """
    begin = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = begin
    for dummy in range(3):
        end = (end + timedelta(days=32)).replace(day=1)
    return begin, end
