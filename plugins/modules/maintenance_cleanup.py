#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: maintenance_cleanup
short_description: Remove maintenance windows that are over
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - This is the job MaintenanceCleanup.
  - Removes windows of ours from Zabbix that are over, that nothing declares any more, or that have no host left; and
    from NetBox the config contexts that M(netops.netbox_zabbix.maintenance_now) made and that are over or ended.
  - Zabbix comes first, then NetBox. Whatever fails in between is done by the next run.
  - Config contexts of people that still declare a window that is over are reported.
  - Windows that are not ours are listed when they are over, and removed only where O(foreign) names them.
  - Give it the same O(maintenances) and O(calendars) as M(netops.netbox_zabbix.maintenance), or their windows count as
    not declared any more.
options:
  grace:
    description: How long a window stays after its end, as C(1d) or C(12h).
    type: str
    default: 1d
  foreign:
    description:
      - Patterns of names of windows that are not ours and that are removed when they are over. C(*) stands for any
        text.
    type: list
    elements: str
    default: []
  snapshot_days:
    description:
      - Snapshots of NetBox in the state store (O(state_store)) that were not written for so many days are removed.
        Records of runs are kept as O(keep_runs) says.
    type: int
    default: 30
  deactivate:
    description:
      - Whether config contexts of people are deactivated that have nothing but windows that are over.
    type: bool
    default: false
extends_documentation_fragment:
  - netops.netbox_zabbix.maintenance
  - netops.netbox_zabbix.state
  - netops.netbox_zabbix.state.runs
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Everything is read and compared, and nothing is written.
    support: full
  diff_mode:
    description: What is removed, on each side.
    support: full
"""

EXAMPLES = r"""
- name: Remove windows that have been over for a week
  netops.netbox_zabbix.maintenance_cleanup:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_token }}"
    grace: 7d
    maintenances: "{{ netbox_zabbix_maintenances }}"

- name: Those that people made in Zabbix for single changes, too
  netops.netbox_zabbix.maintenance_cleanup:
    foreign: ["CHG-*"]
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: MaintenanceCleanup
run_id:
  description: Identity of the run.
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
  sample: "2026-11-24T10:00:02Z"
dry_run:
  description: Whether it ran in check mode.
  returned: success
  type: bool
stats:
  description: Counts by name.
  returned: success
  type: dict
  sample: {checked: 12, expired: 3, removed_zabbix: 4, removed_netbox: 1, kept: 2, failed: 0}
hosts:
  description: What failed, hosts and windows.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: "Technical name of the host, or the name of a window.", type: str}
    object: {description: Always empty., type: str}
    hostid: {description: Id of the host in Zabbix., type: str}
    action: {description: Always C(failed)., type: str}
    changes: {description: Always empty., type: list, elements: str}
    reasons: {description: Always empty., type: list, elements: str}
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
requests:
  description: HTTP requests by server and kind.
  returned: success
  type: dict
notes:
  description: What did not work and fails nothing.
  returned: success
  type: list
  elements: str
refused:
  description: In check mode, why a real run would stop. Empty where it would not.
  returned: success
  type: str
message:
  description: The run in a few lines.
  returned: success
  type: str
windows:
  description: Windows that were changed, that failed, or with which something is; never the unchanged ones.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the window., type: str, sample: patch night}
    action:
      description: C(delete), C(deactivate), C(kept) or C(failed).
      type: str
    maintenanceid: {description: Its id in Zabbix., type: str}
    hosts: {description: How many hosts it is for., type: int}
    changes: {description: What differed., type: list, elements: str, sample: [hosts, periods]}
    reason: {description: "Why it went, or why nothing was done.", type: str}
    error: {description: What failed and what to do., type: str}
    side: {description: C(zabbix) or C(netbox)., type: str}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import argument_spec, run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance_face import OPTIONS, sources
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state_face import runs_spec


def main() -> None:
    module = AnsibleModule(
        argument_spec=argument_spec(
            **OPTIONS,
            **runs_spec(),
            grace={"type": "str", "default": "1d"},
            foreign={"type": "list", "elements": "str", "default": []},
            deactivate={"type": "bool", "default": False},
            snapshot_days={"type": "int", "default": 30},
        ),
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance_cleanup import (
            CleanupOptions,
            clean_up,
        )

        params = module.params
        options = CleanupOptions(
            sources=sources(params),
            grace=params["grace"],
            foreign=params["foreign"],
            deactivate=params["deactivate"],
            state_store=params["state_store"],
            snapshot_days=params["snapshot_days"],
            max_deletions=params["max_deletions"],
            dry_run=module.check_mode,
            want_diff=module._diff,
        )
        return clean_up(netbox_connection(params), zabbix_connection(params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
