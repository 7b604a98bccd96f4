# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of the inventory plugin as values, checked before anything is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError, nearest
from ..netbox.objects import ALL_KINDS, DEVICE, USUAL_KINDS, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE

#: name of a variable or group without plurals -> with them
PLURALS = {
    "site": "sites",
    "tenant": "tenants",
    "rack": "racks",
    "tag": "tags",
    "role": "device_roles",
    "platform": "platforms",
    "device_type": "device_types",
    "manufacturer": "manufacturers",
}
_SINGULARS = {plural: singular for singular, plural in PLURALS.items()}
#: what can be grouped by whatever the options say
_ALWAYS = (
    "region", "site_group", "tenant_group", "cluster", "cluster_type", "cluster_group", "is_virtual", "status",
    "time_zone", "utc_offset", "facility", "zabbix_status", "zabbix_template", "zabbix_host_group", "zabbix_proxy",
)  # fmt: skip
#: what is there only while an option is on: group -> option
_WITH = {"rack": "racks", "rack_role": "racks", "location": "racks", "services": "services"}
#: what only a policy can tell
_BY_POLICY = ("zabbix_template", "zabbix_host_group", "zabbix_proxy")

#: rules for the names of hosts
UNIQUE, AS_NB_INVENTORY = "unique", "nb_inventory"
MASTER, MEMBERS = "master", "members"


