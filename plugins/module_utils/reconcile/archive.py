# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The end of a host, and its way back: the changes that archive, delete or release one. Restoring is a comparison with
a host config (`diff.py`), in the light of what is remembered here.

An archived host is switched off, carries names that are in nobody's way and is in the graveyard alone. It keeps its id,
its items and their history, and our marks. The macro `{$NETBOX.ARCHIVED}` remembers when and why, and what it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..errors import InputError, nearest
from ..policy.host_config import DISABLED, HostConfig
from ..zabbix.objects import (
    MACRO_ARCHIVED,
    OWN_MACROS,
    TAG_ARCHIVED,
    TAG_ID,
    TAG_INSTANCE,
    ZabbixHost,
    ZabbixSettings,
)
from .names import MAX_NAME
from .plan import ADOPT, ARCHIVE, DELETE, RELEASE, UPDATE, Change, Difference, Target
from .record import MAX_LENGTH, decode, digest

#: attributes that compare with what was written as they are
_PLAIN = frozenset({"host", "name", "status", "groups", "templates", "tags"})

#: why a host ends: NetBox has no such object; its status says so; it is not to be monitored; a person asked for it
GONE, ABSENT, EXCLUDED, ASKED = "gone", "absent", "excluded", "asked"
#: what becomes of it then
KEEP, DISABLE = "keep", "disable"
_ENDS = {
    GONE: (ARCHIVE, DELETE, KEEP),
    ABSENT: (ARCHIVE, DISABLE, DELETE, KEEP),
    EXCLUDED: (ARCHIVE, DISABLE, DELETE, KEEP),
}
#: by what an object that is new in NetBox is known as one that was there before
EVIDENCE = ("serial", "asset_tag", "name")


@dataclass(frozen=True, slots=True)
class Deletion:
    """The deletion policy. `gone`, `absent`, `excluded`: what becomes of the host of such an object.

    `graveyard`: host group of archived hosts. `relink`: by what a new object takes over the host of one that is gone.
    `in_maintenance`: whether a host is archived or deleted while it is in maintenance.
    """

    gone: str = ARCHIVE
    absent: str = ARCHIVE
    excluded: str = ARCHIVE
    graveyard: str = "NetBox archive"
    relink: tuple[str, ...] = ("serial", "asset_tag")
    in_maintenance: bool = True


def deletion_from(given: Mapping[str, Any] | None) -> Deletion:
    """Return the defaults with what a person gave: `{gone: keep, relink: [serial]}`. Raises InputError with all that is
    wrong.
    """
    problems: list[str] = []
    values: dict[str, Any] = {}
    names = list(Deletion.__dataclass_fields__)
    for name, value in (given or {}).items():
        where = f"netbox_zabbix_deletion.{name}"
        if name in _ENDS:
            if value not in _ENDS[name]:
                problems.append(
                    f'{where}: "{value}" is none of {", ".join(_ENDS[name])}.{nearest(str(value), _ENDS[name])}'
                )
        elif name == "graveyard":
            if not isinstance(value, str) or not value.strip(" /"):
                problems.append(f"{where}: the name of a host group is expected, not {value!r}")
        elif name == "relink":
            wrong = [item for item in value if item not in EVIDENCE] if isinstance(value, list | tuple) else [value]
            problems.extend(f"{where}: {item!r} is none of {', '.join(EVIDENCE)}" for item in wrong)
            value = tuple(value) if not wrong else ()
        elif name == "in_maintenance":
            if not isinstance(value, bool):
                problems.append(f"{where}: true or false is expected, not {value!r}")
        else:
            problems.append(f'netbox_zabbix_deletion: there is no "{name}".{nearest(name, names)}')
            continue
        values[name] = value
    if problems:
        raise InputError(problems)
    return Deletion(**values)


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """What is remembered of an archived host. `groups`: ids of the host groups that it was in; `when`: UTC."""

    when: str
    why: str
    run: str
    host: str
    name: str
    status: str
    groups: tuple[str, ...]

    def encode(self) -> str:
        """Return the text form, without groups where it would not fit into a macro."""
        for record in (self, replace(self, why=self.why[:200]), replace(self, why="", groups=())):
            text = json.dumps(asdict(record), separators=(",", ":"), ensure_ascii=False)
            if len(text) <= MAX_LENGTH:
                return text
        raise ValueError(f"{self.host}: its archive record does not fit into a macro")


def archive_record(live: ZabbixHost) -> ArchiveRecord | None:
    """Return what is remembered of an archived host, None where that was lost or damaged by hand."""
    try:
        found = json.loads(live.archive_record)
        return ArchiveRecord(**{**found, "groups": tuple(found["groups"])})
    except (ValueError, TypeError, KeyError):
        return None


