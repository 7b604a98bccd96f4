# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which objects the last run over the whole estate saw, and where: a small document in the state store.

The next run is refused where a kind of objects or a site lost too much since (`guard.check_last`), and by it knows
where objects belonged that NetBox no longer has. It is written at the end of a run that passed, so that what was once
let through is not told again. Losing it costs this look at one run, and nothing else.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from ..errors import StateError
from ..reconcile.places import ROLE, SITE, Place, placed
from ..state.documents import Kind, read_document, server_name, write_document
from ..state.store import Store

LAST_RUN = Kind("objects of the last run", 1)


@dataclass(frozen=True, slots=True)
class LastRun:
    """What is known of the last run. `when`: for people, empty where nothing is known."""

    places: Mapping[str, Place] = field(default_factory=dict)
    when: str = ""

    def of_kinds(self, kinds: Sequence[str]) -> Mapping[str, Place]:
        """Return the places of objects of these kinds: another run may look at fewer."""
        return {ref: place for ref, place in self.places.items() if ref.partition(":")[0] in kinds}


def load_last_run(store: Store | None, netbox: str, instance: str, notes: list[str]) -> LastRun:
    """Return what the last run saw of the NetBox at this address. `notes` gets why a document cannot be used."""
    if store is None:
        return LastRun()
    try:
        document = read_document(store, _name(netbox, instance), LAST_RUN, {"netbox": netbox})
        if document is None:
            return LastRun()
        names = {
            grouping: {int(number): str(name) for number, name in document.content["names"][grouping].items()}
            for grouping in (SITE, ROLE)
        }
        places = placed(_numbers(document.content["objects"]), names)
    except StateError as error:
        notes.append(f"What NetBox gives is not compared with the last run: {error}")
        return LastRun()
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        where = store.where(_name(netbox, instance))
        notes.append(
            f"What NetBox gives is not compared with the last run: {where} is damaged ({error!r}). A new one is made."
        )
        return LastRun()
    return LastRun(places, f"{document.made.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


def save_last_run(
    store: Store, netbox: str, instance: str, places: Mapping[str, Place], before: Mapping[str, Place]
) -> list[str]:
    """Write what a run saw, where it is not what was there `before`; return what did not work, as notes."""
    if places == before:
        return []
    names: dict[str, dict[int, str]] = {SITE: {}, ROLE: {}}
    ids: defaultdict[tuple[str, int, int], list[int]] = defaultdict(list)
    for ref, place in places.items():
        kind, dummy, number = ref.partition(":")
        ids[kind, place.site.id, place.role.id].append(int(number))
        names[SITE][place.site.id], names[ROLE][place.role.id] = place.site.name, place.role.name
    objects = [[*key, sorted(numbers)] for key, numbers in sorted(ids.items())]
    try:
        write_document(
            store, _name(netbox, instance), LAST_RUN, {"names": names, "objects": objects}, {"netbox": netbox}
        )
    except StateError as error:
        return [f"What NetBox gave in this run was not kept, so that the next one cannot compare: {error}"]
    return []


def _numbers(objects: Any) -> Iterator[tuple[str, int, int]]:
    for kind, site, role, numbers in objects:
        for number in numbers:
            yield f"{kind}:{int(number)}", int(site), int(role)


def _name(netbox: str, instance: str) -> str:
    return f"last-run/{server_name(netbox)}-{hashlib.sha256(instance.encode()).hexdigest()[:8]}"
