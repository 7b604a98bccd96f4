"""What the stand-in serves: one Table for each endpoint, fields in the order in which NetBox 4.6.8 answers them."""

from __future__ import annotations

from ..fields import Table
from . import core, devices, extras, ipam, places, tenancy, virtualization

TABLES: dict[str, Table] = {
    table.path: table
    for module in (places, tenancy, devices, virtualization, ipam, extras, core)
    for table in module.TABLES
}
BY_OBJECT_TYPE = {table.object_type: table for table in TABLES.values()}
