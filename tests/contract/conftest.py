from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab.netbox import StandIn

from contract.distil import read

HERE = Path(__file__).parent
VERSION = "4.6.8"
# Beside the checkout on the machines where this is developed; elsewhere the distilled copy alone must do.
REFERENCE = HERE.parents[2] / "shared" / "reference" / "netbox"


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"netbox-{VERSION}.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="session")
def estate() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"estate-{VERSION}.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """NetBox's whole OpenAPI document: from a live NetBox where one is given, from the reference folder elsewhere."""
    if os.environ.get("NETBOX_URL"):
        return _from_live(os.environ["NETBOX_URL"], os.environ["NETBOX_TOKEN"])
    path = REFERENCE / f"openapi-{VERSION}.json.gz"
    if not path.exists():
        pytest.skip("no NETBOX_URL, and no OpenAPI document beside the checkout")
    found: dict[str, Any] = read(path)
    return found


def _from_live(url: str, token: str) -> dict[str, Any]:
    import urllib.request

    keyword = "Bearer" if token.startswith("nbt_") else "Token"
    headers = {"Authorization": f"{keyword} {token}"}
    request = urllib.request.Request(f"{url.rstrip('/')}/api/schema/?format=json", headers=headers)
    with urllib.request.urlopen(request, timeout=300) as answer:
        found: dict[str, Any] = json.load(answer)
    return found | {"live": True}


@pytest.fixture(scope="session")
def recorded() -> list[dict[str, Any]]:
    path = REFERENCE / f"exchanges-{VERSION}.json"
    if not path.exists():
        pytest.skip("no recorded exchanges beside the checkout")
    found: list[dict[str, Any]] = read(path)
    return found


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    with StandIn() as netbox:
        yield netbox


@pytest.fixture
def netbox(stand_in: StandIn, estate: dict[str, Any]) -> StandIn:
    """A stand-in with the estate of the recorded exchanges."""
    stand_in.reset()
    stand_in.seed(estate)
    return stand_in
