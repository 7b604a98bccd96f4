# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a policy may name in Zabbix, as a job knows it: from the import's cache while that is fresh, else from Zabbix.

A cache may say that all is well, and nothing else: a name that it does not have, and whatever else would be told as
wrong, is asked of Zabbix before it is told, and ids that come from it are asked for before they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import StateError
from ..reconcile.plan import Change
from ..state.store import Store
from ..zabbix import versions
from ..zabbix.client import Call, Zabbix, whole
from ..zabbix.objects import Template, ZabbixHost, ZabbixSettings
from ..zabbix.settings import read_settings, read_settings_along
from ..zabbix.settings_import import HOST_GROUPS, PROXIES, PROXY_GROUPS, TEMPLATES, Entry
from ..zabbix.template_facts import TemplateItems
from ..zabbix.template_items import read_template_items
from .settings_cache import SettingsCache, load_cache, read_confirmed

#: seconds for which a cache is fresh unless a person says otherwise: imports are daily
MAX_AGE = 26 * 3600
#: how far ahead the clock of the machine that made the cache may be
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(slots=True)
class KnownSettings:
    """`settings`: what a policy may name; `templates`: the cache's entries by id, empty where Zabbix was asked.

    `cached`: whether they are those of the cache; `began_cached`: whether they were when the job began. `along`: the
    answers to what was asked in the same request.
    """

    zabbix: Zabbix
    settings: ZabbixSettings
    templates: Mapping[str, Entry] = field(default_factory=dict)
    cached: bool = False
    began_cached: bool = False
    along: list[Any] = field(default_factory=list)

    def refresh(self) -> None:
        """Read them from Zabbix, in one request."""
        self.settings, self.templates, self.cached = read_settings(self.zabbix), {}, False

    def lacks(self, change: Change | None, live: ZabbixHost | None) -> bool:
        """Whether the cache does not have what a change, or the host before it, has: Zabbix has to be asked then."""
        if not self.cached:
            return False
        if change is not None and change.target.missing_groups:
            return True
        settings = self.settings
        return live is not None and not (
            settings.templates_by_id.keys() >= live.templates and settings.group_names.keys() >= live.groups
        )

    def template_items(self, ids: Iterable[str]) -> dict[str, TemplateItems]:
        """Return what these templates bring, as far as the cache has it; the others are read."""
        wanted = set(ids)
        found = {one: items_of(one, self.templates[one]) for one in wanted if one in self.templates}
        return {**found, **read_template_items(self.zabbix, wanted - found.keys())}

    def holds(self, changes: Iterable[Change]) -> bool:
        """Whether all that these changes would write is in Zabbix as it was known when they were planned; at most one
        request, and none where nothing of it came from the cache.
        """
        if not self.began_cached:
            return True
        settings = self.settings
        known: dict[str, dict[str, tuple[str, ...]]] = {
            TEMPLATES: {one: (template.host, template.name) for one, template in settings.templates_by_id.items()},
            HOST_GROUPS: {one: (name,) for one, name in settings.group_names.items()},
            PROXIES: {one: (name,) for name, one in settings.proxies.items()},
            PROXY_GROUPS: {one: (name,) for name, one in settings.proxy_groups.items()},
        }
        written = _written(changes)
        if not self.cached:
            # the cache was found wanting on the way: what was planned before that must be right all the same
            return all(ids <= known[kind].keys() for kind, ids in written.items())
        asked = {kind: sorted(ids & known[kind].keys()) for kind, ids in written.items() if ids & known[kind].keys()}
        if not asked:
            return True
        there = _names(self.zabbix, asked)
        return all(there[kind].get(one) == known[kind][one] for kind, ids in asked.items() for one in ids)


def known_settings(
    zabbix: Zabbix, store: Store | None, max_age: int, notes: list[str], along: Sequence[Call] = ()
) -> KnownSettings:
    """Return the settings from the cache where it is fresh, else as read from Zabbix. `max_age`: in seconds, 0 for
    never. `notes` gets why a cache that is there cannot be used. `along`: reading calls that go in the same request.
    """
    cache = fresh_cache(store, zabbix.connection.url, max_age, notes) if store is not None else None
    if cache is None or cache.release != zabbix.release:
        settings, answers = read_settings_along(zabbix, along)
        return KnownSettings(zabbix, settings, along=answers)
    answers = whole(zabbix.batch(along))
    return KnownSettings(zabbix, settings_of(cache), cache.kinds[TEMPLATES], True, True, answers)


