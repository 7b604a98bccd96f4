"""Config contexts, rendered as NetBox does: by weight and name, dictionaries merged, lists replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import Row

if TYPE_CHECKING:
    from .store import Store

# Field of the context -> table whose tree it takes part in; the others match the very object.
TREES = {
    "regions": "dcim/regions",
    "site_groups": "dcim/site-groups",
    "locations": "dcim/locations",
    "roles": "dcim/device-roles",
    "platforms": "dcim/platforms",
}
PLAIN = ("sites", "device_types", "cluster_types", "cluster_groups", "clusters", "tenant_groups", "tenants", "tags")
DEPENDS_ON = (
    "extras/config-contexts",
    *TREES.values(),
    "dcim/sites",
    "virtualization/clusters",
    "tenancy/tenants",
)


def merge(low: Row, high: Row) -> Row:
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def render(store: Store, row: Row) -> Row:
    """The config context of a device or a virtual machine."""
    cache: dict[Any, Row] = store.derived("contexts", DEPENDS_ON, dict)
    key = (
        row["site"],
        row.get("location"),
        row["role"],
        row["platform"],
        row.get("device_type"),
        row["cluster"],
        row["tenant"],
        row["tags"],
        "location" in row,
    )
    if key not in cache:
        cache[key] = _render(store, row)
    local = row["local_context_data"]
    return merge(cache[key], local) if local else cache[key]


def _render(store: Store, row: Row) -> Row:
    having = places_of(store, row)
    rendered: Row = {}
    for context, wanted in store.derived("assignments", DEPENDS_ON, lambda: _assignments(store)):
        if all(having[name] & ids for name, ids in wanted):
            rendered = merge(rendered, context["data"])
    return rendered


def _assignments(store: Store) -> list[tuple[Row, list[tuple[str, frozenset[int]]]]]:
    """The active contexts by weight and name, each with what must match."""
    found = []
    for number in store.order("extras/config-contexts"):
        context = store.at("extras/config-contexts", number)
        if context["is_active"]:
            found.append((context, [(name, frozenset(context[name])) for name in (*TREES, *PLAIN) if context[name]]))
    found.sort(key=lambda pair: (pair[0]["weight"], pair[0]["name"]))
    return found


def places_of(store: Store, row: Row) -> dict[str, frozenset[int]]:
    """Everything that a context may be assigned to and that this object is part of."""
    site = store.get("dcim/sites", row["site"]) or {}
    cluster = store.get("virtualization/clusters", row["cluster"]) or {}
    tenant = store.get("tenancy/tenants", row["tenant"]) or {}
    trees = {
        "regions": site.get("region"),
        "site_groups": site.get("group"),
        "locations": row.get("location"),
        "roles": row["role"],
        "platforms": row["platform"],
    }
    plain = {
        "sites": row["site"],
        "device_types": row.get("device_type"),
        "cluster_types": cluster.get("type"),
        "cluster_groups": cluster.get("group"),
        "clusters": row["cluster"],
        # Not the groups above it: NetBox 4.6 matches the tenant's own group only.
        "tenant_groups": tenant.get("group"),
        "tenants": row["tenant"],
    }
    having = {name: frozenset(store.ancestors(TREES[name], number)) for name, number in trees.items()}
    having |= {name: frozenset() if number is None else frozenset({number}) for name, number in plain.items()}
    having["tags"] = frozenset(row["tags"])
    return having
