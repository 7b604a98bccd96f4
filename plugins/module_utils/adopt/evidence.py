# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may show that a Zabbix host which is not ours is that of a NetBox object. Pure: both sides as plain values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from ..netbox.objects import DEVICE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE, NetBoxObject
from ..policy.names import HostNames
from ..zabbix.objects import ZabbixHost

#: kinds of evidence, in the words of a report
LINK, EXPORT, NBXSYNC, DEFAULT_TAG = "zabbix_hostid", "export of another tool", "nbxsync's tags", "default tag"
TECHNICAL, VISIBLE, SHORT = "technical name", "visible name", "name without domain or case"
ADDRESS, DNS, SERIAL, ASSET_TAG = "address", "DNS name", "serial number", "asset tag"
#: how likely one kind of evidence alone makes a host that of the object, in per cent. An identity that another tool
#: left weighs most; a default tag holds a number that a device and a virtual machine may share; an address moves from
#: one device to the next.
POINTS = {
    LINK: 99,
    EXPORT: 97,
    NBXSYNC: 97,
    TECHNICAL: 80,
    VISIBLE: 70,
    SERIAL: 70,
    ASSET_TAG: 70,
    DEFAULT_TAG: 60,
    SHORT: 50,
    ADDRESS: 40,
    DNS: 40,
}
#: ... and where several objects or several hosts have the same value
SHARED = 20
#: what can be shared without anything being wrong
_SHARED_KINDS = frozenset({ADDRESS, DNS, SERIAL, ASSET_TAG})
#: the tags of nbxsync, and its words for our kinds
_NB_TYPE, _NB_ID = "nb_type", "nb_id"
_NB_KINDS = {DEVICE: "device", VIRTUAL_MACHINE: "virtualmachine", VIRTUAL_DEVICE_CONTEXT: "virtualdevicecontext"}
_SERIALS = ("serialno_a", "serialno_b")


