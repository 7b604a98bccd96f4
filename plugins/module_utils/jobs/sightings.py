# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Since when each difference is known: kept in the state store from one look to the next. Lost, it begins anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from ..errors import StateError
from ..state.documents import Kind, read_document, server_name, write_document
from ..state.store import Store
from .result import Detail, HostResult

SIGHTINGS = Kind("differences of hosts", 1)


class Sightings:
    """The differences that are known of one NetBox and one instance. `store`: where; None for nowhere."""

    def __init__(self, store: Store | None, netbox_url: str, instance: str) -> None:
        self._store = store
        self._of = {"netbox": netbox_url}
        digest = hashlib.sha256(instance.encode()).hexdigest()[:8]
        self._name = f"differences/{server_name(netbox_url)}-{digest}"
        #: object -> attribute and element -> when it was seen first
        self._known: dict[str, dict[str, str]] = {}

    def load(self) -> list[str]:
        """Read what is known, and return what did not work."""
        if self._store is None:
            return []
        try:
            document = read_document(self._store, self._name, SIGHTINGS, self._of)
        except StateError as error:
            return [f"Since when differences are known begins anew: {error}"]
        if document is not None:
            self._known = document.content
        return []

    def seen(self, host: HostResult, detail: Detail, now: str) -> str:
        """Return when a difference of a host was seen first, which may be now."""
        return self._known.get(host.object, {}).get(_key(detail), now)

    def save(self, hosts: Iterable[HostResult], *, whole: bool) -> list[str]:
        """Keep when the differences of these hosts were seen first, and return what did not work.

        `whole`: whether there are no others; a run over a part leaves the others as they are.
        """
        if self._store is None:
            return []
        now = {host.object: {_key(detail): detail.since for detail in host.details} for host in hosts if host.details}
        content = now if whole else {**self._known, **now}
        if content == self._known:
            return []
        try:
            write_document(self._store, self._name, SIGHTINGS, content, self._of)
        except StateError as error:
            return [f"Since when differences are known was not kept: {error}"]
        return []


def _key(detail: Detail) -> str:
    # a tag may differ by several values
    value = f"={detail.wanted or detail.live}" if detail.attribute == "tags" else ""
    return f"{detail.attribute}[{detail.element}]{value}"
