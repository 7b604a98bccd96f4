"""What is measured, in turns: ours, bare, bare, ours ... so that a machine that slows down slows both."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmark import machine
from benchmark.bare import with_new_group_ids
from benchmark.measure import Figures, in_process
from benchmark.policies import INSTANCE, ITEMS, STATUSES, mappings
from benchmark.stage import Stage

Tell = Callable[[str], None]

#: objects that change in `company`
CHANGED = 40


@dataclass(slots=True)
class Row:
    """One line of a table: medians of some rounds. `more` holds what only some rows have."""

    what: str
    objects: int
    ours: dict[str, float]
    bare: dict[str, float]
    rounds: int
    load: float
    more: dict[str, Any] = field(default_factory=dict)

    def ratio(self, of: str) -> float:
        """Return how many times the bare figure ours is."""
        return self.ours[of] / self.bare[of]

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": {of: self.ratio(of) for of in self.ours if of in self.bare}}


def _options(weight: str, **more: Any) -> dict[str, Any]:
    # Writing back costs NetBox 80 ms an object, whoever does it: it would hide everything that is measured here.
    return {"instance": INSTANCE, "mappings": mappings(weight), "statuses": STATUSES, "write_back": [], **more}


def _medians(rounds: list[Figures], *names: str) -> dict[str, float]:
    return {name: median(figures[name] for figures in rounds) for name in names}


def _alternately(
    rounds: int, ours: Callable[[], Figures], bare: Callable[[], Figures]
) -> tuple[list[Figures], list[Figures]]:
    """Return the figures of both; who begins changes from round to round."""
    found: tuple[list[Figures], list[Figures]] = ([], [])
    for number in range(rounds):
        for which in ((0, 1), (1, 0))[number % 2]:
            found[which].append((ours, bare)[which]())
    return found


def creation(stage: Stage, weight: str, rounds: int, folder: Path, tell: Tell) -> Row:
    """First creation against the same `host.create` arrays. The hosts stay, for `unchanged`."""
    record, bodies = folder / f"creates-{weight}.json", folder / "bodies.json"
    stage.netbox_time(False)

    def ours() -> Figures:
        stage.empty_zabbix()
        given = {**stage.connections, "options": _options(weight)}
        figures = in_process("sync", given if record.exists() else {**given, "record": str(record)})
        tell(f"  ours {figures['wall']:.1f} s, writing {figures['writing']['wall']:.1f} s")
        return figures

    def bare() -> Figures:
        stage.empty_zabbix()
        needed = json.loads(record.read_text(encoding="utf-8"))["creates"]
        # The groups are made untimed, and `writing` of ours begins when they are there: hosts are what is compared.
        now = stage.create_groups(list(needed["group_ids"]))
        ids = {before: now[name] for name, before in needed["group_ids"].items()}
        bodies.write_text(
            json.dumps({"groups": [], "hosts": with_new_group_ids(needed["hosts"], ids)}), encoding="utf-8"
        )
        figures = in_process("bare_creates", {**stage.connections, "bodies": str(bodies)})
        tell(f"  bare {figures['wall']:.1f} s")
        return figures

    tell(f"{stage.objects} objects, first creation, {ITEMS[weight]}")
    ran, bare_ran = _alternately(rounds, ours, bare)
    figures = _medians(ran, "wall", "cpu", "rss")
    for name in ("wall", "waiting"):
        figures[f"writing_{name}"] = median(one["writing"][name] for one in ran)
    created = ran[0]["stats"]["creates"]
    row = Row(
        f"first creation, {ITEMS[weight]}",
        created,
        figures,
        _medians(bare_ran, "wall", "cpu", "rss"),
        rounds,
        machine.load(),
    )
    row.bare["writing_wall"] = row.bare["wall"]
    row.more = {
        "requests": ran[0]["requests"],
        "stats": ran[0]["stats"],
        "failed": ran[0]["failed"],
        "bare_requests": bare_ran[0]["requests"],
    }
    return row


def unchanged(stage: Stage, weight: str, rounds: int, folder: Path, tell: Tell, *, realistic: bool) -> Row:
    """A sync that changes nothing against the bare reads. Zabbix must hold the hosts of this policy."""
    record = folder / "reads.json"
    how = "NetBox's own time" if realistic else "the stand-in at full speed"
    tell(f"{stage.objects} objects, nothing to change, {how}")
    stage.netbox_time(False)
    given = {**stage.connections, "options": _options(weight)}
    first = in_process(
        "sync", {**given, "record": str(record)}
    )  # brings up to date what an earlier round left; not counted
    stage.netbox_time(realistic)

    def ours() -> Figures:
        figures = in_process("sync", given)
        if figures["stats"]["creates"] or figures["stats"]["updates"]:
            raise RuntimeError(f"the sync was to change nothing: {figures['stats']}")
        tell(f"  ours {figures['wall']:.2f} s, {figures['cpu']:.2f} s CPU")
        return figures

    def bare() -> Figures:
        figures = in_process("bare_reads", {**stage.connections, "record": str(record)})
        tell(f"  bare {figures['wall']:.2f} s, {figures['cpu']:.2f} s CPU")
        return figures

    ran, bare_ran = _alternately(rounds, ours, bare)
    stage.netbox_time(False)
    names = ("wall", "cpu", "rss")
    row = Row(
        f"nothing to change, {how}",
        stage.objects,
        _medians(ran, *names),
        _medians(bare_ran, *names),
        rounds,
        machine.load(),
    )
    row.more = {
        "requests": ran[0]["requests"],
        "stats": ran[0]["stats"],
        "bare_requests": bare_ran[0]["requests"],
        "recorded": first["requests"],
    }
    return row


def company(stage: Stage, tell: Tell) -> list[Figures]:
    """What a person would see: three runs with links and statuses written back, NetBox taking its own time."""
    tell(f"a company of {stage.objects} objects, everything as a person would run it")
    stage.empty_zabbix()
    options = _options("light", write_back=["zabbix_hostid", "zabbix_sync_status"])
    found: list[Figures] = []
    for what in ("all new", "unchanged", f"{CHANGED} objects changed"):
        if what.startswith(str(CHANGED)):
            stage.netbox_time(False)
            stage.change_devices(CHANGED)
        stage.netbox_time(True)
        figures = in_process("sync", {**stage.connections, "options": options})
        found.append({"what": what, "objects": stage.objects, **figures, "load": machine.load()})
        stats = figures["stats"]
        tell(f"  {what} {figures['wall']:.1f} s, {stats['creates']} new, {stats['updates']} updated")
    return found


def engine(stage: Stage, sizes: list[int], rounds: int, tell: Tell) -> list[Figures]:
    """Policy and diff alone, for several numbers of objects."""
    stage.netbox_time(False)
    found: list[Figures] = []
    for objects in sizes:
        tell(f"engine alone, {objects} objects")
        ran = [in_process("engine", {**stage.connections, "objects": objects}) for _ in range(rounds)]
        names = ("first_run", "unchanged", "unchanged_cpu", "policy", "diff", "rss")
        found.append({"objects": objects, "hosts": ran[0]["hosts"], **_medians(ran, *names), "load": machine.load()})
        tell(f"  {found[-1]['unchanged']:.2f} s")
    return found
