# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox as the place of the state store, `netbox:`: for runs from several machines that have no other in common.

Each document is a saved filter that is switched off. It takes a long text, does nothing by itself, and its permission
gives no power over what is monitored or configured; with config contexts and config templates, which take as much, the
token could change a policy or a device. Measured with NetBox 4.6.8 and the cache of 354 templates (175 KB, 233 KB as
text): 44 ms to write, 18 ms to read; a config context 89 and 39 ms, a config template 80 and 23 ms. NetBox's changelog
keeps the text before and after each write, so what did not change is not written.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..connection import NetBoxConnection
from ..errors import NetBoxError, StateError
from ..state.place import Entry, Place
from ..state.store import IN_NETBOX as LOCATION
from .client import NetBox, connect
from .failures import Refused
from .needs import KEPT_SLUG

#: characters of one document; 5 million were taken (measured), and web servers before NetBox allow less than 25
MOST = 5_000_000
_PATH = "extras/saved-filters/"
_NAMED = "netops.netbox_zabbix "
_ABOUT = "Kept by netops.netbox_zabbix, no filter to be used. Bytes: "


@dataclass(frozen=True, slots=True)
class SavedFilters:
    """Documents as saved filters of NetBox."""

    netbox: NetBox

    @property
    def location(self) -> str:
        """Where it is, as people give and read it."""
        return LOCATION

    def load(self, path: str) -> bytes | None:
        """Return a document, None where there is none."""
        row = self._find(path, "read", "id,parameters")
        if row is None:
            return None
        text: Any = (row.get("parameters") or {}).get("content")
        try:
            return base64.b64decode(text, validate=True)
        except (TypeError, ValueError):
            # what the store takes for damage
            return b""

    def save(self, path: str, content: bytes) -> None:
        """Put a document in the place of the old one, in one write."""
        text = base64.b64encode(content).decode()
        if len(text) > MOST:
            raise StateError(
                f"{LOCATION}/{path} would take {len(text)} characters, and {MOST} is the most that is kept in NetBox. "
                "Let state_store be a directory or a URL."
            )
        payload: dict[str, Any] = {"parameters": {"content": text}, "description": f"{_ABOUT}{len(content)}"}
        there = self._find(path, "written", "id,description,parameters")
        if there is not None and (there.get("parameters") or {}).get("content") == text:
            return
        try:
            if there is None:
                there = self._add(path, payload)
            if there is not None:
                self.netbox.patch(f"{_PATH}{there['id']}/", payload)
        except NetBoxError as error:
            raise StateError(f"{LOCATION}/{path} cannot be written, and stays as it was: {error}") from None

    def entries(self, prefix: str) -> Iterator[Entry]:
        """Yield the documents whose path begins with `prefix`."""
        asked = {"name__isw": f"{_NAMED}{prefix}", "fields": "id,name,description,last_updated"}
        try:
            rows = [row for page in self.netbox.pages(_PATH, asked) for row in page]
        except NetBoxError as error:
            raise StateError(f"{LOCATION}/{prefix} cannot be listed: {error}") from None
        for row in rows:
            path = row["name"].removeprefix(_NAMED)
            # NetBox compares without regard to case
            if path.startswith(prefix):
                size = row["description"].removeprefix(_ABOUT)
                changed = datetime.fromisoformat(row["last_updated"].replace("Z", "+00:00")).astimezone(UTC)
                yield Entry(path, int(size) if size.isdigit() else 0, changed)

    def remove(self, path: str) -> None:
        """Remove a document, where there is one."""
        row = self._find(path, "removed", "id")
        if row is None:
            return
        try:
            self.netbox.delete(_PATH, [{"id": row["id"]}])
        except NetBoxError as error:
            raise StateError(f"{LOCATION}/{path} cannot be removed: {error}") from None

    def _find(self, path: str, done: str, fields: str) -> dict[str, Any] | None:
        try:
            rows: list[dict[str, Any]] = self.netbox.get(_PATH, {"slug": _slug(path), "fields": fields})["results"]
        except NetBoxError as error:
            raise StateError(f"{LOCATION}/{path} cannot be {done}: {error}") from None
        return rows[0] if rows else None

    def _add(self, path: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Add a document, and return None; or the one that another machine has added just now."""
        new = {
            "name": f"{_NAMED}{path}",
            "slug": _slug(path),
            # of itself, so that it shows up beside no devices
            "object_types": ["extras.savedfilter"],
            "enabled": False,
            "shared": True,
        }
        try:
            self.netbox.post(_PATH, {**new, **payload})
        except Refused as error:
            # of two at the very same moment, the second is an error of NetBox's database
            taken = error.status == 400 or "duplicate key" in error.detail
            there = self._find(path, "written", "id") if taken else None
            if there is None:
                raise
            return there
        return None


def in_netbox(connection: NetBoxConnection) -> Callable[[], Place]:
    """Return what opens NetBox as a place, for `open_store`."""

    def opened() -> Place:
        try:
            return SavedFilters(connect(connection))
        except NetBoxError as error:
            raise StateError(f"state_store: {LOCATION} cannot be used: {error}") from None

    return opened


def _slug(path: str) -> str:
    return f"{KEPT_SLUG}{hashlib.sha256(path.encode()).hexdigest()[:32]}"
