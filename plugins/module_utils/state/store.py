# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state store: what runs remember from one to the next. Nothing that correctness rests on.

It keeps named contents in a directory, or under any URL that the library fsspec understands. Each is one gzip file,
whose checksum tells damage (`zcat` shows what is in it), and is replaced whole: whoever reads gets the old or the new.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import StateError
from .directory import Directory
from .filesystem import filesystem
from .place import Entry, Place

#: the location of what is kept in NetBox itself
IN_NETBOX = "netbox:"
#: of each file in the store
SUFFIX = ".gz"
#: gzip's own default; level 3 takes half the time and a fifth more room, level 9 nearly twice and saves 1 % (measured)
_LEVEL = 6
#: parts of letters, digits, dots, dashes and underscores, none of which begins with a dot
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class DamagedError(StateError):
    """What the store has under a name is not whole, or was changed."""


@dataclass(frozen=True, slots=True)
class Store:
    """Named contents in a place. Names are paths such as `runs/0f3a`. All methods raise StateError."""

    place: Place

    @property
    def location(self) -> str:
        """Where it is, as people give and read it."""
        return self.place.location

    def read(self, name: str) -> bytes | None:
        """Return what was written, None where there is nothing. Raises DamagedError where it is not whole."""
        packed = self.place.load(_path(name))
        if packed is None:
            return None
        try:
            if not packed:
                # which gzip takes for the packed nothing
                raise EOFError("it is empty")
            return gzip.decompress(packed)
        except (EOFError, OSError, zlib.error) as error:
            raise DamagedError(
                f"{self.where(name)} is damaged or not whole ({error}). Remove it: a new one is made."
            ) from None

    def write(self, name: str, content: bytes) -> int:
        """Write, and return the number of bytes that it takes; the old content stays until the new one is whole."""
        packed = pack(content)
        self.write_packed(name, packed)
        return len(packed)

    def write_packed(self, name: str, packed: bytes) -> None:
        """Write what `pack` gave, as `write`."""
        self.place.save(_path(name), packed)

    def list(self, prefix: str = "") -> list[Entry]:
        """Return what there is under names that begin with `prefix`, by name."""
        found = (
            Entry(entry.name.removesuffix(SUFFIX), entry.size, entry.changed)
            for entry in self.place.entries(prefix)
            if entry.name.endswith(SUFFIX)
        )
        return sorted((entry for entry in found if _NAME.fullmatch(entry.name)), key=lambda entry: entry.name)

    def delete(self, name: str) -> None:
        """Remove what there is under a name, where there is anything."""
        self.place.remove(_path(name))

    def where(self, name: str) -> str:
        """Return where the content of this name is, for people."""
        return f"{self.location.rstrip('/')}/{_path(name)}"


def pack(content: bytes) -> bytes:
    """Return a content as it is in the store."""
    return gzip.compress(content, _LEVEL, mtime=0)


def _path(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name in the state store")
    return name + SUFFIX


def open_store(location: str, netbox: Callable[[], Place] | None = None) -> Store | None:
    """Return the state store at a location: a directory, a URL that fsspec understands, or `netbox:`, which `netbox`
    opens; None for an empty location.

    Nothing is made before the first write. Raises StateError for a location that cannot be used.
    """
    location = location.strip()
    if not location:
        return None
    if location == IN_NETBOX:
        if netbox is None:
            raise StateError(f"state_store: {IN_NETBOX} needs netbox_url and netbox_token")
        return Store(netbox())
    scheme, separator, rest = location.partition("://")
    if separator and scheme == "file":
        location, separator = rest, ""
    if separator:
        return Store(filesystem(location))
    return Store(Directory(os.path.abspath(os.path.expanduser(os.path.expandvars(location)))))
