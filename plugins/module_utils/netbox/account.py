# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who we are in NetBox, what we may, and whether we see everything: asked by reading, never by writing.

NetBox does not tell a user its own permissions, so each is asked for where it shows: a list can be read or not, and the
answer to OPTIONS names the actions POST (add) and PUT (change) only to those who may (4.2 to 4.6).
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..clock import from_iso
from .client import READERS, NetBox
from .failures import Refused
from .needs import ADD, CHANGE, DELETE, PATHS, VIEW

#: how the key of a token of version 2 begins; it tells the token without its secret
V2 = "nbt_"
#: characters of a token of version 1 that NetBox shows
SHOWN = 6
#: more than any page, and further than any list of tags
FAR = 1_000_000

_IN_OPTIONS = {ADD: "POST", CHANGE: "PUT"}


@dataclass(frozen=True, slots=True)
class Token:
    """Our token as NetBox shows it. `expires`: None for never; `writes`: whether it may be used for writing."""

    expires: datetime | None
    writes: bool


@dataclass(frozen=True, slots=True)
class Permission:
    """One object permission of our user. `constrained`: None where we may not know."""

    name: str
    object_types: frozenset[str]
    actions: frozenset[str]
    constrained: bool | None


@dataclass(slots=True)
class Account:
    """Who we are. None in a field: it cannot be known with this token.

    `permissions`: those that apply to our user; `complete`: whether there are no others. `offset`: NetBox's time zone,
    as it writes times: "+00:00".
    """

    username: str | None = None
    superuser: bool | None = None
    token: Token | None = None
    permissions: tuple[Permission, ...] = ()
    complete: bool = False
    offset: str | None = None


def read_token(netbox: NetBox) -> dict[str, Any] | None:
    """Return our own token as NetBox shows it, None where it does not: users see their own tokens by default."""
    token = netbox.connection.token
    params = {"key": _key(token)} if token.startswith(V2) else {}
    try:
        rows = [row for page in netbox.pages("users/tokens/", params) for row in page]
    except Refused as error:
        if error.status != 403:
            raise
        return None
    found = [row for row in rows if _is_ours(row, token)]
    return found[0] if len(found) == 1 else None


def token_of(row: dict[str, Any]) -> Token:
    """Return a token from NetBox's row."""
    return Token(from_iso(row["expires"]) if row["expires"] else None, row["write_enabled"])


def _key(token: str) -> str:
    return token.removeprefix(V2).partition(".")[0]


def _is_ours(row: dict[str, Any], token: str) -> bool:
    if token.startswith(V2):
        return bool(row.get("key") == _key(token))
    if token in (row.get("key"), row.get("token")):  # with ALLOW_TOKEN_RETRIEVAL
        return True
    shown = str(row["display"])
    return shown.startswith("*") and shown.endswith(token[-SHOWN:])


def read_account(netbox: NetBox) -> Account:
    """Return what can be known of our token and its user: about five requests."""
    row = read_token(netbox)
    user = _user(netbox, row)
    account = Account(token=token_of(row) if row else None)
    if user is None:
        return account
    account.username = user["username"]
    account.superuser = _superuser(netbox, user["id"])
    if user.get("date_joined"):
        account.offset = from_iso(user["date_joined"]).isoformat()[-6:]
    if not account.superuser:
        account.permissions, account.complete = _permissions(netbox, user)
    return account


def _user(netbox: NetBox, token: dict[str, Any] | None) -> dict[str, Any] | None:
    try:
        return netbox.get("authentication-check/")
    except Refused as error:
        if error.status != 404:  # came with 4.5
            raise
    if token is None:
        return None
    user: dict[str, Any] = token["user"]
    try:
        return netbox.get(f"users/users/{user['id']}/")
    except Refused as error:
        if error.status not in (403, 404):
            raise
    return user


def _superuser(netbox: NetBox, number: int) -> bool | None:
    """Return whether our user is a superuser, None where NetBox does not filter by it.

    Users are shown to superusers always, so who does not see itself is none.
    """
    try:
        counts = [
            netbox.get("users/users/", {"id": number, "is_superuser": word, "limit": 1, "brief": 1})["count"]
            for word in ("true", "false")
        ]
    except Refused as error:
        if error.status != 403:
            raise
        return False
    # an unknown filter is ignored, and a user that may not see itself is in neither list
    return {(1, 0): True, (0, 1): False, (0, 0): False}.get((counts[0], counts[1]))


def _permissions(netbox: NetBox, user: dict[str, Any]) -> tuple[tuple[Permission, ...], bool]:
    """Return the permissions of a user and of its groups as far as we may see them, and whether these are all."""
    groups = [group["id"] for group in user.get("groups", ())]
    asked = [{"user_id": user["id"]}] + ([{"group_id": groups}] if groups else [])
    try:
        rows = [row for some in asked for page in netbox.pages("users/permissions/", some) for row in page]
    except Refused as error:
        if error.status not in (403, 404):
            raise
        # those that the user has itself are shown to it, without their constraints
        rows = user.get("permissions", [])
        # who has none of its own and gets on gets them from NetBox's configuration, which nobody is shown
        return tuple(_permission(row) for row in rows if row["enabled"]), bool(rows) and not groups
    return tuple(_permission(row) for row in {row["id"]: row for row in rows}.values() if row["enabled"]), True


