"""Nothing is told of hosts that nobody changed, however rich they are: what Zabbix stores otherwise than it was sent,
never tells, or tells in another order.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.proofs import SIZES
from integration.proofs.company import CompanyJobs, company_jobs
from integration.test_attributes import SECRETS
from integration.world import TOP, ZabbixSide

pytestmark = pytest.mark.zabbix

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
        "inventory": {
            "notes": 'a\r\nb\n{name|"nobody"}',
            "location": "  {site}  ",
            "os": "{platform}",
            "alias": "Größe",
        },
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


@pytest.fixture
def quiet(zabbix_server: ZabbixSide, tmp_path: Path) -> Iterator[CompanyJobs]:
    own = {
        "mappings": MAPPINGS,
        "secrets": {"snmp": "canary-snmp", "macro": "canary-macro", "psk": SECRETS["one"], "ipmi": "canary-ipmi"},
        "digest_key": "k" * 30,
        "write_back": [],
    }
    with company_jobs(zabbix_server, "quiet", SIZES.quiet_hosts, tmp_path, **own) as jobs:
        yield jobs


def test_nothing_is_told_of_hosts_that_nobody_changed(quiet: CompanyJobs) -> None:
    made = quiet.sync()
    assert made.failed == []
    hosts = len(made.hosts)
    assert hosts > 0.9 * SIZES.quiet_hosts
    for look in (quiet.look(mode="full"), quiet.look(mode="incremental"), quiet.look(mode="incremental")):
        assert (look.hosts, look.stats["differences"], look.stats["in_sync"]) == ([], 0, hosts)
    assert "only what changed was read, 0 objects" in look.message
    for mode in ("full", "incremental"):
        assert not quiet.sync(mode=mode).changed
    # where all differ at once, all are told, and NetBox is written to for a part of them
    changed = [{**MAPPINGS[0], "description": "another"}, *MAPPINGS[1:]]
    look = quiet.look(mode="incremental", mappings=changed, write_back=["zabbix_sync_status"], write_back_limit=50)
    assert (look.stats["pending"], look.stats["differences"], look.stats["written_back"]) == (hosts, hosts, 50)
    assert "more objects in NetBox are to get new values, and the limit of one run is 50" in str(look.notes)
    # and one that somebody did change is told, alone
    one = made.hosts[hosts // 2]
    quiet.zabbix.api("host.update", hostid=one.hostid, description="by hand")
    for mode in ("full", "incremental"):
        assert [(host.name, host.changes) for host in quiet.look(mode=mode).hosts] == [(one.name, ["description"])]
