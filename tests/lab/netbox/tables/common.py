"""What several tables have in common."""

from __future__ import annotations

import ipaddress
from typing import Any

from ..fields import (
    COMMENTS,
    CREATED,
    CUSTOM_FIELDS,
    DESCRIPTION,
    LAST_UPDATED,
    OWNER,
    TAGS,
    Field,
    Row,
    Table,
    Unique,
    ref,
    text,
)


def shown_by_name(_view: Any, row: Row) -> str:
    return str(row["name"])


def slug_field(maximum: int = 100, **more: Any) -> Field:
    return text("slug", maximum, required=True, blank=False, slug=True, **more)


def name_field(maximum: int = 100, **more: Any) -> Field:
    return text("name", maximum, required=True, blank=False, **more)


def address(value: str) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    return ipaddress.ip_interface(value)


DEVICES, VMS = "dcim/devices", "virtualization/virtual-machines"
INTERFACES, VM_INTERFACES = "dcim/interfaces", "virtualization/interfaces"
DISKS = "virtualization/virtual-disks"
TAIL = (TAGS, CUSTOM_FIELDS, CREATED, LAST_UPDATED)
TREE_TAIL = (OWNER, COMMENTS, Field("_depth", "depth", readonly=True))
COMPONENTS = [
    "console_port",
    "console_server_port",
    "power_port",
    "power_outlet",
    "interface",
    "front_port",
    "rear_port",
    "device_bay",
    "module_bay",
    "inventory_item",
]
DEVICE_COUNTS = tuple(f"{kind}_count" for kind in COMPONENTS)
TYPE_COUNTS = tuple(f"{kind}_template_count" for kind in COMPONENTS)
SCOPES = ("dcim.region", "dcim.sitegroup", "dcim.site", "dcim.location")
SITE_PATHS = {"region": ("site", "region"), "site_group": ("site", "group")}
TENANT_PATHS = {"tenant_group": ("tenant", "group")}


def top_level(noun: str) -> tuple[Unique, ...]:
    return tuple(
        rule
        for name in ("name", "slug")
        for rule in (
            Unique(("parent", name), f"{noun.capitalize()} with this Parent and {name.capitalize()} already exists."),
            Unique((name,), f"A top-level {noun} with this {name} already exists.", null=("parent",)),
        )
    )


def tree(path: str, model: str, noun: str, counts: tuple[Field, ...], graphql: str, **more: Any) -> Table:
    """Regions, site groups and tenant groups look alike."""
    unique_alone = more.pop("unique_alone", False)
    return Table(
        path,
        model,
        noun,
        (
            name_field(unique=unique_alone),
            slug_field(unique=unique_alone),
            ref("parent", path, style="nested", on_delete="cascade"),
            DESCRIPTION,
            *TAIL,
            *counts,
            *TREE_TAIL,
        ),
        shown_by_name,
        order=("tree",),
        brief=("name", "slug", "description", counts[0].name, "_depth"),
        unique=() if unique_alone else top_level(noun),
        graphql=graphql,
        graphql_list=f"{noun.replace(' ', '_')}_list",
        search=("name", "slug", "description", "comments"),
        **more,
    )


def plain(path: str, model: str, noun: str, counts: tuple[Field, ...], graphql: str) -> Table:
    """Manufacturers, cluster types and cluster groups: a name, a slug and counts."""
    return Table(
        path,
        model,
        noun,
        (name_field(unique=True), slug_field(unique=True), DESCRIPTION, OWNER, COMMENTS, *TAIL, *counts),
        shown_by_name,
        graphql=graphql,
        graphql_list=f"{noun.replace(' ', '_')}_list",
        search=("name", "slug", "description", "comments"),
    )
