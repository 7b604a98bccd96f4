"""The demonstration: a real Zabbix 7.0, a NetBox stand-in with a company of 400 objects, three runs of the sync.

`make demo` makes the environment and calls this. Zabbix goes on running afterwards, so that the result can be looked
at; `make lab-down` stops it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import collection

from lab import zabbix
from lab.estate import generate, load
from lab.netbox import StandIn

OBJECTS = 400
ROOT = collection.ROOT
FOLDER = ROOT / ".cache" / "demo"
POLICY = ROOT / "tests" / "lab" / "estate" / "policy.yml"
#: lines of the plan to print: enough to see what one looks like
SHOWN = 24


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    collection.link(FOLDER / "collections")
    _say("Zabbix 7.0 (the first time it is installed, from Debian's packages: about a minute)")
    server = zabbix.up("7.0")
    # as after its installation, so that the demonstration always begins with nothing
    zabbix.reset("7.0")
    with StandIn() as netbox:
        _say(f"A NetBox stand-in with a company of {OBJECTS} devices and virtual machines")
        ids = load(generate(OBJECTS), netbox.url, netbox.token)
        print(f"{len(ids)} objects of all kinds loaded")
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(FOLDER / "collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "NETBOX_URL": netbox.url,
            "NETBOX_TOKEN": netbox.token,
            "ZABBIX_URL": server.url,
            "ZABBIX_TOKEN": server.token,
        }
        _say("First run: what would be done (--check --diff)")
        plan = _sync(environment, "--check", "--diff", capture=True)
        (FOLDER / "plan.txt").write_text(plan)
        lines = plan.splitlines()
        begin = next(number for number, line in enumerate(lines) if line.startswith("+ "))
        print("\n".join(lines[begin : begin + SHOWN]))
        print(f"    ... the whole plan is in {(FOLDER / 'plan.txt').relative_to(ROOT)}")
        _say("Second run: for real")
        _sync(environment)
        _say("Third run: nothing is left to do")
        if "changed=0" not in _sync(environment, capture=True, show=True):
            print("The third run should have changed nothing.", file=sys.stderr)
            return 1
    _say("Look at it")
    print(
        f"Zabbix: {server.url}   user {server.user}, password {server.password}   (Data collection > Hosts)\n"
        f"The policy that made these hosts: {POLICY.relative_to(ROOT)}\n"
        "make lab-down stops this Zabbix. The README tells how to go on with your own NetBox and Zabbix."
    )
    return 0


def _sync(environment: dict[str, str], *arguments: str, capture: bool = False, show: bool = False) -> str:
    command = ["ansible-playbook", "netops.netbox_zabbix.sync", "-e", f"@{POLICY}", *arguments]
    print("$", " ".join(["ansible-playbook netops.netbox_zabbix.sync -e @policy.yml", *arguments]), flush=True)
    done = subprocess.run(
        command, env=environment, cwd=FOLDER, check=False, text=True, stdout=subprocess.PIPE if capture else None
    )
    text = done.stdout or ""
    if done.returncode or show:
        print(text)
    if done.returncode:
        raise SystemExit(done.returncode)
    return text


def _say(text: str) -> None:
    print(f"\n\033[1m== {text}\033[0m", flush=True)


if __name__ == "__main__":
    sys.exit(main())
