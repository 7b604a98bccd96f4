# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The small part of Jinja2 that people use for names, as our fields. Nothing is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import InputError
from ..policy.fields import compile_template, escape
from .paths import translate_path

_PIECE = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_OPERAND = re.compile(r"""\s*(?:([A-Za-z_]\w*)((?:\.\w+|\[\s*(?:'[^']*'|"[^"]*")\s*\])*)|'([^']*)'|"([^"]*)")""")
_STEP = re.compile(r"""\.(\w+)|\[\s*(?:'([^']*)'|"([^"]*)")\s*\]""")
_FILTER = re.compile(r"""\s*\|\s*(\w+)\s*(?:\(([^()]*)\))?""")
_ARGUMENTS = re.compile(r"""\s*(?:'([^']*)'|"([^"]*)")\s*""")
_OR = re.compile(r"\s+or\s+")
_FILTERS = {"lower": 0, "upper": 0, "first": 0, "last": 0, "replace": 2, "join": 1}


def translate_jinja(text: str, prefix: str, words: Mapping[str, str]) -> str:
    """Return a Jinja2 text as one with our fields; raise InputError where that cannot be.

    `prefix`: our path of what Jinja2 calls `object` ("" for the host itself, `role` ...); `words`: texts by name.
    """
    ours, at = "", 0
    for found in _PIECE.finditer(text):
        ours += _plain(text[at : found.start()]) + _expression(found[1], prefix, words)
        at = found.end()
    ours += _plain(text[at:])
    compile_template(ours)
    return ours


def _plain(text: str) -> str:
    if "{%" in text or "{{" in text or "}}" in text:
        raise InputError([f"it has logic ({text.strip()[:40]}), and our fields have none"])
    # macros of Zabbix stay macros
    pieces = re.split(r"(\{[$#?][^{}]*\}|\{[A-Z][A-Z0-9.]*\})", text)
    return "".join(piece if number % 2 else escape(piece) for number, piece in enumerate(pieces))


def _expression(text: str, prefix: str, words: Mapping[str, str]) -> str:
    if text.strip() in words:
        return escape(words[text.strip()])
    alternatives: list[str] = []
    for part in _OR.split(text):
        alternatives += _alternative(part, prefix, words)
    if len(alternatives) == 1 and alternatives[0].startswith('"'):
        return escape(alternatives[0][1:-1])
    return "{" + "|".join(alternatives) + "}"


def _alternative(text: str, prefix: str, words: Mapping[str, str]) -> list[str]:
    found = _OPERAND.match(text)
    if found is None:
        raise InputError([f'"{text.strip()}" is no path of an object'])
    if found[1] is None:
        ours = _quoted(found[3] if found[3] is not None else found[4])
    elif found[1] == "object":
        steps = [step[1] or step[2] or step[3] for step in _STEP.finditer(found[2])]
        ours = translate_path([*prefix.split("."), *steps] if prefix else steps or ["name"])
    elif found[1] in words and not found[2]:
        ours = _quoted(words[found[1]])
    else:
        raise InputError([f'"{found[1]}" is known to that tool only'])
    fallback: list[str] = []
    at = found.end()
    while at < len(text) and not text[at:].isspace():
        found = _FILTER.match(text, at)
        if found is None:
            raise InputError([f'"{text[at:].strip()}" is more than a path with filters'])
        name, arguments = found[1], _arguments(found[2])
        if name in ("default", "d"):
            # "default(x, true)" and "default(x)" alike: with us a field without a value is empty
            fallback = [_quoted(arguments[0])] if arguments and arguments[0] else ['""']
        elif name in ("slugify", "slug"):
            ours += ":slug"
        elif name in ("string", "trim"):
            pass
        elif name in _FILTERS and len(arguments) == _FILTERS[name]:
            given = ", ".join(_quoted(argument) for argument in arguments)
            ours += f":{name}({given})" if arguments else f":{name}"
        else:
            raise InputError([f'our fields have no filter "{name}"'])
        at = found.end()
    return [ours, *fallback]


def _arguments(text: str | None) -> list[str]:
    if not text or not text.strip():
        return []
    found = []
    for part in text.split(","):
        quoted = _ARGUMENTS.fullmatch(part)
        if quoted:
            found.append(quoted[1] if quoted[1] is not None else quoted[2])
        elif part.strip().lower() not in ("true", "false"):
            raise InputError([f'"{part.strip()}" is no text in quotes'])
    return found


def _quoted(text: str) -> str:
    if '"' in text and "'" in text:
        raise InputError([f"the text {text} has both kinds of quotes"])
    return f"'{text}'" if '"' in text else f'"{text}"'
