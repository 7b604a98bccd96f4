"""Declarations of windows, and what is said of wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.model import Period, ProblemTag
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.parse import parse_list
from unit.maintenance.windows import problems_of, utc, window


def test_a_window_that_comes_once() -> None:
    found = window("{start: 2026-11-24 22:00, end: 2026-11-25 02:00, time_zone: Europe/Berlin, description: Patches}")
    assert found.periods == (Period("once", 4 * 3600, utc("2026-11-24T21:00")),)
    assert (found.collect_data, found.description) == (True, "Patches")
    same = window("{start: 2026-11-24T22:00+01:00, duration: 4h}")
    assert same.periods == found.periods
    # as YAML gives a date and time without quotes
    assert window("{start: 2026-11-24 22:00:00, duration: 4h}", zone="Europe/Berlin").periods == found.periods


def test_the_end_by_the_clock_and_the_duration_differ_when_the_clock_changes() -> None:
    by_clock = window("{start: 2026-10-24 22:00, end: 2026-10-25 06:00, time_zone: Europe/Berlin}")
    assert by_clock.periods[0].duration == 9 * 3600


def test_several_periods_tags_and_words() -> None:
    found = window(
        """
        time_zone: Europe/Berlin
        since: 2026-01-01 00:00
        until: 2027-01-01 00:00
        periods:
          - {every: day, interval: 2, at: "03:00", duration: 1h 30m}
          - {every: week, days: [mon, Friday], at: "22:00", duration: 4h}
          - {every: month, day: 15, months: [jan, jul], at: "01:00", duration: 2h}
          - {every: month, week: last, days: sunday, at: "01:00", duration: 2h}
          - {start: 2026-12-24 18:00, duration: 2d}
        tags: [{tag: scope, value: perf, operator: contains}, {tag: team}]
        tags_match: or
        """
    )
    day, week, date, weekday, once = found.periods
    assert (day.every, day.interval, day.at, day.duration) == ("day", 2, 10800, 5400)
    assert (week.days, week.at) == ((0, 4), 79200)
    assert (date.day, date.months) == (15, (1, 7))
    assert (weekday.week, weekday.days, weekday.months) == (5, (6,), tuple(range(1, 13)))
    assert once.start == datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert found.tags == (ProblemTag("scope", "perf", True), ProblemTag("team", "", False))
    assert found.any_tag


WRONG: list[tuple[str, str]] = [
    ("{start: 2026-11-24T22:00Z, end: 2026-11-24T21:00Z}", 'end: "2026-11-24T21:00Z" is not after the start'),
    ("{start: 2026-11-24 22:00, duration: 1h}", 'start: is "2026-11-24 22:00", a local time, and no zone is given'),
    ("{start: 2026-11-24 22:00, duration: 1h, time_zone: Europe/Berlim}", 'Did you mean "Europe/Berlin"'),
    ("{start: 2026-11-24T22:00Z, duration: 400d}", "duration: it lasts 400d, more than a year"),
    ("{start: 2026-11-24T22:00Z, duration: 4m}", "duration: it lasts 4m; Zabbix takes nothing shorter than 5m"),
    ("{start: 2026-11-24T22:00Z, duration: 4}", 'duration: is 4; it must be a duration such as "4h"'),
    ("{start: 2026-11-24T22:00:30Z, duration: 4h}", "begin and end on a whole minute"),
    ("{start: 2039-11-24T22:00Z, duration: 4h}", "Zabbix takes times from 1970 to 2038"),
    ("{start: tomorrow, duration: 4h}", 'start: is "tomorrow"; it must be a date and time'),
    ("{start: 2026-11-24T22:00Z}", "wants either end or duration"),
    ("{end: 2026-11-24T22:00Z}", "has no start"),
    ("{}", "does not say when it is"),
    ("{open: true, start: 2026-11-24T22:00Z}", "open: means as long as objects have it; leave out start"),
    ("{periods: []}", "periods: is an empty list"),
    ("{start: 2026-11-24T22:00Z, periods: [{start: 2026-11-24T22:00Z, duration: 1h}]}", "periods: leave out start"),
    ("{time_zone: UTC, periods: [{every: day, at: '22:00', duration: 25h}]}", "is 1d 1h, longer than"),
    (
        "{time_zone: UTC, periods: [{every: week, days: [mon, tue], at: '22:00', duration: 30h}]}",
        "longer than from one to the next: 1d",
    ),
    ("{time_zone: UTC, periods: [{every: day, at: 22:00, duration: 1h}]}", "put it in quotes"),
    ("{periods: [{every: day, at: '22:00', duration: 1h}]}", "at: is a local time, and no zone is given"),
    ("{time_zone: UTC, periods: [{every: day, interval: 2, at: '22:00', duration: 1h}]}", "counts from since"),
    ("{time_zone: UTC, periods: [{every: week, at: '22:00', duration: 1h}]}", "has no days"),
    (
        "{time_zone: UTC, periods: [{every: week, days: [mittwoch], at: '2:00', duration: 1h}]}",
        "must be one of monday",
    ),
    ("{time_zone: UTC, periods: [{every: month, at: '22:00', duration: 1h}]}", "wants either day"),
    ("{time_zone: UTC, periods: [{every: month, week: last, at: '22:00', duration: 1h}]}", "week and days go together"),
    (
        "{time_zone: UTC, periods: [{every: month, day: 31, months: [feb, jun], at: '22:00', duration: 1h}]}",
        "is 31, which none of the months has",
    ),
    ("{time_zone: UTC, periods: [{every: year, at: '22:00', duration: 1h}]}", "must be one of day, week, month"),
    (
        "{time_zone: UTC, since: 2026-12-01 00:00, until: 2026-11-01 00:00,"
        " periods: [{every: day, at: '22:00', duration: 1h}]}",
        "is not after since",
    ),
    ("{start: 2026-11-24T22:00Z, duration: 1h, until: 2027-11-24T22:00Z}", "until: is for periods that come again"),
    ("{start: 2026-11-24T22:00Z, duration: 1h, ende: 1}", 'unknown key "ende"'),
    ("{open: true, collect_data: false, tags: [{tag: a}]}", "has no problems that tags could choose from"),
    ("{open: true, tags_match: or}", "is for tags, which are missing"),
    ("{open: true, match: {sites: ber1}}", 'unknown key "sites"'),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said[:40] for dummy, said in WRONG])
def test_wrong_declarations(text: str, said: str) -> None:
    problems = problems_of(text)
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith("test: ") for problem in problems)
    assert len(problems) == 1, problems


@pytest.mark.parametrize("raw", [None, 5, "x", [], {"start": []}, {"periods": 7}, {"periods": [None]}, {"tags": 1}])
def test_nonsense_is_told_and_raises_nothing(raw: Any) -> None:
    assert problems_of(raw)


def test_a_list_names_entry_and_key() -> None:
    problems: list[str] = []
    good = {"start": "2026-11-24T22:00Z", "duration": "1h", "match": {"site": "ber1"}}
    found = parse_list(
        [
            {"name": "a", **good},
            {"name": "b", "start": "2026-11-24T22:00Z", "duration": "1h"},
            {"name": "a", **good},
            {**good},
            "c",
            {"name": "all", **good, "match": "all"},
        ],
        None,
        problems,
    )
    assert [entry.name for dummy, entry in found] == ["a", "b", "a", "all"]
    assert found[-1][1].everything
    assert problems == [
        'maintenance 2 "b": has no target; give match (or "match: all" if it is meant for the whole estate)',
        'maintenance 3 "a": name: maintenance 1 has the same name; each needs its own',
        "maintenance 4: name: is nothing; it must be a text",
        'maintenance 5: is "c"; it must be a dictionary with a name',
    ]
