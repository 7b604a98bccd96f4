"""Proofs that take long: a sample of each runs with all other tests, the whole of it by `make proof`."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """How much is tried."""

    killed_hosts: int
    kills: int
    quiet_hosts: int
    looked_objects: int
    looks: int
    undone_objects: int
    undone_changes: int
    sequences: int
    steps: int


WHOLE = Sizes(
    killed_hosts=500,
    kills=50,
    quiet_hosts=10_000,
    looked_objects=150,
    looks=100,
    undone_objects=350,
    undone_changes=300,
    sequences=40,
    steps=25,
)
SAMPLE = Sizes(
    killed_hosts=60,
    kills=2,
    quiet_hosts=200,
    looked_objects=60,
    looks=6,
    undone_objects=50,
    undone_changes=40,
    sequences=2,
    steps=10,
)
SIZES = WHOLE if os.environ.get("NETBOX_ZABBIX_PROOF") == "whole" else SAMPLE
