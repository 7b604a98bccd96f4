"""What netbox-zabbix-sync did, the translated policy does: groups, tags, macros, inventory, statuses, filters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.run import migrate
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.translation import Translation
from unit.migrate.hosts import device, host_of, virtual_machine


def translated(tmp_path: Path, text: str, environment: str = "", **options: Any) -> Translation:
    config = tmp_path / "config.py"
    config.write_text(text)
    paths = [str(config)]
    if environment:
        (tmp_path / "sync.env").write_text(environment)
        paths.append(str(tmp_path / "sync.env"))
    translation = migrate("netbox-zabbix-sync", paths, **options)
    assert not [one for one in translation.remarks if one.subject == "check of the policy"]
    return translation


def subjects(translation: Translation) -> list[str]:
    return [remark.subject for remark in translation.remarks]


def test_the_defaults(tmp_path: Path) -> None:
    translation = translated(tmp_path, "")
    host = host_of(translation, device())
    assert host.groups == {"Amsterdam/Cisco/Access switch"}
    assert host.templates == {"Cisco IOS by SNMP"}
    assert [one.type for one in host.interfaces] == ["snmp"]
    assert dict(host.interfaces[0].details)["community"] == "{$SNMP_COMMUNITY}"
    assert (host.tags, host.macros, host.inventory) == (frozenset(), {}, {})
    assert host.description == "Host added by NetBox sync script."
    assert translation.variables["netbox_zabbix_ownership"] == {"description": "create_only"}
    # virtual machines were not synchronised
    assert host_of(translation, virtual_machine()) is None
    # and neither were devices without a name
    assert host_of(translation, device(name=None)) is None


GROUPS = [
    ("site/manufacturer/role", "Amsterdam/Cisco/Access switch"),
    ("region/site", "Netherlands/Amsterdam"),
    ("site_group/site", "Branches/Amsterdam"),
    ("tenant_group/tenant", "Customers/ACME"),
    ("platform", "IOS"),
    ("location/rack", "Floor 1/R1"),
    ("rack/cluster/site", "R1/Amsterdam"),
    ("'Net box'/site", "Net box/Amsterdam"),
    ('"NetBox"/role', "NetBox/Access switch"),
    ("environment/site", "production/Amsterdam"),
    ("'{braces}'/site", "{braces}/Amsterdam"),
]


@pytest.mark.parametrize(("text", "expected"), GROUPS)
def test_host_groups(tmp_path: Path, text: str, expected: str) -> None:
    assert host_of(translated(tmp_path, f"hostgroup_format = {text!r}"), device()).groups == {expected}


def test_several_host_groups_and_whole_trees(tmp_path: Path) -> None:
    text = "hostgroup_format = ['region/site', 'site_group']\ntraverse_regions = True\ntraverse_site_groups = True\n"
    assert host_of(translated(tmp_path, text), device()).groups == {
        "Europe/Netherlands/Amsterdam",
        "All/Branches",
    }


def test_empty_items_vanish(tmp_path: Path) -> None:
    text = "hostgroup_format = 'tenant/site/rack'"
    assert host_of(translated(tmp_path, text), device(tenant=None, rack=None)).groups == {"Amsterdam"}


def test_an_item_that_nobody_knows_is_told(tmp_path: Path) -> None:
    translation = translated(tmp_path, "hostgroup_format = ['a b/site', 'site']")
    assert 'hostgroup_format, "a b/site"' in subjects(translation)
    assert host_of(translation, device()).groups == {"Amsterdam"}


def test_virtual_machines(tmp_path: Path) -> None:
    text = "sync_vms = True\ntag_sync = True\nusermacro_sync = True\n"
    host = host_of(translated(tmp_path, text), virtual_machine())
    assert host.groups == {"KVM/c1/Server"}
    assert [one.type for one in host.interfaces] == ["agent"]
    assert host.tags == {("site", "amsterdam"), ("cluster", "c1"), ("target", "linux"), ("netbox", "web")}
    assert host.macros["{$TOTAL_MEMORY}"].value == "4096"


def test_tags_macros_and_inventory_of_devices(tmp_path: Path) -> None:
    text = (
        "tag_sync = True\ntag_lower = False\ntag_name = 'NB'\ntag_value = 'slug'\n"
        "usermacro_sync = 'full'\ninventory_mode = 'manual'\ninventory_sync = True\n"
        "device_usermacro_map = {'serial': '{$SERIAL}', 'display_url': '{$URL}', 'custom_fields/environment': '{$E}'}\n"
    )
    translation = translated(tmp_path, text, netbox_url="https://nb.example.com/")
    host = host_of(translation, device())
    assert host.tags == {("site", "Amsterdam"), ("rack", "R1"), ("target", "IOS"), ("NB", "core"), ("NB", "lab-1")}
    assert {name: macro.value for name, macro in host.macros.items()} == {
        "{$SERIAL}": "S-1",
        "{$URL}": "https://nb.example.com/dcim/devices/1/",
        "{$E}": "production",
    }
    assert host.inventory_mode == "manual"
    assert host.inventory["vendor"] == "Cisco"
    assert host.inventory["oob_ip"] == "10.1.0.1/24"
    assert host.inventory["deployment_status"] == "active"
    assert "usermacro_sync" in subjects(translation)


def test_a_path_that_we_do_not_have_is_told_and_left_out(tmp_path: Path) -> None:
    text = "inventory_mode = 'manual'\ninventory_sync = True\n"
    text += "device_inventory_map = {'face/label': 'notes', 'serial': 'nofield'}\n"
    translation = translated(tmp_path, text)
    told = [str(one) for one in translation.remarks if one.subject == "device_inventory_map"]
    assert any('has no "face"' in one for one in told)
    assert any('"nofield"' in one for one in told)
    assert host_of(translation, device()).inventory == {}


def test_statuses(tmp_path: Path) -> None:
    text = "sync_vms = True\nzabbix_device_removal = ['Decommissioning', 'In Stock']\n"
    text += "zabbix_device_disable = ['Planned']\n"
    translation = translated(tmp_path, text)
    assert translation.variables["netbox_zabbix_statuses"]["device"] == {
        "offline": "enabled",
        "staged": "enabled",
        "failed": "enabled",
        "inventory": "enabled",
        "in-stock": "absent",
    }
    assert translation.variables["netbox_zabbix_statuses"]["virtual_machine"]["paused"] == "enabled"
    assert host_of(translation, device(status="planned")).status == "disabled"
    assert host_of(translation, device(status="offline")).status == "enabled"
    assert host_of(translation, device(status="in-stock")) is None
    assert "zabbix_device_removal" in subjects(translation)


def test_proxies_of_custom_fields(tmp_path: Path) -> None:
    translation = translated(tmp_path, "proxy_cf = 'zbx_proxy'\nproxy_group_cf = 'zbx_group'\nfull_proxy_sync = True\n")
    assert host_of(translation, device()).monitored_by == "server"
    given = device(custom_fields={"zbx_proxy": "p1"})
    assert (host_of(translation, given).monitored_by, host_of(translation, given).monitor) == ("proxy", "p1")
    given = device(custom_fields={"zbx_proxy": "p1", "zbx_group": "g1"})
    assert (host_of(translation, given).monitored_by, host_of(translation, given).monitor) == ("proxy_group", "g1")
    of_site = device(site_custom_fields={"zbx_proxy": "p2"})
    assert host_of(translation, of_site).monitor == "p2"


FILTERS: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"site": "ams"}, True),
    ({"site": ["ber", "ams"]}, True),
    ({"site": "ber"}, False),
    ({"tag": ["core", "lab-1"]}, True),
    ({"tag": ["core", "other"]}, False),
    ({"role__n": ["pdu", "console"]}, True),
    ({"role__n": ["access"]}, False),
    ({"site": "ams", "role__n": ["pdu"], "tag__n": ["old"]}, True),
    ({"site": "ams", "role__n": ["pdu"], "tag__n": ["core"]}, False),
    ({"region": "europe"}, True),
    ({"name__ic": "W1"}, True),
    ({"name__isw": "x"}, False),
    ({"name__niew": "1"}, False),
    ({"cf_environment": "production"}, True),
    ({"status": ["active", "staged"]}, True),
]


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_filters(tmp_path: Path, filters: dict[str, Any], expected: bool) -> None:
    translation = translated(tmp_path, f"nb_device_filter = {filters!r}")
    assert (host_of(translation, device()) is not None) == expected


def test_a_filter_without_a_counterpart_is_told(tmp_path: Path) -> None:
    translation = translated(tmp_path, "nb_device_filter = {'has_primary_ip': True}")
    assert "nb_device_filter, has_primary_ip" in subjects(translation)


def test_clustering_and_a_config_context_for_templates(tmp_path: Path) -> None:
    translation = translated(tmp_path, "clustering = True\ntemplates_config_context = True\n")
    assert translation.variables["netbox_zabbix_virtual_chassis"] == "master"
    context = {"zabbix": {"templates": ["Arista"], "interface_type": 1, "interface_port": 10050}}
    host = host_of(translation, device(config_context=context))
    assert host.templates == {"Arista"}
    assert [one.type for one in host.interfaces] == ["agent"]


def test_the_config_is_never_executed(tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    text = (
        "import os\n"
        f"os.system('touch {marker}')\n"
        f"template_cf = open({str(marker)!r}, 'w').name\n"
        "for number in range(3):\n    clustering = True\n"
        "sync_vm = True\n"
    )
    translation = translated(tmp_path, text)
    assert not marker.exists()
    told = " ".join(map(str, translation.remarks))
    for part in (
        "line 1",
        "line 2",
        "config.py, template_cf",
        "line 4",
        'no option "sync_vm". Did you mean "sync_vms"',
    ):
        assert part in told
    assert "netbox_zabbix_virtual_chassis" not in translation.variables


def test_the_environment_wins_and_is_all_texts(tmp_path: Path) -> None:
    environment = (
        'export NBZX_HOSTGROUP_FORMAT="region/site"\n'
        "NBZX_SYNC_VMS=False\n"
        "- NBZX_ZABBIX_DEVICE_DISABLE=Offline, Planned\n"
        "NBZX_DEVICE_TAG_MAP={}\n"
        "NBZX_TEMPLATE=1\n"
        "ZABBIX_TOKEN=do-not-show\n"
    )
    translation = translated(tmp_path, "hostgroup_format = 'site'", environment)
    assert host_of(translation, device()).groups == {"Netherlands/Amsterdam"}
    # "False" is a text, and so true to it
    assert host_of(translation, virtual_machine()) is not None
    assert {"NBZX_SYNC_VMS", "NBZX_DEVICE_TAG_MAP", "NBZX_TEMPLATE"} <= set(subjects(translation))
    assert host_of(translation, device(status="staged")).status == "enabled"


def test_what_cannot_be_read_is_told_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("this is no Python")
    with pytest.raises(InputError) as caught:
        migrate("netbox-zabbix-sync", [str(tmp_path / "config.py"), str(tmp_path / "missing")])
    assert len(caught.value.problems) == 2


def test_wrong_types_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("device_tag_map = 3\nzabbix_device_disable = 'Offline'\n")
    with pytest.raises(InputError) as caught:
        migrate("netbox-zabbix-sync", [str(tmp_path / "config.py")])
    assert len(caught.value.problems) == 2
