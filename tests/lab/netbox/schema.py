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
    ("ipam/services", "parent"): ("ServiceParentType", ("dcim/devices", "virtualization/virtual-machines")),
}


def _many(kind: Any) -> Any:
    return GraphQLNonNull(GraphQLList(GraphQLNonNull(kind)))


# What the tables have and NetBox's GraphQL has not, or of another type.
NOT_SHOWN = {
    ("ClusterType", "scope_id"),
    ("PrefixType", "scope_id"),
    ("IPAddressType", "assigned_object_id"),
    ("ServiceType", "parent_object_id"),
    ("CustomFieldType", "object_types"),
    ("TagType", "object_types"),
    ("JournalEntryType", "created_by"),
}
MAY_BE_NULL = {("ClusterType", "type"), ("VirtualDeviceContextType", "device")}
OTHERWISE: dict[tuple[str, str], Any] = {
    ("InterfaceType", "speed"): BIG_INT,
    ("RackType", "width"): GraphQLNonNull(GraphQLInt),
    ("ServiceType", "ports"): _many(GraphQLInt),
    ("ServiceType", "protocol"): GraphQLNonNull(GraphQLString),
    ("CustomFieldChoiceSetType", "extra_choices"): GraphQLList(
        GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLString)))
    ),
}


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
    for name, (path, dummy) in REVERSE.get(table.path, {}).items():
        fields[name] = GraphQLField(_many(types()[path]))
    return fields


def _output(table: Table, field: Field) -> dict[str, GraphQLField]:
    if (table.graphql, field.name) in NOT_SHOWN:
        return {}
    if (table.graphql, field.name) in OTHERWISE:
        return {field.name: GraphQLField(OTHERWISE[table.graphql, field.name])}
    if field.kind == "ref":
        target = types().get(field.target)
        if target is None:
            return {}
        may_be_null = field.null or (table.graphql, field.name) in MAY_BE_NULL
        return {field.name: GraphQLField(target if may_be_null else GraphQLNonNull(target))}
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
        plain = field.null
        if field.kind == "choice":
            plain = not field.required and field.default in (None, "")
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
TREE_NODE = GraphQLInputObjectType(
    "TreeNodeFilter",
    {
        "id": GraphQLInputField(GraphQLNonNull(GraphQLID)),
        "match_type": GraphQLInputField(
            GraphQLNonNull(
                GraphQLEnumType(
                    "TreeNodeMatch",
                    {
                        match.upper(): match
                        for match in (
                            "exact",
                            "descendants",
                            "self_and_descendants",
                            "children",
                            "siblings",
                            "ancestors",
                            "parent",
                        )
                    },
                )
            )
        ),
    },
)


def _number_lookup(name: str, short: str, kind: Any) -> GraphQLInputObjectType:
    plain = _lookup(f"{short}FilterLookup", kind, ("exact",))
    compare = _lookup(f"{short}ComparisonFilterLookup", kind, COMPARE)
    fields = {"filter_lookup": GraphQLInputField(plain), "comparison_lookup": GraphQLInputField(compare)}
    return GraphQLInputObjectType(name, fields)


LOOKUPS: dict[str, Any] = {
    "text": TEXT_LOOKUP,
    "time": TIME_LOOKUP,
    "bool": BOOL_LOOKUP,
    "int": _number_lookup("IntegerLookup", "Int", GraphQLInt),
    "float": _number_lookup("FloatLookup", "Float", GraphQLFloat),
}


def _content_type_fields() -> dict[str, GraphQLInputField]:
    return {
        **{name: GraphQLInputField(CONTENT_TYPE) for name in ("AND", "OR", "NOT")},
        "DISTINCT": GraphQLInputField(GraphQLBoolean),
        "id": GraphQLInputField(ID_LOOKUP),
        "app_label": GraphQLInputField(TEXT_LOOKUP),
        "model": GraphQLInputField(TEXT_LOOKUP),
    }


