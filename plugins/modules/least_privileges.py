#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: least_privileges
short_description: Make accounts that may do what the jobs need, and nothing else
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - "On NetBox it makes a group, its object permissions, a user and a token; on Zabbix a role with a list of API
    methods, a user group with rights on host groups and template groups, a user and a token. It takes the tokens of
    administrators on both sides."
  - What each job needs is in one table of the collection, the same that M(netops.netbox_zabbix.preflight) checks.
  - A second run writes nothing. What the jobs need is kept right, and what people add to the accounts stays, but for
    the methods and actions of the role, which are those of the table.
  - What it made carries the mark C([netops.netbox_zabbix]) in its description; a user of NetBox in its last name, a
    user of Zabbix in its surname, role and user group of Zabbix in their names. A user or a group of that name without
    the mark is an error, and nothing is written.
options:
  name:
    description: Name of the account, on both sides.
    type: str
    default: netbox-zabbix
  sides:
    description: The sides on which there is to be an account.
    type: list
    elements: str
    choices: [netbox, zabbix]
    default: [netbox, zabbix]
  jobs:
    description:
      - What the account is for, as the playbooks are called, or V(inventory) for the plugin. All but those of
        administrators by default.
    type: list
    elements: str
  host_groups:
    description:
      - Zabbix's host groups that the hosts of the policy are in. Each stands for all below it too, V(*) for all that
        there are. Needed for an account on Zabbix.
      - Those that are missing are created, since a group that is created below another takes over its rights.
    type: list
    elements: str
    default: []
  template_groups:
    description:
      - Zabbix's template groups (on 6.0 the host groups that templates are in) whose templates may be linked. Each
        stands for all below it too, V(*) for all that there are.
    type: list
    elements: str
    default: ["*"]
  netbox_token_path:
    description:
      - File that the value of NetBox's token is put into, with mode 0600. Without it no token is made.
      - NetBox tells a value only once. A token whose value is not in the file any more is replaced by a new one.
    type: path
  zabbix_token_path:
    description: The same for Zabbix's token.
    type: path
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin sets it, to show them live.
    type: path
  netbox_url:
    description:
      - Address of NetBox, with or without C(/api).
      - Falls back to the environment variable E(NETBOX_URL).
    type: str
    required: false
  netbox_token:
    description:
      - API token of an administrator of NetBox. It may view, add and change groups, permissions, users and tokens, and
        has the permission to grant tokens.
      - Falls back to the environment variable E(NETBOX_TOKEN).
    type: str
    required: false
  zabbix_url:
    description:
      - Address of Zabbix's web interface, with or without C(/api_jsonrpc.php).
      - Falls back to the environment variable E(ZABBIX_URL).
    type: str
    required: false
extends_documentation_fragment:
  - netops.netbox_zabbix.connection
attributes:
  check_mode:
    description: Nothing at all is written.
    support: full
  diff_mode:
    description: Everything that is made or put right, with each value, but never a token.
    support: full
"""

EXAMPLES = r"""
- name: Accounts for the jobs of each day
  netops.netbox_zabbix.least_privileges:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_admin_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_admin_token }}"
    host_groups: [NetBox, Roles]
    netbox_token_path: /etc/netbox-zabbix/netbox.token
    zabbix_token_path: /etc/netbox-zabbix/zabbix.token

- name: One that may do no more than import
  netops.netbox_zabbix.least_privileges:
    name: netbox-zabbix-import
    jobs: [import]
    host_groups: ["*"]
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: PrepareAccounts
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
  sample: {created: 10, updated: 0, deleted: 0, renewed: 0, unchanged: 0}
changes:
  description: What was, or in check mode would be, written. Never the value of a token.
  returned: success
  type: list
  elements: dict
  contains:
    side: {description: NetBox or Zabbix., type: str, sample: Zabbix}
    kind: {description: What it is., type: str, sample: user group}
    name: {description: Its name., type: str, sample: "netbox-zabbix [netops.netbox_zabbix]"}
    action: {description: "C(create), C(update), C(delete) or, for a token, C(renew).", type: str}
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

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import argument_spec, run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result

SIDES = ("netbox", "zabbix")


def main() -> None:
    spec = argument_spec(
        name={"type": "str", "default": "netbox-zabbix"},
        sides={"type": "list", "elements": "str", "choices": list(SIDES), "default": list(SIDES)},
        jobs={"type": "list", "elements": "str"},
        host_groups={"type": "list", "elements": "str", "default": []},
        template_groups={"type": "list", "elements": "str", "default": ["*"]},
        netbox_token_path={"type": "path", "no_log": False},
        zabbix_token_path={"type": "path", "no_log": False},
    )
    for name in ("netbox_url", "netbox_token", "zabbix_url"):
        spec[name]["required"] = False
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.least_privileges import (
            JOBS,
            AccountOptions,
            prepare_accounts,
        )

        params = module.params
        lacking = [
            f"{name} is needed for sides: {side}"
            for side, names in (("netbox", ("netbox_url", "netbox_token")), ("zabbix", ("zabbix_url",)))
            for name in names
            if side in params["sides"] and not params[name]
        ]
        if lacking:
            raise InputError(lacking)
        options = AccountOptions(
            name=params["name"],
            jobs=JOBS if params["jobs"] is None else params["jobs"],
            host_groups=params["host_groups"],
            template_groups=params["template_groups"],
            netbox_token_path=params["netbox_token_path"],
            zabbix_token_path=params["zabbix_token_path"],
            dry_run=module.check_mode,
        )
        return prepare_accounts(
            netbox_connection(params) if "netbox" in params["sides"] else None,
            zabbix_connection(params) if "zabbix" in params["sides"] else None,
            options,
            progress,
        )

    run_module(module, job)


if __name__ == "__main__":
    main()
