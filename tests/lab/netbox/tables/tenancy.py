"""Tenants and their groups."""

from __future__ import annotations

from ..fields import (
    COMMENTS,
    DESCRIPTION,
    OWNER,
    Table,
    Unique,
    const,
    count,
    ref,
)
from .common import (
    DEVICES,
    TAIL,
    VMS,
    name_field,
    shown_by_name,
    slug_field,
    tree,
)

TABLES: tuple[Table, ...] = (
    tree(
        "tenancy/tenant-groups",
        "tenantgroup",
        "tenant group",
        (count("tenant_count", ("tenancy/tenants", "group"), cumulative=True),),
        "TenantGroupType",
        unique_alone=True,
    ),
    Table(
        "tenancy/tenants",
        "tenant",
        "tenant",
        (
            name_field(natural=True),
            slug_field(),
            ref("group", "tenancy/tenant-groups"),
            DESCRIPTION,
            OWNER,
            COMMENTS,
            *TAIL,
            const("circuit_count", 0),
            count("device_count", (DEVICES, "tenant")),
            count("ipaddress_count", ("ipam/ip-addresses", "tenant")),
            count("prefix_count", ("ipam/prefixes", "tenant")),
            count("rack_count", ("dcim/racks", "tenant")),
            count("site_count", ("dcim/sites", "tenant")),
            count("virtualmachine_count", (VMS, "tenant")),
            const("vlan_count", 0),
            count("vrf_count", ("ipam/vrfs", "tenant")),
            count("cluster_count", ("virtualization/clusters", "tenant")),
        ),
        shown_by_name,
        unique=tuple(
            rule
            for name in ("name", "slug")
            for rule in (
                Unique(("group", name), f"Tenant {name} must be unique per group."),
                Unique((name,), f"Tenant with this {name} already exists.", null=("group",)),
            )
        ),
        graphql="TenantType",
        graphql_list="tenant_list",
        search=("name", "slug", "description", "comments"),
    ),
)
