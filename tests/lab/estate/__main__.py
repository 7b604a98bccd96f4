"""Command line: `python -m lab.estate load --objects 400`, `purge`, `show`."""

from __future__ import annotations

import argparse
import os
import sys
import time

from .api import Api, EstateError
from .generate import generate
from .load import load, purge


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.estate", description="An estate to test against, in a NetBox.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, purpose in (
        ("load", "create an estate in a NetBox that has none"),
        ("purge", "remove the estate that a NetBox carries"),
        ("show", "print what an estate consists of; needs no NetBox"),
    ):
        command = commands.add_parser(name, help=purpose, description=purpose)
        if name != "purge":
            command.add_argument("--objects", type=int, default=400, help="devices and virtual machines (50 to 50000)")
            command.add_argument("--seed", type=int, default=1)
        if name != "show":
            command.add_argument("--url", default=os.environ.get("NETBOX_URL"), help="default: NETBOX_URL")
            command.add_argument("--token", default=os.environ.get("NETBOX_TOKEN"), help="default: NETBOX_TOKEN")
    options = parser.parse_args(arguments)
    if options.command != "show" and not (options.url and options.token):
        parser.error("give --url and --token, or set NETBOX_URL and NETBOX_TOKEN")
    try:
        _run(options)
    except (EstateError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> None:
    started = time.monotonic()

    def progress(message: str) -> None:
        print(f"{time.monotonic() - started:7.1f} s  {message}", flush=True)

    if options.command == "show":
        estate = generate(options.objects, options.seed)
        for table, rows in estate.counts().items():
            print(f"{rows:7}  {table}")
        print("\nAwkward objects:")
        for what, ref in estate.specials.items():
            print(f"  {what}: {ref.table} {ref.key}, name {estate.row(ref).payload['name']!r}")
    elif options.command == "load":
        progress(f"NetBox {Api(options.url, options.token).version()}")
        ids = load(generate(options.objects, options.seed), options.url, options.token, progress=progress)
        progress(f"done: {len(ids)} rows")
    else:
        progress(f"done: {purge(options.url, options.token, progress=progress)} rows removed")


if __name__ == "__main__":
    sys.exit(main())
