# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is wrong with a policy, seen against an estate: what the pipeline of a merge request runs.

Problems are what would fail a run or a host of it. Warnings are what is most likely not meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError
from ..netbox.state_place import in_netbox
from ..policy.compute import Outcome
from ..policy.explain import layers_of, matching_mappings
from ..policy.host_config import HostConfig
from ..policy.match import check_matches
from ..policy.model import Policy
from ..policy.source import PolicySource
from ..reconcile.resolve import Resolver
from ..reconcile.template_checks import Problem, TemplateChecks
from ..state.store import open_store
from .estate import Estate, add_settings, read_estate
from .export import load_export
from .known_settings import MAX_AGE, all_items_of, fresh_cache, settings_of
from .policy_options import PolicyOptions
from .result import HostResult, Progress, Result

JOB = "LintPolicy"
#: objects that a problem or warning names
_NAMED = 3
#: keys of a mapping that are no single values: what they give adds up
_NO_VALUES = frozenset({"name", "match", "default", "templates", "host_groups", "interfaces"})
_DICTIONARIES = ("tags", "macros", "inventory")
#: keys that a host config calls otherwise
_NAMES = {"proxy": "monitored_by", "proxy_group": "monitored_by", "technical_name": "host", "visible_name": "name"}


@dataclass(slots=True)
class LintResult(Result):
    """`problems`, `warned`: one sentence each. `mappings`: name, place, objects that match, hosts that it counts for.

    `strict`: warnings fail the task too.
    """

    strict: bool = False
    problems: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    mappings: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""


@dataclass(slots=True)
class _Count:
    """What became of one mapping. `given`, `counted`: hosts that each of its single values is for, and has."""

    objects: int = 0
    hosts: int = 0
    given: dict[str, int] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)
    over: dict[str, str] = field(default_factory=dict)


def lint_policy(
    options: PolicyOptions,
    export: str | None,
    netbox: NetBoxConnection | None,
    zabbix: ZabbixConnection | None,
    strict: bool,
    progress: Progress,
    state_store: str = "",
    settings_max_age: int = MAX_AGE,
) -> LintResult:
    """Return all problems of the policy; with neither an export nor a NetBox those that it has by itself.

    Never raises InputError for what is wrong with the policy, only for an export that cannot be read.
    """
    result = LintResult(JOB, dry_run=True)
    result.strict = strict
    # first, so that a wrong policy does not hide that the export is wrong as well
    estate = load_export(export) if export is not None else None
    if estate is not None:
        estate.narrow(options.scope)
    try:
        source = options.source()
        policy = options.parse(source)
    except InputError as error:
        result.problems = error.problems
        _conclude(result)
        return result
    if estate is None and netbox is not None:
        estate = read_estate(netbox, result, progress, scope=options.scope, roots=policy.roots)
    if estate is None:
        result.notes.append("Neither an export nor a NetBox is given: only the policy by itself was checked.")
        result.mappings = [_row(mapping.name, source, _Count()) for mapping in policy.mappings]
    else:
        if zabbix is not None and estate.settings is None:
            store = open_store(state_store, in_netbox(netbox) if netbox is not None else None)
            cache = fresh_cache(store, zabbix.url, settings_max_age, result.notes)
            read = partial(add_settings, estate, zabbix, result, progress)
            if cache is None:
                read()
            else:
                estate.settings, estate.release = settings_of(cache), cache.release
                estate.template_items = all_items_of(cache)
                estate.refresh = read
        _lint(result, estate, options.parse(source, estate.objects), source)
    _conclude(result)
    return result


