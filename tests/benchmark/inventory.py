"""`python -m benchmark.inventory`: our inventory beside nb_inventory's, on a NetBox stand-in that takes its time.

NB_INVENTORY_PATH names a virtual environment that has nb_inventory (see CONTRIBUTING.md); without it ours is measured
alone. What Ansible itself takes for an inventory of that content is measured with a plugin that has it in a file, and
left out of a plugin's own share.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from integration.inventory_parity.listing import OURS, THEIRS, UNNAMED, normalised
from lab.estate import generate, load
from lab.netbox import StandIn
from tools import collection

from benchmark import machine

Figures = dict[str, Any]
Tell = Callable[[str], None]

RESULTS = Path(__file__).with_name("results")
PLUGINS = Path(__file__).with_name("inventory_plugins")
MIB = 2**20
#: seconds after which a listing is given up
GIVEN_UP = 1200
#: objects up to which nb_inventory is also measured with its cache
THEIR_CACHE = 1000
#: how people use it: groups of places, roles and states; no interfaces
USUAL = {"group_by": ["sites", "device_roles", "platforms", "status", "tags"]}
WITH_INTERFACES = {**USUAL, "interfaces": True}
#: names as nb_inventory gives them, so that both list the same hosts
SAME_NAMES = {"host_names": "nb_inventory"}


@dataclass
class Side:
    """A plugin, and the environment that it runs in."""

    plugin: str
    bin: Path
    collections: Path


@dataclass
class Place:
    """A stand-in with an estate, and a folder for files."""

    netbox: StandIn
    folder: Path
    objects: int

    def listing(self, side: Side, options: dict[str, Any], home: str) -> Figures:
        """`ansible-inventory --list`: seconds, CPU seconds, peak memory, and what NetBox was asked for.

        `home`: the folder that caches stay in from one run to the next.
        """
        source = self.folder / "netbox.yml"
        source.write_text(yaml.safe_dump({"plugin": side.plugin, **options}), "utf-8")
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": str(side.collections),
            "ANSIBLE_INVENTORY_ENABLED": side.plugin,
            "NETBOX_API": self.netbox.url,
            "NETBOX_TOKEN": self.netbox.token_v1,
        }
        self.netbox.clear_requests()
        figures = _run(side.bin, source, self.folder / home, environment)
        asked = self.netbox.requests
        return {
            **figures,
            "requests": len(asked),
            "read_mib": sum(one["bytes"] for one in asked) / MIB,
            "failed_requests": sum(one["status"] != 200 for one in asked),
        }

    def ansible_alone(self, side: Side, listing: Path) -> Figures:
        """The same for an inventory of the same content that no NetBox is asked for."""
        listed = json.loads(listing.read_text("utf-8"))
        source = self.folder / "same.pickle"
        hosts = {name: _plain(variables) for name, variables in listed.pop("_meta")["hostvars"].items()}
        source.write_bytes(pickle.dumps({"hosts": hosts, "groups": listed}))
        plugins = {"ANSIBLE_INVENTORY_PLUGINS": str(PLUGINS), "ANSIBLE_INVENTORY_ENABLED": "from_file"}
        return _run(side.bin, source, self.folder / "alone", plugins)


def _run(bin_: Path, source: Path, home: Path, environment: dict[str, str]) -> Figures:
    home.mkdir(exist_ok=True)
    output = source.parent / "listing.json"
    output.unlink(missing_ok=True)
    began = time.perf_counter()
    with (source.parent / "said.txt").open("w") as said:
        process = subprocess.Popen(
            [bin_ / "ansible-inventory", "-i", source, "--list", "--output", output],
            env={
                "PATH": f"{bin_}:{os.environ['PATH']}",
                "HOME": str(home),
                "LANG": "C.UTF-8",
                "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
                **environment,
            },
            stdout=said,
            stderr=said,
        )
        status, used = _wait(process, began)
    wall = time.perf_counter() - began
    if status:
        raise RuntimeError(f"{source} ended with {status}: {(source.parent / 'said.txt').read_text()[-2000:]}")
    return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "rss": used.ru_maxrss * 1024, "output": str(output)}


def _wait(process: subprocess.Popen[bytes], began: float) -> tuple[int, Any]:
    """The exit code and the resources of just this child. Raises TimeoutError."""
    while True:
        number, status, used = os.wait4(process.pid, os.WNOHANG)
        if number:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, used
        if time.perf_counter() - began > GIVEN_UP:
            process.kill()
            os.wait4(process.pid, 0)
            process.returncode = -9
            raise TimeoutError(f"no inventory after {GIVEN_UP} s")
        time.sleep(0.02)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"__ansible_unsafe"}:
            return value["__ansible_unsafe"]
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def compare(place: Place, ours: Side, theirs: Side, options: dict[str, Any], rounds: int, tell: Tell) -> Figures:
    """Ours and nb_inventory's in turns, cold and with caches, and Ansible alone."""
    found: dict[str, list[Figures]] = {name: [] for name in ("ours", "theirs", "ours_warm", "theirs_warm", "alone")}
    same = {**options, **SAME_NAMES}
    sides = {"ours": (ours, same), "theirs": (theirs, options)}
    # nb_inventory with its cache takes longer than without it, minutes with many objects: once is enough
    warm = ("ours", "theirs") if place.objects <= THEIR_CACHE else ("ours",)
    for name in warm:
        _with_cache(place, *sides[name])
    if "theirs" in warm:
        found["theirs_warm"].append(_with_cache(place, *sides["theirs"]))
        tell(f"  theirs with its cache {found['theirs_warm'][0]['wall']:.1f} s")
    differing = -1
    for number in range(rounds):
        listings = {}
        for name in ("ours", "theirs") if number % 2 == 0 else ("theirs", "ours"):
            # no file of the run before: nb_inventory keeps the OpenAPI document in its home
            found[name].append(place.listing(*sides[name], f"{name}-{number}"))
            listings[name] = _kept(place, found[name][-1], name)
            tell(f"  {name} {found[name][-1]['wall']:.1f} s")
        found["ours_warm"].append(_with_cache(place, ours, same))
        tell(f"  ours with its cache {found['ours_warm'][-1]['wall']:.1f} s")
        found["alone"].append(place.ansible_alone(ours, listings["ours"]))
        tell(f"  Ansible alone {found['alone'][-1]['wall']:.1f} s")
        if differing < 0:
            differing = _differing(listings, place.netbox.url)
            tell(f"  {differing} hosts differ")
    return {
        "objects": place.objects,
        "options": options,
        "rounds": found,
        "hosts_that_differ": differing,
        "share": {
            name: median(
                (one["wall"] - alone["wall"]) / (other["wall"] - alone["wall"])
                for one, other, alone in zip(found[mine], found["theirs"], found["alone"], strict=True)
            )
            for name, mine in (("cold", "ours"), ("warm", "ours_warm"))
        },
        "ratio": {of: _ratio(found, of) for of in ("wall", "cpu", "rss", "read_mib", "requests")},
        "load": machine.load(),
    }


