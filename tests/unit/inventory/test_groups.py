"""Groups are as NetBox nests its places, and nobody gets into the groups of another building."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.groups import HostGroups
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.options import Options
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.read import Estate, Found
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.schema import STATUSES

Make = Callable[..., Found]


def all_groups(options: Options, estate: Estate, found: Found) -> set[str]:
    """Return every group that a host is in, also through other groups."""
    groups = HostGroups(options, estate)
    within: dict[str, set[str]] = defaultdict(set)
    for group in groups.tree():
        if group.within is not None and group.within != group.name:
            within[group.name].add(group.within)
    waiting, seen = groups.of(found, {}), set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += within[name]
    return seen


def test_a_host_is_in_the_group_of_its_location_and_of_all_above(estate: Estate, device: Make) -> None:
    options = Options(plurals=False, group_by=("location", "region", "site_group"))
    found = all_groups(options, estate, device(site=1, location=3))
    assert found == {
        "location_ber_building_floor-1", "location_floor-1", "location_ber_building", "location_building", "site_ber",
        "region_germany", "region_europe", "site_group_offices",
    }  # fmt: skip


def test_a_location_whose_name_no_other_has_is_called_by_it(estate: Estate, device: Make) -> None:
    found = all_groups(Options(plurals=False, group_by=("location",)), estate, device(site=2, location=5))
    assert found == {"location_roof", "location_ham_building", "location_building", "site_ham"}


def test_every_site_has_its_group_with_or_without_hosts(estate: Estate) -> None:
    assert [group.name for group in HostGroups(Options(group_by=("sites",)), estate).tree()] == [
        "sites_ber",
        "sites_ham",
    ]


def test_site_groups_alone_work(estate: Estate, device: Make) -> None:
    assert all_groups(Options(group_by=("site_group",)), estate, device(site=1)) == {"sites_ber", "site_group_offices"}


def test_roles_are_nested_where_netbox_nests_them(estate: Estate, device: Make) -> None:
    options = Options(group_by=("device_roles",))
    assert all_groups(options, estate, device(role=2)) == {"device_roles_switch", "device_roles_network"}
    assert all_groups(options, estate, device(role=3)) == {"device_roles_ups"}
    assert "device_roles_ups" not in [group.name for group in HostGroups(options, estate).tree()]


def test_groups_of_the_sync_status_are_always_there(estate: Estate, device: Make) -> None:
    groups = HostGroups(Options(group_by=("zabbix_status",)), estate)
    assert [group.name for group in groups.tree()] == [f"zabbix_status_{name}" for name in STATUSES]
    assert groups.of(device(), {"sync_status": "drifted"}) == ["zabbix_status_drifted"]
    assert groups.of(device(), {}) == []


def test_what_the_policy_gives_is_grouped_by(estate: Estate, device: Make) -> None:
    options = Options(group_by=("zabbix_template", "zabbix_host_group", "zabbix_proxy"), policy=True)
    zabbix = {"templates": ["Cisco IOS by SNMP"], "host_groups": ["NetBox/Ber"], "proxy": "p 1", "proxy_group": None}
    assert sorted(HostGroups(options, estate).of(device(), zabbix)) == [
        "zabbix_host_group_NetBox_Ber", "zabbix_proxy_p_1", "zabbix_template_Cisco_IOS_by_SNMP",
    ]  # fmt: skip


def test_raw_names_leave_out_the_word(estate: Estate, device: Make) -> None:
    options = Options(group_by=("tags", "status", "is_virtual", "facility"), group_names_raw=True)
    tag = estate.related.tables["tag"][1]
    found = device(site=1, tags=[tag])
    assert sorted(HostGroups(options, estate).of(found, {})) == ["B1", "active", "core"]
    virtual = device(kind="virtual_machine", site=2)
    assert sorted(HostGroups(options, estate).of(virtual, {})) == ["active", "is_virtual"]
