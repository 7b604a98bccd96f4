#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: maintenance_now
short_description: Declare a maintenance window from now on, or end it
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Declares a window in NetBox, as a config context with the key C(zabbix_maintenance), for hosts or for whatever a
    match can say (a site, a rack), with a journal entry on each object that tells who and why.
  - It writes to NetBox alone. Run M(netops.netbox_zabbix.maintenance) after it, as the playbook C(maintenance_now)
    does. If that does not come to pass, the next run of it does the rest.
  - With more than 100 objects, their sites get the journal entries.
  - A window of that name that is on stays as it is, unless what it is for differs or O(extend) is true.
options:
  name:
    description: Name of the window, by which it is also ended.
    type: str
    required: true
  state:
    description: With V(absent), the window is ended. M(netops.netbox_zabbix.maintenance_cleanup) deletes its context.
    type: str
    choices: [present, absent]
    default: present
  hosts:
    description: Names of devices and virtual machines in NetBox. One of this and O(match).
    type: list
    elements: str
    default: []
  match:
    description: "What objects it is for, in the match keys of the policy, as C({rack: R12})."
    type: dict
  duration:
    description: How long it lasts from now on, as C(2h) or C(1d 12h).
    type: str
    default: 2h
  collect_data:
    description: Whether data are collected meanwhile.
    type: bool
    default: true
  reason:
    description: Why. Needed to begin one.
    type: str
    default: ''
  by:
    description: Who. Needed to begin one.
    type: str
    default: ''
  extend:
    description: Whether a window of that name that is on gets the new end.
    type: bool
    default: false
  zabbix_url:
    description: Not used. It is taken so that one set of defaults fits all modules.
    type: str
    required: false
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin sets it, to show them live.
    type: path
extends_documentation_fragment:
  - netops.netbox_zabbix.state
  - netops.netbox_zabbix.state.runs
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Nothing is written.
    support: full
  diff_mode:
    description: There is none. The message tells what is declared.
    support: none
"""

EXAMPLES = r"""
- name: Two hours for a rack
  netops.netbox_zabbix.maintenance_now:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    name: power of R12
    match: {rack: R12}
    reason: CHG-4711, new power supplies
    by: ann

- name: Done already
  netops.netbox_zabbix.maintenance_now:
    name: power of R12
    state: absent
    by: ann
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: MaintenanceNow
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
  sample: {objects: 12, journal_entries: 12}
hosts:
  description: Always empty.
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
context:
  description: Id of the config context.
  returned: success
  type: int
ends:
  description: When the window ends.
  returned: success
  type: str
  sample: 2026-11-24T12:00Z
objects:
  description: What it is for.
  returned: success
  type: list
  elements: str
  sample: [sw1 (device 12)]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import argument_spec, run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import netbox_connection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state_face import runs_spec


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **argument_spec(
                name={"type": "str", "required": True},
                state={"type": "str", "choices": ["present", "absent"], "default": "present"},
                hosts={"type": "list", "elements": "str", "default": []},
                match={"type": "dict"},
                duration={"type": "str", "default": "2h"},
                collect_data={"type": "bool", "default": True},
                reason={"type": "str", "default": ""},
                by={"type": "str", "default": ""},
                extend={"type": "bool", "default": False},
                **runs_spec(),
            ),
            "zabbix_url": {"type": "str"},
        },
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.maintenance_now import (
            NowOptions,
            declare_now,
        )

        names = ("name", "state", "hosts", "match", "duration", "collect_data", "reason", "by", "extend")
        options = NowOptions(**{name: module.params[name] for name in names}, dry_run=module.check_mode)
        return declare_now(netbox_connection(module.params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
