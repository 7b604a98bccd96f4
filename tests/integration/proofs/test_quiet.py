"""Nothing is told of hosts that nobody changed, however rich they are: what Zabbix stores otherwise than it was sent,
never tells, or tells in another order.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.host_config_refresh import (
    RefreshOptions,
    refresh_hosts,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import SyncOptions, sync_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from lab.estate import generate, load
from lab.netbox import StandIn

from integration.proofs import SIZES
from integration.test_attributes import SECRETS
from integration.world import TOP, NetBoxSide, ZabbixSide

pytestmark = pytest.mark.zabbix

INSTANCE = "quiet"
#: hosts that Zabbix removes in one call
REMOVED = 500
SNMP_3 = {
    "type": "snmp",
    "version": 3,
    "address": ["primary", "oob", "192.0.2.1"],
    "security_name": "user {name}",
    "security_level": "authpriv",
    "auth_protocol": "sha256",
    "auth_passphrase": {"secret": "snmp"},
    "privacy_protocol": "aes128",
    "privacy_passphrase": {"secret": "snmp"},
    "context": "ctx",
    "bulk": False,
}
AGENT = {"type": "agent", "address": ["primary", "oob", "192.0.2.1"]}
MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "everything",
        "host_groups": [TOP + "/quiet/{site}", TOP + "/quiet/Roles/{role.path}"],
        "templates": ["ICMP Ping"],
        "description": 'first\r\n  second of {name|"nobody"}\r\n\r\n{comments|"-"}\r\n',
        "tags": {"several": ["b", "a", "c", "Ä"], "site": "{site.slug}", "nothing": "", "serial": "{serial}"},
        "macros": {
            "{$PLAIN}": {"value": " padded ", "description": "one\r\ntwo"},
            "{$EMPTY}": "",
            "{$HIDDEN}": {"secret": "macro"},
            "{$VAULT}": {"value": "path/to:key", "type": "vault"},
            '{$CONTEXT:regex:"^/[a-z]+$"}': "90",
        },
        "inventory": {"notes": 'a\r\nb\n{name|"nobody"}', "location": "  {site}  ", "os": "{platform}", "alias": "Größe"},
        "tls_connect": "psk",
        "tls_accept": ["none", "psk", "certificate"],
        "tls_psk_identity": 'identity of {name|"nobody"}',
        "tls_psk": {"secret": "psk"},
        "tls_issuer": "CN=Authority, O=Ünicode",
        "tls_subject": "CN={name}",
        "interfaces": [AGENT, {**AGENT, "name": "two", "port": 10060}, SNMP_3],
    },
    {
        "name": "virtual machines",
        "match": {"kind": "virtual_machine"},
        "tls_connect": "none",
        "ipmi_username": "admin",
        "ipmi_password": {"secret": "ipmi"},
        "ipmi_privilege": "operator",
        "interfaces": {
            "replace": [
                AGENT,
                {"type": "jmx", "address": "192.0.2.2", "port": "{$JMX}"},
                {"type": "ipmi", "address": "192.0.2.3"},
                {"type": "snmp", "version": 2, "address": "192.0.2.4", "community": {"secret": "snmp"}},
            ]
        },
        "inventory_mode": "automatic",
    },
]
#: hosts are created disabled: nobody answers at their addresses
STATUSES = {
    kind: dict.fromkeys(
        ("active", "planned", "staged", "failed", "inventory", "decommissioning", "offline", "paused"), "disabled"
    )
    for kind in ("device", "virtual_machine")
}


@dataclass
class Quiet:
    """Runs the jobs over a company in a stand-in of its own, as a super admin of Zabbix."""

    netbox: NetBoxSide
    zabbix: ZabbixSide
    store: str

    def options(self, **more: Any) -> dict[str, Any]:
        return {
            "instance": INSTANCE,
            "mappings": MAPPINGS,
            "statuses": STATUSES,
            "secrets": {"snmp": "canary-snmp", "macro": "canary-macro", "psk": SECRETS["one"], "ipmi": "canary-ipmi"},
            "digest_key": "k" * 30,
            "state_store": self.store,
            "write_back": [],
            **more,
        }

    def sync(self, **more: Any) -> Result:
        return self._timed("sync", sync_hosts, SyncOptions(**self.options(**more)))

    def look(self, **more: Any) -> Result:
        return self._timed("look", refresh_hosts, RefreshOptions(**self.options(**more)))

    def _timed(self, what: str, job: Any, options: Any) -> Result:
        began = time.monotonic()
        connection = self.zabbix.connection(self.zabbix.lab.token)
        result: Result = job(self.netbox.connection(), connection, options, lambda text: None)
        print(f"{what}, {options.mode}: {time.monotonic() - began:.1f} s; {result.message}")
        return result


@pytest.fixture
def quiet(zabbix_server: ZabbixSide, tmp_path: Path) -> Iterator[Quiet]:
    with StandIn() as standin:
        load(generate(SIZES.quiet_hosts), standin.url, standin.token)
        yield Quiet(NetBoxSide(standin.url, standin.token, standin), zabbix_server, str(tmp_path))
    tag = {"tag": "netbox_instance", "value": INSTANCE, "operator": 1}
    ours = [host["hostid"] for host in zabbix_server.api("host.get", output=["hostid"], tags=[tag])]
    for at in range(0, len(ours), REMOVED):
        zabbix_server.api("host.delete", ours[at : at + REMOVED])
    groups = zabbix_server.api("hostgroup.get", output=["groupid"], search={"name": TOP + "/"}, startSearch=True)
    if groups:
        zabbix_server.api("hostgroup.delete", [group["groupid"] for group in groups])


def test_nothing_is_told_of_hosts_that_nobody_changed(quiet: Quiet) -> None:
    made = quiet.sync()
    assert made.failed == []
    hosts = len(made.hosts)
    assert hosts > 0.9 * SIZES.quiet_hosts
    for look in (quiet.look(mode="full"), quiet.look(mode="incremental"), quiet.look(mode="incremental")):
        assert (look.hosts, look.stats["differences"], look.stats["in_sync"]) == ([], 0, hosts)
    assert "only what changed was read, 0 objects" in look.message
    for mode in ("full", "incremental"):
        assert not quiet.sync(mode=mode).changed
    # and one that somebody did change is told, alone
    one = made.hosts[hosts // 2]
    quiet.zabbix.api("host.update", hostid=one.hostid, description="by hand")
    for mode in ("full", "incremental"):
        assert [(host.name, host.changes) for host in quiet.look(mode=mode).hosts] == [(one.name, ["description"])]