def _permission(row: dict[str, Any]) -> Permission:
    constrained = bool(row["constraints"]) if "constraints" in row else None
    return Permission(row["name"], frozenset(row["object_types"]), frozenset(row["actions"]), constrained)


def missing_actions(
    netbox: NetBox, account: Account, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], bool | None]:
    """Return which of these pairs of object type and action we lack: True, or None where it cannot be known."""
    if account.superuser:
        return {}
    pairs = sorted(set(wanted))
    by_type: dict[str, list[str]] = {}
    for object_type, action in pairs:
        by_type.setdefault(object_type, []).append(action)
    # whether a token may write at all shows in OPTIONS as well; this tells the user's permission apart from it
    writes = account.token is None or account.token.writes

    def look(object_type: str) -> dict[tuple[str, str], bool | None]:
        found: dict[tuple[str, str], bool | None] = {}
        actions = by_type[object_type]
        if VIEW in actions:
            there = _may_view(netbox, PATHS[object_type])
            if there is None:  # this NetBox has no such list
                return {(object_type, action): None for action in actions}
            if not there:
                found[object_type, VIEW] = True
        shown = [action for action in actions if action in _IN_OPTIONS]
        if shown and writes:
            offered = netbox.options(PATHS[object_type]).get("actions", {})
            found.update({(object_type, action): True for action in shown if _IN_OPTIONS[action] not in offered})
        for action in actions:
            if action == DELETE or (action in shown and not writes):
                lacking = _lacks(account, object_type, action)
                if lacking is not False:
                    found[object_type, action] = lacking
        return found

    with ThreadPoolExecutor(READERS, thread_name_prefix="netbox-permissions") as readers:
        return {key: value for found in readers.map(look, by_type) for key, value in found.items()}


def _may_view(netbox: NetBox, path: str) -> bool | None:
    """Return whether a list may be read, None where there is none."""
    try:
        netbox.get(path, {"limit": 1, "brief": 1})
    except Refused as error:
        if error.status not in (403, 404):
            raise
        return None if error.status == 404 else False
    return True


def _lacks(account: Account, object_type: str, action: str) -> bool | None:
    """Return whether the user lacks what no answer of NetBox shows, by its permissions."""
    if any(object_type in one.object_types and action in one.actions for one in account.permissions):
        return False
    return True if account.complete else None


def count_devices(netbox: NetBox) -> tuple[int, int]:
    """Return how many devices there are by the numbers that NetBox keeps at device types, and how many we see.

    Those numbers are of all devices, whoever asks (4.2 to 4.6). Of types that are hidden from us we do not know.
    """
    counted = sum_of_devices(netbox)
    seen = int(netbox.get("dcim/devices/", {"limit": 1, "brief": 1})["count"])
    if counted > seen:  # or one was deleted between the two questions
        counted = sum_of_devices(netbox)
    return counted, seen


def sum_of_devices(netbox: NetBox) -> int:
    """Return how many devices there are by the numbers at device types: one request for a thousand types."""
    return _sum(netbox, "dcim/device-types/", "device_count")


def count_machines(netbox: NetBox) -> tuple[int, int]:
    """Return the same of virtual machines, by their clusters; those without a cluster are in neither number."""
    path, params = "virtualization/virtual-machines/", {"limit": 1, "brief": 1}
    counted = _sum(netbox, "virtualization/clusters/", "virtualmachine_count")
    seen = int(netbox.get(path, params)["count"]) - int(netbox.get(path, {**params, "cluster_id": "null"})["count"])
    if counted > seen:
        counted = _sum(netbox, "virtualization/clusters/", "virtualmachine_count")
    return counted, seen


def _sum(netbox: NetBox, path: str, name: str) -> int:
    return sum(int(row[name]) for page in netbox.pages(path, {"fields": f"id,{name}"}) for row in page)


def page_size(netbox: NetBox) -> int | None:
    """Return NetBox's MAX_PAGE_SIZE, None for no limit: the link from an empty page far behind the end names it."""
    link = netbox.get("extras/tags/", {"limit": FAR, "offset": 2 * FAR, "fields": "id"})["previous"]
    limits = parse_qs(urlsplit(link or "").query).get("limit")
    return int(limits[0]) if limits and int(limits[0]) < FAR else None


def oldest_change(netbox: NetBox) -> datetime | None:
    """Return when the oldest entry of NetBox's changelog was made, None where it has none. Raises Refused."""
    params = {"ordering": "time", "limit": 1, "fields": "time"}
    rows = netbox.get("core/object-changes/", params)["results"]
    return from_iso(rows[0]["time"]) if rows else None