def archived_name(name: str, hostid: str) -> str:
    """Return the name of an archived host: unique by its id, within Zabbix's 128 characters."""
    mark = f"_archived-{hostid}"
    return name[: MAX_NAME - len(mark)].rstrip() + mark


def archive(
    live: ZabbixHost, ref: str, graveyard: str, settings: ZabbixSettings, reason: str, why: str, when: str, run: str
) -> Change:
    """Return the change that archives a host. `reason`: one of the four of this file; `why`: in words, for people."""
    host, name = archived_name(live.host, live.hostid), archived_name(live.name, live.hostid)
    groupid = settings.groups.get(graveyard)
    target = Target(
        frozenset({groupid} if groupid else ()), () if groupid else (graveyard,), live.templates, live.monitor
    )
    record = ArchiveRecord(when, why, run, live.host, live.name, live.status, tuple(sorted(live.groups, key=int)))
    change = _ending(ARCHIVE, live, ref, reason)
    change.target = target
    change.writes = {
        "host": host,
        "name": name,
        "status": DISABLED,
        "groups": target.groups,
        "tags": live.tags | {(TAG_ARCHIVED, when[:10])},
        "macros": [
            *({"hostmacroid": macro.hostmacroid} for macro in live.macros if macro.macro not in OWN_MACROS),
            {
                "macro": MACRO_ARCHIVED,
                "value": record.encode(),
                "type": "text",
                "description": "Kept by netops.netbox_zabbix: what this host was before it was archived.",
            },
        ],
    }
    for attribute, before, after in (
        ("host", live.host, host),
        ("name", live.name, name),
        ("status", live.status, DISABLED),
    ):
        if before != after:
            change.differences.append(Difference(attribute, "", before, after, reason, why))
    for old in sorted(map(settings.group_name, live.groups - target.groups)):
        change.differences.append(Difference("groups", old, old, None, reason, why))
    change.differences.append(Difference("groups", graveyard, None, graveyard, reason, why))
    change.differences.append(Difference("tags", TAG_ARCHIVED, None, when[:10], reason, why))
    return change


def delete(live: ZabbixHost, ref: str, weight: int, reason: str, why: str) -> Change:
    """Return the change that deletes a host. `weight`: how many items lose their history."""
    change = _ending(DELETE, live, ref, reason)
    change.cleared_items = weight
    change.differences.append(Difference("host", "", live.host, None, reason, why))
    return change


def disable(live: ZabbixHost, ref: str, reason: str, why: str) -> Change | None:
    """Return the change that only switches a host off, None where it is off."""
    if live.status == DISABLED:
        return None
    change = _ending(UPDATE, live, ref, reason)
    change.writes["status"] = DISABLED
    change.differences.append(Difference("status", "", live.status, DISABLED, reason, why))
    if live.applied:
        # what is applied from now on, so that switching it on again is a change of NetBox and no drift
        record = decode(live.applied)
        record.scalars["status"] = digest(DISABLED)
        change.record = record.encode()
    return change


def release(live: ZabbixHost, ref: str, reason: str, why: str) -> Change:
    """Return the change that takes our marks from a host and leaves all else as it is."""
    change = _ending(RELEASE, live, ref, reason)
    marks = sorted(pair for pair in live.tags if pair[0] in (TAG_INSTANCE, TAG_ID, TAG_ARCHIVED))
    change.writes["tags"] = live.tags - frozenset(marks)
    own = [macro.macro for macro in live.macros if macro.macro in OWN_MACROS]
    if own:
        change.writes["macros"] = [
            {"hostmacroid": macro.hostmacroid} for macro in live.macros if macro.macro not in OWN_MACROS
        ]
    change.differences = [Difference("tags", tag, value, None, reason, why) for tag, value in marks]
    change.differences += [Difference("macros", name, "kept by us", None, reason, why) for name in sorted(own)]
    return change


def is_made(change: Change, live: ZabbixHost) -> bool:
    """Tell whether a change that no host config is behind was carried out: `live` is the host as it is now."""
    if change.action == ARCHIVE:
        return live.archived
    if change.action == RELEASE:
        return not live.tag(TAG_INSTANCE)
    if change.action == ADOPT:
        return live.tags >= change.writes["tags"] and live.applied == change.record
    return live.applied == change.record and all(
        getattr(live, attribute) == value for attribute, value in change.writes.items() if attribute in _PLAIN
    )


def _ending(action: str, live: ZabbixHost, ref: str, reason: str) -> Change:
    config = HostConfig(ref, live.name, live.host, live.name, DISABLED)
    target = Target(live.groups, (), live.templates, live.monitor)
    return Change(action, config, target, live, record=live.applied, ending=reason)
