"""What a look costs: everything, nothing changed, and one object in a hundred changed, against the bare requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark.measure import Figures, in_process
from benchmark.scenarios import Row, Tell, alternately, job_options
from benchmark.stage import Stage

#: of the objects; in turn with a look at what did not change
SHARE = 100


def looking(stage: Stage, weight: str, rounds: int, folder: Path, tell: Tell) -> list[Row]:
    """Look at an estate as a whole, and at what changed. Zabbix must hold the hosts of this policy.

    What nobody can do without: for a full look the bare reads of both sides; for the others the bare reading of Zabbix
    and the questions what changed in NetBox.
    """
    tell(f"{stage.objects} objects, looks at them, NetBox's own time")
    reads, questions, store = folder / "looks.json", folder / "questions.json", str(folder / "state")
    # as in a NetBox where nothing happened for the last minutes: the estate was loaded just now
    given = {**stage.connections, "options": job_options(weight, state_store=store, lookback_minutes=0)}
    stage.netbox_time(False)
    _looked(given, "full", record=str(reads))
    _looked(given, "incremental", first=True)
    _looked(given, "incremental", record=str(questions))
    stage.netbox_time(True)
    number = 0

    def full() -> Figures:
        return _told(tell, "full", _looked(given, "full"))

    def unchanged() -> Figures:
        return _told(tell, "nothing changed", _looked(given, "incremental"))

    def changed() -> Figures:
        nonlocal number
        number += 1
        stage.netbox_time(False)
        stage.change_devices(stage.objects // SHARE, f"look {number}")
        stage.netbox_time(True)
        figures = _looked(given, "incremental")
        if figures["stats"]["pending"] == 0:
            raise RuntimeError(f"changed objects were to be pending: {figures['stats']}")
        return _told(tell, f"{stage.objects // SHARE} changed", figures)

    def bare(task: str, record: Path) -> Figures:
        figures = in_process(task, {**stage.connections, "record": str(record)})
        tell(f"  bare {figures['wall']:.2f} s, {figures['cpu']:.2f} s CPU")
        return figures

    rows = [
        Row("look at everything", stage.objects, alternately(rounds, full, lambda: bare("bare_reads", reads))),
        Row(
            "look, nothing changed", stage.objects, alternately(rounds, unchanged, lambda: bare("bare_look", questions))
        ),
        Row("look, 1 % changed", stage.objects, alternately(rounds, changed, lambda: bare("bare_look", questions))),
    ]
    stage.netbox_time(False)
    return rows


def _told(tell: Tell, what: str, figures: Figures) -> Figures:
    tell(f"  {what}: ours {figures['wall']:.2f} s, {figures['cpu']:.2f} s CPU")
    return figures


def _looked(given: dict[str, Any], mode: str, *, first: bool = False, **more: Any) -> Figures:
    figures = in_process("look", {**given, "mode": mode, **more})
    stats = figures["stats"]
    false = stats["drifted"] + stats["both"] + stats["missing"] + stats["orphan"]
    if false:
        raise RuntimeError(f"nobody changed Zabbix, and the look says {stats}")
    if figures["whole"] and mode != "full" and not first:
        raise RuntimeError("the look was to read what changed, and read everything")
    return figures
