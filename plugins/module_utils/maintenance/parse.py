# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Declarations of windows as people write them -> `Window`. What is wrong is noted with the entry and the key."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from typing import Any

from ..policy.checks import (
    Report,
    as_bool,
    as_list,
    as_mapping,
    as_one_or_list,
    as_text,
    below,
    describe,
    entry,
    one_of,
)
from ..policy.parse import parse_match
from .model import DAY, MONTH, MONTHS, ONCE, WEEK, WEEKDAYS, WEEKS, Period, ProblemTag, Window
from .recurrence import shortest_gap
from .times import DAY as DAY_SECONDS
from .times import as_duration, as_moment, as_time_of_day, as_zone
from .times import as_text as duration_text

#: the key of config contexts that declares windows
CONTEXT_KEY = "zabbix_maintenance"
_WHEN = ("start", "end", "duration", "periods", "open")
KEYS = (
    *("name", "match", *_WHEN, "since", "until", "time_zone"),
    *("collect_data", "tags", "tags_match", "description"),
)
_PERIOD_KEYS = {
    ONCE: ("start", "end", "duration"),
    DAY: ("every", "interval", "at", "duration"),
    WEEK: ("every", "interval", "days", "at", "duration"),
    MONTH: ("every", "months", "day", "week", "days", "at", "duration"),
}
#: Zabbix's own limits are 5 minutes and 999 days; what lasts longer than a year has no end that anybody means
SHORTEST, LONGEST = 300, 366 * DAY_SECONDS
MATCH_ALL = "all"


def parse_window(report: Report, name: Any, raw: Any, zone: str | None) -> Window | None:
    """Return one window, None where something is wrong with it. `zone`: for times that are written without one.

    The key `match` narrows the objects that it is declared for; `match: all` lets it cover the whole estate.
    """
    before = len(report.problems)
    given = as_mapping(report, "", raw, KEYS)
    title = as_text(report, "name", name)
    own_zone = as_zone(report, "time_zone", given["time_zone"]) if "time_zone" in given else zone
    # a zone that is wrong is told once, not for each time
    time_zone = own_zone if own_zone is not None or "time_zone" not in given else ""
    since, until = (
        as_moment(report, key, given[key], time_zone) if given.get(key) is not None else None
        for key in ("since", "until")
    )
    if since is not None and until is not None and until <= since:
        report.problem("until", f"{describe(str(given['until']))} is not after since")
    is_open = bool(as_bool(report, "open", given["open"])) if "open" in given else False
    periods = _periods(report, given, time_zone, is_open)
    if len(report.problems) == before:
        _check_recurring(report, given, periods, time_zone)
    collect = as_bool(report, "collect_data", given.get("collect_data", True))
    tags = _tags(report, given, bool(collect))
    which = one_of(report, "tags_match", given["tags_match"], ("and", "or")) if "tags_match" in given else "and"
    everything = given.get("match") == MATCH_ALL
    match = parse_match(report, "match", given["match"]) if "match" in given and not everything else None
    description = str(given.get("description") or "").replace("\r\n", "\n").strip()
    if len(report.problems) > before or title is None:
        return None
    return Window(
        name=title,
        periods=periods,
        zone=own_zone or "",
        since=since,
        until=until,
        open=is_open,
        collect_data=bool(collect),
        tags=tags,
        any_tag=which == "or",
        description=description,
        match=match,
        everything=everything,
    )


