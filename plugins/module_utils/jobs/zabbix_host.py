# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CreateZabbixHost, UpdateZabbixHost, DeleteZabbixHost: the hosts of some NetBox objects, in one run."""

from __future__ import annotations

from dataclasses import replace

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError
from ..reconcile.plan import CREATE as NEW
from ..reconcile.plan import Plan
from .hosts_sync import sync_hosts
from .links import HOSTID
from .planning import ENDS
from .result import Progress, Result
from .run import SyncOptions

#: the name of all three together, where nothing says which one it is
JOB = "ManageHosts"
CREATE, UPDATE, DELETE = "CreateZabbixHost", "UpdateZabbixHost", "DeleteZabbixHost"


def manage_hosts(
    netbox: NetBoxConnection, zabbix: ZabbixConnection, options: SyncOptions, progress: Progress
) -> Result:
    """Make the hosts of the selected objects what `options.state` says. Errors as `sync_hosts`.

    Raises InputError where no object is selected: a run over the whole estate is another job.
    """
    if options.whole:
        raise InputError(["no NetBox object is named: give names, ids or filters. hosts_sync is for the whole estate"])

    def job(plan: Plan) -> str:
        if options.state in ENDS:
            return DELETE
        return CREATE if any(change.action == NEW for change in plan.changes) else UPDATE

    return sync_hosts(netbox, zabbix, replace(options, take_back=HOSTID in options.write_back), progress, job)
