"""The cache of settings: whole or not at all, and told when it cannot be used."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.settings_cache import (
    VERSION,
    SettingsCache,
    confirm_cache,
    load_cache,
    write_cache,
)
from hypothesis import given
from hypothesis import strategies as st


def cache(name: str = "ICMP Ping") -> SettingsCache:
    return SettingsCache("https://zabbix.invalid", (7, 0), {"templates": {"10": {"name": name, "items": 3}}})


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "settings.json"
    size = write_cache(str(path), cache())
    after = load_cache(str(path))
    assert after is not None
    assert (after.kinds, after.release, after.zabbix) == (cache().kinds, (7, 0), "https://zabbix.invalid")
    assert after.made
    assert path.stat().st_size == size
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@given(name=st.text())
def test_any_name_comes_back(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("cache") / "c.json")
    write_cache(path, cache(name))
    after = load_cache(path)
    assert after is not None
    assert after.kinds["templates"]["10"]["name"] == name


def test_no_cache_yet(tmp_path: Path) -> None:
    assert load_cache(str(tmp_path / "none.json")) is None


def _edited(**changes: Any) -> Any:
    return lambda text: json.dumps({**json.loads(text), **changes}).encode()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text[:-20], "damaged or not whole"),
        (lambda text: b"", "damaged or not whole"),
        (lambda text: b"\xff\xfe" + text, "damaged or not whole"),
        (lambda text: text.replace(b"ICMP Ping", b"ICMP Pong"), "checksum"),
        (lambda text: b"[]", "no cache of Zabbix's settings"),
        (_edited(format="else"), "no cache of Zabbix's settings"),
        (_edited(version=VERSION + 1), f"has version {VERSION + 1} of the format"),
        (_edited(version=None), "has version None"),
        (_edited(release=[6, 0]), "checksum"),
    ],
)
def test_a_cache_that_cannot_be_used_is_told_and_left_alone(tmp_path: Path, damage: Any, said: str) -> None:
    path = tmp_path / "c.json"
    write_cache(str(path), cache())
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(InputError, match=said) as raised:
        load_cache(str(path))
    assert str(path) in str(raised.value)
    assert path.read_bytes() == before


def test_a_cache_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"cache_path: {tmp_path} cannot be read"):
        load_cache(str(tmp_path))


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "c.json"
    write_cache(str(path), cache())
    before = path.read_bytes()

    def full(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(InputError, match="No space left on device"):
        write_cache(str(path), cache("another"))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["c.json"], "nothing unfinished is left"


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_cache(str(tmp_path / "c.json"), cache())
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_cache(str(tmp_path / "file" / "c.json"), cache())


def test_a_cache_that_is_gone_cannot_be_confirmed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be set"):
        confirm_cache(str(tmp_path / "c.json"))
