"""The GraphQL schema, built from the same tables as the REST endpoints; names as in NetBox 4.6."""

from __future__ import annotations

from functools import cache
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
)
from graphql.pyutils import Undefined

from .fields import CHOICES, Field, Table
from .tables import TABLES

JSON = GraphQLScalarType("JSON")
DATE_TIME = GraphQLScalarType("DateTime")
BIG_INT = GraphQLScalarType("BigInt")
DECIMAL = GraphQLScalarType("Decimal")
FAMILY = GraphQLObjectType(
    "IPAddressFamilyType",
    {"value": GraphQLField(GraphQLNonNull(GraphQLInt)), "label": GraphQLField(GraphQLNonNull(GraphQLString))},
)
SERVED = {path: table for path, table in TABLES.items() if table.graphql_list}
OUTPUT: dict[str, Any] = {
    "text": GraphQLString,
    "int": GraphQLInt,
    "float": DECIMAL,
    "bool": GraphQLBoolean,
    "time": DATE_TIME,
    "json": JSON,
    "list": JSON,
    "choice": GraphQLString,
}
# Lists of those that point to an object: table -> name of the list -> (their table, their field).
REVERSE: dict[str, dict[str, tuple[str, str]]] = {
    "dcim/devices": {
        "interfaces": ("dcim/interfaces", "device"),
        "virtual_machines": ("virtualization/virtual-machines", "device"),
    },
    "dcim/sites": {
        "devices": ("dcim/devices", "site"),
        "racks": ("dcim/racks", "site"),
        "locations": ("dcim/locations", "site"),
        "virtual_machines": ("virtualization/virtual-machines", "site"),
    },
    "dcim/regions": {"sites": ("dcim/sites", "region"), "children": ("dcim/regions", "parent")},
    "dcim/site-groups": {"sites": ("dcim/sites", "group"), "children": ("dcim/site-groups", "parent")},
    "dcim/locations": {
        "devices": ("dcim/devices", "location"),
        "racks": ("dcim/racks", "location"),
        "children": ("dcim/locations", "parent"),
    },
    "dcim/racks": {"devices": ("dcim/devices", "rack")},
    "dcim/device-roles": {
        "devices": ("dcim/devices", "role"),
        "virtual_machines": ("virtualization/virtual-machines", "role"),
        "children": ("dcim/device-roles", "parent"),
    },
    "dcim/platforms": {
        "devices": ("dcim/devices", "platform"),
        "virtual_machines": ("virtualization/virtual-machines", "platform"),
        "children": ("dcim/platforms", "parent"),
    },
    "dcim/manufacturers": {"device_types": ("dcim/device-types", "manufacturer")},
    "dcim/virtual-chassis": {"members": ("dcim/devices", "virtual_chassis")},
    "dcim/interfaces": {"ip_addresses": ("ipam/ip-addresses", "assigned_object")},
    "virtualization/interfaces": {"ip_addresses": ("ipam/ip-addresses", "assigned_object")},
    "virtualization/virtual-machines": {"interfaces": ("virtualization/interfaces", "virtual_machine")},
    "virtualization/clusters": {
        "devices": ("dcim/devices", "cluster"),
        "virtual_machines": ("virtualization/virtual-machines", "cluster"),
    },
    "virtualization/cluster-types": {"clusters": ("virtualization/clusters", "type")},
    "virtualization/cluster-groups": {"clusters": ("virtualization/clusters", "group")},
    "tenancy/tenants": {
        "devices": ("dcim/devices", "tenant"),
        "sites": ("dcim/sites", "tenant"),
        "virtual_machines": ("virtualization/virtual-machines", "tenant"),
    },
    "tenancy/tenant-groups": {"tenants": ("tenancy/tenants", "group"), "children": ("tenancy/tenant-groups", "parent")},
    "ipam/ip-addresses": {"nat_outside": ("ipam/ip-addresses", "nat_inside")},
}
UNIONS = {
    ("ipam/ip-addresses", "assigned_object"): (
        "IPAddressAssignmentType",
        ("dcim/interfaces", "virtualization/interfaces"),
    ),
    ("virtualization/clusters", "scope"): (
        "ClusterScopeType",
        ("dcim/locations", "dcim/regions", "dcim/site-groups", "dcim/sites"),
    ),
    ("ipam/prefixes", "scope"): (
        "PrefixScopeType",
        ("dcim/locations", "dcim/regions", "dcim/site-groups", "dcim/sites"),
    ),
}


def _many(kind: Any) -> Any:
    return GraphQLNonNull(GraphQLList(GraphQLNonNull(kind)))


def _object_type(table: Table) -> GraphQLObjectType:
    return GraphQLObjectType(table.graphql, lambda: _fields(table))


@cache
def types() -> dict[str, GraphQLObjectType]:
    return {path: _object_type(table) for path, table in SERVED.items()}


@cache
def unions() -> dict[tuple[str, str], GraphQLUnionType]:
    """Clusters and prefixes share the members but not the name of their scope."""
    return {key: GraphQLUnionType(name, [types()[path] for path in paths]) for key, (name, paths) in UNIONS.items()}


def _fields(table: Table) -> dict[str, GraphQLField]:
    fields = {
        "id": GraphQLField(GraphQLNonNull(GraphQLID)),
        "display": GraphQLField(GraphQLNonNull(GraphQLString)),
        "class_type": GraphQLField(GraphQLNonNull(GraphQLString)),
    }
    for field in table.fields:
        fields |= _output(table, field)
    for name, (path, _) in REVERSE.get(table.path, {}).items():
        fields[name] = GraphQLField(_many(types()[path]))
    return fields


