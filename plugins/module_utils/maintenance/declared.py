# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All windows of all sources, each with the objects that it is declared for.

A window of one name that several objects or sources declare is one window, whose targets they all are; where they
declare it differently it is an error that names both. What is wrong with one window stops no other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..netbox.contexts import Context
from ..netbox.objects import NetBoxObject
from ..policy.checks import Report, describe
from ..policy.match import MatchIndex, numbers
from .model import Window
from .parse import CONTEXT_KEY, parse_window


@dataclass(slots=True)
class Declared:
    """A window, where it was declared first, and the objects (`device:1`) that it is for."""

    window: Window
    place: str
    refs: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Declarations:
    """All windows by name. `failures`: windows that something is wrong with, by name, each with what it is."""

    windows: dict[str, Declared] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def fail(self, name: str, error: str) -> None:
        """Note what is wrong with a window, the first time only."""
        self.failures.setdefault(name, error)
        self.windows.pop(name, None)

    def add(self, window: Window, place: str, refs: Iterable[str]) -> None:
        """Take in a window of one source."""
        if window.name in self.failures:
            return
        known = self.windows.get(window.name)
        if known is None:
            self.windows[window.name] = Declared(window, place, set(refs))
        elif _same(known.window, window):
            known.refs.update(refs)
        else:
            self.fail(
                window.name,
                f'{known.place} and {place} declare "{window.name}" differently; make them the same, or give one '
                "another name",
            )


def from_list(
    declarations: Declarations, listed: Sequence[tuple[str, Window]], objects: Sequence[NetBoxObject]
) -> None:
    """Take in windows with a match of their own, each with what messages call it."""
    refs: list[set[str]] = [set() for dummy in listed]
    # no match stands for all objects, as in a policy
    index = MatchIndex(window.match for dummy, window in listed)
    for one in objects if listed else ():
        for number in numbers(index.matching(one)):
            refs[number].add(one.ref)
    for (place, window), found in zip(listed, refs, strict=True):
        declarations.add(window, place, found)


def from_contexts(
    declarations: Declarations,
    objects: Sequence[NetBoxObject],
    contexts: Sequence[Context],
    zone: str | None,
) -> None:
    """Take in the windows of objects' config contexts. `contexts`: NetBox's own, those that are active.

    They only serve to say where a window comes from; which objects have it is what NetBox rendered. A window of a
    context that is not assigned to anything would be everybody's: it has to say so.
    """
    sources = _Sources(declarations, contexts)
    alike: dict[str, list[NetBoxObject]] = {}
    for one in objects:
        declared = (one.attributes.get("config_context") or {}).get(CONTEXT_KEY)
        if declared:
            alike.setdefault(json.dumps(declared, sort_keys=True), []).append(one)
    parsed: dict[tuple[str, str], Window | None] = {}
    for text, some in alike.items():
        given = json.loads(text)
        if not isinstance(given, dict):
            declarations.fail(
                CONTEXT_KEY, f"config context of {some[0].label}: {CONTEXT_KEY} is {describe(given)}, no dictionary"
            )
            continue
        for name, raw in given.items():
            if not raw and raw is not False:
                continue  # a context of more weight takes a window away: {<name>: null}
            place = sources.place(name, raw, some[0])
            key = (name, json.dumps(raw, sort_keys=True))
            if key not in parsed:
                problems: list[str] = []
                parsed[key] = parse_window(Report(place, problems=problems), name, raw, zone)
                if problems:
                    declarations.fail(name, "; ".join(problems))
            window = parsed[key]
            if window is None:
                continue
            match = window.match
            if match is None and not window.everything and sources.everywhere(name, raw):
                declarations.fail(
                    name,
                    f"{place}: the context is not assigned to anything, so that the window covers the whole estate; "
                    'assign it to what is meant, or write "match: all" into the window',
                )
                continue
            refs = (one.ref for one in some if match is None or match.matches(one))
            declarations.add(window, place, refs)


class _Sources:
    """Which of NetBox's contexts a window comes from."""

    def __init__(self, declarations: Declarations, contexts: Sequence[Context]) -> None:
        self._contexts: dict[tuple[str, str], str] = {}
        self._everywhere: set[tuple[str, str]] = set()
        first: dict[str, tuple[str, str]] = {}
        for context in contexts:
            for name, raw in context.declared.items():
                text = json.dumps(raw, sort_keys=True)
                self._contexts.setdefault((name, text), context.name)
                if context.everywhere:
                    self._everywhere.add((name, text))
                if raw and name in first and first[name][1] != text:
                    declarations.fail(
                        name,
                        f'the config contexts "{first[name][0]}" and "{context.name}" declare "{name}" differently, '
                        "and NetBox would mix them; give one another name",
                    )
                elif raw:
                    first.setdefault(name, (context.name, text))

    def everywhere(self, name: str, raw: Any) -> bool:
        """Tell whether a context that every object has declares this window."""
        return (name, json.dumps(raw, sort_keys=True)) in self._everywhere

    def place(self, name: str, raw: Any, one: NetBoxObject) -> str:
        """Return what messages call a window that this object has."""
        context = self._contexts.get((name, json.dumps(raw, sort_keys=True)))
        where = f'config context "{context}"' if context is not None else f"local context of {one.label}"
        return f"{where}: {CONTEXT_KEY}.{name}"


def _same(one: Window, other: Window) -> bool:
    """Tell whether two declarations mean the same but for their targets."""
    return replace(one, match=None, everything=False) == replace(other, match=None, everything=False)
