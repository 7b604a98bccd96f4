"""Host ids that other tools keep."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.adopt.exports import exported_links
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.exports import Export
from unit.adopt.samples import host, matched, proposed, thing


def assigned(number: int, hostid: int | None, server: Any = 1, kind: str = "dcim.device") -> dict[str, Any]:
    return {
        "assigned_object_type": kind,
        "assigned_object_id": number,
        "hostid": hostid,
        "zabbixserver": {"id": server, "name": f"z{server}"},
    }


def test_nbxsync_says_which_host_is_whose() -> None:
    rows = [assigned(1, 11), assigned(2, None), assigned(3, 13, kind="virtualization.virtualmachine")]
    rows.append(assigned(4, 14, kind="dcim.devicerole"))
    links = exported_links(Export({"zabbixserverassignment": rows}), [])
    assert links == {"device:1": {"11"}, "virtual_machine:3": {"13"}}


def test_one_server_of_several_has_to_be_named() -> None:
    tables = {
        "zabbixserverassignment": [assigned(1, 11, 1), assigned(1, 99, 2)],
        "zabbixserver": [{"id": 1, "name": "main"}, {"id": 2, "name": "lab"}],
    }
    with pytest.raises(InputError, match="2 Zabbix servers"):
        exported_links(Export(tables), [])
    assert exported_links(Export(tables), [], "lab") == {"device:1": {"99"}}
    with pytest.raises(InputError, match='no zabbixserver "mian", only main, lab'):
        exported_links(Export(tables), [], "mian")


def test_pergus_plugin_finds_an_object_that_was_renamed_since() -> None:
    configs = [
        {"name": "z-sw1", "object_id": 1, "content_type": 20, "hostid": 11},
        {"name": "z-vm1", "object_id": 1, "content_type": 30, "hostid": 21},
        {"name": "z-old", "object_id": 2, "content_type": 20, "hostid": 12},
    ]
    subjects = [
        thing(1, "sw1", label="sw1 (device 1)"),
        thing(2, "new", label="new (device 2)"),
        thing(1, "vm1", ref="virtual_machine:1", label="vm1 (virtual machine 1)"),
    ]
    links = exported_links(Export({"host-config": configs}), subjects)
    assert links == {"device:1": {"11"}, "device:2": {"12"}, "virtual_machine:1": {"21"}}


def test_an_export_without_either_list_is_an_error() -> None:
    with pytest.raises(InputError, match="found: setting"):
        exported_links(Export({"setting": []}), [])


def test_a_host_of_an_export_is_proposed() -> None:
    found = matched([thing(1, "sw1", exported=frozenset({"11"}))], [host(11, "old name")])
    assert proposed(found) == {"device:1": "11"}
