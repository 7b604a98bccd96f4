from __future__ import annotations

import json
import os
from typing import Any

import pytest

from contract.conftest import HERE, VERSION
from contract.graphql_types import live, served
from contract.live import Side


@pytest.fixture(scope="module")
def types() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"graphql-{VERSION}.json").read_text("utf-8"))["types"]
    return found


def test_the_stand_in_has_nothing_that_netbox_has_not(types: dict[str, Any]) -> None:
    """A query that the stand-in takes is one that NetBox takes: same names, same types, nothing more."""
    wrong = {
        f"{name}.{field}": (kind, types.get(name, {}).get(field))
        for name, fields in served().items()
        for field, kind in fields.items()
        if types.get(name, {}).get(field) != kind
    }
    assert wrong == {}


@pytest.mark.skipif("NETBOX_URL" not in os.environ, reason="no NETBOX_URL")
def test_the_contract_is_what_a_live_netbox_says(types: dict[str, Any]) -> None:
    assert types == live(Side(os.environ["NETBOX_URL"].rstrip("/"), os.environ["NETBOX_TOKEN"]))
