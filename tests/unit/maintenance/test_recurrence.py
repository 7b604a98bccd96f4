"""When windows are, above all on days on which the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.recurrence import (
    in_force,
    is_over,
    occurrences,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.times import horizon, to_utc
from unit.maintenance.windows import NOW, utc, window

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
FIRST, YEARS = 2018, 20


def by_looking(zone: ZoneInfo) -> dict[datetime, datetime]:
    """Return, for each half hour by the clock of 20 years, when it first is: found by walking through all moments.

    What the clock skips is not in it. Nothing of this asks how a local time becomes a moment.
    """
    first: dict[datetime, datetime] = {}
    moment = datetime(FIRST, 1, 1, tzinfo=UTC) - timedelta(days=2)
    end = datetime(FIRST + YEARS, 1, 1, tzinfo=UTC) + timedelta(days=2)
    while moment < end:
        first.setdefault(moment.astimezone(zone).replace(tzinfo=None), moment)
        moment += timedelta(minutes=30)
    return first


@pytest.mark.parametrize("name", ZONES)
def test_every_local_time_of_twenty_years(name: str) -> None:
    """A time that there is: its first moment. One that is skipped: as many minutes later as it is behind the change."""
    zone = ZoneInfo(name)
    seen = by_looking(zone)
    skipped = 0
    local = datetime(FIRST, 1, 1)  # noqa: DTZ001
    while local.year < FIRST + YEARS:
        found = to_utc(local, zone)
        if local in seen:
            assert found == seen[local], local
        else:
            skipped += 1
            before = local
            while before not in seen:
                before -= timedelta(minutes=30)
            assert found == seen[before] + (local - before), local
        local += timedelta(minutes=30)
    # one change forward a year, of an hour or, on Lord Howe, of half an hour
    assert skipped == YEARS * (1 if name == "Australia/Lord_Howe" else 2)


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("at", ["00:00", "01:30", "02:00", "02:15", "02:30", "03:00", "23:30"])
def test_a_daily_window_comes_once_on_each_day_of_twenty_years(name: str, at: str) -> None:
    zone = ZoneInfo(name)
    daily = window(f"{{time_zone: {name}, periods: [{{every: day, at: '{at}', duration: 30m}}]}}")
    begin, end = datetime(FIRST, 1, 1, tzinfo=zone), datetime(FIRST + YEARS, 1, 1, tzinfo=zone)
    found = occurrences(daily, begin.astimezone(UTC), end.astimezone(UTC))
    days = [start.astimezone(zone).date() for start, dummy in found]
    assert days == [date(FIRST, 1, 1) + timedelta(days=number) for number in range((end.date() - begin.date()).days)]
    wanted = time.fromisoformat(at)
    for start, stop in found:
        assert stop - start == timedelta(minutes=30)
        clock = start.astimezone(zone)
        if clock.time() != wanted:
            # skipped on that day: the clock shows as much more as it went forward
            shift = clock.utcoffset() - (start - timedelta(hours=2)).astimezone(zone).utcoffset()  # type: ignore[operator]
            assert shift > timedelta()
            assert datetime.combine(clock.date(), clock.time()) == datetime.combine(clock.date(), wanted) + shift


@pytest.mark.parametrize("name", ZONES)
def test_a_long_window_lasts_as_long_on_the_days_of_the_change(name: str) -> None:
    nightly = window(f"{{time_zone: {name}, periods: [{{every: day, at: '22:00', duration: 8h}}]}}")
    found = occurrences(nightly, utc("2026-01-01"), utc("2027-01-01"))
    assert {stop - start for start, stop in found} == {timedelta(hours=8)}
    steps = {later[0] - earlier[0] for earlier, later in pairwise(found)}
    half = timedelta(minutes=30 if name == "Australia/Lord_Howe" else 60)
    assert steps == {timedelta(days=1), timedelta(days=1) - half, timedelta(days=1) + half}


def test_known_days() -> None:
    """Written down by hand, from the tables of the zones."""
    berlin = window("{time_zone: Europe/Berlin, periods: [{every: day, at: '02:30', duration: 1h}]}")
    assert occurrences(berlin, utc("2026-03-29"), utc("2026-03-29T12:00"))[0][0] == utc("2026-03-29T01:30")  # 03:30
    assert occurrences(berlin, utc("2026-10-25"), utc("2026-10-25T12:00"))[0][0] == utc("2026-10-25T00:30")  # the first
    york = window("{time_zone: America/New_York, start: 2026-03-08 02:30, duration: 1h}")
    assert york.periods[0].start == utc("2026-03-08T07:30")
    howe = window("{time_zone: Australia/Lord_Howe, start: 2026-10-04 02:15, duration: 1h}")
    assert howe.periods[0].start == utc("2026-10-03T15:45")


def starts(text: str, begin: str, end: str) -> list[str]:
    found = occurrences(window(text, zone="UTC"), utc(begin), utc(end))
    return [start.strftime("%Y-%m-%d %H:%M") for start, dummy in found]


def test_every_n_days_counts_from_since() -> None:
    text = "{since: 2026-11-01 00:00, periods: [{every: day, interval: 3, at: '06:00', duration: 1h}]}"
    assert starts(text, "2026-11-10", "2026-11-20") == ["2026-11-10 06:00", "2026-11-13 06:00", "2026-11-16 06:00",
                                                        "2026-11-19 06:00"]  # fmt: skip


def test_days_of_the_week_and_every_other_week() -> None:
    text = "{periods: [{every: week, days: [mon, friday], at: '06:00', duration: 1h}]}"
    assert starts(text, "2026-11-23", "2026-11-30") == ["2026-11-23 06:00", "2026-11-27 06:00"]
    text = "{since: 2026-11-25 00:00, periods: [{every: week, interval: 2, days: [monday], at: '06:00', duration: 1h}]}"
    assert starts(text, "2026-11-01", "2026-12-31") == ["2026-12-07 06:00", "2026-12-21 06:00"]


def test_days_and_weeks_of_the_month() -> None:
    text = "{periods: [{every: month, day: 31, at: '06:00', duration: 1h}]}"
    assert starts(text, "2026-09-01", "2027-01-01") == ["2026-10-31 06:00", "2026-12-31 06:00"]
    text = "{periods: [{every: month, week: second, days: [tuesday], at: '06:00', duration: 1h}]}"
    assert starts(text, "2026-11-01", "2027-01-01") == ["2026-11-10 06:00", "2026-12-08 06:00"]
    text = "{periods: [{every: month, week: last, days: [sunday], months: [nov, feb], at: '06:00', duration: 1h}]}"
    assert starts(text, "2026-11-01", "2027-03-01") == ["2026-11-29 06:00", "2027-02-28 06:00"]


def test_since_and_until() -> None:
    text = "{since: 2026-11-24 07:00, until: 2026-11-26 06:30, periods: [{every: day, at: '06:00', duration: 1h}]}"
    assert starts(text, "2026-11-01", "2026-12-01") == ["2026-11-25 06:00", "2026-11-26 06:00"]
    (last,) = occurrences(window(text, zone="UTC"), utc("2026-11-26"), utc("2026-12-01"))
    assert last[1] == utc("2026-11-26T06:30")


def test_over_and_in_force() -> None:
    past = window("{start: 2026-11-24T08:00Z, end: 2026-11-24T10:00Z}")
    assert is_over(past, NOW)
    assert not is_over(past, NOW - timedelta(minutes=1))
    assert in_force(past, NOW - timedelta(minutes=1))
    assert not in_force(past, NOW)
    daily = window("{time_zone: UTC, until: 2026-11-24T09:00Z, periods: [{every: day, at: '08:00', duration: 3h}]}")
    assert is_over(daily, NOW)
    forever = window("{open: true}")
    assert in_force(forever, NOW)
    assert not is_over(forever, NOW)


def test_the_horizon_moves_once_a_month() -> None:
    assert horizon(NOW) == (utc("2026-11-01"), utc("2027-02-01"))
    assert horizon(utc("2026-11-30T23:59")) == horizon(utc("2026-11-01"))
    assert horizon(utc("2026-12-01")) == (utc("2026-12-01"), utc("2027-03-01"))
