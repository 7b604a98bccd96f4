"""`python -m benchmark`: measure, print Markdown, write JSON."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab import zabbix as zabbix_lab
from tools import collection

collection.register()

from benchmark import looking, machine, report, scenarios  # noqa: E402  # the collection must be known before it is imported
from benchmark.stage import staged  # noqa: E402

#: objects of the company that the other tools were measured with
COMPANY = 400
RESULTS = Path(__file__).with_name("results")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmark",
        description="Measure the sync against the bare necessary requests, on the laboratory's Zabbix and a stand-in.",
        epilog="NETBOX_ZABBIX_LAB and NETBOX_ZABBIX_LAB_PORT_SHIFT choose another laboratory than the usual one.",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000], help="numbers of NetBox objects")
    parser.add_argument(
        "--heavy", type=int, default=1000, help="objects for the heavy template; Zabbix makes 13 a second"
    )
    parser.add_argument(
        "--engine", type=int, nargs="+", default=[1000, 10_000, 50_000], help="objects for the engine alone"
    )
    parser.add_argument("--quick", action="store_true", help="1,000 objects only, 300 with the heavy template")
    parser.add_argument("--zabbix", choices=zabbix_lab.VERSIONS, default="7.0")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is taken")
    parser.add_argument("--json", type=Path, help="default: tests/benchmark/results/<date>.json")
    parser.add_argument(
        "--yes-reset",
        action="store_true",
        help="put this whole laboratory back to its first state before each creation (seconds); without it only the "
        "benchmark's own hosts are removed, which takes Zabbix as long as creating them",
    )
    given = parser.parse_args()
    sizes, heavy = ([1000], 300) if given.quick else (sorted(given.sizes), given.heavy)
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", file=sys.stderr, flush=True)

    tell(
        f"Zabbix {given.zabbix} in {zabbix_lab.home(given.zabbix)} "
        + ("is put back to its first state, with all that is in it" if given.yes_reset else "keeps all hosts but ours")
    )
    measured: dict[str, Any] = {
        "machine": machine.describe(),
        "zabbix": given.zabbix,
        "load_before": machine.load(),
        "rounds": given.rounds,
    }
    rows: dict[str, list[scenarios.Row]] = {"unchanged": [], "creation": [], "imports": [], "looks": []}
    with tempfile.TemporaryDirectory() as name:
        tell(f"loading {COMPANY} objects into the NetBox stand-in")
        with staged(given.zabbix, COMPANY, may_reset=given.yes_reset) as stage:
            measured["company"] = scenarios.company(stage, tell)
            # the more rounds the better: an import is over in half a second
            rows["imports"].append(scenarios.imports(stage, 3 * given.rounds, Path(name), tell))
        for objects in sorted({*sizes, heavy}):
            tell(f"loading {objects} objects into the NetBox stand-in")
            with staged(given.zabbix, objects, may_reset=given.yes_reset) as stage:
                folder = Path(name, str(objects))
                folder.mkdir()
                if objects == heavy:
                    rows["creation"].append(scenarios.creation(stage, "heavy", given.rounds, folder, tell))
                if objects not in sizes:
                    continue
                for weight in ("none", "light"):
                    rows["creation"].append(scenarios.creation(stage, weight, given.rounds, folder, tell))
                for realistic in (True, False):
                    rows["unchanged"].append(
                        scenarios.unchanged(stage, "light", given.rounds, folder, tell, realistic=realistic)
                    )
                rows["looks"] += looking.looking(stage, "light", given.rounds, folder, tell)
                if objects == sizes[-1]:
                    measured["engine"] = scenarios.engine(
                        stage, [1000] if given.quick else given.engine, given.rounds, tell
                    )
    measured.update({kind: [row.as_dict() for row in some] for kind, some in rows.items()})
    path = given.json or RESULTS / f"{datetime.now(UTC):%Y-%m-%d}.json"
    path.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(report.markdown(measured, rows))
    tell("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
