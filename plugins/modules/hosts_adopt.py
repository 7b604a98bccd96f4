#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: hosts_adopt
short_description: Take over hosts that are in Zabbix already, or give them back
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Finds out which Zabbix host is that of which NetBox object, by the link in C(zabbix_hostid), by names, addresses,
    serial numbers, asset tags and what other tools left, and leaves the decision to a person.
  - A host that is taken over gets the tags C(netbox_instance) and C(netbox_id) and the macro C({$NETBOX.APPLIED}), in
    one write. Nothing else of it changes, and nothing is written to NetBox.
  - Hosts of another NetBox, hosts that Zabbix's discovery made, and templates are never touched.
options:
  state:
    description:
      - With V(report), candidates are written to the table O(decisions), for a person to decide on. Nothing is written
        to either server. What a person decided in a table that is there stays.
      - With V(apply), hosts whose C(decision) in the table is C(adopt) are taken over. A table with anything wrong in
        it is refused as a whole, with the numbers of the lines.
      - With V(policy), mappings are proposed from the templates, host groups and proxies that hosts of a role, a
        platform or a site share.
      - With V(release), hosts of O(ids), O(names), O(filters) or O(all_hosts) lose our marks. All else stays.
    type: str
    choices: [report, apply, policy, release]
    default: report
  decisions:
    description:
      - The table of candidates, as CSV. Needed for V(report) and V(apply).
      - With V(policy), the hosts decided on in it are looked at, where it is there; else those that are clear.
    type: path
  least_score:
    description:
      - How likely a candidate has to be, in per cent, for the table to propose it. One in a conflict never is.
    type: int
    default: 80
  default_tag:
    description:
      - The tag in which the NetBox Zabbix plugin (pergus) put the number of an object, with its prefix.
    type: str
    default: ''
  exports:
    description:
      - Files, or directories of them, with what another tool's REST API lists, as for C(migrate.yml). Host ids are in
        C(zabbixserverassignment) of nbxsync and in C(host-config) of the NetBox Zabbix plugin.
    type: list
    elements: path
    default: []
  export_server:
    description:
      - The name of the Zabbix server that is meant, where nbxsync knows several. C(zabbixserver) is needed then.
    type: str
    default: ''
  converge:
    description:
      - With V(apply), whether the hosts become what the policy says in the same write, after the comparison and the
        guard of a sync over these objects. The policy is needed then.
    type: bool
    default: false
  all_hosts:
    description: With V(release), whether all hosts of O(instance) are meant.
    type: bool
    default: false
  policy_dest:
    description: With V(policy), the file that the proposal is written to.
    type: path
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - An action plugin sets it, to show them live.
    type: path
extends_documentation_fragment:
  - netops.netbox_zabbix.hosts
  - netops.netbox_zabbix.state
  - netops.netbox_zabbix.state.cache
  - netops.netbox_zabbix.state.runs
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Nothing at all is written, on either side or to a file.
    support: full
  diff_mode:
    description: Every mark that is set or taken away; with O(converge), every change, field by field.
    support: full
"""

EXAMPLES = r"""
- name: Who may be whose
  netops.netbox_zabbix.hosts_adopt:
    decisions: adopt.csv
    reports:
      html: adopt.html

- name: Take over the hosts that were decided on
  netops.netbox_zabbix.hosts_adopt:
    state: apply
    decisions: adopt.csv

- name: A policy from what is there
  netops.netbox_zabbix.hosts_adopt:
    state: policy
    policy_dest: proposed.yml

- name: Give a host back
  netops.netbox_zabbix.hosts_adopt:
    state: release
    names: [ber1-sw1]
"""

RETURN = r"""
job:
  description: C(AdoptHosts), C(ReleaseHosts) or C(ProposePolicy).
  returned: success
  type: str
  sample: AdoptHosts
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
  sample: "2026-11-24T10:00:21Z"
dry_run:
  description: Whether it ran in check mode.
  returned: success
  type: bool
stats:
  description: Counts by name.
  returned: success
  type: dict
  sample: {objects: 400, zabbix_hosts: 390, ours: 0, candidates: 380, proposed: 370, conflicts: 8, unclaimed: 10}
hosts:
  description: The candidates of a report, or the hosts that were changed or failed.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Technical name of the host., type: str}
    object: {description: The NetBox object., type: str, sample: "device:123"}
    hostid: {description: Id of the host in Zabbix., type: str}
    action:
      description:
        - C(candidate), C(conflict), C(unclaimed) (no object claims it) or C(ours) in a report.
        - C(adopt), C(release) or C(failed) else; with O(converge) as for M(netops.netbox_zabbix.hosts_sync).
      type: str
    changes: {description: "The score of a candidate, or what changed.", type: list, elements: str}
    reasons: {description: "What is in a candidate's way, or why something changed.", type: list, elements: str}
    error: {description: What failed and what to do., type: str}
    details:
      description: The evidence, or the differences, of a run the first 1,000. Reports have all of them.
      type: list
      elements: dict
      contains:
        attribute: {description: The attribute., type: str, sample: evidence}
        element: {description: "What of it, empty where it has one value.", type: str, sample: technical name}
        wanted: {description: What NetBox has. Secrets are masked., type: str}
        live: {description: What Zabbix has., type: str}
        reason: {description: "Its points, or why it differs.", type: str}
        origin: {description: The layer of the policy that wants it., type: str}
text:
  description: The proposed policy, as YAML.
  returned: when O(state=policy)
  type: str
durations:
  description: Seconds by phase.
  returned: success
  type: dict
  sample: {read: 3.2, compare: 4.1, write: 6.5}
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
  description: What did not work and fails no host.
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

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.sync_face import hosts_module, options_of


def main() -> None:
    own: dict[str, dict[str, Any]] = {
        "decisions": {"type": "path"},
        "least_score": {"type": "int", "default": 80},
        "default_tag": {"type": "str", "default": ""},
        "exports": {"type": "list", "elements": "path", "default": []},
        "export_server": {"type": "str", "default": ""},
        "converge": {"type": "bool", "default": False},
        "all_hosts": {"type": "bool", "default": False},
    }
    arguments = hosts_module(
        **own,
        state={"type": "str", "choices": ["report", "apply", "policy", "release"], "default": "report"},
        policy_dest={"type": "path"},
    )
    # a policy is needed only where hosts are to become what it says
    del arguments["required_one_of"]
    arguments["required_if"] = [
        ("state", "report", ("decisions",)),
        ("state", "apply", ("decisions",)),
        ("converge", True, ("mappings", "policy_path"), True),
    ]
    module = AnsibleModule(**arguments)

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs import adopt, adopt_policy

        options = options_of(module, adopt.AdoptOptions, *own)
        options.decisions = options.decisions or ""
        sides = netbox_connection(module.params), zabbix_connection(module.params)
        if module.params["state"] == "policy":
            return adopt_policy.propose_policy(*sides, options, module.params["policy_dest"] or "", progress)
        jobs = {"report": adopt.report_candidates, "apply": adopt.adopt_hosts, "release": adopt.release_hosts}
        return jobs[module.params["state"]](*sides, options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
