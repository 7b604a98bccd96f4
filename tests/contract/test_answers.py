"""Each kind of answer of the stand-in against the contract, and against NetBox's OpenAPI document if it is at hand."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from lab.netbox import StandIn
from lab.netbox.auth import TOKEN_V1
from lab.netbox.fields import CHOICES
from lab.netbox.filters import KNOWN, PARAMETERS, names
from lab.netbox.rest import Request
from lab.netbox.service import Service
from lab.netbox.tables import TABLES

from contract.distil import UNDOCUMENTED, endpoints, item_schema, observed_nulls
from contract.openapi import choices_in, json_schema, names_of_parameters
from contract.replay import ask

AUTH = "Bearer <v2 token>"
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "any": object,
}


@pytest.fixture(scope="module")
def answers(stand_in: StandIn, estate: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """All objects of all endpoints, as lists show them, of an estate that has some of everything."""
    stand_in.reset()
    stand_in.seed(estate)
    for path, body in (
        ("ipam/vrfs", {"name": "blue", "rd": "65000:1", "tenant": {"slug": "globex"}}),
        ("ipam/prefixes", {"prefix": "10.0.0.0/19", "vrf": 1, "scope_type": "dcim.site", "scope_id": 1}),
        ("dcim/locations", {"name": "Cage", "slug": "cage", "site": 1, "parent": 2, "tags": [{"slug": "backup"}]}),
        ("dcim/platforms", {"name": "IOS-XE 17", "slug": "ios-xe-17", "parent": {"slug": "cisco-ios-xe"}}),
        ("dcim/virtual-device-contexts", {"name": "admin", "device": 1, "status": "active", "identifier": 1}),
        ("dcim/device-types", {"manufacturer": 1, "model": "Box", "slug": "box", "subdevice_role": "parent"}),
        ("dcim/devices", {"name": "box1", "device_type": {"slug": "box"}, "role": 5, "site": 1}),
        ("dcim/device-bays", {"name": "Bay 1", "device": {"name": "box1"}}),
        (
            "extras/saved-filters",
            {"name": "Active", "slug": "active", "object_types": ["dcim.device"], "parameters": {"status": ["active"]}},
        ),
        (
            "extras/custom-links",
            {"name": "Wiki", "object_types": ["dcim.device"], "link_text": "Wiki", "link_url": "https://wiki.example"},
        ),
        ("dcim/rack-roles", {"name": "Network", "slug": "network"}),
        ("virtualization/virtual-disks", {"virtual_machine": 2, "name": "sda", "size": 40}),
        (
            "ipam/services",
            {
                "parent_object_type": "dcim.device",
                "parent_object_id": 1,
                "name": "ssh",
                "protocol": "tcp",
                "ports": [22],
            },
        ),
        ("extras/journal-entries", {"assigned_object_type": "dcim.site", "assigned_object_id": 1, "comments": "x"}),
    ):
        answer = ask(stand_in, "POST", f"/api/{path}/", AUTH, body)
        assert answer.status == 201, answer.body
    return {path: ask(stand_in, "GET", f"/api/{path}/?limit=0", AUTH).body["results"] for path in TABLES}


def lapses(contract: dict[str, Any], path: str) -> frozenset[str]:
    fields = contract["endpoints"][path].items()
    return frozenset(name for name, kind in fields if kind.get("null") == "seen")


def problems(fields: dict[str, Any], row: dict[str, Any]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in fields.keys() - row.keys())
    yield from (f"{name} is not in the contract" for name in row.keys() - fields.keys())
    for name in fields.keys() & row.keys():
        kind, value = fields[name], row[name]
        if value is None:
            if not kind.get("null"):
                yield f"{name} is null"
        elif "choice" in kind:
            if sorted(value) != ["label", "value"] or value["value"] not in kind["choice"]:
                yield f"{name} is {value}"
        elif "object" in kind:
            if sorted(value) != kind["object"]:
                yield f"{name} has the keys {sorted(value)} instead of {kind['object']}"
        elif "array" in kind:
            if not isinstance(value, list):
                yield f"{name} is no list"
        elif not isinstance(value, TYPES[kind["type"]]) or (kind["type"] == "integer" and isinstance(value, bool)):
            yield f"{name} is {value!r}, not of the type {kind['type']}"


@pytest.mark.parametrize("path", TABLES)
def test_objects_are_as_the_contract_says(
    path: str, answers: dict[str, list[dict[str, Any]]], contract: dict[str, Any]
) -> None:
    assert answers[path], "nothing to look at"
    wrong = {row["id"]: found for row in answers[path] if (found := list(problems(contract["endpoints"][path], row)))}
    assert wrong == {}


@pytest.mark.parametrize("path", TABLES)
def test_objects_are_valid_by_netbox_s_own_document(
    path: str, answers: dict[str, list[dict[str, Any]]], contract: dict[str, Any], document: dict[str, Any]
) -> None:
    schema = json_schema(document, item_schema(document, path), lapses(contract, path))
    schema["properties"] |= {name: {} for name in UNDOCUMENTED.get(path, ())}
    validator = jsonschema.Draft202012Validator(schema)
    errors = {
        f"{path} {row['id']} {e.json_path}: {e.message}" for row in answers[path] for e in validator.iter_errors(row)
    }
    assert errors == set()


def test_the_contract_is_what_the_document_says(
    contract: dict[str, Any], document: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    contract = copy.deepcopy(contract)
    # A live NetBox says "4.6.8 (4.6)".
    if document["info"]["version"].split()[0] != contract["netbox"]:
        pytest.skip(f"the document is of NetBox {document['info']['version']}")
    recorded = request.getfixturevalue("recorded")
    theirs, ours = endpoints(document, observed_nulls(recorded)), contract["endpoints"]
    if document.get("live"):
        # Builds of one version were seen to differ by a choice, an interface type: the test of choices looks at that.
        for fields in (*theirs.values(), *ours.values()):
            for kind in fields.values():
                kind.pop("choice", None)
    assert ours == theirs


@pytest.mark.parametrize("path", KNOWN)
def test_filters_are_netbox_s(path: str, document: dict[str, Any]) -> None:
    theirs = names_of_parameters(document, path) - PARAMETERS
    ours = set(names(path))
    assert ours == theirs


@pytest.mark.parametrize(
    ("path", "field"), [(t.path, f) for t in TABLES.values() for f in t.fields if f.kind == "choice"]
)
def test_choices_are_netbox_s(path: str, field: Any, document: dict[str, Any]) -> None:
    theirs = choices_in(document, item_schema(document, path), field.name)
    assert theirs is not None
    ours = set(CHOICES[f"{TABLES[path].model}.{field.name}"])
    assert set(theirs) <= ours
    assert document.get("live") or ours <= set(theirs)


@pytest.fixture(scope="module")
def service(estate: dict[str, Any]) -> Service:
    """Without HTTP: several thousand questions."""
    service = Service()
    service.seed(estate)
    return service


@pytest.mark.parametrize("path", [path for path, table in TABLES.items() if table.changelog])
def test_no_filter_of_netbox_is_ignored_in_silence(path: str, service: Service) -> None:
    """Either the stand-in filters, or it says that it can't: ignoring one would select everything."""
    total = len(service.store.tables[path])
    silent = []
    for name in names(path):
        if name.endswith(LETS_THROUGH_OTHERS):
            continue
        # No object has this value, and none is both true and false: whoever still answers with all has not looked.
        counts = [count_of(service, path, name, value) for value in ("no-such-value", "true", "false")]
        if None not in counts and total and counts[0] == total and counts[1] + counts[2] != total:
            silent.append(name)
    assert silent == []


LETS_THROUGH_OTHERS = ("__n", "__nic", "__nie", "__niew", "__nisw", "__empty")


def count_of(service: Service, path: str, name: str, value: str) -> Any:
    """How many objects a filter lets through; None where it is refused."""
    headers = {"authorization": f"Token {TOKEN_V1}"}
    answer = service.handle(Request("GET", f"/api/{path}/", f"limit=1&{name}={value}", headers, b"", "http://lab"))
    return answer.body["count"] if answer.status == 200 else None
