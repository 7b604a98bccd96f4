"""Windows out of iCalendar files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance import calendars
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.calendars import (
    parse_calendar,
    read_calendars,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.model import Window
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.checks import Report
from unit.maintenance.windows import NOW

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
{events}
END:VCALENDAR
"""
EVENT = """BEGIN:VEVENT
UID:{uid}
SUMMARY:{name}
{times}
END:VEVENT"""


def event(name: str, times: str, uid: str = "") -> str:
    return EVENT.format(uid=uid or name, name=name, times=times)


def windows(*events: str, problems: list[str] | None = None, zone: str | None = None, **given: Any) -> list[Window]:
    found: list[str] = [] if problems is None else problems
    text = CALENDAR.format(events="\n".join(events)).replace("\n", "\r\n").encode()
    made = parse_calendar(text, {"match": "all", **given}, Report("calendar 1", problems=found), zone, NOW)
    if problems is None:
        assert found == []
    return made


def starts(window: Window) -> list[str]:
    return [period.start.strftime("%m-%d %H:%M") for period in window.periods if period.start]


def test_an_event_and_one_that_comes_again() -> None:
    once, weekly = windows(
        event("move", "DTSTART:20261124T220000Z\nDTEND:20261125T020000Z\nDESCRIPTION:To the new rack"),
        event(
            "patches",
            "DTSTART;TZID=Europe/Berlin:20261019T030000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5\n"
            "EXDATE;TZID=Europe/Berlin:20261109T030000",
        ),
        match={"site": "ber1"},
        collect_data=False,
    )
    assert (once.name, starts(once), once.periods[0].duration) == ("move", ["11-24 22:00"], 4 * 3600)
    assert (once.description, once.collect_data) == ("To the new rack", False)
    assert once.match is not None
    # of five Mondays two were before this month, and one is excepted; 03:00 in Berlin is 02:00 UTC in winter
    assert starts(weekly) == ["11-02 02:00", "11-16 02:00"]


def test_events_of_one_name_are_one_window() -> None:
    (found,) = windows(
        event("x", "DTSTART:20261124T220000Z\nDTEND:20261125T020000Z", "1"),
        event("x", "DTSTART:20261201T220000Z\nDTEND:20261202T020000Z", "2"),
    )
    assert starts(found) == ["11-24 22:00", "12-01 22:00"]


def test_whole_days_and_local_times_take_the_zone_that_is_given() -> None:
    days = event("days", "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227")
    local = event("local", "DTSTART:20261124T220000\nDTEND:20261125T020000")
    whole, floating = windows(days, local, zone="Europe/Berlin")
    assert (starts(whole), whole.periods[0].duration) == (["12-23 23:00"], 3 * 86400)
    assert starts(floating) == ["11-24 21:00"]
    problems: list[str] = []
    assert windows(local, problems=problems) == []
    assert problems == ['calendar 1: the event "local" has times without a zone; give time_zone']


def test_categories_and_what_was_cancelled() -> None:
    times = "DTSTART:20261124T220000Z\nDTEND:20261125T020000Z"
    found = windows(
        event("net", times + "\nCATEGORIES:Network,Core"),
        event("db", times + "\nCATEGORIES:Database"),
        event("none", times),
        event("off", times + "\nCATEGORIES:network\nSTATUS:CANCELLED"),
        categories=["network"],
    )
    assert [one.name for one in found] == ["net"]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ("DTSTART:20261124T220000Z\nDTEND:20261124T220100Z", "lasts 60 s"),
        ("DTSTART:20261124T220000Z\nDURATION:P400D", "lasts 34560000 s"),
    ],
)
def test_events_that_zabbix_would_not_take(times: str, said: str) -> None:
    problems: list[str] = []
    assert windows(event("x", times), problems=problems) == []
    assert said in problems[0]


BROKEN = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:x\r\nEND:VEVENT"


@pytest.mark.parametrize("text", [b"", b"nonsense", b"BEGIN:VEVENT\r\nEND:VEVENT", BROKEN, b"\xff\xfe"])
def test_files_that_are_no_calendar(text: bytes) -> None:
    problems: list[str] = []
    found = parse_calendar(text, {"match": "all"}, Report("calendar 1", problems=problems), None, NOW)
    assert found == []
    assert "is no calendar that can be read" in problems[0]


def test_a_list_of_calendars(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    (tmp_path / "a.ics").write_text(CALENDAR.format(events=event("x", f"DTSTART:{now:%Y%m%dT%H%M}00Z\nDURATION:PT1H")))
    problems: list[str] = []
    found = read_calendars(
        [
            {"path": str(tmp_path / "a.ics"), "match": {"site": "ber1"}},
            {"path": str(tmp_path / "b.ics")},
            {"paht": "x"},
        ],
        None,
        problems,
    )
    assert [(place.partition(" (")[0], one.name) for place, one in found] == [("calendar 1", "x")]
    assert any("b.ics cannot be read: No such file" in one for one in problems)
    assert any(one.startswith("calendar 2: has no target; give match") for one in problems)
    assert any('unknown key "paht"' in one for one in problems)


def test_without_the_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "IMPORT_ERROR", ImportError("icalendar"))
    problems: list[str] = []
    assert read_calendars([{"path": "x.ics", "match": "all"}], None, problems) == []
    assert "icalendar and recurring-ical-events: install them" in problems[0]
    assert read_calendars([], None, []) == []
