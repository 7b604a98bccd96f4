# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PrepareNetBox: NetBox has the custom fields and all else that the other jobs keep things in, or has them no more.

1. what NetBox has of the kinds in question is read
2. it is compared with what is declared (netbox/schema.py): that gives the plan
3. a plan with a clash, or one that would lose values without leave, is refused before the first write
4. the plan is applied: one request for each kind and action
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..connection import NetBoxConnection
from ..errors import GuardError, NetBoxError
from ..netbox.client import NetBox, connect
from ..netbox.failures import Refused
from ..netbox.schema import (
    CUSTOM_FIELD,
    HOSTS,
    KINDS,
    ON_DEMAND,
    PATHS,
    PROFILE,
    WEBHOOK,
    Kind,
    declaration,
    is_ours,
)
from ..netbox.schema_plan import CREATE, DELETE, UPDATE, SchemaPlan, Step, plan_absent, plan_present
from ..policy.schema import context_schema
from .quick_checks import netbox_notes
from .result import Progress, Result

JOB = "PrepareNetBox"
PRESENT, ABSENT = "present", "absent"
_DONE = {CREATE: "made", UPDATE: "put right", DELETE: "taken away"}
_WOULD = {CREATE: "would be made", UPDATE: "would be put right", DELETE: "would be taken away"}


@dataclass(slots=True)
class SchemaOptions:
    """`web`: address of Zabbix's web interface, for the link to a host. `confirm_loss`: values may be lost.

    `virtual_device_contexts`: whether they are hosts too. `webhook_url`: who is to be told of changes in NetBox.
    """

    state: str = PRESENT
    web: str | None = None
    virtual_device_contexts: bool = False
    webhook_url: str = ""
    confirm_loss: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class SchemaResult(Result):
    """`changes`: kind, name, action and attributes of each thing that was or would be written.

    `values`: objects that have a value in a custom field that goes, by the name of the field.
    """

    changes: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)


def prepare_netbox(connection: NetBoxConnection, options: SchemaOptions, progress: Progress) -> SchemaResult:
    """Make NetBox have what the collection keeps there, or take it away.

    Raises GuardError where something is in the way, or where values would be lost without leave: nothing was written
    then. In a dry run the result says so instead.
    """
    result = SchemaResult(JOB, options.dry_run)
    result.phase("read")
    netbox = connect(connection)
    result.notes += netbox_notes(netbox)
    # where nothing is to be told of changes, a user needs no permission to look at who is
    on_demand = options.state == ABSENT or bool(options.webhook_url)
    there = _read(netbox, [kind for kind in KINDS if on_demand or kind not in ON_DEMAND])
    if options.state == ABSENT:
        plan = plan_absent(there, _profiles_used(netbox, there))
        uncounted = _count_values(netbox, plan, there, result, progress)
        problem = _loss(result.values, uncounted) if not options.confirm_loss else ""
    else:
        declared = declaration(
            context_schema(),
            options.web,
            virtual_device_contexts=options.virtual_device_contexts,
            webhook_url=options.webhook_url,
        )
        plan = plan_present(declared, there)
        problem = _clashes(plan.clashes)
    if problem and not options.dry_run:
        raise GuardError(f"Nothing was written. {problem}")
    result.refused = problem
    result.diff = plan.as_text()
    result.changes = [
        {"kind": step.kind.noun, "name": step.name, "action": step.action, "attributes": sorted(step.values)}
        for step in plan.steps
    ]
    result.changed = bool(plan.steps)
    result.phase("write")
    if not options.dry_run:
        _apply(netbox, plan, f"netops.netbox_zabbix run {result.run_id}", progress)
    actions = Counter(step.action for step in plan.steps)
    result.stats = {
        "created": actions[CREATE],
        "updated": actions[UPDATE],
        "deleted": actions[DELETE],
        "unchanged": plan.unchanged,
        "clashes": len(plan.clashes),
        "values": sum(result.values.values()),
    }
    result.requests = {"netbox": dict(netbox.requests)}
    result.finish(_message(plan, result))
    return result


def _read(netbox: NetBox, kinds: Iterable[Kind]) -> dict[Kind, list[dict[str, Any]]]:
    there: dict[Kind, list[dict[str, Any]]] = {}
    for kind in kinds:
        try:
            there[kind] = [row for page in netbox.pages(kind.path, {}) for row in page]
        except Refused as error:
            # profiles came with NetBox 4.4; what a user may not even look at, it did not make
            if not (kind is PROFILE and error.status == 404) and not (kind in ON_DEMAND and error.status == 403):
                raise
    return there


def _profiles_used(netbox: NetBox, there: Mapping[Kind, Sequence[Mapping[str, Any]]]) -> dict[int, list[str]]:
    """Return the names of config contexts by the id of their profile: NetBox deletes no profile that is used."""
    used: dict[int, list[str]] = {}
    if any(is_ours(PROFILE, row) for row in there.get(PROFILE, ())):
        for page in netbox.pages("extras/config-contexts/", {"fields": "id,name,profile"}):
            for row in page:
                if row["profile"] is not None:
                    used.setdefault(row["profile"]["id"], []).append(row["name"])
    return used


