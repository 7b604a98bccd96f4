# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From names to ids: a host config is checked against what Zabbix has, before any call."""

from __future__ import annotations

from itertools import combinations

from ..errors import InputError, nearest
from ..policy.host_config import HostConfig
from ..zabbix import versions
from ..zabbix.objects import Template, ZabbixSettings
from .plan import Target


class Resolver:
    """Turns the names of host configs into ids; sets of templates are checked once, since thousands of hosts share
    them.
    """

    def __init__(self, settings: ZabbixSettings, release: versions.Release) -> None:
        self._settings = settings
        self._release = release
        self._template_sets: dict[frozenset[str], tuple[frozenset[str], list[tuple[str, str]]]] = {}
        self._group_sets: dict[frozenset[str], tuple[frozenset[str], tuple[str, ...]]] = {}

    def resolve(self, config: HostConfig) -> Target:
        """Return the ids of all that a host config names. Raises InputError with all that is wrong with it."""
        templates, wrong = self._templates(config.templates)
        problems = [f"{text}{_given_by(config, f'templates/{name}')}" for name, text in wrong]
        if not config.groups:
            problems.append("no mapping gives it a host group, and Zabbix wants at least one")
        monitor = None
        if config.monitored_by is not None:
            try:
                monitor = self._monitor(config)
            except InputError as error:
                problems.extend(error.problems)
        if problems:
            raise InputError(problems)
        groups, missing = self._groups(config.groups)
        return Target(groups, missing, templates, monitor)

    def weight(self, templates: frozenset[str]) -> int:
        """Return how many items these templates give a host: what a write costs Zabbix."""
        known = self._settings.templates_by_id
        return sum(known[templateid].items for templateid in templates if templateid in known)

    def _templates(self, names: frozenset[str]) -> tuple[frozenset[str], list[tuple[str, str]]]:
        found = self._template_sets.get(names)
        if found is None:
            found = self._template_sets[names] = self._check_templates(names)
        return found

    def _check_templates(self, names: frozenset[str]) -> tuple[frozenset[str], list[tuple[str, str]]]:
        problems: list[tuple[str, str]] = []
        chosen: dict[str, Template] = {}
        for name in sorted(names):
            candidates = self._settings.templates.get(name, [])
            if not candidates:
                hint = nearest(name, self._settings.templates)
                problems.append((name, f'Zabbix has no template "{name}", or its user may not see it.{hint}'))
                continue
            # a visible name is what people see, so it wins over another template's technical name
            chosen[name] = next((template for template in candidates if template.name == name), candidates[0])
        parts = {name: self._settings.inherited(template.templateid) for name, template in chosen.items()}
        for one, other in combinations(sorted(chosen), 2):
            if chosen[one] is chosen[other]:
                continue
            shared = parts[one] & parts[other]
            if shared:
                inside = self._settings.template_name(min(shared, key=int))
                problems.append(
                    (
                        one,
                        f'templates "{one}" and "{other}" both contain "{inside}": Zabbix does not link both',
                    )
                )
        return frozenset(template.templateid for template in chosen.values()), problems

    def _groups(self, names: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
        found = self._group_sets.get(names)
        if found is None:
            known = self._settings.groups
            found = (
                frozenset(known[name] for name in names if name in known),
                tuple(sorted(name for name in names if name not in known)),
            )
            if not found[1]:
                # a missing group is created in the course of the run, and must be found from then on
                self._group_sets[names] = found
        return found

    def _monitor(self, config: HostConfig) -> tuple[str, str]:
        if config.monitored_by == "server":
            return "server", "0"
        group = config.monitored_by == "proxy_group"
        word, table = ("proxy group", self._settings.proxy_groups) if group else ("proxy", self._settings.proxies)
        name = config.monitor or ""
        if group and not versions.has_proxy_groups(self._release):
            release = ".".join(map(str, self._release))
            raise InputError([f'proxy group "{name}" is wanted, and Zabbix {release} has none (7.0 does)'])
        if name not in table:
            origin = _given_by(config, "monitored_by")
            raise InputError(
                [f'Zabbix has no {word} "{name}", or its user may not see it.{nearest(name, table)}{origin}']
            )
        return config.monitored_by or "", table[name]


def _given_by(config: HostConfig, path: str) -> str:
    origin = config.origins.get(path)
    return f" Given by {origin}." if origin else ""
