from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api

DEVICE = {"name": "new", "device_type": 1, "role": 2, "site": 1}


def test_one_bad_item_of_a_list_changes_nothing(api: Api) -> None:
    api.post("extras/custom-fields", {"name": "n", "type": "integer", "object_types": ["dcim.device"]})
    body = [{"id": 1, "custom_fields": {"n": 7}}, {"id": 2, "custom_fields": {"n": "abc"}}]
    before = api.get("dcim/devices/")
    assert api.refused("PATCH", "dcim/devices/", body) == (
        400,
        {"__all__": ["Invalid value for custom field 'n': Value must be an integer."]},
    )
    assert api.get("dcim/devices/") == before


def test_an_unknown_id_of_a_list_is_skipped(api: Api) -> None:
    answer = api.patch("dcim/devices", [{"id": 99, "serial": "x"}, {"id": 2, "serial": "y"}])
    assert [(row["id"], row["serial"]) for row in answer] == [(2, "y")]


def test_a_list_that_fails_half_way_creates_nothing(api: Api) -> None:
    body = [DEVICE, DEVICE | {"site": 99}]
    changes = api.get("core/object-changes/")["count"]
    assert api.refused("POST", "dcim/devices/", body) == (
        400,
        {"site": ["Related object not found using the provided numeric ID: 99"]},
    )
    assert api.get("dcim/devices/")["count"] == 3
    assert api.get("core/object-changes/")["count"] == changes
    assert api.post("dcim/devices", DEVICE)["id"] == 4


def test_errors_of_other_lists_come_by_item(api: Api) -> None:
    body = [{"name": "A", "slug": "a"}, {"name": "B"}]
    assert api.refused("POST", "dcim/sites/", body) == (400, [{}, {"slug": ["This field is required."]}])


@pytest.mark.parametrize("region", [2, "2", {"slug": "germany"}, {"name": "Germany"}, {"id": 2}])
def test_references_by_id_or_by_attributes(region: Any, api: Api) -> None:
    assert api.post("dcim/sites", {"name": "Bonn", "slug": "bn", "region": region})["region"]["name"] == "Germany"


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("dcim/sites", {"name": "Berlin", "slug": "x"}, {"name": ["site with this name already exists."]}),
        ("dcim/devices", DEVICE | {"name": "SW2"}, {"__all__": ["Device name must be unique per site."]}),
        ("extras/tags", {"name": "x", "slug": "lab"}, {"slug": ["tag with this slug already exists."]}),
        (
            "dcim/interfaces",
            {"device": 1, "name": "eth0", "type": "virtual"},
            {"__all__": ["Interface with this Device and Name already exists."]},
        ),
        (
            "ipam/ip-addresses",
            {"address": "10.0.0.1/32"},
            {"address": ["Duplicate IP address found in global table: 10.0.0.1/24"]},
        ),
        (
            "virtualization/virtual-machines",
            {"name": "VM1", "cluster": 1},
            {"__all__": ["Virtual machine name must be unique per cluster."]},
        ),
    ],
)
def test_what_must_be_unique(path: str, body: Any, error: Any, api: Api) -> None:
    assert api.refused("POST", f"{path}/", body) == (400, error)


def test_names_may_repeat_in_another_site_and_be_missing(api: Api) -> None:
    api.post("dcim/devices", [DEVICE | {"name": "sw1", "site": 2}, DEVICE | {"name": None}, DEVICE | {"name": None}])
    assert api.get("dcim/devices/4/")["display"] == "sw1"
    assert api.get("dcim/devices/5/")["display"] == "Cisco C9300 (5)"


def test_an_address_must_be_on_the_device_to_be_its_primary(api: Api) -> None:
    assert api.refused("PATCH", "dcim/devices/2/", {"primary_ip4": 3}) == (
        400,
        {"primary_ip4": ["The specified IP address (10.0.0.3/24) is not assigned to this device."]},
    )


def test_a_stale_etag_is_refused(api: Api) -> None:
    dummy, dummy, headers = api.ask("GET", "/api/dcim/devices/1/")
    stale = {"if-match": headers["ETag"]}
    api.patch("dcim/devices/1", {"serial": "a"}, headers=stale)
    status, dummy, headers = api.ask("PATCH", "/api/dcim/devices/1/", {"serial": "b"}, headers=stale)
    assert status == 412
    api.patch("dcim/devices/1", {"serial": "b"}, headers={"if-match": headers["ETag"]})
    assert api.get("dcim/devices/1/")["serial"] == "b"


