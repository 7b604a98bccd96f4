"""What a company has before its first device: places, roles, vendors, types, platforms, tenants, tags."""

from __future__ import annotations

from dataclasses import dataclass

#: Marks a NetBox that an estate was loaded into; its description says which one. See load.py.
MARKER_TAG = "lab-estate"


@dataclass(frozen=True, slots=True)
class City:
    name: str
    code: str
    latitude: float
    longitude: float
    country: str
    time_zone: str


#: continent -> its countries
COUNTRIES: dict[str, tuple[str, ...]] = {
    "Europe": ("Germany", "Switzerland", "Poland", "Bulgaria"),
    "Americas": ("United States", "Canada", "Brazil"),
    "Asia Pacific": ("Japan", "Singapore", "Australia"),
}

#: The first four carry the first block of every estate, so that the smallest one has three continents too.
CITIES: tuple[City, ...] = (
    City("Hamburg", "ham", 53.5511, 9.9937, "Germany", "Europe/Berlin"),
    City("München", "muc", 48.1374, 11.5755, "Germany", "Europe/Berlin"),
    City("Austin", "aus", 30.2672, -97.7431, "United States", "America/Chicago"),
    City("Tokyo", "tyo", 35.6762, 139.6503, "Japan", "Asia/Tokyo"),
    City("Berlin", "ber", 52.5200, 13.4050, "Germany", "Europe/Berlin"),
    City("Zürich", "zrh", 47.3769, 8.5417, "Switzerland", "Europe/Zurich"),
    City("Genève", "gva", 46.2044, 6.1432, "Switzerland", "Europe/Zurich"),
    City("Gdańsk", "gdn", 54.3520, 18.6466, "Poland", "Europe/Warsaw"),
    City("Sofia", "sof", 42.6977, 23.3219, "Bulgaria", "Europe/Sofia"),
    City("Denver", "den", 39.7392, -104.9903, "United States", "America/Denver"),
    City("Chicago", "chi", 41.8781, -87.6298, "United States", "America/Chicago"),
    City("Montréal", "yul", 45.5019, -73.5674, "Canada", "America/Toronto"),
    City("São Paulo", "gru", -23.5558, -46.6396, "Brazil", "America/Sao_Paulo"),
    City("Osaka", "osa", 34.6937, 135.5023, "Japan", "Asia/Tokyo"),
    City("Singapore", "sin", 1.3521, 103.8198, "Singapore", "Asia/Singapore"),
    City("Sydney", "syd", -33.8688, 151.2093, "Australia", "Australia/Sydney"),
)

#: (slug, name, parent slug)
SITE_GROUPS: tuple[tuple[str, str, str | None], ...] = (
    ("data-centres", "Data centres", None),
    ("offices", "Offices", None),
    ("headquarters", "Headquarters", "offices"),
    ("branches", "Branches", "offices"),
)

#: (slug, name, parent slug, colour, also for virtual machines)
ROLES: tuple[tuple[str, str, str | None, str, bool], ...] = (
    ("network", "Network", None, "2196f3", False),
    ("server", "Server", None, "4caf50", True),
    ("power", "Power", None, "ff9800", False),
    ("switch", "Switch", "network", "03a9f4", False),
    ("router", "Router", "network", "3f51b5", False),
    ("firewall", "Firewall", "network", "f44336", True),
    ("access-point", "Access point", "network", "00bcd4", False),
    ("console-server", "Console server", "network", "607d8b", False),
    ("hypervisor", "Hypervisor", "server", "8bc34a", False),
    ("application-server", "Application server", "server", "cddc39", True),
    ("database-server", "Database server", "server", "795548", True),
    ("pdu", "PDU", "power", "ffc107", False),
    ("ups", "UPS", "power", "ff5722", False),
    ("access", "Access switch", "switch", "29b6f6", False),
    ("distribution", "Distribution switch", "switch", "0288d1", False),
    ("core", "Core switch", "switch", "01579b", False),
)

