# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows the text of a module's result as it is, which the output of Ansible's own modules would put into quotes.

Also the action of `policy_lint` and `policy_simulate`, by `meta/runtime.yml`.
"""

from __future__ import annotations

from typing import Any

from ansible.utils.display import Display
from ansible_collections.netops.netbox_zabbix.plugins.action.hosts_sync import ActionModule as WithProgress

display = Display()


class ActionModule(WithProgress):
    """Runs the module, shows its progress, and its text when it is done."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        text = result.get("text")
        if text and not self._task.no_log:
            display.display(text)
        return result
