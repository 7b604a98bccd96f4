"""The documented differences between nb_inventory and ours, applied before the two are compared."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import yaml

from .listing import CONFIGURATIONS, HERE, Listing, expected

Difference = dict[str, Any]
DIFFERENCES: list[Difference] = yaml.safe_load((HERE / "differences.yml").read_text("utf-8"))
CHANGES = ("ours_adds", "ours_merged", "renamed", "variables", "left_out", "joined", "nested", "parted", "taken_from")


def applicable(configuration: str, host_names: str) -> list[Difference]:
    """The differences that must show in a configuration."""
    return [
        one
        for one in DIFFERENCES
        if one.get("host_names", host_names) == host_names
        and configuration in one.get("in", CONFIGURATIONS)
        and configuration not in one.get("not_in", ())
    ]


def settle(difference: Difference, ours: Listing, theirs: Listing) -> tuple[Listing, Listing]:
    """Both listings without this difference. A difference that is not there is an error: the list must stay true."""
    before = json.dumps([ours, theirs], sort_keys=True)
    settled = (copy.deepcopy(ours), copy.deepcopy(theirs))
    for change in CHANGES:
        if change in difference:
            globals()[f"_{change}"](difference[change], *settled)
    assert json.dumps(settled, sort_keys=True) != before, f"no longer a difference: {difference['reason']}"
    return settled


def _ours_adds(names: list[str], ours: Listing, _theirs: Listing) -> None:
    """Variables that each host of ours has and theirs have not."""
    for name in names:
        for host, variables in ours["hosts"].items():
            assert name in variables, f"{host} has no {name}"
            del variables[name]


def _ours_merged(hosts: dict[str, list[str]], ours: Listing, _theirs: Listing) -> None:
    """Hosts of ours which are one of theirs, with the variables of the later ones over those of the earlier ones."""
    for name, parts in hosts.items():
        found = [ours["hosts"].pop(part) for part in parts if part in ours["hosts"]]
        if found:
            ours["hosts"][name] = {key: value for one in found for key, value in one.items()}
        _rename_members(ours, dict.fromkeys(parts, name))
    ungrouped = ours["groups"].get("ungrouped", {})
    grouped = {host for group, one in ours["groups"].items() if group != "ungrouped" for host in one.get("hosts", ())}
    if "hosts" in ungrouped:
        ungrouped["hosts"] = sorted(set(ungrouped["hosts"]) - grouped)


def _renamed(hosts: dict[str, str], _ours: Listing, theirs: Listing) -> None:
    theirs["hosts"] = {hosts.get(name, name): one for name, one in theirs["hosts"].items()}
    _rename_members(theirs, hosts)


def _rename_members(listing: Listing, names: dict[str, str]) -> None:
    for group in listing["groups"].values():
        if "hosts" in group:
            group["hosts"] = sorted({names.get(host, host) for host in group["hosts"]})


def _variables(hosts: dict[str, dict[str, Any]], _ours: Listing, theirs: Listing) -> None:
    """Values that ours has; "*" stands for each host that has the variable."""
    for host, values in hosts.items():
        for one in [theirs["hosts"][host]] if host != "*" else theirs["hosts"].values():
            one |= {name: value for name, value in values.items() if host != "*" or name in one}


def _left_out(hosts: dict[str, list[str]], _ours: Listing, theirs: Listing) -> None:
    """Variables that only theirs have."""
    for host, names in hosts.items():
        for name in names:
            del theirs["hosts"][host][name]


def _joined(groups: dict[str, list[str]], _ours: Listing, theirs: Listing) -> None:
    """Hosts that are in a group of ours."""
    for name, hosts in groups.items():
        group = theirs["groups"][name]
        group["hosts"] = sorted({*group["hosts"], *hosts})


def _taken_from(values: dict[str, dict[str, list[str]]], _ours: Listing, theirs: Listing) -> None:
    """Variables as they are in another configuration."""
    for configuration, hosts in values.items():
        for host, names in hosts.items():
            for name in names:
                theirs["hosts"][host][name] = expected(configuration)["hosts"][host][name]


def _nested(parents: dict[str, list[str]], _ours: Listing, theirs: Listing) -> None:
    """Groups within others of ours, and these others."""
    for parent, children in parents.items():
        group = theirs["groups"].setdefault(parent, {})
        top = set(theirs["groups"]["all"]["children"])
        group["children"] = sorted(child for child in children if child in theirs["groups"])
        theirs["groups"]["all"]["children"] = sorted((top | {parent}) - set(children))


def _parted(groups: dict[str, dict[str, str]], _ours: Listing, theirs: Listing) -> None:
    """Groups of theirs which are one for each parent in ours, and within the one of their name."""
    for name, parts in groups.items():
        for parent, part in parts.items():
            group = theirs["groups"][parent]
            group["children"] = sorted({part if child == name else child for child in group["children"]})
        theirs["groups"][name] = {"children": sorted(parts.values())}
        theirs["groups"]["all"]["children"] = sorted({*theirs["groups"]["all"]["children"], name})


def differing(ours: Listing, theirs: Listing) -> Iterator[str]:
    """What a person wants to read of two listings that are not the same."""
    for kind in ("hosts", "groups"):
        for name in sorted(ours[kind].keys() | theirs[kind].keys()):
            mine, other = ours[kind].get(name), theirs[kind].get(name)
            if mine is None or other is None:
                yield f"{kind} {name}: only {'theirs' if mine is None else 'ours'}"
                continue
            for key in sorted(mine.keys() | other.keys()):
                if mine.get(key) != other.get(key) or (key in mine) != (key in other):
                    yield f"{kind} {name} {key}: ours {mine.get(key, 'nothing')}, theirs {other.get(key, 'nothing')}"
