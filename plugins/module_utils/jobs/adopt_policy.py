# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy proposed from hosts that are there: those that are ours, that a person decided on, or that are clear."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass

from ..adopt.proposal import Proposal, placed, propose
from ..adopt.table import read_decisions
from ..connection import NetBoxConnection, ZabbixConnection
from ..migrate.translation import MAPPINGS, yaml_of
from ..zabbix.settings import read_settings
from .adopt import AdoptOptions, content_of, put, reached, read_sides
from .result import Progress, Result

POLICY_JOB = "ProposePolicy"


@dataclass(slots=True)
class ProposeResult(Result):
    """`text`: the proposed policy as YAML for Ansible."""

    text: str = ""


def propose_policy(
    netbox: NetBoxConnection, zabbix: ZabbixConnection, options: AdoptOptions, dest: str, progress: Progress
) -> ProposeResult:
    """Propose a policy, and write it to `dest` unless that is empty or this is a dry run. Errors as `sync_hosts`."""
    path = options.decisions
    decisions = read_decisions(content_of(path, ""), path) if path and os.path.exists(path) else []
    result = ProposeResult(POLICY_JOB, options.dry_run)
    with reached(result, netbox, zabbix, options, progress) as run:
        sides = read_sides(run, options)
        settings = read_settings(run.zabbix)
        objects = {one.ref: one for one in sides.estate.objects}
        chosen = {one.ref: one.hostid for one in decisions if one.ref in objects and one.hostid in sides.clues.hosts}
        if not decisions:
            proposed = (pair for pair in sides.matching.pairs if pair.proposed(options.least_score))
            chosen = {pair.subject.ref: pair.hostid for pair in proposed}
        chosen.update(sides.matching.ours)
        hosts = [placed(sides.clues.hosts[hostid].live, objects[ref], settings) for ref, hostid in chosen.items()]
        proposal = propose(sorted(hosts, key=lambda host: host.name))
        result.notes += sides.matching.notes
    text = result.text = _text(proposal)
    if dest:
        new = text.encode()
        result.changed = not os.path.exists(dest) or content_of(dest, "") != new
        if result.changed and not options.dry_run:
            put(dest, new)
    result.stats = {
        "hosts": proposal.hosts,
        "mappings": len(proposal.mappings),
        "exact": proposal.exact,
        "things": proposal.things,
        "given": proposal.given,
        "surplus": proposal.surplus,
        "failed": 0,
    }
    where = f" They {'would be' if options.dry_run else 'are'} in {dest}." if dest else ""
    result.finish(f"{len(proposal.mappings)} mappings from {_coverage(proposal)}.{where}")
    return result


def _coverage(proposal: Proposal) -> str:
    share = 100 * proposal.given / proposal.things if proposal.things else 0
    return (
        f"{proposal.hosts} hosts: they give {share:.0f} % of what these have (templates, host groups, proxies), and "
        f"{proposal.surplus} things beside that; {proposal.exact} hosts would be just as they are"
    )


def _text(proposal: Proposal) -> str:
    lines = ["---"]
    lines += textwrap.wrap(
        f"Proposed from {_coverage(proposal)}. What differs is listed here. Look through it, then try it with "
        "--check --diff.",
        118,
        initial_indent="# ",
        subsequent_indent="# ",
    )
    for remark in proposal.remarks:
        lines += textwrap.wrap(remark, 118, initial_indent="# * ", subsequent_indent="#   ", break_on_hyphens=False)
    return "\n".join(lines) + "\n" + yaml_of({MAPPINGS: proposal.mappings})
