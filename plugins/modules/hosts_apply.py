#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: hosts_apply
short_description: Apply a saved plan, exactly
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Applies a plan that M(netops.netbox_zabbix.hosts_plan) saved.
  - Both sides are read again, with the options that the plan was made with, and the plan is made anew. Where a host
    of the plan, its NetBox object, the policy, a version or a server is not as it was then, the task fails before the
    first write and names what has changed.
  - Changes that came to other hosts since are told, and not made.
  - Changes that were made already count as done, so that a plan whose apply broke off can be applied again. Applying it
    once more changes nothing.
options:
  plan:
    description:
      - The identity of a plan in O(state_store), or the beginning of it. M(netops.netbox_zabbix.hosts_plan) tells it,
        as C(run_id).
      - One of this and O(path).
    type: str
  path:
    description: File of the plan.
    type: path
  expected:
    description:
      - Options of M(netops.netbox_zabbix.hosts_plan) that have to be those of the plan, by name. One that is another is
        an error. None is needed, the plan has all of them.
      - "An example is C({instance: netbox, filters: {device: {site: ber1}}})."
    type: dict
    default: {}
  mappings:
    description:
      - The policy, a list of mappings. It has to be the one that the plan was made with.
      - One of this and O(policy_path).
    type: list
    elements: raw
  policy_path:
    description: The policy as a YAML file, or as a directory of YAML files.
    type: path
  secrets:
    description: "Values by name, for the policy's C({secret: name}), as when the plan was made."
    type: dict
    default: {}
  digest_key:
    description:
      - Key of digests, as when the plan was made. With a key, only plans that were made with it are applied, and one
        that was changed since is refused.
    type: str
    default: ''
  statuses:
    description: What a NetBox status means, as when the plan was made.
    type: dict
  fail_on:
    description:
      - The task fails when there is a host of one of these words. Each is what became of a host, or the reason of one
        of its differences.
    type: list
    elements: str
    choices: [failed, conflict, drifted, pending, new, missing, orphan, unknown, excluded, absent]
    default: [failed]
  lock:
    description: Whether runs on other machines wait too while this one writes. See M(netops.netbox_zabbix.hosts_sync).
    type: str
    choices: [shared, local]
    default: shared
  lock_wait:
    description:
      - How many seconds to wait for another run that writes. After it everything is read and compared again.
    type: int
    default: 300
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin sets it, to show them live.
    type: path
extends_documentation_fragment:
  - netops.netbox_zabbix.state
  - netops.netbox_zabbix.state.cache
  - netops.netbox_zabbix.state.runs
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: The plan is compared with both sides, and nothing at all is written.
    support: full
  diff_mode:
    description: Every change that is made, field by field. Secrets are masked.
    support: full
"""

EXAMPLES = r"""
- name: Apply the plan that was looked at in the merge request
  netops.netbox_zabbix.hosts_apply:
    path: plan.json
    policy_path: policy
    digest_key: "{{ digest_key }}"

- name: Apply a plan of the state store
  netops.netbox_zabbix.hosts_apply:
    plan: 0f3a
    policy_path: policy
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: ApplyPlan
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
  description: Whether the plan is of the whole estate.
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
  description: Why the run ended before its last wave. Empty where it did not.
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
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import (
    FAIL_ON_OPTION,
    argument_spec,
    run_module,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_records import keep_from
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state_face import runs_spec
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.sync_face import ARGUMENTS

#: as in a sync
SHARED = (
    *("mappings", "policy_path", "secrets", "digest_key", "statuses"),
    *("lock", "lock_wait", "state_store", "settings_max_age"),
)


def main() -> None:
    own: dict[str, dict[str, Any]] = {
        "plan": {"type": "str"},
        "path": {"type": "path"},
        "expected": {"type": "dict", "default": {}},
        **{name: ARGUMENTS[name] for name in SHARED},
    }
    module = AnsibleModule(
        argument_spec=argument_spec(**{**runs_spec(), **own}, fail_on=FAIL_ON_OPTION),
        mutually_exclusive=[("plan", "path"), ("mappings", "policy_path")],
        required_one_of=[("plan", "path"), ("mappings", "policy_path")],
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.apply_plan import (
            ApplyOptions,
            apply_saved_plan,
        )

        options = ApplyOptions(
            **{name: module.params[name] for name in own},
            pre_images=keep_from(module.params["keep_runs"])["count"] > 0,
            dry_run=module.check_mode,
            want_diff=module._diff,
        )
        return apply_saved_plan(netbox_connection(module.params), zabbix_connection(module.params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
