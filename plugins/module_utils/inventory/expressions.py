# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which variables the expressions of an inventory file use, so that NetBox is asked for nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

try:
    from jinja2 import Environment, TemplateError, nodes
except ImportError as error:
    JINJA_MISSING: ImportError | None = error
else:
    JINJA_MISSING = None

#: names that stand for all variables
_EVERYTHING = frozenset({"vars", "hostvars"})


def roots(expressions: Iterable[str], templates: Iterable[str] = ()) -> frozenset[str] | None:
    """Return the names that expressions (without braces) and templates (with them) begin with; None for any.

    One that cannot be read as Jinja2 is left to whoever evaluates it.
    """
    texts = [*(f"{{{{ {expression} }}}}" for expression in expressions), *templates]
    names: set[str] = set()
    for text in texts:
        names |= _names(text)
    return None if names & _EVERYTHING else frozenset(names)


def _names(text: str) -> set[str]:
    """Return all names that are read; those of its own loops among them, which no variable of a host is called."""
    try:
        tree = Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"]).parse(text)
    except TemplateError:
        return set()
    return {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"}


def used(options: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the names that `compose`, `groups` and `keyed_groups` of an inventory file use; None for any."""
    keyed = [entry for entry in options.get("keyed_groups") or () if isinstance(entry, Mapping)]
    expressions = [
        *(options.get("compose") or {}).values(),
        *(options.get("groups") or {}).values(),
        *(entry["key"] for entry in keyed if "key" in entry),
    ]
    return roots(_texts(expressions), _texts(entry.get("parent_group") for entry in keyed))


def _texts(values: Iterable[Any]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))
