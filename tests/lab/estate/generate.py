"""Makes an estate: deterministic by seed, and a larger estate begins with the objects of the smaller one."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

from . import catalog, foundation, special
from .catalog import MODELS, Model, slugify
from .model import Estate, Ref
from .places import Site, Slot, device_slots
from .special import Special

SMALLEST, LARGEST = 50, 50_000

#: every sixth object is a virtual machine
VM_EVERY = 6
RACK_UNITS = 42
#: each site has a /22 of 10.0.0.0/8: management addresses in its lower half, those of management controllers above
SITE_ADDRESSES, OOB_OFFSET = 1024, 512
IPV6_BASE = int(IPv6Address("2001:db8::"))

SERVERS = ("hypervisor", "application-server", "database-server")
ORDINARY = Special("")


@dataclass(slots=True)
class _SiteState:
    """What the generator remembers of a site while it fills it."""

    rooms: tuple[Ref, Ref]
    racks: dict[int, Ref] = field(default_factory=dict)
    next_unit: dict[int, int] = field(default_factory=dict)
    hosts: int = 0
    oobs: int = 0


def generate(objects: int, seed: int = 1) -> Estate:
    """The estate of a company with `objects` devices and virtual machines, about five to one."""
    if not SMALLEST <= objects <= LARGEST:
        raise ValueError(f"an estate has {SMALLEST} to {LARGEST} objects, not {objects}")
    return _Generator(objects, seed).run()


class _Generator:
    def __init__(self, objects: int, seed: int) -> None:
        self.estate = Estate(objects, seed)
        self.sites: dict[str, _SiteState] = {}
        self.data_centre: Site | None = None

    def run(self) -> Estate:
        foundation.lay(self.estate)
        self.estate.add(
            "clusters", "cloud", name="Cloud EU", type=Ref("cluster_types", "cloud"), status="active", scope_type=None
        )
        slots = device_slots(self.estate.seed)
        devices = vms = 0
        for index in range(self.estate.objects):
            rng = Random(f"{self.estate.seed}/object/{index}")
            if index % VM_EVERY == VM_EVERY - 1:
                self._virtual_machine(index, vms, rng)
                vms += 1
            else:
                self._device(index, devices, next(slots), rng)
                devices += 1
        return self.estate

    # -- sites and racks

    def _site(self, site: Site) -> _SiteState:
        if site.key in self.sites:
            return self.sites[site.key]
        rng = Random(f"{self.estate.seed}/site/{site.key}")
        kind, group, plan = {
            "dc": ("DC", "data-centres", (("building", "Building A"), ("hall", "Hall 1"))),
            "hq": ("HQ", "headquarters", (("building", "Main building"), ("floor-1", "1st floor"))),
            "branch": ("branch", "branches", (("office", "Office"), ("closet", "Wiring closet"))),
        }[site.kind]
        ref = self.estate.add(
            "sites",
            site.key,
            name=f"{site.city.name} {kind} {site.number}",
            slug=site.key,
            status="active",
            region=Ref("regions", site.city.code),
            group=Ref("site_groups", group),
            facility=f"{site.city.code.upper()}{site.number}",
            time_zone=site.city.time_zone,
            physical_address=f"{rng.randint(1, 199)} Station Road\n{site.city.name}\n{site.city.country}",
            latitude=round(site.city.latitude + rng.uniform(-0.05, 0.05), 6),
            longitude=round(site.city.longitude + rng.uniform(-0.05, 0.05), 6),
        )
        rooms: list[Ref] = []
        for slug, name in plan:
            parent = {"parent": rooms[-1]} if rooms else {}
            rooms.append(
                self.estate.add(
                    "locations", f"{site.key}/{slug}", name=name, slug=slug, site=ref, status="active", **parent
                )
            )
        if site.kind == "dc":
            self.data_centre = site
            for slug, group in (("vmware", "production"), ("proxmox", "test")):
                self.estate.add(
                    "clusters",
                    f"{site.key}/{slug}",
                    name=f"{site.city.name} {slug} {site.number}",
                    type=Ref("cluster_types", slug),
                    group=Ref("cluster_groups", group),
                    status="active",
                    scope_type="dcim.site",
                    scope_id=ref,
                )
        state = self.sites[site.key] = _SiteState((rooms[0], rooms[1]))
        return state

    def _place(self, slot: Slot, model: Model, state: _SiteState) -> dict[str, Any]:
        """Location, rack and position of a device; what hangs on a ceiling has no rack."""
        if slot.role == "access-point":
            return {"location": state.rooms[0]}
        rack, bottom = slot.rack, state.next_unit.get(slot.rack, 1)
        while bottom + model.height - 1 > RACK_UNITS:
            rack += 1000  # a further rack beside the full one
            bottom = state.next_unit.get(rack, 1)
        if rack not in state.racks:
            number = len(state.racks) + 1
            state.racks[rack] = self.estate.add(
                "racks",
                f"{slot.site.key}/{number}",
                name=f"R{number:02d}",
                site=Ref("sites", slot.site.key),
                location=state.rooms[1],
                status="active",
                u_height=RACK_UNITS,
                width=19,
            )
        place: dict[str, Any] = {"location": state.rooms[1], "rack": state.racks[rack]}
        if model.height:
            place |= {"position": bottom, "face": "front"}
            state.next_unit[rack] = bottom + model.height
        return place

    # -- devices and virtual machines

    def _device(self, index: int, ordinal: int, slot: Slot, rng: Random) -> None:
        key, site = f"d{index:05d}", slot.site
        state = self._site(site)
        awkward = special.DEVICES.get(ordinal, ORDINARY)
        model = rng.choice(MODELS[slot.role])
        if slot.stack:  # all members are of one type
            model = Random(f"{self.estate.seed}/{slot.stack}").choice(MODELS[slot.role])
        platform = rng.choice(model.platforms)
        tenant = special.TENANT_OF.get(ordinal) or (rng.choice(list(catalog.TENANTS)) if rng.random() < 0.8 else None)
        name = f"{site.city.code}-{site.kind}{site.number}-{slot.role}-{slot.number:02d}"
        payload: dict[str, Any] = {
            "name": self._name(index, name, slot, rng),
            "device_type": Ref("device_types", model.slug),
            "role": Ref("roles", slot.role),
            "platform": Ref("platforms", platform) if platform else None,
            "tenant": Ref("tenants", tenant) if tenant else None,
            "site": Ref("sites", site.key),
            "status": _status(rng, catalog.DEVICE_STATUSES, index),
            "serial": f"{model.manufacturer[:2].upper()}{rng.randrange(36**6):010d}" if rng.random() < 0.95 else "",
            "asset_tag": f"A{index:06d}" if rng.random() < 0.9 else None,
            "description": rng.choice(("", "", "replaced in spring", "contract 4711", "see the runbook")),
            "comments": rng.choice(("", "", "", "Bought used.\n\nNo support contract.")),
            **self._place(slot, model, state),
        }
        if slot.stack:
            payload |= self._stack(slot, key)
        if slot.role == "hypervisor":
            cluster = "vmware" if platform == "vmware-esxi" else "proxmox"
            payload["cluster"] = Ref("clusters", f"{site.key}/{cluster}")
        self._finish(payload, awkward, rng, edge=site.kind == "branch")
        ref = self.estate.add("devices", key, **payload)
        self._note(awkward, ref)

        update: dict[str, Ref] = {}
        addresses = awkward.addresses if awkward.addresses is not None else _families(rng)
        if slot.role == "pdu" or ordinal == special.OOB_ONLY:  # the power strips have no network port
            addresses = ""
        dns = f"{slugify(payload['name'] or key) or key}.mgmt.example.net"
        dns = dns if awkward.dns_names and rng.random() < 0.95 else ""
        if addresses:
            interface = self.estate.add(
                "interfaces", f"{key}/mgmt", device=ref, name=model.management, type=_interface_type(model.management)
            )
            update |= self._addresses(key, site, "dcim.interface", interface, addresses, dns)
        if slot.role in SERVERS and model.oob:
            interface = self.estate.add(
                "interfaces", f"{key}/oob", device=ref, name=model.oob, type="1000base-t", mgmt_only=True
            )
            state.oobs += 1
            address = f"{_ipv4(site, OOB_OFFSET + state.oobs)}/22"
            dns = f"oob-{dns}" if dns else ""
            update["oob_ip"] = self._address(f"{key}/oob", "dcim.interface", interface, address, dns)
        if ordinal == special.OOB_ONLY:
            self.estate.specials["only an out-of-band address"] = ref
        if update:
            self.estate.updates["devices"].add(key, **update)

    def _virtual_machine(self, index: int, ordinal: int, rng: Random) -> None:
        key, site = f"v{index:05d}", self.data_centre
        assert site is not None, "a data centre comes first"
        awkward = special.VIRTUAL_MACHINES.get(ordinal, ORDINARY)
        role = rng.choice(("application-server", "application-server", "database-server", "firewall"))
        platform = None if role == "firewall" else rng.choice(catalog.SERVER_PLATFORMS)
        cluster = rng.choices(("vmware", "proxmox", "cloud"), (60, 35, 5))[0]
        if ordinal in special.CLUSTERS:
            cluster = special.CLUSTERS[ordinal]
        # the public cloud has no site
        in_cloud = cluster == "cloud"
        purpose = rng.choice(("web", "mail", "erp", "git", "cache", "queue", "wiki", "proxy"))
        payload: dict[str, Any] = {
            "name": f"{site.city.code}-{purpose}-{index:05d}",
            "role": Ref("roles", role),
            "status": _status(rng, catalog.VM_STATUSES, index),
            "site": None if in_cloud else Ref("sites", site.key),
            "cluster": Ref("clusters", cluster if in_cloud else f"{site.key}/{cluster}"),
            "platform": Ref("platforms", platform) if platform else None,
            "tenant": Ref("tenants", rng.choice(list(catalog.TENANTS))) if rng.random() < 0.7 else None,
            "vcpus": rng.choice((1, 2, 4, 8, 1.5)),
            "memory": rng.choice((1024, 2048, 4096, 16384)),
            "disk": rng.choice((20_000, 40_000, 500_000)),
            "description": rng.choice(("", "", "ordered by ticket", "to be moved")),
        }
        self._finish(payload, awkward, rng, edge=False)
        ref = self.estate.add("virtual_machines", key, **payload)
        self._note(awkward, ref)
        addresses = awkward.addresses if awkward.addresses is not None else _families(rng)
        if addresses:
            interface = self.estate.add("vm_interfaces", f"{key}/eth0", virtual_machine=ref, name="eth0")
            dns = f"{slugify(payload['name']) or key}.example.net" if rng.random() < 0.95 else ""
            update = self._addresses(key, site, "virtualization.vminterface", interface, addresses, dns)
            self.estate.updates["virtual_machines"].add(key, **update)

    def _name(self, index: int, plain: str, slot: Slot, rng: Random) -> str | None:
        """Most devices are named after a plan, and as everywhere some are not."""
        if index < SMALLEST:
            return plain
        if slot.role == "firewall" and slot.site.kind == "dc" and slot.number == 1:
            return "fw-mgmt"  # in every data centre
        style = rng.random()
        odd = (
            (0.004, None),
            (0.008, f"Сервер-{index}"),
            (0.012, f"Prüfgerät {index} (Fräse)"),
            (0.016, f"{plain}: old/{index}"),
            (0.02, f"{{{{ {index}*7 }}}}"),
            (0.05, f"{plain}.corp.example.net"),
            (0.07, plain.upper()),
        )
        return next((name for limit, name in odd if style < limit), plain)

    def _finish(self, payload: dict[str, Any], awkward: Special, rng: Random, *, edge: bool) -> None:
        tags = ["edge"] if edge else []
        tags += [tag for tag, share in (("critical", 0.15), ("dmz", 0.05), ("pci", 0.04)) if rng.random() < share]
        tags += ["legacy"] if rng.random() < 0.03 else []
        payload["tags"] = [Ref("tags", tag) for tag in (*tags, *awkward.tags)]
        payload["custom_fields"] = {
            "service_level": rng.choice((*catalog.SERVICE_LEVELS, None)),
            "owner": rng.choice(catalog.OWNERS) or None,
            **awkward.custom_fields,
        }
        payload |= awkward.payload
        if payload.get("rack", payload) is None:  # nothing stands at a height of no rack
            payload.pop("position", None)
            payload.pop("face", None)

    def _note(self, awkward: Special, ref: Ref) -> None:
        if awkward.what:
            self.estate.specials[awkward.what] = ref

    def _stack(self, slot: Slot, key: str) -> dict[str, Any]:
        assert slot.stack is not None
        chassis = Ref("virtual_chassis", slot.stack)
        if slot.member == 1:
            self.estate.add("virtual_chassis", slot.stack, name=slot.stack, domain=slot.site.key)
            self.estate.updates["virtual_chassis"].add(slot.stack, master=Ref("devices", key))
        return {"virtual_chassis": chassis, "vc_position": slot.member, "vc_priority": 15 - slot.member}

    # -- addresses

    def _addresses(
        self, key: str, site: Site, interface_type: str, interface: Ref, families: str, dns: str
    ) -> dict[str, Ref]:
        state = self.sites[site.key]
        state.hosts += 1
        update = {}
        if "4" in families:
            address = f"{_ipv4(site, 9 + state.hosts)}/22"
            update["primary_ip4"] = self._address(f"{key}/4", interface_type, interface, address, dns)
        if "6" in families:
            address = f"{IPv6Address(IPV6_BASE + (site.ordinal << 64) + 9 + state.hosts)}/64"
            update["primary_ip6"] = self._address(f"{key}/6", interface_type, interface, address, dns)
        return update

    def _address(self, key: str, interface_type: str, interface: Ref, address: str, dns: str) -> Ref:
        return self.estate.add(
            "ip_addresses",
            key,
            address=address,
            status="active",
            dns_name=dns,
            assigned_object_type=interface_type,
            assigned_object_id=interface,
        )


def _ipv4(site: Site, host: int) -> IPv4Address:
    return IPv4Address((10 << 24) + site.ordinal * SITE_ADDRESSES + host)


def _families(rng: Random) -> str:
    return rng.choices(("4", "46", "6"), (66, 29, 5))[0]


def _status(rng: Random, statuses: tuple[str, ...], index: int) -> str:
    """Mostly active. The first objects are all active: there the awkward ones bring the other statuses."""
    status = rng.choices(statuses, (88, 3, 2, 2, 3, 1, 1))[0]
    return "active" if index < SMALLEST else status


def _interface_type(name: str) -> str:
    return "virtual" if name.startswith(("Vlan", "vm", "vme")) else "1000base-t"
