# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that a policy may name in Zabbix, with what is to be known of it: read in bulk, never a call for one template.

A fresh Zabbix (354 templates) takes two requests beside the two of the log-in, and a third where triggers depend on
templates; so many templates that PHP's memory would not hold their items in one answer take a few more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from operator import itemgetter
from typing import Any

from ..errors import ZabbixError
from ..garbage import few_collections
from . import versions
from .account import batch_with_token
from .client import Zabbix, whole
from .objects import MACRO_TYPES
from .template_facts import TemplateItems
from .template_items import read_template_items

TEMPLATES, TEMPLATE_GROUPS, HOST_GROUPS = "templates", "template_groups", "host_groups"
PROXIES, PROXY_GROUPS, GLOBAL_MACROS = "proxies", "proxy_groups", "global_macros"
#: all kinds of objects that are imported, in the order in which they are told of
KINDS = (TEMPLATES, TEMPLATE_GROUPS, HOST_GROUPS, PROXIES, PROXY_GROUPS, GLOBAL_MACROS)

#: items of one answer: 8,857 of a fresh 7.0 are far from PHP's usual limit of 128 MB, 40,000 come near it
MOST_ITEMS = 25_000
#: parts that the items are read in at most, so that the requests stay few whatever the number of templates
MOST_PARTS = 3
#: of a proxy: moves each second, and what Zabbix never tells anyway
_NOT_KEPT = frozenset({"proxyid", "proxy_groupid", "lastaccess", "tls_psk", "tls_psk_identity"})
#: what a template brings to a host, by name
_BROUGHT = tuple(one.name for one in fields(TemplateItems) if one.name != "templateid")
#: what Zabbix says where the user's role does not allow a method
_NOT_ALLOWED = "No permissions to call"

#: one object as plain JSON: its name, and what is to be known of it
Entry = dict[str, Any]
Entries = dict[str, Entry]

#: how hosts that use an object are found; 6.0 knows no proxy groups, and template groups and macros are no host's
_HOSTS_BY = {
    TEMPLATES: "templateids",
    HOST_GROUPS: "groupids",
    PROXIES: "proxyids",
    PROXY_GROUPS: "proxy_groupids",
}


@dataclass(slots=True)
class Imported:
    """What was read: kind -> id -> entry. `unreadable`: kinds that the user's role does not allow to read, and why."""

    kinds: dict[str, Entries] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HostsUsing:
    """How many hosts use an object, and the names of the first ones."""

    count: int
    names: tuple[str, ...]


def read_import(zabbix: Zabbix) -> Imported:
    """Read everything. Raises ZabbixError where templates, or what they bring, cannot be read."""
    with few_collections():
        return _read_import(zabbix)


def _read_import(zabbix: Zabbix) -> Imported:
    release = zabbix.release
    select, groups_key = versions.template_groups_key(release)
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        TEMPLATES: (
            "template.get",
            {
                "output": versions.template_fields(release),
                select: ["groupid"],
                "selectParentTemplates": ["templateid"],
                # never their values
                "selectMacros": ["macro", "description", "type"],
                "selectItems": "count",
            },
        ),
        HOST_GROUPS: ("hostgroup.get", {"output": ["groupid", "name", "uuid", "flags"]}),
        PROXIES: ("proxy.get", {"output": "extend", **versions.proxy_interface(release)}),
        GLOBAL_MACROS: (
            "usermacro.get",
            {"output": ["globalmacroid", "macro", "description", "type"], "globalmacro": True},
        ),
    }
    if versions.has_template_groups(release):
        asked[TEMPLATE_GROUPS] = ("templategroup.get", {"output": ["groupid", "name", "uuid"]})
    if versions.has_proxy_groups(release):
        asked[PROXY_GROUPS] = ("proxygroup.get", {"output": "extend"})
    answers = dict(zip(asked, batch_with_token(zabbix, list(asked.values())), strict=True))
    found = Imported()
    for kind, answer in answers.items():
        if isinstance(answer, ZabbixError):
            if kind == TEMPLATES or _NOT_ALLOWED not in str(answer):
                raise answer
            found.unreadable[kind] = str(answer)
    rows = {kind: answer for kind, answer in answers.items() if kind not in found.unreadable}
    found.kinds[TEMPLATES] = _templates(zabbix, rows[TEMPLATES], groups_key)
    for kind in (TEMPLATE_GROUPS, HOST_GROUPS):
        if kind in rows:
            found.kinds[kind] = {row.pop("groupid"): row for row in rows[kind]}
    if PROXIES in rows:
        found.kinds[PROXIES] = {row["proxyid"]: _proxy(row, release) for row in rows[PROXIES]}
    if PROXY_GROUPS in rows:
        found.kinds[PROXY_GROUPS] = {row["proxy_groupid"]: _kept(row) for row in rows[PROXY_GROUPS]}
    if GLOBAL_MACROS in rows:
        found.kinds[GLOBAL_MACROS] = {row["globalmacroid"]: _macro(row) for row in rows[GLOBAL_MACROS]}
    return found


