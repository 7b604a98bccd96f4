# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The result: the same shape for every job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Progress = Callable[[str], None]


def utc_now() -> str:
    """Return this moment as the result and records have it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class HostResult:
    """What happened to one host. `changes`: attributes that differed; `reasons`: why, for each of them."""

    name: str
    object: str
    hostid: str | None
    action: str
    changes: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    error: str | None = None


@dataclass(slots=True)
class Result:
    """The result of one run of a job.

    `stats`: counts by name. `hosts`: what was changed, left behind or failed, never the unchanged. `requests`: HTTP
    requests by server and kind. `refused`: why the guard would stop a real run with this plan. `diff`: as text.
    """

    job: str
    dry_run: bool
    run_id: str = field(default_factory=lambda: uuid4().hex[:12])
    started: str = field(default_factory=utc_now)
    finished: str = ""
    changed: bool = False
    stats: dict[str, int] = field(default_factory=dict)
    hosts: list[HostResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    requests: dict[str, dict[str, int]] = field(default_factory=dict)
    message: str = ""
    refused: str = ""
    diff: str = ""

    def finish(self, message: str) -> None:
        """Note the end of the run."""
        self.finished = utc_now()
        self.message = message

    def as_dict(self) -> dict[str, Any]:
        """Return the result as a module gives it; the diff goes apart."""
        plain = asdict(self)
        del plain["diff"]
        return plain

    @property
    def failed(self) -> list[HostResult]:
        """The hosts that failed."""
        return [host for host in self.hosts if host.action == "failed"]


def common_errors(errors: Iterable[tuple[str, str]], most: int = 10) -> str:
    """Return errors as text, those that many hosts share told once: pairs of host and error."""
    errors = list(errors)
    shared = Counter(error for dummy, error in errors)
    lines: list[str] = []
    for error, number in shared.most_common(most):
        names = [name for name, text in errors if text == error]
        some = ", ".join(names[:3]) + (f" and {number - 3} more" if number > 3 else "")
        lines.append(f"  {some}: {error}")
    if len(shared) > most:
        lines.append(f"  ... and {len(shared) - most} other errors, see hosts in the result")
    return "\n".join(lines)