def parse_list(raw: Any, zone: str | None, problems: list[str]) -> list[tuple[str, Window]]:
    """Return the windows of a list, each with what messages call it."""
    whole = Report("netbox_zabbix_maintenances", problems=problems)
    found: list[tuple[str, Window]] = []
    first: dict[str, int] = {}
    for number, one in enumerate(as_list(whole, "", raw or [])):
        name = one.get("name") if isinstance(one, Mapping) else None
        place = f"maintenance {number + 1}" + (f' "{name}"' if isinstance(name, str) and name else "")
        report = Report(place, problems=problems)
        if not isinstance(one, Mapping):
            report.problem("", f"is {describe(one)}; it must be a dictionary with a name")
            continue
        if "match" not in one:
            report.problem("", 'has no target; give match (or "match: all" if it is meant for the whole estate)')
        window = parse_window(report, name, one, zone)
        if window is None:
            continue
        if window.name in first:
            report.problem("name", f"maintenance {first[window.name] + 1} has the same name; each needs its own")
        first.setdefault(window.name, number)
        found.append((place, window))
    return found


def _periods(report: Report, given: Mapping[str, Any], zone: str | None, is_open: bool) -> tuple[Period, ...]:
    named = [key for key in _WHEN if key in given and (key != "open" or is_open)]
    if is_open:
        others = [key for key in (*_WHEN[:-1], "since", "until") if key in given]
        if others:
            report.problem("open", f"means as long as objects have it; leave out {', '.join(others)}")
        return ()
    if "periods" in given:
        others = [key for key in named if key != "periods"]
        if others:
            report.problem("periods", f"leave out {', '.join(others)}: each period has its own")
        raw = as_list(report, "periods", given["periods"])
        if given["periods"] == []:
            report.problem("periods", "is an empty list")
        parsed = [_period(report, entry("periods", number), one, zone) for number, one in enumerate(raw)]
        return tuple(period for period in parsed if period is not None)
    if not named:
        report.problem("", "does not say when it is; give start with end or duration, or periods, or open: true")
        return ()
    period = _once(report, "", given, zone)
    return (period,) if period else ()


def _period(report: Report, path: str, raw: Any, zone: str | None) -> Period | None:
    if not isinstance(raw, Mapping):
        report.problem(path, f"is {describe(raw)}; it must be a dictionary")
        return None
    if "every" not in raw:
        as_mapping(report, path, raw, (*_PERIOD_KEYS[ONCE], "every"))
        return _once(report, path, raw, zone)
    every = one_of(report, below(path, "every"), raw["every"], (DAY, WEEK, MONTH))
    if every is None:
        return None
    before = len(report.problems)
    given = as_mapping(report, path, raw, _PERIOD_KEYS[every])
    at = as_time_of_day(report, below(path, "at"), given.get("at"))
    duration = _duration(report, below(path, "duration"), given.get("duration"))
    interval = _number(report, below(path, "interval"), given.get("interval", 1), 1, 999 if every == DAY else 99)
    days = _words(report, below(path, "days"), given["days"], WEEKDAYS, 0) if "days" in given else ()
    months = _words(report, below(path, "months"), given["months"], MONTHS, 1) if "months" in given else ()
    day = _number(report, below(path, "day"), given["day"], 1, 31) if "day" in given else 0
    week = one_of(report, below(path, "week"), given["week"], WEEKS) if "week" in given else None
    if every == WEEK and "days" not in given:
        report.problem(path, f"has no days; give some of {', '.join(WEEKDAYS)}")
    if every == MONTH:
        if ("day" in given) == ("week" in given):
            report.problem(path, "wants either day (of the month) or week (first to last) with days")
        elif ("week" in given) != ("days" in given):
            report.problem(path, "week and days go together, such as week: last, days: [sunday]")
        # 2028 has a 29th of February
        if months and all(day > monthrange(2028, month)[1] for month in months):
            report.problem(below(path, "day"), f"is {day}, which none of the months has")
    if at is None or duration is None or len(report.problems) > before:
        return None
    return Period(
        every=every,
        duration=duration,
        at=at,
        interval=interval,
        days=days,
        day=day,
        week=WEEKS.index(week) + 1 if week else 0,
        months=months or (tuple(range(1, 13)) if every == MONTH else ()),
    )


