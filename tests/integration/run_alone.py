"""One run of the sync in a process of its own, so that a test can kill it. Everything comes from the environment;
OPTIONS: what the sync is told, as JSON.

PYTHONPATH=tests python -m integration.run_alone
"""

from __future__ import annotations

import json
import os
import signal

from tools import collection


def main() -> None:
    # a shell that starts things in the background lets them ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
    collection.register()
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import (
        NetBoxConnection,
        ZabbixConnection,
    )
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run import SyncOptions

    sync_hosts(
        NetBoxConnection(os.environ["NETBOX_URL"], os.environ["NETBOX_TOKEN"]),
        ZabbixConnection(os.environ["ZABBIX_URL"] + "/api_jsonrpc.php", os.environ["ZABBIX_TOKEN"]),
        SyncOptions(**json.loads(os.environ["OPTIONS"])),
        print,
    )


if __name__ == "__main__":
    main()
