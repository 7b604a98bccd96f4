"""A Zabbix and a NetBox in memory, as the import reads them, and a short way to run it."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection, ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_cache import cache_name
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_import import (
    ImportOptions,
    ImportResult,
    import_settings,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.failures import Refused
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import ZabbixUser

ZABBIX = "https://zabbix.invalid/api_jsonrpc.php"
AGENT, TRAPPER, SIMPLE, SNMP = "0", "2", "3", "20"
Row = dict[str, Any]


@dataclass
class FakeTemplate:
    """`items`, `prototypes`: key -> type. `depends`: id of a template that a trigger of this one depends on."""

    name: str
    host: str = ""
    uuid: str = ""
    groups: list[str] = field(default_factory=lambda: ["1"])
    parents: list[str] = field(default_factory=list)
    macros: dict[str, str] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    prototypes: dict[str, str] = field(default_factory=dict)
    depends: str = ""


class FakeZabbix:
    """Answers batches of reads as 7.0 does, or 6.0. `users`: parameter of host.get and id -> hosts that use it."""

    def __init__(self, release: tuple[int, int] = (7, 0)) -> None:
        self.release = release
        self.connection = ZabbixConnection("https://zabbix.invalid", token="token")
        self.token_end: Any = None
        self.user = ZabbixUser("1", "Admin", 3, "3", "default")
        self.clock_offset = 0.0
        #: when the token ends, as Zabbix tells it
        self.expires_at = "0"
        self.templates: dict[str, FakeTemplate] = {}
        self.template_groups = {"1": "Templates/Network", "2": "Templates/Applications"}
        self.host_groups = {"4": "Zabbix servers", "5": "Linux servers"}
        self.proxies: dict[str, Row] = {}
        self.proxy_groups: dict[str, str] = {}
        self.global_macros = {"1": "{$SNMP_COMMUNITY}"}
        self.users: dict[tuple[str, str], list[str]] = {}
        self.requests: Counter[str] = Counter()
        self.refuse: set[str] = set()
        #: raised by the request of this number
        self.breaks: dict[int, Exception] = {}
        self.methods: list[str] = []

    def close(self) -> None:
        """Nothing is open."""

    def batch(self, calls: Sequence[tuple[str, Any]]) -> list[Any]:
        if not calls:
            return []
        self.requests[f"{calls[0][0]}[]"] += 1
        if sum(self.requests.values()) in self.breaks:
            raise self.breaks[sum(self.requests.values())]
        return [self._answer(method, params) for method, params in calls]

    def _answer(self, method: str, params: Row) -> Any:
        self.methods.append(method)
        if method in self.refuse:
            return ZabbixError(f'{method}: No permissions to call "{method}".')
        return getattr(self, "_" + method.replace(".", "_"))(params)

    def _token_get(self, params: Row) -> list[Row]:
        assert params["token"] == "token"
        return [{"expires_at": self.expires_at}]

    def _template_get(self, params: Row) -> list[Row]:
        key = "templategroups" if "selectTemplateGroups" in params else "groups"
        assert (key == "groups") == (self.release < (6, 2))
        return [
            {
                "templateid": one,
                "host": template.host or template.name,
                "name": template.name,
                "uuid": template.uuid,
                key: [{"groupid": group} for group in template.groups],
                "parentTemplates": [{"templateid": parent} for parent in template.parents],
                "macros": [
                    {"macro": macro, "description": text, "type": "0"} for macro, text in template.macros.items()
                ],
                "items": str(len(template.items)),
                **({"vendor_name": "Zabbix", "vendor_version": "7.0-2"} if self.release >= (6, 4) else {}),
            }
            for one, template in self.templates.items()
        ]

    def _hostgroup_get(self, params: Row) -> list[Row]:
        return [{"groupid": one, "name": name, "uuid": "", "flags": "0"} for one, name in self.host_groups.items()]

    def _templategroup_get(self, params: Row) -> list[Row]:
        return [{"groupid": one, "name": name, "uuid": ""} for one, name in self.template_groups.items()]

    def _proxy_get(self, params: Row) -> list[Row]:
        return [{"proxyid": one, "lastaccess": "1", **row} for one, row in self.proxies.items()]

    def _proxygroup_get(self, params: Row) -> list[Row]:
        return [{"proxy_groupid": one, "name": name} for one, name in self.proxy_groups.items()]

    def _usermacro_get(self, params: Row) -> list[Row]:
        return [
            {"globalmacroid": one, "macro": macro, "description": "", "type": "0"}
            for one, macro in self.global_macros.items()
        ]

    def _asked(self, params: Row) -> Iterator[tuple[str, FakeTemplate]]:
        return ((one, self.templates[one]) for one in params["templateids"] if one in self.templates)

    def _item_get(self, params: Row) -> list[Row]:
        return [
            {"hostid": one, "key_": key, "type": kind, "inventory_link": "0"}
            for one, template in self._asked(params)
            for key, kind in template.items.items()
        ]

    def _itemprototype_get(self, params: Row) -> list[Row]:
        return [
            {"hostid": one, "key_": key, "type": kind}
            for one, template in self._asked(params)
            for key, kind in template.prototypes.items()
        ]

    def _trigger_get(self, params: Row) -> list[Row]:
        if "triggerids" in params:
            return [{"triggerid": one, "hosts": [{"hostid": one[1:]}]} for one in params["triggerids"]]
        return [
            {
                "triggerid": f"9{one}",
                "description": "down",
                "dependencies": [{"triggerid": f"9{template.depends}"}] if template.depends else [],
                "hosts": [{"hostid": one}],
            }
            for one, template in self._asked(params)
        ]

    def _discoveryrule_get(self, params: Row) -> list[Row]:
        return []

    _triggerprototype_get = _discoveryrule_get

    def _host_get(self, params: Row) -> Any:
        (by,) = [key for key in params if key.endswith("ids")]
        hosts = self.users.get((by, params[by][0]), [])
        return str(len(hosts)) if params.get("countOutput") else [{"host": one} for one in hosts[: params["limit"]]]


class FakeNetBox:
    """NetBox's choice sets, custom fields, config contexts, and sites that hold choices."""

    version = (4, 6, 8)
    connection = NetBoxConnection("https://netbox.invalid", "nbt_key.secret")
    clock_offset = 0.0

    def __init__(self) -> None:
        #: when the token ends
        self.expires: str | None = None
        self.sets: dict[int, Row] = {}
        self.sites: list[Row] = []
        self.contexts: list[Row] = []
        #: path -> devices or virtual machines with a context of their own
        self.own_contexts: dict[str, list[Row]] = {}
        self.requests: Counter[str] = Counter()
        self.patches: list[Row] = []
        #: choices that objects hold which the token does not see
        self.held_unseen: set[str] = set()

    def add_set(self, name: str, *choices: str, colors: Mapping[str, str] | None = None) -> None:
        rows = [[one, one] for one in choices]
        self.sets[len(self.sets) + 1] = {"name": name, "extra_choices": rows, "choice_colors": dict(colors or {})}

    def choices(self, name: str) -> list[str]:
        (found,) = [one for one in self.sets.values() if one["name"] == name]
        return [value for value, label in found["extra_choices"]]

    def pages(self, path: str, params: Row) -> Iterator[list[Row]]:
        self.requests[f"GET {path}"] += 1
        if path == "extras/custom-field-choice-sets/":
            yield [{"id": number, **row} for number, row in self.sets.items()]
        elif path == "extras/custom-fields/":
            yield [
                {"name": row["name"], "object_types": ["dcim.site", "extras.tag"], "choice_set": {"id": number}}
                for number, row in self.sets.items()
            ]
        elif path == "users/tokens/":
            assert params == {"key": "key"}
            yield [{"key": "key", "expires": self.expires, "write_enabled": True}]
        elif path == "extras/config-contexts/":
            yield self.contexts
        elif params.get("local_context_data"):
            assert params["exclude"] == "config_context"
            yield self.own_contexts.get(path, [])
        else:
            assert path == "dcim/sites/"
            (key,) = [key for key in params if key.startswith("cf_")]
            assert len(str(params[key])) < 4000
            yield self.sites

    def patch(self, path: str, payload: Row) -> None:
        row = self.sets[int(path.strip("/").rsplit("/", 1)[1])]
        values = {value for value, label in payload["extra_choices"]}
        gone = sorted({value for value, label in row["extra_choices"]} & self.held_unseen - values)
        if gone:
            raise Refused("refused", 400, f"Cannot remove choice {gone[0]} as there are objects which reference it.")
        assert values
        self.patches.append({"set": row["name"], **payload})
        row.update({key: value for key, value in payload.items() if key in row})


@dataclass
class Sides:
    """Both sides, and the folder of the state store."""

    folder: Path
    zabbix: FakeZabbix = field(default_factory=FakeZabbix)
    netbox: FakeNetBox = field(default_factory=FakeNetBox)
    progress: list[str] = field(default_factory=list)

    @property
    def cache(self) -> Path:
        return self.folder / "state" / f"{cache_name(ZABBIX)}.gz"

    def cached(self) -> dict[str, Any]:
        """Return what the cache has, by kind."""
        return json.loads(gzip.decompress(self.cache.read_bytes()))["content"]["kinds"]

    def run(self, **options: Any) -> ImportResult:
        self.netbox.patches.clear()
        self.zabbix.requests.clear()
        return import_settings(
            NetBoxConnection("https://netbox.invalid", "token"),
            ZabbixConnection(ZABBIX, "token"),
            ImportOptions(**{"state_store": str(self.folder / "state"), **options}),
            self.progress.append,
        )
