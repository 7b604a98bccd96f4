# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Windows out of iCalendar files (RFC 5545): the events of a calendar, by the libraries that know its rules.

Events of one name are one window with all their times, written out for the months that `times.horizon` looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ..policy.checks import Report, as_list, as_mapping, as_text, describe
from .model import ONCE, Period, Window
from .parse import LONGEST, SHORTEST, parse_window
from .times import horizon, to_utc, zone_of

try:
    import icalendar
    import recurring_ical_events
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
else:
    IMPORT_ERROR = None

KEYS = ("path", "match", "categories", "time_zone", "collect_data", "tags", "tags_match")
_EVENT_KEYS = ("match", "collect_data", "tags", "tags_match")


def read_calendars(raw: Any, zone: str | None, problems: list[str]) -> list[tuple[str, Window]]:
    """Return the windows of calendar files, each with what messages call it. `zone`: for times that have none.

    `raw`: a list of `{path, match, ...}`: all events of a file, or those of some categories, have the same targets.
    """
    found: list[tuple[str, Window]] = []
    whole = Report("netbox_zabbix_maintenance_calendars", problems=problems)
    now = datetime.now(UTC)
    for number, one in enumerate(as_list(whole, "", raw or [])):
        report = Report(f"calendar {number + 1}", problems=problems)
        if IMPORT_ERROR is not None:
            report.problem("", "calendars need the Python libraries icalendar and recurring-ical-events: install them")
            return []
        given = as_mapping(report, "", one, KEYS)
        path = as_text(report, "path", given.get("path"))
        if "match" not in given:
            report.problem("", 'has no target; give match (or "match: all" if it is meant for the whole estate)')
        if path is None:
            continue
        try:
            text = Path(path).expanduser().read_bytes()
        except OSError as error:
            report.problem("path", f"{path} cannot be read: {error.strerror}")
            continue
        found += [
            (f'calendar {number + 1} ({path}): "{window.name}"', window)
            for window in parse_calendar(text, given, report, zone, now)
        ]
    return found


def parse_calendar(
    text: bytes, given: Mapping[str, Any], report: Report, zone: str | None, now: datetime
) -> list[Window]:
    """Return the windows of one calendar for the months that are looked at."""
    time_zone = given.get("time_zone", zone)
    known = zone_of(time_zone) if isinstance(time_zone, str) else None
    if time_zone is not None and known is None:
        report.problem("time_zone", f"no time zone is called {describe(time_zone)}; give an IANA name")
        return []
    categories = {str(one).lower() for one in as_list(report, "categories", given.get("categories", []))}
    begin, end = horizon(now)
    try:
        calendar = icalendar.Calendar.from_ical(text)
        events = list(recurring_ical_events.of(calendar).between(begin, end))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        # the libraries raise whatever a broken file makes them stumble over
        report.problem("path", f"is no calendar that can be read: {error}")
        return []
    times: dict[str, set[Period]] = {}
    texts: dict[str, str] = {}
    for event in events:
        name = str(event.get("SUMMARY") or "").strip()
        if not name:
            report.problem("path", f"an event on {event['DTSTART'].dt} has no summary, which names its window")
            continue
        if categories and categories.isdisjoint(_categories(event)):
            continue
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        start, stop = (_moment(event[key].dt, known) for key in ("DTSTART", "DTEND"))
        if start is None or stop is None:
            report.problem("", f'the event "{name}" has times without a zone; give time_zone')
            continue
        seconds = int((stop - start).total_seconds())
        if not SHORTEST <= seconds <= LONGEST:
            report.problem("", f'the event "{name}" of {start:%Y-%m-%d} lasts {seconds} s; 300 s to a year are taken')
            continue
        times.setdefault(name, set()).add(Period(ONCE, seconds, start))
        texts.setdefault(name, str(event.get("DESCRIPTION") or "").strip())
    # what the events have in common is checked as it is in any other window
    common = {key: given[key] for key in _EVENT_KEYS if key in given}
    shared = parse_window(report, "all", {**common, "open": True}, zone)
    if shared is None:
        return []
    found: list[Window] = []
    for name, periods in times.items():
        ordered = tuple(sorted(periods, key=lambda one: (one.start or begin, one.duration)))
        found.append(replace(shared, name=name, periods=ordered, open=False, description=texts[name]))
    return found


def _moment(value: date | datetime, zone: Any) -> datetime | None:
    """Return the minute of an event's begin or end in UTC; a date is its midnight."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001  # a local time; its zone comes below
    if value.tzinfo is None:
        if zone is None:
            return None
        value = to_utc(value, zone)
    found = value.astimezone(UTC)
    return found - timedelta(seconds=found.second, microseconds=found.microsecond)


def _categories(event: Any) -> set[str]:
    given = event.get("CATEGORIES")
    lists = given if isinstance(given, list) else [given] if given is not None else []
    return {str(one).lower() for some in lists for one in getattr(some, "cats", [some])}
