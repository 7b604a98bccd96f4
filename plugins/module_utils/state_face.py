# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules share that have the state store.

The texts of the options are in `plugins/doc_fragments/state.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from .connection import netbox_connection
from .errors import InputError, StateError
from .jobs.result import Result
from .jobs.run_records import prune, write_record
from .netbox.state_place import in_netbox
from .state.store import IN_NETBOX, Store, open_store


def state_spec() -> dict[str, dict[str, Any]]:
    """Return the argument that says where the state store is."""
    return {"state_store": {"type": "str", "default": "~/.local/state/netops.netbox_zabbix"}}


def store_of(params: Mapping[str, Any]) -> Store | None:
    """Return the state store that the arguments of a module name. Raises StateError, and InputError for a wrong address
    of NetBox where it is in there.
    """
    if params["state_store"].strip() != IN_NETBOX or not (params["netbox_url"] and params["netbox_token"]):
        return open_store(params["state_store"])
    return open_store(params["state_store"], in_netbox(netbox_connection(params)))


def runs_spec() -> dict[str, dict[str, Any]]:
    """Return the arguments of a module whose runs leave records: where, how many are kept, and for how long."""
    return {**state_spec(), "keep_runs": {"type": "dict", "default": {}}}


def keep_run(
    params: Mapping[str, Any],
    secret: frozenset[str],
    scrubbed: Callable[[Any], Any],
    keep: Mapping[str, int],
    result: Result,
) -> list[str]:
    """Leave the record of a run in the state store, remove old ones, and return notes where that failed.

    `params`: the arguments of the module; `secret`: those that hold secrets; `scrubbed`: takes secrets out of a value.
    `keep`: as `keep_from` gives it.
    """
    try:
        store = store_of(params)
        if store is None or not keep["count"]:
            return []
        options = {name: value for name, value in params.items() if name not in secret}
        of = {server: params[f"{server}_url"] for server in ("netbox", "zabbix") if params.get(f"{server}_url")}
        write_record(store, result, options, of, scrubbed)
        prune(store, keep, datetime.now(UTC))
    except (StateError, InputError) as error:
        return [f"The record of this run was not kept: {error}"]
    return []


def cache_spec() -> dict[str, dict[str, Any]]:
    """Return the arguments of a module that reads the import's cache: where it is, and for how many seconds it is
    fresh.
    """
    return {**state_spec(), "settings_max_age": {"type": "int", "default": 26 * 3600}}