CONTENT_TYPE = GraphQLInputObjectType("ContentTypeFilter", _content_type_fields)
# Filters that NetBox does not have, or of a type that the stand-in does not: rather none than another one.
NO_FILTER = {
    ("ConfigContextFilter", "profile"),
    ("ConfigContextFilter", "profile_id"),
    ("DeviceFilter", "platform_id"),
    ("DeviceRoleFilter", "parent"),
    ("DeviceRoleFilter", "parent_id"),
    ("PlatformFilter", "parent"),
    ("PlatformFilter", "parent_id"),
    ("LocationFilter", "parent"),
    ("RegionFilter", "parent"),
    ("SiteGroupFilter", "parent"),
    ("LocationFilter", "comments"),
    ("RegionFilter", "comments"),
    ("SiteGroupFilter", "comments"),
    ("DeviceRoleFilter", "color"),
    ("RackRoleFilter", "color"),
    ("ServiceFilter", "ipaddresses"),
    ("TagFilter", "color"),
    ("TagFilter", "weight"),
    ("DeviceTypeFilter", "weight"),
    ("RackFilter", "weight"),
    ("InterfaceFilter", "speed"),
    ("InterfaceFilter", "vdcs"),
    ("VMInterfaceFilter", "bridge"),
    ("JournalEntryFilter", "created_by"),
}
ID_FILTERS = {
    ("ClusterFilter", "scope_id"),
    ("PrefixFilter", "scope_id"),
    ("IPAddressFilter", "assigned_object_id"),
    ("ServiceFilter", "parent_object_id"),
    ("JournalEntryFilter", "assigned_object_id"),
}
TREE_FILTERS = {
    ("DeviceFilter", "location_id"),
    ("RackFilter", "location_id"),
    ("SiteFilter", "region_id"),
    ("SiteFilter", "group_id"),
    ("TenantFilter", "group_id"),
}


def _pagination(with_start: bool) -> GraphQLInputObjectType:
    fields = {
        "offset": GraphQLInputField(GraphQLNonNull(GraphQLInt), default_value=0),
        "limit": GraphQLInputField(GraphQLInt),
    }
    if with_start:
        fields["start"] = GraphQLInputField(GraphQLInt)
    return GraphQLInputObjectType("OffsetPaginationInput", fields)


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
    fields: dict[str, Any] = dict.fromkeys(("AND", "OR", "NOT"), own) | {"DISTINCT": GraphQLBoolean, "id": ID_LOOKUP}
    for field in table.fields:
        fields |= _filters_of(table, field)
    for type_name, name in ID_FILTERS:
        if type_name == own.name:
            fields[name] = GraphQLID
    for type_name, name in TREE_FILTERS:
        if type_name == own.name:
            fields[name] = TREE_NODE
    return {name: GraphQLInputField(kind) for name, kind in fields.items() if (own.name, name) not in NO_FILTER}


def _filters_of(table: Table, field: Field) -> dict[str, Any]:
    if field.kind in ("ref", "refs") and field.target in SERVED:
        filters: dict[str, Any] = {field.name: inputs()[field.target]}
        return filters | ({f"{field.name}_id": GraphQLID} if field.kind == "ref" else {})
    if (table.path, field.name) == ("extras/custom-fields", "object_types"):
        return {"object_types": CONTENT_TYPE}
    if field.kind == "tags":
        return {"tags": inputs()["extras/tags"]}
    if field.kind == "choice" and field.name == "status":
        values = {enum_name("status", one): one for one in CHOICES[f"{table.model}.status"]}
        enum = GraphQLEnumType(f"{table.graphql.removesuffix('Type')}StatusEnum", values)
        return {"status": _lookup(f"{enum.name}BaseFilterLookup", enum, ("exact",))}
    return {field.name: LOOKUPS[field.kind]} if field.kind in LOOKUPS and field.stored else {}


@cache
def schema(with_start: bool = True) -> GraphQLSchema:
    """Paging by `start` came with 4.5.2."""
    pagination = _pagination(with_start)
    query = {}
    for path, table in SERVED.items():
        kind = types()[path]
        query[table.graphql_list.removesuffix("_list")] = GraphQLField(
            GraphQLNonNull(kind), {"id": GraphQLArgument(GraphQLNonNull(GraphQLID))}
        )
        query[table.graphql_list] = GraphQLField(
            _many(kind), {"filters": GraphQLArgument(inputs()[path]), "pagination": GraphQLArgument(pagination)}
        )
    return GraphQLSchema(GraphQLObjectType("Query", query))
