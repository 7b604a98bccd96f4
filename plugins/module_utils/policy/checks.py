# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading what a person wrote: each check returns the value, or notes a problem that names the place and the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError, nearest
from .fields import Template, compile_template, to_text
from .host_config import Secret

#: a user macro of Zabbix, with or without context
USER_MACRO = re.compile(r"\{\$[A-Z0-9_.]+(?::.+)?\}", re.DOTALL)


@dataclass(slots=True)
class Report:
    """Collects the problems of one mapping (or context). `where` names it; `secrets` are those that it may refer to."""

    where: str
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def problem(self, path: str, text: str) -> None:
        """Note that what stands at `path` is wrong."""
        self.problems.append(f"{self.where}: {path}: {text}" if path else f"{self.where}: {text}")


def describe(value: Any) -> str:
    """Return a value as a person wrote it, short enough for a message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value if len(value) <= 60 else value[:57] + "..."}"'
    if isinstance(value, Mapping):
        return "a dictionary"
    if isinstance(value, list | tuple):
        return "a list"
    return str(value)


def below(path: str, key: object) -> str:
    """Return the path of what is under `key`."""
    return f"{path}.{key}" if path else str(key)


def entry(path: str, number: int) -> str:
    """Return the path of entry `number` (counted from 0, told from 1) of a list."""
    return f"{path} entry {number + 1}" if path else f"entry {number + 1}"


def is_plain(value: Any) -> bool:
    """Tell whether it is a text, number or boolean: something that can stand for a text."""
    return isinstance(value, str | int | float)


def as_mapping(report: Report, path: str, value: Any, keys: Iterable[str] | None = None) -> Mapping[str, Any]:
    """Return a dictionary; with `keys`, only these are allowed in it."""
    if not isinstance(value, Mapping):
        report.problem(path, f"is {describe(value)}; it must be a dictionary")
        return {}
    if keys is None:
        return value
    known = list(keys)
    for key in value:
        if key not in known:
            report.problem(path, f'unknown key "{key}"; there are {", ".join(known)}.{nearest(str(key), known)}')
    return {key: entry for key, entry in value.items() if key in known}


def as_list(report: Report, path: str, value: Any) -> list[Any]:
    """Return a list; a single text instead of one is a problem that shows how to write it."""
    if isinstance(value, list | tuple):
        return list(value)
    hint = f"; write a list: [{describe(value)}]" if is_plain(value) else "; it must be a list"
    report.problem(path, f"is {describe(value)}{hint}")
    return []


def as_one_or_list(report: Report, path: str, value: Any) -> list[Any]:
    """Return a list for one value or a list of them, which must not be empty."""
    if isinstance(value, list | tuple):
        if not value:
            report.problem(path, "is an empty list; give at least one value or leave the key out")
        return list(value)
    return [value]


def as_text(report: Report, path: str, value: Any) -> str | None:
    """Return a text that is not empty; numbers and booleans become text."""
    if not is_plain(value):
        report.problem(path, f"is {describe(value)}; it must be a text")
        return None
    text = to_text(value)
    if text is None:
        report.problem(path, "is empty")
    return text


def as_bool(report: Report, path: str, value: Any) -> bool | None:
    """Return true or false."""
    if isinstance(value, bool):
        return value
    if value in (0, 1):
        return bool(value)
    report.problem(path, f"is {describe(value)}; it must be true or false")
    return None


def one_of(report: Report, path: str, value: Any, allowed: Iterable[str]) -> str | None:
    """Return one of the words in `allowed`."""
    known = list(allowed)
    text = to_text(value) if is_plain(value) else None
    if text in known:
        return text
    hint = nearest(text, known) if text else ""
    report.problem(path, f"is {describe(value)}; it must be one of {', '.join(known)}.{hint}")
    return None


def as_template(report: Report, path: str, value: Any, *, levels: bool = False, empty: bool = False) -> Template | None:
    """Return a text with fields. `empty`: the text may be empty."""
    if value == "" and empty:
        return compile_template("")
    text = as_text(report, path, value)
    if text is None:
        return None
    try:
        return compile_template(text, levels=levels)
    except InputError as error:
        report.problem(path, f"{describe(text)}: {error}")
        return None


def as_secret(report: Report, path: str, value: Any) -> Secret | None:
    """Return what `{secret: name}` refers to."""
    name = as_text(report, below(path, "secret"), as_mapping(report, path, value, ["secret"]).get("secret"))
    if name is None:
        return None
    if name not in report.secrets:
        known = f" Known are {', '.join(sorted(report.secrets))}." if report.secrets else " No secrets are given."
        report.problem(path, f'no secret is called "{name}".{known}{nearest(name, report.secrets)}')
        return None
    return report.secrets[name]


def as_secret_or_macro(report: Report, path: str, value: Any) -> Secret | str | None:
    """Return a reference's secret or a user macro. A secret written out is a problem, and is not repeated in it."""
    if isinstance(value, Mapping):
        return as_secret(report, path, value)
    if isinstance(value, str) and USER_MACRO.fullmatch(value):
        return value
    report.problem(
        path, "is written out; use a user macro ({$NAME}) or a reference ({secret: name}), never the secret itself"
    )
    return None
