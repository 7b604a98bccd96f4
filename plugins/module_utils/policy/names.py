# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Technical and visible names of all hosts of an estate: legal in Zabbix, unique, and the same in every run.

Objects take their names in one order: devices, virtual machines, virtual device contexts, each by id. The first keeps
the plain name; whoever finds it taken gets its kind and id behind it. So nothing that is added with a higher id renames
an older one of its kind, and no virtual machine ever renames a device.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ..netbox.objects import ALL_KINDS

#: Zabbix compares names byte by byte (PostgreSQL, and MySQL with the collation that Zabbix asks for), so we do too.
MAX_LENGTH = 128

_ORDER = {kind: place for place, kind in enumerate(ALL_KINDS)}
_ILLEGAL = re.compile(r"[^0-9A-Za-z_. -]")
_TELLING = re.compile(r"[0-9A-Za-z]")
#: a letter that becomes a stand-in, or is one already
_STAND_IN = "[^0-9A-Za-z. -]"
#: what is in the names that we give where there is none, or another one has it: technical and visible
_OUR_HOST = re.compile(rf"(^|_)({'|'.join(ALL_KINDS)})-\d+")
_OUR_NAME = re.compile(rf" \(({'|'.join(ALL_KINDS)}) \d+\)".replace("_", " "))
#: letters that Unicode does not take apart into a base letter and a mark
_LETTERS = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
        "ð": "d", "Ð": "D", "ł": "l", "Ł": "L", "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "n", "Ŋ": "N",
        "–": "-", "—": "-", "‐": "-", "‑": "-",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class HostNames:
    """The names of one host: `host` the technical one, `name` the visible one."""

    host: str
    name: str


def technical_name(name: str) -> str:
    """Return `name` in the letters that Zabbix allows: accents go, other letters become `_`."""
    if not name.isascii():
        taken_apart = unicodedata.normalize("NFKD", name.translate(_LETTERS))
        name = "".join(letter for letter in taken_apart if not unicodedata.combining(letter))
    return _ILLEGAL.sub("_", name).strip(" ")[:MAX_LENGTH].rstrip(" ")


def visible_name(name: str) -> str:
    """Return `name` without control characters and blanks around it."""
    if not name.isprintable():
        name = "".join(letter for letter in name if unicodedata.category(letter) not in ("Cc", "Cs", "Zl", "Zp"))
    return name.strip()[:MAX_LENGTH].rstrip()


def assign_names(entries: Iterable[tuple[str, int, str | None]], reserved: Iterable[str] = ()) -> dict[str, HostNames]:
    """Return the names of every object of the estate by its ref (`device:123`), given as (kind, id, name or None).

    Give the whole estate, also when only a part of it is looked at: names depend on all that came before.
    `reserved`: technical names that nobody gets.
    """
    taken_hosts: set[str] = set(reserved)
    taken_names: set[str] = set()
    result: dict[str, HostNames] = {}
    for kind, number, given in sorted(
        entries, key=lambda entry: (_ORDER.get(entry[0], len(_ORDER)), entry[0], entry[1])
    ):
        unnamed = f"{kind}-{number}"
        visible = visible_name(given or "")
        host_suffix, name_suffix = f"_{kind}-{number}", f" ({kind.replace('_', ' ')} {number})"
        technical = technical_name(visible) if visible else unnamed
        if not _TELLING.search(technical):
            # Nothing but stand-ins is left (a name in Cyrillic): the next such name of that length would be the same.
            technical = _with_suffix(technical, host_suffix)
        host = _free(technical, host_suffix, taken_hosts)
        name = _free(visible or unnamed, name_suffix, taken_names)
        result[f"{kind}:{number}"] = HostNames(host, name)
    return result


def alike_pattern(names: Iterable[str | None]) -> str | None:
    """Return a regular expression that finds the name of every object which could be called like one of these, and of
    some others: to `assign_names`, only those matter to these. None where all names of the estate have to be known.

    For ASCII names each stand-in may be any other letter; what other names become cannot be told by an expression, so
    it finds all of them.
    """
    found: set[str] = set()
    for given in names:
        visible = visible_name(given or "")
        technical = technical_name(visible)
        cut = len(visible) >= MAX_LENGTH or len(technical) >= MAX_LENGTH
        if cut or not _TELLING.search(technical) or _OUR_HOST.search(technical) or _OUR_NAME.search(visible):
            return None
        letters = (_STAND_IN if letter == "_" else re.escape(letter) for letter in technical)
        found.add("".join(letters))
    return f"[^ -~]|^ *({'|'.join(sorted(found))}) *$" if found else None


def _free(plain: str, suffix: str, taken: set[str]) -> str:
    """Return the first of `plain`, `plain` + suffix, `plain` + suffix + suffix ... that is not taken, and take it."""
    name, times = plain, 0
    while name in taken:
        # Twice only where somebody named an object just like that.
        times += 1
        name = _with_suffix(plain, suffix * times)
    taken.add(name)
    return name


def _with_suffix(plain: str, suffix: str) -> str:
    return plain[: MAX_LENGTH - len(suffix)].rstrip() + suffix