MANUFACTURERS: dict[str, str] = {
    "cisco": "Cisco",
    "juniper": "Juniper",
    "arista": "Arista",
    "fortinet": "Fortinet",
    "hpe": "HPE",
    "dell": "Dell",
    "mikrotik": "MikroTik",
    "ubiquiti": "Ubiquiti",
    "apc": "APC",
    "opengear": "Opengear",
}

#: (slug, name, parent slug, manufacturer slug). NetBox refuses a platform whose manufacturer is not the device type's.
PLATFORMS: tuple[tuple[str, str, str | None, str | None], ...] = (
    ("cisco-ios", "Cisco IOS", None, "cisco"),
    ("cisco-nx-os", "Cisco NX-OS", None, "cisco"),
    ("junos", "Junos", None, "juniper"),
    ("arista-eos", "Arista EOS", None, "arista"),
    ("fortios", "FortiOS", None, "fortinet"),
    ("routeros", "RouterOS", None, "mikrotik"),
    ("airos", "airOS", None, "ubiquiti"),
    ("linux", "Linux", None, None),
    ("windows", "Windows", None, None),
    ("vmware-esxi", "VMware ESXi", None, None),
    ("cisco-ios-xe", "Cisco IOS XE", "cisco-ios", "cisco"),
    ("debian", "Debian", "linux", None),
    ("ubuntu", "Ubuntu", "linux", None),
    ("windows-server-2022", "Windows Server 2022", "windows", None),
    ("debian-12", "Debian 12", "debian", None),
    ("ubuntu-24-04", "Ubuntu 24.04", "ubuntu", None),
)


@dataclass(frozen=True, slots=True)
class Model:
    """A device type, and what a device of it runs and how it is managed. `height` is in rack units, 0 for none."""

    slug: str
    manufacturer: str
    model: str
    part_number: str
    height: int
    management: str
    platforms: tuple[str | None, ...]
    oob: str | None = None


SERVER_PLATFORMS = ("debian-12", "ubuntu-24-04", "windows-server-2022")

#: role slug -> the models in use for it
MODELS: dict[str, tuple[Model, ...]] = {
    "access": (
        Model("c9200-48p", "cisco", "Catalyst 9200-48P", "C9200-48P-E", 1, "Vlan1", ("cisco-ios-xe",)),
        Model("c2960x-48", "cisco", "Catalyst 2960X-48", "WS-C2960X-48FPD-L", 1, "Vlan1", ("cisco-ios",)),
        Model("ex2300-48p", "juniper", "EX2300-48P", "EX2300-48P", 1, "vme.0", ("junos",)),
    ),
    "distribution": (
        Model("c9500-24y4c", "cisco", "Catalyst 9500-24Y4C", "C9500-24Y4C-A", 1, "Mgmt0/0", ("cisco-ios-xe",)),
        Model("ex4400-24t", "juniper", "EX4400-24T", "EX4400-24T", 1, "me0", ("junos",)),
    ),
    "core": (
        Model("n9k-c93180", "cisco", "Nexus 93180YC-FX", "N9K-C93180YC-FX", 1, "mgmt0", ("cisco-nx-os",)),
        Model("dcs-7050sx3", "arista", "DCS-7050SX3-48YC8", "DCS-7050SX3", 1, "Management1", ("arista-eos",)),
    ),
    "router": (
        Model("isr4331", "cisco", "ISR 4331/K9", "ISR4331/K9", 1, "GigabitEthernet0", ("cisco-ios-xe",)),
        Model("ccr2004", "mikrotik", "CCR2004-16G-2S+", "CCR2004-16G-2S+", 1, "ether1", ("routeros",)),
    ),
    "firewall": (
        Model("fg-100f", "fortinet", "FortiGate 100F", "FG-100F", 1, "mgmt", ("fortios",)),
        Model("srx340", "juniper", "SRX340", "SRX340-SYS-JB", 1, "fxp0", ("junos",)),
    ),
    "access-point": (
        Model("rocket-m5", "ubiquiti", "Rocket M5", "ROCKET-M5", 0, "eth0", ("airos",)),
        Model("c9120axi", "cisco", "Catalyst 9120AXI", "C9120AXI-E", 0, "GigabitEthernet0", (None,)),
    ),
    "console-server": (Model("om1208", "opengear", "OM1208-8E", "OM1208-8E", 1, "net1", (None,)),),
    "hypervisor": (
        Model("dl380-gen10", "hpe", "ProLiant DL380 Gen10", "868703-B21", 2, "vmk0", ("vmware-esxi",), "iLO"),
        Model("r740", "dell", "PowerEdge R740", "210-AKXJ", 2, "vmbr0", ("debian-12",), "iDRAC"),
    ),
    "application-server": (
        Model("dl360-gen10", "hpe", "ProLiant DL360 Gen10", "867959-B21", 1, "eno1", SERVER_PLATFORMS, "iLO"),
        Model("r640", "dell", "PowerEdge R640", "210-AKWU", 1, "eno1", SERVER_PLATFORMS, "iDRAC"),
    ),
    "database-server": (
        Model("r750", "dell", "PowerEdge R750", "210-AYCG", 2, "eno1", ("debian-12", "ubuntu-24-04"), "iDRAC"),
    ),
    "pdu": (Model("ap8853", "apc", "Rack PDU AP8853", "AP8853", 0, "Network", (None,)),),
    "ups": (Model("srt5000", "apc", "Smart-UPS SRT 5000", "SRT5KRMXLI", 3, "Network", (None,)),),
}