def _with_cache(place: Place, side: Side, options: dict[str, Any]) -> Figures:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_timeout": 3600}
    where = {"cache_connection": str(place.folder / f"cache-{side.plugin}")}
    return place.listing(side, {**options, **cache, **where}, f"home-{side.plugin}")


def _ratio(found: dict[str, list[Figures]], of: str) -> float:
    return median(one[of] / other[of] for one, other in zip(found["ours"], found["theirs"], strict=True))


def _kept(place: Place, figures: Figures, name: str) -> Path:
    kept = place.folder / f"{name}.json"
    Path(figures.pop("output")).rename(kept)
    figures["hosts"] = len(json.loads(kept.read_text("utf-8"))["_meta"]["hostvars"])
    return kept


def _differing(listings: dict[str, Path], url: str) -> int:
    """How many hosts do not have the same variables in both, but for those that only ours have.

    Objects without a name are left out: both call them by chance.
    """
    mine, other = (
        normalised(json.loads(listings[name].read_text("utf-8")), url)["hosts"] for name in ("ours", "theirs")
    )
    for variables in mine.values():
        variables.pop("netbox_id")
        variables.pop("zabbix", None)
    names = (mine.keys() | other.keys()) - {UNNAMED}
    return sum(mine.get(name) != other.get(name) for name in names)


