# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows what the module of the same name tells while it runs: on a terminal, and as lines of a job runner's output."""

from __future__ import annotations

import os
import tempfile
import threading
from typing import Any, TypeGuard

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

#: seconds between two looks at the progress file; each line is an event in a job runner's database, so at most one a
#: look
INTERVAL = 1.0

#: options with a path that a person gives
PATHS = (
    *("policy_path", "base_policy_path", "export", "path", "state_store"),
    *("netbox_token_path", "zabbix_token_path"),
)

#: options that are dictionaries of paths to be written
PATHS_TO_WRITE = ("reports",)

display = Display()


class ActionModule(ActionBase):
    """Runs the module and displays its progress. Where the module runs on another machine there is none to be seen."""

    _supports_check_mode = True
    _supports_diff = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        local = getattr(self._connection, "transport", "") == "local" and not self._play_context.become
        if not local or self._task.async_val or arguments.get("progress_path"):
            result.update(self._run(arguments, task_vars))
            return result
        arguments.update(_absolute(arguments, self._loader))
        with tempfile.TemporaryDirectory(prefix="netbox_zabbix_") as folder:
            path = os.path.join(folder, "progress")
            ended = threading.Event()
            shower = threading.Thread(target=_show, args=(path, ended), daemon=True)
            shower.start()
            try:
                result.update(self._run({**arguments, "progress_path": path}, task_vars))
            finally:
                ended.set()
                shower.join()
        return result

    def _run(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        return self._execute_module(
            module_name=self._task.action, module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val
        )


def _absolute(arguments: dict[str, Any], loader: Any) -> dict[str, Any]:
    """Return the relative paths among `arguments` as absolute ones.

    Modules run in the folder of the playbook, which for a playbook of the collection is nowhere that a person knows: a
    path is seen from where `ansible-playbook` was called, and where nothing is there, from the folder of the playbook.
    """
    found: dict[str, Any] = {}
    for name in PATHS:
        given = arguments.get(name)
        if _relative(given):
            found[name] = _seen_from(given, loader)
    calendars = arguments.get("calendars")
    if isinstance(calendars, list):
        found["calendars"] = [
            {**one, "path": _seen_from(one["path"], loader)}
            if isinstance(one, dict) and _relative(one.get("path"))
            else one
            for one in calendars
        ]
    for name in PATHS_TO_WRITE:
        paths = arguments.get(name)
        if isinstance(paths, dict):
            found[name] = {key: os.path.abspath(path) if _relative(path) else path for key, path in paths.items()}
    return found


def _seen_from(given: str, loader: Any) -> str:
    beside: str = loader.path_dwim(given)
    return beside if os.path.exists(beside) and not os.path.exists(given) else os.path.abspath(given)


def _relative(path: Any) -> TypeGuard[str]:
    # the state store may have a URL, or be in NetBox
    return isinstance(path, str) and bool(path) and path[0] not in "/~$" and ":" not in path.partition("/")[0]


def _show(path: str, ended: threading.Event) -> None:
    """Display the newest line of the file about once a second until `ended`."""
    position = 0
    while True:
        last = ended.wait(INTERVAL)
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as lines:
                lines.seek(position)
                told = [line for line in lines.read().splitlines() if line.strip()]
                position = lines.tell()
            if told:
                display.display(f"  {told[-1]}")
        if last:
            return
