"""A run that breaks off leaves a journal, and the next one says what was made and what was not."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils import interrupts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_history import show_runs
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.run_records import list_runs
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import Store, open_store
from unit.jobs.estate import Estate


class Killed(BaseException):
    """What no code of ours may catch, as a kill is nothing that it could."""


def kill(carry_out: Callable[[], Any]) -> Any:
    carry_out()
    raise Killed


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = open_store(str(tmp_path / "store"))
    assert found is not None
    return found


def run(estate: Estate, store: Store, images: bool = True, **more: Any) -> Result:
    return estate.run(state_store=store.location, pre_images=images, **more)


def broken_off(result: Result) -> list[str]:
    """Return what a run says of others that broke off, without what differs each time."""
    found = [note for note in result.notes if "did not finish" in note]
    return [re.sub(r"^Run \w+ \((\w+)\) of [\d-]+ [\d:]+ UTC by \S+ on \S+ did", r"\1 did", note) for note in found]


def prepare(estate: Estate, store: Store) -> None:
    """Make four hosts, then let NetBox want four others, new names for two of these, and no more of one."""
    estate.devices(1, 2, 3, 4)
    run(estate, store)
    estate.devices(5, 6, 7, 8)
    for number in (1, 2):
        estate.change(number, serial="new", role={**estate.objects[0].attributes["role"], "slug": "other"})
    estate.remove(3)


def test_the_next_run_says_what_was_made_and_makes_the_rest(estate: Estate, store: Store) -> None:
    prepare(estate, store)
    # killed when its updates are made, and no new host yet
    estate.zabbix.fails("host.update[]", kill)
    with pytest.raises(Killed):
        run(estate, store)
    looked = run(estate, store, dry_run=True)
    assert broken_off(looked) == [
        "SyncHostsNow did not finish, or goes on at this moment: of its 7 changes 3 were made, 4 were not, 4 of which "
        "would be made now."
    ]
    healed = run(estate, store)
    assert broken_off(healed) == [
        "SyncHostsNow did not finish: of its 7 changes 3 were made, 4 were not, 4 of which are made now."
    ]
    assert healed.stats["creates"] == 4
    assert broken_off(run(estate, store)) == []
    assert not any(one.broke_off for one in list_runs(store))
    outcomes = {row["run_id"]: row["outcome"] for row in show_runs(store, None, None, None, 9, str).runs}
    assert sorted(outcomes.values()) == ["interrupted", "not finished", "not finished"]  # records are the modules' work


def test_one_that_made_all_but_did_not_say_so(estate: Estate, store: Store) -> None:
    prepare(estate, store)
    estate.zabbix.fails("host.create", kill)
    with pytest.raises(Killed):
        run(estate, store)
    # nothing is left to be written, and it is told all the same, once
    healed = run(estate, store)
    assert broken_off(healed) == ["SyncHostsNow did not finish: of its 7 changes 7 were made, 0 were not."]
    assert (healed.stats["creates"], healed.stats["updates"], estate.writes) == (0, 0, [])
    assert broken_off(run(estate, store)) == []


def test_what_is_not_wanted_any_more_is_told_so(estate: Estate, store: Store) -> None:
    prepare(estate, store)
    estate.zabbix.fails("host.update[]", kill)
    with pytest.raises(Killed):
        run(estate, store)
    estate.remove(7, 8)
    assert broken_off(run(estate, store)) == [
        "SyncHostsNow did not finish: of its 7 changes 3 were made, 4 were not, 2 of which are made now, 2 are not "
        "wanted any more."
    ]


def test_a_run_over_a_part_tells_and_leaves_it_to_the_next(estate: Estate, store: Store) -> None:
    prepare(estate, store)
    estate.zabbix.fails("host.update[]", kill)
    with pytest.raises(Killed):
        run(estate, store)
    (told,) = broken_off(run(estate, store, ids=["device:5"]))
    assert told.endswith(
        "4 were not, 1 of which are made now, 3 are not wanted any more, or of hosts that this run does not look at."
    )
    assert len(broken_off(run(estate, store))) == 1
    assert broken_off(run(estate, store)) == []


def test_without_pre_images_it_is_told_that_a_run_broke_off(estate: Estate, store: Store) -> None:
    estate.devices(1, 2)
    estate.zabbix.fails("host.create", kill)
    with pytest.raises(Killed):
        run(estate, store, images=False)
    assert broken_off(run(estate, store, images=False)) == [
        "SyncHostsNow did not finish. It was about to make 2 changes, and which of them were made is not kept "
        "(netbox_zabbix_keep_runs). What is missing is made as ever."
    ]
    assert broken_off(run(estate, store, images=False)) == []


def test_nothing_is_left_of_a_run_that_ended_and_is_to_leave_nothing(estate: Estate, store: Store) -> None:
    estate.devices(1, 2)
    run(estate, store, images=False)
    assert list_runs(store) == []


def test_another_instance_is_no_concern(estate: Estate, store: Store) -> None:
    estate.devices(1, 2)
    estate.zabbix.fails("host.create", kill)
    with pytest.raises(Killed):
        run(estate, store)
    assert broken_off(run(estate, store, instance="other")) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_asked_to_end_finishes_the_request_under_way(
    estate: Estate, store: Store, number: signal.Signals
) -> None:
    prepare(estate, store)

    def ask(carry_out: Callable[[], Any]) -> Any:
        answer = carry_out()
        os.kill(os.getpid(), number)
        return answer

    estate.zabbix.fails("host.update[]", ask)
    with interrupts.heeded():
        result = run(estate, store)
    assert interrupts.took_effect()
    assert sorted(host.action for host in result.hosts) == ["archive", *["failed"] * 4, "update", "update"]
    assert {host.error for host in result.failed} == {f"not tried: the run was interrupted ({number.name})"}
    assert result.error == (
        f"Ended before its end: the run was interrupted ({number.name}). The next run makes what is missing."
    )
    healed = run(estate, store)
    assert broken_off(healed) == [
        "SyncHostsNow did not finish: of its 7 changes 3 were made, 4 were not, 4 of which are made now."
    ]
    assert (healed.failed, healed.stats["creates"]) == ([], 4)


def test_a_wait_between_two_waves_ends_when_it_is_asked_to(
    estate: Estate, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate.devices(*range(10))
    pause = interrupts.pause

    def asked(seconds: float) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        pause(seconds)

    monkeypatch.setattr(interrupts, "pause", asked)
    with interrupts.heeded():
        result = run(estate, store, waves=["20%"], health={"undo": True})
    actions = sorted(host.action for host in result.hosts)
    assert actions == ["create"] * 2 + ["postponed"] * 8
    assert "the run was interrupted (SIGTERM)" in result.error


def test_signals_are_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with interrupts.heeded():
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupts.interruption() == "the run was interrupted (SIGINT)"
        with interrupts.tidying():
            assert interrupts.interruption() == ""
    assert interrupts.interruption() == ""
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_asked_a_second_time_it_ends_at_once() -> None:
    with interrupts.heeded():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