def settings_of(cache: SettingsCache) -> ZabbixSettings:
    """Return what a policy may name, as the cache has it."""
    kinds = cache.kinds
    settings = ZabbixSettings(
        proxies={entry["name"]: one for one, entry in kinds[PROXIES].items()},
        proxy_groups={entry["name"]: one for one, entry in kinds.get(PROXY_GROUPS, {}).items()},
    )
    for one, entry in kinds[TEMPLATES].items():
        settings.add_template(Template(one, entry["host"], entry["name"], tuple(entry["parents"]), entry["items"]))
    for one, entry in kinds[HOST_GROUPS].items():
        settings.add_group(one, entry["name"])
    return settings


def fresh_cache(store: Store | None, zabbix: str, max_age: int, notes: list[str]) -> SettingsCache | None:
    """Return the cache of the Zabbix at this address, None where it is too old, not there, or no use."""
    if store is None or max_age <= 0:
        return None
    try:
        cache = load_cache(store, zabbix)
        if cache is None:
            return None
        age = datetime.now(UTC) - read_confirmed(store, cache)
    except StateError as error:
        notes.append(f"The cache of the import is not used, Zabbix is asked: {error}")
        return None
    return cache if -_CLOCKS_DIFFER <= age <= timedelta(seconds=max_age) and _whole(cache) else None


def _whole(cache: SettingsCache) -> bool:
    """Whether the import could read all kinds that a policy may name."""
    needed = {TEMPLATES, HOST_GROUPS, PROXIES}
    if versions.has_proxy_groups(cache.release):
        needed.add(PROXY_GROUPS)
    return needed <= cache.kinds.keys()


def items_of(templateid: str, entry: Entry) -> TemplateItems:
    """Return what a template brings, as the cache has it."""
    inventory = {int(number): key for number, key in entry["inventory"].items()}
    return TemplateItems(templateid, entry["keys"], entry["needs"], entry["uses"], inventory, entry["dependencies"])


def all_items_of(cache: SettingsCache) -> dict[str, TemplateItems]:
    """Return what each template brings, by id."""
    return {one: items_of(one, entry) for one, entry in cache.kinds[TEMPLATES].items()}


def _written(changes: Iterable[Change]) -> dict[str, set[str]]:
    """Return the ids that changes would write, by kind."""
    written: dict[str, set[str]] = {TEMPLATES: set(), HOST_GROUPS: set(), PROXIES: set(), PROXY_GROUPS: set()}
    for change in changes:
        live = change.live
        written[TEMPLATES] |= change.writes.get("templates", frozenset()) - (live.templates if live else frozenset())
        written[HOST_GROUPS] |= change.writes.get("groups", frozenset()) - (live.groups if live else frozenset())
        kind, one = change.writes.get("monitored_by", ("server", "0"))
        if kind != "server":
            written[PROXIES if kind == "proxy" else PROXY_GROUPS].add(one)
    return written


def _names(zabbix: Zabbix, asked: Mapping[str, list[str]]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the names of objects by kind and id; one request."""
    proxy_name = versions.proxy_name_field(zabbix.release)
    calls: dict[str, tuple[str, str, tuple[str, ...]]] = {
        TEMPLATES: ("template.get", "templateid", ("host", "name")),
        HOST_GROUPS: ("hostgroup.get", "groupid", ("name",)),
        PROXIES: ("proxy.get", "proxyid", (proxy_name,)),
        PROXY_GROUPS: ("proxygroup.get", "proxy_groupid", ("name",)),
    }
    batch: list[tuple[str, Any]] = [
        (method, {f"{key}s": ids, "output": [key, *names]})
        for ids, (method, key, names) in ((ids, calls[kind]) for kind, ids in asked.items())
    ]
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind, answer in zip(asked, whole(zabbix.batch(batch)), strict=True):
        key, names = calls[kind][1:]
        found[kind] = {row[key]: tuple(row[name] for name in names) for row in answer}
    return found
