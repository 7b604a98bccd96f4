# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Renames in an order that Zabbix accepts: a name is free before another host takes it, also where names swap or
rotate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .plan import Change

NAMES = ("host", "name")
MAX_NAME = 128


def rounds(changes: Sequence[Change], park: Callable[[Change], None]) -> Iterator[list[Change]]:
    """Yield changes in groups: each group may be written at once, when the groups before it are.

    Where names go round in a circle, `park` is called for one of the hosts, to give it a temporary name.
    """
    holder = {attribute: _holders(changes, attribute) for attribute in NAMES}
    waiting = list(changes)
    while waiting:
        free: list[Change] = []
        blocked: list[Change] = []
        for change in waiting:
            (blocked if _blockers(change, holder) else free).append(change)
        if not free:
            parked = _blockers(blocked[0], holder)[0]
            park(parked)
            _let_go(parked, holder)
            continue
        yield free
        for change in free:
            _let_go(change, holder)
        waiting = blocked


def park(change: Change) -> dict[str, str]:
    """Return temporary names for what a change renames, and the visible name as it is where that one stays.

    A run may end before the host gets its own name: what the next one would not put right must be right all the time.
    """
    live = change.before
    mark = f"_moving-{live.hostid}"
    names = {name: getattr(live, name) for name in NAMES if name in change.writes}
    return {
        name: now if change.writes[name] == now else now[: MAX_NAME - len(mark)] + mark for name, now in names.items()
    }


def _holders(changes: Sequence[Change], attribute: str) -> dict[str, Change]:
    return {getattr(change.live, attribute): change for change in changes if attribute in change.writes}


def _blockers(change: Change, holder: dict[str, dict[str, Change]]) -> list[Change]:
    found = (holder[name].get(change.writes[name]) for name in NAMES if name in change.writes)
    return [other for other in found if other is not None and other is not change]


def _let_go(change: Change, holder: dict[str, dict[str, Change]]) -> None:
    for attribute in NAMES:
        held = getattr(change.live, attribute)
        if holder[attribute].get(held) is change:
            del holder[attribute][held]
