# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one comparison of the project: host config (desired) with Zabbix host (actual), in the light of the applied
record.

Host groups, templates, tags and macros are merged element by element: ours are kept right, what we gave once and no
longer want goes, what people added stays. Inventory and interfaces are compared key by key. All else that the policy
gives is ours. What the policy does not give is left alone.
"""

from __future__ import annotations

from typing import Any

from ..policy.host_config import HostConfig, Secret
from ..zabbix import versions
from ..zabbix.objects import MACRO_APPLIED, TAG_ID, TAG_INSTANCE, ZabbixHost, ZabbixSettings, plain_text
from .interfaces import diff_interfaces, new_interfaces, shown
from .plan import CREATE, DRIFTED, NEW, PENDING, UPDATE, Change, Difference, Target
from .record import AppliedRecord, decode, digest, record_of, value_digest
from .resolve import Resolver

MASK = "********"


class Differ:
    """Compares hosts of one run. `instance`: the value of the ownership tag; `key`: for the digests of secrets."""

    def __init__(
        self,
        settings: ZabbixSettings,
        release: versions.Release,
        instance: str,
        key: str,
        resolver: Resolver | None = None,
    ) -> None:
        self.settings = settings
        self.release = release
        self.instance = instance
        self.key = key
        self.resolver = resolver or Resolver(settings, release)

    def create(self, config: HostConfig) -> Change:
        """Return the change that makes a new host. Raises InputError where the config names what is not there."""
        target = self.resolver.resolve(config)
        writes: dict[str, Any] = {
            "host": config.host,
            "name": config.name,
            "status": config.status,
            "groups": target.groups,
            "templates": target.templates,
            "tags": self._tags(config),
            "macros": [
                _macro(name, macro.value, macro.type, macro.description)
                for name, macro in sorted(config.macros.items())
            ],
            "interfaces": new_interfaces(config.interfaces, self.release),
        }
        if config.description is not None:
            writes["description"] = config.description
        if target.monitor is not None:
            writes["monitor"] = target.monitor
        if config.inventory_mode is not None:
            writes["inventory_mode"] = config.inventory_mode
        if config.inventory:
            writes["inventory"] = dict(config.inventory)
        return Change(
            CREATE,
            config,
            target,
            writes=writes,
            record=self.record(config, target),
            weight=self.resolver.weight(target.templates),
        )

    def record(self, config: HostConfig, target: Target) -> str | None:
        """Return the text of the applied record, None as long as a group has no id."""
        if target.missing_groups:
            return None
        return record_of(config, target.groups, target.templates, target.monitor, self.key).encode()

    def compare(self, config: HostConfig, live: ZabbixHost) -> Change | None:
        """Return what has to change on a host, None where nothing has to. Errors as `create`."""
        target = self.resolver.resolve(config)
        change = Change(UPDATE, config, target, live=live)
        applied = decode(live.applied)
        self._scalars(change, applied)
        self._groups(change, applied)
        self._templates(change, applied)
        self._compare_tags(change, applied)
        self._inventory(change, applied)
        diff_interfaces(change, applied, self.release, self.key)
        change.record = self.record(config, target)
        self._macros(change, applied)
        return change if change.differences else None

    def _scalars(self, change: Change, applied: AppliedRecord) -> None:
        config, live = change.config, change.before
        self._scalar(change, applied, "host", config.host, live.host)
        self._scalar(change, applied, "name", config.name, live.name)
        self._scalar(change, applied, "status", config.status, live.status)
        if config.description is not None:
            self._scalar(change, applied, "description", plain_text(config.description), live.description)
        if config.inventory_mode is not None:
            self._scalar(change, applied, "inventory_mode", config.inventory_mode, live.inventory_mode)
        monitor = change.target.monitor
        if monitor is not None and monitor != live.monitor:
            before, after = self.settings.monitor_name(*live.monitor), self.settings.monitor_name(*monitor)
            reason = DRIFTED if applied.scalars.get("monitor") == digest(":".join(monitor)) else PENDING
            origin = config.origins.get("monitored_by", "")
            change.differences.append(Difference("monitored_by", "", before, after, reason, origin))
            change.writes["monitor"] = monitor

    def _scalar(self, change: Change, applied: AppliedRecord, attribute: str, wanted: str, live: str) -> None:
        if wanted == live:
            return
        reason = DRIFTED if applied.scalars.get(attribute) == digest(wanted) else PENDING
        change.differences.append(
            Difference(attribute, "", live, wanted, reason, change.config.origins.get(attribute, ""))
        )
        change.writes[attribute] = wanted

    def _groups(self, change: Change, applied: AppliedRecord) -> None:
        config, target, live = change.config, change.target, change.before
        given_up = (live.groups - target.groups) & applied.groups
        lacking = target.groups - live.groups
        if not (given_up or lacking or target.missing_groups):
            return
        for groupid in lacking:
            self._added(change, "groups", self.settings.group_name(groupid), groupid in applied.groups)
        for name in target.missing_groups:
            origin = config.origins.get(f"groups/{name}", "")
            change.differences.append(Difference("groups", name, None, f"{name} (new host group)", PENDING, origin))
        for groupid in given_up:
            name = self.settings.group_name(groupid)
            change.differences.append(Difference("groups", name, name, None, PENDING))
        change.writes["groups"] = (live.groups - given_up) | target.groups

    def _templates(self, change: Change, applied: AppliedRecord) -> None:
        target, live = change.target, change.before
        given_up = (live.templates - target.templates) & applied.templates
        lacking = target.templates - live.templates
        if not (given_up or lacking):
            return
        for templateid in lacking:
            self._added(change, "templates", self.settings.template_name(templateid), templateid in applied.templates)
        for templateid in given_up:
            name = self.settings.template_name(templateid)
            change.differences.append(Difference("templates", name, name, None, PENDING))
        change.writes["templates"] = (live.templates - given_up) | target.templates
        change.weight = self.resolver.weight(lacking)

    def _added(self, change: Change, attribute: str, name: str, given_before: bool) -> None:
        reason = DRIFTED if given_before else PENDING
        origin = change.config.origins.get(f"{attribute}/{name}", "")
        change.differences.append(Difference(attribute, name, None, name, reason, origin))

    def _tags(self, config: HostConfig) -> frozenset[tuple[str, str]]:
        return config.tags | {(TAG_INSTANCE, self.instance), (TAG_ID, config.ref)}

    def _compare_tags(self, change: Change, applied: AppliedRecord) -> None:
        live = change.before
        wanted = self._tags(change.config)
        given_up = {(tag, value) for tag, value in live.tags - wanted if digest(f"{tag}\0{value}") in applied.tags}
        lacking = wanted - live.tags
        if not (given_up or lacking):
            return
        for tag, value in sorted(lacking):
            reason = DRIFTED if digest(f"{tag}\0{value}") in applied.tags else PENDING
            origin = change.config.origins.get(f"tags/{tag}/{value}", "")
            change.differences.append(Difference("tags", tag, None, value, reason, origin))
        change.differences.extend(Difference("tags", tag, value, None, PENDING) for tag, value in sorted(given_up))
        change.writes["tags"] = (live.tags - given_up) | wanted

    def _inventory(self, change: Change, applied: AppliedRecord) -> None:
        config, live = change.config, change.before
        values: dict[str, str] = {}
        for name, wanted in config.inventory.items():
            before = live.inventory.get(name)
            if before != plain_text(wanted):
                reason = DRIFTED if applied.inventory.get(name) == digest(wanted) else PENDING
                origin = config.origins.get(f"inventory/{name}", "")
                change.differences.append(Difference("inventory", name, before, wanted, reason, origin))
                values[name] = wanted
        for name, before in live.inventory.items():
            if name not in config.inventory and applied.inventory.get(name) == digest(before):
                change.differences.append(Difference("inventory", name, before, None, PENDING))
                values[name] = ""
        if values:
            change.writes["inventory"] = values

    def _macros(self, change: Change, applied: AppliedRecord) -> None:
        """Compare macros, the applied record among them: it is written in the same call as what it tells of."""
        config, live = change.config, change.before
        by_name = {macro.macro: macro for macro in live.macros}
        writes: dict[str, dict[str, Any]] = {}
        for name, macro in sorted(config.macros.items()):
            before = by_name.get(name)
            secret = isinstance(macro.value, Secret) or macro.type == "secret"
            same_value = (
                applied.macros.get(digest(name)) == value_digest(macro.value, self.key)
                if macro.type == "secret"
                else before is not None and before.value == macro.value
            )
            if before and before.type == macro.type and same_value and before.description == macro.description:
                continue
            given = applied.macros.get(digest(name)) == value_digest(macro.value, self.key)
            change.differences.append(
                Difference(
                    "macros",
                    name,
                    None if before is None else (MASK if before.value is None else before.value),
                    MASK if secret else str(macro.value),
                    DRIFTED if given and not (secret and before) else PENDING,
                    config.origins.get(f"macros/{name}", ""),
                )
            )
            writes[name] = _macro(name, macro.value, macro.type, macro.description)
            if before:
                writes[name]["hostmacroid"] = before.hostmacroid
        given_up = {name for name in by_name if name not in config.macros and digest(name) in applied.macros}
        for name in sorted(given_up):
            value = by_name[name].value
            change.differences.append(Difference("macros", name, MASK if value is None else value, None, PENDING))
        if change.record is not None and change.record != live.applied and not change.differences:
            # nothing else differs: our record alone is missing, damaged or of elements that are already right
            change.differences.append(
                Difference("record", "", "outdated" if live.applied else None, "current", PENDING)
            )
        if writes or given_up:
            kept = [
                {"hostmacroid": macro.hostmacroid}
                for macro in live.macros
                if macro.macro not in writes and macro.macro not in given_up and macro.macro != MACRO_APPLIED
            ]
            change.writes["macros"] = kept + list(writes.values())


def differences(change: Change, settings: ZabbixSettings) -> list[Difference]:
    """Return the differences of a change; those of a new host are made here, on demand, since there are so many."""
    if change.action != CREATE:
        return change.differences
    config = change.config
    found: list[Difference] = []

    def add(attribute: str, element: str, after: str, path: str | None = None) -> None:
        origin = config.origins.get(path or attribute, "")
        found.append(Difference(attribute, element, None, after, NEW, origin))

    add("host", "", config.host)
    add("name", "", config.name)
    add("status", "", config.status)
    if config.description is not None:
        add("description", "", config.description)
    if change.target.monitor is not None:
        add("monitored_by", "", settings.monitor_name(*change.target.monitor))
    for name in sorted(config.groups):
        add(
            "groups",
            name,
            f"{name} (new host group)" if name in change.target.missing_groups else name,
            f"groups/{name}",
        )
    for name in sorted(config.templates):
        add("templates", name, name, f"templates/{name}")
    for interface in config.interfaces:
        add("interfaces", interface.key, shown(interface), f"interfaces/{interface.key}")
    for tag, value in sorted(config.tags):
        add("tags", tag, value, f"tags/{tag}/{value}")
    for name, macro in sorted(config.macros.items()):
        add("macros", name, MASK if macro.type == "secret" else str(macro.value), f"macros/{name}")
    if config.inventory_mode is not None:
        add("inventory_mode", "", config.inventory_mode)
    for name, value in sorted(config.inventory.items()):
        add("inventory", name, value, f"inventory/{name}")
    return found


def _macro(name: str, value: str | Secret, kind: str, description: str) -> dict[str, Any]:
    return {"macro": name, "value": value, "type": kind, "description": description}
