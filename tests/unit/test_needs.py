"""The tables of what each job needs name what the code asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox import needs as netbox_needs
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.tables import TABLES
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix import needs as zabbix_needs

ROOT = Path(__file__).parents[2]
UTILS = ROOT / "plugins" / "module_utils"
#: playbooks that talk to no server
OFFLINE = {"lint_policy", "migrate", "runs"}
METHOD = re.compile(r'"([a-z]+\.(?:get|create|update|delete|mass[a-z]+|check[A-Za-z]+))"')
#: what a session is opened and ended with, which needs no permission
SESSION = {"apiinfo.version", "user.login", "user.logout", "user.checkAuthentication"}


def test_every_playbook_has_its_row_on_both_sides() -> None:
    playbooks = {path.stem for path in (ROOT / "playbooks").glob("*.yml")} - OFFLINE
    assert playbooks - set(zabbix_needs.NEEDS) == set()
    assert playbooks - set(netbox_needs.NEEDS) == set()
    assert set(zabbix_needs.NEEDS) == set(netbox_needs.NEEDS)


def test_every_method_that_the_code_calls_is_named() -> None:
    called = {
        method for path in UTILS.rglob("*.py") if path.name != "needs.py" for method in METHOD.findall(path.read_text())
    }
    needed, useful = zabbix_needs.methods_of(zabbix_needs.NEEDS, (7, 0))
    assert called - SESSION - set(needed) - set(useful) == set()


def test_every_table_that_is_read_is_a_need_of_the_sync() -> None:
    paths = {netbox_needs.PATHS[object_type] for object_type in netbox_needs.NEEDS["sync"].needed}
    assert {table.path for table in TABLES.values()} - paths == set()


def test_every_path_in_the_code_of_netbox_is_known() -> None:
    named = {
        path
        for file in UTILS.rglob("*.py")
        if "migrate" not in file.parts
        for path in re.findall(r'"((?:dcim|extras|ipam|virtualization|tenancy|core)/[a-z-]+/)"', file.read_text())
    }
    assert named - set(netbox_needs.PATHS.values()) == set()


def test_old_releases_are_not_asked_for_what_they_do_not_know() -> None:
    needed, useful = zabbix_needs.methods_of(["sync", "import"], (6, 0))
    assert "proxygroup.get" not in {*needed, *useful}
    assert "templategroup.get" not in {*needed, *useful}
    assert ("extras.configcontextprofile", "view") not in netbox_needs.actions_of(["setup"], (4, 3))[0]
    assert netbox_needs.actions_of(["setup"], (4, 4))[0]["extras.configcontextprofile", "view"] == ["setup"]


def test_a_job_that_keeps_documents_in_netbox_may() -> None:
    for job in ("sync", "import"):
        useful = netbox_needs.actions_of([job], (4, 6))[1]
        assert {action for kind, action in useful if kind == "extras.savedfilter"} == {
            "view",
            "add",
            "change",
            "delete",
        }


def test_what_one_job_needs_is_not_only_useful() -> None:
    needed, useful = zabbix_needs.methods_of(["import", "sync"], (7, 0))
    assert needed["item.get"] == ["import"]
    assert "item.get" not in useful
    assert useful["hostgroup.create"] == ["sync"]


@pytest.mark.parametrize(
    ("jobs", "access"),
    [(["sync", "import"], ("write", "read")), (["import"], ("read", "read")), (["setup"], (None, None))],
)
def test_the_access_to_groups_is_the_most_that_one_of_the_jobs_needs(
    jobs: list[str], access: tuple[str | None, str | None]
) -> None:
    assert zabbix_needs.group_access(jobs) == access
