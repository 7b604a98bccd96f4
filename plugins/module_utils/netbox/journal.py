# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Journal entries of NetBox: what people read on an object's page."""

from __future__ import annotations

from collections.abc import Sequence

from .client import NetBox
from .objects import DEVICE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE

PATH = "extras/journal-entries/"
#: our kinds of objects -> what NetBox calls them
OBJECT_TYPES = {
    DEVICE: "dcim.device",
    VIRTUAL_MACHINE: "virtualization.virtualmachine",
    VIRTUAL_DEVICE_CONTEXT: "dcim.virtualdevicecontext",
}


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
