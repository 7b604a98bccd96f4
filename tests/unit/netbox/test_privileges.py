"""The account of NetBox: what permissions it has, what is ours of what is there, and tokens of each version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.account import CREATE, MARK, RENEW, AccountPlan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.failures import Refused
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.needs import LEASE_SLUG
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.privileges import (
    apply_account,
    permissions,
    plan_account,
    read_account,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.state_place import _slug as state_slug

NAME = "jobs"
VERSIONS = [(4, 2, 9), (4, 3, 7), (4, 4, 10), (4, 5, 10), (4, 6, 8)]


class FakeNetBox:
    """Users, groups, permissions and tokens, as each version takes and shows them.

    Shapes as in `users/api/serializers_/` of the tags v4.2.0 to v4.6.8: object types and actions as texts, groups and
    users nested, taken as ids. Tokens: until 4.4 `key` is taken and not shown (ALLOW_TOKEN_RETRIEVAL is off); from 4.5
    on `version` and `token`, which is shown once. `peppers`: whether it can keep tokens of version 2.
    """

    def __init__(self, version: tuple[int, ...] = (4, 6, 8), peppers: bool = True) -> None:
        self.version = version
        self.peppers = peppers
        self.rows: dict[str, list[dict[str, Any]]] = {
            f"users/{kind}/": [] for kind in ("groups", "permissions", "users", "tokens")
        }
        self.writes: list[tuple[str, str, Any]] = []

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
        if "user_id" in params:
            yield [row for row in self.rows[path] if row["user"]["id"] == params["user_id"]]
        else:
            yield [row for row in self.rows[path] if all(row[key] == value for key, value in params.items())]

    def post(self, path: str, payload: dict[str, Any]) -> dict[str, Any]:
        self.writes.append(("POST", path, payload))
        row = {"id": 100 + len(self.writes), "is_active": True, **payload}
        row.pop("password", None)
        answer = row
        if path == "users/tokens/":
            row["user"] = {"id": row["user"]}
            answer = self._token(row, payload)
        elif "groups" in row:
            row["groups"] = [{"id": one} for one in row["groups"]]
        self.rows[path].append(row)
        return answer

    def _token(self, row: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
        if self.version < (4, 5):
            assert len(row.pop("key")) == 40
            assert not {"version", "token"} & set(payload), "fields that this version does not know"
            return row
        assert "key" not in payload, "read-only since 4.5"
        if payload["version"] == 1:
            assert len(row.pop("token")) == 40
            return {**row, "key": None}
        if not self.peppers:
            said = "Unable to save v2 tokens: API_TOKEN_PEPPERS is not defined."
            raise Refused(said, 400, said)
        row["key"] = f"key{row['id']}"
        return {**row, "token": "t" * 40}

    def patch(self, path: str, payload: dict[str, Any]) -> None:
        self.writes.append(("PATCH", path, payload))
        kind, dummy, number = path.rstrip("/").rpartition("/")
        (row,) = [row for row in self.rows[f"{kind}/"] if row["id"] == int(number)]
        row.update(payload)
        if "groups" in payload:
            row["groups"] = [{"id": one} for one in payload["groups"]]

    def delete(self, path: str, payload: list[dict[str, Any]]) -> None:
        self.writes.append(("DELETE", path, payload))
        gone = {one["id"] for one in payload}
        self.rows[path] = [row for row in self.rows[path] if row["id"] not in gone]


def plan(netbox: FakeNetBox, token: str | None = None, jobs: tuple[str, ...] = ("sync", "import")) -> AccountPlan:
    there = read_account(netbox, NAME)  # type: ignore[arg-type]
    return plan_account(NAME, permissions(NAME, jobs, netbox.version), there, token)


def run(netbox: FakeNetBox, token: str | None = None, jobs: tuple[str, ...] = ("sync", "import")) -> str | None:
    there = read_account(netbox, NAME)  # type: ignore[arg-type]
    wanted = plan_account(NAME, permissions(NAME, jobs, netbox.version), there, token)
    return apply_account(netbox, wanted, there)  # type: ignore[arg-type]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_account_is_made_and_a_second_run_writes_nothing(version: tuple[int, ...]) -> None:
    netbox = FakeNetBox(version)
    token = run(netbox, CREATE)
    assert token is not None
    if version >= (4, 5):
        assert token.startswith("nbt_key"), "version 2, with its key"
        assert token.endswith(f".{'t' * 40}")
    else:
        assert len(token) == 40
    (group,) = netbox.rows["users/groups/"]
    (user,) = netbox.rows["users/users/"]
    assert user["groups"] == [{"id": group["id"]}]
    assert all(row["groups"] == [{"id": group["id"]}] for row in netbox.rows["users/permissions/"])
    netbox.writes.clear()
    assert plan(netbox).steps == []
    run(netbox)
    assert netbox.writes == []


def test_a_netbox_without_peppers_gets_a_token_of_the_older_kind() -> None:
    netbox = FakeNetBox((4, 5, 10), peppers=False)
    token = run(netbox, CREATE)
    assert token is not None
    assert len(token) == 40
    assert netbox.rows["users/tokens/"][0]["version"] == 1


def test_a_token_whose_value_is_lost_is_replaced() -> None:
    netbox = FakeNetBox()
    run(netbox, CREATE)
    (old,) = netbox.rows["users/tokens/"]
    run(netbox, RENEW)
    (new,) = netbox.rows["users/tokens/"]
    assert new["key"] != old["key"]
    assert ("DELETE", "users/tokens/", [{"id": old["id"]}]) in netbox.writes


def test_only_what_is_needed_may_be_changed() -> None:
    found = {one.name: one for one in permissions(NAME, ["sync", "import"], (4, 6))}
    changed = ("dcim.device", "dcim.virtualdevicecontext", "virtualization.virtualmachine")
    assert found["jobs: change"].object_types == changed
    constrained = found["jobs: change extras.customfieldchoiceset"]
    assert constrained.constraints is not None
    assert "zabbix_templates" in constrained.constraints["name__in"]
    others = [one for one in found.values() if one.object_types != ("extras.savedfilter",)]
    assert not any(action in one.actions for one in others for action in ("delete", "add"))
    for action in ("add", "change", "delete"):
        kept = found[f"jobs: {action} extras.savedfilter"]
        assert kept.constraints == {"slug__startswith": "netbox-zabbix-"}
        # both things that jobs keep there are among them
        for slug in (LEASE_SLUG + "tests", state_slug("imports/cache.json")):
            assert slug.startswith(kept.constraints["slug__startswith"])
    (reading,) = permissions(NAME, ["explain"], (4, 6))
    assert reading.actions == ("view",)


def test_permissions_that_somebody_changed_are_put_right_and_what_was_added_stays() -> None:
    netbox = FakeNetBox()
    run(netbox)
    viewing = next(row for row in netbox.rows["users/permissions/"] if row["name"] == "jobs: view")
    viewing.update(object_types=["dcim.site"], enabled=False)
    viewing["groups"].append({"id": 7})
    netbox.rows["users/users/"][0]["groups"].append({"id": 7})
    other = {"id": 1, "name": "jobs: mine", "description": "by hand", "groups": [], "object_types": [], "actions": []}
    netbox.rows["users/permissions/"].append(other)
    (step,) = plan(netbox).steps
    assert sorted(step.values) == ["enabled", "object_types"]
    run(netbox)
    assert viewing["enabled"]
    assert "dcim.device" in viewing["object_types"]
    assert {"id": 7} in viewing["groups"]
    assert {"id": 7} in netbox.rows["users/users/"][0]["groups"]
    assert other in netbox.rows["users/permissions/"]


def test_a_permission_of_ours_that_no_job_needs_any_more_goes() -> None:
    netbox = FakeNetBox()
    run(netbox)
    run(netbox, jobs=("explain",))
    assert [row["name"] for row in netbox.rows["users/permissions/"]] == ["jobs: view"]


@pytest.mark.parametrize(
    ("path", "row", "said"),
    [
        ("users/groups/", {"name": NAME, "description": "people"}, "group jobs that this collection did not make"),
        (
            "users/users/",
            {"username": NAME, "last_name": "Doe", "groups": []},
            "user jobs that this collection did not",
        ),
        (
            "users/users/",
            {"username": NAME, "last_name": MARK, "groups": [], "is_active": False},
            "user jobs is switched off",
        ),
    ],
)
def test_what_others_made_is_in_the_way(path: str, row: dict[str, Any], said: str) -> None:
    netbox = FakeNetBox()
    netbox.rows[path].append({"id": 5, "is_active": True, **row})
    (clash,) = plan(netbox).clashes
    assert said in clash
