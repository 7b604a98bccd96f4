"""Where devices stand: an endless row of sites, each with its plan of devices, whatever the estate's size.

An estate takes as many device slots from the row as it needs, so a larger estate begins with the smaller one's devices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, islice, repeat
from random import Random

from .catalog import CITIES, City

#: What stands in which order. A tuple is a stack of switches (a virtual chassis); "|" begins a new rack.
Plan = tuple[str | tuple[str, ...], ...]

DC_HEAD: Plan = (
    *("core", "core", "firewall", "firewall", "router", "router", "console-server", "pdu", "pdu", "|"),
    *("distribution", "pdu", "pdu", "hypervisor", "hypervisor", "database-server"),
)
DC_RACK: Plan = (
    *("application-server",) * 7,
    *("database-server", "|", "distribution", "pdu", "pdu", "hypervisor", "hypervisor"),
)
HQ_HEAD: Plan = (
    *("router", "firewall", "distribution", "core", ("access",) * 3),
    *("access-point", "access-point", "ups", "pdu", "application-server"),
)
HQ_FLOOR: Plan = (("access",) * 4, *("access-point",) * 6, "|", "ups", "application-server")
BRANCH_HEAD: Plan = ("router", "firewall", ("access",) * 2, "access-point", "ups")
BRANCH_MORE: Plan = ("access-point", "application-server", "access-point", "access", "access-point")


@dataclass(frozen=True, slots=True)
class Site:
    """`ordinal` counts all sites from 0: addresses come from it. `number` counts the city's sites of this kind."""

    ordinal: int
    kind: str
    city: City
    number: int
    size: int

    @property
    def key(self) -> str:
        return f"{self.city.code}-{self.kind}-{self.number}"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one device. `stack` names its virtual chassis, `member` is its place in it, from 1."""

    site: Site
    role: str
    number: int
    rack: int
    stack: str | None = None
    member: int = 0


def device_slots(seed: int) -> Iterator[Slot]:
    for site in _sites(seed):
        yield from islice(_slots_of(site), site.size)


def _sites(seed: int) -> Iterator[Site]:
    numbers: Counter[tuple[str, str]] = Counter()
    ordinals = count()

    def site(kind: str, city: City, size: int) -> Site:
        numbers[kind, city.code] += 1
        return Site(next(ordinals), kind, city, numbers[kind, city.code], size)

    # The first block is small, so that an estate of 50 has all kinds of sites and all awkward objects.
    hamburg, munich, austin, tokyo = CITIES[:4]
    yield site("dc", hamburg, 18)
    yield site("hq", munich, 12)
    yield site("branch", austin, 6)
    yield site("branch", tokyo, 6)
    for block in count(1):
        rng = Random(f"{seed}/block/{block}")
        city = CITIES[(block + 3) % len(CITIES)]
        nearby = [other for other in CITIES if other.country == city.country]
        yield site("dc", city, rng.randint(90, 120))
        yield site("hq", city, rng.randint(30, 45))
        for dummy in range(rng.randint(12, 16)):
            yield site("branch", rng.choice(nearby), rng.randint(7, 11))


def _slots_of(site: Site) -> Iterator[Slot]:
    plan = {
        "dc": chain(DC_HEAD, chain.from_iterable(repeat(DC_RACK))),
        "hq": chain(HQ_HEAD, chain.from_iterable(repeat(HQ_FLOOR))),
        "branch": chain(BRANCH_HEAD, chain.from_iterable(repeat(BRANCH_MORE))),
    }[site.kind]
    numbers: Counter[str] = Counter()
    rack, stacks = 1, 0
    for item in plan:
        if item == "|":
            rack += 1
        elif isinstance(item, str):
            numbers[item] += 1
            yield Slot(site, item, numbers[item], rack)
        else:
            stacks += 1
            for member, role in enumerate(item, start=1):
                numbers[role] += 1
                yield Slot(site, role, numbers[role], rack, f"{site.key}-stack-{stacks}", member)
