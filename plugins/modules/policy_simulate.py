#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: policy_simulate
short_description: Compare two policies on an estate
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Tells which hosts another policy would create, change or give up, and how, attribute by attribute, against
    the policy in force.
  - Nothing is written, and Zabbix is not asked. Works on an O(export) without any server, or on a live NetBox.
  - The task fails where a host would fail that does not fail now.
options:
  base_mappings:
    description: The policy in force, as O(mappings). One of this and O(base_policy_path).
    type: list
    elements: raw
  base_policy_path:
    description: The policy in force, as O(policy_path).
    type: path
extends_documentation_fragment:
  - netops.netbox_zabbix.policy
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Nothing is written anyway.
    support: full
  diff_mode:
    description: What would change is in RV(text), laid out like the diff of a sync.
    support: none
"""

EXAMPLES = r"""
- name: What would this branch change?
  netops.netbox_zabbix.policy_simulate:
    policy_path: policy
    base_policy_path: ../in-force/policy
    export: estate.json.gz
  register: simulated

- name: Show it
  ansible.builtin.debug:
    msg: "{{ simulated.text.splitlines() }}"
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: SimulatePolicy
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
  sample: {objects: 400, unchanged: 396, creates: 1, updates: 3, removes: 0, failed: 0, failing_before_and_after: 0}
hosts:
  description: The hosts that differ.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Technical name of the host., type: str}
    object: {description: The NetBox object., type: str, sample: "device:123"}
    hostid: {description: Always empty. Zabbix's hosts are not read., type: str}
    action: {description: "C(create), C(update), C(remove) or C(failed).", type: str}
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
  description: Always empty.
  returned: success
  type: str
message:
  description: The run in a few words.
  returned: success
  type: str
text:
  description: What would change, as text.
  returned: success
  type: str
simulated:
  description: The same as data, one entry for each host that differs.
  returned: success
  type: list
  elements: dict
  contains:
    action: {description: "C(create), C(update), C(remove) or C(failed).", type: str}
    object: {description: The NetBox object., type: str, sample: "device:123"}
    label: {description: The same for people., type: str}
    host: {description: Technical name of the host., type: str}
    reason: {description: Why there would be no host., type: str}
    differences:
      description: The values that differ.
      type: list
      elements: dict
      contains:
        attribute: {description: The attribute., type: str, sample: templates}
        element: {description: "The element of it, if it has any.", type: str, sample: ICMP Ping}
        before: {description: The value in force., type: str}
        after: {description: The new value., type: str}
        origin: {description: The layer that gives it or gave it., type: str}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy_face import (
    ONE_POLICY,
    netbox_if_given,
    policy_options,
    policy_spec,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec=policy_spec(base_mappings={"type": "list", "elements": "raw"}, base_policy_path={"type": "path"}),
        mutually_exclusive=[*ONE_POLICY["mutually_exclusive"], ("base_mappings", "base_policy_path")],
        required_one_of=[*ONE_POLICY["required_one_of"], ("base_mappings", "base_policy_path")],
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.simulate import simulate_policy

        params = module.params
        return simulate_policy(
            policy_options(params),
            policy_options(params, "base_"),
            params["export"],
            netbox_if_given(params),
            progress,
        )

    run_module(module, job, connects=module.params["export"] is None)


if __name__ == "__main__":
    main()
