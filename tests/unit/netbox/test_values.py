"""The values of one object in the two forms that NetBox answers them in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.custom_fields import (
    CustomField,
    CustomFields,
    moment,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import DEVICE


@pytest.mark.parametrize(
    ("kind", "rest", "graphql", "expected"),
    [
        ("select", {"value": "gold", "label": "Gold"}, "gold", "gold"),
        ("select", "gold", "gold", "gold"),
        ("multiselect", [{"value": "a", "label": "A"}], ["a"], ["a"]),
        ("multiselect", [], None, None),
        ("object", {"id": 7, "url": "http://x/", "name": "seven"}, 7, 7),
        ("multiobject", [{"id": 7}, {"id": 8}], [7, 8], [7, 8]),
        ("decimal", "1.50", 1.5, 1.5),
        ("datetime", "2026-11-24T11:00:00+01:00", "2026-11-24T10:00:00+00:00", "2026-11-24T10:00:00Z"),
        ("datetime", "2026-11-24T10:00:00.123456", "2026-11-24T10:00:00.123456", "2026-11-24T10:00:00.123456"),
        ("json", {"id": 1, "value": [2]}, {"id": 1, "value": [2]}, {"id": 1, "value": [2]}),
        ("boolean", False, False, False),
        ("integer", None, None, None),
    ],
)
def test_custom_fields_have_one_form(kind: str, rest: Any, graphql: Any, expected: Any) -> None:
    field = CustomField("field", kind, frozenset({DEVICE}), filterable=True, loose=False)
    never_set = CustomField("never_set", kind, frozenset({DEVICE}), filterable=True, loose=False)
    fields = CustomFields({"field": field, "never_set": never_set})
    by_rest = fields.values(DEVICE, {"custom_fields": {"field": rest, "never_set": None}})
    by_graphql = fields.values(DEVICE, {"custom_field_data": {"field": graphql, "of_others": 1}})
    assert by_rest == by_graphql == {"field": expected, "never_set": None}
    assert fields.values("site", {"custom_fields": {}}) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T22:53:34.031535+00:00", "2026-11-23T22:53:34.031535Z"),
        ("2026-11-23T22:53:34.031535Z", "2026-11-23T22:53:34.031535Z"),
        ("2026-11-23T23:53:34+01:00", "2026-11-23T22:53:34Z"),
        ("2026-11-23T10:00:00", "2026-11-23T10:00:00"),
        ("not a time", "not a time"),
        (None, None),
    ],
)
def test_times_are_in_utc(text: str | None, expected: str | None) -> None:
    assert moment(text) == expected
