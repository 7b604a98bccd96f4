"""Random sequences of what people do on both sides and of all operations, on a real Zabbix, against a model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.adopt import adopt_hosts, release_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.hosts_sync import sync_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.purge import purge_archived
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.undo_run import UndoOptions, undo_run
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.zabbix_host import manage_hosts
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.state.store import open_store
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from integration.proofs.checking import GRAVEYARD, without_new_ids
from integration.proofs.model import Asked, Look
from integration.proofs.people import People, pick
from integration.world import INSTANCE

DELETION = st.fixed_dictionaries(
    {
        "gone": st.sampled_from(["archive", "archive", "keep", "delete"]),
        "absent": st.sampled_from(["archive", "archive", "disable", "keep", "delete"]),
        "excluded": st.sampled_from(["archive", "disable", "keep"]),
    }
)


class Operations(People):
    """Rules that change the policy, and the operations."""

    @rule(deletion=DELETION)
    def decide_what_becomes_of_hosts_that_end(self, deletion: dict[str, str]) -> None:
        self.deletion = deletion

    @rule(tags=st.sampled_from(["merge", "replace"]), groups=st.sampled_from(["merge", "replace"]))
    def decide_who_owns_what(self, tags: str, groups: str) -> None:
        self.ownership = {"tags": tags, "groups": groups}

    @rule()
    def change_the_template(self) -> None:
        self.variant = "two" if self.variant == "one" else "one"

    # --- the operations

    @rule(mode=st.sampled_from(["full", "auto"]))
    def sync_all(self, mode: str) -> None:
        self.sync(mode)

    @rule(mode=st.sampled_from(["full", "auto"]))
    def look_and_sync(self, mode: str) -> None:
        """What a dry run tells is what a run then does, and it writes nothing."""
        before = self.look()
        dry = self.run(sync_hosts, dry_run=True, want_diff=True, mode=mode)
        self.same(self.look().hosts, before.hosts)
        assert self.world.proxy.writes == []
        real = self.sync(mode)
        assert {(one.object, one.action) for one in dry.hosts} == {(one.object, one.action) for one in real.hosts}

    @rule(numbers=st.sets(pick, min_size=1, max_size=3))
    def sync_some(self, numbers: set[int]) -> None:
        refs = sorted({self.one(number).ref for number in numbers})
        self.operate(sync_hosts, Asked(self.deletion, refs), ids=refs)

    @rule(
        numbers=st.sets(pick, min_size=1, max_size=3),
        state=st.sampled_from(["present", "absent", "archived", "restored"]),
    )
    def handle_single_hosts(self, numbers: set[int], state: str) -> None:
        refs = sorted({self.one(number).ref for number in numbers})
        self.operate(manage_hosts, Asked(self.deletion, refs, state), ids=refs, state=state)

    @rule()
    def purge(self) -> None:
        look = self.look()
        refs = {ref for hostid, ref in look.ours.items() if look.archived(hostid)}
        later = datetime.now(UTC).date() + timedelta(days=40)

        def job(netbox: Any, zabbix: Any, options: Any, progress: Any) -> Result:
            return purge_archived(netbox, zabbix, options, 30, later, progress)

        self.operate(job, Asked(self.deletion, refs, "purged"))

    @precondition(lambda self: self.last is not None)
    @rule()
    def undo(self) -> None:
        """Taking the last run back gives what was before it: hosts, items, marks."""
        assert self.last is not None
        run, before, mine = self.last
        now = self.look()
        options = UndoOptions(INSTANCE, run, graveyard=GRAVEYARD)
        done = undo_run(*self.sides(), open_store(str(self.store)), options, self.world.progress.append)
        lost = before.hosts.keys() - now.hosts.keys()
        assert len(done.failed) == len(lost), done.message
        self.counted["undone"] += done.stats["taken_back"]
        after = self.look()
        kept = before.hosts.keys() - lost
        anew = self.interfaces(now) ^ self.interfaces(before)
        self.same(
            without_new_ids({one: after.hosts[one] for one in kept}, anew),
            without_new_ids({one: before.hosts[one] for one in kept}, anew),
        )
        told = {note.partition(": items of ")[0] for note in done.notes if ": items of " in note}
        for one in kept:
            # a template that took over an item which was there before cannot be cleared, and that is told
            stay = after.items[one].keys() - before.items[one].keys() if before.hosts[one]["host"] in told else set()
            left = {key: number for key, number in after.items[one].items() if key not in stay}
            self.same(left, before.items[one])
        created = now.hosts.keys() - before.hosts.keys()
        assert all(after.archived(hostid) for hostid in created)
        assert after.hosts.keys() == kept | created
        self.mine = mine
        self.last = None

    @staticmethod
    def interfaces(look: Look) -> set[str]:
        return {one["interfaceid"] for host in look.hosts.values() for one in host["interfaces"]}

    @rule(number=pick, back=st.sampled_from([True, True, True, False]), converge=st.booleans())
    def give_back_and_adopt(self, number: int, back: bool, converge: bool) -> None:
        """A host that is given back loses our marks alone; one that is adopted gets nothing but them."""
        thing = self.one(number)
        before = self.look()
        hosts = before.of(thing.ref)
        assume(len(hosts) == 1)
        (hostid,) = hosts
        released = self.run(release_hosts, ids=[thing.ref])
        assert not released.failed
        free = self.look()
        assert hostid not in free.ours
        self.same(free.hosts, {**before.hosts, hostid: before.without_marks(hostid)})
        self.last = None
        if not back:
            self.mine.pop(hostid, None)
            return
        decisions = self.folder / "adopt.csv"
        decisions.write_text(f"decision,object,hostid\nadopt,{thing.ref},{hostid}\n")
        adopted = self.run(adopt_hosts, decisions=str(decisions))
        assert not adopted.failed, adopted.message
        after = self.look()
        assert after.of(thing.ref) == [hostid]
        self.same(after.without_marks(hostid), free.hosts[hostid])
        self.same({**after.hosts, hostid: free.hosts[hostid]}, free.hosts)
        self.adopted.add(hostid)
        if converge:
            self.sync("full")
