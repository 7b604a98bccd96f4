# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends a run's figures to Zabbix, by its sender protocol. What goes wrong there is told and fails no run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .figures import PASSES_FOR, WATCHED, as_figures, run_key
from .words import Report

try:
    from zabbix_utils import ItemValue, Sender
    from zabbix_utils.exceptions import ProcessingError
except ImportError:
    # told by the module, which needs the library for more than this
    Sender = None

#: seconds to wait for Zabbix: a courtesy at the end of a run must not hold it up
TIMEOUT = 10


def send_figures(report: Report, module: str, given: Mapping[str, Any]) -> str:
    """Send the figures of a run and return what went wrong, empty where nothing did.

    `given`: the server (or proxy), its port, and the host that takes the figures. A dry run sends nothing: it would
    pass for a run. Nor does a module that the template does not know.
    """
    module = PASSES_FOR.get(module, module)
    if Sender is None or report["dry_run"] or module not in WATCHED:
        return ""
    server, port, host = given["server"], given["port"], given["host"]
    where = f"The figures of this run did not reach Zabbix at {server}:{port} (self_monitoring)"
    try:
        answer = Sender(server=server, port=port, timeout=TIMEOUT).send(
            [ItemValue(host, run_key(module), as_figures(report))]
        )
    except (ProcessingError, OSError, ValueError) as error:
        # as zabbix-utils says it: an OSError of its own may have no text but the answer of the server
        return f"{where}: {str(error) or type(error).__name__}. Check the server and the port."
    if answer.failed:
        return (
            f'{where}: it does not take {run_key(module)} for the host "{host}". Make it with the playbook '
            "netops.netbox_zabbix.self_monitoring; a new one is known to the server a minute later at most; the item's "
            "allowed hosts must let this machine in."
        )
    return ""
