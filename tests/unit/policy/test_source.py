"""A policy in files: what is read, in which order, and how messages find the way back to the file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.source import (
    PolicySource,
    policy_source,
    read_policy,
)

BASE = """\
# what all hosts have
- name: everything
  host_groups: [All]

- name: lab
  match: {tag: lab}
  templates: ["ICMP Ping"]
"""


def write(folder: Path, **files: str) -> str:
    """Write files, "__" in a name standing for a folder, and return the folder."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(folder)


def problems_of(path: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_policy(path)
    return caught.value.problems


def test_one_file(tmp_path: Path) -> None:
    write(tmp_path, base=BASE)
    source = read_policy(str(tmp_path / "base.yml"))
    assert [mapping["name"] for mapping in source.mappings] == ["everything", "lab"]
    assert source.places == {"everything": "base.yml:2", "lab": "base.yml:5"}


def test_a_directory_in_the_order_of_its_paths(tmp_path: Path) -> None:
    second = "netbox_zabbix_mappings:\n  - name: b\n    host_groups: [B]\n"
    path = write(tmp_path, z="[{name: z, host_groups: [Z]}]", a__b=second, a__a="[{name: a, host_groups: [A]}]")
    (tmp_path / "notes.txt").write_text("no policy")
    (tmp_path / ".hidden.yml").write_text("[")
    (tmp_path / "a" / "empty.yaml").write_text("# nothing yet\n")
    source = read_policy(path)
    assert source.places == {"a": "a/a.yml:1", "b": "a/b.yml:2", "z": "z.yml:1"}
    assert [mapping["name"] for mapping in source.mappings] == ["a", "b", "z"]


def test_statuses_of_files_and_of_the_option(tmp_path: Path) -> None:
    one = "netbox_zabbix_statuses: {device: {staged: enabled, planned: absent}}\n"
    path = write(tmp_path, base=BASE, one=one, two="netbox_zabbix_statuses: {virtual_machine: {paused: enabled}}")
    policy = read_policy(path).parse(statuses={"device": {"planned": "disabled"}})
    assert policy.statuses["device"]["staged"] == "enabled"
    assert policy.statuses["device"]["planned"] == "disabled", "the option is over the files"
    assert policy.statuses["device"]["active"] == "enabled"
    assert policy.statuses["virtual_machine"]["paused"] == "enabled"


def test_statuses_that_contradict_each_other(tmp_path: Path) -> None:
    one, two = ("netbox_zabbix_statuses:\n  device: {staged: " + word + "}\n" for word in ("enabled", "absent"))
    path = write(tmp_path, a=one, b=two, base=BASE)
    assert problems_of(path) == ["b.yml:1: netbox_zabbix_statuses: device: staged has another meaning in another file"]


def test_all_files_are_looked_at_before_anything_is_said(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        a="- name: one\n  host_groups: [A\n- name: two\n",
        b=BASE,
        c="just a text",
        d="- name: lab\n  host_groups: [Again]\n",
        e="- name: twice\n  templates: [A]\n  templates: [B]\n",
        f="netbox_zabbix_mapping: []\n",
        g="netbox_zabbix_mappings: {name: x}\n",
        h="- name: vaulted\n  macros: {'{$A}': !vault x}\n",
        i="- name: {{ x }}\n",
    )
    (tmp_path / "z.yml").write_bytes(b"- name: caf\xe9\n")
    found = problems_of(path)
    assert [problem.partition(": ")[0] for problem in found] == [
        "a.yml:3:7",
        "c.yml",
        "d.yml:1",
        "e.yml:3",
        "f.yml:1",
        "g.yml:1",
        "h.yml:2:20",
        "i.yml:1:10",
        "z.yml:1",
    ]
    assert "is not valid YAML" in found[0]
    assert 'a mapping "lab" is in b.yml:5 already' in found[2]
    assert 'the key "templates" is in line 2 already' in found[3]
    assert 'Did you mean "netbox_zabbix_mappings"' in found[4]
    assert "secrets are named" in found[6]
    assert "expressions of Ansible" in found[7]
    assert "is not UTF-8" in found[8]


@pytest.mark.parametrize(
    ("files", "said"),
    [({}, "holds no file that ends in .yml or .yaml"), ({"a": "# nothing\n"}, "no mapping is in")],
)
def test_nothing_to_read(tmp_path: Path, files: dict[str, str], said: str) -> None:
    (problem,) = problems_of(write(tmp_path, **files))
    assert said in problem


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    (problem,) = problems_of(str(tmp_path / "missing"))
    assert "does not exist" in problem


def test_a_message_about_a_mapping_tells_the_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, a=BASE, b='- name: "wrong \\"one\\""\n  tamplates: [x]\n- nome: y\n  templates: [x]\n')
    with pytest.raises(InputError) as caught:
        read_policy(path).parse()
    text = "\n".join(caught.value.problems)
    assert 'mapping 3 "wrong "one"" (b.yml:1): unknown key "tamplates"' in text
    assert "mapping 4 (b.yml:3): unknown key" in text


def test_places_are_put_behind_names_once(tmp_path: Path) -> None:
    source = read_policy(write(tmp_path, a=BASE))
    text = 'of mapping "lab", then mapping "everything": mapping 2 "lab": x, and mapping "other"'
    located = source.locate(text)
    assert located == (
        'of mapping "lab" (a.yml:5), then mapping "everything" (a.yml:2): mapping 2 "lab" (a.yml:5): x, '
        'and mapping "other"'
    )
    assert source.locate(located) == located
    assert source.locate("mapping 1 has the same name") == "mapping 1 (a.yml:2) has the same name"


def test_a_policy_that_is_a_variable_has_no_places() -> None:
    source = policy_source([{"name": "a", "host_groups": ["A"]}], None)
    assert source == PolicySource([{"name": "a", "host_groups": ["A"]}])
    assert source.locate('mapping 1 "a": x') == 'mapping 1 "a": x'
    assert source.parse().mappings[0].name == "a"
