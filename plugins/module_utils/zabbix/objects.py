# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Zabbix's objects as plain values, the same on every version: the host as it is, and what a policy may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..attribute_table import BY_NAME

TAG_INSTANCE, TAG_ID = "netbox_instance", "netbox_id"
#: on an archived host: since which day
TAG_ARCHIVED = "netbox_archived"
MACRO_APPLIED, MACRO_ARCHIVED = "{$NETBOX.APPLIED}", "{$NETBOX.ARCHIVED}"
#: macros that we keep on hosts: nobody's policy gives them and no comparison sees them
OWN_MACROS = (MACRO_APPLIED, MACRO_ARCHIVED)
INTERFACE_TYPES = {"1": "agent", "2": "snmp", "3": "ipmi", "4": "jmx"}
MACRO_TYPES = {"0": "text", "1": "secret", "2": "vault"}
#: how an interface answers. Zabbix takes it for available for some time after it ceased to answer (UnreachablePeriod of
#: its server, 45 s; measured on 6.0 and 7.0): then it is failing.
UNKNOWN, AVAILABLE, FAILING, NOT_AVAILABLE = "unknown", "available", "failing", "not available"


@dataclass(slots=True)
class LiveInterface:
    """One interface as it is. `details`: SNMP only, as read, sorted by name."""

    interfaceid: str
    type: str
    main: bool
    use_ip: bool
    ip: str
    dns: str
    port: str
    details: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class LiveMacro:
    """One user macro as it is. `value` is None for a secret one: Zabbix never tells it."""

    hostmacroid: str
    macro: str
    type: str
    value: str | None
    description: str


@dataclass(slots=True)
class ZabbixHost:
    """One host as it is in Zabbix, without what is of no concern here. Groups and templates are ids.

    What the attributes mean is in `attribute_table.py`; `more` has those with one value that have no field here.
    """

    hostid: str
    host: str
    name: str
    status: str
    description: str
    monitor: tuple[str, str]
    groups: frozenset[str]
    templates: frozenset[str]
    tags: frozenset[tuple[str, str]]
    macros: tuple[LiveMacro, ...]
    inventory_mode: str
    inventory: dict[str, str]
    interfaces: tuple[LiveInterface, ...]
    more: dict[str, str] = field(default_factory=dict)

    def scalar(self, name: str) -> str:
        """Return an attribute with one value, by its name in the attribute table; empty where Zabbix does not tell
        it.
        """
        if BY_NAME[name].plain:
            value: str = getattr(self, name)
            return value
        return self.more.get(name, "")

    @property
    def applied(self) -> str:
        """The text of the applied record, empty where there is none."""
        return next((macro.value or "" for macro in self.macros if macro.macro == MACRO_APPLIED), "")

    @property
    def archived(self) -> bool:
        """Whether we archived it: it is switched off, renamed and in the graveyard."""
        return any(tag == TAG_ARCHIVED for tag, dummy in self.tags)

    @property
    def archive_record(self) -> str:
        """The text of what is remembered of an archived host, empty where there is none."""
        return next((macro.value or "" for macro in self.macros if macro.macro == MACRO_ARCHIVED), "")

    def tag(self, name: str) -> list[str]:
        """Return the values of one tag."""
        return [value for tag, value in self.tags if tag == name]


@dataclass(frozen=True, slots=True)
class HostHealth:
    """What Zabbix says of one host. `watched`: it is switched on and not in maintenance.

    `interfaces`: kind of interface -> how the worst of them answers, and what it said; `unsupported`: key of an item
    that is not supported -> why; `problems`: id of a trigger that has fired -> its name.
    """

    name: str
    watched: bool
    interfaces: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unsupported: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ZabbixUser:
    """Whom a token or a session belongs to. `type`: 1 user, 2 admin, 3 super admin; `timezone`: its own, "default" or
    "system".
    """

    userid: str
    username: str
    type: int
    roleid: str
    timezone: str

    @property
    def sees_all(self) -> bool:
        """Whether nothing is hidden from it: only to super admins permissions do not apply."""
        return self.type == 3


@dataclass(frozen=True, slots=True)
class Template:
    """One template. `parents`: ids of the templates that it is made of. `items`: how many items it gives a host."""

    templateid: str
    host: str
    name: str
    parents: tuple[str, ...]
    items: int


@dataclass(slots=True)
class ZabbixSettings:
    """What a policy may name, by name. A template is found by its visible or its technical name."""

    templates: dict[str, list[Template]] = field(default_factory=dict)
    templates_by_id: dict[str, Template] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    group_names: dict[str, str] = field(default_factory=dict)
    proxies: dict[str, str] = field(default_factory=dict)
    proxy_groups: dict[str, str] = field(default_factory=dict)

    def inherited(self, templateid: str) -> frozenset[str]:
        """Return the ids of a template and of all that it is made of."""
        seen: set[str] = set()
        todo = [templateid]
        while todo:
            one = todo.pop()
            if one not in seen:
                seen.add(one)
                known = self.templates_by_id.get(one)
                todo.extend(known.parents if known else ())
        return frozenset(seen)

    def add_template(self, template: Template) -> None:
        """Take in a template that was read."""
        self.templates_by_id[template.templateid] = template
        for name in dict.fromkeys((template.name, template.host)):
            self.templates.setdefault(name, []).append(template)

    def add_group(self, groupid: str, name: str) -> None:
        """Take in a host group that was read or created."""
        self.groups[name] = groupid
        self.group_names[groupid] = name

    def group_name(self, groupid: str) -> str:
        """Return a host group's name, its id where we may not see it."""
        return self.group_names.get(groupid, f"host group {groupid}")

    def template_name(self, templateid: str) -> str:
        """Return a template's visible name, its id where we may not see it."""
        known = self.templates_by_id.get(templateid)
        return known.name if known else f"template {templateid}"

    def monitor_name(self, kind: str, monitor_id: str) -> str:
        """Return the name of what monitors a host: `server`, `proxy lab-proxy`."""
        if kind == "server":
            return "server"
        table = self.proxies if kind == "proxy" else self.proxy_groups
        name = next((name for name, known in table.items() if known == monitor_id), monitor_id)
        return f"{kind.replace('_', ' ')} {name}"


def plain_text(text: str) -> str:
    """Return a text as it compares: NetBox and Zabbix's web pages may send CRLF where the other has LF."""
    return text.replace("\r\n", "\n").strip()
