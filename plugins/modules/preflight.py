#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Check NetBox, Zabbix and what their users may do, before a job runs
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Looks at both sides and tells in a table what is right, what is not, and what to do. The collection's document
    C(docs/preflight.md) lists the checks.
  - Versions; whose the tokens are, when they end, and whether they may do what each job does; whether objects are
    hidden from them, which looks as if they had been deleted; settings that matter; clocks and time zones.
  - Nothing is written, and no permission is tried by writing.
  - What is wrong with one side does not keep the other from being looked at.
options:
  jobs:
    description:
      - The jobs that are meant to be run, by the names of their playbooks, as C([sync, import]). Those that exist by
        default.
    type: list
    elements: str
    default: []
  mappings:
    description:
      - A policy, to look for the host groups and templates that it names. At most one of this and O(policy_path).
    type: list
    elements: raw
  policy_path:
    description:
      - The policy as a YAML file, or as a directory of YAML files.
    type: path
  fail_on:
    description:
      - The task fails if the worst row is this or worse; with V(never) it only tells.
    type: str
    choices: [error, warning, never]
    default: error
  zabbix_url:
    description:
      - As below, and may be left out here. Zabbix is not looked at then, which is a warning.
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
    description: The same as without it, since nothing is written.
    support: full
  diff_mode:
    description: There is nothing to differ.
    support: none
"""

EXAMPLES = r"""
- name: May the nightly sync run?
  netops.netbox_zabbix.preflight:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_token }}"
    jobs: [sync]
    policy_path: policy/
    fail_on: warning
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: always
  type: str
  sample: CheckBothSides
run_id:
  description: Identity of the run.
  returned: always
  type: str
  sample: 0f3a9c1b2d4e
started:
  description: When the run began, UTC.
  returned: always
  type: str
  sample: "2026-11-24T10:00:00Z"
finished:
  description: When the run ended, UTC.
  returned: always
  type: str
  sample: "2026-11-24T10:00:02Z"
dry_run:
  description: Whether it ran in check mode.
  returned: always
  type: bool
checks:
  description: The rows.
  returned: always
  type: list
  elements: dict
  contains:
    check: {description: "Name of the check, the same in every run.", type: str, sample: permissions.sync}
    server: {description: "C(netbox), C(zabbix) or C(both).", type: str}
    status: {description: "C(ok), C(warning) or C(error).", type: str}
    found: {description: What is so., type: str, sample: may not change extras.customfieldchoiceset}
    do: {description: "What to do. Empty where there is nothing.", type: str}
worst:
  description: The worst status among the rows.
  returned: always
  type: str
  sample: warning
sees:
  description: How much of each side the users of the tokens see.
  returned: always
  type: dict
  contains:
    netbox:
      description: Of NetBox, where it could be read.
      type: dict
      contains:
        everything: {description: "Whether nothing is hidden. Null where it cannot be known.", type: bool}
        devices: {description: Devices that are seen., type: int}
        virtual_machines: {description: Virtual machines in a cluster that are seen., type: int}
    zabbix:
      description: Of Zabbix, where it could be read.
      type: dict
      contains:
        everything: {description: "Whether nothing is hidden, which is so for super admins only.", type: bool}
        templates: {description: Templates that are seen., type: int}
        template_groups: {description: Template groups that are seen., type: int}
        host_groups: {description: Host groups that are seen., type: int}
stats:
  description: Rows by status.
  returned: always
  type: dict
  sample: {ok: 20, warning: 1, error: 0}
hosts:
  description: Always empty.
  returned: always
  type: list
  elements: dict
requests:
  description: HTTP requests by server and kind.
  returned: always
  type: dict
notes:
  description: Always empty.
  returned: always
  type: list
  elements: str
refused:
  description: Why the task failed, by O(fail_on). Empty where it did not.
  returned: always
  type: str
message:
  description: The table as text.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import argument_spec, run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result


def main() -> None:
    spec = argument_spec(
        jobs={"type": "list", "elements": "str", "default": []},
        mappings={"type": "list", "elements": "raw"},
        policy_path={"type": "path"},
        fail_on={"type": "str", "choices": ["error", "warning", "never"], "default": "error"},
    )
    spec["zabbix_url"]["required"] = False
    module = AnsibleModule(
        argument_spec=spec, mutually_exclusive=[("mappings", "policy_path")], supports_check_mode=True
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.preflight import (
            PreflightOptions,
            preflight,
        )

        params = module.params
        names = ("jobs", "mappings", "policy_path", "fail_on")
        options = PreflightOptions(**{name: params[name] for name in names}, dry_run=module.check_mode)
        given = params["zabbix_url"] and (params["zabbix_token"] or params["zabbix_user"])
        zabbix = zabbix_connection(params) if given else None
        return preflight(netbox_connection(params), zabbix, options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
