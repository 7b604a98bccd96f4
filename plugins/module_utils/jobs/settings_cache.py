# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cache of what Zabbix has: a document in the state store, one for each Zabbix.

It holds names, item keys and descriptions, and no value of a macro. The import writes it, and the other jobs read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..state.documents import Kind, read_document, server_name, write_document
from ..state.store import DamagedError, Store
from ..zabbix.settings_import import KINDS, Entries

KIND = Kind("import of Zabbix's settings", 1)
#: a small document beside the cache, so that an import that finds nothing new does not write all of it again
_CONFIRMED = Kind("time of an import", 1)


@dataclass(slots=True)
class SettingsCache:
    """What the document holds. `zabbix`: the address that it was read from; `made`: when it was last found right."""

    zabbix: str
    release: tuple[int, int]
    kinds: dict[str, Entries] = field(default_factory=dict)
    made: datetime = field(default_factory=lambda: datetime.now(UTC))


def cache_name(zabbix: str) -> str:
    """Return the name of the cache of the Zabbix at this address."""
    return f"settings/{server_name(zabbix)}.json"


def load_cache(store: Store, zabbix: str) -> SettingsCache | None:
    """Return the cache of the Zabbix at this address, None where there is none yet. Raises StateError for one that
    cannot be read or trusted.
    """
    name = cache_name(zabbix)
    document = read_document(store, name, KIND, {"zabbix": zabbix})
    if document is None:
        return None
    try:
        major, minor = document.content["release"]
        kinds = {kind: document.content["kinds"][kind] for kind in KINDS if kind in document.content["kinds"]}
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"{store.where(name)} is damaged ({error!r}). Remove it: a new one is made.") from None
    return SettingsCache(zabbix, (major, minor), kinds, document.made)


def write_cache(store: Store, cache: SettingsCache) -> int:
    """Write the cache, as found right just now, and return the number of bytes that it takes. Raises StateError; the
    old one stays then.
    """
    content = {
        "release": list(cache.release),
        "kinds": {kind: cache.kinds[kind] for kind in KINDS if kind in cache.kinds},
    }
    return write_document(store, cache_name(cache.zabbix), KIND, content, {"zabbix": cache.zabbix})


def confirm_cache(store: Store, zabbix: str) -> None:
    """Note that the cache was found right just now; it stays as it is. Raises StateError."""
    write_document(store, _confirmed_name(zabbix), _CONFIRMED, None, {"zabbix": zabbix})


def read_confirmed(store: Store, cache: SettingsCache) -> datetime:
    """Return when the cache was last found right. Raises StateError."""
    document = read_document(store, _confirmed_name(cache.zabbix), _CONFIRMED, {"zabbix": cache.zabbix})
    return max(cache.made, document.made) if document is not None else cache.made


def _confirmed_name(zabbix: str) -> str:
    return f"{cache_name(zabbix)}.confirmed"
