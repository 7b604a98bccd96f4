# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules share that make or compare hosts: their arguments, and the options of a run from them.

The texts of the arguments are in `plugins/doc_fragments/hosts.py` and `state.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from .ansible_face import FAIL_ON_OPTION, argument_spec
from .state_face import cache_spec, runs_spec

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from .jobs.run import SyncOptions

Options = TypeVar("Options", bound="SyncOptions")

WRITE_BACK = ["zabbix_hostid", "zabbix_sync_status", "zabbix_sync_time", "zabbix_sync_detail"]

ARGUMENTS: dict[str, dict[str, Any]] = {
    "instance": {"type": "str", "default": "netbox"},
    "mappings": {"type": "list", "elements": "raw"},
    "policy_path": {"type": "path"},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "digest_key": {"type": "str", "default": "", "no_log": True},
    "statuses": {"type": "dict"},
    "filters": {"type": "dict"},
    "names": {"type": "list", "elements": "str", "default": []},
    "ids": {"type": "list", "elements": "str", "default": []},
    "limits": {"type": "dict", "default": {}},
    "deletion": {"type": "dict", "default": {}},
    "in_maintenance": {"type": "str", "choices": ["change", "postpone"], "default": "change"},
    "change_window": {"type": "str", "default": ""},
    "waves": {"type": "raw"},
    "health": {"type": "dict", "default": {}},
    "resolve": {"type": "dict", "default": {}},
    "virtual_chassis": {"type": "str", "choices": ["members", "master"], "default": "members"},
    "virtual_device_contexts": {"type": "bool", "default": False},
    "ownership": {"type": "dict", "default": {}},
    "template_removal": {"type": "str", "choices": ["unlink", "clear"], "default": "unlink"},
    "lock": {"type": "str", "choices": ["shared", "local"], "default": "shared"},
    "lock_wait": {"type": "int", "default": 300},
    "write_back": {
        "type": "list",
        "elements": "str",
        "choices": WRITE_BACK,
        "default": WRITE_BACK,
    },
    **cache_spec(),
}
#: how NetBox is read in a run over the whole estate
READING: dict[str, dict[str, Any]] = {
    "mode": {"type": "str", "choices": ["full", "incremental", "auto"]},
    "lookback_minutes": {"type": "float", "default": 10},
    "full_every_hours": {"type": "float", "default": 24},
}


def hosts_module(**own: dict[str, Any]) -> dict[str, Any]:
    """Return what AnsibleModule is made with: the connections, the shared arguments, and the module's own."""
    return {
        "argument_spec": argument_spec(**{**ARGUMENTS, **runs_spec()}, fail_on=FAIL_ON_OPTION, **own),
        "mutually_exclusive": [("mappings", "policy_path")],
        "required_one_of": [("mappings", "policy_path")],
        "supports_check_mode": True,
    }


def reading_arguments(mode: str) -> dict[str, dict[str, Any]]:
    """Return the arguments that say how NetBox is read, with this mode as the default."""
    return {**READING, "mode": {**READING["mode"], "default": mode}}


def sync_options(module: AnsibleModule, *own: str) -> SyncOptions:
    """Return the options of the run that a module's arguments ask for. `own`: names of its own that are options too."""
    from .jobs.run import SyncOptions

    return options_of(module, SyncOptions, *own)


def options_of(module: AnsibleModule, kind: type[Options], *own: str) -> Options:
    """Return options of another kind of run, as `sync_options`."""
    from .jobs.run_records import keep_from

    given: dict[str, Any] = {name: module.params[name] for name in (*ARGUMENTS, *own)}
    given["pre_images"] = keep_from(module.params.get("keep_runs"))["count"] > 0
    return kind(**given, dry_run=module.check_mode, want_diff=module._diff)
