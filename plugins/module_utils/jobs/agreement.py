# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which hosts agreed with NetBox the last time, so that a run need not work that out again where neither side changed.

Kept beside the snapshot of NetBox, and of use with that one alone: an object whose row is still the snapshot's, and
whose host is told by Zabbix in the very words of the last time, is in sync as it was then, as long as everything else
that the comparison goes by is the same. All of that goes into the key of the digests: where any of it changed, no
digest is the same, and every host is compared. Nothing that is correct rests on this memory.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from ..errors import StateError
from ..policy.names import HostNames
from ..state.documents import MADE_BY, Kind, read_document, write_document
from ..state.store import Store
from ..zabbix.objects import ZabbixSettings
from .reading import Reading, snapshot_name

AGREEMENT = Kind("hosts that agree with NetBox", 1)


@dataclass(frozen=True, slots=True)
class Agreed:
    """One object and its host as they agreed: the host's digest, and the names that the object had."""

    hostid: str
    digest: str
    names: HostNames


@dataclass(slots=True)
class Agreement:
    """The memory of one run. `snapshot`: the id of the one that it goes with; `prefers_ipv4`: NetBox's choice, None
    where no object needs it; `seen`: the digests of this run by host id.
    """

    key: bytes
    snapshot: str = ""
    prefers_ipv4: bool | None = None
    agreed: dict[str, Agreed] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    _refs: dict[str, str] = field(default_factory=dict)

    def ref_of(self, row: dict[str, Any]) -> str | None:
        """Return the object with which a host, as Zabbix tells it, agreed; None where it is told otherwise now."""
        # format 2 of marshal has no references between values, so that the same values always give the same bytes; it
        # takes a third of the time of JSON (measured)
        hostid = row["hostid"]
        digest = blake2b(marshal.dumps(row, 2), key=self.key, digest_size=8).hexdigest()
        self.seen[hostid] = digest
        ref = self._refs.get(hostid)
        return ref if ref is not None and self.agreed[ref].digest == digest else None

    def goes_with(self, reading: Reading) -> bool:
        """Whether it is of the snapshot that was read, and what is made of its rows is what was made of them then."""
        return (
            self.snapshot != ""
            and self.snapshot == reading.snapshot
            and reading.touched is not None
            and self.prefers_ipv4 == reading.prefers_ipv4()
        )


def agreement_key(parts: Iterable[Any], settings: ZabbixSettings, secret: str) -> bytes:
    """Return the key of the digests. `parts`: what else the comparison of a host goes by, as JSON takes it.

    Zabbix tells community strings and SNMPv3 passphrases, so that a plain digest would let whoever reads the store try
    out guesses; `secret` is never in the store.
    """
    templates = {one: (known.host, known.name, known.parents) for one, known in settings.templates_by_id.items()}
    names = (templates, settings.groups, settings.proxies, settings.proxy_groups)
    text = json.dumps([MADE_BY, *parts, names], sort_keys=True, default=str)
    return blake2b(text.encode(), key=blake2b(secret.encode()).digest(), digest_size=32).digest()


def load_agreement(store: Store, netbox: str, instance: str, key: bytes) -> Agreement:
    """Return the memory; an empty one where there is none, or it is no use: that costs time and nothing else."""
    memory = Agreement(key)
    try:
        document = read_document(store, _name(netbox, instance), AGREEMENT, {"netbox": netbox})
        if document is None:
            return memory
        content = document.content
        agreed = {
            str(ref): Agreed(str(hostid), str(digest), HostNames(host, name))
            for ref, hostid, digest, host, name in content["hosts"]
        }
        snapshot, prefers_ipv4 = str(content["snapshot"]), content["prefers_ipv4"]
    except (StateError, LookupError, TypeError, ValueError):
        return memory
    memory.snapshot, memory.prefers_ipv4, memory.agreed = snapshot, prefers_ipv4, agreed
    memory._refs = {one.hostid: ref for ref, one in agreed.items()}
    return memory


def save_agreement(store: Store, netbox: str, instance: str, memory: Agreement) -> list[str]:
    """Write the memory; return what did not work, as a note."""
    hosts = [[ref, one.hostid, one.digest, one.names.host, one.names.name] for ref, one in memory.agreed.items()]
    content = {"snapshot": memory.snapshot, "prefers_ipv4": memory.prefers_ipv4, "hosts": hosts}
    try:
        write_document(store, _name(netbox, instance), AGREEMENT, content, {"netbox": netbox})
    except StateError as error:
        return [f"Which hosts agree was not kept, so that the next run compares all of them: {error}"]
    return []


def _name(netbox: str, instance: str) -> str:
    return f"{snapshot_name(netbox, instance)}-agreed"
