"""The 132 exchanges recorded on a real NetBox 4.6.8, replayed against the stand-in."""

from __future__ import annotations

from typing import Any

from lab.netbox import StandIn

from contract.distil import contract_of
from contract.replay import ask, mismatches, same_objects

# Lists of the recording whose every object the estate has, so that even order and links can be compared.
KNOWN_TO_THE_LAST = (
    "devices page 1 of 3",
    "devices page 2",
    "devices by start",
    "devices by start 2",
    "devices ordering id",
    "devices brief",
    "devices by ids",
    "devices by missing id",
)


def test_all_exchanges_give_the_same_status_shape_and_error(netbox: StandIn, contract: dict[str, Any]) -> None:
    """In the order of the recording, since its writes build on each other."""
    wrong = {}
    for exchange in contract["exchanges"]:
        if exchange["name"] == "choice set delete":
            # Between these two exchanges the other custom fields were deleted without being recorded.
            for number in range(11, 18):
                ask(netbox, "DELETE", f"/api/extras/custom-fields/{number}/", exchange["auth"])
        found = mismatches(netbox, exchange, contract["shapes"])
        if found:
            wrong[exchange["name"]] = found
    assert len(contract["exchanges"]) == 132
    assert wrong == {}


def test_lists_that_are_wholly_known_have_the_same_objects_in_the_same_order(
    netbox: StandIn, contract: dict[str, Any]
) -> None:
    wrong = {}
    for exchange in contract["exchanges"]:
        if exchange["name"] in KNOWN_TO_THE_LAST:
            found = same_objects(exchange, netbox)
            if found:
                wrong[exchange["name"]] = found
    assert wrong == {}


def test_devices_are_sorted_as_netbox_sorts_them(netbox: StandIn, contract: dict[str, Any]) -> None:
    exchange = next(one for one in contract["exchanges"] if one["name"] == "devices bad limit")
    answer = ask(netbox, "GET", "/api/dcim/devices/?limit=1000", exchange["auth"])
    ids = [row["id"] for row in answer.body["results"]]
    assert [number for number in ids if number in exchange["ids"]] == exchange["ids"]


def test_the_contract_is_what_the_recording_says(
    contract: dict[str, Any], document: dict[str, Any], recorded: list[dict[str, Any]]
) -> None:
    assert contract["exchanges"] == contract_of(document, recorded)["exchanges"]
