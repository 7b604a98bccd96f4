"""What is kept is whole and of the same NetBox, or it is not used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.cache import (
    FORMAT,
    Finished,
    Lists,
    asked,
    finished,
    pack,
    unpack,
)

SCOPE = {"the address of NetBox": "a", "the options": "o"}


def test_what_is_kept_comes_back() -> None:
    content = {"format": FORMAT, "rows": [1, None, "ä"]}
    assert unpack(pack(content)) == content


@pytest.mark.parametrize("text", [None, "", 5, "x", "abc:def", pack({"format": FORMAT})[:-1], pack({"format": 0})])
def test_what_is_damaged_or_foreign_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"it is|nothing"):
        unpack(text)


def test_every_changed_letter_is_seen() -> None:
    text = pack({"format": FORMAT, "rows": list(range(20))})
    for at in range(len(text)):
        with pytest.raises(ValueError, match="damaged"):
            unpack(text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :])


def test_hosts_are_kept_for_the_same_options_only() -> None:
    done = Finished(SCOPE, 5.0, [["g", None]])
    done.add(["h", {"x": 1}, ["g"], {}])
    text = done.text()
    head, hosts = finished(text, SCOPE)
    assert (head["time"], head["groups"], hosts) == (5.0, [["g", None]], [["h", {"x": 1}, ["g"], {}]])
    with pytest.raises(ValueError, match="the options changed"):
        finished(text, {**SCOPE, "the options": "p"})


def test_whose_it_is_does_not_tell_the_token() -> None:
    one = asked(NetBoxConnection("http://n", "secret"), frozenset("ab"))
    assert "secret" not in str(one)
    assert one != asked(NetBoxConnection("http://n", "other"), frozenset("ab"))
    assert one != asked(NetBoxConnection("http://n", "secret"), frozenset("abc"))


def test_whose_it_is_does_not_depend_on_the_process() -> None:
    """The order of a set is another one in each process."""
    code = (
        "from tools import collection; collection.register()\n"
        "from ansible_collections.netops.netbox_zabbix.plugins.module_utils.inventory.cache import asked\n"
        "from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection\n"
        "print(asked(NetBoxConnection('http://n', 't'), {'a': frozenset('abcdefgh'), 'b': [frozenset('xyz')]}))"
    )
    tests = Path(__file__).parents[2]
    shown = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONPATH": str(tests), "PYTHONHASHSEED": seed}, check=True,
            capture_output=True, text=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(shown) == 1


def test_lists_are_read_again_after_what_shows_in_them() -> None:
    path = "ipam/services/"
    first = Lists(keeps=True)
    assert list(first.rows(path, {}, lambda: [[{"id": 1}]])) == [{"id": 1}]

    def rows(*changed: str, question: object = None) -> list[dict[str, int]]:
        lists = Lists(first.now, frozenset(changed), keeps=True)
        return list(lists.rows(path, question or {}, lambda: [[{"id": 2}]]))

    assert rows() == rows("dcim.site") == [{"id": 1}]
    assert rows("ipam.service") == rows("dcim.device") == [{"id": 2}]
    assert rows(question={"id": [1]}) == [{"id": 2}]
    other = Lists({"dcim/sites/": []}, frozenset({"dcim.device"}), keeps=True)
    assert list(other.rows("dcim/sites/", {}, lambda: [[{"id": 3}]])) == [{"id": 3}]
