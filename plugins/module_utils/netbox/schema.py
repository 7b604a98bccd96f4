# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the collection keeps in NetBox beside the objects: custom fields, their choices, and what makes them handy.

One row for each thing. Names of custom fields and choice sets are what the jobs look for; all else is for people.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

#: stands in whatever was made by the collection, and in nothing else: `state: absent` goes by it
MARK = "[netops.netbox_zabbix]"
#: NetBox wants a choice in every choice set. Who picks this one is told by the sync that there is no such template.
PLACEHOLDER = "run import.yml first"

HOSTS = ("dcim.device", "virtualization.virtualmachine")
CONTEXT = "dcim.virtualdevicecontext"
#: what gives its hosts templates, groups and proxies (policy/custom_fields.py reads them)
CARRIERS = ("dcim.devicetype", "dcim.devicerole", "dcim.platform", "dcim.site", "virtualization.cluster")
#: where the objects of a type are, to find the values that would be lost
PATHS = {
    "dcim.device": "dcim/devices/",
    "virtualization.virtualmachine": "virtualization/virtual-machines/",
    CONTEXT: "dcim/virtual-device-contexts/",
    "dcim.devicetype": "dcim/device-types/",
    "dcim.devicerole": "dcim/device-roles/",
    "dcim.platform": "dcim/platforms/",
    "dcim.site": "dcim/sites/",
    "virtualization.cluster": "virtualization/clusters/",
}