def _lint(result: LintResult, estate: Estate, policy: Policy, source: PolicySource) -> None:
    result.problems += map(source.locate, check_matches(policy, estate.related))
    if estate.settings is None:
        result.notes.append("Nothing of Zabbix was read: names of templates and proxies were not checked.")
    check = _names_check(estate)
    counts = [_Count() for dummy in policy.mappings]
    paths = _value_paths(policy, source)
    failing: dict[str, list[str]] = {}
    doubtful: dict[str, list[str]] = {}
    unmatched: list[str] = []
    bare: list[str] = []
    names: dict[tuple[str, str], list[str]] = {}
    hosts = 0
    for one in estate.objects:
        for number in matching_mappings(policy, one):
            counts[number].objects += 1
        config = estate.compute(policy, one)
        if isinstance(config, Outcome):
            if config.kind == "failed":
                failing.setdefault(config.reason, []).append(one.label)
                result.hosts.append(_failed(one.label, one.ref, source.locate(config.reason)))
            elif config.kind == "excluded" and not matching_mappings(policy, one):
                unmatched.append(one.label)
            continue
        hosts += 1
        for what, name in (("technical", config.host), ("visible", config.name)):
            names.setdefault((what, name), []).append(one.label)
        if not config.templates:
            bare.append(one.label)
        givers = _givers(config)
        counting = {id(layer) for layer in layers_of(policy, one)}
        for number, mapping in enumerate(policy.mappings):
            if id(mapping.layer) in counting:
                _count(counts[number], paths[number], givers, f'mapping "{mapping.name}"')
        problems, warnings = check(config)
        for problem in problems:
            failing.setdefault(problem, []).append(one.label)
        for warning in warnings:
            doubtful.setdefault(warning, []).append(one.label)
        if problems:
            result.hosts.append(_failed(config.host, one.ref, source.locate("; ".join(problems))))
    result.problems += [
        f"{_some(labels)}: {source.locate(reason)}" for reason, labels in sorted(failing.items(), key=_most_first)
    ]
    result.problems += [
        f'{_some(labels)}: would all have the {what} name "{name}": a policy must give each host its own'
        for (what, name), labels in names.items()
        if len(labels) > 1
    ]
    result.warned += _mapping_warnings(policy, source, counts)
    result.warned += [
        f"{_some(labels)}: {source.locate(reason)}" for reason, labels in sorted(doubtful.items(), key=_most_first)
    ]
    if unmatched:
        result.warned.append(f"no mapping matches {_some(unmatched)}")
    if bare:
        result.warned.append(f"no template is given to {_some(bare)}")
    result.mappings = [
        _row(mapping.name, source, count) for mapping, count in zip(policy.mappings, counts, strict=True)
    ]
    result.stats = {"objects": len(estate.objects), "hosts": hosts, "not_matched": len(unmatched)}


def _names_check(estate: Estate) -> Callable[[HostConfig], tuple[list[str], list[str]]]:
    """Return what tells problems and warnings about the names of Zabbix in a host config: templates, proxies ..."""
    settings = estate.settings
    if settings is None:
        return lambda config: ([], [])
    resolver = Resolver(settings, estate.release)
    templates = TemplateChecks(estate.template_items, settings.template_name)
    again: Callable[[HostConfig], tuple[list[str], list[str]]] | None = None

    def given_by(config: HostConfig, problem: Problem) -> str:
        names = [
            name
            for known in map(settings.templates_by_id.get, problem.templates)
            if known
            for name in (known.name, known.host)
        ]
        origins = [config.origins[path] for path in (f"templates/{name}" for name in names) if path in config.origins]
        return f" Given by {' and '.join(dict.fromkeys(origins))}." if origins else ""

    def check(config: HostConfig) -> tuple[list[str], list[str]]:
        nonlocal again
        if again is not None:
            return again(config)
        errors, warnings = judge(config)
        if (errors or warnings) and estate.refresh is not None:
            # what a cache says is no reason to call anything wrong
            refresh, estate.refresh = estate.refresh, None
            refresh()
            again = _names_check(estate)
            return again(config)
        return errors, warnings

    def judge(config: HostConfig) -> tuple[list[str], list[str]]:
        try:
            target = resolver.resolve(config)
        except InputError as error:
            return error.problems, []
        findings = templates.of(target.templates, frozenset(interface.type for interface in config.interfaces))
        errors, warnings = (
            [f"{problem.text}.{given_by(config, problem)}" for problem in found]
            for found in (findings.errors, findings.warnings)
        )
        return errors, warnings

    return check


