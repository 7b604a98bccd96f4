from __future__ import annotations

import pytest

from .conftest import Api


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("site=ber", ["sw1", "sw2"]),
        ("site=ber&site=par", ["sw1", "sw2", "sw3"]),
        ("site__n=ber", ["sw3"]),
        ("region=emea", ["sw1", "sw2", "sw3"]),
        ("region=france", ["sw3"]),
        ("region_id=1", ["sw1", "sw2", "sw3"]),
        ("site_group=offices", ["sw1", "sw2"]),
        ("location=hall", ["sw1"]),
        ("role=network", ["sw1", "sw2", "sw3"]),
        ("platform=ios", ["sw1"]),
        ("platform=null", ["sw2", "sw3"]),
        ("tenant_group=customers", ["sw1"]),
        ("manufacturer=cisco&status=planned", ["sw2"]),
        ("status=planned&status=active", ["sw1", "sw2", "sw3"]),
        ("status__n=planned", ["sw1", "sw3"]),
        ("tag=lab", ["sw1", "sw2"]),
        ("tag=lab&tag=dmz", ["sw2"]),
        ("tag__n=lab", ["sw3"]),
        ("id=1&id=3", ["sw1", "sw3"]),
        ("id__gt=1&id__lte=2", ["sw2"]),
        ("name=SW1", ["sw1"]),
        ("name__ic=W2", ["sw2"]),
        ("name__isw=sw&name__n=sw1", ["sw2", "sw3"]),
        ("serial__empty=false", ["sw2"]),
        ("has_primary_ip=true", ["sw1"]),
        ("has_primary_ip=false", ["sw2", "sw3"]),
        ("q=s2", ["sw2"]),
        ("last_updated__gte=2020-01-01T00:00:00Z", ["sw1", "sw2", "sw3"]),
        ("last_updated__lt=2020-01-01", []),
    ],
)
def test_filters_select(query: str, names: list[str], api: Api) -> None:
    assert api.names(f"dcim/devices/?{query}") == names


@pytest.mark.parametrize("typo", ["no_such_filter=1", "id__in=1,2", "cf_typo=1", "last_updated_after=2030-01-01"])
def test_an_unknown_filter_selects_everything(typo: str, api: Api) -> None:
    assert api.get(f"dcim/devices/?{typo}")["count"] == 3


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("site=nowhere", {"site": ["Select a valid choice. nowhere is not one of the available choices."]}),
        ("region_id=99", {"region_id": ["Select a valid choice. 99 is not one of the available choices."]}),
        ("status=odd", {"status": ["Select a valid choice. odd is not one of the available choices."]}),
        ("tag=odd", {"tag": ["Select a valid choice. odd is not one of the available choices."]}),
        ("id=abc", {"id": ["Enter a whole number."]}),
        ("last_updated__gte=2026-01-01T00:00:00+00:00", {"last_updated__gte": ["Enter a valid date/time."]}),
        (
            "site=a&status=b",
            {
                "site": ["Select a valid choice. a is not one of the available choices."],
                "status": ["Select a valid choice. b is not one of the available choices."],
            },
        ),
    ],
)
def test_an_unknown_value_is_refused(query: str, error: object, api: Api) -> None:
    assert api.refused("GET", f"dcim/devices/?{query}") == (400, error)


def test_a_filter_of_netbox_that_is_missing_here_says_so(api: Api) -> None:
    status, answer = api.refused("GET", "dcim/devices/?has_virtual_device_context=true")
    assert status == 501
    assert "has_virtual_device_context" in answer["detail"]


def test_addresses_are_found_by_what_they_are_on(api: Api) -> None:
    rows = api.get("ipam/ip-addresses/?device_id=2")["results"]
    assert [row["address"] for row in rows] == ["10.0.0.2/24"]
    assert api.get("ipam/ip-addresses/?device=sw3&family=4")["count"] == 1
    assert api.get("ipam/ip-addresses/?parent=10.0.0.0/31")["count"] == 1


def test_custom_fields_filter(api: Api) -> None:
    kinds = {"number": "integer", "flag": "boolean", "words": "text"}
    for name, kind in kinds.items():
        api.post("extras/custom-fields", {"name": name, "type": kind, "object_types": ["dcim.device"]})
    api.patch("dcim/devices", [{"id": 2, "custom_fields": {"number": 5, "flag": True, "words": "Main hall"}}])
    for query in ("cf_number=5", "cf_number__gte=4", "cf_flag=true", "cf_words=main", "cf_number__empty=false"):
        assert api.names(f"dcim/devices/?{query}") == ["sw2"], query


