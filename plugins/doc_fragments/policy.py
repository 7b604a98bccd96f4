# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of the options that `plugins/module_utils/policy_face.py` reads. To be named before `connection`."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  mappings:
    description:
      - The policy, a list of mappings. One of this and O(policy_path).
    type: list
    elements: raw
  policy_path:
    description:
      - The policy as a YAML file, or as a directory of YAML files that are read in the order of their paths.
      - A file holds a list of mappings, or a dictionary with C(netbox_zabbix_mappings) and C(netbox_zabbix_statuses).
      - Messages then name the file and line of each mapping.
      - A relative path is seen from where C(ansible-playbook) was called, else from the folder of the playbook.
    type: path
  secrets:
    description:
      - "Values by name, for the policy's C({secret: name}). They are not needed here, their names are."
      - Without this and O(secret_names), every name counts as known.
    type: dict
    default: {}
  secret_names:
    description: Names of secrets whose values are not given.
    type: list
    elements: str
    default: []
  statuses:
    description:
      - "What a NetBox status means, where the defaults do not fit, as C({device: {staged: enabled}})."
    type: dict
  virtual_chassis:
    description: Whether each member of a virtual chassis is a host, or only its master under the name of the chassis.
    type: str
    choices: [members, master]
    default: members
  virtual_device_contexts:
    description: Whether virtual device contexts are looked at as well.
    type: bool
    default: false
  export:
    description:
      - An estate that M(netops.netbox_zabbix.estate_export) saved, in the place of servers. No server is asked then.
    type: path
  netbox_url:
    description:
      - Address of NetBox, with or without C(/api). Not used where there is an O(export).
      - Falls back to the environment variable E(NETBOX_URL).
    type: str
    required: false
  netbox_token:
    description:
      - API token of NetBox, of either kind (C(nbt_...) of NetBox 4.5 and later, or the older 40 digits).
      - Falls back to the environment variable E(NETBOX_TOKEN).
    type: str
    required: false
  zabbix_url:
    description:
      - Address of Zabbix's web interface, with or without C(/api_jsonrpc.php). Not used where there is an O(export).
      - Only M(netops.netbox_zabbix.policy_lint) asks Zabbix, for templates, host groups and proxies. The other modules
        take the options of both connections as well, so that one set of defaults fits all modules.
      - Falls back to the environment variable E(ZABBIX_URL).
    type: str
    required: false
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin sets it, to show them live.
    type: path
"""
