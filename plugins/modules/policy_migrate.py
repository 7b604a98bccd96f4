#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: policy_migrate
short_description: Translate another tool's configuration into a policy
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Reads the configuration of netbox-zabbix-sync, or what was exported from the REST API of the NetBox plugins
    netbox-zabbix (pergus) and nbxsync, and writes it as C(netbox_zabbix_mappings) and the variables that go with it.
  - What cannot be translated as it was is listed, each with the reason and with what to do about it.
  - Connects to nothing and executes nothing. Secrets in an export are never taken over, only named.
  - See the collection's document C(docs/migration.md).
options:
  source:
    description:
      - The tool. V(netbox-zabbix-sync) is the script of TheNetworkGuy, V(netbox-zabbix) the plugin of pergus,
        V(nbxsync) the plugin of OpensourceICTSolutions.
    type: str
    required: true
    choices: [netbox-zabbix-sync, netbox-zabbix, nbxsync]
  paths:
    description:
      - For V(netbox-zabbix-sync) its C(config.py), and files with its environment variables (C(NBZX_NAME=value)).
      - For the plugins directories with a JSON file for each list of the REST API, named as the list
        (C(device-mapping.json), C(zabbixtemplateassignment.json)), or files with several lists by name.
    type: list
    elements: path
    required: true
  netbox_url:
    description:
      - Address of NetBox, for macros and tags of netbox-zabbix-sync that hold the address of an object.
    type: str
    default: ''
  zabbix_server:
    description:
      - Of an nbxsync with several Zabbix servers, the one that is translated.
    type: str
    default: ''
  dest:
    description:
      - File to be written. Without it nothing is written, and the result has the text.
      - It is put in place whole, with a backup of the old one if O(backup) says so.
    type: path
  backup:
    description: Whether a file that is overwritten is kept with the time in its name.
    type: bool
    default: true
attributes:
  check_mode:
    description: The file is not written.
    support: full
  diff_mode:
    description: The file before and after.
    support: full
"""

EXAMPLES = r"""
- name: Look at what netbox-zabbix-sync's configuration means
  netops.netbox_zabbix.policy_migrate:
    source: netbox-zabbix-sync
    paths: [/opt/netbox-zabbix-sync/config.py]
    netbox_url: https://netbox.example.com
  register: migrated

- name: Translate an export of nbxsync into variables of the inventory
  netops.netbox_zabbix.policy_migrate:
    source: nbxsync
    paths: [export/nbxsync]
    dest: inventory/group_vars/all/netbox_zabbix.yml
"""

RETURN = r"""
text:
  description: The variables as a file, with the remarks as comments.
  returned: success
  type: str
  sample: "netbox_zabbix_mappings:\n  - name: devices\n"
variables:
  description: The variables by name.
  returned: success
  type: dict
  sample: {netbox_zabbix_mappings: [{name: devices, match: {kind: device}, templates: [ICMP Ping]}]}
remarks:
  description: What was not translated as it was.
  returned: success
  type: list
  elements: dict
  contains:
    subject:
      description: The option or object that it is about.
      type: str
    reason:
      description: Why.
      type: str
    todo:
      description: What a person can do about it; empty where nothing is to be done.
      type: str
secrets:
  description: Names of the secrets that the policy refers to. Their values belong into C(netbox_zabbix_secrets).
  returned: success
  type: list
  elements: str
  sample: [community_device_sw1]
backup_file:
  description: The copy of the file that was there.
  returned: when one was made
  type: str
"""

import os
import tempfile
from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.run import SOURCES, migrate
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.translation import HAS_YAML, as_yaml


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "source": {"type": "str", "required": True, "choices": list(SOURCES)},
            "paths": {"type": "list", "elements": "path", "required": True},
            "netbox_url": {"type": "str", "default": ""},
            "zabbix_server": {"type": "str", "default": ""},
            "dest": {"type": "path"},
            "backup": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    if not HAS_YAML:
        module.fail_json(msg=missing_required_lib("PyYAML", reason="for netops.netbox_zabbix.policy_migrate"))
    given = module.params
    try:
        translation = migrate(given["source"], given["paths"], given["netbox_url"], given["zabbix_server"])
    except InputError as error:
        module.fail_json(msg="\n".join(error.problems))
    text = as_yaml(translation, given["source"])
    answer: dict[str, Any] = {
        "text": text,
        "variables": translation.variables,
        "remarks": [asdict(remark) for remark in translation.remarks],
        "secrets": translation.secrets,
        "changed": False,
    }
    if given["dest"]:
        _write(module, given["dest"], text, answer)
    number = len(translation.remarks)
    answer["msg"] = f"{len(translation.variables['netbox_zabbix_mappings'])} mappings, {number} remarks"
    module.exit_json(**answer)


def _write(module: AnsibleModule, dest: str, text: str, answer: dict[str, Any]) -> None:
    """Put the file in place where it differs."""
    before = ""
    if os.path.isdir(dest):
        module.fail_json(msg=f"dest: {dest} is a directory")
    exists = os.path.exists(dest)
    if exists:
        with open(dest, encoding="utf-8") as file:
            before = file.read()
    if before == text:
        return
    answer["changed"] = True
    answer["diff"] = {"before": before, "after": text, "before_header": dest, "after_header": dest}
    if module.check_mode:
        return
    if not os.path.isdir(os.path.dirname(os.path.abspath(dest))):
        module.fail_json(msg=f"dest: the directory of {dest} does not exist")
    if exists and module.params["backup"]:
        answer["backup_file"] = module.backup_local(dest)
    handle, temporary = tempfile.mkstemp(dir=module.tmpdir)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    module.atomic_move(temporary, dest)


if __name__ == "__main__":
    main()
