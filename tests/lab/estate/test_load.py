"""Loading into a NetBox and purging it again, against the stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.estate import EstateError, Ref, generate, load, purge
from lab.estate.api import Api
from lab.estate.model import ENDPOINTS
from lab.netbox import StandIn


@pytest.fixture
def netbox() -> Iterator[StandIn]:
    with StandIn() as standin:
        yield standin


def counts(api: Api) -> dict[str, int]:
    return {name: sum(1 for dummy in api.rows(endpoint)) for name, endpoint in ENDPOINTS.items()}


def test_all_rows_arrive_and_go_again(netbox: StandIn) -> None:
    estate, api = generate(120), Api(netbox.url, netbox.token)
    ids = load(estate, netbox.url, netbox.token)
    assert counts(api) == estate.counts()
    assert len(ids) == sum(estate.counts().values())

    purge(netbox.url, netbox.token)
    assert set(counts(api).values()) == {0}


def test_values_and_relations_arrive_as_generated(netbox: StandIn) -> None:
    estate, api = generate(50), Api(netbox.url, netbox.token)
    ids = load(estate, netbox.url, netbox.token)
    rows = {table: {row["id"]: row for row in api.rows(ENDPOINTS[table])} for table in ("devices", "virtual_machines")}
    for what, ref in estate.specials.items():
        wanted, found = estate.row(ref).payload, rows[ref.table][ids[ref]]
        assert found["name"] == wanted["name"], what
        assert found["status"]["value"] == wanted["status"], what
        for relation in ("site", "role", "platform", "tenant", "cluster"):
            target = wanted.get(relation)
            assert (found[relation] or {}).get("id") == (ids[target] if isinstance(target, Ref) else None), what
    addresses = {row.key: row.payload["address"] for row in estate.tables["ip_addresses"].rows}
    for table, updates in (
        ("devices", estate.updates["devices"]),
        ("virtual_machines", estate.updates["virtual_machines"]),
    ):
        for row in updates.rows:
            found = rows[table][ids[Ref(table, row.key)]]
            for field, address in row.payload.items():
                assert found[field]["address"] == addresses[address.key]


def test_a_second_load_is_refused_and_changes_nothing(netbox: StandIn) -> None:
    load(generate(50), netbox.url, netbox.token)
    api = Api(netbox.url, netbox.token)
    before = counts(api)
    with pytest.raises(EstateError, match=r"already carries an estate .objects=50 seed=1.*purge it first"):
        load(generate(60), netbox.url, netbox.token)
    assert counts(api) == before


def test_a_netbox_with_objects_of_its_own_is_left_alone(netbox: StandIn) -> None:
    api = Api(netbox.url, netbox.token)
    api.create("dcim/manufacturers", [{"name": "Cisco", "slug": "cisco"}])
    before = counts(api)
    with pytest.raises(EstateError, match=r"manufacturers cisco.*empty NetBox"):
        load(generate(50), netbox.url, netbox.token)
    assert counts(api) == before


def test_custom_fields_that_were_there_before_are_used_and_survive(netbox: StandIn) -> None:
    api = Api(netbox.url, netbox.token)
    field = {"name": "zabbix_hostid", "type": "integer", "object_types": ["dcim.device"], "group_name": "Zabbix"}
    [made] = api.create("extras/custom-fields", [field])
    ids = load(generate(50), netbox.url, netbox.token)
    assert ids[Ref("custom_fields", "zabbix_hostid")] == made["id"]
    purge(netbox.url, netbox.token)
    assert [row["name"] for row in api.rows("extras/custom-fields")] == ["zabbix_hostid"]


def test_what_tests_add_to_the_estates_sites_goes_with_it(netbox: StandIn) -> None:
    ids = load(generate(50), netbox.url, netbox.token)
    api = Api(netbox.url, netbox.token)
    place = {
        "site": ids[Ref("sites", "ham-dc-1")],
        "role": ids[Ref("roles", "core")],
        "device_type": ids[Ref("device_types", "isr4331")],
    }
    api.create("dcim/devices", [{"name": "added by a test", **place}])
    purge(netbox.url, netbox.token)
    assert counts(api)["devices"] == 0


def test_a_load_broken_off_can_be_purged(netbox: StandIn) -> None:
    netbox.fail_next(500, "boom", path_prefix="/api/dcim/interfaces/", method="POST")
    with pytest.raises(EstateError, match=r"dcim/interfaces.*HTTP 500: boom"):
        load(generate(50), netbox.url, netbox.token)
    purge(netbox.url, netbox.token)
    assert set(counts(Api(netbox.url, netbox.token)).values()) == {0}


def test_a_wrong_token_is_told(netbox: StandIn) -> None:
    with pytest.raises(EstateError, match="HTTP 403"):
        load(generate(50), netbox.url, "nbt_nosuchkey000.nothing")


def test_purging_a_netbox_without_an_estate_does_nothing(netbox: StandIn) -> None:
    assert purge(netbox.url, netbox.token) == 0
