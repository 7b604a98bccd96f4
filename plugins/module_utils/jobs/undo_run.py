# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""UndoRun: take back what a run changed, or what it changed on some hosts, by the pre-images in the state store.

Updates are taken back element by element where nobody touched them since; hosts that the run created are archived,
those that it archived are restored, those that it restored are archived again. What was deleted is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..connection import NetBoxConnection, ZabbixConnection
from ..errors import InputError, nearest
from ..netbox.client import connect
from ..policy.inventory_fields import INVENTORY_FIELDS
from ..reconcile.apply import Written, apply_plan
from ..reconcile.archive import ASKED, archive
from ..reconcile.diff import Differ
from ..reconcile.plan import CREATE, DELETE, Change, Failure, Plan
from ..reconcile.preimage import Preimage, preimage_from
from ..reconcile.text import plan_as_text
from ..reconcile.undo import linked_templates, undo
from ..state.store import Store
from ..zabbix.client import Zabbix
from ..zabbix.host_items import items_of_templates
from ..zabbix.hosts import host_ids_of, read_hosts
from ..zabbix.objects import ZabbixHost
from ..zabbix.settings import read_settings
from .journal import Journal
from .leave_windows import change_windows, plan_leaving
from .result import HostResult, Progress, Result, common_errors, details_of
from .run_records import Run, find_run, list_runs, read_before, read_record
from .turn import SHARED, bound, turn

JOB = "UndoRun"
#: what a record says of a host whose change was not made, or was taken back by the run itself
NOT_MADE = ("failed", "postponed", "undone")


@dataclass(frozen=True, slots=True)
class UndoOptions:
    """`run`: the identity of the run, or its beginning; `hosts`: technical names or identities, all of them without.

    `graveyard`: host group of archived hosts. `lock`, `lock_wait`: as for the sync.
    """

    instance: str
    run: str
    hosts: Sequence[str] = ()
    graveyard: str = "NetBox archive"
    lock: str = SHARED
    lock_wait: int = 300
    dry_run: bool = False
    want_diff: bool = False


def undo_run(
    netbox_connection: NetBoxConnection,
    zabbix_connection: ZabbixConnection,
    store: Store | None,
    options: UndoOptions,
    progress: Progress,
) -> Result:
    """Take a run back and return what was done; a second time nothing is left to be done.

    Raises InputError where there is no such run or nothing is known of what was before it, StateError where the state
    store cannot be read, and as the sync where a server cannot be reached or another run writes.
    """
    result = Result(JOB, options.dry_run, whole=False)
    if store is None:
        raise InputError(["without a state store there is nothing that a run could be taken back by"])
    run = find_run(list_runs(store), options.run)
    images = _images(store, run, options.hosts, {"netbox": netbox_connection.url, "zabbix": zabbix_connection.url})
    result.phase("read")
    netbox = connect(netbox_connection)
    zabbix = Zabbix(zabbix_connection)
    try:
        differ = Differ(read_settings(zabbix), zabbix.release, options.instance)
        told = len(result.notes)
        plan = plan_undo(zabbix, differ, images, options.instance, options.graveyard, result, run.run_id)
        if options.want_diff:
            result.diff = plan_as_text(plan, differ.settings)
        if options.dry_run or not plan.changes:
            result.hosts = [_host(change, change.hostid, None) for change in plan.changes]
        else:
            with (
                turn(netbox, options.instance, result.run_id, options.lock, options.lock_wait, progress) as mine,
                bound(zabbix, mine),
            ):
                if mine.waited:
                    del result.notes[told:]
                    plan = plan_undo(zabbix, differ, images, options.instance, options.graveyard, result, run.run_id)
                of = {"netbox": netbox.url, "zabbix": zabbix.connection.url}
                journal = Journal(store, result, options.instance, of, images=True)
                journal.begin(plan, zabbix, differ)
                result.phase("write")
                made: list[Change] = []
                apply_plan(plan, zabbix, differ, lambda written: _done(result, written, made), progress)
                result.notes.extend(change_windows(made, zabbix))
                journal.end()
            result.notes.extend(mine.notes)
    finally:
        result.requests = {"netbox": dict(netbox.requests), "zabbix": dict(zabbix.requests)}
        zabbix.close()
    _conclude(result, plan, run.run_id)
    return result


