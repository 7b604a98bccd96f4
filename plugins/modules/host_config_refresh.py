#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: host_config_refresh
short_description: Tell how every Zabbix host stands, what differs from NetBox, and who changed it
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Compares every managed host with what NetBox and the policy want, by the code of M(netops.netbox_zabbix.hosts_sync).
    Each difference is told with both values, what was applied last, which layer of the policy wants it, who changed it
    and since when it is known.
  - This is the job HostConfigSyncRefresh.
  - It never writes to Zabbix, unless O(repair) hands what it found to the sync. To NetBox it writes how hosts stand
    (O(write_back)), only where that changed.
  - A host is C(in_sync); C(pending), where NetBox or the policy changed since it was last applied; C(drifted), where
    somebody changed Zabbix; C(both); C(missing) in Zabbix; C(excluded); C(archived); C(orphan), where NetBox has no
    such object; C(conflict), where it is not clear whose host it is; C(failed); or C(unknown), where Zabbix told of
    other hosts and not of it, which fails the task as C(failed) does.
  - A server that cannot be read is an error of the task, and nothing is said of any host then.
  - What Zabbix never tells (pre-shared keys, values of secret macros) is compared by what was given last. What people
    changed there cannot be seen.
options:
  mode:
    description:
      - How NetBox is read in a run over the whole estate. Zabbix is always read as a whole.
      - With V(full), everything is read.
      - With V(incremental), only what changed since the snapshot that an earlier run left in O(state_store), which
        NetBox's changelog tells. The result is the same. Where that is not certain, everything is read, and the message
        says why. The collection's document C(docs/refresh.md) lists when.
      - V(auto) is V(incremental), and V(full) once in O(full_every_hours).
    type: str
    choices: [full, incremental, auto]
    default: auto
  write_back_limit:
    description:
      - The most objects that get new values in NetBox in one run, 0 for no limit. The next run goes on.
    type: int
    default: 1000
  min_objects_percent:
    description:
      - A run over the whole estate stops when NetBox gives fewer objects than this share of the managed hosts, or of
        those that the last sync saw.
    type: float
    default: 80
  min_site_objects_percent:
    description:
      - With O(state_store), a run over the whole estate stops when a site has lost more than 10 objects and has fewer
        than this share of those that the last sync saw there. With V(0) it never does.
    type: float
    default: 50
  repair:
    description:
      - What of the found is handed to the sync, with the same plan and the same guard.
      - V(drifted) are hosts that somebody changed in Zabbix or took away; each is put right as a whole.
      - V(pending) are those that wait for what changed in NetBox or the policy, new hosts among them.
      - V(all) is everything that a sync would do, with what O(deletion) says.
    type: str
    choices: [none, drifted, pending, all]
    default: none
  journal:
    description: Whether an object whose host begins to drift gets an entry in NetBox's journal.
    type: bool
    default: false
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - An action plugin sets it, to show them live.
    type: path
extends_documentation_fragment:
  - netops.netbox_zabbix.hosts
  - netops.netbox_zabbix.reading
  - netops.netbox_zabbix.state
  - netops.netbox_zabbix.state.cache
  - netops.netbox_zabbix.state.runs
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Nothing at all is written, on either side and in the state store.
    support: full
  diff_mode:
    description: Every difference, field by field, with the reason and the layer of the policy. Secrets are masked.
    support: full
"""

EXAMPLES = r"""
- name: Look what has drifted
  netops.netbox_zabbix.host_config_refresh:
    mappings: "{{ netbox_zabbix_mappings }}"

- name: Put back what people changed in Zabbix, and nothing else
  netops.netbox_zabbix.host_config_refresh:
    mappings: "{{ netbox_zabbix_mappings }}"
    repair: drifted

- name: A pipeline that fails where anything has drifted
  netops.netbox_zabbix.host_config_refresh:
    mappings: "{{ netbox_zabbix_mappings }}"
    fail_on: [failed, conflict, drifted]
  check_mode: true
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: HostConfigSyncRefresh
run_id:
  description: Identity of the run. NetBox's changelog shows it for what was written back.
  returned: success
  type: str
  sample: 0f3a9c1b2d4e
