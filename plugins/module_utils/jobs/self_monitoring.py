# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""MonitorTheSync: Zabbix has the template and the host that take the figures of the jobs' runs.

1. what Zabbix has is read
2. the template that is shipped is imported where Zabbix has another state of it, known by the digest in its description
3. the host and its group are made where they are missing; the template and the macros of one that exists are put right
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..connection import ZabbixConnection
from ..errors import InputError
from ..zabbix import versions
from ..zabbix.client import Zabbix
from ..zabbix.objects import TAG_INSTANCE
from .result import Detail, HostResult, Progress, Result

JOB = "MonitorTheSync"
#: what tells one state of the template from another; tests/tools/sync_template.py writes it
_CONTENT = re.compile(r"Content [0-9a-f]{12}\.")
_NAME = re.compile(r"^\s+template: (.+)$", re.MULTILINE)
_MACRO = re.compile(r"\{\$[A-Z0-9_.]+(:.+)?\}")


@dataclass(slots=True)
class MonitoringOptions:
    """`template`: the export that is shipped; `macros`: values on the host, such as of `{$NETBOX_ZABBIX.MAX_AGE}`."""

    template: str
    host: str
    group: str
    macros: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False


@dataclass(slots=True)
class _Found:
    """What Zabbix has, and what differs. Ids are None where there is none; `linked`, `macros`: of the host."""

    group: str | None = None
    template: str | None = None
    host: str | None = None
    linked: tuple[str, ...] = ()
    macros: dict[str, dict[str, Any]] = field(default_factory=dict)
    details: list[Detail] = field(default_factory=list)

    def differs(self, attribute: str) -> bool:
        return any(detail.attribute == attribute for detail in self.details)


def monitor_the_sync(connection: ZabbixConnection, options: MonitoringOptions, progress: Progress) -> Result:
    """Make the host that takes the figures, or put it right.

    Raises InputError where the host's name belongs to a host of the sync, ZabbixError as Zabbix says.
    """
    result = Result(JOB, options.dry_run)
    name, content = _NAME.search(options.template), _CONTENT.search(options.template)
    if not name or not content:
        raise InputError(["template: this is not the template that the role self_monitoring ships"])
    wrong = [macro for macro in options.macros if not _MACRO.fullmatch(macro)]
    if wrong:
        raise InputError([f'macros: "{macro}" is no macro such as {{$NETBOX_ZABBIX.MAX_AGE}}' for macro in wrong])
    zabbix = Zabbix(connection)
    try:
        result.phase("read")
        progress("reading Zabbix: the template and the host of the sync")
        found = _read(zabbix, options, name[1], content[0])
        result.phase("write")
        if not options.dry_run:
            _write(zabbix, options, name[1], found)
    finally:
        result.requests = {"zabbix": dict(zabbix.requests)}
        zabbix.close()
    _conclude(result, options, found)
    return result


def _read(zabbix: Zabbix, options: MonitoringOptions, template: str, content: str) -> _Found:
    found = _Found()
    templates = zabbix.call("template.get", {"filter": {"host": [template]}, "output": ["templateid", "description"]})
    live = _CONTENT.search(templates[0]["description"]) if templates else None
    if templates:
        found.template = templates[0]["templateid"]
    if live is None or live[0] != content:
        found.details.append(Detail("template", template, content, live[0] if live else None))
    asked = {
        "filter": {"host": [options.host]},
        "output": ["hostid"],
        "selectParentTemplates": ["templateid"],
        "selectTags": ["tag"],
        "selectMacros": ["hostmacroid", "macro", "value", "type"],
    }
    hosts = zabbix.call("host.get", asked)
    if not hosts:
        groups = zabbix.call("hostgroup.get", {"filter": {"name": [options.group]}, "output": ["groupid"]})
        found.group = groups[0]["groupid"] if groups else None
        found.details.append(Detail("host", "", options.host, None))
    else:
        host = hosts[0]
        if any(tag["tag"] == TAG_INSTANCE for tag in host["tags"]):
            raise InputError(
                [f'"{options.host}" is a host that the sync made of a NetBox object: give another name for this one']
            )
        found.host = host["hostid"]
        found.linked = tuple(one["templateid"] for one in host["parentTemplates"])
        found.macros = {macro["macro"]: macro for macro in host["macros"]}
        if found.template not in found.linked:
            found.details.append(Detail("linked template", "", template, None))
    for macro, value in options.macros.items():
        before = found.macros.get(macro, {}).get("value")
        if before != value:
            found.details.append(Detail("macros", macro, value, before))
    return found


def _write(zabbix: Zabbix, options: MonitoringOptions, template: str, found: _Found) -> None:
    if found.differs("template"):
        rules = versions.template_import_rules(zabbix.release)
        zabbix.call("configuration.import", {"format": "yaml", "source": options.template, "rules": rules})
        made = zabbix.call("template.get", {"filter": {"host": [template]}, "output": ["templateid"]})
        found.template = made[0]["templateid"]
    macros = [{"macro": macro, "value": value} for macro, value in options.macros.items()]
    if found.host is None:
        if found.group is None:
            found.group = zabbix.call("hostgroup.create", {"name": options.group})["groupids"][0]
        new = {
            "host": options.host,
            "groups": [{"groupid": found.group}],
            "templates": [{"templateid": found.template}],
            "macros": macros,
        }
        found.host = zabbix.call("host.create", new)["hostids"][0]
        return
    update: dict[str, Any] = {}
    if found.differs("linked template"):
        update["templates"] = [{"templateid": one} for one in (*found.linked, found.template)]
    if found.differs("macros"):
        kept = [{"hostmacroid": one["hostmacroid"]} for name, one in found.macros.items() if name not in options.macros]
        ours = [
            {**macro, "hostmacroid": found.macros[macro["macro"]]["hostmacroid"]}
            if macro["macro"] in found.macros
            else macro
            for macro in macros
        ]
        update["macros"] = [*kept, *ours]
    if update:
        zabbix.call("host.update", {"hostid": found.host, **update})


def _conclude(result: Result, options: MonitoringOptions, found: _Found) -> None:
    new = found.differs("host")
    names = list(dict.fromkeys(detail.attribute for detail in found.details))
    result.changed = bool(names)
    result.stats = {"created": int(new), "updated": int(bool(names) and not new), "failed": 0}
    if not names:
        result.finish(f'The host "{options.host}" takes the figures of runs; nothing had to be done.')
        return
    action = "create" if new else "update"
    result.hosts = [HostResult(options.host, "", found.host, action, names, details=found.details)]
    lines = [f"~ {options.host}"] + [
        f"    {detail.attribute}{f'[{detail.element}]' if detail.element else ''}: {detail.live} -> {detail.wanted}"
        for detail in found.details
    ]
    result.diff = "\n".join(lines) + "\n"
    done = f"{'would be ' if options.dry_run else ''}{'made' if new else 'put right'}"
    result.finish(f'The host "{options.host}" {"" if options.dry_run else "was "}{done}: {", ".join(names)}.')
