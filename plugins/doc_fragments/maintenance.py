# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of the options that `plugins/module_utils/maintenance_face.py` reads."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  instance:
    description:
      - The value of the tag C(netbox_instance), by which this NetBox finds its hosts in Zabbix. Names of windows end in
        it, and their descriptions say it; a window without it is never touched.
    type: str
    default: netbox
  maintenances:
    description:
      - Windows, a list of dictionaries with C(name), C(match) (the match keys of the policy, or V(all)) and when they
        are. The collection's document C(docs/maintenance.md) describes them.
      - Windows of NetBox's config contexts (key C(zabbix_maintenance)) are always read as well.
    type: list
    elements: raw
    default: []
  calendars:
    description:
      - "Windows out of iCalendar files, as C({path: changes.ics, match: {site: ber1}})."
      - Needs the Python libraries C(icalendar) and C(recurring-ical-events).
    type: list
    elements: dict
    default: []
  time_zone:
    description:
      - IANA name of the time zone of times that are written without one. Without it, such a time is an error.
    type: str
    default: ''
  server_time_zone:
    description:
      - IANA name of the time zone that the Zabbix server runs in. Its API does not tell it.
      - With it, a window that comes again is given to Zabbix as one, wherever the server makes the same of it. Any
        other is written out, each occurrence of this month and the next two by itself, which is exact in whatever zone.
    type: str
    default: ''
  virtual_device_contexts:
    description: Whether virtual device contexts are hosts too.
    type: bool
    default: false
  min_objects_percent:
    description:
      - The run stops when NetBox gives fewer objects than this share of the managed hosts.
    type: float
    default: 80
  max_deletions:
    description:
      - "How many windows may be removed in one run, as C({count: 20, percent: 50}). One more stops it before anything
        is written."
      - C(count) is 50 by default. C(percent) is of our windows, 50 by default; up to 10 windows pass it. A value of
        null is no limit.
    type: dict
    default: {}
  progress_path:
    description:
      - File to which lines of progress are added while the job runs.
      - The action plugin sets it, to show them live.
    type: path
"""
