# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan that was saved: the document, where it is kept, and whether it is one to go by.

It holds no values: the options of the run, who is changed how, and digests of what each change writes and was made of
(`reconcile/fingerprint.py`). It is sealed by a digest over all of it, with the key of the digests where there is one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import InputError, OutdatedPlanError, StateError
from ..reconcile.fingerprint import Parts
from ..state.documents import Document, Kind, document_text, parse_document, read_document
from ..state.store import DamagedError, Store

AGAIN = "Make the plan again."
PLAN = Kind("saved plan", 1, AGAIN)
#: what is kept in the state store: old plans are of no use
KEEP_COUNT, KEEP_DAYS = 50, 30
_TOP = "plans/"
_NAME = re.compile(r"plans/(\d{8}T\d{6}Z)-([0-9a-f]+)\.json")


@dataclass(frozen=True, slots=True)
class SavedChange:
    """One change. `host`: its technical name; `hostid`: None for a new one. `lost`: what cannot be taken back, in
    words.

    `writes`: digests of what is written; `netbox`, `zabbix`: fingerprints of the object and of the host as the plan saw
    them, None where there is none.
    """

    ref: str
    label: str
    host: str
    hostid: str | None
    action: str
    #: why the host ends, empty where it does not
    ending: str
    lost: list[str]
    writes: Parts
    netbox: Parts | None
    zabbix: Parts | None

    @property
    def key(self) -> tuple[str, str | None]:
        """What tells it from the other changes of a plan."""
        return self.ref, self.hostid


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """`run_id`: of the run that made it, by which it is called; `created`, `expires`: UTC.

    `servers`: addresses of `netbox` and `zabbix`; `versions`: of them and of the `collection`. `options`: of the run,
    by name; `policy`: fingerprint of the policy; `stats`: counts of the plan.
    """

    run_id: str
    created: str
    expires: str
    servers: dict[str, str]
    versions: dict[str, str]
    options: dict[str, Any]
    policy: Parts
    stats: dict[str, int]
    changes: list[SavedChange]

    @property
    def text(self) -> str:
        """What a message calls it."""
        return f"plan {self.run_id} of {self.created}"


def plan_text(plan: SavedPlan, key: str) -> bytes:
    """Return the document of a plan, as it is written. `key`: of the digests, empty for none."""
    content = asdict(plan)
    return document_text(
        PLAN, {"plan": content, "keyed": bool(key), "digest": _seal(content, plan.servers, key)}, plan.servers
    )


def keep_plan(store: Store, plan: SavedPlan, text: bytes) -> str:
    """Write a plan into the state store, remove old ones, and return where it is. Raises StateError."""
    name = f"{_TOP}{re.sub('[-:]', '', plan.created)}-{plan.run_id}.json"
    store.write(name, text)
    oldest = datetime.now(UTC) - timedelta(days=KEEP_DAYS)
    for number, (made, found) in enumerate(reversed(_plans(store))):
        if number >= KEEP_COUNT or made < oldest:
            store.delete(found)
    return store.where(name)


def write_plan(path: str, text: bytes) -> None:
    """Write a plan into a file, which its owner alone may read, as a whole. Raises StateError."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".plan-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text)
            os.replace(unfinished, path)
        except BaseException:
            os.unlink(unfinished)
            raise
    except OSError as error:
        raise StateError(f"the plan {path} cannot be written: {error.strerror or error}") from None


def stored_plan(store: Store | None, wanted: str) -> tuple[Document, str]:
    """Return the document of the plan whose identity begins so, and where it is. Raises InputError where there is none
    or more than one, StateError.
    """
    if store is None:
        raise InputError(["plan: without a state store there are no plans; give the path of the plan's file"])
    wanted = wanted.strip()
    names = [name for dummy, name in _plans(store) if wanted and _identity(name).startswith(wanted)]
    if len(names) != 1:
        some = ", ".join(map(_identity, names[:3]))
        told = f'"{wanted}" is not one plan: {some}, ...' if names else f'there is no plan "{wanted}" in '
        raise InputError([f"plan: {told}{'' if names else store.location}"])
    document = read_document(store, names[0], PLAN, {})
    if document is None:
        raise InputError([f'plan: "{wanted}" was removed just now. {AGAIN}'])
    return document, store.where(names[0])


def plan_of_file(path: str) -> tuple[Document, str]:
    """Return the document of a file, and its path. Raises InputError where it cannot be read, StateError."""
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        raise InputError([f"path: the plan {path} cannot be read: {error.strerror or error}"]) from None
    return parse_document(text, path, PLAN, {}), path


def opened_plan(document: Document, where: str, key: str, now: datetime) -> SavedPlan:
    """Return the plan of a document, if it is whole and has not expired.

    Raises DamagedError for one that is not, OutdatedPlanError for one that is not to be trusted, or that is too old.
    """
    content = document.content
    try:
        raw, keyed, digest = content["plan"], content["keyed"], content["digest"]
        if keyed is True and not key:
            raise OutdatedPlanError(f"{where} was made with a netbox_zabbix_digest_key: give the same one to apply it.")
        if keyed is not True and key:
            raise OutdatedPlanError(
                f"{where} was made without netbox_zabbix_digest_key, so that nobody can tell whether it was changed "
                f"since: with a key only plans that were made with it are applied. {AGAIN}"
            )
        if not hmac.compare_digest(_seal(raw, document.of, key), digest):
            otherwise = ", or it was made with another netbox_zabbix_digest_key" if key else ""
            raise OutdatedPlanError(f"{where} was changed since it was made{otherwise}. {AGAIN}")
        plan = SavedPlan(**{**raw, "changes": [SavedChange(**one) for one in raw["changes"]]})
        expires = datetime.fromisoformat(plan.expires)
    except (TypeError, KeyError, ValueError) as error:
        raise DamagedError(f"{where} is damaged ({error!r}). {AGAIN}") from None
    if now >= expires:
        raise OutdatedPlanError(f"{where} has expired at {plan.expires}. {AGAIN}")
    return plan


def same_options(saved: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Return which of the options that were given are not those of the plan. What is None was not given."""
    problems: list[str] = []
    for name, value in given.items():
        if value is None:
            continue
        if name not in saved:
            problems.append(f'expected: a plan has no option "{name}"; it has {", ".join(saved)}')
        elif _plain(value) != _plain(saved[name]):
            problems.append(f"{name}: it is {value!r}, and the plan was made with {saved[name]!r}")
    return problems


def names_of(kind: type) -> list[str]:
    """Return the names of the fields of a dataclass."""
    return [one.name for one in fields(kind)]


def _plans(store: Store) -> list[tuple[datetime, str]]:
    """Return when the plans of the store were made, and their names, the oldest first."""
    found: list[tuple[datetime, str]] = []
    for entry in store.list(_TOP):
        match = _NAME.fullmatch(entry.name)
        if match:
            found.append((datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC), entry.name))
    return found


def _identity(name: str) -> str:
    return name.rpartition("-")[2].partition(".")[0]


def _seal(content: Any, of: Mapping[str, str], key: str) -> str:
    text = json.dumps([PLAN.name, PLAN.version, dict(of), content], sort_keys=True, ensure_ascii=False).encode()
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    """Return an option as it compares: variables from a command line are text, numbers too."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return {"True": "true", "False": "false"}.get(value, value) if isinstance(value, str) else value
