# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is declared against what NetBox has: the steps that make it so, and what is in the way. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .schema import CHOICE_SET, CUSTOM_FIELD, KINDS, MARK, PROFILE, Declared, Kind, is_ours

CREATE, UPDATE, DELETE = "create", "update", "delete"
#: rows of NetBox by kind; a kind that this NetBox does not know is missing
There = Mapping[Kind, Sequence[Mapping[str, Any]]]
#: a longer value is cut in a difference: a JSON Schema has thousands of characters
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to be written. `values`: what is written; `before`: what those values are now."""

    action: str
    kind: Kind
    name: str
    id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind.noun} {self.name}"


@dataclass(slots=True)
class SchemaPlan:
    """`clashes`: what is in the way, with what to do; nothing may be written as long as there is one.

    `borrowed`: things that others made and that fit. `remarks`: what is left as it is, and why.
    """

    steps: list[Step] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)
    borrowed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unchanged: int = 0

    def of(self, kind: Kind, action: str) -> list[Step]:
        """Return the steps of one sort."""
        return [step for step in self.steps if step.kind is kind and step.action == action]

    def as_text(self) -> str:
        """Return the steps with each value that changes."""
        lines: list[str] = []
        for step in self.steps:
            lines.append(f"{step}: {step.action}")
            for name, value in step.values.items():
                before = f"{_shown(step.before[name])} -> " if name in step.before else ""
                lines.append(f"    {name}: {before}{_shown(value)}")
        return "".join(f"{line}\n" for line in lines)


def plan_present(declared: Iterable[Declared], there: There) -> SchemaPlan:
    """Return what makes NetBox have all that is declared."""
    plan = SchemaPlan()
    missing: dict[Kind, list[str]] = {}
    for one in declared:
        if one.kind not in there:
            missing.setdefault(one.kind, []).append(one.name)
            continue
        same = [row for row in there[one.kind] if _is_same(one, row)]
        if not same:
            values = {name: value for name, value in one.values.items() if value is not None}
            plan.steps.append(Step(CREATE, one.kind, one.name, values={"name": one.name, **values}))
        elif len(same) > 1 or same[0]["name"] != one.name:
            others = " and ".join(f'"{row["name"]}"' for row in same if row["name"] != one.name)
            plan.clashes.append(
                f"{one} needs the slug {one.values['slug']}, which {others} has: give that one another slug in NetBox."
            )
        else:
            _compare(plan, one, same[0])
    for kind, names in missing.items():
        plan.remarks.append(f"This NetBox has no {kind.noun}s, so there is none ({', '.join(names)}).")
    return plan


def plan_absent(there: There, profiles_used: Mapping[int, Sequence[str]]) -> SchemaPlan:
    """Return what takes away all that carries our mark, and nothing else.

    `profiles_used`: names of the config contexts of each profile, by the id of the profile.
    """
    plan = SchemaPlan()
    for kind in reversed(KINDS):
        for row in there.get(kind, ()):
            if not is_ours(kind, row):
                continue
            users: Sequence[str] = ()
            if kind is CHOICE_SET:
                fields = there.get(CUSTOM_FIELD, ())
                users = [one["name"] for one in fields if _set(one) == row["name"] and not is_ours(CUSTOM_FIELD, one)]
            elif kind is PROFILE:
                users = profiles_used.get(row["id"], ())
            if users:
                what = "custom fields of others" if kind is CHOICE_SET else "config contexts"
                plan.remarks.append(f"{kind.noun} {row['name']} stays: {what} use it ({', '.join(users)}).")
            else:
                plan.steps.append(Step(DELETE, kind, row["name"], row["id"]))
    return plan


def _is_same(one: Declared, row: Mapping[str, Any]) -> bool:
    # both are unique in NetBox
    return row["name"] == one.name or ("slug" in one.values and row.get("slug") == one.values["slug"])


def _compare(plan: SchemaPlan, one: Declared, row: Mapping[str, Any]) -> None:
    wrong = [name for name in one.kind.fixed if _plain(row.get(name)) != one.values[name]]
    if wrong:
        plan.clashes.append(_retyped(one, row, wrong[0]))
        return
    ours = is_ours(one.kind, row)
    added = [name for name in one.kind.added if name not in one.left]
    # a choice set that others made may have base choices alone, and no list of its own
    lacking = {name: _lacking(one.values[name], row[name] or ()) for name in added}
    if not ours:
        differing = _differing_of_others(one, row, lacking)
        if differing:
            plan.clashes.append(
                f"{one} is there, was not made by this collection, and {differing}."
                f" Rename it or put that right; or, to hand it over, put {MARK} into its {one.kind.marked}."
            )
            return
        plan.borrowed.append(str(one))
    values = {name: [*(row[name] or ()), *more] for name, more in lacking.items() if more}
    if ours:
        values.update({name: one.values[name] for name in one.kind.kept if row[name] != one.values[name]})
    if values:
        before = {name: row[name] for name in values}
        plan.steps.append(Step(UPDATE, one.kind, one.name, row["id"], values, before))
    else:
        plan.unchanged += 1


def _retyped(one: Declared, row: Mapping[str, Any], wrong: str) -> str:
    where = ", ".join(row["object_types"])
    if wrong == "type":
        found, wanted = f"of type {_plain(row['type'])}", f"type {one.values['type']}"
        why = "NetBox can change no type"
    else:
        found, wanted = f"with the choice set {_set(row)}", f"choice set {one.values['choice_set']}"
        why = "Values that are there might be no choices then"
    return (
        f'{one} is there {found} (label "{row["label"]}", on {where}), and needs the {wanted}. {why}:'
        " rename or delete that field in NetBox, then run this again."
    )


def _differing_of_others(one: Declared, row: Mapping[str, Any], lacking: Mapping[str, list[Any]]) -> str:
    """Return what keeps a thing that others made from being used, empty where nothing does."""
    if one.kind is CHOICE_SET:
        choices = [choice for choice, dummy in lacking.get("extra_choices", ())]
        return f"lacks the choices {', '.join(choices)}" if choices else ""
    if one.kind is CUSTOM_FIELD:
        return ""
    names = [name for name in one.kind.kept if name != one.kind.marked and row[name] != one.values[name]]
    return f"differs in {', '.join(names)}" if names else ""


def _lacking(wanted: Sequence[Any], there: Sequence[Any]) -> list[Any]:
    """Return what a list lacks; a choice, a pair of value and label, is known by its value."""
    known = {_key(item) for item in there}
    return [item for item in wanted if _key(item) not in known]


def _key(item: Any) -> Any:
    return item[0] if isinstance(item, list) else item


def _set(row: Mapping[str, Any]) -> Any:
    return _plain(row.get("choice_set"))


def _plain(value: Any) -> Any:
    """Return a choice's value or an object's name from how NetBox shows them."""
    if not isinstance(value, Mapping):
        return value
    return value["value"] if "value" in value else value["name"]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
