# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The text of the option that `plugins/module_utils/state_face.py` reads."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  state_store:
    description:
      - Where the jobs keep what makes the next run quicker or can be looked up later.
      - A directory, which is made where it is missing, for its owner alone (mode 0700, files 0600).
      - Or a URL that the Python library fsspec understands, such as V(s3://bucket/netbox_zabbix). It needs the package
        of its kind (s3fs for V(s3://)), and takes who we are from the environment.
      - Or V(netbox:), for what fits into NetBox, where several machines have no other place in common.
      - With V("") nothing is kept. Nothing that correctness rests on is in there. The collection's document
        C(docs/state.md) describes it.
      - A relative path is seen from where C(ansible-playbook) was called, else from the folder of the playbook.
    type: str
    default: ~/.local/state/netops.netbox_zabbix
"""

    RUNS = r"""
options:
  keep_runs:
    description:
      - "How many records of runs are kept in the state store, and for how many days, as V({count: 500, days: 365}),
        which is the default. Records of all jobs count. With V({count: 0}) none are written."
      - A record has the result, the arguments without secrets, and digests of the policy and of what was done. The
        module M(netops.netbox_zabbix.run_info) shows them.
      - A run in check mode leaves none.
    type: dict
    default: {}
"""

    CACHE = r"""
options:
  settings_max_age:
    description:
      - For how many seconds the cache of the import is fresh. With V(0) it is never used.
      - A name that it does not have is asked of Zabbix before it is told as unknown, and what comes from it before it
        is written. A template that got a new name in Zabbix may stay unnoticed on hosts that have it already.
    type: int
    default: 93600
"""
