# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy as a person wrote it -> `Policy`. All that is wrong with it is found and reported together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError, nearest
from ..netbox.objects import DEVICE, VIRTUAL_DEVICE_CONTEXT, VIRTUAL_MACHINE
from .attributes import LAYER_KEYS, parse_layer
from .checks import Report, as_bool, as_list, as_mapping, as_one_or_list, as_text, below, describe, entry, one_of
from .host_config import ABSENT, DISABLED, ENABLED, Secret
from .interfaces import SECURITY_LEVELS, address_roots
from .match import CUSTOM_FIELD, FLAGS, KEYS, KINDS, Match, MatchIndex, root_of, where
from .model import Policy, PolicyMapping, digest_of

DEFAULT_STATUSES: dict[str, dict[str, str]] = {
    DEVICE: {
        "active": ENABLED,
        **dict.fromkeys(("offline", "planned", "staged", "failed"), DISABLED),
        **dict.fromkeys(("inventory", "decommissioning"), ABSENT),
    },
    VIRTUAL_MACHINE: {
        "active": ENABLED,
        **dict.fromkeys(("offline", "planned", "staged", "failed", "paused"), DISABLED),
        "decommissioning": ABSENT,
    },
    VIRTUAL_DEVICE_CONTEXT: {"active": ENABLED, **dict.fromkeys(("planned", "offline"), DISABLED)},
}
_OWN_KEYS = ("name", "match", "default")


def parse_policy(
    mappings: Any, *, secrets: Mapping[str, str] | None = None, statuses: Mapping[str, Mapping[str, str]] | None = None
) -> Policy:
    """Return the policy that `mappings` (a list of dictionaries) describes; raise InputError with every problem in it.

    `secrets`: the values that `{secret: name}` refers to. `statuses`: kind -> NetBox status -> enabled, disabled or
    absent, laid over the defaults.
    """
    problems: list[str] = []
    known_secrets = _parse_secrets(secrets, problems)
    known_statuses = _parse_statuses(statuses, problems)
    parsed = _parse_mappings(mappings, known_secrets, problems)
    if problems:
        raise InputError(problems)
    layers = [mapping.layer for mapping in parsed]
    roots = {root for layer in layers for root in layer.roots}
    roots.update(root for layer in layers if layer.interfaces for root in address_roots(layer.interfaces))
    roots.update(root_of(key) for mapping in parsed if mapping.match for key, _values in mapping.match.conditions())
    return Policy(
        mappings=tuple(parsed),
        statuses=known_statuses,
        secrets=known_secrets,
        secret_values=frozenset(
            value for secret in known_secrets.values() for value in (secret.value, *secret.own.values()) if value
        ),
        roots=frozenset(roots),
        inventory_fields=frozenset(name for layer in layers for name, given in layer.inventory.items() if given),
        digest=digest_of(tuple(parsed), known_statuses),
        index=MatchIndex(mapping.match for mapping in parsed),
    )


def _parse_secrets(secrets: Mapping[str, str] | None, problems: list[str]) -> dict[str, Secret]:
    report = Report("secrets", problems=problems)
    found: dict[str, Secret] = {}
    for name, value in as_mapping(report, "", secrets or {}).items():
        values = value if isinstance(value, Mapping) else {"default": value}
        if not values or any(
            isinstance(one, bool) or not isinstance(one, str | int | float) or one == "" for one in values.values()
        ):
            report.problem(str(name), "must be a text that is not empty, or a dictionary of such by name of the host")
            continue
        own = {str(key): str(one) for key, one in values.items() if key != "default"}
        found[str(name)] = Secret(str(name), str(values.get("default", "")), own)
    return found


def _parse_statuses(statuses: Any, problems: list[str]) -> dict[str, dict[str, str]]:
    report = Report("statuses", problems=problems)
    known = {kind: dict(of_kind) for kind, of_kind in DEFAULT_STATUSES.items()}
    for kind, of_kind in as_mapping(report, "", statuses or {}, KINDS).items():
        for status, meaning in as_mapping(report, kind, of_kind).items():
            word = one_of(report, below(kind, status), meaning, (ENABLED, DISABLED, ABSENT))
            if word is not None:
                known[kind][str(status)] = word
    return known


