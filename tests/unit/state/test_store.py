"""The state store: whole or not at all, for its owner alone, in a directory or wherever fsspec can write."""

from __future__ import annotations

import errno
import gzip
import os
import resource
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import StateError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state import filesystem as filesystem_module
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import DamagedError, Store, open_store
from hypothesis import given
from hypothesis import strategies as st


def store_at(location: Any) -> Store:
    store = open_store(str(location))
    assert store is not None
    return store


@pytest.fixture(params=["directory", "memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A directory, an object store, and a filesystem of fsspec's that needs renaming."""
    places = {"directory": str(tmp_path / "new" / "state"), "memory": f"memory://{tmp_path}"}
    return store_at(places.get(request.param, f"local://{tmp_path}/state"))


def test_what_was_written_is_read_again(store: Store) -> None:
    assert store.read("settings/one.json") is None
    size = store.write("settings/one.json", b"old")
    store.write("settings/two.json", b"")
    store.write("settings/one.json", b"new" * 1000)
    assert store.read("settings/one.json") == b"new" * 1000
    assert store.read("settings/two.json") == b""
    assert 3 < size < 40


def test_a_list_has_names_sizes_and_times(store: Store) -> None:
    assert store.list() == []
    sizes = {name: store.write(name, name.encode()) for name in ("runs/b", "runs/a", "runs-of-others", "snapshot")}
    assert [entry.name for entry in store.list()] == sorted(sizes)
    found = store.list("runs/")
    assert {entry.name: entry.size for entry in found} == {"runs/a": sizes["runs/a"], "runs/b": sizes["runs/b"]}
    assert all(abs(datetime.now(UTC) - entry.changed) < timedelta(minutes=1) for entry in found)
    assert [entry.name for entry in store.list("runs")] == ["runs-of-others", "runs/a", "runs/b"]


def test_what_was_deleted_is_gone(store: Store) -> None:
    store.write("runs/a", b"1")
    store.delete("runs/a")
    store.delete("runs/a")
    assert (store.read("runs/a"), store.list()) == (None, [])


@pytest.mark.parametrize("name", ["", "../a", "a/../b", "/a", "a/", "a//b", ".a", "a b", "a\n"])
def test_no_name_leads_out_of_the_store(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        store.read(name)
    with pytest.raises(ValueError, match="not a name"):
        store.write(name, b"")


@given(content=st.binary(max_size=3000), data=st.data())
def test_damage_is_never_taken_for_content(content: bytes, data: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("state")
    store = store_at(folder)
    store.write("a", content)
    packed = bytearray((folder / "a.gz").read_bytes())
    position = data.draw(st.integers(0, len(packed) - 1))
    if data.draw(st.booleans()):
        del packed[position:]
    else:
        packed[position] ^= 1 << data.draw(st.integers(0, 7))
    (folder / "a.gz").write_bytes(packed)
    try:
        found = store.read("a")
    except DamagedError:
        return
    # some bits of gzip's head say nothing about the content, such as the system that it comes from
    assert found == content


def test_an_empty_file_is_damage(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(b"")
    with pytest.raises(DamagedError, match=f"{tmp_path}/a.gz is damaged or not whole .it is empty"):
        store_at(tmp_path).read("a")


def test_a_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    old = os.umask(0)
    try:
        store_at(folder).write("runs/one", b"")
    finally:
        os.umask(old)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder, folder / "runs")]
    assert modes == [0o700] * 3
    assert stat.S_IMODE((folder / "runs" / "one.gz").stat().st_mode) == 0o600


def test_people_can_look_at_it(tmp_path: Path) -> None:
    store_at(tmp_path).write("one.json", b'{"kind":1}')
    shown = subprocess.run(["zcat", str(tmp_path / "one.json.gz")], check=True, capture_output=True)
    assert shown.stdout == b'{"kind":1}'


def test_the_home_and_variables_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert store_at("~/state").location == store_at("$HOME/state").location == str(tmp_path / "state")
    assert store_at(f"file://{tmp_path}/state").location == str(tmp_path / "state")


def test_without_a_location_there_is_no_store() -> None:
    assert open_store("") is None
    assert open_store(" ") is None


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    store = store_at(tmp_path)
    store.write("a", b"old")

    def full(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(StateError, match=r"a\.gz cannot be written, and stays as it was: No space left on device"):
        store.write("a", b"new")
    assert store.read("a") == b"old"
    assert os.listdir(tmp_path) == ["a.gz"], "nothing unfinished is left"


def test_a_file_larger_than_may_be_leaves_the_old_one_whole(tmp_path: Path) -> None:
    """A real limit of the system, in a process of its own."""
    store = store_at(tmp_path)
    store.write("a", b"old")
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            store.write("a", os.urandom(100_000))
        except StateError as error:
            os._exit(0 if "File too large" in str(error) else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (store.read("a"), os.listdir(tmp_path)) == (b"old", ["a.gz"])


def test_a_run_that_is_killed_leaves_the_old_one_whole(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.write("runs/a", b"old")
    child = os.fork()
    if child == 0:
        os.replace = lambda *dummy: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
        store.write("runs/a", b"new")
    os.waitpid(child, 0)
    assert store.read("runs/a") == b"old"
    assert [entry.name for entry in store.list()] == ["runs/a"], "what it left unfinished is not listed"


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store_at(tmp_path).write("a", b"")
    assert os.listdir(tmp_path) == []


def test_a_directory_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = store_at(tmp_path / "file")
    for use in (
        lambda: store.write("a", b""),
        lambda: store.read("a"),
        store.list,
        lambda: store.delete("a"),
    ):
        with pytest.raises(StateError, match=f"{tmp_path}/file.*: Not a directory"):
            use()


def test_several_that_write_at_once_never_leave_a_mixture(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests'); import conftest\n"
        "from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store\n"
        "store = open_store(sys.argv[1])\n"
        "for dummy in range(200): store.write('one', sys.argv[2].encode() * 50_000)\n"
    )
    here = Path(__file__).parents[3]
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), letter], cwd=here) for letter in "ab"]
    store, seen = store_at(tmp_path), set()
    while any(writer.poll() is None for writer in writers):
        content = store.read("one")
        if content is not None:
            assert content in (b"a" * 50_000, b"b" * 50_000)
            seen.add(content[:1])
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen
    assert os.listdir(tmp_path) == ["one.gz"]


def test_a_url_without_its_library_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystem_module, "IMPORT_ERROR", ImportError("fsspec"))
    for location, package in (("s3://bucket/a", "s3fs"), ("gs://bucket", "gcsfs"), ("ftp://host/a", "fsspec")):
        with pytest.raises(StateError, match=f"{location} needs the Python package {package}: pip install {package}"):
            open_store(location)


def test_a_url_whose_own_package_is_missing_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("s3fs", "gcsfs"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(StateError, match="gs://bucket needs the Python package gcsfs: pip install gcsfs"):
        open_store("gs://bucket")


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("s4://bucket/a", "begins with s4://, which is nothing that fsspec knows"),
        ("sftp://me:hunter2@host/a", "put no password into the location"),
    ],
)
def test_a_wrong_location_is_told(location: str, said: str) -> None:
    with pytest.raises(StateError, match=said) as raised:
        open_store(location)
    assert "hunter2" not in str(raised.value)


def test_errors_of_a_filesystem_are_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = store_at(f"local://{tmp_path}/file")
    with pytest.raises(StateError, match=r"file/a\.gz cannot be written, and stays as it was") as raised:
        store.write("a", b"")
    assert "\n" not in str(raised.value)


def test_the_old_file_of_a_filesystem_stays_whole_where_a_write_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_at(f"local://{tmp_path}")
    store.write("a", b"old")
    files: Any = store.place
    real = type(files.files).pipe_file

    def broken(self: Any, path: str, value: bytes, *arguments: Any, **options: Any) -> None:
        real(self, path, value[:5])
        raise OSError("connection lost")

    monkeypatch.setattr(type(files.files), "pipe_file", broken)
    with pytest.raises(StateError, match="connection lost"):
        store.write("a", b"new")
    assert store.read("a") == b"old"
    assert os.listdir(tmp_path) == ["a.gz"]


def test_other_files_in_the_folder_are_no_content_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("mine")
    (tmp_path / "with blank.gz").write_bytes(gzip.compress(b""))
    store = store_at(tmp_path)
    store.write("a", b"")
    assert [entry.name for entry in store.list()] == ["a"]
