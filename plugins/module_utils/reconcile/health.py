# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether hosts are worse off than before they were written. Pure: what Zabbix says of them comes in as values.

What was bad before does not count, and a host that is switched off or in maintenance is not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import InputError, nearest
from ..zabbix.objects import FAILING, NOT_AVAILABLE, UNKNOWN, HostHealth
from .amount import Amount, amount_from

FAILED, UNAVAILABLE, UNSUPPORTED, PROBLEMS = "failed", "unavailable", "unsupported", "problems"
#: gate -> what it counts, in words
GATES = {
    FAILED: "hosts that could not be written",
    UNAVAILABLE: "hosts whose interfaces became unavailable",
    UNSUPPORTED: "items that became not supported",
    PROBLEMS: "new problems",
}
#: as Zabbix numbers them
SEVERITIES = ("not_classified", "information", "warning", "average", "high", "disaster")
#: what a few hosts of a canary wave may have: none of them may be worse, and in a large wave there is always somebody
#: who has just pulled a plug
USUAL = Amount(5, percent=True)
#: what one gate tells of in a message
TOLD = 5


@dataclass(frozen=True, slots=True)
class Health:
    """How the hosts of a wave are judged. `wait`: seconds for which they are watched at most, `minimum`: and at least.

    `limits`: gate -> how much may be worse, None where it is not judged. `severity`: of the problems that count, as
    Zabbix numbers it; `undo`: whether a wave that is worse off is taken back.
    """

    wait: float = 300
    minimum: float = 120
    limits: Mapping[str, Amount | None] = field(default_factory=lambda: dict.fromkeys(GATES, USUAL))
    severity: int = SEVERITIES.index("high")
    undo: bool = False


def health_from(given: Mapping[str, Any] | None) -> Health:
    """Return the defaults with what a person gave. Raises InputError with all that is wrong."""
    problems: list[str] = []
    limits: dict[str, Amount | None] = dict.fromkeys(GATES, USUAL)
    values: dict[str, Any] = {}
    known = ("wait", "minimum", "severity", "undo", *GATES)
    for name, value in (given or {}).items():
        where = f"health.{name}"
        if name in GATES:
            limits[name] = None if value is None else amount_from(where, value, problems)
        elif name in ("wait", "minimum"):
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                problems.append(f"{where}: a number of seconds is expected, not {value!r}")
            else:
                values[name] = value
        elif name == "severity":
            if value not in SEVERITIES:
                problems.append(f"{where}: {value!r} is none of {', '.join(SEVERITIES)}.{nearest(value, SEVERITIES)}")
            else:
                values[name] = SEVERITIES.index(value)
        elif name == "undo":
            if not isinstance(value, bool):
                problems.append(f"{where}: true or false is expected, not {value!r}")
            values[name] = value
        else:
            problems.append(f'health: there is no "{name}".{nearest(str(name), known)}')
    usual = Health()
    shortest = min(usual.minimum, values.get("wait", usual.wait))
    health = replace(usual, **{"minimum": shortest, **values}, limits=limits)
    if health.minimum > health.wait:
        problems.append(f"health.minimum: {health.minimum:g} s are more than health.wait has ({health.wait:g} s)")
    if problems:
        raise InputError(problems)
    return health


@dataclass(frozen=True, slots=True)
class Worse:
    """What is worse on one host, by one gate. `number`: how much, in what the gate counts; `what`: in words."""

    gate: str
    hostid: str
    name: str
    number: int
    what: str


def compare(before: Mapping[str, HostHealth], now: Mapping[str, HostHealth], last: bool) -> list[Worse]:
    """Return what is worse, by host id. A host that was not there before had nothing bad.

    `last`: whether this is the last look, where an interface that does not answer just now counts as unavailable.
    """
    bad = (NOT_AVAILABLE, FAILING) if last else (NOT_AVAILABLE,)
    found: list[Worse] = []
    for hostid, host in now.items():
        if not host.watched:
            continue
        was = before.get(hostid, HostHealth(host.name, True))
        lost = [
            f"{kind}: {error or 'no answer'}"
            for kind, (state, error) in host.interfaces.items()
            if state in bad and not _was_bad(was, kind)
        ]
        items = [f"{key}: {why}" for key, why in host.unsupported.items() if key not in was.unsupported]
        known = set(was.problems.values())
        # a trigger that came anew with its template is the one that was there
        fired = [name for number, name in host.problems.items() if number not in was.problems and name not in known]
        for gate, what in ((UNAVAILABLE, lost), (UNSUPPORTED, items), (PROBLEMS, fired)):
            if what:
                number = 1 if gate == UNAVAILABLE else len(what)
                found.append(Worse(gate, hostid, host.name, number, _some(what, 3)))
    return found


def _was_bad(was: HostHealth, kind: str) -> bool:
    return was.interfaces.get(kind, (UNKNOWN, ""))[0] in (NOT_AVAILABLE, FAILING)


def unanswered(before: Mapping[str, HostHealth], now: Mapping[str, HostHealth]) -> list[str]:
    """Return the names of hosts with an interface of which it is not known yet whether it answers."""
    nobody = HostHealth("", True)
    return [
        host.name
        for hostid, host in now.items()
        if host.watched
        and any(
            state in (UNKNOWN, FAILING) and not _was_bad(before.get(hostid, nobody), kind)
            for kind, (state, dummy) in host.interfaces.items()
        )
    ]


def over_limits(worse: Sequence[Worse], judged: int, health: Health) -> list[str]:
    """Return the gates that are over their limits, in words, with the hosts.

    A number limits what the gate counts, a share is of the `judged` hosts.
    """
    broken: list[str] = []
    for gate, what in GATES.items():
        limit = health.limits[gate]
        some = [one for one in worse if one.gate == gate]
        if limit is None or not some:
            continue
        number = sum(one.number for one in some)
        if limit.percent:
            share = 100.0 * len(some) / max(judged, len(some))
            if share <= limit.value:
                continue
            figures = f"{number} {what}, on {share:.1f} % of {judged} hosts, over the limit of {limit}"
        elif number <= limit.value:
            continue
        else:
            figures = f"{number} {what}, over the limit of {limit}"
        hosts = _some([f"{one.name} ({one.what})" for one in some], TOLD)
        broken.append(f"{figures} (health.{gate}): {hosts}")
    return broken


def _some(items: Sequence[str], most: int) -> str:
    return "; ".join(items[:most]) + (f"; and {len(items) - most} more" if len(items) > most else "")
