# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one comparison of the project: host config (desired) with Zabbix host (actual), in the light of the applied
record.

Attributes that are made of elements are merged, element by element, unless `netbox_zabbix_ownership` says otherwise:
ours are kept right, what we gave once and no
longer want goes, what people added stays. Inventory and interfaces are compared key by key. All else that the policy
gives is ours. What the policy does not give is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ..attribute_table import ATTRIBUTES, BY_NAME, CREATE_ONLY, IGNORE, MERGE, REPLACE, SCALARS, Attribute
from ..errors import InputError, nearest
from ..policy.host_config import HostConfig, Macro, Secret
from ..zabbix import versions
from ..zabbix.objects import (
    MACRO_ARCHIVED,
    OWN_MACROS,
    TAG_ARCHIVED,
    TAG_ID,
    TAG_INSTANCE,
    LiveMacro,
    ZabbixHost,
    ZabbixSettings,
    plain_text,
)
from .archive import archive_record
from .interfaces import diff_interfaces, masked, new_interfaces, shown
from .plan import CREATE, DRIFTED, NEW, PENDING, RESTORE, RETURNED, UPDATE, Change, Difference, Target
from .record import AppliedRecord, decode, digest, macro_digest, record_of, value_digest
from .resolve import Resolver

Element = TypeVar("Element")

NEEDS_KEY = (
    "netbox_zabbix_digest_key is needed, since Zabbix never tells these values, and a digest made with this key is all "
    "by which a changed one can be known"
)
MASK = "********"


