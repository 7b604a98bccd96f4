"""A Zabbix in memory that fails as it is told to: it takes the calls that `apply` makes and answers as 7.0 does."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils import interrupts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.attribute_table import BY_NAME, MORE
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import OutcomeUnknown, ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.client import NotAuthorised, NotSent
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import (
    INTERFACE_TYPES,
    MACRO_TYPES,
    ZabbixHost,
)
from unit.reconcile.samples import GROUPS, TEMPLATES, Refused, written

#: a fault takes the call and how to carry it out, and returns an answer or raises
Fault = Callable[[Callable[[], Any]], Any]


def lost(carry_out: Callable[[], Any]) -> Any:
    """The request was carried out, its answer was lost."""
    carry_out()
    raise OutcomeUnknown("the answer was lost")


def cut(carry_out: Callable[[], Any]) -> Any:
    """The connection broke before anything was done, and nobody can know."""
    raise OutcomeUnknown("the connection broke")


def away(carry_out: Callable[[], Any]) -> Any:
    raise NotSent("Zabbix cannot be reached")


def expired(carry_out: Callable[[], Any]) -> Any:
    raise NotAuthorised("API token expired.")


def well(carry_out: Callable[[], Any]) -> Any:
    return carry_out()


def failing(message: str) -> Fault:
    def fault(carry_out: Callable[[], Any]) -> Any:
        raise ZabbixError(message)

    return fault


class FakeZabbix:
    """`faults`: method (batches as `host.update[]`) -> what happens to its next calls; then all goes well.

    `refuse`: what is wrong with one host's parameters; `name_offender`: how an array's error tells which one it means.
    """

    def __init__(self, hosts: Sequence[ZabbixHost] = (), release: tuple[int, int] = (7, 0)) -> None:
        self.release = release
        self.version = ".".join(map(str, (*release, 22)))
        #: a session of a user: it has no token whose end could be asked for
        self.connection = ZabbixConnection("https://zabbix.invalid")
        self.token_end = None
        self.clock_offset = 0.0
        self.hosts = {host.hostid: host for host in hosts}
        self.groups = dict(GROUPS)
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.refuse: Callable[[dict[str, Any]], str | None] = lambda host: None
        self.name_offender: Callable[[int, dict[str, Any], str], str] = lambda at, host, text: text
        self.log: list[tuple[str, int]] = []
        self.requests: Counter[str] = Counter()
        #: interface id -> how many items use it
        self.in_use: dict[str, str] = {}
        self._next = 20000
        #: asked before each write, as the real client does
        self.before_write: Callable[[], None] | None = None

    def fails(self, method: str, *faults: Fault) -> None:
        self.faults[method].extend(faults)

    # --- what `apply` uses

    def call(self, method: str, params: Any) -> Any:
        return self._request(method, lambda: self._method(method, params), len(params))

    def batch(self, calls: Sequence[tuple[str, Any]]) -> list[Any]:
        def carry_out() -> list[Any]:
            answers: list[Any] = []
            for method, params in calls:
                try:
                    answers.append(self._method(method, params))
                except ZabbixError as error:
                    answers.append(error)
            return answers

        if not calls:
            return []
        return self._request(f"{calls[0][0]}[]", carry_out, len(calls))

    def close(self) -> None:
        """Nothing is open."""

    def _request(self, name: str, carry_out: Callable[[], Any], size: int) -> Any:
        if self.before_write is not None and not name.rstrip("[]").endswith(".get"):
            self.before_write()
        interruption = interrupts.interruption()
        if interruption:
            raise NotSent(interruption)
        self.log.append((name, size))
        self.requests[name] += 1
        fault = self.faults[name].popleft() if self.faults[name] else well
        return fault(carry_out)

    def _method(self, method: str, params: Any) -> Any:
        known = getattr(self, "_" + method.replace(".", "_"), None)
        if known is None and method.endswith(".get"):
            return []  # there is nothing of what no test is about
        return known(params)

    # --- methods of the API

    def _host_create(self, hosts: list[dict[str, Any]]) -> dict[str, list[str]]:
        made: dict[str, ZabbixHost] = {}
        for at, host in enumerate(hosts):
            hostid = str(self._next + at)
            try:
                self._check(host, hostid, made)
                made[hostid] = written(host, None, self.release, hostid)
            except Refused as error:
                text = self.name_offender(at, host, str(error)) if len(hosts) > 1 else str(error)
                raise ZabbixError(text, -32500) from None
        self._next += len(hosts)
        self.hosts |= made
        return {"hostids": list(made)}

    def _host_update(self, host: dict[str, Any]) -> dict[str, list[str]]:
        before = self.hosts.get(host["hostid"])
        if before is None:
            raise ZabbixError("No permissions to referred object or it does not exist!", -32500)
        try:
            self._check(host, before.hostid, {})
            self.hosts[before.hostid] = written(host, before, self.release)
        except Refused as error:
            raise ZabbixError(str(error), -32500) from None
        return {"hostids": [before.hostid]}

    def _host_delete(self, ids: list[str]) -> dict[str, list[str]]:
        if not set(ids) <= self.hosts.keys():
            raise ZabbixError("No permissions to referred object or it does not exist!", -32500)
        for hostid in ids:
            del self.hosts[hostid]
        return {"hostids": ids}

    def _check(self, host: dict[str, Any], hostid: str, made: dict[str, ZabbixHost]) -> None:
        problem = self.refuse(host)
        if problem:
            raise Refused(problem)
        for other in (*self.hosts.values(), *made.values()):
            for attribute, what in (("host", "name"), ("name", "visible name")):
                if other.hostid != hostid and host.get(attribute) == getattr(other, attribute):
                    raise Refused(f'Host with the same {what} "{host[attribute]}" already exists.')

    def _host_get(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        found = list(self.hosts.values())
        if "hostids" in params:
            found = [host for host in found if host.hostid in params["hostids"]]
        wanted = defaultdict(set)
        for tag in params.get("tags", []):
            wanted[tag["tag"]].add(tag["value"])
        found = [host for host in found if all(set(host.tag(name)) & values for name, values in wanted.items())]
        names = params.get("filter", {})
        if params.get("searchByAny"):
            found = [host for host in found if host.host in names["host"] or host.name in names["name"]]
        return [self._as_read(host, set(params.get("selectInventory", ()))) for host in found]

    def _as_read(self, host: ZabbixHost, fields: set[str]) -> dict[str, Any]:
        code = {word: number for table in (INTERFACE_TYPES, MACRO_TYPES) for number, word in table.items()}
        kind, monitor = host.monitor
        return {
            "hostid": host.hostid,
            "host": host.host,
            "name": host.name,
            "status": "0" if host.status == "enabled" else "1",
            "maintenance_status": "0",
            "description": host.description,
            "inventory_mode": BY_NAME["inventory_mode"].encode(host.inventory_mode),
            **{row.api: row.encode(host.scalar(row.name)) for row in MORE if not row.write_only},
            "monitored_by": {"server": "0", "proxy": "1", "proxy_group": "2"}[kind],
            "proxyid": monitor if kind == "proxy" else "0",
            "proxy_groupid": monitor if kind == "proxy_group" else "0",
            "proxy_hostid": monitor if kind == "proxy" else "0",
            "hostgroups": [{"groupid": groupid} for groupid in host.groups],
            "groups": [{"groupid": groupid} for groupid in host.groups],
            "parentTemplates": [{"templateid": templateid} for templateid in host.templates],
            "tags": [{"tag": tag, "value": value} for tag, value in host.tags],
            "macros": [
                {
                    "hostmacroid": macro.hostmacroid,
                    "macro": macro.macro,
                    "type": code[macro.type],
                    "description": macro.description,
                    **({} if macro.value is None else {"value": macro.value}),
                }
                for macro in host.macros
            ],
            "inventory": {name: value for name, value in host.inventory.items() if name in fields} or [],
            "interfaces": [
                {
                    "available": "0",
                    "error": "",
                    "errors_from": "0",
                    "interfaceid": one.interfaceid,
                    "type": code[one.type],
                    "main": str(int(one.main)),
                    "useip": str(int(one.use_ip)),
                    "ip": one.ip,
                    "dns": one.dns,
                    "port": one.port,
                    "details": dict(one.details) or [],
                }
                for one in host.interfaces
            ],
        }

    def _hostgroup_create(self, groups: Any) -> dict[str, list[str]]:
        groups = groups if isinstance(groups, list) else [groups]
        for group in groups:
            if group["name"] in self.groups:
                raise ZabbixError(f'Host group "{group["name"]}" already exists.')
        for group in groups:
            self.groups[group["name"]] = str(300 + len(self.groups))
        return {"groupids": [self.groups[group["name"]] for group in groups]}

    def _hostgroup_get(self, params: dict[str, Any]) -> list[dict[str, str]]:
        names = params.get("filter", {}).get("name", self.groups)
        return [{"groupid": self.groups[name], "name": name} for name in names if name in self.groups]

    def _hostinterface_get(self, params: dict[str, Any]) -> list[dict[str, str]]:
        return [{"interfaceid": one, "items": self.in_use.get(one, "0")} for one in params["interfaceids"]]

    def _template_get(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "templateid": templateid,
                "host": name,
                "name": name,
                "parentTemplates": [{"templateid": parent} for parent in parents],
                "items": str(items),
            }
            for name, (templateid, parents, items) in TEMPLATES.items()
        ]

    def _proxy_get(self, params: dict[str, Any]) -> list[dict[str, str]]:
        return []

    _proxygroup_get = _proxy_get
