# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cache of what Zabbix has: one JSON document, whole or not at all.

It holds names, item keys and descriptions, and no value of a macro. The content changes only when Zabbix has changed;
the time of the file says when it was last found to be right.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..zabbix.settings_import import KINDS, Entries
from .result import utc_now

FORMAT, VERSION = "netops.netbox_zabbix settings", 1
#: before the content, which the checksum is of as it is written
_CONTENT = b',"content":'
_AGAIN = "Remove it, and the next import makes a new one"


@dataclass(slots=True)
class SettingsCache:
    """What the document holds. `zabbix`: the address that it was read from; `made`: when its content last changed."""

    zabbix: str
    release: tuple[int, int]
    kinds: dict[str, Entries] = field(default_factory=dict)
    made: str = ""


def load_cache(path: str) -> SettingsCache | None:
    """Return the cache, None where there is none yet. Raises InputError for one that cannot be read or trusted."""
    try:
        text = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError([f"cache_path: {path} cannot be read: {error.strerror}"]) from None
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError([f"cache_path: {path} is damaged or not whole ({error}). {_AGAIN}"]) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError([f"cache_path: {path} is no cache of Zabbix's settings. Give another cache_path"])
    version = document.get("version")
    if version != VERSION:
        raise InputError(
            [
                f"cache_path: {path} has version {version} of the format, and this is version {VERSION}: another "
                f"release of the collection wrote it. {_AGAIN}, or give another cache_path"
            ]
        )
    if document.get("checksum") != _checksum(text.partition(_CONTENT)[2].removesuffix(b"}")):
        raise InputError([f"cache_path: {path} does not match its own checksum: it was damaged or edited. {_AGAIN}"])
    content = document["content"]
    major, minor = content["release"]
    return SettingsCache(content["zabbix"], (major, minor), content["kinds"], content["made"])


def write_cache(path: str, cache: SettingsCache) -> int:
    """Write the cache and return the number of bytes; the old one stays as it is until the new one is whole.

    The file can be read by its owner alone; so can its folder, where it has to be made.
    """
    content = {
        "made": utc_now(),
        "zabbix": cache.zabbix,
        "release": list(cache.release),
        "kinds": {kind: cache.kinds[kind] for kind in KINDS if kind in cache.kinds},
    }
    body = _encode(content)
    head = _encode({"format": FORMAT, "version": VERSION, "checksum": _checksum(body)})
    text = head.removesuffix(b"}") + _CONTENT + body + b"}"
    folder = os.path.dirname(os.path.abspath(path))
    unfinished = ""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".settings-")  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        _remove(unfinished)
        raise InputError(
            [f"cache_path: {path} cannot be written, and stays as it was: {error.strerror or error}"]
        ) from None
    except BaseException:
        _remove(unfinished)
        raise
    return len(text)


def confirm_cache(path: str) -> None:
    """Note that the cache was found to be right just now: in the time of the file, its content stays."""
    try:
        os.utime(path)
    except OSError as error:
        raise InputError([f"cache_path: the time of {path} cannot be set: {error.strerror}"]) from None


def _remove(unfinished: str) -> None:
    if unfinished and os.path.exists(unfinished):
        os.unlink(unfinished)


def _encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _checksum(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()
