# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Import what Zabbix has into a cache in the state store and into NetBox's choice sets: the job ImportZabbixSettings.

Everything is read and compared before anything is written; then NetBox is written, and the cache last. So a run that
fails in the middle is done again by the next one, with the same report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..connection import NetBoxConnection, ZabbixConnection
from ..netbox.choice_sets import ChoiceSet, read_choice_sets, read_holders, refused_as_used, write_choices
from ..netbox.client import NetBox, connect
from ..netbox.failures import Refused
from ..netbox.state_place import in_netbox
from ..policy.source import policy_source
from ..state.store import open_store
from ..zabbix.client import Zabbix
from ..zabbix.settings_import import KINDS, Entries, HostsUsing, Imported, hosts_using, read_import
from .quick_checks import clock_notes, netbox_notes, zabbix_notes
from .result import Progress, Result
from .settings_cache import SettingsCache, cache_name, confirm_cache, load_cache, write_cache
from .settings_compare import KindChanges, compare, max_deletions_from, names_of, over_limits
from .settings_hidden import out_of_sight
from .settings_offer import (
    CHOICE_SETS,
    ChoiceChanges,
    choice_changes,
    offered,
    offers_from,
    settle,
    template_groups,
)
from .settings_report import (
    choices_as_dict,
    choices_lines,
    kind_as_dict,
    kind_lines,
    report_as_diff,
    some_names,
)
from .settings_uses import Uses, uses_in_contexts, uses_in_mappings

