"""What the plugin netbox-zabbix (pergus) provisioned, the translated policy does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.run import migrate
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.translation import MAPPINGS, Translation
from unit.migrate.hosts import device, host_of, virtual_machine

#: as its REST API lists them: other objects by id
LISTS: dict[str, Any] = {
    "setting": {
        "count": 1,
        "next": None,
        "results": [
            {
                "id": 1,
                "name": "Zabbix",
                "max_deletions": 3,
                "monitored_by": 1,
                "inventory_mode": 0,
                "default_tag": "nb",
                "tag_prefix": "nb_",
                "tag_name_formatting": "lower",
                "useip": 1,
                "agent_port": 10050,
                "snmp_port": 1161,
                "snmp_bulk": 1,
                "snmp_max_repetitions": 20,
                "snmp_contextname": None,
                "snmp_securitylevel": 2,
                "snmp_authprotocol": 3,
                "snmp_privprotocol": 3,
                "exclude_custom_field_enabled": True,
                "exclude_custom_field_name": "Exclude from Zabbix",
                "_encrypted_token": "do-not-show",
            }
        ],
    },
    "templates": [
        {"id": 1, "templateid": 10, "name": "ICMP Ping", "interface_type": 0},
        {"id": 2, "templateid": 11, "name": "Cisco IOS by SNMP", "interface_type": 2},
        {"id": 3, "templateid": 12, "name": "Linux by Zabbix agent", "interface_type": 1},
    ],
    "host-group": [{"id": 1, "groupid": 5, "name": "All"}, {"id": 2, "groupid": 6, "name": "Switches/Access"}],
    "proxy": [{"id": 1, "proxyid": 1, "name": "proxy-1"}, {"id": 2, "proxyid": 2, "name": "proxy-2"}],
    "device-mapping": [
        {
            "id": 1,
            "name": "Default",
            "default": True,
            "host_groups": [1],
            "templates": [1],
            "proxy": 1,
            "proxy_group": None,
            "interface_type": 0,
            "sites": [],
            "roles": [],
            "platforms": [],
        },
        {
            "id": 2,
            "name": "Access",
            "default": False,
            "host_groups": [2],
            "templates": [2],
            "proxy": 2,
            "proxy_group": None,
            "interface_type": 2,
            "sites": [],
            "roles": [1],
            "platforms": [],
        },
        {
            "id": 3,
            "name": "Amsterdam",
            "default": False,
            "host_groups": [1],
            "templates": [1],
            "proxy": 1,
            "proxy_group": None,
            "interface_type": 2,
            "sites": [1],
            "roles": [],
            "platforms": [],
        },
    ],
    "vm-mapping": [
        {
            "id": 1,
            "name": "Default",
            "default": True,
            "host_groups": [1],
            "templates": [3],
            "proxy": None,
            "proxy_group": None,
            "interface_type": 0,
            "sites": [],
            "roles": [],
            "platforms": [],
        }
    ],
    "tag-mapping": [
        {
            "id": 1,
            "object_type": "device",
            "selection": [
                {"name": "Site", "value": "site.name", "enabled": True},
                {"name": "Region", "value": "site.region", "enabled": True},
                {"name": "Role", "value": "role.name", "enabled": False},
                {"name": "Face", "value": "face.label", "enabled": True},
            ],
            "tags": [7, 8],
        }
    ],
    "inventory-mapping": [
        {
            "id": 1,
            "object_type": "device",
            "selection": [
                {"name": "Location", "invkey": "location", "paths": ["location.name", "site.name"], "enabled": True},
                {"name": "OS", "invkey": "os", "paths": ["platform.name"], "enabled": True},
            ],
        }
    ],
    "tags": [{"id": 7, "name": "Core", "slug": "core"}],
    "sites": [{"id": 1, "name": "Amsterdam", "slug": "ams"}, {"id": 2, "name": "Berlin", "slug": "ber"}],
    "device-roles": [{"id": 1, "name": "Access switch", "slug": "access"}],
    "platforms": [{"id": 1, "name": "IOS", "slug": "ios"}],
}


def translated(tmp_path: Path, **changes: Any) -> Translation:
    for name, rows in {**LISTS, **changes}.items():
        if rows is not None:
            (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    translation = migrate("netbox-zabbix", [str(tmp_path)])
    assert not [str(one) for one in translation.remarks if one.subject == "check of the policy"]
    return translation


def berlin(**changes: Any) -> Any:
    found = device(**changes)
    found.attributes["site"] = {**found.attributes["site"], "id": 2, "name": "Berlin", "slug": "ber"}
    return found


def test_the_most_specific_mapping_alone_counts(tmp_path: Path) -> None:
    translation = translated(tmp_path)
    amsterdam = host_of(translation, device())
    # a site counts for more than a role there
    assert (amsterdam.templates, amsterdam.groups, amsterdam.monitor) == ({"ICMP Ping"}, {"All"}, "proxy-1")
    access = host_of(translation, berlin())
    assert (access.templates, access.groups, access.monitor) == (
        {"Cisco IOS by SNMP"},
        {"Switches/Access"},
        "proxy-2",
    )
    other_role = {**device().attributes["role"], "id": 9, "slug": "pdu"}
    default = host_of(translation, berlin(role=other_role))
    assert (default.templates, default.groups, default.monitor) == ({"ICMP Ping"}, {"All"}, "proxy-1")


def test_interfaces_as_the_settings_say(tmp_path: Path) -> None:
    translation = translated(tmp_path)
    (interface,) = host_of(translation, berlin()).interfaces
    details = dict(interface.details)
    assert (interface.type, interface.port, details["version"]) == ("snmp", "1161", "3")
    assert (details["authprotocol"], details["privprotocol"], details["max_repetitions"]) == ("3", "3", "20")
    assert details["authpassphrase"] == "{$SNMPV3_AUTHPASS}"
    (interface,) = host_of(translation, virtual_machine()).interfaces
    assert interface.type == "agent"
    assert any("asks for no type of interface; agent" in str(one) for one in translation.remarks)


def test_tags_and_inventory(tmp_path: Path) -> None:
    translation = translated(tmp_path)
    host = host_of(translation, device())
    assert host.tags == {("nb_nb", "1"), ("nb_site", "Amsterdam"), ("nb_region", "Netherlands"), ("nb_core", "Core")}
    assert host.inventory == {"location": "Floor 1", "os": "IOS"}
    assert host_of(translation, device(location=None)).inventory["location"] == "Amsterdam"
    told = [str(one) for one in translation.remarks if one.subject == "tag-mapping of device"]
    assert any('no "face"' in one for one in told)
    assert any("NetBox tag 8" in one for one in told)


def test_a_virtual_machine_without_a_proxy_is_told(tmp_path: Path) -> None:
    translation = translated(tmp_path)
    assert host_of(translation, virtual_machine()).monitored_by == "server"
    assert "VMs: Default" in [one.subject for one in translation.remarks]


CONFIGS = [
    {"id": 1, "name": "z-sw1", "object_id": 1, "status": 0, "host_groups": [1], "templates": [1, 2], "proxy": 1},
    {"id": 2, "name": "z-sw2", "object_id": 2, "status": 1, "host_groups": [2], "templates": [2], "proxy": 2},
    {"id": 3, "name": "z-sw3", "object_id": 3, "status": 0, "host_groups": [2], "templates": [2], "proxy": 2},
]
DEVICES = [
    {"id": 1, "name": "sw1", "site": {"id": 1}, "role": {"id": 1}, "platform": None},
    {"id": 2, "name": "sw2", "site": {"id": 2}, "role": {"id": 1}, "platform": None},
    {"id": 3, "name": "sw3", "site": {"id": 2}, "role": {"id": 1}, "platform": None},
]


def test_hosts_that_somebody_changed_keep_their_settings(tmp_path: Path) -> None:
    configs = [{**config, "monitored_by": 1} for config in CONFIGS]
    translation = translated(tmp_path, **{"host-config": configs, "devices": DEVICES})
    assert host_of(translation, device()).templates == {"ICMP Ping", "Cisco IOS by SNMP"}
    assert host_of(translation, berlin(name="sw2")).status == "disabled"
    assert host_of(translation, berlin(name="sw3")).status == "enabled"
    named = [mapping["match"].get("name") for mapping in translation.variables[MAPPINGS]]
    assert [names for names in named if names] == [["sw1"], ["sw2"]]


def test_without_the_devices_own_settings_are_told(tmp_path: Path) -> None:
    translation = translated(tmp_path, **{"host-config": CONFIGS})
    assert "host-config" in [one.subject for one in translation.remarks]


def test_no_secret_comes_along(tmp_path: Path) -> None:
    assert "do-not-show" not in str(translated(tmp_path))


def test_a_mapping_whose_site_is_not_in_the_export_is_told(tmp_path: Path) -> None:
    translation = translated(tmp_path, sites=None)
    assert any("sites 1 is not in the export" in str(one) for one in translation.remarks)


def test_what_is_no_export_is_told(tmp_path: Path) -> None:
    (tmp_path / "device-mapping.json").write_text('{"count": 900, "next": "https://nb/?offset=50", "results": []}')
    (tmp_path / "proxy.json").write_text("[1, 2]")
    with pytest.raises(InputError) as caught:
        migrate("netbox-zabbix", [str(tmp_path)])
    assert len(caught.value.problems) == 2
    (tmp_path / "proxy.json").write_text("no JSON")
    with pytest.raises(InputError, match="is no JSON"):
        migrate("netbox-zabbix", [str(tmp_path)])


def test_one_file_with_all_lists_will_do(tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text(json.dumps({name.replace("-", "_"): rows for name, rows in LISTS.items()}))
    translation = migrate("netbox-zabbix", [str(file)])
    assert host_of(translation, berlin()).templates == {"Cisco IOS by SNMP"}