#: tenant group slug -> (name, parent slug)
TENANT_GROUPS: dict[str, tuple[str, str | None]] = {
    "internal": ("Internal", None),
    "customers": ("Customers", None),
    "corporate": ("Corporate", "internal"),
}

#: tenant slug -> (name, group slug)
TENANTS: dict[str, tuple[str, str | None]] = {
    "it-operations": ("IT Operations", "corporate"),
    "finance": ("Finance & Controlling", "corporate"),
    "production": ("Production", "internal"),
    "nordsee-logistik": ("Nordsee Logistik GmbH", "customers"),
    "blue-mesa": ("Blue Mesa Retail Inc.", "customers"),
    "research-lab": ("Research lab", None),
}

#: slug -> name
TAGS: dict[str, str] = {
    "critical": "critical",
    "lab": "lab",
    "dmz": "DMZ",
    "pci": "PCI",
    "legacy": "legacy",
    "edge": "Edge / branch",
}
CLUSTER_TYPES: dict[str, str] = {"vmware": "VMware vSphere", "proxmox": "Proxmox VE", "cloud": "Public cloud"}
CLUSTER_GROUPS: dict[str, str] = {"production": "Production", "test": "Test"}

SYNC_STATUSES = ("in_sync", "pending", "drifted", "both", "missing", "excluded", "archived", "conflict", "failed")
SERVICE_LEVELS = ("gold", "silver", "bronze")
OWNERS = ("netops@example.net", "serverteam@example.net", "J. Müller", "Иванова А.", "")

#: Virtual machines have one status that devices have not, and lack "inventory".
DEVICE_STATUSES = ("active", "planned", "staged", "failed", "offline", "inventory", "decommissioning")
VM_STATUSES = ("active", "planned", "staged", "failed", "offline", "paused", "decommissioning")


def slugify(text: str) -> str:
    """A slug as NetBox makes one for the names used here."""
    plain = text.translate(str.maketrans("äöüßèéãńáÄÖÜ", "aouseeanaAOU")).lower()
    return "-".join("".join(letter if letter.isalnum() and letter.isascii() else " " for letter in plain).split())
