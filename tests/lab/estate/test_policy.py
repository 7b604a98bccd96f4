"""The estate's policy file names only what the estate has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from lab.estate import Ref, generate

MAPPINGS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("policy.yml").read_text("utf-8"))[
    "netbox_zabbix_mappings"
]
TABLES = {
    "platform": "platforms",
    "role": "roles",
    "site_group": "site_groups",
    "tag": "tags",
}


def test_matches_are_on_slugs_of_the_estate() -> None:
    estate = generate(50)
    slugs = {key: {row.payload["slug"] for row in estate.tables[table].rows} for key, table in TABLES.items()}
    slugs["kind"] = {"device", "virtual_machine"}
    for mapping in MAPPINGS:
        for key, values in mapping.get("match", {}).items():
            assert set(values if isinstance(values, list) else [values]) <= slugs[key], mapping["name"]


def test_all_that_is_matched_occurs_among_the_first_400_objects() -> None:
    estate = generate(400)
    parents = {
        table: {row.key: row.payload.get("parent") for row in estate.tables[table].rows} for table in TABLES.values()
    }
    used: dict[str, set[str]] = {key: set() for key in TABLES}

    def note(key: str, ref: Ref | None) -> None:
        while ref:  # a match on a tree's node takes in what is below it
            used[key].add(ref.key)
            ref = parents[TABLES[key]][ref.key]

    sites = {row.key: row.payload for row in estate.tables["sites"].rows}
    for device in (row.payload for row in estate.tables["devices"].rows):
        note("platform", device["platform"])
        note("role", device["role"])
        note("site_group", sites[device["site"].key]["group"])
        for tag in device["tags"]:
            note("tag", tag)
    for mapping in MAPPINGS:
        for key, values in mapping.get("match", {}).items():
            if key in used:
                assert set(values if isinstance(values, list) else [values]) <= used[key], mapping["name"]