JOB = "ImportZabbixSettings"
#: hosts that are named of those that use an object
NAMED = 5
#: objects of a kind that are gone and whose hosts are looked for: two quick calls each in one request. More stop at any
#: sensible limit
LOOKED_FOR = 200


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the job is told. `mappings`, `policy_path`: a policy, to tell who uses what is gone; both may be missing.
    `state_store`: where the cache is kept; empty for nowhere.
    """

    state_store: str = ""
    choice_sets: Sequence[str] = tuple(CHOICE_SETS)
    offer: Mapping[str, Any] | None = None
    max_deletions: Mapping[str, Any] | None = None
    mappings: Any = None
    policy_path: str | None = None
    dry_run: bool = False


@dataclass(slots=True)
class ImportResult(Result):
    """`kinds`: what became of each kind; `choice_sets`: of each choice set; `cache`: where the cache is."""

    cache: str = ""
    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)
    choice_sets: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    """What a run found out. `hidden`: by kind and id, what hosts use and the user does not see any more."""

    kinds: dict[str, Entries]
    changes: dict[str, KindChanges]
    hidden: dict[tuple[str, str], HostsUsing] = field(default_factory=dict)
    sets: dict[str, ChoiceSet] = field(default_factory=dict)
    choices: dict[str, ChoiceChanges] = field(default_factory=dict)
    #: kind and name -> who names or holds it
    uses: Uses = field(default_factory=dict)

    def used_by(self, kind: str, names: Iterable[str]) -> list[str]:
        """Return who uses an object under any of its names."""
        return list(dict.fromkeys(who for name in names for who in self.uses.get((kind, name), ())))


def import_settings(
    netbox_connection: NetBoxConnection, zabbix_connection: ZabbixConnection, options: ImportOptions, progress: Progress
) -> ImportResult:
    """Run the job and return its result; in a dry run nothing is written, and `refused` says whether more is gone than
    may be.

    Raises InputError for a wrong option, StateError for a cache that cannot be used, NetBoxError and ZabbixError.
    """
    store = open_store(options.state_store, in_netbox(netbox_connection))
    result = ImportResult(JOB, options.dry_run)
    limits = max_deletions_from(options.max_deletions)
    offers = offers_from(options.offer)
    mappings: list[Any] = []
    if options.mappings is not None or options.policy_path is not None:
        mappings = list(policy_source(options.mappings, options.policy_path).mappings)
    if store is not None:
        result.cache = store.where(cache_name(zabbix_connection.url))
    # before Zabbix is read: a wrong token or address shows up at once
    netbox = connect(netbox_connection) if options.choice_sets else None
    zabbix: Zabbix | None = None
    try:
        with ThreadPoolExecutor(1) as other:
            # a cache of thousands of templates takes as long to be read as the log-in
            loading = other.submit(load_cache, store, zabbix_connection.url) if store is not None else None
            zabbix = Zabbix(zabbix_connection)
            cache = loading.result() if loading is not None else None
        if netbox is not None:
            result.notes += [*netbox_notes(netbox), *clock_notes(netbox, zabbix)]
        result.phase("read Zabbix")
        progress("reading Zabbix: templates and what they bring, groups, proxies")
        imported = read_import(zabbix)
        result.notes += zabbix_notes(zabbix)
        found = _compare(cache, imported, zabbix, result)
        found.uses = uses_in_mappings(mappings)
        progress(f"compared {sum(len(entries) for entries in found.kinds.values())} objects of Zabbix with the cache")
        if netbox is not None:
            _look_at_netbox(netbox, found, offers, options.choice_sets, result, progress)
        release, kinds = zabbix.release, found.kinds
        stale = store is not None and (cache is None or (cache.kinds, cache.release) != (kinds, release))
        _report(result, found)
        refused = list(over_limits(found.changes, limits))
        if refused:
            _refuse(result, refused, found)
            return result
        result.changed = stale or any(one.any for one in found.choices.values())
        result.phase("write")
        if not options.dry_run:
            if netbox is not None:
                _write_choices(netbox, found, result, progress)
            if store is not None and stale:
                result.stats["bytes"] = write_cache(store, SettingsCache(zabbix_connection.url, release, kinds))
            elif store is not None:
                confirm_cache(store, zabbix_connection.url)
        _conclude(result, found, options, stale)
        return result
    finally:
        if netbox is not None:
            result.requests["netbox"] = dict(netbox.requests)
        if zabbix is not None:
            result.requests["zabbix"] = dict(zabbix.requests)
            zabbix.close()


def _compare(cache: SettingsCache | None, imported: Imported, zabbix: Zabbix, result: ImportResult) -> _Found:
    old = cache.kinds if cache is not None else {}
    kinds = dict(imported.kinds)
    for kind, why in imported.unreadable.items():
        result.notes.append(
            f"{kind.replace('_', ' ')} could not be read, and stay as they were in the cache: {why} The role of the "
            "user has to allow that method."
        )
        if kind in old:
            kinds[kind] = old[kind]

    def name_of(field_name: str, one: str) -> str:
        if field_name in ("parents", "dependencies"):
            some: tuple[str, ...] = ("templates",)
        elif field_name == "groups":
            some = ("template_groups", "host_groups")
        elif field_name == "proxy_group":
            some = ("proxy_groups",)
        else:
            return one
        tables = [table.get(kind, {}) for kind in some for table in (kinds, old)]
        return next((str(table[one]["name"]) for table in tables if one in table), one)

    found = _Found(kinds, {kind: compare(old.get(kind, {}), kinds.get(kind, {}), name_of) for kind in KINDS})
    # A template that hosts still have was not deleted: Zabbix would have taken it from them.
    gone = {kind: list(one.removed)[:LOOKED_FOR] for kind, one in found.changes.items()}
    found.hidden = hosts_using(zabbix, gone, NAMED)
    if zabbix.user is not None and not zabbix.user.sees_all:
        lost = out_of_sight(kinds, {kind: changes.removed for kind, changes in found.changes.items()})
        found.hidden.update({key: HostsUsing(0, ()) for key in lost - found.hidden.keys()})
    for kind, one in found.hidden:
        changes = found.changes[kind]
        entry = changes.removed.pop(one)
        changes.unchanged += 1
        kinds[kind] = {**kinds[kind], one: entry}
    if found.hidden:
        names = [f'"{kinds[kind][one]["name"]}"' for kind, one in found.hidden]
        result.notes.append(
            f"The user of Zabbix does not see {some_names(names)} any more. Hosts still use it, or none of its groups "
            "is seen either: taken for a missing permission, not for deleted. Check what the user's groups may read; "
            "an import as a super admin tells what was deleted."
        )
    return found


def _look_at_netbox(
    netbox: NetBox,
    found: _Found,
    offers: Mapping[str, Any],
    names: Sequence[str],
    result: ImportResult,
    progress: Progress,
) -> None:
    result.phase("read NetBox")
    progress("reading NetBox: choice sets and who uses what is gone")
    found.sets = read_choice_sets(netbox, names)
    missing = [name for name in names if name not in found.sets]
    if missing:
        result.notes.append(
            f"NetBox has no choice set {some_names(missing)}: the setup job creates them; "
            "nobody can pick from them until then."
        )
    groups = template_groups(found.kinds)
    gone = {kind: _former_names(found.changes[kind]) for kind in KINDS}
    if any(gone.values()):
        for key, who in uses_in_contexts(netbox).items():
            found.uses.setdefault(key, []).extend(who)
    for name, choice_set in found.sets.items():
        kind = CHOICE_SETS[name]
        # a kind that could not be read, and never was: there is nothing to offer, and nothing to take away
        if kind not in found.kinds:
            continue
        changes = choice_changes(choice_set, offered(found.kinds[kind], offers[kind], groups))
        holders = read_holders(netbox, choice_set, {*changes.removed, *gone[kind]})
        for value, who in holders.items():
            found.uses.setdefault((kind, value), []).extend(who)
        changes.keep({value: holders[value] for value in changes.removed if value in holders})
        settle(changes, choice_set)
        found.choices[name] = changes
        if changes.unfit:
            result.notes.append(
                f"NetBox takes no choices of more than 100 characters, nor with blanks at an end: {name} does not "
                f"offer {some_names([repr(one) for one in changes.unfit])}."
            )


def _former_names(changes: KindChanges) -> list[str]:
    """Return the names that people may still use: of what is removed, and old ones of what is renamed."""
    names = [name for entry in changes.removed.values() for name in names_of(entry)]
    return names + [name for one in changes.renamed for name in one.was]


def _report(result: ImportResult, found: _Found) -> None:
    for kind, changes in found.changes.items():
        result.stats[kind] = len(found.kinds.get(kind, {}))
        for action in ("added", "updated", "renamed", "removed"):
            result.stats[f"{kind}_{action}"] = len(getattr(changes, action))
        result.stats[f"{kind}_unchanged"] = changes.unchanged
        removed = {one: found.used_by(kind, names_of(entry)) for one, entry in changes.removed.items()}
        renamed = {one.id: found.used_by(kind, one.was) for one in changes.renamed}
        hidden = {found.kinds[kind][one]["name"]: hosts for (of, one), hosts in found.hidden.items() if of == kind}
        result.kinds[kind] = kind_as_dict(changes, removed, renamed, hidden)
    result.choice_sets = [choices_as_dict(changes) for changes in found.choices.values()]
    result.diff = report_as_diff(result.kinds, result.choice_sets)


def _refuse(result: ImportResult, refused: list[str], found: _Found) -> None:
    lines = [
        "More is gone from Zabbix than may be, so nothing was written: " + "; ".join(refused) + ". If it is meant, "
        "raise the limit for this run; if not, check what the user of Zabbix may read.",
    ]
    for kind, changes in found.changes.items():
        if changes.removed:
            lines += kind_lines(kind, result.kinds[kind], only_gone=True)
    result.refused = lines[0]
    result.finish("\n".join(lines))


def _write_choices(netbox: NetBox, found: _Found, result: ImportResult, progress: Progress) -> None:
    for name, changes in found.choices.items():
        if not changes.any:
            continue
        progress(f"writing choice set {name}")
        message = f"{JOB} {result.run_id}"
        try:
            write_choices(netbox, found.sets[name], changes.choices, message)
        except Refused as error:
            if not refused_as_used(error) or not changes.removed:
                raise
            # an object holds one that this token does not see, or has picked it just now
            changes.keep({value: [f"NetBox says: {error.detail}"] for value in changes.removed})
            settle(changes, found.sets[name])
            if changes.any:
                write_choices(netbox, found.sets[name], changes.choices, message)
    result.choice_sets = [choices_as_dict(changes) for changes in found.choices.values()]


def _conclude(result: ImportResult, found: _Found, options: ImportOptions, stale: bool) -> None:
    lines = [line for kind in KINDS for line in kind_lines(kind, result.kinds[kind])]
    lines += [line for changes in result.choice_sets for line in choices_lines(changes)]
    if not result.cache:
        end = "No cache is kept, since state_store is empty."
    elif options.dry_run:
        end = f"The cache {result.cache} would be written." if stale else "The cache is right as it is."
    else:
        end = f"The cache is {result.cache}{'' if stale else ', right as it was'}."
    result.finish("\n".join([*lines, end]))
