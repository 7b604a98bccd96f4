# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adoption: the change that gives a host our marks and changes nothing else of it."""

from __future__ import annotations

from ..policy.host_config import HostConfig
from ..zabbix.objects import MACRO_APPLIED, TAG_ID, TAG_INSTANCE, ZabbixHost
from .plan import ADOPT, Change, Difference, Target
from .record import AppliedRecord

#: why a difference is there
ADOPTED = "adopted"


def adopt(live: ZabbixHost, ref: str, label: str, instance: str) -> Change:
    """Return the change that makes a host that of an object.

    The record says that nothing was applied yet. So the next sync takes all that others gave for other people's, and
    takes nothing of it away; each difference is pending.
    """
    config = HostConfig(ref, label, live.host, live.name, live.status)
    target = Target(live.groups, (), live.templates, live.monitor)
    change = Change(ADOPT, config, target, live, record=AppliedRecord().encode(), ending=ADOPTED)
    marks = frozenset({(TAG_INSTANCE, instance), (TAG_ID, ref)})
    change.writes["tags"] = live.tags | marks
    change.differences = [Difference("tags", tag, None, value, ADOPTED) for tag, value in sorted(marks - live.tags)]
    change.differences.append(Difference("macros", MACRO_APPLIED, None, "kept by us", ADOPTED))
    return change
