#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: maintenance
short_description: Make Zabbix have the declared maintenance windows
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Reads maintenance windows from NetBox's config contexts (key C(zabbix_maintenance), rendered for each object, so
    that their assignment is the targeting), from lists and from calendars, and makes Zabbix have just these.
  - Targets are worked out anew at each run. A device that joins is covered, one that leaves is taken out.
  - A window that nothing declares any more, or that has no host left, is removed. One that is over stays for
    M(netops.netbox_zabbix.maintenance_cleanup).
  - Windows of ours are known by a line in their description. A window without it is never touched.
  - After writing it waits until the server has put the hosts into the windows that are on, and let others go.
  - A second run writes nothing. The collection's document C(docs/maintenance.md) describes all of it.
options:
  only:
    description: Names of windows. The others are not looked at. All of them by default.
    type: list
    elements: str
    default: []
  wait:
    description:
      - Seconds to wait for Zabbix's server. It reads its configuration and looks at all windows about once a minute
        each. A host that did not follow by then fails the run. V(0) for no look at all.
    type: int
    default: 180
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
    description: What differs, field by field.
    support: full
"""

EXAMPLES = r"""
- name: Make Zabbix have the windows that NetBox and this list declare
  netops.netbox_zabbix.maintenance:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_token }}"
    time_zone: Europe/Berlin
    maintenances:
      - name: patch night
        match: {platform: windows-server, site: ber1}
        periods:
          - {every: month, week: second, days: [tuesday], at: "22:00", duration: 6h}
      - name: out of order
        match: {status: offline}
        open: true
        collect_data: false

- name: Only one of them, and without waiting for the server
  netops.netbox_zabbix.maintenance:
    only: [patch night]
    wait: 0
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: Maintenance
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
  sample: {objects: 400, targets: 120, created: 1, updated: 0, deleted: 0, unchanged: 7, failed: 0}
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
      description: C(create), C(update), C(delete), C(failed), C(over), C(waiting) (not due within two months),
        C(no_hosts) or C(copy) (made by a person of one of ours).
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
            only={"type": "list", "elements": "str", "default": []},
            wait={"type": "int", "default": 180},
        ),
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance import (
            MaintenanceOptions,
            run_maintenance,
        )

        params = module.params
        options = MaintenanceOptions(
            sources=sources(params),
            only=params["only"],
            wait=params["wait"],
            max_deletions=params["max_deletions"],
            dry_run=module.check_mode,
            want_diff=module._diff,
        )
        return run_maintenance(netbox_connection(params), zabbix_connection(params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