def growth(place: Place, ours: Side, options: dict[str, Any], rounds: int, tell: Tell) -> Figures:
    """Ours alone, for one number of objects."""
    ran: list[tuple[Figures, Figures]] = []
    for dummy in range(rounds):
        mine = place.listing(ours, options, "growth")
        kept = _kept(place, mine, "growth")
        ran.append((mine, place.ansible_alone(ours, kept)))
        tell(f"  ours {mine['wall']:.1f} s, Ansible alone {ran[-1][1]['wall']:.1f} s")
    return {
        "objects": place.objects,
        "hosts": ran[0][0]["hosts"],
        "requests": ran[0][0]["requests"],
        "read_mib": ran[0][0]["read_mib"],
        "wall": median(mine["wall"] for mine, dummy in ran),
        "share": median(mine["wall"] - alone["wall"] for mine, alone in ran),
        "cpu_share": median(mine["cpu"] - alone["cpu"] for mine, alone in ran),
        "rss": median(mine["rss"] for mine, dummy in ran),
        "rss_alone": median(alone["rss"] for dummy, alone in ran),
        "load": machine.load(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmark.inventory", description=__doc__)
    parser.add_argument("--compare", type=int, nargs="*", default=[10_000], help="objects for both, usual options")
    parser.add_argument("--interfaces", type=int, nargs="*", default=[2000], help="objects for both, with interfaces")
    parser.add_argument("--growth", type=int, nargs="*", default=[1000, 10_000, 50_000], help="objects for ours alone")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is taken")
    parser.add_argument("--json", type=Path, default=RESULTS / "inventory.json")
    given = parser.parse_args()
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", file=sys.stderr, flush=True)

    measured: Figures = {"machine": machine.describe(), "rounds": given.rounds}
    measured |= {name: [] for name in ("compare", "interfaces", "growth")}
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name, "collections")
        collection.link(tree)
        ours = Side(OURS, Path(sys.executable).parent, tree)
        path = os.environ.get("NB_INVENTORY_PATH")
        theirs = Side(THEIRS, Path(path) / "bin", Path(path) / "collections") if path else None
        for objects in sorted({*given.compare, *given.interfaces, *given.growth}):
            with StandIn() as netbox:
                tell(f"loading {objects} objects into the NetBox stand-in")
                load(generate(objects), netbox.url, netbox.token)
                netbox.age()
                netbox._control("settings", realistic_time=True)
                place = Place(netbox, Path(name, str(objects)), objects)
                place.folder.mkdir()
                if objects in given.growth:
                    tell(f"{objects} objects, ours alone")
                    measured["growth"].append(growth(place, ours, USUAL, given.rounds, tell))
                for kind, options in (("compare", USUAL), ("interfaces", WITH_INTERFACES)):
                    if theirs and objects in getattr(given, kind):
                        tell(f"{objects} objects, {kind}")
                        measured[kind].append(compare(place, ours, theirs, options, given.rounds, tell))
            given.json.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    print(markdown(measured))
    return 0


def markdown(measured: Figures) -> str:
    """What the README shows."""
    lines = [
        "| | objects | ours s | nb_inventory s | Ansible alone s | own share | memory | bytes | requests | with cache |"
    ]
    lines.append("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for kind, what in (("compare", "usual groups"), ("interfaces", "and interfaces")):
        for row in measured[kind]:
            wall = {name: median(one["wall"] for one in ran) for name, ran in row["rounds"].items() if ran}
            ratio = row["ratio"]
            lines.append(
                f"| {what} | {row['objects']:,} | {wall['ours']:.1f} | {wall['theirs']:.1f} | {wall['alone']:.1f} "
                f"| {row['share']['cold']:.2f} | {ratio['rss']:.2f} | {ratio['read_mib']:.2f} "
                f"| {ratio['requests']:.2f} | {row['share']['warm']:.2f} |"
            )
    lines += [
        "",
        "| ours alone | own share s | CPU s | peak MiB (Ansible alone) | requests |",
        "|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row['objects']:,} | {row['share']:.1f} | {row['cpu_share']:.1f} "
        f"| {row['rss'] / MIB:.0f} ({row['rss_alone'] / MIB:.0f}) | {row['requests']} |"
        for row in measured["growth"]
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
