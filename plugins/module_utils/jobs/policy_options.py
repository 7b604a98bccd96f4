# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy as the jobs that only look at it are given it. They have to know what secrets are called, no values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..netbox.objects import NetBoxObject
from ..policy.compute import CONTEXT_KEY
from ..policy.model import Policy
from ..policy.source import PolicySource, policy_source
from .estate import Scope

#: in the place of a secret's value: long enough and of the digits that the strictest check of one asks for
STAND_IN = "0" * 32


@dataclass(slots=True)
class PolicyOptions:
    """One of `mappings` and `path`; with neither `secrets` nor `secret_names` all names count as known."""

    mappings: Any = None
    path: str | None = None
    secrets: Mapping[str, Any] = field(default_factory=dict)
    secret_names: Sequence[str] = ()
    statuses: Mapping[str, Mapping[str, str]] | None = None
    scope: Scope = field(default_factory=Scope)

    def source(self) -> PolicySource:
        """Return the policy as it was written."""
        return policy_source(self.mappings, self.path)

    def parse(self, source: PolicySource, objects: Iterable[NetBoxObject] = ()) -> Policy:
        """Return the policy. `objects`: those whose config contexts may name secrets as well."""
        if self.secrets or self.secret_names:
            names = set(self.secret_names)
        else:
            contexts = ((one.attributes.get("config_context") or {}).get(CONTEXT_KEY) for one in objects)
            names = {*_named(source.mappings), *(name for context in contexts for name in _named(context))}
        secrets = {**dict.fromkeys(sorted(names), STAND_IN), **self.secrets}
        return source.parse(secrets=secrets, statuses=self.statuses)


def _named(value: Any) -> Iterator[str]:
    """Yield the names in all `{secret: name}` within a value."""
    if isinstance(value, Mapping):
        name = value.get("secret")
        if isinstance(name, str) and name:
            yield name
    if isinstance(value, Mapping | list):
        for entry in value.values() if isinstance(value, Mapping) else value:
            yield from _named(entry)
