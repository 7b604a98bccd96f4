"""One job in a process of its own, so that its memory and CPU are its own: `in_process("sync", {...})`.

As a program it is the child: the task's name as argument, options as JSON on standard input, figures on its output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmark import machine

Figures = dict[str, Any]

TESTS = Path(__file__).resolve().parents[1]


def in_process(task: str, options: dict[str, Any]) -> Figures:
    """Run a task in a fresh Python and return its figures. Raises RuntimeError with what it said when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmark.measure", task],
        input=json.dumps(options),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )
    if done.returncode:
        raise RuntimeError(f"the task {task} failed:\n{done.stderr[-3000:]}")
    figures: Figures = json.loads(done.stdout)
    return figures


def _timed(work: Callable[[], Any]) -> tuple[Any, Figures]:
    cpu, wall = time.process_time(), time.perf_counter()
    outcome = work()
    return outcome, {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def sync(options: dict[str, Any]) -> Figures:
    """The job itself. `record`: a file that the requests are to be written to."""
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
        NetBoxConnection,
        ZabbixConnection,
    )
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions

    from benchmark.recording import recorded

    netbox = NetBoxConnection(options["netbox_url"], options["netbox_token"])
    zabbix = ZabbixConnection(options["zabbix_url"], token=options["zabbix_token"])
    run = SyncOptions(**options["options"])
    with recorded(options["zabbix_url"], whole=bool(options.get("record"))) as recording:
        result, figures = _timed(lambda: sync_hosts(netbox, zabbix, run, lambda text: None))
    if options.get("record"):
        kept = {"reads": recording.needed_reads(), "creates": recording.needed_creates()}
        Path(options["record"]).write_text(json.dumps(kept), encoding="utf-8")
    return {
        **figures,
        "rss": machine.peak_rss(),
        "requests": result.requests,
        "stats": result.stats,
        "writing": recording.writing(),
        "failed": [f"{host.name}: {host.error}" for host in result.failed][:5],
    }


def settings(options: dict[str, Any]) -> Figures:
    """The import, without NetBox's choice sets. `store`: where its cache is; `record`: as `sync`."""
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
        NetBoxConnection,
        ZabbixConnection,
    )
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_import import (
        ImportOptions,
        import_settings,
    )

    from benchmark.recording import recorded

    netbox = NetBoxConnection(options["netbox_url"], options["netbox_token"])
    zabbix = ZabbixConnection(options["zabbix_url"], token=options["zabbix_token"])
    run = ImportOptions(state_store=options["store"], choice_sets=())
    with recorded(options["zabbix_url"], whole=bool(options.get("record"))) as recording:
        result, figures = _timed(lambda: import_settings(netbox, zabbix, run, lambda text: None))
    if options.get("record"):
        kept = [one.body for one in recording.sent if one.server == "zabbix"]
        Path(options["record"]).write_text(json.dumps(kept), encoding="utf-8")
    return {**figures, "rss": machine.peak_rss(), "requests": result.requests, "stats": result.stats}


def bare_settings(options: dict[str, Any]) -> Figures:
    """The requests of an import, sent one after the other, their answers parsed and forgotten."""
    from benchmark import bare

    bodies = json.loads(Path(options["record"]).read_text(encoding="utf-8"))
    # 6.0 has the token in the body, and refuses the first question, for its version, with one in the header
    zabbix = bare.sender(options["zabbix_url"], f"Bearer {options['zabbix_token']}" if options["bearer"] else "")
    # neither is what anybody would have to ask, and Zabbix 7.0 takes the second with no token beside it
    ours = ("apiinfo.version", "user.checkAuthentication")
    needed = [body for body in bodies if not any(method in body for method in ours)]
    dummy, figures = _timed(lambda: [zabbix(body) for body in needed])
    return {**figures, "rss": machine.peak_rss(), "requests": len(needed)}


def look(options: dict[str, Any]) -> Figures:
    """HostConfigSyncRefresh. `mode`: how NetBox is read; `record`: a file that the requests are to be written to."""
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
        NetBoxConnection,
        ZabbixConnection,
    )
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.host_config_refresh import (
        RefreshOptions,
        refresh_hosts,
    )

    from benchmark.recording import recorded

    netbox = NetBoxConnection(options["netbox_url"], options["netbox_token"])
    zabbix = ZabbixConnection(options["zabbix_url"], token=options["zabbix_token"])
    run = RefreshOptions(**options["options"], mode=options["mode"])
    with recorded(options["zabbix_url"], whole=bool(options.get("record"))) as recording:
        result, figures = _timed(lambda: refresh_hosts(netbox, zabbix, run, lambda text: None))
    if options.get("record"):
        Path(options["record"]).write_text(json.dumps({"reads": recording.needed_reads()}), encoding="utf-8")
    return {
        **figures,
        "rss": machine.peak_rss(),
        "requests": result.requests,
        "stats": result.stats,
        "whole": "only what changed was read" not in result.message,
        "failed": [f"{host.name}: {host.error}" for host in result.failed][:5],
    }


def bare_look(options: dict[str, Any]) -> Figures:
    """The bare reading of Zabbix beside the questions what changed in NetBox."""
    from benchmark import bare

    needed = json.loads(Path(options["record"]).read_text(encoding="utf-8"))["reads"]
    ask = bare.asker(f"Bearer {options['netbox_token']}")
    zabbix = bare.sender(options["zabbix_url"], f"Bearer {options['zabbix_token']}")
    dummy, figures = _timed(lambda: bare.look(ask, zabbix, needed))
    return {**figures, "rss": machine.peak_rss(), "requests": {name: len(some) for name, some in needed.items()}}


def bare_reads(options: dict[str, Any]) -> Figures:
    """The bare requests of an unchanged estate."""
    from benchmark import bare

    needed = json.loads(Path(options["record"]).read_text(encoding="utf-8"))["reads"]
    netbox = bare.sender(f"{options['netbox_url']}/graphql/", f"Bearer {options['netbox_token']}")
    zabbix = bare.sender(options["zabbix_url"], f"Bearer {options['zabbix_token']}")
    dummy, figures = _timed(lambda: bare.reads(netbox, zabbix, needed))
    return {**figures, "rss": machine.peak_rss(), "requests": {name: len(some) for name, some in needed.items()}}


def bare_creates(options: dict[str, Any]) -> Figures:
    """The bare `host.create` arrays. `bodies`: a file of them, as `with_new_group_ids` made them."""
    from benchmark import bare

    bodies = json.loads(Path(options["bodies"]).read_text(encoding="utf-8"))
    zabbix = bare.sender(options["zabbix_url"], f"Bearer {options['zabbix_token']}")
    dummy, figures = _timed(lambda: bare.creates(zabbix, bodies))
    return {**figures, "rss": machine.peak_rss(), "requests": len(bodies)}


def engine(options: dict[str, Any]) -> Figures:
    """Policy and diff in memory."""
    from benchmark.engine import measure_engine

    return measure_engine(options)


TASKS = {
    task.__name__: task for task in (sync, look, bare_look, settings, bare_settings, bare_reads, bare_creates, engine)
}


def main() -> None:
    from tools import collection

    collection.register()
    print(json.dumps(TASKS[sys.argv[1]](json.load(sys.stdin))))


if __name__ == "__main__":
    main()
