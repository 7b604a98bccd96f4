#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: hosts_sync
short_description: Make Zabbix hosts match NetBox
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Reads devices and virtual machines from NetBox, computes by the policy the host that Zabbix should have for each,
    and creates or updates only what differs, each host in one write. A second run writes nothing.
  - This is the job SyncHostsNow.
  - Hosts of ours carry the tags C(netbox_instance) and C(netbox_id). A host without them is never touched.
  - Host groups, templates, tags and macros that people add to a host stay; what the policy gave once and no longer
    gives goes. What was last applied is kept on the host in the macro C({$NETBOX.APPLIED}).
  - Hosts of objects that NetBox no longer has, or that are not to be monitored any more, are archived, as O(deletion)
    says. An archived host comes back with its history when its object does.
  - One host that fails stops no other. The task fails at the end if any host failed.
options:
  min_objects_percent:
    description:
      - A run over the whole estate stops when NetBox gives fewer objects than this share of the managed hosts.
      - Fewer objects than hosts look more like a token that does not see everything than like an estate that shrank.
      - With O(state_store), also when it gives fewer devices, or fewer virtual machines, than this share of those that
        the last run saw.
    type: float
    default: 80
  min_site_objects_percent:
    description:
      - With O(state_store), a run over the whole estate stops when a site has lost more than 10 objects and has fewer
        than this share of those that the last run saw there. With V(0) it never does.
      - Objects that moved to another site are not lost, and new ones of the site make up for old ones.
    type: float
    default: 50
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
    default: full
  write_back_limit:
    description:
      - The most objects that get new values in NetBox in one run, 0 for no limit. The next run goes on.
    type: int
    default: 0
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin of the same name sets it, to show them live.
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
    description: Nothing at all is written, on either side.
    support: full
  diff_mode:
    description: Every change, field by field, with the reason and the layer of the policy. Secrets are masked.
    support: full
"""

EXAMPLES = r"""
- name: Make Zabbix match NetBox
  netops.netbox_zabbix.hosts_sync:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_token }}"
    mappings:
      - name: everything
        host_groups: ["NetBox/{site}"]
        templates: [ICMP Ping]
        interfaces: [{type: agent}]

- name: Only the firewalls of one site
  netops.netbox_zabbix.hosts_sync:
    mappings: "{{ netbox_zabbix_mappings }}"
    filters:
      device: {site: ber1, role: firewall}
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: SyncHostsNow
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
  sample: {objects: 400, managed: 390, unchanged: 380, creates: 5, updates: 3, orphans: 1, failed: 2}
hosts:
  description: The hosts that were changed, failed, or have no object to belong to. Never the unchanged ones.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Technical name of the host., type: str}
    object: {description: The NetBox object., type: str, sample: "device:123"}
    hostid: {description: Id of the host in Zabbix., type: str}
    action:
      description:
        - C(create), C(update), C(archive), C(restore), C(delete), C(release) or C(failed).
        - C(orphan), C(excluded), C(absent) or C(archived) for a host that was left alone.
        - With O(waves) or O(health), C(unhealthy) for a host that was written and is worse off than before, C(undone)
          for one that was taken back, C(postponed) for one whose wave was not written.
      type: str
    changes: {description: What differed., type: list, elements: str, sample: ["templates[ICMP Ping]"]}
    reasons:
      description:
        - C(new), C(pending) (NetBox or the policy changed), C(drifted) (Zabbix changed), C(returned), C(gone),
          C(absent), C(excluded), or why it was left alone.
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
        reason: {description: "C(new), C(pending) or C(drifted).", type: str}
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
    reading_arguments,
    sync_options,
)


def main() -> None:
    own: dict[str, dict[str, Any]] = {
        "min_objects_percent": {"type": "float", "default": 80},
        "min_site_objects_percent": {"type": "float", "default": 50},
        "write_back_limit": {"type": "int", "default": 0},
        **reading_arguments("full"),
    }
    module = AnsibleModule(**hosts_module(**own))

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts

        options = sync_options(module, *own)
        return sync_hosts(netbox_connection(module.params), zabbix_connection(module.params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