def _once(report: Report, path: str, given: Mapping[str, Any], zone: str | None) -> Period | None:
    before = len(report.problems)
    if "start" not in given:
        report.problem(path, "has no start")
    if ("end" in given) == ("duration" in given):
        report.problem(path, "wants either end or duration")
    start = as_moment(report, below(path, "start"), given["start"], zone) if "start" in given else None
    end = as_moment(report, below(path, "end"), given["end"], zone) if "end" in given else None
    seconds = _duration(report, below(path, "duration"), given["duration"]) if "duration" in given else None
    if start is not None and end is not None:
        if end <= start:
            report.problem(below(path, "end"), f"{describe(str(given['end']))} is not after the start")
        else:
            seconds = _limits(report, below(path, "end"), int((end - start).total_seconds()))
    if start is None or seconds is None or len(report.problems) > before:
        return None
    return Period(every=ONCE, duration=seconds, start=start)


def _duration(report: Report, path: str, value: Any) -> int | None:
    seconds = as_duration(report, path, value)
    return None if seconds is None else _limits(report, path, seconds)


def _limits(report: Report, path: str, seconds: int) -> int | None:
    if seconds < SHORTEST:
        report.problem(path, f"it lasts {duration_text(seconds)}; Zabbix takes nothing shorter than 5m")
        return None
    if seconds > LONGEST:
        report.problem(
            path,
            f"it lasts {duration_text(seconds)}, more than a year; for what has no end give open: true, or disable the "
            "host by its status in NetBox",
        )
        return None
    return seconds


def _check_recurring(report: Report, given: Mapping[str, Any], periods: tuple[Period, ...], zone: str | None) -> None:
    for number, period in enumerate(periods):
        path = entry("periods", number)
        if period.every == ONCE:
            continue
        if zone is None:
            report.problem(
                below(path, "at"), "is a local time, and no zone is given; add time_zone (such as Europe/Berlin)"
            )
        gap = shortest_gap(period) * DAY_SECONDS
        if period.duration > gap:
            report.problem(
                below(path, "duration"),
                f"is {duration_text(period.duration)}, longer than from one to the next: {duration_text(gap)}",
            )
        if period.interval > 1 and given.get("since") is None:
            report.problem(below(path, "interval"), "counts from since, which is missing")
    if any(key in given for key in ("since", "until")) and all(one.every == ONCE for one in periods):
        report.problem("since" if "since" in given else "until", "is for periods that come again, and there is none")


def _tags(report: Report, given: Mapping[str, Any], collect: bool) -> tuple[ProblemTag, ...]:
    if "tags" not in given:
        if "tags_match" in given:
            report.problem("tags_match", "is for tags, which are missing")
        return ()
    if not collect:
        report.problem("tags", "a window without data collection has no problems that tags could choose from")
        return ()
    found: list[ProblemTag] = []
    for number, raw in enumerate(as_list(report, "tags", given["tags"])):
        path = entry("tags", number)
        one = as_mapping(report, path, raw, ("tag", "value", "operator"))
        tag = as_text(report, below(path, "tag"), one.get("tag"))
        value = str(one.get("value") if one.get("value") is not None else "")
        operator = one_of(report, below(path, "operator"), one.get("operator", "equals"), ("equals", "contains"))
        if tag is not None and operator is not None:
            found.append(ProblemTag(tag, value, operator == "contains"))
    return tuple(sorted(set(found), key=lambda one: (one.tag, one.value, one.contains)))


def _number(report: Report, path: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        report.problem(path, f"is {describe(value)}; it must be a whole number from {least} to {most}")
        return least
    return value


def _words(report: Report, path: str, value: Any, words: tuple[str, ...], first: int) -> tuple[int, ...]:
    """Return the numbers of words such as weekdays, which may be cut to three letters."""
    found: set[int] = set()
    for one in as_one_or_list(report, path, value):
        text = str(one).lower()
        short = [word for word in words if word == text or word[:3] == text]
        if short:
            found.add(words.index(short[0]) + first)
        else:
            one_of(report, path, one, words)
    return tuple(sorted(found))
