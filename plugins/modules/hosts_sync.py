#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: hosts_sync
short_description: Make Zabbix hosts match NetBox
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Reads devices and virtual machines from NetBox, computes by the policy the host that Zabbix should have for each,
    and creates or updates only what differs, each host in one write. A second run writes nothing.
  - This is the job SyncHostsNow.
  - Hosts of ours carry the tags C(netbox_instance) and C(netbox_id). A host without them is never touched.
  - Host groups, templates, tags and macros that people add to a host stay; what the policy gave once and no longer
    gives goes. What was last applied is kept on the host in the macro C({$NETBOX.APPLIED}).
  - Hosts of objects that NetBox no longer has, or that are not to be monitored any more, are archived, as O(deletion)
    says. An archived host comes back with its history when its object does.
  - One host that fails stops no other. The task fails at the end if any host failed.
options:
  instance:
    description:
      - The value of the tag C(netbox_instance), by which this NetBox finds its hosts in Zabbix.
      - Keep it as it is once hosts exist. Two NetBoxes that share a Zabbix need two values.
    type: str
    default: netbox
  mappings:
    description:
      - The policy, a list of mappings. Each has a C(name), what it matches, and what it gives.
      - See the collection's document C(docs/policy.md) for the language.
      - One of this and O(policy_path).
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
    description: "Values by name, for the policy's C({secret: name})."
    type: dict
    default: {}
  digest_key:
    description:
      - Key of the digests by which a changed secret macro is known. Any long random text, kept as it is.
      - Needed only where the policy gives secret macros.
    type: str
    default: ''
  statuses:
    description:
      - "What a NetBox status means, where the defaults do not fit, as C({device: {staged: enabled}})."
      - The kinds are C(device), C(virtual_machine) and C(virtual_device_context).
      - The meanings are C(enabled), C(disabled) and C(absent).
    type: dict
  filters:
    description:
      - "NetBox's own filters that select a part of the estate, as C({device: {site: [ber1], status: active}})."
      - A kind that is not named has no object in the selection.
      - An unknown filter name is an error, since NetBox would ignore it and give everything.
    type: dict
  names:
    description: Names of devices and virtual machines that select a part of the estate.
    type: list
    elements: str
    default: []
  ids:
    description: NetBox objects that select a part of the estate, as C(device:123) or C(virtual_machine:45).
    type: list
    elements: str
    default: []
  limits:
    description:
      - "The limits that the plan must pass before the first write, as C({creates: {count: 100, percent: 20}})."
      - There are limits for C(creates), C(updates), C(disables), C(archives), C(deletes), C(restores) and
        C(template_removals), each a number of hosts and a share of the managed hosts. Up to 10 hosts pass whatever
        their share. A value of null is no limit.
      - Defaults are 50 % for creates (not measured as long as Zabbix has no managed host), 10 % for disables, archives
        and template removals, 5 % for deletes, none for updates and restores.
    type: dict
    default: {}
  ownership:
    description:
      - "What becomes of an attribute, where it is not the default, as C({templates: replace})."
      - C(merge) keeps ours right and leaves what others added; C(replace) makes it ours alone; C(create_only) is given
        to new hosts only; C(ignore) is never touched.
      - The collection's document C(docs/attributes.md) lists the attributes, their modes and defaults.
    type: dict
    default: {}
  template_removal:
    description:
      - What becomes of the items of a template that goes. With V(unlink) they stay on the host with their history.
      - With V(clear) they are deleted with it; the plan tells how many, and O(limits) holds C(template_clears) (hosts,
        5 % by default) and C(cleared_items).
    type: str
    choices: [unlink, clear]
    default: unlink
  deletion:
    description:
      - "What becomes of hosts that end, as C({gone: archive, excluded: keep, relink: [serial, name]})."
      - C(gone) is for an object that NetBox no longer has, C(absent) for one whose status means so, C(excluded) for one
        that is not to be monitored. Each is V(archive) (the default), V(delete) or V(keep); the last two may be
        V(disable).
      - An archived host is switched off, renamed and moved to the host group C(graveyard) (C(NetBox archive)). It keeps
        its id and its history, and is restored when its object returns.
      - C(relink) says by what an object that is new in NetBox is known as one that is gone, so that it takes over its
        host. It lists C(serial), C(asset_tag) (the default is both, as they stand in the host's inventory) and C(name).
      - With C(in_maintenance) set to false, a host in maintenance is neither archived nor deleted.
      - Only a run over the whole estate takes an object for gone.
    type: dict
    default: {}
  resolve:
    description:
      - "Which host is an object's, where several carry its tag, as C({'device:12': 10605}). The others lose our marks
        and are left as they are."
    type: dict
    default: {}
  virtual_chassis:
    description:
      - What a virtual chassis is to Zabbix.
      - With C(members), each of its members is a host of its own.
      - With C(master), the master is the one host of the chassis and is called like it. The other members are excluded.
        A chassis without a master stays as with C(members).
    type: str
    choices: [members, master]
    default: members
  virtual_device_contexts:
    description:
      - Whether virtual device contexts are hosts too. They are not read otherwise.
    type: bool
    default: false
  min_objects_percent:
    description:
      - A run over the whole estate stops when NetBox gives fewer objects than this share of the managed hosts.
      - Fewer objects than hosts look more like a token that does not see everything than like an estate that shrank.
    type: float
    default: 80
  fail_on:
    description:
      - The task fails when there is a host of one of these words. Each is what became of a host, or the reason of one
        of its differences.
      - "With C([failed, drifted, pending]) in check mode, a pipeline fails where Zabbix is not as NetBox says."
    type: list
    elements: str
    choices: [failed, conflict, drifted, pending, new, missing, orphan, unknown, excluded, absent]
    default: [failed]
  write_back:
    description:
      - The custom fields to be kept in NetBox, of C(zabbix_hostid) and C(zabbix_sync_status). Those that NetBox does
        not have are left out.
      - NetBox takes about a hundred times as long as Zabbix to change one object; an empty list spares that.
    type: list
    elements: str
    choices: [zabbix_hostid, zabbix_sync_status]
    default: [zabbix_hostid, zabbix_sync_status]
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin of the same name sets it, to show them live.
    type: path
extends_documentation_fragment:
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
- name: Make Zabbix match NetBox
  netops.netbox_zabbix.hosts_sync:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_token }}"
    mappings:
      - name: everything
        host_groups: ["NetBox/{site}"]
        templates: [ICMP Ping]
        interfaces: [{type: agent}]