STATUS_SET = "zabbix_sync_status"
#: choice sets that the import job fills from Zabbix
TEMPLATES, HOST_GROUPS, PROXIES, PROXY_GROUPS = FILLED = (
    "zabbix_templates",
    "zabbix_host_groups",
    "zabbix_proxies",
    "zabbix_proxy_groups",
)
STATUSES = ("in_sync", "pending", "drifted", "both", "missing", "excluded", "archived", "conflict", "failed")
#: saved filter -> statuses that it shows
_SHOWN = {"drifted": ("drifted", "both"), "failed": ("failed", "conflict")}


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of thing that NetBox has. `marked`: the attribute with our mark in it.

    Attributes that are in no list are given when the thing is made, and then left to people.
    `fixed`: can not become right, since values would be lost; must be as declared whoever made it.
    `kept`: kept as declared where we made it.
    `added`: lists; what they lack is added, what people added stays.
    """

    noun: str
    path: str
    marked: str
    fixed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


CHOICE_SET = Kind(
    "choice set", "extras/custom-field-choice-sets/", "description", kept=("description",), added=("extra_choices",)
)
CUSTOM_FIELD = Kind(
    "custom field",
    "extras/custom-fields/",
    "description",
    fixed=("type", "choice_set"),
    kept=("label", "group_name", "description"),
    added=("object_types",),
)
PROFILE = Kind(
    "config-context profile", "extras/config-context-profiles/", "description", kept=("description", "schema")
)
SAVED_FILTER = Kind(
    "saved filter",
    "extras/saved-filters/",
    "description",
    kept=("description", "parameters"),
    added=("object_types",),
)
#: has no description: the mark is a comment in the template of its text
CUSTOM_LINK = Kind(
    "custom link", "extras/custom-links/", "link_text", kept=("link_text", "link_url"), added=("object_types",)
)
WEBHOOK = Kind("webhook", "extras/webhooks/", "description", kept=("description", "payload_url"))
EVENT_RULE = Kind(
    "event rule", "extras/event-rules/", "description", kept=("description", "event_types"), added=("object_types",)
)
#: in the order in which they are made: custom fields refer to choice sets, event rules to webhooks
KINDS = (CHOICE_SET, CUSTOM_FIELD, PROFILE, SAVED_FILTER, CUSTOM_LINK, WEBHOOK, EVENT_RULE)
#: kinds that are there only where they are asked for
ON_DEMAND = (WEBHOOK, EVENT_RULE)


@dataclass(frozen=True, slots=True)
class Declared:
    """One thing that should be there. `values`: as NetBox takes them, a choice set by its name.

    `left`: attributes that another job sees to once the thing is made.
    """

    kind: Kind
    name: str
    values: Mapping[str, Any]
    left: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind.noun} {self.name}"


def _choice_set(name: str, description: str, choices: Iterable[str]) -> Declared:
    pairs = [[word, word.replace("_", " ").capitalize()] for word in choices]
    return Declared(CHOICE_SET, name, {"description": f"{description} {MARK}", "extra_choices": pairs})


def _filled_set(name: str, what: str) -> Declared:
    """Return a choice set whose choices the import job sees to."""
    description = f"{what} of Zabbix, filled by the import. {MARK}"
    values = {"description": description, "extra_choices": [[PLACEHOLDER, PLACEHOLDER]]}
    return Declared(CHOICE_SET, name, values, left=("extra_choices",))


def _field(
    name: str,
    kind: str,
    label: str,
    description: str,
    choices: str | None = None,
    *,
    carried: bool = False,
    **more: Any,
) -> Declared:
    values = {
        "type": kind,
        "object_types": [*HOSTS, *CARRIERS] if carried else [*HOSTS],
        "label": label,
        "group_name": "Zabbix",
        "description": f"{description} {MARK}",
        "choice_set": choices,
        **more,
    }
    return Declared(CUSTOM_FIELD, name, values)


#: what the sync writes and people only read
_READ_ONLY: dict[str, Any] = {"ui_editable": "no"}
#: what people pick, and mean for a copy of an object as well
_PICKED: dict[str, Any] = {"is_cloneable": True, "carried": True}

CHOICE_SETS = (
    _choice_set(STATUS_SET, "How an object stands in Zabbix.", STATUSES),
    _filled_set(TEMPLATES, "Templates"),
    _filled_set(HOST_GROUPS, "Host groups"),
    _filled_set(PROXIES, "Proxies"),
    _filled_set(PROXY_GROUPS, "Proxy groups"),
)
CUSTOM_FIELDS = (
    _field("zabbix_hostid", "integer", "Zabbix host id", "Id of the host in Zabbix.", weight=100),
    _field(
        "zabbix_sync_status",
        "select",
        "Zabbix status",
        "Whether its host in Zabbix is as it should be.",
        STATUS_SET,
        weight=110,
        **_READ_ONLY,
    ),
    _field(
        "zabbix_sync_time", "datetime", "Zabbix status since", "When the status last changed.", weight=120, **_READ_ONLY
    ),
    _field(
        "zabbix_sync_detail",
        "longtext",
        "Zabbix status detail",
        "What differs, or why it failed.",
        weight=130,
        **_READ_ONLY,
    ),
    _field("zabbix_exclude", "boolean", "Not monitored", "Keeps it out of Zabbix.", weight=140, is_cloneable=True),
    _field(
        "zabbix_templates",
        "multiselect",
        "Zabbix templates",
        "Given besides those of the policy.",
        TEMPLATES,
        weight=150,
        **_PICKED,
    ),
    _field(
        "zabbix_host_groups",
        "multiselect",
        "Zabbix host groups",
        "Given besides those of the policy.",
        HOST_GROUPS,
        weight=160,
        **_PICKED,
    ),
    _field(
        "zabbix_proxy",
        "select",
        "Zabbix proxy",
        "In the place of the policy's. Not with a proxy group.",
        PROXIES,
        weight=170,
        **_PICKED,
    ),
    _field(
        "zabbix_proxy_group",
        "select",
        "Zabbix proxy group",
        "In the place of the policy's. Not with a proxy.",
        PROXY_GROUPS,
        weight=180,
        **_PICKED,
    ),
)


def _saved_filter(name: str, statuses: Sequence[str]) -> Declared:
    values = {
        "slug": f"zabbix-{name}",
        "object_types": [*HOSTS],
        "description": f"Objects whose Zabbix status is {' or '.join(statuses)}. {MARK}",
        "parameters": {"cf_zabbix_sync_status": [*statuses]},
        "shared": True,
    }
    return Declared(SAVED_FILTER, f"Zabbix: {name}", values)


SAVED_FILTERS = tuple(_saved_filter(name, statuses) for name, statuses in _SHOWN.items())

LINK_NAME = "Host in Zabbix"
#: the page of a host's latest data: its address has been the same from 6.0 on, unlike that of the host's form
_LATEST_DATA = "/zabbix.php?action=latest.view&filter_set=1&hostids[]={{ object.cf.zabbix_hostid }}"


def _custom_link(web: str) -> Declared:
    values = {
        "object_types": [*HOSTS],
        # NetBox shows no link that has no text
        "link_text": "{% if object.cf.zabbix_hostid %}Zabbix{% endif %}{# " + MARK + " #}",
        "link_url": web + _LATEST_DATA,
        "new_window": True,
    }
    return Declared(CUSTOM_LINK, LINK_NAME, values)


EVENTS_NAME = "netops.netbox_zabbix"


def _events(url: str) -> tuple[Declared, Declared]:
    """Return what tells `url` of each device and virtual machine that is made, changed or deleted.

    Secret, headers and body of the webhook are given to it by people, and stay.
    """
    webhook = {"description": f"Tells the jobs what changed. {MARK}", "payload_url": url, "http_method": "POST"}
    rule = {
        "object_types": [*HOSTS],
        "event_types": ["object_created", "object_updated", "object_deleted"],
        "description": f"Tells the jobs what changed. {MARK}",
        "action_type": "webhook",
        "action_object_type": "extras.webhook",
        "action_object": EVENTS_NAME,
    }
    return Declared(WEBHOOK, EVENTS_NAME, webhook), Declared(EVENT_RULE, EVENTS_NAME, rule)


def _profile(schema: Mapping[str, Any]) -> Declared:
    values = {
        "description": f"Checks the key zabbix of config contexts as it is typed. {MARK}",
        # as NetBox gives it back
        "schema": json.loads(json.dumps(schema)),
    }
    return Declared(PROFILE, "netops.netbox_zabbix", values)


def declaration(
    schema: Mapping[str, Any],
    web: str | None,
    *,
    virtual_device_contexts: bool = False,
    webhook_url: str = "",
) -> tuple[Declared, ...]:
    """Return all that should be there. `schema`: of config contexts. `web`: address of Zabbix's web interface, for the
    link to a host; there is none without it. `virtual_device_contexts`: whether they are hosts too. `webhook_url`: who
    is to be told of changes; nobody without it.
    """
    links = (_custom_link(web),) if web else ()
    events = _events(webhook_url) if webhook_url else ()
    declared = (*CHOICE_SETS, *CUSTOM_FIELDS, _profile(schema), *SAVED_FILTERS, *links, *events)
    return tuple(_also_on(CONTEXT, one) for one in declared) if virtual_device_contexts else declared


def _also_on(object_type: str, one: Declared) -> Declared:
    """Return a thing that is on objects as one that is on `object_type` too."""
    if "object_types" not in one.values:
        return one
    return replace(one, values={**one.values, "object_types": [*one.values["object_types"], object_type]})


def is_ours(kind: Kind, row: Mapping[str, Any]) -> bool:
    """Return whether the collection made what NetBox shows as `row`."""
    return MARK in (row.get(kind.marked) or "")
