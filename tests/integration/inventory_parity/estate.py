"""A small estate with one of everything that an inventory shows, and the names that give trouble.

Time zones have no summer time, since nb_inventory groups by the offset of the day on which it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab.estate.api import Api

Rows = list[dict[str, Any]]

DEVICE, VM = "dcim.device", "virtualization.virtualmachine"
#: devices in the order of their ids: name, site, and what is particular to them
DEVICES: Rows = [
    {"name": "ber-core-1", "rack": "R1", "tags": ["core", "lab"], "tenant": "acme", "serial": "S1", "asset_tag": "A1"},
    {"name": "ber-acc-1", "rack": "R2", "tags": ["lab"], "role": "access", "status": "planned", "platform": None},
    {"name": "ber-bare", "role": "patch-panel", "type": "pp24", "platform": None, "status": "offline"},
    {"name": "tyo-fw-1", "site": "tyo-1", "role": "firewall", "type": "pa440", "platform": "panos", "tenant": "globex"},
    {
        "name": "tyo-srv-1",
        "site": "tyo-1",
        "role": "server",
        "type": "r640",
        "platform": "debian",
        "cluster": "tyo-kvm",
    },
    {"name": "stack-1", "site": "phx", "role": "access"},
    {"name": "STACK-2", "site": "phx", "role": "access"},
    {"name": "lone", "site": "lone", "role": "server", "type": "r640", "platform": "debian"},
    {"name": "class-1", "site": "class", "role": "server", "type": "r640", "tenant": "acme"},
    {"name": "twin", "site": "tyo-1", "role": "server", "type": "r640", "serial": "T1", "tenant": "acme"},
    {"name": "twin", "site": "lone", "role": "access", "asset_tag": "T2"},
    {"name": None, "site": "lone", "role": "patch-panel", "type": "pp24", "serial": "S99"},
    {"name": "rack 7, äußeres Tor", "site": "lone", "role": "firewall", "type": "pa440"},
    {"name": "line[01:02]", "site": "lone", "role": "access"},
    {"name": "{{ lookup('pipe', 'id') }}", "site": "lone", "role": "access"},
    {
        "name": "host:22",
        "site": "class",
        "role": "access",
        "local_context_data": {"own": {"x": 1}, "dns": ["192.0.2.1"]},
    },
]
VMS: Rows = [
    {"name": "web-1", "cluster": "tyo-kvm", "device": "tyo-srv-1", "memory": 2048, "vcpus": 2, "tags": ["lab"]},
    {
        "name": "db-1",
        "cluster": "tyo-kvm",
        "status": "staged",
        "platform": "debian",
        "tenant": "globex",
        "memory": 4096,
    },
    {"name": "off-1", "cluster": "cloud", "status": "offline", "disk": 10},
    {"name": "lone", "cluster": "cloud", "memory": 512, "local_context_data": {"own": {"y": 2}}},
    {"name": "in-a-site", "site": "ber-1"},
]
#: (device or virtual machine, interface, address, name in the DNS, primary)
ADDRESSES: list[tuple[str, str, str, str, str]] = [
    ("ber-core-1", "mgmt0", "192.0.2.10/24", "ber-core-1.example.net", "primary_ip4"),
    ("ber-core-1", "mgmt0", "2001:db8::10/64", "ber-core-1-v6.example.net", "primary_ip6"),
    ("ber-core-1", "Loopback0", "198.51.100.1/32", "", ""),
    ("ber-core-1", "oob", "203.0.113.10/24", "ber-core-1-oob.example.net", "oob_ip"),
    ("ber-acc-1", "mgmt0", "192.0.2.11/24", "", "primary_ip4"),
    ("tyo-fw-1", "mgmt0", "2001:db8::12/64", "tyo-fw-1.example.net", "primary_ip6"),
    ("tyo-srv-1", "mgmt0", "192.0.2.13/24", "", "primary_ip4"),
    ("tyo-srv-1", "oob", "203.0.113.13/24", "", "oob_ip"),
    ("stack-1", "Vlan1", "192.0.2.14/24", "stack.example.net", "primary_ip4"),
    ("STACK-2", "Gi2/0/1", "192.0.2.15/24", "", ""),
    ("web-1", "eth0", "192.0.2.21/24", "web-1.example.net", "primary_ip4"),
    ("web-1", "eth0", "192.0.2.22/24", "", ""),
    ("db-1", "eth0", "192.0.2.23/24", "", "primary_ip4"),
]
#: (device or virtual machine, name, ports, address that it is bound to)
SERVICES = [
    ("ber-core-1", "ssh", "tcp", [22], "192.0.2.10/24"),
    ("ber-core-1", "snmp", "udp", [161, 162], ""),
    ("web-1", "https", "tcp", [443, 8443], ""),
    ("web-1", "ssh", "tcp", [22], ""),
    ("STACK-2", "ssh", "tcp", [22], ""),
]


def build(api: Api) -> None:
    """Make the estate in an empty NetBox; the same ids each time where nothing was made before."""
    _foundation(api)
    _hosts(api)
    _addresses(api)
    _attached(api)


def _named(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "slug": name.lower().replace(" ", "-"), **more}


def _tree(api: Api, endpoint: str, *paths: str, **more: Any) -> None:
    """Nodes by their path, parents first."""
    for path in paths:
        parent, dummy, name = path.rpartition("/")
        above = {"parent": {"slug": parent.rpartition("/")[2].lower()}} if parent else {}
        api.create(endpoint, [_named(name, **above, **more)])


def _foundation(api: Api) -> None:
    api.create("extras/tags", [_named(name) for name in ("core", "lab", "unused")])
    _custom_fields(api)
    _tree(api, "dcim/regions", "Europe", "Europe/Germany", "Europe/Germany/Berlin", "Asia", "Asia/Tokyo", "Empty")
    _tree(api, "dcim/site-groups", "Centres", "Centres/Tier-3", "Branches")
    api.create("tenancy/tenant-groups", [_named("Customers")])
    api.create("tenancy/tenants", [_named("ACME", group={"slug": "customers"}), _named("Globex")])
    tokyo = {"time_zone": "Asia/Tokyo", "region": {"slug": "tokyo"}, "group": {"slug": "branches"}}
    api.create(
        "dcim/sites",
        [
            _named("Ber 1", region={"slug": "berlin"}, group={"slug": "tier-3"}, facility="DC-7", time_zone="UTC"),
            _named("Tyo 1", **tokyo, facility="Minato", physical_address="1-1", latitude=35.5, tags=[{"slug": "core"}]),
            _named("Phx", time_zone="America/Phoenix", region={"slug": "europe"}, tenant={"slug": "acme"}),
            _named("lone"),
            _named("class", group={"slug": "centres"}),
            _named("without-anything"),
        ],
    )
    for name, site, parent in (
        ("Hall", "ber-1", ""),
        ("Cage", "ber-1", "hall"),
        ("Cellar", "tyo-1", ""),
        ("Cellar", "phx", ""),
    ):
        above = {"parent": {"slug": parent}} if parent else {}
        api.create("dcim/locations", [_named(name, site={"slug": site}, **above)])
    api.create("dcim/rack-roles", [_named("Network"), _named("Compute")])
    racks: Rows = [
        {"name": "R1", "site": {"slug": "ber-1"}, "location": {"slug": "cage"}, "role": {"slug": "network"}},
        {"name": "R2", "site": {"slug": "ber-1"}, "location": {"slug": "hall"}},
        {"name": "R1", "site": {"slug": "tyo-1"}, "role": {"slug": "compute"}},
    ]
    api.create("dcim/racks", racks)
    api.create("dcim/manufacturers", [_named(name) for name in ("Cisco", "Palo Alto", "Dell", "Panduit")])
    types = (("C9300", "cisco"), ("PA440", "palo-alto"), ("R640", "dell"), ("PP24", "panduit"))
    api.create(
        "dcim/device-types",
        [{"manufacturer": {"slug": maker}, "model": model, "slug": model.lower()} for model, maker in types],
    )
    _tree(api, "dcim/device-roles", "Network", "Network/Access", "Network/Firewall", "Server", "Patch-panel")
    _tree(api, "dcim/platforms", "IOS", "IOS/IOS-XE", "PANOS", "Debian")
    api.create("virtualization/cluster-types", [_named("KVM"), _named("Cloud")])
    api.create("virtualization/cluster-groups", [_named("Production")])
    scope = {"scope_type": "dcim.site", "scope_id": _id(api, "dcim/sites", slug="tyo-1")}
    clusters: Rows = [
        {"name": "tyo-kvm", "type": {"slug": "kvm"}, "group": {"slug": "production"}, **scope},
        {"name": "cloud", "type": {"slug": "cloud"}},
    ]
    api.create("virtualization/clusters", clusters)
    contexts: Rows = [
        {"name": "all", "weight": 100, "data": {"ntp": ["192.0.2.123"], "dns": ["192.0.2.53"], "own": {"z": 0}}},
        {"name": "lab", "weight": 200, "data": {"ntp": ["192.0.2.124"], "note": "lab"}, "tags": ["lab"]},
    ]
    api.create("extras/config-contexts", contexts)


def _custom_fields(api: Api) -> None:
    choices = [["gold", "Gold"], ["silver", "Silver"]]
    api.create("extras/custom-field-choice-sets", [{"name": "levels", "extra_choices": choices}])
    both = {"object_types": [DEVICE, VM]}
    api.create(
        "extras/custom-fields",
        [
            {"name": "alias", "type": "text", **both},
            {"name": "cost", "type": "integer", **both},
            {"name": "managed", "type": "boolean", **both},
            {"name": "level", "type": "select", "choice_set": {"name": "levels"}, **both},
            {"name": "levels", "type": "multiselect", "choice_set": {"name": "levels"}, **both},
            {"name": "extra", "type": "json", **both},
            {"name": "home", "type": "object", "related_object_type": "dcim.site", **both},
        ],
    )


def _hosts(api: Api) -> None:
    home = _id(api, "dcim/sites", slug="phx")
    special = {
        "ber-core-1": {"cost": 7, "managed": True, "level": "gold", "levels": ["gold", "silver"], "home": home},
        "web-1": {"cost": 0, "managed": False, "extra": {"a": [1, {"b": None}]}},
    }
    for number, given in enumerate([*DEVICES, *VMS]):
        is_device = number < len(DEVICES)
        row = dict(given)
        fields = {"alias": f"alias-{number}", **special.get(row["name"], {})}
        row["custom_fields"] = fields
        row["tags"] = [{"slug": one} for one in row.pop("tags", [])]
        if is_device:
            row.setdefault("site", "ber-1")
            row.setdefault("role", "network")
            row.setdefault("platform", "ios-xe" if row.get("type") is None else None)
            row["device_type"] = {"slug": row.pop("type", "c9300")}
            if "rack" in row:
                rack = next(api.rows("dcim/racks", name=row["rack"], site=row["site"]))
                row |= {"rack": rack["id"], "location": rack["location"]["id"]}
        for name in ("site", "role", "platform", "tenant"):
            if row.get(name) is not None:
                row[name] = {"slug": row[name]}
        if row.get("cluster"):
            row["cluster"] = {"name": row["cluster"]}
        if row.get("device"):
            row["device"] = {"name": row["device"]}
        api.create("dcim/devices" if is_device else "virtualization/virtual-machines", [row])
    _stack(api)


def _stack(api: Api) -> None:
    """A virtual chassis with two members, one without a master."""
    ids = [_id(api, "dcim/devices", name=name) for name in ("stack-1", "STACK-2")]
    chassis = api.create("dcim/virtual-chassis", [{"name": "stack"}])[0]["id"]
    member = {"virtual_chassis": chassis}
    api.update("dcim/devices", [{"id": number, "vc_position": at, **member} for at, number in enumerate(ids, 1)])
    api.update("dcim/virtual-chassis", [{"id": chassis, "master": ids[0]}])
    headless = api.create("dcim/virtual-chassis", [{"name": "headless"}])[0]["id"]
    alone = _id(api, "dcim/devices", name="ber-acc-1")
    api.update("dcim/devices", [{"id": alone, "virtual_chassis": headless, "vc_position": 1}])


def _addresses(api: Api) -> None:
    interfaces: dict[tuple[str, str], int] = {}
    for owner, name, address, dns_name, primary in ADDRESSES:
        path, number = _owner(api, owner)
        is_device = path == "dcim/devices"
        kind = ("dcim" if is_device else "virtualization") + "/interfaces"
        if (owner, name) not in interfaces:
            parent = {"device": number, "type": "virtual"} if is_device else {"virtual_machine": number}
            more = {"tags": [{"slug": "core"}], "description": "up"} if name == "Loopback0" else {}
            interfaces[owner, name] = api.create(kind, [{"name": name, **parent, **more}])[0]["id"]
        assigned: dict[str, Any] = {
            "assigned_object_type": "dcim.interface" if is_device else "virtualization.vminterface",
            "assigned_object_id": interfaces[owner, name],
        }
        made = api.create("ipam/ip-addresses", [{"address": address, "dns_name": dns_name, **assigned}])[0]["id"]
        if primary:
            api.update(path, [{"id": number, primary: made}])
    ports: Rows = [
        {"device": _id(api, "dcim/devices", name="ber-core-1"), "name": "Po1", "type": "lag"},
        {"device": _id(api, "dcim/devices", name="lone"), "name": "eno1", "type": "1000base-t", "enabled": False},
    ]
    made_ports = api.create("dcim/interfaces", ports)
    member = {"name": "Te1/1/1", "type": "10gbase-x-sfpp", "lag": made_ports[0]["id"], "mtu": 9000}
    api.create("dcim/interfaces", [{"device": ports[0]["device"], **member}])
    api.create("ipam/ip-addresses", [{"address": "192.0.2.99/24", "dns_name": "nobody.example.net"}])


def _attached(api: Api) -> None:
    for owner, name, protocol, numbers, address in SERVICES:
        path, number = _owner(api, owner)
        parent = {"parent_object_type": DEVICE if path == "dcim/devices" else VM, "parent_object_id": number}
        bound = [_id(api, "ipam/ip-addresses", address=address)] if address else []
        service = {"name": name, "protocol": protocol, "ports": numbers, "ipaddresses": bound}
        api.create("ipam/services", [{**service, **parent}])
    web = _id(api, "virtualization/virtual-machines", name="web-1")
    disks: Rows = [{"virtual_machine": web, "name": name, "size": size} for name, size in (("sda", 20), ("sdb", 40))]
    api.create("virtualization/virtual-disks", disks)
    site = {"scope_type": "dcim.site", "scope_id": _id(api, "dcim/sites", slug="tyo-1")}
    region = {"scope_type": "dcim.region", "scope_id": _id(api, "dcim/regions", slug="asia")}
    prefixes: Rows = [
        {"prefix": "192.0.2.0/24", **site},
        {"prefix": "2001:db8::/64", "status": "reserved", "description": "six", **site},
        {"prefix": "198.51.100.0/24", **region},
        {"prefix": "203.0.113.0/24"},
    ]
    api.create("ipam/prefixes", prefixes)


def _owner(api: Api, name: str) -> tuple[str, int]:
    is_device = any(row["name"] == name for row in DEVICES)
    path = "dcim/devices" if is_device else "virtualization/virtual-machines"
    return path, _id(api, path, name=name)


def _id(api: Api, endpoint: str, **params: str) -> int:
    """The one object that fits."""
    found: Iterator[dict[str, Any]] = api.rows(endpoint, **params)
    return int(next(found)["id"])