def _failed(name: str, ref: str, error: str) -> HostResult:
    return HostResult(name, ref, None, "failed", error=error)


def _most_first(item: tuple[str, list[str]]) -> tuple[int, str]:
    return -len(item[1]), item[0]


def _some(labels: list[str]) -> str:
    shown = ", ".join(labels[:_NAMED])
    more = len(labels) - _NAMED
    return f"{len(labels)} objects, {shown} and {more} more" if more > 0 else shown


def _value_paths(policy: Policy, source: PolicySource) -> list[list[str]]:
    """Return for each mapping the single values that it gives, as host configs name their origins."""
    paths: list[list[str]] = []
    for dummy, raw in zip(policy.mappings, source.mappings, strict=True):
        found: list[str] = []
        for key, value in raw.items():
            if key in _NO_VALUES or value is None:
                continue
            if key not in _DICTIONARIES:
                found.append(_NAMES.get(key, key))
            elif isinstance(value, Mapping):
                found += [f"{key}/{name}" for name, given in value.items() if given is not None]
        paths.append(found)
    return paths


def _givers(config: HostConfig) -> dict[str, str]:
    """Return which layer gave each single value. All values of a tag are of one layer."""
    return config.origins | {f"tags/{tag}": config.origins[f"tags/{tag}/{value}"] for tag, value in config.tags}


def _count(count: _Count, paths: Iterable[str], givers: Mapping[str, str], origin: str) -> None:
    """Note which of a mapping's single values one host has from it, and what is over the others."""
    count.hosts += 1
    for path in paths:
        giver = givers.get(path)
        if giver is None:
            continue  # a field in it is empty
        count.given[path] = count.given.get(path, 0) + 1
        if giver == origin:
            count.counted[path] = count.counted.get(path, 0) + 1
        else:
            count.over.setdefault(path, giver)


def _mapping_warnings(policy: Policy, source: PolicySource, counts: list[_Count]) -> Iterable[str]:
    for mapping, count in zip(policy.mappings, counts, strict=True):
        place = source.locate(f'mapping "{mapping.name}"')
        if not count.objects:
            yield f"{place}: matches no object"
            continue
        if not count.hosts and mapping.default:
            yield f"{place}: is a default that never counts: other mappings give templates to all that it matches"
        for path, given in count.given.items():
            if not count.counted.get(path):
                over = source.locate(count.over[path])
                what, all_of = path.replace("/", ".", 1), f"all {given} hosts" if given > 1 else "its only host"
                yield f"{place}: {what}: is overridden on {all_of}, by {over}"


def _row(name: str, source: PolicySource, count: _Count) -> dict[str, Any]:
    return {"name": name, "place": source.places.get(name, ""), "objects": count.objects, "hosts": count.hosts}


def _counted(texts: list[str], word: str) -> str:
    return f"{len(texts)} {word if len(texts) == 1 else word + 's'}"


def _conclude(result: LintResult) -> None:
    lines: list[str] = []
    for title, texts in (("problems", result.problems), ("warnings", result.warned), ("notes", result.notes)):
        if texts:
            lines += [f"{title}:", *(f"  {text}" for text in texts)]
    if result.mappings and "objects" in result.stats:
        width = max(len("mapping"), *(len(row["name"]) for row in result.mappings))
        lines += [f"{'mapping'.ljust(width)}  objects  hosts"]
        lines += [
            f"{row['name'].ljust(width)}  {row['objects']:7}  {row['hosts']:5}  {row['place']}".rstrip()
            for row in result.mappings
        ]
    result.text = "\n".join(lines) + "\n"
    result.stats |= {"problems": len(result.problems), "warnings": len(result.warned)}
    message = f"{_counted(result.problems, 'problem')}, {_counted(result.warned, 'warning')}"
    if "objects" in result.stats:
        message += f" on {result.stats['objects']} objects, {result.stats['hosts']} of them hosts"
    if result.problems or (result.strict and result.warned):
        result.refused = message
    result.finish(f"{message}.")
