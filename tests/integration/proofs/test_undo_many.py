"""A run of many mixed changes is taken back: all hosts that were there are again what they were, items and all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.undo_run import UndoOptions, undo_run
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store

from integration.proofs import SIZES
from integration.proofs.mixture import Mixture
from integration.proofs.pictures import differences, known, without_interfaces, zabbix_picture
from integration.world import INSTANCE, TOP, World

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]


@pytest.fixture
def mixture(world: World) -> Iterator[Mixture]:
    mixture = Mixture(world, SIZES.undone_objects)
    yield mixture
    mixture.clean()


def test_a_run_of_many_mixed_changes_is_taken_back_item_by_item(
    mixture: Mixture, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = mixture.world
    mixture.settle()
    before = known(world)
    wanted = zabbix_picture(world, before)
    mixture.change()
    run = mixture.sync(state_store=str(tmp_path), pre_images=True)
    changes = sum(run.stats[name] for name in ("creates", "updates", "archives", "restores"))
    assert changes >= SIZES.undone_changes
    with capsys.disabled():
        print(f"\n{changes} changes are taken back: {run.message.splitlines()[0]}")
    # what was removed is made anew, which Zabbix lets nobody do under the old id; no item can have been at it
    gone = before.interfaces - known(world).interfaces
    assert len(gone) == 3 * len(mixture.objects["plain"])
    sides = world.netbox.connection(), world.zabbix.connection(world.zabbix.lab.token, world.proxy.url)
    options = UndoOptions(INSTANCE, run.run_id, graveyard=TOP + "/archive")
    done = undo_run(*sides, open_store(str(tmp_path)), options, world.progress.append)
    assert not done.failed, done.message
    assert done.notes == []
    assert done.stats["taken_back"] == changes
    found = zabbix_picture(world, before)
    created = {key: found.pop(key) for key in list(found) if key.startswith("new ")}
    assert differences(found, without_interfaces(wanted, before, gone)) == []
    assert len(created) == run.stats["creates"]
    assert {host["status"] for host in created.values()} == {"1"}
    assert not undo_run(*sides, open_store(str(tmp_path)), options, world.progress.append).changed
