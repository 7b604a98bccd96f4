# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a place has to be able to do to be one of the state store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """What the store has under a name. `size` in bytes, as it is kept; `changed`: when it was written, UTC."""

    name: str
    size: int
    changed: datetime


class Place(Protocol):
    """Where files are kept, by their path with `/` between its parts. All methods raise StateError."""

    @property
    def location(self) -> str:
        """Where it is, as people give and read it."""

    def load(self, path: str) -> bytes | None:
        """Return a file, None where there is none."""

    def save(self, path: str, content: bytes) -> None:
        """Put a file in the place of the old one, which stays as it is until the new one is whole."""

    def entries(self, prefix: str) -> Iterable[Entry]:
        """Return the files whose path begins with `prefix`."""

    def remove(self, path: str) -> None:
        """Remove a file, where there is one."""
