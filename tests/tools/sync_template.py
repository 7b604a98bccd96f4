"""The Zabbix template for the figures of runs, made of the table in plugins/module_utils/report/figures.py.

In the format of Zabbix 6.0, which every later version takes in.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml

TEMPLATE = "NetBox sync"
_MAX_AGE, _MAX_FAILED, _MAX_DRIFTED = (
    f"{{$NETBOX_ZABBIX.{name}}}" for name in ("MAX_AGE", "MAX_FAILED", "MAX_DRIFTED")
)
#: the group of every Zabbix since 6.0
_GROUP = {"uuid": "a571c0d144b14fd4a87a9d9b2aa9fcd6", "name": "Templates/Applications"}
_HEAD = """\
# Made by "make reference" from plugins/module_utils/report/figures.py. Zabbix 6.0 and later take it in, also by hand:
# Data collection, Templates, Import.
"""


def template() -> str:
    """Return the template as YAML."""
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.figures import WATCHED

    content = {
        "uuid": _uuid("template"),
        "template": TEMPLATE,
        "name": TEMPLATE,
        "description": "",
        "groups": [{"name": _GROUP["name"]}],
        "items": [item for module in WATCHED for item in _items(module)],
        "macros": [
            _macro(_MAX_AGE, "26h", "How long a job may go without a run that went well."),
            _macro(_MAX_DRIFTED, "0", "How many hosts may have been changed in Zabbix by others."),
            _macro(_MAX_FAILED, "0", "How many hosts may fail in a run."),
        ],
        "dashboards": [_dashboard()],
        "valuemaps": [
            {
                "uuid": _uuid("valuemap"),
                "name": "Yes or no",
                "mappings": [{"value": "0", "newvalue": "No"}, {"value": "1", "newvalue": "Yes"}],
            }
        ],
    }
    export = {
        "version": "6.0",
        "date": "2026-11-24T00:00:00Z",
        "groups": [_GROUP],
        "templates": [content],
        "triggers": [_ended_early(module) for module in WATCHED],
        "graphs": [_graph(*one) for one in _GRAPHS],
    }
    # by this a template that Zabbix has is known to be this one: what it exports differs by version, in order and form
    digest = hashlib.sha256(json.dumps(export).encode()).hexdigest()[:12]
    content["description"] = f"How the jobs of netops.netbox_zabbix go: they send their figures. Content {digest}."
    return _HEAD + yaml.dump({"zabbix_export": export}, Dumper=_Indented, sort_keys=False, width=140)


class _Indented(yaml.SafeDumper):
    """Indents lists below their key, as this repository does."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _uuid(what: str) -> str:
    """Return an identity that stays the same, in the form that Zabbix asks for (version 4)."""
    digits = hashlib.md5(f"netops.netbox_zabbix {what}".encode(), usedforsecurity=False).hexdigest()
    return f"{digits[:12]}4{digits[13:16]}8{digits[17:]}"


def _macro(name: str, value: str, text: str) -> dict[str, str]:
    return {"macro": name, "value": value, "description": f"{text} {name[:-1]}:hosts_sync}} is for one job alone."}


def _with_context(macro: str, module: str) -> str:
    return f'{macro[:-1]}:"{module}"}}'


def _key(name: str, module: str) -> str:
    return f"netbox_zabbix.{name}[{module}]"


def _items(module: str) -> list[dict[str, Any]]:
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.figures import FIGURES, run_key

    tags = [{"tag": "job", "value": module}]
    master = {
        "uuid": _uuid(f"item run {module}"),
        "name": f"{module}: figures of the last run",
        "type": "TRAP",
        "key": run_key(module),
        "delay": "0",
        "history": "7d",
        "trends": "0",
        "value_type": "TEXT",
        "description": "What the job sends at its end; the other items are made of it.",
        "tags": tags,
    }
    # by the clock of the server: that of the machine that runs the job may be wrong
    now = {"type": "JAVASCRIPT", "parameters": ["return Math.floor(Date.now() / 1000);"]}
    only_ok = {"type": "MATCHES_REGEX", "parameters": ["^1$"], "error_handler": "DISCARD_VALUE"}
    success = _dependent(module, "last_success", "last run that went well", "unixtime", [_path("ok"), only_ok, now])
    success["triggers"] = [_not_run(module)]
    figures = [_dependent(module, one.name, one.text, one.units, [_path(one.name)]) for one in FIGURES]
    for item in figures:
        name = item["key"].partition(".")[2].partition("[")[0]
        if name in ("ok", "refused"):
            item["valuemap"] = {"name": "Yes or no"}
        triggers = _triggers(module).get(name)
        if triggers:
            item["triggers"] = triggers
    return [master, success, *figures]


def _path(name: str) -> dict[str, Any]:
    return {"type": "JSONPATH", "parameters": [f"$.{name}"]}


