# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A file with one token in it, that only its owner may read."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from ..errors import InputError

MODE = 0o600


def read_token(option: str, path: str) -> str | None:
    """Return the token of a file, None where there is no file.

    Raises InputError where it cannot be read, or holds something else: that is nobody's to write over.
    """
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([f"{option}: {path} cannot be read: {error}"]) from None
    if text and not re.fullmatch(r"[A-Za-z0-9_.]{20,200}", text):
        raise InputError([f"{option}: {path} holds something that is no token; name another file"])
    return text or None


def check_writable(option: str, path: str) -> None:
    """Raise InputError where no file can be made: a token that is told once must not be lost."""
    folder = os.path.dirname(path) or "."
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError([f"{option}: {folder} cannot be written to: {error}"]) from None


def write_token(option: str, path: str, token: str) -> None:
    """Put a token into a file with mode 0600, in one step. Raises InputError where that fails."""
    temporary = ""
    try:
        # mkstemp makes files that only their owner may read
        number, temporary = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".token-")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(token + "\n")
        os.chmod(temporary, MODE)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise InputError(
            [f"{option}: {path} cannot be written: {error}. The new token is lost: run this again for another"]
        ) from None
