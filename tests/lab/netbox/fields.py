"""The words in which an endpoint is declared: one Table of Fields says all that the server needs to know of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as own
from pathlib import Path
from typing import Any

Row = dict[str, Any]

# Value -> label of every choice field, by "<model>.<field>", from NetBox 4.6.8's OpenAPI document.
CHOICES: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "choices.json").read_text("utf-8"))


@dataclass(frozen=True)
class Field:
    """One attribute of an object.

    kind: text, int, float, bool, time, json, list (of plain values), choice, ref, refs, tags, tag_slugs, custom_fields,
    type (name of an object type), gfk (the object that a type and an id point to), count, const, computed, depth.
    """

    name: str
    kind: str
    null: bool = False
    required: bool = False
    blank: bool = True  # an empty string is accepted
    readonly: bool = False
    default: Any = None
    maximum: float | None = None  # length of a text, value of a number
    minimum: float | None = None
    target: str = ""  # ref, refs: the table pointed to
    style: str = "brief"  # how a ref is shown: brief, nested or full
    shown: tuple[str, ...] = ()  # refs: which fields of the target are shown, where not its brief ones
    on_delete: str = "set_null"  # ref: what the deletion of the target does: set_null, cascade, protect
    unique: bool = False
    slug: bool = False
    natural: bool = False  # text: sorted with its numbers as numbers (NetBox's collation "natural_sort")
    types: tuple[str, ...] = ()  # type: the object types that are taken; all where empty
    integer_choice: bool = False
    count_of: Sequence[tuple[str, str]] = ()  # count: (table, its ref field)
    cumulative: bool = False  # count: with what hangs below in the tree
    counter: bool = False  # count: kept in the object itself, so part of its changelog entry and of nested answers
    compute: Callable[..., Any] | None = None  # computed: (view, row) -> value
    object_fields: tuple[str, str] = ("", "")  # gfk: names of the type field and of the id field
    key: str = ""  # choice: name of the list, else <model>.<name>

    @property
    def stored(self) -> bool:
        return self.kind not in ("gfk", "count", "const", "computed", "depth")

    @property
    def writable(self) -> bool:
        return self.stored and not self.readonly


def text(name: str, maximum: int | None = None, **more: Any) -> Field:
    more.setdefault("default", None if more.get("null") else "")
    return Field(name, "text", maximum=maximum, **more)


def number(name: str, kind: str = "int", **more: Any) -> Field:
    return Field(name, kind, **more)


def boolean(name: str, default: bool) -> Field:
    return Field(name, "bool", default=default)


def choice(name: str, default: Any = None, **more: Any) -> Field:
    return Field(name, "choice", default=default, **more)


def ref(name: str, target: str, **more: Any) -> Field:
    more.setdefault("null", not more.get("required"))
    return Field(name, "ref", target=target, **more)


def refs(name: str, target: str, **more: Any) -> Field:
    return Field(name, "refs", target=target, default=(), **more)


def count(name: str, *count_of: tuple[str, str], **more: Any) -> Field:
    return Field(name, "count", count_of=count_of, readonly=True, **more)


def const(name: str, value: Any = None) -> Field:
    return Field(name, "const", default=value, readonly=True)


def computed(name: str, compute: Callable[..., Any]) -> Field:
    return Field(name, "computed", compute=compute, readonly=True)


def object_type(name: str, *types: str, **more: Any) -> Field:
    more.setdefault("null", not more.get("required"))
    return Field(name, "type", types=types, **more)


def gfk(name: str, type_field: str, id_field: str) -> Field:
    return Field(name, "gfk", object_fields=(type_field, id_field), readonly=True)


OWNER = const("owner")
COMMENTS = text("comments")
DESCRIPTION = text("description", 200)
TAGS = Field("tags", "tags", default=())
CUSTOM_FIELDS = Field("custom_fields", "custom_fields")
CREATED = Field("created", "time", readonly=True, null=True)
LAST_UPDATED = Field("last_updated", "time", readonly=True, null=True)


@dataclass(frozen=True)
class Unique:
    """Fields that must be unique together; `when` narrows the rule, `message` is what NetBox says."""

    fields: tuple[str, ...]
    message: str = ""
    null: tuple[str, ...] = ()  # these must be null for the rule to count
    ignore_case: bool = False
    at: str = "__all__"


@dataclass(frozen=True)
class Table:
    path: str  # "dcim/devices"
    model: str  # "device"
    verbose: str  # "device": as NetBox names it in messages
    fields: tuple[Field, ...]
    display: Callable[[Any, Row], str]
    order: tuple[str, ...] = ("name",)  # "-x" is descending; "tree" is depth first
    brief: tuple[str, ...] = ("name", "slug", "description")
    unique: tuple[Unique, ...] = ()
    search: tuple[str, ...] = ("name", "description")  # what ?q= looks into
    # Filters that go over related objects: name -> path of refs. A direct ref needs no entry.
    through: Mapping[str, tuple[str, ...]] = own(default_factory=dict)
    special: dict[str, Callable[..., Any]] = own(default_factory=dict)  # filters of their own: (view, row, values)
    ref_key: str = "slug"  # what a filter by this table takes besides the id
    exact_ignores_case: tuple[str, ...] = ()  # text filters that compare without regard to case
    no_ref_filter: tuple[str, ...] = ()  # refs that can be filtered by id only
    ui_path: str = ""  # where display_url differs from the path
    graphql: str = ""  # name of the type in GraphQL
    graphql_list: str = ""
    methods: str = "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS"
    context_role: bool = False  # has a rendered config context
    changelog: bool = True
    clean: Callable[..., None] | None = None  # (view, row, old) -> raises Invalid
    before_save: Callable[..., None] | None = None
    after_save: Callable[..., None] | None = None
    before_delete: Callable[..., None] | None = None

    @property
    def app(self) -> str:
        return self.path.split("/")[0]

    @property
    def object_type(self) -> str:
        return f"{self.app}.{self.model}"

    @property
    def class_name(self) -> str:
        """As in "No Device matches the given query."."""
        return CLASS_NAMES.get(self.path) or "".join(word.capitalize() for word in self.verbose.split())

    @property
    def is_tree(self) -> bool:
        return any(one.name == "parent" and one.target == self.path and "_depth" in self.names for one in self.fields)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(one.name for one in self.fields)

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


CLASS_NAMES = {
    "ipam/ip-addresses": "IPAddress",
    "ipam/vrfs": "VRF",
    "virtualization/interfaces": "VMInterface",
}
