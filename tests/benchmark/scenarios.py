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
    """One line of a table: the figures of some rounds, ours and bare of one round next to each other in time."""

    what: str
    objects: int
    rounds: list[tuple[Figures, Figures]]
    load: float = field(default_factory=machine.load)

    def ours(self, of: str) -> float:
        """Return the median of a figure of ours."""
        return median(ours[of] for ours, dummy in self.rounds)

    def bare(self, of: str) -> float:
        """Return the median of a figure of the bare requests."""
        return median(bare[of] for dummy, bare in self.rounds)

    def ratio(self, of: str) -> float:
        """Return the median of the rounds' ratios, which a machine that is slower for a while does not move."""
        return median(ours[of] / bare[of] for ours, bare in self.rounds)

    @property
    def requests(self) -> dict[str, dict[str, int]]:
        """Our requests by server and kind; they are the same in each round."""
        asked: dict[str, dict[str, int]] = self.rounds[0][0]["requests"]
        return asked

    def as_dict(self) -> dict[str, Any]:
        """Return it for the JSON file."""
        figures = [name for name in ("wall", "cpu", "rss", "writing") if name in self.rounds[0][1]]
        return {
            **asdict(self),
            "median": {
                name: {"ours": self.ours(name), "bare": self.bare(name), "ratio": self.ratio(name)} for name in figures
            },
        }


def job_options(weight: str, **more: Any) -> dict[str, Any]:
    """Return the options of a job with the benchmark's policy."""
    # Writing back costs NetBox 80 ms an object, whoever does it: it would hide everything that is measured here.
    return {"instance": INSTANCE, "mappings": mappings(weight), "statuses": STATUSES, "write_back": [], **more}


def alternately(rounds: int, ours: Callable[[], Figures], bare: Callable[[], Figures]) -> list[tuple[Figures, Figures]]:
    """Return the figures of both, round by round; who begins changes from one to the next."""
    found: list[tuple[Figures, Figures]] = []
    for number in range(rounds):
        if number % 2 == 0:
            first = ours()
            found.append((first, bare()))
        else:
            first = bare()
            found.append((ours(), first))
    return found


def creation(stage: Stage, weight: str, rounds: int, folder: Path, tell: Tell) -> Row:
    """First creation against the same `host.create` arrays. The hosts stay, for `unchanged`."""
    record, bodies = folder / f"creates-{weight}.json", folder / "bodies.json"
    stage.netbox_time(False)

    def ours() -> Figures:
        stage.empty_zabbix()
        given = {**stage.connections, "options": job_options(weight)}
        figures = in_process("sync", given if record.exists() else {**given, "record": str(record)})
        tell(f"  ours {figures['wall']:.1f} s, writing {figures['writing']:.1f} s")
        return figures

    def bare() -> Figures:
        stage.empty_zabbix()
        needed = json.loads(record.read_text(encoding="utf-8"))["creates"]
        # The groups are made untimed, and `writing` of ours begins when they are there: hosts are what is compared.
        now = stage.create_groups(list(needed["group_ids"]))
        ids = {before: now[name] for name, before in needed["group_ids"].items()}
        bodies.write_text(json.dumps(with_new_group_ids(needed["hosts"], ids)), encoding="utf-8")
        figures = in_process("bare_creates", {**stage.connections, "bodies": str(bodies)})
        tell(f"  bare {figures['wall']:.1f} s")
        return figures

    tell(f"{stage.objects} objects, first creation, {ITEMS[weight]}")
    ran = alternately(rounds, ours, bare)
    for dummy, other in ran:
        other["writing"] = other["wall"]
    return Row(f"first creation, {ITEMS[weight]}", ran[0][0]["stats"]["creates"], ran)


def unchanged(stage: Stage, weight: str, rounds: int, folder: Path, tell: Tell, *, realistic: bool) -> Row:
    """A sync that changes nothing against the bare reads. Zabbix must hold the hosts of this policy."""
    record = folder / "reads.json"
    how = "NetBox's own time" if realistic else "the stand-in at full speed"
    tell(f"{stage.objects} objects, nothing to change, {how}")
    stage.netbox_time(False)
    given = {**stage.connections, "options": job_options(weight)}
    settled = False
    while not settled:  # the bare arrays may have made hosts in groups of other ids: those are put right first
        done = in_process("sync", {**given, "record": str(record)})["stats"]
        settled = not done["creates"] and not done["updates"]
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

    ran = alternately(rounds, ours, bare)
    stage.netbox_time(False)
    return Row(f"nothing to change, {how}", stage.objects, ran)


def imports(stage: Stage, rounds: int, folder: Path, tell: Tell) -> Row:
    """An import that finds nothing new against its bare requests. `objects`: Zabbix's templates."""
    record = folder / "import.json"
    given = {**stage.connections, "store": str(folder / "store"), "record": str(record)}
    first = in_process("settings", given)
    given = {**given, "record": ""}
    bearer = stage.zabbix.version != "6.0"

    def ours() -> Figures:
        figures = in_process("settings", given)
        tell(f"  ours {figures['wall']:.2f} s, {figures['cpu']:.2f} s CPU")
        return figures

    def bare() -> Figures:
        figures = in_process("bare_settings", {**given, "record": str(record), "bearer": bearer})
        tell(f"  bare {figures['wall']:.2f} s, {figures['cpu']:.2f} s CPU")
        return figures

    tell(f"import of {first['stats']['templates']} templates, nothing new")
    return Row("import, nothing new", first["stats"]["templates"], alternately(rounds, ours, bare))


def company(stage: Stage, tell: Tell) -> list[Figures]:
    """What a person would see: three runs with links and statuses written back, NetBox taking its own time."""
    tell(f"a company of {stage.objects} objects, everything as a person would run it")
    stage.empty_zabbix()
    options = job_options("light", write_back=["zabbix_hostid", "zabbix_sync_status"])
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
        ran = [in_process("engine", {**stage.connections, "objects": objects}) for dummy in range(rounds)]
        names = ("first_run", "unchanged", "unchanged_cpu", "policy", "diff", "hundred", "rss")
        medians = {name: median(figures[name] for figures in ran) for name in names}
        found.append({"objects": objects, "hosts": ran[0]["hosts"], **medians, "load": machine.load()})
        tell(f"  {found[-1]['unchanged']:.2f} s")
    return found
