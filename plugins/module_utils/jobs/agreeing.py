# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run makes of the memory of hosts that agreed (see `agreement.py`): which it need not compare, and what it
remembers for the next one.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..policy.names import HostNames
from ..state.store import Store
from ..zabbix import hosts as zabbix_hosts
from ..zabbix.versions import Release
from .agreement import Agreed, Agreement, agreement_key, load_agreement, save_agreement
from .known_settings import KnownSettings
from .planning import Monitored, Planner
from .reading import Reading
from .run import Run


def recall_agreement(run: Run, store: Store, known: KnownSettings) -> Agreement:
    """Return which hosts agreed, if the same was compared by the same rules."""
    options, zabbix = run.options, run.zabbix
    rules = (
        zabbix.connection.url,
        list(zabbix.release),
        options.instance,
        [run.source.mappings, run.source.statuses, options.statuses],
        dict(options.secrets),
        options.digest_key,
        dict(options.ownership or {}),
        options.virtual_chassis,
        list(options.kinds),
        list(options.write_back),
    )
    secret = options.digest_key or zabbix.connection.token or zabbix.connection.password or ""
    key = agreement_key(rules, known.settings, secret)
    return load_agreement(store, run.netbox.url, options.instance, key)


def agreeing_objects(monitored: Monitored, reading: Reading, names: Mapping[str, HostNames]) -> frozenset[str]:
    """Return the identities of objects that are in sync as they were, neither side having changed.

    `names`: the host names that the objects have now.
    """
    memory = monitored.memory
    if memory is None or not memory.goes_with(reading):
        return frozenset()
    untouched = monitored.agreed.keys() - (reading.touched or frozenset()) - monitored.hosts.keys()
    return frozenset(ref for ref in untouched if names.get(ref) == memory.agreed[ref].names)


def take_in(monitored: Monitored, agreeing: frozenset[str], release: Release) -> None:
    """Take in the hosts that are told as when they agreed, and that are to be compared all the same."""
    for ref, row in monitored.agreed.items():
        if ref not in agreeing:
            monitored.hosts.setdefault(ref, []).append(zabbix_hosts.host_of(row, release))
    monitored.agreed = {ref: row for ref, row in monitored.agreed.items() if ref in agreeing}


def keep_agreement(run: Run, store: Store, reading: Reading, planner: Planner) -> list[str]:
    """Write which hosts agree, where the snapshot that this goes with was written and something is new.

    Returns what did not work, as notes.
    """
    monitored, memory, names = planner.monitored, planner.monitored.memory, planner.objects.names
    if memory is None or not reading.kept or monitored.known.cached != monitored.known.began_cached:
        return []
    agreed = {ref: memory.agreed[ref] for ref in monitored.agreed}
    agreed.update((ref, Agreed(hostid, memory.seen[hostid], names[ref])) for ref, hostid in planner.agreed.items())
    now = Agreement(memory.key, reading.kept, reading.prefers_ipv4(), agreed)
    if (now.snapshot, now.prefers_ipv4, now.agreed) == (memory.snapshot, memory.prefers_ipv4, memory.agreed):
        return []
    return save_agreement(store, run.netbox.url, run.options.instance, now)
