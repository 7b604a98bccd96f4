"""Writes what is generated from the code's tables: the attributes and the JSON Schemas in docs/, the Zabbix template.

PYTHONPATH=tests python -m tools.reference          # write
PYTHONPATH=tests python -m tools.reference --check   # say what is out of date, and fail
"""

from __future__ import annotations

import json
import sys

from tools import collection, sync_template

collection.register()

ATTRIBUTES_HEAD = """\
# The attributes of a host

Made from `plugins/module_utils/attribute_table.py` by `make reference`. How to give them: [policy.md](policy.md).

The ownership of an attribute, `netbox_zabbix_ownership: {<attribute>: <mode>}`, says what becomes of it on a host that
exists:

* `merge`: ours is kept right, what others added stays, what we gave and no longer want goes, element by element;
* `replace`: it is ours alone, what others add goes;
* `create_only`: given to a new host, then left to others;
* `ignore`: never touched.

| attribute | key in a mapping | values | ownership, the default first | |
|---|---|---|---|---|
"""


def documents() -> dict[str, str]:
    """Return the generated documents: path in the collection -> text."""
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.schema import (
        context_schema,
        policy_schema,
    )

    return {
        "docs/attributes.md": _attributes(),
        "docs/policy.schema.json": json.dumps(policy_schema(), indent=2) + "\n",
        "docs/config_context.schema.json": json.dumps(context_schema(), indent=2) + "\n",
        "roles/self_monitoring/files/netbox_sync.yml": sync_template.template(),
    }


def _attributes() -> str:
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.attribute_table import ATTRIBUTES

    lines = ATTRIBUTES_HEAD.splitlines()
    for row in ATTRIBUTES:
        values = ", ".join(f"`{word}`" for word in row.codes) or {"secret": "a secret by reference"}.get(row.kind, "")
        if row.length and not row.codes:
            values = ", ".join(part for part in (values, f"at most {row.length} characters") if part)
        notes = [row.text]
        if row.only_with:
            notes.append(f"with encryption by {row.only_with} only")
        if row.write_only:
            notes.append("compared by a digest, since Zabbix never tells it")
        keys = ", ".join(f"`{key}`" for key in row.key.split(", "))
        modes = ", ".join(f"`{mode}`" for mode in row.modes)
        lines.append(f"| `{row.name}` | {keys} | {values} | {modes} | {'; '.join(notes)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    stale = []
    for name, text in documents().items():
        path = collection.ROOT / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(text)
    if "--check" in sys.argv and stale:
        print(f"out of date: {', '.join(stale)}; make reference writes them", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
