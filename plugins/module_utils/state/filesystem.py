# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Any filesystem that fsspec knows as the place of the state store: object stores, SFTP, SMB, WebDAV and others.

Who we are there is not part of the location: the libraries take it from the environment (AWS_ACCESS_KEY_ID,
GOOGLE_APPLICATION_CREDENTIALS, ...) or from fsspec's own configuration (~/.config/fsspec, FSSPEC_S3_KEY).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ..errors import StateError
from .place import Entry

try:
    import fsspec
except ImportError as error:
    IMPORT_ERROR: ImportError | None = error
else:
    IMPORT_ERROR = None

#: they show a new object when it is whole, and have no renaming: theirs is a copy
_WHOLE_OBJECTS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "oci", "r2", "tos", "memory"})
#: scheme -> the package that brings it, where fsspec says it less plainly
_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
_PACKAGES |= {"abfss": "adlfs", "sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol", "oci": "ocifs"}
#: fields of a listing that hold the time of a file, by filesystem, and what they may be: a datetime, a number, a text
_TIMES = ("LastModified", "last_modified", "updated", "mtime", "modified", "last_write_time", "created")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filesystem:
    """Files under `root` of one of fsspec's filesystems; `whole`: a file is seen when it is whole, never before."""

    location: str
    root: str
    files: Any
    whole: bool

    def load(self, path: str) -> bytes | None:
        """Return a file, None where there is none."""
        try:
            content: bytes = self.files.cat_file(self._full(path))
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - each filesystem has errors of its own
            raise self._failed("read", path, error) from None
        return content

    def save(self, path: str, content: bytes) -> None:
        """Put a file in the place of the old one, which stays as it is until the new one is whole."""
        full = self._full(path)
        try:
            if self.whole:
                self.files.pipe_file(full, content)
                return
            self.files.makedirs(full.rpartition("/")[0], exist_ok=True)
            unfinished = f"{full}.{secrets.token_hex(6)}.unfinished"
            try:
                self.files.pipe_file(unfinished, content)
                self.files.mv(unfinished, full)
            except BaseException:
                if self.files.exists(unfinished):
                    self.files.rm_file(unfinished)
                raise
        except Exception as error:  # noqa: BLE001
            raise self._failed("written, and stays as it was", path, error) from None

    def entries(self, prefix: str) -> Iterator[Entry]:
        """Yield the files whose path begins with `prefix`."""
        folder = prefix.rpartition("/")[0]
        try:
            # other machines write here too
            self.files.invalidate_cache()
            found = self.files.find(self._full(folder) if folder else self.root, detail=True)
        except FileNotFoundError:
            return
        except Exception as error:  # noqa: BLE001
            raise self._failed("listed", prefix, error) from None
        for full, about in found.items():
            path = full.removeprefix(self.root).lstrip("/")
            if path.startswith(prefix):
                yield Entry(path, int(about.get("size") or 0), _time(about))

    def remove(self, path: str) -> None:
        """Remove a file, where there is one."""
        try:
            self.files.rm_file(self._full(path))
        except FileNotFoundError:
            return
        except Exception as error:  # noqa: BLE001
            raise self._failed("removed", path, error) from None

    def _full(self, path: str) -> str:
        return f"{self.root}/{path}"

    def _failed(self, done: str, path: str, error: Exception) -> StateError:
        text = " ".join(str(error).split()) or type(error).__name__
        return StateError(f"{self.location}/{path} cannot be {done}: {text}")


def filesystem(location: str) -> Filesystem:
    """Return what fsspec has for a URL. Raises StateError, with the package to install where one is missing."""
    scheme = location.partition("://")[0]
    if urlsplit(location).password:
        raise StateError(
            "state_store: put no password into the location, it would show up in logs; give it by the environment"
        )
    if IMPORT_ERROR is not None:
        package = _PACKAGES.get(scheme, "fsspec")
        raise StateError(f"state_store: {location} needs the Python package {package}: pip install {package}")
    try:
        files, root = fsspec.core.url_to_fs(location)
    except ImportError as error:
        known = scheme in _PACKAGES
        what = f"the Python package {_PACKAGES[scheme]}: pip install {_PACKAGES[scheme]}" if known else str(error)
        raise StateError(f"state_store: {location} needs {what}") from None
    except ValueError:
        raise StateError(
            f"state_store: {location} begins with {scheme}://, which is nothing that fsspec knows. Give a directory, "
            "or a URL such as s3://bucket/netbox_zabbix"
        ) from None
    except Exception as error:  # noqa: BLE001 - some connect here already
        raise StateError(f"state_store: {location} cannot be reached: {error}") from None
    return Filesystem(location.rstrip("/"), root.rstrip("/"), files, scheme in _WHOLE_OBJECTS)


def _time(about: Mapping[str, Any]) -> datetime:
    """Return the time of a file; the beginning of time where its filesystem does not tell."""
    value = next((about[name] for name in _TIMES if about.get(name)), None)
    if isinstance(value, str):
        value = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if isinstance(value, int | float):
        value = datetime.fromtimestamp(value, UTC)
    if not isinstance(value, datetime):
        return _NEVER
    return value if value.tzinfo else value.replace(tzinfo=UTC)
