"""A small NetBox in memory: what was read of it, as an inventory gets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.read import Estate, Found
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import DEVICE, NetBoxObject, Related
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.tables import TABLES

Entry = dict[str, Any]


def entry(number: int, slug: str, **more: Any) -> Entry:
    return {"id": number, "name": slug.upper(), "slug": slug, "parent": None, **more}


@pytest.fixture
def estate() -> Estate:
    """Two sites below regions, each with a building and its first floor."""
    europe = entry(1, "europe")
    germany = entry(2, "germany", parent=europe)
    offices = entry(1, "offices")
    tables: dict[str, dict[int, Entry]] = {name: {} for name in TABLES}
    tables["region"] = {1: europe, 2: germany}
    tables["site_group"] = {1: offices}
    ber = entry(1, "ber", region=germany, group=offices, facility="B1", time_zone="Europe/Berlin")
    ham = entry(2, "ham", region=germany, group=None, facility="", time_zone=None)
    tables["site"] = {1: ber, 2: ham}
    first, second = entry(1, "building", site=ber), entry(2, "building", site=ham)
    tables["location"] = {
        1: first,
        2: second,
        3: entry(3, "floor-1", site=ber, parent=first),
        4: entry(4, "floor-1", site=ham, parent=second),
        5: entry(5, "roof", site=ham, parent=second),
    }
    network = entry(1, "network")
    tables["role"] = {1: network, 2: entry(2, "switch", parent=network), 3: entry(3, "ups")}
    tables["platform"] = {1: entry(1, "ios")}
    tables["tag"] = {1: entry(1, "core"), 2: entry(2, "edge")}
    return Estate(Related(tables), [], labels={DEVICE: {"active": "Active"}})


@pytest.fixture
def device(estate: Estate) -> Callable[..., Found]:
    """Makes a device of the estate from names of its tables and ids in them."""

    def make(number: int = 1, kind: str = DEVICE, row: Entry | None = None, **more: Any) -> Found:
        attributes: Entry = {"name": f"d{number}", "status": "active", "tags": [], "custom_fields": {}}
        for name, value in more.items():
            known = estate.related.tables.get(name)
            attributes[name] = value if known is None or not isinstance(value, int) else known[value]
        for name, link in (("region", "region"), ("site_group", "group")):
            attributes[name] = attributes["site"][link] if attributes.get("site") else None
        return Found(NetBoxObject(kind, number, attributes), {"tags": [], "local_context_data": None, **(row or {})})

    return make
