# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writing results into NetBox's custom fields: a courtesy to people who look there, so it never fails a host.

NetBox needs 65 ms of CPU to change an object, in bulk or not (measured): callers send only values that change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import NetBoxError
from .client import NetBox
from .custom_fields import read_custom_fields
from .failures import Refused
from .rows import KINDS

#: objects changed by one request: 1,000 come near gunicorn's usual time-out of 120 s (measured)
BATCH = 100
#: names of objects in one warning; the others are counted
NAMED = 5


@dataclass(slots=True)
class WrittenBack:
    """What came of it. `written`: objects that have their new values; `warnings`: what did not work, as sentences;
    `failed`: the same by the identity of each object; `gave_up`: whether NetBox is away or takes no write of ours, so
    that trying on is of no use.
    """

    written: int = 0
    warnings: list[str] = field(default_factory=list)
    gave_up: bool = False
    failed: dict[str, str] = field(default_factory=dict)

    def fail(self, kind: str, ids: Iterable[int], warning: str) -> None:
        """Take down that objects of a kind did not get their values."""
        self.warnings.append(warning)
        self.failed.update((f"{kind}:{number}", warning) for number in ids)


@dataclass(frozen=True, slots=True)
class WriteBack:
    """The custom fields of one object that get a new value."""

    kind: str
    id: int
    fields: dict[str, Any]


def write_back(netbox: NetBox, changes: Iterable[WriteBack], message: str = "netops.netbox_zabbix") -> WrittenBack:
    """Write the changes in bulk and return what was written and what did not work. Raises nothing that NetBox causes.

    `message` goes into NetBox's changelog. Fields that NetBox does not have are left out, silently: each may be
    switched off by not creating it.
    """
    result = WrittenBack()
    try:
        custom_fields = read_custom_fields(netbox)
    except NetBoxError as error:
        why = f"Nothing was written back to NetBox: {error}"
        return WrittenBack(0, [why], True, {f"{change.kind}:{change.id}": why for change in changes})
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for change in changes:
        there = custom_fields.of(change.kind)
        values = {name: value for name, value in change.fields.items() if name in there}
        if values:
            by_kind[change.kind].append({"id": change.id, "custom_fields": values, "changelog_message": message})
    for kind, payload in by_kind.items():
        for at in range(0, len(payload), BATCH):
            try:
                _write(netbox, kind, payload[at : at + BATCH], result)
            except NetBoxError as error:
                # NetBox is gone, or takes no write of ours: each further list would only wait for the same answer.
                rest = [item["id"] for item in payload[at:]]
                result.fail(kind, rest, f"NetBox was not told the new values of {_some(kind, rest)}: {error}")
                result.gave_up = True
                break
    return result


def _write(netbox: NetBox, kind: str, payload: list[dict[str, Any]], result: WrittenBack) -> None:
    """Write one list; halve it as long as NetBox refuses it, because its error does not say which entry it means."""
    try:
        # NetBox writes only fields that are asked for: to `fields=id` it answers 200 and changes nothing (4.6.8).
        answer = netbox.patch(KINDS[kind].path, payload, {"fields": "id,custom_fields"})
    except Refused as error:
        if error.status != 400:
            raise
        if len(payload) == 1:
            refused = [payload[0]["id"]]
            result.fail(kind, refused, f"NetBox refused the new values of {_some(kind, refused)}: {error.detail}")
            return
        middle = len(payload) // 2
        _write(netbox, kind, payload[:middle], result)
        _write(netbox, kind, payload[middle:], result)
        return
    done = {item["id"] for item in answer}
    lost = [item["id"] for item in payload if item["id"] not in done]
    result.written += len(done)
    if lost:
        result.fail(kind, lost, f"NetBox has no longer, or does not let us change, {_some(kind, lost)}")


def _some(kind: str, ids: list[int]) -> str:
    """Return `device 5`, or `device 1, 2, 3, 4, 5 and 20 more`."""
    shown = ", ".join(map(str, ids[:NAMED]))
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return f"{kind.replace('_', ' ')} {shown}{more}"
