"""The figures of a run that Zabbix watches, and what becomes of a run when they cannot be sent."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.figures import (
    FIGURES,
    WATCHED,
    as_figures,
    run_key,
)
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.sender import send_figures
from tools import collection
from unit.report.samples import drifted, failed, orphan, result


class Trapper:
    """A server that answers as Zabbix does to values that are sent, or in another way."""

    def __init__(self, answer: bytes | None = None) -> None:
        self.answer = answer
        self.taken: list[dict[str, Any]] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, dummy = self.socket.accept()
        with connection:
            length = struct.unpack("<I", connection.recv(13, socket.MSG_WAITALL)[5:9])[0]
            self.taken += json.loads(connection.recv(length, socket.MSG_WAITALL))["data"]
            if self.answer is not None:
                connection.sendall(self.answer)


def packet(**answer: str) -> bytes:
    body = json.dumps(answer).encode()
    return b"ZBXD\x01" + struct.pack("<II", len(body), 0) + body


def told(processed: int, refused: int) -> bytes:
    text = f"processed: {processed}; failed: {refused}; total: 1; seconds spent: 0.000030"
    return packet(response="success", info=text)


@pytest.fixture
def report() -> dict[str, Any]:
    return result([drifted(1), drifted(2), failed(3), orphan(4)], stats={"objects": 9}).full()


@pytest.fixture
def trapper(request: pytest.FixtureRequest) -> Iterator[Trapper]:
    trapper = Trapper(request.param)
    yield trapper
    trapper.socket.close()


def test_the_figures_of_a_run(report: dict[str, Any]) -> None:
    assert json.loads(as_figures(report)) == {
        "ok": 0,
        "refused": 0,
        "duration": 3.5,
        "objects": 9,
        "changed": 2,
        "failed": 1,
        "drifted": 2,
        "pending": 2,
        "requests": 15,
    }


def test_a_run_without_phases_lasted_from_its_beginning_to_its_end() -> None:
    run = result()
    run.durations = {}
    assert json.loads(as_figures(run.full()))["duration"] == 21


def test_the_template_takes_all_of_them() -> None:
    path = collection.ROOT / "roles" / "self_monitoring" / "files" / "netbox_sync.yml"
    export = yaml.safe_load(path.read_text())["zabbix_export"]
    (template,) = export["templates"]
    items = {item["key"]: item for item in template["items"]}
    for module in WATCHED:
        assert items[run_key(module)]["type"] == "TRAP"
        for figure in FIGURES:
            item = items[f"netbox_zabbix.{figure.name}[{module}]"]
            assert item["preprocessing"] == [{"type": "JSONPATH", "parameters": [f"$.{figure.name}"]}]
            assert item["master_item"] == {"key": run_key(module)}
    identities = re.findall(r"uuid: (\w+)", path.read_text())
    assert len(identities) == len(set(identities))
    assert all(
        re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}8[0-9a-f]{15}", one) for one in identities if one[0:8] != "a571c0d1"
    )


@pytest.mark.parametrize("trapper", [told(1, 0)], indirect=True)
@pytest.mark.parametrize("module", ["hosts_sync", "hosts_apply"])
def test_they_are_sent_as_one_value(report: dict[str, Any], module: str, trapper: Trapper) -> None:
    """Applying a plan passes for a sync."""
    where = {"server": "127.0.0.1", "port": trapper.port, "host": "NetBox sync x"}
    assert send_figures(report, module, where) == ""
    (value,) = trapper.taken
    assert (value["host"], value["key"]) == ("NetBox sync x", "netbox_zabbix.run[hosts_sync]")
    assert value["value"] == as_figures(report)


@pytest.mark.parametrize(
    ("trapper", "says"),
    [
        (told(0, 1), "does not take netbox_zabbix.run[hosts_sync] for the host"),
        (packet(response="failed", info="no"), "did not reach Zabbix"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "did not reach Zabbix"),
        (b"", "did not reach Zabbix"),
    ],
    indirect=["trapper"],
)
def test_what_goes_wrong_is_told_and_raises_nothing(report: dict[str, Any], trapper: Trapper, says: str) -> None:
    where = {"server": "127.0.0.1", "port": trapper.port, "host": "NetBox sync x"}
    assert says in send_figures(report, "hosts_sync", where)


def test_a_server_that_is_not_there(report: dict[str, Any]) -> None:
    for server in ("127.0.0.1", "no such host.invalid"):
        said = send_figures(report, "hosts_sync", {"server": server, "port": 1, "host": "x"})
        assert said.startswith(f"The figures of this run did not reach Zabbix at {server}:1 (self_monitoring): ")
