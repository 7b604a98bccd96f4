"""Makes netbox-<version>.json and its fixture from a NetBox's OpenAPI document and recorded exchanges:

PYTHONPATH=tests python -m contract.distil openapi-4.6.8.json.gz exchanges-4.6.8.json
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from lab.netbox.tables import TABLES

from .shapes import merged, shape_of

HERE = Path(__file__).parent
HEADERS = ("API-Version", "Allow", "Content-Type", "ETag")
Document = dict[str, Any]
# Seen on a live NetBox 4.6.8, but neither in its document nor in the recorded exchanges.
UNDOCUMENTED = {"users/tokens": {"allowed_ips": {"type": "any", "null": "seen"}}}
NULLS = {"users/tokens.token"}


def read(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())


# The document


def resolve(document: Document, schema: Document) -> Document:
    """A schema without references; what stands beside a reference (nullable, readOnly) is kept."""
    while True:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].split("/")[-1]]
        elif len(schema.get("allOf", ())) == 1:
            beside = {key: value for key, value in schema.items() if key != "allOf"}
            schema = {**resolve(document, schema["allOf"][0]), **beside}
        else:
            return schema


def item_schema(document: Document, path: str) -> Document:
    """Of one object in the answer of a list."""
    answer = document["paths"][f"/api/{path}/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    results = resolve(document, answer)["properties"]["results"]
    return resolve(document, results["items"])


def endpoint(document: Document, path: str) -> Document:
    """Each field as "type", "type?" where it may be null, with the values of choices and the keys of nested objects."""
    fields = {}
    for name, schema in sorted(item_schema(document, path)["properties"].items()):
        resolved = resolve(document, schema)
        properties = resolved.get("properties", {})
        if set(properties) == {"value", "label"}:
            kind: Any = {"choice": [value for value in properties["value"]["enum"] if value not in ("", None)]}
        elif properties:
            kind = {"object": sorted(properties)}
        elif resolved.get("type") == "array":
            items = resolve(document, resolved["items"])
            kind = {"array": sorted(items["properties"]) if "properties" in items else items.get("type", "any")}
        else:
            kind = {"type": resolved.get("type", "any")}
        if schema.get("nullable") or resolved.get("nullable") or kind.get("type") == "any":
            kind["null"] = True
        fields[name] = kind
    return fields


def observed_nulls(exchanges: list[Document]) -> set[str]:
    """Fields that a real NetBox answered with null, whether its document allows that or not."""
    found = set()
    for exchange in exchanges:
        path = "/".join(exchange["request"]["path"].split("?")[0].removeprefix("/api/").strip("/").split("/")[:2])
        for row in rows_of(exchange["response"]["body"]):
            found |= {f"{path}.{name}" for name, value in row.items() if value is None and path in TABLES}
    return found


def rows_of(body: Any) -> list[Document]:
    if isinstance(body, dict) and isinstance(body.get("results"), list):
        return [one for one in body["results"] if isinstance(one, dict)]
    if isinstance(body, list):
        return [one for one in body if isinstance(one, dict) and "id" in one]
    return [body] if isinstance(body, dict) and "id" in body else []


def endpoints(document: Document, nulls: set[str]) -> Document:
    contract = {path: endpoint(document, path) | UNDOCUMENTED.get(path, {}) for path in TABLES}
    for name in sorted(nulls | NULLS):
        path, dummy, field = name.partition(".")
        if field in contract[path] and not contract[path][field].get("null"):
            contract[path][field]["null"] = "seen"  # the document does not say so
    return contract


# The exchanges


def exchange(recorded: Document) -> Document:
    """The request; of the answer the status, the headers that matter, the shape, or the very text of an error."""
    request, response = recorded["request"], recorded["response"]
    kept = {"name": recorded["name"], "method": request["method"], "path": request["path"], "auth": request["auth"]}
    if request.get("body") is not None:
        kept["body"] = request["body"]
    kept["status"] = response["status"]
    kept["headers"] = sorted(name for name in HEADERS if name in response["headers"])
    body = response["body"]
    if response["status"] >= 400 or (isinstance(body, dict) and body.get("errors")):
        kept["error"] = body
    else:
        kept["shape"] = shape_of(body)
        ids = [row["id"] for row in rows_of(body)]
        if ids:
            kept["ids"] = ids
        if isinstance(body, dict) and "next" in body:
            kept["links"] = [body["next"], body["previous"]]
    return kept


def shared_shapes(kept: list[Document]) -> list[Any]:
    """Shapes that several exchanges have are written once."""
    shapes: list[Any] = []
    for one in kept:
        if "shape" in one:
            if one["shape"] not in shapes:
                shapes.append(one["shape"])
            one["shape"] = shapes.index(one["shape"])
    return shapes


def write(path: Path, value: Document) -> None:
    """One line for each entry: readable differences, few bytes."""
    parts = []
    for key, inner in value.items():
        if isinstance(inner, dict):
            lines = [f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in inner.items()]
            parts.append(f"{json.dumps(key)}: {{\n" + ",\n".join(lines) + "\n}")
        elif isinstance(inner, list):
            lines = [json.dumps(one, ensure_ascii=False) for one in inner]
            parts.append(f"{json.dumps(key)}: [\n" + ",\n".join(lines) + "\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(inner)}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")


def contract_of(document: Document, exchanges: list[Document]) -> Document:
    kept = [exchange(one) for one in exchanges]
    shapes = shared_shapes(kept)
    version = document["info"]["version"]
    return {
        "netbox": version,
        "endpoints": endpoints(document, observed_nulls(exchanges)),
        "shapes": shapes,
        "exchanges": kept,
    }


def main() -> None:
    from .fixture import estate_of

    document, exchanges = read(Path(sys.argv[1])), read(Path(sys.argv[2]))
    contract = contract_of(document, exchanges)
    write(HERE / f"netbox-{contract['netbox']}.json", contract)
    write(HERE / f"estate-{contract['netbox']}.json", estate_of(exchanges))


__all__ = ["contract_of", "endpoint", "endpoints", "item_schema", "merged", "read", "resolve"]

if __name__ == "__main__":
    main()
