#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: host_config_info
short_description: Explain why Zabbix hosts look as they do
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Tells of devices and virtual machines which Zabbix host the policy makes of them, and for each value the
    layer that gave it (the mapping, with its file and line where O(policy_path) is given, the config context or
    the custom field), what a later layer overrode or took away, and which mappings do not count and on which
    key.
  - Nothing is written, and Zabbix is not asked.
options:
  names:
    description: Names of the devices and virtual machines to be explained.
    type: list
    elements: str
    default: []
  ids:
    description: The same by reference, as C(device:123) or C(virtual_machine:45).
    type: list
    elements: str
    default: []
extends_documentation_fragment:
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
- name: Why does sw1 look as it does?
  netops.netbox_zabbix.host_config_info:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    policy_path: policy
    names: [sw1]
  register: why

- name: Show it
  ansible.builtin.debug:
    msg: "{{ why.text.splitlines() }}"
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: ExplainHosts
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
  sample: {objects: 1, hosts: 1}
hosts:
  description: The objects, one entry each.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Technical name of the host., type: str}
    object: {description: The NetBox object., type: str, sample: "device:123"}
    hostid: {description: Always empty. Zabbix's hosts are not read., type: str}
    action: {description: "C(host), or why there is none: C(excluded), C(absent) or C(failed).", type: str}
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
  description: The explanations as text.
  returned: success
  type: str
explanations:
  description: The explanations as data, one for each object.
  returned: success
  type: list
  elements: dict
  contains:
    ref: {description: The NetBox object., type: str, sample: "device:123"}
    label: {description: The same for people., type: str, sample: sw1 (device 123)}
    outcome: {description: "C(host), C(excluded), C(absent) or C(failed).", type: str}
    reason: {description: Why there is no host., type: str}
    host: {description: Technical name of the host., type: str}
    name: {description: Visible name of the host., type: str}
    layers: {description: "The layers that count, later wins.", type: list, elements: str}
    attributes:
      description: Every value of the host.
      type: list
      elements: dict
      contains:
        attribute: {description: The attribute., type: str, sample: tags}
        element: {description: "The element of it, if it has any.", type: str, sample: site}
        value: {description: The value. Of a secret its name., type: str, sample: ams1}
        origin: {description: The layer that gave it., type: str, sample: mapping "everything" (base.yml:3)}
        overridden:
          description: What earlier layers gave, the latest first.
          type: list
          elements: dict
          contains:
            value: {description: The value., type: str}
            origin: {description: The layer that gave it., type: str}
            by: {description: "The layer that overrode it, or why it does not count.", type: str}
    removed:
      description: What layers gave and the host does not have.
      type: list
      elements: dict
      contains:
        attribute: {description: The attribute., type: str}
        element: {description: The element of it., type: str}
        given: {description: "The value, its origin, and by what it went.", type: dict}
    not_matched:
      description: The mappings that do not count.
      type: list
      elements: dict
      contains:
        mapping: {description: The mapping., type: str}
        key: {description: The first key that does not match., type: str, sample: role}
        wanted: {description: What the mapping wants of it., type: str, sample: access or core}
        found: {description: What the object has., type: str, sample: server}
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
        argument_spec=policy_spec(
            names={"type": "list", "elements": "str", "default": []},
            ids={"type": "list", "elements": "str", "default": []},
        ),
        **ONE_POLICY,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.explain import explain_hosts

        params = module.params
        return explain_hosts(
            policy_options(params), params["names"], params["ids"], params["export"], netbox_if_given(params), progress
        )

    run_module(module, job, connects=module.params["export"] is None)


if __name__ == "__main__":
    main()
