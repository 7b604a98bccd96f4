#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: netbox_schema
short_description: Prepare NetBox for the collection
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Creates in NetBox what the other jobs keep things in, and keeps it right. That is custom fields in the group
    C(Zabbix), their choice sets, a config-context profile that checks the key C(zabbix) as it is typed, saved filters
    for drifted and failed objects, and a link to the host in Zabbix.
  - A second run writes nothing.
  - What it made carries the mark C([netops.netbox_zabbix]) in its description (a custom link, which has none, in the
    template of its text). Only that is ever put right or taken away.
  - A custom field that others made is used as it is, if its type and its choice set are the declared ones; only object
    types that it lacks are added. One of another type or choice set is an error that says what is there and what to
    do. All such errors are told together, and nothing is written then.
  - Object types, choices and weights that people change or add stay.
options:
  state:
    description:
      - With V(present), all of it is there.
      - With V(absent), all that carries the mark is taken away. A choice set that a field of others uses stays, and so
        does a profile that config contexts use.
    type: str
    choices: [present, absent]
    default: present
  confirm_loss:
    description:
      - Whether custom fields are deleted although objects have values in them.
      - Without it, O(state=absent) deletes nothing then, and the error says how many objects have values in which
        field.
    type: bool
    default: false
  virtual_device_contexts:
    description:
      - Whether virtual device contexts get the custom fields, saved filters and link too.
      - Those that have them keep them in a run without it.
    type: bool
    default: false
  webhook_url:
    description:
      - Who is told of each device and virtual machine that is created, changed or deleted, such as a job template's or
        Event-Driven Ansible's address. A webhook and an event rule of the name C(netops.netbox_zabbix) are created.
      - Headers, secret and body of the webhook are for people to give in NetBox; they stay.
      - Without it, neither is created, and those that are there are left as they are.
    type: str
    default: ''
  zabbix_url:
    description:
      - Address of Zabbix's web interface as browsers reach it, with or without C(/api_jsonrpc.php).
      - With it, devices and virtual machines that have a host get a link to the host's latest data. Zabbix itself is
        not asked.
      - Falls back to the environment variable E(ZABBIX_URL).
    type: str
    required: false
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
    description: Everything that is made, put right or taken away, with each value.
    support: full
"""

EXAMPLES = r"""
- name: Prepare NetBox
  netops.netbox_zabbix.netbox_schema:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_admin_token }}"
    zabbix_url: https://zabbix.example.com

- name: Take it all away again, with the values
  netops.netbox_zabbix.netbox_schema:
    state: absent
    confirm_loss: true
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: PrepareNetBox
run_id:
  description: Identity of the run. NetBox's changelog shows it.
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
  sample: {created: 17, updated: 0, deleted: 0, unchanged: 1, clashes: 0, values: 0}
changes:
  description: What was, or in check mode would be, written.
  returned: success
  type: list
  elements: dict
  contains:
    kind: {description: What it is., type: str, sample: custom field}
    name: {description: Its name in NetBox., type: str, sample: zabbix_hostid}
    action: {description: "C(create), C(update) or C(delete).", type: str}
    attributes: {description: The attributes that are written., type: list, elements: str}
values:
  description: With O(state=absent), how many objects have a value in each custom field that goes.
  returned: success
  type: dict
  sample: {zabbix_hostid: 390, zabbix_templates: 12}
hosts:
  description: Always empty.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Technical name of the host., type: str}
    object: {description: The NetBox object., type: str, sample: "device:123"}
    hostid: {description: Id of the host in Zabbix., type: str}
    action: {description: What became of it., type: str}
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
  description: Always empty.
  returned: success
  type: list
  elements: str
refused:
  description: In check mode, why a real run would write nothing. Empty where it would not stop.
  returned: success
  type: str
message:
  description: The run in a few lines.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import argument_spec, run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import netbox_connection, web_addresses
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state_face import runs_spec


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **argument_spec(**runs_spec()),
            "zabbix_url": {"type": "str", "fallback": (env_fallback, ["ZABBIX_URL"])},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "confirm_loss": {"type": "bool", "default": False},
            "virtual_device_contexts": {"type": "bool", "default": False},
            "webhook_url": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.netbox_schema import (
            SchemaOptions,
            prepare_netbox,
        )

        params = module.params
        options = SchemaOptions(
            state=params["state"],
            web=web_addresses(params).get("zabbix"),
            virtual_device_contexts=params["virtual_device_contexts"],
            webhook_url=params["webhook_url"],
            confirm_loss=params["confirm_loss"],
            dry_run=module.check_mode,
        )
        return prepare_netbox(netbox_connection(params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
