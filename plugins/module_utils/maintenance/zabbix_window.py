# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A maintenance window as Zabbix has it, the same value on every version, and the mark by which ours are known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeAlias

from .model import DAY, MONTH, MONTHS, ONCE, WEEK, WEEKDAYS, WEEKS, ProblemTag
from .times import HOUR, as_text, shown

#: Zabbix's codes for how often a time period comes
TYPES = {ONCE: "0", DAY: "2", WEEK: "3", MONTH: "4"}
#: one time period in Zabbix's own words, sorted by name: `(("period", "3600"), ("start_date", ...), ...)`
TimePeriod: TypeAlias = "tuple[tuple[str, str], ...]"
#: which fields mean something for each type
FIELDS = {
    TYPES[ONCE]: ("start_date",),
    TYPES[DAY]: ("start_time", "every"),
    TYPES[WEEK]: ("start_time", "every", "dayofweek"),
    TYPES[MONTH]: ("start_time", "month", "day", "every", "dayofweek"),
}

#: begins the last line of the description of a window of ours; JSON follows
MARK = "netops.netbox_zabbix "
#: characters that Zabbix takes in the name of a window
LONGEST_NAME = 128


@dataclass(frozen=True, slots=True)
class ZabbixWindow:
    """One window of Zabbix, wanted or as it is. `since`, `until`: Unix time; `hosts`, `groups`: ids.

    `maintenanceid`: None for one that is wanted. `description`: with our mark, where it has one.
    """

    name: str
    since: int
    until: int
    collect_data: bool
    any_tag: bool
    tags: frozenset[ProblemTag]
    periods: frozenset[TimePeriod]
    description: str
    hosts: frozenset[str]
    groups: frozenset[str]
    maintenanceid: str | None = None

    @property
    def mark(self) -> tuple[str, str] | None:
        """The instance and the window that the description says it is of; None where it is not ours."""
        return read_mark(self.description)


def zabbix_name(window: str, instance: str) -> str:
    """Return what a window is called in Zabbix, where names are unique: two NetBoxes may have windows of one name."""
    return f"{window} [{instance}]"


def with_mark(description: str, window: str, instance: str) -> str:
    """Return a description that ends in our mark."""
    line = MARK + json.dumps({"instance": instance, "window": window}, ensure_ascii=False, sort_keys=True)
    return f"{description}\n\n{line}" if description else line


def read_mark(description: str) -> tuple[str, str] | None:
    """Return the instance and the window of a description's mark, None where it has none."""
    line = description.strip().rpartition("\n")[2]
    if not line.startswith(MARK):
        return None
    try:
        mark = json.loads(line.removeprefix(MARK))
    except ValueError:
        return None
    if (
        not isinstance(mark, dict)
        or not isinstance(mark.get("instance"), str)
        or not isinstance(mark.get("window"), str)
    ):
        return None
    return mark["instance"], mark["window"]


def time_period(kind: str, duration: int, **fields: int) -> TimePeriod:
    """Return a time period of a type, with its duration in seconds and what else it has."""
    values = {"timeperiod_type": kind, "period": str(duration), **{name: str(value) for name, value in fields.items()}}
    return tuple(sorted(values.items()))


def once(start: int, duration: int) -> TimePeriod:
    """Return a time period that comes once."""
    return time_period(TYPES[ONCE], duration, start_date=start)


def normal(row: dict[str, str]) -> TimePeriod:
    """Return a time period as Zabbix tells it, without the fields that mean nothing for its type."""
    kind = str(row["timeperiod_type"])
    fields = {name: str(row.get(name, "0")) for name in FIELDS.get(kind, ())}
    if kind == TYPES[MONTH]:
        fields["every" if fields["day"] != "0" else "day"] = "1" if fields["day"] != "0" else "0"
        if fields["day"] != "0":
            fields["dayofweek"] = "0"
    return tuple(sorted({**fields, "timeperiod_type": kind, "period": str(row["period"])}.items()))


def period_text(period: TimePeriod) -> str:
    """Return a time period for people."""
    found = dict(period)
    duration = f"for {as_text(int(found['period']))}"
    if found["timeperiod_type"] == TYPES[ONCE]:
        return f"{shown(int(found['start_date']))} {duration}"
    seconds = int(found.get("start_time", "0"))
    at = f"at {seconds // HOUR:02d}:{seconds % HOUR // 60:02d} server time {duration}"
    if found["timeperiod_type"] == TYPES[DAY]:
        return f"every {found['every']} days {at}"
    days = _names(int(found.get("dayofweek", "0")), WEEKDAYS)
    if found["timeperiod_type"] == TYPES[WEEK]:
        return f"every {found['every']} weeks on {days} {at}"
    months = _names(int(found.get("month", "0")), MONTHS)
    if found["day"] != "0":
        return f"on day {found['day']} of {months} {at}"
    which = int(found["every"])
    return f"on the {WEEKS[which - 1] if 1 <= which <= len(WEEKS) else which} {days} of {months} {at}"


def _names(bits: int, names: tuple[str, ...]) -> str:
    return ", ".join(name for number, name in enumerate(names) if bits & 1 << number)