started:
  description: When the run began, UTC.
  returned: success
  type: str
  sample: "2026-11-24T10:00:00Z"
finished:
  description: When the run ended, UTC.
  returned: success
  type: str
  sample: "2026-11-24T10:00:21Z"
dry_run:
  description: Whether it ran in check mode.
  returned: success
  type: bool
stats:
  description: Counts by name.
  returned: success
  type: dict
  sample: {objects: 400, managed: 390, in_sync: 380, pending: 5, drifted: 3, orphan: 1, failed: 1, differences: 12}
hosts:
  description: The hosts that are not in sync. Never the others.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Technical name of the host., type: str}
    object: {description: The NetBox object., type: str, sample: "device:123"}
    hostid: {description: Id of the host in Zabbix., type: str}
    action:
      description:
        - C(pending), C(drifted), C(both), C(missing), C(excluded), C(archived), C(orphan), C(conflict), C(failed) or
          C(unknown).
        - For what was repaired, what the sync did, such as C(update).
      type: str
    changes: {description: What differed., type: list, elements: str, sample: ["templates[ICMP Ping]"]}
    reasons:
      description:
        - C(pending) (NetBox or the policy changed), C(drifted) (Zabbix changed), C(both), C(returned), C(gone),
          C(absent), C(excluded), or why it is left alone.
      type: list
      elements: str
    error: {description: What failed and what to do., type: str}
    details:
      description: The differences, element by element, of a run the first 1,000. Reports have all of them.
      type: list
      elements: dict
      contains:
        attribute: {description: The attribute., type: str, sample: templates}
        element: {description: "What of it, empty where it has one value.", type: str, sample: ICMP Ping}
        wanted: {description: What NetBox and the policy want. Secrets are masked., type: str}
        live: {description: What Zabbix has., type: str}
        reason: {description: "C(new), C(pending), C(drifted) or C(both).", type: str}
        applied: {description: "What was given last; (unknown) where nobody can tell.", type: str}
        since: {description: "When the difference was seen first, UTC by NetBox's clock.", type: str}
        origin: {description: The layer of the policy that wants it., type: str}
durations:
  description: Seconds by phase.
  returned: success
  type: dict
  sample: {read: 3.2, compare: 4.1, check: 0.2, write: 6.5}
urls:
  description: The web addresses of NetBox and Zabbix, as far as they were given.
  returned: success
  type: dict
  sample: {netbox: "https://netbox.example.com", zabbix: "https://zabbix.example.com"}
whole:
  description: Whether the run was over the whole estate.
  returned: success
  type: bool
failing:
  description: How many hosts the task fails for, by O(fail_on).
  returned: success
  type: int
requests:
  description: HTTP requests by server and kind.
  returned: success
  type: dict
notes:
  description: What did not work and fails no host, such as writing back to NetBox.
  returned: success
  type: list
  elements: str
stopped:
  description: Why the run ended before its last wave of O(waves). Empty where it did not.
  returned: success
  type: str
refused:
  description: In check mode, why the guard would stop a real run. Empty where it would not.
  returned: success
  type: str
message:
  description: The run in a few lines.
  returned: success
  type: str
"""
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.sync_face import (
    hosts_module,
    options_of,
    reading_arguments,
)


def main() -> None:
    own: dict[str, dict[str, Any]] = {
        "min_objects_percent": {"type": "float", "default": 80},
        "min_site_objects_percent": {"type": "float", "default": 50},
        "write_back_limit": {"type": "int", "default": 1000},
        "repair": {"type": "str", "choices": ["none", "drifted", "pending", "all"], "default": "none"},
        "journal": {"type": "bool", "default": False},
        **reading_arguments("auto"),
    }
    module = AnsibleModule(**hosts_module(**own))

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.host_config_refresh import (
            RefreshOptions,
            refresh_hosts,
        )

        options = options_of(module, RefreshOptions, *own)
        return refresh_hosts(netbox_connection(module.params), zabbix_connection(module.params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