@dataclass(frozen=True, slots=True)
class Subject:
    """A NetBox object as far as a host may be known by it.

    `host`, `name`: what we would call its host; `link`: the host id in its custom field; `exported`: those in
    what was exported from another tool; `addresses`, `dns_names`: of
    all its interfaces; `excluded`: why it is no host at all, empty for one that is.
    """

    ref: str
    label: str
    host: str
    name: str
    status: str = ""
    serial: str = ""
    asset_tag: str = ""
    link: str = ""
    addresses: frozenset[str] = frozenset()
    dns_names: frozenset[str] = frozenset()
    excluded: str = ""
    exported: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """A Zabbix host. `discovered`: whether Zabbix's discovery made it."""

    live: ZabbixHost
    discovered: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that both sides have. `points`: see POINTS; `value`: what it is, for people."""

    kind: str
    points: int
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


def subject(netbox_object: NetBoxObject, names: HostNames, more: Iterable[Mapping[str, str]], why: str = "") -> Subject:
    """Return what is known of an object. `more`: addresses of its interfaces, as `{address, dns_name}`; `why`: it is
    excluded.
    """
    given = netbox_object.attributes
    own = [given.get(name) for name in ("primary_ip", "primary_ip4", "primary_ip6", "oob_ip")]
    rows = [row for row in own if row] + list(more)
    link = (given.get("custom_fields") or {}).get("zabbix_hostid")
    return Subject(
        netbox_object.ref,
        netbox_object.label,
        names.host,
        names.name,
        str(given.get("status") or ""),
        str(given.get("serial") or "").strip(),
        str(given.get("asset_tag") or "").strip(),
        str(link or ""),
        frozenset(filter(None, (plain_address(row["address"]) for row in rows))),
        frozenset(row["dns_name"].casefold().rstrip(".") for row in rows if row.get("dns_name")),
        why,
    )


def plain_address(text: str) -> str:
    """Return an address in its one usual form, empty for what is none or names no machine (127.0.0.1, link-local)."""
    try:
        address = ip_address(text.partition("/")[0].partition("%")[0].strip())
    except ValueError:
        return ""
    return "" if address.is_loopback or address.is_link_local or address.is_unspecified else str(address)


def short_name(name: str) -> str:
    """Return a name in small letters without its domain; an address stays whole."""
    name = name.strip().casefold()
    return name if plain_address(name) else name.partition(".")[0]


@dataclass(slots=True)
class Clues:
    """All hosts by what they may be known by: kind of evidence -> value -> host ids.

    `default_tag`: the tag in which pergus' plugin put the number of the object, empty for none.
    """

    default_tag: str = ""
    hosts: dict[str, Found] = field(default_factory=dict)
    _by: dict[str, defaultdict[str, set[str]]] = field(
        default_factory=lambda: {kind: defaultdict(set) for kind in POINTS}
    )
    _objects: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in POINTS})

    def add_host(self, found: Found) -> None:
        """Take in a host."""
        self.hosts[found.live.hostid] = found
        for kind, value in self._of_host(found.live):
            self._by[kind][value].add(found.live.hostid)

    def add_subjects(self, subjects: Iterable[Subject]) -> None:
        """Take in all objects, to know what several of them have."""
        for one in subjects:
            for kind, value in set(self._of_subject(one)):
                self._objects[kind][value] += 1

    def of(self, one: Subject) -> dict[str, list[Evidence]]:
        """Return the evidence that there is for an object, by host id, the best first."""
        found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        for kind, value in self._of_subject(one):
            for hostid in self._by[kind].get(value, ()):
                found[hostid].setdefault(kind, []).append(value)
        return {hostid: list(self._judged(kinds)) for hostid, kinds in found.items()}

    def _judged(self, kinds: Mapping[str, Sequence[str]]) -> Iterator[Evidence]:
        for kind, points in POINTS.items():
            if kind not in kinds or (kind == SHORT and kinds.keys() & {TECHNICAL, VISIBLE}):
                continue
            values = sorted(set(kinds[kind]))
            if kind in _SHARED_KINDS and all(self._shared(kind, value) for value in values):
                points = SHARED
            elif kind == ADDRESS and len(values) > 1:
                points += SHARED
            yield Evidence(kind, points, ", ".join(values))

    def _shared(self, kind: str, value: str) -> bool:
        return len(self._by[kind][value]) > 1 or self._objects[kind][value] > 1

    def _of_host(self, live: ZabbixHost) -> Iterator[tuple[str, str]]:
        yield LINK, live.hostid
        yield EXPORT, live.hostid
        yield TECHNICAL, live.host
        yield VISIBLE, live.name
        yield SHORT, short_name(live.host)
        yield SHORT, short_name(live.name)
        for type_ in live.tag(_NB_TYPE):
            for number in live.tag(_NB_ID):
                yield NBXSYNC, f"{type_} {number}"
        for number in live.tag(self.default_tag) if self.default_tag else ():
            yield DEFAULT_TAG, number
        for interface in live.interfaces:
            if address := plain_address(interface.ip):
                yield ADDRESS, address
            if interface.dns:
                yield DNS, interface.dns.casefold().rstrip(".")
        for name in _SERIALS:
            if value := live.inventory.get(name, "").strip():
                yield SERIAL, value.casefold()
        if value := live.inventory.get("asset_tag", "").strip():
            yield ASSET_TAG, value.casefold()

    def _of_subject(self, one: Subject) -> Iterator[tuple[str, str]]:
        kind, dummy, number = one.ref.partition(":")
        if one.link:
            yield LINK, one.link
        for hostid in one.exported:
            yield EXPORT, hostid
        yield NBXSYNC, f"{_NB_KINDS[kind]} {number}"
        yield DEFAULT_TAG, number
        for name in filter(None, (one.host, one.name)):
            yield TECHNICAL, name
            yield VISIBLE, name
            yield SHORT, short_name(name)
        for address in one.addresses:
            yield ADDRESS, address
        # an interface may have a name where NetBox knows only what the object is called
        for name in {*one.dns_names, one.name.casefold(), one.host.casefold()} - {""}:
            yield DNS, name
        if one.serial:
            yield SERIAL, one.serial.casefold()
        if one.asset_tag:
            yield ASSET_TAG, one.asset_tag.casefold()


def score(evidence: Iterable[Evidence]) -> int:
    """Return how likely all of it together makes a host that of an object, in per cent."""
    doubt = 1.0
    for one in evidence:
        doubt *= 1 - one.points / 100
    return round(100 * (1 - doubt))


def against(one: Subject, live: ZabbixHost, evidence: Iterable[Evidence]) -> str:
    """Return what speaks against it: another serial number; empty where nothing does."""
    known = [value for name in _SERIALS if (value := live.inventory.get(name, "").strip())]
    if not one.serial or not known or any(item.kind == SERIAL for item in evidence):
        return ""
    return f"the serial number is {one.serial} in NetBox and {' and '.join(known)} in the host's inventory"
