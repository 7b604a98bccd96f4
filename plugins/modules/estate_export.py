#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: estate_export
short_description: Save an estate, so that policies can be checked without any server
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Reads all objects of NetBox, and what a policy may name in Zabbix, and writes it into one file.
  - With it M(netops.netbox_zabbix.policy_lint), M(netops.netbox_zabbix.policy_simulate) and
    M(netops.netbox_zabbix.host_config_info) work without NetBox and without Zabbix, as in the pipeline of a
    merge request.
  - The file holds what NetBox tells of the objects, config contexts and custom fields included, and no token
    and no secret of the policy. It is written whole or not at all, and can be read by its owner alone (mode
    0600).
options:
  path:
    description: The file to be written, compressed where it ends in C(.gz).
    type: path
    required: true
  zabbix:
    description: Whether Zabbix's templates, host groups and proxies are read too, so that their names can be checked.
    type: bool
    default: true
  interfaces:
    description:
      - "Names of NetBox interfaces whose addresses policies ask for, as in C(address: interface:mgmt0)."
    type: list
    elements: str
    default: []
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin sets it, to show them live.
    type: path
  zabbix_url:
    description:
      - Address of Zabbix's web interface, with or without C(/api_jsonrpc.php). Needed unless O(zabbix=false).
      - Falls back to the environment variable E(ZABBIX_URL).
    type: str
    required: false
extends_documentation_fragment:
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Everything is read and nothing is written.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
"""

EXAMPLES = r"""
- name: Save the estate
  netops.netbox_zabbix.estate_export:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_token }}"
    path: estate.json.gz
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: ExportEstate
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
  description: Whether it ran in check mode.
  returned: success
  type: bool
stats:
  description: Counts by name.
  returned: success
  type: dict
  sample: {objects: 400, device: 350, virtual_machine: 50, templates: 354, bytes: 81234}
hosts:
  description: Always empty.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Technical name of the host., type: str}
    object: {description: The NetBox object., type: str, sample: "device:123"}
    hostid: {description: Always empty. Zabbix's hosts are not read., type: str}
    action: {description: "Always empty.", type: str}
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
"""

from ansible.module_utils.basic import AnsibleModule, env_fallback
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import argument_spec, run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **argument_spec(),
            "zabbix_url": {"type": "str", "fallback": (env_fallback, ["ZABBIX_URL"])},
            "path": {"type": "path", "required": True},
            "zabbix": {"type": "bool", "default": True},
            "interfaces": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.estate_export import (
            export_estate,
        )

        params = module.params
        if params["zabbix"] and not params["zabbix_url"]:
            raise InputError(["zabbix_url is needed (or ZABBIX_URL in the environment), or zabbix: false"])
        return export_estate(
            params["path"],
            netbox_connection(params),
            zabbix_connection(params) if params["zabbix"] else None,
            params["interfaces"],
            module.check_mode,
            progress,
        )

    run_module(module, job)


if __name__ == "__main__":
    main()
