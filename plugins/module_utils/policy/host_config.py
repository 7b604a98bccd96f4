# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The host config: the Zabbix host that one NetBox object should have. Plain values, by name, no ids of Zabbix.

An attribute that no layer of the policy gives is None (or empty) and is left alone in Zabbix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..attribute_table import BY_NAME

ENABLED, DISABLED, ABSENT = "enabled", "disabled", "absent"


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must never be shown. `name` is what the policy calls it; text forms are masked.

    `own`: values of single objects, by name or identity (`device:123`), where it is not the same for all.
    """

    name: str
    value: str = field(repr=False)
    own: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    def __str__(self) -> str:
        return "********"

    def of(self, ref: str, name: str | None) -> Secret:
        """Return the secret as it is for one object."""
        if not self.own:
            return self
        value = self.own.get(ref, self.own.get(name or "", self.value))
        return Secret(self.name, value)


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of a host.

    `key`: what makes it the same interface in another layer and another run: its type, and `/name` where there are
    several of one type. `address`: the IP address or DNS name, as `use_ip` says. `port`: a number as text, or a user
    macro.
    `details`: SNMP only, Zabbix's own field names (`version`, `community`, ...) and its codes as text, sorted by name;
    values may be `Secret`.
    """

    key: str
    type: str
    main: bool
    use_ip: bool
    ip: str
    dns: str
    port: str
    details: tuple[tuple[str, str | Secret], ...] = ()


@dataclass(frozen=True, slots=True)
class Macro:
    """A user macro of a host. `type`: `text`, `secret` or `vault`."""

    value: str | Secret
    type: str = "text"
    description: str = ""


@dataclass(slots=True)
class HostConfig:
    """The desired Zabbix host of one NetBox object. What its attributes mean is in `attribute_table.py`.

    `ref`, `label`: of the NetBox object. `host`, `name`: technical and visible name. `status`: `enabled` or `disabled`.
    `groups`, `templates`: names. `tags`: pairs of tag and value. `inventory_mode`: `disabled`, `manual`, `automatic`.
    `monitored_by`: `server`, `proxy` or `proxy_group`, with the name in `monitor`. `more`: all other attributes with
    one value (TLS, IPMI), by name.
    `origins`: which layer gave a value, for `status`, `templates/<name>`, `groups/<name>`, `tags/<tag>/<value>`,
    `inventory/<field>`, `interfaces/<key>`, `macros/<macro>` ...
    """

    ref: str
    label: str
    host: str
    name: str
    status: str = ENABLED
    description: str | None = None
    groups: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    tags: frozenset[tuple[str, str]] = frozenset()
    macros: dict[str, Macro] = field(default_factory=dict)
    inventory_mode: str | None = None
    inventory: dict[str, str] = field(default_factory=dict)
    interfaces: tuple[Interface, ...] = ()
    monitored_by: str | None = None
    monitor: str | None = None
    more: dict[str, str | Secret] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def scalar(self, name: str) -> str | Secret | None:
        """Return an attribute with one value, None where the policy does not give it."""
        if BY_NAME[name].plain:
            value: str | None = getattr(self, name)
            return value
        return self.more.get(name)
