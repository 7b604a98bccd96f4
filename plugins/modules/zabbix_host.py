#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: zabbix_host
short_description: Create, update, end or restore the Zabbix hosts of some NetBox objects
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - The jobs CreateZabbixHost, UpdateZabbixHost and DeleteZabbixHost, for one or several NetBox objects in one run.
  - It is the same comparison, guard and result as in M(netops.netbox_zabbix.hosts_sync), over the objects that are
    named. Only what differs is written, each host in one write; a second run writes nothing.
  - A host that was created, and whose link NetBox does not take (no permission, a field that refuses the value, NetBox
    away), is deleted again and told as failed with what NetBox said, as long as nobody has changed it meanwhile. Where
    O(write_back) does not hold C(zabbix_hostid), there is no link and nothing is taken back.
    M(netops.netbox_zabbix.hosts_sync) keeps such hosts, and its next run writes the link.
  - A host without our tags is never touched, and a host is not created where one of its name exists that is not ours.
options:
  state:
    description:
      - With V(present), the host is as NetBox and the policy say. It is created, updated or restored; where NetBox or
        the policy says that it is not to be monitored, it ends as O(deletion) says.
      - With V(absent), it ends as C(absent) of O(deletion) says, whatever NetBox says. Objects that NetBox no longer
        has can be given by O(ids).
      - With V(archived), it is archived, whatever O(deletion) says.
      - With V(restored), it is brought back from the archive. Nothing is created.
      - The next run over the whole estate follows NetBox again. What is to stay away has to be so in NetBox, by its
        status or by C(zabbix_exclude).
    type: str
    choices: [present, absent, archived, restored]
    default: present
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
    description: Nothing at all is written, on either side.
    support: full
  diff_mode:
    description: Every change, field by field, with the reason and the layer of the policy. Secrets are masked.
    support: full
"""

EXAMPLES = r"""
- name: One switch, now
  netops.netbox_zabbix.zabbix_host:
    names: [ber1-sw1]
    mappings: "{{ netbox_zabbix_mappings }}"

- name: The hosts of all objects of this play in one run
  netops.netbox_zabbix.zabbix_host:
    ids: "{{ (ansible_play_batch | netops.netbox_zabbix.netbox_objects(hostvars)).ids }}"
    mappings: "{{ netbox_zabbix_mappings }}"
  run_once: true
  delegate_to: localhost

- name: Put the hosts of two devices away with their history, one of which NetBox no longer has
  netops.netbox_zabbix.zabbix_host:
    ids: [device:123, device:124]
    state: archived
    mappings: "{{ netbox_zabbix_mappings }}"
"""

RETURN = r"""
job:
  description: CreateZabbixHost where a host was created, else UpdateZabbixHost; DeleteZabbixHost for hosts that end.
  returned: success
  type: str
  sample: UpdateZabbixHost
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
        - With O(waves) or O(health), C(unhealthy) for a host that was written and is worse off than before, C(undone)
          for one that was taken back, C(postponed) for one whose wave was not written.
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
  description: What did not work and fails no host, such as writing back to NetBox.
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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.sync_face import hosts_module, sync_options


def main() -> None:
    states = {"type": "str", "choices": ["present", "absent", "archived", "restored"], "default": "present"}
    arguments = hosts_module(state=states)
    # without any of them it would be a run over the whole estate, and that is another module
    arguments["required_one_of"].append(("names", "ids", "filters"))
    module = AnsibleModule(**arguments)

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.zabbix_host import manage_hosts

        options = sync_options(module, "state")
        return manage_hosts(netbox_connection(module.params), zabbix_connection(module.params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
