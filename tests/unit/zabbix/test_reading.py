"""Hosts and settings as read from 6.0 and 7.0 become the same plain values."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import ZabbixConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import ZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix import hosts, versions
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import MACRO_APPLIED, LiveMacro
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.settings import read_settings


class Zabbix:
    """Answers from `answers` by method and keeps what it was asked."""

    def __init__(self, release: tuple[int, int], answers: dict[str, Any]) -> None:
        self.release = release
        self.connection = ZabbixConnection("https://zabbix.invalid")
        self.answers = answers
        self.asked: list[tuple[str, Any]] = []

    def call(self, method: str, params: Any) -> Any:
        self.asked.append((method, params))
        answer = self.answers[method]
        return answer(params) if callable(answer) else answer

    def batch(self, calls: list[tuple[str, Any]]) -> list[Any]:
        return [self.call(*call) for call in calls]


def raw(**changes: Any) -> dict[str, Any]:
    """A host as 7.0 gives it: all values are text."""
    return {
        "hostid": "10084",
        "host": "sw1",
        "name": "Switch 1",
        "status": "0",
        "description": "one\r\ntwo ",
        "inventory_mode": "0",
        "tls_connect": "2",
        "tls_accept": "3",
        "tls_issuer": "",
        "tls_subject": "",
        "ipmi_authtype": "-1",
        "ipmi_privilege": "2",
        "ipmi_username": "",
        "ipmi_password": "",
        "monitored_by": "0",
        "proxyid": "0",
        "proxy_groupid": "0",
        "hostgroups": [{"groupid": "2"}],
        "parentTemplates": [{"templateid": "100"}],
        "tags": [{"tag": "netbox_id", "value": "device:1"}, {"tag": "a", "value": ""}],
        "macros": [
            {"hostmacroid": "1", "macro": "{$A}", "value": "a", "type": "0", "description": "d", "automatic": "0"},
            {"hostmacroid": "2", "macro": "{$S}", "type": "1", "description": "", "automatic": "0"},
            {"hostmacroid": "3", "macro": MACRO_APPLIED, "value": "1|", "type": "0", "description": ""},
        ],
        "inventory": {"notes": "x\r\ny", "os": ""},
        "interfaces": [
            {
                "interfaceid": "5",
                "type": "2",
                "main": "1",
                "useip": "0",
                "ip": "",
                "dns": "sw1",
                "port": "161",
                "details": {"version": "2", "bulk": "1", "community": "{$C}"},
            },
            {
                "interfaceid": "6",
                "type": "1",
                "main": "0",
                "useip": "1",
                "ip": "10.0.0.1",
                "dns": "",
                "port": "10050",
                "details": [],
            },
        ],
        **changes,
    }


def read(release: tuple[int, int] = (7, 0), **changes: Any) -> Any:
    host = raw(**changes)
    if release < (7, 0):
        host["proxy_hostid"] = changes.get("proxyid", "0")
        host["groups"] = host.pop("hostgroups")
        for name in ("monitored_by", "proxyid", "proxy_groupid"):
            del host[name]
    (found,) = hosts.read_hosts(Zabbix(release, {"host.get": [host]}), ["10084"], ["notes", "os"])
    return found


@pytest.mark.parametrize("release", [(6, 0), (7, 0), (8, 0)])
def test_a_host_is_the_same_on_all_releases(release: tuple[int, int]) -> None:
    host = read(release)
    assert (host.hostid, host.host, host.name, host.status) == ("10084", "sw1", "Switch 1", "enabled")
    assert host.description == "one\ntwo"
    assert (host.groups, host.templates, host.monitor) == ({"2"}, {"100"}, ("server", "0"))
    assert host.tag("netbox_id") == ["device:1"]
    assert host.macros[1] == LiveMacro("2", "{$S}", "secret", None, "")
    assert host.applied == "1|"
    assert (host.inventory_mode, host.inventory) == ("manual", {"notes": "x\ny"})
    snmp, agent = host.interfaces
    assert (snmp.type, snmp.main, snmp.use_ip, snmp.dns) == ("snmp", True, False, "sw1")
    assert snmp.details == (("bulk", "1"), ("community", "{$C}"), ("version", "2"))
    assert (agent.type, agent.main, agent.details) == ("agent", False, ())


@pytest.mark.parametrize(
    ("release", "changes", "expected"),
    [
        ((6, 0), {"proxyid": "0"}, ("server", "0")),
        ((6, 0), {"proxyid": "7"}, ("proxy", "7")),
        ((7, 0), {"monitored_by": "1", "proxyid": "7"}, ("proxy", "7")),
        ((7, 0), {"monitored_by": "2", "proxy_groupid": "5"}, ("proxy_group", "5")),
        ((7, 0), {"monitored_by": "0"}, ("server", "0")),
    ],
)
def test_by_whom_it_is_monitored(release: tuple[int, int], changes: Any, expected: tuple[str, str]) -> None:
    assert read(release, **changes).monitor == expected


def test_an_inventory_that_is_off_is_a_list() -> None:
    host = read(inventory_mode="-1", inventory=[])
    assert (host.inventory_mode, host.inventory) == ("disabled", {})


PARAMETERS = [
    # release, what is asked for groups, for the monitor
    ((6, 0), "selectGroups", ["proxy_hostid"]),
    ((6, 4), "selectHostGroups", ["proxy_hostid"]),
    ((7, 0), "selectHostGroups", ["monitored_by", "proxyid", "proxy_groupid"]),
    ((7, 2), "selectHostGroups", ["monitored_by", "proxyid", "proxy_groupid"]),
]


@pytest.mark.parametrize(("release", "groups", "monitor"), PARAMETERS)
def test_what_is_asked_of_each_release(release: tuple[int, int], groups: str, monitor: list[str]) -> None:
    zabbix = Zabbix(release, {"host.get": []})
    assert list(hosts.read_hosts(zabbix, ["1"], [])) == []
    ((dummy, params),) = zabbix.asked
    assert groups in params
    assert len({"selectGroups", "selectHostGroups"} & set(params)) == 1
    assert params["output"][-len(monitor) :] == monitor
    assert "selectInventory" not in params


def test_hosts_are_read_in_chunks_and_those_that_are_gone_left_out() -> None:
    gone = {"3", "700"}
    zabbix = Zabbix(
        (7, 0), {"host.get": lambda params: [raw(hostid=one) for one in params["hostids"] if one not in gone]}
    )
    ids = [str(number) for number in range(1201)]
    found = [host.hostid for host in hosts.read_hosts(zabbix, ids, [])]
    assert found == [one for one in ids if one not in gone]
    assert sorted(len(params["hostids"]) for dummy, params in zabbix.asked) == [201, 500, 500]


def test_our_hosts_are_asked_for_by_tag_without_discovered_ones() -> None:
    zabbix = Zabbix((7, 0), {"host.get": [{"hostid": "1"}]})
    assert hosts.managed_host_ids(zabbix, "one") == ["1"]
    params = zabbix.asked[0][1]
    assert params["tags"] == [{"tag": "netbox_instance", "value": "one", "operator": 1}]  # 1: exactly
    assert params["filter"] == {"flags": "0"}


def test_the_hosts_of_objects_are_found_by_both_tags() -> None:
    def answer(params: Any) -> list[dict[str, Any]]:
        assert {"tag": "netbox_instance", "value": "one", "operator": 1} in params["tags"]
        assert params["evaltype"] == 0  # different tags must all match
        asked = [tag["value"] for tag in params["tags"] if tag["tag"] == "netbox_id"]
        return [
            {"hostid": f"{ref}-{number}", "tags": [{"tag": "netbox_id", "value": ref}, {"tag": "x", "value": "y"}]}
            for ref in asked
            for number in range(2 if ref == "device:1" else 1)
        ]

    zabbix = Zabbix((7, 0), {"host.get": answer})
    refs = [f"device:{number}" for number in range(501)]
    found = hosts.host_ids_of(zabbix, "one", refs)
    assert list(found) == refs
    assert found["device:1"] == ["device:1-0", "device:1-1"]
    assert len(zabbix.asked) == 2


def test_names_that_are_taken_by_anybody() -> None:
    zabbix = Zabbix((7, 0), {"host.get": [{"hostid": "1", "host": "a", "name": "A"}]})
    assert hosts.names_taken(zabbix, ["a", "a", "B"]) == {"host": {"a": "1"}, "name": {"A": "1"}}
    params = zabbix.asked[0][1]
    assert params["searchByAny"] is True
    assert "tags" not in params
    assert params["filter"] == {"host": ["B", "a"], "name": ["B", "a"]}  # of any kind: discovered ones too


@pytest.mark.parametrize("release", [(6, 0), (7, 0)])
def test_settings(release: tuple[int, int]) -> None:
    zabbix = Zabbix(
        release,
        {
            "template.get": [
                {
                    "templateid": "1",
                    "host": "linux",
                    "name": "Linux",
                    "parentTemplates": [{"templateid": "2"}],
                    "items": "43",
                },
                {"templateid": "2", "host": "Same", "name": "Same", "parentTemplates": [], "items": "0"},
            ],
            "hostgroup.get": [{"groupid": "4", "name": "All"}],
            "proxy.get": [{"proxyid": "5", "name" if release >= (7, 0) else "host": "p"}],
            "proxygroup.get": [{"proxy_groupid": "6", "name": "g"}],
        },
    )
    found = read_settings(zabbix)
    assert found.templates["Linux"] == found.templates["linux"] == [found.templates_by_id["1"]]
    assert (found.templates_by_id["1"].parents, found.templates_by_id["1"].items) == (("2",), 43)
    assert len(found.templates["Same"]) == 1
    assert (found.groups, found.group_names) == ({"All": "4"}, {"4": "All"})
    assert found.proxies == {"p": "5"}
    assert found.proxy_groups == ({"g": "6"} if release >= (7, 0) else {})
    assert found.inherited("1") == {"1", "2"}
    assert found.monitor_name("proxy", "5") == "proxy p"
    assert found.monitor_name("proxy", "99") == "proxy 99"
    assert (found.group_name("99"), found.template_name("99")) == ("host group 99", "template 99")
    assert ("proxygroup.get" in [method for method, dummy in zabbix.asked]) == (release >= (7, 0))


def test_settings_that_may_not_be_read_end_the_run() -> None:
    zabbix = Zabbix((6, 0), {"template.get": ZabbixError("No permissions"), "hostgroup.get": [], "proxy.get": []})
    with pytest.raises(ZabbixError, match="No permissions"):
        read_settings(zabbix)


def test_max_repetitions_is_of_6_4_and_not_of_snmp_version_1() -> None:
    details = {"version": "2", "max_repetitions": "10"}
    assert versions.snmp_details((6, 0), details) == {"version": "2"}
    assert versions.snmp_details((6, 4), details) == details
    assert versions.snmp_details((7, 0), {**details, "version": "1"}) == {"version": "1"}
