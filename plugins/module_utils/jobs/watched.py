# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The NetBox objects that changes are planned for, kept while a plan is made that is saved, or compared with one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ..netbox.objects import NetBoxObject
from ..reconcile.plan import Plan


@dataclass(slots=True)
class Watched:
    """`refs`: identities of objects that are kept also where nothing is planned for them; `objects`: by identity."""

    refs: Collection[str] = frozenset()
    objects: dict[str, NetBoxObject] = field(default_factory=dict)
    _changes: int = 0

    def begin(self) -> None:
        """Forget what an earlier reading gave: everything is read again where another run wrote meanwhile."""
        self.objects.clear()
        self._changes = 0

    def look(self, netbox_object: NetBoxObject, plan: Plan) -> None:
        """Keep an object that was just planned, if a change came of it or it is one of `refs`."""
        if len(plan.changes) > self._changes or netbox_object.ref in self.refs:
            self.objects[netbox_object.ref] = netbox_object
        self._changes = len(plan.changes)
