# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Texts with fields: `{site.slug|site|"unknown"}`, `{name:lower:truncate(20)}`.

A field is a path of dictionary keys into a NetBox object, never code, and what it yields is never read again: a device
named `{site}` or `{{ 7*7 }}` stays that text. Macros of Zabbix (`{$X}`, `{HOST.NAME}`, `{#X}`, `{?x}`) pass untouched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any

from ..errors import InputError, nearest
from .field_paths import SHARED, check_path

#: what a field yields: no text at all where the path is empty, several for a list
Texts = list[str]

_MACRO = re.compile(r"\{[A-Z][A-Z0-9]*(?:\.[A-Za-z0-9_]+)+\}")
_PATH = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_FILTER = re.compile(r"\s*:\s*([A-Za-z_]+)")
_QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")
_ARGUMENT = re.compile(rf"\s*(?:{_QUOTED.pattern}|(-?\d+))\s*")
_BLANKS = re.compile(r"\s*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_NO_SLUG = re.compile(r"[^a-z0-9_-]+")


def _first(texts: Texts) -> Texts:
    return texts[:1]


def _last(texts: Texts) -> Texts:
    return texts[-1:]


def _join(texts: Texts, separator: str) -> Texts:
    return [separator.join(texts)] if texts else texts


def _each(change: Callable[..., str]) -> Callable[..., Texts]:
    return lambda texts, *arguments: [change(text, *arguments) for text in texts]


def _slug(text: str) -> str:
    return _NO_SLUG.sub("-", text.lower()).strip("-")


def _truncate(text: str, length: int) -> str:
    return text[:length].rstrip()


#: name -> what it does, and the types of its arguments
FILTERS: dict[str, tuple[Callable[..., Texts], tuple[type, ...]]] = {
    "lower": (_each(str.lower), ()),
    "upper": (_each(str.upper), ()),
    "slug": (_each(_slug), ()),
    "replace": (_each(str.replace), (str, str)),
    "truncate": (_each(_truncate), (int,)),
    "first": (_first, ()),
    "last": (_last, ()),
    "join": (_join, (str,)),
}


def to_text(value: Any) -> str | None:
    """Return one value of NetBox as text, None where there is nothing to show."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        for key in ("name", "display", "address"):
            if value.get(key):
                return to_text(value[key])
        return None
    return None if value is None else str(value)


def to_texts(value: Any) -> Texts:
    """Return a value of NetBox as texts: none for an empty one, several for a list."""
    if isinstance(value, list):
        return [text for entry in value for text in to_texts(entry)]
    text = to_text(value)
    return [] if text is None else [text]


@dataclass(frozen=True, slots=True)
class Template:
    """A text with fields, ready to be rendered. `roots`: the attributes of a NetBox object that it reads."""

    text: str
    roots: frozenset[str]
    paths: frozenset[str]
    levels: bool
    _parts: tuple[str | Callable[[Mapping[str, Any]], Texts], ...]
    #: the only attribute that it reads, if that is shared by many objects; with what was made of each value
    _shared: str | None = None
    #: what it yields where no attribute is read
    _fixed: tuple[str, ...] = ()
    _remembered: dict[tuple[bool, int], tuple[Any, Any]] = field(default_factory=dict, compare=False, repr=False)

    def render(self, attributes: Mapping[str, Any]) -> Texts:
        """Return the texts that it makes of `attributes`: one for each value of a list, none where a field is empty."""
        if not self.paths:
            return list(self._fixed)
        if self._shared is None:
            return self._render(attributes)
        return self._remember(True, attributes, self._render)

    def render_text(self, attributes: Mapping[str, Any]) -> str | None:
        """Return one text, the values of a list joined by ", ", or None where a field is empty."""
        if self._shared is None:
            return self._render_text(attributes)
        return self._remember(False, attributes, self._render_text)

    def _remember(self, as_list: bool, attributes: Mapping[str, Any], make: Callable[[Mapping[str, Any]], Any]) -> Any:
        value = attributes.get(self._shared or "")
        key = (as_list, id(value))
        known = self._remembered.get(key)
        if known is None:
            # The value is kept so that its identity is not used again.
            known = self._remembered[key] = (value, make(attributes))
        return known[1]

    def _render(self, attributes: Mapping[str, Any]) -> Texts:
        rendered: list[Texts] = []
        for part in self._parts:
            texts = [part] if isinstance(part, str) else part(attributes)
            if not texts:
                return []
            rendered.append(texts)
        whole = ["".join(choice) for choice in product(*rendered)]
        return [text for text in map(_without_empty_levels, whole) if text] if self.levels else whole

    def _render_text(self, attributes: Mapping[str, Any]) -> str | None:
        pieces: list[str] = []
        for part in self._parts:
            texts = [part] if isinstance(part, str) else part(attributes)
            if not texts:
                return None
            pieces.append(texts[0] if len(texts) == 1 else ", ".join(texts))
        return "".join(pieces)


def literal(text: str) -> Template:
    """Return a template that yields `text` as it is, whatever it looks like."""
    return Template(text, frozenset(), frozenset(), False, (text,), None, (text,))


def escape(text: str) -> str:
    """Return the template text that yields `text` as it is."""
    return re.sub(r"[{}]", lambda brace: f'{{"{brace[0]}"}}', text)


def compile_template(text: str, *, levels: bool = False) -> Template:
    """Read `text` once and for all; raise InputError where it is wrong.

    `levels`: the text names a host group. A "/" in a value then opens no level (it becomes "-"); empty levels vanish.
    """
    parts: list[str | Callable[[Mapping[str, Any]], Texts]] = []
    paths: set[str] = set()
    plain, at = "", 0
    while at < len(text):
        letter = text[at]
        if letter == "}":
            raise InputError([f'"}}" without "{{" at position {at + 1}; a brace as such is written {{"}}"}}'])
        if letter != "{":
            plain, at = plain + letter, at + 1
            continue
        end = _macro_end(text, at)
        if end:
            plain, at = plain + text[at:end], end
            continue
        if plain:
            parts.append(plain)
            plain = ""
        reader, at = _read_field(text, at, levels, paths)
        parts.append(reader)
    if plain or not parts:
        parts.append(plain)
    roots = frozenset(path.partition(".")[0] for path in paths)
    shared = next(iter(roots)) if len(roots) == 1 and roots <= SHARED else None
    template = Template(text, roots, frozenset(paths), levels, tuple(parts), shared)
    return template if paths else replace(template, _fixed=tuple(template._render({})))


def _macro_end(text: str, start: int) -> int | None:
    """Return where the Zabbix macro that begins at `start` ends, None where there is none."""
    following = text[start + 1 : start + 2]
    if following == "{":
        raise InputError(['fields are written in single braces, {site}; "{{" is not known here'])
    if following not in ("$", "#", "?") or not following:
        found = _MACRO.match(text, start)
        return found.end() if found else None
    depth, quoted = 0, False
    for at in range(start, len(text)):
        letter = text[at]
        if letter == '"' and text[at - 1] != "\\":
            quoted = not quoted
        elif not quoted and letter == "{":
            depth += 1
        elif not quoted and letter == "}":
            depth -= 1
            if not depth:
                return at + 1
    raise InputError([f'the macro that begins with "{text[start : start + 12]}" has no end'])


def _read_field(
    text: str, start: int, levels: bool, paths: set[str]
) -> tuple[Callable[[Mapping[str, Any]], Texts], int]:
    """Return the function behind the field that begins at `start`, and the position after it."""
    alternatives: list[Callable[[Mapping[str, Any]], Texts]] = []
    at = start + 1
    while True:
        at = _skip_blanks(text, at)
        quoted = _QUOTED.match(text, at)
        path = None if quoted else _PATH.match(text, at)
        if quoted:
            at = quoted.end()
            alternatives.append(partial(_yield_literal, [quoted[1] if quoted[1] is not None else quoted[2]]))
        elif path:
            at = path.end()
            check_path(path[0], FILTERS)
            paths.add(path[0])
            filters, at = _read_filters(text, at)
            alternatives.append(_reader(path[0], filters, levels))
        else:
            raise InputError([f'expected a path or a "quoted text" {_here(text, at)}'])
        at = _skip_blanks(text, at)
        if text[at : at + 1] == "}":
            break
        if text[at : at + 1] != "|":
            raise InputError([f'expected "|", ":" or "}}" {_here(text, at)}'])
        at += 1
    if len(alternatives) == 1:
        return alternatives[0], at + 1
    return partial(_first_that_is_there, tuple(alternatives)), at + 1


def _read_filters(text: str, at: int) -> tuple[list[tuple[str, tuple[Any, ...]]], int]:
    filters: list[tuple[str, tuple[Any, ...]]] = []
    while found := _FILTER.match(text, at):
        name, at = found[1], found.end()
        if name not in FILTERS:
            raise InputError(
                [f'unknown filter "{name}"; there are {", ".join(sorted(FILTERS))}.{nearest(name, FILTERS)}']
            )
        arguments: tuple[Any, ...] = ()
        if text[at : at + 1] == "(":
            arguments, at = _read_arguments(text, at + 1, name)
        types = FILTERS[name][1]
        if tuple(type(argument) for argument in arguments) != types:
            wanted = (
                ", ".join("a whole number" if kind is int else 'a "quoted text"' for kind in types) or "no argument"
            )
            raise InputError([f'filter "{name}" takes {wanted}'])
        if name == "truncate" and arguments[0] < 1:
            raise InputError(['filter "truncate" takes a length of at least 1'])
        filters.append((name, arguments))
    return filters, at


def _read_arguments(text: str, at: int, name: str) -> tuple[tuple[Any, ...], int]:
    arguments: list[Any] = []
    while found := _ARGUMENT.match(text, at):
        double, single, number = found.groups()
        arguments.append(int(number) if number is not None else double if double is not None else single)
        at = found.end()
        if text[at : at + 1] != ",":
            break
        at += 1
    if text[at : at + 1] != ")":
        raise InputError([f'the arguments of filter "{name}" want a ")" {_here(text, at)}'])
    return tuple(arguments), at + 1


def _reader(
    path: str, filters: list[tuple[str, tuple[Any, ...]]], levels: bool
) -> Callable[[Mapping[str, Any]], Texts]:
    """Return the function that reads `path` and applies `filters`."""
    keys = path.split(".")
    read: Callable[[Mapping[str, Any]], Texts]
    tree_path = len(keys) > 1 and keys[-1] == "path" and keys[0] not in ("custom_fields", "config_context")
    if tree_path:
        read = partial(_read_tree, tuple(keys[:-1]), _clean_level if levels else None)
    elif len(keys) == 1:
        read = partial(_read_root, keys[0])
    else:
        read = partial(_read_path, tuple(keys))
    steps: list[Callable[[Texts], Texts]] = [partial(_call, FILTERS[name][0], arguments) for name, arguments in filters]
    if levels and not tree_path:
        # A value opens no level, but a filter of the policy's author may: then the value is cleaned before it.
        author_slash = any("/" in str(arguments[-1]) for name, arguments in filters if name in ("join", "replace"))
        steps.insert(0 if author_slash else len(steps), _clean_levels)
    if not steps:
        return read
    return partial(_read_and_change, read, tuple(steps))


def _call(function: Callable[..., Texts], arguments: tuple[Any, ...], texts: Texts) -> Texts:
    return function(texts, *arguments)


def _read_and_change(
    read: Callable[[Mapping[str, Any]], Texts],
    steps: tuple[Callable[[Texts], Texts], ...],
    attributes: Mapping[str, Any],
) -> Texts:
    texts = read(attributes)
    for step in steps:
        if not texts:
            return texts
        texts = step(texts)
    return [text for text in texts if text]


def _read_root(key: str, attributes: Mapping[str, Any]) -> Texts:
    return to_texts(attributes.get(key))


def _read_path(keys: tuple[str, ...], attributes: Mapping[str, Any]) -> Texts:
    return to_texts(_follow(attributes, keys))


def _read_tree(keys: tuple[str, ...], clean: Callable[[str], str] | None, attributes: Mapping[str, Any]) -> Texts:
    """Return the names from the root of a tree down to the object, joined by "/"."""
    names: list[str] = []
    place = _follow(attributes, keys)
    while isinstance(place, dict):
        name = to_text(place.get("name"))
        if name:
            names.append(clean(name) if clean else name)
        place = place.get("parent")
    return ["/".join(reversed(names))] if names else []


def _follow(value: Any, keys: tuple[str, ...]) -> Any:
    """Look up `keys` one below the other, in each entry of a list: keys of dictionaries, never attributes of Python."""
    for at, key in enumerate(keys):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list):
            return [_follow(entry, keys[at:]) for entry in value]
        else:
            return None
    return value


def _yield_literal(texts: Texts, attributes: Mapping[str, Any]) -> Texts:
    return texts


def _first_that_is_there(
    alternatives: tuple[Callable[[Mapping[str, Any]], Texts], ...], attributes: Mapping[str, Any]
) -> Texts:
    for alternative in alternatives:
        texts = alternative(attributes)
        if texts:
            return texts
    return []


def _clean_level(text: str) -> str:
    return _CONTROL.sub(" ", text.replace("/", "-")).strip()


def _clean_levels(texts: Texts) -> Texts:
    return [_clean_level(text) for text in texts]


def _without_empty_levels(text: str) -> str:
    if (
        text
        and "//" not in text
        and text[0] not in "/ "
        and text[-1] not in "/ "
        and " /" not in text
        and "/ " not in text
    ):
        return text
    return "/".join(level.strip() for level in text.split("/") if level.strip())


def _skip_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _here(text: str, at: int) -> str:
    rest = text[at : at + 12]
    return f'at "{rest}"' if rest else 'at the end: is there a "}" missing?'
