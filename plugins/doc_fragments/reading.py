# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of the arguments `READING` in `plugins/module_utils/sync_face.py`; `mode` is told where its default is."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  lookback_minutes:
    description:
      - How much older than the snapshot a change may be that the snapshot does not hold, since a transaction of NetBox
        may end that late.
    type: float
    default: 10
  full_every_hours:
    description: After how many hours everything is read again with O(mode=auto).
    type: float
    default: 24
"""
