# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a translation yields: our variables, what could not be translated, and both as YAML text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import NetboxZabbixError

try:
    import yaml
except ImportError:
    HAS_YAML = False
else:
    HAS_YAML = True

MAPPINGS = "netbox_zabbix_mappings"
_JINJA = re.compile(r"\{\{|\{%|\{#")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that was not translated as it is. `subject`: the option or object; `todo`: what a person can do."""

    subject: str
    reason: str
    todo: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}" + (f" {self.todo}" if self.todo else "")


@dataclass(slots=True)
class Translation:
    """Our variables by name, in the order in which they are written; `secrets`: names that the policy refers to."""

    variables: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def remark(self, subject: str, reason: str, todo: str = "") -> None:
        """Note something that was not translated as it is, once."""
        one = Remark(subject, reason, todo)
        if one not in self.remarks:
            self.remarks.append(one)

    def secret(self, name: str) -> dict[str, str]:
        """Return a reference to a secret; its value is never taken over."""
        if name not in self.secrets:
            self.secrets.append(name)
        return {"secret": name}


def placeholders(translation: Translation) -> dict[str, str]:
    """Return a value for each secret that passes every check, since the real ones are not taken over."""
    return {name: "0" * 32 if name.startswith("tls_psk") else "unknown" for name in translation.secrets}


def as_yaml(translation: Translation, source: str) -> str:
    """Return the variables as a file for Ansible, the remarks as comments above them."""
    lines = ["---", f"# Translated from {source}. Look through it, then try it with --check --diff."]
    if translation.remarks:
        lines += ["#", "# Not translated as it was:"]
        for remark in translation.remarks:
            lines += textwrap.wrap(
                str(remark), 118, initial_indent="# * ", subsequent_indent="#   ", break_on_hyphens=False
            )
    if translation.secrets:
        lines += [
            "#",
            "# Secrets that the policy refers to; their values belong into netbox_zabbix_secrets, encrypted:",
        ]
        lines += [f"# * {name}" for name in translation.secrets]
    return "\n".join(lines) + "\n" + yaml_of(translation.variables)


def yaml_of(variables: Mapping[str, Any]) -> str:
    """Return variables as YAML for Ansible. Raises NetboxZabbixError where PyYAML is missing."""
    if not HAS_YAML:
        raise NetboxZabbixError("The Python library PyYAML is missing; it comes with ansible-core.")
    text: str = yaml.dump(
        variables,
        Dumper=_dumper(),
        sort_keys=False,
        allow_unicode=True,
        width=110,
        default_flow_style=False,
    )
    return text


def _dumper() -> Any:
    """Return a dumper that indents lists as the linters want it, and keeps Ansible from reading a text as Jinja2."""

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
            return super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def represent_text(dumper: Any, text: str) -> Any:
        if _JINJA.search(text):
            return dumper.represent_scalar("!unsafe", text, style='"')
        return dumper.represent_scalar("tag:yaml.org,2002:str", text)

    Dumper.add_representer(str, represent_text)
    return Dumper
