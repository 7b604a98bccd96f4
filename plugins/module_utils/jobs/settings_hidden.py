# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a user of Zabbix who does not see everything may have lost sight of: not to be taken for deleted. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..zabbix.settings_import import HOST_GROUPS, TEMPLATE_GROUPS, TEMPLATES, Entries


def out_of_sight(seen_now: Mapping[str, Entries], gone: Mapping[str, Entries]) -> set[tuple[str, str]]:
    """Return by kind and id which of `gone` may be hidden rather than deleted. `seen_now`: what was read, by kind.

    Zabbix shows a template to whom it shows one of its groups. So one that is gone while a group of it is still there
    was deleted; one whose groups are out of sight too may be hidden, and so may these groups.
    """
    kind = TEMPLATE_GROUPS if TEMPLATE_GROUPS in seen_now else HOST_GROUPS
    seen = seen_now.get(kind, {})
    templates = {
        one: entry
        for one, entry in gone.get(TEMPLATES, {}).items()
        if entry["groups"] and not any(group in seen for group in entry["groups"])
    }
    groups = {group for entry in templates.values() for group in entry["groups"] if group in gone.get(kind, {})}
    return {(TEMPLATES, one) for one in templates} | {(kind, group) for group in groups}
