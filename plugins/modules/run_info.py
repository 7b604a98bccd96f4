#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: run_info
short_description: List the runs of the jobs, show one, compare two
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Reads the records that the jobs leave in the state store. Zabbix is not asked, and NetBox only where the store is in
    there.
  - Without O(run) the newest runs are listed. The collection's document C(docs/state.md) describes the records.
options:
  run:
    description: The identity of a run, or the beginning of it. That run is shown.
    type: str
  compare_to:
    description: Another run, which O(run) is compared with.
    type: str
  job:
    description: Only runs of this job are listed, such as V(SyncHostsNow).
    type: str
  limit:
    description: How many runs are listed, the newest first.
    type: int
    default: 20
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin sets it, to show them live.
    type: path
  netbox_url:
    required: false
  netbox_token:
    required: false
  zabbix_url:
    required: false
extends_documentation_fragment:
  - netops.netbox_zabbix.state
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
- name: List the last ten runs of the sync
  netops.netbox_zabbix.run_info:
    job: SyncHostsNow
    limit: 10

- name: What did this run do?
  netops.netbox_zabbix.run_info:
    run: 0f3a9c1b2d4e
  register: shown

- name: What is different since the run before?
  netops.netbox_zabbix.run_info:
    run: 0f3a
    compare_to: 77b1
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: ShowRuns
run_id:
  description: Identity of this look at the runs. It leaves no record.
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
  sample: "2026-11-24T10:00:00Z"
dry_run:
  description: Always true.
  returned: success
  type: bool
whole:
  description: Always true.
  returned: success
  type: bool
stats:
  description: How many runs the state store has.
  returned: success
  type: dict
  sample: {runs: 212}
hosts:
  description: Always empty.
  returned: success
  type: list
  elements: dict
requests:
  description: Always empty.
  returned: success
  type: dict
durations:
  description: Always empty.
  returned: success
  type: dict
urls:
  description: The web addresses of both servers, as far as they are given.
  returned: success
  type: dict
notes:
  description: Always empty.
  returned: success
  type: list
  elements: str
refused:
  description: Always empty.
  returned: success
  type: str
message:
  description: What was found, in a line.
  returned: success
  type: str
text:
  description: The list, the run or the comparison, for people.
  returned: success
  type: str
runs:
  description: The newest runs, where no O(run) is given.
  returned: success
  type: list
  elements: dict
  contains:
    run_id: {description: Identity of the run., type: str}
    job: {description: Name of its job., type: str}
    started: {description: "When it began, UTC.", type: str}
    finished: {description: "When it ended, UTC; empty where it did not.", type: str}
    outcome:
      description:
        - One of C(changed), C(unchanged), C(failures), C(refused), C(stopped), C(interrupted), C(not finished),
          C(unreadable).
      type: str
    changed: {description: Whether anything was written., type: bool}
    stats: {description: Its counts., type: dict}
    message: {description: Its message., type: str}
    plan_digest: {description: Two runs with one digest have the same changes., type: str}
    policy_digest: {description: Two runs with one digest have the same policy., type: str}
run:
  description: The run that was asked for. As in the list, and more.
  returned: success
  type: dict
  contains:
    options: {description: The arguments of its module without secrets., type: dict}
    result: {description: Its whole result., type: dict}
    of: {description: The servers that it was about., type: dict}
    made_by: {description: The release of the collection that wrote the record., type: str}
    pre_images: {description: Whether what was there before its writes is kept., type: bool}
comparison:
  description: What differs between two runs; C(before) is always the older one.
  returned: success
  type: dict
  contains:
    same_plan: {description: Whether they have the same changes., type: bool}
    same_policy: {description: Whether they have the same policy., type: bool}
    options: {description: "Arguments that differ, each as it was before and after.", type: dict}
    stats: {description: "Counts that differ, each as it was before and after.", type: dict}
    of: {description: "Servers that differ, each as it was before and after.", type: dict}
    hosts:
      description: Hosts that they had different outcomes for.
      type: list
      elements: dict
      contains:
        object: {description: The NetBox object., type: str, sample: "device:123"}
        name: {description: Technical name of the host., type: str}
        before: {description: What the older run did., type: str, sample: "update: status"}
        after: {description: What the newer run did., type: str, sample: unchanged}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import argument_spec, run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state_face import state_spec, store_of


def main() -> None:
    spec = argument_spec(
        run={"type": "str"},
        compare_to={"type": "str"},
        job={"type": "str"},
        limit={"type": "int", "default": 20},
        **state_spec(),
    )
    for name in ("netbox_url", "netbox_token", "zabbix_url"):
        spec[name]["required"] = False
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_history import show_runs

        params = module.params
        return show_runs(
            store_of(params), params["run"], params["compare_to"], params["job"], params["limit"], progress
        )

    run_module(module, job, connects=module.params["state_store"].strip() == "netbox:")


if __name__ == "__main__":
    main()
