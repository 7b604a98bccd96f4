"""What Zabbix is given, so that its server makes the same of it as the declaration says."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.recurrence import occurrences
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.server import Schedule, schedule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.times import horizon
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.zabbix_window import normal, period_text
from unit.maintenance.windows import NOW, utc, window

DAILY = "{time_zone: Europe/Berlin, periods: [{every: day, at: '22:00', duration: 4h}]}"


def stamp(text: str) -> int:
    return int(utc(text).timestamp())


def types(found: Schedule) -> set[str]:
    return {dict(period)["timeperiod_type"] for period in found.periods}


def test_once() -> None:
    found = schedule(window("{start: 2026-11-24T22:00Z, duration: 4h}"), NOW)
    assert (found.since, found.until) == (stamp("2026-11-24T22:00"), stamp("2026-11-25T02:00"))
    assert [period_text(period) for period in found.periods] == ["2026-11-24 22:00 UTC for 4h"]


def test_without_the_zone_of_the_server_it_is_written_out() -> None:
    found = schedule(window(DAILY), NOW)
    assert types(found) == {"0"}
    written = [int(dict(period)["start_date"]) for period in found.periods]
    begin, end = horizon(NOW)
    assert written == [int(start.timestamp()) for start, dummy in occurrences(window(DAILY), begin, end)]
    assert len(written) == 93
    assert schedule(window(DAILY), utc("2026-11-30T23:00")) == found, "it stays the same for the whole month"
    assert schedule(window(DAILY), utc("2026-12-01T00:00")) != found


def test_in_the_zone_of_the_server_it_stays_what_it_is() -> None:
    found = schedule(window(DAILY), NOW, "Europe/Berlin")
    (period,) = found.periods
    assert dict(period) == {"timeperiod_type": "2", "start_time": "79200", "every": "1", "period": "14400"}
    assert period_text(period) == "every 1 days at 22:00 server time for 4h"
    assert schedule(window(DAILY), utc("2026-12-31T00:00"), "Europe/Berlin") == found, "the same for the whole year"
    # another name of the same clock
    assert schedule(window(DAILY), NOW, "Europe/Vienna").periods == found.periods


def test_weekly_and_monthly_words() -> None:
    text = "{time_zone: UTC, periods: [{every: week, days: [mon, sun], at: '01:30', duration: 1h}]}"
    (weekly,) = schedule(window(text), NOW, "UTC").periods
    assert dict(weekly)["dayofweek"] == "65"
    assert period_text(weekly) == "every 1 weeks on monday, sunday at 01:30 server time for 1h"
    text = "{time_zone: UTC, periods: [{every: month, week: last, days: sat, months: jan, at: '01:30', duration: 1h}]}"
    (monthly,) = schedule(window(text), NOW, "UTC").periods
    assert dict(monthly) == {
        "timeperiod_type": "4",
        "period": "3600",
        "start_time": "5400",
        "month": "1",
        "day": "0",
        "every": "5",
        "dayofweek": "32",
    }
    assert period_text(monthly) == "on the last saturday of january at 01:30 server time for 1h"
    text = "{time_zone: UTC, periods: [{every: month, day: 15, at: '01:30', duration: 1h}]}"
    found = schedule(window(text), NOW, "UTC")
    assert dict(found.periods[0])["month"] == "4095"
    assert found.since == stamp("2026-01-15T01:30"), "active from the first time on: before it, servers misread"


@pytest.mark.parametrize(
    "text",
    [
        # another clock than the server's
        "{time_zone: America/New_York, periods: [{every: day, at: '22:00', duration: 4h}]}",
        "{time_zone: UTC, periods: [{every: day, at: '22:00', duration: 4h}]}",
        # skipped by the clock on one day of the year, when the server would leave it out
        "{time_zone: Europe/Berlin, periods: [{every: day, at: '02:30', duration: 1h}]}",
        # near midnight the server miscounts after a change of the clock
        "{time_zone: Europe/Berlin, since: 2026-01-01 00:00,"
        " periods: [{every: day, interval: 2, at: '00:30', duration: 1h}]}",
        # all share one active_since
        "{time_zone: Europe/Berlin, periods: [{every: day, at: '22:00', duration: 1h},"
        " {every: month, day: 1, at: '22:00', duration: 1h}]}",
    ],
)
def test_what_the_server_would_read_otherwise_is_written_out(text: str) -> None:
    assert types(schedule(window(text), NOW, "Europe/Berlin")) == {"0"}


def test_a_skipped_time_on_days_that_it_does_not_come_on_does_not_matter() -> None:
    text = "{time_zone: Europe/Berlin, periods: [{every: week, days: [wednesday], at: '02:30', duration: 1h}]}"
    assert types(schedule(window(text), NOW, "Europe/Berlin")) == {"3"}


def test_open_windows_end_by_themselves_where_nobody_runs_the_job() -> None:
    opened = window("{open: true}")
    found = schedule(opened, utc("2026-11-24T10:00:42".replace(":42", "")))
    assert (found.since, found.until) == (stamp("2026-11-24T10:00"), stamp("2027-02-01T00:00"))
    later = schedule(opened, utc("2026-11-28T10:00"), since=found.since)
    assert later == found


def test_not_due_within_the_horizon() -> None:
    text = "{time_zone: UTC, periods: [{every: month, day: 1, months: [jul], at: '22:00', duration: 1h}]}"
    assert schedule(window(text), NOW) == Schedule()
    assert schedule(window("{start: 2027-11-24T22:00Z, duration: 4h}"), NOW).periods, "one that comes once is known"


def test_too_many_to_be_written_out_is_refused() -> None:
    periods = ", ".join(f"{{every: day, at: '{hour:02d}:00', duration: 30m}}" for hour in range(12))
    with pytest.raises(ValueError, match="written out as 1104 time periods"):
        schedule(window(f"{{time_zone: UTC, periods: [{periods}]}}"), NOW)


def test_what_zabbix_tells_compares_with_what_it_was_given() -> None:
    row = {"timeperiod_type": "0", "every": "1", "month": "0", "dayofweek": "0", "day": "0", "start_time": "0"}
    told = normal({**row, "period": "14400", "start_date": str(stamp("2026-11-24T22:00"))})
    assert (told,) == schedule(window("{start: 2026-11-24T22:00Z, duration: 4h}"), NOW).periods
    row = {"timeperiod_type": "4", "every": "1", "month": "4095", "dayofweek": "0", "day": "15", "start_date": "0"}
    text = "{time_zone: UTC, periods: [{every: month, day: 15, at: '01:30', duration: 1h}]}"
    assert (normal({**row, "start_time": "5400", "period": "3600"}),) == schedule(window(text), NOW, "UTC").periods


def server(found: Schedule, zone: ZoneInfo, now: datetime) -> bool:
    """Tell whether a Zabbix server in `zone` is in maintenance, for daily and weekly periods: what it does.

    It takes today's beginning by the clock (none where the clock skips it), or yesterday's if that is still ahead, and
    goes back in days until one fits; days and weeks are counted in elapsed seconds since active_since's midnight.
    """
    active = datetime.fromtimestamp(found.since, UTC).astimezone(zone)
    if not found.since <= now.timestamp() < found.until:
        return False
    (period,) = (dict(one) for one in found.periods)
    begins = timedelta(seconds=int(period["start_time"]))
    midnight = datetime.combine(now.astimezone(zone).date(), time())

    def moment(local: datetime) -> datetime:
        return local.replace(tzinfo=zone).astimezone(UTC)

    if moment(midnight + begins).astimezone(zone).replace(tzinfo=None) != midnight + begins:
        return False
    local = midnight + begins
    if now < moment(local):
        local -= timedelta(days=1)
    if moment(local).timestamp() < found.since:
        return False
    anchor = datetime.combine(active.date(), time())
    every = int(period["every"])
    if period["timeperiod_type"] == "2":
        days = int((moment(local) - moment(anchor)).total_seconds()) // 86400
        local -= timedelta(days=days % every)
    else:
        anchor -= timedelta(days=anchor.weekday())
        while moment(local) >= moment(anchor):
            weeks = int((moment(local) - moment(anchor)).total_seconds()) // (7 * 86400)
            if weeks % every == 0 and int(period["dayofweek"]) & 1 << local.weekday():
                break
            local -= timedelta(days=1)
    return moment(local) <= now < moment(local) + timedelta(seconds=int(period["period"]))


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "period",
    [
        "{every: day, at: '22:00', duration: 4h}",
        "{every: day, interval: 3, at: '04:00', duration: 36h}",
        "{every: week, days: [sat], at: '23:30', duration: 5h}",
        "{every: week, interval: 2, days: [sun, wed], at: '03:30', duration: 12h}",
    ],
)
def test_the_server_makes_the_same_of_what_it_is_given_as_it_is(name: str, period: str) -> None:
    """Compared each half hour around the clock changes of a year, with what the declaration says."""
    declared = window(f"{{time_zone: {name}, since: 2026-02-03 09:00, periods: [{period}]}}")
    found = schedule(declared, NOW, name)
    assert types(found) != {"0"}
    zone = ZoneInfo(name)
    real = occurrences(declared, utc("2026-01-01"), utc("2028-01-01"))
    for first in ("2026-02-01", "2026-03-01", "2026-03-25", "2026-10-01", "2026-10-20", "2027-04-01"):
        for half in range(2 * 24 * 14):
            now = utc(first) + timedelta(minutes=30 * half)
            assert server(found, zone, now) == any(start <= now < stop for start, stop in real), now