def _output(table: Table, field: Field) -> dict[str, GraphQLField]:
    if field.kind == "ref":
        target = types().get(field.target)
        if target is None:
            return {}
        return {field.name: GraphQLField(target if field.null else GraphQLNonNull(target))}
    if field.kind == "refs":
        return {field.name: GraphQLField(_many(types()[field.target]))}
    if field.kind in ("tags", "tag_slugs"):
        return {"tags": GraphQLField(_many(types()["extras/tags"]))}
    if field.kind == "custom_fields":
        json = GraphQLField(GraphQLNonNull(JSON))
        return {"custom_fields": json, "custom_field_data": json}
    if field.kind == "gfk" and (table.path, field.name) in UNIONS:
        return {field.name: GraphQLField(unions()[table.path, field.name])}
    if field.name == "config_context":
        return {field.name: GraphQLField(GraphQLNonNull(JSON))}
    if field.name == "family":
        return {field.name: GraphQLField(GraphQLNonNull(FAMILY))}
    if field.kind == "count" and field.counter:
        return {field.name: GraphQLField(GraphQLNonNull(BIG_INT))}
    if field.kind in OUTPUT:
        kind = OUTPUT[field.kind]
        plain = field.null or field.kind in ("choice", "json")
        return {field.name: GraphQLField(kind if plain else GraphQLNonNull(kind))}
    return {}


# Inputs


def _lookup(name: str, kind: Any, lookups: tuple[str, ...]) -> GraphQLInputObjectType:
    fields = {one: GraphQLInputField(kind) for one in lookups}
    fields["in_list"] = GraphQLInputField(GraphQLList(GraphQLNonNull(kind)))
    fields["is_null"] = GraphQLInputField(GraphQLBoolean)
    return GraphQLInputObjectType(name, fields)


COMPARE = ("exact", "gt", "gte", "lt", "lte")
TEXT = ("exact", "i_exact", "contains", "i_contains", "starts_with", "i_starts_with", "ends_with", "i_ends_with")
ID_LOOKUP = _lookup("IDComparisonFilterLookup", GraphQLID, COMPARE)
TEXT_LOOKUP = _lookup("StrFilterLookup", GraphQLString, (*TEXT, "regex", "i_regex"))
TIME_LOOKUP = _lookup("DatetimeFilterLookup", DATE_TIME, COMPARE)
BOOL_LOOKUP = GraphQLInputObjectType(
    "BoolFilterLookup", {"exact": GraphQLInputField(GraphQLBoolean), "is_null": GraphQLInputField(GraphQLBoolean)}
)


def _number_lookup(name: str, kind: Any) -> GraphQLInputObjectType:
    inner = _lookup(f"{name}ComparisonFilterLookup", kind, COMPARE)
    both = {"filter_lookup": GraphQLInputField(inner), "comparison_lookup": GraphQLInputField(inner)}
    return GraphQLInputObjectType(f"{name}Lookup", both)


LOOKUPS: dict[str, Any] = {
    "text": TEXT_LOOKUP,
    "time": TIME_LOOKUP,
    "bool": BOOL_LOOKUP,
    "int": _number_lookup("Integer", GraphQLInt),
    "float": _number_lookup("Float", GraphQLFloat),
}
PAGINATION = GraphQLInputObjectType(
    "OffsetPaginationInput",
    {
        "offset": GraphQLInputField(GraphQLNonNull(GraphQLInt), default_value=0),
        "limit": GraphQLInputField(GraphQLInt, default_value=Undefined),
        "start": GraphQLInputField(GraphQLInt, default_value=Undefined),
    },
)


@cache
def inputs() -> dict[str, GraphQLInputObjectType]:
    return {path: _filter(table) for path, table in SERVED.items()}


def _filter(table: Table) -> GraphQLInputObjectType:
    name = f"{table.graphql.removesuffix('Type')}Filter"
    return GraphQLInputObjectType(name, lambda: _filter_fields(table))


def enum_name(field: str, value: str) -> str:
    return f"{field}_{value}".upper().replace("-", "_").replace(".", "_")


def _filter_fields(table: Table) -> dict[str, GraphQLInputField]:
    own = inputs()[table.path]
    fields = {name: GraphQLInputField(own) for name in ("AND", "OR", "NOT")}
    fields["DISTINCT"] = GraphQLInputField(GraphQLBoolean)
    fields["id"] = GraphQLInputField(ID_LOOKUP)
    for field in table.fields:
        if field.kind in ("ref", "refs") and field.target in SERVED:
            fields[field.name] = GraphQLInputField(inputs()[field.target])
            if field.kind == "ref":
                fields[f"{field.name}_id"] = GraphQLInputField(GraphQLID)
        elif field.kind == "tags":
            fields["tags"] = GraphQLInputField(inputs()["extras/tags"])
        elif field.kind == "choice" and field.name == "status":
            values = {enum_name("status", one): one for one in CHOICES[f"{table.model}.status"]}
            enum = GraphQLEnumType(f"{table.graphql.removesuffix('Type')}StatusEnum", values)
            fields["status"] = GraphQLInputField(_lookup(f"{enum.name}BaseFilterLookup", enum, ("exact",)))
        elif field.kind in LOOKUPS and field.stored:
            fields[field.name] = GraphQLInputField(LOOKUPS[field.kind])
    return fields


@cache
def schema() -> GraphQLSchema:
    query = {}
    for path, table in SERVED.items():
        kind = types()[path]
        query[table.graphql_list.removesuffix("_list")] = GraphQLField(
            GraphQLNonNull(kind), {"id": GraphQLArgument(GraphQLNonNull(GraphQLID))}
        )
        query[table.graphql_list] = GraphQLField(
            _many(kind), {"filters": GraphQLArgument(inputs()[path]), "pagination": GraphQLArgument(PAGINATION)}
        )
    return GraphQLSchema(GraphQLObjectType("Query", query))
