# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON documents in the state store: each says what it is, which version of that, who made it, and of which servers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ..errors import StateError
from .store import DamagedError, Store

#: what `made_by` says, which is for people only; galaxy.yml has the same
MADE_BY = "netops.netbox_zabbix 0.1.0"


class VersionError(StateError):
    """A document of a version that this release does not know: from a newer release (or a very old one)."""


class ForeignError(StateError):
    """A document of another NetBox or another Zabbix."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document. `version` is raised when its content gets another shape. `remedy`: what to do about one that
    is of no use.
    """

    name: str
    version: int
    remedy: str = "Remove it: a new one is made."


@dataclass(frozen=True, slots=True)
class Document:
    """What a document holds. `made`: when, UTC; `of`: the servers that it is about, such as
    `{"netbox": "https://netbox.example.com", "zabbix": "https://zabbix.example.com/api_jsonrpc.php"}`.
    """

    content: Any
    made: datetime
    made_by: str
    of: Mapping[str, str] = field(default_factory=dict)


def write_document(store: Store, name: str, kind: Kind, content: Any, of: Mapping[str, str]) -> int:
    """Write a document and return the number of bytes that it takes. Raises StateError."""
    return store.write(name, document_text(kind, content, of))


def document_text(kind: Kind, content: Any, of: Mapping[str, str]) -> bytes:
    """Return a document as it is written."""
    document = {
        "kind": kind.name,
        "version": kind.version,
        "made": datetime.now(UTC).isoformat(timespec="microseconds"),
        "made_by": MADE_BY,
        "of": dict(of),
        # last, so that `zcat FILE | head -c 300` tells what it is
        "content": content,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read_document(store: Store, name: str, kind: Kind, of: Mapping[str, str]) -> Document | None:
    """Return a document, None where there is none. `of`: the servers that it has to be about; others that it names are
    not compared.

    Raises StateError: DamagedError, VersionError, ForeignError, or that it cannot be read.
    """
    text = store.read(name)
    return None if text is None else parse_document(text, store.where(name), kind, of)


def parse_document(text: bytes, where: str, kind: Kind, of: Mapping[str, str]) -> Document:
    """Return the document that a text is. `where`: its place, for people; `of` and errors as `read_document`."""
    try:
        document = json.loads(text)
        if document["kind"] != kind.name:
            raise DamagedError(f"{where} is no {kind.name} but a {document['kind']}. {kind.remedy}")
        version = document["version"]
        if version != kind.version:
            raise VersionError(
                f"{where} has version {version} of the format, and this is version {kind.version}: another release of "
                f"the collection wrote it. Use that release. Or else: {kind.remedy}"
            )
        found = Document(
            document["content"], datetime.fromisoformat(document["made"]), document["made_by"], dict(document["of"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{where} is damaged ({error!r}). {kind.remedy}") from None
    for server, address in of.items():
        if found.of.get(server) != address:
            raise ForeignError(f"{where} is of {server} {found.of.get(server)}, and this is {address}.")
    return found


def server_name(url: str) -> str:
    """Return a server as a part of names in the store: its host name, and a digest since one host may have several."""
    host = re.sub(r"[^A-Za-z0-9.-]", "_", urlsplit(url).hostname or "").strip(".")[:40]
    return f"{host}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"
