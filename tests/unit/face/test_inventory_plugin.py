"""An inventory that cannot be had ends the run, whatever the reason: Ansible itself would go on without its hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible_collections.netops.netbox_zabbix.plugins.inventory.netbox import InventoryModule
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError, NetBoxError


@pytest.mark.parametrize(
    ("error", "code"),
    [(InputError(["x"]), 4), (NetBoxError("x"), 1), (AnsibleError("x"), 4), (RuntimeError("x"), 1)],
)
def test_every_error_ends_the_run(monkeypatch: pytest.MonkeyPatch, error: Exception, code: int) -> None:
    def fail(*dummy: Any) -> None:
        raise error

    plugin = InventoryModule()
    monkeypatch.setattr(plugin, "_read_config_data", lambda path: {})
    monkeypatch.setattr(plugin, "_fill", fail)
    with pytest.raises(SystemExit) as ended:
        plugin.parse(InventoryData(), DataLoader(), "netbox.yml")
    assert ended.value.code == code