- name: Only the firewalls of one site
  netops.netbox_zabbix.hosts_sync:
    mappings: "{{ netbox_zabbix_mappings }}"
    filters:
      device: {site: ber1, role: firewall}
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: SyncHostsNow
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
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import (
    FAIL_ON_OPTION,
    argument_spec,
    run_module,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result


def main() -> None:
    module = AnsibleModule(
        argument_spec=argument_spec(
            instance={"type": "str", "default": "netbox"},
            mappings={"type": "list", "elements": "raw"},
            policy_path={"type": "path"},
            secrets={"type": "dict", "default": {}, "no_log": True},
            digest_key={"type": "str", "default": "", "no_log": True},
            statuses={"type": "dict"},
            filters={"type": "dict"},
            names={"type": "list", "elements": "str", "default": []},
            ids={"type": "list", "elements": "str", "default": []},
            limits={"type": "dict", "default": {}},
            deletion={"type": "dict", "default": {}},
            resolve={"type": "dict", "default": {}},
            virtual_chassis={"type": "str", "choices": ["members", "master"], "default": "members"},
            virtual_device_contexts={"type": "bool", "default": False},
            ownership={"type": "dict", "default": {}},
            template_removal={"type": "str", "choices": ["unlink", "clear"], "default": "unlink"},
            min_objects_percent={"type": "float", "default": 80},
            fail_on=FAIL_ON_OPTION,
            write_back={
                "type": "list",
                "elements": "str",
                "choices": ["zabbix_hostid", "zabbix_sync_status"],
                "default": ["zabbix_hostid", "zabbix_sync_status"],
            },
        ),
        mutually_exclusive=[("mappings", "policy_path")],
        required_one_of=[("mappings", "policy_path")],
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import (
            SyncOptions,
            sync_hosts,
        )

        names = (
            "instance",
            "mappings",
            "policy_path",
            "secrets",
            "digest_key",
            "statuses",
            "filters",
            "names",
            "ids",
            "limits",
            "deletion",
            "resolve",
            "virtual_chassis",
            "virtual_device_contexts",
            "ownership",
            "template_removal",
            "min_objects_percent",
            "write_back",
        )
        options = SyncOptions(
            **{name: module.params[name] for name in names}, dry_run=module.check_mode, want_diff=module._diff
        )
        return sync_hosts(netbox_connection(module.params), zabbix_connection(module.params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