def _count_values(
    netbox: NetBox,
    plan: SchemaPlan,
    there: Mapping[Kind, Sequence[Mapping[str, Any]]],
    result: SchemaResult,
    progress: Progress,
) -> list[str]:
    """Count the values that go with their custom fields; return the object types that could not be looked at."""
    going = {step.name for step in plan.of(CUSTOM_FIELD, DELETE)}
    on = {row["name"]: row["object_types"] for row in there[CUSTOM_FIELD] if row["name"] in going}
    types = list(dict.fromkeys(one for object_types in on.values() for one in object_types))
    found: Counter[str] = Counter()
    for object_type in types:
        if object_type not in PATHS:
            continue
        progress(f"counting values on {object_type}")
        params = {"fields": "id,custom_fields"}
        if object_type in HOSTS:
            params["exclude"] = "config_context"  # computed even where it is not asked for, at several times the cost
        for page in netbox.pages(PATHS[object_type], params):
            for row in page:
                # a flag that is not set is worth as much as none
                found.update(name for name in going if row["custom_fields"].get(name) not in (None, False, "", []))
    result.values = dict(sorted(found.items()))
    return [one for one in types if one not in PATHS]


def _loss(values: Mapping[str, int], uncounted: Sequence[str]) -> str:
    if not values and not uncounted:
        return ""
    parts = [f"{name} (of {number} object{'s' if number > 1 else ''})" for name, number in values.items()]
    text = f"The values of these custom fields would be lost: {', '.join(parts)}." if parts else ""
    if uncounted:
        text += f" People added these fields to {', '.join(uncounted)}, whose values were not counted."
    return f"{text.strip()} With confirm_loss: true they are deleted."


def _clashes(clashes: Sequence[str]) -> str:
    if not clashes:
        return ""
    if len(clashes) == 1:
        return f"In NetBox, {clashes[0]}"
    lines = "\n".join(f"  {number}. {text}" for number, text in enumerate(clashes, 1))
    return f"{len(clashes)} things in NetBox are in the way:\n{lines}"


def _apply(netbox: NetBox, plan: SchemaPlan, message: str, progress: Progress) -> None:
    done = 0
    order = [(DELETE, kind) for kind in reversed(KINDS)]
    order += [(action, kind) for kind in KINDS for action in (CREATE, UPDATE)]
    for action, kind in order:
        steps = plan.of(kind, action)
        if not steps:
            continue
        progress(f"{action} {len(steps)} {kind.noun}{'s' if len(steps) > 1 else ''}")
        try:
            _write(netbox, kind, action, steps, message)
        except NetBoxError as error:
            if not done:
                raise
            raise NetBoxError(f"{error} ({done} of {len(plan.steps)} were written before; run it again)") from None
        done += len(steps)


def _write(netbox: NetBox, kind: Kind, action: str, steps: Iterable[Step], message: str) -> None:
    said = {"changelog_message": message} if netbox.version >= (4, 4) else {}
    if action == DELETE:
        netbox.delete(kind.path, [{"id": step.id, **said} for step in steps])
    elif action == UPDATE:
        netbox.patch(kind.path, [{"id": step.id, **step.values, **said} for step in steps])
    else:
        netbox.post(kind.path, [{**_referring(netbox, step.values), **said} for step in steps])


def _referring(netbox: NetBox, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as NetBox takes them: a choice set by its name, since its id may be as new as the field, a webhook
    by its id.
    """
    if "choice_set" in values:
        return {**values, "choice_set": {"name": values["choice_set"]}}
    if "action_object" in values:
        found = netbox.get(WEBHOOK.path, {"name": values["action_object"]})["results"]
        rest = {name: value for name, value in values.items() if name != "action_object"}
        return {**rest, "action_object_id": found[0]["id"]}
    return dict(values)


def _message(plan: SchemaPlan, result: SchemaResult) -> str:
    words = _WOULD if result.dry_run else _DONE
    lines = [
        f"{step} {words[step.action]}" + (f" ({', '.join(step.values)})" if step.action == UPDATE else "")
        for step in plan.steps
    ]
    if not plan.steps and not plan.clashes:
        lines.append(
            f"NetBox has all that it needs: {plan.unchanged} things, nothing was written."
            if plan.unchanged
            else "NetBox has nothing of ours, nothing was written."
        )
    if plan.borrowed:
        lines.append(f"Made by others and used as they are: {', '.join(plan.borrowed)}.")
    lines += plan.remarks
    if result.values and not result.refused:
        lost = ", ".join(f"{name} of {number}" for name, number in result.values.items())
        lines.append(f"Values that {'would go' if result.dry_run else 'went'} with their fields: {lost}.")
    if result.refused:
        lines.append(f"A real run would stop here. {result.refused}")
    return "\n".join(lines)
