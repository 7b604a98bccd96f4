"""Which changes are checked, and what becomes of them; what Zabbix answers is made up here, and real in integration."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.known_settings import KnownSettings
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.template_checks import check_templates
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.plan import Change, Plan
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.client import NotAuthorised
from unit.reconcile.samples import agent, config, differ, in_sync, settings

#: template ids of the samples
PING, LINUX, WINDOWS = "100", "101", "102"


class Answers:
    """A Zabbix that has these items, a dictionary each; counts its requests."""

    release = (7, 0)

    def __init__(self, items: list[dict[str, Any]], error: Exception | None = None) -> None:
        self.items, self.error, self.requests = items, error, 0

    def batch(self, calls: list[tuple[str, Any]]) -> list[Any]:
        self.requests += 1
        rows = {"item.get": self.items}
        return [
            self.error or [row for row in rows.get(method, []) if row["hostid"] in given.get("templateids", ())]
            for method, given in calls
        ]


def item(template: str, key: str, kind: str = "2", link: str = "0") -> dict[str, Any]:
    return {"hostid": template, "key_": key, "type": kind, "inventory_link": link}


def checked(changes: list[Change], zabbix: Answers) -> tuple[Plan, list[str]]:
    plan = Plan(changes)
    return plan, check_templates(plan, KnownSettings(zabbix, settings()))  # type: ignore[arg-type]


def new(*templates: str, **more: Any) -> Change:
    return differ().create(config(templates=frozenset(templates), **more))


def test_a_host_that_would_be_refused_fails_and_stops_no_other() -> None:
    zabbix = Answers([item(LINUX, "os"), item(WINDOWS, "os")])
    origins = {"templates/Linux": 'mapping "a"', "templates/Windows": 'mapping "b"'}
    bad, good = new("Linux", "Windows", ref="device:1", origins=origins), new("Linux", ref="device:2")
    plan, dummy = checked([bad, good], zabbix)
    assert plan.changes == [good]
    (failure,) = plan.failures
    assert failure.ref == "device:1"
    assert failure.error == (
        'templates "Linux" and "Windows" both have the item key "os": Zabbix does not link both. '
        'Given by mapping "a" and mapping "b".'
    )
    assert zabbix.requests == 1


def test_a_change_that_links_nothing_is_not_looked_at() -> None:
    wanted = config(templates=frozenset({"Linux", "Windows"}))
    change = differ().compare(config(templates=wanted.templates, status="disabled"), in_sync(wanted))
    assert change is not None
    zabbix = Answers([item(LINUX, "os"), item(WINDOWS, "os")])
    plan, notes = checked([change], zabbix)
    assert (plan.changes, notes, zabbix.requests) == ([change], [], 0)


def test_hosts_share_a_warning() -> None:
    zabbix = Answers([item(PING, "trap")])
    labels = [f"sw{number}" for number in range(3)]
    changes = [new("ICMP Ping", label=label, ref=f"device:{label}", interfaces=(agent(),)) for label in labels]
    plan, notes = checked(changes, zabbix)
    assert plan.changes == changes
    assert notes == ["sw0 and 2 more hosts: no item of its templates uses the interface of type agent."]


def test_where_items_may_not_be_read_zabbix_alone_checks() -> None:
    change = new("Linux")
    plan, notes = checked([change], Answers([], ZabbixError('No permissions to call "item.get".')))
    assert plan.changes == [change]
    assert len(notes) == 1
    assert 'No permissions to call "item.get".' in notes[0]


def test_a_token_that_expired_ends_the_run() -> None:
    with pytest.raises(NotAuthorised):
        checked([new("Linux")], Answers([], NotAuthorised("item.get: Not authorised.")))
