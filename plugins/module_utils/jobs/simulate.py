# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Another policy against the one in force: which hosts would change and how. Nothing is written, Zabbix not asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..connection import NetBoxConnection
from ..errors import InputError
from ..netbox.objects import NetBoxObject
from ..policy.compute import Outcome
from ..policy.flat import flat, origin_of
from ..policy.host_config import HostConfig
from ..policy.match import check_matches
from ..policy.model import Policy
from ..policy.source import PolicySource
from .estate import Estate, read_estate
from .export import load_export
from .policy_options import PolicyOptions
from .result import Detail, HostResult, Progress, Result, common_errors

JOB = "SimulatePolicy"
CREATE, UPDATE, REMOVE, FAILED = "create", "update", "remove", "failed"
_SIGNS = {CREATE: "+", UPDATE: "~", REMOVE: "-", FAILED: "!"}
#: as for the plan of a sync: a longer text helps nobody
MAX_LINES = 4000
_MAX_VALUE = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that the new policy changes; None where there is none. `origin`: the layer of the new value, or of one
    that goes.
    """

    attribute: str
    element: str
    before: str | None
    after: str | None
    origin: str


@dataclass(slots=True)
class Simulated:
    """What becomes of one object's host. `reason`: why there would be none any more."""

    action: str
    ref: str
    label: str
    host: str
    reason: str = ""
    differences: list[Difference] = field(default_factory=list)


@dataclass(slots=True)
class SimulateResult(Result):
    """`simulated`: the hosts that differ, plain. `text`: the same for people."""

    simulated: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""


def simulate_policy(
    options: PolicyOptions,
    in_force: PolicyOptions,
    export: str | None,
    connection: NetBoxConnection | None,
    progress: Progress,
) -> SimulateResult:
    """Compare what both policies make of the whole estate. Raises InputError where one of them is wrong.

    Hosts that only the new policy fails are failures of the result; what fails under both is told in a note.
    """
    result = SimulateResult(JOB, dry_run=True)
    source, base_source = options.source(), in_force.source()
    policy = options.parse(source)
    try:
        base = in_force.parse(base_source)
    except InputError as error:
        raise InputError([f"the policy in force: {problem}" for problem in error.problems]) from None
    if export is not None:
        estate = load_export(export)
        estate.narrow(options.scope)
    elif connection is not None:
        estate = read_estate(connection, result, progress, scope=options.scope, roots=policy.roots | base.roots)
    else:
        raise InputError(["export, or netbox_url and netbox_token, is needed"])
    policy, base = options.parse(source, estate.objects), in_force.parse(base_source, estate.objects)
    problems = check_matches(policy, estate.related)
    if problems:
        raise InputError(map(source.locate, problems))
    simulated, still_failing, unchanged = _simulate(estate, policy, base, source, base_source)
    _conclude(result, simulated, still_failing, unchanged, len(estate.objects))
    return result


def _simulate(
    estate: Estate, policy: Policy, base: Policy, source: PolicySource, base_source: PolicySource
) -> tuple[list[Simulated], list[Outcome], int]:
    simulated: list[Simulated] = []
    still_failing: list[Outcome] = []
    unchanged = 0
    for one in estate.objects:
        before, after = estate.compute(base, one), estate.compute(policy, one)
        if isinstance(after, Outcome) and after.kind == FAILED and _fails(before):
            still_failing.append(after)
            continue
        found = _compare(one, before, after, source, base_source)
        if found is None:
            unchanged += 1
        else:
            simulated.append(found)
    simulated.sort(key=lambda item: (item.host, item.ref))
    return simulated, still_failing, unchanged


def _fails(result: HostConfig | Outcome) -> bool:
    return isinstance(result, Outcome) and result.kind == FAILED


