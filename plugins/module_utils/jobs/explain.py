# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why does this host look as it does? From a live NetBox or an export; Zabbix is not asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..connection import NetBoxConnection
from ..errors import InputError
from ..policy.explain import Explanation, Given, explain
from ..policy.source import PolicySource
from .estate import read_estate
from .export import load_export
from .policy_options import PolicyOptions
from .result import HostResult, Progress, Result

JOB = "ExplainHosts"
#: an origin that no layer has: the name of the NetBox object
_BY_NAME = "the name in NetBox"
#: the widest column of values
_WIDTH = 60


@dataclass(slots=True)
class ExplainResult(Result):
    """`explanations`: as `policy.explain.Explanation`, plain. `text`: the same for people."""

    explanations: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""


def explain_hosts(
    options: PolicyOptions,
    names: Sequence[str],
    ids: Sequence[str],
    export: str | None,
    connection: NetBoxConnection | None,
    progress: Progress,
) -> ExplainResult:
    """Return the explanations of the objects of these names and references.

    Raises InputError for a wrong policy, and for names that nothing is called by.
    """
    if not names and not ids:
        raise InputError(["names: which hosts are to be explained? Give names, or ids such as device:123"])
    result = ExplainResult(JOB, dry_run=True)
    source = options.source()
    policy = options.parse(source)
    if export is not None:
        estate = load_export(export)
        estate.narrow(options.scope)
        objects = estate.find(names, ids)
    elif connection is not None:
        estate = read_estate(
            connection, result, progress, scope=options.scope, names=names, ids=ids, roots=policy.roots
        )
        objects = estate.objects
    else:
        raise InputError(["export, or netbox_url and netbox_token, is needed"])
    policy = options.parse(source, objects)
    explanations = [explain(policy, one, estate.names(one), estate.compute(policy, one)) for one in objects]
    for explanation in explanations:
        locate(explanation, source)
    explanations.sort(key=lambda one: (one.host, one.ref))
    result.explanations = [asdict(one) for one in explanations]
    result.hosts = [
        HostResult(one.host or one.label, one.ref, None, one.outcome, reasons=[one.reason] if one.reason else [])
        for one in explanations
    ]
    result.stats = {"objects": len(explanations), "hosts": sum(one.outcome == "host" for one in explanations)}
    result.text = "\n".join(explanation_as_text(one) for one in explanations)
    result.finish(f"{len(explanations)} objects explained, {result.stats['hosts']} of them have a host.")
    return result


def locate(explanation: Explanation, source: PolicySource) -> None:
    """Put the file and line behind each mapping that the explanation names."""
    place = source.locate
    explanation.reason = place(explanation.reason)
    explanation.layers = [place(layer) for layer in explanation.layers]
    for value in explanation.attributes:
        value.origin = place(value.origin) or _BY_NAME
        value.overridden = [Given(given.value, place(given.origin), place(given.by)) for given in value.overridden]
    for removed in explanation.removed:
        given = removed.given
        removed.given = Given(given.value, place(given.origin), place(given.by))
    for missed in explanation.not_matched:
        missed.mapping = place(f'mapping "{missed.mapping}"')


def explanation_as_text(explanation: Explanation) -> str:
    """Return an explanation as people read it."""
    names = explanation.host if explanation.name == explanation.host else f"{explanation.host}, {explanation.name}"
    if explanation.outcome == "host":
        lines = [f"{explanation.label}: Zabbix host {names}"]
    else:
        lines = [f"{explanation.label}: no Zabbix host, {explanation.outcome}: {explanation.reason}"]
    lines += _section("layers, later wins", explanation.layers)
    rows: list[tuple[str, ...]] = []
    settings = _interface_settings(explanation)
    for value in explanation.attributes:
        if value.attribute == "interfaces" and value.element not in settings:
            continue
        what = f"{value.attribute}[{value.element}]" if value.element else value.attribute
        rows.append((what, _cut(value.value), value.origin))
        if value.attribute == "interfaces":
            rows.append(("", settings[value.element], ""))
        rows += [("", f"not {_cut(given.value)}", _why(given, value.origin)) for given in value.overridden]
    lines += _section("values", _columns(rows))
    rows = [
        (f"{removed.attribute}[{removed.element}]" if removed.element else removed.attribute, _why(removed.given), "")
        for removed in explanation.removed
    ]
    lines += _section("given and not there", _columns(rows))
    rows = [
        (missed.mapping, f"{missed.key}: wants {missed.wanted}", f"has {missed.found}")
        for missed in explanation.not_matched
    ]
    lines += _section("mappings that do not count", _columns(rows))
    return "\n".join(lines) + "\n"


def _interface_settings(explanation: Explanation) -> dict[str, str]:
    """Return the settings of each interface in one line: in the data each is a value of its own."""
    values = {value.element: value.value for value in explanation.attributes if value.attribute == "interfaces"}
    # every interface has this one, and only settings end so
    keys = [element.removesuffix(".main") for element in values if element.endswith(".main")]
    return {
        key: ", ".join(
            f"{element.removeprefix(key + '.')} {text}"
            for element, text in values.items()
            if element.startswith(key + ".") and text
        )
        for key in keys
    }


def _why(given: Given, counts: str = "") -> str:
    """Say who gave a value that does not count, and why. `counts`: the layer whose value does, which needs no word."""
    if not given.by.startswith(("mapping ", "config context", "custom field ")):
        return f"of {given.origin}: {given.by}"
    return f"of {given.origin}" + (f", taken away by {given.by}" if given.by not in counts else "")


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"  {title}:", *(f"    {line}" for line in lines)] if lines else []


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows with each column as wide as its widest cell, but no wider than is readable."""
    if not rows:
        return []
    # the last cell of a row may run over the columns behind it
    widths = [max((len(row[at]) for row in rows if any(row[at + 1 :])), default=0) for at in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _cut(text: str) -> str:
    text = text.replace("\n", "\\n")
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."
