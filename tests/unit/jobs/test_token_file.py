"""The file of a token: who may read it, and what is never written over."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.token_file import (
    check_writable,
    read_token,
    write_token,
)

TOKEN = "a1" * 32


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(TOKEN)
    path.chmod(0o644)
    write_token("zabbix_token_path", str(path), "b2" * 32)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_token("zabbix_token_path", str(path)) == "b2" * 32
    assert [one.name for one in tmp_path.iterdir()] == ["token"]


def test_no_file_and_an_empty_one_hold_no_token(tmp_path: Path) -> None:
    assert read_token("zabbix_token_path", str(tmp_path / "none")) is None
    (tmp_path / "empty").write_text("\n")
    assert read_token("zabbix_token_path", str(tmp_path / "empty")) is None


@pytest.mark.parametrize("text", ["two words", "a: 1\nb: 2\n", "short", "\x00" * 30])
def test_a_file_that_holds_something_else_is_not_written_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(InputError, match="no token"):
        read_token("zabbix_token_path", str(path))


def test_a_folder_that_is_not_there_is_told_before_a_token_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="zabbix_token_path"):
        check_writable("zabbix_token_path", str(tmp_path / "no" / "token"))


def test_a_file_that_cannot_be_written_says_that_the_token_is_lost(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="lost") as caught:
        write_token("zabbix_token_path", str(tmp_path / "folder"), TOKEN)
    assert TOKEN not in str(caught.value)
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]