def _compare(
    one: NetBoxObject,
    before: HostConfig | Outcome,
    after: HostConfig | Outcome,
    source: PolicySource,
    base_source: PolicySource,
) -> Simulated | None:
    if isinstance(after, Outcome):
        if after.kind == FAILED:
            return Simulated(FAILED, one.ref, one.label, one.label, source.locate(after.reason))
        if isinstance(before, Outcome):
            return None
        return Simulated(REMOVE, one.ref, one.label, before.host, f"{after.kind}: {source.locate(after.reason)}")
    old = {} if isinstance(before, Outcome) else flat(before)
    new = flat(after)
    differences: list[Difference] = []
    for attribute, element in sorted(old.keys() | new.keys()):
        was, now = old.get((attribute, element)), new.get((attribute, element))
        if was == now:
            continue
        if now is None and isinstance(before, HostConfig):
            origin = base_source.locate(origin_of(before, attribute, element))
        else:
            origin = source.locate(origin_of(after, attribute, element))
        differences.append(Difference(attribute, element, was, now, origin))
    if not differences:
        return None
    action = CREATE if isinstance(before, Outcome) else UPDATE
    return Simulated(action, one.ref, one.label, after.host, differences=differences)


def _conclude(
    result: SimulateResult, simulated: list[Simulated], still_failing: list[Outcome], unchanged: int, objects: int
) -> None:
    count = {action: sum(item.action == action for item in simulated) for action in _SIGNS}
    result.stats = {
        "objects": objects,
        "unchanged": unchanged,
        "creates": count[CREATE],
        "updates": count[UPDATE],
        "removes": count[REMOVE],
        "failed": count[FAILED],
        "failing_before_and_after": len(still_failing),
    }
    result.hosts = [
        HostResult(
            item.host,
            item.ref,
            None,
            item.action,
            changes=[_what(difference) for difference in item.differences],
            reasons=[item.reason] if item.reason and item.action != FAILED else [],
            error=item.reason if item.action == FAILED else None,
            details=[
                Detail(one.attribute, one.element, one.after, one.before, origin=one.origin) for one in item.differences
            ],
        )
        for item in simulated
    ]
    result.simulated = [
        {
            "action": item.action,
            "object": item.ref,
            "label": item.label,
            "host": item.host,
            "reason": item.reason,
            "differences": [
                {
                    "attribute": difference.attribute,
                    "element": difference.element,
                    "before": difference.before,
                    "after": difference.after,
                    "origin": difference.origin,
                }
                for difference in item.differences
            ],
        }
        for item in simulated
    ]
    result.text = simulated_as_text(simulated)
    if still_failing:
        shared = common_errors((item.label, item.reason) for item in still_failing)
        result.notes.append(f"{len(still_failing)} objects fail under both policies:\n{shared}")
    message = (
        f"{objects} objects of NetBox: the policy would create {count[CREATE]} hosts, change {count[UPDATE]}, give up "
        f"{count[REMOVE]}, leave {unchanged} as they are; {count[FAILED]} would fail."
    )
    if count[FAILED]:
        failures = ((item.label, item.reason) for item in simulated if item.action == FAILED)
        message += "\nWould fail:\n" + common_errors(failures)
    result.finish(message)


def simulated_as_text(simulated: list[Simulated]) -> str:
    """Return what differs, laid out like a sync's `--diff`, cut after MAX_LINES with a word about the rest."""
    lines: list[str] = []
    for number, item in enumerate(simulated):
        if len(lines) > MAX_LINES:
            lines.append(f"... and {len(simulated) - number} more hosts")
            break
        lines.append(f"{_SIGNS[item.action]} {item.host}  [{item.label}]")
        if item.reason:
            lines.append(f"    {item.reason}")
        lines += [_line(difference) for difference in item.differences]
    return "\n".join(lines) + "\n" if lines else ""


def _what(difference: Difference) -> str:
    return f"{difference.attribute}[{difference.element}]" if difference.element else difference.attribute


def _line(difference: Difference) -> str:
    what, why = _what(difference), f"   ({difference.origin})" if difference.origin else ""
    if difference.before is None:
        return f"    + {what}: {_cut(difference.after)}{why}"
    if difference.after is None:
        return f"    - {what}: {_cut(difference.before)}{why}"
    return f"    ~ {what}: {_cut(difference.before)} -> {_cut(difference.after)}{why}"


def _cut(value: str | None) -> str:
    text = (value or "").replace("\n", "\\n")
    return text if len(text) <= _MAX_VALUE else text[: _MAX_VALUE - 3] + "..."