@dataclass(frozen=True, slots=True)
class Rename:
    """Variables whose name matches `pattern` get `replacement` in its place, as `re.sub` does it."""

    pattern: re.Pattern[str]
    replacement: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the inventory is to hold. Names and meanings are those of the plugin's options."""

    config_context: bool = False
    flatten_config_context: bool = False
    flatten_local_context_data: bool = False
    flatten_custom_fields: bool = False
    plurals: bool = True
    virtual_disks: bool = False
    interfaces: bool = False
    site_data: bool = False
    prefixes: bool = False
    services: bool = True
    racks: bool = True
    group_by: tuple[str, ...] = ()
    group_names_raw: bool = False
    virtual_chassis_name: bool = False
    virtual_chassis: str = MASTER
    virtual_device_contexts: bool = False
    dns_name: bool = False
    ansible_host_dns_name: bool = False
    oob_ip_as_primary_ip: bool = False
    rename_variables: tuple[Rename, ...] = ()
    hostname_field: str | None = None
    host_names: str = UNIQUE
    fields: frozenset[str] | None = None
    query_filters: tuple[Mapping[str, Any], ...] = ()
    device_query_filters: tuple[Mapping[str, Any], ...] = ()
    vm_query_filters: tuple[Mapping[str, Any], ...] = ()
    #: names at the beginning of expressions in `compose`, `groups` and `keyed_groups`; None: any
    roots: frozenset[str] | None = frozenset()
    policy: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of NetBox objects that are hosts."""
        return ALL_KINDS if self.virtual_device_contexts else USUAL_KINDS

    @property
    def filters(self) -> dict[str, tuple[Mapping[str, Any], ...]]:
        """The filters of each kind."""
        return {
            DEVICE: (*self.query_filters, *self.device_query_filters),
            VIRTUAL_MACHINE: (*self.query_filters, *self.vm_query_filters),
            VIRTUAL_DEVICE_CONTEXT: self.query_filters,
        }

    def named(self, name: str) -> str:
        """Return what a variable or group is called under the option `plurals`."""
        return PLURALS.get(name, name) if self.plurals else name

    def grouped(self, name: str) -> bool:
        """Tell whether there are to be groups by `name` (without plurals)."""
        return self.named(name) in self.group_by

    def wants(self, name: str) -> bool:
        """Tell whether the variable `name` (as it is called in the end) is to be given."""
        return self.fields is None or name in self.fields


def parse_options(given: Mapping[str, Any], roots: frozenset[str] | None = frozenset()) -> Options:
    """Return the options. `given`: values by name, of the types that the plugin's documentation tells; `roots`: as
    `Options` has them. Raises InputError with all that is wrong.
    """
    problems: list[str] = []
    plain = {
        name: given[name]
        for name in Options.__dataclass_fields__
        if name in given
        and name not in ("group_by", "rename_variables", "fields", "hostname_field")
        and not name.endswith("query_filters")
    }
    fields = given.get("fields")
    options = Options(
        **plain,
        query_filters=_filters("query_filters", given, problems),
        device_query_filters=_filters("device_query_filters", given, problems),
        vm_query_filters=_filters("vm_query_filters", given, problems),
        group_by=tuple(dict.fromkeys(given.get("group_by") or ())),
        rename_variables=tuple(_renames(given.get("rename_variables") or (), problems)),
        hostname_field=given.get("hostname_field") or None,
        fields=frozenset(fields) if fields else None,
        roots=roots,
        policy=bool(given.get("mappings") or given.get("policy_path")),
    )
    problems += _group_problems(options)
    problems += _field_problems(options)
    if problems:
        raise InputError(problems)
    return options


def groupable(options: Options) -> dict[str, str]:
    """Return all that can be grouped by, as it is called: name -> name without plurals."""
    names = [*PLURALS, *_ALWAYS, *(name for name in _WITH if name not in PLURALS)]
    return {options.named(name): name for name in names if getattr(options, _WITH.get(name, ""), True)}


def _group_problems(options: Options) -> Iterator[str]:
    known = groupable(options)
    for name in options.group_by:
        if name in known:
            if name in _BY_POLICY and not options.policy:
                yield f"group_by: {name} needs a policy: give mappings or policy_path"
            continue
        singular = _SINGULARS.get(name, name)
        if options.named(singular) in known and (name in PLURALS or name in _SINGULARS):
            yield f"group_by: {name!r} is called {options.named(singular)!r} while plurals is {options.plurals}".lower()
        elif singular in _WITH:
            yield f"group_by: {name!r} needs the option {_WITH[singular]}, which is false"
        elif name == "rack_group":
            yield "group_by: 'rack_group' went with NetBox 2.11; 'location' took its place"
        else:
            yield f"group_by: {name!r} is nothing to group by.{nearest(name, known)}"


def variable_names(options: Options) -> list[str]:
    """Return the names of the variables that hosts can have, before renaming and flattening."""
    singular = [
        "ansible_host", "primary_ip4", "primary_ip6", "oob_ip", "dns_name", "disk", "memory", "vcpus", "status",
        "config_context", "local_context_data", "custom_fields", "regions", "site_groups", "locations", "cluster",
        "cluster_group", "cluster_type", "cluster_device", "is_virtual", "serial", "asset_tag", "time_zone",
        "utc_offset", "facility", "tags", "rack_role", "services", "virtual_disks", "interfaces", "netbox_id", "zabbix",
        "tenant_groups",
    ]  # fmt: skip
    return [*singular, *(options.named(name) for name in PLURALS if name != "tag")]


def _field_problems(options: Options) -> Iterator[str]:
    if options.fields is not None:
        known = variable_names(options)
        for name in sorted(options.fields - set(known)):
            yield f"fields: {name!r} is no variable of this inventory.{nearest(name, known)}"


def _filters(option: str, options: Mapping[str, Any], problems: list[str]) -> tuple[Mapping[str, Any], ...]:
    given = options.get(option) or []
    if not isinstance(given, Sequence) or isinstance(given, str):
        problems.append(f"{option}: a list of filters is expected, not {given!r}")
        return ()
    found: list[Mapping[str, Any]] = []
    for entry in given:
        if isinstance(entry, Mapping) and len(entry) == 1:
            found.append({str(name): value for name, value in entry.items()})
        else:
            problems.append(f"{option}: {entry!r} is not one filter with its value, such as site: ber1")
    return tuple(found)


def _renames(given: Any, problems: list[str]) -> Iterator[Rename]:
    for entry in given:
        if not isinstance(entry, Mapping) or not {"pattern", "repl"} <= entry.keys():
            problems.append(f"rename_variables: {entry!r} needs a pattern and a repl")
            continue
        try:
            pattern = re.compile(str(entry["pattern"]))
            pattern.sub(str(entry["repl"]), "")
        except (re.error, IndexError) as error:
            problems.append(f"rename_variables: {entry['pattern']!r} is no regular expression: {error}")
        else:
            yield Rename(pattern, str(entry["repl"]))
