"""A stand-in without HTTP, for tests of what it answers; those of how it answers start a real one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from .auth import TOKEN_V1, TOKENS
from .rest import Request
from .service import Service


@dataclass
class Api:
    service: Service = field(default_factory=Service)

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = TOKEN_V1, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        path, dummy, query = path.partition("?")
        authorization = (
            {"authorization": f"{'Bearer' if token.startswith('nbt_') else 'Token'} {token}"} if token else {}
        )
        sent = b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, query, {**authorization, **(headers or {})}, sent, "http://netbox.lab")
        answer = self.service.handle(request)
        # As a client gets it: tuples become lists.
        return answer.status, json.loads(json.dumps(answer.body)), answer.headers

    def get(self, path: str, **more: Any) -> Any:
        status, body, dummy = self.ask("GET", f"/api/{path}", **more)
        assert status == 200, body
        return body

    def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        status, answer, dummy = self.ask(method, f"/api/{path}", body, **more)
        assert status >= 400, answer
        return status, answer

    def post(self, path: str, body: Any) -> Any:
        status, answer, dummy = self.ask("POST", f"/api/{path}/", body)
        assert status == 201, answer
        return answer

    def patch(self, path: str, body: Any, **more: Any) -> Any:
        status, answer, dummy = self.ask("PATCH", f"/api/{path}/", body, **more)
        assert status == 200, answer
        return answer

    def delete(self, path: str, body: Any = None) -> None:
        status, answer, dummy = self.ask("DELETE", f"/api/{path}/", body)
        assert status == 204, answer

    def names(self, path: str) -> list[Any]:
        return [row["name"] for row in self.get(path)["results"]]

    def graphql(self, query: str, variables: Any = None, token: str = TOKENS["admin"]) -> Any:
        status, answer, dummy = self.ask("POST", "/graphql/", {"query": query, "variables": variables}, token=token)
        assert status == 200, answer
        return answer


@pytest.fixture
def api() -> Api:
    """Berlin (EMEA > Germany, offices) has sw1 and sw2, Paris has sw3; a virtual machine runs in Berlin's cluster."""
    api = Api()
    api.post("extras/tags", [{"name": "Lab", "slug": "lab"}, {"name": "DMZ", "slug": "dmz"}])
    api.post("dcim/regions", [{"name": "EMEA", "slug": "emea"}])
    api.post("dcim/regions", [{"name": name, "slug": name.lower(), "parent": 1} for name in ("Germany", "France")])
    api.post("dcim/site-groups", [{"name": "Offices", "slug": "offices"}])
    api.post("tenancy/tenant-groups", {"name": "Customers", "slug": "customers"})
    api.post("tenancy/tenants", {"name": "ACME", "slug": "acme", "group": {"slug": "customers"}})
    berlin = {"name": "Berlin", "slug": "ber", "region": {"slug": "germany"}, "group": 1}
    api.post("dcim/sites", [berlin, {"name": "Paris", "slug": "par", "region": {"name": "France"}}])
    api.post("dcim/locations", {"name": "Hall", "slug": "hall", "site": 1})
    api.post("dcim/locations", {"name": "Cage", "slug": "cage", "site": 1, "parent": {"slug": "hall"}})
    api.post("dcim/racks", {"name": "R1", "site": 1, "location": 2})
    api.post("dcim/device-roles", {"name": "Network", "slug": "network"})
    api.post("dcim/device-roles", {"name": "Switch", "slug": "switch", "parent": 1})
    api.post("dcim/manufacturers", {"name": "Cisco", "slug": "cisco"})
    api.post("dcim/device-types", {"manufacturer": 1, "model": "C9300", "slug": "c9300"})
    api.post("dcim/platforms", {"name": "IOS", "slug": "ios"})
    api.post("dcim/platforms", {"name": "IOS XE", "slug": "ios-xe", "parent": 1})
    api.post("virtualization/cluster-types", {"name": "KVM", "slug": "kvm"})
    api.post("virtualization/clusters", {"name": "c1", "type": 1, "scope_type": "dcim.site", "scope_id": 1})
    common = {"device_type": {"slug": "c9300"}, "role": {"slug": "switch"}}
    first = {"name": "sw1", "site": 1, "location": 2, "rack": 1, "platform": 2, "tenant": 1, "tags": [{"slug": "lab"}]}
    second = {"name": "sw2", "site": 1, "status": "planned", "serial": "S2", "tags": [{"name": "Lab"}, {"slug": "dmz"}]}
    api.post("dcim/devices", [common | first, common | second, common | {"name": "sw3", "site": {"slug": "par"}}])
    api.post("dcim/interfaces", [{"device": n, "name": "eth0", "type": "1000base-t"} for n in (1, 2, 3)])
    on = {"assigned_object_type": "dcim.interface"}
    api.post("ipam/ip-addresses", [{"address": f"10.0.0.{n}/24", "assigned_object_id": n, **on} for n in (1, 2, 3)])
    api.patch("dcim/devices", [{"id": 1, "primary_ip4": 1}])
    api.post("virtualization/virtual-machines", {"name": "vm1", "cluster": {"name": "c1"}, "role": {"slug": "switch"}})
    return api
