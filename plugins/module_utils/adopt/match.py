# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which host is that of which object, as far as the evidence goes, and where it is not clear.

Nothing is guessed: a host that two claim, or an object that two hosts fit, is a conflict for a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..zabbix.objects import TAG_ID, TAG_INSTANCE, ZabbixHost
from .evidence import Clues, Evidence, Found, Subject, against, score

#: from which score on a host is listed as a candidate, and counts as another one's rival
SHOWN, RIVAL = 40, 50
#: how far a rival has to be behind to be none: a host of the exact name wins over one that shares the name before the
#: domain
BEHIND = 30
#: from which score on a clear candidate is proposed
PROPOSED = 80


@dataclass(slots=True)
class Pair:
    """An object and a host that may be its. `conflicts`: why it is not clear, in words."""

    subject: Subject
    found: Found
    evidence: list[Evidence]
    conflicts: list[str] = field(default_factory=list)

    @property
    def hostid(self) -> str:
        """The id of the host."""
        return self.found.live.hostid

    @property
    def score(self) -> int:
        """How likely it is, in per cent."""
        return score(self.evidence)

    def proposed(self, least: int) -> bool:
        """Whether it is clear enough to be proposed."""
        return not self.conflicts and self.score >= least


@dataclass(slots=True)
class Matching:
    """What was found. `pairs`: candidates, by object, the best first; `ours`: objects whose host we have already, with
    its id; `alone`: objects without a candidate; `unclaimed`: hosts that no object has a claim to.
    """

    pairs: list[Pair] = field(default_factory=list)
    ours: dict[str, str] = field(default_factory=dict)
    alone: list[Subject] = field(default_factory=list)
    unclaimed: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def is_ours(live: ZabbixHost, instance: str, ref: str) -> bool:
    """Whether a host carries our marks of this object, and no others."""
    return live.tag(TAG_INSTANCE) == [instance] and live.tag(TAG_ID) == [ref]


def obstacle(found: Found, instance: str, ref: str) -> str:
    """Return why a host must not become that of an object, empty where it may, or is already."""
    live = found.live
    if found.discovered:
        return "Zabbix's discovery made this host and manages it: it cannot be adopted"
    others = [value for value in live.tag(TAG_INSTANCE) if value != instance]
    if others:
        return f"it carries the tag {TAG_INSTANCE}={others[0]}: it belongs to another NetBox, which has to release it"
    refs = live.tag(TAG_ID)
    if live.tag(TAG_INSTANCE) and refs != [ref]:
        return f"it is ours already, the host of {' and '.join(sorted(refs)) or 'nothing'}: release it first"
    if refs and refs != [ref]:
        return f"it carries the tag {TAG_ID}={' and '.join(sorted(refs))} without {TAG_INSTANCE}: take that tag away"
    return ""


def match(subjects: Iterable[Subject], clues: Clues, instance: str) -> Matching:
    """Find the candidates for all objects. `clues`: all hosts."""
    subjects = list(subjects)
    clues.add_subjects(subjects)
    result = Matching()
    marked = _marked(clues.hosts, instance)
    ours = {found.live.hostid for founds in marked.values() for found in founds}
    for one in subjects:
        own = [found for found in marked.get(one.ref, []) if is_ours(found.live, instance, one.ref)]
        if own:
            result.ours[one.ref] = own[0].live.hostid
            if len(own) > 1:
                ids = ", ".join(found.live.hostid for found in own)
                result.notes.append(f"{one.label}: several hosts carry its tag {TAG_ID}={one.ref} (host ids {ids})")
            continue
        pairs = [Pair(one, clues.hosts[hostid], evidence) for hostid, evidence in clues.of(one).items()]
        pairs = [pair for pair in pairs if _worth_telling(pair, pair.hostid in ours)]
        if not pairs:
            result.alone.append(one)
        if one.link and one.link not in clues.hosts:
            result.notes.append(f"{one.label}: NetBox links it to host id {one.link}, which Zabbix does not have")
        result.pairs += sorted(pairs, key=lambda pair: (-pair.score, int(pair.hostid)))
    _judge(result.pairs, instance)
    # a weak one beside a better one tells nobody anything
    result.pairs = [pair for pair in result.pairs if pair.score >= RIVAL or not _is_behind(pair)]
    claimed = {pair.hostid for pair in result.pairs}
    result.unclaimed = [
        found for hostid, found in sorted(clues.hosts.items(), key=_by_id) if hostid not in claimed | ours
    ]
    return result


def _by_id(item: tuple[str, Found]) -> int:
    return int(item[0])


def _marked(hosts: Mapping[str, Found], instance: str) -> dict[str, list[Found]]:
    marked: defaultdict[str, list[Found]] = defaultdict(list)
    for found in hosts.values():
        if instance in found.live.tag(TAG_INSTANCE):
            for ref in found.live.tag(TAG_ID) or [""]:
                marked[ref].append(found)
    return dict(marked)


def _worth_telling(pair: Pair, ours: bool) -> bool:
    # another object's host is told only where it looks like this one's as well
    return pair.score >= (PROPOSED if ours else SHOWN)


_BETTER = "fits better"


def _is_behind(pair: Pair) -> bool:
    return any(_BETTER in text for text in pair.conflicts)


def _judge(pairs: Iterable[Pair], instance: str) -> None:
    """Say of each pair what stands in its way."""
    by_object: defaultdict[str, list[Pair]] = defaultdict(list)
    by_host: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        problem = obstacle(pair.found, instance, pair.subject.ref)
        if problem:
            pair.conflicts.append(problem)
        by_object[pair.subject.ref].append(pair)
        by_host[pair.hostid].append(pair)
    for some in by_object.values():
        for pair in some:
            rivals = [other for other in some if other is not pair]
            _rivals(pair, rivals, {id(other): f"host id {other.hostid} ({other.found.live.host})" for other in rivals})
    for some in by_host.values():
        for pair in some:
            rivals = [other for other in some if other is not pair]
            _rivals(pair, rivals, {id(other): other.subject.label for other in rivals})
    for pair in (pair for some in by_object.values() for pair in some):
        if pair.subject.excluded:
            pair.conflicts.append(f"the object is not to be a host: {pair.subject.excluded}")
        contradiction = against(pair.subject, pair.found.live, pair.evidence)
        if contradiction:
            pair.conflicts.append(contradiction)


def _rivals(pair: Pair, rivals: Iterable[Pair], names: Mapping[int, str]) -> None:
    for other in rivals:
        if other.score - pair.score >= BEHIND:
            pair.conflicts.append(f"{names[id(other)]} {_BETTER} ({other.score})")
        elif other.score >= RIVAL and pair.score - other.score < BEHIND:
            pair.conflicts.append(f"{names[id(other)]} fits as well ({other.score})")
