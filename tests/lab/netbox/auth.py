"""Who asks, and what they may do.

The tokens are fixed, so that commands in the documentation can name them; this server is for tests only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .errors import forbidden
from .fields import Row, Table
from .store import Store

V2_KEYS = {
    "admin": "labadminkey0",
    "reader": "labreaderke0",
    "expired": "labexpiredk0",
    "limited": "lablimitedk0",
    "jobs": "labjobskey00",
}
SECRET = "standin-secret-standin-secret-standin-00"
TOKENS = {name: f"nbt_{key}.{SECRET}" for name, key in V2_KEYS.items()}
TOKEN_V1 = "0123456789abcdef0123456789abcdef01234567"

ACTIONS = {"GET": "view", "HEAD": "view", "OPTIONS": "", "POST": "add", "PUT": "change", "PATCH": "change"}
ACTIONS["DELETE"] = "delete"
BIRTH = "2026-01-01T00:00:00.000000Z"
PAST = "2026-01-02T00:00:00Z"


@dataclass(frozen=True)
class Account:
    """A token and its user's rights. `sites`, if given, are the slugs of the only sites whose objects it may see."""

    user_id: int
    token_id: int
    writes: bool = True
    expired: bool = False
    superuser: bool = True
    sites: frozenset[str] = frozenset()
    rights: dict[str, frozenset[str]] = field(default_factory=dict)  # action -> object types

    def may(self, method: str, table: Table) -> bool:
        if method not in ("GET", "HEAD", "OPTIONS") and not self.writes:
            return False
        action = ACTIONS[method]
        return self.superuser or not action or table.object_type in self.rights.get(action, ())

    def sees(self, store: Store, table: Table, row: Row) -> bool:
        if self.superuser:
            return True
        if table.object_type == "extras.savedfilter" and not row["shared"]:
            # extras/api/mixins.py: SharedObjectQuerySetMixin
            return row["user"] == self.user_id
        if not self.sites:
            return True
        site = row["id"] if table.path == "dcim/sites" else row.get("site", ...)
        if site is ...:
            return True
        found = store.get("dcim/sites", site)
        return found is not None and found["slug"] in self.sites


LIMITED_VIEW = frozenset(
    [
        "dcim.device",
        "dcim.site",
        "dcim.devicetype",
        "dcim.devicerole",
        "dcim.manufacturer",
        "dcim.platform",
        "dcim.rack",
        "dcim.location",
        "dcim.region",
        "dcim.sitegroup",
        "dcim.interface",
        "virtualization.virtualmachine",
        "virtualization.vminterface",
        "ipam.ipaddress",
        "extras.tag",
        "tenancy.tenant",
    ]
)


def seed(store: Store) -> None:
    """The users and their tokens."""
    for number, name in enumerate(("admin", "reader", "limited", "jobs"), 1):
        store.put(
            "users/users",
            {
                "id": number,
                "username": name,
                "first_name": "",
                "last_name": "",
                "email": f"{name}@example.com",
                "is_active": True,
                "date_joined": BIRTH,
            },
        )
    store.last_ids["users/users"] = 4
    owners = {
        "admin": (1, True, None),
        "reader": (2, False, None),
        "expired": (1, True, PAST),
        "limited": (3, True, None),
        "jobs": (4, True, None),
    }
    rows: list[dict[str, Any]] = [{"version": 1, "key": None, "user": 1, "expires": None, "write_enabled": True}]
    for name, (user, writes, expires) in owners.items():
        rows.append({"version": 2, "key": V2_KEYS[name], "user": user, "expires": expires, "write_enabled": writes})
    for number, row in enumerate(rows, 1):
        extra = {"description": "", "created": BIRTH, "last_used": None, "enabled": True}
        store.put("users/tokens", {"id": number, **row, **extra})
    store.last_ids["users/tokens"] = len(rows)


def accounts(limited_sites: frozenset[str], jobs_rights: dict[str, frozenset[str]]) -> dict[str, Account]:
    """Accounts by the whole value of the Authorization header. `jobs_rights`: action -> object types."""
    limited = Account(
        3,
        5,
        superuser=False,
        sites=limited_sites,
        rights={"view": LIMITED_VIEW, "change": frozenset({"dcim.device"})},
    )
    return {
        f"Token {TOKEN_V1}": Account(1, 1),
        f"Bearer {TOKENS['admin']}": Account(1, 2),
        f"Bearer {TOKENS['reader']}": Account(2, 3, writes=False),
        f"Bearer {TOKENS['expired']}": Account(1, 4, expired=True),
        f"Bearer {TOKENS['limited']}": limited,
        f"Bearer {TOKENS['jobs']}": Account(4, 6, superuser=False, rights=jobs_rights),
    }


def authenticate(known: dict[str, Account], header: str | None) -> Account:
    if not header or header.split()[0].lower() not in ("token", "bearer"):
        raise forbidden("Authentication credentials were not provided.")
    parts = header.split()
    if len(parts) != 2:
        raise forbidden('Invalid authorization header: Must be in the form "Bearer <key>.<token>" or "Token <token>"')
    # NetBox tells the version by the prefix of the token, not by the keyword.
    version = 2 if parts[1].startswith("nbt_") else 1
    if version == 2 and "." not in parts[1]:
        raise forbidden(
            "Invalid authorization header: Could not parse key from v2 token. "
            "Did you mean to use 'Token' instead of 'Bearer'?"
        )
    account = known.get(f"{'Bearer' if version == 2 else 'Token'} {parts[1]}")
    if account is None:
        raise forbidden(f"Invalid v{version} token")
    if account.expired:
        raise forbidden("Token expired")
    return account
