"""An estate in a file: what comes back is what went in, and half a file is told from a whole one."""

from __future__ import annotations

import gzip
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.estate import Estate, Scope
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.export import load_export, write_export
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.objects import Template, ZabbixSettings
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix.template_facts import TemplateItems
from hypothesis import given
from hypothesis import strategies as st
from unit.policy.samples import (
    ACCESS,
    AMSTERDAM,
    BRANCHES,
    NETHERLANDS,
    SWITCHES,
    device,
    related_tables,
    virtual_machine,
)


def estate() -> Estate:
    settings = ZabbixSettings(proxies={"p1": "7"}, proxy_groups={"g1": "8"})
    template = Template("10", "icmp_ping", "ICMP Ping", ("9",), 3)
    settings.templates_by_id["10"] = template
    settings.templates.update({"ICMP Ping": [template], "icmp_ping": [template]})
    settings.add_group("5", "All")
    items = TemplateItems("10", {"icmpping": "item"}, {}, {"any": "icmpping"}, {5: "icmpping"}, {"9": "down"})
    related = related_tables()
    related.tables["site_group"] = {1: BRANCHES}
    return Estate(
        related,
        [device(1), virtual_machine(2)],
        settings=settings,
        release=(7, 0),
        template_items={"10": items},
        netbox_url="http://n",
    )


@pytest.mark.parametrize("name", ["estate.json", "estate.json.gz"])
def test_what_was_written_is_read_again(tmp_path: Path, name: str) -> None:
    path, before = tmp_path / name, estate()
    assert write_export(str(path), before) == path.stat().st_size
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"\x1f\x8b") == name.endswith(".gz")
    after = load_export(str(path))
    assert after.objects == before.objects
    assert after.related == before.related
    assert after.settings == before.settings
    assert after.template_items == before.template_items
    assert (after.release, after.netbox_url) == ((7, 0), "http://n")
    assert after.made
    assert os.listdir(tmp_path) == [name], "nothing unfinished is left"


def test_related_objects_stay_shared(tmp_path: Path) -> None:
    path = str(tmp_path / "e.json")
    write_export(path, estate())
    after = load_export(path)
    switch, machine = after.objects
    assert switch.attributes["site"] is machine.attributes["site"] is after.related.tables["site"][1]
    assert switch.attributes["region"] is switch.attributes["site"]["region"]
    assert switch.attributes["role"]["parent"] is after.related.tables["role"][1]
    assert (SWITCHES["name"], ACCESS["parent"], AMSTERDAM["region"]) == ("Switches", SWITCHES, NETHERLANDS)


def test_without_zabbix(tmp_path: Path) -> None:
    path, before = str(tmp_path / "e.json"), estate()
    before.settings = None
    write_export(path, before)
    assert load_export(path).settings is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["$related", "$plain"]), inner),
    )
)
def test_whatever_a_config_context_holds(tmp_path_factory: pytest.TempPathFactory, context: Any) -> None:
    path, before = str(tmp_path_factory.mktemp("e") / "e.json"), estate()
    before.objects[0].attributes["config_context"] = {"$related": ["site", 1], "x": context}
    write_export(path, before)
    assert load_export(path).objects == before.objects


@pytest.mark.parametrize("name", ["estate.json", "estate.json.gz"])
def test_half_a_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_export(str(path), estate())
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"is damaged or not whole .*netops\.netbox_zabbix\.export"):
        load_export(str(path))


def test_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "e.json.gz"
    write_export(str(path), estate())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InputError, match="is damaged or not whole"):
        load_export(str(path))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "is no export of an estate"),
        ({"hello": 1}, "is no export of an estate"),
        ({"format": "netops.netbox_zabbix estate", "version": 99}, "has version 99 of the format"),
    ],
)
def test_files_of_another_kind_or_version(tmp_path: Path, document: Any, said: str) -> None:
    path = tmp_path / "e.json"
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    with pytest.raises(InputError, match=said):
        load_export(str(path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        load_export(str(tmp_path / "e.json"))
    with pytest.raises(InputError, match=r"the folder .* does not exist"):
        write_export(str(tmp_path / "no" / "e.json"), estate())


def test_an_older_file_stays_when_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    path, broken = tmp_path / "e.json", estate()
    write_export(str(path), estate())
    broken.objects[0].attributes["custom_fields"] = {"x": object()}
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_export(str(path), broken)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["e.json"]


def test_which_objects_are_hosts_is_chosen_when_it_is_read(tmp_path: Path) -> None:
    chassis = {"id": 1, "name": "stack", "slug": None, "master": 1}
    whole = estate()
    whole.related.tables["virtual_chassis"] = {1: chassis}
    whole.objects = [device(1, virtual_chassis=chassis), device(2, virtual_chassis=chassis)]
    path = str(tmp_path / "e.json")
    write_export(path, whole)
    after = load_export(path)
    after.narrow(Scope())
    assert {ref: names.host for ref, names in after.hosts.names.items()} == {"device:1": "sw1", "device:2": "sw2"}
    after.narrow(Scope(virtual_chassis="master"))
    assert {ref: names.host for ref, names in after.hosts.names.items()} == {"device:1": "stack"}
    assert after.hosts.excluded == {"device:2": "member of virtual chassis stack"}


def test_finding_objects(tmp_path: Path) -> None:
    whole = estate()
    assert [one.ref for one in whole.find(["sw1"], ["virtual_machine:2", "device:1"])] == [
        "device:1",
        "virtual_machine:2",
    ]
    with pytest.raises(InputError) as caught:
        whole.find(["sw11", "sw1"], ["device:9"])
    assert caught.value.problems == [
        'the export has no device or virtual machine called "sw11". Did you mean "sw1"?',
        "the export has no object device:9",
    ]