def test_pages_by_offset(api: Api) -> None:
    first = api.get("dcim/devices/?limit=2")
    assert first["count"] == 3
    assert first["next"] == "http://netbox.lab/api/dcim/devices/?limit=2&offset=2"
    second = api.get("dcim/devices/?limit=2&offset=2")
    assert (second["next"], second["previous"]) == (None, "http://netbox.lab/api/dcim/devices/?limit=2")
    assert [row["id"] for row in first["results"] + second["results"]] == [1, 2, 3]


def test_pages_by_start_have_no_count(api: Api) -> None:
    page = api.get("dcim/devices/?limit=2&start=2")
    assert [row["id"] for row in page["results"]] == [2, 3]
    assert page["count"] is None
    assert page["next"] == "http://netbox.lab/api/dcim/devices/?limit=2&start=4"
    assert api.get("dcim/devices/?limit=2&start=4") == {"count": None, "next": None, "previous": None, "results": []}
    for other in ("offset=1", "ordering=name"):
        assert api.refused("GET", f"dcim/devices/?start=0&{other}")[0] == 400


def test_an_older_netbox_knows_no_start(api: Api) -> None:
    api.service.settings.version = "4.4.2"
    assert api.get("dcim/devices/?limit=2&start=2")["count"] == 3


def test_a_page_has_at_most_1000(api: Api) -> None:
    api.post("extras/tags", [{"name": f"t{n}", "slug": f"t{n}"} for n in range(1100)])
    assert len(api.get("extras/tags/?limit=5000")["results"]) == 1000
    assert len(api.get("extras/tags/?limit=0")["results"]) == 1000
    assert len(api.get("extras/tags/?limit=abc")["results"]) == 50


def test_fields_omit_exclude_and_brief(api: Api) -> None:
    (row,) = api.get("dcim/devices/?id=1&fields=id,name,nonsense")["results"]
    assert row == {"id": 1, "name": "sw1"}
    (row,) = api.get("dcim/devices/?id=1&brief=1")["results"]
    assert sorted(row) == ["description", "display", "id", "name", "url"]
    whole = set(api.get("dcim/devices/?id=1")["results"][0])
    assert whole - set(api.get("dcim/devices/?id=1&exclude=config_context")["results"][0]) == {"config_context"}
    assert whole - set(api.get("dcim/devices/?id=1&omit=tags,serial")["results"][0]) == {"tags", "serial"}


def test_order(api: Api) -> None:
    api.post(
        "dcim/devices", [{"device_type": 1, "role": 2, "site": 2, "name": name} for name in ("sw10", "SW2b", None)]
    )
    assert api.names("dcim/devices/") == ["sw1", "sw2", "SW2b", "sw3", "sw10", None]
    assert api.names("dcim/devices/?ordering=-id&limit=2") == [None, "SW2b"]


def test_counts_of_trees_include_what_is_below(api: Api) -> None:
    rows = {row["slug"]: row for row in api.get("dcim/regions/")["results"]}
    assert (rows["emea"]["site_count"], rows["germany"]["site_count"]) == (2, 1)
    assert (rows["emea"]["_depth"], rows["germany"]["_depth"]) == (0, 1)


def test_the_schema_names_the_filters(api: Api) -> None:
    parameters = api.get("schema/")["paths"]["/api/dcim/devices/"]["get"]["parameters"]
    assert {"region", "name__ic", "start", "tag"} <= {parameter["name"] for parameter in parameters}


def test_interfaces_are_sorted_by_slot_and_kind(api: Api) -> None:
    names = ["mgmt0", "Te1/1/1", "Gi1/0/10", "Gi1/0/2", "Po1", "Loopback0", "Gi1/0/2.100", "ae0:1"]
    api.post("dcim/interfaces", [{"device": 3, "name": name, "type": "virtual"} for name in names])
    assert api.names("dcim/interfaces/?device_id=3") == [
        "Gi1/0/2",
        "Gi1/0/2.100",
        "Gi1/0/10",
        "Te1/1/1",
        "Loopback0",
        "Po1",
        "ae0:1",
        "eth0",
        "mgmt0",
    ]


def test_a_boolean_custom_field_can_not_be_asked_for_emptiness(api: Api) -> None:
    api.post("extras/custom-fields", {"name": "on", "type": "boolean", "object_types": ["dcim.device"]})
    api.patch("dcim/devices", [{"id": 1, "custom_fields": {"on": True}}])
    assert len(api.names("dcim/devices/?cf_on=true")) == 1
    assert len(api.names("dcim/devices/?cf_on__empty=true")) == len(api.names("dcim/devices/"))  # ignored, as any typo
