"""The declaration of what the collection keeps in NetBox, and its comparison with what NetBox has. No server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import links
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.custom_fields import KINDS as FIELD_KINDS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.schema import (
    CHOICE_SET,
    CHOICE_SETS,
    CUSTOM_FIELD,
    CUSTOM_FIELDS,
    KINDS,
    MARK,
    PATHS,
    PLACEHOLDER,
    PROFILE,
    STATUSES,
    Declared,
    Kind,
    declaration,
    is_ours,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.schema_plan import (
    CREATE,
    DELETE,
    UPDATE,
    SchemaPlan,
    There,
    plan_absent,
    plan_present,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy import custom_fields as read_by_policy
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.schema import context_schema
from hypothesis import given
from hypothesis import strategies as st

DECLARED = declaration(context_schema(), "https://zabbix.example.com")
PAGE = (Path(__file__).parents[3] / "docs" / "setup.md").read_text(encoding="utf-8")
#: the longest that NetBox takes
LIMITS = {"name": 100, "label": 50, "group_name": 50, "description": 200, "slug": 100}


def shown(one: Declared, number: int, **other: Any) -> dict[str, Any]:
    """Return what NetBox shows of a thing that was made as declared, but for `other`."""
    values = {**one.values, **other}
    if one.kind is CUSTOM_FIELD:
        values["type"] = {"value": values["type"], "label": values["type"].capitalize()}
        if values["choice_set"] is not None:
            values["choice_set"] = {"id": 1, "name": values["choice_set"], "description": ""}
    return {"id": number, "name": one.name, **values}


def netbox(*changed: tuple[str, dict[str, Any]]) -> dict[Kind, list[dict[str, Any]]]:
    """Return a NetBox that has all that is declared; `changed`: other values by name."""
    other = dict(changed)
    there: dict[Kind, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for number, one in enumerate(DECLARED, 1):
        there[one.kind].append(shown(one, number, **other.get(f"{one.kind.noun} {one.name}", {})))
    return there


def steps(plan: SchemaPlan) -> list[tuple[str, str]]:
    return [(step.action, str(step)) for step in plan.steps]


def test_the_names_are_those_that_the_other_jobs_look_for() -> None:
    names = {one.name: one for one in CUSTOM_FIELDS}
    assert {*links.FIELDS, *read_by_policy.NAMES, read_by_policy.EXCLUDE} <= set(names)
    for name in read_by_policy.NAMES:
        kinds = {FIELD_KINDS[one] for one in names[name].values["object_types"]}
        assert kinds == {"device", "virtual_machine", *read_by_policy.CARRIERS}
    assert {links.IN_SYNC, links.FAILED, links.EXCLUDED} <= set(STATUSES)
    assert {one.values["choice_set"] for one in CUSTOM_FIELDS} - {None} == {one.name for one in CHOICE_SETS}
    assert {one for field in CUSTOM_FIELDS for one in field.values["object_types"]} <= set(PATHS)


@pytest.mark.parametrize("one", DECLARED, ids=str)
def test_everything_fits_into_netbox_and_is_known_again(one: Declared) -> None:
    texts = {"name": one.name, **one.values}
    assert [name for name, most in LIMITS.items() if len(texts.get(name, "")) > most] == []
    assert is_ours(one.kind, shown(one, 1))
    assert {*one.kind.kept, *one.kind.added, *one.kind.fixed} <= set(one.values)


def test_the_page_tells_of_everything() -> None:
    assert [str(one) for one in DECLARED if one.name not in PAGE] == []
    assert MARK in PAGE
    assert PLACEHOLDER in PAGE
    assert all(f"`{status}`" in PAGE for status in STATUSES)


def test_nothing_is_to_be_done_where_all_is_as_declared() -> None:
    plan = plan_present(DECLARED, netbox())
    assert (plan.steps, plan.clashes, plan.borrowed, plan.unchanged) == ([], [], [], len(DECLARED))


def test_an_empty_netbox_gets_everything_and_a_choice_set_before_its_field() -> None:
    plan = plan_present(DECLARED, {kind: [] for kind in KINDS})
    assert steps(plan) == [(CREATE, str(one)) for one in DECLARED]
    assert all(value is not None for step in plan.steps for value in step.values.values())
    assert KINDS.index(CHOICE_SET) < KINDS.index(CUSTOM_FIELD)


def test_a_kind_that_netbox_does_not_know_is_left_out_and_told() -> None:
    there = netbox()
    del there[PROFILE]
    plan = plan_present(DECLARED, there)
    assert plan.steps == []
    assert plan.remarks == ["This NetBox has no config-context profiles, so there is none (netops.netbox_zabbix)."]


@given(st.sets(st.sampled_from(range(len(DECLARED)))), st.sets(st.sampled_from(range(len(DECLARED)))))
def test_one_run_is_enough_whatever_is_missing_or_wrong(missing: set[int], wrong: set[int]) -> None:
    """What a plan says is carried out on rows as NetBox would; the next plan is empty."""
    there: dict[Kind, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for number, one in enumerate(DECLARED):
        if number not in missing:
            changes: dict[str, Any] = {}
            if number in wrong:
                changes = dict.fromkeys(one.kind.kept, f"x {MARK}") | {key: [] for key in one.kind.added}
            there[one.kind].append(shown(one, number, **changes))
    plan = plan_present(DECLARED, there)
    assert {str(step) for step in plan.steps if step.action == CREATE} == {str(DECLARED[number]) for number in missing}
    for step in plan.steps:
        if step.action == CREATE:
            one = next(one for one in DECLARED if str(one) == str(step))
            there[step.kind].append(shown(one, 1000, **step.values))
        else:
            next(row for row in there[step.kind] if row["id"] == step.id).update(step.values)
    assert plan_present(DECLARED, there).steps == []


def test_a_marked_field_of_another_type_is_a_clash_too() -> None:
    plan = plan_present(DECLARED, netbox(("custom field zabbix_hostid", {"type": "text"})))
    assert plan.steps == []
    (clash,) = plan.clashes
    assert "is there of type text" in clash
    assert "rename or delete that field" in clash


def test_what_others_made_is_never_put_right() -> None:
    others = {"description": "theirs", "label": "Theirs", "group_name": "", "object_types": ["dcim.site"]}
    plan = plan_present(DECLARED, netbox(("custom field zabbix_exclude", others)))
    (step,) = plan.steps
    assert (step.action, step.values) == (
        UPDATE,
        {"object_types": ["dcim.site", "dcim.device", "virtualization.virtualmachine"]},
    )
    assert plan.borrowed == ["custom field zabbix_exclude"]


def test_a_filled_choice_set_of_others_may_hold_anything() -> None:
    theirs = {"description": "", "extra_choices": [["a", "A"]]}
    plan = plan_present(DECLARED, netbox(("choice set zabbix_templates", theirs)))
    assert (plan.steps, plan.clashes) == ([], [])


@pytest.mark.parametrize(
    ("what", "theirs", "told"),
    [
        ("saved filter Zabbix: failed", {"description": "", "parameters": {}}, "differs in parameters"),
        ("custom link Host in Zabbix", {"link_text": "x", "link_url": "y"}, "differs in link_url"),
        ("config-context profile netops.netbox_zabbix", {"description": "", "schema": None}, "differs in schema"),
        ("choice set zabbix_sync_status", {"description": "", "extra_choices": [["failed", "F"]]}, "lacks the choices"),
        ("choice set zabbix_sync_status", {"description": "", "extra_choices": None}, "lacks the choices"),
    ],
)
def test_what_others_made_and_does_not_fit_is_a_clash(what: str, theirs: dict[str, Any], told: str) -> None:
    plan = plan_present(DECLARED, netbox((what, theirs)))
    assert plan.steps == []
    (clash,) = plan.clashes
    assert clash.startswith(what)
    assert told in clash
    assert f"put {MARK} into its" in clash


def test_only_what_is_marked_is_taken_away_and_fields_before_their_choices() -> None:
    there: There = netbox(("custom field zabbix_proxy", {"description": "theirs"}))
    plan = plan_absent(there, {})
    gone = [one for one in DECLARED if one.name not in ("zabbix_proxy", "zabbix_proxies")]
    assert sorted(steps(plan)) == sorted((DELETE, str(one)) for one in gone)
    assert plan.remarks == ["choice set zabbix_proxies stays: custom fields of others use it (zabbix_proxy)."]
    kinds = [step.kind for step in plan.steps]
    assert kinds.index(CUSTOM_FIELD) < kinds.index(CHOICE_SET)


def test_a_long_value_is_cut_in_the_difference() -> None:
    text = plan_present(DECLARED, {kind: [] for kind in KINDS}).as_text()
    assert "characters)" in text
    assert max(map(len, text.splitlines())) < 250
