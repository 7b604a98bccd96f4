# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of the options that `plugins/module_utils/sync_face.py` reads. To be named before `connection`."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
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
      - "C(by) limits the same for each site, or each role, of its own managed hosts, as C({archives: {percent: 10, by:
        {site: {percent: 50, count: 20}, role: {percent: 80}}}})."
      - Defaults are 50 % for creates (not measured as long as Zabbix has no managed host), 10 % for disables, archives
        and template removals, 5 % for deletes, none for updates and restores. Disables, archives and deletes are also
        limited to 50 % of each site, or to what the whole may lose where that is more.
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
  in_maintenance:
    description:
      - Whether a host in maintenance gets updates that may disturb who works on it. These are of its templates,
        interfaces, status, name, and of what monitors it. With V(postpone) they wait until the window is over, and are
        reported. Other changes are made.
    type: str
    choices: [change, postpone]
    default: change
  change_window:
    description:
      - How long a maintenance window lasts that the run opens around such updates of its own, as C(15m). It waits until
        Zabbix's server has put the hosts into it, and the window ends by itself. Without this there is none.
    type: str
    default: ''
  waves:
    description:
      - Writes the changes in several waves, and looks after each whether its hosts are worse off than before, as
        O(health) says. Then the run stops, the later waves are not written, and the task fails.
      - "By size, as C([1%, 10%, 100%]). The entries say how much of the plan is written by then, as a share or as a
        number of hosts; what is left is the last wave. The same hosts are the first in every run, spread over the
        estate."
      - "By the site or the role of the objects, as C({by: site}), each a wave, or as
        C({by: site, order: [Lab, [Berlin, Hamburg]]}), where all others come in one wave after those that are named.
        Names are those of NetBox. C((gone)) stands for hosts whose object is gone, C((none)) for objects that have no
        site or role."
      - Changes that depend on each other, such as hosts that swap their names, are in one wave.
      - See the collection's document C(docs/waves.md).
    type: raw
  health:
    description:
      - How the hosts of a wave are judged. Without O(waves) the whole run is one wave.
      - The hosts of each wave, also of the last, are watched for at most C(wait) seconds (300) and at least C(minimum)
        (120). Zabbix's server takes a while to read its configuration and to ask.
      - "Each of these is the most that may be worse than before the wave. A number counts what stands in brackets, a
        share (the default is C(5%)) is of the wave's hosts, null is not judged."
      - C(failed) (hosts that could not be written), C(unavailable) (hosts with an interface that ceased to answer),
        C(unsupported) (items that became not supported), C(problems) (new problems of at least the C(severity) given,
        which is C(high)).
      - What was bad before does not count. A host that is disabled or in maintenance is not judged.
      - With C(undo) set to true, a wave that is worse off is taken back.
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
  fail_on:
    description:
      - The task fails when there is a host of one of these words. Each is what became of a host, or the reason of one
        of its differences.
      - "With C([failed, drifted, pending]) in check mode, a pipeline fails where Zabbix is not as NetBox says."
    type: list
    elements: str
    choices: [failed, conflict, drifted, pending, new, missing, orphan, unknown, excluded, absent]
    default: [failed]
  lock:
    description:
      - Of several runs at once, one writes and the others wait; what they had read by then they read again.
      - With V(shared), this holds for all machines, by a lease in NetBox (a saved filter that is there while a
        run writes). It needs the permissions to view, add, change and delete saved filters; a note says so where they
        are missing.
      - With V(local), it holds for the runs on this machine.
    type: str
    choices: [shared, local]
    default: shared
  lock_wait:
    description: How many seconds to wait for another run that writes, before the task fails with nothing written.
    type: int
    default: 300
  write_back:
    description:
      - The custom fields to be kept in NetBox. Those that NetBox does not have are left out.
      - They are the link to the host, how it stands, since when, and what differs or why it failed.
      - NetBox takes about a hundred times as long as Zabbix to change one object; an empty list spares that.
    type: list
    elements: str
    choices: [zabbix_hostid, zabbix_sync_status, zabbix_sync_time, zabbix_sync_detail]
    default: [zabbix_hostid, zabbix_sync_status, zabbix_sync_time, zabbix_sync_detail]
"""
