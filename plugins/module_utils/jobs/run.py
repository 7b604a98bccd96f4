# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run of the sync shares in all its steps, and so do the jobs that do a part of one: its options, both servers,
and the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ..attribute_table import BY_NAME
from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError
from ..garbage import few_collections
from ..netbox.client import NetBox, connect
from ..netbox.objects import ALL_KINDS, USUAL_KINDS
from ..netbox.state_place import in_netbox
from ..policy.kinds import CHASSIS_POLICIES, MEMBERS
from ..policy.model import Layer, Policy
from ..policy.source import PolicySource, policy_source
from ..reconcile import guard
from ..reconcile.archive import deletion_from
from ..reconcile.diff import NEEDS_KEY, parse_ownership
from ..state.store import Store, open_store
from ..zabbix.client import Zabbix
from .change_window import CHANGE, window_seconds
from .journal import Journal
from .known_settings import MAX_AGE
from .links import FIELDS
from .planning import PRESENT
from .quick_checks import clock_notes, zabbix_notes
from .reading import FULL
from .result import Progress, Result
from .turn import SHARED
from .watched import Watched
from .waves import caution_from


@dataclass(slots=True)
class SyncOptions:
    """What a run is to do. `filters`: NetBox's own filters by kind; `names`, `ids`: NetBox objects by name or
    `device:123`. `virtual_chassis`: whether each member of one is a host or only the master, under the chassis' name.

    With none of the three the run is over the whole estate. `deletion`: what becomes of hosts that end (see
    `reconcile/archive.py`); `resolve`: identity -> host id, where several hosts carry one object's tag; `state`: what
    the hosts of the selected objects are to be. `lock`: between all machines or on this one; `lock_wait`: seconds to
    wait for another run that writes. `write_back`: custom fields to keep in NetBox.
    `in_maintenance`: whether risky changes of hosts in maintenance wait; `change_window`: how long a window around them
    lasts, empty for none (see `change_window.py`). `state_store`: where the import's cache may be; `settings_max_age`:
    for how many seconds it is fresh; `pre_images`: whether what is replaced is kept there, to take the run back.

    `waves`, `health`: whether the plan is written wave by wave, and how the hosts of each are judged (see `waves.py`).
    `take_back`: whether a new host goes again whose link NetBox does not take.

    `adopt`: identity -> id of a host without our marks that becomes this object's, which was checked before.

    `mode`, `lookback_minutes`, `full_every_hours`: how NetBox is read in a run over the whole estate, see `reading`.
    """

    instance: str
    mappings: Any = None
    policy_path: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    digest_key: str = ""
    statuses: Mapping[str, Mapping[str, str]] | None = None
    filters: Mapping[str, Mapping[str, Any]] | None = None
    names: Sequence[str] = ()
    ids: Sequence[str] = ()
    limits: Mapping[str, Mapping[str, float | None]] | None = None
    min_objects_percent: float = guard.OBJECTS_PERCENT
    min_site_objects_percent: float = guard.SITE_OBJECTS_PERCENT
    virtual_chassis: str = MEMBERS
    virtual_device_contexts: bool = False
    ownership: Mapping[str, str] | None = None
    template_removal: str = "unlink"
    deletion: Mapping[str, Any] | None = None
    resolve: Mapping[str, Any] | None = None
    state: str = PRESENT
    lock: str = SHARED
    lock_wait: int = 300
    in_maintenance: str = CHANGE
    change_window: str = ""
    waves: Any = None
    health: Mapping[str, Any] | None = None
    take_back: bool = False
    adopt: Mapping[str, str] = field(default_factory=dict)
    write_back: Sequence[str] = FIELDS
    write_back_limit: int = 0
    state_store: str = ""
    pre_images: bool = False
    settings_max_age: int = MAX_AGE
    mode: str = FULL
    lookback_minutes: float = 10
    full_every_hours: float = 24
    dry_run: bool = False
    want_diff: bool = False

    @property
    def whole(self) -> bool:
        """Whether the run is over the whole estate."""
        return not (self.filters or self.names or self.ids)

    @property
    def writes(self) -> bool:
        """Whether the run may write to Zabbix, or in a dry run shows what would be written."""
        return True

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of NetBox objects that are read."""
        return ALL_KINDS if self.virtual_device_contexts else USUAL_KINDS


@dataclass(slots=True)
class Run:
    """What all steps of one run share. `watched`: what the plan is made of, where that is wanted."""

    netbox: NetBox
    zabbix: Zabbix
    source: PolicySource
    policy: Policy
    options: SyncOptions
    progress: Progress
    result: Result
    store: Store | None
    watched: Watched | None = None

    @property
    def journal(self) -> Journal:
        """What the run leaves in the state store while it writes."""
        servers = {"netbox": self.netbox.url, "zabbix": self.zabbix.connection.url}
        return Journal(self.store, self.result, self.options.instance, servers, self.options.pre_images)

    @property
    def remembers(self) -> bool:
        """Whether hosts that agree are remembered, and not compared as long as neither side changes."""
        options = self.options
        return self.store is not None and options.whole and options.state == PRESENT and not options.adopt


@contextmanager
def opened(
    result: Result,
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection,
    options: SyncOptions,
    progress: Progress,
) -> Iterator[Run]:
    """Check the policy and the options, then reach both servers; what was asked of them is in `result` afterwards."""
    result.phase("read")
    store = open_store(options.state_store, in_netbox(netbox_connection))
    source = policy_source(options.mappings, options.policy_path)
    policy = source.parse(secrets=options.secrets, statuses=options.statuses)
    window_seconds(options.in_maintenance, options.change_window)
    caution_from(options.waves, options.health, options.change_window)
    parse_ownership(options.ownership)
    deletion_from(options.deletion)
    if options.virtual_chassis not in CHASSIS_POLICIES:
        raise InputError([f'virtual_chassis is "{options.virtual_chassis}"; it is {" or ".join(CHASSIS_POLICIES)}'])
    if not options.instance.strip():
        raise InputError(
            ["netbox_zabbix_instance is empty: it is the mark by which this NetBox finds its hosts in Zabbix"]
        )
    if not options.digest_key and any(_gives_secrets(mapping.layer) for mapping in policy.mappings):
        raise InputError([f"The policy gives secrets: {NEEDS_KEY}"])
    with ThreadPoolExecutor(1) as other:
        # the first read tells about the token
        zabbix_ready = other.submit(Zabbix, zabbix_connection, checked=False)
        netbox = connect(netbox_connection)
        zabbix = zabbix_ready.result()
    try:
        with few_collections():
            yield Run(netbox, zabbix, source, policy, options, progress, result, store)
        result.notes += [*zabbix_notes(zabbix), *clock_notes(netbox, zabbix)]
    finally:
        result.requests = {"netbox": dict(netbox.requests), "zabbix": dict(zabbix.requests)}
        zabbix.close()


def _gives_secrets(layer: Layer) -> bool:
    hidden = [name for name in layer.scalars if BY_NAME[name].secret and BY_NAME[name].write_only]
    return bool(hidden) or any(macro is not None and macro.type == "secret" for macro in layer.macros.values())
