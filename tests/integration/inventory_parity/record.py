"""Records anew what nb_inventory says of the estate:

NB_INVENTORY_PATH=<environment> PYTHONPATH=tests python -m integration.inventory_parity.record [configuration ...]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from lab.estate.api import Api
from lab.netbox import StandIn

from .estate import build
from .listing import CONFIGURATIONS, EXPECTED, theirs, write


def main() -> None:
    with StandIn() as netbox, tempfile.TemporaryDirectory() as home:
        asker = theirs(Path(home))
        if asker is None:
            sys.exit("NB_INVENTORY_PATH names no virtual environment that has nb_inventory, see CONTRIBUTING.md")
        build(Api(netbox.url, netbox.token))
        for name in sys.argv[1:] or CONFIGURATIONS:
            write(EXPECTED / f"{name}.json", asker.listing(CONFIGURATIONS[name], netbox.url, netbox.token_v1))
            print(name)


if __name__ == "__main__":
    main()
