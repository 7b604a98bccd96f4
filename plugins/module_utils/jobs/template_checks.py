# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The templates of a plan, checked against what they bring, before the first write.

Only hosts that would get a template are looked at: what is linked already has been accepted. So a run that changes
nothing asks nothing. And it is checked what the host would have after the write, with the templates and interfaces that
people added.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import ZabbixError
from ..reconcile.plan import CREATE, Change, Failure, Plan
from ..reconcile.template_checks import Findings, Problem, TemplateChecks
from ..zabbix.client import NotAuthorised
from ..zabbix.objects import ZabbixSettings
from ..zabbix.template_facts import TemplateItems
from ..zabbix.template_items import read_template_items
from .known_settings import KnownSettings

BY_HAND = "somebody by hand"


def check_templates(plan: Plan, known: KnownSettings) -> list[str]:
    """Turn changes that Zabbix would refuse into failures, and return warnings for people."""
    gaining = [(change, gained) for change in plan.changes if (gained := _gained(change))]
    if not gaining:
        return []
    settings = known.settings
    wanted = {one for change, dummy in gaining for one in _templates_after(change)}

    def judge(facts: Mapping[str, TemplateItems]) -> list[Findings]:
        checks = TemplateChecks(facts, settings.template_name)
        return [_about(gained, checks.of(_templates_after(change), _kinds_after(change))) for change, gained in gaining]

    try:
        judged = judge(known.template_items(wanted))
        if known.cached and any(findings.errors for findings in judged):
            # what the cache says is no reason to refuse
            judged = judge(read_template_items(known.zabbix, wanted))
    except NotAuthorised:
        raise
    except ZabbixError as error:
        return [f"The items of templates could not be read, so that Zabbix alone checks what is linked: {error}"]
    warned: dict[str, list[str]] = {}
    refused: set[int] = set()
    for (change, dummy), findings in zip(gaining, judged, strict=True):
        for problem in findings.warnings:
            warned.setdefault(problem.text, []).append(change.config.label)
        if findings.errors:
            config = change.config
            text = "; ".join(f"{problem.text}.{_given_by(change, problem, settings)}" for problem in findings.errors)
            plan.failures.append(Failure(config.ref, config.label, text, change.hostid))
            refused.add(id(change))
    plan.changes = [change for change in plan.changes if id(change) not in refused]
    return [f"{_labels(labels)}: {text}." for text, labels in warned.items()]


def _about(gained: frozenset[str], findings: Findings) -> Findings:
    """Return what of the findings is about templates that a host would get."""
    errors, warnings = (
        tuple(problem for problem in problems if gained.intersection(problem.templates))
        for problems in (findings.errors, findings.warnings)
    )
    return Findings(errors, warnings)


def _templates_after(change: Change) -> frozenset[str]:
    before = change.live.templates if change.live else frozenset()
    after: frozenset[str] = change.writes.get("templates", before)
    return after


def _gained(change: Change) -> frozenset[str]:
    """Return the templates that the host would get."""
    if change.action == CREATE:
        return _templates_after(change)
    return _templates_after(change) - change.before.templates


def _kinds_after(change: Change) -> frozenset[str]:
    """Return the kinds of interfaces that the host would have."""
    live = {one.interfaceid: one.type for one in change.live.interfaces} if change.live else {}
    if "interfaces" not in change.writes:
        return frozenset(live.values())
    return frozenset(one.get("type") or live[one["interfaceid"]] for one in change.writes["interfaces"])


def _given_by(change: Change, problem: Problem, settings: ZabbixSettings) -> str:
    found: list[str] = []
    for templateid in problem.templates:
        known = settings.templates_by_id.get(templateid)
        paths = [f"templates/{name}" for name in (known.name, known.host)] if known else []
        origin = next((change.config.origins[path] for path in paths if path in change.config.origins), BY_HAND)
        if origin not in found:
            found.append(origin)
    return f" Given by {' and '.join(found)}." if found else ""


def _labels(labels: list[str]) -> str:
    others = len(labels) - 1
    return labels[0] + (f" and {others} more {'host' if others == 1 else 'hosts'}" if others else "")
