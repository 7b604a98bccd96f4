"""What is written to NetBox is known to each version of it.

`tests/contract/serializers.json` has the fields of the serializers in NetBox's source, at the first release of each
minor version and the last of 4.6: what its API takes and shows.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.needs import SINCE
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.privileges import TOKENS_V2
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.schema import (
    CHOICE_SET,
    CUSTOM_FIELD,
    CUSTOM_LINK,
    PROFILE,
    SAVED_FILTER,
    Kind,
    declaration,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.schema_plan import plan_present

SERIALIZERS = json.loads((Path(__file__).parents[2] / "contract" / "serializers.json").read_text(encoding="utf-8"))
OBJECT_TYPES: dict[str, Kind] = {
    "extras.customfield": CUSTOM_FIELD,
    "extras.customfieldchoiceset": CHOICE_SET,
    "extras.configcontextprofile": PROFILE,
    "extras.savedfilter": SAVED_FILTER,
    "extras.customlink": CUSTOM_LINK,
}
DECLARED = declaration({"type": "object"}, "https://zabbix.invalid", virtual_device_contexts=True)
VERSIONS = {version: tuple(map(int, version.split("."))) for version in SERIALIZERS}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_value_that_setup_writes_is_a_field_of_that_version(version: str) -> None:
    known = SERIALIZERS[version]
    for object_type, kind in OBJECT_TYPES.items():
        if VERSIONS[version] < SINCE.get(object_type, ()):
            assert object_type not in known
            continue
        for one in DECLARED:
            if one.kind is kind:
                assert set(one.values) - set(known[object_type]) == set(), f"{one} on {version}"
        # what is compared and marked has to be shown
        assert {kind.marked, *kind.kept, *kind.added, *kind.fixed} - set(known[object_type]) == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_without_profiles_setup_makes_the_rest_and_says_so(version: str) -> None:
    there = {kind: [] for object_type, kind in OBJECT_TYPES.items() if object_type in SERIALIZERS[version]}
    plan = plan_present(DECLARED, there)
    assert {step.kind for step in plan.steps} == set(there)
    assert plan.clashes == []
    assert len(plan.remarks) == (0 if PROFILE in there else 1)
    assert (PROFILE in there) == (VERSIONS[version] >= SINCE["extras.configcontextprofile"])


@pytest.mark.parametrize("version", VERSIONS)
def test_the_changelogs_message_is_taken_from_4_4_on(version: str) -> None:
    takes = "changelog_message" in SERIALIZERS[version]["extras.customfield"]
    assert takes == (VERSIONS[version] >= (4, 4))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_accounts_fields_are_known_and_tokens_changed_with_4_5(version: str) -> None:
    known = SERIALIZERS[version]
    assert {"name", "description"} <= set(known["users.group"])
    assert {"username", "password", "first_name", "last_name", "groups", "is_active"} <= set(known["users.user"])
    permission = {"name", "description", "enabled", "object_types", "actions", "constraints", "groups"}
    assert permission <= set(known["users.objectpermission"])
    assert ({"version", "token"} <= set(known["users.token"])) == (VERSIONS[version] >= TOKENS_V2)
    assert {"user", "description", "write_enabled", "key"} <= set(known["users.token"])