def _parse_mappings(mappings: Any, secrets: Mapping[str, Secret], problems: list[str]) -> list[PolicyMapping]:
    if not isinstance(mappings, list | tuple):
        problems.append(f"mappings: is {describe(mappings)}; it must be a list of dictionaries, each with a name")
        return []
    if not mappings:
        problems.append("mappings: is an empty list; nothing would be monitored")
    parsed: list[PolicyMapping] = []
    first_of: dict[str, int] = {}
    for number, raw in enumerate(mappings):
        report = Report(where(number, raw.get("name") if isinstance(raw, Mapping) else None), secrets, problems)
        mapping = _parse_mapping(raw, report)
        if mapping is None:
            continue
        if mapping.name in first_of:
            report.problem("name", f"mapping {first_of[mapping.name] + 1} has the same name; each needs its own")
        first_of.setdefault(mapping.name, number)
        parsed.append(mapping)
    _check_passphrases(parsed, problems)
    return parsed


def _parse_mapping(raw: Any, report: Report) -> PolicyMapping | None:
    if not isinstance(raw, Mapping):
        report.problem("", f"is {describe(raw)}; it must be a dictionary with a name")
        return None
    as_mapping(report, "", raw, (*_OWN_KEYS, *LAYER_KEYS))
    name = as_text(report, "name", raw.get("name"))
    match = parse_match(report, "match", raw["match"]) if "match" in raw else None
    default = as_bool(report, "default", raw.get("default", False))
    if not any(key in LAYER_KEYS for key in raw):
        report.problem("", f"gives nothing; it wants at least one of {', '.join(LAYER_KEYS)}")
    layer = parse_layer(raw, report, f'mapping "{name}"')
    return PolicyMapping(name or "", match, bool(default), layer)


def parse_match(report: Report, path: str, raw: Any) -> Match | None:
    """Return what objects must be like, None where something is wrong with it; a window of maintenance has one too."""
    if not isinstance(raw, Mapping):
        report.problem(path, f"is {describe(raw)}; it must be a dictionary. Leave it out to match everything")
        return None
    if not raw:
        report.problem(path, "is empty. Leave it out to match everything")
        return None
    keys: list[tuple[str, tuple[str, ...]]] = []
    negated: Match | None = None
    any_of: list[Match] = []
    for key, value in raw.items():
        place = below(path, key)
        if key == "not":
            negated = parse_match(report, place, value)
        elif key == "any":
            parts = [parse_match(report, entry(place, at), one) for at, one in enumerate(as_list(report, place, value))]
            if value == []:
                report.problem(place, "is an empty list, which nothing can match")
            any_of = [part for part in parts if part is not None]
        elif key in KEYS or (isinstance(key, str) and key.startswith(CUSTOM_FIELD) and key != CUSTOM_FIELD):
            texts = [as_text(report, place, one) for one in as_one_or_list(report, place, value)]
            values = tuple(sorted({text for text in texts if text is not None}))
            if key == "kind":
                values = tuple(kind for kind in values if one_of(report, place, kind, KINDS))
            if key in FLAGS:
                values = tuple(value for value in values if one_of(report, place, value, ("true", "false")))
            keys.append((key, values))
        else:
            known = (*KEYS, "custom_fields.NAME", "not", "any")
            report.problem(path, f'unknown key "{key}"; there are {", ".join(known)}.{nearest(str(key), known)}')
    return Match(tuple(sorted(keys)), negated, tuple(any_of))


def _check_passphrases(mappings: list[PolicyMapping], problems: list[str]) -> None:
    """Find SNMPv3 levels whose passphrase no mapping gives for the same interface: they could never work."""
    changes = [mapping.layer.interfaces for mapping in mappings if mapping.layer.interfaces]
    given = {(key, word) for change in changes for key, settings in change.settings.items() for word in settings}
    for number, mapping in enumerate(mappings):
        for key, settings in mapping.layer.interfaces.settings.items() if mapping.layer.interfaces else ():
            level = SECURITY_LEVELS.get(settings.get("security_level", ""), "0")
            for least, word in (("1", "auth_passphrase"), ("2", "privacy_passphrase")):
                if level >= least and (key, word) not in given:
                    text = f'interface {key}: security_level {settings["security_level"]} wants "{word}"'
                    problems.append(f"{where(number, mapping.name)}: {text}")
