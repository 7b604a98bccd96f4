"""What nbxsync assigned and inherited, the translated policy gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.run import migrate
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.translation import MAPPINGS, Translation
from unit.migrate.hosts import device, host_of, virtual_machine

GROUP = "nbxsync.zabbixconfigurationgroup"
SERVER = {"id": 1, "name": "zbx1"}
ROLE = {"id": 1, "name": "Access switch", "slug": "access"}
TYPE = {"id": 1, "model": "C9300", "slug": "c9300"}
SW1 = {"id": 1, "name": "sw1", "primary_ip": {"id": 5, "address": "10.0.0.1/24"}, "oob_ip": {"id": 6}}
VM1 = {"id": 1, "name": "vm1", "primary_ip": {"id": 8}}
SECRET = "the-secret-value"

_OWNERS = {
    "role": ("dcim.devicerole", ROLE),
    "type": ("dcim.devicetype", TYPE),
    "device": ("dcim.device", SW1),
    "vm": ("virtualization.virtualmachine", VM1),
    "cluster": ("virtualization.cluster", {"id": 1, "name": "c1"}),
    "group": (GROUP, {"id": 1, "name": "Standard"}),
    "vdc": ("dcim.virtualdevicecontext", {"id": 1, "name": "vdc1"}),
}


def to(owner: str, **fields: Any) -> dict[str, Any]:
    kind, row = _OWNERS[owner]
    return {"assigned_object_type": kind, "assigned_object_id": row["id"], "assigned_object": row, **fields}


LISTS: dict[str, Any] = {
    "zabbixserver": [{**SERVER, "token": SECRET}],
    "zabbixtemplate": [
        {"id": 1, "name": "ICMP Ping", "zabbixserver": SERVER},
        {"id": 2, "name": "Cisco IOS by SNMP", "zabbixserver": SERVER},
        {"id": 3, "name": "Linux", "zabbixserver": SERVER},
    ],
    "zabbixtemplateassignment": [
        to("device", id=1, zabbixtemplate=1),
        to("role", id=2, zabbixtemplate=2),
        to("group", id=3, zabbixtemplate=3),
        # what the configuration group made of it
        to("vm", id=4, zabbixtemplate=3, zabbixconfigurationgroup={"id": 1, "name": "Standard"}),
        to("vdc", id=5, zabbixtemplate=1),
        to("device", id=6, zabbixtemplate=99),
    ],
    "zabbixhostgroup": [
        {"id": 1, "name": "By site", "value": "Sites/{{ object.site.name }}", "zabbixserver": SERVER},
        {"id": 2, "name": "Role", "value": "Roles/{{ object.name | upper }}", "zabbixserver": SERVER},
        {"id": 3, "name": "Fixed", "value": "Fixed/{{ name }}", "zabbixserver": SERVER},
        {"id": 4, "name": "Logic", "value": "{% if object.site %}x{% endif %}", "zabbixserver": SERVER},
    ],
    "zabbixhostgroupassignment": [
        to("device", zabbixhostgroup=1),
        to("role", zabbixhostgroup=2),
        to("group", zabbixhostgroup=3),
        to("device", zabbixhostgroup=4),
    ],
    "zabbixtag": [
        {"id": 1, "name": "env", "tag": "env", "value": "{{ object.cf['environment'] | default('none') }}"},
        {"id": 2, "name": "plain", "tag": "plain", "value": ""},
    ],
    "zabbixtagassignment": [to("device", zabbixtag=1), to("role", zabbixtag=2)],
    "zabbixmacro": [
        {"id": 1, "macro": "{$LOAD}", "type": "0", "description": "Load"},
        {"id": 2, "macro": "{$PASS}", "type": "1", "description": ""},
        {"id": 3, "macro": "{$VAULT}", "type": "2", "description": ""},
    ],
    "zabbixmacroassignment": [
        to("role", zabbixmacro=1, value="5", is_regex=False, context=""),
        to("device", zabbixmacro=1, value="7", is_regex=False, context=""),
        to("device", zabbixmacro=1, value="9", is_regex=False, context="/var"),
        to("device", zabbixmacro=1, value="{{ object.name }}", is_regex=True, context="^sd"),
        to("device", zabbixmacro=2, value=SECRET, is_regex=False, context=""),
        to("device", zabbixmacro=3, value="secret/zabbix:password", is_regex=False, context=""),
    ],
    "zabbixproxy": [{"id": 1, "name": "proxy-1", "zabbixserver": SERVER}],
    "zabbixserverassignment": [
        to("device", zabbixserver=1, zabbixproxy=1, zabbixproxygroup=None, sync_enabled=True),
        to("group", zabbixserver=1, zabbixproxy=None, zabbixproxygroup=None, sync_enabled=True),
    ],
    "zabbixhostinterface": [
        to(
            "device",
            zabbixserver=SERVER,
            type=2,
            interface_type=1,
            useip=1,
            ip=5,
            port=161,
            snmp_version=2,
            snmp_usebulk=True,
            snmp_pushcommunity=True,
            snmp_community=SECRET,
            snmp_max_repetitions=10,
        ),
        to(
            "device",
            zabbixserver=SERVER,
            type=3,
            interface_type=1,
            useip=1,
            ip=6,
            port=623,
            ipmi_authtype=-1,
            ipmi_privilege=4,
            ipmi_username="admin",
            ipmi_password=SECRET,
        ),
        to(
            "group",
            zabbixserver=SERVER,
            type=1,
            interface_type=1,
            useip=1,
            ip=None,
            port=10050,
            tls_connect=2,
            tls_accept=[1, 2],
            tls_psk_identity="id",
            tls_psk=SECRET,
        ),
    ],
    "zabbixhostinventory": [
        to("device", inventory_mode=0, serialno_a="{{ object.serial }}", model_field="{{ object.device_type.model }}"),
    ],
    "zabbixconfigurationgroup": [{"id": 1, "name": "Standard"}],
    "zabbixconfigurationgroupassignment": [to("vm", zabbixconfigurationgroup=1)],
}


def translated(tmp_path: Path, server: str = "", **changes: Any) -> Translation:
    for name, rows in {**LISTS, **changes}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    translation = migrate("nbxsync", [str(tmp_path)], zabbix_server=server)
    assert not [str(one) for one in translation.remarks if one.subject == "check of the policy"]
    return translation


def test_what_is_assigned_and_inherited_adds_up(tmp_path: Path) -> None:
    host = host_of(translated(tmp_path), device())
    assert host.templates == {"ICMP Ping", "Cisco IOS by SNMP"}
    assert host.groups == {"Sites/Amsterdam", "Roles/ACCESS SWITCH"}
    assert host.tags == {("env", "production"), ("plain", "")}
    assert (host.monitored_by, host.monitor) == ("proxy", "proxy-1")
    assert host.inventory == {"serialno_a": "S-1", "model": "C9300"}


def test_the_nearest_macro_wins(tmp_path: Path) -> None:
    translation = translated(tmp_path)
    macros = host_of(translation, device()).macros
    assert macros["{$LOAD}"].value == "7"
    assert macros["{$LOAD}"].description == "Load"
    assert macros["{$LOAD:/var}"].value == "9"
    assert macros['{$LOAD:regex:"^sd"}'].value == "sw1"
    assert (macros["{$VAULT}"].type, macros["{$VAULT}"].value) == ("vault", "secret/zabbix:password")
    assert macros["{$PASS}"].type == "secret"
    other = host_of(translation, device(name="sw9"))
    assert other.macros["{$LOAD}"].value == "5"


def test_interfaces(tmp_path: Path) -> None:
    host = host_of(translated(tmp_path), device())
    snmp, ipmi = sorted(host.interfaces, key=lambda one: one.type != "snmp")
    assert (snmp.type, snmp.ip, dict(snmp.details)["community"]) == ("snmp", "10.0.0.1", "{$SNMP_COMMUNITY}")
    assert host.macros["{$SNMP_COMMUNITY}"].type == "secret"
    assert (ipmi.type, ipmi.ip) == ("ipmi", "10.1.0.1")


def test_a_configuration_group_gives_to_its_members(tmp_path: Path) -> None:
    translation = translated(tmp_path)
    host = host_of(translation, virtual_machine())
    assert host.templates == {"Linux"}
    assert host.groups == {"Fixed/Fixed"}
    assert [one.type for one in host.interfaces] == ["agent"]
    (mapping,) = [one for one in translation.variables[MAPPINGS] if "Standard" in one["name"]]
    assert (mapping["tls_connect"], mapping["tls_accept"], mapping["tls_psk_identity"]) == (
        "psk",
        ["none", "psk"],
        "id",
    )
    # what the group copied to its member is not there twice
    assert not [one for one in translation.variables[MAPPINGS] if one["name"].startswith("virtualmachine")]


def test_no_secret_comes_along_but_its_name_does(tmp_path: Path) -> None:
    translation = translated(tmp_path)
    assert SECRET not in str(translation)
    assert translation.secrets == [
        "pass_device_sw1",
        "community_device_sw1",
        "ipmi_password_device_sw1",
        "tls_psk_zabbixconfigurationgroup_standard",
    ]


def test_what_cannot_be_translated_is_told(tmp_path: Path) -> None:
    told = "\n".join(map(str, translated(tmp_path).remarks))
    assert "it has logic" in told
    assert "zabbixtemplateassignment of dcim.virtualdevicecontext vdc1" in told
    assert "zabbixtemplate 99 is not in the export" in told
    assert "statusmapping" in told
    assert "nb_type and nb_id" in told


def test_statuses(tmp_path: Path) -> None:
    translation = translated(tmp_path)
    assert host_of(translation, device(status="offline")) is None
    assert translation.variables["netbox_zabbix_statuses"]["virtual_machine"]["planned"] == "enabled"
    own = {"nbxsync": {"statusmapping": {"device": {"offline": "disabled", "active": "enabled"}}}}
    translation = translated(tmp_path, settings=own)
    assert host_of(translation, device(status="offline")).status == "disabled"


def test_hosts_with_the_same_share_a_mapping(tmp_path: Path) -> None:
    rows = [
        {
            **to("device", zabbixtemplate=1),
            "assigned_object_id": number,
            "assigned_object": {"id": number, "name": name},
        }
        for number, name in enumerate(("a", "b", "c*"), 10)
    ]
    lists = {name: [] for name in LISTS if name not in ("zabbixserver", "zabbixtemplate")}
    translation = translated(tmp_path, **{**lists, "zabbixtemplateassignment": rows})
    (mapping,) = translation.variables[MAPPINGS]
    assert mapping["name"] == "device a and 2 more"
    assert mapping["match"] == {"kind": "device", "name": ["a", "b", "c[*]"]}


def test_of_several_servers_one_is_translated(tmp_path: Path) -> None:
    servers = [SERVER, {"id": 2, "name": "zbx2"}]
    with pytest.raises(InputError, match="zbx1, zbx2"):
        translated(tmp_path, zabbixserver=servers)
    with pytest.raises(InputError, match='no server "zbx3"'):
        translated(tmp_path, "zbx3", zabbixserver=servers)
    templates = [{**LISTS["zabbixtemplate"][0], "zabbixserver": servers[1]}, *LISTS["zabbixtemplate"][1:]]
    translation = translated(tmp_path, "zbx1", zabbixserver=servers, zabbixtemplate=templates)
    assert host_of(translation, device()).templates == {"Cisco IOS by SNMP"}


def test_an_empty_export_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "zabbixserver.json").write_text("[]")
    with pytest.raises(InputError, match="no assignments"):
        migrate("nbxsync", [str(tmp_path)])
