#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: zabbix_groups
short_description: Create the host groups that a policy gives
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Works out which host groups the policy gives the hosts of the whole estate, and creates those that Zabbix lacks,
    with their parents. Zabbix lets only a super admin do that, so this module is for an administrator's token; after
    it M(netops.netbox_zabbix.hosts_sync) does with the least rights.
  - A new group takes over the rights that user groups have on the group above it. With O(user_group), that user group
    gets read-write on the policy's groups where it lacks it.
  - A second run writes nothing. No group is ever renamed or deleted.
options:
  user_group:
    description:
      - User group that the sync's user is in, as M(netops.netbox_zabbix.least_privileges) made it.
      - Without it no rights are given but those that new groups take over from their parents.
    type: str
    default: ""
  graveyard:
    description:
      - Host group of archived hosts, which is created like those of the policy. The default is that of the sync's
        deletion policy. With an empty name there is none.
    type: str
    default: NetBox archive
extends_documentation_fragment:
  - netops.netbox_zabbix.policy
  - netops.netbox_zabbix.state
  - netops.netbox_zabbix.state.runs
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Nothing at all is written.
    support: full
  diff_mode:
    description: The groups that are created and the rights that are given.
    support: full
"""

EXAMPLES = r"""
- name: Create what the policy needs, as an administrator
  netops.netbox_zabbix.zabbix_groups:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_admin_token }}"
    policy_path: policy
    user_group: netbox-zabbix [netops.netbox_zabbix]
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: PrepareZabbixGroups
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
  sample: {objects: 400, groups: 31, created: 2, granted: 0, denied: 0}
created:
  description: Host groups that were, or in check mode would be, created.
  returned: success
  type: list
  elements: str
  sample: [NetBox, NetBox/Berlin 1]
granted:
  description: Host groups on which the user group got, or in check mode would get, read-write.
  returned: success
  type: list
  elements: str
  sample: [NetBox/Berlin 1]
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
requests:
  description: HTTP requests by server and kind.
  returned: success
  type: dict
notes:
  description: What is worth knowing. The task shows it as warnings.
  returned: success
  type: list
  elements: str
refused:
  description: Always empty.
  returned: success
  type: str
message:
  description: The run in a few lines.
  returned: success
  type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import zabbix_connection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy_face import (
    ONE_POLICY,
    netbox_if_given,
    policy_options,
    policy_spec,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state_face import runs_spec


def main() -> None:
    module = AnsibleModule(
        argument_spec=policy_spec(
            user_group={"type": "str", "default": ""},
            graveyard={"type": "str", "default": "NetBox archive"},
            **runs_spec(),
        ),
        **ONE_POLICY,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.zabbix_groups import prepare_groups

        params = module.params
        if not params["zabbix_url"]:
            raise InputError(["zabbix_url is needed (or ZABBIX_URL in the environment)"])
        return prepare_groups(
            policy_options(params),
            params["export"],
            netbox_if_given(params),
            zabbix_connection(params),
            params["user_group"],
            params["graveyard"],
            module.check_mode,
            progress,
        )

    run_module(module, job)


if __name__ == "__main__":
    main()
