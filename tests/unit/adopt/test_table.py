"""The table of candidates: written, edited by people and spreadsheets, read again."""

from __future__ import annotations

import csv
import io

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.adopt.match import Matching
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.adopt.table import (
    Decision,
    as_csv,
    check_known,
    decided_before,
    read_decisions,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from unit.adopt.samples import host, matched, thing

HEAD = "decision,object,hostid,name\n"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def some() -> Matching:
    subjects = [thing(1, "sw1"), thing(2, "sw2", serial="A"), thing(3, "lonely", status="planned")]
    hosts = [host(11, "sw1"), host(12, "sw2", inventory={"serialno_a": "B"}), host(13, "=HYPERLINK()")]
    return matched(subjects, hosts)


def problems(content: str | bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_decisions(content.encode() if isinstance(content, str) else content, "t.csv")
    return caught.value.problems


def test_what_is_clear_is_proposed_and_nothing_is_left_out() -> None:
    found = rows(as_csv(some(), 80, {}))
    assert [(row["decision"], row["object"], row["hostid"]) for row in found] == [
        ("adopt", "device:1", "11"),
        ("", "device:2", "12"),
        ("", "device:3", ""),
        ("", "", "13"),
    ]
    assert found[0]["evidence"] == "technical name sw1; visible name sw1"
    assert found[1]["conflict"] == "the serial number is A in NetBox and B in the host's inventory"
    assert found[2]["netbox_status"] == "planned"


def test_no_name_is_a_formula_to_a_spreadsheet() -> None:
    assert rows(as_csv(some(), 80, {}))[3]["host"] == "'=HYPERLINK()"


def test_a_higher_bar_proposes_less() -> None:
    assert [row["decision"] for row in rows(as_csv(some(), 95, {}))] == [""] * 4


def test_what_a_person_decided_stays() -> None:
    decided = {("device:1", "11"): "skip", ("device:2", "12"): "adopt", ("device:3", "13"): "adopt"}
    text = as_csv(some(), 80, decided)
    found = {(row["object"], row["hostid"]): row["decision"] for row in rows(text) if row["decision"]}
    assert found == decided
    assert {key: word for key, word in decided_before(text.encode("utf-8-sig"), "t").items() if word} == decided


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_make_of_it_is_understood(delimiter: str, encoding: str) -> None:
    text = io.StringIO()
    table = csv.writer(text, delimiter=delimiter)
    table.writerow(["name", "Decision", "hostid", "object"])
    table.writerow(["Müller, Büro", " Adopt ", "11", "device:1"])
    table.writerow(["", "", "", ""])
    table.writerow(["x", "skip", "12", "device:2"])
    assert read_decisions(text.getvalue().encode(encoding), "t.csv") == [Decision(2, "device:1", "11")]


def test_each_mistake_is_named_with_its_line() -> None:
    text = "yes,device:1,11,a\nadopt,sw1,11,a\nadopt,device:2,eleven,a\nadopt,,11,a\nadopt,device:2,\n"
    assert problems(HEAD + text) == ["t.csv, line 6: has 3 columns, and line 1 has 4"]
    assert problems(HEAD + text.replace("adopt,device:2,\n", "adopt,device:2,,a\n")) == [
        't.csv, line 2: the decision "yes" is neither adopt nor skip.',
        't.csv, line 3: the object "sw1" is not of the form device:123 or virtual_machine:45',
        't.csv, line 4: the host id "eleven" is not a number',
        "t.csv, line 5: the column object is empty, and the decision is to adopt",
        "t.csv, line 6: the column hostid is empty, and the decision is to adopt",
    ]


def test_nobody_is_decided_twice() -> None:
    assert problems(HEAD + "adopt,device:1,11,a\nadopt,device:1,12,a\nadopt,device:2,11,a\n") == [
        "t.csv, line 3: object device:1 is decided twice, first in line 2",
        "t.csv, line 4: host id 11 is decided twice, first in line 2",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: is empty"),
        (b"decision,object\nadopt,device:1\n", 'line 1: there is no column "hostid"'),
        (b"descision,object,hostid\n", 'there is no column "decision". Did you mean "descision"?'),
        (b"decision,object,hostid,object\n", 'there are several columns "object"'),
        (HEAD.encode() + b"adopt,device:1,11,M\xfcller\n", "line 2: is not UTF-8"),
        (HEAD.encode() + b'adopt,device:1,11,"a\n', "is no CSV"),
        (HEAD.encode() + b"adopt;device:1;11;a\n", "line 2: has 1 columns, and line 1 has 4"),
    ],
)
def test_a_file_that_is_no_such_table(content: bytes, told: str) -> None:
    assert told in problems(content)[0]


def test_what_neither_side_has_is_named_with_its_line() -> None:
    with pytest.raises(InputError) as caught:
        check_known([Decision(2, "device:1", "11"), Decision(3, "device:2", "12")], {"device:1"}, {"12"}, "t.csv")
    assert caught.value.problems == [
        "t.csv, line 2: Zabbix has no host of id 11, or its user may not see it",
        "t.csv, line 3: NetBox has no device 2, or its token may not see it",
        "Nothing was written. Make the report again, or correct the file.",
    ]
