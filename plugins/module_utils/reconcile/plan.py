# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change and plan: what a run would do, as plain values, with reasons, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..policy.host_config import HostConfig
from ..zabbix.objects import ZabbixHost
from .places import Places

CREATE, UPDATE = "create", "update"
#: the host is put away with its history, or brought back from there; deleted; left to itself without our marks
ARCHIVE, RESTORE, DELETE, RELEASE = "archive", "restore", "delete", "release"
#: a host that is there gets our marks, and nothing else of it changes
ADOPT = "adopt"
#: actions in the words of a message: done, and would be done
ACTIONS = {
    CREATE: "created",
    UPDATE: "updated",
    ARCHIVE: "archived",
    RESTORE: "restored",
    DELETE: "deleted",
    RELEASE: "released",
    ADOPT: "adopted",
}
#: why a difference is there: the host is new; NetBox or the policy changed; somebody changed Zabbix
NEW, PENDING, DRIFTED = "new", "pending", "drifted"
#: ... or an archived host comes back
RETURNED = "returned"
#: what a failure is: something that has to be put right; who owns what is not clear; Zabbix does not tell of the host
FAILED, CONFLICT, UNKNOWN = "failed", "conflict", "unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """One element of one attribute that differs. `before`, `after`: for people, secrets masked; None where there is
    nothing.
    """

    attribute: str
    element: str
    before: str | None
    after: str | None
    reason: str
    origin: str = ""

    @property
    def path(self) -> str:
        """What differs, in one word: `tags[site]`, `description`."""
        return f"{self.attribute}[{self.element}]" if self.element else self.attribute


@dataclass(frozen=True, slots=True)
class Target:
    """A host config's names as Zabbix's ids. `missing_groups`: names of host groups that have to be created first."""

    groups: frozenset[str]
    missing_groups: tuple[str, ...]
    templates: frozenset[str]
    monitor: tuple[str, str] | None


@dataclass(slots=True, eq=False)
class Change:
    """All that one host needs, made in one write.

    `writes`: attribute -> its whole new value as `payload` turns it into a call; `live`: the host before, None for a
    new one.
    `cleared_items`: how many items lose their history, with a template that is cleared or with the host.
    `ending`: why the host ends, or gets our marks alone; empty where it is made as a host config says.
    `leaves`, `joins`: ids of the maintenance windows that the host is taken out of, or put back into.
    `record`: the text of the applied record, None as long as groups have no id yet.
    """

    action: str
    config: HostConfig
    target: Target
    live: ZabbixHost | None = None
    differences: list[Difference] = field(default_factory=list)
    writes: dict[str, Any] = field(default_factory=dict)
    record: str | None = None
    weight: int = 0
    removed_interfaces: tuple[str, ...] = ()
    cleared_items: int = 0
    ending: str = ""
    leaves: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()

    @property
    def hostid(self) -> str | None:
        """The id of the Zabbix host, None for one that does not exist yet."""
        return self.live.hostid if self.live else None

    @property
    def before(self) -> ZabbixHost:
        """The host before the change. Raises ValueError for a new one, which has no before."""
        if self.live is None:
            raise ValueError(f"{self.config.label} is a new host")
        return self.live

    @property
    def disables(self) -> bool:
        """Whether a host that is watched now would no longer be."""
        return (
            self.action == UPDATE
            and self.live is not None
            and self.live.status == "enabled"
            and self.config.status == "disabled"
        )

    @property
    def removed_templates(self) -> int:
        """How many templates the host would lose."""
        return sum(1 for item in self.differences if item.attribute == "templates" and item.after is None)


#: what is counted of the changes of a plan: name -> how much one change adds
COUNTED: dict[str, Callable[[Change], int]] = {
    "creates": lambda change: change.action == CREATE,
    "updates": lambda change: change.action == UPDATE,
    "archives": lambda change: change.action == ARCHIVE,
    "restores": lambda change: change.action == RESTORE,
    "deletes": lambda change: change.action == DELETE,
    "releases": lambda change: change.action == RELEASE,
    "adoptions": lambda change: change.action == ADOPT,
    "disables": lambda change: change.disables,
    "template_removals": lambda change: change.removed_templates > 0,
    "template_clears": lambda change: change.cleared_items > 0,
    "cleared_items": lambda change: change.cleared_items,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """An object whose host cannot be made right, and why. `hostid`: where there is a host. `kind`: `failed`;
    `conflict` where NetBox and Zabbix disagree about whose host it is; `unknown` where Zabbix could not tell of it.
    """

    ref: str
    label: str
    error: str
    hostid: str | None = None
    kind: str = FAILED


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A host or an object that the run does not touch. `kind`: `excluded`, `absent`, `orphan`, `archived` or
    `postponed`; `hostid`: where there is a host.
    """

    ref: str
    label: str
    kind: str
    reason: str
    hostid: str | None = None


@dataclass(slots=True)
class Plan:
    """All changes of a run and all that it leaves alone, in a stable order.

    `objects`: NetBox objects looked at; `unchanged`: hosts that are right; `managed`: hosts of ours in Zabbix that are
    not archived (all of them in a full run, those of the selection else); `whole`: whether the run looks at the whole
    estate; `places`: where the hosts belong.
    """

    changes: list[Change] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    left_alone: list[LeftAlone] = field(default_factory=list)
    objects: int = 0
    unchanged: int = 0
    managed: int = 0
    whole: bool = True
    places: Places = field(default_factory=Places)

    def sort(self) -> None:
        """Put everything into the order of names, which does not depend on who answered first."""
        self.changes.sort(key=lambda change: (change.config.host, change.config.ref))
        self.failures.sort(key=lambda failure: (failure.label, failure.ref))
        self.left_alone.sort(key=lambda item: (item.kind, item.label, item.ref))

    @property
    def new_groups(self) -> list[str]:
        """Names of the host groups to be created, parents first."""
        names: set[str] = set()
        for change in self.changes:
            names.update(change.target.missing_groups)
        return sorted(names)

    def counts(self) -> dict[str, int]:
        """Return the figures of the plan, by action and by what is left alone."""
        kinds = Counter(item.kind for item in self.left_alone)
        reasons = Counter(item.reason for change in self.changes for item in change.differences)
        return {
            "objects": self.objects,
            "managed": self.managed,
            "unchanged": self.unchanged,
            **{name: sum(map(number, self.changes)) for name, number in COUNTED.items()},
            "pending": reasons[PENDING],
            "drifted": reasons[DRIFTED],
            "excluded": kinds["excluded"],
            "absent": kinds["absent"],
            "orphans": kinds["orphan"],
            "archived": kinds["archived"],
            "postponed": kinds["postponed"],
            "failed": len(self.failures),
        }