def test_tags_can_be_added_and_removed(api: Api) -> None:
    def tags_after(body: Any) -> list[str]:
        return [tag["slug"] for tag in api.patch("dcim/devices/1", body)["tags"]]

    assert tags_after({"add_tags": [{"slug": "dmz"}]}) == ["dmz", "lab"]
    assert tags_after({"remove_tags": [{"slug": "lab"}]}) == ["dmz"]
    assert tags_after({"tags": []}) == []
    assert api.refused("PATCH", "dcim/devices/1/", {"tags": [{"slug": "no"}]})[0] == 400


def test_what_others_hang_on_is_not_deleted(api: Api) -> None:
    status, answer = api.refused("DELETE", "dcim/device-types/1/")
    assert status == 409
    assert answer["detail"].startswith("Unable to delete object. 3 dependent objects were found: sw1 (1), ")
    status, dummy = api.refused("DELETE", "dcim/sites/", [{"id": 2}, {"id": 1}])
    assert status == 409
    assert api.get("dcim/sites/")["count"] == 2


def test_a_device_takes_its_interfaces_and_addresses_along(api: Api) -> None:
    api.delete("dcim/devices/1")
    assert api.get("dcim/interfaces/")["count"] == 2
    assert api.get("ipam/ip-addresses/")["count"] == 2


def test_the_site_of_a_virtual_machine_is_its_cluster_s(api: Api) -> None:
    assert api.get("virtualization/virtual-machines/1/")["site"]["slug"] == "ber"


def test_a_chassis_takes_its_master_in(api: Api) -> None:
    chassis = api.post("dcim/virtual-chassis", {"name": "stack", "master": 1})
    assert (chassis["member_count"], chassis["members"][0]["name"]) == (1, "sw1")
    assert api.get("dcim/devices/1/")["vc_position"] == 1
    assert api.refused("DELETE", "dcim/devices/1/")[0] == 409
    api.delete("dcim/virtual-chassis/1")
    assert api.get("dcim/devices/1/")["vc_position"] is None


def test_custom_fields_through_their_life(api: Api) -> None:
    choice_set = api.post("extras/custom-field-choice-sets", {"name": "set", "extra_choices": [["b", "B"], ["a", "A"]]})
    on = {"object_types": ["dcim.device"]}
    field = api.post("extras/custom-fields", {"name": "pick", "type": "select", "choice_set": choice_set["id"], **on})
    api.post("extras/custom-fields", {"name": "when", "type": "datetime", **on})
    api.post("extras/custom-fields", {"name": "where", "type": "object", "related_object_type": "dcim.site", **on})
    api.post("extras/custom-fields", {"name": "flag", "type": "boolean", "default": True, **on})
    values = {"pick": "a", "when": "2026-01-01T02:00:00+02:00", "where": 2}
    shown = api.patch("dcim/devices/1", {"custom_fields": values})["custom_fields"]
    assert (shown["pick"], shown["when"], shown["flag"]) == ("a", "2026-01-01T00:00:00Z", True)
    assert shown["where"]["slug"] == "par"
    status, answer = api.refused("PATCH", "extras/custom-field-choice-sets/1/", {"extra_choices": [["b", "B"]]})
    assert (status, answer) == (
        400,
        {"__all__": ["Cannot remove choice a as there are DCIM | device objects which reference it."]},
    )
    assert api.refused("DELETE", "extras/custom-field-choice-sets/1/")[0] == 409
    api.delete(f"extras/custom-fields/{field['id']}")
    assert "pick" not in api.get("dcim/devices/1/")["custom_fields"]
    api.delete("extras/custom-field-choice-sets/1")
    assert api.post("dcim/devices", DEVICE)["custom_fields"] == {"flag": True, "when": None, "where": None}
    # A value that is given takes the place of all defaults.
    other = api.post("dcim/devices", DEVICE | {"name": "other", "custom_fields": {"where": 1}})
    assert other["custom_fields"]["flag"] is None


@pytest.mark.parametrize("query", ["fields=id", "omit=serial,custom_fields"])
def test_fields_left_out_of_the_answer_are_not_written(query: str, api: Api) -> None:
    """The trap of all traps: 200, and nothing was done."""
    api.post("extras/custom-fields", {"name": "n", "type": "integer", "object_types": ["dcim.device"]})
    for path, body in (("dcim/devices", [{"id": 1}]), ("dcim/devices/1", {})):
        change = {"serial": "x", "custom_fields": {"n": 1}}
        sent = [one | change for one in body] if isinstance(body, list) else change
        status, dummy, dummy = api.ask("PATCH", f"/api/{path}/?{query}", sent)
        assert status == 200
    device = api.get("dcim/devices/1/")
    assert (device["serial"], device["custom_fields"]) == ("", {"n": None})
