#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: hosts_purge
short_description: Delete archived hosts after a time
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Deletes hosts with their history that M(netops.netbox_zabbix.hosts_sync) archived more than O(retention_days) days
    ago, the oldest first, within the limit for deletions (O(limits)).
  - A host whose object is monitored again stays. The next sync restores it. So the policy is needed here too.
  - Only hosts of ours that carry the tag C(netbox_archived) are looked at.
  - This is a part of the job MaintenanceCleanup. The role C(cleanup) runs it where a retention is given.
options:
  retention_days:
    description: For how many days an archived host is kept.
    type: int
    required: true
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin sets it, to show them live.
    type: path
extends_documentation_fragment:
  - netops.netbox_zabbix.hosts
  - netops.netbox_zabbix.state
  - netops.netbox_zabbix.state.cache
  - netops.netbox_zabbix.state.runs
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Nothing at all is written, on either side.
    support: full
  diff_mode:
    description: Every host that would be deleted, with how many items.
    support: full
"""

EXAMPLES = r"""
- name: Delete hosts that have been archived for half a year
  netops.netbox_zabbix.hosts_purge:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_token }}"
    mappings: "{{ netbox_zabbix_mappings }}"
    retention_days: 180
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: MaintenanceCleanup
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
  sample: {archived: 12, deletes: 3, failed: 0}
hosts:
  description: The hosts that were deleted, that failed, or that stay for a reason.
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

from datetime import UTC, datetime

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.sync_face import hosts_module, sync_options


def main() -> None:
    module = AnsibleModule(**hosts_module(retention_days={"type": "int", "required": True}))

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.purge import purge_archived

        params = module.params
        days = params["retention_days"]
        if days < 1:
            raise InputError([f"retention_days: {days} is not a number of days of 1 or more"])
        today = datetime.now(UTC).date()
        sides = netbox_connection(params), zabbix_connection(params)
        return purge_archived(*sides, sync_options(module), days, today, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
