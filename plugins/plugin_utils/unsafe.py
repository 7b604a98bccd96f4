# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values from NetBox, so that Ansible never takes them for templates.

Since ansible-core 2.19 a text is no template unless somebody says that it is to be trusted, and nothing is to be done.
Before, every text is one unless it is marked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.release import __version__

#: since when texts have to be trusted to be templates
TRUST = (2, 19)


def _marks() -> bool:
    return tuple(int(number) for number in __version__.split(".")[:2]) < TRUST


def marker() -> Callable[[Any], Any]:
    """Return what makes values safe: texts within dictionaries and lists, keys as well."""
    if not _marks():
        return lambda value: value
    from ansible.utils.unsafe_proxy import AnsibleUnsafeText

    #: the same texts come with most hosts
    known: dict[str, Any] = {}

    def mark(value: Any) -> Any:
        if isinstance(value, str):
            found = known.get(value)
            if found is None:
                found = known[value] = AnsibleUnsafeText(value)
            return found
        if isinstance(value, dict):
            return {mark(key): mark(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [mark(item) for item in value]
        return value

    return mark