class Differ:
    """Compares hosts of one run.

    `instance`: the value of the ownership tag; `key`: for the digests of secrets; `ownership`: what becomes of each
    attribute, for those where it is not the default of the table; `clear`: whether templates that go take their items
    and history with them.
    """

    def __init__(
        self,
        settings: ZabbixSettings,
        release: versions.Release,
        instance: str,
        key: str = "",
        ownership: Mapping[str, str] | None = None,
        clear: bool = False,
        resolver: Resolver | None = None,
    ) -> None:
        self.settings = settings
        self.release = release
        self.instance = instance
        self.key = key
        self.clear = clear
        self.resolver = resolver or Resolver(settings, release)
        self._modes = {row.name: row.modes[0] for row in ATTRIBUTES} | dict(ownership or {})
        self._compared = tuple(row for row in SCALARS if self._owned(row.name))

    def use(self, settings: ZabbixSettings) -> None:
        """Go on with settings that were read meanwhile."""
        self.settings = settings
        self.resolver = Resolver(settings, self.release)

    def as_sole_owner(self) -> Differ:
        """Return one for which whatever others added to a host is a difference too."""
        modes = {row.name: REPLACE for row in ATTRIBUTES if REPLACE in row.modes and self._modes[row.name] == MERGE}
        return Differ(
            self.settings, self.release, self.instance, self.key, self._modes | modes, self.clear, self.resolver
        )

    def _owned(self, name: str) -> bool:
        """Whether an attribute is kept right on a host that exists."""
        return self._modes[name] not in (CREATE_ONLY, IGNORE)

    def _replaces(self, name: str) -> bool:
        return self._modes[name] == REPLACE

    def _given_up(self, name: str, extra: Iterable[Element], ours: Callable[[Element], bool]) -> set[Element]:
        """Return which elements that are there and not wanted have to go: ours, or all of them where we own the
        whole.
        """
        return set(extra) if self._replaces(name) else {element for element in extra if ours(element)}

    def create(self, config: HostConfig) -> Change:
        """Return the change that makes a new host. Raises InputError where the config names what is not there."""
        target = self.resolver.resolve(config)
        self._check_key(config)
        given = {row.name for row in ATTRIBUTES if self._modes[row.name] != IGNORE}
        writes: dict[str, Any] = {}
        for row in SCALARS:
            value = config.scalar(row.name) if row.name in given else None
            if value is not None:
                writes[row.name] = value
        writes["groups"] = target.groups
        writes["tags"] = self._tags(config) if "tags" in given else self._marks(config)
        if "templates" in given:
            writes["templates"] = target.templates
        if "macros" in given:
            writes["macros"] = [_macro(name, macro) for name, macro in sorted(config.macros.items())]
        if "interfaces" in given:
            writes["interfaces"] = new_interfaces(config.interfaces, self.release)
        if target.monitor is not None and "monitored_by" in given:
            writes["monitored_by"] = target.monitor
        if config.inventory and "inventory" in given:
            writes["inventory"] = dict(config.inventory)
        weight = self.resolver.weight(target.templates)
        return Change(CREATE, config, target, writes=writes, record=self.record(config, target), weight=weight)

    def record(self, config: HostConfig, target: Target) -> str | None:
        """Return the text of the applied record, None as long as a group has no id."""
        if target.missing_groups:
            return None
        return record_of(config, target, self.key, self._owned).encode()

    def record_so_far(self, change: Change) -> str:
        """Return the text of the applied record without groups that have no id yet."""
        return record_of(change.config, change.target, self.key, self._owned).encode()

    def compare(self, config: HostConfig, live: ZabbixHost) -> Change | None:
        """Return what has to change on a host, None where nothing has to; an archived one is restored. Errors as
        `create`.
        """
        target = self.resolver.resolve(config)
        self._check_key(config)
        change = Change(UPDATE, config, target, live=live)
        applied = decode(live.applied)
        self._scalars(change, applied)
        if self._owned("monitored_by"):
            self._monitored_by(change, applied)
        if self._owned("groups"):
            self._groups(change, applied)
        if self._owned("templates"):
            self._templates(change, applied)
        self._compare_tags(change, applied)
        if self._owned("inventory"):
            self._inventory(change, applied)
        if self._owned("interfaces"):
            diff_interfaces(change, applied, self.release, self.key, self._replaces("interfaces"))
        change.record = self.record(config, target)
        self._macros(change, applied)
        if live.archived:
            self._restore(change, applied)
        return change if change.differences else None

    def _restore(self, change: Change, applied: AppliedRecord) -> None:
        """Make the change one that also takes back what archiving did: names, status, groups and marks."""
        live = change.before
        change.action = RESTORE
        remembered = archive_record(live)
        # what archiving changed is neither drift nor a change of NetBox
        change.differences = [
            replace(item, reason=RETURNED) if item.attribute in ("host", "name", "status", "groups") else item
            for item in change.differences
        ]
        if remembered is not None:
            for name in ("host", "name", "status"):
                # where the policy does not keep these right, they become again what they were
                change.writes.setdefault(name, getattr(remembered, name))
            others = (frozenset(remembered.groups) - applied.groups) & self.settings.group_names.keys()
        else:
            others = frozenset()
        for groupid in sorted(live.groups - change.target.groups - others):
            group = self.settings.group_name(groupid)
            change.differences.append(Difference("groups", group, group, None, RETURNED))
        for groupid in sorted(others - change.target.groups):
            change.differences.append(
                Difference("groups", self.settings.group_name(groupid), None, "as before", RETURNED)
            )
        ours = change.target.groups if self._owned("groups") or not others else frozenset()
        change.writes["groups"] = ours | others
        tags = change.writes.get("tags", live.tags)
        change.writes["tags"] = frozenset(pair for pair in tags if pair[0] != TAG_ARCHIVED)
        change.differences.append(Difference("tags", TAG_ARCHIVED, live.tag(TAG_ARCHIVED)[0], None, RETURNED))
        if "macros" not in change.writes and any(macro.macro == MACRO_ARCHIVED for macro in live.macros):
            change.writes["macros"] = [
                {"hostmacroid": macro.hostmacroid} for macro in live.macros if macro.macro not in OWN_MACROS
            ]

    def _check_key(self, config: HostConfig) -> None:
        """Raise InputError where a secret that Zabbix never tells would have to be known again without a key."""
        if self.key:
            return
        hidden = [name for name, macro in config.macros.items() if macro.type == "secret"]
        hidden += [name for name in config.more if BY_NAME[name].secret and BY_NAME[name].write_only]
        if hidden:
            raise InputError([f"{', '.join(hidden)}: {NEEDS_KEY}"])

    def _scalars(self, change: Change, applied: AppliedRecord) -> None:
        config, live = change.config, change.before
        for row in self._compared:
            wanted = config.scalar(row.name)
            if wanted is not None:
                self._scalar(change, applied, row, wanted, live.scalar(row.name))
        if "host" in change.writes:
            # Zabbix makes a technical name that comes alone the visible name too (measured on 6.0 and 7.0)
            change.writes.setdefault("name", live.name)
        words = {change.writes.get("tls_connect"), *str(change.writes.get("tls_accept", "")).split(", ")}
        pair = [name for name in ("tls_psk_identity", "tls_psk") if name in config.more]
        if "psk" in words or any(name in change.writes for name in pair):
            # Zabbix empties the key when encryption is switched off, and wants both to switch it on
            change.writes.update({name: config.more[name] for name in pair})

    def _scalar(self, change: Change, applied: AppliedRecord, row: Attribute, wanted: str | Secret, live: str) -> None:
        plain = wanted.value if isinstance(wanted, Secret) else plain_text(wanted)
        given = applied.scalars.get(row.name)
        same_as_applied = given == value_digest(wanted if isinstance(wanted, Secret) else plain, self.key)
        if (same_as_applied and given is not None) if row.write_only else plain == plain_text(live):
            return
        reason = DRIFTED if same_as_applied else PENDING
        before: str | None = live
        after = plain
        if row.secret:
            before, after = masked(live), masked(wanted)
        if row.write_only:
            before = None if given is None else "another one"
        origin = change.config.origins.get(row.name, "")
        change.differences.append(Difference(row.name, "", before, after, reason, origin))
        change.writes[row.name] = wanted

    def _monitored_by(self, change: Change, applied: AppliedRecord) -> None:
        config, live = change.config, change.before
        monitor = change.target.monitor
        if monitor is None or monitor == live.monitor:
            return
        before, after = self.settings.monitor_name(*live.monitor), self.settings.monitor_name(*monitor)
        reason = DRIFTED if applied.scalars.get("monitored_by") == digest(":".join(monitor)) else PENDING
        origin = config.origins.get("monitored_by", "")
        change.differences.append(Difference("monitored_by", "", before, after, reason, origin))
        change.writes["monitored_by"] = monitor

    def _groups(self, change: Change, applied: AppliedRecord) -> None:
        config, target, live = change.config, change.target, change.before
        given_up = self._given_up("groups", live.groups - target.groups, applied.groups.__contains__)
        lacking = target.groups - live.groups
        if not (given_up or lacking or target.missing_groups):
            return
        for groupid in lacking:
            self._added(change, "groups", self.settings.group_name(groupid), groupid in applied.groups)
        for name in target.missing_groups:
            origin = config.origins.get(f"groups/{name}", "")
            change.differences.append(Difference("groups", name, None, f"{name} (new host group)", PENDING, origin))
        for groupid in given_up:
            self._taken(change, "groups", self.settings.group_name(groupid), groupid in applied.groups)
        change.writes["groups"] = (live.groups - given_up) | target.groups

    def _templates(self, change: Change, applied: AppliedRecord) -> None:
        target, live = change.target, change.before
        given_up = self._given_up("templates", live.templates - target.templates, applied.templates.__contains__)
        lacking = target.templates - live.templates
        if not (given_up or lacking):
            return
        for templateid in lacking:
            self._added(change, "templates", self.settings.template_name(templateid), templateid in applied.templates)
        for templateid in given_up:
            self._taken(change, "templates", self.settings.template_name(templateid), templateid in applied.templates)
        change.writes["templates"] = (live.templates - given_up) | target.templates
        change.weight = self.resolver.weight(lacking)
        if given_up and self.clear:
            change.writes["templates_clear"] = frozenset(given_up)
            change.cleared_items = self.resolver.weight(frozenset(given_up))

    def _taken(self, change: Change, attribute: str, name: str, given_before: bool) -> None:
        """Note an element that goes: one that we gave and no longer want, or one that others added where all is
        ours.
        """
        change.differences.append(Difference(attribute, name, name, None, PENDING if given_before else DRIFTED))

    def _added(self, change: Change, attribute: str, name: str, given_before: bool) -> None:
        reason = DRIFTED if given_before else PENDING
        origin = change.config.origins.get(f"{attribute}/{name}", "")
        change.differences.append(Difference(attribute, name, None, name, reason, origin))

    def _marks(self, config: HostConfig) -> frozenset[tuple[str, str]]:
        return frozenset({(TAG_INSTANCE, self.instance), (TAG_ID, config.ref)})

    def _tags(self, config: HostConfig) -> frozenset[tuple[str, str]]:
        return config.tags | self._marks(config)

    def _compare_tags(self, change: Change, applied: AppliedRecord) -> None:
        live = change.before
        wanted = self._tags(change.config) if self._owned("tags") else self._marks(change.config)
        given_up: set[tuple[str, str]] = set()
        if self._owned("tags"):
            given_up = self._given_up("tags", live.tags - wanted, lambda pair: _tag_digest(pair) in applied.tags)
        # a host that is taken over from another object is no longer that one's
        given_up |= {pair for pair in live.tags - wanted if pair[0] == TAG_ID}
        lacking = wanted - live.tags
        if not (given_up or lacking):
            return
        for pair in sorted(lacking):
            reason = DRIFTED if _tag_digest(pair) in applied.tags else PENDING
            origin = change.config.origins.get(f"tags/{pair[0]}/{pair[1]}", "")
            change.differences.append(Difference("tags", pair[0], None, pair[1], reason, origin))
        for pair in sorted(given_up):
            reason = PENDING if _tag_digest(pair) in applied.tags else DRIFTED
            change.differences.append(Difference("tags", pair[0], pair[1], None, reason))
        change.writes["tags"] = (live.tags - given_up) | wanted

    def _inventory(self, change: Change, applied: AppliedRecord) -> None:
        config, live = change.config, change.before
        if (config.inventory_mode or live.inventory_mode) == "disabled":
            return  # there is none then, and Zabbix takes none
        values: dict[str, str] = {}
        for name, given in config.inventory.items():
            before, wanted = live.inventory.get(name, ""), plain_text(given)
            if before != wanted:
                reason = DRIFTED if applied.inventory.get(name) == digest(wanted) else PENDING
                origin = config.origins.get(f"inventory/{name}", "")
                change.differences.append(Difference("inventory", name, before or None, wanted or None, reason, origin))
                values[name] = wanted
        extra = live.inventory.keys() - config.inventory.keys()
        ours = self._given_up(
            "inventory", extra, lambda name: applied.inventory.get(name) == digest(live.inventory[name])
        )
        for name in sorted(ours):
            reason = PENDING if name in applied.inventory else DRIFTED
            change.differences.append(Difference("inventory", name, live.inventory[name], None, reason))
            values[name] = ""
        if values:
            change.writes["inventory"] = values

    def _macros(self, change: Change, applied: AppliedRecord) -> None:
        """Compare macros, the applied record among them: it is written in the same call as what it tells of."""
        config, live = change.config, change.before
        by_name = {macro.macro: macro for macro in live.macros if macro.macro not in OWN_MACROS}
        owned = self._owned("macros")
        writes: dict[str, dict[str, Any]] = {}
        for name, macro in sorted(config.macros.items()) if owned else ():
            before = by_name.get(name)
            given = applied.macros.get(digest(name)) == macro_digest(
                macro.value, macro.type, macro.description, self.key
            )
            if before is not None and _same_macro(before, macro, given):
                continue
            reason = DRIFTED if given else PENDING
            origin = config.origins.get(f"macros/{name}", "")
            change.differences.append(Difference("macros", name, _shown(before), _wanted(macro), reason, origin))
            writes[name] = _macro(name, macro)
            if before:
                writes[name]["hostmacroid"] = before.hostmacroid
        extra = by_name.keys() - config.macros.keys() if owned else set()
        given_up = self._given_up("macros", extra, lambda name: digest(name) in applied.macros)
        for name in sorted(given_up):
            reason = PENDING if digest(name) in applied.macros else DRIFTED
            change.differences.append(Difference("macros", name, _shown(by_name[name]), None, reason))
        if change.record is not None and change.record != live.applied and not change.differences:
            # nothing else differs: our record alone is missing, damaged or of elements that are already right
            before_text = "outdated" if live.applied else None
            change.differences.append(Difference("record", "", before_text, "current", PENDING))
        if writes or given_up:
            kept = [
                {"hostmacroid": macro.hostmacroid}
                for name, macro in by_name.items()
                if name not in writes and name not in given_up
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

    for row in SCALARS:
        value = change.writes.get(row.name)
        if value is not None:
            add(row.name, "", masked(value) if row.secret else str(value))
    if "monitored_by" in change.writes:
        add("monitored_by", "", settings.monitor_name(*change.writes["monitored_by"]))
    for name in sorted(config.groups):
        add(
            "groups",
            name,
            f"{name} (new host group)" if name in change.target.missing_groups else name,
            f"groups/{name}",
        )
    if "templates" in change.writes:
        for name in sorted(config.templates):
            add("templates", name, name, f"templates/{name}")
    if "interfaces" in change.writes:
        for interface in config.interfaces:
            add("interfaces", interface.key, shown(interface), f"interfaces/{interface.key}")
    for tag, value in sorted(change.writes["tags"]):
        if tag not in (TAG_INSTANCE, TAG_ID):
            add("tags", tag, value, f"tags/{tag}/{value}")
    for name in sorted(config.macros) if "macros" in change.writes else ():
        add("macros", name, _wanted(config.macros[name]), f"macros/{name}")
    for name, value in sorted(change.writes.get("inventory", {}).items()):
        add("inventory", name, value, f"inventory/{name}")
    return found


def parse_ownership(given: Mapping[str, str] | None) -> dict[str, str]:
    """Return what becomes of each attribute that a person named. Raises InputError with all that is wrong."""
    problems: list[str] = []
    for name, mode in (given or {}).items():
        row = BY_NAME.get(name)
        if row is None:
            problems.append(f'netbox_zabbix_ownership: there is no attribute "{name}".{nearest(name, BY_NAME)}')
        elif mode not in row.modes:
            problems.append(
                f'netbox_zabbix_ownership.{name}: "{mode}" is none of {", ".join(row.modes)}.'
                f"{nearest(str(mode), row.modes)}"
            )
    if problems:
        raise InputError(problems)
    return dict(given or {})


def _same_macro(before: LiveMacro, macro: Macro, given: bool) -> bool:
    # Zabbix never tells the value of a secret one: what we gave last has to do
    same_value = given if macro.type == "secret" else before.value == macro.value
    return before.type == macro.type and same_value and before.description == macro.description


def _shown(macro: LiveMacro | None) -> str | None:
    return None if macro is None else _hidden(macro.value)


def _wanted(macro: Macro) -> str:
    return MASK if macro.type == "secret" else str(macro.value)


def _hidden(value: str | None) -> str:
    return MASK if value is None else value


def _tag_digest(pair: tuple[str, str]) -> str:
    return digest(f"{pair[0]}\0{pair[1]}")


def _macro(name: str, macro: Macro) -> dict[str, Any]:
    return {"macro": name, "value": macro.value, "type": macro.type, "description": macro.description}
