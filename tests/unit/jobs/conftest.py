"""An estate of NetBox and a Zabbix in memory, and the job run between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import (
    both_sides,
    hosts_sync,
    links,
    plan_making,
    reading,
    run,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import NetBoxObject
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.selection import Selection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.write_back import WrittenBack
from unit.jobs.estate import Estate
from unit.policy.samples import related_tables


@pytest.fixture
def estate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    found = Estate()

    def read_objects(netbox: Any, related: Any, *, ids: Selection | None, **more: Any) -> Iterator[list[NetBoxObject]]:
        chosen = [one for one in found.objects if ids is None or one.id in ids.ids.get(one.kind, ())]
        for at in range(0, len(chosen), 3):
            yield chosen[at : at + 3]

    def read_related(netbox: Any) -> Any:
        found = related_tables()
        found.tables.setdefault("virtual_chassis", {})
        return replace(found, custom_fields={"zabbix_hostid": "integer", "zabbix_sync_status": "select"})

    def write_back(netbox: Any, changes: Any, message: str) -> WrittenBack:
        for change in changes:
            found.told[f"{change.kind}:{change.id}"] = change.fields
        failed = dict.fromkeys(found.told, found.warnings[0]) if found.warnings else {}
        return WrittenBack(0 if found.warnings else len(found.told), list(found.warnings), failed=failed)

    monkeypatch.setattr(run, "Zabbix", lambda connection, **more: found.zabbix)
    monkeypatch.setattr(run, "connect", lambda connection: found)
    monkeypatch.setattr(reading, "count", lambda netbox, *kinds: found.counted())
    for module in (both_sides, reading):
        monkeypatch.setattr(module, "read_names", lambda netbox, *kinds: found.listed())
        monkeypatch.setattr(module, "read_related", read_related)
    for module in (plan_making, reading):
        monkeypatch.setattr(module, "read_objects", read_objects)
    monkeypatch.setattr(both_sides, "read_part", lambda *given: None)
    monkeypatch.setattr(
        both_sides, "select", lambda netbox, filters, names, ids, kinds, gone: found.selected(ids, gone)
    )
    monkeypatch.setattr(links, "write_back", write_back)
    monkeypatch.setattr(both_sides, "look_at_netbox", lambda netbox, devices: ([], found.hidden))
    monkeypatch.setattr(hosts_sync, "turn", lambda *given: found.turn())
    return found