def _images(store: Store, run: Run, hosts: Sequence[str], servers: Mapping[str, str]) -> list[Preimage]:
    """Return the pre-images of what a run really changed, for the hosts that were asked for."""
    before = read_before(store, run)
    if before is None or before.images is None:
        raise InputError(
            [f"run {run.run_id} ({run.job}) kept nothing of what was before: it wrote nothing, or was not to keep it"]
        )
    for server, address in before.of.items():
        if address.rstrip("/") != servers[server].rstrip("/"):
            raise InputError([f"run {run.run_id} was about {address}, and {server}_url is {servers[server]}"])
    images = [preimage_from(one) for one in before.images]
    record = read_record(store, run)
    if record is not None:
        hosts_then = record.content["result"]["hosts"]
        not_made = {host["object"] for host in hosts_then if host["action"] in NOT_MADE}
        images = [one for one in images if one.ref not in not_made]
    if not hosts:
        return images
    known = {name: one for one in images for name in (one.host, one.ref)}
    problems = [
        f'hosts: run {run.run_id} changed no host "{name}".{nearest(name, known)}'
        for name in hosts
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    return list({known[name].ref: known[name] for name in hosts}.values())


def plan_undo(
    zabbix: Zabbix,
    differ: Differ,
    images: Sequence[Preimage],
    instance: str,
    graveyard: str,
    result: Result,
    run_id: str,
) -> Plan:
    """Return what takes the changes of a run back; what cannot be taken back is a failure, or a note in the result of
    the run that does it.
    """
    created = host_ids_of(zabbix, instance, [one.ref for one in images if one.action == CREATE])
    ids = [one.hostid for one in images if one.hostid is not None and one.action not in (CREATE, DELETE)]
    ids += [hostid for found in created.values() for hostid in found]
    live = {host.hostid: host for host in read_hosts(zabbix, ids, INVENTORY_FIELDS)}
    plan = Plan(whole=False)
    items = _items(zabbix, images, live)
    for image in images:
        if image.action == CREATE:
            hosts = [live[hostid] for hostid in created.get(image.ref, ()) if hostid in live]
            _archive(plan, differ, image, hosts, graveyard, result, run_id)
        elif image.action == DELETE:
            plan.failures.append(Failure(image.ref, image.host, f"it cannot be taken back: {image.lost[0]}"))
        elif image.hostid not in live:
            plan.failures.append(Failure(image.ref, image.host, "its host is gone from Zabbix", image.hostid))
        else:
            found = undo(image, live[image.hostid], differ.settings, items.get(image.hostid, {}))
            if found.change is not None:
                plan.changes.append(found.change)
            else:
                plan.unchanged += 1
            told = [*found.touched, *(f"{text} cannot be taken back" for text in image.lost if found.change)]
            result.notes.extend(f"{image.host}: {text}" for text in told)
    result.notes.extend(plan_leaving(plan, zabbix))
    plan.sort()
    return plan


def _items(
    zabbix: Zabbix, images: Sequence[Preimage], live: Mapping[str, ZabbixHost]
) -> dict[str, dict[str, list[int]]]:
    """Return the items that hosts have of the templates that the run linked: host id -> template id -> item ids."""
    linked = {
        image.hostid: templates
        for image in images
        if image.hostid is not None
        and image.hostid in live
        and (templates := linked_templates(image, live[image.hostid]))
    }
    return items_of_templates(zabbix, linked, frozenset().union(*linked.values())) if linked else {}


def _archive(
    plan: Plan,
    differ: Differ,
    image: Preimage,
    hosts: Sequence[ZabbixHost],
    graveyard: str,
    result: Result,
    run_id: str,
) -> None:
    why = f"run {run_id}, which created it, was taken back"
    for host in hosts:
        if host.archived:
            continue
        plan.changes.append(
            archive(host, image.ref, graveyard, differ.settings, ASKED, why, result.started, result.run_id)
        )
    if not any(not host.archived for host in hosts):
        plan.unchanged += 1


def _done(result: Result, written: Written, made: list[Change]) -> None:
    if not written.error:
        made.append(written.change)
    result.hosts.append(_host(written.change, written.hostid, written.error))


def _host(change: Change, hostid: str | None, error: str | None) -> HostResult:
    return HostResult(
        name=change.config.host,
        object=change.config.ref,
        hostid=hostid,
        action="failed" if error else change.action,
        changes=list(dict.fromkeys(item.path for item in change.differences)),
        reasons=sorted({item.reason for item in change.differences}),
        error=error,
        details=details_of(change.differences),
    )


def _conclude(result: Result, plan: Plan, run_id: str) -> None:
    failures: list[Any] = [
        HostResult(one.label, one.ref, one.hostid, "failed", error=one.error) for one in plan.failures
    ]
    result.hosts = sorted([*result.hosts, *failures], key=lambda host: (host.name, host.object))
    done = [host for host in result.hosts if host.action != "failed"]
    result.changed = bool(done)
    result.stats = {
        "taken_back": len(done),
        "unchanged": plan.unchanged,
        "failed": len(result.failed),
    }
    verb = "would be taken back" if result.dry_run else "taken back"
    text = f"Run {run_id}: {len(done)} hosts {verb}, {plan.unchanged} as before already, {len(result.failed)} failed."
    if result.failed:
        text += "\nFailed:\n" + common_errors((host.name, host.error or "") for host in result.failed)
    if result.error:
        text += f"\n{result.error}"
    result.finish(text)
