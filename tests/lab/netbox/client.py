"""Starting and steering a stand-in from tests. Standard library only: the server may run on another Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

TESTS = Path(__file__).parents[2]


class StandIn:
    """A NetBox of one's own: `with StandIn() as netbox: ... netbox.url, netbox.token`."""

    def __init__(
        self,
        *,
        realistic_time: bool = False,
        version: str = "4.6.8",
        graphql: bool = True,
        limited_sites: tuple[str, ...] = (),
        port: int = 0,
        python: str | None = None,
    ) -> None:
        self._options = ["--port", str(port), "--version", version]
        self._options += ["--realistic-time"] * realistic_time + ["--no-graphql"] * (not graphql)
        self._python = python or os.environ.get("LAB_NETBOX_PYTHON") or sys.executable
        self._limited_sites = limited_sites
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.token = self.token_v1 = self.readonly_token = self.expired_token = self.limited_token = ""
        self.jobs_token = ""

    # Life

    def start(self) -> StandIn:
        command = [self._python, "-m", "lab.netbox", "--child", *self._options]
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the stand-in did not start: {' '.join(command)} ended with {self._process.wait()}")
        ready = json.loads(line)
        self.url, tokens = ready["url"], ready["tokens"]
        self.token, self.token_v1, self.readonly_token = tokens["admin"], tokens["v1"], tokens["reader"]
        self.expired_token, self.limited_token = tokens["expired"], tokens["limited"]
        self.jobs_token = tokens["jobs"]
        if self._limited_sites:
            self.limit_to(*self._limited_sites)
        return self

    def stop(self) -> None:
        if self._process is None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def __enter__(self) -> StandIn:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    # Control

    def _control(self, control: str, /, **given: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}/__lab__/{control}",
            json.dumps(given).encode(),
            {"Content-Type": "application/json"},
            method="POST",
        )
        # Straight to it, whatever proxy the environment names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"control {control} failed: {error.read().decode(errors='replace')}") from error

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What was asked since the last clear_requests(): method, path, query, status, seconds, objects; bytes of the
        answer.
        """
        log: list[dict[str, Any]] = self._control("requests")
        return log

    def clear_requests(self) -> None:
        self._control("clear_requests")

    def fail_next(
        self,
        status: int = 502,
        body: str = "<html><h1>502 Bad Gateway</h1></html>",
        *,
        content_type: str = "text/html",
        truncate: bool = False,
        lose: bool = False,
        count: int = 1,
        skip: int = 0,
        path_prefix: str = "/",
        method: str = "",
    ) -> None:
        """Spoil the next `count` requests to a path. `truncate` sends half of the true answer, `lose` does as asked
        and then cuts the connection; both ignore status and body."""
        fault: dict[str, Any] = {"count": count, "skip": skip, "path_prefix": path_prefix, "method": method}
        if truncate or lose:
            fault |= {"truncate": truncate, "lose": lose}
        else:
            fault |= {"status": status, "body": body, "content_type": content_type}
        self._control("fail", **fault)

    def slow_next(self, seconds: float, *, count: int = 1, path_prefix: str = "/") -> None:
        self._control("fail", seconds=seconds, count=count, path_prefix=path_prefix)

    def no_faults(self) -> None:
        self._control("fail", clear=True)
        self._control("settings", delay=0.0)

    def delay(self, seconds: float) -> None:
        """Every answer comes that much later."""
        self._control("settings", delay=seconds)

    def graphql(self, enabled: bool) -> None:
        self._control("settings", graphql=enabled)

    def limit_to(self, *sites: str) -> None:
        """Slugs of the only sites that `limited_token` sees."""
        self._control("settings", limited_sites=list(sites))

    def jobs_may(self, rights: dict[str, list[str]]) -> None:
        """Give `jobs_token` these rights: object types by action."""
        self._control("settings", jobs_rights=rights)

    def snapshot(self, name: str = "") -> None:
        self._control("snapshot", name=name)

    def restore(self, name: str = "") -> None:
        self._control("restore", name=name)

    def seed(self, estate: dict[str, Any]) -> None:
        """Rows as the stand-in holds them, by endpoint, ids included; no checks, no changelog."""
        self._control("seed", **estate)

    def age(self) -> None:
        """Let all that there is be old: an estate just loaded would look like one that changes all the time."""
        self._control("age")

    def reset(self) -> None:
        self._control("reset")

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = self._control("counts")
        return counts
