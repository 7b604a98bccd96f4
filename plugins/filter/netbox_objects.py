# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: netbox_objects
short_description: NetBox objects of hosts of a play
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Tells which NetBox objects the hosts of a play stand for, so that one task can do a job for all of them.
  - A host with the variable C(netbox_id), such as C(device:123), stands for that object. The inventory plugin
    P(netops.netbox_zabbix.netbox#inventory) gives it to each host. Any other host stands for the object of its name.
  - C(localhost) stands for none.
positional: _hosts_of_all
options:
  _input:
    description: Names of hosts, as in C(ansible_play_batch).
    type: list
    elements: str
    required: true
  _hosts_of_all:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
seealso:
  - plugin: netops.netbox_zabbix.netbox
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Sync the hosts of this batch
  netops.netbox_zabbix.hosts_sync:
    policy_path: policy
    ids: "{{ (ansible_play_batch | netops.netbox_zabbix.netbox_objects(hostvars)).ids }}"
    names: "{{ (ansible_play_batch | netops.netbox_zabbix.netbox_objects(hostvars)).names }}"
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
_value:
  description: The objects, in the order of the hosts.
  type: dict
  contains:
    ids:
      description: References to objects, of the hosts that have one.
      type: list
      elements: str
      sample: [device:123]
    names:
      description: Names of the other hosts.
      type: list
      elements: str
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_REFERENCE = re.compile(r"[a-z_]+:[0-9]+")


def netbox_objects(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the references and the names; see DOCUMENTATION."""
    found: dict[str, list[str]] = {"ids": [], "names": []}
    for host in hosts:
        if host == "localhost":
            continue
        reference = hostvars[host].get("netbox_id")
        # Somebody else's variable of that name may hold the bare number.
        if isinstance(reference, str) and _REFERENCE.fullmatch(reference):
            found["ids"].append(reference)
        else:
            found["names"].append(host)
    return found


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"netbox_objects": netbox_objects}
