#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: policy_lint
short_description: Check a policy against an estate
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - "Tells all that is wrong with a policy: what cannot be read, match values and custom fields that NetBox does not
    know, templates and proxies that Zabbix does not know, and objects that get no host for a reason that fails them."
  - Warns of mappings that match nothing, of values that another mapping always overrides, of objects that no mapping
    matches or that get no template.
  - Counts for each mapping the objects that it matches and the hosts that it counts for.
  - Works on an O(export) without any server, which is what the pipeline of a merge request runs; or on a live NetBox,
    with a live Zabbix beside it; or on the policy alone.
  - The task fails on problems, and with O(strict) on warnings.
options:
  strict:
    description: Whether warnings fail the task.
    type: bool
    default: false
extends_documentation_fragment:
  - netops.netbox_zabbix.state
  - netops.netbox_zabbix.state.cache
  - netops.netbox_zabbix.policy
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Nothing is written anyway.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
"""

EXAMPLES = r"""
- name: Check the policy of this branch
  netops.netbox_zabbix.policy_lint:
    policy_path: policy
    export: estate.json.gz
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: LintPolicy
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
  description: Always true.
  returned: success
  type: bool
stats:
  description: Counts by name.
  returned: success
  type: dict
  sample: {objects: 400, hosts: 380, not_matched: 3, problems: 0, warnings: 2}
hosts:
  description: The objects that fail.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Technical name of the host., type: str}
    object: {description: The NetBox object., type: str, sample: "device:123"}
    hostid: {description: Always empty. Zabbix's hosts are not read., type: str}
    action: {description: "C(failed).", type: str}
    changes: {description: What differs., type: list, elements: str}
    reasons: {description: Why., type: list, elements: str}
    error: {description: What fails and what to do., type: str}
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
  description: What could not be looked at.
  returned: success
  type: list
  elements: str
refused:
  description: What fails the task.
  returned: success
  type: str
message:
  description: The run in a few words.
  returned: success
  type: str
problems:
  description: What would fail a run or a host of it.
  returned: always
  type: list
  elements: str
warned:
  description: What is most likely not meant.
  returned: always
  type: list
  elements: str
mappings:
  description: What each mapping is for.
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: Its name., type: str}
    place: {description: Its file and line., type: str, sample: cisco.yml:12}
    objects: {description: Objects that it matches., type: int}
    hosts: {description: Hosts that it counts for., type: int}
strict:
  description: Whether warnings fail the task.
  returned: always
  type: bool
text:
  description: All of it as text.
  returned: always
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy_face import (
    ONE_POLICY,
    netbox_if_given,
    policy_options,
    policy_spec,
    zabbix_if_given,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state_face import cache_spec


def main() -> None:
    module = AnsibleModule(
        argument_spec=policy_spec(strict={"type": "bool", "default": False}, **cache_spec()), **ONE_POLICY
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.lint import lint_policy

        params = module.params
        return lint_policy(
            policy_options(params),
            params["export"],
            netbox_if_given(params),
            zabbix_if_given(params),
            params["strict"],
            progress,
            params["state_store"],
            params["settings_max_age"],
        )

    run_module(module, job, connects=netbox_if_given(module.params) is not None)


if __name__ == "__main__":
    main()
