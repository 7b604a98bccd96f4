#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: self_monitoring
short_description: Let Zabbix watch the jobs of this collection
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Imports the template C(NetBox sync) into Zabbix where Zabbix does not have it as it is shipped, and makes a host
    with it that takes the figures of the jobs' runs. A second run writes nothing.
  - Its triggers tell when a job has not gone well for some time, when hosts failed or were changed by others, and when
    the guard stopped a run. It has a dashboard.
  - The jobs send their figures where their option O(self_monitoring) says so. The collection's document
    C(docs/self_monitoring.md) describes it all.
  - The host is not of a NetBox object, and the sync does not touch it.
options:
  template:
    description:
      - The template as Zabbix exports it, as YAML. The role C(self_monitoring) has it.
    type: str
    required: true
  host:
    description:
      - Technical name of the host. Two instances that share a Zabbix need two.
    type: str
    default: NetBox sync netbox
  group:
    description:
      - Host group of a new host, made where it is missing.
    type: str
    default: NetBox sync
  macros:
    description:
      - "Values of the template's macros on the host, as C({'{$NETBOX_ZABBIX.MAX_AGE}': 2h})."
      - Other macros of the host stay as they are.
    type: dict
    default: {}
  netbox_url:
    description: Not used. It is taken so that one set of defaults fits all modules.
    type: str
    required: false
  netbox_token:
    description: Not used. It is taken so that one set of defaults fits all modules.
    type: str
    required: false
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin sets it, to show them live.
    type: path
extends_documentation_fragment:
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Nothing is written.
    support: full
  diff_mode:
    description: What differs.
    support: full
"""

EXAMPLES = r"""
- name: Let Zabbix watch the sync
  netops.netbox_zabbix.self_monitoring:
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_token }}"
    template: "{{ lookup('ansible.builtin.file', 'netbox_sync.yml') }}"
    macros:
      "{$NETBOX_ZABBIX.MAX_AGE}": 2h
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: MonitorTheSync
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
  sample: {created: 1, updated: 0, failed: 0}
hosts:
  description: The host, where something was or would be done.
  returned: success
  type: list
  elements: dict
requests:
  description: HTTP requests by server and kind.
  returned: success
  type: dict
durations:
  description: Seconds by phase.
  returned: success
  type: dict
  sample: {read: 0.2, write: 1.5}
urls:
  description: The web addresses of NetBox and Zabbix, as far as they were given.
  returned: success
  type: dict
whole:
  description: Always true.
  returned: success
  type: bool
notes:
  description: What did not work and fails nothing.
  returned: success
  type: list
  elements: str
refused:
  description: Always empty.
  returned: success
  type: str
message:
  description: The run in a few words.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import (
    MONITORING_HOST,
    argument_spec,
    run_module,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import zabbix_connection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result


def main() -> None:
    spec = argument_spec(
        template={"type": "str", "required": True},
        host={"type": "str", "default": MONITORING_HOST},
        group={"type": "str", "default": "NetBox sync"},
        macros={"type": "dict", "default": {}},
    )
    for name in ("netbox_url", "netbox_token"):
        spec[name]["required"] = False
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.self_monitoring import (
            MonitoringOptions,
            monitor_the_sync,
        )

        given = module.params
        options = MonitoringOptions(
            template=given["template"],
            host=given["host"],
            group=given["group"],
            macros={name: str(value) for name, value in given["macros"].items()},
            dry_run=module.check_mode,
        )
        return monitor_the_sync(zabbix_connection(given), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
