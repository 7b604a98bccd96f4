# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A directory as the place of the state store: for its owner alone, and never half a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import StateError
from .place import Entry

#: how the name of a file begins that is being written; a run that was killed leaves one behind
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory, made at the first write with mode 0700; its files have 0600. `location` is absolute."""

    location: str

    def load(self, path: str) -> bytes | None:
        """Return a file, None where there is none."""
        full = os.path.join(self.location, path)
        try:
            with open(full, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(f"{full} cannot be read: {error.strerror}") from None

    def save(self, path: str, content: bytes) -> None:
        """Put a file in the place of the old one, which stays as it is until the new one is on the disk."""
        full = os.path.join(self.location, path)
        folder = os.path.dirname(full)
        unfinished = ""
        try:
            _make(folder)
            handle, unfinished = tempfile.mkstemp(dir=folder, prefix=_UNFINISHED)  # mode 0600
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, full)
        except OSError as error:
            _discard(unfinished)
            raise StateError(f"{full} cannot be written, and stays as it was: {error.strerror or error}") from None
        except BaseException:
            _discard(unfinished)
            raise

    def entries(self, prefix: str) -> Iterator[Entry]:
        """Yield the files whose path begins with `prefix`."""
        top = os.path.join(self.location, os.path.dirname(prefix))
        try:
            for folder, dummy, names in os.walk(top, onerror=_raise):
                for name in names:
                    full = os.path.join(folder, name)
                    path = os.path.relpath(full, self.location)
                    if path.startswith(prefix) and not name.startswith(_UNFINISHED):
                        try:
                            status = os.stat(full)
                        except FileNotFoundError:
                            continue  # another run has removed it just now
                        yield Entry(path, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))
        except OSError as error:
            raise StateError(f"{top} cannot be listed: {error.strerror}") from None

    def remove(self, path: str) -> None:
        """Remove a file, where there is one."""
        full = os.path.join(self.location, path)
        try:
            os.unlink(full)
        except FileNotFoundError:
            return
        except OSError as error:
            raise StateError(f"{full} cannot be removed: {error.strerror}") from None


def _make(folder: str) -> None:
    """Make a folder and those above it that are missing, all for their owner alone."""
    if os.path.isdir(folder):
        return
    _make(os.path.dirname(folder))
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        # another run has made it just now; what is no folder shows at the next step
        return


def _discard(unfinished: str) -> None:
    if unfinished and os.path.exists(unfinished):
        os.unlink(unfinished)


def _raise(error: OSError) -> None:
    """Pass on what keeps a folder from being listed; one that is not there holds nothing."""
    if not isinstance(error, FileNotFoundError):
        raise error
