#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: run_undo
short_description: Take back what a run changed in Zabbix
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Makes hosts again what they were before a run of M(netops.netbox_zabbix.hosts_sync) or
    M(netops.netbox_zabbix.zabbix_host), by what that run kept in the state store.
  - Updates are taken back element by element, where nobody changed them since; what was changed since stays and is told
    in C(notes). A host that another run changed since is left alone, that run has to be taken back first.
  - A template that the run linked goes with the items that it brought. Where one of these was there before, all of them
    stay as the host's own, and it is told.
  - Hosts that the run created are archived, those that it archived are restored.
  - Hosts that were deleted, history of templates that were cleared, and secrets cannot be given back; it is told.
  - The next sync follows NetBox and the policy again. What is to stay has to be changed there.
options:
  run:
    description: The identity of the run, or the beginning of it. M(netops.netbox_zabbix.run_info) lists runs.
    type: str
    required: true
  hosts:
    description: Technical names (as they were before the run) or NetBox objects (C(device:123)). All hosts without it.
    type: list
    elements: str
    default: []
  instance:
    description: The value of the tag C(netbox_instance), by which this NetBox finds its hosts in Zabbix.
    type: str
    default: netbox
  graveyard:
    description: Host group of archived hosts.
    type: str
    default: NetBox archive
  lock:
    description: Whether runs on other machines wait too while this one writes. See M(netops.netbox_zabbix.hosts_sync).
    type: str
    choices: [shared, local]
    default: shared
  lock_wait:
    description: How many seconds to wait for another run that writes.
    type: int
    default: 300
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
    description: Nothing at all is written.
    support: full
  diff_mode:
    description: Everything that is taken back, field by field. Secrets are masked.
    support: full
"""

EXAMPLES = r"""
- name: Take the last run back
  netops.netbox_zabbix.run_undo:
    run: 0f3a9c1b2d4e

- name: Only on one host
  netops.netbox_zabbix.run_undo:
    run: 0f3a
    hosts: [ber1-sw1]
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: UndoRun
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
  description: Whether the run was over the whole estate.
  returned: success
  type: bool
requests:
  description: HTTP requests by server and kind.
  returned: success
  type: dict
notes:
  description: What did not work and fails no host, such as writing back to NetBox.
  returned: success
  type: list
  elements: str
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
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import argument_spec, run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state_face import runs_spec, store_of


def main() -> None:
    module = AnsibleModule(
        argument_spec=argument_spec(
            run={"type": "str", "required": True},
            hosts={"type": "list", "elements": "str", "default": []},
            instance={"type": "str", "default": "netbox"},
            graveyard={"type": "str", "default": "NetBox archive"},
            lock={"type": "str", "choices": ["shared", "local"], "default": "shared"},
            lock_wait={"type": "int", "default": 300},
            **runs_spec(),
        ),
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.undo_run import UndoOptions, undo_run

        names = ("run", "hosts", "instance", "graveyard", "lock", "lock_wait")
        options = UndoOptions(
            **{name: module.params[name] for name in names}, dry_run=module.check_mode, want_diff=module._diff
        )
        sides = netbox_connection(module.params), zabbix_connection(module.params)
        return undo_run(*sides, store_of(module.params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
