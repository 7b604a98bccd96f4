#!/usr/bin/python
# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: zabbix_settings_import
short_description: Import what Zabbix has, into a cache and NetBox's choice sets
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Reads Zabbix's templates with all that they bring, template groups, host groups, proxies, proxy groups and the names
    of global macros, in a handful of requests whatever their number, and tells what changed since the last import.
  - Writes a cache into the state store, and fills those of NetBox's choice sets C(zabbix_templates),
    C(zabbix_host_groups), C(zabbix_proxies) and C(zabbix_proxy_groups) that there are, so that people pick from what
    exists.
  - This is the job ImportZabbixSettings. The collection's document C(docs/import.md) describes it.
  - A second run writes nothing. Nothing at all is written when more is gone than O(max_deletions) lets pass, or when
    one of the two sides cannot be read.
options:
  choice_sets:
    description:
      - The choice sets of NetBox to be filled. One that NetBox does not have is left out, with a warning.
      - A choice that an object of NetBox still holds is never removed. It is kept and reported.
      - With an empty list NetBox is not asked at all, also not for who uses what is gone.
    type: list
    elements: str
    choices: [zabbix_templates, zabbix_host_groups, zabbix_proxies, zabbix_proxy_groups]
    default: [zabbix_templates, zabbix_host_groups, zabbix_proxies, zabbix_proxy_groups]
  offer:
    description:
      - "Which objects are offered in the choice sets, as
        C({templates: {groups: ['Templates/Network*'], exclude: ['Old *']}}). All by default."
      - There are filters for C(templates), C(host_groups), C(proxies) and C(proxy_groups), each with lists of patterns
        C(include) and C(exclude), and for templates C(groups), the names of their groups. In a pattern C(*) stands for
        any text, slashes included, and C(?) for one character.
      - The cache has everything, whatever is offered.
    type: dict
    default: {}
  max_deletions:
    description:
      - "How much may be gone from Zabbix since the last import, as C({default: {count: 3}, templates: {percent: 5}})."
      - The kinds are C(templates), C(template_groups), C(host_groups), C(proxies), C(proxy_groups) and
        C(global_macros); C(default) is for those that are not named. N deletions pass a C(count) of N, one more does
        not. A value of null, or one that is left out, is no limit.
      - Without this, three of each kind.
    type: dict
    default: {}
  mappings:
    description:
      - A policy, to tell which of its mappings name what is gone or has a new name. At most one of this and
        O(policy_path).
    type: list
    elements: raw
  policy_path:
    description:
      - The policy as a YAML file, or as a directory of YAML files.
    type: path
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
    description: Everything is read and compared, and nothing is written.
    support: full
  diff_mode:
    description: What was added, updated, renamed and removed, field by field.
    support: full
"""

EXAMPLES = r"""
- name: Import what Zabbix has
  netops.netbox_zabbix.zabbix_settings_import:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    zabbix_url: https://zabbix.example.com
    zabbix_token: "{{ zabbix_token }}"
    offer:
      templates: {groups: ["Templates/Network*", "Templates/Operating*"]}
      host_groups: {exclude: ["Discovered*"]}
    mappings: "{{ netbox_zabbix_mappings }}"

- name: Twenty templates were really removed
  netops.netbox_zabbix.zabbix_settings_import:
    max_deletions:
      templates: {count: 20}
"""

RETURN = r"""
job:
  description: Name of the job.
  returned: success
  type: str
  sample: ImportZabbixSettings
run_id:
  description: Identity of the run. NetBox's changelog shows it for what was written.
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
  description: Counts by name, for each kind how many there are and what became of them.
  returned: success
  type: dict
  sample: {templates: 354, templates_added: 1, templates_updated: 0, templates_removed: 0, templates_unchanged: 353}
hosts:
  description: Always empty.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Technical name of the host., type: str}
    object: {description: The NetBox object., type: str}
    hostid: {description: Id of the host in Zabbix., type: str}
    action: {description: Always empty., type: str}
    changes: {description: What differed., type: list, elements: str}
    reasons: {description: Why., type: list, elements: str}
    error: {description: What failed., type: str}
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
  description: What could not be done and fails nothing, such as a choice set that NetBox does not have.
  returned: success
  type: list
  elements: str
refused:
  description: Why nothing was written (in check mode would be), where more is gone than O(max_deletions) lets pass.
  returned: success
  type: str
message:
  description: The run in a few lines.
  returned: success
  type: str
cache:
  description: Where the cache is; empty where O(state_store) is.
  returned: success
  type: str
  sample: /home/me/.local/state/netops.netbox_zabbix/settings/zabbix.example.com-0f3a9c1b.json.gz
kinds:
  description: What became of each kind of object.
  returned: success
  type: dict
  contains:
    templates:
      description: Of templates. The other kinds look the same.
      type: dict
      contains:
        added: {description: Their names., type: list, elements: str}
        updated: {description: "Names, and what changed.", type: list, elements: dict}
        renamed:
          description: Names, what they were, what changed, and who still names them so.
          type: list
          elements: dict
        removed: {description: "Names, and who still uses them.", type: list, elements: dict}
        hidden:
          description: What the user of Zabbix does not see any more although hosts use it. It stays in the cache.
          type: list
          elements: dict
        unchanged: {description: How many., type: int}
choice_sets:
  description: What became of each choice set that NetBox has.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Its name., type: str, sample: zabbix_templates}
    choices: {description: How many it has., type: int}
    added: {description: Choices that were added., type: list, elements: str}
    removed: {description: Choices that were removed., type: list, elements: str}
    kept: {description: "Choices that would go if nobody held them, and who does.", type: list, elements: dict}
    unfit: {description: Names that are too long for a choice., type: list, elements: str}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import argument_spec, run_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
    netbox_connection,
    zabbix_connection,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Progress, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state_face import runs_spec

CHOICE_SETS = ["zabbix_templates", "zabbix_host_groups", "zabbix_proxies", "zabbix_proxy_groups"]


def main() -> None:
    module = AnsibleModule(
        argument_spec=argument_spec(
            choice_sets={"type": "list", "elements": "str", "choices": CHOICE_SETS, "default": CHOICE_SETS},
            offer={"type": "dict", "default": {}},
            max_deletions={"type": "dict", "default": {}},
            mappings={"type": "list", "elements": "raw"},
            policy_path={"type": "path"},
            **runs_spec(),
        ),
        mutually_exclusive=[("mappings", "policy_path")],
        supports_check_mode=True,
    )

    def job(progress: Progress) -> Result:
        from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_import import (
            ImportOptions,
            import_settings,
        )

        names = ("state_store", "choice_sets", "offer", "max_deletions", "mappings", "policy_path")
        options = ImportOptions(**{name: module.params[name] for name in names}, dry_run=module.check_mode)
        return import_settings(netbox_connection(module.params), zabbix_connection(module.params), options, progress)

    run_module(module, job)


if __name__ == "__main__":
    main()
