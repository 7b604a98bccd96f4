# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules share that look at a policy: `host_config_info`, `policy_lint`, `policy_simulate`.

The texts of the options are in `plugins/doc_fragments/policy.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .ansible_face import argument_spec
from .connection import NetBoxConnection, ZabbixConnection, netbox_connection, zabbix_connection
from .jobs.estate import Scope
from .jobs.policy_options import PolicyOptions

#: for AnsibleModule
ONE_POLICY: dict[str, Any] = {
    "mutually_exclusive": [("mappings", "policy_path")],
    "required_one_of": [("mappings", "policy_path")],
    "supports_check_mode": True,
}


def policy_spec(**own: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the arguments of such a module: the policy, an export or the connections, and its own.

    Both connections, also where only NetBox is asked: defaults for the action group `all` are given to every module.
    """
    spec = argument_spec()
    for name in ("netbox_url", "netbox_token", "zabbix_url"):
        spec[name]["required"] = False
    return {
        **spec,
        "export": {"type": "path"},
        "mappings": {"type": "list", "elements": "raw"},
        "policy_path": {"type": "path"},
        "secrets": {"type": "dict", "default": {}, "no_log": True},
        "secret_names": {"type": "list", "elements": "str", "default": [], "no_log": False},
        "statuses": {"type": "dict"},
        "virtual_chassis": {"type": "str", "choices": ["members", "master"], "default": "members"},
        "virtual_device_contexts": {"type": "bool", "default": False},
        **own,
    }


def policy_options(params: Mapping[str, Any], prefix: str = "") -> PolicyOptions:
    """Return the policy that the arguments give; `prefix`: of the two that say where it is."""
    return PolicyOptions(
        mappings=params[f"{prefix}mappings"],
        path=params[f"{prefix}policy_path"],
        secrets=params["secrets"],
        secret_names=params["secret_names"],
        statuses=params["statuses"],
        scope=Scope(params["virtual_chassis"], params["virtual_device_contexts"]),
    )


def netbox_if_given(params: Mapping[str, Any]) -> NetBoxConnection | None:
    """Return NetBox's connection; None where an export takes its place, or none is given."""
    if params["export"] is not None or not (params["netbox_url"] and params["netbox_token"]):
        return None
    return netbox_connection(params)


def zabbix_if_given(params: Mapping[str, Any]) -> ZabbixConnection | None:
    """Return Zabbix's connection; None where an export takes its place, or none is given."""
    if params["export"] is not None or not params["zabbix_url"]:
        return None
    return zabbix_connection(params)
