# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The attribute table: every attribute of a Zabbix host, once.

It says how a policy names and checks an attribute, how Zabbix names and codes it, how it is compared, who owns it by
default, and what the documentation tells of it. A new attribute with one value is a new row of `ATTRIBUTES`, no new
code; those made of elements (`MERGED`) have their comparison in `reconcile/`.

Sources: the host object of Zabbix's API documentation (6.0, 7.0, 7.2, 7.4), and measurements on 6.0.14 and 7.0.22: what
is read back of TLS and IPMI, what is refused, and that the fields of an encryption that is switched off are emptied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: what becomes of an attribute: ours are kept right and what others added stays; ours alone; given to new hosts only;
#: never
MERGE, REPLACE, CREATE_ONLY, IGNORE = "merge", "replace", "create_only", "ignore"

#: kinds of attributes with one value: free text with fields; one word; several words; a secret given by reference
TEXT, CHOICE, CHOICES, SECRET = "text", "choice", "choices", "secret"
#: the kind of attributes that are made of elements
ELEMENTS = "elements"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row.

    `name`: in host configs, differences and `netbox_zabbix_ownership`; `key`: in a mapping; `api`: in Zabbix's API.
    `codes`: our words for Zabbix's codes. `length`: the most characters that Zabbix takes. `letter`: in the applied
    record, never used twice. `write_only`: Zabbix never tells it, so that it is compared by the digest in the record.
    `only_with`: the encryption that it belongs to, without which Zabbix wants it empty. `modes`: how it can be owned,
    the default first. `plain`: whether it has a field of its own in the values (`HostConfig.status`), or is among
    `more`."""

    name: str
    key: str
    kind: str
    text: str
    api: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    length: int = 0
    letter: str = ""
    write_only: bool = False
    only_with: str = ""
    modes: tuple[str, ...] = (REPLACE, CREATE_ONLY, IGNORE)
    plain: bool = False

    @property
    def secret(self) -> bool:
        """Whether it is never shown."""
        return self.kind == SECRET

    def decode(self, code: str) -> str:
        """Return our word for Zabbix's code, or the text as it is; an unknown code as it is, so that it shows up."""
        if self.kind == CHOICES:
            words = [word for word, bit in self.codes.items() if int(code) & int(bit)]
            return ", ".join(words)
        return next((word for word, known in self.codes.items() if known == code), code)

    def encode(self, value: str) -> str:
        """Return Zabbix's code for our word or words, or the text as it is."""
        if self.kind == CHOICES:
            return str(sum(int(self.codes[word]) for word in value.split(", ")))
        return self.codes.get(value, value)


_ENCRYPTIONS = {"none": "1", "psk": "2", "certificate": "4"}
_NAMES = (REPLACE, CREATE_ONLY)
_MERGED = (MERGE, REPLACE, CREATE_ONLY, IGNORE)

ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(
        "host",
        "technical_name",
        TEXT,
        "Technical name. The cleaned name of the NetBox object where no layer gives one",
        api="host",
        length=128,
        letter="h",
        modes=_NAMES,
        plain=True,
    ),
    Attribute(
        "name",
        "visible_name",
        TEXT,
        "Visible name. The name of the NetBox object where no layer gives one",
        api="name",
        length=128,
        letter="n",
        modes=_NAMES,
        plain=True,
    ),
    Attribute(
        "status",
        "status",
        CHOICE,
        "Whether the host is monitored. By the NetBox status where no layer says so; `absent` for no host",
        api="status",
        codes={"enabled": "0", "disabled": "1"},
        letter="s",
        plain=True,
    ),
    Attribute(
        "description", "description", TEXT, "Description", api="description", length=65535, letter="d", plain=True
    ),
    Attribute("groups", "host_groups", ELEMENTS, "Host groups", modes=(MERGE, REPLACE, CREATE_ONLY)),
    Attribute("templates", "templates", ELEMENTS, "Linked templates", modes=_MERGED),
    Attribute(
        "monitored_by",
        "proxy, proxy_group, monitored_by",
        ELEMENTS,
        "What monitors the host: the server, a proxy, or a proxy group (7.0)",
        letter="p",
        modes=(REPLACE, CREATE_ONLY, IGNORE),
    ),
    Attribute("interfaces", "interfaces", ELEMENTS, "Interfaces, by type and name", modes=_MERGED),
    Attribute("tags", "tags", ELEMENTS, "Tags", modes=_MERGED),
    Attribute("macros", "macros", ELEMENTS, "User macros", modes=_MERGED),
    Attribute(
        "inventory_mode",
        "inventory_mode",
        CHOICE,
        "How the inventory is filled; `manual` where a layer gives inventory",
        api="inventory_mode",
        codes={"disabled": "-1", "manual": "0", "automatic": "1"},
        letter="i",
        plain=True,
    ),
    Attribute("inventory", "inventory", ELEMENTS, "Inventory fields", modes=_MERGED),
    Attribute(
        "tls_connect",
        "tls_connect",
        CHOICE,
        "Encryption of connections to the host",
        api="tls_connect",
        codes=_ENCRYPTIONS,
        letter="c",
    ),
    Attribute(
        "tls_accept",
        "tls_accept",
        CHOICES,
        "Encryptions that are accepted from the host, one or several",
        api="tls_accept",
        codes=_ENCRYPTIONS,
        letter="a",
    ),
    Attribute(
        "tls_issuer",
        "tls_issuer",
        TEXT,
        "Issuer that the host's certificate must have",
        api="tls_issuer",
        length=1024,
        letter="u",
        only_with="certificate",
    ),
    Attribute(
        "tls_subject",
        "tls_subject",
        TEXT,
        "Subject that the host's certificate must have",
        api="tls_subject",
        length=1024,
        letter="v",
        only_with="certificate",
    ),
    Attribute(
        "tls_psk_identity",
        "tls_psk_identity",
        TEXT,
        "Identity of the pre-shared key. Not a secret, but Zabbix never tells it",
        api="tls_psk_identity",
        length=128,
        letter="y",
        write_only=True,
        only_with="psk",
    ),
    Attribute(
        "tls_psk",
        "tls_psk",
        SECRET,
        "The pre-shared key, 32 to 512 hexadecimal digits",
        api="tls_psk",
        length=512,
        letter="z",
        write_only=True,
        only_with="psk",
    ),
    Attribute(
        "ipmi_authtype",
        "ipmi_authtype",
        CHOICE,
        "IPMI authentication",
        api="ipmi_authtype",
        codes={"default": "-1", "none": "0", "md2": "1", "md5": "2", "straight": "4", "oem": "5", "rmcp_plus": "6"},
        letter="t",
    ),
    Attribute(
        "ipmi_privilege",
        "ipmi_privilege",
        CHOICE,
        "IPMI privilege level",
        api="ipmi_privilege",
        codes={"callback": "1", "user": "2", "operator": "3", "admin": "4", "oem": "5"},
        letter="g",
    ),
    Attribute("ipmi_username", "ipmi_username", TEXT, "IPMI user", api="ipmi_username", length=16, letter="m"),
    Attribute("ipmi_password", "ipmi_password", SECRET, "IPMI password", api="ipmi_password", length=20, letter="w"),
)

BY_NAME: dict[str, Attribute] = {attribute.name: attribute for attribute in ATTRIBUTES}
#: attributes with one value, in the order of the table
SCALARS: tuple[Attribute, ...] = tuple(attribute for attribute in ATTRIBUTES if attribute.kind != ELEMENTS)
#: those of them without a field of their own in the values
MORE: tuple[Attribute, ...] = tuple(attribute for attribute in SCALARS if not attribute.plain)
