"""NetBox's GraphQL types as far as the stand-in serves them, from a live one's introspection:

NETBOX_URL=... NETBOX_TOKEN=... PYTHONPATH=tests python -m contract.graphql_types
"""

from __future__ import annotations

import os
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    get_introspection_query,
)
from lab.netbox.schema import schema

from .distil import HERE, write
from .live import Side

Types = dict[str, dict[str, str]]


def types_of(found: GraphQLSchema, names: set[str]) -> Types:
    """Type -> field (or input) -> its type, as GraphQL writes it."""
    return {
        name: {field: str(one.type) for field, one in sorted(kind.fields.items())}
        for name, kind in sorted(found.type_map.items())
        if name in names and name != "Query" and isinstance(kind, GraphQLObjectType | GraphQLInputObjectType)
    }


def served() -> Types:
    ours = schema()
    return types_of(ours, {name for name in ours.type_map if not name.startswith("__")})


def live(side: Side) -> Types:
    status, answer = side.ask("/graphql/", {"query": get_introspection_query()})
    assert status == 200, answer
    data: Any = answer["data"]
    return types_of(build_client_schema(data), set(served()))


def main() -> None:
    side = Side(os.environ["NETBOX_URL"].rstrip("/"), os.environ["NETBOX_TOKEN"])
    status, answer = side.ask("/api/status/")
    assert status == 200, answer
    version = answer["netbox-version"]
    write(HERE / f"graphql-{version}.json", {"netbox": version, "types": live(side)})


if __name__ == "__main__":
    main()