def _dependent(module: str, name: str, text: str, units: str, preprocessing: list[dict[str, Any]]) -> dict[str, Any]:
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.figures import run_key

    item: dict[str, Any] = {
        "uuid": _uuid(f"item {name} {module}"),
        "name": f"{module}: {text}",
        "type": "DEPENDENT",
        "key": _key(name, module),
        "delay": "0",
        "history": "90d",
        "value_type": "FLOAT" if units == "s" else "UNSIGNED",
    }
    if units:
        item["units"] = units
    return {
        **item,
        "preprocessing": preprocessing,
        "master_item": {"key": run_key(module)},
        "tags": [{"tag": "job", "value": module}],
    }


def _trigger(module: str, name: str, expression: str, priority: str, text: str) -> dict[str, Any]:
    return {
        "uuid": _uuid(f"trigger {name} {module}"),
        "expression": expression,
        "name": f"{module}: {name}",
        "priority": priority,
        "description": text,
        "tags": [{"tag": "job", "value": module}],
    }


def _last(name: str, module: str) -> str:
    return f"last(/{TEMPLATE}/{_key(name, module)})"


def _not_run(module: str) -> dict[str, Any]:
    age = _with_context(_MAX_AGE, module)
    expression = f"now()-{_last('last_success', module)}>{age}"
    if module == "hosts_sync":
        # also when it never ran: the other jobs are not for everybody
        expression = f"({expression}) or nodata(/{TEMPLATE}/{_key('last_success', module)},{age})=1"
    name = f"no run went well for {age}"
    return _trigger(module, name, expression, "AVERAGE", "The schedule has stopped, or each run fails.")


def _triggers(module: str) -> dict[str, list[dict[str, Any]]]:
    from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.figures import KNOW_DRIFT

    failed, drifted = _with_context(_MAX_FAILED, module), _with_context(_MAX_DRIFTED, module)
    found = {
        "refused": [
            _trigger(
                module,
                "the guard stopped the last run",
                f"{_last('refused', module)}=1",
                "HIGH",
                "More would have been changed than its limits let pass. Nothing was written.",
            )
        ],
        "failed": [
            _trigger(
                module,
                f"hosts failed in the last run (over {failed})",
                f"{_last('failed', module)}>{failed}",
                "WARNING",
                "The job's output and reports tell which, and what to do.",
            )
        ],
    }
    if module in KNOW_DRIFT:
        found["drifted"] = [
            _trigger(
                module,
                f"hosts were changed in Zabbix by others (over {drifted})",
                f"{_last('drifted', module)}>{drifted}",
                "WARNING",
                "The last run found them. Its reports tell which, and what was changed.",
            )
        ]
    return found


def _ended_early(module: str) -> dict[str, Any]:
    return _trigger(
        module,
        "the last run ended before its end",
        f"{_last('ok', module)}=0 and {_last('refused', module)}=0 and {_last('failed', module)}=0",
        "AVERAGE",
        "A server could not be read, or the policy is wrong. The job's output tells which.",
    )


#: name, figure and colour of each line of a graph
_GRAPHS = (
    ("NetBox sync: hosts", "hosts_sync", (("changed", "0969DA"), ("drifted", "9A6700"), ("failed", "CF222E"))),
    ("NetBox sync: duration", "hosts_sync", (("duration", "0969DA"),)),
    ("NetBox sync: requests", "hosts_sync", (("requests", "57606A"),)),
)


def _graph(name: str, module: str, lines: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {
        "uuid": _uuid(f"graph {name}"),
        "name": name,
        "graph_items": [
            {
                "sortorder": str(number),
                "color": colour,
                "item": {"host": TEMPLATE, "key": _key(figure, module)},
            }
            for number, (figure, colour) in enumerate(lines)
        ],
    }


def _dashboard() -> dict[str, Any]:
    widgets = [
        _item_widget(name, number * 4)
        for number, name in enumerate(("last_success", "ok", "refused", "objects", "failed", "drifted"))
    ]
    widgets += [_graph_widget(name, number * 8) for number, (name, *dummy) in enumerate(_GRAPHS)]
    return {"uuid": _uuid("dashboard"), "name": TEMPLATE, "pages": [{"widgets": widgets}]}


def _item_widget(name: str, x: int) -> dict[str, Any]:
    item = {"host": TEMPLATE, "key": _key(name, "hosts_sync")}
    return {
        "type": "ITEM",
        "x": str(x),
        "width": "4",
        "height": "4",
        "fields": [{"type": "ITEM", "name": "itemid", "value": item}],
    }


def _graph_widget(name: str, x: int) -> dict[str, Any]:
    return {
        "type": "GRAPH_CLASSIC",
        "x": str(x),
        "y": "4",
        "width": "8",
        "height": "6",
        "fields": [{"type": "GRAPH", "name": "graphid", "value": {"name": name, "host": TEMPLATE}}],
    }
