# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who we are in Zabbix and what we may: read, never tried by writing.

Whether a method is allowed is asked of Zabbix itself, since a user may not see its own role: a reading method is called
for one row, a writing one with an empty list of objects. Zabbix looks at the permission before it looks at the
parameters, and refuses the empty list or has nothing to do (6.0 and 7.0, measured for all methods in `needs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..errors import ZabbixError
from . import versions
from .client import Call, Zabbix

#: what Zabbix says where the type of the user or its role do not allow a method, on every release
NOT_ALLOWED = "No permissions to call"


@dataclass(slots=True)
class Account:
    """What a session may and sees. None in a field: the user is not allowed to read that, so it cannot be known.

    `role`: its name; `expires`: when the token ends, NEVER for one that does not; `refused`: methods that were asked
    for and are not allowed; `host_groups`, `template_groups`: name -> whether it may be written; `templates`: the
    visible and the technical name of each; `timezone`: the server's default.
    """

    role: str | None = None
    expires: datetime | None = None
    refused: frozenset[str] = frozenset()
    host_groups: dict[str, bool] | None = None
    template_groups: dict[str, bool] | None = None
    templates: tuple[tuple[str, str], ...] | None = None
    timezone: str | None = None


#: methods asked for in one request: PHP of 6.0.14 warns for each call with a token, and nginx answers 502 where these
#: warnings and the header do not fit into its buffer (measured)
PROBES = 10

#: of a token without an end
NEVER = datetime.max.replace(tzinfo=UTC)


def token_call(zabbix: Zabbix) -> Call | None:
    """Return the call that tells when our token ends, to be sent along with others; None for a session."""
    token = zabbix.connection.token
    return ("token.get", {"token": token, "output": ["expires_at"]}) if token else None


def token_end(answer: Any) -> datetime | None:
    """Return when the token ends by the answer to `token_call`, None where the user may not know."""
    if isinstance(answer, ZabbixError) or not answer:
        return None
    seconds = int(answer[0]["expires_at"])
    return datetime.fromtimestamp(seconds, UTC) if seconds else NEVER


def batch_with_token(zabbix: Zabbix, calls: Sequence[Call]) -> list[Any]:
    """Send calls as `Zabbix.batch` does, and ask in the same request when our token ends: `Zabbix.token_end`."""
    call = token_call(zabbix)
    if call is None:
        return zabbix.batch(calls)
    *answers, said = zabbix.batch([*calls, call])
    zabbix.token_end = token_end(said)
    return answers


def read_account(zabbix: Zabbix, methods: Iterable[str]) -> Account:
    """Return what can be known of our session, and which of `methods` it may not call: a few requests.

    Raises ZabbixError where Zabbix does not answer.
    """
    asked: dict[str, Call] = {
        "settings": ("settings.get", {"output": "extend"}),
        "host_groups": ("hostgroup.get", {"output": ["groupid", "name"]}),
        "writable_host_groups": ("hostgroup.get", {"output": ["groupid"], "editable": True}),
        "templates": ("template.get", {"output": ["host", "name"]}),
    }
    if zabbix.user is not None:
        # 6.0 shows everybody all roles
        asked["role"] = ("role.get", {"output": ["roleid", "name"], "roleids": [zabbix.user.roleid]})
    if (call := token_call(zabbix)) is not None:
        asked["token"] = call
    if versions.has_template_groups(zabbix.release):
        asked["template_groups"] = ("templategroup.get", {"output": ["groupid", "name"]})
        asked["writable_template_groups"] = ("templategroup.get", {"output": ["groupid"], "editable": True})
    answers = dict(zip(asked, zabbix.batch(list(asked.values())), strict=True))
    for answer in answers.values():
        if isinstance(answer, ZabbixError) and NOT_ALLOWED not in str(answer):
            raise answer
    known = {name: answer for name, answer in answers.items() if not isinstance(answer, ZabbixError)}
    settings = known.get("settings", {})
    roles = known.get("role", [])
    return Account(
        role=roles[0]["name"] if roles else None,
        expires=token_end(known.get("token")),
        refused=refused_methods(zabbix, methods),
        host_groups=_groups(known, "host_groups"),
        template_groups=_groups(known, "template_groups"),
        templates=tuple((row["name"], row["host"]) for row in known["templates"]) if "templates" in known else None,
        timezone=settings.get("default_timezone"),
    )


def _groups(known: Mapping[str, Any], kind: str) -> dict[str, bool] | None:
    if kind not in known:
        return None
    writable = {row["groupid"] for row in known[f"writable_{kind}"]}
    return {row["name"]: row["groupid"] in writable for row in known[kind]}


def refused_methods(zabbix: Zabbix, methods: Iterable[str]) -> frozenset[str]:
    """Return those of these methods that we may not call: a few requests, and nothing is written."""
    names = sorted(set(methods))
    answers: list[Any] = []
    for at in range(0, len(names), PROBES):
        answers += zabbix.batch([(name, _harmless(name)) for name in names[at : at + PROBES]])
    return frozenset(
        name
        for name, answer in zip(names, answers, strict=True)
        if isinstance(answer, ZabbixError) and NOT_ALLOWED in str(answer)
    )


def _harmless(method: str) -> Any:
    """Return parameters with which a method does nothing."""
    verb = method.partition(".")[2]
    if verb == "get":
        return {"limit": 1, "output": []}
    # these take an object of lists, and 6.0 dies of none at all (measured)
    return {"hosts": []} if verb.startswith("mass") else []
