# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: netbox
short_description: Hosts from NetBox
version_added: 0.1.0
author:
  - netops.netbox_zabbix contributors (@netops)
description:
  - Makes devices and virtual machines of NetBox hosts of an inventory, with their places, roles, tags, addresses and
    contexts as variables and groups.
  - It understands the files of P(netbox.netbox.nb_inventory#inventory). Only C(plugin) has to be changed in them.
  - It reads by GraphQL where NetBox has it, several pages at once, and only what variables, groups and expressions use.
  - A wrong option, a filter that NetBox does not have and a page that cannot be read end the run. Nothing is ever left
    out without a word.
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: Says that the file is one of this plugin.
    type: str
    required: true
    choices: [netops.netbox_zabbix.netbox]
  api_endpoint:
    description: Address of NetBox, with or without C(/api).
    type: str
    required: true
    env:
      - name: NETBOX_API
      - name: NETBOX_URL
  token:
    description:
      - API token of NetBox, of either kind, or a dictionary with C(type) and C(value) for another authentication.
      - Not needed where O(headers) let NetBox know who asks.
    type: raw
    env:
      - name: NETBOX_TOKEN
      - name: NETBOX_API_KEY
  headers:
    description: Headers that are sent with each request, as a dictionary or as JSON.
    type: raw
    default: {}
    env:
      - name: NETBOX_HEADERS
  validate_certs:
    description: Whether NetBox's certificate must be trusted.
    type: bool
    default: true
  cert:
    description: File with a certificate to show to NetBox.
    type: raw
    default: false
  key:
    description: File with the key of O(cert), where that does not hold it.
    type: raw
    default: false
  ca_path:
    description: File with the authority of NetBox's certificate, where the system does not know it.
    type: raw
    default: false
  follow_redirects:
    description:
      - Kept for files of nb_inventory. A redirect is an error that names the address to write into O(api_endpoint), so
        that no token goes elsewhere.
    type: str
    choices: [urllib2, all, 'yes', safe, none]
    default: urllib2
  timeout:
    description: Seconds to wait for one answer of NetBox.
    type: int
    default: 60
  max_uri_length:
    description: Kept for files of nb_inventory. Addresses are always short enough for gunicorn's usual limit.
    type: int
    default: 4000
  fetch_all:
    description:
      - Kept for files of nb_inventory. Interfaces, services and disks are read whole, or by the ids of their hosts
        where filters leave few of them, whichever is faster.
    type: bool
    default: true
  query_filters:
    description:
      - Filters of NetBox for devices and virtual machines, a list of dictionaries with one filter each. A filter may be
        given several times. Templates are allowed.
      - One that only devices or only machines have counts for these. Where a kind has none of them, it is left out.
      - A filter that NetBox does not have is an error, since NetBox would ignore it.
    type: list
    elements: dict
    default: []
  device_query_filters:
    description: Further filters for devices.
    type: list
    elements: dict
    default: []
  vm_query_filters:
    description: Further filters for virtual machines.
    type: list
    elements: dict
    default: []
  config_context:
    description: Whether hosts have their config context as a variable.
    type: bool
    default: false
  flatten_config_context:
    description: Whether the keys of the config context are variables themselves.
    type: bool
    default: false
  flatten_local_context_data:
    description: Whether the keys of the local context are variables themselves.
    type: bool
    default: false
  flatten_custom_fields:
    description: Whether custom fields are variables themselves.
    type: bool
    default: false
  plurals:
    description:
      - Whether variables with one value are lists, and groups and variables are called in the plural (C(sites_ber1)).
        It changes the choices of O(group_by).
    type: bool
    default: true
  interfaces:
    description: Whether hosts have their interfaces, with addresses, as a variable.
    type: bool
    default: false
  services:
    description: Whether hosts have their services as a variable.
    type: bool
    default: true
  virtual_disks:
    description: Whether virtual machines have their disks as a variable.
    type: bool
    default: false
  site_data:
    description: Whether the variable of the site holds all that NetBox tells of it.
    type: bool
    default: false
  prefixes:
    description: Whether the variable of the site holds its prefixes. It then holds all else as with O(site_data).
    type: bool
    default: false
  racks:
    description: Whether there are variables and groups of racks and locations.
    type: bool
    default: true
  group_by:
    description:
      - What groups are made of. O(plurals) and O(racks) say which of these names are valid.
      - Regions, site groups, locations, roles, platforms and tenant groups are groups within each other as in NetBox.
      - V(zabbix_status) makes groups such as C(zabbix_status_drifted) of what the last sync wrote to NetBox.
      - V(zabbix_template), V(zabbix_host_group) and V(zabbix_proxy) need a policy.
    type: list
    elements: str
    choices:
      - sites
      - site
      - location
      - tenants
      - tenant
      - tenant_group
      - racks
      - rack
      - rack_group
      - rack_role
      - tags
      - tag
      - device_roles
      - role
      - device_types
      - device_type
      - manufacturers
      - manufacturer
      - platforms
      - platform
      - region
      - site_group
      - cluster
      - cluster_type
      - cluster_group
      - is_virtual
      - services
      - status
      - time_zone
      - utc_offset
      - facility
      - zabbix_status
      - zabbix_template
      - zabbix_host_group
      - zabbix_proxy
    default: []
  group_names_raw:
    description: Whether groups are called by the plain value, without the word of O(group_by) before it.
    type: bool
    default: false
  virtual_chassis_name:
    description: Whether a virtual chassis is called by its own name rather than by that of its master.
    type: bool
    default: false
  virtual_chassis:
    description: Whether only the master of a virtual chassis is a host, or each of its members.
    type: str
    choices: [master, members]
    default: master
  virtual_device_contexts:
    description: Whether virtual device contexts are hosts as well.
    type: bool
    default: false
  dns_name:
    description: Whether hosts have the DNS name of their primary address as a variable.
    type: bool
    default: false
  ansible_host_dns_name:
    description: Whether C(ansible_host) is the DNS name of the primary address, where it has one.
    type: bool
    default: false
  oob_ip_as_primary_ip:
    description: Whether C(ansible_host) is the out-of-band address, where there is one.
    type: bool
    default: false
  rename_variables:
    description:
      - Renames variables whose name matches. A list of dictionaries with C(pattern) and C(repl), as in C(re.sub).
    type: list
    elements: dict
    default: []
  hostname_field:
    description: Custom field that holds the names of hosts.
    type: raw
    default: false
  host_names:
    description:
      - V(unique) names hosts as the sync does. A name that an older object has gets kind and id behind it
        (C(sw1_device-12)), an object without a name is C(device-12), other letters than Zabbix and Ansible take
        become C(_).
      - V(nb_inventory) takes names as they are. Objects of one name are one host, and one without a name gets another
        one at each start.
    type: str
    choices: [unique, nb_inventory]
    default: unique
  fields:
    description:
      - Names of the only variables that hosts are to have. What no variable, group or expression uses is not read.
    type: list
    elements: str
    default: []
  on_error:
    description:
      - What happens when NetBox cannot be read. V(fail) ends the run. V(use_cache) takes the hosts of the last start
        that went well, and says how old they are. It needs O(cache) and ends the run where there is nothing in it.
    type: str
    choices: [fail, use_cache]
    default: fail
  mappings:
    description: The policy, a list of mappings, for the variable C(zabbix) and groups made of it.
    type: list
    elements: raw
  policy_path:
    description: The policy as a YAML file, or as a directory of such files. Relative to the inventory file.
    type: path
  statuses:
    description: "What a NetBox status means to the policy, as C({device: {staged: enabled}})."
    type: dict
  compose:
    description: Variables made by expressions over the object as NetBox's REST API shows it.
    type: dict
    default: {}
"""

EXAMPLES = r"""
# netbox.yml; NETBOX_API and NETBOX_TOKEN are in the environment
plugin: netops.netbox_zabbix.netbox
plurals: false
group_by: [site, region, role, zabbix_status]
device_query_filters:
  - has_primary_ip: 'true'

# Only what a play needs
# plugin: netops.netbox_zabbix.netbox
# plurals: false
# fields: [ansible_host, platform, netbox_id]
# compose:
#   ansible_network_os: platform.slug

# Groups of what the policy gives hosts in Zabbix
# plugin: netops.netbox_zabbix.netbox
# policy_path: policy/
# group_by: [zabbix_template, zabbix_proxy]
"""

import json
import os
import traceback
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.ansible_face import missing_libraries
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection, base_url
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import (
    InputError,
    NetBoxError,
    NetboxZabbixError,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.build import (
    Cache,
    Host,
    Inventory,
    build,
    from_cache,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.expressions import used
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.options import parse_options
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.policy_options import PolicyOptions
from ansible_collections.netops.netbox_zabbix.plugins.plugin_utils.unsafe import marker

#: what the connection's messages call its options -> what they are called here
_WORDS = {
    "netbox_url": "api_endpoint",
    "netbox_token": "token",
    "netbox_ca_path": "ca_path",
    "netbox_timeout": "timeout",
    "NETBOX_URL": "NETBOX_API",
}
#: exit code for a wrong option, as Ansible has it for files that it cannot read
_WRONG = 4
#: exit code where NetBox failed
_FAILED = 1


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "netops.netbox_zabbix.netbox"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith((".yml", ".yaml"))

    def __init__(self) -> None:
        super().__init__()
        #: hosts that were added so far
        self._added: list[str] = []

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        try:
            self._read_config_data(path)
        except AnsibleError as error:
            if not self._ours(path):
                raise
            self._end(str(error), _WRONG)
        missing = missing_libraries(("pynetbox", "requests"))
        if missing:
            self._end(missing, _FAILED)
        try:
            self._fill(path, cache)
        except InputError as error:
            self._end("; ".join(error.problems), _WRONG)
        except NetboxZabbixError as error:
            self._end(str(error), _FAILED)
        except AnsibleError as error:
            # an expression that fails, with `strict`
            self._end(str(error), _WRONG)
        except Exception as error:  # noqa: BLE001
            # A defect of ours. Ansible would go on with half an inventory, or with none, and end well.
            self.display.vvv(traceback.format_exc())
            self._end(f"unexpected error, a defect of this plugin (-vvv shows where): {error!r}", _FAILED)

    def update_cache_if_changed(self) -> None:
        # A cache that cannot be written costs time at the next start, and nothing else.
        try:
            super().update_cache_if_changed()
        except (AnsibleError, OSError) as error:
            self.display.warning(f"{self.NAME}: the cache was not written: {error}")

    def _ours(self, path: str) -> bool:
        """Tell whether a file that cannot be used says that it is one of this plugin."""
        try:
            config = self.loader.load_from_file(path, cache="none")
        except AnsibleError:
            return False
        return isinstance(config, Mapping) and config.get("plugin") == self.NAME

    def _end(self, message: str, code: int) -> None:
        """End the run. Ansible goes on without an inventory whose plugin raises an error, and ends well."""
        for theirs, ours in _WORDS.items():
            message = message.replace(theirs, ours)
        self.display.error(f"{self.NAME}: {message}", wrap_text=False)
        raise SystemExit(code)

    def _fill(self, path: str, use_cache: bool) -> None:
        given = {name: self.get_option(name) for name in self._options}
        for name in ("query_filters", "device_query_filters", "vm_query_filters"):
            given[name] = self._templated(given[name])
        options = parse_options(given, used(given))
        if given["on_error"] == "use_cache" and not given["cache"]:
            raise InputError(["on_error: use_cache needs cache: true"])
        policy, connection = self._policy(given, path), self._connection(given)
        cache = self._kept(path, given, use_cache)
        try:
            found = build(connection, options, policy, cache)
            self._take(found)
        except NetBoxError as error:
            if cache is None or not cache.fallback:
                raise
            found = from_cache(connection, options, policy, cache, error)
            self._forget()
            self._take(found)
        kept = found.keep()
        if cache is not None and kept:
            self._cache[self.get_cache_key(path)] = kept

    def _policy(self, given: Mapping[str, Any], path: str) -> PolicyOptions | None:
        where = given["policy_path"]
        if not where and not given["mappings"]:
            return None
        return PolicyOptions(
            mappings=given["mappings"],
            path=where and os.path.join(os.path.dirname(os.path.abspath(path)), where),
            statuses=given["statuses"],
        )

    def _kept(self, path: str, given: Mapping[str, Any], use_cache: bool) -> Cache | None:
        """Return what an earlier start kept; nothing of it with --flush-cache."""
        if not given["cache"]:
            return None
        found: Any = None
        if use_cache:
            try:
                found = self._cache.get(self.get_cache_key(path))
            except (AnsibleError, AttributeError, LookupError, TypeError, ValueError) as error:
                # whatever a cache plugin makes of a file that somebody else left there
                self.display.warning(f"{self.NAME}: the cache cannot be read: {error}")
        found = found if isinstance(found, Mapping) else {}
        return Cache(found.get("rows"), found.get("hosts"), given["on_error"] == "use_cache")

    def _templated(self, value: Any) -> Any:
        self.templar.available_variables = self._vars
        return self.templar.template(value)

    def _connection(self, given: Mapping[str, Any]) -> NetBoxConnection:
        token, kind = self._templated(given["token"]) or "", None
        if isinstance(token, Mapping):
            if not {"type", "value"} <= token.keys():
                raise InputError(["token: a dictionary needs type and value"])
            token, kind = token["value"], str(token["type"]).capitalize()
        headers = self._templated(given["headers"]) or {}
        if isinstance(headers, str):
            try:
                headers = json.loads(headers)
            except ValueError:
                raise InputError(["headers: neither a dictionary nor one as JSON"]) from None
        if not isinstance(headers, Mapping):
            raise InputError(["headers: a dictionary of texts is expected"])
        if given["timeout"] < 1:
            raise InputError([f"timeout: {given['timeout']} is not a number of seconds of 1 or more"])
        cert, key = given["cert"] or None, given["key"] or None
        return NetBoxConnection(
            url=base_url("api_endpoint", given["api_endpoint"], "/api"),
            token=str(token).strip(),
            validate_certs=given["validate_certs"],
            ca_path=given["ca_path"] or None,
            timeout=given["timeout"],
            token_type=kind,
            headers={str(name): str(value) for name, value in headers.items()},
            client_cert=(cert, key) if cert and key else cert,
        )

    def _take(self, found: Inventory) -> None:
        for note in found.notes:
            self.display.warning(note)
        for note in found.told:
            self.display.v(f"{self.NAME}: {note}")
        known: dict[str, str] = {}
        for group in found.groups:
            name = self._group(group.name, known)
            if group.within is not None and self._group(group.within, known) != name:
                self.inventory.add_child(self._group(group.within, known), name)
        mark = marker()
        composes = any(self.get_option(name) for name in ("compose", "groups", "keyed_groups"))
        for host in found.hosts:
            self.inventory.add_host(host.name)
            self._added.append(host.name)
            # `set_variable` looks at every name again, and merges dictionaries
            self.inventory.hosts[host.name].vars.update(mark(host.variables))
            if composes:
                self._construct(host, mark(host.raw))
            for name in host.groups:
                self.inventory.add_host(host.name, group=self._group(name, known))

    def _forget(self) -> None:
        """Take away the hosts that were there before NetBox failed."""
        for name in self._added:
            self.inventory.remove_host(self.inventory.hosts[name])
        self._added.clear()

    def _group(self, name: str, known: dict[str, str]) -> str:
        """Return a group's name as Ansible has it, which may replace letters."""
        if name not in known:
            known[name] = self.inventory.add_group(name)
        return known[name]

    def _construct(self, host: Host, raw: dict[str, Any]) -> None:
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), raw, host.name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), raw, host.name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), raw, host.name, strict=strict)
