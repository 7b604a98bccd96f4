# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all modules share towards Ansible: arguments, progress, reports, and errors as people get to read them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib
from ansible.module_utils.common.parameters import remove_values

from . import interrupts
from .connection import OPTIONS, web_addresses
from .errors import GuardError, InputError, NetboxZabbixError
from .jobs.result import JOBS, Progress, Result
from .jobs.run_records import keep_from
from .report.files import FORMATS, report_paths, write_reports
from .report.sender import send_figures
from .report.words import FAIL_ON, fails
from .state_face import keep_run

#: the host in Zabbix that takes the figures of runs
MONITORING_HOST = "NetBox sync netbox"
#: for the modules that can be told what to fail on
FAIL_ON_OPTION: dict[str, Any] = {"type": "list", "elements": "str", "choices": [*FAIL_ON], "default": ["failed"]}

#: requests comes with pynetbox, and its absence shows up in the same imports
LIBRARIES = ("pynetbox", "zabbix_utils", "requests")


def argument_spec(**own: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the arguments of a module: the connections, the progress file, the reports, and its own."""
    spec = copy.deepcopy(OPTIONS)
    for option in spec.values():
        if "fallback" in option:
            option["fallback"] = (env_fallback, list(option["fallback"]))
    spec["progress_path"] = {"type": "path"}
    spec["self_monitoring"] = {
        "type": "dict",
        "options": {
            "server": {"type": "str", "required": True},
            "port": {"type": "int", "default": 10051},
            "host": {"type": "str", "default": MONITORING_HOST},
        },
    }
    spec["reports"] = {"type": "dict", "options": {name: {"type": "path"} for name in FORMATS}}
    return {**spec, **own}


def missing_libraries(libraries: Iterable[str] = LIBRARIES) -> str | None:
    """Return what to install where a library of the collection is missing."""
    for library in libraries:
        try:
            __import__(library)
        except ImportError:
            return missing_required_lib(library.replace("_", "-"), reason="for netops.netbox_zabbix")
    return None


def run_module(module: AnsibleModule, job: Callable[[Progress], Result], *, connects: bool = True) -> None:
    """Run a job and leave the module with its result. A person's mistake ends in a message, never in a traceback.

    `connects`: whether it talks to a server, for which libraries are needed.
    """
    missing = missing_libraries() if connects else None
    if missing:
        module.fail_json(msg=missing)
    name = module._name.rpartition(".")[2]
    fail_on = module.params.get("fail_on", ["failed"])
    try:
        paths = report_paths(module.params["reports"], name)
        keep = keep_from(module.params.get("keep_runs"))
        urls = web_addresses(module.params)
    except InputError as error:
        module.fail_json(msg=_told(error))
    result = Result(JOBS.get(name, name), module.check_mode)
    stopped: NetboxZabbixError | None = None
    try:
        with interrupts.heeded():
            result = job(_progress(module.params["progress_path"]))
    except NetboxZabbixError as error:
        stopped = error
        _note_end(result, error)
    result.urls = urls
    result.interrupted = interrupts.took_effect()
    if "keep_runs" in module.params and not module.check_mode:
        secret = frozenset(option for option, spec in module.argument_spec.items() if spec.get("no_log"))
        scrubbed = partial(remove_values, no_log_strings=module.no_log_values)
        result.notes += keep_run(module.params, secret, scrubbed, keep, result)
    failing = [host for host in result.hosts if fails(host.action, host.reasons, fail_on)]
    if len(failing) > len(result.failed):
        result.message += f"\nThe run is to fail on {', '.join(fail_on)}: {len(failing)} hosts."
    for note in [*result.notes, *_tell(module, result, name, paths, fail_on)]:
        module.warn(note)
    if stopped is not None:
        module.fail_json(msg=result.message)
    answer = result.as_dict()
    if "fail_on" in module.params:
        answer["failing"], answer["stopped"] = len(failing), result.error
    if module._diff and result.diff:
        answer["diff"] = {"prepared": result.diff}
    if failing or result.refused or result.error:
        module.fail_json(msg=result.message, **answer)
    module.exit_json(msg=result.message, **answer)


def _tell(
    module: AnsibleModule, result: Result, name: str, paths: Mapping[str, str], fail_on: Sequence[str]
) -> list[str]:
    """Write the reports and send the figures of a run; return what did not work of that."""
    monitoring = module.params["self_monitoring"]
    if not paths and not monitoring:
        return []
    report = result.full()
    # as Ansible does with what a module returns: an error of a server may quote what it was sent
    for part in ("hosts", "notes", "message", "refused", "error"):
        report[part] = remove_values(report[part], module.no_log_values)
    problems = write_reports(report, paths, name, fail_on)
    if monitoring:
        problems.append(send_figures(report, name, monitoring))
    return [problem for problem in problems if problem]


def _note_end(result: Result, error: NetboxZabbixError) -> None:
    """Let a result tell that its run ended before its end."""
    if isinstance(error, GuardError):
        result.refused = str(error)
    else:
        result.error = _told(error)
    result.finish(_told(error))


def _told(error: NetboxZabbixError) -> str:
    """Return an error as people get to read it; several problems are numbered."""
    if not isinstance(error, InputError):
        return str(error)
    problems = error.problems
    if len(problems) == 1:
        return problems[0]
    return f"{len(problems)} problems:\n" + "\n".join(f"  {number}. {text}" for number, text in enumerate(problems, 1))


def _progress(path: str | None) -> Progress:
    if path is None:
        return lambda text: None

    def write(text: str) -> None:
        with open(path, "a", encoding="utf-8") as lines:
            lines.write(" ".join(text.split()) + "\n")

    return write
