"""Random sequences of operations on a real Zabbix end as a model says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from integration.proofs import SIZES
from integration.proofs.machine import Operations
from integration.world import World

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]


@pytest.fixture
def templates(world: World) -> Iterator[World]:
    """A world with two light templates."""
    group = world.zabbix.group_of_templates()
    made = []
    for name in ("one", "two"):
        template = f"sequence {name}"
        made += world.zabbix.api("template.create", host=template, groups=[{"groupid": group}])["templateids"]
        # one key is in both, and the item goes from one to the other
        for key in ("both", f"{name}.only"):
            item = {"name": key, "key_": key, "type": 2, "value_type": 3, "hostid": made[-1]}
            world.zabbix.api("item.create", item)
    for group in ("by hand", "old"):
        world.zabbix.group(f"T/{group}")
    yield world
    world.zabbix.remove_hosts(world.ours())
    world.zabbix.api("template.delete", made)


def test_random_sequences_of_operations_end_as_the_model_says(
    templates: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counted: Counter[str] = Counter()
    machine = type("OnThisWorld", (Operations,), {"world": templates, "folder": tmp_path, "counted": counted})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=SIZES.sequences,
            stateful_step_count=SIZES.steps,
            deadline=None,
            derandomize=SIZES.sequences < 10,
            database=None,
            # to make a failing sequence shorter would take hours of a real Zabbix
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    with capsys.disabled():
        print(f"\n{SIZES.sequences} sequences of up to {SIZES.steps} steps: {dict(sorted(counted.items()))}")