def _templates(zabbix: Zabbix, rows: Sequence[Mapping[str, Any]], groups_key: str) -> Entries:
    weights = {row["templateid"]: int(row["items"]) for row in rows}
    with ThreadPoolExecutor(1) as other:
        # Zabbix is at work on the items while the templates are taken in
        reading = other.submit(lambda: [read_template_items(zabbix, part) for part in _parts(weights)])
        entries: Entries = {row["templateid"]: _template(row, groups_key) for row in rows}
        read = reading.result()
    for part in read:
        for templateid, facts in part.items():
            # asdict() copies all the way down: a fifth of the time of an import (measured)
            brought = {name: getattr(facts, name) for name in _BROUGHT}
            # JSON knows no numbers as keys
            brought["inventory"] = {str(number): key for number, key in sorted(facts.inventory.items())}
            entries[templateid].update(brought)
    return entries


def _template(row: Mapping[str, Any], groups_key: str) -> Entry:
    return {
        "name": row["name"],
        "host": row["host"],
        "uuid": row["uuid"],
        "vendor": row.get("vendor_name", ""),
        "vendor_version": row.get("vendor_version", ""),
        "groups": _ids(row[groups_key], "groupid"),
        "parents": _ids(row["parentTemplates"], "templateid"),
        "macros": {
            macro["macro"]: {"description": macro["description"], "type": MACRO_TYPES[macro["type"]]}
            for macro in sorted(row["macros"], key=itemgetter("macro"))
        },
        "items": int(row["items"]),
    }


def _parts(weights: Mapping[str, int]) -> list[list[str]]:
    """Return the ids of templates in parts of about the same number of items. `weights`: items by id."""
    total = sum(weights.values())
    parts = min(MOST_PARTS, 1 + total // MOST_ITEMS)
    found: list[list[str]] = [[] for dummy in range(parts)]
    seen = 0
    for templateid, items in weights.items():
        found[min(parts - 1, seen * parts // (total or 1))].append(templateid)
        seen += items
    return found


def _ids(rows: Iterable[Mapping[str, str]], key: str) -> list[str]:
    return sorted((row[key] for row in rows), key=int)


def _kept(row: Mapping[str, Any]) -> Entry:
    return {key: value for key, value in row.items() if key not in _NOT_KEPT}


def _proxy(row: Mapping[str, Any], release: versions.Release) -> Entry:
    entry = {**_kept(row), "name": row[versions.proxy_name_field(release)]}
    # called `host` before 7.0
    entry.pop("host", None)
    if "proxy_groupid" in row:
        entry["proxy_group"] = row["proxy_groupid"]
    return entry


def _macro(row: Mapping[str, str]) -> Entry:
    return {"name": row["macro"], "description": row["description"], "type": MACRO_TYPES[row["type"]]}


def hosts_using(zabbix: Zabbix, ids: Mapping[str, Iterable[str]], names: int) -> dict[tuple[str, str], HostsUsing]:
    """Return by kind and id which hosts use these objects; one request. `names`: how many are named.

    Zabbix finds hosts by the id of a template or group also where the user does not see it (any more).
    """
    asked = [(kind, one) for kind, some in ids.items() if kind in _HOSTS_BY for one in some]
    calls = [
        call
        for kind, one in asked
        for call in (
            ("host.get", {_HOSTS_BY[kind]: [one], "countOutput": True}),
            ("host.get", {_HOSTS_BY[kind]: [one], "output": ["host"], "sortfield": "host", "limit": names}),
        )
    ]
    answers = whole(zabbix.batch(calls))
    found: dict[tuple[str, str], HostsUsing] = {}
    for number, key in enumerate(asked):
        count, rows = answers[2 * number : 2 * number + 2]
        if int(count):
            found[key] = HostsUsing(int(count), tuple(row["host"] for row in rows))
    return found
