# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all modules share towards Ansible: arguments, progress, and errors as people get to read them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from .connection import OPTIONS, web_addresses
from .errors import InputError, NetboxZabbixError
from .jobs.result import Progress, Result

#: requests comes with pynetbox, and its absence shows up in the same imports
LIBRARIES = ("pynetbox", "zabbix_utils", "requests")


def argument_spec(**own: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the arguments of a module: the connections, the progress file, and its own."""
    spec = copy.deepcopy(OPTIONS)
    for option in spec.values():
        if "fallback" in option:
            option["fallback"] = (env_fallback, list(option["fallback"]))
    spec["progress_path"] = {"type": "path"}
    return {**spec, **own}


def missing_libraries(libraries: Iterable[str] = LIBRARIES) -> str | None:
    """Return what to install where a library of the collection is missing."""
    for library in libraries:
        try:
            __import__(library)
        except ImportError:
            return missing_required_lib(library.replace("_", "-"), reason="for netops.netbox_zabbix")
    return None


def run_module(module: AnsibleModule, job: Callable[[Progress], Result], *, connects: bool = True) -> None:
    """Run a job and leave the module with its result. A person's mistake ends in a message, never in a traceback.

    `connects`: whether it talks to a server, for which libraries are needed.
    """
    missing = missing_libraries() if connects else None
    if missing:
        module.fail_json(msg=missing)
    try:
        result = job(_progress(module.params["progress_path"]))
        result.urls = web_addresses(module.params)
    except InputError as error:
        module.fail_json(msg=_numbered(error.problems))
    except NetboxZabbixError as error:
        module.fail_json(msg=str(error))
    answer = result.as_dict()
    for warning in result.notes:
        module.warn(warning)
    if module._diff and result.diff:
        answer["diff"] = {"prepared": result.diff}
    if result.failed or result.refused:
        module.fail_json(msg=result.message, **answer)
    module.exit_json(msg=result.message, **answer)


def _numbered(problems: list[str]) -> str:
    if len(problems) == 1:
        return problems[0]
    return f"{len(problems)} problems:\n" + "\n".join(f"  {number}. {text}" for number, text in enumerate(problems, 1))


def _progress(path: str | None) -> Progress:
    if path is None:
        return lambda text: None

    def write(text: str) -> None:
        with open(path, "a", encoding="utf-8") as lines:
            lines.write(" ".join(text.split()) + "\n")

    return write
