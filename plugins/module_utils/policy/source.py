# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy kept as YAML files: one file, or a directory of them. Every mapping remembers the file and line it is
from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError, NetboxZabbixError, nearest
from .model import Policy
from .parse import parse_policy

try:
    import yaml
except ImportError as error:
    YAML_MISSING: ImportError | None = error
else:
    YAML_MISSING = None

MAPPINGS, STATUSES = "netbox_zabbix_mappings", "netbox_zabbix_statuses"
#: the variables that a file of a policy may hold
VARIABLES = (MAPPINGS, STATUSES)
_ENDINGS = (".yml", ".yaml")


@dataclass(slots=True)
class PolicySource:
    """A policy as it was written. `places`: name of a mapping -> `file:line`; `numbered`: the same by position.

    `statuses`: what its files say about the NetBox statuses. Both are empty for a policy that was given as a variable.
    """

    mappings: Any
    statuses: dict[str, dict[str, str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    numbered: list[str] = field(default_factory=list)

    def parse(
        self, *, statuses: Mapping[str, Mapping[str, str]] | None = None, problems: Iterable[str] = (), **options: Any
    ) -> Policy:
        """Return the policy; `options` as `parse_policy` takes them. `statuses` are laid over those of the files.

        Raises InputError that says where each wrong mapping stands.
        """
        given: Any = statuses or {}
        if self.statuses and isinstance(given, Mapping):
            given = {kind: {**self.statuses.get(kind, {}), **given.get(kind, {})} for kind in {*self.statuses, *given}}
        try:
            return parse_policy(self.mappings, statuses=given, **options)
        except InputError as error:
            raise InputError([*problems, *map(self.locate, error.problems)]) from None

    def locate(self, text: str) -> str:
        """Return a message with the file and line behind each mapping that it names."""
        if not self.numbered or "mapping " not in text:
            return text
        names = "|".join(re.escape(name) for name in sorted(self.places, key=len, reverse=True))

        def place(found: re.Match[str]) -> str:
            name, number = found["name"], found["number"]
            if name is not None:
                return f"{found[0]} ({self.places[name]})"
            at = int(number) - 1
            return f"{found[0]} ({self.numbered[at]})" if at < len(self.numbered) else found[0]

        named = f'(?: "(?P<name>{names})"(?! \\())' if names else "(?P<name>(?!))"
        return re.sub(rf"\bmapping(?: (?P<number>\d+))?(?:{named}|(?<=\d)(?=:| has))", place, text)


def policy_source(mappings: Any, path: str | None) -> PolicySource:
    """Return the policy that is given by one of the two."""
    return PolicySource(mappings) if path is None else read_policy(path)


def read_policy(path: str) -> PolicySource:
    """Read a YAML file, or all YAML files of a directory and those below it in the order of their paths.

    A file holds a list of mappings, or a dictionary with `netbox_zabbix_mappings` and `netbox_zabbix_statuses`.
    Raises InputError with all that is wrong, each with the file and line.
    """
    if YAML_MISSING is not None:
        raise NetboxZabbixError(f"policy_path: PyYAML is needed to read it, and cannot be imported: {YAML_MISSING}")
    source = PolicySource([])
    problems: list[str] = []
    for shown, file in _files(Path(path)):
        _read_file(shown, file, source, problems)
    if not source.mappings and not problems:
        problems.append(f"policy_path: no mapping is in {path}; nothing would be monitored")
    if problems:
        raise InputError(problems)
    return source


def _files(path: Path) -> list[tuple[str, Path]]:
    """Return the files to be read, each with the name that messages give it."""
    if path.is_file():
        return [(path.name, path)]
    if not path.is_dir():
        raise InputError([f"policy_path: {path} does not exist, seen from {os.getcwd()}"])
    found = sorted(
        (file.relative_to(path).as_posix(), file)
        for file in path.rglob("*")
        if file.suffix in _ENDINGS
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    if not found:
        raise InputError([f"policy_path: {path} holds no file that ends in {' or '.join(_ENDINGS)}"])
    return found


def _read_file(shown: str, file: Path, source: PolicySource, problems: list[str]) -> None:
    try:
        raw = file.read_bytes()
    except OSError as error:
        problems.append(f"{shown}: cannot be read: {error.strerror}")
        return
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.append(f"{shown}:{line}: is not UTF-8 (byte {error.start + 1}); save the file in this encoding")
        return
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            return  # nothing but comments
        doubled = list(_doubled_keys(shown, node))
        problems.extend(doubled)
        if not doubled:
            _take(shown, node, yaml.constructor.SafeConstructor().construct_document(node), source, problems)
    except yaml.YAMLError as error:
        problems.append(_yaml_problem(shown, error))


def _take(shown: str, node: Any, content: Any, source: PolicySource, problems: list[str]) -> None:
    """Add what one file holds to `source`."""
    if isinstance(content, list):
        _take_mappings(shown, node, content, source, problems)
        return
    if not isinstance(content, dict):
        problems.append(f"{shown}: holds a single value; it must hold a list of mappings, or {MAPPINGS}")
        return
    for key, value in node.value:
        line = key.start_mark.line + 1
        if key.value not in VARIABLES:
            hint = nearest(key.value, VARIABLES) or " Other variables belong into the play or its inventory."
            problems.append(
                f'{shown}:{line}: "{key.value}" is no part of a policy, {" and ".join(VARIABLES)} are.{hint}'
            )
        elif key.value == MAPPINGS:
            if isinstance(content[MAPPINGS], list):
                _take_mappings(shown, value, content[MAPPINGS], source, problems)
            else:
                problems.append(f"{shown}:{line}: {MAPPINGS} must be a list")
        else:
            _take_statuses(shown, line, content[STATUSES], source, problems)


def _take_mappings(shown: str, node: Any, mappings: list[Any], source: PolicySource, problems: list[str]) -> None:
    for entry, mapping in zip(node.value, mappings, strict=True):
        place = f"{shown}:{entry.start_mark.line + 1}"
        source.mappings.append(mapping)
        source.numbered.append(place)
        name = mapping.get("name") if isinstance(mapping, dict) else None
        if not isinstance(name, str):
            continue  # the parser tells what is wrong with it
        if name in source.places:
            problems.append(f'{place}: a mapping "{name}" is in {source.places[name]} already; each needs its own name')
        source.places.setdefault(name, place)


def _take_statuses(shown: str, line: int, statuses: Any, source: PolicySource, problems: list[str]) -> None:
    if not isinstance(statuses, dict) or not all(isinstance(of_kind, dict) for of_kind in statuses.values()):
        problems.append(f"{shown}:{line}: {STATUSES} must be a dictionary, such as {{device: {{staged: enabled}}}}")
        return
    for kind, of_kind in statuses.items():
        known = source.statuses.setdefault(kind, {})
        for status, meaning in of_kind.items():
            if known.setdefault(status, meaning) != meaning:
                problems.append(f"{shown}:{line}: {STATUSES}: {kind}: {status} has another meaning in another file")


def _doubled_keys(shown: str, node: Any) -> Iterator[str]:
    """Yield the keys that are twice in one dictionary: YAML would silently keep the last."""
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                line = key.start_mark.line + 1
                if key.value in lines:
                    yield f'{shown}:{line}: the key "{key.value}" is in line {lines[key.value]} already'
                lines.setdefault(key.value, line)
            yield from _doubled_keys(shown, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _doubled_keys(shown, value)


def _yaml_problem(shown: str, error: Any) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or str(error)
    hint = ""
    if "tag '!" in what:
        hint = "; tags of Ansible are not read here, and secrets are named ({secret: name}) and given apart"
    elif mark is not None and "{{" in (mark.buffer or ""):
        hint = "; expressions of Ansible ({{ }}) are not read here"
    line = f":{mark.line + 1}:{mark.column + 1}" if mark is not None else ""
    return f"{shown}{line}: is not valid YAML: {what}{hint}"
