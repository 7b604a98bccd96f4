# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a set of templates can be linked to one host, and whether the host has the interfaces that they need. Pure.

What Zabbix does with each (host.create, measured on 7.0.22 and 6.0.14):

| | 7.0 | 6.0 |
|---|---|---|
| two templates with an item of one key | refuses | makes two items of one key; host.update refuses |
| the same of two discovery rules, or two item prototypes | refuses | as above |
| an item and a discovery rule of one key | refuses | refuses |
| two items that fill one inventory field | refuses | refuses |
| a trigger that depends on a template that is not linked (but perhaps contained in one) | refuses | refuses |
| no interface of the kind that an item (prototype) needs, even a disabled one | refuses | refuses |
| no interface at all for a simple, external, SSH or TELNET check | accepts | refuses |

Two items of one key are a defect of 6.0's host.create, which nobody wants on a host: an error on all releases. The last
row is the only one in which releases differ; what an item needs, as read, says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from ..policy.inventory_fields import INVENTORY_FIELDS
from ..zabbix.template_facts import ANY, TemplateItems

#: how many keys a message names of those that two templates share
_SHOWN = 3
#: which interface Zabbix gives an item that takes any: the first that is there, in this order
_PREFERRED = ("agent", "snmp", "jmx", "ipmi")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a set of templates. `templates`: ids of those that it is about."""

    text: str
    templates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with a set of templates on a host. Zabbix refuses `errors`, and accepts `warnings`."""

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def check(
    templates: Iterable[str],
    kinds: frozenset[str],
    facts: Mapping[str, TemplateItems],
    name_of: Callable[[str], str],
) -> Findings:
    """Check templates (ids) on a host that has interfaces of `kinds`. `facts`: as `read_template_items` gives them;
    a template that is not in there is not checked. `name_of`: a template's name by its id.
    """
    ids = sorted(templates, key=int)
    known = [facts[templateid] for templateid in ids if templateid in facts]
    names = {templateid: name_of(templateid) for templateid in ids}
    errors: list[Problem] = []
    warnings: list[Problem] = []
    for one, other in combinations(known, 2):
        shared = sorted(one.keys.keys() & other.keys.keys())
        both = (one.templateid, other.templateid)
        pair = f'templates "{names[one.templateid]}" and "{names[other.templateid]}"'
        if shared:
            errors.append(Problem(f"{pair} both have the item key {_some(shared)}: Zabbix does not link both", both))
        for field in sorted(one.inventory.keys() & other.inventory.keys()):
            keys = f'"{one.inventory[field]}" and "{other.inventory[field]}"'
            text = f"{pair} both fill the inventory field {_field(field)} (items {keys}): Zabbix does not link both"
            errors.append(Problem(text, both))
    for template in known:
        errors.extend(_missing(template, names, kinds, name_of))
    if known and len(known) == len(ids):
        warnings.extend(_unused(known, kinds))
    return Findings(tuple(errors), tuple(warnings))


class TemplateChecks:
    """`check` for a whole run: each set of templates with each set of interfaces once, since thousands of hosts share
    them.
    """

    def __init__(self, facts: Mapping[str, TemplateItems], name_of: Callable[[str], str]) -> None:
        self._facts = facts
        self._name_of = name_of
        self._known: dict[tuple[frozenset[str], frozenset[str]], Findings] = {}

    def of(self, templates: frozenset[str], kinds: frozenset[str]) -> Findings:
        """Return what is wrong with these templates on a host with interfaces of these kinds."""
        found = self._known.get((templates, kinds))
        if found is None:
            found = check(templates, kinds, self._facts, self._name_of)
            self._known[templates, kinds] = found
        return found


def _missing(
    template: TemplateItems, names: Mapping[str, str], kinds: frozenset[str], name_of: Callable[[str], str]
) -> Iterator[Problem]:
    mine = (template.templateid,)
    name = names[template.templateid]
    for needed, trigger in sorted(template.dependencies.items(), key=lambda entry: int(entry[0])):
        if needed not in names:
            text = (
                f'template "{name}" needs template "{name_of(needed)}" beside it: its trigger "{trigger}" depends on it'
            )
            yield Problem(text, mine)
    for kind, key in sorted(template.needs.items()):
        if kind == ANY and not kinds:
            yield Problem(f'template "{name}" needs an interface (item "{key}"), and the host has none', mine)
        elif kind != ANY and kind not in kinds:
            has = f"only {' and '.join(sorted(kinds))}" if kinds else "none"
            text = f'template "{name}" needs an interface of type {kind} (item "{key}"), and the host has {has}'
            yield Problem(text, mine)


def _unused(known: list[TemplateItems], kinds: frozenset[str]) -> Iterator[Problem]:
    used = {kind for template in known for kind in template.uses}
    if ANY in used:
        used.add(next((kind for kind in _PREFERRED if kind in kinds), ANY))
    for kind in sorted(kinds - used):
        ids = tuple(template.templateid for template in known)
        yield Problem(f"no item of its templates uses the interface of type {kind}", ids)


def _some(keys: list[str]) -> str:
    shown = ", ".join(f'"{key}"' for key in keys[:_SHOWN])
    return shown if len(keys) <= _SHOWN else f"{shown} and {len(keys) - _SHOWN} more"


def _field(number: int) -> str:
    """Zabbix counts the inventory fields from 1, in the order of its documentation."""
    return tuple(INVENTORY_FIELDS)[number - 1] if 1 <= number <= len(INVENTORY_FIELDS) else str(number)
