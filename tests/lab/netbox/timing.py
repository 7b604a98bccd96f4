"""How long NetBox takes, so that a benchmark against the stand-in means something.

Seconds an object, measured on NetBox 4.6.8 with 10,000 devices on two cores, one reader on a quiet machine; those
marked "busy" were measured beside other load (NetBox took about 2.5 times as long there). Other objects than devices
and virtual machines were not measured one by one: they are taken as "small".
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

REQUEST = 0.04  # an answer without objects: core/object-changes with nothing new

REST_WHOLE = 0.00259  # 10,000 in 30.3 s, of which config contexts are 4.4 s
REST_FIELDS = 0.0022  # 10,000 in 22.0 s: the fields that the collection needs
REST_FEW_FIELDS = 0.00053  # busy: id, name, last_updated in 5.3 s
REST_BRIEF = 0.00047  # busy: 4.7 s
REST_CONTEXT = 0.00044  # config contexts by cursor: 26.4 s against 22.0 s
REST_SKIPPED_CONTEXT = 0.00044  # paging by offset computes those of the skipped rows too: 20 s more for 45,000 skipped
REST_SINGLE = 0.29  # busy: 100 single objects took 46 s, 29 s of them CPU
REST_SMALL = 0.0008
CHANGE_FEW_FIELDS = 0.00026  # 7,350 entries in 1.9 s
CHANGE_WHOLE = 0.00146  # 7,350 entries in 10.7 s

GRAPHQL_FEW_FIELDS = 0.00017  # 10,000 in 1.7 s: id, name, last_updated
GRAPHQL_IDS = 0.00103  # 10.3 s: own fields, addresses, tags, relations as {id}
GRAPHQL_NESTED = 0.00125  # busy: 34 s against 28 s with relations as {id}
GRAPHQL_CONTEXT = 0.00067  # 17.0 s against 10.3 s
GRAPHQL_SMALL = 0.0003

PATCH_BULK = 0.08  # 80 to 120 ms wall, whatever the length of the list
PATCH_SINGLE = 0.49
JOURNAL = 0.016
DELETE = 0.08  # not measured: as a change

FEW = frozenset({"id", "name", "last_updated", "display", "url", "time", "action"}) | {
    "changed_object_type",
    "changed_object_id",
}
HEAVY = ("dcim/devices", "virtualization/virtual-machines")


def rest_list(
    path: str, shown: int, skipped: int, names: Iterable[str] | None, brief: bool, with_context: bool
) -> float:
    names = None if names is None else set(names)
    few = names is not None and names <= FEW
    if path == "core/object-changes":
        return REQUEST + shown * (CHANGE_FEW_FIELDS if few else CHANGE_WHOLE)
    if path not in HEAVY:
        return REQUEST + shown * (REST_BRIEF if brief or few else REST_SMALL)
    if brief:
        return REQUEST + shown * REST_BRIEF
    each = REST_WHOLE if names is None else REST_FEW_FIELDS if names <= FEW | {"config_context"} else REST_FIELDS
    context = shown * REST_CONTEXT + skipped * REST_SKIPPED_CONTEXT if with_context else 0.0
    return REQUEST + shown * each + context


def rest_write(path: str, method: str, amount: int, single: bool) -> float:
    if path == "extras/journal-entries" and method == "POST":
        return REQUEST + amount * JOURNAL
    if method == "DELETE":
        return REQUEST + amount * DELETE
    return REQUEST + (PATCH_SINGLE if single else amount * PATCH_BULK)


def graphql_list(path: str, shown: int, names: set[str], nested: bool, related: bool) -> float:
    if path not in HEAVY:
        return shown * GRAPHQL_SMALL
    each = GRAPHQL_NESTED if nested else GRAPHQL_IDS if related else GRAPHQL_FEW_FIELDS
    return shown * (each + (GRAPHQL_CONTEXT if "config_context" in names else 0.0))


class Workers:
    """Requests share two cores: three readers were 1.7 times as fast as one, a fourth gained nothing."""

    CORES = 2
    SLOWDOWN = CORES / 1.7

    def __init__(self) -> None:
        self._writing = asyncio.Lock()
        self._free = asyncio.Semaphore(self.CORES)
        self._busy = 0

    async def write(self, seconds: float, spent: float) -> None:
        """Two or four bulk writes at once took as long for each object as one after the other."""
        async with self._writing:
            await self.take(seconds, spent)

    async def take(self, seconds: float, spent: float) -> None:
        """Wait until an answer has cost `seconds`, of which computing it took `spent` already."""
        async with self._free:
            self._busy += 1
            try:
                if self._busy > 1:
                    seconds *= self.SLOWDOWN
                await asyncio.sleep(max(0.0, seconds - spent))
            finally:
                self._busy -= 1
