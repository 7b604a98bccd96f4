"""What tests that use the estate rely on: the same every time, and all that is awkward in the smallest one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from lab.estate import Estate, Ref, generate
from lab.estate.catalog import DEVICE_STATUSES, MARKER_TAG, VM_STATUSES
from lab.estate.model import references

SMALL, USUAL = 50, 400


@pytest.fixture(scope="module", params=[(SMALL, 1), (SMALL, 2), (USUAL, 1), (USUAL, 5), (10_000, 1)], ids=str)
def estate(request: pytest.FixtureRequest) -> Estate:
    objects, seed = request.param
    return generate(objects, seed)


def payloads(estate: Estate, table: str) -> list[dict[str, Any]]:
    return [row.payload for row in estate.tables[table].rows]


def named(estate: Estate, special: str) -> str | None:
    name: str | None = estate.row(estate.specials[special]).payload["name"]
    return name


def updated(estate: Estate, ref: Ref) -> dict[str, Any]:
    """What is set on a row after all are created, such as its primary addresses."""
    return next((row.payload for row in estate.updates[ref.table].rows if row.key == ref.key), {})


def test_the_same_numbers_make_the_same_estate() -> None:
    assert generate(USUAL, seed=7) == generate(USUAL, seed=7)


def test_another_seed_makes_another_estate() -> None:
    one, two = generate(SMALL, seed=1), generate(SMALL, seed=2)
    assert payloads(one, "devices") != payloads(two, "devices")


def test_a_larger_estate_begins_with_the_smaller_one() -> None:
    small, large = generate(USUAL), generate(1200)
    for name, table in small.tables.items():
        assert large.tables[name].rows[: len(table.rows)] == table.rows, name
    for name, table in small.updates.items():
        assert large.updates[name].rows[: len(table.rows)] == table.rows, name


@pytest.mark.parametrize("objects", [49, 50_001])
def test_a_size_that_no_estate_has_is_refused(objects: int) -> None:
    with pytest.raises(ValueError, match=f"not {objects}"):
        generate(objects)


def test_five_devices_to_one_virtual_machine(estate: Estate) -> None:
    counts = estate.counts()
    assert counts["devices"] + counts["virtual_machines"] == estate.objects
    assert counts["virtual_machines"] == estate.objects // 6


def test_each_reference_is_to_a_row_created_before(estate: Estate) -> None:
    known: set[Ref] = set()
    for table in estate.tables.values():
        for row in table.rows:
            assert set(references(row.payload)) <= known, f"{table.name} {row.key}"
            known.add(Ref(table.name, row.key))
    for table in estate.updates.values():
        for row in table.rows:
            assert {Ref(table.name, row.key), *references(row.payload)} <= known


def _cluster_name(vm: dict[str, Any]) -> tuple[Any, ...] | None:
    return (vm["cluster"], vm["tenant"], vm["name"].casefold()) if vm["cluster"] else None


#: what NetBox 4.6 demands to be unique: table -> from a payload, a value (or None where it demands nothing)
UNIQUE: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    *((table, lambda row: row["slug"]) for table in ("tags", "regions", "site_groups", "tenants", "sites", "roles")),
    *((table, lambda row: row["slug"]) for table in ("manufacturers", "platforms", "device_types", "tenant_groups")),
    *((table, lambda row: row["name"]) for table in ("tags", "sites", "tenants", "manufacturers", "platforms")),
    *((table, lambda row: row["name"]) for table in ("choice_sets", "custom_fields", "config_contexts", "clusters")),
    ("regions", lambda row: (row.get("parent"), row["name"])),
    ("device_types", lambda row: (row["manufacturer"], row["model"])),
    ("locations", lambda row: (row["site"], row.get("parent"), row["slug"])),
    ("racks", lambda row: (row["location"], row["name"])),
    ("devices", lambda row: row["name"] and (row["site"], row["tenant"], row["name"].casefold())),
    ("devices", lambda row: row["asset_tag"]),
    ("devices", lambda row: (row["rack"], row["position"], row["face"]) if "position" in row else None),
    ("devices", lambda row: (row["virtual_chassis"], row["vc_position"]) if "virtual_chassis" in row else None),
    ("virtual_machines", _cluster_name),
    ("virtual_machines", lambda row: None if row["cluster"] else (row["site"], row["name"])),
    ("interfaces", lambda row: (row["device"], row["name"])),
    ("vm_interfaces", lambda row: (row["virtual_machine"], row["name"])),
    ("ip_addresses", lambda row: row["address"].split("/")[0]),
]


@pytest.mark.parametrize(("table", "key"), UNIQUE, ids=[f"{table}-{i}" for i, (table, dummy) in enumerate(UNIQUE)])
def test_what_netbox_wants_unique_is_unique(estate: Estate, table: str, key: Callable[[dict[str, Any]], Any]) -> None:
    counted = Counter(key(row) for row in payloads(estate, table))
    counted.pop(None, None)
    assert counted, "the key finds nothing to compare"
    assert {value: times for value, times in counted.items() if times > 1} == {}


def test_row_keys_are_unique(estate: Estate) -> None:
    for table in (*estate.tables.values(), *estate.updates.values()):
        assert len({row.key for row in table.rows}) == len(table.rows), table.name


def test_texts_fit_into_netboxs_fields(estate: Estate) -> None:
    for table in ("devices", "virtual_machines", "sites", "virtual_chassis", "clusters"):
        for row in payloads(estate, table):
            assert len(row["name"] or "") <= 64
            assert row["name"] is None or row["name"] == row["name"].strip()
            assert len(row.get("serial") or "") <= 50
            assert len(row.get("description") or "") <= 200
    assert all(len(row["dns_name"]) <= 255 for row in payloads(estate, "ip_addresses"))


def test_dns_names_are_names_that_netbox_takes_and_most_addresses_have_one(estate: Estate) -> None:
    names = [row["dns_name"] for row in payloads(estate, "ip_addresses")]
    assert all(name.replace("-", "").replace(".", "").isalnum() and name.isascii() for name in names if name)
    assert 0.8 < sum(map(bool, names)) / len(names) < 1


def test_devices_of_a_rack_do_not_overlap_and_fit(estate: Estate) -> None:
    height = {row.key: row.payload["u_height"] for row in estate.tables["device_types"].rows}
    units: Counter[tuple[Ref, int]] = Counter()
    for device in payloads(estate, "devices"):
        if "position" in device:
            top = device["position"] + height[device["device_type"].key]
            assert top - 1 <= 42
            units.update((device["rack"], unit) for unit in range(device["position"], top))
    assert max(units.values()) == 1


def test_a_platform_is_one_of_its_device_types_manufacturer(estate: Estate) -> None:
    maker = {row.key: row.payload["manufacturer"] for row in estate.tables["device_types"].rows}
    platform = {row.key: row.payload["manufacturer"] for row in estate.tables["platforms"].rows}
    for device in payloads(estate, "devices"):
        if device["platform"]:
            assert platform[device["platform"].key] in (None, maker[device["device_type"].key])


def test_trees_are_deep(estate: Estate) -> None:
    def depth(table: str) -> int:
        levels: dict[str, int] = {}
        for row in estate.tables[table].rows:
            parent = row.payload.get("parent")
            levels[row.key] = levels[parent.key] + 1 if parent else 1
        return max(levels.values())

    found = {table: depth(table) for table in ("regions", "site_groups", "locations", "roles", "platforms")}
    assert found == {"regions": 3, "site_groups": 2, "locations": 2, "roles": 3, "platforms": 3}


def test_every_status_occurs(estate: Estate) -> None:
    assert {row["status"] for row in payloads(estate, "devices")} == set(DEVICE_STATUSES)
    assert {row["status"] for row in payloads(estate, "virtual_machines")} == set(VM_STATUSES)


def test_names_occur_twice_across_sites_kinds_tenants_and_case(estate: Estate) -> None:
    def pair(special: str) -> list[str | None]:
        found = [named(estate, what) for what in estate.specials if what.startswith(special)]
        assert len(found) >= 2
        return found

    for special in ("name doubled in another site", "name doubled by a virtual machine", "name doubled in one site"):
        assert len(set(pair(special))) == 1
    first, second = (str(name) for name in pair("names that differ by case"))
    assert first != second
    assert first.casefold() == second.casefold()
    first, second = (str(name) for name in pair("names of 64 characters that differ in the last"))
    assert (len(first), len(second)) == (64, 64)
    assert first[:-1] == second[:-1]
    one, other = (estate.row(estate.specials[f"name doubled in another site ({i})"]).payload["site"] for i in (1, 2))
    assert one != other


def test_awkward_names_are_there(estate: Estate) -> None:
    assert named(estate, "no name") is None
    assert len(named(estate, "name of 64 characters") or "") == 64
    assert len(named(estate, "64 Cyrillic letters") or "") == 64
    assert "ü" in (named(estate, "umlauts and parentheses") or "")
    assert named(estate, "name is a template") == "{{ 7*7 }}"
    everything = "".join(row["name"] or "" for row in payloads(estate, "devices"))
    assert set("/:(){}<>?'\"\\;,&№") <= set(everything)


def test_address_families_are_all_there(estate: Estate) -> None:
    shapes = Counter(frozenset(row.payload) for row in estate.updates["devices"].rows)
    four, six, oob = "primary_ip4", "primary_ip6", "oob_ip"
    for wanted in ({four}, {four, six}, {six}, {oob}, {four, oob}, {six, oob}):
        assert shapes[frozenset(wanted)], wanted
    addressed = {row.key for row in estate.updates["devices"].rows}
    assert {row.key for row in estate.tables["devices"].rows} - addressed, "some devices have no address"
    assert set(updated(estate, estate.specials["only an out-of-band address"])) == {oob}
    assert updated(estate, estate.specials["virtual machine without address, decommissioning"]) == {}


def test_primary_addresses_are_on_the_objects_own_interfaces(estate: Estate) -> None:
    owner = {Ref("interfaces", row.key): row.payload["device"] for row in estate.tables["interfaces"].rows}
    owner |= {
        Ref("vm_interfaces", row.key): row.payload["virtual_machine"] for row in estate.tables["vm_interfaces"].rows
    }
    addresses = {row.key: row.payload for row in estate.tables["ip_addresses"].rows}
    for table in ("devices", "virtual_machines"):
        for row in estate.updates[table].rows:
            for field, address in row.payload.items():
                payload = addresses[address.key]
                assert owner[payload["assigned_object_id"]] == Ref(table, row.key)
                assert (":" in payload["address"]) == (field == "primary_ip6")


def test_virtual_chassis_have_members_of_one_type_and_a_master_among_them(estate: Estate) -> None:
    members: dict[str, list[tuple[str, Ref]]] = {}
    for row in estate.tables["devices"].rows:
        if "virtual_chassis" in row.payload:
            members.setdefault(row.payload["virtual_chassis"].key, []).append((row.key, row.payload["device_type"]))
    masters = {row.key: row.payload["master"].key for row in estate.updates["virtual_chassis"].rows}
    assert masters.keys() == members.keys() == {row.key for row in estate.tables["virtual_chassis"].rows}
    for chassis, inside in members.items():
        assert masters[chassis] in {key for key, dummy in inside}
        assert len({device_type for dummy, device_type in inside}) == 1


def test_custom_fields_and_contexts_are_what_the_collection_expects(estate: Estate) -> None:
    fields = {row["name"]: row["type"] for row in payloads(estate, "custom_fields") if row.get("group_name")}
    assert fields == {
        "zabbix_hostid": "integer",
        "zabbix_sync_status": "select",
        "zabbix_sync_time": "datetime",
        "zabbix_sync_detail": "longtext",
        "zabbix_exclude": "boolean",
    }
    contexts = payloads(estate, "config_contexts")
    with_zabbix = [context["name"] for context in contexts if "zabbix" in context["data"]]
    assert 0 < len(with_zabbix) < len(contexts)
    assert [context["name"] for context in contexts if not context["is_active"]] == ["Retired"]
    assigned = {key for context in contexts for key in context} - {"name", "weight", "data", "is_active"}
    wanted = {"regions", "site_groups", "sites", "roles", "platforms", "tenants", "cluster_types", "tags"}
    assert assigned == wanted
    assert estate.tables["tags"].rows[0].key == MARKER_TAG, "the loader needs its marker first"
